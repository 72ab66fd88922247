"""Bytes of a terminal, decoded, to keys and pastes: every character comes out, in order, unchanged.

Textual's own parser is made for people. It swallows sequences that it does not know, makes `^` of
an Escape and `ª` of Alt+9, ends the input at a key release with a colon in it, and takes a paste
with an Escape inside apart. A scanner sends all of these.

Sources: ECMA-48 (control sequences), xterm control sequences (function keys, bracketed paste),
Kitty keyboard protocol (CSI u), the Linux console's F1 to F5.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator

from textual import events
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import _character_to_key
from textual.message import Message

from screens.keyboard import REPORT

ESCAPE_S = 0.1
"""How long the rest of a sequence may take; after that Escape was a key or a character."""
PASTE_S = 1.0
"""The same for the end of a paste."""

_PASTE, _PASTE_END = "\x1b[200~", "\x1b[201~"
_TOKEN = re.compile(
    r"""
      (?P<report>\x1b\[(?:[IO] | \?\d+;\d\$y | \d+;\d+R | 48(?:;[\d:]+){4}t))
    | (?P<kitty>\x1b\[(?P<code>\d+)(?::[\d:]*)?(?:;(?P<held>\d*)(?::(?P<event>\d))?
        (?:;(?P<text>\d{0,6}))?)?u)
    | (?P<numbered>\x1b\[(?P<number>\d*)(?:;(?P<with>\d+)(?::(?P<repeat>\d))?)?[~A-HPQS])
    | (?P<lettered>\x1b(?:\[\[[A-E] | O[A-HPQRS] | \[Z))
    | (?P<keypad>\x1bO[MXj-y])
    | (?P<separator>\x1b0(?:\x1b0)?(?:\x1b0\x1b4 | \x1b2\x1b[89] | \x1b3\x1b0))
    """,
    re.VERBOSE,
)
"""Sequences that are known; `separator` is EOT, FS, GS or RS as Alt and its number."""
_BEGUN = re.compile(r"\x1b(?:\[(?:\[|\??[\d;:$]{0,40})|O|0(?:\x1b\d){0,2}\x1b?)?")

_SHIFT, _CTRL, _LOCKS = 1, 4, 64 | 128
_RELEASED = "3"
_NO_CHARACTER = 57344
"""From here on Kitty numbers keys that stand for no character."""
_SILENT = {*range(57358, 57361), *range(57441, 57455)}
"""Shift, Control and the like, and what locks them."""


class KeyParser:
    """Feeds on text as it arrives. Takes the place of Textual's `XTermParser`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reports = XTermParser()
        self._text = ""
        self._since = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether a sequence has begun, and `tick` is to be called until its rest has come."""
        return bool(self._text)

    def feed(self, text: str) -> Iterator[Message]:
        """Take text that has come; what it is."""
        yield from self.tick()
        self._text += text
        self._since = self._clock()
        yield from self._take(late=False)

    def tick(self) -> Iterator[Message]:
        """Nothing came: an unfinished sequence may be no sequence."""
        if self._text:
            wait = PASTE_S if self._text.startswith(_PASTE) else ESCAPE_S
            if self._clock() - self._since >= wait:
                yield from self._take(late=True)

    def _take(self, late: bool) -> Iterator[Message]:
        """What can be told of the text so far; all of it is as old as its last character."""
        for message in self._tokens(late):
            message.time = self._since
            yield message

    def _tokens(self, late: bool) -> Iterator[Message]:
        text, place = self._text, 0
        while place < len(text):
            if text[place] != "\x1b":
                yield _character(text[place])
                place += 1
            elif text.startswith(_PASTE, place) and (end := text.find(_PASTE_END, place)) > 0:
                yield events.Paste(text[place + len(_PASTE) : end])
                place = end + len(_PASTE_END)
            elif text.startswith(_PASTE, place) and not late:
                break
            elif found := _TOKEN.match(text, place):
                yield from self._token(found)
                place = found.end()
            elif not late and (_BEGUN.fullmatch(text, place)):
                break
            else:
                # Unknown: its characters are all that can be said of it.
                yield events.Key("escape", "\x1b")
                place += 1
        self._text = text[place:]

    def _token(self, found: re.Match[str]) -> Iterator[Message]:
        whole = found[0]
        if found["report"]:
            yield from self._reports.feed(whole)
            yield events.Key(REPORT, whole)
        elif found["kitty"]:
            yield from _kitty(found)
        elif found["keypad"]:
            yield _character("=" if whole[-1] == "X" else chr(ord(whole[-1]) - 64))
        elif found["separator"]:
            yield _character(chr(int(whole.replace("\x1b", ""))))
        elif found["repeat"] != _RELEASED:
            yield events.Key(_name(found), whole)


def _character(char: str) -> events.Key:
    return events.Key(char if char.isalnum() else _character_to_key(char), char)


def _name(found: re.Match[str]) -> str:
    """The name of a key that stands for no character."""
    whole = found[0]
    if whole.startswith("\x1b[["):
        return f"f{ord(whole[-1]) - 64}"
    name = FUNCTIONAL_KEYS.get(f"{found['number'] or 1}{whole[-1]}", "unknown")
    return f"held+{name}" if _held(found["with"]) else name


def _kitty(found: re.Match[str]) -> Iterator[events.Key]:
    """A key by the number of its character, and what was held with it."""
    code, held = int(found["code"]), _held(found["held"])
    if found["event"] == _RELEASED or code in _SILENT:
        return
    if found["text"] and int(found["text"]) <= sys.maxunicode:
        yield _character(chr(int(found["text"])))
    elif code >= _NO_CHARACTER or held & ~(_SHIFT | _CTRL):
        name = FUNCTIONAL_KEYS.get(f"{code}u", "unknown")
        yield events.Key(f"held+{name}" if held else name, found[0])
    elif not held:
        yield _character(chr(code))
    elif held == _CTRL and 64 <= code < 128:
        yield _character(chr(code & 0x1F))
    elif held == _SHIFT and chr(code).isalpha():
        yield _character(chr(code).upper())
    else:
        yield events.Key("held+unknown", found[0])


def _held(modifiers: str | None) -> int:
    return (int(modifiers or 1) - 1) & ~_LOCKS
