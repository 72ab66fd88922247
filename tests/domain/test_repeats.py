from __future__ import annotations

import pytest

from wms_terminal.domain.repeats import Repeat, Repeats


@pytest.mark.parametrize(
    ("gap_s", "expected"),
    [(0.05, Repeat.CHATTER), (0.29, Repeat.CHATTER), (0.31, Repeat.QUICK), (1.5, Repeat.NO)],
)
def test_the_same_code_is_judged_by_the_time_between(gap_s: float, expected: Repeat) -> None:
    repeats = Repeats()
    assert repeats.judge("left", "A", 10.0) is Repeat.NO
    assert repeats.judge("left", "A", 10.0 + gap_s) is expected


def test_another_code_or_another_scanner_is_no_repeat() -> None:
    repeats = Repeats()
    repeats.judge("left", "A", 10.0)
    assert repeats.judge("right", "A", 10.1) is Repeat.NO
    assert repeats.judge("left", "B", 10.1) is Repeat.NO
    assert repeats.judge("left", "A", 10.2) is Repeat.NO


def test_a_scanner_that_never_stops_is_heard_once() -> None:
    repeats = Repeats()
    heard = [repeats.judge("left", "A", 10.0 + number * 0.2) for number in range(20)]
    assert heard == [Repeat.NO] + [Repeat.CHATTER] * 19
