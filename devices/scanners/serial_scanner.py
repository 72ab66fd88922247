"""Scanners on a serial line: USB-CDC, RS-232, and any other pyserial address.

    serial:///dev/serial/by-id/...?baud=9600&format=8N1&prefix=aim&suffix=cr&feedback=bel
    serial:///dev/serial/by-id/...?protocol=ssi
    socket://host:port  rfc2217://host:port  hwgrep://regexp  spy:///dev/...  alt:  cp2110:  loop:

Sources: pyserial API (Serial.exclusive, URL handlers).

One thread per scanner reads, reconnects and beeps. A device that goes away is lost, never an
error: it is opened again, ever more patiently, until it is back or the scanner is closed.
"""

from __future__ import annotations

import heapq
import os
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlencode, urlsplit

import serial

from devices.scanners import beeper, framing
from devices.scanners.beeper import NO_BEEPER, Beeper, beeper_of
from devices.scanners.framing import Assembler, framing_of
from devices.scanners.reading import TICK_S, Decoder, ReaderThread, why
from devices.scanners.ssi import Session
from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import Listener

_OURS = ("baud", "format", "protocol", *framing.OPTIONS, *beeper.OPTIONS)
_NETWORK = ("socket", "rfc2217")
_BLUETOOTH = "rfcomm"
_FORMAT = re.compile(r"(?P<bytesize>[5-8])(?P<parity>[NEOMS])(?P<stopbits>[12])")
_WRITE_S = 0.05
"""A line that does not take a beep within this long gets none, so that reading goes on."""
_DEAD_S = 3
"""Seconds after which a network peer that does not even acknowledge is lost."""


@dataclass(frozen=True, slots=True)
class Port:
    """What pyserial opens."""

    name: str
    """A device's path, or one of pyserial's addresses."""
    baud: int = 9600
    format: str = "8N1"
    """Data bits, parity (None, Even, Odd, Mark, Space), stop bits."""

    @property
    def is_network(self) -> bool:
        """Whether it is at the other end of a network."""
        return self.name.startswith(_NETWORK)

    def open(self) -> serial.Serial:
        """Open it for this program alone.

        Raises:
            SerialException, OSError, ValueError: when it is not there, taken, or not allowed.
        """
        found = _FORMAT.fullmatch(self.format)
        assert found is not None
        options: dict[str, Any] = {
            "bytesize": int(found["bytesize"]),
            "parity": found["parity"],
            "stopbits": int(found["stopbits"]),
        }
        if not self.name.startswith("rfc2217"):  # which refuses the option
            options["write_timeout"] = _WRITE_S
        port = serial.serial_for_url(
            self.name, baudrate=self.baud, timeout=TICK_S, exclusive=True, **options
        )
        if self.name.startswith("socket:"):
            _notice_death(port)
        return port


class SerialScanner:
    """Reads one serial port in its own thread."""

    def __init__(self, port: Port, decoder: Decoder, beeps: Beeper = NO_BEEPER) -> None:
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
        port = self._port.open()
        try:
            self._thread.begin(time.monotonic())
            self._forget_beeps()
            while self._thread.running:
                data = port.read(max(1, port.in_waiting))
                self._thread.hear(data, time.monotonic(), partial(_write, port))
                self._beep(port)
        finally:
            with suppress(OSError, TypeError, ValueError):
                port.close()

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
    if url.scheme == "serial":
        url.check_options(_OURS)
        if not url.where:
            raise ValueError(f"Expected serial:///dev/serial/by-id/..., got {url.text!r}.")
        name = url.where
    else:
        name = _pyserial_url(url)
    line = url.options.get("format", "8N1").upper()
    if not _FORMAT.fullmatch(line):
        raise ValueError(f"{url.text}: expected format such as 8N1 or 7E1, got {line!r}.")
    is_ssi = url.choice("protocol", ("plain", "ssi"), "plain") == "ssi"
    return SerialScanner(
        Port(name, url.number("baud", 9600, 50, 4_000_000), line),
        _ssi(url) if is_ssi else _plain(url, name),
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


def _plain(url: DeviceUrl, name: str) -> Assembler:
    if url.options.get("feedback") == "ssi":
        raise ValueError(
            f"{url.text}: expected protocol=ssi with feedback=ssi, because the scanner answers "
            "each beep with a packet."
        )
    frames = framing_of(url)
    if frames.end == "idle" and (url.scheme in _NETWORK or _BLUETOOTH in name):
        raise ValueError(
            f"{url.text}: expected end=suffix on a network or a radio, which may stall in the "
            "middle of a code, got 'idle'."
        )
    return Assembler(frames)


def _pyserial_url(url: DeviceUrl) -> str:
    if url.scheme in _NETWORK:
        try:
            host, number = urlsplit(url.text).hostname, urlsplit(url.text).port
        except ValueError:
            host, number = None, None
        if not host or not number:
            raise ValueError(f"Expected {url.scheme}://host:port, got {url.text!r}.")
    if url.scheme == "cp2110" and find_spec("hid") is None:
        raise ValueError(f"{url.text}: expected the package hidapi. Install it with pip.")
    theirs = {name: value for name, value in url.options.items() if name not in _OURS}
    return f"{url.scheme}://{url.where}" + (f"?{urlencode(theirs)}" if theirs else "")


def _write(port: serial.Serial, data: bytes) -> None:
    with suppress(serial.SerialTimeoutException):
        port.write(data)


def _notice_death(port: serial.Serial) -> None:
    """Have the kernel look whether a network peer is still there; a dead one says nothing."""
    with socket.socket(fileno=os.dup(port.fileno())) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _DEAD_S - 1)
