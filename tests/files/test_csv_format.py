"""Our own CSV format."""

from __future__ import annotations

import csv
import gzip
import itertools
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.files import csv_format, online_retail
from data.files.fields import KINDS, Record
from data.files.report import FileError, Report
from tests.files.conftest import Write
from tests.files.strategies import HOSTILE, RECORDS
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)

ORDERS = "channel,reference,placed_at,name,country,currency,sku,quantity,unit_price"
FIRST = "web,1001,2025-03-31T09:30:00Z,Anna,NL,EUR,71053,2,12.95"


@settings(max_examples=60, deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_back(kind: str, data: st.DataObject):
    records = data.draw(RECORDS[kind])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "records.csv")
        assert csv_format.write(kind, records, path) == len(records)
        assert csv_format.check(kind, path) == len(records)
        assert list(csv_format.read(kind, path)) == records


def test_reads_orders(write: Write):
    path = write(
        "channel,reference,placed_at,name,street,postcode,city,country,email,language,currency,"
        "payment,promised_on,partial,note,sku,quantity,unit_price,product_name",
        "web,1001,2025-03-31T11:30:00+02:00,Anna de Vries,Kerkstraat 1,1012 AB,Amsterdam,nl,"
        "a@example.com,NL,eur,PAID,2025-04-01,no,Ring twice,71053,2,12.95,LANTERN",
        "web,1001,,,,,,,,,,,,,,85123A,1,2,",
        "web,1002,2025-03-31T09:31:00Z,Bob,,,,GB,,,,,,,,71053,1,,",
    )
    first, second = csv_format.read("orders", path)
    assert first == OrderRecord(
        channel="web",
        reference="1001",
        placed_at="2025-03-31T09:30:00Z",
        customer=Address(
            name="Anna de Vries",
            street="Kerkstraat 1",
            postcode="1012 AB",
            city="Amsterdam",
            country="NL",
        ),
        lines=(OrderLineRecord("71053", 2, 1295, "LANTERN"), OrderLineRecord("85123A", 1, 200)),
        email="a@example.com",
        language="nl",
        currency="EUR",
        promised_on="2025-04-01",
        partial=False,
        note="Ring twice",
    )
    assert isinstance(second, OrderRecord)
    assert (second.language, second.currency, second.payment, second.partial) == (
        "en",
        "EUR",
        "paid",
        True,
    )


def test_reads_the_other_kinds(write: Write):
    path = write(
        "sku,name,barcodes,weight_g,lot_tracked",
        "71053,LANTERN,9520710530006|19520710530003*6|AB*6*1,540,yes",
    )
    assert list(csv_format.read("products", path)) == [
        ProductRecord(
            "71053",
            "LANTERN",
            (
                ProductBarcode("9520710530006"),
                ProductBarcode("19520710530003", 6),
                ProductBarcode("AB*6"),
            ),
            weight_g=540,
            lot_tracked=True,
        )
    ]
    path = write("code,kind,zone,walk,check_digits", "A07-12-3,Pick,A,12,07", "D1,dock,,,")
    assert list(csv_format.read("locations", path)) == [
        LocationRecord("A07-12-3", "pick", "A", 12, "07"),
        LocationRecord("D1", "dock"),
    ]
    path = write("location,sku,quantity,lot,expires_on", "A07-12-3,71053,4,L1,2026-01-31")
    assert list(csv_format.read("stock", path)) == [
        StockRecord("A07-12-3", "71053", 4, "L1", "2026-01-31")
    ]


def test_separator_mark_and_gzip_make_no_difference(write: Write, tmp_path: Path):
    plain = write("location,sku,quantity", "A1,71053,4")
    records = list(csv_format.read("stock", plain))
    other = write("location;sku;quantity", "A1;71053;4", name="b.csv", encoding="utf-8-sig")
    packed = tmp_path / "c.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes().replace(b"\n", b"\r\n")))
    assert list(csv_format.read("stock", other)) == records
    assert list(csv_format.read("stock", packed)) == records


@pytest.mark.parametrize(
    ("kind", "header", "row", "column", "expected"),
    [
        ("stock", "location,sku,quantity", "A1,71053,0", "quantity", "from 1 to"),
        ("stock", "location,sku,quantity", "A1,71053,-1", "quantity", "a whole number"),
        ("stock", "location,sku,quantity", "A1,71053,1.5", "quantity", "a whole number"),
        ("stock", "location,sku,quantity", "A1,,1", "sku", "required"),
        ("stock", "location,sku,quantity,expires_on", "A1,7,1,31-01-2026", "expires_on", "a date"),
        ("stock", "location,sku,quantity,expires_on", "A1,7,1,20260131", "expires_on", "a date"),
        ("locations", "code,kind", "A1,shelf", "kind", "one of pick, bulk"),
        ("locations", "code,kind", "A1,pik", "kind", "perhaps pick"),
        ("locations", "code,check_digits", "A1,7", "check_digits", "two digits"),
        ("locations", "code", "WHC-OK", "code", "no command barcode"),
        ("locations", "code", "WHR12", "code", "no command barcode"),
        ("locations", "code", "whc1", "code", "no command barcode"),
        ("locations", "code,barcode", "A1,OCDPUZZLE", "barcode", "no command barcode"),
        ("products", "sku,name", "OBTVALI,X", "sku", "no command barcode"),
        ("products", "sku,name", f"{'7' * 65},X", "sku", "at most 64"),
        ("products", "sku,name", "7\x1b1,X", "sku", "control characters"),
        ("products", "sku,name,barcodes", "7,X,9520710530009", "barcodes", "check digit 6"),
        ("products", "sku,name,barcodes", "7,X,95207106", "barcodes", "check digit"),
        ("products", "sku,name,barcodes", "7,X,A|a", "barcodes", "each barcode once"),
        ("products", "sku,name,barcodes", "7,X,A*0", "barcodes", "from 1 to"),
        ("products", "sku,name,lot_tracked", "7,X,maybe", "lot_tracked", "yes or no"),
        ("products", "sku,name,weight_g", "7,X,1kg", "weight_g", "a whole number"),
    ],
)
def test_wrong_values_are_refused_with_line_and_column(
    write: Write, kind: str, header: str, row: str, column: str, expected: str
):
    path = write(header, row)
    with pytest.raises(FileError, match=expected) as caught:
        csv_format.check(kind, path)
    error = caught.value
    assert (error.line, error.column) == (2, column)
    assert error.number == header.split(",").index(column) + 1
    assert "\x1b" not in str(error)


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("12.95", '"12,95"', "unit_price"),
        ("12.95", "12.955", "unit_price"),
        ("12.95", "-1", "unit_price"),
        ("EUR,71053,2,12.95", "JPY,71053,2,12.95", "unit_price"),
        ("EUR", "EURO", "currency"),
        ("NL", "Netherlands", "country"),
        ("2025-03-31T09:30:00Z", "2025-03-31T09:30:00", "placed_at"),
        ("2025-03-31T09:30:00Z", "31/03/2025", "placed_at"),
        ("Anna", "", "name"),
        ("1001", "", "reference"),
    ],
)
def test_wrong_orders_are_refused(write: Write, old: str, new: str, column: str):
    path = write(ORDERS, FIRST.replace("1001", "1000"), FIRST.replace(old, new))
    with pytest.raises(FileError) as caught:
        csv_format.check("orders", path)
    assert (caught.value.line, caught.value.column) == (3, column)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("payment", "payed", "perhaps paid"),
        ("language", "nld", "2 letters"),
        ("promised_on", "tomorrow", "a date"),
        ("partial", "maybe", "yes or no"),
        ("email", "anna", "an e-mail address"),
    ],
)
def test_wrong_order_fields_are_refused(write: Write, column: str, value: str, expected: str):
    path = write(f"{ORDERS},{column}", f"{FIRST},{value}")
    with pytest.raises(FileError, match=expected) as caught:
        csv_format.check("orders", path)
    assert (caught.value.line, caught.value.column) == (2, column)


def test_price_in_a_currency_without_decimals(write: Write):
    path = write(ORDERS, FIRST.replace("EUR", "JPY").replace("12.95", "1200"))
    (order,) = csv_format.read("orders", path)
    assert isinstance(order, OrderRecord)
    assert order.lines[0].unit_price == 1200


def test_rows_of_one_order_must_agree(write: Write):
    path = write(ORDERS, FIRST, FIRST.replace("Anna", "Bob").replace("71053", "71054"))
    with pytest.raises(FileError, match="the same as in line 2, got 'Bob'") as caught:
        csv_format.check("orders", path)
    assert (caught.value.line, caught.value.column) == (3, "name")


def test_rows_of_one_order_must_stand_together(write: Write):
    path = write(ORDERS, FIRST, FIRST.replace("1001", "1002"), FIRST)
    with pytest.raises(FileError, match="order '1001' again, first in line 2") as caught:
        csv_format.check("orders", path)
    assert (caught.value.line, caught.value.column) == (4, "reference")


@pytest.mark.parametrize(
    ("kind", "header", "first", "second", "column"),
    [
        ("products", "sku,name", "71053a,X", "71053A,Y", "sku"),
        ("locations", "code", "A1", "a1", "code"),
        ("locations", "code", "A0-1", "A01", "code"),
        ("locations", "code,barcode", "A1,X", "A2,x", "barcode"),
        ("stock", "location,sku,quantity,lot", "A1,7,1,L", "a1,7,2,L", "sku"),
    ],
)
def test_records_that_are_there_twice_are_refused(
    write: Write, kind: str, header: str, first: str, second: str, column: str
):
    with pytest.raises(FileError, match="first in line 2") as caught:
        csv_format.check(kind, write(header, first, second))
    assert (caught.value.line, caught.value.column) == (3, column)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("sku,name,weigth_g", "the nearest is weight_g, got 'weigth_g'"),
        ("sku,name,sku", "each column once"),
        ("sku,colour", "a known column: sku, name"),
        ("name", "the column sku"),
        ("sku\tname", "a known column"),
    ],
)
def test_wrong_headers_are_refused(write: Write, header: str, expected: str):
    with pytest.raises(FileError, match=expected) as caught:
        csv_format.check("products", write(header, "1,2,3"))
    assert caught.value.line == 1


def test_no_written_cell_is_a_formula(tmp_path: Path):
    records: list[Record] = [
        ProductRecord(f"S{number}", text) for number, text in enumerate(HOSTILE)
    ]
    path = tmp_path / "products.csv"
    csv_format.write("products", records, path)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            assert not any(text.startswith(tuple("=+-@")) for text in row)
    assert list(csv_format.read("products", path)) == records


def test_phone_numbers_of_others_are_read_as_they_are(write: Write):
    path = write(f"{ORDERS},phone", f"{FIRST},+31 20 123")
    (order,) = csv_format.read("orders", path)
    assert isinstance(order, OrderRecord)
    assert order.phone == "+31 20 123"


def test_barcode_with_the_separator_cannot_be_written(tmp_path: Path):
    product = ProductRecord("1", "X", (ProductBarcode("A|B"),))
    with pytest.raises(ValueError, match="Write JSON instead"):
        csv_format.write("products", [product], tmp_path / "x.csv")


def test_record_of_another_kind_cannot_be_written(tmp_path: Path):
    with pytest.raises(TypeError, match="records of stock, got a ProductRecord"):
        csv_format.write("stock", [ProductRecord("1", "X")], tmp_path / "x.csv")


def test_writing_streams(tmp_path: Path):
    path = tmp_path / "stock.csv"
    rows = (StockRecord(f"A{n:06}", "71053", 4) for n in range(15_000))
    tracemalloc.start()
    try:
        csv_format.write("stock", rows, path)
        for _ in csv_format.read("stock", path):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 400_000


@pytest.mark.slow
def test_order_book_survives_the_round_trip(order_book: Path, tmp_path: Path):
    survey = online_retail.check(order_book)
    path = tmp_path / "orders.csv"
    day = "2011-08-30"

    def found() -> list[OrderRecord]:
        return list(online_retail.orders(order_book, Report(), day=day, survey=survey))

    csv_format.write("orders", found(), path)
    assert csv_format.check("orders", path) == 40
    assert list(csv_format.read("orders", path)) == found()
    path = tmp_path / "products.csv"
    products = list(
        itertools.islice(online_retail.products(order_book, Report(), survey=survey), 500)
    )
    csv_format.write("products", products, path)
    csv_format.check("products", path)
    assert list(csv_format.read("products", path)) == products
