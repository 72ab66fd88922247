"""Blocks that people choose from: counters, keys and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text as Line

from screens import palette
from screens.bigtext import HEIGHT, big
from screens.blocks import READABLE, ROOMY, line
from screens.clean import fit, wrap

FEW = 3
"""Lines too few to spend any on the heads of a table."""


@dataclass(frozen=True)
class Tiles:
    """Counters side by side: the number above its name."""

    facts: tuple[tuple[str, str], ...]

    def draw(self, width: int, height: int) -> list[Line]:
        """Big numbers where there is room, a grid of small ones otherwise."""
        across = 4 if width >= ROOMY else 2
        cell = width // across
        groups = [self.facts[at : at + across] for at in range(0, len(self.facts), across)]
        tall = len(groups) * (HEIGHT + 2) <= height + 1
        lines: list[Line] = []
        for group in groups:
            if not tall:
                lines.append(_row([f"{value} {label}" for label, value in group], cell, "bold"))
                continue
            numbers = [big(value, cell - 2, HEIGHT, palette.QUANTITY) or [] for _, value in group]
            for row in range(HEIGHT):
                whole = line()
                for number in numbers:
                    part = number[row] if number else line()
                    whole.append_text(part).append(" " * (cell - len(part)))
                lines.append(whole)
            lines += [_row([label for label, _ in group], cell, palette.QUIET), line()]
        return lines[:height]


def _row(texts: Sequence[str], cell: int, style: str) -> Line:
    parts = [set_cell_size(fit(text, cell - 1), cell) for text in texts]
    return line("".join(parts), style)


@dataclass(frozen=True)
class Choices:
    """Function keys with their names, as large cells to choose from."""

    keys: tuple[tuple[str, str], ...]

    def draw(self, width: int, height: int) -> list[Line]:
        """Two columns, with air between them where there is room."""
        across = 2 if width >= 36 or len(self.keys) > height else 1
        cell = width // across
        groups = [self.keys[at : at + across] for at in range(0, len(self.keys), across)]
        if cell < READABLE:
            return self._small(groups, cell)[:height]
        if height >= len(groups) * (HEIGHT + 1) - 1:
            return self._large(groups, cell)[:height]
        airy = 2 * len(groups) - 1 <= height
        lines: list[Line] = []
        for group in groups:
            if lines and airy:
                lines.append(line())
            whole = line()
            for name, label in group:
                text = fit(label, cell - 9)
                whole.append(f" {name:<3} ", palette.KEY).append("  " + text, palette.STRONG)
                whole.append(" " * (cell - 7 - cell_len(text)))
            lines.append(whole)
        return lines[:height]

    @staticmethod
    def _small(groups: Sequence[Sequence[tuple[str, str]]], cell: int) -> list[Line]:
        """As much of the names as a narrow screen holds."""
        lines: list[Line] = []
        for group in groups:
            whole = line()
            for name, label in group:
                whole.append(f"{name:<3}", palette.KEY)
                whole.append(set_cell_size(" " + fit(label, cell - 5), cell - 3), palette.STRONG)
            lines.append(whole)
        return lines

    @staticmethod
    def _large(groups: Sequence[Sequence[tuple[str, str]]], cell: int) -> list[Line]:
        """The names of the keys in big letters."""
        lines: list[Line] = []
        for group in groups:
            for row in range(HEIGHT):
                whole = line()
                for name, label in group:
                    whole.append(f" {name:<3} " if row == HEIGHT // 2 else " " * 5, palette.KEY)
                    letters = big(label, cell - 8, HEIGHT, palette.PLACE)
                    if letters is not None:
                        part = letters[row]
                    else:
                        part = line(fit(label, cell - 8) if row == HEIGHT // 2 else "", "bold")
                    whole.append("  ").append_text(part).append(" " * (cell - 7 - len(part)))
                lines.append(whole)
            lines.append(line())
        return lines


@dataclass(frozen=True)
class Rows:
    """A table, scrolled by the arrow keys; a chosen row is marked."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    offset: int = 0
    chosen: int | None = None
    tall: int = 1
    """Lines that the last cell of the first row may take, where it is too long for one."""

    def draw(self, width: int, height: int) -> list[Line]:
        """Heads, then as many rows as fit, then which rows they are if there are more.

        Where there is hardly room, only rows.
        """
        widths = self._widths(width)
        bare = height <= min(FEW, len(self.rows))
        fits = height if bare else max(1, height - 1)
        first_row = self._first_row(widths, fits)
        count = len(self.rows) + len(first_row) - 1
        scrolls = count > fits and not bare
        fits -= 1 if scrolls and fits > 1 else 0
        first = min(max(0, self.offset), max(0, count - fits))
        if self.chosen is not None:
            first = max(0, min(first, self.chosen), self.chosen - fits + 1)
        lines = [] if bare else [_cells(self.columns, widths, palette.QUIET)]
        shown = self.rows[first : first + fits]
        if first == 0 and len(first_row) > 1:
            lines += first_row[:fits]
            shown = shown[1 : 1 + max(0, fits - len(first_row))]
        for number, row in enumerate(shown, first):
            lines.append(_cells(row, widths, palette.CHOSEN if number == self.chosen else ""))
        if scrolls and height > 2:
            last = first + len(shown) + (first == 0 and len(first_row) > 1)
            text = f"{first + 1}-{last} / {len(self.rows)}  Up Down PgUp PgDn"
            lines.append(line(fit(text, width), palette.QUIET))
        return lines[:height]

    def _first_row(self, widths: Sequence[int], room: int) -> list[Line]:
        """The first row, over several lines where that is wanted and needed."""
        if not self.rows or len(widths) < len(self.columns):
            return [line()]
        *cells, long = self.rows[0]
        parts = wrap(long, widths[-1], min(self.tall, room))
        return [
            _cells((*(cells if number == 0 else [""] * len(cells)), part), widths, "")
            for number, part in enumerate(parts)
        ]

    def _widths(self, width: int) -> list[int]:
        """Cells per column; on a narrow screen the last columns give way to the first ones."""
        table = (self.columns, *self.rows)
        natural = [max(cell_len(row[at]) for row in table) for at in range(len(self.columns))]
        while True:
            widths = list(natural)
            while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 1:
                widths[widths.index(max(widths))] -= 1
            cut = [after for before, after in zip(natural, widths, strict=True) if after < before]
            if len(natural) <= 2 or not cut or min(cut) >= READABLE:
                return widths
            natural.pop()


def _cells(cells: Sequence[str], widths: Sequence[int], style: str) -> Line:
    parts = [
        set_cell_size(fit(cell, wide), wide) for cell, wide in zip(cells, widths, strict=False)
    ]
    return line("  ".join(parts), style)
