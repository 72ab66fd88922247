"""Keyboard scanners: whole codes out of single characters and the time each one came.

Sources: ISO/IEC 15424 (AIM symbology identifiers: `]`, a letter, a modifier); ASCII (STX, ETX).

A code that begins with a mark (an AIM identifier or STX) can be told from typing, however slow
the line is. Without one there is only time to go by, and time is never trusted to say that a code
is whole: it ends at its terminator and nowhere else, and a pause inside spoils it up to there,
because the tail of a code looks like a code. What nothing here can notice is a key that a person
presses in the very milliseconds in which a code comes; a serial line can.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from devices.scanners.layouts import LAYOUTS, restore
from devices.urls import READER, DeviceUrl, parse
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import LONGEST
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Listener

Prefix = Literal["none", "stx", "aim"]
PREFIXES: tuple[Prefix, ...] = ("none", "stx", "aim")

STX = "\x02"
ENTER = "\r\n"
TERMINATORS = ENTER + "\t\x03"
GAPS_MS: dict[Prefix, int] = {"none": 50, "stx": 1000, "aim": 1000}
"""Without a mark, a longer pause could take in what somebody typed before."""

_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z].", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the characters so far came to."""

    kind: Literal["code", "partial", "typed"]
    """`code`: a whole code. `partial`: it may not be whole, scan again. `typed`: a character
    outside any code, where codes begin with a mark."""
    text: str
    """The code as the scanner meant it; all else as it came."""


@dataclass(frozen=True, slots=True)
class WedgeOptions:
    """How a scanner frames its codes."""

    prefix: Prefix = "none"
    """What every code starts with: STX, an AIM identifier, or nothing."""
    gap_ms: int = GAPS_MS["none"]
    """The longest pause between two characters of one code."""
    layout: str = "us"
    """The keyboard that the computer believes to have; the scanner presses keys of a US one."""


class WedgeAssembler:
    """Puts characters together into codes. Pure: time is an argument, in seconds."""

    def __init__(self, options: WedgeOptions = WedgeOptions()) -> None:
        self._prefix = options.prefix
        self._gap = options.gap_ms / 1000
        self._layout = options.layout
        bracket = LAYOUTS[options.layout].of("]")
        self._mark = {"none": "", "stx": STX, "aim": bracket}[options.prefix]
        self._chars: list[str] = []
        self._after_cr = False
        self._enters = False
        """Whether the scanner ends its codes with Enter, so that TAB and ETX are part of one."""
        self._broken = False
        self._last = 0.0
        self.is_open = False
        """Whether a code has begun and not ended."""

    def feed(self, char: str, at: float) -> Frame | None:
        """Take one character that came at `at`; what it ends, if it ends something."""
        line_feed_of_crlf = char == "\n" and self._after_cr
        self._after_cr = char == "\r"
        if line_feed_of_crlf:
            return None
        late = self.is_waiting(at)
        self._last = at
        if late and self._chars and self._chars[-1] in TERMINATORS:
            self._enters = False
        if self.is_open:
            # A second STX: the end of the code before it got lost.
            self._broken |= late or char == STX
        elif self._mark and char != self._mark:
            return Frame("typed", char)
        else:
            self.is_open = True
            if char == STX:
                return None
        if self.ends(char):
            return self._end(char)
        if len(self._chars) < LONGEST:
            self._chars.append(char)
        else:
            self._broken = True
        return None

    def ends(self, char: str) -> bool:
        """Whether a code ends with this character."""
        return char in (ENTER if self._enters else TERMINATORS)

    def is_waiting(self, at: float) -> bool:
        """Whether a code has begun, and nothing has come for longer than one can wait."""
        return self.is_open and at - self._last > self._gap

    def spoil(self, at: float) -> None:
        """What comes before the next terminator is no code, whatever it looks like."""
        self.is_open = self._broken = True
        self._last = at

    def forget(self) -> None:
        """Drop what there is of a code: a person did that."""
        self._chars.clear()
        self.is_open = self._broken = False

    def _end(self, char: str) -> Frame | None:
        text, broken = "".join(self._chars).rstrip(TERMINATORS), self._broken
        self.forget()
        meant = text if self._layout == "us" else restore(text, self._layout)
        if meant is None or (text and self._prefix == "aim" and not _AIM.match(meant)):
            broken = True
        if broken:
            return Frame("partial", text)
        if not meant:
            return None
        self._enters = char in ENTER
        return Frame("code", meant)


class WedgeScanner:
    """Stands for the keyboard: the screen reads it, so this driver has nothing to do."""

    def start(self, listener: Listener) -> None:
        """Report that the keyboard is there."""
        listener.status(DeviceStatus(DeviceState.READY, "keyboard"))

    def feedback(self, outcome: Outcome) -> None:
        """Do nothing: a keyboard has no way back to the scanner."""

    def close(self) -> None:
        """Do nothing: the keyboard was never taken."""


def wedge_options(url: str) -> WedgeOptions:
    """The framing that a `wedge:` URL asks for.

    Raises:
        ValueError: naming what was expected and what came.
    """
    address = parse(url).without(READER)
    if address.scheme != "wedge":
        raise ValueError(f"Expected wedge:?prefix=...&gap_ms=...&layout=..., got {url!r}.")
    address.check_options(("prefix", "gap_ms", "layout"))
    prefix = cast(Prefix, address.choice("prefix", PREFIXES, "none"))
    gap_ms = address.number("gap_ms", GAPS_MS[prefix], 20, 10_000)
    layout = address.choice("layout", LAYOUTS, "us")
    if prefix == "aim" and LAYOUTS[layout].of("]") in LAYOUTS[layout].dead:
        raise ValueError(
            f"{url}: expected prefix=stx or none, got prefix=aim: the key of ] that an AIM "
            f"identifier begins with is dead on layout={layout}."
        )
    return WedgeOptions(prefix, gap_ms, layout)


def open_scanner(url: DeviceUrl) -> WedgeScanner:
    """The driver for `wedge:`."""
    wedge_options(url.text)
    return WedgeScanner()
