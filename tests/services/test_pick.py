"""The pick station: location, product, tote; and everything that goes otherwise."""

from __future__ import annotations

import pytest

from tests.services.saying import (
    code,
    events,
    last,
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
from wms_terminal.services.step import Step

HERE, ELSEWHERE = "PICK-01", "PICK-02"
LANTERNS, MUGS, CANDLES, SIGNS = (at(f"A01-0{number}-1") for number in (1, 2, 3, 4))
T1, T2, T3 = at("T-0001"), at("T-0002"), at("T-0003")
STAGE = at("STAGE-01")
LANTERN_NAME = "WHITE METAL LANTERN (71053)"
CANDLE_A = f"]C101{gtin(3).zfill(14)}10LOT-A"
CANDLE_B = f"]C101{gtin(3).zfill(14)}10LOT-B"


@pytest.fixture
def walking(world: World) -> World:
    """Anna walks for 7 lanterns, 2 mugs and 3 candles; her tote is T-0001."""
    world.order((LANTERN, 7), (MUG, 2), (CANDLE, 3))
    world.scan(HERE, ANNA, "WHCPICK", T1)
    return world


@pytest.fixture
def there(walking: World) -> World:
    """She stands before the lanterns."""
    walking.scan(HERE, LANTERNS)
    return walking


@pytest.fixture
def candles(world: World) -> World:
    """She stands before the candles, of which three of LOT-A are wanted."""
    world.order((CANDLE, 3))
    world.scan(HERE, ANNA, "WHCPICK", T1, CANDLES)
    return world


def goods(step: Step) -> tuple[str, int, int]:
    assert step.view.goods is not None
    return step.view.goods.sku, step.view.goods.quantity, step.view.goods.done


def restock(world: World, *records: StockRecord) -> None:
    counts = take_in.stock(world.store, records, lambda: world.now, lambda kind, what: None)
    assert not any(name.startswith("skipped") for name in counts), counts


def route(world: World, step: Step) -> list[tuple[object, int]]:
    """Places and quantities of a walk that is followed to its end."""
    found: list[tuple[object, int]] = []
    for _ in range(60):
        if step.state == "staging":
            return found
        if step.state == "location":
            found.append((step.view.place, goods(step)[1]))
        step = world.scan(HERE, step.hint)
        assert not step.must_acknowledge, text(step)
    raise AssertionError(f"still at {step.state}")


def stop(world: World, **change: object) -> None:
    order = world.find("1001")
    with world.store.write() as tx:
        if "hold" in change:
            tx.orders.set_hold(order.id, str(change["hold"]))
        else:
            tx.orders.set_state(order.id, OrderState.CANCELLED)


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


# --- lots ----------------------------------------------------------------------------------------


def test_the_lot_that_expires_first_is_picked(candles: World) -> None:
    step = candles.floor.look(HERE)
    assert step.view.goods is not None
    assert step.view.goods.lot == "LOT-A"
    assert goods(candles.scan(HERE, CANDLE_A))[2] == 1


@pytest.mark.parametrize("label", ["LOT-A", "lot-a", "]C110LOT-A", "]C11727010110LOT-A"])
def test_a_plain_code_asks_for_the_lot_s_label(candles: World, label: str) -> None:
    step = candles.scan(HERE, gtin(3))
    assert (code(step), said(step).outcome) == ("needs_lot", Outcome.CONFIRM)
    assert (str(step.prompt), step.hint) == ("SCAN THE LOT: LOT-A", "LOT-A")
    assert goods(step)[2] == 0
    step = candles.scan(HERE, label)
    assert (code(step), goods(step)[2]) == ("counted", 1)
    assert code(candles.scan(HERE, T1)) == "picked"
    assert lies(candles, "T-0001", CANDLE, "LOT-A") == (1, 0)


def test_the_lot_s_label_does_not_come_first(candles: World) -> None:
    assert refusal(candles.scan(HERE, "LOT-A")) == (
        "needs_first",
        "SCENTED CANDLE (84406)",
        "LOT-A",
    )


def test_the_tote_does_not_answer_the_question_for_the_lot(candles: World) -> None:
    step = candles.scan(HERE, CANDLE_A, gtin(3), T1)
    assert refusal(step) == ("needs_first", "LOT-A", "T-0001")
    step = candles.scan(HERE, "WHCOK", "WHCNO")
    assert str(step.prompt) == "SCAN THE NEXT ONE, OR THE TOTE"
    assert code(candles.scan(HERE, T1)) == "picked"


def test_a_wrong_lot(candles: World) -> None:
    step = candles.scan(HERE, gtin(3), "LOT-Q")
    assert refusal(step) == ("wrong_lot", "LOT-A", "LOT-Q")
    assert candles.floor.look(HERE).state == "product"


@pytest.mark.parametrize(
    "scanned", [(CANDLE_B, CANDLE_B), (CANDLE_B, "WHCOK"), (gtin(3), "lot-b", "WHCOK")]
)
def test_another_lot_is_taken_when_it_is_scanned_twice(
    candles: World, scanned: tuple[str, ...]
) -> None:
    *before, final = scanned
    step = candles.scan(HERE, *before)
    assert (code(step), said(step).outcome) == ("other_lot", Outcome.CONFIRM)
    assert lies(candles, "A01-03-1", CANDLE, "LOT-B") == (10, 0)
    step = candles.scan(HERE, final)
    assert (code(step), goods(step)[2]) == ("counted", 1)
    assert lies(candles, "A01-03-1", CANDLE, "LOT-A") == (10, 0)
    assert lies(candles, "A01-03-1", CANDLE, "LOT-B") == (10, 3)
    assert "lot_changed" in events(candles, "1001")
    assert refusal(candles.scan(HERE, CANDLE_A))[:2] == ("wrong_lot", "LOT-B")
    assert code(candles.scan(HERE, "WHCOK", CANDLE_B, CANDLE_B, T1)) == "picked"
    assert lies(candles, "T-0001", CANDLE, "LOT-B") == (3, 0)


def test_another_lot_is_not_taken_half_way(candles: World) -> None:
    step = candles.scan(HERE, CANDLE_A, CANDLE_B)
    assert refusal(step)[0] == "wrong_lot"


def test_a_lot_with_too_little_left_is_not_taken(candles: World) -> None:
    restock(candles, StockRecord("A01-03-1", CANDLE, 2, "LOT-B", "2027-06-01"))
    assert refusal(candles.scan(HERE, CANDLE_B))[0] == "wrong_lot"


def test_an_expired_lot_is_neither_given_out_nor_taken(world: World) -> None:
    restock(world, StockRecord("A01-03-1", CANDLE, 10, "LOT-OLD", "2026-03-02"))
    world.order((CANDLE, 3))
    step = world.scan(HERE, ANNA, "WHCPICK", T1, CANDLES)
    assert step.view.goods is not None
    assert step.view.goods.lot == "LOT-A"
    step = world.scan(HERE, gtin(3), "LOT-OLD")
    assert refusal(step) == ("blocked_by_expiry", "LOT-A", "LOT-OLD")
    assert text(step) == "Lot LOT-OLD expired on 2026-03-02"


def test_too_many_is_said_before_the_lot_is_asked_for(candles: World) -> None:
    step = candles.scan(HERE, CANDLE_A, CANDLE_A, CANDLE_A, gtin(3))
    assert refusal(step) == ("over_quantity", "0", "1")


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


# --- whose work it is ----------------------------------------------------------------------------


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
