"""What a page is made of: each block draws one thing into the rows it was given.

A block is never cut at the right or at the bottom by luck: it knows its width and height and
says the same with fewer rows. `stack` hands the rows out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Line

from screens import palette
from screens.bigtext import HEIGHT, big
from screens.clean import fit, wrap

GUTTER = 12
"""Cells for the label left of a block, on terminals that have room for it."""
SLIM = 4
"""Cells that most big letters need at least, with the gap after them."""
READABLE = 14
"""Cells that a column of words needs to make sense."""
ROOMY = 64
"""Cells from which on a page has that room."""


def line(text: str = "", style: str = "") -> Line:
    """One line of a page: data, never markup."""
    # As a span: Rich drops the base style of a text that has no spans.
    return Line(no_wrap=True, end="").append(text, style or None)


class Block(Protocol):
    """One thing on a page."""

    def draw(self, width: int, height: int) -> list[Line]:
        """At most `height` lines of at most `width` cells."""


@dataclass(frozen=True)
class Page:
    """Blocks from top to bottom, and who gets rows first."""

    shown: Sequence[Block]
    growth: Sequence[tuple[Block, int]]
    """A block and the rows it grows to, most important first; what does not fit is passed over."""
    luxury: Sequence[tuple[Block, int]] = ()
    """The same, but only as long as a row of air stays between the blocks."""


def stack(page: Page, width: int, height: int) -> list[Line]:
    """Draw a page: rows by importance, what is left over as air between the blocks."""
    rows = {id(block): 0 for block in page.shown}
    left = height
    for block, size, air in (
        *((block, size, 0) for block, size in page.growth),
        *((block, size, len(page.shown)) for block, size in page.luxury),
    ):
        extra = size - rows[id(block)]
        if 0 < extra <= left - air:
            rows[id(block)] = size
            left -= extra
    parts = [block.draw(width, rows[id(block)]) for block in page.shown if rows[id(block)]]
    parts = [part for part in parts if part]
    left = height - sum(map(len, parts))
    # Air goes between the biggest neighbours first; two rows of big letters must not run together.
    weights = [len(above) + len(below) for above, below in zip([[], *parts], parts, strict=False)]
    airy = sorted(range(len(parts)), key=lambda number: -weights[number])[: max(0, left)]
    lines: list[Line] = []
    for number, part in enumerate(parts):
        lines += ([line()] if number in airy else []) + part
    return lines


def labelled(label: str, lines: list[Line], width: int, style: str = palette.QUIET) -> list[Line]:
    """Lines with their label to the left, where there is room for one."""
    if width < ROOMY or not lines:
        return lines
    done = []
    for number, part in enumerate(lines):
        head = line(set_cell_size(fit(label, GUTTER - 1), GUTTER) if number == 0 else " " * GUTTER)
        head.stylize(style)
        done.append(head.append_text(part))
    return done


def inner(width: int) -> int:
    """The cells right of the label."""
    return width - GUTTER if width >= ROOMY else width


def letters(text: str, width: int, height: int, style: str) -> list[Line] | None:
    """The text in the smallest of the big letters, over as many lines as it needs."""
    parts = wrap(text, width // SLIM, height)
    if not parts or len(parts) * (HEIGHT + 1) - 1 > height:
        return None
    lines: list[Line] = []
    for part in parts:
        drawn = big(part, width, HEIGHT, style)
        if drawn is None:
            return None
        lines += [line(), *drawn] if lines else drawn
    return lines


@dataclass(frozen=True)
class Big:
    """A short text in the biggest letters there is room for."""

    label: str
    text: str
    style: str = palette.PLACE
    alarm: bool = False
    """On a panel of its own: white letters on red are grey ones on a console."""

    def draw(self, width: int, height: int) -> list[Line]:
        """Big letters, or plain ones where big ones do not fit."""
        room, quiet = inner(width), palette.STRONG if self.alarm else palette.QUIET
        lines = self._letters(room, height)
        if lines is not None:
            rest = room - len(lines[0]) - 2
            if width < ROOMY and cell_len(self.label) <= rest:
                lines[0] = lines[0].copy().append("  " + self.label, quiet)
            return labelled(self.label, lines, width, quiet)
        if width >= ROOMY:
            return labelled(self.label, plain(self.text, room, height), width, quiet)
        lines = plain(f"{self.label} {self.text}".strip(), room, height)
        if lines:
            lines[0].stylize(quiet, 0, len(self.label))
        return lines

    def _letters(self, width: int, height: int) -> list[Line] | None:
        room = width - 2 if self.alarm else width
        lines = big(self.text, room, height, self.style)
        return panel(lines) if lines is not None and self.alarm else lines


def panel(lines: list[Line]) -> list[Line]:
    """The lines on black, with a margin."""
    width = max(map(len, lines))
    done = [line(" ").append_text(part).append(" " * (width - len(part) + 1)) for part in lines]
    for part in done:
        part.stylize_before(palette.PANEL)
    return done


def plain(text: str, width: int, height: int) -> list[Line]:
    """Bold text over as many lines as it needs and gets."""
    return [line(part, palette.STRONG) for part in wrap(text, width, height)]


@dataclass(frozen=True)
class Item:
    """A quantity of something: the number big, the name beside it."""

    label: str
    name: str
    quantity: int
    done: int
    details: tuple[str, ...]
    lot: str = ""
    times: str = "×"
    """The sign between number and name, as this terminal draws it."""

    @property
    def count(self) -> str:
        """`4`, or `1/4` once some are counted; empty where the question is not how many."""
        if not self.quantity:
            return ""
        return f"{self.done}/{self.quantity}" if self.done else str(self.quantity)

    def draw(self, width: int, height: int) -> list[Line]:
        """One line, a few lines, or a big number with the name beside it."""
        room = inner(width)
        number = big(f"{self.count}×", room // 3, height, palette.QUANTITY) if self.count else None
        if number is None:
            text = f"{self.count} {self.times} {self.name}" if self.count else self.name
            if height == 1 and self.lot:
                # Whoever takes the wrong lot has taken the wrong product.
                text = f"{fit(text, room - cell_len(self.lot) - 1)} {self.lot}"
            names = wrap(text, room, max(1, height - len(self.details)))
            lines = [line(part, palette.STRONG) for part in names]
            lines += [line(fit(part, room)) for part in self.details]
            return labelled(self.label, lines[:height], width)
        used = len(number[0]) + 3
        beside = self._beside(room - used, height)
        lines = []
        for row in range(max(len(number), len(beside))):
            whole = number[row].copy() if row < len(number) else line(" " * (used - 3))
            if row < len(beside):
                whole.append("   ").append_text(beside[row])
            lines.append(whole)
        return labelled(self.label, lines, width)

    def _beside(self, width: int, height: int) -> list[Line]:
        """The name, big where it fits so, and what else there is to know."""
        details = [line(fit(part, width)) for part in self.details]
        if height >= 2 * HEIGHT:
            name = letters(self.name, width, height - len(details) - 1, palette.PLACE)
            if name is not None:
                return [*name, line(), *details]
        air = [line()] if height > len(details) + 2 else []
        return (plain(self.name, width, max(1, height - len(details) - len(air))) + air + details)[
            :height
        ]


@dataclass(frozen=True)
class Facts:
    """Labels and values, one below the other."""

    facts: tuple[tuple[str, str], ...]

    def draw(self, width: int, height: int) -> list[Line]:
        """Each fact on a line; long ones get a second line while there are lines left."""
        longest = max((cell_len(label) for label, _ in self.facts), default=0)
        widest = max((cell_len(value) for _, value in self.facts), default=0)
        column = min(longest, 24, max(width // 3, width - widest - 2))
        lines: list[Line] = []
        for number, (label, value) in enumerate(self.facts):
            # Where not all facts get a line anyway, the first ones are worth two.
            others = len(self.facts) - number - 1 if height >= len(self.facts) else 0
            spare = height - len(lines) - others
            parts = wrap(value, width - column - 2, min(2, max(1, spare))) or [""]
            for row, part in enumerate(parts):
                head = (
                    set_cell_size(fit(label, column), column + 2)
                    if row == 0
                    else " " * (column + 2)
                )
                lines.append(line(head, palette.QUIET).append(part, palette.STRONG))
        return lines[:height]


@dataclass(frozen=True)
class Progress:
    """How much of the work at hand is done."""

    done: int
    all: int

    def draw(self, width: int, height: int) -> list[Line]:
        """A bar with its numbers."""
        text = f"  {self.done} / {self.all}"
        room = max(0, inner(width) - len(text))
        filled = room * self.done // self.all if self.all else 0
        bar = line(" " * filled, palette.BAR_DONE)
        bar.append(" " * (room - filled), palette.BAR_LEFT).append(text, palette.STRONG)
        return labelled("", [bar], width)


@dataclass(frozen=True)
class Words:
    """Running text."""

    text: str
    label: str = ""
    style: str = palette.STRONG

    def draw(self, width: int, height: int) -> list[Line]:
        """As many lines as it needs and gets."""
        room = inner(width) if self.label else width
        text = self.text
        if self.label and width < ROOMY:
            text = f"{self.label} {text}"
        lines = [line(part, self.style) for part in wrap(text, room, height)]
        return labelled(self.label, lines, width) if self.label else lines


@dataclass(frozen=True)
class Stripe:
    """A row of crosses that nobody takes for anything but an alarm."""

    odd: bool = False

    def draw(self, width: int, height: int) -> list[Line]:
        """Black on red, red on black, and so on."""
        whole = line()
        for number in range(-(-width // 5)):
            whole.append(" XXX ", palette.STRIPE if (number % 2 == 0) != self.odd else "")
        return [whole[:width]]
