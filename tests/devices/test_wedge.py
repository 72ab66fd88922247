from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.wedge import STX, Frame, Prefix, WedgeAssembler, WedgeOptions
from wms_terminal.domain.scan import LONGEST

GS = "\x1d"
TERMINATED = st.sampled_from(["\r", "\n", "\r\n", "\t", "\x03"])
CHARS = st.sampled_from("0123456789ABCabc-]()%/ " + GS + "\x1e\x1c\x04") | st.characters(
    codec="ascii", min_codepoint=32
)
DATA = st.text(CHARS, min_size=1, max_size=40)


def feed(
    assembler: WedgeAssembler, text: str, *, start: float = 10.0, step: float = 0.01
) -> list[Frame]:
    frames = []
    for index, char in enumerate(text):
        frames += assembler.feed(char, start + index * step)
    return frames


def wire(code: str, terminator: str, prefix: Prefix) -> tuple[str, str]:
    """What the scanner sends, and what the program should get."""
    if prefix == "stx":
        return STX + code + terminator, code
    if prefix == "aim":
        return "]C1" + code + terminator, "]C1" + code
    return code + terminator, code


@given(
    st.lists(st.tuples(DATA, TERMINATED), max_size=6),
    st.sampled_from(["none", "stx", "aim"]),
    st.lists(st.floats(0, 0.49), min_size=1, max_size=50),
)
def test_well_timed_codes_come_out_as_sent(
    codes: list[tuple[str, str]], prefix: Prefix, pauses: list[float]
) -> None:
    assembler = WedgeAssembler(WedgeOptions(prefix))
    at, count, got, expected = 0.0, 0, [], []
    for code, terminator in codes:
        sent, text = wire(code, terminator, prefix)
        expected.append(Frame("code", text))
        for char in sent:
            at += pauses[count % len(pauses)]
            count += 1
            got += assembler.feed(char, at)
    assert got == expected


@given(
    st.lists(st.tuples(DATA, TERMINATED), min_size=1, max_size=6),
    st.sampled_from(["none", "stx", "aim"]),
    st.data(),
)
def test_a_pause_gives_the_code_or_a_partial_and_nothing_else(
    codes: list[tuple[str, str]], prefix: Prefix, data: st.DataObject
) -> None:
    assembler = WedgeAssembler(WedgeOptions(prefix))
    at = 0.0
    for code, terminator in codes:
        sent, text = wire(code, terminator, prefix)
        end = len(sent.rstrip("\r\n\t\x03")) if sent.endswith("\r\n") else len(sent) - 1
        paused = data.draw(st.sets(st.integers(0, len(sent) - 1), max_size=3))
        got = []
        for index, char in enumerate(sent):
            at += 0.7 if index in paused else 0.01
            got += assembler.feed(char, at)
        inside = {index for index in paused if 1 <= index <= end}
        assert got == [Frame("partial" if inside else "code", text)]


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\t", "\x03", "\r\n\r\n", "\r\r"])
def test_terminators_end_a_code_once(ending: str) -> None:
    assert feed(WedgeAssembler(), f"123{ending}456{ending}") == [
        Frame("code", "123"),
        Frame("code", "456"),
    ]


def test_stx_starts_again() -> None:
    frames = feed(WedgeAssembler(), f"AB{STX}CD\r")
    assert frames == [Frame("partial", "AB"), Frame("code", "CD")]


def test_separators_inside_a_code_are_kept() -> None:
    code = f"]C110LOT{GS}21X\x1e\x1c\x04"
    assert feed(WedgeAssembler(), code + "\r") == [Frame("code", code)]


def test_a_code_that_is_too_long_is_a_partial() -> None:
    (frame,) = feed(WedgeAssembler(), "9" * (LONGEST + 1) + "\r", step=0.0001)
    assert (frame.kind, len(frame.text)) == ("partial", LONGEST)
    (frame,) = feed(WedgeAssembler(), "9" * LONGEST + "\r", step=0.0001)
    assert frame.kind == "code"


@pytest.mark.parametrize(("prefix", "sent"), [("stx", STX + "77X"), ("aim", "]C177X")])
def test_with_a_sentinel_typing_is_reported_and_never_glued_to_a_code(
    prefix: Prefix, sent: str
) -> None:
    frames = feed(WedgeAssembler(WedgeOptions(prefix)), f"42{sent}\ry\r")
    typed = [frame.text for frame in frames if frame.kind == "typed"]
    assert typed == ["4", "2", "y", "\r"]
    assert [f for f in frames if f.kind == "code"] == [Frame("code", sent.lstrip(STX))]


def test_an_aim_frame_without_an_identifier_is_a_partial() -> None:
    assembler = WedgeAssembler(WedgeOptions("aim"))
    assert [frame.kind for frame in feed(assembler, "]1234\r")] == ["partial"]


def test_flush_gives_up_on_what_is_there() -> None:
    assembler = WedgeAssembler()
    feed(assembler, "ABC")
    assert assembler.flush() == [Frame("partial", "ABC")]
    assert assembler.flush() == []
    assert feed(assembler, "DEF\r") == [Frame("code", "DEF")]


@given(st.text(max_size=80), st.sampled_from(["none", "stx", "aim"]))
def test_no_input_invents_or_reorders_characters(text: str, prefix: Prefix) -> None:
    assembler = WedgeAssembler(WedgeOptions(prefix))
    frames = feed(assembler, text) + assembler.flush()
    kept = "".join(frame.text for frame in frames)
    position = -1
    for char in kept:
        position = text.index(char, position + 1)
