"""What a carrier can be asked: options, a label, cancelling it, where a parcel is, a pickup.

Weights are grams, lengths millimetres, money minor units, times UTC text as the store keeps it.
As with channels, a key of our own travels with everything that is booked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.label import Address
from wms_terminal.ports.channel import Secret, Told


class CarrierAway(Exception):
    """The carrier could not be asked, and nothing was booked: try again later."""

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class CarrierRefused(Exception):
    """The carrier understood and said no; the text says why and what to do."""


class BookingInDoubt(Exception):
    """The answer was lost: look whether a shipment with our key is there before booking again."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is in a parcel, as customs want to know it."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    currency: str
    weight_g: int
    """Of one unit."""
    hs_code: str = ""
    origin: str = ""
    """ISO 3166-1 alpha-2 of the country of origin."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """One parcel to be taken along."""

    key: str
    """Our own id of the booking, the same at every attempt."""
    order_number: str
    option: str
    """The carrier's own code of the service; empty lets it choose."""
    sender: Address
    receiver: Address
    email: str
    phone: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    items: tuple[Item, ...]


class LabelFormat(StrEnum):
    """What a label is written in."""

    ZPL = "application/zpl"
    PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Booking:
    """A carrier has agreed to take a parcel."""

    remote_id: str
    tracking: str
    tracking_url: str
    label: bytes
    format: LabelFormat
    documents: tuple[bytes, ...] = ()
    """PDFs that go with the parcel."""


@dataclass(frozen=True, slots=True)
class ShippingOption:
    """A service that a carrier offers for a consignment."""

    code: str
    name: str
    carrier: str
    price: int | None
    currency: str
    max_weight_g: int


class Milestone(StrEnum):
    """What tracking says about a parcel, the same for every carrier."""

    ANNOUNCED = "announced"
    TAKEN = "taken"
    """The carrier has it."""
    ON_THE_WAY = "on_the_way"
    OUT_FOR_DELIVERY = "out_for_delivery"
    AT_PICKUP_POINT = "at_pickup_point"
    DELIVERED = "delivered"
    TROUBLE = "trouble"
    RETURNED = "returned"
    """On its way back to us."""


@dataclass(frozen=True, slots=True)
class TrackingEvent:
    """One line of a parcel's journey."""

    tracking: str
    at: str
    milestone: Milestone
    text: str = ""
    """As the carrier says it."""


@dataclass(frozen=True, slots=True)
class PickupWish:
    """A courier is asked to come."""

    key: str
    carrier: str
    """The carrier's code behind an aggregator, else empty."""
    day: str
    """ISO date."""
    begins_at: str
    ends_at: str
    """UTC."""
    place: Address
    parcels: int
    weight_g: int


class Carrier(Protocol):
    """One carrier, or one that books with many. Used by one thread at a time."""

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        """What is offered for a consignment."""

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        """Book a parcel and get its label; booking the same key again gives the same booking.

        Raises:
            CarrierAway: nothing was booked, try later.
            CarrierRefused: it cannot be, and why.
            BookingInDoubt: perhaps it was booked: call again, which looks first.
        """

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        """A booked parcel's label once more."""

    def cancel(self, remote_id: str) -> Told:
        """Cancel a booking that was not handed over."""

    def track(self, tracking: str) -> list[TrackingEvent]:
        """A parcel's journey so far, oldest first."""

    def book_pickup(self, wish: PickupWish) -> Told:
        """Ask the courier to come; unsupported where pickups are agreed otherwise."""

    def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """How the site reaches a carrier; secrets are not part of it."""

    code: str
    kind: str
    """own, sendcloud, karrio, or one of somebody else's."""
    url: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


CarrierFactory = Callable[[CarrierSettings, Secret], Carrier]
"""What the entry point group `wms_terminal.carriers` holds, by kind."""
