"""How frames are told apart on a line."""

from __future__ import annotations

import fcntl
import os
from itertools import pairwise
from pathlib import Path
from typing import cast

import serial
from hypothesis import given
from hypothesis import strategies as st

from devices.scales.line import HidLine, SerialLine, open_hid


class Port:
    """A serial port whose answers come in pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self.unread = b""
        self.pieces = list(pieces)
        self.written: list[bytes] = []

    @property
    def in_waiting(self) -> int:
        return len(self.unread)

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def read(self, count: int) -> bytes:
        if not self.unread and self.pieces:
            self.unread = self.pieces.pop(0)
        taken, self.unread = self.unread[:count], self.unread[count:]
        return taken


def line(port: Port) -> SerialLine:
    return SerialLine(cast(serial.Serial, port), b"\n")


@given(st.binary(min_size=1, max_size=40), st.lists(st.integers(0, 40)))
def test_a_frame_comes_whole_however_it_is_cut(data: bytes, cuts: list[int]) -> None:
    frame = data.replace(b"\n", b"x") + b"\n"
    edges = sorted({0, len(frame), *(cut for cut in cuts if cut < len(frame))})
    port = Port(*(frame[one:other] for one, other in pairwise(edges)))
    assert line(port).ask(b"?", 30) == frame
    assert port.written == [b"?"]


def test_a_late_answer_is_thrown_away_and_the_head_of_a_frame_is_kept() -> None:
    port = Port(b"R\n")
    port.unread = b"late\nnext F"
    assert line(port).ask(b"?", 30) == b"next FR\n"


def test_silence_and_half_an_answer() -> None:
    assert line(Port()).ask(b"?", 0) == b""
    port = Port()
    port.unread = b"half"
    half = line(port)
    assert half.ask(b"?", 0) == b"half"
    port.unread = b"whole\n"
    port.pieces = [b"new\n"]
    assert half.ask(b"?", 30) == b"new\n"


def test_noise_without_end_is_cut() -> None:
    noise = line(Port(*[b"x" * 100] * 10))
    assert noise.ask(b"?", 30) == b"x" * 256


def test_the_newest_report_counts(tmp_path: Path) -> None:
    path = tmp_path / "hidraw"
    os.mkfifo(path)
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    fcntl.fcntl(device, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)
    with open_hid(str(path))() as hid:
        assert isinstance(hid, HidLine)
        for report in (b"old", b"older", b"newest"):
            os.write(device, report)
        assert hid.ask(b"", 30) == b"newest"
        assert hid.ask(b"", 0) == b""
    os.close(device)
