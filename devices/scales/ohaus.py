"""OHAUS scales in their own command set.

Sources: OHAUS Defender 3000 manual 5.2, Ranger RC 5.1.4, Defender 5000 5.5 and RS232 interface
manual (output formats; the weight is right-justified in a field that ends at column 9 to 12).

`IP` is answered at once: polarity, weight, unit, a question mark where the weight moves, and a
legend. No legend, G and B/G stand for gross. What lost its head on the way has too narrow a
weight field and is no weight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from devices.scales.reading import Protocol, Reading, State, printable, stable

_WEIGHT = re.compile(
    rb"(?=[ \d.-]{9,12} )(?P<sign> *-?) *(?P<number>\d+(?:\.\d+)?) +(?P<unit>k?g|lb|oz) *"
    rb"(?P<moves>\??) *(?P<legend>G|B/G|N|NET|T|PT)? *\r\n"
)
_ERROR = re.compile(rb"[ \[]*Err[ :]*(?P<number>\d+(?:\.\d+)?)[^\r\n]{0,60}\r\n")
_ERRORS = {b"8.3": State.OVER, b"8.4": State.NO_ZERO}
"""Error numbers of the display: weight over, and weight under, what the scale can show."""
_GROSS = (None, b"G", b"B/G")


def read(frames: Sequence[bytes]) -> Reading:
    """The answer to `IP`."""
    raw = printable(frames)
    frame = b"".join(frames)
    if error := _ERROR.fullmatch(frame):
        return Reading(_ERRORS.get(error["number"], State.FAULT), raw)
    found = _WEIGHT.fullmatch(frame)
    if found is None:
        return Reading(State.UNREADABLE, raw)
    if found["moves"]:
        return Reading(State.UNSTABLE, raw)
    number = Decimal((found["sign"].strip() + found["number"]).decode())
    return stable(raw, number, found["unit"].decode(), tared=found["legend"] not in _GROSS)


PROTOCOL = Protocol("ohaus", (b"IP\r\n",), b"\n", "8N1", read)
