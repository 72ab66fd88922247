"""A scale without hardware, on a pseudo-terminal, a TCP port or a FIFO.

A FIFO whose writes stay apart (pipe(7), O_DIRECT) stands for hidraw.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import threading
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol

from devices.scales.virtual_pan import Pan, Speech

_TICK_S = 0.05
_REPORT_S = 0.01


class VirtualScale:
    """A pan, a voice and a plug. Everything may be changed at any time, from any thread."""

    def __init__(
        self, path: Path | None = None, speaks: Speech = "mtsics", *, capacity_g: int = 30_000
    ) -> None:
        """Plug it in.

        Args:
            path: where the device appears; None for a TCP port on 127.0.0.1.
            speaks: its protocol; may be changed.
            capacity_g: what weighs more is an overload.
        """
        self.pan = Pan(capacity_g=capacity_g)
        self.speaks: Speech = speaks
        self.mute = False
        """It takes questions and does not answer."""
        self.parity = False
        """It sends a parity bit that the other side does not expect: 7E1 read as 8N1."""
        self._link = _link(path, speaks)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.plug()

    @property
    def url(self) -> str:
        """Its address as `open_scale` takes it."""
        unit = "&unit=kg" if self.speaks == "8217" else ""
        options = "?tare=none" if self.speaks == "hid" else f"?protocol={self.speaks}{unit}"
        return self._link.url + options

    def plug(self) -> None:
        """Plug it in, after it was unplugged."""
        self._link.open()
        self._stop.clear()
        self._thread = threading.Thread(target=self._serve, daemon=True, name="virtual-scale")
        self._thread.start()

    def unplug(self) -> None:
        """Pull the plug; the device is gone from its path."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join(5)
            self._thread = None
            self._link.close()

    def __enter__(self) -> VirtualScale:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.unplug()

    def _serve(self) -> None:
        heard = b""
        while not self._stop.is_set():
            with suppress(OSError):
                if self.speaks == "hid":
                    self._stop.wait(_REPORT_S)
                    self._tell(b"")
                    continue
                heard += self._link.read()
                while request := _first(heard, self.speaks):
                    heard = heard[len(request) :]
                    self._tell(request)

    def _tell(self, request: bytes) -> None:
        frame = self.pan.answer(self.speaks, request)
        if frame and not self.mute:
            self._link.write(bytes(map(_with_parity, frame)) if self.parity else frame)


def _first(heard: bytes, speaks: Speech) -> bytes:
    """The first whole request; empty when there is none yet."""
    if speaks == "8217":
        return heard[:1]
    end = b"\r" if speaks == "nci" else b"\n"
    return heard[: heard.index(end) + 1] if end in heard else b""


def _with_parity(byte: int) -> int:
    return byte | (byte.bit_count() % 2) << 7


class _Link(Protocol):
    url: str

    def open(self) -> None: ...
    def read(self) -> bytes: ...
    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...


class _Pty:
    def __init__(self, path: Path) -> None:
        self.url = f"serial://{path}"
        self._path = path
        self._master = self._slave = -1

    def open(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self._path.symlink_to(os.ttyname(self._slave))

    def read(self) -> bytes:
        ready = select.select([self._master], [], [], _TICK_S)[0]
        return os.read(self._master, 256) if ready else b""

    def write(self, data: bytes) -> None:
        os.write(self._master, data)

    def close(self) -> None:
        self._path.unlink()
        os.close(self._master)
        os.close(self._slave)


class _Fifo:
    def __init__(self, path: Path) -> None:
        self.url = f"hidraw://{path}"
        self._path = path
        self._device = -1

    def open(self) -> None:
        os.mkfifo(self._path)
        self._device = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._device, fcntl.F_SETFL, os.O_NONBLOCK | os.O_DIRECT)

    def read(self) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        os.write(self._device, data)

    def close(self) -> None:
        self._path.unlink()
        os.close(self._device)


class _Tcp:
    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port = self._listener.getsockname()[1]
        self.url = f"socket://127.0.0.1:{self._port}"
        self._listener.close()
        self._line: socket.socket | None = None

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._listener.settimeout(_TICK_S)

    def read(self) -> bytes:
        if self._line is None:
            self._line, _ = self._listener.accept()
            self._line.settimeout(_TICK_S)
        data = self._line.recv(256)
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> None:
        if self._line is not None:
            self._line.sendall(data)

    def close(self) -> None:
        self._hang_up()
        self._listener.close()

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None


def _link(path: Path | None, speaks: Speech) -> _Link:
    if path is None:
        return _Tcp()
    return _Fifo(path) if speaks == "hid" else _Pty(path)
