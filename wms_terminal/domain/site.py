"""The site: places, people, stations, products, carriers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SUPPLIER, CUSTOMER, SCRAP, ADJUSTMENT = 1, 2, 3, 4
"""Ids of the locations outside the building, where the stock ledger begins and ends."""

OUTSIDE = (SUPPLIER, CUSTOMER, SCRAP, ADJUSTMENT)


class LocationKind(StrEnum):
    """What a location is for."""

    PICK = "pick"
    BULK = "bulk"
    STAGING = "staging"
    BENCH = "bench"
    DOCK = "dock"
    PROBLEM = "problem"
    TOTE = "tote"
    PARCEL = "parcel"
    OUTSIDE = "outside"


class Kind(StrEnum):
    """What a code can stand for."""

    COMMAND = "command"
    REASON = "reason"
    BADGE = "badge"
    STATION = "station"
    LOCATION = "location"
    TOTE = "tote"
    PARCEL = "parcel"
    ORDER = "order"
    PRODUCT = "product"
    PACKAGE_TYPE = "package_type"
    CARRIER = "carrier"
    LOT = "lot"
    NUMBER = "number"
    WEIGHT = "weight"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Location:
    """A place where goods can be, totes and parcels included."""

    id: int
    code: str
    kind: LocationKind
    zone: str
    walk: int
    check_digits: str
    barcode: str
    parent_id: int | None
    """Where a tote or parcel stands."""
    order_id: int | None
    """The order that a tote is in use for."""


@dataclass(frozen=True, slots=True)
class Product:
    """What is sold."""

    id: int
    sku: str
    name: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    lot_tracked: bool
    hs_code: str = ""
    """For customs: digits of the Harmonised System."""
    origin: str = ""
    """ISO 3166-1 alpha-2 of the country where it was made."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A person on the floor."""

    id: int
    code: str
    name: str
    language: str
    department: str
    supervisor: bool
    pin_hash: str


@dataclass(frozen=True, slots=True)
class Station:
    """A place with devices. It is not a person: the badge says who works there."""

    id: int
    code: str
    name: str
    department: str
    bench_id: int | None
    """The location where goods are while they are worked on here."""
    scanner: str
    """Addresses of its scanners, with spaces between them."""
    printer: str
    """Addresses of label printers: the first one prints, the next takes over when it cannot."""
    documents: str
    """The same for packing slips."""
    scale: str
    sound: str
    """Where tones and the voice come from; empty: the terminal's bell."""
    idle_seconds: int
    """After this long without a scan the station locks."""


@dataclass(frozen=True, slots=True)
class PackageType:
    """A carton: its own weight and what it holds."""

    id: int
    code: str
    name: str
    tare_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    max_weight_g: int


@dataclass(frozen=True, slots=True)
class Service:
    """What a carrier offers, and the agreement with it."""

    id: int
    code: str
    name: str
    carrier_id: int
    carrier: str
    cutoff: str
    """Local time HH:MM at which the courier leaves."""
    pickup_days: str
    """ISO weekdays on which the courier comes, e.g. `12345`."""
    transit_days: int
    max_weight_g: int
    max_length_mm: int
    max_girth_mm: int
    """Length plus girth, 0 when the carrier sets no limit."""
    countries: str
    """ISO codes separated by spaces, or `*`."""
    option: str = ""
    """The carrier's own code of the service, where it is booked; empty lets it choose."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who takes the parcels along."""

    id: int
    code: str
    name: str
    kind: str
    """`own` for the floor's own labels; any other kind is booked."""
