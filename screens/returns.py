"""Returns desk: what came against what was advised; the unit in the hand biggest."""

from __future__ import annotations

from screens.bigtext import HEIGHT
from screens.blocks import Page
from screens.parts import Parts, page
from screens.speech import Say
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """What waits, one return's lines, one tote that is emptied, or the unit in the hand."""
    parts = Parts(step, say, offset)
    place, goods, facts, table = parts.place, parts.goods, parts.facts, parts.table
    if goods is not None:
        return page(
            (goods, table),
            (
                (goods, 1),
                (goods, 3),
                (table, min(3, parts.table_rows)),
                (goods, HEIGHT),
                *((table, rows) for rows in range(4, parts.table_rows + 1)),
            ),
        )
    return page(
        (place, facts, parts.progress, table),
        (
            (table, min(3, parts.table_rows)),
            (place, 1),
            (facts, parts.fact_rows),
            (parts.progress, 1),
            *((table, rows) for rows in range(4, min(6, parts.table_rows) + 1)),
            (place, HEIGHT),
            (facts, parts.long_facts),
            *((table, rows) for rows in range(7, parts.table_rows + 1)),
        ),
    )
