from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanners.layouts import CALIBRATION, LAYOUTS, Diagnosis, Layout, diagnose, restore
from wms_terminal.domain.outcome import Outcome

GS = "\x1d"
ACCENTS = {"`": "\u0300", "´": "\u0301", "^": "\u0302", "~": "\u0303", "¨": "\u0308"}
ASCII = "".join(map(chr, range(32, 127)))
ANY = st.sampled_from(sorted(LAYOUTS.values(), key=lambda layout: layout.name))


def garbled(text: str, layout: Layout) -> str:
    return "".join(layout.of(char) for char in text)


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_each_key_gives_one_character_and_no_two_the_same(layout: Layout) -> None:
    assert len(layout.keys) == 94
    assert len(set(layout.keys)) == 94
    assert set(layout.dead) <= set(layout.keys)


@given(ANY, st.data())
def test_what_is_not_lost_is_restored(layout: Layout, data: st.DataObject) -> None:
    kept = [*sorted(set(ASCII) - layout.lost), "\x1e", "\x04"]
    meant = data.draw(st.text(st.sampled_from(kept)))
    assert restore(garbled(meant, layout), layout.name) == meant


@given(ANY, st.text())
def test_whatever_comes_a_restored_text_gives_the_same_again(layout: Layout, text: str) -> None:
    meant = restore(text, layout.name)
    if meant is not None:
        typed = garbled(meant, layout)
        for accent, mark in ACCENTS.items():
            if accent in layout.dead:
                for char in ASCII:
                    typed = typed.replace(accent + char, normalize("NFC", char + mark))
        assert normalize("NFC", typed) == normalize("NFC", text)


def test_a_dead_key_that_joined_a_letter_is_taken_apart() -> None:
    assert restore("5áb", "de") == "5=ab"
    assert restore("Ć0", "pt") == "]C0"


@pytest.mark.parametrize(
    ("text", "layout"),
    [("A´B", "de"), ("AøB", "de"), ("A$B", "fr"), ("10A+21B", "de"), ("+10A", "de")],
    ids=["dead", "foreign", "bracket-or-gs", "bracket-or-gs-de", "gs-in-front"],
)
def test_what_may_be_two_things_is_not_guessed(text: str, layout: str) -> None:
    assert restore(text, layout) is None


def test_an_identifier_in_front_is_restored() -> None:
    assert restore("+C1A", "de") == "]C1A"
    assert restore("$C&Q", "fr") == "]C1A"


def test_the_calibration_code_fits_a_label() -> None:
    assert len(CALIBRATION) <= 36
    assert len(set(CALIBRATION)) >= 35
    assert CALIBRATION.isascii()


def test_the_calibration_code_as_printed_is_right() -> None:
    for sent in (CALIBRATION, "]C0" + CALIBRATION):
        found = diagnose(sent)
        assert found == Diagnosis("us", "", caps=False)
        assert found.right
        assert found.message.outcome is Outcome.OK


@pytest.mark.parametrize("caps", [False, True])
@pytest.mark.parametrize("dead", ["kept", "dropped", "swallows"])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
@pytest.mark.parametrize("gs", ["GS", "", "]"])
def test_every_layout_is_known_by_the_calibration_code(
    layout: Layout, dead: str, caps: bool, gs: str
) -> None:
    sent = garbled(CALIBRATION.replace(GS, GS if gs == "GS" else gs), layout)
    for accent in layout.dead:
        place = sent.find(accent)
        if place >= 0 and dead != "kept":
            after = sent[place + 1 : place + 2]
            sent = sent[:place] + (after if dead == "dropped" else "") + sent[place + 2 :]
    if caps:
        sent = "".join(char.swapcase() if len(char.swapcase()) == 1 else char for char in sent)
    found = diagnose("]C0" + sent)
    assert found is not None
    assert (found.layout, found.caps) == (layout.name, caps)
    assert found.option == ("" if layout.name == "us" else f"layout={layout.name}")
    assert found.right == (layout.name == "us" and not caps and gs == "GS")
    assert (GS in found.lost) == (GS not in sent)
    assert set(CALIBRATION) & layout.lost - {GS} == set(found.lost) - {GS}


def test_a_layout_that_nobody_knows_is_told_by_what_is_missing() -> None:
    found = diagnose(CALIBRATION.replace("Z", "Ž").replace("-", "~"))
    assert found == Diagnosis("", "Z-", caps=False)
    assert "Z -" in str(found.message.text)
    assert found.message.outcome.is_refusal


def test_the_advice_names_the_option() -> None:
    found = diagnose(garbled(CALIBRATION, LAYOUTS["fr"]))
    assert found is not None
    assert "French" in str(found.message.text)
    assert "wedge:?layout=fr" in str(found.message.advice)


@pytest.mark.parametrize("code", ["", "WHL01", "KBDXT", "KBDXT-01", "A-KBDXT-01", CALIBRATION[2:]])
def test_other_codes_are_other_codes(code: str) -> None:
    assert diagnose(code) is None


@given(st.text())
def test_any_text_is_looked_at_without_harm(text: str) -> None:
    diagnose(text)
    for layout in LAYOUTS:
        restore(text, layout)
