"""Texts in the operator's language, made harmless for a terminal and drawable on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from screens.charset import Charset, spell
from screens.clean import clean
from wms_terminal.domain.text import Text
from wms_terminal.texts import translator

Say = Callable[[Text | str], str]
"""A text or a name, in words that may be drawn."""


@cache
def speaker(language: str, known: Charset = Charset.UNICODE) -> Say:
    """How texts are said in a language; a translation with a wrong field falls back to English."""
    translate = translator(language)

    def say(text: Text | str) -> str:
        if isinstance(text, str):
            return spell(clean(text), known)
        try:
            return spell(clean(text.render(translate)), known)
        except (KeyError, IndexError, ValueError):
            return spell(clean(str(text)), known)

    return say
