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


class PtyRun:
    """One program on one terminal of 80 by 24."""

    def __init__(self, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self.began = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"})
            os.environ.update(environment or {})
            os.execv(command[0], list(command))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.output = b""

    def write(self, data: bytes) -> float:
        """Type; the moment after the last byte."""
        self.output = b""
        os.write(self._fd, data)
        return time.perf_counter()

    def wait_for(self, marker: str, seconds: float = 20.0) -> float:
        """The moment at which a text was painted.

        Raises:
            TimeoutError: it never was; the end of what came is in the message.
        """
        wanted = marker.encode()
        deadline = time.perf_counter() + seconds
        while wanted not in self.output:
            left = deadline - time.perf_counter()
            if left <= 0 or not self._read(left):
                raise TimeoutError(f"{marker!r} was not painted; last: {self.output[-400:]!r}")
        return time.perf_counter()

    def settle(self, seconds: float = 0.1) -> None:
        """Read until nothing has come for a while."""
        while self._read(seconds):
            pass

    def memory_kb(self) -> int:
        """Proportional set size of the process."""
        with Path(f"/proc/{self.pid}/smaps_rollup").open(encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))

    def close(self) -> None:
        """End the program and its terminal."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self.output += data
        return bool(data)
