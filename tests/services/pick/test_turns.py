"""Whose walk it is, and when it stops."""

from __future__ import annotations

import pytest

from tests.services.pick.helpers import (
    ELSEWHERE,
    HERE,
    LANTERNS,
    MUGS,
    SIGNS,
    STAGE,
    T1,
    goods,
    stop,
)
from tests.services.saying import (
    code,
    events,
    last,
    refusal,
    said,
    stock,
    text,
)
from tests.world import (
    ANNA,
    BOB,
    LANTERN,
    MUG,
    SIGN,
    World,
    gtin,
    pack_gtin,
)
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.outcome import Outcome


def test_two_pickers_never_get_the_same_order(world: World) -> None:
    world.order((LANTERN, 1))
    assert world.scan(HERE, ANNA, "WHCPICK").state == "tote"
    step = world.scan(ELSEWHERE, BOB, "WHCPICK")
    assert (code(step), step.state) == ("no_work", "idle")


def test_a_live_walk_is_taken_over_after_a_question(there: World) -> None:
    there.scan(HERE, gtin(1), T1, gtin(1))
    step = there.scan(ELSEWHERE, BOB, "WHCPICK", T1)
    assert (code(step), said(step).outcome) == ("locked_by", Outcome.CONFIRM)
    assert text(step) == "Anna de Vries is picking this at PICK-01"
    step = there.scan(ELSEWHERE, T1)
    assert (code(step), step.state) == ("taken_over", "location")
    assert goods(step) == (LANTERN, 6, 0)
    assert "taken_over" in events(there, "1001")
    step = there.scan(HERE, gtin(1))
    assert refusal(step)[0] == "locked_by"
    assert text(step) == "Bob Baker has taken this over at PICK-02"
    assert there.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK").state == "idle"
    step = there.scan(ELSEWHERE, LANTERNS)
    there.follow(ELSEWHERE, step, ("pick", "idle"))
    assert there.find("1001").state is OrderState.PICKED


def test_a_walk_whose_lease_has_run_out_is_just_work_again(there: World) -> None:
    there.scan(HERE, gtin(1), T1, gtin(1))
    there.wait(minutes=31)
    step = there.scan(ELSEWHERE, BOB, "WHCPICK")
    assert (code(step), step.state, goods(step)) == ("work", "location", (LANTERN, 6, 0))
    step = there.scan(HERE, ANNA)
    assert refusal(there.scan(HERE, gtin(1)))[0] == "locked_by"
    assert there.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK").state == "idle"


def test_one_s_own_lease_may_run_out_over_lunch(there: World) -> None:
    there.scan(HERE, gtin(1))
    there.wait(hours=2)
    there.scan(HERE, ANNA)
    assert goods(there.scan(HERE, gtin(1))) == (LANTERN, 7, 2)


def test_every_scan_prolongs_the_lease(there: World) -> None:
    for _ in range(8):
        there.wait(minutes=4)
        there.scan(HERE, LANTERNS)
    assert there.scan(ELSEWHERE, BOB, "WHCPICK").state == "idle"


def test_a_walk_that_somebody_else_finished_is_not_dropped_twice(there: World) -> None:
    there.wait(hours=1)
    step = there.scan(ELSEWHERE, BOB, "WHCPICK")
    there.follow(ELSEWHERE, step, ("pick", "idle"))
    there.scan(HERE, ANNA)
    step = there.scan(HERE, STAGE)
    assert refusal(step)[0] == "already_done"
    assert str(said(step).got) == "picked, T-0001 at STAGE-01"
    assert there.find("1001").state is OrderState.PICKED
    assert there.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK").state == "idle"


def test_what_somebody_else_has_gone_on_with_is_seen_afresh(there: World) -> None:
    there.wait(hours=1)
    step = there.scan(ELSEWHERE, BOB, "WHCPICK")
    step = there.scan(ELSEWHERE, LANTERNS, pack_gtin(1), gtin(1), T1)
    assert step.view.place == "A01-02-1"
    there.wait(hours=1)
    there.scan(HERE, ANNA)
    assert refusal(there.scan(HERE, gtin(2)))[:2] == ("needs_first", "A01-02-1")
    assert code(there.scan(HERE, "WHCOK", MUGS)) == "location"


@pytest.mark.parametrize(
    ("change", "refused"), [({"hold": "fraud"}, "order_on_hold"), ({}, "cancelled_elsewhere")]
)
def test_an_order_that_is_stopped_under_the_picker_s_hands(
    there: World, change: dict[str, object], refused: str
) -> None:
    there.scan(HERE, gtin(1))
    before = stock(there)
    stop(there, **change)
    step = there.scan(HERE, T1)
    assert refusal(step)[0] == refused
    assert "1001" in text(step)
    assert stock(there) == before
    there.order((MUG, 1))
    step = there.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK")
    assert (code(step), "1002" in str(step.view.title)) == ("work", True)
    order = there.find("1001")
    with there.store.write() as tx:  # an order is cancelled before it is begun, or not at all
        tx.orders.set_state(order.id, OrderState.PICKING)


def test_what_is_in_the_hand_of_a_stopped_order_goes_back(there: World) -> None:
    there.scan(HERE, gtin(1))
    stop(there, hold="fraud")
    step = there.scan(HERE, T1)
    assert step.message is not None
    assert str(step.message.advice).startswith("Put the 1 in your hand back at A01-01-1, leave")
    there.scan(HERE, "WHCOK", "WHCMENU")
    stop(there, hold="")
    step = there.scan(HERE, "WHCPICK")
    assert (code(step), goods(step)) == ("work", (LANTERN, 7, 0))


def test_a_hold_that_ends_makes_it_work_again(there: World) -> None:
    stop(there, hold="fraud")
    there.scan(HERE, gtin(1))
    there.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK", "WHCOUT")
    stop(there, hold="")
    step = there.scan(ELSEWHERE, BOB, "WHCPICK")
    assert (code(step), goods(step)) == ("work", (LANTERN, 7, 0))


@pytest.mark.parametrize("state_of_tote", ["free", "picked", "held"])
def test_a_tote_that_nobody_picks_into(world: World, state_of_tote: str) -> None:
    world.order((MUG, 1))
    if state_of_tote != "free":
        world.scan(HERE, ANNA, "WHCPICK", T1, MUGS, gtin(2), T1)
    if state_of_tote == "picked":
        world.scan(HERE, STAGE)
    if state_of_tote == "held":
        stop(world, hold="fraud")
    expected = {"free": "no_work", "picked": "already_done", "held": "order_on_hold"}
    if state_of_tote == "free":
        stop(world, hold="fraud")
    step = world.scan(ELSEWHERE, BOB, "WHCPICK", T1)
    assert refusal(step)[0] == expected[state_of_tote]


def test_at_idle_only_work_is_to_be_had(world: World) -> None:
    step = world.scan(HERE, ANNA, "WHCPICK", gtin(1))
    assert refusal(step)[:2] == ("wrong_product", "Next order")
    assert code(world.scan(HERE, "WHCOK", "WHCWORK")) == "no_work"
    world.order((MUG, 1))
    step = world.floor.look(HERE)
    assert (str(step.prompt), step.hint) == ("WORK IS WAITING: NEXT ORDER", "WHCWORK")
    assert code(world.scan(HERE, "WHCWORK")) == "work"
    assert last(world).undo == '{"op": "barrier"}'


def test_the_last_stop_s_zero_check_comes_before_staging(world: World) -> None:
    world.order((SIGN, 3))
    step = world.scan(HERE, ANNA, "WHCPICK", T1, SIGNS, gtin(4), gtin(4), gtin(4), T1)
    assert (step.state, step.view.place, step.hint) == ("zero", "A01-04-1", SIGNS)
    step = world.scan(HERE, SIGNS)
    assert (code(step), step.state, step.view.place) == ("empty", "staging", "STAGE-01")


def test_what_the_picker_sees_of_the_goods(walking: World) -> None:
    step = walking.floor.look(HERE)
    assert step.view.goods is not None
    assert str(step.view.goods.detail) == "71053 · 5.6 kg · pack of 6 also scans"
    step = walking.scan(HERE, LANTERNS, pack_gtin(1), T1)
    assert step.view.goods is not None
    assert str(step.view.goods.detail) == "71053 · 0.8 kg"
