"""The returns desk: what comes back, what becomes of it, and who learns of it."""

from __future__ import annotations

import json

import pytest

from tests.services.pack_helpers import label_of, sql
from tests.services.return_helpers import (
    DESK,
    HOLD,
    RESTOCK,
    SCRAP,
    announced,
    at_desk,
    case,
    lines_of,
    set_up_channel,
    shipped,
)
from tests.services.saying import code, events, lies, lines, notices, refusal, state, text
from tests.world import CANDLE, LANTERN, MUG, SARA, SIGN, World, at, gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.store import StoreConflict
from wms_terminal.services import return_close, returns

SHELF = at("A01-01-1")


def outbox(world: World, kind: str) -> list[dict[str, object]]:
    """What the outside is to learn."""
    rows = sql(world, "SELECT payload FROM outbox WHERE kind = :kind ORDER BY id", kind=kind)
    return [json.loads(payload) for (payload,) in rows]


# --- announced ----------------------------------------------------------------------------------


def test_a_return_is_announced_with_its_number_and_at_most_what_was_shipped(world: World) -> None:
    order = shipped(world, (LANTERN, 2), (MUG, 1))
    found = announced(world, order, (LANTERN, 1), rma="RMA-7", tracking="3SBACK01")
    assert (found.number, found.state, found.rma) == ("R000001", "announced", "RMA-7")
    assert events(world, order.number)[-1] == "return_announced"
    for lines_, expected in (
        ([(LANTERN, 2)], "at most 1 × 71053"),
        ([(MUG, 2)], "at most 1 × 22423"),
        ([(MUG, 0)], "at least 1"),
        ([], "at least one product"),
    ):
        with pytest.raises(StoreConflict, match=expected):
            announced(world, order, *lines_)
    assert announced(world, order, (LANTERN, 1)).number == "R000002"


def test_what_is_not_waited_for_any_more_may_be_announced_again(world: World) -> None:
    order = shipped(world, (MUG, 1))
    first = announced(world, order, (MUG, 1))
    with world.store.write() as tx:
        returns.void(tx, first, stamp(world.now))
    assert announced(world, order, (MUG, 1)).number == "R000002"


@pytest.mark.parametrize("scanned", ["R000001", "r000001", "RMA-7", "3SBACK01", "1001", "label"])
def test_a_return_is_found_by_whatever_is_on_its_parcel(world: World, scanned: str) -> None:
    order = shipped(world, (LANTERN, 2))
    announced(world, order, (LANTERN, 2), rma="RMA-7", tracking="3SBACK01")
    step = at_desk(world, label_of(world, order) if scanned == "label" else scanned)
    assert (state(step), code(step)) == (("returns", "receive"), "return")
    assert text(step) == "Return R000001: 2 advised, 0 received"
    assert step.view.progress == (0, 2)


def test_each_unit_is_received_where_it_goes(world: World) -> None:
    order = shipped(world, (LANTERN, 3))
    before = lies(world, "A01-01-1", LANTERN)[0]
    announced(world, order, (LANTERN, 3))
    at_desk(world, "R000001")
    step = world.scan(DESK, gtin(1))
    assert (state(step), text(step)) == (
        ("returns", "inspect"),
        "1 × WHITE METAL LANTERN: what becomes of it?",
    )
    assert case(world, "R000001").state == "announced"
    step = world.scan(DESK, RESTOCK)
    assert state(step) == ("returns", "put")
    step = world.scan(DESK, SHELF)
    assert (state(step), text(step)) == (
        ("returns", "receive"),
        "1 × WHITE METAL LANTERN to A01-01-1",
    )
    assert lies(world, "A01-01-1", LANTERN)[0] == before + 1
    assert (case(world, "R000001").state, lines(world, "1001")[0].returned) == ("arrived", 1)
    world.scan(DESK, gtin(1), SCRAP)
    step = world.scan(DESK, gtin(1), HOLD)
    assert step.message is not None
    assert step.message.outcome is Outcome.ORDER_DONE
    assert lies(world, "PROBLEM-01", LANTERN) == (1, 0)
    (line,) = lines_of(world, "R000001")
    assert (line.advised, line.received, line.restocked, line.scrapped, line.held) == (
        3,
        3,
        1,
        1,
        1,
    )
    assert lines(world, "1001")[0].returned == 3


def test_a_pile_says_it_for_every_unit(world: World) -> None:
    order = shipped(world, (LANTERN, 3), (MUG, 2))
    announced(world, order, (LANTERN, 3), (MUG, 2))
    at_desk(world, "R000001")
    step = world.scan(DESK, SHELF)
    assert code(step) == "pile"
    for _ in range(3):
        step = world.scan(DESK, gtin(1))
        assert state(step) == ("returns", "receive")
    assert step.message is not None
    assert step.message.outcome is Outcome.LINE_DONE
    step = world.scan(DESK, SCRAP, gtin(2), "WHCNO", gtin(2))
    assert state(step) == ("returns", "inspect")
    assert [(line.restocked, line.scrapped) for line in lines_of(world, "R000001")] == [
        (3, 0),
        (0, 1),
    ]


def test_a_pile_that_is_restocked_asks_once_where(world: World) -> None:
    order = shipped(world, (LANTERN, 2))
    announced(world, order, (LANTERN, 2))
    at_desk(world, "R000001", RESTOCK)
    assert state(world.scan(DESK, gtin(1))) == ("returns", "put")
    assert state(world.scan(DESK, SHELF)) == ("returns", "receive")
    assert state(world.scan(DESK, gtin(1))) == ("returns", "receive")
    assert lines_of(world, "R000001")[0].restocked == 2


@pytest.mark.parametrize("place", ["STAGE-01", "BENCH-01", "PROBLEM-01", "DOCK-1"])
def test_goods_are_restocked_on_a_shelf_only(world: World, place: str) -> None:
    order = shipped(world, (LANTERN, 1))
    announced(world, order, (LANTERN, 1))
    step = at_desk(world, "R000001", gtin(1), RESTOCK, at(place))
    assert refusal(step) == ("wrong_location", "a pick or bulk location", place)
    assert lines_of(world, "R000001")[0].received == 0


def test_the_last_scan_is_taken_back(world: World) -> None:
    order = shipped(world, (LANTERN, 2))
    before = lies(world, "A01-01-1", LANTERN)
    announced(world, order, (LANTERN, 2))
    at_desk(world, "R000001", gtin(1), RESTOCK, SHELF)
    step = world.scan(DESK, "WHCUNDO")
    assert (state(step), code(step)) == (("returns", "put"), "undone")
    assert lies(world, "A01-01-1", LANTERN) == before
    assert (lines_of(world, "R000001")[0].received, lines(world, "1001")[0].returned) == (0, 0)
    assert state(world.scan(DESK, "WHCUNDO")) == ("returns", "inspect")
    assert state(world.scan(DESK, "WHCUNDO")) == ("returns", "receive")
    assert code(world.scan(DESK, "WHCUNDO")) == "nothing_to_undo"


def test_a_unit_that_is_not_scanned_after_all_goes_nowhere(world: World) -> None:
    order = shipped(world, (LANTERN, 1))
    announced(world, order, (LANTERN, 1))
    step = at_desk(world, "R000001", gtin(1), RESTOCK, "WHCNO")
    assert (state(step), code(step)) == (("returns", "receive"), "answered_no")
    assert lines_of(world, "R000001")[0].received == 0


@pytest.mark.parametrize("there", [DESK, "PICK-02"])
def test_any_terminal_goes_on_where_this_one_was_killed(world: World, there: str) -> None:
    order = shipped(world, (LANTERN, 1))
    announced(world, order, (LANTERN, 1))
    at_desk(world, "R000001", gtin(1), RESTOCK)
    world.floor.start(DESK)
    assert state(world.scan(there, SARA)) == ("returns", "put")
    assert state(world.scan(there, SHELF)) == ("returns", "receive")
    assert lines_of(world, "R000001")[0].restocked == 1


def test_a_lot_is_asked_where_several_left(world: World) -> None:
    order = shipped(world, (CANDLE, 12))
    announced(world, order, (CANDLE, 2))
    step = at_desk(world, "R000001", SCRAP, gtin(3))
    assert (state(step), text(step)) == (
        ("returns", "lot"),
        "SCENTED CANDLE: scan the lot, LOT-A / LOT-B",
    )
    assert refusal(world.scan(DESK, "LOT-X"))[:2] == ("wrong_lot", "LOT-A / LOT-B")
    step = world.scan(DESK, "WHCOK", "LOT-B")
    assert state(step) == ("returns", "receive")
    world.scan(DESK, gtin(3), "LOT-B")
    came = [(line.lot, line.advised, line.received) for line in lines_of(world, "R000001")]
    assert came == [("", 2, 0), ("LOT-B", 0, 2)]
    # All of that lot is back: what comes now can only be of the other.
    world.scan(DESK, gtin(3))
    assert lines_of(world, "R000001")[-1].lot == "LOT-A"


# --- closed -------------------------------------------------------------------------------------


def test_closing_tells_channel_customer_and_proposes_the_refund_once(world: World) -> None:
    set_up_channel(world)
    order = shipped(world, (LANTERN, 2), (MUG, 1))
    announced(world, order, (LANTERN, 2), (MUG, 1), rma="RMA-7")
    at_desk(world, "R000001", SHELF, gtin(1), SCRAP, gtin(1), HOLD, gtin(2))
    step = world.scan(DESK, "WHCOK")
    assert (state(step), text(step)) == (("returns", "start"), "Return R000001 closed: 3 units")
    (news,) = outbox(world, "return")
    assert (news["key"], news["rma"], news["reference"]) == ("R000001", "RMA-7", "1001")
    told = [(line["sku"], line["quantity"], line["disposition"]) for line in news["lines"]]  # type: ignore[attr-defined]
    assert told == [(LANTERN, 1, "restock"), (LANTERN, 1, "scrap"), (MUG, 1, "hold")]
    (mail,) = outbox(world, "return_received")
    assert [(line["sku"], line["quantity"]) for line in mail["lines"]] == [(LANTERN, 2), (MUG, 1)]  # type: ignore[attr-defined]
    with world.store.read() as tx:
        (refund,) = tx.refunds.of_order(order.id)
    assert (refund.amount, refund.key, refund.return_id) == (750, "return:R000001", 1)
    assert "return_closed" in events(world, order.number)
    assert refusal(world.scan(DESK, "R000002"))[0] == "unknown_code"
    closed = case(world, "R000001")
    with pytest.raises(StoreConflict), world.store.write() as tx:
        return_close.close(tx, closed, stamp(world.now))


def test_what_differs_is_asked_once_and_customer_service_is_told(world: World) -> None:
    order = shipped(world, (LANTERN, 3))
    announced(world, order, (LANTERN, 2))
    at_desk(world, "R000001", SCRAP, gtin(1))
    step = world.scan(DESK, "WHCOK")
    assert (code(step), text(step)) == ("close", "1 came, 2 were advised: close it?")
    assert state(world.scan(DESK, "WHCOK")) == ("returns", "start")
    assert any(
        "R000001: 1 × WHITE METAL LANTERN came, 2 advised" in text for text in notices(world)
    )


def test_more_than_advised_is_received_as_long_as_it_was_shipped(world: World) -> None:
    order = shipped(world, (LANTERN, 3))
    announced(world, order, (LANTERN, 1))
    at_desk(world, "R000001", SCRAP, gtin(1), gtin(1))
    assert lines_of(world, "R000001")[0].received == 2
    assert code(world.scan(DESK, "WHCOK")) == "close"


def test_a_return_of_which_nothing_came_is_given_up(world: World) -> None:
    order = shipped(world, (LANTERN, 1))
    announced(world, order, (LANTERN, 1))
    step = at_desk(world, "R000001", "WHCOK")
    assert code(step) == "close"
    assert code(world.scan(DESK, "WHCOK")) == "void"
    assert case(world, "R000001").state == "void"
    assert refusal(world.scan(DESK, "R000001"))[0] == "already_done"


# --- unannounced --------------------------------------------------------------------------------


def test_what_was_not_announced_is_received_against_its_order(world: World) -> None:
    order = shipped(world, (LANTERN, 2))
    step = at_desk(world, label_of(world, order))
    assert text(step) == "Return R000001: 0 advised, 0 received"
    world.scan(DESK, SCRAP, gtin(1), "WHCOK")
    assert (case(world, "R000001").state, lines(world, "1001")[0].returned) == ("closed", 1)
    # The rest may come another day.
    assert text(world.scan(DESK, "1001")).startswith("Return R000002")


def test_an_order_that_was_only_looked_at_leaves_no_return_behind(world: World) -> None:
    shipped(world, (LANTERN, 1))
    at_desk(world, "1001", "WHCMENU")
    assert case(world, "R000001").state == "void"
    with world.store.read() as tx:
        assert tx.returns.open(10) == []


def test_an_order_that_has_not_left_has_nothing_to_send_back(world: World) -> None:
    world.order((LANTERN, 1))
    assert refusal(at_desk(world, "1001"))[0] == "needs_first"


def test_an_order_that_is_all_back_is_said_to_be(world: World) -> None:
    shipped(world, (LANTERN, 1))
    at_desk(world, "1001", SCRAP, gtin(1), "WHCOK")
    assert refusal(world.scan(DESK, "1001"))[0] == "already_done"


# --- nobody's -----------------------------------------------------------------------------------


def test_goods_of_nobody_are_kept_on_hold_and_linked_later(world: World) -> None:
    order = shipped(world, (LANTERN, 2))
    step = at_desk(world, gtin(1))
    assert (code(step), text(step)) == (
        "whose",
        "Whose is it? Keep 1 × WHITE METAL LANTERN on hold?",
    )
    step = world.scan(DESK, gtin(1))
    assert (state(step), code(step)) == (("returns", "orphan"), "kept")
    world.scan(DESK, gtin(1))
    assert text(world.scan(DESK, "WHCOK")) == "Return R000001 stays open: 2 on hold"
    assert lies(world, "PROBLEM-01", LANTERN) == (2, 0)
    # Somebody has found out.
    step = world.scan(DESK, "R000001", order.number)
    assert (code(step), text(step)) == ("link", "Is return R000001 of order 1001?")
    step = world.scan(DESK, order.number)
    assert (state(step), code(step)) == (("returns", "receive"), "linked")
    assert lines(world, "1001")[0].returned == 2
    # What is on hold goes where it belongs.
    world.scan(DESK, gtin(1), SHELF)
    step = world.scan(DESK, SCRAP, gtin(1))
    assert code(step) == "off_hold"
    world.scan(DESK, "WHCUNDO", gtin(1))
    (line,) = lines_of(world, "R000001")
    assert (line.received, line.restocked, line.scrapped, line.held) == (2, 1, 1, 0)
    assert lies(world, "PROBLEM-01", LANTERN) == (0, 0)
    assert code(world.scan(DESK, "WHCOK")) == "closed"
    with world.store.read() as tx:
        assert [refund.amount for refund in tx.refunds.of_order(order.id)] == [500]


def test_goods_are_not_linked_to_an_order_that_had_none(world: World) -> None:
    order = shipped(world, (MUG, 1))
    at_desk(world, gtin(1), gtin(1))
    step = world.scan(DESK, order.number)
    assert refusal(step)[0] == "wrong_order"
    assert case(world, "R000001").order_id is None


@pytest.mark.parametrize("foreign", [gtin(2), gtin(1)])
def test_what_the_order_does_not_account_for_is_kept_apart_by_decision(
    world: World, foreign: str
) -> None:
    order = shipped(world, (LANTERN, 1))
    announced(world, order, (LANTERN, 1), reason="wrong_item")
    at_desk(world, "R000001", SCRAP, gtin(1))
    step = world.scan(DESK, foreign)
    assert code(step) == "whose"
    assert case(world, "R000001").state == "arrived"
    step = world.scan(DESK, foreign)
    assert (state(step), code(step)) == (("returns", "receive"), "kept")
    assert (case(world, "R000002").order_id, lines_of(world, "R000002")[0].held) == (None, 1)
    assert any("R000002" in text and "R000001" in text for text in notices(world))
    world.scan(DESK, "WHCUNDO")
    assert case(world, "R000002").state == "void"
    world.scan(DESK, foreign, foreign, foreign, "WHCOK")
    assert len(lines_of(world, "R000003")) == 1
    assert lines_of(world, "R000003")[0].received == 2


def test_goods_that_nobody_ever_claims_are_sold_again(world: World) -> None:
    shipped(world, (LANTERN, 1))
    at_desk(world, gtin(1), gtin(1), "WHCTAKE", gtin(1), SHELF)
    assert code(world.scan(DESK, "WHCOK")) == "closed"
    assert lines_of(world, "R000001")[0].restocked == 1


def test_what_was_held_when_a_return_was_closed_is_decided_later(world: World) -> None:
    order = shipped(world, (LANTERN, 2))
    announced(world, order, (LANTERN, 1))
    at_desk(world, "R000001", HOLD, gtin(1), "WHCOK")
    step = world.scan(DESK, "R000001")
    assert state(step) == ("returns", "receive")
    assert refusal(world.scan(DESK, gtin(2)))[0] == "nothing_done"
    world.scan(DESK, "WHCOK", gtin(1), SHELF)
    assert lines_of(world, "R000001")[0].restocked == 1
    assert code(world.scan(DESK, "WHCOK")) == "closed"


# --- whose mistake ------------------------------------------------------------------------------


def test_a_wrong_item_shows_the_pick_and_pack_scans_behind_it(world: World) -> None:
    order = shipped(world, (LANTERN, 2), (SIGN, 1))
    announced(world, order, (LANTERN, 1), reason="Verkeerd artikel ontvangen")
    at_desk(world, "R000001")
    step = world.scan(DESK, "WHCSKIP")
    assert state(step) == ("returns", "proof")
    assert step.view.table is not None
    seen = [[str(cell) for cell in row[1:]] for row in step.view.table.rows]
    assert ["picked", "Anna de Vries", "PICK-01", gtin(1).zfill(14), ""] in seen
    assert ["picked", "Anna de Vries", "PICK-01", at("T-0001"), f"2 × {LANTERN}"] in seen
    assert ["packed", "Bob Baker", "PACK-01", gtin(1).zfill(14), f"1 × {LANTERN}"] in seen
    assert not any(SIGN in row[-1] or gtin(4) in row[-2] for row in seen)
    assert state(world.scan(DESK, gtin(1))) == ("returns", "inspect")
