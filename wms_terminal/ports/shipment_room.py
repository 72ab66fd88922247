"""What the store keeps about bookings with carriers, and how carriers are reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wms_terminal.domain.shipments import Shipment
from wms_terminal.ports.carrier import Booking, CarrierSettings, Item


class ShipmentRoom(Protocol):
    """Bookings of parcels. What changes one raises StoreConflict when its state has moved on."""

    def set_up(self, settings: CarrierSettings) -> None:
        """Say how a carrier of the site is reached."""

    def carriers(self) -> list[CarrierSettings]:
        """Every carrier that is booked with, by code; those with the floor's own labels are not."""

    def want(self, parcel_id: int, key: str, carrier: str, station_id: int, at: str) -> Shipment:
        """A parcel is to be booked; its label is wanted at a station."""

    def get(self, shipment_id: int) -> Shipment:
        """A booking."""

    def of_parcel(self, parcel_id: int) -> Shipment | None:
        """A parcel's newest booking, whatever its state; None when it never had one."""

    def of_order(self, order_id: int) -> list[Shipment]:
        """All bookings of an order's parcels, oldest first."""

    def by_tracking(self, codes: Sequence[str]) -> Shipment | None:
        """The newest shipment with one of these tracking numbers, a live one before any other."""

    def inside(self, code: str, limit: int) -> list[Shipment]:
        """Booked parcels in the house whose tracking number is a run of a code in capitals."""

    def to_label(self, station_id: int) -> list[Shipment]:
        """Booked parcels that were closed at a station and whose label is not scanned back yet."""

    def label(self, shipment_id: int) -> bytes:
        """The label as the carrier wrote it; empty before it is there."""

    def items(self, parcel_id: int) -> list[Item]:
        """What is in a parcel, line by line."""

    def book(self, shipment_id: int, booking: Booking, at: str) -> None:
        """A wanted or refused one is booked: keep how it goes."""

    def refuse(self, shipment_id: int, why: str, at: str, *, in_doubt: bool) -> None:
        """A wanted or refused one cannot be booked, or nobody knows whether it is."""

    def want_again(self, shipment_id: int, station_id: int | None, at: str) -> None:
        """A refused one is asked for once more, and its label is wanted at a station."""

    def call_off(self, shipment_id: int, at: str, *, own: bool) -> None:
        """It is not wanted any more; `own` says that our own label goes on instead."""

    def came_late(self, shipment_id: int, booking: Booking) -> None:
        """One that was called off had been booked all the same: keep what it is known by."""
