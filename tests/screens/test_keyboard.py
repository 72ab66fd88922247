"""Keys taken apart without a terminal: times are arguments."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanners.layouts import LAYOUTS
from devices.scanners.wedge import GAPS_MS, Prefix, WedgeAssembler, WedgeOptions
from screens.acts import (
    Acknowledged,
    Act,
    Begun,
    Cancelled,
    Edited,
    Incomplete,
    Keyed,
    Leaving,
    Maybe,
    Moved,
    Pressed,
    Scanned,
)
from screens.keyboard import ALONE_S, STALL_S, Keyboard, Line, character

GS = "\x1d"
F10 = "\x1b[21~"
FAST, SLOW = 0.005, 0.25
PREFIXES: list[Prefix] = ["none", "stx", "aim"]
SUFFIXES = st.sampled_from(["\r", "\n", "\r\n", "\t", "\x03"])
CODES = st.text(
    st.sampled_from("0123456789ABCxyz-]/% " + GS + "\x1e\x04\x11\x7f\x1b"), min_size=2, max_size=30
).filter(lambda code: code[0] not in " \x1b")


class Floor:
    """A keyboard with what the controls do about its acts, and a clock."""

    def __init__(self, prefix: Prefix = "none", layout: str = "us") -> None:
        options = WedgeOptions(prefix, GAPS_MS[prefix], layout)
        self.keyboard = Keyboard(WedgeAssembler(options), sentinel=prefix != "none")
        self.prefix = prefix
        self.now = 10.0
        self.acts: list[Act] = []
        self._later: list[tuple[float, Act]] = []

    def open_line(self, secret: bool = False) -> None:
        self.keyboard.line = Line(secret)

    def wait(self, seconds: float) -> Floor:
        until = self.now + seconds
        while due := [entry for entry in self._later if entry[0] <= until]:
            entry = min(due, key=lambda one: one[0])
            self._later.remove(entry)
            self.now, act = entry
            if isinstance(act, Maybe):
                self._take(self.keyboard.settle(act.at))
            elif isinstance(act, Begun):
                self._take(self.keyboard.stalled(act))
        self.now = until
        return self

    def press(self, text: str, gap: float = SLOW, name: str = "?") -> Floor:
        for char in text:
            self.wait(gap)
            self._take(self.keyboard.key(name, char, self.now))
        return self

    def named(self, name: str, sequence: str | None = None, gap: float = SLOW) -> Floor:
        self.wait(gap)
        self._take(self.keyboard.key(name, sequence, self.now))
        return self

    def scan(self, code: str, suffix: str = "\r", gap: float = FAST) -> Floor:
        return self.wait(SLOW).press(self.wire(code) + suffix, gap)

    def paste(self, text: str, gap: float = SLOW) -> Floor:
        self.wait(gap)
        self._take(self.keyboard.paste(text, self.now))
        return self

    def wire(self, code: str) -> str:
        return {"none": "", "stx": "\x02", "aim": "]C0"}[self.prefix] + code

    def code(self, code: str) -> str:
        return "]C0" + code if self.prefix == "aim" else code

    @property
    def said(self) -> list[object]:
        """What an operator would notice: codes as text, everything else as it is."""
        self.wait(10 * STALL_S)
        quiet = (Edited, Maybe, Begun)
        found = [act for act in self.acts if not isinstance(act, quiet)]
        return [act.raw if isinstance(act, Scanned) else act for act in found]

    def _take(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self.acts.append(act)
            if isinstance(act, Maybe):
                self._later.append((self.now + ALONE_S, act))
            elif isinstance(act, Begun):
                self._later.append((self.now + STALL_S, act))
            elif isinstance(act, Scanned | Keyed | Cancelled):
                self.keyboard.line = None


# --- what must hold whatever comes ----------------------------------------------------------------

GAPS = st.one_of(st.floats(0, 0.02), st.floats(0, 0.02), st.floats(0.03, 5.0))
"""Mostly as a scanner types, now and then a stall of any length."""
NOISE = st.sampled_from(
    [("f10", F10), ("up", "\x1b[A"), ("unknown", "\x1b[99~"), ("escape", "\x1b"), ("f2", "\x1bOQ")]
)


@given(
    st.sampled_from(PREFIXES),
    st.sampled_from(["shut", "open", "secret"]),
    st.text("0123456789 -ab\x7f", max_size=6),
    st.lists(CODES, min_size=1, max_size=4),
    SUFFIXES,
    st.data(),
)
def test_only_what_was_sent_or_typed_comes_out_and_what_is_missing_is_said(
    prefix: Prefix, line: str, typed: str, codes: list[str], suffix: str, data: st.DataObject
) -> None:
    floor = Floor(prefix)
    if line != "shut":
        floor.open_line(line == "secret")
    floor.press(typed, data.draw(st.floats(0.06, 1.0)))
    typed_text = "" if floor.keyboard.line is None else floor.keyboard.line.text
    floor.wait(data.draw(st.floats(0.06, 3.0)))
    sent = set()
    for code in codes:
        keys = floor.wire(code) + suffix
        noisy: dict[int, tuple[str, str]] = {}
        if data.draw(st.booleans()):
            noisy = data.draw(st.dictionaries(st.integers(1, len(keys) - 2), NOISE, max_size=2))
        whole = ""
        for place, char in enumerate(keys):
            # What stands alone between two stalls is a person's key; no code is sent like that.
            at_once = place > 0 and keys[place - 1] == "\x1b"
            if place in noisy:
                name, sequence = noisy[place]
                floor.named(name, sequence, data.draw(st.floats(0, 0.02) if at_once else GAPS))
                whole += sequence
            slow = place != 1 and not at_once and place not in noisy
            floor.press(char, data.draw(GAPS if slow else st.floats(0, 0.02)))
            whole += char
        sent.add(whole.rstrip("\r\n\t\x03").lstrip("\x02"))
        floor.wait(data.draw(st.floats(0, 0.02)))
    heard = floor.said
    for act in heard:
        if isinstance(act, str):
            assert act in sent
        elif isinstance(act, Keyed):
            assert line != "shut"
            assert act.text in {*sent, typed_text}
        elif isinstance(act, Acknowledged):
            assert line == "shut"
            assert " " in typed
        else:
            assert isinstance(act, Incomplete)
    missed = len(codes) - len([act for act in heard if isinstance(act, str | Keyed)])
    assert missed <= 0 or any(isinstance(act, Incomplete) for act in heard)


@given(
    st.sampled_from(["stx", "aim"]),
    st.booleans(),
    st.text("0123456789 ab", max_size=6),
    st.lists(CODES, min_size=1, max_size=4),
    SUFFIXES,
    st.data(),
)
def test_with_a_mark_no_code_is_lost_and_what_was_typed_before_is_no_part_of_it(
    prefix: Prefix, line: bool, typed: str, codes: list[str], suffix: str, data: st.DataObject
) -> None:
    floor = Floor(prefix)
    if line:
        floor.open_line()
    floor.press(typed, 0.06)
    for code in codes:
        for char in floor.wire(code) + suffix:
            floor.press(char, data.draw(st.floats(0, 0.99)))
    said = [act for act in floor.said if act != Acknowledged()]
    assert said == [floor.code(code) for code in codes]


@given(st.lists(CODES, max_size=8), SUFFIXES, st.sampled_from(PREFIXES), st.floats(0, 0.049))
def test_codes_come_out_as_they_went_in(
    codes: list[str], suffix: str, prefix: Prefix, gap: float
) -> None:
    floor = Floor(prefix)
    floor.press("".join(floor.wire(code) + suffix for code in codes), gap)
    assert floor.said == [floor.code(code) for code in codes]


@given(st.text("0123456789abc .-é", min_size=1, max_size=20), st.sampled_from(PREFIXES))
def test_what_people_type_is_keyed(text: str, prefix: Prefix) -> None:
    floor = Floor(prefix)
    floor.open_line()
    floor.press(text + "\r")
    assert floor.said == [Keyed(text)]


# --- keyed in -------------------------------------------------------------------------------------


def test_a_scan_while_a_line_is_open_is_a_scan() -> None:
    floor = Floor()
    floor.open_line()
    assert floor.scan("WHL01").said == ["WHL01"]
    floor.open_line()
    assert floor.scan("A1").said[1:] == ["A1"]


@pytest.mark.parametrize("pause", [0.06, 0.2, 2.0])
def test_a_scan_after_typing_is_never_glued_to_it(pause: float) -> None:
    floor = Floor()
    floor.open_line()
    floor.press("77").wait(pause).press("WHLA07123\r", FAST)
    assert floor.said == [Incomplete("77WHLA07123")]
    assert floor.keyboard.line is not None
    assert floor.keyboard.line.text == ""
    assert floor.scan("WHLA07123").said[1:] == ["WHLA07123"]


@pytest.mark.parametrize("stall", [0.06, 0.2, 0.6, 20.0])
@pytest.mark.parametrize("is_open", [False, True])
def test_a_stall_loses_a_code_and_never_shortens_it(stall: float, is_open: bool) -> None:
    floor = Floor()
    if is_open:
        floor.open_line()
    floor.press("WHLA0", FAST).wait(stall).press("7123\r", FAST)
    assert set(map(type, floor.said)) == {Incomplete}
    assert floor.scan("WHLA07123").said[-1] == "WHLA07123"


def test_a_secret_stays_keyed_however_fast_it_comes() -> None:
    floor = Floor()
    floor.open_line(secret=True)
    assert floor.press("739155\r", FAST).said == [Keyed("739155")]
    floor.open_line(secret=True)
    assert floor.press("12").press("739155\r", FAST).said[1:] == [Incomplete("12739155")]


def test_erasing() -> None:
    floor = Floor()
    floor.open_line()
    floor.press("12\x7f").press("\x7f\x7f", 0.03).press("3")
    assert floor.keyboard.line is not None
    assert floor.keyboard.line.text == "3"
    assert floor.press("\r").said == [Keyed("3")]


def test_an_erase_character_inside_a_code_stays_in_it() -> None:
    floor = Floor()
    floor.open_line()
    assert floor.scan("AB\x7fCD").said == ["AB\x7fCD"]


def test_a_tab_does_not_end_what_a_person_types() -> None:
    floor = Floor()
    floor.open_line()
    assert floor.press("12\t3\r").said == [Keyed("123")]


def test_a_key_of_a_person_after_a_scan_still_types() -> None:
    floor = Floor("aim")
    floor.scan("WHL01")
    floor.open_line()
    assert floor.press("47\r").said == ["]C0WHL01", Keyed("47")]


# --- pastes ---------------------------------------------------------------------------------------


def test_pasted_lines_are_scans_and_a_piece_of_a_line_is_keyed_in() -> None:
    floor = Floor()
    floor.open_line()
    assert floor.paste("536847").press("\r").said == [Keyed("536847")]
    floor = Floor("aim")
    assert floor.paste("A1\r\nA2\tA3\x03").said == ["A1", "A2", "A3"]
    floor.open_line()
    assert floor.paste("B1\n").said[3:] == ["B1"]
    floor.open_line(secret=True)
    assert floor.paste("7391\n").press("\r").said[4:] == [Keyed("7391")]
    assert floor.paste(f"A{GS}\x1b1").said[5:] == [f"A{GS}\x1b1"]
    assert floor.paste("\n").said[6:] == []


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("after", [0.0, 0.08, 0.25])
def test_enter_behind_a_pasted_code_is_the_scanners_own(prefix: Prefix, after: float) -> None:
    floor = Floor(prefix)
    assert floor.paste("\x02WHL01").press("\r", after).said == ["WHL01"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_paste_that_was_cut_into_is_refused(prefix: Prefix) -> None:
    floor = Floor(prefix)
    floor.paste("WHL").press("01\r", 0.001)
    assert set(map(type, floor.said)) == {Incomplete}
    floor.press(floor.wire("AB"), FAST).paste("CD\rEF", FAST)
    assert set(map(type, floor.said)) == {Incomplete}


# --- keys -----------------------------------------------------------------------------------------


def test_a_lone_enter_space_or_escape_is_a_key() -> None:
    floor = Floor()
    assert floor.press("\r").said == [Acknowledged()]
    assert floor.press(" ").said[1:] == [Acknowledged()]
    assert floor.press("\x1b").said[2:] == [Cancelled()]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("first", [" ", "\r", "\x1b"])
def test_a_key_that_characters_follow_at_once_is_no_key(prefix: Prefix, first: str) -> None:
    floor = Floor(prefix)
    floor.press(first).press(floor.wire("ABC") + "\r", 0.01)
    inside = "" if first == "\r" or prefix != "none" else first
    assert floor.said == [floor.code(inside + "ABC")]


@pytest.mark.parametrize("suffix", ["\r\r", "\t\r", "\r\n\r\n", "\n\r"])
@pytest.mark.parametrize("gap", [0.0, 0.03, 0.12])
def test_the_rest_of_a_suffix_is_no_key(suffix: str, gap: float) -> None:
    floor = Floor()
    floor.scan("WHL01", suffix[0]).press(suffix[1:], gap)
    assert floor.said == ["WHL01"]


def test_function_keys() -> None:
    floor = Floor()
    floor.named("f4").named("f4", gap=0.05).named("f4", gap=0.05).named("f8", gap=0.0)
    assert floor.said == [Pressed(4), Pressed(8)]
    floor.named("f4").named("down").named("shift+f4").named("left_shift").named("held+f10")
    assert floor.said[2:] == [Pressed(4), Moved(1)]


def test_a_function_key_inside_a_code_stays_in_it_and_a_shift_key_leaves_no_trace() -> None:
    floor = Floor()
    floor.press("AB").named("f10", F10, 0.01).press("CD\r", FAST)
    assert Pressed(10) not in floor.said
    floor = Floor()
    floor.press("AB", FAST).named("f10", F10, FAST).press("CD\r", FAST)
    assert floor.said == [f"AB{F10}CD"]
    floor.press("AB", FAST).named("left_shift", gap=FAST).press("CD\r", FAST)
    assert floor.said[1:] == ["ABCD"]
    floor.named("f10", F10).press("CD\r", FAST)
    assert floor.said[2:] == [f"{F10}CD"]


@pytest.mark.parametrize("name", ["alt+c", "shift+tab", "insert", "unknown"])
def test_a_key_that_nobody_knows_spoils_a_code(name: str) -> None:
    floor = Floor()
    floor.press("AB", FAST).named(name, None, FAST).press("D\r", FAST)
    assert floor.said == ["AB\x1bD"]


def test_a_key_after_somebody_leaned_on_the_keyboard_works_and_clears_it() -> None:
    floor = Floor()
    floor.press("x").wait(10.0).named("f4").wait(1.0).scan("WHL01")
    assert floor.said == [Incomplete(), Pressed(4), "WHL01"]
    floor.press("x").wait(0.3).press("\x1b").wait(1.0).scan("WHL01")
    assert floor.said[3:] == [Cancelled(), "WHL01"]


def test_leaning_on_the_keyboard_loses_the_next_code_and_not_the_one_after() -> None:
    floor = Floor()
    floor.press("x").wait(10.0).scan("WHL01").scan("WHL01")
    assert floor.said == [Incomplete(), Incomplete("xWHL01"), "WHL01"]


def test_leaving_needs_three_presses_in_two_seconds() -> None:
    floor = Floor()
    assert floor.press("\x03").said == [Leaving(1)]
    floor.press("\x03").press("\x03", 0.5).press("\x03", 0.5)
    assert floor.said[1:] == [Leaving(1), Leaving(2), Leaving(3)]


def test_an_etx_suffix_never_leaves() -> None:
    floor = Floor()
    floor.press("WHL01\x03WHL02\x03\x03\x03WHL03\x03", FAST)
    assert floor.said == ["WHL01", "WHL02", "WHL03"]


def test_what_a_terminal_reports_by_itself_is_no_key_and_no_part_of_the_next_code() -> None:
    floor = Floor()
    floor.named("report", "\x1b[I").press("WHL01\r", 0.04)
    assert floor.said == ["WHL01"]
    floor.press("WH", FAST).named("report", "\x1b[I", FAST).press("L01\r", FAST)
    assert floor.said[1:] == ["WH\x1b[IL01"]


# --- announcing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_scanner_without_a_suffix_is_announced(prefix: Prefix) -> None:
    assert Floor(prefix).scan("WHL01", suffix="").said == [Incomplete()]


def test_a_slow_code_is_not_announced_as_incomplete() -> None:
    assert Floor("aim").scan("WHL01WHL02", gap=0.4).said == ["]C0WHL01WHL02"]


@pytest.mark.parametrize("is_open", [False, True])
def test_a_scanner_that_sends_no_mark_is_announced(is_open: bool) -> None:
    floor = Floor("aim")
    if is_open:
        floor.open_line()
    assert floor.press("47").press("WHL01\r", FAST).said == [Incomplete("47WHL01", unmarked=True)]
    assert floor.press("junk\r").said[1:] == [Keyed("junk") if is_open else Acknowledged()]


# --- layouts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", PREFIXES)
def test_only_what_a_scanner_sends_is_put_right_for_the_layout(prefix: Prefix) -> None:
    french = LAYOUTS["fr"]
    floor = Floor(prefix, "fr")
    garbled = "".join(map(french.of, floor.wire("LOC-A01.Z") + "\r"))
    assert floor.press(garbled, FAST).said == [floor.code("LOC-A01.Z")]
    floor.open_line()
    assert floor.press("-à(\r").said[1:] == [Keyed("-à(")]
    floor.open_line()
    assert floor.press(garbled, FAST).said[2:] == [floor.code("LOC-A01.Z")]
    assert floor.paste("LOC-A01.Z\r").said[3:] == ["LOC-A01.Z"]


# --- characters -----------------------------------------------------------------------------------


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
        ("f10", F10, ""),
        ("left_shift", None, ""),
        ("up", None, ""),
    ],
)
def test_characters_of_keys(key: str, char: str | None, expected: str) -> None:
    assert character(key, char) == expected
