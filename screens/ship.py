"""Ship desk: how many are loaded biggest, then what is still here."""

from __future__ import annotations

from screens.bigtext import HEIGHT
from screens.blocks import Page
from screens.parts import TALL, Parts, page
from screens.speech import Say
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """What waits at the desk, one parcel's label, or one carrier's manifest."""
    parts = Parts(step, say, offset)
    place, progress, facts, table = parts.place, parts.progress, parts.facts, parts.table
    return page(
        (place, facts, progress, table),
        (
            (place, 1),
            (facts, parts.fact_rows),
            (table, min(2, parts.table_rows)),
            (place, HEIGHT),
            (progress, 1),
            (facts, parts.long_facts),
            *((table, rows) for rows in range(3, min(6, parts.table_rows) + 1)),
        ),
        (
            *((table, rows) for rows in range(7, parts.table_rows + 1)),
            (place, TALL),
        ),
    )
