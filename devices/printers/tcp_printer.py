"""Label printers on the network: raw bytes on port 9100.

Source: Zebra ZPL II Programming Guide, network printing. Many models serve one client at a time
and refuse the next one, or let it wait without an answer.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

from devices.printers.line import PATIENCE, Line, Patience, keep_trying
from devices.printers.line_printer import Language, LinePrinter, Silent
from devices.printers.zebra import Zpl
from devices.urls import DeviceUrl

_CONNECT_S = 1.0
_CLOSE_S = 1.0
"""A printer that stays on the line for longer has what it was sent, or it hangs."""
_LONGEST_READ = 4096
_SHORTEST_S = 0.001
"""Less would switch a socket's time-out off."""


class SocketLine:
    """The line of a connected socket."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line

    def send(self, data: bytes, seconds: float) -> int:
        """Hand over as much as the line takes at once."""
        self._line.settimeout(max(seconds, _SHORTEST_S))
        return self._line.send(data)

    def receive(self, seconds: float) -> bytes:
        """What came, as soon as something did."""
        self._line.settimeout(max(seconds, _SHORTEST_S))
        try:
            data = self._line.recv(_LONGEST_READ)
        except TimeoutError:
            return b""
        if not data:
            raise ConnectionResetError("the printer closed the line")
        return data

    def finish(self, seconds: float) -> None:
        """Close our end, and see whether the printer breaks the line before it took everything."""
        self._line.shutdown(socket.SHUT_WR)
        self._line.settimeout(min(seconds, _CLOSE_S))
        with suppress(TimeoutError):
            while self._line.recv(_LONGEST_READ):
                pass


@contextmanager
def connect(host: str, port: int, seconds: float) -> Iterator[Line]:
    """Open a line to a printer; when it refuses, it is tried again for so many seconds.

    Raises:
        OSError: there is no line to be had.
    """
    with keep_trying(partial(socket.create_connection, (host, port), _CONNECT_S), seconds) as line:
        yield SocketLine(line)


def network_printer(
    host: str, port: int, speak: Callable[[Patience], Language], patience: Patience = PATIENCE
) -> LinePrinter:
    """A printer at an address, in the language that `speak` makes."""
    return LinePrinter(
        f"{host.lower()}:{port}", partial(connect, host, port), speak(patience), patience
    )


def open_printer(url: DeviceUrl) -> LinePrinter:
    """The driver for `tcp:`, with `?status=full|hs|none`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("status",))
    host, port = host_and_port(url)
    return network_printer(host, port, zpl_language(url))


def zpl_language(url: DeviceUrl) -> Callable[[Patience], Language]:
    """What a label printer is asked: everything, `~HS` alone, or nothing.

    Raises:
        ValueError: naming what was expected and what came.
    """
    status = url.choice("status", ("full", "hs", "none"), "full")
    return Silent if status == "none" else partial(Zpl, full=status == "full")


def host_and_port(url: DeviceUrl) -> tuple[str, int]:
    """Where a network printer is.

    Raises:
        ValueError: naming what was expected and what came.
    """
    parts = urlsplit(url.text)
    try:
        host, port = parts.hostname, parts.port or 9100
    except ValueError:
        host, port = None, 0
    if not host or parts.path.strip("/"):
        raise ValueError(f"Expected {url.scheme}://host:9100, got {url.text!r}.")
    return host, port
