"""What each scale protocol's frames say, and that nothing else says a weight."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.scales import dymo, mtsics, nci, ohaus, toledo8217
from devices.scales.reading import HEAVIEST_G, Protocol, Reading, State, printable
from devices.scales.virtual_pan import Pan, Speech

PROTOCOLS: dict[Speech, Protocol] = {
    "mtsics": mtsics.PROTOCOL,
    "8217": toledo8217.protocol("kg"),
    "nci": nci.PROTOCOL,
    "ohaus": ohaus.PROTOCOL,
    "hid": dymo.PROTOCOL,
}
NO_TARE = b"TA A       0.00 g\r\n"


def read(name: Speech, *frames: bytes) -> Reading:
    return PROTOCOLS[name].read(frames)


@pytest.mark.parametrize(
    ("name", "frames", "grams", "tared"),
    [
        ("mtsics", [NO_TARE, b"S S     100.00 g\r\n"], "100", False),
        ("mtsics", [NO_TARE, b"S S      -0.50 kg\r\n"], "-500", False),
        ("mtsics", [b"TA A    12.000 kg\r\n", b"S S      1.000 kg\r\n"], None, None),
        ("mtsics", [b"TA A      0.010 kg\r\n", b"S S      1.000 kg\r\n"], "1000", True),
        ("mtsics", [b"ES\r\n", b"S S      1.000 kg\r\n"], "1000", None),
        ("8217", [b"\x0212.345\r"], "12345", False),
        ("8217", [b"\x0200.000\r"], "0", False),
        ("8217", [b"\x0212.345N\r"], "12345", True),
        ("nci", [b"\n12.34LB\r\nS0p0\r\x03"], "5597.3298458", False),
        ("nci", [b"\n  1.5oz\r\n0p0\r\x03"], "42.5242846875", False),
        ("nci", [b"\n01.234KG\r\nS0p4\r\x03"], "1234", True),
        ("nci", [b"\n01.234KG\r\nS00\r\x03"], "1234", None),
        ("ohaus", [b"    3.410 kg    G  \r\n"], "3410", False),
        ("ohaus", [b"-   3.410 kg       \r\n"], "-3410", False),
        ("ohaus", [b"      -3.41 lb    B/G\r\n"], "-1546.7499817", False),
        ("ohaus", [b"     192.21 g   NET\r\n"], "192.21", True),
        ("ohaus", [b"     200 g  \r\n"], None, None),
        ("hid", [b"\x03\x04\x02\x00\x14\x00"], "20", None),
        ("hid", [b"\x03\x04\x0b\xff\x34\x19"], "18291.11232025", None),
        ("hid", [b"\x03\x02\x0b\xff\x00\x00"], "0", None),
    ],
)
def test_weights_are_exact(
    name: Speech, frames: Sequence[bytes], grams: str | None, tared: bool | None
) -> None:
    reading = read(name, *frames)
    if grams is None:
        assert reading.state is State.UNREADABLE
        return
    assert reading.state is State.STABLE
    assert reading.grams == Decimal(grams)
    assert reading.tared is tared


@pytest.mark.parametrize(
    ("name", "frames", "state"),
    [
        ("mtsics", [NO_TARE, b"S D     100.00 g\r\n"], State.UNSTABLE),
        ("mtsics", [NO_TARE, b"S I\r\n"], State.UNSTABLE),
        ("mtsics", [b"TA I\r\n", b"S S     100.00 g\r\n"], State.UNSTABLE),
        ("mtsics", [NO_TARE, b"S +\r\n"], State.OVER),
        ("mtsics", [NO_TARE, b"S -\r\n"], State.NO_ZERO),
        ("mtsics", [NO_TARE, b"S S     100.00 pcs\r\n"], State.UNREADABLE),
        ("mtsics", [NO_TARE, b"S S  Error 10b\r\n"], State.UNREADABLE),
        ("mtsics", [b"", b"S S     100.00 g\r\n"], State.UNREADABLE),
        ("mtsics", [b"S S     100.00 g\r\n", NO_TARE], State.UNREADABLE),
        ("8217", [b"\x02?A\r"], State.UNSTABLE),
        ("8217", [b"\x02?B\r"], State.OVER),
        ("8217", [b"\x02?D\r"], State.NO_ZERO),
        ("8217", [b"\x02?@\r"], State.UNSTABLE),
        ("8217", [b"2.345\r"], State.UNREADABLE),
        ("8217", [b"\x82\xb12.345\x8d"], State.UNREADABLE),
        ("nci", [b"\nS1p0\r\x03"], State.UNSTABLE),
        ("nci", [b"\nS02\r\x03"], State.OVER),
        ("nci", [b"\nS01\r\x03"], State.NO_ZERO),
        ("nci", [b"\nS0p8\r\x03"], State.NO_ZERO),
        ("nci", [b"\nS40\r\x03"], State.FAULT),
        ("nci", [b"\n01.234KG\r\nS08\r\x03"], State.FAULT),
        ("nci", [b"\n01.234KG\r\nS1p0\r\x03"], State.UNSTABLE),
        ("nci", [b"\n01.234KG\r\nS0p\r\x03"], State.UNREADABLE),
        ("nci", [b"\n?\r\x03"], State.UNREADABLE),
        ("ohaus", [b"    3.410 kg   ?G  \r\n"], State.UNSTABLE),
        ("ohaus", [b"Err 8.3\r\n"], State.OVER),
        ("ohaus", [b"Err 8.4\r\n"], State.NO_ZERO),
        ("ohaus", [b"[Err 0]\r\n"], State.FAULT),
        ("ohaus", [b"10 kg    G  \r\n"], State.UNREADABLE),
        ("hid", [b"\x03\x01\x02\x00\x14\x00"], State.FAULT),
        ("hid", [b"\x03\x03\x02\x00\x14\x00"], State.UNSTABLE),
        ("hid", [b"\x03\x05\x02\x00\x14\x00"], State.NO_ZERO),
        ("hid", [b"\x03\x06\x02\x00\x14\x00"], State.OVER),
        ("hid", [b"\x03\x08\x02\x00\x14\x00"], State.NO_ZERO),
        ("hid", [b"\x03\x02\x02\x00\x14\x00"], State.UNREADABLE),
        ("hid", [b"\x03\x04\x02\x7f\x14\x00"], State.UNREADABLE),
        ("hid", [b"\x03\x04\x02\x00\x14"], State.UNREADABLE),
        ("hid", [b"\x03\x04\x02\x00\x14\x00\x00"], State.UNREADABLE),
        ("hid", [b"\x03\x04\x03\x06\xff\xff"], State.UNREADABLE),
    ],
)
def test_what_is_no_weight_says_what_it_is(
    name: Speech, frames: Sequence[bytes], state: State
) -> None:
    reading = read(name, *frames)
    assert reading.state is state


def test_the_last_decimal_place_is_the_step() -> None:
    assert read("8217", b"\x0212.345\r").step_g == 1
    assert toledo8217.protocol("lb").read([b"\x0212.34\r"]).step_g == Decimal("4.5359237")
    assert read("hid", b"\x03\x04\x0b\xff\x34\x19").step_g == Decimal("2.8349523125")


@given(st.lists(st.binary(max_size=20), max_size=3))
def test_raw_frames_are_printed_without_loss(frames: list[bytes]) -> None:
    raw = printable(frames)
    assert raw.isprintable()
    assert raw.isascii()
    assert raw.encode().decode("unicode_escape").encode("latin-1") == b"".join(frames)


CHARACTERS = st.lists(
    st.sampled_from([bytes((byte,)) for byte in b"\x02\x03\n\r SDITAN?G@Ap0148.-kglboz"]),
    max_size=24,
).map(b"".join)


@given(st.sampled_from(list(PROTOCOLS)), st.lists(CHARACTERS | st.binary(max_size=24), max_size=2))
def test_garbage_never_raises_and_is_never_heavier_than_a_scale(
    name: Speech, frames: list[bytes]
) -> None:
    reading = PROTOCOLS[name].read(frames)
    assert reading.raw == printable(frames)
    assert abs(reading.grams) <= HEAVIEST_G
    if reading.state is not State.STABLE:
        assert reading.grams == 0


def answers(speaks: Speech, grams: int, tare: int) -> list[bytes]:
    """What the virtual scale says when it is asked as its protocol asks."""
    pan = Pan(settles=0)
    pan.put(tare)
    pan.tare()
    pan.put(grams)
    return [pan.answer(speaks, request) for request in PROTOCOLS[speaks].asks]


LOADS = st.integers(0, 29_999)


@given(st.sampled_from(list(PROTOCOLS)), LOADS, st.sampled_from([0, 0, 250]))
def test_every_protocol_reads_its_own_scale_and_no_other(
    speaks: Speech, grams: int, tare: int
) -> None:
    frames = answers(speaks, grams, tare)
    for name, protocol in PROTOCOLS.items():
        reading = protocol.read(frames)
        if name != speaks:
            assert reading.state is not State.STABLE
        elif reading.state is State.STABLE:
            assert reading.grams == grams - tare
            assert bool(tare) is reading.tared or speaks == "hid"
        else:
            assert grams < tare


@given(st.sampled_from(list(PROTOCOLS)), LOADS, st.data())
def test_a_frame_that_lost_bytes_at_either_end_is_no_weight(
    speaks: Speech, grams: int, data: st.DataObject
) -> None:
    *first, frame = answers(speaks, grams, 0)
    cut = data.draw(st.integers(1, len(frame) - 1))
    for broken in (frame[cut:], frame[:-cut]):
        reading = PROTOCOLS[speaks].read([*first, broken])
        assert reading.state is not State.STABLE or reading.grams == grams


@given(st.sampled_from(["mtsics", "8217", "nci", "ohaus"]), LOADS)
def test_a_line_with_the_wrong_parity_is_no_weight(speaks: Speech, grams: int) -> None:
    frames = [
        bytes(byte | (byte.bit_count() % 2) << 7 for byte in frame)
        for frame in answers(speaks, grams, 0)
    ]
    assert PROTOCOLS[speaks].read(frames).state is State.UNREADABLE
