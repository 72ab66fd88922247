"""What an import left out or altered, and why it stopped.

Everything here keeps flat memory: a report holds one number per kind and passes each note on.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

ADVICE = "Correct the file and import it again."
LONGEST_SHOWN = 80
"""Characters of a wrong value that a message repeats."""

_FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that the reader did to one row, or to the order that starts there."""

    line: int
    """Line in the file; the header is line 1."""
    kind: str
    """`skipped_…` left out, `changed_…` altered, `kept_…` odd but used as it is."""
    what: str
    """The code, the invoice or the two spellings: enough to find it again."""


Sink = Callable[[Note], None]
"""Where notes go; it must not keep them if memory is to stay flat."""


class Report:
    """Counts notes by kind and hands each to a sink."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink
        self._counts: Counter[str] = Counter()

    def note(self, line: int, kind: str, what: str) -> None:
        """Count one note and pass it on."""
        self._counts[kind] += 1
        if self._sink is not None:
            self._sink(Note(line, kind, what))

    @property
    def counts(self) -> Mapping[str, int]:
        """How many notes of each kind, in order of kind."""
        return dict(sorted(self._counts.items()))

    @property
    def skipped(self) -> int:
        """How many notes say that something was left out."""
        return self._total("skipped_")

    @property
    def changed(self) -> int:
        """How many notes say that something was altered."""
        return self._total("changed_")

    def _total(self, prefix: str) -> int:
        return sum(count for kind, count in self._counts.items() if kind.startswith(prefix))


class NoteFile:
    """A sink that writes notes to a CSV file as they come.

    The cells are safe to open in a spreadsheet: see `cell`.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(("line", "kind", "what"))

    def __call__(self, note: Note) -> None:
        """Write one note."""
        self._writer.writerow((note.line, cell(note.kind), cell(note.what)))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class FileError(Exception):
    """A file that cannot be imported, with the place of the first fault."""

    def __init__(
        self,
        path: Path,
        line: int,
        column: str,
        expected: str,
        got: str,
        *,
        number: int = 0,
        advice: str = ADVICE,
    ) -> None:
        self.path = path
        self.line = line
        """1 for the first; 0 when the fault is the file as a whole."""
        self.column = column
        """Column name, JSON path or place in the line; empty when there is none."""
        self.number = number
        """1 for the first column; 0 when columns do not apply."""
        self.expected = expected
        self.got = got
        self.advice = advice
        place = [visible(str(path))]
        if line:
            place.append(f"line {line}")
        if number and column:
            place.append(f"column {number} ({visible(column)})")
        elif number:
            place.append(f"column {number}")
        elif column:
            place.append(visible(column))
        super().__init__(f"{', '.join(place)}: expected {expected}, got {got}. {advice}")


def visible(text: str) -> str:
    """The text with control characters and direction overrides written as escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(char) if _unseen(char) else char for char in text)


def quoted(text: str) -> str:
    """A wrong value as a message shows it: quoted, escaped and not too long."""
    if not text:
        return "nothing"
    if len(text) > LONGEST_SHOWN:
        return f"'{visible(text[:LONGEST_SHOWN])}…' ({len(text)} characters)"
    return f"'{visible(text)}'"


def cell(text: str) -> str:
    """The text as a CSV cell that no spreadsheet takes for a formula."""
    text = visible(text)
    return f"'{text}" if _FORMULA.match(text) else text


def _unseen(char: str) -> bool:
    return char in _DIRECTION or unicodedata.category(char) in _UNSEEN


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
