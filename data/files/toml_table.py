"""TOML tables, read with the place of whatever is wrong in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.files.fields import LONGEST_CODE, UnfitError, unknown
from data.files.report import FileError, quoted
from wms_terminal.domain.codes import key

ADVICE = "Correct the file and load it again."
LARGEST_FILE = 4_000_000
"""Bytes; a site of a thousand people needs a tenth of it."""

_SYNTAX = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table."""

    name: str
    parse: Callable[[Any], Any]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the file, with what is needed to name its place."""

    path: Path
    name: str
    values: Mapping[str, Any]
    number: int = 0
    """1 for the first of several; 0 where there is one at most."""

    @property
    def place(self) -> str:
        """The table as a message names it, such as `[[operator]] 3 (anna)`."""
        if not self.number:
            return f"[{self.name}]"
        named = self.values.get("code")
        shown = f" ({named[:LONGEST_CODE]})" if isinstance(named, str) and named else ""
        return f"[[{self.name}]] {self.number}{shown}"

    def fault(self, name: str, expected: str, got: str) -> FileError:
        """The error at the key `name`."""
        return FileError(self.path, 0, f"{self.place}, {name}", expected, got, advice=ADVICE)

    def read(self, keys: Sequence[Key], inner: Sequence[str] = ()) -> dict[str, Any]:
        """The values of the keys that are there and not empty; `inner` are its own tables.

        Raises:
            FileError: a key is unknown, missing, or holds what it cannot hold.
        """
        known = [item.name for item in keys]
        for name in self.values:
            if name not in known and name not in inner:
                error = unknown(name, [*known, *inner], "key")
                raise self.fault(name, error.expected, error.got)
        found = {}
        for item in keys:
            value = self.values.get(item.name, "")
            if isinstance(value, str):
                value = value.strip()
            if value == "":
                if item.required:
                    raise self.fault(item.name, "a value, this key is required", "nothing")
                continue
            try:
                found[item.name] = item.parse(value)
            except UnfitError as error:
                raise self.fault(item.name, error.expected, error.got) from error
        return found

    def one(self, name: str) -> Table:
        """The table inside, empty when it is not there."""
        value = self.values.get(name, {})
        full = f"{self.name}.{name}".removeprefix(".")
        if not isinstance(value, dict):
            raise FileError(self.path, 0, full, f"a table [{full}]", shown(value), advice=ADVICE)
        return Table(self.path, full, value)

    def several(self, name: str) -> list[Table]:
        """The tables inside, in the order of the file."""
        values = self.values.get(name, [])
        full = f"{self.name}.{name}".removeprefix(".")
        if not isinstance(values, list) or not all(isinstance(item, dict) for item in values):
            got = f"a table [{full}]" if isinstance(values, dict) else shown(values)
            raise FileError(self.path, 0, full, f"tables [[{full}]]", got, advice=ADVICE)
        return [Table(self.path, full, item, number) for number, item in enumerate(values, 1)]


def shown(value: object) -> str:
    """A value as a message shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return quoted(str(value))


def once(
    tables: Iterable[Table],
    names: str,
    derive: Callable[[str], str] = str,
    what: str = "",
) -> None:
    """Refuse the second table with the same value of a key; `names` are keys, one per table."""
    seen: dict[str, str] = {}
    for table in tables:
        name = next((item for item in names.split() if item in table.values), "")
        if not name:
            continue
        identity = key(derive(str(table.values[name])))
        if identity in seen:
            got = f"{quoted(identity)} again, first in {seen[identity]}"
            raise table.fault(name, f"each {what or name} once", got)
        seen[identity] = table.place


def refer(tables: Iterable[Table], name: str, targets: Iterable[Table]) -> None:
    """Refuse a key that names something the file does not have."""
    known = {str(item.values.get("code")).strip(): item.name for item in targets}
    for table in tables:
        value = str(table.values.get(name, "")).strip()
        if value and value not in known:
            what = "operator" if name == "responsible" else name
            error = unknown(value, list(known), what)
            expected = error.expected if known else f"the code of an [[{what}]], of which none is"
            raise table.fault(name, expected, error.got)


def load(path: Path) -> dict[str, Any]:
    """A TOML file; FileError when it cannot be read."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except OSError as error:
        advice = "Check the path and the permissions."
        got = error.strerror or str(error)
        raise FileError(path, 0, "", "a readable file", got, advice=advice) from error
    if len(raw) > LARGEST_FILE:
        expected = f"a site of at most {LARGEST_FILE} bytes"
        raise FileError(path, 0, "", expected, "a bigger file", advice=ADVICE)
    try:
        return tomllib.loads(raw.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        got = f"byte 0x{raw[error.start]:02X}"
        advice = "Save the file as UTF-8 and load it again."
        raise FileError(path, line, "", "UTF-8 text", got, advice=advice) from error
    except tomllib.TOMLDecodeError as error:
        match = _SYNTAX.fullmatch(str(error))
        got = match["what"] if match else str(error)
        line, column = (int(match["line"]), int(match["column"])) if match else (0, 0)
        where = (path, line, "")
        raise FileError(*where, "TOML", got, number=column, advice=ADVICE) from error
    except RecursionError as error:
        raise FileError(path, 0, "", "TOML", "one that is too deep", advice=ADVICE) from error
