"""The right way: location, product, tote, staging; and what is refused on it."""

from __future__ import annotations

import pytest

from tests.services.pick.helpers import (
    CANDLE_A,
    CANDLES,
    ELSEWHERE,
    HERE,
    LANTERN_NAME,
    LANTERNS,
    MUGS,
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
    ProductBarcode,
    ProductRecord,
    StockRecord,
)
from wms_terminal.services import take_in

# --- the right way -------------------------------------------------------------------------------


def test_a_whole_walk(world: World) -> None:
    world.order((CANDLE, 1), (MUG, 2), (LANTERN, 1))
    world.scan(HERE, ANNA)
    step = world.scan(HERE, "WHCPICK")
    assert (code(step), text(step)) == ("work", "Order 1001: 3 stops")
    assert str(step.view.title) == "order 1001 · PostNL leaves 03-03 17:00"
    assert (state(step), str(step.prompt)) == (("pick", "tote"), "SCAN AN EMPTY TOTE")
    step = world.scan(HERE, T1)
    assert (code(step), step.view.place, step.view.into) == ("tote", "A01-01-1", "T-0001")
    assert (goods(step), step.view.progress) == ((LANTERN, 1, 0), (0, 3))
    step = world.scan(HERE, LANTERNS)
    assert (text(step), step.state) == ("At A01-01-1", "product")
    step = world.scan(HERE, gtin(1))
    assert (text(step), str(step.prompt)) == ("1 of 1 × WHITE METAL LANTERN", "SCAN TOTE T-0001")
    step = world.scan(HERE, T1)
    assert text(step) == "1 × WHITE METAL LANTERN into T-0001"
    assert said(step).outcome is Outcome.LINE_DONE
    assert (step.view.place, step.view.progress) == ("A01-02-1", (1, 3))
    assert lies(world, "A01-01-1", LANTERN) == (19, 0)
    assert lies(world, "T-0001", LANTERN) == (1, 0)
    step = world.scan(HERE, MUGS, gtin(2), gtin(2), T1)
    assert (step.view.place, goods(step)) == ("A01-03-1", (CANDLE, 1, 0))
    step = world.scan(HERE, CANDLES, CANDLE_A, T1)
    assert (step.state, step.view.place, step.view.into) == ("staging", "STAGE-01", "T-0001")
    step = world.scan(HERE, STAGE)
    assert text(step) == "Picked: T-0001 at STAGE-01"
    assert said(step).outcome is Outcome.ORDER_DONE
    assert (state(step), str(step.prompt)) == (("pick", "idle"), "NO WORK NOW")
    order = world.find("1001")
    assert order.state is OrderState.PICKED
    assert tote(world, "T-0001") == (order.id, "STAGE-01")
    assert [(line.allocated, line.picked) for line in lines(world, "1001")] == [
        (1, 1),
        (2, 2),
        (1, 1),
    ]
    assert events(world, "1001") == ["received", "released", "pick_started", "picked"]


def test_the_walk_follows_the_locations_not_the_lines(world: World) -> None:
    world.order((SIGN, 1), (CANDLE, 1), (MUG, 1), (LANTERN, 1))
    walked = route(world, world.scan(HERE, ANNA, "WHCPICK", T1))
    assert [place for place, _ in walked] == ["A01-01-1", "A01-02-1", "A01-03-1", "A01-04-1"]


def test_places_without_a_position_are_walked_in_order_of_their_code(world: World) -> None:
    places = [LocationRecord(f"A00-0{number}-1", "pick", "A") for number in (2, 3, 1)]
    take_in.locations(world.store, places)
    restock(
        world,
        StockRecord("A00-03-1", LANTERN, 1),
        StockRecord("A00-01-1", MUG, 1),
        StockRecord("A00-02-1", SIGN, 1),
    )
    world.order((LANTERN, 1), (SIGN, 1), (MUG, 1))
    walked = route(world, world.scan(HERE, ANNA, "WHCPICK", T1))
    assert [place for place, _ in walked] == ["A00-01-1", "A00-02-1", "A00-03-1"]


def test_a_pack_s_barcode_counts_its_units(there: World) -> None:
    step = there.scan(HERE, pack_gtin(1))
    assert (code(step), goods(step)) == ("counted", (LANTERN, 7, 6))
    step = there.scan(HERE, pack_gtin(1))
    assert refusal(step) == ("over_quantity", "1", "6")
    assert said(step).outcome is Outcome.OVER
    assert text(step) == "Too many: this is a pack of 6, 1 still wanted"
    assert goods(there.scan(HERE, "WHCOK", gtin(1))) == (LANTERN, 7, 7)


@pytest.mark.parametrize(
    "scanned",
    [
        gtin(1),
        f"0{gtin(1)}",
        f"]E0{gtin(1)}",
        f"]C101{gtin(1).zfill(14)}",
        LANTERN,
        f"]C0{LANTERN}",
    ],
)
def test_every_form_of_a_product_s_code_counts_one(there: World, scanned: str) -> None:
    assert goods(there.scan(HERE, scanned)) == (LANTERN, 7, 1)


def test_a_gs1_count_is_counted(there: World) -> None:
    assert goods(there.scan(HERE, f"]C102{gtin(1).zfill(14)}3705")) == (LANTERN, 7, 5)


def test_one_s_own_location_again_is_no_mistake(there: World) -> None:
    step = there.scan(HERE, LANTERNS)
    assert (code(step), text(step)) == ("already_here", "You are at A01-01-1")


# --- refusals ------------------------------------------------------------------------------------


def test_a_wrong_location(walking: World) -> None:
    before = stock(walking)
    step = walking.scan(HERE, MUGS)
    assert refusal(step) == ("wrong_location", "A01-01-1", "A01-02-1")
    assert said(step).outcome is Outcome.WRONG
    assert walking.floor.look(HERE).state == "location"
    assert stock(walking) == before


@pytest.mark.parametrize(
    ("scanned", "got"),
    [
        (gtin(1), f"a product: {LANTERN_NAME}"),
        (gtin(2), "a product: RED RETROSPOT MUG (22423)"),
        (T1, "a tote: T-0001"),
    ],
)
def test_the_location_comes_first(walking: World, scanned: str, got: str) -> None:
    step = walking.scan(HERE, scanned)
    assert refusal(step) == ("needs_first", "A01-01-1", got)


def test_an_unknown_code_at_the_location(walking: World) -> None:
    step = walking.scan(HERE, "LX99999Z")
    assert refusal(step) == ("unknown_code", "A01-01-1", "LX99999Z")
    assert said(step).outcome is Outcome.UNKNOWN


def test_the_check_digits_say_where_one_is(walking: World) -> None:
    step = walking.key(HERE, "37")
    assert (code(step), step.state) == ("location", "product")


@pytest.mark.parametrize("digits", ["84", "73", "0", "370"])
def test_other_digits_do_not_and_the_right_ones_are_not_given_away(
    walking: World, digits: str
) -> None:
    step = walking.key(HERE, digits)
    assert refusal(step) == ("wrong_check_digits", "the digits on the label at A01-01-1", digits)
    assert "37" not in str(said(step).text)


def test_check_digits_are_keyed_not_scanned(walking: World) -> None:
    assert refusal(walking.scan(HERE, "37"))[0] == "unknown_code"


@pytest.mark.parametrize("typed", ["A01-01-1", "a01-01-1"])
def test_the_address_can_be_keyed(walking: World, typed: str) -> None:
    assert code(walking.key(HERE, typed)) == "location"


def test_a_wrong_product(there: World) -> None:
    before = stock(there)
    step = there.scan(HERE, gtin(2))
    assert refusal(step) == ("wrong_product", LANTERN_NAME, "RED RETROSPOT MUG (22423)")
    assert str(said(step).advice) == "Put it back where it was"
    assert (stock(there), goods(there.floor.look(HERE))) == (before, (LANTERN, 7, 0))


@pytest.mark.parametrize(
    ("scanned", "refused", "got"),
    [
        (MUGS, "wrong_location", "a location: A01-02-1"),
        ("LOST123456", "unknown_code", "LOST123456"),
        ("1001", "wrong_order", "an order: 1001"),
        ("BOXS", "wrong_package_type", "a carton: Small box"),
        ("WHRLOST", "wrong_reason", "a reason: WHRLOST"),
        ("WHCPRNT", "wrong_command", "a command: Reprint"),
        ("WHSPICK01", "wrong_station", "a station: PICK-01"),
    ],
)
def test_what_is_no_product_is_named(there: World, scanned: str, refused: str, got: str) -> None:
    assert refusal(there.scan(HERE, scanned)) == (refused, LANTERN_NAME, got)


def test_one_unit_too_many(there: World) -> None:
    step = there.scan(HERE, *[gtin(1)] * 8)
    assert refusal(step) == ("over_quantity", "0", "1")
    assert said(step).outcome is Outcome.OVER
    assert text(step) == "Too many: 7 wanted, 7 in hand"
    assert goods(there.floor.look(HERE)) == (LANTERN, 7, 7)


def test_the_product_comes_before_the_tote(there: World) -> None:
    assert refusal(there.scan(HERE, T1)) == ("needs_first", LANTERN_NAME, "T-0001")


def test_a_tote_of_another_order(there: World) -> None:
    there.order((MUG, 1))
    there.scan(ELSEWHERE, BOB, "WHCPICK", T2)
    step = there.scan(HERE, gtin(1), T2)
    assert refusal(step) == ("wrong_tote", "T-0001", "T-0002")
    assert text(step) == "Tote T-0002 holds order 1002"
    assert lies(there, "T-0002", LANTERN) == (0, 0)


def test_the_first_tote_has_to_be_free(there: World) -> None:
    there.order((MUG, 1))
    step = there.scan(ELSEWHERE, BOB, "WHCPICK", T1)
    assert refusal(step) == ("wrong_tote", "an empty tote", "T-0001")
    assert refusal(there.scan(ELSEWHERE, "WHCOK", LANTERNS)) == (
        "wrong_location",
        "an empty tote",
        "a location: A01-01-1",
    )
    assert code(there.scan(ELSEWHERE, "WHCOK", T3)) == "tote"


def test_a_tote_that_is_not_empty_is_not_taken(world: World) -> None:
    world.order((LANTERN, 1))
    with world.store.write() as tx:
        box, shelf = tx.site.location_by_code("T-0005"), tx.site.location_by_code("A01-01-1")
        product = tx.site.product_by_sku(LANTERN)
        assert box is not None
        assert shelf is not None
        assert product is not None
        tx.stock.move(product.id, "", 1, shelf.id, box.id, why="move", at="2026-03-03T12:00:00Z")
    step = world.scan(HERE, ANNA, "WHCPICK", at("T-0005"))
    assert refusal(step) == ("tote_not_empty", "an empty tote", "T-0005")
    with world.store.write() as tx:
        tx.stock.move(product.id, "", 1, box.id, shelf.id, why="move", at="2026-03-03T12:00:00Z")


# --- keyed in ------------------------------------------------------------------------------------


def test_a_quantity_is_keyed_after_the_first_scan(there: World) -> None:
    assert refusal(there.key(HERE, "7")) == ("needs_first", LANTERN_NAME, "7")
    step = there.scan(HERE, "WHCOK", gtin(1))
    step = there.key(HERE, "7")
    assert (code(step), goods(step)) == ("counted", (LANTERN, 7, 7))
    assert code(there.scan(HERE, T1)) == "picked"


def test_a_keyed_quantity_is_the_total(there: World) -> None:
    there.scan(HERE, pack_gtin(1))
    assert goods(there.key(HERE, "7"))[2] == 7
    assert goods(there.key(HERE, "4"))[2] == 4
    assert goods(there.scan(HERE, "WHCUNDO"))[2] == 7
    assert goods(there.scan(HERE, "WHCUNDO"))[2] == 6
    assert goods(there.key(HERE, "0"))[2] == 0
    assert refusal(there.scan(HERE, T1))[0] == "needs_first"


def test_a_keyed_quantity_may_not_be_over(there: World) -> None:
    there.scan(HERE, gtin(1))
    step = there.key(HERE, "8")
    assert refusal(step) == ("over_quantity", "7", "8")
    assert text(step) == "Too many: 7 wanted, 8 keyed in"
    assert goods(there.floor.look(HERE))[2] == 1


def test_a_product_whose_barcode_is_damaged_can_be_keyed(there: World) -> None:
    assert goods(there.key(HERE, LANTERN))[2] == 1
    assert goods(there.key(HERE, LANTERN))[2] == 2
    assert goods(there.key(HERE, gtin(1)))[2] == 3


def test_another_product_s_number_is_refused_as_such(there: World) -> None:
    assert refusal(there.key(HERE, MUG)) == (
        "wrong_product",
        LANTERN_NAME,
        "RED RETROSPOT MUG (22423)",
    )


def test_a_product_numbered_like_a_quantity(world: World) -> None:
    take_in.products(world.store, [ProductRecord("5", "FIVE", (ProductBarcode("FIVEFIVE"),))])
    restock(world, StockRecord("A01-01-1", "5", 9))
    world.order(("5", 6))
    world.scan(HERE, ANNA, "WHCPICK", T1, LANTERNS)
    assert goods(world.key(HERE, "5"))[2] == 1
    assert goods(world.key(HERE, "5"))[2] == 5


# --- totes ---------------------------------------------------------------------------------------


def test_a_part_goes_into_the_tote_and_the_rest_follows(there: World) -> None:
    step = there.scan(HERE, pack_gtin(1), T1)
    assert (said(step).outcome, text(step)) == (Outcome.OK, "6 × WHITE METAL LANTERN into T-0001")
    assert (step.state, goods(step)) == ("product", (LANTERN, 1, 0))
    assert lies(there, "A01-01-1", LANTERN) == (14, 1)
    step = there.scan(HERE, gtin(1), T1)
    assert said(step).outcome is Outcome.LINE_DONE
    assert lines(there, "1001")[0].picked == 7


def test_a_second_tote_is_asked_for_and_used(there: World) -> None:
    order = there.find("1001")
    step = there.scan(HERE, pack_gtin(1), T1, gtin(1), T2)
    assert (code(step), text(step)) == ("another_tote", "T-0002 is empty: use it as another tote?")
    assert tote(there, "T-0002") == (None, "")
    step = there.scan(HERE, T2)
    assert text(step) == "1 × WHITE METAL LANTERN into T-0002"
    assert step.view.into == "T-0002"
    assert tote(there, "T-0002") == (order.id, "")
    step = there.scan(HERE, MUGS, gtin(2), gtin(2), T1)
    assert code(step) == "picked"
    there.follow(HERE, step, ("pick", "idle"))
    assert tote(there, "T-0001") == (order.id, "STAGE-01")
    assert tote(there, "T-0002") == (order.id, "STAGE-01")


# --- skip ----------------------------------------------------------------------------------------


def test_a_skipped_stop_comes_back_at_the_end(walking: World) -> None:
    step = walking.scan(HERE, "WHCSKIP")
    assert text(step) == "WHITE METAL LANTERN comes back at the end"
    assert (step.state, step.view.place) == ("location", "A01-02-1")
    step = walking.scan(HERE, MUGS, gtin(2), gtin(2), T1)
    assert step.view.place == "A01-03-1"
    step = walking.scan(HERE, CANDLES, CANDLE_A, CANDLE_A, CANDLE_A, T1)
    assert (step.state, step.view.place, goods(step)) == ("location", "A01-01-1", (LANTERN, 7, 0))
    step = walking.scan(HERE, "WHCSKIP")
    assert (code(step), step.view.place) == ("only_stop", "A01-01-1")


def test_nothing_is_skipped_with_goods_in_the_hand(there: World) -> None:
    step = there.scan(HERE, gtin(1), "WHCSKIP")
    assert refusal(step) == ("needs_first", "T-0001", "a command: Skip")


# --- drop ----------------------------------------------------------------------------------------


@pytest.fixture
def full(world: World) -> World:
    """Everything is in the tote."""
    world.order((MUG, 1), partial=False)
    world.scan(HERE, ANNA, "WHCPICK", T1, MUGS, gtin(2), T1)
    return world


@pytest.mark.parametrize(
    ("scanned", "refused", "got"),
    [
        (at("BENCH-01"), "wrong_location", "BENCH-01"),
        (MUGS, "wrong_location", "A01-02-1"),
        (T1, "wrong_tote", "a tote: T-0001"),
        ("LOST", "unknown_code", "LOST"),
        ("WHCSKIP", "wrong_command", "a command: Skip"),
    ],
)
def test_totes_are_put_down_at_staging_only(
    full: World, scanned: str, refused: str, got: str
) -> None:
    assert refusal(full.scan(HERE, scanned)) == (refused, "a staging location", got)
    assert full.find("1001").state is OrderState.PICKING


def test_after_the_drop_comes_the_next_order(full: World) -> None:
    full.order((LANTERN, 1))
    step = full.scan(HERE, STAGE)
    assert (code(step), step.state) == ("order_picked", "tote")
    assert "1002" in str(step.view.title)


def test_an_order_that_may_not_leave_in_parts_is_held_when_incomplete(world: World) -> None:
    world.order((SIGN, 3), (LANTERN, 1), partial=False)
    step = world.scan(HERE, ANNA, "WHCPICK", T1, "WHCSKIP", "WHCSHRT", "WHREMPTY")
    world.follow(HERE, step, ("pick", "idle"))
    order = world.find("1001")
    assert (order.state, bool(order.hold)) == (OrderState.PICKED, True)
    assert "held" in events(world, "1001")
    assert "Order 1001 is incomplete and held at staging" in notices(world)
