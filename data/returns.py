"""Returns, their lines, and orders whose goods go back."""

from __future__ import annotations

from data.connection import Connection, Shape, found
from wms_terminal.domain.returns import (
    ReturnCase,
    ReturnLine,
    ReturnState,
    ScanBehind,
    Shipped,
)
from wms_terminal.ports.return_room import ToPutBack

_CASE = Shape(
    ReturnCase,
    "c",
    announced_at="COALESCE(c.announced_at, '')",
    arrived_at="COALESCE(c.arrived_at, '')",
    closed_at="COALESCE(c.closed_at, '')",
)
_LINE = Shape(
    ReturnLine,
    "l",
    sku="p.sku",
    name="p.name",
    unit_price="COALESCE(i.unit_price, 0)",
    currency="COALESCE(o.currency, '')",
    reference="COALESCE(i.reference, '')",
)
_SCAN = Shape(
    ScanBehind,
    "x",
    operator="COALESCE(w.name, '')",
    station="t.code",
    sku="p.sku",
    quantity="CASE WHEN x.id = s.id THEN m.quantity ELSE 0 END",
)
_PUT_BACK = Shape(ToPutBack, "o", order_id="o.id")

ADD = """
INSERT INTO return_case (number, order_id, channel, rma, tracking, state, announced_at,
    arrived_at, note, location_id, beside_id)
VALUES (:number, :order_id, :channel, :rma, :tracking, :state, :announced, :arrived, :note,
    :location, :beside)
RETURNING id"""
GET = f"SELECT {_CASE.columns} FROM return_case c WHERE c.id = :id"
BY_NUMBER = f"SELECT {_CASE.columns} FROM return_case c WHERE c.number = :number"
BY_RMA = f"""
SELECT {_CASE.columns} FROM return_case c
WHERE c.channel = :channel AND c.rma = :rma AND c.rma <> ''"""
BY_ANY_RMA = f"""
SELECT {_CASE.columns} FROM return_case c WHERE c.rma = :code AND c.rma <> '' ORDER BY c.id"""
BY_TRACKING = f"""
SELECT {_CASE.columns} FROM return_case c
WHERE c.tracking = :code AND c.tracking <> '' ORDER BY c.id"""
ORDER_BY_TRACKING = """
SELECT p.order_id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
WHERE s.tracking = :tracking AND s.tracking <> '' ORDER BY s.id DESC LIMIT 1"""
OF_ORDER = f"""
SELECT {_CASE.columns} FROM return_case c WHERE c.order_id = :order_id ORDER BY c.id"""
BESIDE = f"""
SELECT {_CASE.columns} FROM return_case c
WHERE c.beside_id = :id AND c.order_id IS NULL AND c.state = 'arrived' ORDER BY c.id LIMIT 1"""
OPEN = f"""
SELECT {_CASE.columns} FROM return_case c
WHERE c.state = 'announced' OR c.state = 'arrived'
ORDER BY CASE c.state WHEN 'arrived' THEN 0 ELSE 1 END, c.id LIMIT :limit"""
NEWEST = f"SELECT {_CASE.columns} FROM return_case c ORDER BY c.id DESC LIMIT :limit"
LINES = f"""
SELECT {_LINE.columns}
FROM return_line l JOIN product p ON p.id = l.product_id
LEFT JOIN order_line i ON i.id = l.line_id LEFT JOIN orders o ON o.id = i.order_id
WHERE l.return_id = :id ORDER BY l.id"""
ADD_LINE = """
INSERT INTO return_line (return_id, line_id, product_id, lot, advised, reason)
VALUES (:id, :line, :product, :lot, :advised, :reason) RETURNING id"""
DROP_LINES = "DELETE FROM return_line WHERE return_id = :id AND received = 0"
SET_STATE = """
UPDATE return_case SET state = :state,
    arrived_at = CASE WHEN :state = 'arrived' THEN COALESCE(arrived_at, :at) ELSE arrived_at END,
    closed_at = CASE WHEN :state IN ('closed', 'void') THEN :at ELSE NULL END
WHERE id = :id"""
SET_ORDER = """
UPDATE return_case SET order_id = :order_id, channel = :channel
WHERE id = :id AND order_id IS NULL"""
HOLD_AT = """
UPDATE return_case SET location_id = :location WHERE id = :id AND location_id IS NULL"""
SET_LINE = "UPDATE return_line SET line_id = :line WHERE id = :id AND line_id IS NULL"
COUNT = """
UPDATE return_line SET received = received + :received, restocked = restocked + :restocked,
    scrapped = scrapped + :scrapped, held = held + :held
WHERE id = :id"""
DROP_EMPTY = "DELETE FROM return_line WHERE id = :id AND received = 0 AND advised = 0"
STILL_TO_COME = """
SELECT COALESCE(SUM(CASE WHEN r.advised > r.received THEN r.advised - r.received ELSE 0 END), 0)
FROM (
    SELECT SUM(l.advised) AS advised, SUM(l.received) AS received
    FROM return_line l JOIN return_case c ON c.id = l.return_id
    WHERE l.line_id = :line AND l.line_id IS NOT NULL AND c.state IN ('announced', 'arrived')
    GROUP BY l.return_id) r"""
WITH_CUSTOMER = """
SELECT x.line_id, x.lot, SUM(x.quantity) FROM (
    SELECT i.id AS line_id, i.line AS line, c.lot AS lot, c.quantity AS quantity
    FROM order_line i JOIN parcel_line c ON c.line_id = i.id JOIN parcel b ON b.id = c.parcel_id
    WHERE i.order_id = :order_id AND i.product_id = :product AND i.returned < i.shipped
        AND b.state = 'shipped'
    UNION ALL
    SELECT i.id, i.line, r.lot, -r.received
    FROM order_line i JOIN return_line r ON r.line_id = i.id
    WHERE i.order_id = :order_id AND i.product_id = :product AND i.returned < i.shipped
        AND r.line_id IS NOT NULL
) x
GROUP BY x.line_id, x.line, x.lot HAVING SUM(x.quantity) > 0 ORDER BY x.line, x.lot"""
# What a scan moved, and the product scans of its session that counted towards it: those after
# the session's scan before it that moved something as well.
SCANS_BEHIND = f"""
SELECT {_SCAN.columns}
FROM stock_move m
JOIN scan s ON s.gesture_id = m.gesture_id
JOIN scan x ON x.session_id = s.session_id AND x.id <= s.id AND x.undo <> ''
    AND x.voided_by IS NULL
JOIN station t ON t.id = x.station_id
JOIN product p ON p.id = m.product_id
LEFT JOIN operator w ON w.id = x.operator_id
WHERE m.line_id = :line AND m.line_id IS NOT NULL AND m.why IN ('pick', 'pack')
    AND s.voided_by IS NULL
    AND (x.id = s.id OR (x.kind = 'product' AND x.ref_id = m.product_id AND x.flow = s.flow
        AND x.id > COALESCE((
            SELECT e.id FROM scan e
            WHERE e.session_id = s.session_id AND e.id < s.id AND e.undo <> ''
                AND e.voided_by IS NULL
                AND EXISTS (SELECT 1 FROM stock_move b WHERE b.gesture_id = e.gesture_id
                    AND b.gesture_id IS NOT NULL)
            ORDER BY e.id DESC LIMIT 1), 0)))
ORDER BY m.id, x.id"""
TO_PUT_BACK = f"""
SELECT {_PUT_BACK.columns} FROM orders o
WHERE o.state <> 'shipped' AND o.state <> 'cancelled' AND o.hold <> '' AND o.hold = :hold
    AND EXISTS (SELECT 1 FROM order_line l WHERE l.order_id = o.id AND l.allocated > l.shipped)
ORDER BY o.id LIMIT :limit"""

_GONE = "This return is no longer as it was. Look at it again."


class Returns:
    """Goods that come back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        number: str,
        state: ReturnState,
        at: str,
        *,
        order_id: int | None = None,
        channel: str = "",
        rma: str = "",
        tracking: str = "",
        note: str = "",
        location_id: int | None = None,
        beside_id: int | None = None,
    ) -> ReturnCase:
        """Begin a return: announced, or arrived at that time."""
        announced = state is ReturnState.ANNOUNCED
        return_id: int = self._connection.scalar(
            ADD,
            number=number,
            order_id=order_id,
            channel=channel,
            rma=rma,
            tracking=tracking,
            state=state.value,
            announced=at if announced else None,
            arrived=None if announced else at,
            note=note,
            location=location_id,
            beside=beside_id,
        )
        return self.get(return_id)

    def get(self, return_id: int) -> ReturnCase:
        """A return."""
        return _CASE(found(self._connection.one(GET, id=return_id), "a return", return_id))

    def by_number(self, number: str) -> ReturnCase | None:
        """The return with that number of ours."""
        return _CASE.maybe(self._connection.one(BY_NUMBER, number=number))

    def by_rma(self, channel: str, rma: str) -> ReturnCase | None:
        """A channel's return."""
        return _CASE.maybe(self._connection.one(BY_RMA, channel=channel, rma=rma))

    def by_code(self, code: str) -> list[ReturnCase]:
        """Returns that go by a channel's number or by a tracking number, the open ones first."""
        rows = self._connection.all(BY_ANY_RMA, code=code)
        cases = {case.id: case for case in _CASE.each(rows)}
        rows = self._connection.all(BY_TRACKING, code=code)
        cases |= {case.id: case for case in _CASE.each(rows)}
        return sorted(cases.values(), key=lambda case: (not case.is_open, case.id))

    def order_by_tracking(self, tracking: str) -> int | None:
        """The order that a parcel with this tracking number went out with."""
        order_id: int | None = self._connection.scalar(ORDER_BY_TRACKING, tracking=tracking)
        return order_id

    def of_order(self, order_id: int) -> list[ReturnCase]:
        """An order's returns, the oldest first."""
        return _CASE.each(self._connection.all(OF_ORDER, order_id=order_id))

    def beside(self, return_id: int) -> ReturnCase | None:
        """The open return of what lay in the same parcel and belongs to no known order."""
        return _CASE.maybe(self._connection.one(BESIDE, id=return_id))

    def open(self, limit: int) -> list[ReturnCase]:
        """Returns of which more may come, those that arrived first."""
        return _CASE.each(self._connection.all(OPEN, limit=limit))

    def newest(self, limit: int) -> list[ReturnCase]:
        """Returns, the newest first."""
        return _CASE.each(self._connection.all(NEWEST, limit=limit))

    def lines(self, return_id: int) -> list[ReturnLine]:
        """A return's lines."""
        return _LINE.each(self._connection.all(LINES, id=return_id))

    def add_line(
        self,
        return_id: int,
        line_id: int | None,
        product_id: int,
        lot: str = "",
        advised: int = 0,
        reason: str = "",
    ) -> int:
        """Add a line."""
        return_line_id: int = self._connection.scalar(
            ADD_LINE,
            id=return_id,
            line=line_id,
            product=product_id,
            lot=lot,
            advised=advised,
            reason=reason,
        )
        return return_line_id

    def drop_lines(self, return_id: int) -> None:
        """Forget what was advised of a return of which nothing was received."""
        self._connection.do(DROP_LINES, id=return_id)

    def set_state(self, return_id: int, state: ReturnState, at: str) -> None:
        """Move a return on; an earlier arrival stays."""
        self._connection.change(SET_STATE, _GONE, id=return_id, state=state.value, at=at)

    def hold_at(self, return_id: int, location_id: int) -> None:
        """Say where what is on hold lies; where it does already, it stays."""
        self._connection.do(HOLD_AT, id=return_id, location=location_id)

    def set_order(self, return_id: int, order_id: int, channel: str) -> None:
        """Say whose a return is; StoreConflict when that is known already."""
        self._connection.change(SET_ORDER, _GONE, id=return_id, order_id=order_id, channel=channel)

    def set_line(self, return_line_id: int, line_id: int) -> None:
        """Say which line of an order units are of."""
        self._connection.change(SET_LINE, _GONE, id=return_line_id, line=line_id)

    def count(
        self,
        return_line_id: int,
        *,
        received: int = 0,
        restocked: int = 0,
        scrapped: int = 0,
        held: int = 0,
    ) -> None:
        """Add to a line's quantities; what was not advised is forgotten when nothing is left."""
        self._connection.change(
            COUNT,
            _GONE,
            id=return_line_id,
            received=received,
            restocked=restocked,
            scrapped=scrapped,
            held=held,
        )
        if received < 0:
            self._connection.do(DROP_EMPTY, id=return_line_id)

    def still_to_come(self, line_id: int) -> int:
        """Units of an order's line that open returns have advised and not received."""
        return int(self._connection.scalar(STILL_TO_COME, line=line_id))

    def with_customer(self, order_id: int, product_id: int) -> list[Shipped]:
        """Units of a product that an order's customer still has, by line and lot."""
        rows = self._connection.all(WITH_CUSTOMER, order_id=order_id, product=product_id)
        return [Shipped(line_id, lot, int(quantity)) for line_id, lot, quantity in rows]

    def scans_behind(self, line_id: int) -> list[ScanBehind]:
        """The pick and pack scans of an order's line, oldest first."""
        return _SCAN.each(self._connection.all(SCANS_BEHIND, line=line_id))

    def to_put_back(self, hold: str, limit: int) -> list[ToPutBack]:
        """Orders that stand still for a reason, those with something on the floor."""
        return _PUT_BACK.each(self._connection.all(TO_PUT_BACK, hold=hold, limit=limit))
