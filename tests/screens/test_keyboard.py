"""Keys taken apart without a terminal: times are arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.wedge import WedgeAssembler, WedgeOptions
from screens.keyboard import (
    Acknowledged,
    Act,
    Cancelled,
    Edited,
    Incomplete,
    Keyboard,
    Keyed,
    Leaving,
    Line,
    Maybe,
    Moved,
    Pressed,
    Scanned,
    character,
)

GS = "\x1d"
FAST, SLOW = 0.005, 0.25
CODES = st.text(
    st.sampled_from("0123456789ABCxyz-]/% " + GS + "\x1e\x04\x11"), min_size=4, max_size=30
).filter(str.strip)


def feed(keyboard: Keyboard, text: str, start: float, gap: float = FAST) -> list[Act]:
    acts: list[Act] = []
    for number, char in enumerate(text):
        acts += keyboard.key("?", char, start + number * gap)
    return acts


def plain() -> Keyboard:
    return Keyboard(WedgeAssembler())


def telling(acts: list[Act]) -> list[Act]:
    return [act for act in acts if not isinstance(act, Edited)]


@given(st.lists(CODES, max_size=8), st.sampled_from(["\r", "\n", "\r\n", "\t"]), st.booleans())
def test_codes_come_out_as_they_went_in(codes: list[str], suffix: str, asks: bool) -> None:
    keyboard = plain()
    keyboard.asks = asks
    acts = feed(keyboard, "".join(code + suffix for code in codes), 10.0)
    assert [act for act in acts if act != Maybe()] == [Scanned(code) for code in codes]
    assert keyboard.settle() == []


@given(CODES, st.sampled_from(["\r", "\n", "\r\n", "\t"]), st.text("0123456789", max_size=6))
def test_a_code_in_key_in_mode_is_whole_or_nothing(code: str, suffix: str, typed: str) -> None:
    keyboard = plain()
    keyboard.line = Line()
    feed(keyboard, typed, 10.0, SLOW)
    acts = telling(feed(keyboard, code + suffix, 20.0))
    assert acts == [Scanned(code)]


@given(st.text("0123456789", min_size=1, max_size=6), CODES, st.floats(0.031, 0.49))
def test_a_code_right_after_typing_is_never_glued_to_it(
    typed: str, code: str, pause: float
) -> None:
    keyboard = plain()
    keyboard.line = Line()
    feed(keyboard, typed, 10.0, SLOW)
    acts = telling(feed(keyboard, code + "\r", 10.0 + (len(typed) - 1) * SLOW + pause))
    assert acts == [Incomplete()]


@given(st.text("0123456789abc .-é", min_size=1, max_size=20).filter(str.strip))
def test_what_people_type_is_keyed(text: str) -> None:
    keyboard = plain()
    keyboard.line = Line()
    acts = feed(keyboard, text + "\r", 10.0, SLOW)
    assert acts[-1] == Keyed(text)
    assert all(isinstance(act, Edited) for act in acts[:-1])


def test_a_secret_stays_keyed_however_fast_it_comes() -> None:
    keyboard = plain()
    keyboard.line = Line(secret=True)
    assert telling(feed(keyboard, "739155\r", 10.0)) == [Keyed("739155")]
    feed(keyboard, "12", 20.0, SLOW)
    assert telling(feed(keyboard, "739155\r", 30.0)) == [Incomplete()]


def test_erasing() -> None:
    keyboard = plain()
    keyboard.line = Line()
    feed(keyboard, "12\x7f\x7f\x7f3", 10.0, SLOW)
    assert keyboard.line.text == "3"


def test_a_tab_does_not_end_what_a_person_types() -> None:
    keyboard = plain()
    keyboard.line = Line()
    assert telling(feed(keyboard, "12\t3\r", 10.0, SLOW)) == [Keyed("123")]


def test_a_pasted_line_is_keyed_in_and_pasted_lines_are_scans() -> None:
    keyboard = plain()
    keyboard.line = Line()
    assert keyboard.paste("536847") == [Edited()]
    assert telling(feed(keyboard, "\r", 10.0)) == [Keyed("536847")]
    assert keyboard.paste("A1\r\nA2") == [Scanned("A1"), Scanned("A2")]
    assert keyboard.paste("A1\n") == [Scanned("A1")]
    keyboard.line = Line(secret=True)
    assert keyboard.paste("7391\n") == [Edited()]
    keyboard.line = None
    assert keyboard.paste(f"A{GS}1") == [Scanned(f"A{GS}1")]
    assert keyboard.paste("\n") == []


def test_a_lone_enter_may_acknowledge_and_a_code_that_follows_says_it_does_not() -> None:
    keyboard = plain()
    keyboard.asks = True
    assert keyboard.key("enter", "\r", 10.0) == [Maybe()]
    assert keyboard.settle() == [Acknowledged()]
    assert keyboard.settle() == []
    assert keyboard.key("space", " ", 20.0) == [Maybe()]
    assert feed(keyboard, "ABC\r", 20.01) == [Scanned(" ABC")]
    assert keyboard.settle() == []
    assert keyboard.key("enter", "\r", 30.0) == [Maybe()]
    assert feed(keyboard, "ABC\r", 31.0) == [Acknowledged(), Scanned("ABC")]


def test_function_keys() -> None:
    keyboard = plain()
    assert keyboard.key("f4", None, 10.0) == [Pressed(4)]
    assert keyboard.key("f4", None, 10.05) == []
    assert keyboard.key("f4", None, 10.1) == []
    assert keyboard.key("f8", None, 10.1) == [Pressed(8)]
    assert keyboard.key("f4", None, 10.4) == [Pressed(4)]
    assert keyboard.key("down", None, 11.0) == [Moved(1)]
    assert keyboard.key("shift+f4", None, 12.0) == []
    assert keyboard.key("left_shift", None, 12.0) == []


def test_a_function_key_inside_a_code_spoils_it_and_a_shift_key_does_not() -> None:
    keyboard = plain()
    feed(keyboard, "AB", 10.0)
    assert keyboard.key("f10", None, 10.012) == []
    (act,) = feed(keyboard, "CD\r", 10.015)
    assert act == Scanned("AB\x1bCD")
    feed(keyboard, "AB", 20.0)
    assert keyboard.key("left_shift", None, 20.012) == []
    assert feed(keyboard, "CD\r", 20.015) == [Scanned("ABCD")]


def test_a_function_key_after_somebody_leaned_on_a_key_works() -> None:
    keyboard = plain()
    feed(keyboard, "x", 10.0)
    assert keyboard.key("f4", None, 20.0) == [Pressed(4)]
    assert feed(keyboard, "WHL01\r", 30.0) == [Scanned("WHL01")]


def test_escape() -> None:
    keyboard = plain()
    assert keyboard.key("escape", "\x1b", 10.0) == [Cancelled()]
    feed(keyboard, "x", 20.0)
    assert keyboard.key("escape", "\x1b", 21.0) == [Cancelled()]
    assert feed(keyboard, "WHL01\r", 30.0) == [Scanned("WHL01")]


def test_leaving_needs_three_presses_in_two_seconds() -> None:
    keyboard = plain()
    assert feed(keyboard, "\x03", 10.0) == [Leaving(1)]
    assert feed(keyboard, "\x03", 13.0) == [Leaving(1)]
    assert feed(keyboard, "\x03", 13.5) == [Leaving(2)]
    assert feed(keyboard, "\x03", 14.0) == [Leaving(3)]


def test_an_etx_suffix_never_leaves() -> None:
    keyboard = plain()
    acts = feed(keyboard, "WHL01\x03WHL02\x03\x03\x03WHL03\x03", 10.0)
    assert acts == [Scanned("WHL01"), Scanned("WHL02"), Scanned("WHL03")]


@pytest.mark.parametrize("prefix", ["stx", "aim"])
def test_with_a_sentinel_typing_and_scanning_never_meet(prefix: str) -> None:
    options = WedgeOptions("stx" if prefix == "stx" else "aim")
    keyboard = Keyboard(WedgeAssembler(options), sentinel=True)
    code = "\x02WHL01" if prefix == "stx" else "]C0WHL01"
    assert feed(keyboard, "junk\r", 10.0) == []
    keyboard.line = Line()
    feed(keyboard, "47", 20.0, SLOW)
    assert telling(feed(keyboard, code + "\r", 20.6)) == [Scanned(code.lstrip("\x02"))]
    assert keyboard.line.text == "47"
    assert telling(feed(keyboard, "1\r", 22.0, SLOW)) == [Keyed("471")]


@pytest.mark.parametrize(
    ("key", "char", "expected"),
    [
        ("a", "a", "a"),
        ("ctrl+right_square_bracket", None, GS),
        ("ctrl+circumflex_accent", None, "\x1e"),
        ("ctrl+backslash", None, "\x1c"),
        ("ctrl+d", None, "\x04"),
        ("ctrl+b", None, "\x02"),
        ("ctrl+j", None, "\n"),
        ("enter", None, "\r"),
        ("tab", None, "\t"),
        ("f1", None, ""),
        ("left_shift", None, ""),
        ("up", None, ""),
    ],
)
def test_characters_of_keys(key: str, char: str | None, expected: str) -> None:
    assert character(key, char) == expected
