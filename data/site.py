"""Places, people, stations, products, carriers, and the codes they go by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from data.connection import Connection, Shape, found
from wms_terminal.domain.codes import key as key_of
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.records import LocationRecord, ProductRecord
from wms_terminal.domain.site import (
    Carrier,
    Kind,
    Location,
    LocationKind,
    Operator,
    PackageType,
    Product,
    Service,
    Station,
)
from wms_terminal.ports.site_room import BarcodeHit
from wms_terminal.ports.store import StoreConflict, StoreError

_HIT = Shape(BarcodeHit, "b")
_LOCATION = Shape(Location, "l")
_PRODUCT = Shape(Product, "p")
_OPERATOR = Shape(Operator, "o")
_STATION = Shape(Station, "s")
_PACKAGE = Shape(PackageType, "t")
_SERVICE = Shape(Service, "s", carrier="c.name")
_CARRIER = Shape(Carrier, "c")

SETTING = "SELECT value FROM setting WHERE name = :name"
SET_SETTING = """
INSERT INTO setting (name, value) VALUES (:name, :value)
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""
NEXT_NUMBER = """
INSERT INTO counter (name, value) VALUES (:name, 1)
ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
RETURNING value"""
BARCODES = f"SELECT {_HIT.columns} FROM barcode b WHERE b.code = :code ORDER BY b.kind, b.ref_id"
CODES_OF = "SELECT code, units FROM barcode WHERE kind = :kind AND ref_id = :ref ORDER BY code"
OTHER_MEANING = """
SELECT ref_id FROM barcode WHERE code = :code AND kind = :kind AND ref_id <> :ref LIMIT 1"""
PUT_CODE = """
INSERT INTO barcode (code, kind, ref_id, units) VALUES (:code, :kind, :ref, :units)
ON CONFLICT (code, kind, ref_id) DO UPDATE SET units = excluded.units"""
DROP_CODE = "DELETE FROM barcode WHERE code = :code AND kind = :kind AND ref_id = :ref"
LOCATION = f"SELECT {_LOCATION.columns} FROM location l WHERE l.id = :location"
LOCATION_BY_CODE = f"SELECT {_LOCATION.columns} FROM location l WHERE l.code = :code"
LOCATIONS = f"SELECT {_LOCATION.columns} FROM location l WHERE l.kind = :kind ORDER BY l.code"
FREE_TOTE = f"""
SELECT {_LOCATION.columns} FROM location l
WHERE l.kind = 'tote' AND l.order_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM stock s WHERE s.location_id = l.id)
ORDER BY l.code LIMIT 1"""
TOTES_OF = f"""
SELECT {_LOCATION.columns} FROM location l
WHERE l.order_id = :order_id ORDER BY l.sequence, l.id"""
PUT_LOCATION = """
INSERT INTO location (code, kind, zone, walk, check_digits, barcode)
VALUES (:code, :kind, :zone, :walk, :check_digits, :barcode)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, zone = excluded.zone,
    walk = excluded.walk, check_digits = excluded.check_digits, barcode = excluded.barcode
RETURNING id"""
ADD_PARCEL_LOCATION = """
INSERT INTO location (code, kind, barcode, parent_id) VALUES (:code, 'parcel', :code, :parent)
RETURNING id"""
USE_TOTE = """
UPDATE location SET parent_id = :parent, order_id = :order_id,
    sequence = CASE WHEN order_id = :order_id THEN sequence ELSE (
        SELECT COALESCE(MAX(t.sequence), 0) + 1 FROM location t WHERE t.order_id = :order_id
    ) END
WHERE id = :tote AND kind = 'tote' AND (order_id IS NULL OR order_id = :order_id)"""
FREE = """
UPDATE location SET parent_id = :parent, order_id = NULL, sequence = 0
WHERE id = :tote AND kind = 'tote'"""
PLACE = """
UPDATE location SET parent_id = :parent WHERE id = :location AND kind IN ('tote', 'parcel')"""
PRODUCT = f"SELECT {_PRODUCT.columns} FROM product p WHERE p.id = :product"
PRODUCT_BY_SKU = f"SELECT {_PRODUCT.columns} FROM product p WHERE p.sku = :sku"
PRODUCTS = f"SELECT {_PRODUCT.columns} FROM product p ORDER BY p.sku"
PUT_PRODUCT = """
INSERT INTO product (sku, name, weight_g, length_mm, width_mm, height_mm, lot_tracked, hs_code,
    origin)
VALUES (:sku, :name, :weight_g, :length_mm, :width_mm, :height_mm, :lot_tracked, :hs_code,
    :origin)
ON CONFLICT (sku) DO UPDATE SET name = excluded.name, weight_g = excluded.weight_g,
    length_mm = excluded.length_mm, width_mm = excluded.width_mm,
    height_mm = excluded.height_mm, lot_tracked = excluded.lot_tracked,
    hs_code = excluded.hs_code, origin = excluded.origin
RETURNING id"""
OPERATOR = f"SELECT {_OPERATOR.columns} FROM operator o WHERE o.id = :operator"
OPERATORS = f"SELECT {_OPERATOR.columns} FROM operator o ORDER BY o.code"
PUT_OPERATOR = """
INSERT INTO operator (code, name, language, department, supervisor, pin_hash)
VALUES (:code, :name, :language, :department, :supervisor, :pin_hash)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, language = excluded.language,
    department = excluded.department, supervisor = excluded.supervisor,
    pin_hash = excluded.pin_hash
RETURNING id"""
STATION = f"SELECT {_STATION.columns} FROM station s WHERE s.code = :code"
STATION_BY_ID = f"SELECT {_STATION.columns} FROM station s WHERE s.id = :station"
STATIONS = f"SELECT {_STATION.columns} FROM station s ORDER BY s.code"
PUT_STATION = """
INSERT INTO station (code, name, department, bench_id, scanner, printer, documents, scale, sound,
    idle_seconds)
VALUES (:code, :name, :department, :bench, :scanner, :printer, :documents, :scale, :sound,
    :idle_seconds)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, department = excluded.department,
    bench_id = excluded.bench_id, scanner = excluded.scanner, printer = excluded.printer,
    documents = excluded.documents, scale = excluded.scale,
    sound = excluded.sound, idle_seconds = excluded.idle_seconds
RETURNING id"""
PUT_DEPARTMENT = """
INSERT INTO department (code, name, responsible_id) VALUES (:code, :name, :responsible)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, responsible_id = excluded.responsible_id"""
ANSWERED_FOR = """
SELECT 1 FROM department WHERE code = :department AND responsible_id IS NOT NULL
UNION SELECT 1 FROM operator WHERE department = :department"""
OPERATOR_ID = "SELECT id FROM operator WHERE code = :code"
PACKAGE_TYPES = f"SELECT {_PACKAGE.columns} FROM package_type t ORDER BY t.code"
PACKAGE_TYPE = f"SELECT {_PACKAGE.columns} FROM package_type t WHERE t.id = :package_type"
PUT_PACKAGE_TYPE = """
INSERT INTO package_type (code, name, tare_g, length_mm, width_mm, height_mm, max_weight_g)
VALUES (:code, :name, :tare_g, :length_mm, :width_mm, :height_mm, :max_weight_g)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, tare_g = excluded.tare_g,
    length_mm = excluded.length_mm, width_mm = excluded.width_mm,
    height_mm = excluded.height_mm, max_weight_g = excluded.max_weight_g"""
SERVICES = f"""
SELECT {_SERVICE.columns} FROM service s JOIN carrier c ON c.id = s.carrier_id
ORDER BY s.rank, s.code"""
SERVICE = f"""
SELECT {_SERVICE.columns} FROM service s JOIN carrier c ON c.id = s.carrier_id
WHERE s.id = :service"""
PUT_SERVICE = """
INSERT INTO service (code, name, carrier_id, cutoff, pickup_days, transit_days, max_weight_g,
    max_length_mm, max_girth_mm, countries, rank, option)
VALUES (:code, :name, :carrier, :cutoff, :pickup_days, :transit_days, :max_weight_g,
    :max_length_mm, :max_girth_mm, :countries, :rank, :option)
ON CONFLICT (code) DO UPDATE SET name = excluded.name, carrier_id = excluded.carrier_id,
    cutoff = excluded.cutoff, pickup_days = excluded.pickup_days,
    transit_days = excluded.transit_days, max_weight_g = excluded.max_weight_g,
    max_length_mm = excluded.max_length_mm, max_girth_mm = excluded.max_girth_mm,
    countries = excluded.countries, rank = excluded.rank, option = excluded.option"""
CARRIER_OF = "SELECT carrier_id FROM service WHERE code = :code"
FOLLOW = """
UPDATE parcel SET carrier_id = :carrier
WHERE state IN ('open', 'packed', 'labelled') AND order_id IN (
    SELECT o.id FROM orders o JOIN service s ON s.id = o.service_id WHERE s.code = :code)"""
CARRIERS = f"SELECT {_CARRIER.columns} FROM carrier c ORDER BY c.code"
CARRIER = f"SELECT {_CARRIER.columns} FROM carrier c WHERE c.id = :carrier"
PUT_CARRIER = """
INSERT INTO carrier (code, name) VALUES (:code, :name)
ON CONFLICT (code) DO UPDATE SET name = excluded.name
RETURNING id"""

NAMES: dict[Kind, str] = {
    Kind.BADGE: "SELECT code FROM operator WHERE id = :ref",
    Kind.STATION: "SELECT code FROM station WHERE id = :ref",
    Kind.LOCATION: "SELECT code FROM location WHERE id = :ref",
    Kind.TOTE: "SELECT code FROM location WHERE id = :ref",
    Kind.PRODUCT: "SELECT sku FROM product WHERE id = :ref",
    Kind.PACKAGE_TYPE: "SELECT code FROM package_type WHERE id = :ref",
    Kind.CARRIER: "SELECT code FROM carrier WHERE id = :ref",
}
"""What a code stands for, by its own name."""

_OWN_KINDS = (LocationKind.PARCEL, LocationKind.OUTSIDE)
"""Kinds of location that the store makes itself."""


class Site:
    """The building and who works in it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def setting(self, name: str, default: str = "") -> str:
        """A setting of the site."""
        row = self._connection.one(SETTING, name=name)
        return default if row is None else str(row[0])

    def set_setting(self, name: str, value: str) -> None:
        """Change a setting of the site."""
        self._connection.do(SET_SETTING, name=name, value=value)

    def next_number(self, counter: str) -> int:
        """The next number of a series, from 1; a number is never given twice."""
        value: int = self._connection.scalar(NEXT_NUMBER, name=counter)
        return value

    def barcodes(self, keys: Sequence[str]) -> list[BarcodeHit]:
        """Everything that a code's forms stand for, the best form's meanings first."""
        hits: dict[tuple[Kind, int], BarcodeHit] = {}
        for code in keys:
            for hit in _HIT.each(self._connection.all(BARCODES, code=code)):
                hits.setdefault((hit.kind, hit.ref_id), hit)
        return list(hits.values())

    def codes_of(self, kind: Kind, ref_id: int) -> list[tuple[str, int]]:
        """The codes that something goes by, with the units each stands for."""
        rows = self._connection.all(CODES_OF, kind=kind.value, ref=ref_id)
        return [(row[0], row[1]) for row in rows]

    def location(self, location_id: int) -> Location:
        """A location."""
        row = self._connection.one(LOCATION, location=location_id)
        return _LOCATION(found(row, "a location with id", location_id))

    def location_by_code(self, code: str) -> Location | None:
        """The location with that address."""
        return _LOCATION.maybe(self._connection.one(LOCATION_BY_CODE, code=code))

    def locations(self, kind: str) -> list[Location]:
        """The locations of one kind, by code."""
        return _LOCATION.each(self._connection.all(LOCATIONS, kind=kind))

    def product(self, product_id: int) -> Product:
        """A product."""
        row = self._connection.one(PRODUCT, product=product_id)
        return _PRODUCT(found(row, "a product with id", product_id))

    def product_by_sku(self, sku: str) -> Product | None:
        """The product with that SKU."""
        return _PRODUCT.maybe(self._connection.one(PRODUCT_BY_SKU, sku=sku))

    def products(self) -> Iterable[Product]:
        """All products, by SKU."""
        return map(_PRODUCT, self._connection.all(PRODUCTS))

    def operator(self, operator_id: int) -> Operator:
        """A person."""
        row = self._connection.one(OPERATOR, operator=operator_id)
        return _OPERATOR(found(row, "an operator with id", operator_id))

    def operators(self) -> list[Operator]:
        """All people, by code."""
        return _OPERATOR.each(self._connection.all(OPERATORS))

    def station(self, code: str) -> Station | None:
        """The station with that code."""
        return _STATION.maybe(self._connection.one(STATION, code=code))

    def station_by_id(self, station_id: int) -> Station:
        """A station."""
        row = self._connection.one(STATION_BY_ID, station=station_id)
        return _STATION(found(row, "a station with id", station_id))

    def stations(self) -> list[Station]:
        """All stations, by code."""
        return _STATION.each(self._connection.all(STATIONS))

    def package_types(self) -> list[PackageType]:
        """All cartons, by code."""
        return _PACKAGE.each(self._connection.all(PACKAGE_TYPES))

    def package_type(self, package_type_id: int) -> PackageType:
        """A carton."""
        row = self._connection.one(PACKAGE_TYPE, package_type=package_type_id)
        return _PACKAGE(found(row, "a package type with id", package_type_id))

    def services(self) -> list[Service]:
        """All carrier services, the preferred first."""
        return _SERVICE.each(self._connection.all(SERVICES))

    def service(self, service_id: int) -> Service:
        """A carrier service."""
        row = self._connection.one(SERVICE, service=service_id)
        return _SERVICE(found(row, "a service with id", service_id))

    def carriers(self) -> list[Carrier]:
        """All carriers, by code."""
        return _CARRIER.each(self._connection.all(CARRIERS))

    def carrier(self, carrier_id: int) -> Carrier:
        """A carrier."""
        row = self._connection.one(CARRIER, carrier=carrier_id)
        return _CARRIER(found(row, "a carrier with id", carrier_id))

    def put_location(self, record: LocationRecord) -> bool:
        """Add or change a location and the codes it goes by; whether anything changed."""
        known = self.location_by_code(record.code)
        if record.kind in _OWN_KINDS or (known is not None and known.kind in _OWN_KINDS):
            raise StoreConflict(
                f"Expected a location of the building, got {record.code} of kind "
                f"{known.kind if known else record.kind}, which the program keeps for itself. "
                "Choose another code and kind."
            )
        barcode = record.barcode or location_barcode(record.code)
        values = {
            "kind": record.kind,
            "zone": record.zone,
            "walk": record.walk,
            "check_digits": record.check_digits,
            "barcode": barcode,
        }
        changed = known is None or any(
            getattr(known, name) != value for name, value in values.items()
        )
        if known is not None and not changed:
            ref = known.id
        else:
            ref = self._connection.scalar(PUT_LOCATION, code=record.code, **values)
        kind, other = Kind.LOCATION, Kind.TOTE
        if record.kind == LocationKind.TOTE:
            kind, other = other, kind
        codes = {key_of(barcode): 1, key_of(record.code): 1}
        dropped = self._register(other, ref, {})
        return self._register(kind, ref, codes) or dropped or changed

    def put_product(self, record: ProductRecord) -> bool:
        """Add or change a product and the codes it goes by; whether anything changed."""
        known = self.product_by_sku(record.sku)
        values = {
            "name": record.name,
            "weight_g": record.weight_g,
            "length_mm": record.length_mm,
            "width_mm": record.width_mm,
            "height_mm": record.height_mm,
            "lot_tracked": int(record.lot_tracked),
            "hs_code": record.hs_code,
            "origin": record.origin,
        }
        changed = known is None or any(
            getattr(known, name) != value for name, value in values.items()
        )
        if known is not None and not changed:
            ref = known.id
        else:
            ref = self._connection.scalar(PUT_PRODUCT, sku=record.sku, **values)
        codes = {key_of(item.code): item.units for item in record.barcodes}
        codes[key_of(record.sku)] = 1
        return self._register(Kind.PRODUCT, ref, codes) or changed

    def put_barcode(self, code: str, kind: Kind, ref_id: int, units: int = 1) -> None:
        """Give something one more code. A badge comes hashed and is kept as it is."""
        self._add_code(code if kind is Kind.BADGE else key_of(code), kind, ref_id, units)

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
        ref = self._connection.scalar(
            PUT_OPERATOR,
            code=code,
            name=name,
            language=language,
            department=department,
            supervisor=int(supervisor),
            pin_hash=pin_hash,
        )
        self._register(Kind.BADGE, ref, {badge_key: 1} if badge_key else {})

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
        bench_id = None
        if bench:
            place = self.location_by_code(bench)
            if place is None:
                raise StoreError(
                    f"Expected the location of station {code}'s bench, got {bench!r}, which the "
                    "store does not have. Add the location first."
                )
            bench_id = place.id
        ref = self._connection.scalar(
            PUT_STATION,
            code=code,
            name=name,
            department=department,
            bench=bench_id,
            scanner=devices.get("scanner", ""),
            printer=devices.get("printer", ""),
            documents=devices.get("documents", ""),
            scale=devices.get("scale", ""),
            sound=devices.get("sound", ""),
            idle_seconds=idle_seconds,
        )
        self.put_barcode(code, Kind.STATION, ref)

    def put_department(self, code: str, name: str, responsible: str) -> None:
        """Add or change a department; `responsible` is an operator's code, or empty."""
        operator = None
        if responsible:
            row = self._connection.one(OPERATOR_ID, code=responsible)
            operator = found(row, "an operator with code", responsible)[0]
        self._connection.do(PUT_DEPARTMENT, code=code, name=name, responsible=operator)

    def answered_for(self, department: str) -> bool:
        """Whether anybody sees the notices of a department."""
        return self._connection.one(ANSWERED_FOR, department=department) is not None

    def put_package_type(self, package: PackageType) -> None:
        """Add or change a carton, by its code."""
        self._connection.do(
            PUT_PACKAGE_TYPE,
            code=package.code,
            name=package.name,
            tare_g=package.tare_g,
            length_mm=package.length_mm,
            width_mm=package.width_mm,
            height_mm=package.height_mm,
            max_weight_g=package.max_weight_g,
        )

    def put_carrier(self, code: str, name: str) -> int:
        """Add or change a carrier, by its code."""
        carrier: int = self._connection.scalar(PUT_CARRIER, code=code, name=name)
        return carrier

    def put_service(self, service: Service, rank: int) -> None:
        """Add or change a carrier service, by its code; the lowest rank is preferred.

        Parcels that are not loaded yet go along when its carrier changes.
        """
        before = self._connection.scalar(CARRIER_OF, code=service.code)
        if before not in (None, service.carrier_id):
            self._connection.do(FOLLOW, code=service.code, carrier=service.carrier_id)
        self._connection.do(
            PUT_SERVICE,
            code=service.code,
            name=service.name,
            carrier=service.carrier_id,
            cutoff=service.cutoff,
            pickup_days=service.pickup_days,
            transit_days=service.transit_days,
            max_weight_g=service.max_weight_g,
            max_length_mm=service.max_length_mm,
            max_girth_mm=service.max_girth_mm,
            countries=service.countries,
            option=service.option,
            rank=rank,
        )

    def use_tote(self, tote_id: int, order_id: int | None, parent_id: int | None) -> None:
        """Use a tote for an order, or free it when that is None; `parent_id` is where it stands.

        StoreConflict when another order has it.
        """
        if order_id is None:
            self._connection.change(FREE, "That is no tote.", tote=tote_id, parent=parent_id)
        else:
            self._connection.change(
                USE_TOTE,
                "Another order has this tote.",
                tote=tote_id,
                order_id=order_id,
                parent=parent_id,
            )

    def free_tote(self) -> Location | None:
        """Some tote that no order has."""
        return _LOCATION.maybe(self._connection.one(FREE_TOTE))

    def totes_of(self, order_id: int) -> list[Location]:
        """An order's totes, the one that was taken last at the end."""
        return _LOCATION.each(self._connection.all(TOTES_OF, order_id=order_id))

    def add_parcel_location(self, code: str, parent_id: int | None) -> int:
        """A place inside a new parcel, which stands at `parent_id`."""
        location: int = self._connection.scalar(ADD_PARCEL_LOCATION, code=code, parent=parent_id)
        return location

    def place(self, location_id: int, parent_id: int | None) -> None:
        """Put a tote or parcel down somewhere."""
        self._connection.change(
            PLACE, "That is no tote or parcel.", location=location_id, parent=parent_id
        )

    def _register(self, kind: Kind, ref_id: int, codes: Mapping[str, int]) -> bool:
        """Let something go by exactly these codes; whether that changed anything."""
        known = dict(self.codes_of(kind, ref_id))
        for code in known.keys() - codes.keys():
            self._connection.do(DROP_CODE, code=code, kind=kind.value, ref=ref_id)
        for code, units in codes.items():
            if known.get(code) != units:
                self._add_code(code, kind, ref_id, units)
        return known != codes

    def _add_code(self, code: str, kind: Kind, ref_id: int, units: int) -> None:
        other = self._connection.scalar(OTHER_MEANING, code=code, kind=kind.value, ref=ref_id)
        if other is not None:
            shown = "This badge" if kind is Kind.BADGE else f"Code {code}"
            raise StoreConflict(
                f"{shown} cannot stand for {kind.value} {self._name(kind, ref_id)}: it stands for "
                f"{kind.value} {self._name(kind, other)}. Change one of the two."
            )
        self._connection.do(PUT_CODE, code=code, kind=kind.value, ref=ref_id, units=units)

    def _name(self, kind: Kind, ref_id: int) -> str:
        sql = NAMES.get(kind)
        name = self._connection.scalar(sql, ref=ref_id) if sql else None
        return str(ref_id if name is None else name)
