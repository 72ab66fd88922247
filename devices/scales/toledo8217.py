"""Toledo 8217, the protocol of checkout and shipping scales.

Source: METTLER TOLEDO DIVA service manual, 6.1.3 and 6.1.4 (commands, status byte).

`W` is answered by STX, a number, N where it is net, and CR; only a stable weight comes as a
number. Else STX, a question mark, one status byte and CR come. The unit is never sent, so it is
in the scale's address; lock the scale's key for units.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from devices.scales.reading import Protocol, Reading, State, printable, stable

_WEIGHT = re.compile(rb"\x02(?P<number>[ \d]\d{1,3}\.\d{2,3})(?P<net>N?)\r")
_STATUS = re.compile(rb"\x02\?(?P<bits>[\x40-\x7f])\r")
_MOTION, _OVER, _UNDER, _OUT_OF_ZERO = 0x01, 0x02, 0x04, 0x08


def read(frames: Sequence[bytes], unit: str) -> Reading:
    """The answer to `W`."""
    raw = printable(frames)
    frame = b"".join(frames)
    if found := _WEIGHT.fullmatch(frame):
        number = Decimal(found["number"].decode())
        return stable(raw, number, unit, tared=bool(found["net"]))
    if status := _STATUS.fullmatch(frame):
        return Reading(_state(status["bits"][0]), raw)
    return Reading(State.UNREADABLE, raw)


def _state(bits: int) -> State:
    if bits & _OVER:
        return State.OVER
    if bits & _MOTION:
        return State.UNSTABLE
    if bits & (_UNDER | _OUT_OF_ZERO):
        return State.NO_ZERO
    return State.UNSTABLE


def protocol(unit: str) -> Protocol:
    """The protocol of a scale that weighs in `kg` or `lb`."""
    return Protocol("8217", (b"W",), b"\r", "7E1", partial(read, unit=unit))
