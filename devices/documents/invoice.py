"""Commercial invoices for customs: one parcel's goods on A4, in English.

Source: what customs ask of a commercial invoice, Delegated Regulation (EU) 2015/2446, article 145
and the Implementing Regulation (EU) 2015/2447, annex 9-01, and carriers' own checklists: parties,
number and date, goods with HS code and origin, quantities, weights, values, terms, signature.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.documents.frame import (
    Column,
    Row,
    draw_row,
    fitted,
    gap,
    kilograms,
    money,
    paginate,
    party,
    rows_of,
    tariff,
)
from devices.documents.pdf import FINEST_MM, QUIET_MODULES, Align, Page, code128
from devices.documents.text import clean
from wms_terminal.domain.customs import CustomsPapers

COPIES = 3

_LEFT, _RIGHT, _WIDTH = 16.0, 194.0, 178.0
_SIZE = 8.0
_FIRST, _LATER, _END = 106.0, 32.0, 268.0
"""Where the table begins on the first page and on the others, and where all of them end."""
_SUMS = 52.0
"""Millimetres that sums and signature take."""
_NOTE = "Fields in grey are missing. Fill them in by hand before this parcel leaves."


def invoice(page: Page, papers: CustomsPapers) -> None:
    """Add one parcel's invoice to a document, in all its copies."""
    columns = _columns(papers)
    sheets = paginate(
        rows_of(page, columns, papers.goods, _SIZE), _END - _FIRST - 8, _END - _LATER - 8
    )
    top = _FIRST if len(sheets) == 1 else _LATER
    if top + 8 + sum(row.height for row in sheets[-1]) + _SUMS > _END:
        sheets.append([])
    for copy in range(1, COPIES + 1):
        for number, rows in enumerate(sheets, 1):
            page.add_page()
            y = _heading(page, papers) if number == 1 else _again(page, papers)
            y = _table(page, columns, rows, y)
            if number == len(sheets):
                _sums(page, papers, y)
            _foot(page, papers, copy, (number, len(sheets)))


def _columns(papers: CustomsPapers) -> tuple[Column, ...]:
    currency = papers.currency
    return (
        Column("Item", 24, lambda item: item.sku, right=False),
        Column("Description", 50, lambda item: item.name, right=False, lines=3),
        Column("HS code", 25, lambda item: tariff(item.hs_code)),
        Column("Origin", 12, lambda item: item.origin),
        Column("Units", 12, lambda item: str(item.quantity)),
        Column("Net kg", 16, lambda item: kilograms(item.net_g)),
        Column("Each", 18, lambda item: money(item.unit_price, currency)),
        Column(f"Value {currency}", 21, lambda item: money(item.value, currency)),
    )


def _heading(page: Page, papers: CustomsPapers) -> float:
    page.put(_LEFT, 15, 100, "Commercial invoice", size=22, bold=True)
    fitted(page, 110, 15, _RIGHT - 110, papers.number, size=13, bold=True, align="R")
    number = code128(papers.number)
    width = (len(number or "") + 2 * QUIET_MODULES) * FINEST_MM
    if number is not None and width <= _RIGHT - 110:
        left = _RIGHT + QUIET_MODULES * FINEST_MM - width
        page.bars(left, 22, width, 9, number)
    page.rule(35, _LEFT, _RIGHT, thick=0.6)
    half = _WIDTH / 2
    exporter = papers.exporter
    sender = (("VAT", exporter.vat), ("EORI", exporter.eori), ("Tel.", exporter.phone))
    receiver = (("Tel.", papers.phone), ("E-mail", papers.email))
    party(page, _LEFT, 39, half - 2, 36, "Seller and exporter", papers.sender, sender, size=9)
    where = "Buyer, delivery and importer"
    party(page, _LEFT + half + 2, 39, half - 2, 36, where, papers.receiver, receiver, size=9)
    _facts(page, papers)
    return _FIRST


def _facts(page: Page, papers: CustomsPapers) -> None:
    service = papers.service
    if not service.startswith(papers.carrier):
        service = f"{papers.carrier} {service}".strip()
    left = (
        ("Date", papers.issued_on, True),
        ("Order", papers.order_number, True),
        ("Your reference", papers.reference, False),
        ("Ordered on", papers.placed_on, False),
    )
    right = (
        ("EORI", papers.exporter.eori, True),
        ("Terms of delivery", f"{papers.exporter.terms} {papers.receiver.country}", True),
        ("Reason for export", "Sale of goods", False),
        ("Carrier and parcel", f"{service}, parcel {papers.parcel}", False),
    )
    for x, facts in ((_LEFT, left), (_LEFT + _WIDTH / 2 + 2, right)):
        y = 79.0
        for title, value, must in facts:
            page.put(x, y + 0.5, 30, title, size=8)
            if must and not clean(value):
                gap(page, x + 31, y, 55, 4.8)
            fitted(page, x + 31, y, _WIDTH / 2 - 33, value, size=9.5, bold=must)
            y += 5.6


def _again(page: Page, papers: CustomsPapers) -> float:
    page.put(_LEFT, 14, 90, "Commercial invoice", size=13, bold=True)
    fitted(page, 110, 15, _RIGHT - 110, papers.number, size=11, align="R")
    page.rule(24, _LEFT, _RIGHT, thick=0.6)
    return _LATER


def _table(page: Page, columns: Sequence[Column], rows: Sequence[Row], y: float) -> float:
    """Draw the rows under a heading; the height at which they end."""
    if not rows:
        return y
    page.set_fill_color(30)
    page.set_text_color(255)
    page.rect(_LEFT, y, _WIDTH, 6.4, style="F")
    x = _LEFT
    for column in columns:
        align: Align = "R" if column.right else "L"
        fitted(page, x + 1, y + 1.4, column.width - 2, column.title, size=8, bold=True, align=align)
        x += column.width
    page.set_text_color(0)
    y += 6.8
    for number, row in enumerate(rows):
        if number % 2:
            page.set_fill_color(244)
            page.rect(_LEFT, y, _WIDTH, row.height, style="F")
        draw_row(page, _LEFT, y, columns, row, _SIZE)
        y += row.height
    page.rule(y + 0.4, _LEFT, _RIGHT)
    return y + 0.4


def _sums(page: Page, papers: CustomsPapers, y: float) -> None:
    """Totals, whether something is missing, and the signature."""
    priced = all(item.unit_price for item in papers.goods)
    weighed = all(item.weight_g for item in papers.goods)
    value = f"{money(papers.value, papers.currency)} {papers.currency}" if papers.value else ""
    facts = (
        ("Total value", value if priced else ""),
        ("Units", str(papers.units)),
        ("Net weight", f"{kilograms(papers.net_g)} kg" if weighed and papers.goods else ""),
        ("Gross weight", f"{kilograms(papers.weight_g)} kg" if papers.weight_g else ""),
    )
    for number, (title, text) in enumerate(facts):
        top, bold = y + 3 + number * 5.6, number == 0
        page.put(118, top + 0.3, 32, title, size=9, bold=bold)
        if not text:
            gap(page, 150, top, _RIGHT - 151, 4.8)
        fitted(page, 148, top, _RIGHT - 149, text, size=10, bold=bold, align="R")
    if any(item.gaps for item in papers.goods) or not papers.exporter.eori:
        fitted(page, _LEFT, y + 3.3, 96, _NOTE, size=7.5, bold=True)
    y += 30
    words = "I declare that all information in this invoice is true and correct."
    page.put(_LEFT, y, 120, words, size=8.5)
    page.rule(y + 17, _LEFT, _LEFT + 84)
    fitted(page, _LEFT, y + 12, 84, papers.exporter.signed_by, size=9.5, bold=True)
    page.put(_LEFT, y + 17.8, 84, "Name and signature", size=7)
    page.rule(y + 17, 118, _RIGHT)
    place = f"{papers.sender.city}, {papers.issued_on}" if papers.sender.city else papers.issued_on
    fitted(page, 118, y + 12, _RIGHT - 118, place, size=9.5)
    page.put(118, y + 17.8, 60, "Place and date", size=7)


def _foot(page: Page, papers: CustomsPapers, copy: int, sheet: tuple[int, int]) -> None:
    page.rule(278, _LEFT, _RIGHT)
    fitted(page, _LEFT, 280, 70, f"Invoice {papers.number}", size=8)
    page.put(88, 280, 40, f"Copy {copy} of {COPIES}", size=8, align="C")
    page.put(134, 280, _RIGHT - 134, f"Page {sheet[0]} of {sheet[1]}", size=8, align="R")
