"""Catalogues are found by language, and English is what is left when there is none."""

from __future__ import annotations

import pytest

from screens.speech import speaker
from wms_terminal.domain.text import T
from wms_terminal.texts import translator


def test_dutch_is_spoken() -> None:
    assert translator("nl")("SCAN THE LOCATION") == "SCAN DE LOCATIE"
    assert translator("nl-BE")("SCAN THE LOCATION") == "SCAN DE LOCATIE"
    assert speaker("nl")(T("GO TO")) == "GA NAAR"


@pytest.mark.parametrize("language", ["", "en", "xx", "../../etc", "nl/../nl", "\x00", "nl_NL_x_y"])
def test_anything_else_is_english(language: str) -> None:
    assert translator(language)("SCAN THE LOCATION") == "SCAN THE LOCATION"


def test_a_catalogue_is_read_once() -> None:
    assert translator("nl") is translator("nl")


def test_names_are_not_translated_and_made_harmless() -> None:
    assert speaker("nl")("GO TO") == "GO TO"
    assert speaker("nl")("a\x1b[31mb") == "a·[31mb"
