"""What the keyboard reports: codes, text that was keyed in, keys, and what came of neither."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scanned:
    """A whole code."""

    raw: str
    at: float | None = None
    """When its end came, in seconds; None where it came in one piece with others."""


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
    """Part of a code, or what may be one: worth nothing, and worth saying so."""

    text: str = ""
    """What came, as it came; only to find out why."""
    unmarked: bool = False
    """It came as fast as a scanner types, and without the mark that codes begin with here."""


@dataclass(frozen=True, slots=True)
class Edited:
    """The line that is being keyed in has changed."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Escape."""


@dataclass(frozen=True, slots=True)
class Maybe:
    """A key, unless a code follows at once: ask `settle` after `ALONE_S`."""

    at: float
    """When it came."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The beginning of a code: ask `stalled` after `STALL_S` whether the rest came."""

    codes: int
    """How many codes have begun so far."""
    characters: int
    """How many characters have come so far."""


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
    | Begun
    | Acknowledged
    | Leaving
)
