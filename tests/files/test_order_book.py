"""The reader of the order book, on the whole real file."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections import Counter
from pathlib import Path

import pytest

from data.files import derived, open_reader
from data.files.online_retail import SERVICES, Survey, check, orders, products
from data.files.report import NoteFile, Report
from wms_terminal.domain.codes import gtin_key
from wms_terminal.domain.records import OrderRecord, ProductRecord

ROWS = 320_705
NOT_ROWS = {"skipped_empty_order"}
DOCS = Path(__file__).parents[2] / "docs" / "formats.md"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def survey(order_book: Path) -> Survey:
    return check(order_book)


@pytest.fixture(scope="module")
def report() -> Report:
    return Report()


@pytest.fixture(scope="module")
def all_orders(order_book: Path, survey: Survey, report: Report) -> list[OrderRecord]:
    return list(orders(order_book, report, survey=survey))


@pytest.fixture(scope="module")
def all_products(order_book: Path, survey: Survey) -> list[ProductRecord]:
    return list(products(order_book, Report(), survey=survey))


def test_every_row_is_in_an_order_or_in_the_report(
    survey: Survey, report: Report, all_orders: list[OrderRecord]
):
    lines = sum(len(order.lines) for order in all_orders)
    skipped = sum(
        count
        for kind, count in report.counts.items()
        if kind.startswith("skipped_") and kind not in NOT_ROWS
    )
    assert survey.rows == ROWS
    assert lines + skipped + report.counts["changed_merged_line"] == ROWS


def test_documented_counts_are_true(report: Report, all_orders: list[OrderRecord]):
    text = DOCS.read_text(encoding="utf-8")
    documented = {
        kind: int(count.replace(",", ""))
        for kind, count in re.findall(r"^\| `(\w+)` \| ([\d,]+) \|", text, re.MULTILINE)
    }
    del documented["skipped_nameless_product"]
    lines = sum(len(order.lines) for order in all_orders)
    assert {key: value for key, value in documented.items() if value} == dict(report.counts)
    assert f"{len(all_orders):,} orders with {lines:,} lines" in text


def test_references_are_unique_and_products_known(
    all_orders: list[OrderRecord], all_products: list[ProductRecord]
):
    assert len({order.reference for order in all_orders}) == len(all_orders)
    known = {product.sku for product in all_products}
    assert len(known) == len(all_products)
    for order in all_orders:
        keys = [(line.sku, line.unit_price) for line in order.lines]
        assert len(set(keys)) == len(keys)
        for line in order.lines:
            assert line.sku in known
            assert line.quantity > 0
            assert line.name


def test_the_invoice_in_two_places_is_whole(survey: Survey, all_orders: list[OrderRecord]):
    assert survey.scattered == {"542806": 2}
    (order,) = [order for order in all_orders if order.reference == "542806"]
    assert len(order.lines) > 30
    assert order.placed_at == "2011-02-01T11:19:00Z"


def test_names_are_the_catalogues(all_products: list[ProductRecord]):
    scribbles = re.compile(r"\?|damage|thrown|wrong|amazon|ebay|found|adjust", re.IGNORECASE)
    odd = [product.name for product in all_products if scribbles.search(product.name)]
    assert all("FOUNDATION" in name for name in odd)
    assert not any("  " in product.name for product in all_products)
    assert not any(product.name.startswith("PRODUCT ") for product in all_products)


def test_no_product_is_a_service(all_products: list[ProductRecord]):
    assert not {product.sku for product in all_products} & SERVICES


def test_barcodes_are_valid_and_unique_over_all_codes(order_book: Path):
    codes = set()
    seen: Counter[str] = Counter()
    for line in _lines(order_book):
        codes.add(line.split(",", 2)[1].upper())
    for code in codes:
        for barcode in derived.barcodes(code):
            key = gtin_key(barcode.code)
            assert key is not None
            seen[key] += 1
    assert len(codes) == 3680
    assert max(seen.values()) == 1


def test_sizes_are_plausible(all_products: list[ProductRecord]):
    for product in all_products:
        assert 5 <= product.weight_g <= 15_000
        assert 1000 >= product.length_mm >= product.width_mm >= product.height_mm >= 3
    lots = [product for product in all_products if product.lot_tracked]
    assert 50 < len(lots) < 200
    packs = [product for product in all_products if len(product.barcodes) > 1]
    assert len(packs) > 0.75 * len(all_products)


def test_addresses_are_of_their_country(all_orders: list[OrderRecord]):
    shapes = {
        "GB": r"[A-Z]{1,2}\d\d? \d[A-Z]{2}",
        "NL": r"[1-9]\d{3} [A-Z]{2}",
        "DE": r"\d{5}",
        "FR": r"\d{5}",
        "PL": r"\d\d-\d{3}",
        "JP": r"\d{3}-\d{4}",
        "IE": r"[A-Z]\d\d [A-Z]\d[A-Z]\d",
    }
    for order in all_orders:
        address = order.customer
        assert address.name
        assert address.street
        assert address.city
        if address.country in shapes:
            assert re.fullmatch(shapes[address.country], address.postcode), address
        assert re.fullmatch(r"[a-z.]+\.\d+@(example\.(com|org|net)|mail\.example)", order.email)
    names = " ".join(order.customer.name for order in all_orders)
    for letters in ("é", "ø", "ß", "[łŁżŻęąńóś]"):
        assert re.search(letters, names)
    for script in ("[一-鿿]", "[Ͱ-Ͽ]", "[א-ת]", "[ء-ي]"):
        assert any(re.search(script, order.customer.street) for order in all_orders)


def test_a_customer_keeps_name_and_address(all_orders: list[OrderRecord]):
    known: dict[str, OrderRecord] = {}
    for order in all_orders:
        if not order.customer.name.startswith("Guest "):
            first = known.setdefault(order.email, order)
            assert order.customer == first.customer
    assert len(known) > 2000


def test_busy_day(order_book: Path, survey: Survey):
    found = list(orders(order_book, Report(), day="2011-08-30", today="2025-03-31", survey=survey))
    assert len(found) == 40
    assert sum(len(order.lines) for order in found) == 3192
    assert {order.placed_at[:10] for order in found} == {"2025-03-31"}


def test_memory_stays_flat(order_book: Path, tmp_path: Path):
    reader = open_reader("orders", order_book, "online-retail")
    tracemalloc.start()
    try:
        reader.check()
        with NoteFile(tmp_path / "notes.csv") as sink:
            for _ in reader.records(Report(sink)):
                pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4_000_000 < order_book.stat().st_size


def test_both_passes_are_quick(order_book: Path):
    start = time.process_time()
    survey = check(order_book)
    for _ in orders(order_book, Report(), survey=survey):
        pass
    assert time.process_time() - start < 20


def _lines(path: Path) -> list[str]:
    import gzip

    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.read().splitlines()[1:]
