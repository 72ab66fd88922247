"""Several scanners at a station, and scanners that read twice."""

from __future__ import annotations

import pytest

from tests.services.saying import code, last, refusal, said, state
from tests.world import ANNA, BOB, LANTERN, MUG, World, at, gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.repeats import Repeat
from wms_terminal.domain.scan import Reader, Role
from wms_terminal.services.step import Step

HERE, ELSEWHERE = "PICK-01", "PICK-02"
QUICK, CHATTER = Reader(repeat=Repeat.QUICK), Reader(repeat=Repeat.CHATTER)


@pytest.fixture
def walking(world: World) -> World:
    """Anna stands before three lanterns, her tote is T-0001."""
    world.order((LANTERN, 3), (MUG, 2))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), at("A01-01-1"))
    return world


def scan(world: World, raw: str, reader: Reader) -> Step:
    return world.floor.scan(HERE, raw, reader=reader)


def done(step: Step) -> int:
    assert step.view.goods is not None
    return step.view.goods.done


def test_chatter_is_used_once_and_said_and_written_down(walking: World) -> None:
    assert done(scan(walking, gtin(1), Reader())) == 1
    step = scan(walking, gtin(1), CHATTER)
    assert done(step) == 1
    assert (code(step), said(step).outcome) == ("read_twice", Outcome.DEVICE)
    assert not step.must_acknowledge
    assert (last(walking).code, last(walking).raw) == ("read_twice", gtin(1))


def test_a_second_unit_may_come_quickly(walking: World) -> None:
    scan(walking, gtin(1), Reader())
    assert done(scan(walking, gtin(1), QUICK)) == 2


def test_a_yes_may_not_come_quickly(world: World) -> None:
    world.order((LANTERN, 1))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"))
    world.scan(ELSEWHERE, BOB, "WHCPICK")
    asked = world.scan(ELSEWHERE, at("T-0001"))
    assert said(asked).outcome is Outcome.CONFIRM
    quick = world.floor.scan(ELSEWHERE, at("T-0001"), reader=QUICK)
    assert code(quick) == "too_quick"
    assert world.floor.look(HERE).flow == "pick"
    assert state(world.scan(ELSEWHERE, at("T-0001"))) != state(asked)


def test_an_ok_that_came_quickly_answers_no_question(world: World) -> None:
    world.order((LANTERN, 1))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"))
    world.scan(ELSEWHERE, BOB, "WHCPICK", at("T-0001"))
    assert code(world.floor.scan(ELSEWHERE, "WHCOK", reader=QUICK)) == "too_quick"


@pytest.mark.parametrize(
    ("role", "raw"),
    [
        (Role.ITEM, at("A01-02-1")),
        (Role.PLACE, gtin(1)),
        (Role.BADGE, gtin(1)),
        (Role.PARCEL, at("A01-01-1")),
        (Role.ITEM, BOB),
    ],
)
def test_a_scanner_reads_only_what_it_is_for(walking: World, role: Role, raw: str) -> None:
    step = scan(walking, raw, Reader("left", role))
    assert refusal(step)[::2] == ("wrong_scanner", "left")
    assert last(walking).scanner == "left"
    assert step.operator == "Anna de Vries"


def test_every_scanner_reads_commands(walking: World) -> None:
    for role in Role:
        assert code(scan(walking, "WHCHELP", Reader("any", role))) == "help"


def test_a_scanner_for_badges_signs_in_and_another_does_not(world: World) -> None:
    assert code(scan(world, ANNA, Reader("bench", Role.ITEM))) == "wrong_scanner"
    assert scan(world, ANNA, Reader("door", Role.BADGE)).operator == "Anna de Vries"
