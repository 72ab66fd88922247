"""Our own JSON format: an array of records, or one record per line (JSON lines).

Both are read a piece at a time, so that a file may be larger than the memory. Text and numbers
are read alike: `"quantity": 2` and `"quantity": "2"` say the same; prices keep their decimals.
"""

from __future__ import annotations

import codecs
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from data.files import fields
from data.files.fields import Field, Once, Record, UnfitError
from data.files.report import LONGEST_SHOWN, FileError, quoted
from data.files.source import Progress, raw_blocks

LARGEST_RECORD = 1 << 23
"""Characters of one record; more means that the JSON is broken."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NESTED = {"orders": ("customer", "lines"), "products": ("barcodes",)}
_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "orders": fields.ORDER,
    "products": fields.PRODUCT,
    "locations": fields.LOCATION,
    "stock": fields.STOCK,
}


def check(kind: str, path: Path, progress: Progress | None = None) -> int:
    """Validate the whole file; how many records it has.

    Raises:
        FileError: at the first record that cannot be read, or is there twice.
    """
    once = Once()
    count = 0
    for place, record in _records(kind, path, progress):
        count += 1
        try:
            once.add(record, place.line)
        except UnfitError as error:
            raise place.fault(error) from error
    return count


def read(kind: str, path: Path, progress: Progress | None = None) -> Iterator[Record]:
    """The records of the file, one at a time.

    Raises:
        FileError: at the first record that cannot be read.
    """
    return (record for _, record in _records(kind, path, progress))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the file a value is."""

    file: Path
    line: int
    path: str
    """JSON path, such as `$[3].lines[0].quantity`."""

    def at(self, step: str | int) -> _Place:
        """The place of a member or an element."""
        path = f"{self.path}[{step}]" if isinstance(step, int) else f"{self.path}.{step}"
        return _Place(self.file, self.line, path)

    def fault(self, error: UnfitError) -> FileError:
        """The error here, or in the member that it names."""
        place = self.at(error.field) if error.field else self
        return FileError(self.file, self.line, place.path, error.expected, error.got)


def _records(kind: str, path: Path, progress: Progress | None) -> Iterator[tuple[_Place, Record]]:
    for place, value in values(path, progress):
        yield place, _record(kind, value, place)


def _record(kind: str, value: object, place: _Place) -> Record:
    values = _object(value, place)
    known = _FIELDS[kind]
    _check_names(values, known, _NESTED.get(kind, ()), place)
    try:
        if kind == "orders":
            return _order(values, place)
        parsed = _parse(values, known, place)
        if kind == "products":
            elements = _elements(values.get("barcodes"), place.at("barcodes"))
            parts = [_leaf(element, fields.BARCODE, at) for element, at in elements]
            return fields.make_product(parsed, [fields.make_barcode(part) for part in parts])
        if kind == "locations":
            return fields.make_location(parsed)
        return fields.make_stock(parsed)
    except UnfitError as error:
        raise place.fault(error) from error


def _order(values: Mapping[str, object], place: _Place) -> Record:
    order = _parse(values, fields.ORDER, place)
    address = _leaf(values.get("customer"), fields.ADDRESS, place.at("customer"))
    lines = []
    for element, at in _elements(values.get("lines"), place.at("lines")):
        parsed = _leaf(element, fields.LINE, at)
        try:
            lines.append(fields.make_line(parsed, fields.currency_of(order)))
        except UnfitError as error:
            raise at.fault(error) from error
    if not lines:
        raise UnfitError("at least one line", "none", "lines")
    return fields.make_order(order, address, lines)


def _leaf(value: object, known: Sequence[Field], place: _Place) -> dict[str, Any]:
    """The fields of an object that holds nothing but text and numbers."""
    values = _object(value, place)
    _check_names(values, known, (), place)
    return _parse(values, known, place)


def _parse(values: Mapping[str, object], known: Sequence[Field], place: _Place) -> dict[str, Any]:
    parsed = {}
    for field in known:
        at = place.at(field.name)
        try:
            parsed[field.name] = fields.parse_field(field, _text(values.get(field.name), at))
        except UnfitError as error:
            raise at.fault(error) from error
    return parsed


def _check_names(
    values: Mapping[str, object], known: Sequence[Field], nested: Sequence[str], place: _Place
) -> None:
    names = [*(field.name for field in known), *nested]
    for name in values:
        if name not in names:
            raise place.at(name[:LONGEST_SHOWN]).fault(fields.unknown(name, names, "field"))


def _object(value: object, place: _Place) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise place.fault(UnfitError("an object", _shown(value)))
    return value


def _elements(value: object, place: _Place) -> list[tuple[object, _Place]]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise place.fault(UnfitError("an array", _shown(value)))
    return [(element, place.at(index)) for index, element in enumerate(value)]


def _text(value: object, place: _Place) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case int() | Decimal():
            return str(value)
        case _:
            raise place.fault(UnfitError("text or a number", _shown(value)))


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            return quoted(str(value))


def values(path: Path, progress: Progress | None) -> Iterator[tuple[_Place, object]]:
    """The records of either form; an array is told by the `[` that it starts with."""
    text = _Text(path, progress)
    first = text.peek()
    if first == "[":
        yield from _array(text)
    elif not first:
        raise FileError(path, 1, "", "an array or a line for each record", "an empty file")
    else:
        yield from _json_lines(text)


class _Text:
    """The file's text, a block or a few at a time, and how far it is read."""

    def __init__(self, path: Path, progress: Progress | None) -> None:
        self.path = path
        self._text = ""
        self._at = 0
        self.line = 1
        """Of the next character."""
        self._blocks = self._decoded(raw_blocks(path, progress))

    def peek(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        while True:
            match = _SPACE.match(self._text, self._at)
            assert match is not None
            self._move(match.end())
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def skip(self) -> None:
        """Leave the next character behind."""
        self._move(self._at + 1)

    def value(self, where: str) -> object:
        """The value that starts here; it is left behind.

        Raises:
            FileError: when it is no JSON, or too large.
        """
        while True:
            start = self._at
            try:
                value, end = _DECODER.raw_decode(self._text, start)
            except json.JSONDecodeError as error:
                if len(self._text) - self._at <= LARGEST_RECORD and self._more():
                    continue
                line = self.line + error.doc.count("\n", start, error.pos)
                expected, got = "JSON", f"{error.msg} at character {error.colno}"
                raise FileError(self.path, line, where, expected, got) from error
            except (UnfitError, RecursionError, ValueError, ArithmeticError) as error:
                got = error.got if isinstance(error, UnfitError) else "one that is too deep or long"
                raise self.fault(where, "a JSON value", got) from error
            self._move(end)
            return value

    def fault(self, where: str, expected: str, got: str = "") -> FileError:
        """An error in the JSON itself, here."""
        got = got or quoted(self._text[self._at : self._at + 20])
        return FileError(self.path, self.line, where, expected, got)

    def _move(self, at: int) -> None:
        self.line += self._text.count("\n", self._at, at)
        self._at = at

    def _more(self) -> bool:
        """Read on, as much as there is already; whether there was more."""
        self._text = self._text[self._at :]
        self._at = 0
        wanted = len(self._text)
        parts = [self._text]
        for block in self._blocks:
            parts.append(block)
            wanted -= len(block)
            if wanted <= 0:
                break
        self._text = "".join(parts)
        return len(parts) > 1

    def _decoded(self, blocks: Iterator[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        line = 1
        for block in itertools.chain(blocks, (b"",)):
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                line += error.object.count(b"\n", 0, error.start)
                got = f"byte 0x{error.object[error.start]:02X}"
                advice = "Save the file as UTF-8 and import it again."
                raise FileError(self.path, line, "", "UTF-8 text", got, advice=advice) from error
            line += text.count("\n")
            if text:
                yield text


def _array(text: _Text) -> Iterator[tuple[_Place, object]]:
    text.skip()
    mark = text.peek()
    index = 0
    while mark != "]" or index:
        where = f"$[{index}]"
        if text.peek() != "{":
            raise text.fault(where, "an object")
        place = _Place(text.path, text.line, where)
        yield place, text.value(where)
        index += 1
        mark = text.peek()
        if mark == "]":
            break
        if mark != ",":
            raise text.fault(where, "a comma or ] after the object")
        text.skip()
    text.skip()
    if text.peek():
        raise text.fault("$", "nothing after the array")


def _json_lines(text: _Text) -> Iterator[tuple[_Place, object]]:
    last = 0
    while text.peek():
        if text.peek() != "{":
            raise text.fault("$", "an object, or an array of objects")
        if text.line == last:
            raise text.fault("$", "one object per line")
        place = _Place(text.path, text.line, "$")
        yield place, text.value("$")
        last = text.line


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise UnfitError("each name once", f"{quoted(twice)} twice")
    return members


def _no_constant(name: str) -> NoReturn:
    raise UnfitError("a number", name)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=Decimal, parse_constant=_no_constant
)
