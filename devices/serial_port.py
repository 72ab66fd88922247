"""Serial ports, near and far: how an address names one, and how it is opened.

    serial:///dev/serial/by-id/...?baud=9600&format=8N1
    socket://host:port  rfc2217://host:port  hwgrep://regexp  spy:///dev/...  alt:  cp2110:  loop:

Sources: pyserial API (Serial.exclusive, URL handlers); tcp(7).
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import urlencode, urlsplit

import serial

from devices.urls import DeviceUrl

OPTIONS = ("baud", "format")
"""Names of the options that `port_of` reads."""
NETWORK = ("socket", "rfc2217")

_FORMAT = re.compile(r"(?P<bytesize>[5-8])(?P<parity>[NEOMS])(?P<stopbits>[12])")
_DEAD_S = 3
"""Seconds after which a network peer that does not even acknowledge is lost."""


@dataclass(frozen=True, slots=True)
class SerialPort:
    """What pyserial opens."""

    name: str
    """A device's path, or one of pyserial's addresses."""
    baud: int = 9600
    format: str = "8N1"
    """Data bits, parity (None, Even, Odd, Mark, Space), stop bits."""

    @property
    def is_network(self) -> bool:
        """Whether it is at the other end of a network."""
        return self.name.startswith(NETWORK)

    @contextmanager
    def opened(self, *, read_s: float, write_s: float) -> Iterator[serial.Serial]:
        """Have it for this program alone; how long a read and a write may wait.

        Raises:
            SerialException, OSError, ValueError: when it is not there, taken, or not allowed.
        """
        found = _FORMAT.fullmatch(self.format)
        assert found is not None
        port = serial.serial_for_url(
            self.name,
            baudrate=self.baud,
            bytesize=int(found["bytesize"]),
            parity=found["parity"],
            stopbits=int(found["stopbits"]),
            timeout=read_s,
            write_timeout=None if self.name.startswith("rfc2217") else write_s,  # it has no such
            exclusive=True,
        )
        # pyserial forgets, and does not close, a socket whose other end has gone.
        line = getattr(port, "_socket", None)
        try:
            if self.name.startswith("socket:"):
                _notice_death(port)
            yield port
        finally:
            with suppress(OSError, TypeError, ValueError):
                port.close()
            if line is not None:
                line.close()


def port_of(url: DeviceUrl, ours: Iterable[str] = (), usual: str = "8N1") -> SerialPort:
    """The port that an address names; `ours` are options that are not pyserial's own.

    Raises:
        ValueError: naming what was expected and what came.
    """
    line = url.options.get("format", usual).upper()
    if not _FORMAT.fullmatch(line):
        raise ValueError(f"{url.text}: expected format such as 8N1 or 7E1, got {line!r}.")
    return SerialPort(_name(url, ours), url.number("baud", 9600, 50, 4_000_000), line)


def _name(url: DeviceUrl, ours: Iterable[str]) -> str:
    known = (*OPTIONS, *ours)
    if url.scheme == "serial":
        url.check_options(known)
        if not url.where:
            raise ValueError(f"Expected serial:///dev/serial/by-id/..., got {url.text!r}.")
        return url.where
    if url.scheme in NETWORK:
        try:
            host, number = urlsplit(url.text).hostname, urlsplit(url.text).port
        except ValueError:
            host, number = None, None
        if not host or not number:
            raise ValueError(f"Expected {url.scheme}://host:port, got {url.text!r}.")
    if url.scheme == "cp2110" and find_spec("hid") is None:
        raise ValueError(f"{url.text}: expected the package hidapi. Install it with pip.")
    theirs = url.without(known).options
    return f"{url.scheme}://{url.where}" + (f"?{urlencode(theirs)}" if theirs else "")


def _notice_death(port: serial.Serial) -> None:
    """Have the kernel look whether a network peer is still there; a dead one says nothing."""
    with socket.socket(fileno=os.dup(port.fileno())) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _DEAD_S - 1)
