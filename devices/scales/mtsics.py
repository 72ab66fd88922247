"""MT-SICS, the command set of Mettler Toledo and of many that follow it.

Sources: METTLER TOLEDO Standard Interface Command Set, reference manuals 11780711 and 11781363
(response formats; S, SI, TA; ES, ET, EL). Level 1 is needed for `TA`.

A weight comes as `S S     100.00 g`: the second letter is S for stable, D for moving, I for busy,
+ and - for out of range; the number takes ten places. It is a net weight while a tare is set and
does not say so, which is why the tare is asked for first: a reading is `TA` and then `SI`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from devices.scales.reading import Protocol, Reading, State, printable, stable

_NUMBER = rb"(?P<number>(?=[ \d.-]{10} ) *-?\d+(?:\.\d+)?)"
_WEIGHT = re.compile(rb"S (?P<state>[SD]) " + _NUMBER + rb" (?P<unit>k?g|lb|oz) *\r\n")
_TARE = re.compile(rb"TA A " + _NUMBER + rb" (?:k?g|lb|oz) *\r\n")
_STATES = {
    b"S I\r\n": State.UNSTABLE,
    b"S +\r\n": State.OVER,
    b"S -\r\n": State.NO_ZERO,
}
_TARE_BUSY = b"TA I\r\n"
_UNKNOWN_COMMAND = b"ES\r\n"


def read(frames: Sequence[bytes]) -> Reading:
    """The answers to `TA` and `SI`, as one reading."""
    raw = printable(frames)
    if len(frames) != 2:
        return Reading(State.UNREADABLE, raw)
    tare, weight = frames
    if weight in _STATES:
        return Reading(_STATES[weight], raw)
    found, tared = _WEIGHT.fullmatch(weight), _TARE.fullmatch(tare)
    if found is None:
        return Reading(State.UNREADABLE, raw)
    if found["state"] == b"D" or tare == _TARE_BUSY:
        return Reading(State.UNSTABLE, raw)
    if tared is None and tare != _UNKNOWN_COMMAND:
        return Reading(State.UNREADABLE, raw)
    return stable(
        raw,
        Decimal(found["number"].decode()),
        found["unit"].decode(),
        tared=None if tared is None else Decimal(tared["number"].decode()) != 0,
    )


PROTOCOL = Protocol("mtsics", (b"TA\r\n", b"SI\r\n"), b"\n", "8N1", read)
