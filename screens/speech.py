"""Texts in the operator's language, made harmless for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from screens.clean import clean
from wms_terminal.domain.text import Text
from wms_terminal.texts import translator

Say = Callable[[Text | str], str]
"""A text or a name, in words that may be drawn."""


@cache
def speaker(language: str) -> Say:
    """How texts are said in a language; a translation with a wrong field falls back to English."""
    translate = translator(language)

    def say(text: Text | str) -> str:
        if isinstance(text, str):
            return clean(text)
        try:
            return clean(text.render(translate))
        except (KeyError, IndexError, ValueError):
            return clean(str(text))

    return say
