"""Look up: where a thing is, what happened to it, and why it stands still."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from tests.services.pack_helpers import (
    PACK,
    SHIP,
    hand_over,
    hold,
    label_of,
    labelled,
    opened,
    packed,
    picked,
    printer_off,
    shipping,
)
from tests.services.saying import code, last, refusal, state, text
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.domain.text import T
from wms_terminal.services import desk, take_in
from wms_terminal.services.step import Step

DESK = "SHIP-01"


@pytest.fixture
def anna(world: World) -> World:
    """Anna looks something up at the ship desk."""
    world.scan(DESK, ANNA, "WHCLOOK")
    return world


def facts(step: Step) -> dict[str, str]:
    """Labels and values."""
    return {str(label): str(value) for label, value in step.view.facts}


def table(step: Step) -> list[list[str]]:
    """The rows on the page."""
    assert step.view.table is not None
    return [[str(cell) for cell in row] for row in step.view.table.rows]


def why(world: World, order: Order) -> str:
    """Why an order is not moving."""
    step = world.scan(DESK, ANNA, "WHCLOOK", order.number)
    assert code(step) == "found"
    return facts(step)["Why"]


# --- each kind ----------------------------------------------------------------------------------


def test_it_asks_for_anything(anna: World) -> None:
    step = anna.floor.look(DESK)
    assert (state(step), str(step.view.title)) == (("lookup", "ask"), "Look up")


def test_a_product_shows_where_it_lies(anna: World) -> None:
    picked(anna, (LANTERN, 2))
    anna.scan(DESK, ANNA, "WHCLOOK")
    step = anna.scan(DESK, gtin(1))
    assert (code(step), str(step.view.title)) == ("found", "Product 71053")
    assert facts(step)["Name"] == "WHITE METAL LANTERN"
    assert facts(step)["Weight"] == "800 g"
    assert "18712345000018 = 6" in facts(step)["Codes"]
    assert table(step) == [
        ["T-0001", "-", "2", "0"],
        ["A01-01-1", "-", "18", "0"],
        ["B01-01-1", "-", "100", "0"],
    ]


def test_a_location_shows_what_lies_there(anna: World) -> None:
    step = anna.scan(DESK, at("A01-03-1"))
    assert str(step.view.title) == "Pick location A01-03-1"
    assert table(step) == [
        [CANDLE, "SCENTED CANDLE", "LOT-A", "10", "0"],
        [CANDLE, "SCENTED CANDLE", "LOT-B", "10", "0"],
    ]


def test_a_tote_shows_its_order_and_its_place(anna: World) -> None:
    picked(anna, (LANTERN, 2))
    step = anna.scan(DESK, ANNA, "WHCLOOK", at("T-0001"))
    assert str(step.view.title) == "Tote T-0001"
    assert facts(step) == {"Order": "1001", "Stands at": "STAGE-01"}
    assert table(step) == [[LANTERN, "WHITE METAL LANTERN", "-", "2", "0"]]


def test_a_parcel_shows_how_far_it_is(anna: World) -> None:
    order = labelled(anna, (LANTERN, 2))
    step = anna.scan(DESK, ANNA, "WHCLOOK", label_of(anna, order))
    assert str(step.view.title) == "Parcel 1 of order 1001"
    assert facts(step) == {
        "State": "labelled",
        "SSCC": label_of(anna, order)[2:],
        "Weight": "1900 g",
        "Carrier": "PostNL, PostNL parcel",
    }
    assert table(step) == [[LANTERN, "WHITE METAL LANTERN", "-", "2"]]
    shipping(anna)
    anna.scan(SHIP, label_of(anna, order))
    step = anna.scan(SHIP, "WHCLOOK", label_of(anna, order))
    assert facts(step)["Manifest"] == "M-POSTNL-2026-03-03-1, not handed over yet"
    anna.scan(SHIP, "WHCSHIP", "CARPOSTNL")
    hand_over(anna)
    step = anna.scan(SHIP, "WHCLOOK", label_of(anna, order))
    assert facts(step)["Manifest"] == "M-POSTNL-2026-03-03-1, 03-03 13:00"


@pytest.mark.parametrize(
    ("scanned", "title", "known"),
    [
        ("WHSPACK01", "Station PACK-01", {"Scale": "sim:"}),
        ("BOXS", "Carton Small box", {"Own weight": "80 g", "Size": "250 × 200 × 120 mm"}),
        ("CARPOSTNL", "Carrier PostNL", {}),
    ],
)
def test_stations_cartons_and_carriers(
    anna: World, scanned: str, title: str, known: dict[str, str]
) -> None:
    step = anna.scan(DESK, scanned)
    assert str(step.view.title) == title
    assert known.items() <= facts(step).items()


def test_a_carrier_shows_when_it_leaves(anna: World) -> None:
    assert table(anna.scan(DESK, "CARPOSTNL")) == [["PostNL parcel", "17:00", "12345"]]


# --- orders -------------------------------------------------------------------------------------


def test_an_order_shows_where_it_stands_and_its_story(anna: World) -> None:
    order = labelled(anna, (LANTERN, 2))
    step = anna.scan(DESK, ANNA, "WHCLOOK", order.number)
    assert str(step.view.title) == "Order 1001: packed"
    assert facts(step) == {
        "Why": "Labelled: waits to be loaded",
        "Customer": "not shown here, NL",
        "Promised": "2026-03-04",
        "Leaves": "PostNL parcel, 03-03 17:00",
        "Units": "2 ordered, 2 picked, 2 packed, 0 shipped",
        "Parcel 1": f"labelled · {label_of(anna, order)[2:]}",
    }
    rows = table(step)
    assert rows[0] == ["03-03 13:00", "Received from web", "", ""]
    assert rows[-1][0] == "03-03 13:00"
    assert rows[-1][1].startswith("Parcel 1 is labelled")
    assert rows[-1][2:] == ["Bob Baker", "PACK-01"]


def test_skip_shows_an_orders_lines(anna: World) -> None:
    order = anna.order((LANTERN, 2), (MUG, 1))
    step = anna.scan(DESK, order.number)
    assert [key.code for key in step.keys if key.number == 8] == ["WHCSKIP"]
    step = anna.scan(DESK, "WHCSKIP")
    assert table(step) == [
        [LANTERN, "WHITE METAL LANTERN", "2", "0", "0", "0"],
        [MUG, "RED RETROSPOT MUG", "1", "0", "0", "0"],
    ]
    step = anna.scan(DESK, "WHCSKIP")
    assert table(step)[0][1] == "Received from web"


def test_a_tote_names_its_place_in_the_order(anna: World) -> None:
    order = anna.order((LANTERN, 2))
    anna.scan("PICK-01", BOB, "WHCPICK", at("T-0001"))
    step = anna.scan(DESK, order.number)
    assert facts(step)["Tote"] == "T-0001: with its picker"


def test_a_missed_courier_is_said(anna: World) -> None:
    order = anna.order((LANTERN, 2))
    anna.wait(hours=5)
    step = anna.scan(DESK, ANNA, order.number)
    assert facts(step)["Leaves"] == "PostNL parcel, 03-03 17:00: missed"


# --- why it is not moving -----------------------------------------------------------------------


def test_it_waits_for_a_picker(world: World) -> None:
    first = world.order((LANTERN, 1))
    second = world.order((LANTERN, 1))
    assert why(world, first).startswith("Waits for a picker: 0 orders before it, start by 03-03")
    assert why(world, second).startswith("Waits for a picker: 1 orders before it")


def test_it_waits_for_its_payment(world: World) -> None:
    assert why(world, world.order((LANTERN, 1), payment="pending")) == "Payment is not there yet"


def test_it_is_on_hold(world: World) -> None:
    order = world.order((LANTERN, 1))
    hold(world, order, "Address is wrong")
    assert why(world, order) == "On hold: Address is wrong"


def test_it_waits_for_stock(world: World) -> None:
    other = world.order((SIGN, 1))
    world.scan("PICK-01", BOB, "WHCPICK")
    order = world.order((SIGN, 4), partial=False)
    world.scan("PICK-02", ANNA, "WHCPICK")
    assert why(world, order) == (
        "Waits for stock: 4 × METAL SIGN [red]NO[/red] wanted, 2 free, 1 held for others, "
        "0 wait to be counted"
    )
    assert other.state == "new"


def test_what_waits_to_be_counted_is_said(world: World) -> None:
    order = world.order((MUG, 3))
    world.scan("PICK-01", BOB, "WHCPICK", at("T-0001"), at("A01-02-1"), "WHCSHRT", "WHREMPTY")
    assert why(world, order) == (
        "Waits for stock: 3 × RED RETROSPOT MUG wanted, 0 free, 0 held for others, "
        "5 wait to be counted"
    )


def test_it_is_being_picked_or_was_left(world: World) -> None:
    order = world.order((LANTERN, 1))
    world.scan("PICK-01", BOB, "WHCPICK", at("T-0001"))
    assert why(world, order) == "Bob Baker picks it at PICK-01"
    world.wait(hours=1)
    assert why(world, order) == "Picking was interrupted: it waits for a picker"


def test_it_waits_for_a_packer(world: World) -> None:
    assert why(world, picked(world, (LANTERN, 1))) == "Waits for a packer at staging"


def test_it_is_being_packed_or_was_left(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    assert why(world, order) == "Bob Baker packs it at PACK-01"
    world.wait(hours=1)
    assert why(world, order) == "Packing was interrupted: it waits for a packer"


def test_it_waits_for_its_label(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    assert why(world, order) == (
        "Parcel 1 is packed, not yet labelled (label: waits for the printer)"
    )
    printer_off(world)
    assert why(world, order) == "Parcel 1 is packed, not yet labelled (label: not printed)"


def test_it_waits_for_the_courier_or_has_left(world: World) -> None:
    order = labelled(world, (LANTERN, 1))
    assert why(world, order) == "Labelled: waits to be loaded"
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    assert why(world, order) == "Loaded: waits for the courier"
    shipping(world)
    hand_over(world)
    assert why(world, order) == "It has been shipped"


def test_it_was_cancelled(world: World) -> None:
    order = world.order((LANTERN, 1))
    with world.store.write() as tx:
        desk.cancel(tx, order.number, stamp(world.now))
    assert why(world, order) == "It was cancelled"


# --- typed words --------------------------------------------------------------------------------


@pytest.fixture
def customers(anna: World) -> World:
    """Two orders of people whose names a computer does not like."""
    anna.order(
        (LANTERN, 1),
        customer=Address(
            name="Zoë {name} O'Brien [b]",
            street="Straat 1",
            postcode="1011AB",
            city="Delft",
            country="NL",
        ),
        email="zoe@example.org",
    )
    anna.order(
        (LANTERN, 1),
        customer=Address(
            name="100% Wool_Works",
            company="Łódź BV",
            postcode="90-001",
            city="Łódź",
            country="PL",
        ),
        email="wool@example.org",
    )
    return anna


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("o'brien", "1001"),
        ("{name}", "1001"),
        ("[b]", "1001"),
        ("1011 ab", "1001"),
        ("1011AB", "1001"),
        ("delft", "1001"),
        ("zoe@example", "1001"),
        ("100%", "1002"),
        ("wool_works", "1002"),
        ("90-001", "1002"),
        ("1002", "1002"),
    ],
)
def test_words_find_the_one_order(customers: World, typed: str, number: str) -> None:
    step = customers.key(DESK, typed)
    assert (code(step), str(step.view.title)) == ("found", f"Order {number}: new")


def test_several_hits_are_listed(customers: World) -> None:
    step = customers.key(DESK, "example.org")
    assert text(step) == "2 orders"
    assert str(step.view.title) == "2 orders"
    assert table(step) == [
        ["1002", "new", "not shown here", "PL"],
        ["1001", "new", "not shown here", "NL"],
    ]
    assert str(customers.scan(DESK, "1002").view.title) == "Order 1002: new"


def test_a_supervisor_sees_who_they_are(customers: World) -> None:
    customers.scan(DESK, SARA, "WHCLOOK")
    assert table(customers.key(DESK, "example.org")) == [
        ["1002", "new", "100% Wool_Works", "Łódź PL"],
        ["1001", "new", "Zoë {name} O'Brien [b]", "Delft NL"],
    ]


def test_what_customer_service_wrote_is_not_for_the_floor(customers: World) -> None:
    order = customers.find("1001")
    with customers.store.write() as tx:
        tx.orders.add_event(
            order.id, "note", T("Note: {words}", words="Zoë cried"), at=stamp(customers.now)
        )
    assert table(customers.scan(DESK, "1001"))[-1][1] == "Customer service has written something"
    customers.scan(DESK, SARA, "WHCLOOK")
    assert table(customers.scan(DESK, "1001"))[-1][1] == "Note: Zoë cried"


@pytest.mark.parametrize("typed", ["o'brien", "example.org", "nobody here"])
def test_a_name_that_was_keyed_in_is_written_down_nowhere(customers: World, typed: str) -> None:
    customers.key(DESK, typed)
    with customers.store.read() as tx:
        kept = [tx.journal.recent(1)[0], tx.journal.session_at(1), tx.journal.session_at(5)]
    assert last(customers).raw == "keyed in, not kept"
    assert typed not in str(kept)


def test_hostile_names_come_out_as_they_are(customers: World) -> None:
    customers.scan(DESK, SARA, "WHCLOOK")
    step = customers.key(DESK, "1001")
    assert facts(step)["Customer"] == "Zoë {name} O'Brien [b], Delft NL"
    step = customers.scan(DESK, gtin(4))
    assert facts(step)["Name"] == "METAL SIGN [red]NO[/red]"


@pytest.mark.parametrize("typed", ["nobody", "%", "_", "'; DROP TABLE orders; --", "{0}", "ẞ"])
def test_nothing_found_is_said(anna: World, typed: str) -> None:
    step = anna.key(DESK, typed)
    expected = ("nothing_found", "anything with a barcode, or a name", "what was keyed in")
    assert refusal(step) == expected


def test_skip_with_nothing_found_yet_is_no_answer(anna: World) -> None:
    assert refusal(anna.scan(DESK, "WHCSKIP"))[0] == "nothing_found"


def many(world: World, count: int) -> Iterable[OrderRecord]:
    for number in range(count):
        yield OrderRecord(
            "web",
            f"{5000 + number}",
            "2026-03-03T09:00:00Z",
            Address(name="Smith", city="Leiden", country="NL"),
            (OrderLineRecord(LANTERN, 1),),
        )


def test_long_lists_come_in_pages_of_200(anna: World) -> None:
    take_in.orders(anna.store, many(anna, 250), lambda: anna.now, lambda kind, what: None)
    step = anna.key(DESK, "smith")
    assert text(step) == "200+ orders"
    assert len(table(step)) == 200
    order = anna.find("5000")
    with anna.store.write() as tx:
        for number in range(260):
            tx.orders.add_event(order.id, "test", T("Note {n}", n=number), at=stamp(anna.now))
    step = anna.scan(DESK, "5000")
    assert len(table(step)) == 200
    step = anna.scan(DESK, "WHCSKIP")
    assert len(table(step)) == 61
    assert table(step)[-1][1] == "Note 259"
    assert len(table(anna.scan(DESK, "WHCSKIP"))) == 1, "then the lines"
    assert len(table(anna.scan(DESK, "WHCSKIP"))) == 200, "and again from the start"


def test_what_is_looked_up_is_read_afresh(anna: World) -> None:
    order = anna.order((LANTERN, 1))
    anna.scan(DESK, order.number)
    hold(anna, order, "Fraud?")
    assert facts(anna.floor.look(DESK))["Why"] == "On hold: Fraud?"
