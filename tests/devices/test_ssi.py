from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.scanners import ssi
from devices.scanners.framing import Heard
from devices.scanners.ssi import Packet, Session, encode

ACK = Heard("reply", bytes.fromhex("04D00400FF28"))
NAK = Heard("reply", encode(Packet(ssi.CMD_NAK, b"\x01")))
NOT_UNDERSTOOD = Heard("reply", encode(Packet(ssi.CMD_NAK, b"\x02")))
PARTIAL = Heard("partial")


def packet(code: bytes, kind: int = 0x1B, status: int = 0) -> bytes:
    return encode(Packet(ssi.DECODE_DATA, bytes((kind,)) + code, ssi.SCANNER, status))


def code(text: bytes) -> Heard:
    return Heard("code", text)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (Packet(ssi.BEEP, b"\x00"), "05E6040000FF11"),
        (Packet(ssi.BEEP, b"\x13"), "05E6040013FEFE"),
        (Packet(ssi.BEEP, b"\x15"), "05E6040015FEFC"),
        (Packet(ssi.LED_ON, b"\x02"), "05E7040002FF0E"),
        (Packet(ssi.LED_OFF, b"\x02"), "05E8040002FF0D"),
        (Packet(ssi.CMD_ACK), "04D00400FF28"),
        (Packet(0xE9), "04E90400FF0F"),
        (Packet(0xEA), "04EA0400FF0E"),
    ],
)
def test_packets_are_those_that_real_hosts_send(sent: Packet, expected: str) -> None:
    assert encode(sent).hex().upper() == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0x03, b"]C0X1"),
        (0x0B, b"]E0X1"),
        (0x0A, b"]E4X1"),
        (0x0F, b"]C1X1"),
        (0x30, b"]e0X1"),
        (0x32, b"]e0X1"),
        (0x1B, b"X1"),
        (0x1C, b"X1"),
        (0xEE, b"X1"),
    ],
)
def test_a_code_type_that_leaves_no_choice_gives_the_aim_identifier(
    kind: int, expected: bytes
) -> None:
    assert Session().feed(packet(b"X1", kind), 0) == [code(expected), ACK]


def test_an_identifier_that_the_scanner_sends_itself_stays() -> None:
    assert Session().feed(packet(b"]C201", 0x03), 0) == [code(b"]C201"), ACK]


def test_a_packet_that_comes_again_is_acknowledged_and_not_delivered_twice() -> None:
    session = Session()
    assert session.feed(packet(b"A"), 0) == [code(b"A"), ACK]
    assert session.feed(packet(b"A", status=ssi.RETRANSMITTED), 2) == [ACK]
    session.lost()
    session.begin(3)
    assert session.feed(packet(b"A", status=ssi.RETRANSMITTED), 3) == [ACK]


def test_the_same_code_scanned_again_is_a_code() -> None:
    session = Session()
    assert session.feed(packet(b"A") + packet(b"A"), 0) == [code(b"A"), ACK, code(b"A"), ACK]
    assert session.feed(packet(b"A", status=ssi.RETRANSMITTED), 60) == [code(b"A"), ACK]


def test_a_damaged_packet_is_asked_for_again() -> None:
    session = Session()
    damaged = bytearray(packet(b"AB"))
    damaged[5] ^= 1
    assert session.feed(bytes(damaged), 0) == []
    assert session.tick(0.3) == [NAK]
    assert session.feed(packet(b"AB", status=ssi.RETRANSMITTED), 0.4) == [code(b"AB"), ACK]
    assert session.tick(9) == []


def test_a_code_scanned_again_whose_first_try_was_damaged_is_a_code() -> None:
    session = Session()
    session.feed(packet(b"A"), 0)
    session.feed(packet(b"A")[:-1] + b"!", 1)
    assert session.tick(1.3) == [NAK]
    assert session.feed(packet(b"A", status=ssi.RETRANSMITTED), 1.4) == [code(b"A"), ACK]


def test_an_unfinished_packet_is_given_up_after_a_pause() -> None:
    session = Session()
    whole = packet(b"ABC")
    assert session.feed(whole[:5], 0) == []
    assert session.tick(0.1) == []
    assert session.tick(0.3) == [NAK]
    assert session.feed(whole, 0.4) == [PARTIAL, code(b"ABC"), ACK]


def test_what_never_comes_again_is_said() -> None:
    session = Session()
    session.feed(packet(b"ABC")[:5], 0)
    assert session.tick(0.3) == [NAK]
    assert session.tick(2) == []
    assert session.tick(4) == [PARTIAL]
    assert session.tick(9) == []


def test_noise_is_ignored_until_the_line_is_quiet() -> None:
    session = Session()
    assert session.feed(b"\0\1\2", 0) == []
    assert session.feed(packet(b"A"), 0.1) == []
    assert session.tick(0.4) == [NAK]
    assert session.feed(packet(b"A", status=ssi.RETRANSMITTED), 0.5) == [code(b"A"), ACK]


def test_long_codes_come_in_several_packets() -> None:
    session = Session()
    assert session.feed(packet(b"A" * 250, status=ssi.CONTINUED), 0) == [ACK]
    again = ssi.CONTINUED | ssi.RETRANSMITTED
    assert session.feed(packet(b"A" * 250, status=again), 0.1) == [ACK]
    assert session.feed(packet(b"A" * 250, status=ssi.CONTINUED), 0.2) == [ACK]
    assert session.feed(packet(b"B"), 0.3) == [code(b"A" * 500 + b"B"), ACK]


def test_the_tail_of_a_long_code_is_no_code() -> None:
    session = Session()
    session.feed(packet(b"HEAD", status=ssi.CONTINUED), 0)
    assert session.lost() == [PARTIAL]
    session.begin(1)
    assert session.feed(packet(b"TAIL", status=ssi.RETRANSMITTED), 1) == [PARTIAL, ACK]
    assert session.feed(packet(b"NEXT"), 2) == [code(b"NEXT"), ACK]


def test_packets_of_two_code_types_are_not_one_code() -> None:
    session = Session()
    session.feed(packet(b"HEAD", status=ssi.CONTINUED), 0)
    assert session.feed(packet(b"OTHER", 0x03), 0.1) == [PARTIAL, ACK]


def test_events_are_acknowledged_and_answers_are_not() -> None:
    session = Session()
    assert session.feed(encode(Packet(ssi.EVENT, b"\1", ssi.SCANNER)), 0) == [ACK]
    for answer in (ssi.CMD_ACK, ssi.CMD_NAK):
        assert session.feed(encode(Packet(answer, source=ssi.SCANNER)), 0) == []


def test_what_is_not_understood_is_said_to_the_scanner() -> None:
    session = Session()
    assert session.feed(encode(Packet(0xB1, b"image", ssi.SCANNER)), 0) == [NOT_UNDERSTOOD]
    assert session.feed(encode(Packet(ssi.DECODE_DATA, b"", ssi.SCANNER)), 0) == [NOT_UNDERSTOOD]


def test_status_bits_of_newer_scanners_do_no_harm() -> None:
    assert Session().feed(packet(b"A", status=0x20), 0) == [code(b"A"), ACK]


CODES = st.lists(
    st.binary(min_size=1, max_size=12).filter(lambda found: found[0] != 0x5D),
    min_size=1,
    max_size=8,
)


@settings(deadline=None)
@given(CODES, st.data())
def test_any_chunking_and_any_timing_give_the_codes_sent_or_partials(
    codes: list[bytes], data: st.DataObject
) -> None:
    sent = b"".join(packet(text) for text in codes)
    session, heard, at = Session(), [], 1.0
    while sent:
        size = data.draw(st.integers(1, len(sent)))
        heard += session.feed(sent[:size], at)
        sent = sent[size:]
        at += data.draw(st.sampled_from([0.0, 0.1, 0.3, 4.0]))
        heard += session.tick(at)
    heard += session.tick(at + 1)
    heard += session.tick(at + 9)
    found = [one.data for one in heard if one.kind == "code"]
    rest = iter(codes)
    assert all(text in rest for text in found)
    assert found == codes or PARTIAL in heard


@settings(deadline=None)
@given(CODES, st.data())
def test_without_a_pause_every_code_comes(codes: list[bytes], data: st.DataObject) -> None:
    sent = b"".join(packet(text) for text in codes)
    cut = data.draw(st.integers(0, len(sent)))
    session = Session()
    heard = session.feed(sent[:cut], 0) + session.feed(sent[cut:], 0.1)
    assert heard == [said for text in codes for said in (code(text), ACK)]


@settings(deadline=None)
@given(st.binary(max_size=200), st.lists(st.floats(0, 5), max_size=5))
def test_noise_never_fails(noise: bytes, times: list[float]) -> None:
    session = Session()
    for at in sorted(times):
        session.feed(noise, at)
        session.tick(at + 1)
    session.lost()
