"""Translations: one gettext catalogue per language, English where there is none."""

from __future__ import annotations

import re
from functools import cache
from gettext import translation
from pathlib import Path

from wms_terminal.domain.text import Translate

DOMAIN = "wms"
LOCALE = Path(__file__).parent / "locale"

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z]{2,4})?")


@cache
def translator(language: str) -> Translate:
    """The catalogue of a language such as `nl` or `nl-BE`; English when there is none."""
    wanted = [language.replace("-", "_")] if _LANGUAGE.fullmatch(language) else []
    return translation(DOMAIN, LOCALE, languages=wanted or ["en"], fallback=True).gettext
