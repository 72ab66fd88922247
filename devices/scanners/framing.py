"""Whole codes out of a stream of bytes, or the word that one is not whole; nothing else, ever.

Sources: ISO/IEC 15424 (AIM symbology identifiers: `]`, a letter, a modifier); ASCII (STX, ETX).

A pause inside a frame spoils it up to its terminator: what comes after the pause may be the tail
of the same code, and a tail looks like a code. For the same reason the line has to be quiet for
one pause after it was opened before a frame is believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, cast

from devices.urls import DeviceUrl
from wms_terminal.domain.scan import LONGEST

Prefix = Literal["none", "stx", "aim"]
End = Literal["suffix", "idle"]

OPTIONS = ("prefix", "suffix", "idle_ms", "end")
"""Names of the options that `framing_of` reads."""

_PREFIXES: tuple[Prefix, ...] = ("none", "stx", "aim")
_ENDS: tuple[End, ...] = ("suffix", "idle")
_SUFFIXES = {"any": b"\r\n\t\x03", "cr": b"\r", "lf": b"\n", "tab": b"\t", "etx": b"\x03"}
_STX, _CR, _LF, _BRACKET = b"\x02\r\n]"
_AIM = re.compile(rb"\][A-Za-z][0-9A-Za-z].", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that the bytes so far came to."""

    kind: Literal["code", "partial", "reply"]
    """`code`: a whole one. `partial`: part of one, which has to be scanned again. `reply`: bytes
    that the scanner waits for."""
    data: bytes = b""


PARTIAL = Heard("partial")


@dataclass(frozen=True, slots=True)
class Framing:
    """How a scanner marks where a code begins and ends."""

    prefix: Prefix = "none"
    """What every code begins with: STX, an AIM identifier, or nothing."""
    suffix: bytes = _SUFFIXES["any"]
    """Bytes of which each one ends a code. CR ends it with or without an LF behind it."""
    idle: float = 0.25
    """Seconds without a byte that make a pause."""
    end: End = "suffix"
    """`idle`: a pause ends a code as well, for scanners that send no suffix."""


class Assembler:
    """Puts bytes together into codes. Pure: time is an argument, in seconds."""

    def __init__(self, framing: Framing = Framing()) -> None:
        self._framing = framing
        self._bytes = bytearray()
        self._state: Literal["unsure", "between", "inside", "spoilt"] = "unsure"
        self._owing = False
        """Whether bytes of a spoilt frame came that nobody has been told of."""
        self._paused = False
        self._after_cr = False
        self._last = 0.0

    @property
    def settled(self) -> bool:
        """Whether the line was quiet once since it was opened."""
        return self._state != "unsure"

    def begin(self, at: float) -> None:
        """The line was opened, maybe in the middle of a code."""
        self._forget("unsure")
        self._after_cr = False
        self._last = at

    def feed(self, data: bytes, at: float) -> list[Heard]:
        """Take the bytes that came at `at`."""
        heard = self.tick(at)
        self._last = at
        for byte in data:
            heard += self._take(byte)
        return heard

    def tick(self, at: float) -> list[Heard]:
        """Nothing came until `at`."""
        if at - self._last <= self._framing.idle:
            return []
        self._last = at
        if self._state == "unsure":
            self._forget("between")
        elif self._state == "inside" and self._framing.end == "idle":
            return self._end()
        elif self._state in {"inside", "spoilt"}:
            heard = [PARTIAL] if self._state == "inside" or self._owing else []
            self._forget("between" if self._framing.end == "idle" else "spoilt")
            self._paused = True
            return heard
        return []

    def spoil(self) -> None:
        """Something came that is no byte; inside a frame that makes the frame worth nothing."""
        if self._state != "between":
            self._spoil()

    def lost(self) -> list[Heard]:
        """The line broke: whether part of a code had come."""
        heard = [PARTIAL] if self._state == "inside" or self._owing else []
        self._forget("unsure")
        return heard

    def _take(self, byte: int) -> list[Heard]:
        line_feed_of_crlf = byte == _LF and self._after_cr
        self._after_cr = byte == _CR
        if line_feed_of_crlf:
            return []
        if byte in self._framing.suffix:
            return self._end()
        if self._begins(byte):
            heard = [PARTIAL] if self._state == "inside" or self._owing else []
            self._forget("inside")
            if byte != _STX:
                self._bytes.append(byte)
            return heard
        if self._state != "inside" or len(self._bytes) >= LONGEST:
            self._spoil()
        else:
            self._bytes.append(byte)
        return []

    def _spoil(self) -> None:
        self._bytes.clear()
        self._state = "spoilt"
        self._owing = True

    def _begins(self, byte: int) -> bool:
        """Whether a frame begins with this byte, which is no terminator."""
        if self._framing.prefix == "stx":
            return byte == _STX
        if self._framing.prefix == "aim":
            between = self._state == "between" or (self._state == "spoilt" and self._paused)
            return between and byte == _BRACKET
        return self._state == "between"

    def _end(self) -> list[Heard]:
        state, data, owing = self._state, bytes(self._bytes), self._owing
        self._forget("between")
        if state == "inside" and data:
            if self._framing.prefix == "aim" and not _AIM.match(data):
                return [PARTIAL]
            return [Heard("code", data)]
        return [PARTIAL] if owing else []

    def _forget(self, state: Literal["unsure", "between", "inside", "spoilt"]) -> None:
        self._bytes.clear()
        self._state = state
        self._owing = self._paused = False


def decode(data: bytes) -> str:
    """What a scanner sent, as text: UTF-8 where it is that, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def framing_of(url: DeviceUrl) -> Framing:
    """The framing that `prefix`, `suffix`, `idle_ms` and `end` ask for.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return Framing(
        prefix=cast(Prefix, url.choice("prefix", _PREFIXES, "none")),
        suffix=_SUFFIXES[url.choice("suffix", _SUFFIXES, "any")],
        idle=url.number("idle_ms", 250, 20, 10_000) / 1000,
        end=cast(End, url.choice("end", _ENDS, "suffix")),
    )
