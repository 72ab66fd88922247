"""Look up: what is known of one thing, and its story in a table."""

from __future__ import annotations

from screens.blocks import Page, Words
from screens.parts import Parts, page
from screens.speech import Say
from wms_terminal.domain.text import T
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """Title, facts and table; before anything was asked for, what can be asked."""
    parts = Parts(step, say, offset)
    facts, table = parts.facts, parts.table
    if facts is None and table is None:
        asked = T("Scan anything that has a barcode, or press F2 and key in a name or a number.")
        hint = Words(say(asked))
        return page((hint,), ((hint, 1), (hint, 2), (hint, 4)))
    title = Words(say(step.view.title))
    return page(
        (title, facts, table),
        (
            (facts, 1),
            (title, 1),
            (facts, 2),
            (table, min(3, parts.table_rows)),
            (facts, parts.fact_rows),
            (facts, parts.long_facts),
            *((table, rows) for rows in range(4, parts.table_rows + 1)),
        ),
    )
