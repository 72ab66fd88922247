"""NCI SCP-01, also called ECR: scales of Avery Weigh-Tronix, NCI and many others.

Sources: Avery Weigh-Tronix 7821 user instructions, 6.3 (frames); NCI 6702 and 7800 manuals
(status bytes); METTLER TOLEDO DIVA service manual, 6.1.2 (what comes instead of a weight).

`W` is answered by a weight with its unit and by two or more status bytes, or by the status bytes
alone where there is no weight to tell. Only the third byte says whether a weight is net, and not
every scale sends it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from devices.scales.reading import Protocol, Reading, State, printable, stable

_FRAME = re.compile(
    rb"(?:\n(?=[ \d.-]{5,9}[A-Za-z])(?P<number> *-?\d+\.?\d*)(?P<unit>LB|KG|OZ|G|lb|kg|oz|g)\r)?"
    rb"\nS?(?P<status>[\x30-\x3f\x70-\x7f]{2,4})\r\x03"
)
_MOTION, _MEMORY = 0x01, 0x0C
_UNDER, _OVER, _DEFECT, _MORE = 0x01, 0x02, 0x0C, 0x40
_NET, _ZERO_ERROR = 0x04, 0x08


def read(frames: Sequence[bytes]) -> Reading:
    """The answer to `W`."""
    raw = printable(frames)
    found = _FRAME.fullmatch(b"".join(frames))
    if found is None:
        return Reading(State.UNREADABLE, raw)
    status = found["status"]
    if status[1] & _MORE and len(status) < 3:
        return Reading(State.UNREADABLE, raw)
    third = status[2] if len(status) > 2 else None
    state = _state(status[0], status[1], third or 0)
    if state is not State.STABLE or found["number"] is None:
        return Reading(state if state is not State.STABLE else State.UNSTABLE, raw)
    return stable(
        raw,
        Decimal(found["number"].decode()),
        found["unit"].decode().lower(),
        tared=None if third is None else bool(third & _NET),
    )


def _state(first: int, second: int, third: int) -> State:
    if first & _MEMORY or second & _DEFECT:
        return State.FAULT
    if second & _OVER:
        return State.OVER
    if first & _MOTION:
        return State.UNSTABLE
    if second & _UNDER or third & _ZERO_ERROR:
        return State.NO_ZERO
    return State.STABLE


PROTOCOL = Protocol("nci", (b"W\r",), b"\x03", "7E1", read)
