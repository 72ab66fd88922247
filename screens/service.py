"""Customer service: a list to choose from, or an order with what went wrong, facts and story."""

from __future__ import annotations

from dataclasses import replace

from screens import palette
from screens.blocks import Page, Words
from screens.parts import Parts, page
from screens.speech import Say
from wms_terminal.domain.text import T
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """What is wrong comes first; in a list to choose from, the row that Enter takes is marked."""
    parts = Parts(step, say, offset)
    facts, table = parts.facts, parts.table
    if step.view.table is not None and step.view.table.choices and table is not None:
        table = replace(table, offset=0, chosen=min(offset, len(table.rows) - 1))
    place = parts.place
    alarm = Words(say(step.view.alarm), style=palette.WRONG) if step.view.alarm else None
    if step.state == "ask" and table is None:
        asked = T(
            "Press F2 and key in what the customer says: order number, name, e-mail, phone, "
            "postcode and house number, tracking or return number, or a product and a day. "
            "Or scan a label, a slip or a product."
        )
        hint = Words(say(asked))
        return page((alarm, hint), ((alarm, 1), (hint, 1), (hint, 2), (hint, 4)))
    title = Words(say(step.view.title))
    return page(
        (title, alarm, place, facts, table),
        (
            (alarm, 1),
            (place, 1),
            (facts, min(2, parts.fact_rows)),
            (table, min(4, parts.table_rows)),
            (facts, parts.fact_rows),
            (alarm, 2),
            (facts, parts.long_facts),
            (place, 3),
            *((table, rows) for rows in range(5, parts.table_rows + 1)),
            (title, 1),
        ),
    )
