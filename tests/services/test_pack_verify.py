"""Every unit is verified: what goes in, what is refused, what comes out again."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    PACK,
    inside,
    label_of,
    opened,
    packed,
    parcels,
    picked,
    reach,
    states,
)
from tests.services.saying import code, events, lies, lines, refusal, said, state, text, tote
from tests.world import CANDLE, LANTERN, MUG, World, at, gtin, pack_gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.records import StockRecord
from wms_terminal.services import take_in


def lot(name: str) -> str:
    """A candle's code with its lot."""
    return f"]C1010{gtin(3)}10{name}"


def test_a_unit_moves_from_the_tote_into_the_parcel(world: World) -> None:
    order = opened(world, (LANTERN, 3), (MUG, 1))
    step = world.scan(PACK, gtin(1))
    assert (code(step), said(step).outcome) == ("verified", Outcome.OK)
    assert text(step) == "1 × WHITE METAL LANTERN into parcel 1"
    assert step.view.progress == (1, 4)
    assert lies(world, "T-0001", LANTERN) == (2, 0)
    assert lies(world, f"P-{order.number}-1", LANTERN) == (1, 0)
    assert lines(world, order.number)[0].packed == 1
    assert inside(world, order) == {LANTERN: 1}


def test_the_last_unit_of_a_line_and_of_the_order_say_so(world: World) -> None:
    opened(world, (LANTERN, 2), (MUG, 1))
    world.scan(PACK, gtin(1))
    step = world.scan(PACK, gtin(1))
    assert said(step).outcome is Outcome.LINE_DONE
    assert state(step) == ("pack", "verify")
    step = world.scan(PACK, gtin(2))
    assert state(step) == ("pack", "package")


def test_a_product_number_keyed_in_counts_as_a_scan(world: World) -> None:
    order = opened(world, (MUG, 2))
    step = world.key(PACK, MUG)
    assert code(step) == "verified"
    assert inside(world, order) == {MUG: 1}
    assert world.journal(1)[0].source == "keyed"


def test_a_pack_counts_for_what_is_in_it(world: World) -> None:
    order = opened(world, (LANTERN, 7))
    assert world.floor.look(PACK).hint == pack_gtin(1)
    step = world.scan(PACK, pack_gtin(1))
    assert text(step) == "6 × WHITE METAL LANTERN into parcel 1"
    assert inside(world, order) == {LANTERN: 6}
    step = world.scan(PACK, pack_gtin(1))
    assert said(step).outcome is Outcome.OVER
    assert refusal(step) == ("over_quantity", "1", "6 × WHITE METAL LANTERN (71053)")
    assert inside(world, order) == {LANTERN: 6}


def test_a_wrong_product_is_named_with_what_was_expected(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    step = world.scan(PACK, gtin(4))
    assert said(step).outcome is Outcome.WRONG
    assert refusal(step) == (
        "wrong_product",
        "WHITE METAL LANTERN (71053) / RED RETROSPOT MUG (22423)",
        "METAL SIGN [red]NO[/red] (21733)",
    )
    assert inside(world, order) == {}


def test_the_third_of_two_is_one_too_many(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    world.scan(PACK, gtin(1), gtin(1))
    step = world.scan(PACK, gtin(1))
    assert said(step).outcome is Outcome.OVER
    assert refusal(step) == ("over_quantity", "0", "1 × WHITE METAL LANTERN (71053)")
    assert text(step) == "Too many: 2 are packed, 0 still to come"
    assert inside(world, order) == {LANTERN: 2}


@pytest.mark.parametrize(
    ("scanned", "wanted"), [("NOSUCH", "unknown_code"), (at("A01-01-1"), "wrong_location")]
)
def test_other_codes_are_refused_by_what_they_are(world: World, scanned: str, wanted: str) -> None:
    opened(world, (LANTERN, 2))
    assert refusal(world.scan(PACK, scanned))[:2] == (wanted, "WHITE METAL LANTERN (71053)")


def test_the_same_product_on_two_lines_fills_one_after_the_other(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1), (LANTERN, 3))
    world.scan(PACK, gtin(1), gtin(1), gtin(1))
    assert [line.packed for line in lines(world, order.number)] == [2, 0, 1]
    step = world.scan(PACK, gtin(1), gtin(1))
    assert said(step).outcome is Outcome.LINE_DONE
    step = world.scan(PACK, gtin(1))
    assert refusal(step)[:2] == ("over_quantity", "0")


def test_a_pack_may_reach_over_two_lines(world: World) -> None:
    order = opened(world, (LANTERN, 2), (LANTERN, 4), (MUG, 1))
    world.scan(PACK, pack_gtin(1))
    assert [line.packed for line in lines(world, order.number)] == [2, 4, 0]
    world.scan(PACK, "WHCUNDO")
    assert [line.packed for line in lines(world, order.number)] == [0, 0, 0]
    assert lies(world, "T-0001", LANTERN) == (6, 0)


# --- undo and take out --------------------------------------------------------------------------


def test_undo_puts_the_last_unit_back(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1), gtin(1))
    step = world.scan(PACK, "WHCUNDO")
    assert code(step) == "undone"
    assert text(step) == "Taken back: 1 × WHITE METAL LANTERN into parcel 1"
    assert inside(world, order) == {LANTERN: 1}
    assert lies(world, "T-0001", LANTERN) == (2, 0)
    world.scan(PACK, "WHCUNDO")
    assert inside(world, order) == {}
    assert refusal(world.scan(PACK, "WHCUNDO"))[0] == "nothing_to_undo"


def test_undo_comes_back_from_the_carton_and_from_the_scale(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), gtin(1))
    assert state(world.scan(PACK, "WHCUNDO")) == ("pack", "verify")
    world.scan(PACK, gtin(1), "BOXL")
    assert state(world.scan(PACK, "WHCUNDO")) == ("pack", "verify")
    assert inside(world, order) == {LANTERN: 1}


def test_undo_ends_where_the_parcel_was_closed(world: World) -> None:
    packed(world, (LANTERN, 1))
    assert refusal(world.scan(PACK, "WHCUNDO"))[0] == "nothing_to_undo"


def test_what_is_taken_out_goes_into_the_tote(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, gtin(1), gtin(1))
    step = world.scan(PACK, "WHCTAKE")
    assert str(step.prompt) == "SCAN THE PRODUCT YOU TAKE OUT"
    step = world.scan(PACK, gtin(1))
    assert (code(step), text(step)) == (
        "taken_out",
        "1 × WHITE METAL LANTERN out of parcel 1 into T-0001",
    )
    assert str(step.prompt) == "SCAN EVERY UNIT", "only one unit: the next scan puts in again"
    assert inside(world, order) == {LANTERN: 1}
    assert lies(world, "T-0001", LANTERN) == (2, 0)
    assert "taken_out" in events(world, order.number)


def test_take_out_pressed_twice_is_off_again(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, "WHCTAKE", "WHCTAKE", gtin(1))
    assert inside(world, order) == {LANTERN: 1}


def test_what_is_not_in_the_parcel_cannot_be_taken_out(world: World) -> None:
    opened(world, (LANTERN, 3), (MUG, 1))
    world.scan(PACK, gtin(1), "WHCTAKE")
    step = world.scan(PACK, gtin(2))
    assert refusal(step) == (
        "wrong_product",
        "something that is in parcel 1",
        "1 × RED RETROSPOT MUG (22423)",
    )
    step = world.scan(PACK, "WHCOK", pack_gtin(1))
    assert refusal(step)[1:] == (
        "1 × WHITE METAL LANTERN",
        "6 × WHITE METAL LANTERN (71053)",
    )


@pytest.mark.parametrize("where", ["package", "weigh"])
def test_units_come_out_again_before_the_parcel_is_closed(world: World, where: str) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), gtin(1))
    reach(world, PACK, where)
    step = world.scan(PACK, "WHCTAKE", gtin(1))
    assert (state(step), code(step)) == (("pack", "verify"), "taken_out")
    assert inside(world, order) == {LANTERN: 1}


# --- lots ---------------------------------------------------------------------------------------


@pytest.fixture
def lots(world: World) -> World:
    """Two candles of each of two lots are to be packed."""
    take_in.stock(
        world.store,
        [StockRecord("A01-03-1", CANDLE, 2, "LOT-A", "2027-01-01")],
        lambda: world.now,
        lambda kind, what: None,
    )
    opened(world, (CANDLE, 4))
    return world


def test_the_scanned_lot_is_what_moves(lots: World) -> None:
    step = lots.scan(PACK, lot("LOT-B"))
    assert code(step) == "verified"
    assert lies(lots, "T-0001", CANDLE, "LOT-B") == (1, 0)
    assert lies(lots, "T-0001", CANDLE, "LOT-A") == (2, 0)


def test_a_lot_that_is_not_in_the_tote_is_refused(lots: World) -> None:
    step = lots.scan(PACK, lot("LOT-C"))
    assert refusal(step) == ("wrong_lot", "LOT-A / LOT-B", "LOT-C")


def test_more_of_a_lot_than_the_tote_holds_is_refused(lots: World) -> None:
    lots.scan(PACK, lot("LOT-B"), lot("LOT-B"))
    step = lots.scan(PACK, lot("LOT-B"))
    assert refusal(step) == ("wrong_lot", "LOT-A", "LOT-B")


@pytest.mark.parametrize("label", ["LOT-B", "]C110LOT-B"])
def test_of_several_lots_the_lot_is_asked_for(lots: World, label: str) -> None:
    step = lots.scan(PACK, gtin(3))
    assert (code(step), said(step).outcome) == ("needs_lot", Outcome.CONFIRM)
    assert (str(step.prompt), step.hint) == ("SCAN THE LOT", "LOT-A")
    assert text(step) == "SCENTED CANDLE: scan the lot, LOT-A / LOT-B"
    step = lots.scan(PACK, label)
    assert code(step) == "verified"
    assert lies(lots, "T-0001", CANDLE, "LOT-B") == (1, 0)
    assert str(step.prompt) == "SCAN EVERY UNIT"


def test_a_wrong_lot_after_the_question_is_refused_and_asked_again(lots: World) -> None:
    step = lots.scan(PACK, gtin(3), "LOT-C")
    assert refusal(step) == ("wrong_lot", "LOT-A / LOT-B", "LOT-C")
    step = lots.scan(PACK, "WHCOK", "LOT-A")
    assert code(step) == "verified"


def test_without_a_question_a_lot_alone_is_no_answer(lots: World) -> None:
    assert refusal(lots.scan(PACK, "LOT-A"))[0] == "unknown_code"


def test_of_several_lots_in_the_box_the_lot_is_asked_for_too(lots: World) -> None:
    lots.scan(PACK, lot("LOT-A"), lot("LOT-B"))
    step = lots.scan(PACK, "WHCTAKE", gtin(3))
    assert code(step) == "needs_lot"
    step = lots.scan(PACK, "LOT-B")
    assert code(step) == "taken_out"
    assert lies(lots, "T-0001", CANDLE, "LOT-B") == (2, 0)
    assert lies(lots, "T-0001", CANDLE, "LOT-A") == (1, 0)


def test_one_lot_needs_no_question(world: World) -> None:
    order = opened(world, (CANDLE, 2))
    assert code(world.scan(PACK, gtin(3))) == "verified"
    assert lies(world, f"P-{order.number}-1", CANDLE, "LOT-A") == (1, 0)


# --- several parcels ----------------------------------------------------------------------------


def test_a_full_box_is_closed_and_another_one_opens(world: World) -> None:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    world.scan(PACK, gtin(1))
    step = world.scan(PACK, "WHCBOX")
    assert (state(step), code(step)) == (("pack", "package"), "box")
    step = reach(world, PACK, "label")
    assert said(step).outcome is Outcome.LINE_DONE
    assert world.find(order.number).state == "packing"
    world.printed()
    step = world.scan(PACK, label_of(world, order))
    assert (state(step), str(step.view.place_label)) == (("pack", "verify"), "PARCEL 2")
    assert said(step).outcome is Outcome.LINE_DONE
    assert tote(world, "T-0001")[0] == order.id, "not empty yet"
    step = world.pack_all()
    assert states(world, order) == ["labelled", "labelled"]
    assert inside(world, order, 1) == {LANTERN: 1}
    assert inside(world, order, 2) == {LANTERN: 1, MUG: 1}
    assert world.find(order.number).state == "packed"
    assert tote(world, "T-0001") == (None, "")
    first, second = parcels(world, order)
    assert first.sscc != second.sscc


def test_the_first_label_comes_before_the_second_box(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    step = world.scan(PACK, "WHCMENU", "WHCPACK")
    assert state(step) == ("pack", "label")
    assert states(world, order) == ["packed"]


def test_an_empty_box_is_not_closed(world: World) -> None:
    opened(world, (LANTERN, 2))
    assert refusal(world.scan(PACK, "WHCBOX"))[0] == "nothing_done"


def test_what_does_not_go_into_the_box_goes_into_the_next(world: World) -> None:
    order = opened(world, (LANTERN, 7))
    world.scan(PACK, "BOXS", gtin(1))
    step = world.scan(PACK, pack_gtin(1))
    assert said(step).outcome is Outcome.OVER
    assert refusal(step)[0] == "box_full"
    assert inside(world, order) == {LANTERN: 1}
    step = world.scan(PACK, "WHCOK", "WHCBOX")
    assert state(step) == ("pack", "weigh")


def test_a_full_box_says_so_and_hints_at_the_next(world: World) -> None:
    opened(world, (LANTERN, 7))
    step = world.scan(PACK, "BOXS", gtin(1))
    assert (str(step.prompt), step.hint) == ("THE BOX IS FULL: NEW BOX", "WHCBOX")
    world.pack_all()
    order = world.find("1001")
    assert states(world, order) == ["labelled", "labelled"]


def test_the_advised_carton_is_for_all_that_goes_in(world: World) -> None:
    opened(world, (LANTERN, 2), (MUG, 1))
    assert world.floor.look(PACK).view.into == "Large box"
    step = world.scan(PACK, gtin(1), gtin(1))
    assert step.view.into == "Large box", "not only for the mug that is left"


# --- totes --------------------------------------------------------------------------------------


def test_the_own_tote_is_no_news_and_another_ones_is_refused(world: World) -> None:
    other = picked(world, (MUG, 1))
    opened(world, (LANTERN, 2))
    step = world.scan(PACK, at("T-0002"))
    assert (code(step), said(step).outcome) == ("already_here", Outcome.OK)
    step = world.scan(PACK, at("T-0001"))
    assert refusal(step) == ("wrong_tote", "T-0002", "T-0001")
    assert text(step) == f"Wrong tote: it holds order {other.number}"
    step = world.scan(PACK, "WHCOK", at("T-0005"))
    assert refusal(step)[0] == "wrong_tote"


def count_from(world: World, least: int) -> None:
    with world.store.write() as tx:
        tx.site.set_setting("pack.count_from", str(least))


def test_many_of_a_product_are_counted_into_the_box_where_the_site_allows_it(world: World) -> None:
    count_from(world, 5)
    order = opened(world, (LANTERN, 7), (MUG, 1))
    step = world.scan(PACK, gtin(1))
    assert step.view.goods is not None
    assert (step.view.goods.done, step.view.goods.quantity) == (1, 7)
    step = world.key(PACK, "7")
    assert text(step) == "6 × WHITE METAL LANTERN into parcel 1"
    assert inside(world, order) == {LANTERN: 7}


def test_what_was_counted_can_be_taken_back(world: World) -> None:
    count_from(world, 5)
    order = opened(world, (LANTERN, 7), (MUG, 1))
    world.scan(PACK, gtin(1))
    world.key(PACK, "6")
    world.scan(PACK, "WHCUNDO")
    assert inside(world, order) == {LANTERN: 1}


@pytest.mark.parametrize(("keyed", "code"), [("8", "over_quantity"), ("1", "nothing_done")])
def test_a_count_is_refused_that_cannot_be(world: World, keyed: str, code: str) -> None:
    count_from(world, 5)
    order = opened(world, (LANTERN, 7), (MUG, 1))
    world.scan(PACK, gtin(1))
    step = world.key(PACK, keyed)
    assert refusal(step)[0] == code
    assert inside(world, order) == {LANTERN: 1}


@pytest.mark.parametrize("least", [0, 8])
def test_no_count_is_taken_where_every_unit_is_scanned(world: World, least: int) -> None:
    count_from(world, least)
    order = opened(world, (LANTERN, 7), (MUG, 1))
    world.scan(PACK, gtin(1))
    world.key(PACK, "7")
    assert inside(world, order) == {LANTERN: 1}


def test_what_has_lots_is_not_counted(world: World) -> None:
    count_from(world, 2)
    order = opened(world, (CANDLE, 3), (MUG, 1))
    world.scan(PACK, lot("LOT-A"))
    world.key(PACK, "3")
    assert inside(world, order) == {CANDLE: 1}


def test_taking_out_ends_the_count(world: World) -> None:
    count_from(world, 5)
    order = opened(world, (LANTERN, 7), (MUG, 1))
    world.scan(PACK, gtin(1))
    world.scan(PACK, "WHCTAKE")
    world.key(PACK, "7")
    assert inside(world, order) == {LANTERN: 1}
