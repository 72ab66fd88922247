"""Short at packing: what was picked is not there, or is broken."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    PACK,
    claims,
    hold,
    inside,
    label_of,
    opened,
    reach,
    sql,
    states,
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
    text,
    tote,
)
from tests.world import CANDLE, LANTERN, MUG, SIGN, World, at, gtin
from wms_terminal.domain.outcome import Outcome


def test_it_asks_why_and_shows_what(world: World) -> None:
    opened(world, (LANTERN, 3), (MUG, 1))
    step = world.scan(PACK, gtin(1), "WHCSHRT")
    assert (state(step), code(step)) == (("pack", "reason"), "why_short")
    assert step.view.goods is not None
    assert (step.view.goods.sku, step.view.goods.quantity) == (LANTERN, 2)
    assert state(world.scan(PACK, "WHCNO")) == ("pack", "verify")


def test_what_is_missing_goes_on_back_order(world: World) -> None:
    order = opened(world, (LANTERN, 3), (MUG, 1))
    step = world.scan(PACK, gtin(1), "WHCSHRT", "WHRMISS")
    assert (state(step), code(step)) == (("pack", "verify"), "short")
    assert text(step) == (
        "Short at packing: 2 × WHITE METAL LANTERN of order 1001 (Missing from the tote)"
    )
    line = lines(world, order.number)[0]
    assert (line.ordered, line.allocated, line.picked, line.packed) == (3, 1, 1, 1)
    assert lies(world, "T-0001", LANTERN) == (0, 0)
    assert lies(world, "PROBLEM-01", LANTERN) == (0, 0)
    assert events(world, order.number)[-2:] == ["short_pack", "backorder"]
    assert notices(world)[-2:] == [text(step), "Order 1001: 2 units on back-order"]
    assert refusal(world.scan(PACK, "WHCUNDO"))[0] == "nothing_to_undo"


def test_what_is_damaged_lies_at_the_problem_location(world: World) -> None:
    opened(world, (LANTERN, 3), (MUG, 1))
    world.scan(PACK, gtin(1), "WHCSHRT", "WHRDAMAG")
    assert lies(world, "PROBLEM-01", LANTERN) == (2, 0)


def test_another_product_than_the_first_is_short_when_it_is_scanned(world: World) -> None:
    order = opened(world, (LANTERN, 3), (MUG, 2))
    step = world.scan(PACK, "WHCSHRT", gtin(2))
    assert text(step) == "Why is RED RETROSPOT MUG short?"
    assert step.view.goods is not None
    assert (step.view.goods.sku, step.view.goods.quantity) == (MUG, 2)
    world.scan(PACK, "WHRMISS")
    assert [line.picked for line in lines(world, order.number)] == [3, 0]


@pytest.mark.parametrize("scanned", [gtin(4), "WHRREACH", "NOSUCH"])
def test_only_a_reason_or_an_open_product_answers(world: World, scanned: str) -> None:
    order = opened(world, (LANTERN, 3))
    step = world.scan(PACK, "WHCSHRT", scanned)
    assert refusal(step)[1] == "a reason from the list, or the product that is short"
    assert lines(world, order.number)[0].picked == 3


def test_both_lines_of_a_product_are_short_together(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1), (LANTERN, 2))
    step = world.scan(PACK, gtin(1), gtin(1), gtin(1), "WHCSHRT", gtin(1), "WHRMISS")
    assert "1 × WHITE METAL LANTERN" in text(step)
    assert [line.picked for line in lines(world, order.number)] == [2, 1, 1]


def test_several_lots_are_short_together(world: World) -> None:
    opened(world, (CANDLE, 12))
    world.scan(PACK, f"]C1010{gtin(3)}10LOT-A", "WHCSHRT", "WHRDAMAG")
    assert lies(world, "PROBLEM-01", CANDLE, "LOT-A") == (9, 0)
    assert lies(world, "PROBLEM-01", CANDLE, "LOT-B") == (2, 0)


def test_with_the_rest_short_the_parcel_is_closed(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    step = world.scan(PACK, gtin(1), "WHCSHRT", "WHRMISS")
    assert (state(step), code(step)) == (("pack", "package"), "short")
    world.pack_all()
    assert states(world, order) == ["labelled"]
    assert inside(world, order) == {LANTERN: 1}
    assert world.find(order.number).state == "packed"


def test_with_everything_short_no_empty_parcel_stays(world: World) -> None:
    order = opened(world, (SIGN, 3))
    step = world.scan(PACK, "WHCSHRT", "WHRMISS")
    assert (state(step), code(step)) == (("pack", "open"), "short")
    assert states(world, order) == ["void"]
    assert tote(world, "T-0001") == (None, "")
    assert not claims(world)
    after = world.find(order.number)
    assert (after.state, after.waiting) == ("new", "stock")


def test_an_order_of_which_everything_was_short_is_picked_anew(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, "WHCSHRT", "WHRDAMAG")
    after = world.find(order.number)
    assert (after.state, after.waiting) == ("new", ""), "there are more on the shelf"
    world.pick_all()
    world.pack_all()
    assert world.find(order.number).state == "packed"
    assert states(world, order) == ["labelled"]
    assert inside(world, order) == {LANTERN: 3}


def test_the_second_box_is_given_up_when_the_rest_is_short(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    world.scan(PACK, label_of(world, order))
    step = world.scan(PACK, "WHCSHRT", "WHRMISS")
    assert state(step) == ("pack", "open")
    assert states(world, order) == ["labelled", "void"]
    assert world.find(order.number).state == "packed"
    assert tote(world, "T-0001") == (None, "")
    assert not claims(world)


def test_an_order_that_may_not_leave_in_parts_is_held(world: World) -> None:
    order = opened(world, (LANTERN, 3), partial=False)
    step = world.scan(PACK, gtin(1), "WHCSHRT", "WHRMISS")
    assert (state(step), code(step)) == (("pack", "open"), "held")
    assert said(step).outcome is Outcome.CONFIRM
    assert world.find(order.number).hold
    assert events(world, order.number)[-1] == "held"
    assert "Order 1001 is incomplete and held at the bench" in notices(world)
    assert refusal(world.scan(PACK, order.number))[0] == "order_on_hold"
    hold(world, order, "")
    step = world.scan(PACK, "WHCOK", at("T-0001"))
    assert state(step) == ("pack", "package")
    world.pack_all()
    assert states(world, order) == ["labelled"]


def test_without_a_place_for_problems_nothing_is_damaged(world: World) -> None:
    opened(world, (LANTERN, 3))
    sql(world, "UPDATE location SET kind = 'bulk' WHERE kind = 'problem'")
    step = world.scan(PACK, "WHCSHRT", "WHRDAMAG")
    assert refusal(step)[0] == "configuration"
    assert lies(world, "T-0001", LANTERN) == (3, 0)


def test_a_reopened_parcel_may_turn_out_short(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.pack_all()
    world.scan(PACK, "WHCREOP", label_of(world, order), at("T-0003"), gtin(1))
    step = world.scan(PACK, "WHCSHRT", "WHRDAMAG")
    assert state(step) == ("pack", "weigh")
    world.follow(PACK, step, until=("pack", "open"))
    assert inside(world, order) == {LANTERN: 1}
    assert lies(world, "PROBLEM-01", LANTERN) == (1, 0)
