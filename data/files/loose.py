"""Files as others write them: CSV or JSON, in which some columns matter, by any of their names.

Unlike our own formats, what else is in such a file is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from data.files.json_format import values
from data.files.report import FileError
from data.files.source import Table

DELIMITERS = (",", ";", "\t")
LONGEST = 10_000
"""Characters of a value that are read."""

Names = Mapping[str, Sequence[str]]
"""What a column is for, and what it may be called, in small letters."""


def rows(path: Path, names: Names, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The line of each row, and its values by what they are for; what is absent is empty.

    A file whose name ends in `.json` or `.jsonl` is JSON, any other CSV.

    Raises:
        FileError: it cannot be read, or a column that is required is not there.
    """
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson"):
        return _json(path, names, required)
    return _csv(path, names, required)


def _csv(path: Path, names: Names, required: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    table = Table(path, delimiters=DELIMITERS)
    wanted = [_meaning(column, names) for column in table.header]
    _must_have(path, set(wanted), names, required, table.header)
    for line, cells in table.rows():
        found = dict.fromkeys(names, "")
        for meaning, cell in zip(wanted, cells, strict=True):
            if meaning and not found[meaning]:
                found[meaning] = cell.strip()[:LONGEST]
        yield line, found


def _json(
    path: Path, names: Names, required: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    for place, value in values(path, None):
        if not isinstance(value, dict):
            raise FileError(path, place.line, place.path, "an object", type(value).__name__)
        found = dict.fromkeys(names, "")
        for name, inner in value.items():
            meaning = _meaning(name, names)
            if meaning and not found[meaning] and isinstance(inner, (str, int, Decimal)):
                found[meaning] = str(inner).strip()[:LONGEST]
        there = {_meaning(name, names) for name in value}
        _must_have(path, there, names, required, list(value), place.line)
        yield place.line, found


def _meaning(column: str, names: Names) -> str:
    plain = column.strip().lower().replace(" ", "_").replace("-", "_")
    return next((meaning for meaning, known in names.items() if plain in known), "")


def _must_have(
    path: Path,
    there: set[str],
    names: Names,
    required: Sequence[str],
    got: Sequence[str],
    line: int = 1,
) -> None:
    for meaning in required:
        if meaning not in there:
            expected = f"a column called {', '.join(names[meaning])}"
            only = f"only {', '.join(got)}"[:200]
            raise FileError(path, line, meaning, expected, only)
