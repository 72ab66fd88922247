"""What is not there, and places that are empty."""

from __future__ import annotations

import pytest

from tests.services.pick.helpers import (
    CANDLES,
    ELSEWHERE,
    HERE,
    LANTERNS,
    MUGS,
    SIGNS,
    STAGE,
    T1,
    T2,
    T3,
    goods,
    restock,
    route,
)
from tests.services.saying import (
    code,
    events,
    lies,
    lines,
    notices,
    refusal,
    said,
    state,
    stock,
    text,
    tote,
)
from tests.world import (
    ANNA,
    BOB,
    CANDLE,
    LANTERN,
    MUG,
    SIGN,
    World,
    at,
    gtin,
    pack_gtin,
)
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.records import (
    LocationRecord,
    StockRecord,
)
from wms_terminal.services import take_in

# --- short ---------------------------------------------------------------------------------------


def test_the_rest_is_fetched_elsewhere(there: World) -> None:
    step = there.scan(HERE, gtin(1), T1, "WHCSHRT")
    assert (state(step), str(step.prompt)) == (("pick", "reason"), "WHY IS IT SHORT?")
    assert [key.code for key in step.keys][:2] == ["WHREMPTY", "WHRFEWER"]
    step = there.scan(HERE, "WHRFEWER")
    assert (code(step), text(step)) == ("short", "6 are to be had elsewhere: the walk goes there")
    assert lies(there, "A01-01-1", LANTERN) == (19, 0)
    assert lies(there, "B01-01-1", LANTERN) == (100, 6)
    assert route(there, step) == [("A01-02-1", 2), ("A01-03-1", 3), ("B01-01-1", 6)]
    assert lines(there, "1001")[0].picked == 7
    assert "short_pick" in events(there, "1001")
    assert notices(there) == [
        "Short: 6 × WHITE METAL LANTERN at A01-01-1 (Fewer than shown)",
    ]


@pytest.mark.parametrize("reason", ["WHREMPTY", "WHRFEWER", "WHROTHER", "WHRREACH"])
def test_a_location_in_doubt_is_left_out_until_it_is_counted(world: World, reason: str) -> None:
    world.order((LANTERN, 1))
    step = world.scan(HERE, ANNA, "WHCPICK", T1, "WHCSHRT", reason)
    assert (code(step), step.view.place) == ("short", "B01-01-1")
    world.scan(HERE, at("B01-01-1"), gtin(1), T1, STAGE)
    world.order((LANTERN, 1))
    assert world.scan(HERE, "WHCWORK", T2).view.place == "B01-01-1"
    restock(world, StockRecord("A01-01-1", LANTERN, 8))
    world.order((LANTERN, 1))
    assert world.scan(ELSEWHERE, BOB, "WHCPICK", T3).view.place == "A01-01-1"


def test_what_is_nowhere_is_on_back_order(walking: World) -> None:
    step = walking.scan(HERE, "WHCSKIP", MUGS, gtin(2), T1, "WHCSHRT", "WHREMPTY")
    assert (code(step), text(step)) == ("short", "1 × RED RETROSPOT MUG on back-order")
    line = lines(walking, "1001")[1]
    assert (line.ordered, line.allocated, line.picked, line.to_allocate) == (2, 1, 1, 1)
    assert "backorder" in events(walking, "1001")
    assert "Order 1001: 1 units on back-order" in notices(walking)
    assert lies(walking, "A01-02-1", MUG) == (4, 0)
    step = walking.follow(HERE, step, ("pick", "idle"))
    assert walking.find("1001").state is OrderState.PICKED
    assert not walking.find("1001").hold


def test_damaged_goods_go_to_the_problem_location(there: World) -> None:
    step = there.scan(HERE, pack_gtin(1), T1, "WHCSHRT", "WHRDAMAG")
    assert lies(there, "PROBLEM-01", LANTERN) == (1, 0)
    assert (code(step), step.view.place, goods(step)) == ("short", "A01-01-1", (LANTERN, 1, 0))
    assert lies(there, "A01-01-1", LANTERN) == (13, 1)
    assert code(there.scan(HERE, LANTERNS, gtin(1), T1)) == "picked"


def test_damaged_goods_where_there_is_no_problem_location(there: World) -> None:
    problem = LocationRecord("PROBLEM-01", "bench")
    take_in.locations(there.store, [problem])
    step = there.scan(HERE, pack_gtin(1), T1, "WHCSHRT", "WHRDAMAG")
    assert (code(step), lies(there, "A01-01-1", LANTERN)) == ("short", (14, 0))
    assert lies(there, "B01-01-1", LANTERN) == (100, 1)


def test_short_of_everything(world: World) -> None:
    world.order((SIGN, 3))
    world.order((MUG, 1))
    world.scan(HERE, ANNA, "WHCPICK")
    step = world.scan(HERE, T1, "WHCSHRT", "WHREMPTY")
    assert (code(step), text(step)) == ("order_waits", "3 × METAL SIGN [red]NO[/red] on back-order")
    order = world.find("1001")
    assert (order.state, order.waiting) == (OrderState.NEW, "stock")
    assert tote(world, "T-0001") == (None, "")
    assert (step.state, "1002" in str(step.view.title)) == ("tote", True)
    restock(world, StockRecord("A01-04-1", SIGN, 4))
    assert not world.find("1001").waiting
    step = world.scan(ELSEWHERE, BOB, "WHCPICK")
    assert (code(step), "1001" in str(step.view.title)) == ("work", True)


def test_a_shortage_is_not_reported_with_goods_in_the_hand(there: World) -> None:
    step = there.scan(HERE, gtin(1), "WHCSHRT")
    assert refusal(step) == ("needs_first", "T-0001", "a command: Short")


def test_no_reason_no_shortage(there: World) -> None:
    before = stock(there)
    step = there.scan(HERE, "WHCSHRT", "WHRSPOIL")
    assert refusal(step) == ("wrong_reason", "a reason from the list", "a reason: WHRSPOIL")
    assert there.scan(HERE, "WHCOK").state == "reason"
    assert refusal(there.scan(HERE, gtin(1)))[0] == "wrong_product"
    step = there.scan(HERE, "WHCOK", "WHCNO")
    assert (code(step), state(step)) == ("answered_no", ("pick", "product"))
    assert stock(there) == before
    assert not notices(there)


def test_a_shortage_cannot_be_taken_back(there: World) -> None:
    there.scan(HERE, "WHCSHRT", "WHREMPTY")
    assert refusal(there.scan(HERE, "WHCUNDO"))[0] == "nothing_to_undo"


# --- zero-check ----------------------------------------------------------------------------------


@pytest.fixture
def emptied(world: World) -> World:
    """Anna took the last signs."""
    world.order((SIGN, 3), (CANDLE, 1))
    world.scan(HERE, ANNA, "WHCPICK", T1, "WHCSKIP")
    step = world.scan(HERE, SIGNS, gtin(4), gtin(4), gtin(4), T1)
    assert (step.state, step.view.place) == ("zero", "A01-04-1")
    assert said(step).outcome is Outcome.LINE_DONE
    return world


@pytest.mark.parametrize("yes", ["WHCOK", SIGNS])
def test_the_location_is_empty(emptied: World, yes: str) -> None:
    step = emptied.scan(HERE, yes)
    assert (code(step), text(step)) == ("empty", "A01-04-1 is empty")
    assert step.view.place == "A01-03-1"
    assert not notices(emptied)


def test_the_location_is_not_empty(emptied: World) -> None:
    step = emptied.scan(HERE, "WHCNO")
    assert (code(step), step.view.place) == ("count_asked", "A01-03-1")
    assert notices(emptied) == ["Count A01-04-1: it should be empty and is not"]


def test_no_other_location_answers(emptied: World) -> None:
    assert refusal(emptied.scan(HERE, CANDLES)) == (
        "wrong_location",
        "A01-04-1 for yes, or No",
        "a location: A01-03-1",
    )


def test_the_last_pick_can_be_taken_back_at_the_zero_check(emptied: World) -> None:
    step = emptied.scan(HERE, "WHCUNDO")
    assert (code(step), state(step)) == ("undone", ("pick", "product"))
    assert lies(emptied, "A01-04-1", SIGN) == (3, 3)
