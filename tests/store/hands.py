"""A small site in a store, and hands that work on it through the rooms alone."""

from __future__ import annotations

import itertools
from dataclasses import replace

from data.store import SqlStore
from wms_terminal.domain.allocation import allocate
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order, OrderLine, OrderState, ParcelState, PickStop
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)
from wms_terminal.domain.site import CUSTOMER, PackageType, Service
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.ports.journal_room import ScanRow
from wms_terminal.ports.store import Tx

AT = "2026-03-03T12:00:00.000Z"
LATER = "2026-03-03T12:10:00.000Z"
UNTIL = "2026-03-03T12:30:00.000Z"
MUCH_LATER = "2026-03-03T13:00:00.000Z"

LOCATIONS = (
    LocationRecord("A-1", "pick", "A", 10),
    LocationRecord("A-2", "pick", "A", 20),
    LocationRecord("B-1", "bulk", "B", 90),
    LocationRecord("S-1", "staging"),
    LocationRecord("S-2", "staging"),
    LocationRecord("W-1", "bench"),
    LocationRecord("X-1", "problem"),
    *(LocationRecord(f"T-{number}", "tote") for number in range(1, 10)),
)
PRODUCTS = (
    ProductRecord("LAMP", "Lamp", (ProductBarcode("4006381333931"),), weight_g=800),
    ProductRecord("MUG", "Mug", (ProductBarcode("MUG6", 6),), weight_g=300),
    ProductRecord("SALT", "Salt", weight_g=500, lot_tracked=True),
)
STOCK = (
    StockRecord("A-1", "LAMP", 50),
    StockRecord("B-1", "LAMP", 500),
    StockRecord("A-2", "MUG", 40),
    StockRecord("A-2", "SALT", 10, "L1", "2027-01-01"),
    StockRecord("A-1", "SALT", 10, "L2", "2026-06-01"),
)


class Hands:
    """Everything that a floor does to a store, one method per step."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self._gestures = itertools.count(1)
        self._references = itertools.count(1001)
        self._serials = itertools.count(1)
        with store.write() as tx:
            for location in LOCATIONS:
                tx.site.put_location(location)
            for product in PRODUCTS:
                tx.site.put_product(product)
            tx.site.put_operator("ANN", "Ann", "en", "picking", False, "hash-ann", "")
            tx.site.put_operator("BOB", "Bob", "nl", "stock", True, "hash-bob", "pin")
            tx.site.put_department("picking", "Picking", "ANN")
            tx.site.put_department("stock", "Stock", "")
            tx.site.put_station("P-1", "Pick 1", "picking", "", {"scanner": "sim:"}, 300)
            tx.site.put_station("W-1", "Pack 1", "packing", "W-1", {"printer": "sim:"}, 300)
            tx.channels.put(ChannelSettings("web", "file", "/srv/web"), 60)
            self.carrier = tx.site.put_carrier("post", "Post")
            self.rival = tx.site.put_carrier("dhl", "DHL")
            service = Service(
                0, "STD", "Standard", self.carrier, "", "17:00", "12345", 1, 0, 0, 0, "*"
            )
            tx.site.put_service(service, 1)
            tx.site.put_service(replace(service, code="EXP", carrier_id=self.rival), 2)
            tx.site.put_package_type(PackageType(0, "BOX", "Box", 100, 400, 300, 200, 30000))
            for record in STOCK:
                tx.stock.set_quantity(record, AT)
            self.ann, self.bob = (operator.id for operator in tx.site.operators())
            self.pick_station, self.pack_station = (station.id for station in tx.site.stations())
            self.service, self.rival_service = (service.id for service in tx.site.services())
            self.box = tx.site.package_types()[0].id

    def place(self, code: str) -> int:
        """A location's id."""
        with self.store.read() as tx:
            location = tx.site.location_by_code(code)
        assert location is not None
        return location.id

    def product(self, sku: str) -> int:
        """A product's id."""
        with self.store.read() as tx:
            product = tx.site.product_by_sku(sku)
        assert product is not None
        return product.id

    def lies(self, place: str, sku: str) -> dict[str, tuple[int, int]]:
        """Quantity and allocated by lot."""
        place_id = self.place(place)
        with self.store.read() as tx:
            rows = tx.stock.at_location(place_id)
        return {row.lot: (row.quantity, row.allocated) for row in rows if row.sku == sku}

    def scan(self, tx: Tx, **changes: object) -> str:
        """A row in the journal; its gesture."""
        gesture = f"g{next(self._gestures)}"
        row = ScanRow(
            gesture_id=gesture,
            at=AT,
            station_id=self.pick_station,
            operator_id=self.ann,
            session_id=None,
            source="scanner",
            scanner="",
            raw="LA1",
            kind="location",
            ref_id=None,
            flow="pick",
            state="location",
            outcome="ok",
            code="located",
            message="{}",
            undo="",
            before="",
        )
        tx.journal.add(replace(row, **changes))  # type: ignore[arg-type]
        return gesture

    def record(self, *lines: tuple[str, int], **changes: object) -> OrderRecord:
        """An order as its channel has it."""
        record = OrderRecord(
            channel="web",
            reference=str(next(self._references)),
            placed_at="2026-03-03T09:00:00Z",
            customer=Address("Carla Klant", "", "Dam 1", "", "1012 JS", "Amsterdam", "", "NL"),
            lines=tuple(OrderLineRecord(sku, count, 250) for sku, count in lines),
            email="carla@example.com",
        )
        return replace(record, **changes)  # type: ignore[arg-type]

    def put(self, record: OrderRecord, **changes: object) -> str:
        """Take an order in; what came of it."""
        with self.store.write() as tx:
            products = {product.sku: product.id for product in tx.site.products()}
            plan: dict[str, object] = {
                "number": record.reference,
                "promised_on": "2026-03-05",
                "ship_by": "2026-03-04T16:00:00.000Z",
                "latest_start": "2026-03-04T15:00:00.000Z",
                "service_id": self.service,
                "digest": repr(record),
                "products": products,
            }
            return tx.orders.put(record, plan | changes)

    def order(self, *lines: tuple[str, int], **changes: object) -> Order:
        """A paid order, taken in; the plan's fields may be given too."""
        planned = {"latest_start", "service_id", "number"} & changes.keys()
        plan = {name: changes.pop(name) for name in planned}
        record = self.record(*lines, **changes)
        assert self.put(record, **plan) == "added"
        return self.find(str(plan.get("number", record.reference)))

    def find(self, number: str) -> Order:
        """An order by number."""
        with self.store.read() as tx:
            order = tx.orders.find(number)
        assert order is not None
        return order

    def lines(self, order: Order) -> list[OrderLine]:
        """An order's lines."""
        with self.store.read() as tx:
            return tx.orders.lines(order.id)

    def release(self, order: Order) -> int:
        """Allocate everything and make a pick list."""
        with self.store.write() as tx:
            list_id = tx.picks.create_list(order.id, order.latest_start, AT)
            for line in tx.orders.lines(order.id):
                for share in allocate(line.to_allocate, tx.stock.available(line.product_id)):
                    tx.stock.reserve(share.location_id, line.product_id, share.lot, share.quantity)
                    tx.picks.add_task(
                        list_id,
                        line.id,
                        line.product_id,
                        share.lot,
                        share.location_id,
                        share.quantity,
                        share.walk,
                    )
                    tx.orders.change_line(line.id, allocated=share.quantity)
            tx.orders.set_state(order.id, OrderState.PICKING)
            return list_id

    def start(self, list_id: int, operator: int | None = None) -> None:
        """Claim a walk and begin it."""
        with self.store.write() as tx:
            tx.picks.claim("pick", list_id, operator or self.ann, self.pick_station, AT, UNTIL)
            tx.picks.set_list_state(list_id, "picking")

    def stop(self, list_id: int) -> PickStop | None:
        """Where the walk stands."""
        with self.store.read() as tx:
            return tx.picks.stop(list_id)

    def tote(self, order: Order, code: str) -> int:
        """Take a tote for an order."""
        tote = self.place(code)
        with self.store.write() as tx:
            tx.site.use_tote(tote, order.id, None)
        return tote

    def pick_stop(self, stop: PickStop, tote: int, units: int | None = None) -> str:
        """Take units of a stop and put them into a tote; the gesture."""
        units = stop.remaining if units is None else units
        with self.store.write() as tx:
            gesture = self.scan(tx)
            tx.picks.hand(stop.task_id, units)
            tx.stock.move(
                stop.product_id,
                stop.lot,
                units,
                stop.location_id,
                tote,
                why="pick",
                at=AT,
                gesture_id=gesture,
                line_id=stop.line_id,
                allocated=True,
            )
            tx.picks.put(stop.task_id, units)
            tx.orders.change_line(stop.line_id, picked=units)
        return gesture

    def pick(self, order: Order, tote: str) -> int:
        """The whole walk of an order, up to staging; its pick list."""
        list_id = self.release(order)
        self.start(list_id)
        tote_id = self.tote(order, tote)
        while (stop := self.stop(list_id)) is not None:
            self.pick_stop(stop, tote_id)
        staging = self.place("S-1")
        with self.store.write() as tx:
            tx.site.place(tote_id, staging)
            tx.picks.set_list_state(list_id, "dropped")
            tx.picks.release_claim("pick", list_id)
            tx.orders.set_state(order.id, OrderState.PICKED, latest_start=LATER)
        return list_id

    def open_parcel(self, order: Order) -> int:
        """Begin to pack an order."""
        with self.store.write() as tx:
            tx.picks.take_over("pack", order.id, self.bob, self.pack_station, AT, UNTIL)
            tx.orders.set_state(order.id, OrderState.PACKING)
            place = tx.site.add_parcel_location(
                f"P-{order.number}-{len(tx.parcels.of_order(order.id))}", None
            )
            return tx.parcels.open(order.id, place, AT)

    def fill(self, order: Order, parcel_id: int, units: int | None = None) -> str:
        """Put everything that was picked, or so many units, into a parcel; the gesture."""
        with self.store.write() as tx:
            gesture = self.scan(tx)
            parcel = tx.parcels.get(parcel_id)
            left = units
            for line in tx.parcels.pack_lines(order.id):
                todo = line.picked - line.packed
                for row in tx.stock.in_totes(order.id, line.product_id):
                    count = min(row.quantity, todo if left is None else min(todo, left))
                    if not count:
                        continue
                    tx.stock.move(
                        line.product_id,
                        row.lot,
                        count,
                        row.location_id,
                        parcel.location_id,
                        why="pack",
                        at=AT,
                        gesture_id=gesture,
                        line_id=line.line_id,
                    )
                    tx.orders.change_line(line.line_id, packed=count)
                    tx.parcels.add_unit(parcel_id, line.line_id, row.lot, count)
                    todo -= count
                    left = None if left is None else left - count
        return gesture

    def seal(self, order: Order, parcel_id: int) -> None:
        """Close a parcel and queue its label."""
        with self.store.write() as tx:
            tx.parcels.set_type(parcel_id, self.box)
            tx.parcels.set_weight(parcel_id, 1200, 1190, True)
            sscc = f"00871234500000{next(self._serials):04d}"
            tx.parcels.set_state(parcel_id, ParcelState.PACKED, AT, sscc)
            tx.parcels.add_job("label", parcel_id, self.pack_station, "sim:", "{}", AT)
            if all(line.packed == line.picked for line in tx.orders.lines(order.id)):
                tx.orders.set_state(order.id, OrderState.PACKED)
                tx.picks.release_claim("pack", order.id)

    def label(self, order: Order, parcel_id: int) -> None:
        """Scan the label back, and free the totes."""
        with self.store.write() as tx:
            for job in tx.parcels.jobs_of(parcel_id, "label"):
                tx.parcels.set_job_state(job.id, "confirmed", "", AT)
            tx.parcels.set_state(parcel_id, ParcelState.LABELLED, AT)
            for tote in tx.site.totes_of(order.id):
                if tx.stock.on_hand(tote.id) == 0:
                    tx.site.use_tote(tote.id, None, None)

    def pack(self, order: Order) -> int:
        """An order into one labelled parcel."""
        parcel_id = self.open_parcel(order)
        self.fill(order, parcel_id)
        self.seal(order, parcel_id)
        self.label(order, parcel_id)
        return parcel_id

    def load(self, parcel_id: int) -> int:
        """Load a parcel onto the carrier's open manifest, which is the answer."""
        with self.store.write() as tx:
            manifest = tx.parcels.open_manifest(self.carrier, "2026-03-03", AT)
            tx.parcels.load(parcel_id, manifest.id, AT)
            return manifest.id

    def hand_over(self, manifest_id: int) -> None:
        """The courier takes everything along that is loaded."""
        with self.store.write() as tx:
            gesture = self.scan(tx)
            loaded = tx.parcels.loaded(manifest_id)
            for head in loaded:
                place = tx.parcels.get(head.id).location_id
                for line, lot, count in tx.parcels.contents(head.id):
                    tx.stock.move(
                        line.product_id,
                        lot,
                        count,
                        place,
                        CUSTOMER,
                        why="ship",
                        at=AT,
                        gesture_id=gesture,
                        line_id=line.id,
                    )
                    tx.orders.change_line(line.id, shipped=count)
                key = f"ship:{head.id}"
                tx.outbox.add("channel:web", "ship", key, head.order_id, "{}", AT)
                tx.orders.set_state(head.order_id, OrderState.SHIPPED)
            tx.parcels.hand_over(manifest_id, self.bob, len(loaded), len(loaded), AT)
