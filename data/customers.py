"""Customers: how their orders are found, and how they are forgotten."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.connection import Connection, Shape
from wms_terminal.domain.orders import Order
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.text import T
from wms_terminal.ports.customer_room import Personal

_ORDER = Shape(Order, "o")
_NEWEST = "ORDER BY o.id DESC LIMIT :limit"
_CHUNK = 50
_MARKS = ", ".join(f":id{number}" for number in range(_CHUNK))

NUMBERED = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE o.number = :number OR o.reference = :number {_NEWEST}"""
# The conditions of these repeat their partial indexes, word for word: else they are not used.
BY_EMAIL = f"""
SELECT {_ORDER.columns} FROM orders o WHERE email <> '' AND lower(email) = :email {_NEWEST}"""
BY_PHONE = f"""
SELECT {_ORDER.columns} FROM orders o WHERE phone_key <> '' AND phone_key = :phone {_NEWEST}"""
BY_POSTCODE = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE postcode <> '' AND replace(lower(postcode), ' ', '') = :postcode {_NEWEST}"""
BY_TRACKING = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE o.id IN (
    SELECT p.order_id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
    WHERE s.tracking <> '' AND s.tracking = :tracking
    UNION
    SELECT r.order_id FROM return_case r
    WHERE r.tracking <> '' AND r.tracking = :tracking)
ORDER BY o.id DESC"""
BY_RETURN = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE o.id IN (
    SELECT r.order_id FROM return_case r WHERE r.number = :number
    UNION
    SELECT r.order_id FROM return_case r WHERE r.rma <> '' AND r.rma = :number)
ORDER BY o.id DESC"""
SOLD = f"""
SELECT {_ORDER.columns} FROM orders o
WHERE o.placed_at >= :low AND o.placed_at < :high AND EXISTS (
    SELECT 1 FROM order_line l JOIN product p ON p.id = l.product_id
    WHERE l.order_id = o.id AND (lower(p.sku) = :words
        OR lower(p.name) LIKE :part ESCAPE '!' OR lower(l.name) LIKE :part ESCAPE '!'))
{_NEWEST}"""
THESE = f"SELECT {_ORDER.columns} FROM orders o WHERE o.id IN ({_MARKS}) ORDER BY o.id DESC"
IS_ANONYMOUS = "SELECT anonymous FROM orders WHERE id = :order_id"
TO_FORGET = f"""
SELECT {_ORDER.columns},
    CASE WHEN o.anonymous = 0 AND o.state IN ('shipped', 'cancelled')
        AND COALESCE((SELECT MAX(e.at) FROM event e WHERE e.order_id = o.id), '') < :before
    THEN 1 ELSE 0 END
FROM orders o
WHERE (o.placed_at, o.id) > (:placed_at, :after_id) AND o.placed_at < :before
ORDER BY o.placed_at, o.id LIMIT :limit"""
UNSETTLED = """
SELECT
    (SELECT COUNT(*) FROM return_case r
        WHERE r.order_id = :order_id AND r.order_id IS NOT NULL
            AND (r.state = 'announced' OR r.state = 'arrived')),
    (SELECT COUNT(*) FROM refund f WHERE f.order_id = :order_id
        AND f.state <> 'done' AND f.state <> 'declined' AND f.state <> 'rejected'),
    (SELECT COUNT(*) FROM outbox x
        WHERE x.order_id = :order_id AND x.order_id IS NOT NULL AND x.state = 'pending')"""

WORDS: dict[tuple[str, str], str] = {
    ("event", "text"): "SELECT id, text FROM event WHERE order_id = :order_id",
    ("notice", "text"): """
SELECT id, text FROM notice WHERE order_id = :order_id AND order_id IS NOT NULL""",
    ("return_case", "note"): """
SELECT id, note FROM return_case WHERE order_id = :order_id AND order_id IS NOT NULL""",
    ("return_line", "reason"): """
SELECT t.id, t.reason FROM return_line t JOIN return_case r ON r.id = t.return_id
WHERE r.order_id = :order_id AND r.order_id IS NOT NULL""",
    ("refund", "reason"): "SELECT id, reason FROM refund WHERE order_id = :order_id",
    ("refund", "detail"): "SELECT id, detail FROM refund WHERE order_id = :order_id",
    ("outbox", "detail"): """
SELECT id, detail FROM outbox WHERE order_id = :order_id AND order_id IS NOT NULL""",
    ("outbox", "remote_id"): """
SELECT id, remote_id FROM outbox WHERE order_id = :order_id AND order_id IS NOT NULL""",
    ("shipment", "detail"): """
SELECT s.id, s.detail FROM shipment s JOIN parcel p ON p.id = s.parcel_id
WHERE p.order_id = :order_id""",
    ("feedback", "key"): """
SELECT id, key FROM feedback WHERE order_id = :order_id AND order_id IS NOT NULL""",
    ("orders", "hold"): "SELECT id, hold FROM orders WHERE id = :order_id",
}
"""Where words about an order are kept."""
REWRITE: dict[tuple[str, str], str] = {
    (table, column): f"UPDATE {table} SET {column} = :words WHERE id = :id"
    for table, column in WORDS
}

FORGET: tuple[str, ...] = (
    """
UPDATE orders SET email = '', phone = '', phone_key = '', note = '', name = '', company = '',
    street = '', extra = '', postcode = '', city = '', region = '', search = '', digest = '',
    seen = '', anonymous = 1
WHERE id = :order_id""",
    """
UPDATE print_job SET content = '{}', payload = NULL, detail = '',
    state = CASE WHEN state = 'queued' OR state = 'sending' THEN 'void' ELSE state END
WHERE parcel_id IN (SELECT id FROM parcel WHERE order_id = :order_id)""",
    """
UPDATE shipment SET label = NULL, tracking_url = ''
WHERE parcel_id IN (SELECT id FROM parcel WHERE order_id = :order_id)""",
    # Without its words an event may be the same as another one.
    """
DELETE FROM tracking_event
WHERE shipment_id IN (
        SELECT s.id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
        WHERE p.order_id = :order_id)
    AND EXISTS (
        SELECT 1 FROM tracking_event e
        WHERE e.shipment_id = tracking_event.shipment_id AND e.at = tracking_event.at
            AND e.milestone = tracking_event.milestone AND e.id < tracking_event.id)""",
    """
UPDATE tracking_event SET text = ''
WHERE shipment_id IN (
    SELECT s.id FROM shipment s JOIN parcel p ON p.id = s.parcel_id
    WHERE p.order_id = :order_id)""",
    # What was given up cannot be told any more once its words are gone.
    """
UPDATE outbox SET payload = '{}',
    state = CASE WHEN state = 'dead' THEN 'unsupported' ELSE state END
WHERE order_id = :order_id AND order_id IS NOT NULL AND state <> 'pending'""",
    """
UPDATE feedback SET text = '' WHERE order_id = :order_id AND order_id IS NOT NULL""",
)

KEYED = "keyed in, not kept"
"""As the journal says it where words are not kept in the first place."""
LAST_SCAN = """
SELECT MAX(s.id) FROM (SELECT id FROM scan WHERE id > :after_id ORDER BY id LIMIT :limit) s"""
FORGET_SCANS = f"""
UPDATE scan SET raw = '{KEYED}', message = :message
WHERE id > :after_id AND id <= :last_id AND at <= :before
    AND kind = 'unknown' AND source = 'keyed' AND raw <> '{KEYED}'"""
# Dialogues of earlier versions kept what was looked for; nobody goes on with a closed one.
FORGET_DIALOGUES = """
UPDATE session SET dialogue = '{}'
WHERE id > 0 AND closed_at IS NOT NULL AND closed_at <= :before AND dialogue LIKE '%"search:%'"""
FORGET_LOOSE_RETURNS = """
UPDATE return_case SET note = ''
WHERE id > 0 AND order_id IS NULL AND closed_at <= :before AND note <> ''"""
FORGET_LOOSE_FEEDBACK = """
UPDATE feedback SET text = '' WHERE id > 0 AND order_id IS NULL AND at <= :before AND text <> ''"""

_SEARCHED = json.dumps(Message(Outcome.UNKNOWN, "forgotten", T("Nobody knows this code")).to_json())


class Customers:
    """What customers say of themselves, and what is kept of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def numbered(self, number: str, limit: int) -> list[Order]:
        """Orders with exactly this number or reference, whatever channel it is from."""
        return _ORDER.each(self._connection.all(NUMBERED, number=number, limit=limit))

    def by_email(self, email: str, limit: int) -> list[Order]:
        """Orders of a mailbox, in small or capital letters; the newest first, as below."""
        return _ORDER.each(self._connection.all(BY_EMAIL, email=email.lower(), limit=limit))

    def by_phone(self, phone_key: str, limit: int) -> list[Order]:
        """Orders of a phone, by `phone_key`."""
        return _ORDER.each(self._connection.all(BY_PHONE, phone=phone_key, limit=limit))

    def by_postcode(self, postcode_key: str, limit: int) -> list[Order]:
        """Orders to a postcode, by `postcode_key`."""
        return _ORDER.each(self._connection.all(BY_POSTCODE, postcode=postcode_key, limit=limit))

    def by_tracking(self, tracking: str) -> list[Order]:
        """Orders with a parcel, or a return, under way with this tracking number."""
        return _ORDER.each(self._connection.all(BY_TRACKING, tracking=tracking))

    def by_return(self, number: str) -> list[Order]:
        """The orders of the return with this number, ours or the channel's."""
        return _ORDER.each(self._connection.all(BY_RETURN, number=number))

    def sold(self, words: str, low: str, high: str, limit: int) -> list[Order]:
        """Orders of these days with a product whose SKU it is or whose name has the words."""
        words = words.lower()
        escaped = words.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        rows = self._connection.all(
            SOLD, words=words, part=f"%{escaped}%", low=low, high=high, limit=limit
        )
        return _ORDER.each(rows)

    def these(self, order_ids: Sequence[int]) -> list[Order]:
        """These orders, the newest first; those that are not there are left out."""
        orders: list[Order] = []
        for start in range(0, len(order_ids), _CHUNK):
            some = [*order_ids[start : start + _CHUNK], *([0] * _CHUNK)][:_CHUNK]
            ids = {f"id{number}": order_id for number, order_id in enumerate(some)}
            orders += _ORDER.each(self._connection.all(THESE, **ids))
        return sorted(orders, key=lambda order: -order.id)

    def is_anonymous(self, order_id: int) -> bool:
        """Whether its customer was forgotten."""
        return bool(self._connection.scalar(IS_ANONYMOUS, order_id=order_id))

    def to_forget(
        self, before: str, after: tuple[str, int], limit: int
    ) -> tuple[tuple[str, int], list[Order]]:
        """Closed orders with which nothing has happened since, in the order they were placed."""
        rows = self._connection.all(
            TO_FORGET, before=before, placed_at=after[0], after_id=after[1], limit=limit
        )
        if not rows:
            return after, []
        last = _ORDER(rows[-1][:-1])
        return (last.placed_at, last.id), [_ORDER(row[:-1]) for row in rows if row[-1]]

    def unsettled(self, order_id: int) -> tuple[int, int, int]:
        """How many returns, refunds and messages of an order are not settled yet."""
        returns, refunds, messages = self._connection.all(UNSETTLED, order_id=order_id)[0]
        return int(returns), int(refunds), int(messages)

    def words_of(self, order_id: int) -> list[Personal]:
        """What somebody wrote about an order, wherever that is kept."""
        return [
            Personal(table, column, *row)
            for (table, column), sql in WORDS.items()
            for row in self._connection.all(sql, order_id=order_id)
            if row[1]
        ]

    def rewrite(self, personal: Personal, words: str) -> None:
        """Keep other words there."""
        sql = REWRITE[personal.table, personal.column]
        self._connection.do(sql, id=personal.id, words=words)

    def forget(self, order_id: int) -> None:
        """Empty what only is about the customer: header, papers, labels, settled messages."""
        for sql in FORGET:
            self._connection.do(sql, order_id=order_id)

    def forget_searches(self, before: str, after_id: int, limit: int) -> int | None:
        """Empty what was keyed in and was nobody's code, in so many scans after that one."""
        last: int | None = self._connection.scalar(LAST_SCAN, after_id=after_id, limit=limit)
        if last is None:
            self._connection.do(FORGET_DIALOGUES, before=before)
            return None
        self._connection.do(
            FORGET_SCANS, message=_SEARCHED, before=before, after_id=after_id, last_id=last
        )
        return last

    def forget_loose(self, before: str) -> None:
        """Empty what customers wrote that belongs to no order."""
        for sql in (FORGET_LOOSE_RETURNS, FORGET_LOOSE_FEEDBACK):
            self._connection.do(sql, before=before)
