"""What a scale says, whatever its protocol: a state, and with a stable one an exact weight.

Sources: NIST Handbook 44, appendix C (1 lb = 453.59237 g, 1 oz = 1/16 lb, both exact).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "lb": Decimal("453.59237"),
    "oz": Decimal("28.349523125"),
}
"""How many grams one unit is."""

HEAVIEST_G = Decimal(10_000_000)
"""No parcel scale carries ten tonnes: a frame that says so is noise."""


class State(StrEnum):
    """What one answer of a scale amounts to."""

    STABLE = "stable"
    """The scale itself calls this weight stable."""
    UNSTABLE = "unstable"
    """It moves, or is busy."""
    OVER = "over"
    NO_ZERO = "no_zero"
    """Below zero, or zero has been lost."""
    FAULT = "fault"
    """The scale reports a defect of its own."""
    SILENT = "silent"
    """No answer came in time."""
    UNREADABLE = "unreadable"
    """Something came that the protocol does not know."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer of a scale. Weight, step and tare mean something in a stable one only."""

    state: State
    raw: str
    """The frame, or the frames, with control bytes escaped: nothing is lost."""
    grams: Decimal = Decimal(0)
    """Exact; below zero where the scale says so."""
    step_g: Decimal = Decimal(0)
    """The value of the last decimal place that the scale sends."""
    tared: bool | None = False
    """True for a net weight, False for a gross one, None where the scale does not say."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How to ask a scale, and how to read what comes."""

    name: str
    asks: Sequence[bytes]
    """Requests of one reading, each answered by one frame. An empty one only listens."""
    end: bytes
    """The byte that ends a frame; empty where the transport keeps frames apart."""
    framing: str
    """Data bits, parity and stop bits of the serial line, where its address says no other."""
    read: Callable[[Sequence[bytes]], Reading]
    """The reading that the frames make. Never raises: what it does not know is unreadable."""


def stable(raw: str, number: Decimal, unit: str, *, tared: bool | None) -> Reading:
    """A weight that the scale calls stable, in grams; unreadable where no scale weighs so much."""
    exponent = number.as_tuple().exponent
    factor = GRAMS[unit]
    grams = number * factor
    if not isinstance(exponent, int) or abs(grams) > HEAVIEST_G:
        return Reading(State.UNREADABLE, raw)
    return Reading(State.STABLE, raw, grams, factor.scaleb(exponent), tared)


def printable(frames: Sequence[bytes]) -> str:
    """Bytes as text that prints: what does not is escaped as in Python, so that none is lost."""
    return "".join(_ESCAPED[byte] for frame in frames for byte in frame)


_ESCAPED = [
    chr(byte) if 0x20 <= byte < 0x7F and byte != 0x5C else f"\\x{byte:02x}" for byte in range(256)
]
_ESCAPED[0x5C], _ESCAPED[0x0D], _ESCAPED[0x0A] = "\\\\", "\\r", "\\n"
