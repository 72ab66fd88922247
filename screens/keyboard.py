"""What comes in by the keyboard: scans, function keys, and text that is keyed in on purpose.

Scanners that act as keyboards type faster than people, end a code with Enter, and send control
characters inside it. So every key passes here before any binding or focus sees it. Nothing here
knows a terminal: names, characters and times go in, acts come out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

BURST_S = 0.03
"""No person types characters this close together."""
BURST_LENGTH = 4
"""Fewer characters are no barcode."""
PAUSE_S = 0.5
"""Between typing and pulling the trigger."""
ALONE_S = 0.1
"""A key that people press stands alone for this long."""
BOUNCE_S = 0.12
"""A glove presses twice, and a held key repeats, faster than this."""
LEAVE_S = 2.0
LEAVE_PRESSES = 3
LONGEST = 4096

ENTER, LINE_FEED, TAB, ESCAPE, ETX = "\r", "\n", "\t", "\x1b", "\x03"
STX = "\x02"
TERMINATORS = (ENTER, LINE_FEED, TAB, ETX)
ERASE = ("\x7f", "\x08")

_NAMED = {
    "ctrl+at": "\x00",
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "enter": ENTER,
    "tab": TAB,
    "escape": ESCAPE,
    "backspace": "\x7f",
}
"""Keys that the Kitty protocol reports without a character."""

_MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -1000, "end": 1000}


@dataclass(frozen=True, slots=True)
class Scanned:
    """A whole code."""

    raw: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """A line that a person keyed in; empty when only Enter was pressed."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A function key."""

    number: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Arrow and page keys, in rows."""

    rows: int


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Part of a code: worth nothing, and worth saying so."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The line that is being keyed in has changed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Escape."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """Enter or Space, unless a code follows at once: ask `settle` after `ALONE_S`."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A lone Enter or Space."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Ctrl+C, so many times in a row."""

    presses: int


Act = (
    Scanned
    | Keyed
    | Pressed
    | Moved
    | Incomplete
    | Edited
    | Cancelled
    | Maybe
    | Acknowledged
    | Leaving
)


class Frame(Protocol):
    """What characters came to: a `code`, a `partial` one, or something `typed`."""

    @property
    def kind(self) -> str:
        """Which of the three."""

    @property
    def text(self) -> str:
        """The characters."""


class Assembler(Protocol):
    """Puts characters together into codes."""

    def feed(self, char: str, at: float) -> Sequence[Frame]:
        """Take a character and its time; the frames that it ends."""

    def flush(self) -> Sequence[Frame]:
        """Give up on an unfinished frame."""


def character(key: str, char: str | None) -> str:
    """The character that a key stands for, or nothing."""
    if char is not None and len(char) == 1:
        return char
    if key in _NAMED:
        return _NAMED[key]
    letter = key.removeprefix("ctrl+")
    if key != letter and len(letter) == 1 and letter.isascii() and letter.isalpha():
        return chr(ord(letter.lower()) - ord("a") + 1)
    return ""


class Line:
    """What is being keyed in, with the time of each character."""

    def __init__(self, secret: bool = False) -> None:
        self.secret = secret
        self._chars: list[tuple[str, float]] = []

    @property
    def text(self) -> str:
        """What a person has keyed in so far."""
        return "".join(char for char, _ in self._chars if char.isprintable())

    def add(self, char: str, at: float) -> None:
        """One character more."""
        if len(self._chars) < LONGEST:
            self._chars.append((char, at))

    def erase(self) -> None:
        """The last character goes."""
        self._chars = self._chars[:-1]

    def end(self, at: float, typed: bool) -> Act | None:
        """Enter (`typed`) or another terminator: text of a person, or a code of a scanner.

        A code is never glued to what was typed before it. Where the two cannot be told apart,
        nothing is taken at all. What is secret stays keyed, so that it is never journaled.
        """
        start, last = len(self._chars), at
        while start and last - self._chars[start - 1][1] < BURST_S:
            start -= 1
            last = self._chars[start][1]
        burst = "".join(char for char, _ in self._chars[start:])
        text = self.text
        before = self._chars[start - 1][1] if start else None
        if len(burst) < BURST_LENGTH and not typed:
            return None
        self._chars.clear()
        if len(burst) < BURST_LENGTH:
            return Keyed(text)
        if self.secret:
            return Keyed(text) if before is None else Incomplete()
        if before is None or last - before > PAUSE_S:
            return Scanned(burst)
        return Incomplete()


class Keyboard:
    """Tells scans, keys and typing apart."""

    def __init__(self, assembler: Assembler, sentinel: bool = False) -> None:
        self._assembler = assembler
        self._sentinel = sentinel
        """Whether each code begins with a mark, so that everything else is typing."""
        self._in_frame = False
        self._last = -1.0
        self._alone = True
        self._after_cr = False
        self._pressed: dict[str, float] = {}
        self._leaving: list[float] = []
        self._maybe: tuple[str, float] | None = None
        self.line: Line | None = None
        """Open while something may be keyed in."""
        self.asks = False
        """A refusal is shown: a lone Enter, Space or Escape acknowledges it."""

    def key(self, name: str, char: str | None, at: float) -> list[Act]:
        """Take one key, pressed at `at` seconds."""
        value = character(name, char)
        self._alone = at - self._last > ALONE_S
        if not value:
            return self._named(name, at)
        acts: list[Act] = []
        if self._maybe is not None:
            first, self._maybe = self._maybe, None
            # Not alone after all: the beginning of a code.
            acts = self._data(*first) if at - first[1] <= ALONE_S else [Acknowledged()]
        self._last = at
        if value == ESCAPE and (self._alone or not self._in_frame):
            self._forget()
            return [*acts, Cancelled()]
        if self._alone and not self._in_frame:
            if value == ETX:
                return acts + self._leave(at)
            if self.asks and self.line is None and value in (ENTER, " "):
                self._maybe = (value, at)
                return [*acts, Maybe()]
        return acts + self._data(value, at)

    def settle(self) -> list[Act]:
        """Nothing followed a lone Enter or Space."""
        if self._maybe is None:
            return []
        self._maybe = None
        return [Acknowledged()]

    def paste(self, text: str) -> list[Act]:
        """Pasted lines are scans; one line without an end may be part of what is keyed in."""
        lines = [part for part in text.replace("\r", "\n").split("\n") if part]
        whole = text[-1:] in ("\r", "\n") or len(lines) > 1
        if self.line is not None and lines and (self.line.secret or not whole):
            for char in lines[0]:
                # Long ago: what is pasted into a line is keyed in, and no part of a burst.
                self.line.add(char, -math.inf)
            return [Edited()]
        return [Scanned(part) for part in lines]

    def _named(self, name: str, at: float) -> list[Act]:
        """Function and arrow keys; inside a code they are noise that spoils it."""
        number = name.removeprefix("f")
        if name not in _MOVES and (name == number or not number.isdecimal()):
            return []
        if self._in_frame and not self._alone:
            self._assembler.feed(ESCAPE, at)
            self._last = at
            return []
        self._forget()
        if name in _MOVES:
            return [Moved(_MOVES[name])]
        before, self._pressed[name] = self._pressed.get(name), at
        if before is not None and at - before < BOUNCE_S:
            return []
        return [Pressed(int(number))]

    def _forget(self) -> None:
        """Drop a character that somebody leaned on: the next code must not suffer from it."""
        if self._in_frame:
            self._assembler.flush()
            self._in_frame = False

    def _leave(self, at: float) -> list[Act]:
        self._leaving = [moment for moment in self._leaving if at - moment < LEAVE_S] + [at]
        return [Leaving(len(self._leaving))]

    def _data(self, char: str, at: float) -> list[Act]:
        """A character of a code, or of what is keyed in."""
        if self.line is not None and not self._in_frame and not self._sentinel and char != STX:
            return self._typed(self.line, char, at)
        frames = self._assembler.feed(char, at)
        self._in_frame = not frames and char not in TERMINATORS
        if self.line is not None and any(frame.kind == "typed" for frame in frames):
            return self._typed(self.line, char, at)
        return [act for frame in frames if (act := _act(frame)) is not None]

    def _typed(self, line: Line, char: str, at: float) -> list[Act]:
        after_cr, self._after_cr = self._after_cr, char == ENTER
        if char == LINE_FEED and after_cr:
            return []
        if char in TERMINATORS:
            if not line.text and not self._alone:
                return []
            act = line.end(at, typed=char in (ENTER, LINE_FEED))
            return [act] if act is not None else []
        if char in ERASE:
            line.erase()
        else:
            line.add(char, at)
        return [Edited()]


def _act(frame: Frame) -> Act | None:
    if frame.kind == "code":
        return Scanned(frame.text)
    return Incomplete() if frame.kind == "partial" else None
