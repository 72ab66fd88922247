"""Pack: the product to verify biggest, then the carton that it goes into."""

from __future__ import annotations

from screens.bigtext import HEIGHT
from screens.blocks import Page
from screens.parts import TALL, Parts, page
from screens.speech import Say
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """A parcel, a carton to choose, a weight, a label, or the orders that wait."""
    parts = Parts(step, say, offset)
    place, goods, into, progress = parts.place, parts.goods, parts.into, parts.progress
    facts, table = parts.facts, parts.table
    if table is not None:
        return page(
            (place, facts, table),
            (
                (place, 1),
                (facts, parts.fact_rows),
                (table, min(4, parts.table_rows)),
                (place, HEIGHT),
                *((table, rows) for rows in range(5, parts.table_rows + 1)),
            ),
            ((place, TALL),),
        )
    return page(
        (goods, place, into, facts, progress),
        (
            (goods, 1),
            (place, 1),
            (facts, parts.fact_rows),
            (goods, 2),
            (into, 1),
            (facts, 2 * parts.fact_rows),
            (goods, HEIGHT) if goods is not None else (place, HEIGHT),
            (progress, 1),
        ),
        (
            (place, HEIGHT),
            (goods, TALL),
            (goods, TALL + 4),
            (place, TALL),
        ),
    )
