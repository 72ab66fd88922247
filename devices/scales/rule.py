"""When what a scale says is the weight of a parcel, and the words for when it is not.

A weight counts when the scale calls it stable, it is gross and heavy enough, it came twice
running, and the scale was seen empty since another load was weighed. After the line was lost
nothing is known of what lies on the scale, so that it has to be seen empty first: what is left
over from the parcel before can never pass for the next one.
"""

from __future__ import annotations

from decimal import Decimal

from devices.scales.reading import Reading, State
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceFault, Load, ScaleEmpty, Weight

SMALLEST_STEPS = 5
"""A weight of fewer scale steps than this is taken for an empty scale."""

NO_ANSWER = T("The scale does not answer. Check power and cable.")
UNSTABLE = T("The weight is not stable. Leave the parcel alone and weigh again.")
OVERLOAD = T("The scale is overloaded. Take the parcel off.")
BELOW_ZERO = T("The scale is below zero. Empty it and press zero.")
DEFECT = T("The scale reports a fault. Switch it off and on.")
UNREADABLE = T("The scale answers in a way that is not understood. Call the administrator.")
EMPTY = T("The scale is empty. Put the parcel on it.")
TARED = T("The scale shows a net weight. Clear the tare.")
MAYBE_TARED = T("The scale does not say whether a tare is set. Call the administrator.")
NOT_EMPTIED = T(
    "The scale was not empty before this parcel. Take it off, wait for zero, put it back."
)

_WORDS = {
    State.UNSTABLE: UNSTABLE,
    State.OVER: OVERLOAD,
    State.NO_ZERO: BELOW_ZERO,
    State.FAULT: DEFECT,
    State.SILENT: NO_ANSWER,
    State.UNREADABLE: UNREADABLE,
}


class Rule:
    """Sees every reading of one scale, in order, and answers when a load is weighed.

    `min_g`: what weighs less is taken for an empty scale; by default five scale steps.
    `has_tare`: False where the scale has no tare, so that every weight it tells is gross.
    """

    def __init__(self, min_g: Decimal | None = None, *, has_tare: bool = True) -> None:
        self._min_g = min_g
        self._has_tare = has_tare
        self._last: Reading | None = None
        self._twice = False
        self._emptied = False
        self._owner: str | None = None

    @property
    def last(self) -> Reading | None:
        """The newest reading; None where nothing is known."""
        return self._last

    def see(self, reading: Reading) -> None:
        """Take a reading in."""
        last, self._last = self._last, reading
        trouble = self.trouble()
        self._twice = trouble is None and last is not None and _says_the_same(last, reading)
        if trouble is EMPTY:
            self._emptied, self._owner = True, None

    def forget(self) -> None:
        """The line was lost: whatever lies on the scale may have been swapped meanwhile."""
        self._last, self._twice = None, False
        self._emptied, self._owner = False, None

    def weigh(self, load: Load) -> Weight:
        """The load's weight.

        Raises:
            DeviceFault: saying why there is none yet, and what to do.
        """
        trouble = self.trouble()
        if trouble is None and not self._twice:
            trouble = UNSTABLE
        if trouble is None and not (self._emptied or load.name == self._owner):
            trouble = NOT_EMPTIED
        if trouble is EMPTY:
            raise ScaleEmpty(EMPTY)
        if trouble is not None or self._last is None:
            raise DeviceFault(trouble or NO_ANSWER)
        self._emptied, self._owner = False, load.name
        return Weight(self._last.grams, self._last.raw)

    def trouble(self) -> Text | None:
        """Why the newest reading is no weight; None where it is one."""
        reading = self._last
        if reading is None:
            return NO_ANSWER
        if reading.state is not State.STABLE:
            return _WORDS[reading.state]
        if reading.tared:
            return TARED
        if reading.tared is None and self._has_tare:
            return MAYBE_TARED
        least = SMALLEST_STEPS * reading.step_g if self._min_g is None else self._min_g
        if abs(reading.grams) < least:
            return EMPTY
        return BELOW_ZERO if reading.grams < 0 else None


def _says_the_same(one: Reading, other: Reading) -> bool:
    return (one.state, one.grams, one.tared) == (other.state, other.grams, other.tared)
