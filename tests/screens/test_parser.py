"""What a terminal sends, taken apart: in whatever pieces it comes, nothing is lost or changed."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from screens.parser import ESCAPE_S, PASTE_S, KeyParser

GS = "\x1d"
PIECES = st.text(
    st.sampled_from("\x1b[]O0129;:~uAZM?$yt<" + GS + "\x02\x03\r\x7f") | st.characters(),
    max_size=60,
)


class Line:
    """A parser and the time that it goes by."""

    def __init__(self) -> None:
        self.now = 0.0
        self._parser = KeyParser(lambda: self.now)

    def send(self, *pieces: str, gap: float = 0.0) -> list[tuple[str, str | None]]:
        """Names and texts of what comes out, and of what is left after some time."""
        found = []
        for piece in pieces:
            found += list(self._parser.feed(piece))
            self.now += gap
            found += list(self._parser.tick())
        self.now += PASTE_S
        found += list(self._parser.tick())
        return [
            (event.key, event.character) if isinstance(event, events.Key) else ("paste", event.text)
            for event in found
            if isinstance(event, events.Key | events.Paste)
        ]


def texts(*pieces: str, gap: float = 0.0) -> str:
    return "".join(text or "" for _, text in Line().send(*pieces, gap=gap))


@given(PIECES, st.lists(st.integers(0, 60)), st.floats(0, 0.3))
def test_any_text_in_any_pieces_is_read_without_harm(
    text: str, cuts: list[int], gap: float
) -> None:
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    Line().send(*(text[a:b] for a, b in itertools.pairwise(places)), gap=gap)


@given(st.text(st.characters(exclude_characters="\x1b")), st.integers(0, 60))
def test_characters_come_out_as_they_went_in(text: str, cut: int) -> None:
    assert texts(text[:cut], text[cut:]) == text


@given(st.text(st.sampled_from("\x1b[];:0AB~uOP" + GS), max_size=20))
def test_codes_with_escapes_inside_keep_every_character(text: str) -> None:
    if all(mark not in text for mark in ("u", "\x1bOP", "0\x1b")):
        assert texts(f"X{text}\r") == f"X{text}\r"


@pytest.mark.parametrize(
    ("sequence", "name"),
    [
        ("\x1bOP", "f1"),
        ("\x1b[[A", "f1"),
        ("\x1b[11~", "f1"),
        ("\x1b[1P", "f1"),
        ("\x1b[[E", "f5"),
        ("\x1b[24~", "f12"),
        ("\x1b[24;1~", "f12"),
        ("\x1b[24;1:1~", "f12"),
        ("\x1b[24;129~", "f12"),
        ("\x1b[A", "up"),
        ("\x1bOA", "up"),
        ("\x1b[6~", "pagedown"),
        ("\x1b[H", "home"),
        ("\x1b[1;2P", "held+f1"),
        ("\x1b[Z", "unknown"),
        ("\x1b[99~", "unknown"),
        ("\x1b[57376u", "f13"),
        ("\x1b[99;3u", "held+unknown"),
        ("\x1b[49;2u", "held+unknown"),
    ],
)
def test_keys_that_stand_for_no_character_keep_what_was_sent(sequence: str, name: str) -> None:
    assert Line().send(sequence) == [(name, sequence)]
    pieces = list(sequence)
    assert Line().send(*pieces, gap=ESCAPE_S / 2) == [(name, sequence)]


@pytest.mark.parametrize(
    ("sequence", "text"),
    [
        ("\x1b[97u", "a"),
        ("\x1b[97;1:2u", "a"),
        ("\x1b[97;2u", "A"),
        ("\x1b[97;2;65u", "A"),
        ("\x1b[93u", "]"),
        ("\x1b[32;129u", " "),
        ("\x1b[93;5u", GS),
        ("\x1b[113;5u", "\x11"),
        ("\x1b[13u", "\r"),
        ("\x1b[27u", "\x1b"),
        ("\x1b[97;1:3u", ""),
        ("\x1b[24;1:3~", ""),
        ("\x1b[57441u", ""),
        ("\x1b0\x1b2\x1b9", GS),
        ("\x1b0\x1b0\x1b3\x1b0", "\x1e"),
        ("\x1b0\x1b0\x1b4", "\x04"),
        ("\x1b0\x1b6\x1b5", "\x1b0\x1b6\x1b5"),
        ("\x1bOp", "0"),
        ("\x1bOM", "\r"),
        ("\x1bOX", "="),
    ],
)
def test_characters_in_other_clothes(sequence: str, text: str) -> None:
    assert texts(f"A{sequence}B") == f"A{text}B"
    assert texts("A", *sequence, "B", gap=ESCAPE_S / 2) == f"A{text}B"


def test_a_lone_escape_is_a_key_after_a_while() -> None:
    line = Line()
    assert list(line._parser.feed("\x1b")) == []
    line.now += ESCAPE_S
    (event,) = line._parser.tick()
    assert isinstance(event, events.Key)
    assert (event.key, event.character) == ("escape", "\x1b")


@pytest.mark.parametrize(
    "text", ["AB", "A\x1bB\x1b[3C\r", f"A{GS}\n\nB\t", "", "\x1b", "\x1b[200~A"]
)
@pytest.mark.parametrize("cut", [1, 5, 7, 9])
def test_a_paste_is_one_piece_whatever_is_in_it(text: str, cut: int) -> None:
    sent = f"\x1b[200~{text}\x1b[201~"
    assert Line().send(sent[:cut], sent[cut:], gap=ESCAPE_S / 2) == [("paste", text)]


def test_a_paste_that_never_ends_holds_nothing_up() -> None:
    assert texts("\x1b[200~AB\r") == "\x1b[200~AB\r"


def test_what_a_terminal_reports_goes_to_textual_and_is_seen_inside_a_code() -> None:
    found = list(KeyParser().feed("A\x1b[?2026;2$y\x1b[IB"))
    assert [type(event).__name__ for event in found] == [
        "Key",
        "TerminalSupportsSynchronizedOutput",
        "Key",
        "AppFocus",
        "Key",
        "Key",
    ]
