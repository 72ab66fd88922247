"""The reader of the order book, on small files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from data.files import online_retail
from data.files.online_retail import check, orders, products
from data.files.report import FileError, Note, Report
from tests.files.conftest import HEADER, Write
from wms_terminal.domain.records import OrderLineRecord, OrderRecord

LANTERN = "536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom"
HEART = "536365,85123A,WHITE HANGING HEART,2,2010-12-01 08:26:00,2.55,17850,United Kingdom"


def read(path: Path, **options: str | None) -> tuple[list[OrderRecord], list[Note]]:
    notes: list[Note] = []
    found = list(orders(path, Report(notes.append), **options))  # type: ignore[arg-type]
    return found, notes


def kinds(notes: list[Note]) -> list[tuple[int, str]]:
    return [(note.line, note.kind) for note in notes]


def row(invoice: str = "536365", code: str = "71053", **changes: str) -> str:
    values = {
        "name": "WHITE METAL LANTERN",
        "quantity": "6",
        "at": "2010-12-01 08:26:00",
        "price": "3.39",
        "customer": "17850",
        "country": "United Kingdom",
        **changes,
    }
    return ",".join((invoice, code, *values.values()))


def test_reads_an_order(book: Write):
    found, notes = read(book(LANTERN, HEART))
    (order,) = found
    assert notes == []
    assert (order.channel, order.reference, order.placed_at) == (
        "web",
        "536365",
        "2010-12-01T08:26:00Z",
    )
    assert (order.currency, order.payment, order.service, order.language) == (
        "GBP",
        "paid",
        "",
        "en",
    )
    assert order.customer.country == "GB"
    assert order.lines == (
        OrderLineRecord("71053", 6, 339, "WHITE METAL LANTERN"),
        OrderLineRecord("85123A", 2, 255, "WHITE HANGING HEART"),
    )


def test_reads_gzip_alike(tmp_path: Path, book: Write):
    plain = book(LANTERN, HEART)
    packed = tmp_path / "book.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(packed) == read(plain)


@pytest.mark.parametrize("prices", [("0.29", 29), ("1.1", 110), ("8", 800), ("19.99", 1999)])
def test_prices_are_exact(book: Write, prices: tuple[str, int]):
    found, _ = read(book(row(price=prices[0])))
    assert found[0].lines[0].unit_price == prices[1]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"invoice": "C536379", "quantity": "-1"}, "skipped_cancellation"),
        ({"invoice": "A563185", "code": "B"}, "skipped_adjustment"),
        ({"code": "POST"}, "skipped_service"),
        ({"code": "m"}, "skipped_service"),
        ({"code": "BANK CHARGES"}, "skipped_service"),
        ({"code": "gift_0001_20"}, "skipped_service"),
        ({"code": "PADS", "price": "0.001"}, "skipped_service"),
        ({"quantity": "-10", "price": "0.0", "customer": ""}, "skipped_stock_correction"),
        ({"price": "0.0", "customer": "", "name": "found"}, "skipped_zero_price"),
    ],
)
def test_skips_what_is_no_goods_in_an_order(book: Write, changes: dict[str, str], kind: str):
    path = book(HEART.replace("536365", "536364"), row(**changes))
    found, notes = read(path)
    assert [order.reference for order in found] == ["536364"]
    assert kinds(notes)[0] == (3, kind)
    empty = [(3, "skipped_empty_order")] if row(**changes)[0].isdigit() else []
    assert kinds(notes)[1:] == empty


def test_party_bags_and_the_like_are_goods(book: Write):
    found, _ = read(book(row(code="DCGSSGIRL", name="GIRLS PARTY BAG")))
    assert found[0].lines[0].sku == "DCGSSGIRL"


def test_free_goods_stay_in_a_customers_order(book: Write):
    found, notes = read(book(row(price="0.0")))
    assert found[0].lines[0].unit_price == 0
    assert kinds(notes) == [(2, "kept_free_goods")]


def test_free_goods_stay_in_a_guests_order_that_has_prices(book: Write):
    path = book(row(customer=""), row(code="71054", name="RED LANTERN", price="0.0", customer=""))
    found, notes = read(path)
    assert [line.sku for line in found[0].lines] == ["71053", "71054"]
    assert kinds(notes) == [(3, "kept_free_goods"), (2, "changed_guest_order")]


def test_missing_customer_becomes_a_guest(book: Write):
    found, _ = read(book(row(customer="")))
    assert found[0].customer.name == "Guest 536365"
    assert found[0].customer.street
    assert found[0].email.startswith("guest.536365@")


def test_lower_case_codes_are_raised_and_noted(book: Write):
    found, notes = read(book(row(code="85123a")))
    assert found[0].lines[0].sku == "85123A"
    assert kinds(notes) == [(2, "changed_lower_case_code")]


def test_same_product_at_the_same_price_is_merged(book: Write):
    found, notes = read(book(LANTERN, HEART, LANTERN, row(price="2.95"), row(price="3.390")))
    assert [(line.sku, line.quantity, line.unit_price) for line in found[0].lines] == [
        ("71053", 18, 339),
        ("85123A", 2, 255),
        ("71053", 6, 295),
    ]
    assert kinds(notes) == [(4, "changed_merged_line"), (6, "changed_merged_line")]


def test_missing_name_is_the_products(book: Write):
    found, notes = read(book(LANTERN, row("536366", name="")))
    assert found[1].lines[0].name == "WHITE METAL LANTERN"
    assert kinds(notes) == [(3, "changed_missing_name")]


def test_product_without_any_name_gets_one(book: Write):
    path = book(row(name=""))
    assert read(path)[0][0].lines[0].name == "PRODUCT 71053"
    assert next(products(path, Report())).name == "PRODUCT 71053"


def test_most_frequent_proper_name_wins(book: Write):
    path = book(
        row("1", name="wrong code"),
        row("2", name="wrong code"),
        row("3", name="amazon sales"),
        row("4", name="WHITE LANTERN"),
        row("5"),
        row("6"),
        row("7", name="WHITE  METAL LANTERN"),
        row("8", name="DAMAGED", price="0.0", customer="", quantity="-4"),
    )
    found, notes = read(path)
    assert {line.name for order in found for line in order.lines} == {"WHITE METAL LANTERN"}
    assert kinds(notes) == [
        (2, "changed_name"),
        (3, "changed_name"),
        (4, "changed_name"),
        (5, "changed_name"),
        (8, "changed_spaces"),
        (9, "skipped_stock_correction"),
        (9, "skipped_empty_order"),
    ]
    assert [product.name for product in products(path, Report())] == ["WHITE METAL LANTERN"]


def test_name_in_mixed_case_is_kept_when_there_is_no_other(book: Write):
    found, notes = read(book(row(name="Dr. Jam's Stress Ball")))
    assert found[0].lines[0].name == "Dr. Jam's Stress Ball"
    assert notes == []


def test_products_known_by_a_scribble_only_are_left_out(book: Write):
    path = book(LANTERN, row("2", "84611B", name="THROWN AWAY", price="0.0", customer=""))
    notes: list[Note] = []
    assert [product.sku for product in products(path, Report(notes.append))] == ["71053"]
    assert kinds(notes) == [(3, "skipped_nameless_product")]


def test_each_product_comes_once_and_services_never(book: Write):
    report = Report()
    path = book(row(code="POST"), row(code="85123a"), LANTERN, row(code="85123A"), LANTERN)
    assert [product.sku for product in products(path, report)] == ["85123A", "71053"]
    assert report.counts == {"skipped_service": 1}


def test_scattered_invoice_is_one_order(book: Write):
    path = book(LANTERN, row("536366"), HEART, row("536367"))
    survey = check(path)
    assert survey.scattered == {"536365": 2}
    found, notes = read(path)
    assert [order.reference for order in found] == ["536366", "536365", "536367"]
    assert len(found[1].lines) == 2
    assert notes == []


def test_too_many_scattered_invoices_are_refused(book: Write, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(online_retail, "MOST_SCATTERED", 1)
    path = book(row("1"), row("2"), row("1"), row("2"))
    with pytest.raises(FileError, match=r"Sort the file by InvoiceNo") as caught:
        check(path)
    assert caught.value.line == 5


def test_earliest_of_two_times_is_the_orders(book: Write):
    found, notes = read(book(LANTERN.replace("08:26", "08:27"), HEART))
    assert found[0].placed_at == "2010-12-01T08:26:00Z"
    assert kinds(notes) == [(2, "changed_time")]


def test_rows_of_another_customer_are_noted(book: Write):
    found, notes = read(book(LANTERN, HEART.replace("17850", "17851")))
    assert len(found) == 1
    assert kinds(notes) == [(3, "changed_customer")]


@pytest.mark.parametrize(
    ("country", "code", "language"),
    [
        ("EIRE", "IE", "en"),
        ("Channel Islands", "JE", "en"),
        ("Netherlands", "NL", "nl"),
        ("Belgium", "BE", "nl"),
        ("USA", "US", "en"),
        ("RSA", "ZA", "en"),
    ],
)
def test_countries_become_iso_codes(book: Write, country: str, code: str, language: str):
    found, notes = read(book(row(country=country)))
    assert (found[0].customer.country, found[0].language) == (code, language)
    assert notes == []


@pytest.mark.parametrize(("name", "code"), [("Unspecified", "GB"), ("European Community", "BE")])
def test_names_that_are_no_country_are_noted(book: Write, name: str, code: str):
    found, notes = read(book(row(country=name)))
    assert found[0].customer.country == code
    assert kinds(notes) == [(2, "changed_country")]


def test_one_day_moved_to_today(book: Write):
    path = book(
        LANTERN,
        row("536400", at="2010-12-02 23:59:00"),
        row("C536401", at="2010-12-01 09:00:00", quantity="-1"),
        row("C536402", at="2010-12-02 09:00:00", quantity="-1"),
    )
    found, notes = read(path, day="2010-12-02", today="2025-03-31")
    assert [order.placed_at for order in found] == ["2025-03-31T23:59:00Z"]
    assert kinds(notes) == [(5, "skipped_cancellation")]
    assert read(path, day="2010-12-03") == ([], [])


@pytest.mark.parametrize("options", [{"today": "2025-03-31"}, {"day": "yesterday"}])
def test_wrong_days_are_refused_at_once(book: Write, options: dict[str, str]):
    with pytest.raises(ValueError):
        orders(book(LANTERN), Report(), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("bad", "column", "number"),
    [
        (row("53x365"), "InvoiceNo", 1),
        (row(code=""), "StockCode", 2),
        (row(code="WHC-OK"), "StockCode", 2),
        (row(code="obtvali"), "StockCode", 2),
        (row(code="7" * 65), "StockCode", 2),
        (row(name="RED\x1bLANTERN"), "Description", 3),
        (row(quantity="six"), "Quantity", 4),
        (row(quantity="1_0"), "Quantity", 4),
        (row(quantity="٣"), "Quantity", 4),
        (row(at="01/12/2010 08:26"), "InvoiceDate", 5),
        (row(at="2011-02-29 08:26:00"), "InvoiceDate", 5),
        (row(price='"3,39"'), "UnitPrice", 6),
        (row(price="1e3"), "UnitPrice", 6),
        (row(price="3.395"), "UnitPrice", 6),
        (row(customer="NA"), "CustomerID", 7),
        (row(country="Nehterlands"), "Country", 8),
        (LANTERN.rpartition(",")[0], "Country", 8),
        (LANTERN + ",more", "one too many", 9),
    ],
)
def test_broken_rows_are_refused_with_line_and_column(
    book: Write, bad: str, column: str, number: int
):
    with pytest.raises(FileError) as caught:
        check(book(LANTERN, bad, HEART))
    error = caught.value
    assert (error.line, error.column, error.number) == (3, column, number)
    assert "import.csv, line 3, column" in str(error)
    assert "\x1b" not in str(error)


def test_unknown_country_names_the_nearest(book: Write):
    with pytest.raises(FileError, match="perhaps Netherlands, got 'Nehterlands'"):
        check(book(row(country="Nehterlands")))


def test_text_that_is_no_utf8_is_refused_with_line_and_column(tmp_path: Path):
    path = tmp_path / "latin.csv"
    path.write_text(f"{HEADER}\n{LANTERN}\n{row(name='CAFÉ')}\n", encoding="latin-1")
    with pytest.raises(FileError, match="expected UTF-8 text, got byte 0xC9") as caught:
        check(path)
    assert (caught.value.line, caught.value.column) == (3, "Description")


def test_open_quote_is_refused(book: Write):
    with pytest.raises(FileError, match="every quote closed") as caught:
        check(book(LANTERN, row(name='"LANTERN'), HEART))
    assert caught.value.line == 3


def test_quoted_line_end_keeps_the_count(book: Write):
    with pytest.raises(FileError) as caught:
        check(book(row(name='"RED\nLANTERN"'), HEART))
    assert (caught.value.line, caught.value.column) == (2, "Description")


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("InvoiceNo,StockCode\n", 1), ("﻿a,b\n", 1), ("\n\n", 1)]
)
def test_wrong_header_is_refused(tmp_path: Path, text: str, line: int):
    path = tmp_path / "book.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileError) as caught:
        check(path)
    assert caught.value.line == line


def test_truncated_gzip_is_refused(tmp_path: Path, book: Write):
    packed = gzip.compress(book(*[LANTERN] * 500).read_bytes())
    path = tmp_path / "book.csv.gz"
    path.write_bytes(packed[:-20])
    with pytest.raises(FileError, match="a whole gzip file"):
        check(path)


def test_line_without_end_is_refused(tmp_path: Path):
    path = tmp_path / "book.csv"
    path.write_bytes(HEADER.encode() + b"\n" + b"9" * (3 << 20))
    with pytest.raises(FileError, match="lines of at most") as caught:
        check(path)
    assert caught.value.line == 2


def test_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(FileError, match="Check the path"):
        check(tmp_path / "none.csv")


def test_progress_ends_at_the_size(book: Write):
    seen: list[tuple[int, int]] = []
    path = book(*[LANTERN] * 5000)
    check(path, lambda done, total: seen.append((done, total)))
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert len(seen) > 2
    assert seen == sorted(seen)
