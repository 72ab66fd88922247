"""Records as our own formats can hold them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from data.files import fields
from wms_terminal.domain.codes import GTIN_LENGTHS, is_gs1_number, key, location_barcode
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)

HOSTILE = (
    '=HYPERLINK("http://x";"y")',
    "'=1+1",
    "''@x",
    "-2",
    "+31 20 123",
    "a,b;c|d*2",
    '"',
    "[red]x[/red]",
    "{0}",
    "\u202eabc",
    "佐藤 כהן Ørsted",
)

_words = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=30).map(str.strip)
text = st.one_of(_words, st.sampled_from(HOSTILE))
some_text = text.filter(bool)


def _fits_gtin(code: str) -> bool:
    digits = code.isascii() and code.isdigit() and len(code) in GTIN_LENGTHS
    return is_gs1_number(code) if digits else True


codes = some_text.filter(lambda code: not fields.is_command(code))
barcodes = codes.filter(lambda code: "|" not in code and _fits_gtin(code))
units = st.integers(1, fields.LARGEST)
sizes = st.integers(0, fields.LARGEST)
days = st.dates(min_value=date(1000, 1, 1)).map(date.isoformat)
moments = st.datetimes(min_value=datetime(1000, 1, 1)).map(  # noqa: DTZ001 - UTC by its Z
    lambda time: time.replace(microsecond=0).isoformat() + "Z"
)
notes = st.one_of(text, st.just("Leave it\nat the door"))
emails = st.sampled_from(("", "a@example.com", "=x@example.com", "ø@example.org"))

addresses = st.builds(
    Address,
    name=some_text,
    company=text,
    street=text,
    extra=text,
    postcode=text,
    city=text,
    region=text,
    country=st.sampled_from(("NL", "GB", "PL")),
)
lines = st.builds(
    OrderLineRecord,
    sku=codes,
    quantity=units,
    unit_price=st.integers(0, 10**9),
    name=text,
    reference=st.just("") | codes,
)
orders = st.builds(
    OrderRecord,
    channel=some_text,
    reference=some_text,
    placed_at=moments,
    customer=addresses,
    lines=st.lists(lines, min_size=1, max_size=4).map(tuple),
    email=emails,
    phone=text,
    language=st.sampled_from(("nl", "en", "pl")),
    currency=st.sampled_from(("EUR", "GBP", "JPY", "KWD")),
    payment=st.sampled_from(fields.PAYMENTS),
    service=text,
    promised_on=st.one_of(st.just(""), days),
    partial=st.booleans(),
    note=notes,
)
products = st.builds(
    ProductRecord,
    sku=codes,
    name=some_text,
    barcodes=st.lists(
        st.builds(ProductBarcode, code=barcodes, units=units),
        max_size=3,
        unique_by=lambda barcode: key(barcode.code),
    ).map(tuple),
    weight_g=sizes,
    length_mm=sizes,
    width_mm=sizes,
    height_mm=sizes,
    lot_tracked=st.booleans(),
    hs_code=st.from_regex(r"\A(?:(?!00)[0-9]{6}(?:[0-9]{2}){0,2})?\Z"),
    origin=st.sampled_from(("", "NL", "CN")),
)
locations = st.builds(
    LocationRecord,
    code=codes,
    kind=st.sampled_from(fields.LOCATION_KINDS),
    zone=text,
    walk=sizes,
    check_digits=st.from_regex(r"\A(?:[0-9]{2})?\Z"),
    barcode=st.one_of(st.just(""), codes),
)
stock = st.builds(
    StockRecord,
    location=codes,
    sku=codes,
    quantity=units,
    lot=text,
    expires_on=st.one_of(st.just(""), days),
)

RECORDS: dict[str, st.SearchStrategy[list[Any]]] = {
    "orders": st.lists(
        orders, max_size=4, unique_by=lambda order: (order.channel, order.reference)
    ),
    "products": st.lists(products, max_size=4, unique_by=lambda product: key(product.sku)),
    "locations": st.lists(
        locations,
        max_size=4,
        unique_by=(
            lambda location: key(location.code),
            lambda location: key(location.barcode or location_barcode(location.code)),
        ),
    ),
    "stock": st.lists(
        stock, max_size=4, unique_by=lambda row: (key(row.location), key(row.sku), row.lot)
    ),
}
"""Lists of records that one file may hold."""
