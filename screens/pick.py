"""Pick: the place biggest, then how many of what, then into which tote."""

from __future__ import annotations

from screens.bigtext import HEIGHT
from screens.blocks import Page
from screens.parts import TALL, Parts, page
from screens.speech import Say
from screens.tables import Tiles
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """The walk, a list of reasons, or what keeps orders from being picked."""
    parts = Parts(step, say, offset)
    place, goods, into, progress = parts.place, parts.goods, parts.into, parts.progress
    facts, table = parts.facts, parts.table
    if table is not None:
        return page(
            (goods, table),
            (
                *((table, rows) for rows in range(1, min(3, parts.table_rows) + 1)),
                (goods, 1),
                *((table, rows) for rows in range(4, parts.table_rows + 1)),
                (goods, 3),
            ),
        )
    if place is None:
        idle = Tiles(facts.facts if facts is not None else ())
        return page((idle,), ((idle, 1), (idle, 2), (idle, HEIGHT + 2)))
    return page(
        (place, goods, into, progress),
        (
            (goods, 1),
            (place, 1),
            (place, HEIGHT),
            (into, 1),
            (goods, 2),
            (progress, 1),
            (goods, 3),
            (goods, HEIGHT),
        ),
        (
            (place, TALL),
            (goods, TALL),
            (goods, TALL + 4),
            (into, HEIGHT),
        ),
    )
