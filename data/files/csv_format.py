"""Our own CSV format: a header with the names of the columns, one row per record.

Orders have one row per line, and the rows of one order stand together. The separator is `,` or
`;`, the text UTF-8 with or without a byte order mark. A cell that starts with `=`, `+`, `-` or
`@` is written with an apostrophe before it, so that no spreadsheet takes it for a formula; the
reader takes that apostrophe off again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.files import fields
from data.files.fields import Field, Once, Record, UnfitError
from data.files.report import FileError, quoted
from data.files.source import Progress, Table
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.records import (
    LocationRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)

DELIMITERS = (",", ";")
_OF_LINE = {"name": "product_name", "reference": "line_reference"}
"""Columns of a line whose plain names are the order's own."""

_GUARDED = re.compile(r"'*[=+\-@]")
_UNITS = re.compile(r"(.+)\*([0-9]{1,10})", re.DOTALL)


def _parse_barcodes(text: str) -> tuple[ProductBarcode, ...]:
    found = []
    for item in text.split("|"):
        code, units = item.strip(), "1"
        match = _UNITS.fullmatch(code)
        if match:
            code, units = match.groups()
        values = (code, units)
        parsed = {
            field.name: fields.parse_field(field, value)
            for field, value in zip(fields.BARCODE, values, strict=True)
        }
        found.append(fields.make_barcode(parsed))
    return tuple(found)


_LINE: tuple[Field, ...] = tuple(
    Field(_OF_LINE.get(field.name, field.name), field.parse, field.required)
    for field in fields.LINE
)
_BARCODES = Field("barcodes", _parse_barcodes)
_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "orders": (*fields.ORDER[:3], *fields.ADDRESS, *fields.ORDER[3:], *_LINE),
    "products": (*fields.PRODUCT[:2], _BARCODES, *fields.PRODUCT[2:]),
    "locations": fields.LOCATION,
    "stock": fields.STOCK,
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(field.name for field in known) for kind, known in _FIELDS.items()
}
"""The columns of each kind, in the order in which `write` has them."""


def check(kind: str, path: Path, progress: Progress | None = None) -> int:
    """Validate the whole file; how many records it has.

    Raises:
        FileError: at the first row that cannot be read, or is there twice.
    """
    once = Once()
    count = 0
    for row, record in _records(kind, path, progress):
        count += 1
        try:
            once.add(record, row.line)
        except UnfitError as error:
            raise row.fault(error.field, error) from error
    return count


def read(kind: str, path: Path, progress: Progress | None = None) -> Iterator[Record]:
    """The records of the file, one at a time.

    Raises:
        FileError: at the first row that cannot be read.
    """
    return (record for _, record in _records(kind, path, progress))


def write(kind: str, records: Iterable[Record], path: Path) -> int:
    """Write records to a file that `read` gives back; how many they were.

    Raises:
        ValueError: when a barcode holds `|`, which separates barcodes in a cell.
        TypeError: when a record is of another kind.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[kind], lineterminator="\n")
        writer.writeheader()
        for record in records:
            count += 1
            for row in _cells(kind, record):
                writer.writerow({name: _guard(text) for name, text in row.items()})
    return count


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, with what is needed to name its place."""

    table: Table
    line: int
    values: Mapping[str, str]

    def fault(self, name: str, error: UnfitError) -> FileError:
        """The error in the column `name`; for the row as a whole when there is no such column."""
        name = error.field or name
        if name not in self.values:
            return FileError(self.table.path, self.line, name, error.expected, error.got)
        index = list(self.values).index(name)
        return self.table.fault(self.line, index, error.expected, error.got)

    def parse(self, known: Sequence[Field]) -> dict[str, Any]:
        """The values of these fields.

        Raises:
            FileError: when one cannot hold what it says.
        """
        parsed = {}
        for field in known:
            try:
                text = self.values.get(field.name, "")
                parsed[field.name] = fields.parse_field(field, text)
            except UnfitError as error:
                raise self.fault(field.name, error) from error
        return parsed


def _records(kind: str, path: Path, progress: Progress | None) -> Iterator[tuple[_Row, Record]]:
    table = Table(path, progress, delimiters=DELIMITERS)
    names = _header(kind, table)
    rows = (
        _Row(table, line, dict(zip(names, map(_unguard, cells), strict=True)))
        for line, cells in table.rows()
    )
    if kind == "orders":
        yield from _orders(rows)
        return
    for row in rows:
        parsed = row.parse(_FIELDS[kind])
        try:
            yield row, _record(kind, parsed)
        except UnfitError as error:
            raise row.fault("", error) from error


def _record(kind: str, parsed: dict[str, Any]) -> Record:
    if kind == "products":
        barcodes = parsed.pop("barcodes") or ()
        return fields.make_product(parsed, barcodes)
    if kind == "locations":
        return fields.make_location(parsed)
    return fields.make_stock(parsed)


def _header(kind: str, table: Table) -> list[str]:
    known = COLUMNS[kind]
    names = [name.strip().lower() for name in table.header]
    for index, name in enumerate(names):
        if name not in known:
            error = fields.unknown(name, known, "column")
            raise table.fault(1, index, error.expected, error.got)
        if name in names[:index]:
            raise table.fault(1, index, "each column once", f"{name} twice")
    for field in _FIELDS[kind]:
        if field.required and field.name not in names:
            got = f"only {', '.join(names)}"
            raise FileError(table.path, 1, field.name, f"the column {field.name}", got)
    return names


def _orders(rows: Iterator[_Row]) -> Iterator[tuple[_Row, Record]]:
    group: list[_Row] = []
    for row in rows:
        if group and not _same_order(group[0], row):
            yield group[0], _order(group)
            group = []
        group.append(row)
    if group:
        yield group[0], _order(group)


def _same_order(first: _Row, row: _Row) -> bool:
    names = ("channel", "reference")
    return all(first.values[name].strip() == row.values[name].strip() for name in names)


def _order(group: Sequence[_Row]) -> OrderRecord:
    first = group[0]
    order = first.parse(fields.ORDER)
    address = first.parse(fields.ADDRESS)
    lines = []
    for row in group:
        for field in (*fields.ORDER, *fields.ADDRESS):
            own = row.values.get(field.name, "").strip()
            if own and own != first.values[field.name].strip():
                expected = f"nothing, or the same as in line {first.line}"
                raise row.fault(field.name, UnfitError(expected, quoted(own)))
        line = row.parse(_LINE)
        line |= {name: line.pop(column) for name, column in _OF_LINE.items()}
        try:
            lines.append(fields.make_line(line, fields.currency_of(order)))
        except UnfitError as error:
            raise row.fault("", error) from error
    return fields.make_order(order, address, lines)


def _barcodes_text(barcodes: Iterable[ProductBarcode]) -> str:
    texts = []
    for barcode in barcodes:
        if "|" in barcode.code:
            raise ValueError(
                f"Expected barcodes without |, got {barcode.code}. Write JSON instead."
            )
        bare = barcode.units == 1 and not _UNITS.fullmatch(barcode.code)
        texts.append(barcode.code if bare else f"{barcode.code}*{barcode.units}")
    return "|".join(texts)


def _cells(kind: str, record: Record) -> Iterator[dict[str, str]]:
    match kind, record:
        case "orders", OrderRecord():
            yield from _order_cells(record)
        case "products", ProductRecord():
            row = _plain(record, fields.PRODUCT)
            yield {**row, "barcodes": _barcodes_text(record.barcodes)}
        case "locations", LocationRecord():
            yield _plain(record, fields.LOCATION)
        case "stock", StockRecord():
            yield _plain(record, fields.STOCK)
        case _:
            raise TypeError(f"Expected records of {kind}, got a {type(record).__name__}.")


def _order_cells(record: OrderRecord) -> Iterator[dict[str, str]]:
    shared = {**_plain(record, fields.ORDER), **_plain(record.customer, fields.ADDRESS)}
    for line in record.lines:
        yield {
            **shared,
            "sku": line.sku,
            "quantity": str(line.quantity),
            "unit_price": decimal_text(line.unit_price, record.currency),
            _OF_LINE["name"]: line.name,
            _OF_LINE["reference"]: line.reference,
        }


def _plain(record: object, known: Sequence[Field]) -> dict[str, str]:
    return {field.name: _text(getattr(record, field.name)) for field in known}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _guard(text: str) -> str:
    return f"'{text}" if _GUARDED.match(text) else text


def _unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text
