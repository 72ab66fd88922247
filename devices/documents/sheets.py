"""Barcode sheets on A4: commands, badges, totes, products, and labels for locations.

Sources: ISO/IEC 15417 (Code 128) and 15420 (EAN-13); module of 0.33 mm or more and quiet zones
of 11 modules, so that a hand scanner reads them off ordinary paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from devices.documents.pdf import FINEST_MM, QUIET_MODULES, Page, Symbology, code128, ean13

Arrow = Literal["", "up", "down", "left", "right"]

_LEFT, _TOP, _WIDTH, _HEIGHT = 10.0, 22.0, 190.0, 262.0
_SIDE = 60.0
"""Millimetres for arrow and check digits."""
_WIDEST_MM = 0.75
"""The module of a location's barcode, for reading from a distance."""


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """One barcode and what people read beside it."""

    code: str
    """What the barcode holds."""
    title: str
    subtitle: str = ""
    symbology: Symbology = "code128"
    arrow: Arrow = ""
    """For a location: where it is, seen from the label."""
    check_digits: str = ""
    """For a location: what a picker reads out or keys in."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How many entries go on a page."""

    columns: int
    rows: int
    big: bool = False
    """Titles in big type, with arrow and check digits: for labels on racks."""


CARDS = Grid(2, 7)
"""14 cards a page: commands, badges, totes, products."""
LOCATIONS = Grid(1, 5, big=True)
"""5 labels of 190 by 52 mm a page, legible from two metres."""


def sheet(kind_title: str, entries: Iterable[SheetEntry], grid: Grid = CARDS) -> bytes:
    """The entries as a PDF, in the order they come.

    A barcode that is too wide for its cell takes a row of its own.

    Raises:
        ValueError: when a code cannot be a barcode of its kind, or is too long for the page.
    """
    pages = list(_pages(list(entries), grid)) or [[]]
    page = Page(kind_title)
    for number, cells in enumerate(pages, start=1):
        page.add_page()
        page.put(_LEFT, 10, 150, kind_title, size=14, bold=True)
        page.put(160, 11, 40, f"{number} / {len(pages)}", size=9, align="R")
        page.rule(18, _LEFT, _LEFT + _WIDTH, thick=0.4)
        for cell in cells:
            _draw(page, cell, grid)
    return page.to_bytes()


@dataclass(frozen=True, slots=True)
class _Cell:
    entry: SheetEntry
    modules: str
    x: float
    y: float
    width: float
    height: float


def _pages(entries: list[SheetEntry], grid: Grid) -> Iterator[list[_Cell]]:
    """Place the entries, row by row."""
    width, height = _WIDTH / grid.columns, _HEIGHT / grid.rows
    cells: list[_Cell] = []
    column = row = 0
    for entry in entries:
        modules = _modules(entry)
        alone = (len(modules) + 2 * QUIET_MODULES) * FINEST_MM > _room(entry, width, grid)
        if alone and column:
            column, row = 0, row + 1
        if row == grid.rows:
            yield cells
            cells, row = [], 0
        x, y = _LEFT + column * width, _TOP + row * height
        cells.append(_Cell(entry, modules, x, y, _WIDTH if alone else width, height))
        column = 0 if alone else (column + 1) % grid.columns
        row += 0 if column else 1
    if cells:
        yield cells


def _modules(entry: SheetEntry) -> str:
    """The entry's symbol.

    Raises:
        ValueError: naming what the symbology holds and what came.
    """
    modules = ean13(entry.code) if entry.symbology == "ean13" else code128(entry.code)
    if modules is None:
        raise ValueError(f"Expected printable ASCII in a Code 128, got {entry.code[:150]!a}.")
    most = int((_WIDTH - 8) / FINEST_MM)
    if len(modules) + 2 * QUIET_MODULES > most:
        raise ValueError(
            f"Expected a code that fits on a page of {most} modules, got {entry.code[:150]!a}."
        )
    return modules


def _room(entry: SheetEntry, width: float, grid: Grid) -> float:
    """Millimetres for the symbol in a cell of this width."""
    return width - 8 - (_SIDE if grid.big and (entry.arrow or entry.check_digits) else 0)


def _draw(page: Page, cell: _Cell, grid: Grid) -> None:
    page.set_draw_color(150)
    page.set_line_width(0.2)
    page.rect(cell.x + 1, cell.y + 1, cell.width - 2, cell.height - 2)
    page.set_draw_color(0)
    if grid.big:
        _draw_location(page, cell, grid)
    else:
        _draw_card(page, cell)


def _draw_card(page: Page, cell: _Cell) -> None:
    entry, inner = cell.entry, cell.width - 8
    page.put(cell.x + 4, cell.y + 3, inner, entry.title, size=12, bold=True)
    page.put(cell.x + 4, cell.y + 8.2, inner, entry.subtitle, size=8)
    height = cell.height - 12 - 8
    page.bars(cell.x + 4, cell.y + 12.5, inner, height, cell.modules)
    page.put(cell.x + 4, cell.y + cell.height - 6.5, inner, entry.code, size=8, align="C")


def _draw_location(page: Page, cell: _Cell, grid: Grid) -> None:
    entry = cell.entry
    room = _room(entry, cell.width, grid)
    left = cell.x + 4
    size = page.size_to_fit(entry.title, room, size=44, bold=True)
    page.put(left, cell.y + 2, room, entry.title, size=size, bold=True)
    page.put(left, cell.y + 19.5, room, entry.subtitle, size=9)
    page.bars(left, cell.y + 24.5, room, cell.height - 32.5, cell.modules, widest=_WIDEST_MM)
    page.put(left, cell.y + cell.height - 6.8, room, entry.code, size=8.5, align="C")
    middle = cell.y + cell.height / 2
    if entry.arrow:
        _draw_arrow(page, left + room + 13, middle, entry.arrow)
    if entry.check_digits:
        size = page.size_to_fit(entry.check_digits, 30, size=54, bold=True)
        top = middle - size * 0.22
        page.put(left + room + 28, top, 30, entry.check_digits, size=size, bold=True, align="R")


def _draw_arrow(page: Page, x: float, y: float, arrow: Arrow) -> None:
    """A filled arrow around a centre, 16 by 20 mm."""
    outline = ((0, -10), (8, 0), (3, 0), (3, 10), (-3, 10), (-3, 0), (-8, 0))
    cos, sin = {"up": (1, 0), "down": (-1, 0), "left": (0, 1), "right": (0, -1)}[arrow]
    points = [(x + px * cos + py * sin, y - px * sin + py * cos) for px, py in outline]
    page.set_fill_color(0)
    page.polygon(points, style="F")
