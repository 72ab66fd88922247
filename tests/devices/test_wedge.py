from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scanners.layouts import LAYOUTS
from devices.scanners.wedge import (
    GAPS_MS,
    PREFIXES,
    STX,
    Frame,
    Prefix,
    WedgeAssembler,
    WedgeOptions,
    wedge_options,
)
from wms_terminal.domain.scan import LONGEST

GS = "\x1d"
TERMINATED = st.sampled_from(["\r", "\n", "\r\n", "\t", "\x03"])
CHARS = st.sampled_from("0123456789ABCabc-]()%/ " + GS + "\x1e\x1c\x04\x1b\x11") | st.characters(
    codec="ascii", min_codepoint=32
)
DATA = st.text(CHARS, min_size=1, max_size=40)
PREFIX = st.sampled_from(PREFIXES)


def options(prefix: Prefix) -> WedgeOptions:
    return WedgeOptions(prefix, GAPS_MS[prefix])


def feed(
    assembler: WedgeAssembler, text: str, *, start: float = 10.0, step: float = 0.01
) -> list[Frame]:
    frames = [assembler.feed(char, start + index * step) for index, char in enumerate(text)]
    return [frame for frame in frames if frame is not None]


def wire(code: str, terminator: str, prefix: Prefix) -> tuple[str, str]:
    """What the scanner sends, and what the program should get."""
    if prefix == "stx":
        return STX + code + terminator, code
    if prefix == "aim":
        return "]C1" + code + terminator, "]C1" + code
    return code + terminator, code


@given(
    st.lists(DATA, max_size=6),
    TERMINATED,
    PREFIX,
    st.lists(st.floats(0, 0.049), min_size=1, max_size=50),
)
def test_well_timed_codes_come_out_as_sent(
    codes: list[str], terminator: str, prefix: Prefix, pauses: list[float]
) -> None:
    assembler = WedgeAssembler(options(prefix))
    at, count, got, expected = 0.0, 0, [], []
    for code in codes:
        sent, text = wire(code, terminator, prefix)
        expected.append(Frame("code", text))
        for char in sent:
            at += pauses[count % len(pauses)]
            count += 1
            got.append(assembler.feed(char, at))
    assert [frame for frame in got if frame] == expected


@given(st.lists(DATA, min_size=1, max_size=6), TERMINATED, PREFIX, st.data())
def test_whatever_pauses_come_a_code_is_whole_or_partial(
    codes: list[str], terminator: str, prefix: Prefix, data: st.DataObject
) -> None:
    assembler = WedgeAssembler(options(prefix))
    at = 0.0
    for code in codes:
        sent, text = wire(code, terminator, prefix)
        end = len(sent.rstrip("\r\n\t\x03")) if sent.endswith("\r\n") else len(sent) - 1
        paused = data.draw(st.dictionaries(st.integers(0, len(sent) - 1), st.floats(1.1, 99.0)))
        got = []
        for index, char in enumerate(sent):
            at += paused.get(index, 0.01)
            got.append(assembler.feed(char, at))
        inside = any(1 <= index <= end for index in paused)
        assert [frame for frame in got if frame] == [Frame("partial" if inside else "code", text)]


@given(st.text(CHARS, max_size=30), st.lists(DATA, max_size=4), st.sampled_from(["stx", "aim"]))
def test_with_a_mark_nothing_before_it_gets_into_a_code(
    typed: str, codes: list[str], prefix: Prefix
) -> None:
    assembler = WedgeAssembler(options(prefix))
    mark = STX if prefix == "stx" else "]"
    typed = typed.replace(mark, "")
    sent = "".join(wire(code, "\r", prefix)[0] for code in codes)
    frames = feed(assembler, typed + sent)
    assert "".join(frame.text for frame in frames if frame.kind == "typed") == typed
    expected = [wire(code, "\r", prefix)[1] for code in codes]
    assert [frame.text for frame in frames if frame.kind == "code"] == expected


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\t", "\x03", "\r\n\r\n", "\r\r"])
def test_terminators_end_a_code_once(ending: str) -> None:
    assert feed(WedgeAssembler(), f"123{ending}456{ending}") == [
        Frame("code", "123"),
        Frame("code", "456"),
    ]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_stx_inside_a_code_spoils_it_and_not_the_next(prefix: Prefix) -> None:
    frames = feed(WedgeAssembler(options(prefix)), f"{STX}]C0AB{STX}CD\r{STX}]C0EF\r")
    taken = [(frame.kind, frame.text[-2:]) for frame in frames if frame.kind != "typed"]
    assert taken == [("partial", "CD"), ("code", "EF")]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_tab_and_etx_are_part_of_a_code_once_the_scanner_is_known_to_end_with_enter(
    prefix: Prefix,
) -> None:
    assembler = WedgeAssembler(options(prefix))
    sent = "".join(wire(code, "\r", prefix)[0] for code in ("FIRST", "A\x03B\tC"))
    texts = [wire(code, "\r", prefix)[1] for code in ("FIRST", "A\x03B\tC")]
    assert feed(assembler, sent) == [Frame("code", text) for text in texts]


def test_a_scanner_that_ends_with_tab_is_understood_after_one_that_ends_with_enter() -> None:
    assembler = WedgeAssembler()
    assert feed(assembler, "ONE\r", start=10.0) == [Frame("code", "ONE")]
    assert feed(assembler, "TWO\t", start=20.0) == []
    assert [frame.kind for frame in feed(assembler, "TWO\t", start=30.0)] == ["partial"]
    assert feed(assembler, "TWO\t", start=40.0) == [Frame("code", "TWO")]


def test_an_stx_before_a_code_is_no_part_of_it() -> None:
    assert feed(WedgeAssembler(), f"{STX}AB\r") == [Frame("code", "AB")]


def test_separators_inside_a_code_are_kept() -> None:
    code = f"]C110LOT{GS}21X\x1e\x1c\x04"
    assert feed(WedgeAssembler(), code + "\r") == [Frame("code", code)]


def test_a_code_that_is_too_long_is_a_partial() -> None:
    (frame,) = feed(WedgeAssembler(), "9" * (LONGEST + 1) + "\r", step=0.0001)
    assert (frame.kind, len(frame.text)) == ("partial", LONGEST)
    (frame,) = feed(WedgeAssembler(), "9" * LONGEST + "\r", step=0.0001)
    assert frame.kind == "code"


def test_an_aim_frame_without_an_identifier_is_a_partial() -> None:
    assembler = WedgeAssembler(options("aim"))
    assert [frame.kind for frame in feed(assembler, "]1234\r]]C1234\r")] == ["partial", "partial"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_spoilt_stays_so_up_to_its_terminator(prefix: Prefix) -> None:
    assembler = WedgeAssembler(options(prefix))
    assembler.spoil(10.0)
    sent, _ = wire("DEF", "\r", prefix)
    assert [frame.kind for frame in feed(assembler, "ABC\r" + sent)] == ["partial", "code"]


def test_forgetting_drops_what_there_is() -> None:
    assembler = WedgeAssembler()
    feed(assembler, "ABC")
    assembler.forget()
    assert feed(assembler, "DEF\r") == [Frame("code", "DEF")]


@given(st.text(max_size=80), PREFIX)
def test_no_input_invents_or_reorders_characters(text: str, prefix: Prefix) -> None:
    assembler = WedgeAssembler(options(prefix))
    frames = feed(assembler, text + "\r")
    position = -1
    for char in "".join(frame.text for frame in frames):
        position = (text + "\r").index(char, position + 1)


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
@pytest.mark.parametrize("prefix", PREFIXES)
def test_codes_of_another_layout_come_out_as_the_scanner_meant_them(
    layout: str, prefix: Prefix
) -> None:
    keyboard = LAYOUTS[layout]
    if prefix == "aim" and keyboard.of("]") in keyboard.dead:
        with pytest.raises(ValueError, match="prefix=stx"):
            wedge_options(f"wedge:?prefix=aim&layout={layout}")
        return
    assembler = WedgeAssembler(WedgeOptions(prefix, 100, layout))
    printed = "https://x.nl/01/08710400000013?10=A-1_(Z)&M.Q;W%Y*,!<>"
    code = "".join(char for char in printed if char not in keyboard.lost)
    sent, text = wire(code, "\r", prefix)
    frames = feed(assembler, "".join(keyboard.of(char) for char in sent))
    assert frames == [Frame("code", text)]


def test_a_character_that_the_layout_does_not_give_makes_a_partial() -> None:
    assembler = WedgeAssembler(WedgeOptions("none", 100, "de"))
    assert feed(assembler, "ABCø\r") == [Frame("partial", "ABCø")]
