"""What goes on a shipping label and a packing slip; how it is drawn is a driver's matter."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """Where a parcel goes or comes from."""

    name: str
    company: str = ""
    street: str = ""
    extra: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2."""

    def lines(self) -> tuple[str, ...]:
        """The address as printed, empty lines left out."""
        town = " ".join(part for part in (self.postcode, self.city) if part)
        parts = (self.name, self.company, self.street, self.extra, town, self.region, self.country)
        return tuple(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class ShippingLabel:
    """One parcel's label, 4 by 6 inches."""

    sscc: str
    sender: Address
    receiver: Address
    carrier: str
    service: str
    routing: str
    """Sorting data in big type: country and postcode area, or the carrier's own."""
    order_number: str
    reference: str
    parcel: int
    parcels: int
    """0 when the number of parcels is not known yet."""
    weight_g: int
    ship_on: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class SlipLine:
    """One product in one parcel."""

    sku: str
    name: str
    lot: str
    quantity: int
    ordered: int
    to_follow: int
    """Units of the order line that come later."""


@dataclass(frozen=True, slots=True)
class PackingSlip:
    """One parcel's packing slip, in the customer's language."""

    order_number: str
    reference: str
    channel: str
    placed_on: str
    sender: Address
    receiver: Address
    carrier: str
    service: str
    sscc: str
    parcel: int
    parcels: int
    package: str
    weight_g: int
    language: str
    lines: tuple[SlipLine, ...]
