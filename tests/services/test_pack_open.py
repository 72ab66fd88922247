"""Which order comes to the bench, and why another one does not."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    OTHER,
    PACK,
    PETE,
    SHIP,
    claims,
    hand_over,
    hire,
    hold,
    label_of,
    labelled,
    opened,
    packed,
    parcels,
    picked,
    reach,
    shipping,
    states,
)
from tests.services.saying import code, events, refusal, said, state, text, tote
from tests.world import ANNA, BOB, LANTERN, MUG, SARA, World, at, gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.services import desk


@pytest.fixture
def bob(world: World) -> World:
    """Bob stands at the bench and asks for an order."""
    world.scan(PACK, BOB, "WHCPACK")
    return world


@pytest.mark.parametrize("scanned", ["tote", "number", "product", "location"])
def test_an_order_opens_by_whatever_names_it(bob: World, scanned: str) -> None:
    order = picked(bob, (LANTERN, 2))
    codes = {
        "tote": at("T-0001"),
        "number": order.number,
        "product": gtin(1),
        "location": at("STAGE-01"),
    }
    step = bob.scan(PACK, codes[scanned])
    assert state(step) == ("pack", "verify")
    assert (code(step), said(step).outcome) == ("opened", Outcome.OK)
    assert bob.find(order.number).state == "packing"
    assert events(bob, order.number)[-1] == "pack_started"
    assert claims(bob) == [(order.id, "Bob Baker")]
    assert tote(bob, "T-0001") == (order.id, "BENCH-01")
    assert states(bob, order) == ["open"]


def test_a_product_opens_the_most_urgent_order(bob: World) -> None:
    late = picked(bob, (LANTERN, 1), promised_on="2026-03-09")
    soon = picked(bob, (LANTERN, 1), promised_on="2026-03-04")
    bob.scan(PACK, gtin(1))
    assert claims(bob) == [(soon.id, "Bob Baker")]
    assert bob.find(late.number).state == "picked"


def test_a_location_with_several_orders_asks_for_the_tote(bob: World) -> None:
    picked(bob, (LANTERN, 1))
    picked(bob, (MUG, 1))
    step = bob.scan(PACK, at("STAGE-01"))
    assert refusal(step) == ("ambiguous", "a tote", "STAGE-01")
    assert text(step) == "2 orders wait at STAGE-01"
    assert not claims(bob)


@pytest.mark.parametrize(
    ("scanned", "expected"),
    [
        ("LSTAGE01O", ("no_work", "a tote", "STAGE-01")),
        (
            at("T-0005"),
            ("no_work", "a tote, an order or a product that waits", "T-0005"),
        ),
        (
            gtin(2),
            (
                "no_work",
                "a tote, an order or a product that waits",
                "RED RETROSPOT MUG (22423)",
            ),
        ),
        (
            "BOXS",
            (
                "wrong_package_type",
                "a tote, an order or a product that waits",
                "a carton: Small box",
            ),
        ),
        (
            "NOSUCH",
            ("unknown_code", "a tote, an order or a product that waits", "NOSUCH"),
        ),
    ],
)
def test_what_names_no_order_is_refused(
    bob: World, scanned: str, expected: tuple[str, str, str]
) -> None:
    assert refusal(bob.scan(PACK, scanned)) == expected
    assert not claims(bob)


def test_an_order_that_is_not_picked_yet_is_refused(bob: World) -> None:
    order = bob.order((LANTERN, 1))
    step = bob.scan(PACK, order.number)
    assert refusal(step) == ("needs_first", "an order at staging", f"order {order.number}: new")
    bob.scan(PACK, "WHCOK")
    bob.scan("PICK-01", ANNA, "WHCPICK", at("T-0001"))
    step = bob.scan(PACK, at("T-0001"))
    assert refusal(step)[2] == f"order {order.number}: being picked"


def test_an_order_that_is_packed_already_is_refused_and_says_where_it_is(world: World) -> None:
    order = labelled(world, (LANTERN, 1))
    step = world.scan(PACK, order.number)
    assert refusal(step)[::2] == ("already_done", "parcels 1: labelled")
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    step = world.scan(PACK, "WHCOK", order.number)
    assert refusal(step)[2] == "parcels 1: loaded on M-POSTNL-2026-03-03-1"
    hand_over(world)
    step = world.scan(PACK, "WHCOK", order.number)
    assert refusal(step)[2] == "parcels 1: shipped on M-POSTNL-2026-03-03-1"


def test_a_held_order_is_refused_with_the_reason(bob: World) -> None:
    order = picked(bob, (LANTERN, 1))
    hold(bob, order, "Address is wrong")
    step = bob.scan(PACK, at("T-0001"))
    assert refusal(step)[0] == "order_on_hold"
    assert "Address is wrong" in text(step)
    assert bob.find(order.number).state == "picked"


def test_a_cancelled_order_is_refused(bob: World) -> None:
    order = bob.order((LANTERN, 1))
    with bob.store.write() as tx:
        desk.cancel(tx, order.number, "2026-03-03T12:00:00.000Z")
    step = bob.scan(PACK, order.number)
    assert refusal(step)[0] == "cancelled_elsewhere"


# --- whose work it is ---------------------------------------------------------------------------


def test_another_packers_order_is_taken_over_by_scanning_it_again(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    hire(world)
    step = world.scan(OTHER, PETE, "WHCPACK", at("T-0001"))
    assert (code(step), said(step).outcome) == ("locked_by", Outcome.CONFIRM)
    assert text(step) == "Bob Baker is packing this at PACK-01"
    assert claims(world) == [(order.id, "Bob Baker")]
    step = world.scan(OTHER, at("T-0001"))
    assert state(step) == ("pack", "verify")
    assert claims(world) == [(order.id, "Pete Novak")]
    assert events(world, order.number)[-1] == "taken_over"
    step = world.scan(PACK, gtin(1))
    assert refusal(step)[0] == "locked_by"
    assert text(step) == "Pete Novak has taken this over at PACK-02"
    assert states(world, order) == ["open"]


@pytest.mark.parametrize("yes", ["WHCOK", "1001"])
def test_ok_is_yes_as_well(world: World, yes: str) -> None:
    order = opened(world, (LANTERN, 2))
    hire(world)
    world.scan(OTHER, PETE, "WHCPACK", order.number, yes)
    assert claims(world) == [(order.id, "Pete Novak")]


def test_another_scan_is_no_yes(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    hire(world)
    world.scan(OTHER, PETE, "WHCPACK", order.number, at("T-0005"), "WHCOK")
    step = world.scan(OTHER, order.number)
    assert code(step) == "locked_by"
    assert claims(world) == [(order.id, "Bob Baker")]


def test_who_lost_an_order_does_not_take_it_away_by_leaving(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    hire(world)
    world.scan(OTHER, PETE, "WHCPACK", order.number, order.number)
    world.scan(PACK, "WHCMENU")
    assert claims(world) == [(order.id, "Pete Novak")]
    assert states(world, order) == ["open"]
    assert world.find(order.number).state == "packing"
    world.scan(OTHER, gtin(1), gtin(1))
    assert state(world.floor.look(OTHER)) == ("pack", "package")


def test_who_lost_an_order_undoes_nothing_in_it(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1))
    hire(world)
    world.scan(OTHER, PETE, "WHCPACK", order.number, order.number)
    step = world.scan(PACK, "WHCMENU", "WHCPACK", "WHCUNDO")
    assert refusal(step)[0] in ("locked_by", "nothing_to_undo")
    assert claims(world) == [(order.id, "Pete Novak")]


def test_an_order_whose_lease_has_run_out_is_free(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1))
    world.wait(minutes=31)
    hire(world)
    step = world.scan(OTHER, PETE, "WHCPACK")
    assert step.hint == at("T-0001"), "an interrupted order waits in the queue"
    step = world.scan(OTHER, step.hint)
    assert code(step) == "opened"
    assert claims(world) == [(order.id, "Pete Novak")]


def test_a_product_finds_an_interrupted_order(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1))
    world.wait(minutes=31)
    hire(world)
    world.scan(OTHER, PETE, "WHCPACK", gtin(1))
    assert claims(world) == [(order.id, "Pete Novak")]


@pytest.mark.parametrize("where", ["verify", "package", "weigh"])
def test_a_parcel_that_somebody_else_finished_is_not_closed_twice(world: World, where: str) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    reach(world, PACK, where)
    world.wait(minutes=31)
    world.pack_all(OTHER, SARA)
    assert states(world, order) == ["labelled"]
    before = parcels(world, order)
    step = world.scan(PACK, BOB, {"verify": gtin(1), "package": "BOXL", "weigh": "WHCOK"}[where])
    assert (state(step), code(step)) == (("pack", "open"), "changed_elsewhere")
    assert text(step) == "order 1001, parcel 1 is labelled meanwhile"
    assert parcels(world, order) == before
    assert not claims(world)


# --- leaving and coming back --------------------------------------------------------------------


def test_an_order_of_which_nothing_is_packed_goes_back(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, "WHCMENU")
    assert world.find(order.number).state == "picked"
    assert not claims(world)
    assert states(world, order) == ["void"]
    step = world.scan(PACK, "WHCPACK", order.number)
    assert str(step.view.place_label) == "PARCEL 1", "the same number, so that labels say 1 of 1"
    assert states(world, order) == ["open"]


def test_a_carton_that_was_chosen_before_is_forgotten(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, "BOXL", "WHCMENU", "WHCPACK", order.number)
    assert parcels(world, order)[0].package_type_id is None


def test_an_order_that_was_asked_to_be_short_goes_back_as_well(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, "WHCSHRT", "WHCMENU")
    assert world.find(order.number).state == "picked"
    assert not claims(world)


@pytest.mark.parametrize("away", [("WHCMENU", "WHCPACK"), ("WHCOUT", BOB)])
@pytest.mark.parametrize("where", ["verify", "package", "weigh", "label"])
def test_work_goes_on_where_it_was_left(world: World, where: str, away: tuple[str, ...]) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    reach(world, PACK, where)
    before = parcels(world, order)
    step = world.scan(PACK, *away)
    assert state(step) == ("pack", where)
    assert parcels(world, order) == before
    assert claims(world) == [(order.id, "Bob Baker")]
    world.pack_all()
    assert states(world, order) == ["labelled"]
    assert not claims(world)


@pytest.mark.parametrize("where", ["verify", "package", "weigh", "override", "reason", "label"])
def test_a_killed_terminal_shows_the_same_screen(world: World, where: str) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    if where == "reason":
        world.scan(PACK, "WHCSHRT")
    elif where == "override":
        reach(world, PACK, "weigh")
        world.scan(PACK, "WHCOVER")
    before = reach(world, PACK, where)
    step = world.floor.start(PACK)
    assert state(step) == ("sign_in", "locked")
    step = world.scan(PACK, BOB)
    assert state(step) == ("pack", where)
    assert (code(step), step.view, step.prompt) == ("resumed", before.view, before.prompt)
    assert claims(world) == [(order.id, "Bob Baker")]


@pytest.mark.parametrize("where", ["verify", "package", "weigh", "label"])
def test_work_follows_its_packer_to_another_bench(world: World, where: str) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    reach(world, PACK, where)
    step = world.scan(OTHER, BOB)
    assert state(step) == ("pack", where)
    assert state(world.floor.look(PACK)) == ("sign_in", "free")
    world.pack_all(OTHER)
    assert states(world, order) == ["labelled"]


# --- meanwhile ------------------------------------------------------------------------------------


def test_a_hold_stops_the_packer_by_name(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    hold(world, order, "Customer called")
    step = world.scan(PACK, gtin(1))
    assert refusal(step)[0] == "order_on_hold"
    assert parcels(world, order)[0].state == "open"
    hold(world, order, "")
    step = world.scan(PACK, "WHCOK", gtin(1))
    assert code(step) == "verified"


@pytest.mark.parametrize("away", [("WHCMENU", "WHCPACK"), ("WHCOUT", BOB, "WHCPACK")])
def test_an_order_on_hold_keeps_nobody_from_working(world: World, away: tuple[str, ...]) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    hold(world, order)
    step = world.scan(PACK, *away)
    assert state(step) == ("pack", "open")
    assert not claims(world)
    other = picked(world, (MUG, 1))
    assert code(world.scan(PACK, other.number)) == "opened"
    world.pack_all()
    hold(world, order, "")
    step = world.scan(PACK, "WHCPACK")
    assert step.hint == at("T-0001"), "let go, it is the first to be packed again"
    world.pack_all()
    assert states(world, order) == ["labelled"]


def test_signing_in_says_that_the_order_is_on_hold(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1))
    hold(world, order)
    step = world.scan(PACK, "WHCMENU", "WHCPACK")
    assert (code(step), said(step).outcome) == ("order_on_hold", Outcome.CONFIRM)
    assert order.number in text(step)


def test_a_packed_order_whose_label_is_missing_opens_at_its_label(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.printed()
    world.scan(PACK, "WHCMENU")
    hire(world)
    step = world.scan(OTHER, PETE, "WHCPACK", order.number, order.number)
    assert state(step) == ("pack", "label")
    step = world.scan(OTHER, label_of(world, order))
    assert code(step) == "labelled"
    assert tote(world, "T-0001") == (None, "")
    assert not claims(world)
    world.scan(PACK, "WHCMENU")
    assert state(world.scan(PACK, "WHCPACK")) == ("pack", "open")


def test_the_queue_shows_local_times(world: World) -> None:
    order = picked(world, (LANTERN, 1))
    step = world.scan(PACK, BOB, "WHCPACK")
    assert step.view.table is not None
    assert [str(cell) for cell in step.view.table.rows[0]] == [
        order.number,
        "PostNL",
        "03-03 17:00",
    ]


def test_sara_is_no_packer_but_may_pack(world: World) -> None:
    order = picked(world, (LANTERN, 1))
    world.scan(PACK, SARA, "WHCPACK", order.number)
    assert claims(world) == [(order.id, "Sara Stone")]
