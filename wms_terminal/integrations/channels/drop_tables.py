"""Tables of a file drop: what changes orders comes in, what happened to them goes out.

In CSV the first row names the columns, `,` or `;` separates; in JSON there is an array of flat
objects. A cell that a spreadsheet would take for a formula is written with an apostrophe before it,
which is taken off again when such a cell is read.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from wms_terminal.integrations.intake import text, whole

CHANGES = {"action": False, "reference": True, "line": False, "quantity": False, "reason": False}
"""Columns of `changes…`, and whether they must be there."""
RETURNS = {
    "rma": True,
    "reference": True,
    "line": False,
    "sku": True,
    "quantity": True,
    "reason": False,
}
"""Columns of `returns…`."""

_FORMULA = re.compile(r"['\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]")


def read(content: bytes, json_form: bool, columns: Mapping[str, bool]) -> list[dict[str, str]]:
    """The rows of a table, every column in each; raises ValueError naming the place."""
    try:
        words = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"expected UTF-8 text, got byte {error.start + 1} of something else"
        ) from error
    numbered = _json(words) if json_form else _csv(words)
    rows = []
    for place, row in numbered:
        for name in row.keys() - columns.keys():
            raise ValueError(f"{place}: expected {', '.join(columns)}, got {text(name)[:40]!r}")
        found = {name: text(row.get(name)) for name in columns}
        for name, needed in columns.items():
            if needed and not found[name]:
                raise ValueError(f"{place}: expected a {name}, got nothing")
        rows.append(found)
    return rows


def _csv(words: str) -> list[tuple[str, Mapping[str, Any]]]:
    head = words.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[str, Mapping[str, Any]]] = []
    names: list[str] = []
    try:
        for cells in reader:
            place = f"line {reader.line_num}"
            if not names:
                names = [cell.strip().lower() for cell in cells]
            elif cells and len(cells) != len(names):
                raise ValueError(f"{place}: expected {len(names)} fields, got {len(cells)}")
            elif cells:
                rows.append((place, dict(zip(names, map(unguard, cells), strict=True))))
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error
    return rows


def _json(words: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        found = json.loads(words)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"expected JSON: {error}") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError("expected an array of objects")
    return [(f"$[{number}]", one) for number, one in enumerate(found)]


def count(row: Mapping[str, str]) -> int:
    """The quantity of a row; raises Unfit."""
    return whole(row["quantity"], "a quantity")


def write(rows: Sequence[Mapping[str, Any]], json_form: bool, head: Mapping[str, Any]) -> bytes:
    """A message with its rows: in JSON below `lines`, in CSV each with the head before it."""
    if json_form:
        return json.dumps({**head, "lines": rows}, ensure_ascii=False, indent=1).encode() + b"\n"
    flat = [{**head, **row} for row in rows] or [dict(head)]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(flat[0]), lineterminator="\n")
    writer.writeheader()
    for row in flat:
        writer.writerow({name: guard(_cell(value)) for name, value in row.items()})
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def guard(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """The inverse of `guard`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
