from __future__ import annotations

import pytest

from wms_terminal.domain.repeats import Repeat, Repeats


@pytest.mark.parametrize(
    ("gap_s", "expected"),
    [(0.05, Repeat.CHATTER), (0.29, Repeat.CHATTER), (0.31, Repeat.QUICK), (1.5, Repeat.NO)],
)
def test_the_same_code_is_judged_by_the_time_between(gap_s: float, expected: Repeat) -> None:
    repeats = Repeats()
    assert repeats.judge("A", 10.0) is Repeat.NO
    assert repeats.judge("A", 10.0 + gap_s) is expected


def test_another_code_in_between_makes_it_new() -> None:
    repeats = Repeats()
    heard = [repeats.judge(code, 10.0 + number * 0.1) for number, code in enumerate("ABA")]
    assert heard == [Repeat.NO] * 3


def test_a_scanner_that_never_stops_is_heard_once() -> None:
    repeats = Repeats()
    heard = [repeats.judge("A", 10.0 + number * 0.2) for number in range(20)]
    assert heard == [Repeat.NO] + [Repeat.CHATTER] * 19
