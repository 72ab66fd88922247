from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanners.framing import Assembler, Framing, decode, framing_of
from devices.urls import parse
from wms_terminal.domain.scan import LONGEST

IDLE = 0.25
ANY = Framing()
CR = Framing(suffix=b"\r")
STX = Framing("stx", b"\r")
AIM = Framing("aim", b"\r")


def settled(framing: Framing = ANY) -> Assembler:
    """An assembler whose line has been quiet."""
    assembler = Assembler(framing)
    assembler.begin(0)
    assembler.tick(1)
    return assembler


def hear(assembler: Assembler, *pieces: bytes | float) -> list[bytes | None]:
    """What came of bytes and of pauses in seconds: codes, and None for a part of one."""
    at = 2.0
    heard = []
    for piece in pieces:
        if isinstance(piece, bytes):
            heard += assembler.feed(piece, at)
        else:
            at += piece
            heard += assembler.tick(at)
    return [one.data if one.kind == "code" else None for one in heard]


def test_any_usual_suffix_ends_a_code() -> None:
    got = hear(settled(), b"A-1\r\nB-2\tC-3\x03\x02D-4\n]C101\x1d10LOT\rE\r\rF\n\n")
    assert got == [b"A-1", b"B-2", b"C-3", b"D-4", b"]C101\x1d10LOT", b"E", b"F"]


def test_a_chosen_suffix_leaves_the_others_in_the_code() -> None:
    assert hear(settled(CR), b"A\tB\x03C\nD\r\nE\r") == [b"A\tB\x03C\nD", b"E"]


def test_other_control_characters_stay_in_the_code_for_the_kernel_to_refuse() -> None:
    assert hear(settled(), b"A\x11B\x02C\x00\r") == [b"A\x11B\x02C\x00"]


def test_a_pause_spoils_a_frame_up_to_its_terminator() -> None:
    assert hear(settled(), b"590", 0.3, b"1234\rNEXT\r") == [None, None, b"NEXT"]


def test_a_pause_that_nobody_looked_at_spoils_it_too() -> None:
    assembler = settled()
    assert assembler.feed(b"590", 2) == []
    assert [one.kind for one in assembler.feed(b"1234\rNEXT\r", 2.3)] == [
        "partial",
        "partial",
        "code",
    ]


def test_a_terminator_that_comes_late_spoils_its_own_code_only_and_says_so_once() -> None:
    assert hear(settled(), b"590", 0.3, b"\rNEXT\r") == [None, b"NEXT"]


def test_a_lasting_pause_is_said_once() -> None:
    assert hear(settled(), b"590", 0.3, 0.3, 0.3) == [None]


def test_what_follows_an_opening_at_once_may_be_a_tail() -> None:
    assembler = Assembler()
    assembler.begin(0)
    assert not assembler.settled
    assert [one.kind for one in assembler.feed(b"1234\rNEXT\r", 0.1)] == ["partial", "code"]
    assert assembler.settled


def test_a_line_that_breaks_in_mid_code_says_so() -> None:
    assembler = settled()
    assert hear(assembler, b"WHOLE\rHALF") == [b"WHOLE"]
    assert [one.kind for one in assembler.lost()] == ["partial"]
    assert assembler.lost() == []
    assembler.begin(3)
    assembler.tick(4)
    assert [one.data for one in assembler.feed(b"NEXT\r", 4)] == [b"NEXT"]


def test_with_stx_a_frame_begins_only_there() -> None:
    assert hear(settled(STX), b"noise\x02A\rnoise\r\x02B\r") == [None, b"A", None, b"B"]
    assert hear(settled(STX), b"\x02HALF\x02WHOLE\r") == [None, b"WHOLE"]
    assert hear(settled(STX), b"\x02HALF", 0.3, b"\x02WHOLE\r") == [None, b"WHOLE"]


def test_with_aim_a_frame_begins_with_an_identifier() -> None:
    assert hear(settled(AIM), b"]E05901\r]nonsense\r]C0\rnoise\r]C0X]d2Y\r") == [
        b"]E05901",
        b"]nonsense",
        None,
        None,
        b"]C0X]d2Y",
    ]
    assert hear(settled(AIM), b"noise", 0.3, b"]C0X\r") == [None, b"]C0X"]
    assert hear(settled(AIM), b"noise]C0X\r") == [None]


def test_scanners_without_a_suffix_end_their_codes_with_a_pause() -> None:
    assembler = settled(Framing(end="idle"))
    assert hear(assembler, b"ONE", 0.3, b"TWO", 0.3, b"THREE\rFOUR", 0.3) == [
        b"ONE",
        b"TWO",
        b"THREE",
        b"FOUR",
    ]


def test_nothing_longer_than_a_code_can_be_is_kept() -> None:
    longest = b"x" * LONGEST
    assert hear(settled(), longest + b"\r" + longest + b"x\rNEXT\r") == [longest, None, b"NEXT"]


def test_what_is_no_byte_spoils_a_frame_but_not_the_space_between() -> None:
    assembler = settled()
    assembler.spoil()
    assert hear(assembler, b"A\rB") == [b"A"]
    assembler.spoil()
    assert hear(assembler, b"B\rC\r") == [None, b"C"]


def test_utf8_then_latin1() -> None:
    assert decode("Zoë".encode()) == decode(b"Zo\xeb") == "Zoë"
    assert decode(b"\xff") == "ÿ"


def test_options() -> None:
    url = parse("serial:///dev/x?prefix=stx&suffix=cr&idle_ms=80&end=idle")
    assert framing_of(url) == Framing("stx", b"\r", 0.08, "idle")
    assert framing_of(parse("serial:///dev/x")) == Framing()


@pytest.mark.parametrize("option", ["prefix=etx", "suffix=crlf", "idle_ms=1", "end=never"])
def test_bad_options_name_what_was_expected(option: str) -> None:
    with pytest.raises(ValueError, match=f"expected {option.partition('=')[0]}"):
        framing_of(parse(f"serial:///dev/x?{option}"))


def _codes(without: bytes, prefix: bytes = b"") -> st.SearchStrategy[list[bytes]]:
    """Codes of any bytes but some; few different ones, so that tails are likely to look whole."""
    byte = st.sampled_from([b for b in b"A1]C0\x02\x1d\xeb" if b not in without])
    code = st.lists(byte, min_size=1, max_size=12).map(lambda found: prefix + bytes(found))
    return st.lists(code, min_size=1, max_size=8)


def _stream(
    codes: Sequence[bytes], data: st.DataObject, assembler: Assembler, mark: bytes, end: bytes
) -> list[bytes | None]:
    """Send codes in pieces of any size and at any time."""
    sent = b"".join(mark + code + end for code in codes)
    pieces: list[bytes | float] = []
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        pieces += [sent[:size], data.draw(st.sampled_from([0.0, 0.2, 0.3, 5.0]))]
        sent = sent[size:]
    return hear(assembler, *pieces)


def _is_sequence(found: Sequence[bytes], codes: Sequence[bytes]) -> bool:
    """Whether `found` are some of `codes`, in order."""
    rest = iter(codes)
    return all(code in rest for code in found)


@pytest.mark.parametrize(
    ("framing", "without", "prefix", "mark"),
    [
        # A sentinel inside a code would begin another one after a pause.
        (CR, b"", b"", b""),
        (CR, b"\x02", b"", b"\x02"),
        (Framing(), b"", b"", b""),
        (STX, b"\x02", b"", b"\x02"),
        (AIM, b"]", b"]C0", b""),
    ],
    ids=["cr", "cr after stx", "any", "stx", "aim"],
)
@pytest.mark.parametrize("end", [b"\r", b"\r\n"], ids=["cr", "crlf"])
@settings(deadline=None)
@given(data=st.data())
def test_any_chunking_and_any_timing_give_the_codes_sent_or_partials(
    framing: Framing, without: bytes, prefix: bytes, mark: bytes, end: bytes, data: st.DataObject
) -> None:
    if not mark and not prefix:
        without += b"\x02"  # one in front is not part of the code
    codes = data.draw(_codes(without, prefix))
    got = _stream(codes, data, settled(framing), mark, end)
    found = [one for one in got if one is not None]
    assert _is_sequence(found, codes)
    assert len(codes) - len(found) <= got.count(None)


@settings(deadline=None)
@given(data=st.data())
def test_without_a_pause_every_code_comes(data: st.DataObject) -> None:
    codes = data.draw(_codes(b"\x02"))
    sent = b"".join(code + b"\r" for code in codes)
    cut = data.draw(st.integers(0, len(sent)))
    assert hear(settled(), sent[:cut], 0.2, sent[cut:]) == codes


@settings(deadline=None)
@given(data=st.data())
def test_an_opening_in_mid_code_gives_no_tail(data: st.DataObject) -> None:
    codes = data.draw(_codes(b"\x02"))
    missing = data.draw(st.integers(1, len(codes[0])))
    sent = b"".join(code + b"\r" for code in codes)[missing:]
    assembler = Assembler(CR)
    assembler.begin(2)
    found = [one for one in hear(assembler, sent) if one is not None]
    assert found == codes[1:]
