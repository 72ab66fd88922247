"""The same code twice: a scanner that chatters, a finger that was too quick, or a second unit."""

from __future__ import annotations

from enum import StrEnum

CHATTER_S = 0.3
"""Nobody takes the next unit this fast: the scanner read one label twice."""
QUICK_S = 1.0
"""Fast enough for a second unit, too fast for having read a question."""


class Repeat(StrEnum):
    """What a code is to the one before it, from the same scanner."""

    NO = "no"
    QUICK = "quick"
    """The same code within `QUICK_S`: counts as a unit, never as a yes."""
    CHATTER = "chatter"
    """The same code within `CHATTER_S`: used once."""


class Repeats:
    """Remembers the last code of one scanner, and when it came."""

    def __init__(self) -> None:
        self._code, self._at = "", 0.0

    def judge(self, code: str, at: float) -> Repeat:
        """What a code is that came at `at` seconds of a clock that never jumps."""
        before, when = self._code, self._at
        self._code, self._at = code, at
        if code != before:
            return Repeat.NO
        if at - when < CHATTER_S:
            return Repeat.CHATTER
        return Repeat.QUICK if at - when < QUICK_S else Repeat.NO
