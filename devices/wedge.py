"""Keyboard scanners: whole codes out of single characters and the time each one came.

Sources: ISO/IEC 15424 (AIM symbology identifiers: `]`, a letter, a modifier); ASCII (STX, ETX).

Timing alone cannot tell a stalled scanner from a finished one, so a code ends only at its
terminator, and a frame with a pause in it is never taken for a code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from devices.urls import DeviceUrl, parse
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import LONGEST
from wms_terminal.ports.devices import DeviceState, DeviceStatus

Prefix = Literal["none", "stx", "aim"]
PREFIXES: tuple[Prefix, ...] = ("none", "stx", "aim")

STX = "\x02"
TERMINATORS = frozenset("\r\n\t\x03")

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z].", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the characters so far came to."""

    kind: Literal["code", "partial", "typed"]
    """`code`: a whole code. `partial`: part of one may be missing, scan again. `typed`: a
    character outside any frame, where frames start with a sentinel."""
    text: str


@dataclass(frozen=True, slots=True)
class WedgeOptions:
    """How a scanner frames its codes."""

    prefix: Prefix = "none"
    """What every code starts with: STX, an AIM identifier, or nothing."""
    gap_ms: int = 500
    """The longest pause between two characters of one code."""


class WedgeAssembler:
    """Puts characters together into codes. Pure: time is an argument, in seconds."""

    def __init__(self, options: WedgeOptions = WedgeOptions()) -> None:
        self._prefix = options.prefix
        self._gap = options.gap_ms / 1000
        self._chars: list[str] = []
        self._open = False
        self._broken = False
        self._after_cr = False
        self._last = 0.0

    def feed(self, char: str, at: float) -> list[Frame]:
        """Take one character that came at `at`; the frames that it ends."""
        line_feed_of_crlf = char == "\n" and self._after_cr
        self._after_cr = char == "\r"
        if line_feed_of_crlf:
            return []
        late = at - self._last > self._gap
        self._last = at
        if char == STX:
            frames = self.flush()
            self._open = self._prefix != "aim"
            return frames
        if not self._open and self._prefix != "none":
            if self._prefix == "stx" or char != "]":
                return [Frame("typed", char)]
            self._open = True
            late = False
        elif not self._open:
            self._open = True
            late = False
        if late:
            self._broken = True
        if char in TERMINATORS:
            return self._end()
        if len(self._chars) < LONGEST:
            self._chars.append(char)
        else:
            self._broken = True
        return []

    def flush(self) -> list[Frame]:
        """Give up on an unfinished frame: what there is of it, as a partial."""
        self._broken = True
        return self._end()

    def _end(self) -> list[Frame]:
        text, broken = "".join(self._chars), self._broken
        self._chars.clear()
        self._open = self._broken = False
        if not text:
            return []
        if self._prefix == "aim" and not _AIM.match(text):
            broken = True
        return [Frame("partial" if broken else "code", text)]


class WedgeScanner:
    """Stands for the keyboard: the screen reads it, so this driver has nothing to do."""

    def start(
        self, on_code: Callable[[str], None], on_status: Callable[[DeviceStatus], None]
    ) -> None:
        """Report that the keyboard is there."""
        on_status(DeviceStatus(DeviceState.READY, "keyboard"))

    def feedback(self, outcome: Outcome) -> None:
        """Do nothing: a keyboard has no way back to the scanner."""

    def close(self) -> None:
        """Do nothing: the keyboard was never taken."""


def wedge_options(url: str) -> WedgeOptions:
    """The framing that a `wedge:` URL asks for.

    Raises:
        ValueError: naming what was expected and what came.
    """
    address = parse(url)
    if address.scheme != "wedge":
        raise ValueError(f"Expected wedge:?prefix=...&gap_ms=..., got {url!r}.")
    address.check_options(("prefix", "gap_ms"))
    return WedgeOptions(prefix_of(address), address.number("gap_ms", 500, 20, 10_000))


def prefix_of(address: DeviceUrl) -> Prefix:
    """The `prefix` option.

    Raises:
        ValueError: naming the values that exist and the one that came.
    """
    value = address.choice("prefix", PREFIXES, "none")
    return next(prefix for prefix in PREFIXES if prefix == value)


def open_scanner(url: DeviceUrl) -> WedgeScanner:
    """The driver for `wedge:`."""
    wedge_options(url.text)
    return WedgeScanner()
