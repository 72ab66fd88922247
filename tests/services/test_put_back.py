"""Goods of orders that were cancelled on the floor go back, unit by unit."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    PACK,
    SHIP,
    hand_over,
    jobs,
    label_of,
    labelled,
    opened,
    packed,
    picked,
    shipping,
    states,
)
from tests.services.return_helpers import DESK, RESTOCK, SCRAP, at_desk
from tests.services.saying import code, events, lies, lines, refusal, state, text, tote
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, World, at, gtin
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.services import put_back
from wms_terminal.services.heads import CANCELLED

SHELF = at("A01-01-1")
HERE = "PICK-01"


def cancelled(world: World, order: Order) -> Order:
    """Its channel has cancelled an order that is on the floor."""
    with world.store.write() as tx:
        tx.orders.set_hold(order.id, CANCELLED)
    return order


def test_a_tote_is_emptied_and_the_order_ends(world: World) -> None:
    before = lies(world, "A01-01-1", LANTERN)
    order = cancelled(world, picked(world, (LANTERN, 2), (MUG, 1)))
    step = at_desk(world)
    assert step.hint == order.number
    step = world.scan(DESK, at("T-0001"))
    assert (state(step), text(step)) == (
        ("returns", "back"),
        "Order 1001 was cancelled: its goods go back",
    )
    assert str(step.view.place) == "T-0001"
    world.scan(DESK, gtin(1), RESTOCK, SHELF)
    world.scan(DESK, gtin(1), SHELF)
    assert lines(world, "1001")[0].allocated == 0
    step = world.scan(DESK, gtin(2), SCRAP)
    assert (state(step), code(step)) == (("returns", "start"), "order_put_back")
    assert world.find("1001").state == "cancelled"
    assert world.find("1001").hold == ""
    assert tote(world, "T-0001") == (None, "")
    assert lies(world, "A01-01-1", LANTERN) == before
    assert events(world, "1001")[-1] == "cancelled"


def test_a_unit_that_was_put_back_is_taken_back(world: World) -> None:
    cancelled(world, picked(world, (LANTERN, 2)))
    at_desk(world, at("T-0001"), SHELF, gtin(1))
    step = world.scan(DESK, "WHCUNDO")
    assert (state(step), code(step)) == (("returns", "back"), "undone")
    assert [(line.allocated, line.picked) for line in lines(world, "1001")] == [(2, 2)]
    assert lies(world, "T-0001", LANTERN) == (2, 0)


def test_a_parcel_loses_its_papers_and_is_emptied(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    cancelled(world, order)
    step = at_desk(world, label_of(world, order))
    assert state(step) == ("returns", "back")
    assert {job.state for job in jobs(world, order)} == {"void"}
    assert states(world, order) == ["packed"]
    step = world.scan(DESK, SHELF, gtin(1), gtin(1))
    assert code(step) == "order_put_back"
    assert (world.find("1001").state, states(world, order)) == ("cancelled", ["void"])


def test_a_parcel_comes_off_the_lorry(world: World) -> None:
    order = labelled(world, (LANTERN, 1))
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    cancelled(world, order)
    at_desk(world, label_of(world, order), SCRAP, gtin(1))
    assert (world.find("1001").state, states(world, order)) == ("cancelled", ["void"])


def test_tote_and_open_parcel_of_an_order_that_was_being_packed(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    world.scan(PACK, gtin(2))
    cancelled(world, order)
    step = at_desk(world, order.number)
    assert state(step) == ("returns", "back")
    assert [str(row[0]) for row in step.view.table.rows] == ["T-0001", "parcel 1"]  # type: ignore[union-attr]
    step = world.scan(DESK, at("T-0001"), SCRAP, gtin(1), gtin(1))
    assert code(step) == "container_empty"
    assert tote(world, "T-0001")[0] is None
    step = world.follow(DESK, step, until=("returns", "start"))
    assert (world.find("1001").state, states(world, order)) == ("cancelled", ["void"])
    assert code(world.scan(PACK, gtin(2))) == "changed_elsewhere"


def test_what_the_picker_did_not_take_is_free_at_once(world: World) -> None:
    order = world.order((LANTERN, 2), (MUG, 1))
    step = world.scan(HERE, ANNA, "WHCPICK", at("T-0001"))
    while step.state != "location" or lines(world, "1001")[0].picked < 2:
        step = world.scan(HERE, step.hint)
    cancelled(world, order)
    assert lies(world, "A01-02-1", MUG) == (5, 1)
    at_desk(world, at("T-0001"))
    assert lies(world, "A01-02-1", MUG) == (5, 0)
    assert refusal(world.scan(HERE, step.hint))[0] == "order_on_hold"
    world.scan(DESK, SHELF, gtin(1), gtin(1))
    assert world.find("1001").state == "cancelled"
    assert code(world.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK")) == "no_work"


def test_what_is_free_again_is_waited_for_no_more(world: World) -> None:
    order = world.order((LANTERN, 500))
    world.scan(HERE, ANNA, "WHCPICK")
    waits = world.order((LANTERN, 1))
    world.scan("PICK-02", BOB, "WHCPICK")
    assert world.find(waits.number).waiting == "stock"
    cancelled(world, order)
    at_desk(world, order.number)
    assert world.find(waits.number).waiting == ""
    assert code(world.scan("PICK-02", "WHCPICK")) == "work"


def test_an_order_of_which_nothing_was_taken_ends_by_its_number(world: World) -> None:
    order = world.order((LANTERN, 2))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"))
    cancelled(world, order)
    step = at_desk(world, order.number)
    assert (code(step), world.find("1001").state) == ("order_put_back", "cancelled")
    assert tote(world, "T-0001")[0] is None
    assert lies(world, "A01-01-1", LANTERN)[1] == 0


def test_nobody_need_touch_what_nobody_has_begun(world: World) -> None:
    order = world.order((LANTERN, 2))
    world.scan(HERE, ANNA, "WHCPICK")
    with world.store.write() as tx:
        assert not put_back.free_if_untouched(tx, order.id, stamp(world.now))
    world.scan(HERE, "WHCMENU")
    world.wait(hours=1)
    with world.store.write() as tx:
        assert put_back.free_if_untouched(tx, order.id, stamp(world.now))
    assert world.find("1001").state == "cancelled"


def test_a_lot_is_asked_where_the_tote_holds_several(world: World) -> None:
    cancelled(world, picked(world, (CANDLE, 12)))
    step = at_desk(world, at("T-0001"), SCRAP, gtin(3))
    assert state(step) == ("returns", "lot")
    world.scan(DESK, "LOT-B")
    assert lies(world, "T-0001", CANDLE, "LOT-B") == (1, 0)


def test_what_has_left_stays_shipped_and_the_rest_is_cancelled(world: World) -> None:
    order = labelled(world, (MUG, 7))
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    hand_over(world)
    assert lines(world, "1001")[0].shipped == 5
    cancelled(world, order)
    step = at_desk(world, order.number)
    assert code(step) == "order_put_back"
    line = lines(world, "1001")[0]
    assert (world.find("1001").state, line.shipped, line.cancelled) == ("shipped", 5, 2)


@pytest.mark.parametrize("scanned", [gtin(2), "T-0002"])
def test_only_what_is_in_it_comes_out(world: World, scanned: str) -> None:
    cancelled(world, picked(world, (LANTERN, 2)))
    step = at_desk(world, at("T-0001"), at(scanned) if scanned.startswith("T") else scanned)
    assert refusal(step)[0] in ("wrong_product", "needs_first")
    assert lies(world, "T-0001", LANTERN) == (2, 0)


def test_a_tote_of_an_order_that_goes_on_is_left_alone(world: World) -> None:
    picked(world, (LANTERN, 2))
    assert refusal(at_desk(world, at("T-0001")))[:2] == (
        "needs_first",
        "a tote or parcel of an order that its channel has cancelled",
    )


def test_a_label_that_waits_at_its_bench_is_void(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    cancelled(world, order)
    at_desk(world, label_of(world, order), SCRAP, gtin(1))
    assert world.find("1001").state == "cancelled"
    assert code(world.scan(PACK, label_of(world, order))) == "changed_elsewhere"
