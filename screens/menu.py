"""Menu: the kinds of work to choose from, how much of each waits, and notices."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from screens.bigtext import HEIGHT
from screens.blocks import Page
from screens.parts import Parts, page
from screens.speech import Say
from screens.tables import Choices, Tiles
from wms_terminal.services.step import Step

NOTICE = 4
"""Lines that the oldest notice may take: it is read before it is ticked off."""
FITS = 64
"""Cells of it that have room beside its time on a screen of 80."""


def draw(step: Step, say: Say, offset: int) -> Page:
    """Large cells to choose from, counters, and what the responsible person has to know."""
    parts = Parts(step, say, offset)
    table = None if parts.table is None else replace(parts.table, tall=NOTICE)
    more = NOTICE - 1 if table and _is_long(table.rows[0][-1]) else 0
    table_rows = parts.table_rows + more
    choices = Choices(tuple((f"F{item.number}", say(item.label)) for item in step.keys))
    tiles = Tiles(parts.facts.facts if parts.facts else ())
    choice_rows, count = -(-len(step.keys) // 2), len(tiles.facts)
    return page(
        (choices, tiles, table),
        (
            (choices, choice_rows),
            (table, min(2, table_rows)),
            (tiles, -(-count // 4)),
            (tiles, -(-count // 2)),
            *((table, rows) for rows in range(3, min(5 + more, table_rows) + 1)),
        ),
        (
            (choices, 2 * choice_rows - 1),
            (tiles, -(-count // 4) * (HEIGHT + 2)),
            *((table, rows) for rows in range(5, table_rows + 1)),
            (choices, choice_rows * (HEIGHT + 1) - 1),
            (tiles, -(-count // 2) * (HEIGHT + 2)),
        ),
    )


def _is_long(notice: str) -> bool:
    return cell_len(notice) > FITS
