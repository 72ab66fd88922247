"""Orders and what the floor does with them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wms_terminal.domain.label import Address


class OrderState(StrEnum):
    """Where an order stands. A hold is a thing of its own and stops it in any state."""

    NEW = "new"
    """Received; released to the floor as soon as it is paid, free and in stock."""
    PICKING = "picking"
    PICKED = "picked"
    """At staging, waiting for the packers."""
    PACKING = "packing"
    PACKED = "packed"
    """In parcels, waiting for the courier."""
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


STATE_ORDER = (
    OrderState.NEW,
    OrderState.PICKING,
    OrderState.PICKED,
    OrderState.PACKING,
    OrderState.PACKED,
    OrderState.SHIPPED,
)


@dataclass(frozen=True, slots=True)
class Order:
    """An order's header."""

    id: int
    number: str
    channel: str
    reference: str
    state: OrderState
    payment: str
    hold: str
    """Why it must not move, or empty."""
    waiting: str
    """`stock` when nothing of it is to be had, else empty."""
    expedite: bool
    placed_at: str
    promised_on: str
    ship_by: str
    latest_start: str
    service_id: int
    partial: bool
    language: str
    currency: str
    email: str
    phone: str
    note: str
    address: Address


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line with its quantities, each at most the one before it."""

    id: int
    order_id: int
    line: int
    product_id: int
    sku: str
    name: str
    ordered: int
    cancelled: int
    allocated: int
    picked: int
    packed: int
    shipped: int
    returned: int

    @property
    def to_allocate(self) -> int:
        """Units that no location is assigned for yet."""
        return self.ordered - self.cancelled - self.allocated


@dataclass(frozen=True, slots=True)
class PickList:
    """One order's walk, as it is claimed by one picker."""

    id: int
    order_id: int
    state: str
    """open, picking, dropped or void."""
    latest_start: str


@dataclass(frozen=True, slots=True)
class PickStop:
    """The next thing to take, with all that a screen shows about it."""

    task_id: int
    list_id: int
    line_id: int
    order_id: int
    location_id: int
    location: str
    location_barcode: str
    check_digits: str
    product_id: int
    sku: str
    name: str
    weight_g: int
    lot_tracked: bool
    lot: str
    quantity: int
    picked: int
    short: int
    in_hand: int
    stops: int
    """All stops of the list."""
    left: int
    """Stops that are not done, this one included."""

    @property
    def number(self) -> int:
        """Position of this stop among the stops of the list, from 1."""
        return self.stops - self.left + 1

    @property
    def remaining(self) -> int:
        """Units still to go into a tote, those in hand included."""
        return self.quantity - self.picked - self.short


@dataclass(frozen=True, slots=True)
class OrderHead:
    """What the top of a station's screen says about an order."""

    id: int
    number: str
    state: OrderState
    hold: str
    language: str
    note: str
    service: str
    carrier: str
    ship_by: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Who works on something, where and until when."""

    operator_id: int
    operator: str
    station: str
    until: str


class ParcelState(StrEnum):
    """How far a parcel is."""

    OPEN = "open"
    PACKED = "packed"
    """Closed, not yet labelled."""
    LABELLED = "labelled"
    """The printed label was scanned back."""
    LOADED = "loaded"
    SHIPPED = "shipped"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Parcel:
    """One box of an order."""

    id: int
    order_id: int
    number: int
    """1, 2, … within the order."""
    location_id: int
    state: ParcelState
    package_type_id: int | None
    sscc: str
    weight_g: int
    expected_g: int
    weighed: bool
    manifest_id: int | None


@dataclass(frozen=True, slots=True)
class PackLine:
    """A product of an order as the packer sees it."""

    line_id: int
    product_id: int
    sku: str
    name: str
    weight_g: int
    lot_tracked: bool
    picked: int
    packed: int


@dataclass(frozen=True, slots=True)
class PackProgress:
    """How far the packer of an order is."""

    picked: int
    """Units."""
    packed: int
    """Units."""
    lines_left: int
    """Lines of which something is still to be packed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one carrier takes along in one pickup."""

    id: int
    code: str
    carrier_id: int
    carrier: str
    day: str
    state: str
    """open or handed_over."""
    parcels: int
    handed_at: str
