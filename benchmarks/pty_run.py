"""A program in a real pseudo-terminal: bytes in, bytes out, with the time they came."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from pathlib import Path

ENVIRONMENT = {
    "TERM": "xterm-256color",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_DISABLE_KITTY_KEY": "1",
    "PYTHONDONTWRITEBYTECODE": "",
}
"""For both sides alike: what `wms-terminal run` sets, and bytecode is kept, as after an install."""


class PtyRun:
    """One program on one terminal of 80 by 24."""

    def __init__(self, command: Sequence[str]) -> None:
        self.began = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update(ENVIRONMENT)
            os.execv(command[0], list(command))
        # Else the next program holds this one's terminal open, and closing it ends nobody.
        os.set_inheritable(self._fd, False)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""
        self._came: list[tuple[int, float]] = []
        """How long the output was then, and when."""

    def fileno(self) -> int:
        """The terminal, to wait for several of them."""
        return self._fd

    def write(self, data: bytes) -> float:
        """Type; the moment after the last byte."""
        self.forget()
        os.write(self._fd, data)
        return time.perf_counter()

    def forget(self) -> None:
        """What comes from here on is all there is."""
        self.output, self._came = b"", []

    def wait_for(self, marker: str, seconds: float = 20.0) -> float:
        """The moment at which a text was painted.

        Raises:
            TimeoutError: it never was; the end of what came is in the message.
        """
        wanted = marker.encode()
        deadline = time.perf_counter() + seconds
        while wanted not in self.output:
            left = deadline - time.perf_counter()
            if left <= 0 or not self.read(left):
                raise TimeoutError(f"{marker!r} was not painted; last: {self.output[-400:]!r}")
        return time.perf_counter()

    def settle(self, seconds: float = 0.1) -> None:
        """Read until nothing has come for a while."""
        while self.read(seconds):
            pass

    def painted(self, marker: str) -> float | None:
        """When a text came that has been read already; None when it is not there."""
        wanted = marker.encode()
        place = self.output.find(wanted)
        if place < 0:
            return None
        return next(when for size, when in self._came if size >= place + len(wanted))

    def memory_mb(self) -> float:
        """Proportional set size of the process."""
        with Path(f"/proc/{self.pid}/smaps_rollup").open(encoding="ascii") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("Pss:"))

    def close(self) -> None:
        """End the program and its terminal."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def read(self, seconds: float) -> bool:
        """Read what comes next; whether anything came in time."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.output += data
        self._came.append((len(self.output), time.perf_counter()))
        return bool(data)
