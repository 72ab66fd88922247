"""Orders, their lines, timeline and notices."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import cast

from data.connection import Connection, Shape, found
from wms_terminal.domain.customer_keys import phone_key
from wms_terminal.domain.orders import Order, OrderHead, OrderLine, OrderState
from wms_terminal.domain.records import OrderRecord
from wms_terminal.domain.site import Operator
from wms_terminal.domain.text import Text
from wms_terminal.ports.orders_room import EventRow, NoticeRow

_ORDER = Shape(Order, "o")
HEAD = Shape(OrderHead, "o", service="s.name", carrier="c.name")
LINE = Shape(OrderLine, "l", sku="p.sku", name="COALESCE(NULLIF(l.name, ''), p.name)")
_EVENT = Shape(EventRow, "e", operator="COALESCE(o.name, '')", station="COALESCE(s.code, '')")
_NOTICE = Shape(NoticeRow, "n")

_RELEASABLE = "state = 'new' AND payment = 'paid' AND hold = '' AND waiting = ''"
"""As the index `orders_to_release` has it, word for word: else it is not used."""

GET = f"SELECT {_ORDER.columns} FROM orders o WHERE o.id = :order_id"
HEAD_OF = f"""
SELECT {HEAD.columns}
FROM orders o JOIN service s ON s.id = o.service_id JOIN carrier c ON c.id = s.carrier_id
WHERE o.id = :order_id"""
BY_NUMBER = f"SELECT {_ORDER.columns} FROM orders o WHERE o.number = :number"
BY_REFERENCE = f"SELECT {_ORDER.columns} FROM orders o WHERE o.reference = :number LIMIT 2"
# As many as are asked for by each index, so that a short beginning costs no more than a long one.
BY_PREFIX = f"""
SELECT {_ORDER.columns} FROM orders o
JOIN (
    SELECT a.id FROM (
        SELECT id FROM orders WHERE number >= :low AND number < :high
        ORDER BY number DESC LIMIT :limit) a
    UNION
    SELECT b.id FROM (
        SELECT id FROM orders WHERE reference >= :low AND reference < :high
        ORDER BY reference DESC LIMIT :limit) b
) f ON f.id = o.id
ORDER BY o.id DESC LIMIT :limit"""
NEWEST = 100_000
"""Orders that are looked through for a customer, besides the live ones. While that goes on, nobody
else writes; whoever asks for an older order knows its number."""
BY_CUSTOMER = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE o.id IN (
    SELECT r.id FROM orders r
    WHERE r.id > (SELECT MAX(id) FROM orders) - {NEWEST} AND r.search LIKE :part ESCAPE '!'
    UNION
    SELECT l.id FROM orders l
    WHERE l.state <> 'shipped' AND l.state <> 'cancelled'
        AND l.state IN ('new', 'picking', 'picked', 'packing', 'packed')
        AND l.search LIKE :part ESCAPE '!')
ORDER BY o.id DESC LIMIT :limit"""
LINES = f"""
SELECT {LINE.columns} FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id ORDER BY l.line"""
NEXT_TO_RELEASE = f"""
SELECT id, latest_start, expedite FROM orders WHERE {_RELEASABLE}
ORDER BY expedite DESC, latest_start, id LIMIT 1"""
AHEAD_OF = f"""
SELECT COUNT(*) FROM orders
WHERE {_RELEASABLE} AND (expedite > :expedite
    OR (expedite = :expedite AND (latest_start, id) < (:latest_start, :order_id)))"""
COUNTS = """
SELECT state, COUNT(*),
    SUM(CASE WHEN payment = 'pending' THEN 1 ELSE 0 END),
    SUM(CASE WHEN hold <> '' THEN 1 ELSE 0 END),
    SUM(CASE WHEN waiting = 'stock' THEN 1 ELSE 0 END)
FROM orders WHERE state <> 'shipped' AND state <> 'cancelled' GROUP BY state"""
SET_STATE = """
UPDATE orders SET state = :state,
    latest_start = CASE WHEN :latest_start = '' THEN latest_start ELSE :latest_start END
WHERE id = :order_id"""
SET_WAITING = "UPDATE orders SET waiting = :waiting WHERE id = :order_id"
SET_HOLD = "UPDATE orders SET hold = :hold WHERE id = :order_id"
SET_EXPEDITE = "UPDATE orders SET expedite = :expedite WHERE id = :order_id"
EXPEDITE_LIST = """
UPDATE pick_list SET expedite = :expedite
WHERE order_id = :order_id AND state IN ('open', 'picking')"""
SET_PAYMENT = "UPDATE orders SET payment = :payment WHERE id = :order_id"
IN_CHANNEL = "SELECT id FROM orders WHERE channel = :channel AND reference = :reference"
WAKE_WAITING = """
UPDATE orders SET waiting = ''
WHERE waiting = 'stock' AND id IN (
    SELECT order_id FROM order_line
    WHERE product_id = :product AND ordered > allocated + cancelled)"""
CHANGE_LINE = """
UPDATE order_line SET allocated = allocated + :allocated, picked = picked + :picked,
    packed = packed + :packed, shipped = shipped + :shipped, returned = returned + :returned,
    cancelled = cancelled + :cancelled
WHERE id = :line"""
KNOWN = """
SELECT o.id, o.digest, o.state,
    (SELECT COALESCE(SUM(l.allocated), 0) FROM order_line l WHERE l.order_id = o.id)
FROM orders o WHERE o.channel = :channel AND o.reference = :reference"""
ADD = """
INSERT INTO orders (number, channel, reference, state, payment, placed_at, promised_on, ship_by,
    latest_start, service_id, partial, language, currency, email, phone, phone_key, note, name,
    company, street, extra, postcode, city, region, country, search, digest)
VALUES (:number, :channel, :reference, 'new', :payment, :placed_at, :promised_on, :ship_by,
    :latest_start, :service_id, :partial, :language, :currency, :email, :phone, :phone_key,
    :note, :name, :company, :street, :extra, :postcode, :city, :region, :country, :search, :digest)
RETURNING id"""
CHANGE = """
UPDATE orders SET payment = :payment, waiting = '', placed_at = :placed_at,
    promised_on = :promised_on, ship_by = :ship_by, latest_start = :latest_start,
    service_id = :service_id, partial = :partial, language = :language, currency = :currency,
    email = :email, phone = :phone, phone_key = :phone_key, note = :note, name = :name,
    company = :company, street = :street, extra = :extra, postcode = :postcode, city = :city,
    region = :region, country = :country, search = :search, digest = :digest
WHERE id = :order_id"""
DROP_LINES = """
DELETE FROM order_line WHERE order_id = :order_id
    AND NOT EXISTS (SELECT 1 FROM pick_task t WHERE t.line_id = order_line.id)
    AND NOT EXISTS (SELECT 1 FROM stock_move m WHERE m.line_id = order_line.id)"""
CANCEL_LINES = """
UPDATE order_line SET cancelled = ordered - allocated WHERE order_id = :order_id"""
LAST_LINE = "SELECT COALESCE(MAX(line), 0) FROM order_line WHERE order_id = :order_id"
ADD_LINE = """
INSERT INTO order_line (order_id, line, product_id, name, unit_price, ordered, reference)
VALUES (:order_id, :line, :product, :name, :unit_price, :ordered, :reference)"""
ADD_EVENT = """
INSERT INTO event (at, order_id, kind, text, operator_id, station_id, gesture_id)
VALUES (:at, :order_id, :kind, :text, :operator, :station, :gesture)"""
EVENTS = f"""
SELECT {_EVENT.columns} FROM event e
LEFT JOIN operator o ON o.id = e.operator_id
LEFT JOIN station s ON s.id = e.station_id
WHERE e.order_id = :order_id ORDER BY e.id"""
ADD_NOTICE = """
INSERT INTO notice (at, department, text, order_id) VALUES (:at, :department, :text, :order_id)"""
NOTICES = f"""
SELECT {_NOTICE.columns} FROM (
    SELECT code FROM department WHERE responsible_id = :operator UNION SELECT :own
) d JOIN notice n ON n.department = d.code
WHERE n.done_at IS NULL"""
CLOSE_NOTICE = """
UPDATE notice SET done_at = :at, done_by = :operator WHERE id = :notice AND done_at IS NULL"""

_GONE = "The order is gone."


class Orders:
    """What customers bought, and how far it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, record: OrderRecord, order: Mapping[str, object]) -> str:
        """Add an order or bring it up to date: added, unchanged, changed or refused.

        Refused is what differs from an order that the floor already works on; nothing is changed
        then. An order keeps the number that it got when it was added.
        """
        known = self._connection.one(KNOWN, channel=record.channel, reference=record.reference)
        header: dict[str, object] = {
            "payment": record.payment,
            "placed_at": record.placed_at,
            "promised_on": order["promised_on"],
            "ship_by": order["ship_by"],
            "latest_start": order["latest_start"],
            "service_id": order["service_id"],
            "partial": int(record.partial),
            "language": record.language,
            "currency": record.currency,
            "email": record.email,
            "phone": record.phone,
            "phone_key": phone_key(record.phone),
            "note": record.note,
            "name": record.customer.name,
            "company": record.customer.company,
            "street": record.customer.street,
            "extra": record.customer.extra,
            "postcode": record.customer.postcode,
            "city": record.customer.city,
            "region": record.customer.region,
            "country": record.customer.country,
            "search": _search_text(record),
            "digest": order["digest"],
        }
        products = cast("Mapping[str, int]", order["products"])
        if known is None:
            order_id: int = self._connection.scalar(
                ADD,
                number=order["number"],
                channel=record.channel,
                reference=record.reference,
                **header,
            )
            self._add_lines(order_id, record, products, 0)
            return "added"
        order_id, digest, state, allocated = known
        if digest == order["digest"]:
            return "unchanged"
        if state != OrderState.NEW or allocated:
            return "refused"
        self._connection.do(CHANGE, order_id=order_id, **header)
        self._connection.do(DROP_LINES, order_id=order_id)
        # A line that somebody has walked for in vain stays, because the journal speaks of it.
        self._connection.do(CANCEL_LINES, order_id=order_id)
        last = self._connection.scalar(LAST_LINE, order_id=order_id)
        self._add_lines(order_id, record, products, last)
        return "changed"

    def get(self, order_id: int) -> Order:
        """An order's header."""
        row = self._connection.one(GET, order_id=order_id)
        return _ORDER(found(row, "an order with id", order_id))

    def head(self, order_id: int) -> OrderHead:
        """What the top of a station's screen says about an order."""
        row = self._connection.one(HEAD_OF, order_id=order_id)
        return HEAD(found(row, "an order with id", order_id))

    def find(self, number: str) -> Order | None:
        """The order with that number, or the only one with that reference."""
        row = self._connection.one(BY_NUMBER, number=number)
        if row is not None:
            return _ORDER(row)
        rows = self._connection.all(BY_REFERENCE, number=number)
        return _ORDER(rows[0]) if len(rows) == 1 else None

    def find_in_channel(self, channel: str, reference: str) -> int | None:
        """The id of a channel's order."""
        found_id: int | None = self._connection.scalar(
            IN_CHANNEL, channel=channel, reference=reference
        )
        return found_id

    def search(self, words: str, limit: int) -> list[Order]:
        """Orders whose number or reference begins so, then those whose customer has it.

        For a customer, the live orders and the newest are looked through, not all there ever were.
        """
        words = words.strip()
        if not words:
            return []
        high = words[:-1] + chr(min(ord(words[-1]) + 1, 0x10FFFF))
        orders = {
            row[0]: _ORDER(row)
            for row in self._connection.all(BY_PREFIX, low=words, high=high, limit=limit)
        }
        words = _folded(words)
        if words and len(orders) < limit:
            escaped = words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
            rows = self._connection.all(BY_CUSTOMER, part=f"%{escaped}%", limit=limit)
            for row in rows:
                orders.setdefault(row[0], _ORDER(row))
        return list(orders.values())[:limit]

    def lines(self, order_id: int) -> list[OrderLine]:
        """An order's lines."""
        return LINE.each(self._connection.all(LINES, order_id=order_id))

    def next_to_release(self) -> tuple[int, str, bool] | None:
        """The most urgent order that may go to the floor: id, latest start, expedited."""
        row = self._connection.one(NEXT_TO_RELEASE)
        return None if row is None else (row[0], row[1], bool(row[2]))

    def set_state(self, order_id: int, state: OrderState, *, latest_start: str = "") -> None:
        """Move an order on, and say when work on it must start now."""
        self._connection.change(
            SET_STATE, _GONE, order_id=order_id, state=state.value, latest_start=latest_start
        )
        if state is OrderState.CANCELLED:
            # What is to be allocated is looked for at every receipt; nothing of this is.
            self._connection.do(CANCEL_LINES, order_id=order_id)

    def set_waiting(self, order_id: int, waiting: str) -> None:
        """Let an order wait for `stock`, or no longer when empty."""
        self._connection.change(SET_WAITING, _GONE, order_id=order_id, waiting=waiting)

    def set_hold(self, order_id: int, hold: str) -> None:
        """Stop an order for a reason, or let it go on when that is empty."""
        self._connection.change(SET_HOLD, _GONE, order_id=order_id, hold=hold)

    def set_expedite(self, order_id: int, expedite: bool) -> None:
        """Put an order before all others, its pick list too, or back in its place."""
        self._connection.change(SET_EXPEDITE, _GONE, order_id=order_id, expedite=int(expedite))
        self._connection.do(EXPEDITE_LIST, order_id=order_id, expedite=int(expedite))

    def set_payment(self, order_id: int, payment: str) -> None:
        """Keep how its payment stands."""
        self._connection.change(SET_PAYMENT, _GONE, order_id=order_id, payment=payment)

    def wake_waiting(self, product_id: int) -> int:
        """Stock has come: orders that wait for this product are looked at again. How many."""
        return self._connection.run(WAKE_WAITING, product=product_id)

    def change_line(
        self,
        line_id: int,
        *,
        allocated: int = 0,
        picked: int = 0,
        packed: int = 0,
        shipped: int = 0,
        returned: int = 0,
        cancelled: int = 0,
    ) -> None:
        """Add to a line's quantities; StoreConflict when one would pass the one before it."""
        self._connection.change(
            CHANGE_LINE,
            "The order line is gone.",
            line=line_id,
            allocated=allocated,
            picked=picked,
            packed=packed,
            shipped=shipped,
            returned=returned,
            cancelled=cancelled,
        )

    def counts(self) -> dict[str, int]:
        """Live orders by state, and of those how many wait for payment, for stock or on hold."""
        counts = {"waiting_payment": 0, "hold": 0, "waiting_stock": 0}
        for state, count, unpaid, held, waiting in self._connection.all(COUNTS):
            counts[state] = count
            counts["waiting_payment"] += unpaid
            counts["hold"] += held
            counts["waiting_stock"] += waiting
        return counts

    def ahead_of(self, order: Order) -> int:
        """How many orders go to the floor before this one."""
        return int(
            self._connection.scalar(
                AHEAD_OF,
                expedite=int(order.expedite),
                latest_start=order.latest_start,
                order_id=order.id,
            )
        )

    def add_event(
        self,
        order_id: int | None,
        kind: str,
        text: Text,
        *,
        at: str,
        operator_id: int | None = None,
        station_id: int | None = None,
        gesture_id: str | None = None,
    ) -> None:
        """Add a line to an order's timeline."""
        self._connection.do(
            ADD_EVENT,
            at=at,
            order_id=order_id,
            kind=kind,
            text=_json(text),
            operator=operator_id,
            station=station_id,
            gesture=gesture_id,
        )

    def events(self, order_id: int) -> list[EventRow]:
        """An order's timeline, the oldest first."""
        return _EVENT.each(self._connection.all(EVENTS, order_id=order_id))

    def add_notice(
        self, department: str, text: Text, *, at: str, order_id: int | None = None
    ) -> None:
        """Tell whoever is responsible for a department."""
        self._connection.do(
            ADD_NOTICE, at=at, department=department, text=_json(text), order_id=order_id
        )

    def notices(self, operator: Operator) -> list[NoticeRow]:
        """Open notices of the departments a person answers for, the oldest first."""
        own = operator.department if operator.supervisor else ""
        rows = self._connection.all(NOTICES, operator=operator.id, own=own)
        # Sorted here: an engine that is to sort them by id reads all there ever were.
        return sorted(_NOTICE.each(rows), key=lambda notice: notice.id)

    def close_notice(self, notice_id: int, operator_id: int, at: str) -> None:
        """Tick a notice off; StoreConflict when somebody else did."""
        self._connection.change(
            CLOSE_NOTICE,
            "Somebody else has ticked this off.",
            notice=notice_id,
            operator=operator_id,
            at=at,
        )

    def _add_lines(
        self, order_id: int, record: OrderRecord, products: Mapping[str, int], last: int
    ) -> None:
        for number, line in enumerate(record.lines, last + 1):
            self._connection.do(
                ADD_LINE,
                order_id=order_id,
                line=number,
                product=products[line.sku],
                name=line.name,
                unit_price=line.unit_price,
                ordered=line.quantity,
                reference=line.reference,
            )


def _search_text(record: OrderRecord) -> str:
    """What a customer is found by, so that a look-up reads one column of each order."""
    who = record.customer
    closed_up = who.postcode.replace(" ", "")
    parts = (who.name, who.company, who.postcode, closed_up, who.city, record.email)
    return _folded("\n".join(parts))


def _folded(text: str) -> str:
    """Small letters without accents: what is keyed in with gloves finds Müller and Łódź."""
    if not text.isascii():
        from anyascii import anyascii  # 40 ms to import, so only once a letter needs it

        text = anyascii(text)
    return text.lower()


def _json(text: Text) -> str:
    return json.dumps(text.to_json(), separators=(",", ":"), ensure_ascii=False)
