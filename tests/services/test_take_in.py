"""Products, stock and orders come in; the same file twice changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.services.pack_helpers import hand_over, label_of, labelled, shipping, sql
from tests.services.saying import events, lies, lines
from tests.world import (
    ANNA,
    CANDLE,
    LANTERN,
    LOCATIONS,
    MUG,
    PRODUCTS,
    SETUP,
    SIGN,
    STOCK,
    World,
    at,
)
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    StockRecord,
)
from wms_terminal.domain.setup import CarrierSetup, ServiceSetup
from wms_terminal.ports.store import StoreError
from wms_terminal.services import set_up, take_in

RECORD = OrderRecord(
    channel="web",
    reference="W-1",
    placed_at="2026-03-03T09:00:00Z",
    customer=Address(name="C. Klant", city="Amsterdam", country="NL"),
    lines=(OrderLineRecord(LANTERN, 2, 250), OrderLineRecord(MUG, 1, 500)),
    email="klant@example.com",
)


class Import:
    """What an import said."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.skipped: list[tuple[str, str]] = []

    def orders(self, *records: OrderRecord) -> Counter[str]:
        return take_in.orders(self.world.store, records, lambda: self.world.now, self._skip)

    def stock(self, *records: StockRecord) -> Counter[str]:
        return take_in.stock(self.world.store, records, lambda: self.world.now, self._skip)

    def _skip(self, kind: str, what: str) -> None:
        self.skipped.append((kind, what))


@pytest.fixture
def into(world: World) -> Import:
    """Take something in."""
    return Import(world)


# --- orders -------------------------------------------------------------------------------------


def test_an_order_is_added_with_its_promise(into: Import) -> None:
    assert into.orders(RECORD) == {"added": 1}
    order = into.world.find("W-1")
    assert (order.number, order.state, order.payment) == ("W-1", "new", "paid")
    assert (order.promised_on, order.ship_by) == ("2026-03-04", "2026-03-03T16:00:00.000Z")
    assert order.latest_start < order.ship_by
    assert [(line.sku, line.ordered) for line in lines(into.world, "W-1")] == [
        (LANTERN, 2),
        (MUG, 1),
    ]
    assert events(into.world, "W-1") == ["received"]


def test_the_same_order_twice_changes_nothing(into: Import) -> None:
    into.orders(RECORD)
    before = into.world.find("W-1")
    into.world.wait(hours=2)
    assert into.orders(RECORD, RECORD) == {"unchanged": 2}
    assert into.world.find("W-1") == before
    assert events(into.world, "W-1") == ["received"]


def test_a_changed_order_replaces_the_first_before_work_begins(into: Import) -> None:
    into.orders(RECORD)
    changed = replace(RECORD, note="Gift", lines=(OrderLineRecord(SIGN, 3),))
    assert into.orders(changed) == {"changed": 1}
    order = into.world.find("W-1")
    assert order.note == "Gift"
    assert [(line.sku, line.ordered) for line in lines(into.world, "W-1")] == [(SIGN, 3)]
    assert events(into.world, "W-1") == ["received", "changed"]
    into.world.pick_all()
    assert into.world.find("W-1").state == "picked"


@pytest.mark.parametrize("where", ["picking", "picked", "packed", "shipped", "partly"])
def test_an_order_on_the_floor_is_left_alone(into: Import, where: str) -> None:
    world = into.world
    into.orders(replace(RECORD, lines=(OrderLineRecord(SIGN, 5),)) if where == "partly" else RECORD)
    world.scan("PICK-01", ANNA, "WHCPICK", at("T-0001"))
    if where != "picking":
        world.pick_all()
    if where in ("packed", "shipped", "partly"):
        world.pack_all()
    if where in ("shipped", "partly"):
        shipping(world)
        world.scan("SHIP-01", label_of(world, world.find("W-1")))
        hand_over(world)
    before = (world.find("W-1"), lines(world, "W-1"))
    assert into.orders(replace(RECORD, note="Gift")) == {"skipped_on_the_floor": 1}
    assert into.skipped == [("skipped_on_the_floor", "W-1: already being worked on")]
    assert (world.find("W-1"), lines(world, "W-1")) == before


def test_a_payment_that_comes_later_releases_the_order(into: Import) -> None:
    into.orders(replace(RECORD, payment="pending"))
    into.world.scan("PICK-01", ANNA, "WHCPICK")
    assert into.world.find("W-1").state == "new"
    assert into.orders(RECORD) == {"changed": 1}
    into.world.scan("PICK-01", "WHCPICK")
    assert into.world.find("W-1").state == "picking"


def test_an_unknown_product_is_named_and_the_rest_comes_in(into: Import) -> None:
    broken = replace(RECORD, reference="W-2", lines=(OrderLineRecord("NOSUCH", 1),))
    counts = into.orders(broken, RECORD)
    assert counts == {"skipped_unknown_product": 1, "added": 1}
    assert into.skipped == [("skipped_unknown_product", "W-2: NOSUCH")]


@pytest.mark.parametrize("service", ["UPS", "postnl"])
def test_an_unknown_service_is_named(into: Import, service: str) -> None:
    assert into.orders(replace(RECORD, service=service)) == {"skipped_no_service": 1}
    assert into.skipped == [("skipped_no_service", f"W-1: no service for {service!r}")]


def test_the_preferred_service_that_goes_there_is_taken(into: Import) -> None:
    limited = ServiceSetup("POSTNL-NL", "PostNL parcel", "17:00", countries="NL BE", rank=1)
    carriers = (CarrierSetup("POSTNL", "PostNL", "CARPOSTNL", "DOCK-1", (limited,)),)
    set_up.apply(into.world.store, replace(SETUP, carriers=(*carriers, *SETUP.carriers[1:])))
    german = replace(RECORD, customer=replace(RECORD.customer, country="DE"), reference="W-2")
    into.orders(RECORD, german)
    services = [into.world.find(number).service_id for number in ("W-1", "W-2")]
    with into.world.store.read() as tx:
        names = [tx.site.service(service).code for service in services]
    assert names == ["POSTNL-NL", "DHL-EU"]


def test_a_number_that_another_channel_has_gets_its_channels_name(into: Import) -> None:
    other = replace(RECORD, channel="market")
    third = replace(RECORD, channel="shop")
    into.orders(RECORD, other, third)
    assert [into.world.find(n).channel for n in ("W-1", "market-W-1", "shop-W-1")] == [
        "web",
        "market",
        "shop",
    ]
    assert into.orders(RECORD, other, third) == {"unchanged": 3}
    assert into.orders(replace(other, note="Gift")) == {"changed": 1}
    assert into.world.find("market-W-1").note == "Gift"


def test_without_a_carrier_nothing_comes_in(into: Import) -> None:
    sql(into.world, "DELETE FROM service")
    with pytest.raises(StoreError, match="Expected a carrier with a service"):
        into.orders(RECORD)


def test_more_than_a_batch_comes_in(into: Import) -> None:
    records = [replace(RECORD, reference=f"W-{number}") for number in range(2 * take_in.BATCH + 1)]
    assert into.orders(*records) == {"added": 2 * take_in.BATCH + 1}


# --- promises -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("placed", "promised", "leaves"),
    [
        ("2026-03-03T15:59:59Z", "2026-03-04", "2026-03-03T16:00:00.000Z"),
        ("2026-03-03T16:00:00Z", "2026-03-04", "2026-03-03T16:00:00.000Z"),
        ("2026-03-03T16:00:01Z", "2026-03-05", "2026-03-04T16:00:00.000Z"),
        ("2026-03-06T16:30:00Z", "2026-03-10", "2026-03-09T16:00:00.000Z"),
        ("2026-03-07T10:00:00Z", "2026-03-10", "2026-03-09T16:00:00.000Z"),
        ("2026-03-27T12:00:00Z", "2026-03-28", "2026-03-27T16:00:00.000Z"),
        ("2026-03-28T12:00:00Z", "2026-03-31", "2026-03-30T15:00:00.000Z"),
        ("2026-10-23T12:00:00Z", "2026-10-24", "2026-10-23T15:00:00.000Z"),
        ("2026-10-24T12:00:00Z", "2026-10-27", "2026-10-26T16:00:00.000Z"),
        ("2026-03-03T23:30:00+01:00", "2026-03-05", "2026-03-04T16:00:00.000Z"),
    ],
)
def test_the_promise_follows_the_courier_over_weekends_and_clock_changes(
    into: Import, placed: str, promised: str, leaves: str
) -> None:
    into.orders(replace(RECORD, placed_at=placed))
    order = into.world.find("W-1")
    assert (order.promised_on, order.ship_by) == (promised, leaves)


@pytest.mark.parametrize(
    ("promised", "leaves"),
    [
        ("2026-03-10", "2026-03-09T16:00:00.000Z"),
        ("2026-03-09", "2026-03-06T16:00:00.000Z"),
        ("2026-03-08", "2026-03-06T16:00:00.000Z"),
        ("2026-04-01", "2026-03-31T15:00:00.000Z"),
    ],
)
def test_a_promise_that_was_made_is_kept(into: Import, promised: str, leaves: str) -> None:
    into.orders(replace(RECORD, promised_on=promised))
    order = into.world.find("W-1")
    assert (order.promised_on, order.ship_by) == (promised, leaves)


def test_more_work_starts_earlier(into: Import) -> None:
    large = replace(
        RECORD, reference="W-2", lines=tuple(OrderLineRecord(LANTERN, 1) for _ in range(9))
    )
    into.orders(RECORD, large)
    small, big = into.world.find("W-1"), into.world.find("W-2")
    assert small.ship_by == big.ship_by
    assert big.latest_start < small.latest_start < small.ship_by


# --- stock --------------------------------------------------------------------------------------


def test_the_same_stock_twice_changes_nothing(into: Import) -> None:
    assert into.stock(*STOCK) == {"unchanged": len(STOCK)}
    assert into.stock(StockRecord("A01-01-1", LANTERN, 25)) == {"added or changed": 1}
    assert lies(into.world, "A01-01-1", LANTERN) == (25, 0)
    assert into.stock(StockRecord("A01-01-1", LANTERN, 25)) == {"unchanged": 1}
    assert into.stock(StockRecord("A01-01-1", LANTERN, 0)) == {"added or changed": 1}
    assert lies(into.world, "A01-01-1", LANTERN) == (0, 0)


@pytest.mark.parametrize(
    ("record", "kind", "told"),
    [
        (
            StockRecord("A01-01-1", "NOSUCH", 5),
            "skipped_unknown_product",
            "NOSUCH: import it first",
        ),
        (
            StockRecord("Z99", LANTERN, 5),
            "skipped_unknown_location",
            "Z99: import it first",
        ),
    ],
)
def test_what_is_unknown_is_named_and_the_rest_comes_in(
    into: Import, record: StockRecord, kind: str, told: str
) -> None:
    counts = into.stock(record, StockRecord("A01-02-1", MUG, 50))
    assert counts == {kind: 1, "added or changed": 1}
    assert into.skipped == [(kind, told)]


def test_what_pick_tasks_hold_cannot_be_counted_away(into: Import) -> None:
    into.orders(RECORD)
    into.world.scan("PICK-01", ANNA, "WHCPICK")
    assert into.stock(StockRecord("A01-01-1", LANTERN, 1)) == {"skipped_allocated": 1}
    assert "Report those tasks short first" in into.skipped[0][1]
    assert lies(into.world, "A01-01-1", LANTERN) == (20, 2)
    assert into.stock(StockRecord("A01-01-1", LANTERN, 2)) == {"added or changed": 1}


def test_what_only_scans_fill_is_not_counted_and_stops_nothing(into: Import) -> None:
    counts = into.stock(StockRecord("T-0001", LANTERN, 5), StockRecord("A01-02-1", MUG, 50))
    assert counts == {"skipped_not_to_count": 1, "added or changed": 1}
    assert "only scans change what lies there" in into.skipped[0][1]


def waiting(into: Import) -> str:
    """Let an order wait for more signs than there are."""
    into.orders(replace(RECORD, lines=(OrderLineRecord(SIGN, 5),), partial=False))
    into.world.scan("PICK-01", ANNA, "WHCPICK")
    return into.world.find("W-1").waiting


def test_new_stock_wakes_the_orders_that_wait_for_it(into: Import) -> None:
    assert waiting(into) == "stock"
    into.stock(StockRecord("A01-02-1", MUG, 50))
    assert into.world.find("W-1").waiting == "stock"
    into.stock(StockRecord("A01-04-1", SIGN, 5))
    assert into.world.find("W-1").waiting == ""
    into.world.scan("PICK-01", "WHCPICK")
    assert into.world.find("W-1").state == "picking"


@pytest.mark.parametrize("quantity", [3, 2])
def test_no_more_stock_wakes_nobody(into: Import, quantity: int) -> None:
    assert waiting(into) == "stock"
    into.stock(StockRecord("A01-04-1", SIGN, quantity))
    assert into.world.find("W-1").waiting == "stock"


def test_a_count_that_finds_all_of_it_wakes_them_too(into: Import) -> None:
    world = into.world
    into.orders(replace(RECORD, lines=(OrderLineRecord(MUG, 3),)))
    world.scan("PICK-01", ANNA, "WHCPICK", at("T-0001"), at("A01-02-1"), "WHCSHRT", "WHREMPTY")
    assert world.find("W-1").waiting == "stock"
    assert into.stock(StockRecord("A01-02-1", MUG, 5)) == {"unchanged": 1}
    assert world.find("W-1").waiting == ""
    world.pick_all()
    assert world.find("W-1").state == "picked"


def test_lots_are_counted_each_by_itself(into: Import) -> None:
    into.stock(StockRecord("A01-03-1", CANDLE, 4, "LOT-B", "2027-06-01"))
    assert lies(into.world, "A01-03-1", CANDLE, "LOT-A") == (10, 0)
    assert lies(into.world, "A01-03-1", CANDLE, "LOT-B") == (4, 0)


# --- products and places ------------------------------------------------------------------------


def test_products_and_places_twice_change_nothing(into: Import) -> None:
    store = into.world.store
    assert take_in.products(store, PRODUCTS) == {"unchanged": len(PRODUCTS)}
    assert take_in.locations(store, LOCATIONS) == {"unchanged": len(LOCATIONS)}


def test_a_changed_product_and_a_new_place_are_counted(into: Import) -> None:
    store = into.world.store
    changed = [replace(PRODUCTS[0], name="BLACK METAL LANTERN"), *PRODUCTS[1:]]
    assert take_in.products(store, changed) == {
        "added or changed": 1,
        "unchanged": len(PRODUCTS) - 1,
    }
    assert take_in.locations(store, [LocationRecord("A09-01-1", "pick")]) == {"added or changed": 1}
    with store.read() as tx:
        product = tx.site.product_by_sku(LANTERN)
    assert product is not None
    assert product.name == "BLACK METAL LANTERN"


def test_what_was_shipped_can_still_be_imported(into: Import) -> None:
    order = labelled(into.world, (LANTERN, 1))
    shipping(into.world)
    into.world.scan("SHIP-01", label_of(into.world, order))
    hand_over(into.world)
    assert into.orders(RECORD) == {"added": 1}
