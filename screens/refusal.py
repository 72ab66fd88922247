"""A refusal takes the whole middle: what was expected, what came, what to do."""

from __future__ import annotations

from screens import palette
from screens.bigtext import HEIGHT
from screens.blocks import Big, Page, Stripe, Words
from screens.parts import page
from screens.speech import Say
from wms_terminal.domain.outcome import WORDS, Message
from wms_terminal.domain.text import T

SHORT = 12
"""Characters of a code."""


def draw(message: Message, say: Say) -> Page:
    """Striped above and below; the word big as soon as there is room."""
    above, below = Stripe(), Stripe(odd=True)
    word = Big("", say(WORDS[message.outcome]), palette.ALARM, alarm=True)
    text = Words(say(message.text))
    expected = _value(say(T("EXPECTED")), say(message.expected))
    got = _value(say(T("GOT")), say(message.got))
    advice = Words(say(message.advice)) if message.advice else None
    # A location or a tote is read best in big letters; a product's name does not fit in them.
    codes = [value for value in (expected, got) if value and len(value.text) <= SHORT]
    return page(
        (above, word, text, expected, got, advice, below),
        (
            (text, 1),
            (expected, 1),
            (got, 1),
            (advice, 1),
            (above, 1),
            (below, 1),
            (expected, 2),
            (got, 2),
            (text, 2),
            (advice, 2),
            *((value, HEIGHT) for value in codes),
            (word, HEIGHT),
        ),
    )


def _value(label: str, text: str) -> Big | None:
    return Big(label, text, palette.ALARM, alarm=True) if text else None
