"""What the customs papers share: framed fields with their names, gaps to be filled in, amounts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from devices.documents.pdf import Align, Page
from devices.documents.text import clean
from wms_terminal.domain.customs import CustomsPapers, Goods
from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text

SMALLEST = 5.5
"""Points; what does not fit at this size is cut."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of goods: its heading, its width, and what it says of an item.

    An empty text is a gap, which is left open to be filled in by hand.
    """

    title: str
    width: float
    text: Callable[[Goods], str]
    right: bool = True
    lines: int = 1
    """How many lines a text may take."""


@dataclass(frozen=True, slots=True)
class Row:
    """One item with its texts as lines."""

    cells: tuple[list[str], ...]
    height: float


def rows_of(
    page: Page, columns: Sequence[Column], goods: Iterable[Goods], size: float
) -> list[Row]:
    """The items of a table as rows, at a type size in points."""
    step = size * 0.47
    rows = []
    for item in goods:
        cells = tuple(
            page.wrap(column.text(item), column.width - 2, column.lines, size=size)
            for column in columns
        )
        rows.append(Row(cells, step * max(1, *map(len, cells)) + 1.4))
    return rows


def paginate(rows: Sequence[Row], first: float, later: float) -> list[list[Row]]:
    """The rows of each sheet, which has so many millimetres for them."""
    sheets: list[list[Row]] = [[]]
    room = first
    for row in rows:
        if row.height > room and sheets[-1]:
            sheets.append([])
            room = later
        sheets[-1].append(row)
        room -= row.height
    return sheets


def draw_row(
    page: Page, x: float, y: float, columns: Sequence[Column], row: Row, size: float
) -> None:
    """One row with its top at `y`; what is missing becomes an open field."""
    step = size * 0.47
    for column, lines in zip(columns, row.cells, strict=True):
        align: Align = "R" if column.right else "L"
        if not lines:
            gap(page, x + 0.8, y + 0.5, column.width - 1.6, row.height - 1)
        for number, text in enumerate(lines):
            top = y + 0.7 + number * step
            if column.lines > 1:
                page.put(x + 1, top, column.width - 2, text, size=size, align=align)
            else:
                fitted(page, x + 1, top, column.width - 2, text, size=size, align=align)
        x += column.width


def gap(page: Page, x: float, y: float, width: float, height: float) -> None:
    """A grey field with a dashed frame, to be filled in by hand."""
    page.set_fill_color(222)
    page.set_line_width(0.25)
    page.set_dash_pattern(dash=0.8, gap=0.6)
    page.rect(x, y, width, height, style="DF")
    page.set_dash_pattern()


def field(
    page: Page,
    x: float,
    y: float,
    width: float,
    height: float,
    title: str,
    value: str = "",
    *,
    size: float = 8.5,
    bold: bool = False,
    must: bool = False,
) -> None:
    """A framed field with its name in small type; a value that `must` be there and is not is a gap.

    `title` is ours, `value` anybody's.
    """
    page.set_line_width(0.2)
    page.rect(x, y, width, height)
    if must and not clean(value):
        gap(page, x + 1, y + 3.2, width - 2, height - 4)
    page.put(x + 1.2, y + 0.6, width - 2.4, title, size=5.5)
    fitted(page, x + 1.2, y + 3.4, width - 2.4, value, size=size, bold=bold)


def fitted(
    page: Page,
    x: float,
    y: float,
    width: float,
    text: str,
    *,
    size: float,
    bold: bool = False,
    align: Align = "L",
) -> None:
    """One line in the largest type up to `size` at which it fits."""
    fits = max(page.size_to_fit(text, width, size=size, bold=bold), min(size, SMALLEST))
    page.put(x, y, width, text, size=fits, bold=bold, align=align)


def party(
    page: Page,
    x: float,
    y: float,
    width: float,
    height: float,
    title: str,
    address: Address,
    more: Iterable[tuple[str, str]],
    *,
    size: float = 8.5,
) -> None:
    """A framed name and address, and what else is known of them; a gap where there is no name."""
    page.set_line_width(0.2)
    page.rect(x, y, width, height)
    page.put(x + 1.2, y + 0.6, width - 2.4, title, size=5.5)
    lines = [line for line in address.lines() if clean(line)]
    if not lines:
        gap(page, x + 1, y + 3.2, width - 2, height - 4)
        return
    known = [f"{name} {value}" for name, value in more if clean(value)]
    step = min(size * 0.45, (height - 3.6) / (len(lines) + len(known)))
    size = min(size, step / 0.39)
    for number, line in enumerate((*lines, *known)):
        small = size if number < len(lines) else size * 0.88
        top = y + 3 + number * step
        fitted(page, x + 1.2, top, width - 2.4, line, size=small, bold=number == 0)


def is_plain(papers: CustomsPapers) -> bool:
    """Whether every text is Latin-1, so that no font has to be put into the document."""
    return all(char <= "\xff" for text in _texts(papers) for char in clean(text))


def _texts(papers: CustomsPapers) -> Iterator[str]:
    yield from (papers.order_number, papers.reference, papers.email, papers.phone)
    yield from (papers.carrier, papers.service, papers.currency)
    exporter = papers.exporter
    yield from (exporter.eori, exporter.vat, exporter.phone, exporter.signed_by, exporter.terms)
    yield from (*papers.sender.lines(), *papers.receiver.lines())
    for item in papers.goods:
        yield from (item.sku, item.name, item.hs_code, item.origin)


def money(units: int, currency: str) -> str:
    """An amount with the currency's decimals; empty for nothing, which no goods are worth."""
    return decimal_text(units, currency) if units else ""


def kilograms(grams: int) -> str:
    """A weight in kilograms; empty when it is not known."""
    return f"{grams / 1000:.3f}" if grams else ""


def tariff(hs_code: str) -> str:
    """An HS code as tariffs print it, such as 9405.50.00."""
    parts = (hs_code[:4], *(hs_code[n : n + 2] for n in range(4, len(hs_code), 2)))
    return ".".join(part for part in parts if part)
