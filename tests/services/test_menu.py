"""The menu: a choice of work, and what the responsible person has to know."""

from __future__ import annotations

import pytest

from tests.services.saying import code, notices, refusal, state, text
from tests.world import ANNA, BOB, LANTERN, SARA, SIGN, World, at, gtin
from wms_terminal.services.step import Step

HERE = "PICK-01"


@pytest.mark.parametrize(
    ("order", "flow"),
    [("WHCPICK", "pick"), ("WHCPACK", "pack"), ("WHCSHIP", "ship"), ("WHCLOOK", "lookup")],
)
def test_each_kind_of_work_and_back(world: World, order: str, flow: str) -> None:
    assert world.scan("PACK-01", BOB, order).flow == flow
    assert state(world.scan("PACK-01", "WHCMENU")) == ("menu", "start")


@pytest.mark.parametrize(
    ("station", "hint"), [(HERE, "WHCPICK"), ("PACK-01", "WHCPACK"), ("SHIP-01", "WHCSHIP")]
)
def test_a_station_s_own_work_comes_first(world: World, station: str, hint: str) -> None:
    assert world.scan(station, ANNA).hint == hint


def test_the_floor_in_figures(world: World) -> None:
    world.order((LANTERN, 1))
    world.order((LANTERN, 1), payment="pending")
    held = world.order((LANTERN, 1))
    with world.store.write() as tx:
        tx.orders.set_hold(held.id, "fraud")
    world.order((SIGN, 9), partial=False)
    world.order((LANTERN, 2))
    world.scan("PICK-02", BOB, "WHCPICK", at("T-0001"))
    facts = figures(world.scan(HERE, ANNA))
    assert facts["Being picked"] == "1"
    assert (facts["Not paid yet"], facts["On hold"]) == ("1", "1")


def figures(step: Step) -> dict[str, str]:
    return {str(label): str(value) for label, value in step.view.facts}


def test_the_station_s_own_label_says_where_one_is(world: World) -> None:
    step = world.scan(HERE, ANNA, "WHSPICK01")
    assert (code(step), text(step)) == ("already_here", "This is PICK-01")


def test_another_station_s_label_is_refused_by_name(world: World) -> None:
    step = world.scan(HERE, ANNA, "WHSPACK01")
    assert refusal(step) == ("wrong_station", "Pick, Pack, Ship desk or Look up", "PACK-01")
    assert text(step) == "This terminal is PICK-01"


@pytest.mark.parametrize(
    ("scanned", "refused", "got"),
    [
        (gtin(1), "wrong_product", "a product: WHITE METAL LANTERN (71053)"),
        (at("T-0001"), "wrong_tote", "a tote: T-0001"),
        ("1001", "wrong_order", "an order: 1001"),
        ("BOXS", "wrong_package_type", "a carton: Small box"),
        ("CARDHL", "wrong_carrier", "a carrier: DHL"),
        ("WHRLOST", "wrong_reason", "a reason: WHRLOST"),
        ("WHCSKIP", "wrong_command", "a command: Skip"),
        ("what?", "unknown_code", "what?"),
    ],
)
def test_what_belongs_elsewhere_is_named(
    world: World, scanned: str, refused: str, got: str
) -> None:
    world.order((LANTERN, 1))
    step = world.scan(HERE, ANNA, scanned)
    assert refusal(step) == (refused, "Pick, Pack, Ship desk or Look up", got)


def test_notices_are_for_whoever_is_responsible(world: World) -> None:
    world.order((LANTERN, 3))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), "WHCSHRT", "WHREMPTY")
    assert len(notices(world)) == 1
    step = world.scan("PICK-02", SARA)
    assert step.notices == 1
    assert step.view.table is not None
    assert "Short: 3 × WHITE METAL LANTERN at A01-01-1" in str(step.view.table.rows[0][1])
    assert world.scan("PACK-01", BOB).notices == 0
    step = world.scan("PICK-02", "WHCOK")
    assert (code(step), step.notices, step.view.table) == ("notice_seen", 0, None)
    assert not notices(world)
