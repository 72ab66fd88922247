"""The order book of a web shop, as the `online_retail` data set has it.

One row per order line: InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice (GBP),
CustomerID, Country. The file is read twice: `check` validates every row and learns the few
things that need the whole file, `orders` and `products` stream. `docs/formats.md` lists what is
skipped and changed, and why.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from data.files import derived
from data.files.customers import COUNTRIES, GUESSED, customer
from data.files.fields import LONGEST_CODE, is_command
from data.files.report import FileError, Report, quoted
from data.files.source import Progress, Table
from wms_terminal.domain.records import OrderLineRecord, OrderRecord, ProductRecord

CHANNEL = "web"
CURRENCY = "GBP"
COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)
MOST_SCATTERED = 1000
"""Invoices in several places that the reader holds in memory; more, and the file must be sorted."""

SERVICES = frozenset(
    {
        "POST",
        "DOT",
        "C2",
        "M",
        "D",
        "S",
        "B",
        "BANK CHARGES",
        "AMAZONFEE",
        "CRUK",
        "PADS",
        "22016",  # a gift voucher under a product's number
        "23444",  # "Next Day Carriage"
    }
)
"""Stock codes that are nothing to pick. Codes that start with GIFT_ are vouchers."""

_INVOICE = re.compile(r"[A-Z]?[0-9]{1,12}")
_INTEGER = re.compile(r"-?[0-9]{1,9}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_PRICE = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_CUSTOMER = re.compile(r"[0-9]{0,12}")
_SCRIBBLE = re.compile(
    r"\?|\b(?:amazon|ebay|fba|dotcom (?:sales|sold|set)|damage[ds]?|found|lost|wrong\w*"
    r"|adjust\w*|mailout|returned|thrown?|sold as|check|missing|crushed"
    r"|broken|cracked|smashed|faulty|mouldy|mix ?up|incorrect\w*|credit\w*|barcode|samples?"
    r"|counted|coded?|reverse|re dotcom|test)\b",
    re.IGNORECASE,
)
_PAGE = 1 << 13


class Row(NamedTuple):
    """One line of the order book, validated; a tuple, because there are many."""

    line: int
    invoice: str
    spelled: str
    """The stock code as the file has it."""
    name: str
    quantity: int
    at: str
    """`YYYY-MM-DD HH:MM:SS`."""
    price: Decimal
    customer: str
    country: str
    sku: str
    """The stock code in capitals."""


Part = list[tuple[Row, str]]
"""Rows of one invoice, each with the kind under which it is left out, if it is."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass over the file learned."""

    rows: int
    scattered: Mapping[str, int]
    """Invoices that are not in one place, with the number of places."""
    names: Mapping[str, str]
    """The best name of each product that has one."""
    goods: frozenset[str]
    """The products that somebody ordered."""


def check(path: Path, progress: Progress | None = None) -> Survey:
    """Validate the whole file and learn names and scattered invoices.

    Raises:
        FileError: at the first row that cannot be read, with its line and column.
    """
    rows = 0
    seen = _Numbers()
    places: dict[str, int] = {}
    names = _Names()
    for invoice, part in _parts(path, progress):
        rows += len(part)
        if seen.add(invoice):
            places[invoice] = places.get(invoice, 1) + 1
            if len(places) > MOST_SCATTERED:
                raise FileError(
                    path,
                    part[0][0].line,
                    COLUMNS[0],
                    f"at most {MOST_SCATTERED} invoices in more than one place",
                    f"one more: {invoice}",
                    number=1,
                    advice="Sort the file by InvoiceNo and import it again.",
                )
        for row, skip in part:
            names.add(row, skip)
    best = names.best()
    return Survey(rows, places, best, frozenset(names.goods))


def orders(
    path: Path,
    report: Report,
    *,
    day: str | None = None,
    today: str | None = None,
    survey: Survey | None = None,
    progress: Progress | None = None,
) -> Iterator[OrderRecord]:
    """The orders of the file, in its order.

    Args:
        path: The order book.
        report: Told of every row that is skipped or changed.
        day: ISO date; only the invoices of that day, and only their notes.
        today: ISO date to move the orders of `day` to; their time of day stays.
        survey: What `check` returned; the file is checked first when it is not given.
        progress: Told how far the reading is.

    Raises:
        FileError: when the file cannot be read.
        ValueError: when a date is no date, or there is `today` without `day`.
    """
    for text in (day, today):
        if text is not None:
            date.fromisoformat(text)
    if today is not None and day is None:
        raise ValueError("Expected a day whose orders move to today, got none. Name the day.")
    learned = survey or check(path)
    return _orders(path, report, day, today, learned, progress)


def products(
    path: Path,
    report: Report,
    *,
    survey: Survey | None = None,
    progress: Progress | None = None,
) -> Iterator[ProductRecord]:
    """The products of the file, each where its code first occurs.

    Every product that `orders` can name is among them, and so are products that were only
    returned or corrected, when some row has a name for them.

    Raises:
        FileError: when the file cannot be read.
    """
    learned = survey or check(path)
    return _products(path, report, learned, progress)


def _orders(
    path: Path,
    report: Report,
    day: str | None,
    today: str | None,
    survey: Survey,
    progress: Progress | None,
) -> Iterator[OrderRecord]:
    held: dict[str, Part] = {}
    places: Counter[str] = Counter()
    for invoice, part in _parts(path, progress):
        whole = part
        if invoice in survey.scattered:
            places[invoice] += 1
            whole = held.setdefault(invoice, [])
            whole += part
            if places[invoice] < survey.scattered[invoice]:
                continue
            del held[invoice]
        if day is None or whole[0][0].at.startswith(day):
            order = _order(whole, report, survey.names, today)
            if order is not None:
                yield order


def _products(
    path: Path, report: Report, survey: Survey, progress: Progress | None
) -> Iterator[ProductRecord]:
    seen: set[str] = set()
    for row in _rows(path, progress):
        sku = row.sku
        if sku in seen:
            continue
        seen.add(sku)
        if _is_service(sku):
            report.note(row.line, "skipped_service", sku)
        elif sku in survey.names or sku in survey.goods:
            yield derived.product(sku, survey.names.get(sku) or _nameless(sku))
        else:
            report.note(row.line, "skipped_nameless_product", sku)


def _order(
    part: Part, report: Report, names: Mapping[str, str], today: str | None
) -> OrderRecord | None:
    """The order that an invoice's rows make, or None when nothing is left of it."""
    lines: dict[tuple[str, Decimal], OrderLineRecord] = {}
    for row, skip in part:
        if skip:
            report.note(row.line, skip, f"{row.invoice} {row.spelled} {row.name}".rstrip())
            continue
        line = _line(row, report, names)
        same = lines.get((line.sku, row.price))
        if same is None:
            lines[line.sku, row.price] = line
            continue
        total = same.quantity + line.quantity
        lines[line.sku, row.price] = OrderLineRecord(same.sku, total, same.unit_price, same.name)
        report.note(row.line, "changed_merged_line", f"{row.invoice} {line.sku}: now {total}")
    first = part[0][0]
    if not lines:
        if first.invoice[0].isdigit():
            report.note(first.line, "skipped_empty_order", first.invoice)
        return None
    return _with_customer([row for row, _ in part], tuple(lines.values()), report, today)


def _line(row: Row, report: Report, names: Mapping[str, str]) -> OrderLineRecord:
    sku = row.sku
    if row.spelled != sku:
        report.note(row.line, "changed_lower_case_code", f"{row.invoice} {row.spelled}: {sku}")
    name = names.get(sku) or _nameless(sku)
    if not row.name:
        report.note(row.line, "changed_missing_name", f"{row.invoice} {sku}: {name}")
    elif row.name != name:
        spaces = _one_space(row.name) == name
        kind = "changed_spaces" if spaces else "changed_name"
        report.note(row.line, kind, f"{row.invoice} {sku}: {row.name}: {name}")
    if not row.price:
        report.note(row.line, "kept_free_goods", f"{row.invoice} {sku}")
    return OrderLineRecord(sku, row.quantity, int(row.price * 100), name)


def _with_customer(
    rows: Sequence[Row],
    lines: tuple[OrderLineRecord, ...],
    report: Report,
    today: str | None,
) -> OrderRecord:
    first = rows[0]
    invoice = first.invoice
    guest = ""
    if not first.customer:
        guest = f"Guest {invoice}"
        report.note(first.line, "changed_guest_order", invoice)
    who = customer(first.customer or invoice, first.country, guest=guest)
    if first.country in GUESSED:
        country = who.address.country
        report.note(first.line, "changed_country", f"{invoice} {first.country}: {country}")
    for row in rows:
        if (row.customer, row.country) != (first.customer, first.country):
            other = f"{invoice} {row.customer} {row.country}"
            report.note(row.line, "changed_customer", f"{other}: {first.customer} {first.country}")
    at = min(row.at for row in rows)
    if any(row.at != at for row in rows):
        report.note(first.line, "changed_time", f"{invoice}: {at}")
    return OrderRecord(
        channel=CHANNEL,
        reference=invoice,
        placed_at=f"{today or at[:10]}T{at[11:]}Z",
        customer=who.address,
        lines=lines,
        email=who.email,
        language=who.language,
        currency=CURRENCY,
    )


def _skip(row: Row, *, priced: bool) -> str:
    """The kind under which a row is left out, or nothing when it is goods in an order.

    Args:
        row: The row.
        priced: Whether anything beside it has a price. A free row without customer is a
            correction only when nothing has.
    """
    if row.invoice[0] == "C":
        return "skipped_cancellation"
    if not row.invoice[0].isdigit() or row.price < 0:
        return "skipped_adjustment"
    if _is_service(row.sku):
        return "skipped_service"
    if row.quantity <= 0:
        return "skipped_stock_correction"
    if not priced and not row.price and not row.customer:
        return "skipped_zero_price"
    return ""


@lru_cache(maxsize=8192)
def _is_service(sku: str) -> bool:
    return sku in SERVICES or sku.startswith("GIFT_")


def _nameless(sku: str) -> str:
    return f"PRODUCT {sku}"


def _one_space(name: str) -> str:
    return " ".join(name.split())


def _is_capital(name: str) -> bool:
    """Whether the name is in the catalogue's capitals."""
    return sum(map(str.isupper, name)) > sum(map(str.islower, name))


def _is_proper(name: str) -> bool:
    """Whether the name is the catalogue's rather than a note of the warehouse."""
    return _is_capital(name) and not _SCRIBBLE.search(name)


class _Names:
    """Counts how each product is called."""

    def __init__(self) -> None:
        self.goods: set[str] = set()
        self._sold: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._other: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, row: Row, skip: str) -> None:
        """Count one row, left out for the reason `skip` or kept."""
        sku = row.sku
        if _is_service(sku):
            return
        if not skip:
            self.goods.add(sku)
        if row.name:
            sold = not skip and row.price > 0
            (self._sold if sold else self._other)[sku][_one_space(row.name)] += 1

    def best(self) -> dict[str, str]:
        """The most frequent proper name of each product.

        Rows at a price come first: what the warehouse scribbles has none. A name in mixed case
        is taken only when the product was sold and has no other.
        """
        found: dict[str, str] = {}
        tiers = ((self._sold, _is_capital), (self._other, _is_proper), (self._sold, bool))
        for names_of, fits in tiers:
            for sku, names in names_of.items():
                allowed = [name for name in names if fits(name)]
                if allowed and sku not in found:
                    found[sku] = min(allowed, key=lambda name: (-names[name], name))
        return found


class _Numbers:
    """The invoice numbers seen: one bit each, in pages, so that a long file stays small."""

    def __init__(self) -> None:
        self._pages: dict[tuple[str, int], bytearray] = {}

    def add(self, invoice: str) -> bool:
        """Remember the invoice; whether it was known already."""
        letter = "" if invoice[0].isdigit() else invoice[0]
        page, bit = divmod(int(invoice[len(letter) :]), _PAGE)
        bits = self._pages.get((letter, page))
        if bits is None:
            bits = self._pages[letter, page] = bytearray(_PAGE // 8)
        byte, mask = bit >> 3, 1 << (bit & 7)
        known = bool(bits[byte] & mask)
        bits[byte] |= mask
        return known


def _parts(path: Path, progress: Progress | None) -> Iterator[tuple[str, Part]]:
    """Invoices with their rows, as long as they stay together in the file."""
    for invoice, group in groupby(_rows(path, progress), attrgetter("invoice")):
        rows = list(group)
        priced = any(row.price > 0 and row.quantity > 0 for row in rows)
        yield invoice, [(row, _skip(row, priced=priced)) for row in rows]


def _rows(path: Path, progress: Progress | None) -> Iterator[Row]:
    table = Table(path, progress)
    _check_header(table)
    checked: tuple[str, ...] = ()
    for line, fields in table.rows():
        invoice, code, name, quantity, at, price, who, country = fields
        sku, units, amount = _sku(code), _units(quantity), _amount(price)
        head = (invoice, at, who, country)
        if head != checked:
            _check_head(table, line, *head)
            checked = head
        if not sku:
            expected = f"a stock code of 1 to {LONGEST_CODE} printable characters, no command"
            raise table.fault(line, 1, expected, quoted(code))
        if not name.isprintable():
            raise table.fault(line, 2, "a name without control characters", quoted(name))
        if units is None:
            raise table.fault(line, 3, "a whole number", quoted(quantity))
        if amount is None:
            raise table.fault(line, 5, "a price such as 2.55", quoted(price))
        row = Row(line, invoice, code, name.strip(), units, at, amount, who, country, sku)
        if not _is_exact(amount) and not _skip(row, priced=True):
            raise table.fault(line, 5, "at most two decimals for goods", quoted(price))
        yield row


def _check_head(table: Table, line: int, invoice: str, at: str, who: str, country: str) -> None:
    """Check what the rows of one invoice usually share."""
    if not _INVOICE.fullmatch(invoice):
        expected = "an invoice number such as 536365 or C536379"
        raise table.fault(line, 0, expected, quoted(invoice))
    if not _is_moment(at):
        raise table.fault(line, 4, "a time such as 2010-12-01 08:26:00", quoted(at))
    if not _CUSTOMER.fullmatch(who):
        raise table.fault(line, 6, "a customer number or nothing", quoted(who))
    if country not in COUNTRIES:
        near = get_close_matches(country, COUNTRIES, 1)
        expected = f"a known country{f', perhaps {near[0]}' if near else ''}"
        raise table.fault(line, 7, expected, quoted(country))


def _check_header(table: Table) -> None:
    for index, name in enumerate(COLUMNS):
        got = table.header[index] if index < len(table.header) else ""
        if got != name:
            error = (table.path, 1, name, f"the column {name}", quoted(got))
            raise FileError(*error, number=index + 1)
    if len(table.header) > len(COLUMNS):
        expected = f"{len(COLUMNS)} columns"
        raise table.fault(1, len(COLUMNS), expected, f"{len(table.header)}")


@lru_cache(maxsize=8192)
def _sku(code: str) -> str:
    """The code in capitals; empty when it is none."""
    usual = 0 < len(code) <= LONGEST_CODE and code.isprintable() and code == code.strip()
    return code.upper() if usual and not is_command(code) else ""


@lru_cache(maxsize=4096)
def _units(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal | None:
    return Decimal(text) if _PRICE.fullmatch(text) else None


@lru_cache(maxsize=4096)
def _is_exact(amount: Decimal) -> bool:
    return amount == round(amount, 2)
