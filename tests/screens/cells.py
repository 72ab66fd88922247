"""What is on the screen, cell by cell, in the colours that a terminal makes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.color import Color, ColorSystem
from rich.style import Style

from wms_terminal.app import WmsApp

Rgb = tuple[int, int, int]
Palette = Callable[[Style], tuple[Rgb, Rgb]]
"""Foreground and background of a style."""

VGA: list[Rgb] = [
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0),
    (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
    (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85),
    (85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255),
]  # fmt: skip
"""The sixteen colours of a Linux console."""


@dataclass(frozen=True)
class Cell:
    """One character and its colours."""

    row: int
    char: str
    ink: Rgb
    paper: Rgb
    blinks: bool

    @property
    def contrast(self) -> float:
        """Of the character on its background."""
        return contrast(self.ink, self.paper)


def contrast(one: Rgb, other: Rgb) -> float:
    """The ratio of two colours' luminances, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def truecolor(style: Style) -> tuple[Rgb, Rgb]:
    """As a terminal with all colours shows it."""
    return _swapped(style, _rgb(style.color, VGA[15]), _rgb(style.bgcolor, VGA[0]))


def eight_bit(style: Style) -> tuple[Rgb, Rgb]:
    """As a terminal with 256 colours shows it."""
    ink, paper = (
        color and color.downgrade(ColorSystem.EIGHT_BIT) for color in (style.color, style.bgcolor)
    )
    return _swapped(style, _rgb(ink, VGA[15]), _rgb(paper, VGA[0]))


def console(style: Style) -> tuple[Rgb, Rgb]:
    """As a Linux console shows it: bold is bright, and no background is."""
    ink = _standard(style.color, 7) | (8 if style.bold else 0)
    return _swapped(style, VGA[ink], VGA[_standard(style.bgcolor, 0) % 8])


def cells(app: WmsApp, palette: Palette, region: str = "") -> Iterator[Cell]:
    """All that is drawn, or all that is drawn in one region."""
    rows = range(app.size.height)
    if region:
        area = app.page.get_child_by_id(region).region
        rows = range(area.y, area.bottom)
    strips = app.screen._compositor.render_strips()
    for row in rows:
        for segment in strips[row]:
            style = segment.style or Style()
            ink, paper = palette(style)
            for char in segment.text:
                yield Cell(row, char, ink, paper, bool(style.blink or style.blink2))


def _rgb(color: Color | None, default: Rgb) -> Rgb:
    if color is None or color.is_default:
        return default
    red, green, blue = color.get_truecolor()
    return red, green, blue


def _standard(color: Color | None, default: int) -> int:
    if color is None or color.is_default:
        return default
    number = color.downgrade(ColorSystem.STANDARD).number
    assert number is not None
    return number


def _swapped(style: Style, ink: Rgb, paper: Rgb) -> tuple[Rgb, Rgb]:
    return (paper, ink) if style.reverse else (ink, paper)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
