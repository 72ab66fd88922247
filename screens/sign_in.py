"""Sign in: whose station this is, and that it is free or kept for somebody."""

from __future__ import annotations

from screens.bigtext import HEIGHT
from screens.blocks import Page, Words
from screens.parts import TALL, Parts, page
from screens.speech import Say
from wms_terminal.services.step import Step


def draw(step: Step, say: Say, offset: int) -> Page:
    """The station's name biggest."""
    parts = Parts(step, say, offset)
    title = Words(say(step.view.title))
    return page(
        (parts.place, title),
        ((parts.place, 1), (title, 1), (parts.place, HEIGHT), (title, 2)),
        ((parts.place, TALL), (parts.place, TALL + HEIGHT)),
    )
