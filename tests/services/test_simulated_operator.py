"""A simulated person never scans for ever at what does not go on."""

from __future__ import annotations

import random

import pytest

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.text import T
from wms_terminal.services.step import Step, View
from wms_terminal.simulated_operator import LABELS_IN_VAIN, SimulatedOperator


def person() -> SimulatedOperator:
    return SimulatedOperator(random.Random(1), 0.0, ())


def seen(flow: str, state: str, hint: str, code: str = "", place: str = "") -> Step:
    message = Message(Outcome.WRONG, code, T("No")) if code else None
    view = View(title=T("Here"), place=place)
    return Step("X", "Anna", "", flow, state, T("GO ON"), view, (), message, hint=hint)


def said(who: SimulatedOperator, step: Step) -> str:
    move = who.move(step)
    return move.code if move is not None else ""


@pytest.mark.parametrize("code", ["locked_by", "order_on_hold", "already_done"])
def test_a_walk_that_is_not_one_s_own_any_more_is_left(code: str) -> None:
    assert said(person(), seen("pick", "location", "A-01", code)) == Command.MENU.value
    assert said(person(), seen("pick", "location", "A-01", "wrong_location")) == "A-01"


def test_a_manifest_that_somebody_else_handed_over_is_left() -> None:
    step = seen("ship", "load", Command.HANDOVER.value, "already_done")
    assert said(person(), step) == Command.MENU.value


def test_a_label_that_did_not_come_out_is_printed_again_before_it_is_skipped() -> None:
    who, skip = person(), Command.SKIP.value
    assert said(who, seen("ship", "label", skip, place="1")) == Command.PRINT.value
    assert said(who, seen("ship", "label", skip, place="1")) == skip
    assert said(who, seen("ship", "label", skip, place="2")) == Command.PRINT.value
    assert said(who, seen("ship", "label", "00123", place="2")) == "00123"


def test_without_any_label_one_waits_for_help() -> None:
    who = person()
    steps = [seen("ship", "label", Command.SKIP.value, place=str(n % 2)) for n in range(99)]
    moves = [who.move(step) for step in steps]
    assert moves.index(None) == LABELS_IN_VAIN
    assert set(moves[LABELS_IN_VAIN:]) == {None}
