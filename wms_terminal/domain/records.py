"""Master data and orders as files bring them in: one frozen record per row.

Units: grams, millimetres, minor units of a currency, UTC times as `YYYY-MM-DDTHH:MM:SSZ`.
"""

from __future__ import annotations

from dataclasses import dataclass

from wms_terminal.domain.label import Address


@dataclass(frozen=True, slots=True)
class ProductBarcode:
    """A code that stands for `units` of a product (1 for the product itself, n for a pack)."""

    code: str
    units: int = 1


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """One product."""

    sku: str
    name: str
    barcodes: tuple[ProductBarcode, ...] = ()
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    lot_tracked: bool = False
    hs_code: str = ""
    """For customs: 6, 8 or 10 digits of the Harmonised System."""
    origin: str = ""
    """ISO 3166-1 alpha-2 of the country where it was made."""


@dataclass(frozen=True, slots=True)
class LocationRecord:
    """One place. The barcode is derived from the code when none is given."""

    code: str
    kind: str = "pick"
    """pick, bulk, staging, bench, dock, problem or tote."""
    zone: str = ""
    walk: int = 0
    """Position in the walk through the warehouse; 0 means in order of code."""
    check_digits: str = ""
    """Two digits printed for the eyes, not derivable from the code."""
    barcode: str = ""


@dataclass(frozen=True, slots=True)
class StockRecord:
    """What lies in one location: the quantity becomes the quantity on hand."""

    location: str
    sku: str
    quantity: int
    lot: str = ""
    expires_on: str = ""


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    """One line of an order."""

    sku: str
    quantity: int
    unit_price: int = 0
    name: str = ""
    """The product's name as the channel spells it."""
    reference: str = ""
    """The channel's own id of the line."""


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """One order, as its channel knows it."""

    channel: str
    reference: str
    """The channel's own number; unique within the channel."""
    placed_at: str
    customer: Address
    lines: tuple[OrderLineRecord, ...]
    email: str = ""
    phone: str = ""
    language: str = "en"
    currency: str = "EUR"
    payment: str = "paid"
    """pending, paid or refunded."""
    service: str = ""
    """Carrier service code; empty leaves the choice to the site's rules."""
    promised_on: str = ""
    """ISO date on which the customer expects it; empty: derived from the service."""
    partial: bool = True
    """Whether it may leave in parts."""
    note: str = ""
    """The customer's wish, shown to the packer."""
