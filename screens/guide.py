"""Help: what this moment asks for, what the keys do, what the outcomes look like."""

from __future__ import annotations

from screens.blocks import Facts, Page, Words
from screens.parts import page
from screens.speech import Say
from screens.tables import Choices
from wms_terminal.domain.outcome import GLYPHS, WORDS, Outcome
from wms_terminal.domain.text import T, Text
from wms_terminal.services.step import Step

MEANINGS: dict[Outcome, Text] = {
    Outcome.OK: T("counted, go on"),
    Outcome.LINE_DONE: T("that was the last of this line"),
    Outcome.ORDER_DONE: T("that was the last of this order"),
    Outcome.CONFIRM: T("a question: scan the same code again for yes"),
    Outcome.WRONG: T("not what is needed: nothing was changed"),
    Outcome.OVER: T("more than wanted: nothing was changed"),
    Outcome.UNKNOWN: T("nobody knows this code: nothing was changed"),
    Outcome.DEVICE: T("printer, scale, scanner or store need a hand"),
}


def draw(step: Step, say: Say) -> Page:
    """Any key or scan leads back; a scan works as if help were not there."""
    now = [(say(T("Now")), say(step.prompt))]
    if step.keyed:
        now.append((say(T("Or key in")), say(step.keyed)))
    facts = Facts(tuple(now))
    keys = Choices(tuple((f"F{item.number}", say(item.label)) for item in step.keys))
    rows = -(-len(step.keys) // 2)
    legend = Facts(
        tuple((f"{say(GLYPHS[item])} {say(WORDS[item])}", say(MEANINGS[item])) for item in Outcome)
    )
    leave = Words(
        say(T("An administrator closes the terminal with Ctrl+C, three times.")), style=""
    )
    return page(
        (facts, keys, legend, leave),
        (
            (facts, len(now)),
            (keys, rows),
            (legend, len(MEANINGS)),
            (leave, 1),
            (leave, 2),
            (facts, 2 * len(now)),
            (keys, 2 * rows - 1),
        ),
    )
