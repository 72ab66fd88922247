"""What the store keeps about the site: places, people, stations, products, carriers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.records import LocationRecord, ProductRecord
from wms_terminal.domain.site import (
    Carrier,
    Kind,
    Location,
    Operator,
    PackageType,
    Product,
    Service,
    Station,
)


@dataclass(frozen=True, slots=True)
class BarcodeHit:
    """One meaning of a code."""

    kind: Kind
    ref_id: int
    units: int


class SiteRoom(Protocol):
    """Places, people, stations, products, carriers."""

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the site."""

    def set_setting(self, name: str, value: str) -> None:
        """Change a setting of the site."""

    def next_number(self, counter: str) -> int:
        """The next number of a series, from 1; a number is never given twice."""

    def barcodes(self, keys: Sequence[str]) -> list[BarcodeHit]:
        """Everything that a code's forms stand for, the best form's meanings first."""

    def codes_of(self, kind: Kind, ref_id: int) -> list[tuple[str, int]]:
        """The codes that something goes by, with the units each stands for."""

    def location(self, location_id: int) -> Location:
        """A location."""

    def location_by_code(self, code: str) -> Location | None:
        """The location with that address."""

    def locations(self, kind: str) -> list[Location]:
        """The locations of one kind, by code."""

    def product(self, product_id: int) -> Product:
        """A product."""

    def product_by_sku(self, sku: str) -> Product | None:
        """The product with that SKU."""

    def products(self) -> Iterable[Product]:
        """All products, by SKU."""

    def operator(self, operator_id: int) -> Operator:
        """A person."""

    def operators(self) -> list[Operator]:
        """All people, by code."""

    def station(self, code: str) -> Station | None:
        """The station with that code."""

    def station_by_id(self, station_id: int) -> Station:
        """A station."""

    def stations(self) -> list[Station]:
        """All stations, by code."""

    def package_types(self) -> list[PackageType]:
        """All cartons, by code."""

    def package_type(self, package_type_id: int) -> PackageType:
        """A carton."""

    def services(self) -> list[Service]:
        """All carrier services, the preferred first."""

    def service(self, service_id: int) -> Service:
        """A carrier service."""

    def carriers(self) -> list[Carrier]:
        """All carriers, by code."""

    def carrier(self, carrier_id: int) -> Carrier:
        """A carrier."""

    def put_location(self, record: LocationRecord) -> bool:
        """Add or change a location and the codes it goes by; whether anything changed."""

    def put_product(self, record: ProductRecord) -> bool:
        """Add or change a product and the codes it goes by; whether anything changed."""

    def put_barcode(self, code: str, kind: Kind, ref_id: int, units: int = 1) -> None:
        """Give something one more code. A badge comes hashed and is kept as it is."""

    def put_operator(
        self,
        code: str,
        name: str,
        language: str,
        department: str,
        supervisor: bool,
        badge_key: str,
        pin_hash: str,
    ) -> None:
        """Add or change a person; an earlier badge opens nothing any more."""

    def put_station(
        self,
        code: str,
        name: str,
        department: str,
        bench: str,
        devices: Mapping[str, str],
        idle_seconds: int,
    ) -> None:
        """Add or change a station.

        `devices` are the addresses of its scanner, printer, documents, scale and sound.
        """

    def put_department(self, code: str, name: str, responsible: str) -> None:
        """Add or change a department; `responsible` is an operator's code, or empty."""

    def answered_for(self, department: str) -> bool:
        """Whether anybody sees the notices of a department."""

    def put_package_type(self, package: PackageType) -> None:
        """Add or change a carton, by its code."""

    def put_carrier(self, code: str, name: str) -> int:
        """Add or change a carrier, by its code."""

    def put_service(self, service: Service, rank: int) -> None:
        """Add or change a carrier service, by its code; the lowest rank is preferred."""

    def use_tote(self, tote_id: int, order_id: int | None, parent_id: int | None) -> None:
        """Use a tote for an order, or free it when that is None; `parent_id` is where it stands.

        StoreConflict when another order has it.
        """

    def free_tote(self) -> Location | None:
        """Some tote that no order has."""

    def totes_of(self, order_id: int) -> list[Location]:
        """An order's totes, the one that was taken last at the end."""

    def add_parcel_location(self, code: str, parent_id: int | None) -> int:
        """A place inside a new parcel, which stands at `parent_id`."""

    def place(self, location_id: int, parent_id: int | None) -> None:
        """Put a tote or parcel down somewhere."""
