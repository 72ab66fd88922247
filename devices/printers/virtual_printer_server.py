"""Virtual printers on lines as real ones have: a TCP port, or a pseudo-terminal.

For tests and demonstrations. What a printer itself does is the matter of its head
(`virtual_zebra`, `virtual_receipt_printer`); what happens to a line is done here.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
import tty
from contextlib import suppress
from types import TracebackType
from typing import Generic, Protocol, TypeVar

_TICK_S = 0.02


class Head(Protocol):
    """The printer at the end of a line."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes in; what it answers."""


H = TypeVar("H", bound=Head)


class _Server(Generic[H]):
    """A thread that is at the end of a line until it is closed."""

    def __init__(self, head: H) -> None:
        self.head = head
        self.cut_after: int | None = None
        """Break the line, once, when this many bytes of a job came in; `~` and DLE begin
        questions, which do not count."""
        self.hangs = False
        """It reads nothing."""
        self.cut = threading.Event()
        """Set when the line was broken."""
        self._got = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="virtual-printer")

    def start(self) -> None:
        """Be there."""
        self._thread.start()

    def close(self) -> None:
        """Be gone, and end the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self._close()

    def _serve(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError

    def _take(self, data: bytes) -> bytes | None:
        """Hand bytes to the head; its answer, or None when the line breaks instead."""
        if self.cut_after is not None and not data.startswith((b"~", b"!", b"\x10")):
            self._got += len(data)
            if self._got >= self.cut_after:
                self.head.feed(data[: len(data) - (self._got - self.cut_after)])
                self.cut_after, self._got = None, 0
                return None
        return self.head.feed(data)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class TcpPrinterServer(_Server[H]):
    """A printer on 127.0.0.1 that serves one client at a time; the next ones wait in line."""

    def __init__(self, head: H, port: int = 0) -> None:
        super().__init__(head)
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.settimeout(_TICK_S)
        self._port = int(self._listener.getsockname()[1])

    @property
    def port(self) -> int:
        """The port it listens on."""
        return self._port

    def __enter__(self) -> TcpPrinterServer[H]:
        self.start()
        return self

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            with line, suppress(OSError):
                line.settimeout(_TICK_S)
                self._client(line)

    def _client(self, line: socket.socket) -> None:
        while not self._stop.is_set():
            if self.hangs:
                self._stop.wait(_TICK_S)
                continue
            try:
                data = line.recv(4096)
            except TimeoutError:
                continue
            if not data:
                return
            answer = self._take(data)
            if answer is None:
                # With a reset, as when the power goes.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.close()
                self.cut.set()
                return
            line.sendall(answer)

    def _close(self) -> None:
        self._listener.close()


class PtyPrinterServer(_Server[H]):
    """A printer at a pseudo-terminal, in place of a serial port or a USB printer."""

    def __init__(self, head: H) -> None:
        super().__init__(head)
        self._here, self._there = os.openpty()
        tty.setraw(self._there)
        self._path = os.ttyname(self._there)
        self._is_open = True

    @property
    def path(self) -> str:
        """The device file to open."""
        return self._path

    def __enter__(self) -> PtyPrinterServer[H]:
        self.start()
        return self

    def _serve(self) -> None:
        while not self._stop.is_set():
            ready, _, _ = select.select([self._here], [], [], _TICK_S)
            if not ready or self.hangs:
                self._stop.wait(_TICK_S if self.hangs else 0)
                continue
            try:
                data = os.read(self._here, 4096)
            except OSError:
                return
            answer = self._take(data)
            if answer is None:
                self._close()
                self.cut.set()
                return
            os.write(self._here, answer)

    def _close(self) -> None:
        """Both ends go: whoever still has the device open finds it gone."""
        if self._is_open:
            self._is_open = False
            os.close(self._there)
            os.close(self._here)
