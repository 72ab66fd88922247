"""Customs declaration CN 23: two copies on a sheet of A4, which is cut in the middle.

Source: Universal Postal Union, Convention Manual, form CN 23 (210 by 148 mm) and its notes: the
numbers in brackets are those of the notes. In English and French, the form's own languages.
"""

from __future__ import annotations

from collections.abc import Sequence

from devices.documents.frame import (
    Column,
    Row,
    draw_row,
    field,
    fitted,
    gap,
    kilograms,
    money,
    paginate,
    party,
    rows_of,
    tariff,
)
from devices.documents.pdf import Align, Page, gs1_128
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.customs import CustomsPapers

COPIES = 2

_HALF = 148.5
_LEFT, _WIDTH = 9.0, 192.0
_SIZE = 7.5
_HEAD, _TABLE, _TOTALS = 8.0, 61.0, 105.0
"""Millimetres below the top of a copy: its head, the goods, the sums below them."""
_CERTIFY = (
    "I certify that the particulars given in this customs declaration are correct and that this",
    "item does not contain any dangerous article prohibited by legislation or by postal or",
    "customs regulations.",
)
_CATEGORIES = (
    ("Gift", "Cadeau"),
    ("Documents", "Documents"),
    ("Sale of goods", "Vente"),
    ("Commercial sample", "Échantillon"),
    ("Returned goods", "Retour"),
    ("Other", "Autre"),
)
_CATEGORY = 2


def declaration(page: Page, papers: CustomsPapers) -> None:
    """Add the sheets of one parcel's declaration to a document; goods that many need several."""
    columns = _columns(papers)
    rows = rows_of(page, columns, papers.goods, _SIZE)
    room = _TOTALS - _TABLE - 7
    sheets = paginate(rows, room, room)
    for number, sheet in enumerate(sheets, 1):
        page.add_page()
        for copy in range(COPIES):
            top = copy * _HALF
            _head(page, papers, top, (number, len(sheets)))
            _parties(page, papers, top)
            _goods(page, top, columns, sheet)
            _totals(page, papers, top, last=number == len(sheets))
            _foot(page, papers, top, copy + 1)
        page.set_line_width(0.15)
        page.set_dash_pattern(dash=2, gap=2)
        page.line(0, _HALF, 210, _HALF)
        page.set_dash_pattern()


def _columns(papers: CustomsPapers) -> tuple[Column, ...]:
    return (
        Column(
            "Detailed description of contents (1)", 86, lambda item: item.name, right=False, lines=2
        ),
        Column("Quantity (2)", 16, lambda item: str(item.quantity)),
        Column("Net weight, kg (3)", 22, lambda item: kilograms(item.net_g)),
        Column(
            f"Value, {papers.currency} (5)", 25, lambda item: money(item.value, papers.currency)
        ),
        Column("HS tariff number (7)", 27, lambda item: tariff(item.hs_code)),
        Column("Origin (8)", 16, lambda item: item.origin),
    )


def _head(page: Page, papers: CustomsPapers, top: float, sheet: tuple[int, int]) -> None:
    y = top + _HEAD
    page.put(_LEFT, y, 70, "CUSTOMS DECLARATION", size=12, bold=True)
    page.put(_LEFT, y + 5.2, 70, "DÉCLARATION EN DOUANE", size=8)
    if sheet[1] > 1:
        page.put(_LEFT, y + 9.3, 70, f"Sheet {sheet[0]} of {sheet[1]}", size=8, bold=True)
    if is_sscc(papers.sscc):
        page.bars(80, y - 1, 78, 8.5, gs1_128("00" + papers.sscc))
        page.put(80, y + 8.2, 78, f"No. of item (00) {papers.sscc}", size=6.5, align="C")
    page.put(160, y - 1, 41, "CN 23", size=20, bold=True, align="R")
    page.put(160, y + 7.2, 41, "May be opened officially", size=6, align="R")
    page.put(160, y + 9.7, 41, "Peut être ouvert d'office", size=6, align="R")


def _parties(page: Page, papers: CustomsPapers, top: float) -> None:
    y = top + 21.5
    exporter = papers.exporter
    half = _WIDTH / 2
    sender = (("Tel.", exporter.phone),)
    receiver = (("Tel.", papers.phone), ("E-mail", papers.email))
    party(page, _LEFT, y, half, 29, "From / De", papers.sender, sender, size=8.5)
    party(page, _LEFT + half, y, half, 29, "To / A", papers.receiver, receiver, size=8.5)
    y += 29
    eori = "Sender's customs reference (EORI) / Référence en douane de l'expéditeur"
    field(page, _LEFT, y, half, 8, eori, exporter.eori, must=True)
    title = "Importer's reference (tax code, VAT No., importer code), if any"
    field(page, _LEFT + half, y, half, 8, title)


def _goods(page: Page, top: float, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    y, end = top + _TABLE, top + _TOTALS
    page.set_line_width(0.2)
    page.set_fill_color(235)
    page.rect(_LEFT, y, _WIDTH, 5.5, style="DF")
    x = _LEFT
    for column in columns:
        align: Align = "R" if column.right else "L"
        fitted(page, x + 1, y + 1.4, column.width - 2, column.title, size=6, bold=True, align=align)
        page.set_line_width(0.2)
        page.line(x, y, x, end)
        x += column.width
    page.line(x, y, x, end)
    y += 6
    for row in rows:
        draw_row(page, _LEFT, y, columns, row, _SIZE)
        y += row.height


def _totals(page: Page, papers: CustomsPapers, top: float, *, last: bool) -> None:
    """The sums, on the last sheet; the others say that more is to come."""
    y = top + _TOTALS
    gross = f"{kilograms(papers.weight_g)} kg" if papers.weight_g else ""
    value = f"{money(papers.value, papers.currency)} {papers.currency}" if papers.value else ""
    complete = all(item.unit_price for item in papers.goods)
    more = "" if last else "see the last sheet"
    x = _LEFT
    for title, text, width in (
        ("Units / Nombre", more or str(papers.units), 30.0),
        ("Total gross weight (4) / Poids brut total", more or gross, 52.0),
        ("Total value (6) / Valeur totale", more or (value if complete else ""), 58.0),
        ("Postal charges, fees (9) / Frais de port", "", 52.0),
    ):
        must = title.startswith("Total")
        field(page, x, y, width, 8.5, title, text, size=9, bold=True, must=must)
        x += width


def _foot(page: Page, papers: CustomsPapers, top: float, copy: int) -> None:
    y = top + _TOTALS + 8.5
    page.set_line_width(0.2)
    page.rect(_LEFT, y, 82, 17)
    page.put(_LEFT + 1.2, y + 0.6, 78, "Category of item (10) / Catégorie de l'envoi", size=5.5)
    for place, (english, french) in enumerate(_CATEGORIES):
        x, line = _LEFT + 1.5 + place % 2 * 41, y + 3.8 + place // 2 * 4.2
        page.rect(x, line + 0.1, 2.6, 2.6)
        if place == _CATEGORY:
            page.set_line_width(0.5)
            page.line(x, line + 0.1, x + 2.6, line + 2.7)
            page.line(x, line + 2.7, x + 2.6, line + 0.1)
            page.set_line_width(0.2)
        name = f"{english} / {french}" if english != french else english
        fitted(page, x + 3.6, line, 36, name, size=6.5, bold=place == _CATEGORY)
    field(page, _LEFT, y + 17, 82, 9, "Comments (11), licence (12), certificate (13)")
    number = f"{papers.number} of {papers.issued_on}"
    field(page, _LEFT + 82, y, 55, 8.5, "Invoice (14) / Facture No.", number, size=8)
    _signature(page, papers, y, copy)


def _signature(page: Page, papers: CustomsPapers, y: float, copy: int) -> None:
    x, width = _LEFT + 82, _WIDTH - 82
    field(page, x + 55, y, width - 55, 8.5, "Office of origin, date of posting / Bureau, date")
    page.rect(x, y + 8.5, width, 17.5)
    for number, line in enumerate(_CERTIFY):
        fitted(page, x + 1.2, y + 9.2 + number * 2.6, width - 2.4, line, size=6)
    title = "Date and sender's signature (15) / Date et signature de l'expéditeur"
    page.put(x + 1.2, y + 17.6, width - 2.4, title, size=5.5)
    signed = ", ".join(part for part in (papers.issued_on, papers.exporter.signed_by) if part)
    fitted(page, x + 1.2, y + 20.8, width - 32, signed, size=9, bold=True)
    if not papers.exporter.signed_by:
        gap(page, x + 25, y + 20.3, width - 55, 4.8)
    page.put(x + width - 31, y + 22.4, 30, f"Copy {copy} of {COPIES}", size=6, align="R")
