"""Bookings with carriers, their labels, and how carriers are reached."""

from __future__ import annotations

import json
from collections.abc import Sequence

from data.connection import Connection, Shape, found
from wms_terminal.domain.shipments import OWN, SHORTEST_RUN, Shipment, safe_link
from wms_terminal.ports.carrier import Booking, CarrierSettings, Item

_SHIPMENT = Shape(Shipment, "s", order_id="p.order_id")
_FROM = "FROM shipment s JOIN parcel p ON p.id = s.parcel_id"

SET_UP = "UPDATE carrier SET kind = :kind, url = :url, options = :options WHERE code = :code"
CARRIERS = "SELECT code, kind, url, options FROM carrier WHERE kind <> :own ORDER BY code"
WANT = """
INSERT INTO shipment (parcel_id, key, carrier, state, at, station_id)
VALUES (:parcel, :key, :carrier, 'wanted', :at, :station)
RETURNING id"""
GET = f"SELECT {_SHIPMENT.columns} {_FROM} WHERE s.id = :shipment"
OF_PARCEL = f"""
SELECT {_SHIPMENT.columns} {_FROM} WHERE s.parcel_id = :parcel ORDER BY s.id DESC LIMIT 1"""
OF_ORDER = f"SELECT {_SHIPMENT.columns} {_FROM} WHERE p.order_id = :order_id ORDER BY s.id"
BY_TRACKING = f"""
SELECT {_SHIPMENT.columns} {_FROM}
WHERE s.tracking = :tracking AND s.tracking <> ''
ORDER BY CASE WHEN s.state = 'booked' THEN 0 ELSE 1 END, s.id DESC LIMIT 1"""
# Without LIKE, which means another thing in each engine.
# The few parcels that are here come first: a cross join says so to SQLite.
_INSIDE = """s.parcel_id = p.id AND s.state = 'booked' AND LENGTH(s.tracking) >= :shortest
    AND REPLACE(:code, UPPER(s.tracking), '') <> :code"""
INSIDE_PACKED = f"""
SELECT {_SHIPMENT.columns} FROM parcel p CROSS JOIN shipment s
WHERE p.state = 'packed' AND {_INSIDE}
ORDER BY p.closed_at, s.id LIMIT :limit"""
INSIDE_LABELLED = f"""
SELECT {_SHIPMENT.columns} FROM parcel p CROSS JOIN shipment s
WHERE p.state = 'labelled' AND {_INSIDE}
ORDER BY p.labelled_at, s.id LIMIT :limit"""
INSIDE_LOADED = f"""
SELECT {_SHIPMENT.columns} FROM manifest m
JOIN parcel p ON p.manifest_id = m.id CROSS JOIN shipment s
WHERE m.state = 'open' AND {_INSIDE}
ORDER BY p.loaded_at, s.id LIMIT :limit"""
TO_LABEL = f"""
SELECT {_SHIPMENT.columns} FROM parcel p JOIN shipment s ON s.parcel_id = p.id
WHERE p.state = 'packed' AND s.state = 'booked' AND s.station_id = :station
ORDER BY p.closed_at, s.id"""
LABEL = "SELECT label FROM shipment WHERE id = :shipment"
ITEMS = """
SELECT q.sku, l.name, c.quantity, l.unit_price, o.currency, q.weight_g, q.hs_code, q.origin
FROM (
    SELECT line_id, SUM(quantity) AS quantity FROM parcel_line
    WHERE parcel_id = :parcel GROUP BY line_id
) c
JOIN order_line l ON l.id = c.line_id
JOIN orders o ON o.id = l.order_id
JOIN product q ON q.id = l.product_id
ORDER BY l.line"""
BOOK = """
UPDATE shipment SET state = 'booked', tracking = :tracking, tracking_url = :url,
    remote_id = :remote, form = :form, label = :label, detail = '', in_doubt = 0, at = :at
WHERE id = :shipment AND state IN ('wanted', 'refused')"""
REFUSE = """
UPDATE shipment SET state = 'refused', detail = :detail, in_doubt = :in_doubt, at = :at
WHERE id = :shipment AND state IN ('wanted', 'refused')"""
WANT_AGAIN = """
UPDATE shipment SET state = 'wanted', station_id = :station, at = :at
WHERE id = :shipment AND state = 'refused'"""
CALL_OFF = """
UPDATE shipment SET state = 'cancelled', own = :own, at = :at
WHERE id = :shipment AND state <> 'cancelled'"""
CAME_LATE = """
UPDATE shipment SET tracking = :tracking, remote_id = :remote, form = :form, in_doubt = 0
WHERE id = :shipment AND state = 'cancelled'"""

_MOVED_ON = "The booking has moved on meanwhile."
_INSIDE_ANY = (INSIDE_PACKED, INSIDE_LABELLED, INSIDE_LOADED)


class Shipments:
    """Bookings of parcels."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_up(self, settings: CarrierSettings) -> None:
        """Say how a carrier of the site is reached."""
        self._connection.change(
            SET_UP,
            "The site has no such carrier.",
            code=settings.code,
            kind=settings.kind,
            url=settings.url,
            options=json.dumps(dict(settings.options), sort_keys=True),
        )

    def carriers(self) -> list[CarrierSettings]:
        """Every carrier that is booked with, by code."""
        return [
            CarrierSettings(code, kind, url, json.loads(options))
            for code, kind, url, options in self._connection.all(CARRIERS, own=OWN)
        ]

    def want(self, parcel_id: int, key: str, carrier: str, station_id: int, at: str) -> Shipment:
        """A parcel is to be booked; its label is wanted at a station."""
        shipment: int = self._connection.scalar(
            WANT, parcel=parcel_id, key=key, carrier=carrier, at=at, station=station_id
        )
        return self.get(shipment)

    def get(self, shipment_id: int) -> Shipment:
        """A booking."""
        row = self._connection.one(GET, shipment=shipment_id)
        return _SHIPMENT(found(row, "a shipment with id", shipment_id))

    def of_parcel(self, parcel_id: int) -> Shipment | None:
        """A parcel's newest booking, whatever its state; None when it never had one."""
        return _SHIPMENT.maybe(self._connection.one(OF_PARCEL, parcel=parcel_id))

    def of_order(self, order_id: int) -> list[Shipment]:
        """All bookings of an order's parcels, oldest first."""
        return _SHIPMENT.each(self._connection.all(OF_ORDER, order_id=order_id))

    def by_tracking(self, codes: Sequence[str]) -> Shipment | None:
        """The newest shipment with one of these tracking numbers, a live one before any other."""
        hits = [
            _SHIPMENT(row)
            for code in dict.fromkeys(codes)
            if (row := self._connection.one(BY_TRACKING, tracking=code)) is not None
        ]
        return max(hits, key=lambda hit: (hit.is_booked, hit.id), default=None)

    def inside(self, code: str, limit: int) -> list[Shipment]:
        """Booked parcels in the house whose tracking number is a run of a code."""
        rows = [
            row
            for sql in _INSIDE_ANY
            for row in self._connection.all(sql, code=code, shortest=SHORTEST_RUN, limit=limit)
        ]
        return _SHIPMENT.each(rows[:limit])

    def to_label(self, station_id: int) -> list[Shipment]:
        """Booked parcels that were closed at a station and whose label is not scanned back yet."""
        return _SHIPMENT.each(self._connection.all(TO_LABEL, station=station_id))

    def label(self, shipment_id: int) -> bytes:
        """The label as the carrier wrote it; empty before it is there."""
        return bytes(self._connection.scalar(LABEL, shipment=shipment_id) or b"")

    def items(self, parcel_id: int) -> list[Item]:
        """What is in a parcel, line by line."""
        return [
            Item(sku, name, int(quantity), price, currency, weight, hs_code, origin)
            for sku, name, quantity, price, currency, weight, hs_code, origin in (
                self._connection.all(ITEMS, parcel=parcel_id)
            )
        ]

    def book(self, shipment_id: int, booking: Booking, at: str) -> None:
        """A wanted or refused one is booked: keep how it goes."""
        self._connection.change(
            BOOK,
            _MOVED_ON,
            shipment=shipment_id,
            tracking=booking.tracking,
            url=safe_link(booking.tracking_url),
            remote=booking.remote_id,
            form=booking.format.value,
            label=booking.label,
            at=at,
        )

    def refuse(self, shipment_id: int, why: str, at: str, *, in_doubt: bool) -> None:
        """A wanted or refused one cannot be booked, or nobody knows whether it is."""
        self._connection.change(
            REFUSE, _MOVED_ON, shipment=shipment_id, detail=why, at=at, in_doubt=int(in_doubt)
        )

    def want_again(self, shipment_id: int, station_id: int | None, at: str) -> None:
        """A refused one is asked for once more, and its label is wanted at a station."""
        self._connection.change(
            WANT_AGAIN, _MOVED_ON, shipment=shipment_id, station=station_id, at=at
        )

    def call_off(self, shipment_id: int, at: str, *, own: bool) -> None:
        """It is not wanted any more; `own` says that our own label goes on instead."""
        self._connection.change(CALL_OFF, _MOVED_ON, shipment=shipment_id, at=at, own=int(own))

    def came_late(self, shipment_id: int, booking: Booking) -> None:
        """One that was called off had been booked all the same: keep what it is known by."""
        self._connection.change(
            CAME_LATE,
            _MOVED_ON,
            shipment=shipment_id,
            tracking=booking.tracking,
            remote=booking.remote_id,
            form=booking.format.value,
        )
