from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.documents import glyphs
from devices.documents.text import LONGEST, clean, is_latin
from tests.devices.naughty import NAUGHTY


@given(st.text(st.characters(), max_size=400))
def test_clean_text_is_printable_and_bounded(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= LONGEST
    assert cleaned == cleaned.strip()
    assert not {unicodedata.category(c) for c in cleaned} & {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"}
    cleaned.encode("utf-8")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("tab\tline\r\nfeed", "tab line feed"),
        ("\u202etxt.exe\u202c", "txt.exe"),
        ("O\u2019Brien \u2013 \u201cx\u201d\u2026", 'O\'Brien - "x"...'),
        ("Zoe\u0308", "Zoë"),
        ("\x1b[2J", "[2J"),
        ("\ud800x", "x"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize("text", NAUGHTY)
def test_a_prepared_text_can_be_drawn(text: str) -> None:
    line = glyphs.prepare(clean(text))
    if line.font is None:
        assert is_latin(line.text)
    else:
        assert all(glyphs.draws(line.font, char) for char in line.text)


@pytest.mark.parametrize("text", NAUGHTY)
@pytest.mark.usefixtures("no_fonts")
def test_without_fonts_every_text_becomes_latin_and_none_is_lost(text: str) -> None:
    cleaned = clean(text)
    line = glyphs.prepare(cleaned)
    assert line.font is None
    assert is_latin(line.text)
    if any(unicodedata.category(char)[0] in "LNSP" for char in cleaned):
        assert line.text


def test_a_text_too_wide_is_squeezed_then_cut() -> None:
    line = glyphs.prepare("Привет " * 20)
    assert line.font is not None
    assert glyphs.raster(line, 30, 200).width <= 200
