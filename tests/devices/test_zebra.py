"""What a label printer says of itself is read exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.documents.zpl import shipping_label
from devices.printers.virtual_zebra import VirtualZebra
from devices.printers.zebra import (
    labels_in,
    parse_error_status,
    parse_host_status,
    parse_odometer,
)
from tests.devices.documents import LABEL

READY = (
    b"\x02030,0,0,1245,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


def errors(flag: int, second: int, first: int, warning: int = 0) -> bytes:
    return (
        f"\x02\r\n  PRINTER STATUS\r\n   ERRORS:  {flag} {second:08X} {first:08X}\r\n"
        f"   WARNINGS:  {bool(warning):d} 00000000 {warning:08X}\r\n\x03"
    ).encode("ascii")


def host_status(first: dict[int, str], second: dict[int, str]) -> bytes:
    """A ready printer's answer with some fields changed, by their numbers."""
    frames = READY.decode("ascii").split("\r\n")
    for number, changes in enumerate((first, second)):
        fields = frames[number].strip("\x02\x03").split(",")
        for place, value in changes.items():
            fields[place] = value
        frames[number] = f"\x02{','.join(fields)}\x03"
    return "\r\n".join(frames).encode("latin-1")


def test_a_ready_printer_is_ready() -> None:
    said = parse_host_status(READY)
    assert said is not None
    assert (str(said.trouble), str(said.busy)) == ("", "")


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({1: "1"}, {}, "Paper out"),
        ({2: "1"}, {}, "Paused"),
        ({5: "1"}, {}, "memory is full"),
        ({9: "1"}, {}, "lost its settings"),
        ({11: "1"}, {}, "too hot"),
        ({}, {2: "1"}, "head open"),
        ({}, {3: "1"}, "Ribbon out"),
        ({1: "1", 2: "1"}, {2: "1"}, "Paper out"),
    ],
)
def test_a_trouble_is_named(first: dict[int, str], second: dict[int, str], words: str) -> None:
    said = parse_host_status(host_status(first, second))
    assert said is not None
    assert words in str(said.trouble)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({4: "002"}, {}, "still printing"),
        ({}, {8: "00000003"}, "still printing"),
        ({7: "1"}, {}, "Half a label"),
        ({4: "001"}, {7: "1"}, "waits to be taken"),
        ({}, {7: "1"}, ""),
    ],
)
def test_what_has_not_come_out_is_named(
    first: dict[int, str], second: dict[int, str], words: str
) -> None:
    said = parse_host_status(host_status(first, second))
    assert said is not None
    assert words in str(said.busy)
    assert bool(said.busy) is bool(words)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        READY[:-10],
        READY[5:],
        b"\x02a\x03\r\n\x02b\x03\r\n\x02c\x03",
        READY.replace(b"030,0", b"030,2"),
        READY.replace(b"030,0", b"030,"),
        READY.replace(b"1245,000", b"1245,xx0"),
        READY.replace(b"00000000", b""),
        errors(0, 0, 0),
    ],
)
def test_what_is_no_answer_is_none(answer: bytes) -> None:
    assert parse_host_status(answer) is None


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (0x1, "Paper out"),
        (0x2, "Ribbon out"),
        (0x4, "head open"),
        (0x8, "Cutter"),
        (0x10, "too hot"),
        (0x20, "Motor"),
        (0x40, "damaged"),
        (0x10000, "Paused"),
        (0x5, "Paper out"),
        (0x80, "error 00000000 00000080"),
        (0x400000, "error 00000000 00400000"),
    ],
)
def test_an_error_is_named_or_told_by_its_number(bits: int, words: str) -> None:
    said = parse_error_status(errors(1, 0, bits))
    assert said is not None
    assert words in str(said.trouble)


@given(st.integers(0, 0xFFFFFFFF), st.integers(0, 0xFFFFFFFF))
def test_no_error_is_ever_taken_for_ready(second: int, first: int) -> None:
    raised = parse_error_status(errors(1, second, first))
    assert raised is not None
    assert raised.trouble
    quiet = parse_error_status(errors(0, second, first))
    assert quiet is not None
    assert bool(quiet.trouble) is bool(second or first)


@pytest.mark.parametrize(("bits", "words"), [(0x8, "nearly"), (0x2, "dirty"), (0x100, "")])
def test_a_warning_stops_nothing(bits: int, words: str) -> None:
    said = parse_error_status(errors(0, 0, 0, bits))
    assert said is not None
    assert not said.trouble
    assert words in str(said.warning)


@pytest.mark.parametrize(
    "answer", [b"", READY, errors(1, 0, 1)[:-1], errors(1, 0, 1).replace(b"ERRORS:  1", b"ERRORS:")]
)
def test_what_is_no_error_status_is_none(answer: bytes) -> None:
    assert parse_error_status(answer) is None


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (b'"1234"', 1234),
        (READY + b'"7"\r\n', 7),
        (b'"?"', None),
        (b'"12 INCHES"', None),
        (b'""', None),
        (b"1234", None),
        ('"\u0662"'.encode(), None),
        (b"", None),
    ],
)
def test_an_odometer_is_a_number_or_nothing(answer: bytes, count: int | None) -> None:
    assert parse_odometer(answer) == count


@given(st.binary(max_size=200))
def test_noise_on_the_line_breaks_nothing(noise: bytes) -> None:
    for parse in (parse_host_status, parse_error_status, parse_odometer, labels_in):
        parse(noise)


@given(st.integers(0, 999), st.integers(0, 99_999_999), st.lists(st.booleans(), min_size=9))
def test_every_answer_that_a_printer_can_give_is_read(
    formats: int, left: int, flags: list[bool]
) -> None:
    paper, paused, full, partial, lost, hot, head, ribbon, waits = (f"{f:d}" for f in flags[:9])
    answer = host_status(
        {1: paper, 2: paused, 4: f"{formats:03d}", 5: full, 7: partial, 9: lost, 11: hot},
        {2: head, 3: ribbon, 7: waits, 8: f"{left:08d}"},
    )
    said = parse_host_status(answer)
    assert said is not None
    assert (said.formats, said.labels_left) == (formats, left)
    shown = [said.paper_out, said.paused, said.buffer_full, said.partial, said.memory_lost]
    shown += [said.too_hot, said.head_open, said.ribbon_out, said.label_waits]
    assert shown == flags[:9]


@pytest.mark.parametrize(
    ("zpl", "count"),
    [
        (shipping_label(LABEL), 1),
        (b"^XA^PQ3^XZ^XA^XZ", 4),
        (b"^XA^PQ0^XZ", 1),
        (b"^XA", 0),
        (b"%PDF-1.3", 0),
        (b"", 0),
    ],
)
def test_labels_are_counted(zpl: bytes, count: int) -> None:
    assert labels_in(zpl) == count


def test_the_virtual_printer_answers_what_is_read() -> None:
    head = VirtualZebra()
    assert parse_host_status(head.host_status()) == parse_host_status(READY)
    head.paper_out = True
    said = parse_error_status(head.error_status())
    assert said is not None
    assert "Paper out" in str(said.trouble)
