"""Texts and messages: values are data, and all of it survives being kept."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.outcome import GLYPHS, WORDS, Message, Outcome, refuse
from wms_terminal.domain.text import NO_TEXT, T, Text

texts = st.recursive(
    st.builds(lambda value: T("{value}!", value=value), st.text() | st.integers()),
    lambda inner: st.builds(lambda a, b: T("{a} and {b}", a=a, b=b), inner, inner),
    max_leaves=5,
)
messages = st.builds(
    Message, st.sampled_from(Outcome), st.text(), texts, texts | st.text(), texts | st.text(), texts
)


@given(texts)
def test_a_text_survives_being_kept(text: Text) -> None:
    kept = Text.from_json(json.loads(json.dumps(text.to_json())))
    assert kept == text
    assert str(kept) == str(text)


@given(messages)
def test_a_message_survives_being_kept(message: Message) -> None:
    assert Message.from_json(json.loads(json.dumps(message.to_json()))) == message


@pytest.mark.parametrize("value", NAUGHTY)
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert str(T("<{value}>", value=value)) == f"<{value}>"
    assert str(T("<{what}>", what=T("{value}", value=value))) == f"<{value}>"


def test_a_text_is_said_in_the_reader_s_language() -> None:
    dutch = {"{count} parcels for {who}": "{who}: {count} pakketten", "nobody": "niemand"}
    text = T("{count} parcels for {who}", count=3, who=T("nobody"))
    assert str(text) == "3 parcels for nobody"
    assert text.render(dutch.__getitem__) == "niemand: 3 pakketten"


def test_no_text_is_nothing_in_every_language() -> None:
    assert not NO_TEXT
    assert not NO_TEXT.render(lambda template: "translated: " + template)
    assert T("x")


def test_every_outcome_has_a_word_and_a_glyph_of_its_own() -> None:
    assert len({str(WORDS[outcome]) for outcome in Outcome}) == len(Outcome)
    assert len({GLYPHS[outcome] for outcome in Outcome}) == len(Outcome)
    assert {outcome for outcome in Outcome if outcome.is_refusal} == {
        Outcome.WRONG,
        Outcome.OVER,
        Outcome.UNKNOWN,
    }


def test_a_refusal_reads_as_its_text() -> None:
    refused = refuse("wrong_tote", T("Wrong {what}", what="tote"), expected="T-1", got="T-2")
    assert str(refused) == "Wrong tote"
    assert (refused.message.expected, refused.message.got) == ("T-1", "T-2")
