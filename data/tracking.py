"""Parcels on their way, and orders that something is due for."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.connection import Connection, Shape, found
from wms_terminal.ports.carrier import TrackingEvent
from wms_terminal.ports.tracking_room import Delivered, Journey, Late

_JOURNEY = Shape(
    Journey,
    "s",
    order_id="p.order_id",
    order_number="o.number",
    parcel="p.number",
    sscc="COALESCE(p.sscc, '')",
    shipped_at="COALESCE(p.shipped_at, '')",
)
_EVENT = Shape(TrackingEvent, "e", tracking="s.tracking")
_FROM = """
FROM shipment s JOIN parcel p ON p.id = s.parcel_id JOIN orders o ON o.id = p.order_id"""

GET = f"SELECT {_JOURNEY.columns} {_FROM} WHERE s.id = :shipment"
OF_ORDER = f"""
SELECT {_JOURNEY.columns} {_FROM}
WHERE p.order_id = :order_id AND s.state = 'booked' ORDER BY p.number, s.id"""
FIND = f"""
SELECT {_JOURNEY.columns} {_FROM}
WHERE s.tracking = :tracking AND s.tracking <> '' AND s.state = 'booked'
ORDER BY s.id DESC LIMIT 50"""
OF_PARCEL = f"""
SELECT {_JOURNEY.columns} {_FROM}
WHERE s.parcel_id = :parcel AND s.state = 'booked' ORDER BY s.id DESC LIMIT 1"""
# Nobody is asked about it: such a carrier says by itself what there is to say.
BEGIN = """
INSERT INTO shipment (parcel_id, key, carrier, state, tracking, at, ask_at)
SELECT p.id, :key, c.code, 'booked', :tracking, :at, NULL
FROM parcel p JOIN orders o ON o.id = p.order_id
LEFT JOIN manifest m ON m.id = p.manifest_id
JOIN service v ON v.id = o.service_id
JOIN carrier c ON c.id = COALESCE(m.carrier_id, v.carrier_id)
WHERE p.id = :parcel
RETURNING id"""
ADD = """
INSERT INTO tracking_event (shipment_id, at, milestone, text)
VALUES (:shipment, :at, :milestone, :text)
ON CONFLICT (shipment_id, at, milestone, text) DO NOTHING"""
EVENTS = f"""
SELECT {_EVENT.columns} FROM tracking_event e JOIN shipment s ON s.id = e.shipment_id
WHERE e.shipment_id = :shipment ORDER BY e.at, e.id"""
MOVE = "UPDATE shipment SET milestone = :milestone, milestone_at = :at WHERE id = :shipment"
UNDER_WAY = f"""
SELECT {_JOURNEY.columns} {_FROM}
WHERE s.carrier = :carrier AND s.ask_at <= :before AND s.ask_at IS NOT NULL
    AND s.state = 'booked' AND s.tracking <> '' AND p.state = 'shipped'
ORDER BY s.ask_at, s.id LIMIT :limit"""
ASK_AGAIN = """
UPDATE shipment SET asked_at = :asked_at, ask_at = :ask_at WHERE id = :shipment"""
ARRIVED = """
SELECT o.state, COUNT(*),
    SUM(CASE WHEN d.delivered_at IS NULL THEN 1 ELSE 0 END), MAX(d.delivered_at)
FROM orders o JOIN parcel p ON p.order_id = o.id
LEFT JOIN (
    SELECT s.parcel_id AS parcel_id, MIN(s.milestone_at) AS delivered_at
    FROM shipment s JOIN parcel q ON q.id = s.parcel_id
    WHERE q.order_id = :order_id AND s.state = 'booked' AND s.milestone = 'delivered'
    GROUP BY s.parcel_id
) d ON d.parcel_id = p.id
WHERE o.id = :order_id AND p.state <> 'void' GROUP BY o.id, o.state"""
# Whoever was asked once is not asked again when another time of arrival comes to light.
SET_DELIVERED = """
UPDATE orders SET delivered_at = :at,
    follow_up_at = CASE WHEN delivered_at IS NULL THEN :follow_up_at ELSE follow_up_at END
WHERE id = :order_id"""
NOT_DELIVERED = """
UPDATE orders SET delivered_at = NULL, follow_up_at = NULL
WHERE id = :order_id AND delivered_at IS NOT NULL"""
TO_FOLLOW_UP = """
SELECT o.id, o.channel, o.delivered_at FROM orders o
WHERE o.follow_up_at <= :now AND o.follow_up_at IS NOT NULL AND o.delivered_at IS NOT NULL
ORDER BY o.follow_up_at, o.id LIMIT :limit"""
UNSETTLED = """
SELECT o.id FROM orders o WHERE o.id = :order_id AND o.hold <> ''
UNION ALL
SELECT r.id FROM return_case r
WHERE r.order_id = :order_id AND r.order_id IS NOT NULL AND r.state IN ('announced', 'arrived')
UNION ALL
SELECT f.id FROM refund f
WHERE f.order_id = :order_id AND f.state IN ('proposed', 'approved', 'sent', 'in_doubt')
UNION ALL
SELECT s.id FROM parcel p JOIN shipment s ON s.parcel_id = p.id
WHERE p.order_id = :order_id AND s.state = 'booked' AND s.milestone IN ('trouble', 'returned')"""
FOLLOW_UP_AT = "UPDATE orders SET follow_up_at = :at WHERE id = :order_id"
LATE = """
SELECT o.id, o.number, o.state, o.waiting, o.ship_by FROM orders o
WHERE o.ship_by >= :since AND o.ship_by <= :before
    AND o.state <> 'shipped' AND o.state <> 'cancelled'
    AND o.payment = 'paid' AND o.hold = ''
    AND ((o.told_by <> 'stock' AND o.told_by <= :now)
        OR (o.told_by = 'stock' AND o.waiting <> 'stock'))
ORDER BY o.ship_by, o.id LIMIT :limit"""
TOLD_LATE = "UPDATE orders SET told_by = :told_by WHERE id = :order_id"
TOLD_OF = """
SELECT o.payload FROM outbox o WHERE o.order_id = :order_id AND o.kind = 'ship' ORDER BY o.id"""


class Tracking:
    """Where parcels are on their way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, shipment_id: int) -> Journey:
        """One shipment."""
        row = self._connection.one(GET, shipment=shipment_id)
        return _JOURNEY(found(row, "a shipment with id", shipment_id))

    def of_order(self, order_id: int) -> list[Journey]:
        """An order's shipments that were booked, by parcel."""
        return _JOURNEY.each(self._connection.all(OF_ORDER, order_id=order_id))

    def find(self, tracking: str) -> list[Journey]:
        """Booked shipments with that tracking number, the newest first; numbers come again."""
        return _JOURNEY.each(self._connection.all(FIND, tracking=tracking))

    def of_parcel(self, parcel_id: int) -> Journey | None:
        """A parcel's newest booked shipment."""
        return _JOURNEY.maybe(self._connection.one(OF_PARCEL, parcel=parcel_id))

    def begin(self, parcel_id: int, sscc: str, at: str) -> int:
        """A shipment for a parcel that left with a label of our own; its number is the SSCC."""
        row = self._connection.one(BEGIN, parcel=parcel_id, key=f"own:{sscc}", tracking=sscc, at=at)
        return int(found(row, "a parcel with id", parcel_id)[0])

    def add(self, shipment_id: int, event: TrackingEvent) -> bool:
        """Keep an event; whether it was new."""
        added = self._connection.run(
            ADD,
            shipment=shipment_id,
            at=event.at,
            milestone=event.milestone.value,
            text=event.text,
        )
        return bool(added)

    def events(self, shipment_id: int) -> list[TrackingEvent]:
        """All that was heard of a shipment, the oldest first."""
        return _EVENT.each(self._connection.all(EVENTS, shipment=shipment_id))

    def move(self, shipment_id: int, event: TrackingEvent) -> None:
        """Keep where a shipment stands."""
        self._connection.change(
            MOVE,
            "The shipment is gone.",
            shipment=shipment_id,
            milestone=event.milestone.value,
            at=event.at,
        )

    def under_way(self, carrier: str, before: str, limit: int) -> list[Journey]:
        """Shipments that left and that a carrier is to be asked about by then."""
        rows = self._connection.all(UNDER_WAY, carrier=carrier, before=before, limit=limit)
        return _JOURNEY.each(rows)

    def ask_again(self, shipment_id: int, asked_at: str, ask_at: str | None) -> None:
        """A shipment was asked about, and when it is next; None: never again."""
        self._connection.do(ASK_AGAIN, shipment=shipment_id, asked_at=asked_at, ask_at=ask_at)

    def arrived(self, order_id: int) -> str:
        """When the last parcel of an order arrived; empty while anything is to come."""
        row = self._connection.one(ARRIVED, order_id=order_id)
        if row is None:
            return ""
        state, _, left, at = row
        return str(at) if state == "shipped" and not left else ""

    def set_delivered(self, order_id: int, at: str, follow_up_at: str | None) -> None:
        """An order has arrived in full, and when its customer is asked how it was."""
        self._connection.do(SET_DELIVERED, order_id=order_id, at=at, follow_up_at=follow_up_at)

    def not_delivered(self, order_id: int) -> None:
        """An order has not arrived in full, or not after all."""
        self._connection.do(NOT_DELIVERED, order_id=order_id)

    def to_follow_up(self, now: str, limit: int) -> list[Delivered]:
        """Orders whose customer is to be asked by now how it was, the longest due first."""
        rows = self._connection.all(TO_FOLLOW_UP, now=now, limit=limit)
        return [Delivered(*row) for row in rows]

    def unsettled(self, order_id: int) -> bool:
        """A return, a refund or a parcel's trouble is open, or the order is on hold."""
        return self._connection.one(UNSETTLED, order_id=order_id) is not None

    def follow_up_at(self, order_id: int, at: str | None) -> None:
        """Ask an order's customer then, or never."""
        self._connection.do(FOLLOW_UP_AT, order_id=order_id, at=at)

    def late(self, since: str, before: str, now: str, limit: int) -> list[Late]:
        """Paid orders without a hold that should have left between these, oldest first."""
        rows = self._connection.all(LATE, since=since, before=before, now=now, limit=limit)
        return [Late(*row) for row in rows]

    def told_late(self, order_id: int, told_by: str) -> None:
        """The customer knows; that holds until then, or until stock comes when it is `stock`."""
        self._connection.do(TOLD_LATE, order_id=order_id, told_by=told_by)

    def delivery_key(self, order_id: int, keys: Sequence[str]) -> str:
        """Under which of these keys the channel was told that a parcel left; empty: not told."""
        told = {
            json.loads(payload).get("key")
            for (payload,) in self._connection.all(TOLD_OF, order_id=order_id)
        }
        return next((key for key in keys if key and key in told), "")
