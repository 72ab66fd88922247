"""Money that goes back, and orders that replace others."""

from __future__ import annotations

from data.connection import Connection, Shape, found
from wms_terminal.domain.refunds import ENDED, Refund, RefundState
from wms_terminal.ports.channel import Disposition, ReturnedLine

_REFUND = Shape(Refund, "r")

ADD = """
INSERT INTO refund (key, order_id, return_id, amount, currency, reason, state, proposed_by,
    proposed_at)
VALUES (:key, :order_id, :return_id, :amount, :currency, :reason, 'proposed', :operator, :at)
ON CONFLICT (key) DO NOTHING"""
GET = f"SELECT {_REFUND.columns} FROM refund r WHERE r.id = :refund"
BY_KEY = f"SELECT {_REFUND.columns} FROM refund r WHERE r.key = :key"
OF_ORDER = f"SELECT {_REFUND.columns} FROM refund r WHERE r.order_id = :order_id ORDER BY r.id"
# As the index `refund_open` has it, word for word: else it is not used.
OPEN = f"""
SELECT {_REFUND.columns} FROM refund r
WHERE state <> 'done' AND state <> 'declined' AND state <> 'rejected' ORDER BY r.id"""
DECIDE = """
UPDATE refund SET state = :state, decided_by = :operator, decided_at = :at, detail = :detail
WHERE id = :refund AND state = 'proposed'"""
MOVE = """
UPDATE refund SET state = :state, settled_at = :at, detail = :detail,
    remote_id = CASE WHEN :remote = '' THEN remote_id ELSE :remote END
WHERE id = :refund AND state = :before"""
PAID = """
SELECT COALESCE(SUM(unit_price * shipped), 0) FROM order_line WHERE order_id = :order_id"""
RMA = "SELECT rma FROM return_case WHERE id = :return_id"
GOODS = """
SELECT COALESCE(l.reference, ''), p.sku, t.restocked, t.scrapped, t.held
FROM return_line t JOIN product p ON p.id = t.product_id
LEFT JOIN order_line l ON l.id = t.line_id
WHERE t.return_id = :return_id ORDER BY t.id"""
REPLACE = """
UPDATE orders SET replaces_id = :original, replacement_key = :key WHERE id = :order_id"""
REPLACEMENT = """
SELECT id FROM orders WHERE replacement_key = :key AND replacement_key <> ''"""
REPLACES = "SELECT replaces_id FROM orders WHERE id = :order_id"
REPLACED_BY = "SELECT id FROM orders WHERE replaces_id = :order_id ORDER BY id"
REPLACED_UNITS = """
SELECT l.reference, SUM(l.ordered - l.cancelled)
FROM orders o JOIN order_line l ON l.order_id = o.id
WHERE o.replaces_id = :order_id AND o.state <> 'cancelled' GROUP BY l.reference"""

_DECIDED = "Somebody else has decided about this refund."
_MOVED = "This refund has gone on meanwhile."


class Refunds:
    """Refunds, and the orders that replace others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        key: str,
        order_id: int,
        amount: int,
        currency: str,
        reason: str,
        at: str,
        *,
        return_id: int | None = None,
        operator_id: int | None = None,
    ) -> None:
        """Keep a proposal; the same key again changes nothing."""
        self._connection.do(
            ADD,
            key=key,
            order_id=order_id,
            return_id=return_id,
            amount=amount,
            currency=currency,
            reason=reason,
            operator=operator_id,
            at=at,
        )

    def get(self, refund_id: int) -> Refund:
        """A refund; StoreError when there is none."""
        row = self._connection.one(GET, refund=refund_id)
        return _REFUND(found(row, "a refund with id", refund_id))

    def by_key(self, key: str) -> Refund | None:
        """The refund with that key."""
        return _REFUND.maybe(self._connection.one(BY_KEY, key=key))

    def of_order(self, order_id: int) -> list[Refund]:
        """An order's refunds, the oldest first."""
        return _REFUND.each(self._connection.all(OF_ORDER, order_id=order_id))

    def open(self) -> list[Refund]:
        """Refunds that somebody or something has yet to settle, the oldest first."""
        return _REFUND.each(self._connection.all(OPEN))

    def decide(
        self, refund_id: int, state: RefundState, operator_id: int, at: str, detail: str = ""
    ) -> None:
        """Decide about a proposal; StoreConflict when somebody did."""
        self._connection.change(
            DECIDE,
            _DECIDED,
            refund=refund_id,
            state=state.value,
            operator=operator_id,
            at=at,
            detail=detail,
        )

    def move(
        self,
        refund: Refund,
        state: RefundState,
        at: str,
        *,
        remote_id: str = "",
        detail: str = "",
    ) -> None:
        """Move a refund on; StoreConflict when it is no longer in the state that it was read in."""
        self._connection.change(
            MOVE,
            _MOVED,
            refund=refund.id,
            before=refund.state.value,
            state=state.value,
            at=at if state in ENDED else None,
            remote=remote_id,
            detail=detail,
        )

    def paid(self, order_id: int) -> int:
        """What was paid for the units of an order that were shipped."""
        return int(self._connection.scalar(PAID, order_id=order_id))

    def rma(self, return_id: int) -> str:
        """The channel's number of a return, or empty."""
        return str(found(self._connection.one(RMA, return_id=return_id), "a return", return_id)[0])

    def goods(self, return_id: int) -> list[ReturnedLine]:
        """What came back with a return and was inspected."""
        return [
            ReturnedLine(line, sku, units, disposition)
            for line, sku, *counts in self._connection.all(GOODS, return_id=return_id)
            for units, disposition in zip(counts, Disposition, strict=True)
            if units
        ]

    def replace(self, order_id: int, original_id: int, key: str) -> None:
        """Say that an order replaces another; the key is not given to a second one."""
        self._connection.change(
            REPLACE, "The order is gone.", order_id=order_id, original=original_id, key=key
        )

    def replacement(self, key: str) -> int | None:
        """The order that was made with that key."""
        order_id: int | None = self._connection.scalar(REPLACEMENT, key=key)
        return order_id

    def replaces(self, order_id: int) -> int | None:
        """The order that this one replaces."""
        original: int | None = self._connection.scalar(REPLACES, order_id=order_id)
        return original

    def replaced_by(self, order_id: int) -> list[int]:
        """The orders that replace this one, the oldest first."""
        return [row[0] for row in self._connection.all(REPLACED_BY, order_id=order_id)]

    def replaced_units(self, order_id: int) -> dict[int, int]:
        """Units of an order that others replace, by its line; cancelled ones left out."""
        rows = self._connection.all(REPLACED_UNITS, order_id=order_id)
        return {int(line): int(units) for line, units in rows}
