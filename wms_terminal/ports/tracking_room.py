"""What the store keeps about parcels on their way, and what is due after they have left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.ports.carrier import TrackingEvent


@dataclass(frozen=True, slots=True)
class Journey:
    """A parcel on its way, as far as its carrier has said."""

    id: int
    """Of the shipment."""
    order_id: int
    order_number: str
    parcel: int
    """1, 2, … within the order."""
    sscc: str
    carrier: str
    tracking: str
    tracking_url: str
    milestone: str
    """Empty before the first."""
    milestone_at: str
    shipped_at: str
    """When the courier took it; empty while it is here."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An order that has arrived in full, and of which its customer is to be asked."""

    order_id: int
    channel: str
    delivered_at: str


@dataclass(frozen=True, slots=True)
class Late:
    """An order that has not left although it should have."""

    order_id: int
    number: str
    state: str
    waiting: str
    ship_by: str


class TrackingRoom(Protocol):
    """Parcels on their way, and orders that something is due for."""

    def get(self, shipment_id: int) -> Journey:
        """One shipment."""

    def of_order(self, order_id: int) -> list[Journey]:
        """An order's shipments that were booked, by parcel."""

    def find(self, tracking: str) -> list[Journey]:
        """Booked shipments with that tracking number, the newest first; numbers come again."""

    def of_parcel(self, parcel_id: int) -> Journey | None:
        """A parcel's newest booked shipment."""

    def begin(self, parcel_id: int, sscc: str, at: str) -> int:
        """A shipment for a parcel that left with a label of our own; its number is the SSCC."""

    def add(self, shipment_id: int, event: TrackingEvent) -> bool:
        """Keep an event; whether it was new."""

    def events(self, shipment_id: int) -> list[TrackingEvent]:
        """All that was heard of a shipment, the oldest first."""

    def move(self, shipment_id: int, event: TrackingEvent) -> None:
        """Keep where a shipment stands."""

    def under_way(self, carrier: str, before: str, limit: int) -> list[Journey]:
        """Shipments that left and that a carrier is to be asked about by then."""

    def ask_again(self, shipment_id: int, asked_at: str, ask_at: str | None) -> None:
        """A shipment was asked about, and when it is next; None: never again."""

    def arrived(self, order_id: int) -> str:
        """When the last parcel of an order arrived; empty while anything is to come."""

    def set_delivered(self, order_id: int, at: str, follow_up_at: str | None) -> None:
        """An order has arrived in full, and when its customer is asked how it was."""

    def not_delivered(self, order_id: int) -> None:
        """An order has not arrived in full, or not after all."""

    def to_follow_up(self, now: str, limit: int) -> list[Delivered]:
        """Orders whose customer is to be asked by now how it was, the longest due first."""

    def unsettled(self, order_id: int) -> bool:
        """A return, a refund or a parcel's trouble is open, or the order is on hold."""

    def follow_up_at(self, order_id: int, at: str | None) -> None:
        """Ask an order's customer then, or never."""

    def late(self, since: str, before: str, now: str, limit: int) -> list[Late]:
        """Paid orders without a hold that should have left between these, oldest first.

        One whose customer knows a new date is late again when that has passed.
        """

    def told_late(self, order_id: int, told_by: str) -> None:
        """The customer knows; that holds until then, or until stock comes when it is `stock`."""

    def delivery_key(self, order_id: int, keys: Sequence[str]) -> str:
        """Under which of these keys the channel was told that a parcel left; empty: not told."""
