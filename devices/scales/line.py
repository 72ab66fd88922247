"""How bytes come from a scale: a serial port that is asked, or the kernel's HID reports.

Source: Linux Documentation/hid/hidraw.rst (every read returns one report).
"""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import serial

from devices.serial_port import SerialPort

_LONGEST = 256
"""Bytes; no frame is longer, so what goes on is noise."""
_TICK_S, _WRITE_S = 0.05, 1.0


class Line(Protocol):
    """An open way to a scale."""

    def ask(self, request: bytes, wait_s: float) -> bytes:
        """The frame that answers; what there was of one when the time is up, or nothing.

        Raises:
            Exception: when the scale is lost; pyserial and the system use many kinds.
        """


OpenLine = Callable[[], AbstractContextManager[Line]]


class SerialLine:
    """A serial port whose frames end with a certain byte."""

    def __init__(self, port: serial.Serial, end: bytes) -> None:
        self._port = port
        self._end = end
        self._pending = b""

    def ask(self, request: bytes, wait_s: float) -> bytes:
        """See `Line.ask`.

        An answer that comes too late for its own question is thrown away. The beginning of a
        frame is kept, so that a scale which talks unasked never shows the tail of one.
        """
        while self._port.in_waiting:
            self._take()
        self._pending = self._pending.rpartition(self._end)[2]
        self._port.write(request)
        until = time.monotonic() + wait_s
        while self._end not in self._pending:
            if time.monotonic() >= until or len(self._pending) > _LONGEST:
                broken, self._pending = self._pending, b""
                return broken[:_LONGEST]
            self._take()
        frame, end, self._pending = self._pending.partition(self._end)
        return frame + end

    def _take(self) -> None:
        self._pending += self._port.read(max(1, self._port.in_waiting))


class HidLine:
    """A hidraw device: the scale reports when it likes, and one read is one report."""

    def __init__(self, device: int) -> None:
        self._device = device

    def ask(self, request: bytes, wait_s: float) -> bytes:
        """The newest report; older ones are thrown away."""
        report = b""
        while select.select([self._device], [], [], 0 if report else wait_s)[0]:
            report = os.read(self._device, _LONGEST)
            if not report:
                raise OSError("the scale has gone")
        return report


def open_serial(port: SerialPort, end: bytes) -> OpenLine:
    """A way to open a serial port whose frames end with a certain byte."""

    @contextmanager
    def line() -> Iterator[Line]:
        with port.opened(read_s=_TICK_S, write_s=_WRITE_S) as device:
            yield SerialLine(device, end)

    return line


def open_hid(path: str) -> OpenLine:
    """A way to open a hidraw device."""

    @contextmanager
    def line() -> Iterator[Line]:
        device = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            yield HidLine(device)
        finally:
            os.close(device)

    return line
