"""Lots: which one is picked, and how it is told apart."""

from __future__ import annotations

import pytest

from tests.services.pick.helpers import (
    CANDLE_A,
    CANDLE_B,
    CANDLES,
    HERE,
    T1,
    goods,
    restock,
)
from tests.services.saying import (
    code,
    events,
    lies,
    refusal,
    said,
    text,
)
from tests.world import (
    ANNA,
    CANDLE,
    World,
    gtin,
)
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.records import (
    StockRecord,
)


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
