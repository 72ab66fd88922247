"""Packing slips: one A4 document per parcel, in the customer's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.documents.pdf import FINEST_MM, QUIET_MODULES, Align, Page, code128, gs1_128
from devices.documents.slip_words import facts_of, parcel_of, speaker
from devices.documents.text import clean
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.label import Address, PackingSlip, SlipLine

_LEFT, _RIGHT, _WIDTH = 16.0, 194.0, 178.0
_TABLE_TOP_FIRST, _TABLE_TOP = 104.0, 30.0
_TABLE_END = 272.0
_CODES_HEIGHT = 36.0
_ROW, _PADDING = 4.2, 1.6
_NAME_LINES = 2


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    x: float
    width: float
    right: bool = False


_ITEM = _Column("Item", _LEFT + 1, 28)
_NAME = _Column("Description", _LEFT + 30, 62)
_LOT = _Column("Lot", _LEFT + 93, 23)
_ORDERED = _Column("Ordered", _LEFT + 117, 16, right=True)
_HERE = _Column("In this box", _LEFT + 134, 22, right=True)
_LATER = _Column("To follow", _LEFT + 157, 20, right=True)
_COLUMNS = (_ITEM, _NAME, _LOT, _ORDERED, _HERE, _LATER)


@dataclass(frozen=True, slots=True)
class _Row:
    line: SlipLine
    name: list[str]

    @property
    def height(self) -> float:
        return _ROW * max(1, len(self.name)) + _PADDING


def packing_slip(slip: PackingSlip, translate: Callable[[str], str] | None = None) -> bytes:
    """One parcel's packing slip as PDF; the same slip always gives the same bytes.

    Args:
        slip: what is in the parcel.
        translate: English in, the customer's language out; by default a built-in list for
            `slip.language`, in English where there is none.
    """
    say = translate or speaker(slip.language)
    plain = all(char <= "\xff" for text in _texts(slip) for char in clean(text))
    page = Page(f"{say('Packing slip')} {slip.order_number}", latin_1=plain)
    sheets = _paginate([_Row(line, _name(page, line)) for line in slip.lines])
    for number, rows in enumerate(sheets, start=1):
        page.add_page()
        if number == 1:
            _heading(page, slip, say)
            top = _TABLE_TOP_FIRST
        else:
            page.put(_LEFT, 14, 90, say("Packing slip"), size=13, bold=True)
            page.put(110, 15, _RIGHT - 110, slip.order_number, size=11, align="R")
            top = _TABLE_TOP
        y = _table(page, rows, top, say)
        if number == len(sheets):
            _end(page, slip, y, say)
        _foot(page, slip, number, len(sheets), say)
    return page.to_bytes()


def _texts(slip: PackingSlip) -> Iterator[str]:
    """Everything that others have written and the slip repeats."""
    yield from (slip.order_number, slip.reference, slip.channel, slip.carrier, slip.service)
    yield slip.package
    for address in (slip.sender, slip.receiver):
        yield from address.lines()
    for line in slip.lines:
        yield from (line.sku, line.name, line.lot)


def _name(page: Page, line: SlipLine) -> list[str]:
    return page.wrap(line.name, _NAME.width - 2, _NAME_LINES)


def _paginate(rows: list[_Row]) -> list[list[_Row]]:
    """The rows of each page; the last page keeps room for the barcodes."""
    sheets: list[list[_Row]] = [[]]
    room = _TABLE_END - _TABLE_TOP_FIRST - 8
    for row in rows:
        if row.height > room:
            sheets.append([])
            room = _TABLE_END - _TABLE_TOP - 8
        sheets[-1].append(row)
        room -= row.height
    if room < _CODES_HEIGHT:
        sheets.append([])
    return sheets


def _heading(page: Page, slip: PackingSlip, say: Callable[[str], str]) -> None:
    page.put(_LEFT, 15, 90, say("Packing slip"), size=22, bold=True)
    sender = _lines(slip.sender)
    for row, text in enumerate(sender):
        page.put(110, 14 + row * 4.1, _RIGHT - 110, text, size=8.5, bold=row == 0, align="R")
    page.rule(47, _LEFT, _RIGHT, thick=0.6)
    page.put(_LEFT, 51, 80, say("Deliver to"), size=7.5)
    for row, text in enumerate(_lines(slip.receiver)):
        size = page.size_to_fit(text, 84, size=11, bold=row == 0)
        page.put(_LEFT, 55.5 + row * 5.3, 84, text, size=max(size, 6.5), bold=row == 0)
    y = 51.0
    for title, value in facts_of(slip, say):
        page.put(110, y + 0.4, 30, say(title), size=8)
        bold = title in ("Order", "Parcel")
        size = page.size_to_fit(value, _RIGHT - 141, size=9.5, bold=bold)
        page.put(141, y, _RIGHT - 141, value, size=max(size, 6.5), bold=bold)
        y += 5.6


def _table(page: Page, rows: list[_Row], y: float, say: Callable[[str], str]) -> float:
    """Draw the rows under a heading; the height at which they end."""
    if not rows:
        return y
    page.set_fill_color(30)
    page.set_text_color(255)
    page.rect(_LEFT, y, _WIDTH, 6.4, style="F")
    for column in _COLUMNS:
        align: Align = "R" if column.right else "L"
        page.put(column.x, y + 1.3, column.width, say(column.title), size=8, bold=True, align=align)
    page.set_text_color(0)
    y += 6.4
    for number, row in enumerate(rows):
        if number % 2:
            page.set_fill_color(240)
            page.rect(_LEFT, y, _WIDTH, row.height, style="F")
        _row(page, row, y + _PADDING / 2)
        y += row.height
    page.rule(y, _LEFT, _RIGHT)
    return y


def _row(page: Page, row: _Row, y: float) -> None:
    line = row.line
    page.put(_ITEM.x, y, _ITEM.width, line.sku)
    for number, text in enumerate(row.name):
        page.put(_NAME.x, y + number * _ROW, _NAME.width, text)
    page.put(_LOT.x, y, _LOT.width, line.lot)
    page.put(_ORDERED.x, y, _ORDERED.width, str(line.ordered), align="R")
    page.put(_HERE.x, y, _HERE.width, str(line.quantity), size=10, bold=True, align="R")
    later = str(line.to_follow) if line.to_follow else "-"
    page.put(_LATER.x, y, _LATER.width, later, align="R")


def _end(page: Page, slip: PackingSlip, y: float, say: Callable[[str], str]) -> None:
    """The total, the note on what is to follow, and the two barcodes."""
    if slip.lines:
        total = sum(line.quantity for line in slip.lines)
        page.put(_NAME.x, y + 1.5, 90, say("Units in this box"), bold=True)
        page.put(_HERE.x, y + 1.2, _HERE.width, str(total), size=10, bold=True, align="R")
    else:
        page.put(_LEFT, y, _WIDTH, say("This box is empty."), bold=True)
    if any(line.to_follow for line in slip.lines):
        note = say("What is still to follow comes in another parcel.")
        page.put(_NAME.x, y + 6, _RIGHT - _NAME.x, note, size=8)
    top = _TABLE_END - 22
    half = _WIDTH / 2
    order = code128(slip.order_number)
    if order is not None and (len(order) + 2 * QUIET_MODULES) * FINEST_MM <= half:
        page.bars(_LEFT, top, half, 14, order)
    page.put(_LEFT, top + 15, half, slip.order_number, size=8.5, align="C")
    if is_sscc(slip.sscc):
        page.bars(_LEFT + half, top, half, 14, gs1_128("00" + slip.sscc))
        page.put(_LEFT + half, top + 15, half, f"(00) {slip.sscc}", size=8.5, align="C")


def _foot(
    page: Page, slip: PackingSlip, number: int, count: int, say: Callable[[str], str]
) -> None:
    page.rule(278, _LEFT, _RIGHT)
    left = f"{say('Order')} {slip.order_number}"
    page.put(_LEFT, 280, 70, left, size=8)
    page.put(88, 280, 40, f"{say('Parcel')} {parcel_of(slip, say)}", size=8, align="C")
    where = say("Page {number} of {count}").format(number=number, count=count)
    page.put(134, 280, _RIGHT - 134, where, size=8, align="R")


def _lines(address: Address) -> list[str]:
    return [line for line in address.lines() if clean(line)]
