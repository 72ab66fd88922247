"""Our own JSON format."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files import json_format
from data.files.fields import KINDS, Record
from data.files.report import FileError
from tests.files.conftest import Write
from tests.files.strategies import RECORDS
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.records import OrderRecord, StockRecord

ORDER: dict[str, Any] = {
    "channel": "web",
    "reference": "1001",
    "placed_at": "2025-03-31T09:30:00Z",
    "customer": {"name": "Anna", "country": "NL"},
    "lines": [{"sku": "71053", "quantity": 2, "unit_price": 12.95}],
}


def as_json(record: Record) -> dict[str, Any]:
    """The record as our format has it."""
    values = dataclasses.asdict(record)
    if isinstance(record, OrderRecord):
        for line in values["lines"]:
            line["unit_price"] = decimal_text(line["unit_price"], record.currency)
    return values


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from((None, 2)), st.booleans())
@pytest.mark.parametrize("kind", KINDS)
def test_records_are_read_from_both_forms(
    kind: str, data: st.DataObject, indent: int | None, escaped: bool
):
    records = data.draw(RECORDS[kind].filter(bool))
    values = [as_json(record) for record in records]
    with tempfile.TemporaryDirectory() as folder:
        array = Path(folder, "records.json")
        text = json.dumps(values, indent=indent, ensure_ascii=escaped)
        array.write_text(text, encoding="utf-8")
        lines = Path(folder, "records.jsonl")
        dumped = [json.dumps(value, ensure_ascii=escaped) for value in values]
        lines.write_text("\n".join(dumped), encoding="utf-8")
        for path in (array, lines):
            assert json_format.check(kind, path) == len(records)
            assert list(json_format.read(kind, path)) == records


def test_prices_keep_their_decimals(write: Write):
    path = write(json.dumps([ORDER]))
    (order,) = json_format.read("orders", path)
    assert isinstance(order, OrderRecord)
    assert order.lines[0].unit_price == 1295
    assert order.customer.country == "NL"


def test_empty_array_holds_nothing(write: Write):
    assert list(json_format.read("stock", write("[ ]"))) == []


@pytest.mark.parametrize(
    ("change", "path", "expected"),
    [
        ({"payment": "payed"}, "$[1].payment", "perhaps paid"),
        ({"customer": {"name": "Anna"}}, "$[1].customer.country", "required"),
        ({"customer": {"name": "A", "country": "NL", "zip": "1"}}, "$[1].customer.zip", "known"),
        ({"customer": None}, "$[1].customer", "an object, got nothing"),
        ({"lines": []}, "$[1].lines", "at least one line"),
        ({"lines": {}}, "$[1].lines", "an array, got an object"),
        ({"lines": [{"sku": "7", "quantity": 0}]}, "$[1].lines[0].quantity", "from 1 to"),
        ({"lines": [{"sku": "7", "quantity": 1.5}]}, "$[1].lines[0].quantity", "whole"),
        ({"lines": [{"sku": ["7"], "quantity": 1}]}, "$[1].lines[0].sku", "text or a number"),
        (
            {"lines": [{"sku": "7", "quantity": 1, "unit_price": "1.005"}]},
            "$[1].lines[0].unit_price",
            "2 decimals",
        ),
        ({"refrence": "1"}, "$[1].refrence", "the nearest is reference"),
        ({"note": "a\u0007b"}, "$[1].note", "control characters"),
        ({"note": "\ud800"}, "$[1].note", "control characters"),
        ({"reference": "1001"}, "$[1].reference", "first in line 2"),
    ],
)
def test_wrong_values_are_refused_with_line_and_path(
    write: Write, change: dict[str, Any], path: str, expected: str
):
    second = {**ORDER, "reference": "1002", **change}
    file = write("[", json.dumps(ORDER) + ",", json.dumps(second), "]", name="orders.json")
    with pytest.raises(FileError, match=expected) as caught:
        json_format.check("orders", file)
    assert (caught.value.line, caught.value.column) == (3, path)
    assert f"orders.json, line 3, {path}: expected" in str(caught.value)


def test_duplicates_on_one_line_are_refused(write: Write):
    with pytest.raises(FileError, match="first in line 1"):
        json_format.check("orders", write(json.dumps([ORDER, ORDER])))


def test_lines_of_json_lines_are_named(write: Write):
    good = '{"location": "A1", "sku": "7", "quantity": 1}'
    path = write(good, "", good.replace("1}", '"x"}').replace("A1", "A2"), name="stock.jsonl")
    with pytest.raises(FileError) as caught:
        json_format.check("stock", path)
    assert (caught.value.line, caught.value.column) == (3, "$.quantity")


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "an empty file"),
        ("7", 1, "an object, or an array"),
        ("[7]", 1, "an object, got '7"),
        ("[\n{},\n]", 2, "required"),
        ('[\n{"sku": 1,}\n]', 2, "JSON"),
        ('[\n{"sku":\n tru}\n]', 3, "JSON"),
        ('[{"sku": 1} {"sku": 2}]', 1, "required"),
        ('[\n{"sku": NaN}]', 2, "got NaN"),
        ('[\n{"sku": 1, "sku": 2}]', 2, "'sku' twice"),
        ('{"sku": 1} {"sku": 2}', 1, "required"),
        ('[{"sku": ' + "[" * 100_000 + "]", 1, "too deep or long"),
        ('[{"sku": ' + "9" * 5000 + "}]", 1, "too deep or long"),
        ('[{"sku": 1e99999999999999999999}]', 1, "too deep or long"),
        ("[{", 2, "JSON"),
    ],
)
def test_broken_json_is_refused_with_its_line(write: Write, text: str, line: int, expected: str):
    with pytest.raises(FileError, match=expected) as caught:
        json_format.check("stock", write(text))
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("joint", "expected"), [(" ", "a comma or ]"), ("],[", "nothing after"), (",],", "an object")]
)
def test_broken_arrays_are_refused(write: Write, joint: str, expected: str):
    objects = [json.dumps({"location": "A", "sku": sku, "quantity": 1}) for sku in "12"]
    with pytest.raises(FileError, match=expected):
        json_format.check("stock", write(f"[{joint.join(objects)}]"))


def test_two_objects_on_a_line_are_refused(write: Write):
    one = json.dumps({"location": "A", "sku": "1", "quantity": 1})
    with pytest.raises(FileError, match="one object per line"):
        json_format.check("stock", write(one + one))


def test_text_that_is_no_utf8_is_refused(tmp_path: Path):
    path = tmp_path / "stock.json"
    path.write_bytes(b'[\n{"sku": "\xe9"}]')
    with pytest.raises(FileError, match="got byte 0xE9") as caught:
        json_format.check("stock", path)
    assert caught.value.line == 2


@pytest.mark.parametrize("indent", [None, 1])
def test_reading_an_array_streams(tmp_path: Path, indent: int | None):
    rows = [{"location": f"A{n:06}é", "sku": "71053", "quantity": 4} for n in range(20_000)]
    path = tmp_path / "stock.json"
    path.write_text(json.dumps(rows, indent=indent, ensure_ascii=False), encoding="utf-8")
    del rows
    seen: list[tuple[int, int]] = []
    tracemalloc.start()
    try:
        count = 0
        last: Record | None = None
        for record in json_format.read("stock", path, lambda *done: seen.append(done)):
            last, count = record, count + 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_000
    assert last == StockRecord("A019999é", "71053", 4)
    assert peak < 700_000 < path.stat().st_size
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)
