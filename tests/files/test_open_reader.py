"""The entry point to all formats, and the page that describes them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.files import FORMATS, KINDS, READERS, FileError, Report, csv_format, open_reader
from data.files.report import Note
from tests.files.conftest import HEADER, Write
from wms_terminal.domain.commands import RESERVED_PREFIXES

DOCS = Path(__file__).parents[2] / "docs" / "formats.md"
EXAMPLE = re.compile(r"<!-- example: (\S+) (\S+) -->\n```\w*\n(.*?)```", re.DOTALL)


def test_every_format_and_kind_has_a_reader():
    own = {(name, kind) for name in ("csv", "json") for kind in KINDS}
    assert set(READERS) == own | {("online-retail", "orders"), ("online-retail", "products")}
    assert FORMATS == ("csv", "json", "online-retail")


def test_reads_with_options(write: Write):
    rows = [
        f"{number},71053,LANTERN,1,2010-12-0{number} 08:26:00,3.39,17850,United Kingdom"
        for number in (1, 2)
    ]
    path = write(HEADER, *rows)
    options = {"day": "2010-12-02", "today": "2025-03-31"}
    reader = open_reader("orders", path, "online-retail", **options)
    seen: list[tuple[int, int]] = []
    reader.check(lambda done, total: seen.append((done, total)))
    (order,) = reader.records(Report())
    assert getattr(order, "placed_at", "") == "2025-03-31T08:26:00Z"
    assert seen
    products = open_reader("products", path, "online-retail").records(Report())
    assert len(list(products)) == 1


def test_own_formats_refuse_before_anything_is_read(write: Write):
    reader = open_reader("stock", write("location,sku,quantity", "A,1,1", "A,1,x"), "csv")
    with pytest.raises(FileError):
        reader.check()
    notes: list[Note] = []
    records = reader.records(Report(notes.append))
    next(records)
    with pytest.raises(FileError):
        next(records)
    assert notes == []


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("orders", "cvs", "Did you mean csv"),
        ("stock", "online-retail", "orders or products in online-retail"),
        ("order", "json", "Did you mean orders"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(kind: str, name: str, expected: str):
    with pytest.raises(ValueError, match=expected):
        open_reader(kind, Path("x"), name)


def test_unknown_options_are_refused():
    with pytest.raises(ValueError, match="got day"):
        open_reader("orders", Path("x"), "csv", day="2025-03-31")


def test_every_column_is_documented():
    text = DOCS.read_text(encoding="utf-8")
    for kind, columns in csv_format.COLUMNS.items():
        for column in columns:
            assert f"`{column}`" in text, f"{column} of {kind}"


def test_reserved_prefixes_are_documented():
    text = DOCS.read_text(encoding="utf-8")
    for prefix in RESERVED_PREFIXES:
        assert f"`{prefix}`" in text


def test_documented_examples_can_be_read(tmp_path: Path):
    found = EXAMPLE.findall(DOCS.read_text(encoding="utf-8"))
    assert {(name, kind) for name, kind, _ in found} == set(READERS)
    for name, kind, text in found:
        path = tmp_path / f"{kind}.{name}"
        path.write_text(text, encoding="utf-8")
        reader = open_reader(kind, path, name)
        reader.check()
        assert list(reader.records(Report())), (name, kind)
