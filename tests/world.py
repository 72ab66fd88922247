"""A small warehouse to test stations in: known codes, a clock that stands still until moved."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from wms_terminal.domain.codes import gs1_check_digit, location_barcode
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)
from wms_terminal.domain.scan import Source
from wms_terminal.domain.setup import (
    CarrierSetup,
    DepartmentSetup,
    OperatorSetup,
    PackageTypeSetup,
    ServiceSetup,
    SiteSetup,
    StationSetup,
)
from wms_terminal.ports.devices import PrintState, Weight
from wms_terminal.ports.journal_room import ScanRow
from wms_terminal.ports.store import Store
from wms_terminal.services import set_up, take_in
from wms_terminal.services.floor import Floor
from wms_terminal.services.step import Step, Weigh

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)

ANNA, BOB, SARA = "WHBANNA00001", "WHBBOB000002", "WHBSARA00003"
"""Badges: a picker, a packer, and a supervisor with PIN 1234."""

SETUP = SiteSetup(
    name="Test",
    timezone="Europe/Amsterdam",
    gs1_company_prefix="8712345",
    sender=Address(
        name="Test Shop", street="Dam 1", postcode="1012JS", city="Amsterdam", country="NL"
    ),
    departments=(
        DepartmentSetup("picking", "Picking", "SARA"),
        DepartmentSetup("packing", "Packing", "SARA"),
        DepartmentSetup("shipping", "Shipping", "SARA"),
        DepartmentSetup("stock", "Stock", "SARA"),
    ),
    operators=(
        OperatorSetup("ANNA", "Anna de Vries", ANNA, "nl"),
        OperatorSetup("BOB", "Bob Baker", BOB, "en", "packing"),
        OperatorSetup("SARA", "Sara Stone", SARA, "en", "stock", supervisor=True, pin="1234"),
    ),
    stations=(
        StationSetup("PICK-01", "Pick 1", "picking", scanner="sim:"),
        StationSetup("PICK-02", "Pick 2", "picking", scanner="sim:"),
        StationSetup("PACK-01", "Pack 1", "packing", "BENCH-01", "sim:", "sim:", "sim:", "sim:"),
        StationSetup("PACK-02", "Pack 2", "packing", "BENCH-01", "sim:", "sim:", "sim:", ""),
        StationSetup("SHIP-01", "Ship 1", "shipping", "", "sim:", "sim:", "sim:"),
    ),
    package_types=(
        PackageTypeSetup("BOX-S", "Small box", "BOXS", 80, 250, 200, 120, 5000),
        PackageTypeSetup("BOX-L", "Large box", "BOXL", 300, 600, 400, 400, 30000),
    ),
    carriers=(
        CarrierSetup(
            "POSTNL",
            "PostNL",
            "CARPOSTNL",
            "DOCK-1",
            (ServiceSetup("POSTNL-NL", "PostNL parcel", "17:00", max_weight_g=31500, rank=1),),
        ),
        CarrierSetup("DHL", "DHL", "CARDHL", "", (ServiceSetup("DHL-EU", "DHL Europe", "16:00"),)),
    ),
)


def gtin(number: int) -> str:
    """A valid GTIN-13."""
    body = f"87123450{number:04d}"
    return body + gs1_check_digit(body)


def pack_gtin(number: int) -> str:
    """The GTIN-14 of a pack."""
    body = f"187123450{number:04d}"
    return body + gs1_check_digit(body)


LANTERN, MUG, CANDLE, SIGN = "71053", "22423", "84406", "21733"

PRODUCTS = (
    ProductRecord(
        LANTERN,
        "WHITE METAL LANTERN",
        (ProductBarcode(gtin(1)), ProductBarcode(pack_gtin(1), 6)),
        800,
        120,
        120,
        200,
    ),
    ProductRecord(MUG, "RED RETROSPOT MUG", (ProductBarcode(gtin(2)),), 300, 100, 80, 90),
    ProductRecord(CANDLE, "SCENTED CANDLE", (ProductBarcode(gtin(3)),), 250, 60, 60, 90, True),
    ProductRecord(SIGN, "METAL SIGN [red]NO[/red]", (ProductBarcode(gtin(4)),), 500, 300, 200, 5),
)

LOCATIONS = (
    LocationRecord("A01-01-1", "pick", "A", 10, "37"),
    LocationRecord("A01-02-1", "pick", "A", 20, "84"),
    LocationRecord("A01-03-1", "pick", "A", 30, "52"),
    LocationRecord("A01-04-1", "pick", "A", 40, "19"),
    LocationRecord("B01-01-1", "bulk", "B", 90, "66"),
    LocationRecord("STAGE-01", "staging"),
    LocationRecord("BENCH-01", "bench"),
    LocationRecord("DOCK-1", "dock"),
    LocationRecord("PROBLEM-01", "problem"),
    *(LocationRecord(f"T-{number:04d}", "tote") for number in range(1, 9)),
)

STOCK = (
    StockRecord("A01-01-1", LANTERN, 20),
    StockRecord("B01-01-1", LANTERN, 100),
    StockRecord("A01-02-1", MUG, 5),
    StockRecord("A01-03-1", CANDLE, 10, "LOT-A", "2027-01-01"),
    StockRecord("A01-03-1", CANDLE, 10, "LOT-B", "2027-06-01"),
    StockRecord("A01-04-1", SIGN, 3),
)


def at(code: str) -> str:
    """The barcode of a location or tote."""
    return location_barcode(code)


class World:
    """A store with the small warehouse in it, and hands to scan with."""

    def __init__(self, store: Store, *, ready: bool = False) -> None:
        """`ready` says that the warehouse is in the store already."""
        self.store = store
        self.now = NOON
        self.floor = Floor(store, lambda: self.now)
        self._gestures = itertools.count(1)
        self._references = itertools.count(1001)
        if ready:
            return
        take_in.locations(store, LOCATIONS)
        set_up.apply(store, SETUP)
        take_in.products(store, PRODUCTS)
        take_in.stock(store, STOCK, lambda: self.now, lambda kind, what: None)

    def wait(self, **duration: float) -> None:
        """Move the clock."""
        self.now += timedelta(**duration)

    def order(self, *lines: tuple[str, int], **changes: object) -> Order:
        """A paid order, taken in."""
        record = OrderRecord(
            channel="web",
            reference=str(next(self._references)),
            placed_at="2026-03-03T09:00:00Z",
            customer=Address(
                name="C. Klant",
                street="Straat 1",
                postcode="1011AB",
                city="Amsterdam",
                country="NL",
            ),
            lines=tuple(OrderLineRecord(sku, count, 250) for sku, count in lines),
            email="klant@example.com",
            language="nl",
        )
        record = replace(record, **changes)  # type: ignore[arg-type]
        take_in.orders(self.store, [record], lambda: self.now, lambda kind, what: None)
        return self.find(record.reference)

    def find(self, number: str) -> Order:
        """An order by number."""
        with self.store.read() as tx:
            order = tx.orders.find(number)
        assert order is not None
        return order

    def scan(self, station: str, *codes: str, source: Source = Source.SCANNER) -> Step:
        """Scan codes one after the other; the last answer."""
        steps = [
            self.floor.scan(station, code, source, f"g{next(self._gestures)}") for code in codes
        ]
        return steps[-1]

    def key(self, station: str, text: str) -> Step:
        """Key a text in by hand."""
        return self.scan(station, text, source=Source.KEYED)

    def weigh(self, station: str, grams: int | None = None, trouble: str = "") -> Step:
        """Let the scale answer."""
        gesture = f"g{next(self._gestures)}"
        weight = Weight(Decimal(grams), f"S S {grams} g") if grams is not None else None
        return self.floor.weigh(station, weight, trouble, gesture)

    def printed(self, state: PrintState = PrintState.SENT, detail: str = "") -> int:
        """Let the printers finish all queued jobs in a state; how many."""
        count = 0
        with self.store.read() as tx:
            stations = tx.site.stations()
        for station in stations:
            while True:
                with self.store.write() as tx:
                    job = tx.parcels.take_job(station.id)
                    if job is None:
                        break
                    tx.parcels.set_job_state(job.id, state, detail, "2026-03-03T12:00:00.000Z")
                    count += 1
        return count

    def pick_all(self, station: str = "PICK-01", badge: str = ANNA) -> Step:
        """Sign in and follow the hints until nothing is left to pick."""
        step = self.scan(station, badge, "WHCPICK")
        return self.follow(station, step, until=("pick", "idle"))

    def pack_all(self, station: str = "PACK-01", badge: str = BOB) -> Step:
        """Sign in and follow the hints, scale and printer included, until nothing is left."""
        step = self.scan(station, badge, "WHCPACK")
        return self.follow(station, step, until=("pack", "open"))

    def follow(self, station: str, step: Step, until: tuple[str, str], limit: int = 500) -> Step:
        """Do what the screen asks until it asks for nothing more in the given state."""
        for _ in range(limit):
            weighing = [effect for effect in step.effects if isinstance(effect, Weigh)]
            if weighing:
                step = self.weigh(station, weighing[0].load.expected_g)
                continue
            self.printed()
            if (step.flow, step.state) == until and not step.hint:
                return step
            assert step.hint, f"no hint at {step.flow}/{step.state}"
            step = self.scan(station, step.hint)
        raise AssertionError(f"still at {step.flow}/{step.state} after {limit} scans")

    def journal(self, limit: int = 20) -> list[ScanRow]:
        """The newest scans, newest first."""
        with self.store.read() as tx:
            return tx.journal.recent(limit)
