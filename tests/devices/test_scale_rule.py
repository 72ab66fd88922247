"""Which readings become the weight of a load."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scales import rule as words
from devices.scales.reading import Reading, State
from devices.scales.rule import Rule
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import DeviceFault, Load

A, B = Load("A", 0), Load("B", 0)


def weighs(grams: int | str, tared: bool | None = False) -> Reading:
    return Reading(State.STABLE, f"{grams} g", Decimal(grams), Decimal(1), tared)


def says(state: State) -> Reading:
    return Reading(state, state)


def seen(*readings: Reading, **options: object) -> Rule:
    rule = Rule(**options)  # type: ignore[arg-type]  # passed through
    for reading in readings:
        rule.see(reading)
    return rule


def refusal(rule: Rule, load: Load = A) -> Text | str:
    with pytest.raises(DeviceFault) as caught:
        rule.weigh(load)
    return caught.value.text


ZERO = weighs(0)


def test_a_weight_that_came_twice_after_zero_counts() -> None:
    weight = seen(ZERO, weighs("1250.5"), weighs("1250.5")).weigh(A)
    assert (weight.grams, weight.raw) == (Decimal("1250.5"), "1250.5 g")


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        ([], words.NO_ANSWER),
        ([ZERO], words.EMPTY),
        ([ZERO, weighs(4), weighs(4)], words.EMPTY),
        ([ZERO, weighs(100)], words.UNSTABLE),
        ([ZERO, weighs(100), weighs(101)], words.UNSTABLE),
        ([ZERO, weighs(100), says(State.UNSTABLE), weighs(100)], words.UNSTABLE),
        ([ZERO, weighs(100), weighs(100), says(State.UNSTABLE)], words.UNSTABLE),
        ([ZERO, weighs(100), weighs(100), says(State.OVER)], words.OVERLOAD),
        ([ZERO, says(State.NO_ZERO)], words.BELOW_ZERO),
        ([ZERO, weighs(-5), weighs(-5)], words.BELOW_ZERO),
        ([ZERO, says(State.FAULT)], words.DEFECT),
        ([ZERO, weighs(100), weighs(100), says(State.SILENT)], words.NO_ANSWER),
        ([ZERO, weighs(100), weighs(100), says(State.UNREADABLE)], words.UNREADABLE),
        ([ZERO, weighs(100, True), weighs(100, True)], words.TARED),
        ([ZERO, weighs(0, True), weighs(0, True)], words.TARED),
        ([ZERO, weighs(100, None), weighs(100, None)], words.MAYBE_TARED),
        ([ZERO, weighs(100, True), weighs(100)], words.UNSTABLE),
        ([weighs(100), weighs(100)], words.NOT_EMPTIED),
    ],
)
def test_what_does_not_count_is_said(readings: list[Reading], why: Text) -> None:
    assert refusal(seen(*readings)) == why


def test_the_same_load_is_weighed_again_without_emptying_and_another_is_not() -> None:
    rule = seen(ZERO, weighs(100), weighs(100))
    rule.weigh(A)
    assert rule.weigh(A).grams == 100
    assert refusal(rule, B) == words.NOT_EMPTIED
    rule.see(weighs(200))
    rule.see(weighs(200))
    assert refusal(rule, B) == words.NOT_EMPTIED
    for reading in (ZERO, weighs(200), weighs(200)):
        rule.see(reading)
    assert rule.weigh(B).grams == 200
    assert refusal(rule, A) == words.NOT_EMPTIED


def test_a_net_zero_empties_nothing() -> None:
    rule = seen(ZERO, weighs(100), weighs(100))
    rule.weigh(A)
    for reading in (weighs(0, True), weighs(100), weighs(100)):
        rule.see(reading)
    assert refusal(rule, B) == words.NOT_EMPTIED


def test_after_the_line_was_lost_zero_has_to_be_seen_again() -> None:
    rule = seen(ZERO, weighs(100), weighs(100))
    rule.weigh(A)
    rule.forget()
    assert refusal(rule) == words.NO_ANSWER
    rule.see(weighs(100))
    rule.see(weighs(100))
    assert refusal(rule, A) == words.NOT_EMPTIED


def test_options() -> None:
    heavy = seen(ZERO, weighs(40), weighs(40), min_g=Decimal(50))
    assert refusal(heavy) == words.EMPTY
    untold = seen(weighs(0, None), weighs(40, None), weighs(40, None), has_tare=False)
    assert untold.weigh(A).grams == 40


GROSS = st.sampled_from([0, 2, 100, 200, -50]).map(weighs)
NOT_GROSS = st.sampled_from([weighs(100, True), weighs(0, True), weighs(100, None)])
NO_WEIGHT = st.sampled_from([State.UNSTABLE, State.SILENT, State.UNREADABLE, State.OVER]).map(says)


@given(
    st.lists(
        GROSS | GROSS | NOT_GROSS | NO_WEIGHT | st.sampled_from(["A", "B", "lost"]), max_size=40
    )
)
def test_whatever_happens_a_load_never_gets_the_weight_of_another(
    happenings: list[Reading | str],
) -> None:
    rule = Rule()
    since_zero: list[str] | None = None
    last: list[Reading] = []
    for happening in happenings:
        if isinstance(happening, Reading):
            rule.see(happening)
            last = [*last, happening][-2:]
            if happening in (ZERO, weighs(2)):
                since_zero = []
        elif happening == "lost":
            rule.forget()
            since_zero, last = None, []
        else:
            try:
                weight = rule.weigh(Load(happening, 0))
            except DeviceFault:
                continue
            assert last[0] == last[1]
            assert last[1].state is State.STABLE
            assert last[1].tared is False
            assert weight.grams == last[1].grams >= 5
            assert since_zero in ([], [happening])
            since_zero = [happening]
