"""Label printers on the network, port 9100: raw bytes, and `~HS` to ask how they are.

Source: Zebra ZPL II Programming Guide, ~HS (host status return) and network printing on 9100.

Once a byte of a job has left, the job is never sent again: printers keep what they received
and print it when they can, and the second label would be a duplicate.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from devices.urls import DeviceUrl
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

_FRAMES = re.compile(rb"\x02([^\x02\x03]*)\x03\s*\x02([^\x02\x03]*)\x03\s*\x02([^\x02\x03]*)\x03")
_LONGEST_ANSWER = 1024
_CHUNK = 4096
_POLL = 0.1

_CONNECT_S = 1.0
_SEND_S = 10.0
_DRAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What a printer says to `~HS`."""

    paper_out: bool = False
    paused: bool = False
    head_open: bool = False
    ribbon_out: bool = False
    buffer_full: bool = False
    partial: bool = False
    """A label of which only the beginning has been received."""
    formats: int = 0
    """Labels received and not yet begun."""
    labels_left: int = 0
    """Labels of the current batch still to come."""

    @property
    def trouble(self) -> str:
        """What keeps it from printing and what to do, or empty."""
        if self.paper_out:
            return "Paper out. Load labels."
        if self.ribbon_out:
            return "Ribbon out. Load ribbon."
        if self.head_open:
            return "Print head open. Close it."
        if self.paused:
            return "Paused. Press PAUSE on the printer."
        if self.buffer_full:
            return "Buffer full. Wait, or switch the printer off and on."
        return ""

    @property
    def is_idle(self) -> bool:
        """Whether everything it received has come out."""
        return not self.partial and self.formats == 0 and self.labels_left == 0


def parse_host_status(answer: bytes) -> HostStatus | None:
    """The three frames of a `~HS` answer, or None when they are not (yet) there."""
    match = _FRAMES.search(answer)
    if match is None:
        return None
    first, second = (group.decode("latin-1").split(",") for group in match.groups()[:2])
    if len(first) < 12 or len(second) < 11:
        return None
    return HostStatus(
        paper_out=_flag(first[1]),
        paused=_flag(first[2]),
        formats=_number(first[4]),
        buffer_full=_flag(first[5]),
        partial=_flag(first[7]),
        head_open=_flag(second[2]),
        ribbon_out=_flag(second[3]),
        labels_left=_number(second[8]),
    )


class TcpPrinter:
    """One printer at one address; a connection lasts one job."""

    def __init__(self, host: str, port: int, *, asks: bool = True, answer_s: float = 1.0) -> None:
        self._address = (host, port)
        self._asks = asks
        self._answer_s = answer_s

    def status(self) -> DeviceStatus:
        """Whether it can be reached and, where it answers `~HS`, whether it would print."""
        try:
            with socket.create_connection(self._address, _CONNECT_S) as line:
                said = self._ask(line) if self._asks else None
        except OSError as error:
            return DeviceStatus(DeviceState.LOST, self._unreachable(error))
        if said is None:
            return DeviceStatus(DeviceState.READY, "It does not say how it is." * self._asks)
        if said.trouble:
            return DeviceStatus(DeviceState.ATTENTION, said.trouble)
        return DeviceStatus(DeviceState.READY if said.is_idle else DeviceState.BUSY)

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Send one document and follow it as far as the printer tells."""
        try:
            line = socket.create_connection(self._address, _CONNECT_S)
        except OSError as error:
            return PrintResult(PrintState.FAULTED, self._unreachable(error))
        with line:
            return self._print(line, payload)

    def close(self) -> None:
        """Nothing is held between jobs."""

    def _print(self, line: socket.socket, payload: bytes) -> PrintResult:
        talks = self._asks and not payload.startswith(b"%PDF-")
        try:
            before = self._ask(line) if talks else None
        except OSError as error:
            return PrintResult(PrintState.FAULTED, self._unreachable(error))
        if before is not None and before.trouble:
            return PrintResult(PrintState.FAULTED, before.trouble)
        sent = 0
        try:
            line.settimeout(_SEND_S)
            while sent < len(payload):
                sent += line.send(payload[sent : sent + _CHUNK])
        except OSError as error:
            if sent == 0:
                return PrintResult(PrintState.FAULTED, self._unreachable(error))
            return PrintResult(PrintState.UNKNOWN, _broken(error, sent, len(payload)))
        try:
            return self._follow(line) if before is not None else self._part(line)
        except OSError as error:
            return PrintResult(PrintState.UNKNOWN, _broken(error, sent, len(payload)))

    def _ask(self, line: socket.socket) -> HostStatus | None:
        """Send `~HS` and wait for the answer; None when none comes in time.

        Raises:
            OSError: when the line breaks.
        """
        line.settimeout(self._answer_s)
        line.sendall(b"~HS\r\n")
        deadline = time.monotonic() + self._answer_s
        answer = b""
        while len(answer) < _LONGEST_ANSWER:
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            line.settimeout(left)
            try:
                received = line.recv(_LONGEST_ANSWER)
            except TimeoutError:
                return None
            if not received:
                raise ConnectionResetError("The printer closed the line.")
            answer += received
            said = parse_host_status(answer)
            if said is not None:
                return said
        return None

    def _follow(self, line: socket.socket) -> PrintResult:
        """Ask until everything came out, something is wrong, or it takes too long.

        Idle counts when it is said twice running: the first answer may come before the printer
        has looked at the job.
        """
        was_idle = False
        deadline = time.monotonic() + _DRAIN_S
        while time.monotonic() < deadline:
            said = self._ask(line)
            if said is None:
                return PrintResult(PrintState.SENT, "It stopped answering after the job.")
            if said.trouble:
                return PrintResult(
                    PrintState.UNKNOWN, f"{said.trouble} The label may still come out."
                )
            if said.is_idle and was_idle:
                return PrintResult(PrintState.PRINTED)
            was_idle = said.is_idle
            time.sleep(_POLL)
        return PrintResult(PrintState.SENT, "It is still printing.")

    def _part(self, line: socket.socket) -> PrintResult:
        """Close our end, and see whether the printer took everything.

        Raises:
            OSError: when the line breaks with bytes still on the way.
        """
        line.shutdown(socket.SHUT_WR)
        line.settimeout(self._answer_s)
        with suppress(TimeoutError):
            while line.recv(_LONGEST_ANSWER):
                pass
        return PrintResult(PrintState.SENT, "It does not say whether it printed." * self._asks)

    def _unreachable(self, error: OSError) -> str:
        host, port = self._address
        return f"No printer at {host}:{port} ({error}). Check power and network."


def open_printer(url: DeviceUrl) -> TcpPrinter:
    """The driver for `tcp:`; `?status=none` for a printer that would print `~HS`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("status",))
    parts = urlsplit(url.text)
    try:
        host, port = parts.hostname, parts.port or 9100
    except ValueError:
        host, port = None, 0
    if not host or parts.path.strip("/"):
        raise ValueError(f"Expected tcp://host:9100, got {url.text!r}.")
    return TcpPrinter(host, port, asks=url.choice("status", ("hs", "none"), "hs") == "hs")


def _broken(error: OSError, sent: int, total: int) -> str:
    return (
        f"The line broke after {sent} of {total} bytes ({error}). "
        "Look whether the label came out before you reprint."
    )


def _flag(text: str) -> bool:
    return text.strip() not in ("0", "")


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0
