"""USB scales of the HID class, such as DYMO's, as the kernel hands out their reports.

Sources: USB HID Point of Sale Usage Tables 1.02, Scale Page 0x8D (data report, status, units);
published captures of DYMO M10 and M25.

A report is `03 status unit exponent low high`: the weight is the number times ten to the exponent.
It never says whether a tare is set: with one, the scale shows zero under whatever was tared.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from devices.scales.reading import Protocol, Reading, State, printable, stable

_REPORT, _LENGTH = 3, 6
_ZERO, _STABLE = 2, 4
_STATES = {
    1: State.FAULT,
    3: State.UNSTABLE,
    5: State.NO_ZERO,
    6: State.OVER,
    7: State.FAULT,
    8: State.NO_ZERO,
}
_UNITS = {2: "g", 3: "kg", 11: "oz", 12: "lb"}
_EXPONENTS = range(-6, 7)


def read(frames: Sequence[bytes]) -> Reading:
    """The scale's newest report."""
    raw = printable(frames)
    report = b"".join(frames)
    if len(report) != _LENGTH or report[0] != _REPORT:
        return Reading(State.UNREADABLE, raw)
    status, unit, number = report[1], _UNITS.get(report[2]), int.from_bytes(report[4:], "little")
    if status in _STATES:
        return Reading(_STATES[status], raw)
    exponent = int.from_bytes(report[3:4], "big", signed=True)
    if unit is None or exponent not in _EXPONENTS or status not in (_ZERO, _STABLE):
        return Reading(State.UNREADABLE, raw)
    if status == _ZERO and number:
        return Reading(State.UNREADABLE, raw)
    return stable(raw, Decimal(number).scaleb(exponent), unit, tared=None)


PROTOCOL = Protocol("hid", (b"",), b"", "", read)
