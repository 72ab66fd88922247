"""The fields of our own formats: what each may hold, and how a record is made of them.

CSV and JSON share everything here; they differ in how text becomes fields and in how they name
the place of a fault.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from data.files.report import quoted
from wms_terminal.domain.codes import GTIN_LENGTHS, gs1_check_digit, key, location_barcode
from wms_terminal.domain.commands import RESERVED_PREFIXES
from wms_terminal.domain.label import Address
from wms_terminal.domain.money import exponent
from wms_terminal.domain.records import (
    LocationRecord,
    OrderLineRecord,
    OrderRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)

Record = OrderRecord | ProductRecord | LocationRecord | StockRecord

KINDS = ("orders", "products", "locations", "stock")
"""What can be imported."""

LOCATION_KINDS = ("pick", "bulk", "staging", "bench", "dock", "problem", "tote")
PAYMENTS = ("pending", "paid", "refunded")
LONGEST_CODE = 64
"""Characters of a SKU, a location code, a barcode or a lot."""
LONGEST_TEXT = 300
LONGEST_NOTE = 2000
LARGEST = 1_000_000_000
"""Of a quantity, a weight, a size or a price in minor units."""

_DECIMAL = re.compile(r"\d{1,10}(?:\.\d{1,4})?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HS_CODE = re.compile(r"(?!00)[0-9]{6}(?:[0-9]{2}){0,2}")
_INTEGER = re.compile(r"[0-9]{1,10}")


class UnfitError(ValueError):
    """A value that its field cannot hold; the reader adds the place and makes it a FileError."""

    def __init__(self, expected: str, got: str, field: str = "") -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got
        self.field = field
        """Name of the field, when the fault shows only once several are read."""


@dataclass(frozen=True, slots=True)
class Field:
    """One named field."""

    name: str
    parse: Callable[[str], Any]
    """Takes text that is not empty; raises UnfitError."""
    required: bool = False


def is_command(code: str) -> bool:
    """Whether the code begins like a command barcode, ours (WHC…) or Odoo's (OBT…, OCD…)."""
    return code.upper().startswith(RESERVED_PREFIXES)


def text_field(longest: int, *, breaks: bool = False) -> Callable[[str], str]:
    """A parser of text without control characters, of at most `longest` characters."""

    def parse(value: str) -> str:
        if breaks:
            value = value.replace("\r\n", "\n")
        if len(value) > longest:
            raise UnfitError(f"at most {longest} characters", quoted(value))
        for char in value:
            broken = char == "\n" and breaks
            if unicodedata.category(char) in ("Cc", "Cs") and not broken:
                raise UnfitError("text without control characters", quoted(value))
        return value

    return parse


_text = text_field(LONGEST_TEXT)
_short = text_field(LONGEST_CODE)


def code(value: str) -> str:
    """A SKU, location code or barcode: short, printable and no command."""
    value = _short(value)
    if is_command(value):
        reserved = ", ".join(RESERVED_PREFIXES)
        expected = f"a code that is no command barcode (none begins with {reserved})"
        raise UnfitError(expected, quoted(value))
    return value


def barcode(value: str) -> str:
    """A product's barcode; a number as long as a GTIN must end in its check digit."""
    value = code(value)
    if len(value) in GTIN_LENGTHS and value.isascii() and value.isdigit():
        digit = gs1_check_digit(value[:-1])
        if digit != value[-1]:
            raise UnfitError(f"check digit {digit} at the end of the GTIN", quoted(value))
    return value


def whole(least: int) -> Callable[[str], int]:
    """A parser of whole numbers from `least` on."""

    def parse(value: str) -> int:
        expected = f"a whole number from {least} to {LARGEST}"
        if not _INTEGER.fullmatch(value) or not least <= int(value) <= LARGEST:
            raise UnfitError(expected, quoted(value))
        return int(value)

    return parse


def price(value: str) -> Decimal:
    """A price as decimal text, such as 12.95."""
    if not _DECIMAL.fullmatch(value):
        raise UnfitError("a price such as 12.95", quoted(value))
    return Decimal(value)


def minor_units(value: Decimal, currency: str) -> int:
    """A price in minor units, exactly; the inverse of `decimal_text`."""
    places = exponent(currency)
    units = value.scaleb(places)
    if units != int(units):
        expected = f"at most {places} decimals for {currency}"
        raise UnfitError(expected, quoted(str(value)), "unit_price")
    if units > LARGEST:
        raise UnfitError(f"a price below {LARGEST} minor units", quoted(str(value)), "unit_price")
    return int(units)


def one_of(*allowed: str) -> Callable[[str], str]:
    """A parser of a fixed set of words, in any case."""

    def parse(value: str) -> str:
        word = value.lower()
        if word not in allowed:
            near = get_close_matches(word, allowed, 1)
            hint = f" (perhaps {near[0]})" if near else ""
            raise UnfitError(f"one of {', '.join(allowed)}{hint}", quoted(value))
        return word

    return parse


def letters(count: int, what: str, *, upper: bool) -> Callable[[str], str]:
    """A parser of a code of so many letters A to Z."""

    def parse(value: str) -> str:
        if len(value) != count or not (value.isascii() and value.isalpha()):
            raise UnfitError(f"{what} of {count} letters", quoted(value))
        return value.upper() if upper else value.lower()

    return parse


def boolean(value: str) -> bool:
    """Yes or no; `true`, `yes`, `1`, `false`, `no` and `0` are read."""
    word = value.lower()
    if word in ("true", "yes", "1"):
        return True
    if word in ("false", "no", "0"):
        return False
    raise UnfitError("yes or no", quoted(value))


def day(value: str) -> str:
    """An ISO date."""
    try:
        if len(value) == 10 and date.fromisoformat(value).isoformat() == value:
            return value
    except ValueError:
        pass
    raise UnfitError("a date such as 2025-03-31", quoted(value))


def moment(value: str) -> str:
    """An ISO time with its offset, as UTC `YYYY-MM-DDTHH:MM:SSZ`."""
    expected = "a time with its offset, such as 2025-03-31T09:30:00Z"
    try:
        time = datetime.fromisoformat(value)
        if time.tzinfo is None or len(value) < 17:
            raise UnfitError(expected, quoted(value))
        utc = time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnfitError(expected, quoted(value)) from error
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def email(value: str) -> str:
    """An e-mail address, roughly."""
    value = _text(value)
    if not _EMAIL.fullmatch(value):
        raise UnfitError("an e-mail address", quoted(value))
    return value


def check_digits(value: str) -> str:
    """Two digits."""
    if len(value) != 2 or not (value.isascii() and value.isdigit()):
        raise UnfitError("two digits", quoted(value))
    return value


def hs_code(value: str) -> str:
    """A code of the Harmonised System: digits alone, dots and spaces are taken out.

    A spreadsheet that has eaten the first 0 leaves an odd number of digits, which is refused.
    """
    digits = value.replace(".", "").replace(" ", "")
    if not _HS_CODE.fullmatch(digits):
        raise UnfitError("an HS code of 6, 8 or 10 digits", quoted(value))
    return digits


ADDRESS: tuple[Field, ...] = (
    Field("name", _text, required=True),
    Field("company", _text),
    Field("street", _text),
    Field("extra", _text),
    Field("postcode", _short),
    Field("city", _text),
    Field("region", _text),
    Field("country", letters(2, "a country code", upper=True), required=True),
)
"""An address; the same names in CSV and below `customer` in JSON."""

ORDER: tuple[Field, ...] = (
    Field("channel", _short, required=True),
    Field("reference", _short, required=True),
    Field("placed_at", moment, required=True),
    Field("email", email),
    Field("phone", _short),
    Field("language", letters(2, "a language code", upper=False)),
    Field("currency", letters(3, "a currency code", upper=True)),
    Field("payment", one_of(*PAYMENTS)),
    Field("service", _short),
    Field("promised_on", day),
    Field("partial", boolean),
    Field("note", text_field(LONGEST_NOTE, breaks=True)),
)
"""An order, apart from its customer and lines."""

LINE: tuple[Field, ...] = (
    Field("sku", code, required=True),
    Field("quantity", whole(1), required=True),
    Field("unit_price", price),
    Field("name", _text),
    Field("reference", code),
)
"""An order line."""

PRODUCT: tuple[Field, ...] = (
    Field("sku", code, required=True),
    Field("name", _text, required=True),
    Field("weight_g", whole(0)),
    Field("length_mm", whole(0)),
    Field("width_mm", whole(0)),
    Field("height_mm", whole(0)),
    Field("lot_tracked", boolean),
    Field("hs_code", hs_code),
    Field("origin", letters(2, "a country code", upper=True)),
)
"""A product, apart from its barcodes."""

BARCODE: tuple[Field, ...] = (Field("code", barcode, required=True), Field("units", whole(1)))
"""A barcode of a product."""

LOCATION: tuple[Field, ...] = (
    Field("code", code, required=True),
    Field("kind", one_of(*LOCATION_KINDS)),
    Field("zone", _short),
    Field("walk", whole(0)),
    Field("check_digits", check_digits),
    Field("barcode", code),
)
"""A location."""

STOCK: tuple[Field, ...] = (
    Field("location", code, required=True),
    Field("sku", code, required=True),
    Field("quantity", whole(1), required=True),
    Field("lot", _short),
    Field("expires_on", day),
)
"""What lies in a location."""


def parse_field(field: Field, value: str) -> Any:
    """The value of one field; None when there is none.

    Raises:
        UnfitError: when the field cannot hold it, or is required and empty.
    """
    value = value.strip()
    if value:
        return field.parse(value)
    if field.required:
        raise UnfitError(f"a value, {field.name} is required", "nothing")
    return None


def unknown(name: str, known: Sequence[str], what: str) -> UnfitError:
    """The error for a name that does not exist, with the nearest one that does."""
    near = get_close_matches(name.lower(), known, 1, 0.5)
    if near:
        return UnfitError(f"a known {what}, the nearest is {near[0]}", quoted(name))
    return UnfitError(f"a known {what}: {', '.join(known)}", quoted(name))


def make_order(
    order: Mapping[str, Any],
    address: Mapping[str, Any],
    lines: Sequence[OrderLineRecord],
) -> OrderRecord:
    """An order of its parsed fields; what is None keeps its default."""
    return OrderRecord(customer=Address(**_given(address)), lines=tuple(lines), **_given(order))


def currency_of(order: Mapping[str, Any]) -> str:
    """The currency that the order's prices are in."""
    return str(order.get("currency") or "EUR")


def make_line(line: Mapping[str, Any], currency: str) -> OrderLineRecord:
    """An order line of its parsed fields."""
    given = _given(line)
    if "unit_price" in given:
        given["unit_price"] = minor_units(given["unit_price"], currency)
    return OrderLineRecord(**given)


def make_product(product: Mapping[str, Any], codes: Sequence[ProductBarcode]) -> ProductRecord:
    """A product of its parsed fields.

    Raises:
        UnfitError: when a barcode is there twice.
    """
    keys = set()
    for item in codes:
        if key(item.code) in keys:
            raise UnfitError("each barcode once", f"{quoted(item.code)} twice", "barcodes")
        keys.add(key(item.code))
    return ProductRecord(barcodes=tuple(codes), **_given(product))


def make_barcode(fields: Mapping[str, Any]) -> ProductBarcode:
    """A barcode of its parsed fields."""
    return ProductBarcode(**_given(fields))


def make_location(fields: Mapping[str, Any]) -> LocationRecord:
    """A location of its parsed fields."""
    return LocationRecord(**_given(fields))


def make_stock(fields: Mapping[str, Any]) -> StockRecord:
    """A stock row of its parsed fields."""
    return StockRecord(**_given(fields))


def _given(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class Once:
    """Refuses the second record with the same identity.

    It remembers a number per identity, not the record: about 100 bytes each.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def add(self, record: Record, line: int) -> None:
        """Remember a record.

        Raises:
            UnfitError: when its identity was there before; the field is the one to look at.
        """
        for field, identity, what in _identities(record):
            number = hash(identity)
            if number in self._seen:
                got = f"{what} again, first in line {self._seen[number]}"
                raise UnfitError(f"each {what.partition(' ')[0]} once", got, field)
            self._seen[number] = line


def _identities(record: Record) -> tuple[tuple[str, tuple[str, ...], str], ...]:
    """Field, identity and words for everything that must be unique."""
    match record:
        case OrderRecord():
            named = f"order {quoted(record.reference)}"
            return (("reference", ("order", record.channel, record.reference), named),)
        case ProductRecord():
            return (("sku", ("product", key(record.sku)), f"product {quoted(record.sku)}"),)
        case LocationRecord():
            label = key(record.barcode or location_barcode(record.code))
            return (
                ("code", ("location", key(record.code)), f"location {quoted(record.code)}"),
                (
                    "barcode" if record.barcode else "code",
                    ("label", label),
                    f"barcode {quoted(label)}",
                ),
            )
        case StockRecord():
            place = ("stock", key(record.location), key(record.sku), record.lot)
            return (("sku", place, f"stock of {quoted(record.sku)} in {record.location}"),)
