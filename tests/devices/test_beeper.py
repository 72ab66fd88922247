from __future__ import annotations

import pytest

from devices.scanners.beeper import BEEPERS, beeper_of
from devices.urls import parse
from wms_terminal.domain.outcome import Outcome

GOOD = (Outcome.OK, Outcome.LINE_DONE, Outcome.CONFIRM)
BAD = (Outcome.WRONG, Outcome.OVER, Outcome.UNKNOWN, Outcome.DEVICE)


def sent(feedback: str, outcome: Outcome, options: str = "") -> list[str]:
    """What a scanner is sent for an outcome, in hexadecimal."""
    beeper = beeper_of(parse(f"serial:///dev/x?feedback={feedback}{options}"))
    return [data.hex() for _, data in beeper.notes(outcome)]


@pytest.mark.parametrize(
    ("feedback", "good", "done", "bad"),
    [
        ("none", [], [], []),
        ("bel", ["07"], ["07"] * 2, ["07"] * 3),
        (
            "ssi",
            ["00", "05e6040000ff11"],
            ["00", "05e6040001ff10"],
            ["00", "05e6040013fefe", "05e7040002ff0e", "05e8040002ff0d"],
        ),
        ("honeywell", ["1b372c"], ["1b612c"], ["1b382c1b382c"]),
        ("datalogic", ["1b5b33710d"], ["1b5b30711b5b30710d"], ["1b5b32711b5b32711b5b32710d"]),
        ("psc", ["42"], ["42"] * 2, ["46"]),
    ],
)
def test_each_maker_has_a_pattern_for_good_for_done_and_for_bad(
    feedback: str, good: list[str], done: list[str], bad: list[str]
) -> None:
    assert [sent(feedback, outcome) for outcome in GOOD] == [good] * len(GOOD)
    assert sent(feedback, Outcome.ORDER_DONE) == done
    assert [sent(feedback, outcome) for outcome in BAD] == [bad] * len(BAD)


def test_every_pattern_begins_at_once_and_goes_on_in_order() -> None:
    for beeper in BEEPERS.values():
        for outcome in Outcome:
            times = [after for after, _ in beeper.notes(outcome)]
            assert times == sorted(times)
            assert not times or times[0] == 0


def test_bytes_of_other_makers_are_given_in_hexadecimal() -> None:
    options = "&ok=232F0D&error=ff"
    assert sent("none", Outcome.OK, options) == ["232f0d"]
    assert sent("none", Outcome.ORDER_DONE, options) == ["232f0d"] * 2
    assert sent("bel", Outcome.WRONG, options) == ["ff"]
    assert sent("bel", Outcome.OK, "&error=ff") == ["07"]


@pytest.mark.parametrize("options", ["feedback=loud", "ok=1", "error=beep"])
def test_bad_options_name_what_was_expected(options: str) -> None:
    with pytest.raises(ValueError, match=f"expected {options.partition('=')[0]}"):
        beeper_of(parse(f"serial:///dev/x?{options}"))
