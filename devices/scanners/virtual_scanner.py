"""A scanner made of software, at the end of a line that can be pulled out: a pty or a socket.

It frames codes as scanners do, or speaks Simple Serial Interface as the guide says: it waits for
each ACK and sends again up to twice. What it is sent back (beeps, lights) it keeps.
"""

from __future__ import annotations

import fcntl
import os
import queue
import socket
import struct
import termios
import threading
import time
import tty
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

from devices.scanners import ssi

_TICK_S = 0.005
_TRIES = 3
_CODE_128 = 0x03


class Cable(Protocol):
    """What is between a scanner and the program. May be used by two threads."""

    url: str
    """Where the program finds the scanner."""

    def plug(self) -> None:
        """Connect."""

    def unplug(self) -> None:
        """Pull it out; what is on its way is gone."""

    def send(self, data: bytes) -> None:
        """To the program.

        Raises:
            OSError: when it is unplugged.
        """

    def receive(self) -> bytes:
        """What came from the program, maybe nothing; does not wait.

        Raises:
            OSError: when it is unplugged.
        """

    def drain(self) -> None:
        """Wait until the program has taken what was sent, as far as that can be seen."""


class PtyCable:
    """A serial port behind a link, as udev makes one for each scanner."""

    def __init__(self, path: Path) -> None:
        self.url = f"serial://{path}"
        self._path = path
        self._ends: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self.plug()

    def plug(self) -> None:
        """Make the port, and the link to it."""
        with self._lock:
            if self._ends is None:
                master, slave = self._ends = os.openpty()
                tty.setraw(slave)
                os.set_blocking(master, False)
                self._path.symlink_to(os.ttyname(slave))

    def unplug(self) -> None:
        """Take the port and its link away."""
        with self._lock:
            if self._ends is not None:
                self._path.unlink(missing_ok=True)
                ends, self._ends = self._ends, None
                for end in ends:
                    os.close(end)

    def send(self, data: bytes) -> None:
        """Write all of it, however slowly it is read."""
        while data:
            with self._lock, suppress(BlockingIOError):
                data = data[os.write(self._open_ends()[0], data) :]
            if data:
                time.sleep(_TICK_S)

    def receive(self) -> bytes:
        """What the program wrote."""
        with self._lock, suppress(BlockingIOError):
            return os.read(self._open_ends()[0], 4096)
        return b""

    def drain(self) -> None:
        """Wait until the kernel holds nothing of it any more, once it has passed it on."""
        while True:
            time.sleep(_TICK_S)
            with self._lock:
                held = fcntl.ioctl(self._open_ends()[1], termios.FIONREAD, bytes(4))
            if struct.unpack("I", held)[0] == 0:
                return

    def _open_ends(self) -> tuple[int, int]:
        if self._ends is None:
            raise OSError("unplugged")
        return self._ends


class TcpCable:
    """A serial port at the other end of a network, as ser2net gives one; for one program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._server: socket.socket | None = None
        self._line: socket.socket | None = None
        self._port = 0
        self.plug()
        self.url = f"socket://127.0.0.1:{self._port}"

    def plug(self) -> None:
        """Listen, on the same port as before."""
        with self._lock:
            if self._server is None:
                self._server = socket.create_server(("127.0.0.1", self._port))
                self._server.setblocking(False)
                self._port = self._server.getsockname()[1]

    def unplug(self) -> None:
        """Hang up, and listen no more."""
        with self._lock:
            for end in (self._line, self._server):
                if end is not None:
                    end.close()
            self._line = self._server = None

    def send(self, data: bytes) -> None:
        """Write all of it."""
        with self._lock:
            if self._line is None:
                raise OSError("nobody is connected")
            self._line.sendall(data)

    def receive(self) -> bytes:
        """What the program wrote; answers the program's call where it calls."""
        with self._lock, suppress(BlockingIOError):
            if self._server is None:
                raise OSError("unplugged")
            if self._line is None:
                self._line, _ = self._server.accept()
            data = self._line.recv(4096, socket.MSG_DONTWAIT)
            if not data:
                self._line.close()
                self._line = None
            return data
        return b""

    def drain(self) -> None:
        """Do nothing: the network delivers before it hangs up."""


class VirtualScanner:
    """Reads what it is told to, and keeps what it is sent."""

    def __init__(
        self,
        cable: Cable,
        *,
        protocol: Literal["plain", "ssi"] = "plain",
        prefix: bytes = b"",
        suffix: bytes = b"\r",
        response_s: float = 2.0,
    ) -> None:
        self.received: queue.Queue[bytes] = queue.Queue()
        """What the program sent: bytes as they came, or by SSI one command each."""
        self.damaged = 0
        """So many of the next packets go out with a wrong checksum."""
        self.deaf = 0
        """So many of the next ACKs are not heard."""
        self.url = cable.url + ("?protocol=ssi" if protocol == "ssi" else "")
        """The program's address of this scanner."""
        self._cable = cable
        self._is_ssi = protocol == "ssi"
        self._prefix, self._suffix = prefix, suffix
        self._response_s = response_s
        self._answers: queue.Queue[int] = queue.Queue()
        self._buffer = b""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="virtual scanner", daemon=True)
        self._thread.start()

    def scan(self, code: str, kind: int = _CODE_128) -> bool:
        """Read a code; whether the program is known to have it, or, without SSI, may have it.

        Args:
            code: what the symbol holds.
            kind: SSI code type.
        """
        data = code.encode()
        try:
            if self._is_ssi:
                return all(self._deliver(packet) for packet in _packets(data, kind))
            self._cable.send(self._prefix + data + self._suffix)
        except OSError:
            return False
        return True

    def cut(self, code: str) -> None:
        """Be pulled out in the middle of a code."""
        whole = self._prefix + code.encode() + self._suffix
        if self._is_ssi:
            whole = ssi.encode(_packets(code.encode(), _CODE_128)[0])
        self._cable.send(whole[: (len(whole) - len(self._suffix)) // 2 + 1])
        self._cable.drain()
        self.unplug()

    def plug(self) -> None:
        """Be plugged in."""
        self._cable.plug()

    def unplug(self) -> None:
        """Be pulled out."""
        self._cable.unplug()

    def close(self) -> None:
        """Be pulled out, and never plugged in again."""
        self._stop.set()
        self._thread.join()
        self._cable.unplug()

    def _deliver(self, packet: ssi.Packet) -> bool:
        for attempt in range(_TRIES):
            status = packet.status | (ssi.RETRANSMITTED if attempt else 0)
            data = ssi.encode(ssi.Packet(packet.opcode, packet.data, packet.source, status))
            if self.damaged:
                self.damaged -= 1
                data = data[:-1] + bytes((data[-1] ^ 0xFF,))
            while not self._answers.empty():
                self._answers.get_nowait()
            self._cable.send(data)
            with suppress(queue.Empty):
                if self._answers.get(timeout=self._response_s) == ssi.CMD_ACK:
                    return True
        return False

    def _listen(self) -> None:
        while not self._stop.is_set():
            try:
                data = self._cable.receive()
            except OSError:
                self._buffer = data = b""
            if not data:
                self._stop.wait(_TICK_S)
            elif self._is_ssi:
                self._buffer += data
                self._understand()
            else:
                self.received.put(data)

    def _understand(self) -> None:
        """Take packets of the program apart; it is near, so they come whole and right."""
        while self._buffer:
            if self._buffer.startswith(ssi.WAKE_UP):
                self._buffer = self._buffer[1:]
                continue
            size = self._buffer[0] + 2
            if len(self._buffer) < size:
                return
            packet, self._buffer = self._buffer[:size], self._buffer[size:]
            if packet[1] == ssi.CMD_ACK and self.deaf:
                self.deaf -= 1
            elif packet[1] in {ssi.CMD_ACK, ssi.CMD_NAK}:
                self._answers.put(packet[1])
            else:
                self.received.put(packet)
                with suppress(OSError):
                    self._cable.send(ssi.encode(ssi.Packet(ssi.CMD_ACK, source=ssi.SCANNER)))


def _packets(data: bytes, kind: int) -> list[ssi.Packet]:
    """A code as the packets that carry it; all but the last one say that more follow."""
    room = ssi.LONGEST_DATA - 1
    parts = [data[n : n + room] for n in range(0, len(data), room)] or [b""]
    return [
        ssi.Packet(
            ssi.DECODE_DATA,
            bytes((kind,)) + part,
            ssi.SCANNER,
            ssi.CONTINUED if part is not parts[-1] else 0,
        )
        for part in parts
    ]
