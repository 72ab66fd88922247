"""Scanners on a serial line: USB-CDC, RS-232, and any other pyserial address.

    serial:///dev/serial/by-id/...?baud=9600&prefix=aim&suffix=cr&feedback=bel
    serial:///dev/serial/by-id/...?protocol=ssi

One thread per scanner reads, reconnects and beeps. A device that goes away is lost, never an
error: it is opened again, ever more patiently, until it is back or the scanner is closed.
"""

from __future__ import annotations

import heapq
import time
from contextlib import suppress
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue

import serial

from devices.scanners import beeper, framing
from devices.scanners.beeper import NO_BEEPER, Beeper, beeper_of
from devices.scanners.framing import Assembler, framing_of
from devices.scanners.reading import TICK_S, Decoder, ReaderThread, why
from devices.scanners.ssi import Session
from devices.serial_port import SerialPort, port_of
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import Listener

_OURS = ("protocol", *framing.OPTIONS, *beeper.OPTIONS)
_BLUETOOTH = "rfcomm"
_WRITE_S = 0.05
"""A line that does not take a beep within this long gets none, so that reading goes on."""


class SerialScanner:
    """Reads one serial port in its own thread."""

    def __init__(self, port: SerialPort, decoder: Decoder, beeps: Beeper = NO_BEEPER) -> None:
        self._port = port
        self._beeper = beeps
        self._asked: SimpleQueue[tuple[float, Outcome]] = SimpleQueue()
        self._due: list[tuple[float, int, bytes]] = []
        self._number = count()
        self._thread = ReaderThread(port.name, self._read, decoder, self._why)

    def start(self, listener: Listener) -> None:
        """Begin to read."""
        self._thread.start(listener)

    def feedback(self, outcome: Outcome) -> None:
        """Have the scanner beep; it is the reading thread that sends it."""
        self._asked.put((time.monotonic(), outcome))

    def close(self) -> None:
        """Stop reading and release the port."""
        self._thread.close()

    def _read(self) -> None:
        """Open the port and read it until it is lost or the scanner is closed."""
        with self._port.opened(read_s=TICK_S, write_s=_WRITE_S) as port:
            self._thread.begin(time.monotonic())
            self._forget_beeps()
            while self._thread.running:
                data = port.read(max(1, port.in_waiting))
                self._thread.hear(data, time.monotonic(), partial(_write, port))
                self._beep(port)

    def _beep(self, port: serial.Serial) -> None:
        """Send what is due."""
        with suppress(Empty):
            while True:
                asked, outcome = self._asked.get_nowait()
                for after, data in self._beeper.notes(outcome):
                    heapq.heappush(self._due, (asked + after, next(self._number), data))
        while self._due and self._due[0][0] <= time.monotonic():
            _write(port, heapq.heappop(self._due)[2])

    def _forget_beeps(self) -> None:
        """A beep that comes late says nothing."""
        self._due.clear()
        with suppress(Empty):
            while True:
                self._asked.get_nowait()

    def _why(self, error: Exception) -> Text:
        if self._port.is_network and isinstance(error, OSError):
            return T(
                "{device} does not answer. Check its power and the network.",
                device=self._port.name,
            )
        return why(self._port.name, error)


def open_scanner(url: DeviceUrl) -> SerialScanner:
    """The driver for `serial:` and pyserial's own schemes; other options are pyserial's.

    Raises:
        ValueError: naming what was expected and what came.
    """
    port = port_of(url, _OURS)
    is_ssi = url.choice("protocol", ("plain", "ssi"), "plain") == "ssi"
    return SerialScanner(
        port,
        _ssi(url) if is_ssi else _plain(url, port),
        beeper_of(url, "ssi" if is_ssi else "none"),
    )


def _ssi(url: DeviceUrl) -> Session:
    extra = [name for name in framing.OPTIONS if name in url.options]
    if extra:
        raise ValueError(
            f"{url.text}: expected no {', '.join(extra)} with protocol=ssi, whose packets say "
            "where a code begins and ends."
        )
    url.choice("feedback", ("ssi", "none"), "ssi")
    return Session()


def _plain(url: DeviceUrl, port: SerialPort) -> Assembler:
    if url.options.get("feedback") == "ssi":
        raise ValueError(
            f"{url.text}: expected protocol=ssi with feedback=ssi, because the scanner answers "
            "each beep with a packet."
        )
    frames = framing_of(url)
    if frames.end == "idle" and (port.is_network or _BLUETOOTH in port.name):
        raise ValueError(
            f"{url.text}: expected end=suffix on a network or a radio, which may stall in the "
            "middle of a code, got 'idle'."
        )
    return Assembler(frames)


def _write(port: serial.Serial, data: bytes) -> None:
    with suppress(serial.SerialTimeoutException):
        port.write(data)
