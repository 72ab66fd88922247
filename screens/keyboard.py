"""What comes in by the keyboard: scans, function keys, and text that is keyed in on purpose.

Scanners that act as keyboards type faster than people, end a code with Enter, and send control
characters inside it. So every key passes here before any binding or focus sees it. Nothing here
knows a terminal: names, characters and times go in, acts come out.

A code that comes out is one that was sent, whole and unchanged, and so is a text that somebody
keyed in. What cannot be told for certain is refused: it has to be scanned again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from screens.acts import (
    Acknowledged,
    Act,
    Begun,
    Cancelled,
    Edited,
    Incomplete,
    Keyed,
    Leaving,
    Maybe,
    Moved,
    Pressed,
    Scanned,
)

BURST_S = 0.05
"""No person types characters this close together, and where a person types, no scanner is
slower."""
ALONE_S = 0.1
"""A key that people press stands alone for this long, before and after."""
READ_S = 0.3
"""Nobody acknowledges sooner after a code: it is the scanner's own Enter."""
STALL_S = 1.0
"""After this long without a character, the rest of a code is not coming."""
BOUNCE_S = 0.12
"""A glove presses twice, and a held key repeats, faster than this."""
LEAVE_S = 2.0
LEAVE_PRESSES = 3
LONGEST = 4097
"""One more than any code has: what is longer has to stay too long."""

ENTER, LINE_FEED, TAB, ESCAPE, ETX = "\r", "\n", "\t", "\x1b", "\x03"
STX = "\x02"
REPORT = "report"
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

_MODIFIERS = re.compile(r"(left|right)_(shift|control|alt|super|hyper|meta)|\w+_(lock|shift)")
"""Pressed by themselves they are no part of anything."""
_MOVES = {"up": -1, "down": 1, "pageup": -10, "pagedown": 10, "home": -1000, "end": 1000}
_FUNCTION = re.compile(r"f(\d{1,2})")
_PASTED = "pasted"
_PIECE = re.compile(r"([^\r\n\t\x03]*)([\r\n\t\x03]*)")


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

    @property
    def is_open(self) -> bool:
        """Whether a code has begun and not ended."""

    def feed(self, char: str, at: float) -> Frame | None:
        """Take a character and its time; what it ends."""

    def ends(self, char: str) -> bool:
        """Whether a code ends with this character."""

    def is_waiting(self, at: float) -> bool:
        """Whether nothing has come of a code for longer than one can wait."""

    def spoil(self, at: float) -> None:
        """No code ends at the next terminator."""

    def forget(self) -> None:
        """Drop what there is of a code."""


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
        self.chars: list[tuple[str, float]] = []

    @property
    def text(self) -> str:
        """What a person has keyed in so far."""
        kept: list[str] = []
        for char, _ in self.chars:
            if char in ERASE:
                kept = kept[:-1]
            elif char.isprintable():
                kept.append(char)
        return "".join(kept)

    def add(self, char: str, at: float) -> None:
        """One character more."""
        if len(self.chars) < LONGEST:
            self.chars.append((char, at))

    def speed(self, end: str, at: float) -> str:
        """`typed` by a person, a `burst` of a scanner, or `mixed`: nobody knows what is whose."""
        fast = [
            later - sooner < BURST_S
            for (before, sooner), (after, later) in pairwise([*self.chars, (end, at)])
            # A key that is held down repeats as fast as a scanner types.
            if not (before in ERASE and after in ERASE)
        ]
        if not any(fast):
            return "typed"
        return "burst" if all(fast) else "mixed"


@dataclass(frozen=True, slots=True)
class _Key:
    """Something that a person may have pressed, until it is known to stand alone."""

    name: str
    """Empty where it has a character."""
    text: str
    """What it is inside a code: its character, or all that the terminal sent for it."""
    at: float


class Keyboard:
    """Tells scans, keys and typing apart."""

    def __init__(self, assembler: Assembler, sentinel: bool = False) -> None:
        self._assembler = assembler
        self._sentinel = sentinel
        """Whether each code begins with a mark, so that everything else is typing."""
        self._held: list[_Key] = []
        self._last = self._ended = -math.inf
        """When the last character came, and the last end of a code."""
        self._after_cr = False
        self._codes = self._characters = 0
        self._pressed: dict[str, float] = {}
        self._leaving: list[float] = []
        self._stray = Line()
        """Typing where nothing is keyed in; a scanner that sends no mark is found out by it."""
        self.line: Line | None = None
        """Open while something may be keyed in."""

    # Acts come one by one: what is done about one may open or close the line before the next.

    def key(self, name: str, char: str | None, at: float) -> Iterator[Act]:
        """Take one key, pressed at `at` seconds."""
        text = character(name, char)
        if not text and (_MODIFIERS.fullmatch(name) or self._is_report(name)):
            return
        yield from self.settle(at - ALONE_S)
        if self._stands_alone(text, at):
            self._held.append(_Key("" if text else name, text or char or ESCAPE, at))
            yield Maybe(at)
        else:
            yield from self._data(text or char or ESCAPE, at)

    def settle(self, until: float) -> Iterator[Act]:
        """Keys that came until then, and that no code followed."""
        while self._held and self._held[0].at <= until:
            act = self._meaning(self._held.pop(0))
            if act is not None:
                yield act

    def stalled(self, begun: Begun) -> list[Act]:
        """Whether a code that had begun still goes on."""
        if not self._assembler.is_open or begun.codes != self._codes:
            return []
        now = Begun(self._codes, self._characters)
        return [Incomplete()] if begun == now else [now]

    def paste(self, text: str, at: float) -> Iterator[Act]:
        """Pasted lines are scans; one line without an end may be part of what is keyed in."""
        yield from self.settle(at - ALONE_S)
        if self._assembler.is_open or self._held:
            # In the middle of something: whose it is, is anybody's guess.
            yield from self._data("", at)
            yield self._spoil(at)
            yield from self._data(text, at)
            return
        pieces = [(piece, end) for piece, end in _PIECE.findall(text) if piece]
        if self.line is not None and pieces and (self.line.secret or pieces[0][1] == ""):
            for char in pieces[0][0]:
                # Long ago: what is pasted into a line is keyed in, and no part of a burst.
                self.line.add(char, -math.inf)
            yield Edited()
            return
        self._last = self._ended = at
        for piece, end in pieces:
            if end:
                yield Scanned(piece.removeprefix(STX))
            else:
                self._held.append(_Key(_PASTED, piece, at))
                yield Maybe(at)

    def _is_report(self, name: str) -> bool:
        """Whether it is what a terminal says by itself, now and then; inside a code it is not."""
        return name == REPORT and not self._assembler.is_open

    def _stands_alone(self, text: str, at: float) -> bool:
        """Whether a key may be a person's: not one inside a code, or right behind one."""
        if at - self._last <= ALONE_S:
            return False
        if not text or text == ESCAPE:
            return not self._assembler.is_open or self._assembler.is_waiting(at)
        if self._assembler.is_open:
            return False
        if text == ETX:
            return self.line is None or not self.line.chars
        return self.line is None and text in (ENTER, " ") and at - self._ended > READ_S

    def _meaning(self, key: _Key) -> Act | None:
        """What a key does that stands alone."""
        if key.name == _PASTED:
            return Scanned(key.text.removeprefix(STX))
        self._assembler.forget()
        self._stray = Line()
        if not key.name:
            return self._character(key)
        if key.name in _MOVES:
            return Moved(_MOVES[key.name])
        function = _FUNCTION.fullmatch(key.name)
        before, self._pressed[key.name] = self._pressed.get(key.name, -math.inf), key.at
        if function is None or key.at - before < BOUNCE_S:
            return None
        return Pressed(int(function[1]))

    def _character(self, key: _Key) -> Act:
        if key.text == ESCAPE:
            return Cancelled()
        if key.text != ETX:
            return Acknowledged()
        recent = [at for at in self._leaving if key.at - at < LEAVE_S]
        self._leaving = [*recent, key.at]
        return Leaving(len(self._leaving))

    def _data(self, text: str, at: float) -> Iterator[Act]:
        """Characters of a code, or of what is keyed in, and the keys that turn out to be some."""
        held, self._held = self._held, []
        self._last = at
        for key in held:
            if key.name == _PASTED and text in TERMINATORS:
                yield Scanned(key.text.removeprefix(STX), at)
            elif key.name == _PASTED:
                yield self._spoil(key.at)
            else:
                for char in key.text:
                    yield from self._feed(char, key.at)
        for char in text:
            yield from self._feed(char, at)

    def _feed(self, char: str, at: float) -> list[Act]:
        """One character more."""
        line_feed_of_crlf = char == LINE_FEED and self._after_cr
        self._after_cr = char == ENTER
        if line_feed_of_crlf:
            return []
        was_open = self._assembler.is_open
        if self.line is not None and not self._sentinel and not was_open:
            return self._typed(char, at)
        frame = self._assembler.feed(char, at)
        self._characters += 1
        if frame is None:
            return [self._begun()] if self._assembler.is_open and not was_open else []
        if frame.kind == "typed":
            return self._typed(char, at)
        self._ended = at
        return [Scanned(frame.text, at) if frame.kind == "code" else Incomplete(frame.text)]

    def _begun(self) -> Begun:
        self._codes += 1
        self._stray = Line()
        return Begun(self._codes, self._characters)

    def _spoil(self, at: float) -> Begun:
        self._assembler.spoil(at)
        return self._begun()

    def _typed(self, char: str, at: float) -> list[Act]:
        """A character that may be a person's."""
        line = self._stray if self.line is None else self.line
        if not self._assembler.ends(char):
            line.add(char, at)
            return [] if self.line is None else [Edited()]
        speed = line.speed(char, at)
        if not line.chars and at - self._ended <= READ_S:
            return []
        if speed == "typed" and char not in (ENTER, LINE_FEED):
            return []
        chars, text, line.chars = line.chars, line.text, []
        self._ended = at
        if speed == "typed":
            return [] if self.line is None else [Keyed(text)]
        if speed == "burst" and not self._sentinel:
            return self._burst([*chars, (char, at)], line)
        came = "".join(char for char, _ in chars)
        return [Incomplete(came, unmarked=self._sentinel), Edited()]

    def _burst(self, chars: Sequence[tuple[str, float]], line: Line) -> list[Act]:
        """A code that came while something was keyed in; a secret is never journaled."""
        frame = [self._assembler.feed(char, at) for char, at in chars][-1]
        if frame is None:
            return [Edited()]
        if frame.kind != "code":
            return [Incomplete(frame.text), Edited()]
        return [Keyed(frame.text) if line.secret else Scanned(frame.text, chars[-1][1])]
