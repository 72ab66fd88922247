"""A program in a real terminal: bytes go in as a keyboard sends them, a screen comes out."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import TracebackType

import pyte

DEADLINE_S = 60.0
HAND_S = 0.15
"""What comes faster than this is taken for a scanner or a bouncing key."""

_QUERIES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}
"""What Textual asks a terminal, and what xterm answers."""
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")

_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)
"""Without a controlling terminal nobody tells the program that its line was cut."""


class Terminal:
    """Runs a command on a pty of its own; a thread reads and answers it."""

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        cwd: str | None = None,
    ) -> None:
        self.size = size
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Condition()
        self.bells = 0
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={"TERM": "xterm-256color", "PATH": os.environ["PATH"], **env},
            cwd=cwd,
            start_new_session=True,
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(DEADLINE_S)
        self.hang_up()
        self._reader.join(DEADLINE_S)

    def send(self, data: str | bytes) -> None:
        """Type, as fast as the line takes it."""
        left = data.encode() if isinstance(data, str) else data
        while left:
            left = left[os.write(self._master, left) :]

    def press(self, data: str) -> None:
        """One key, no sooner after the one before than a hand can press it."""
        time.sleep(HAND_S)
        self.send(data)

    def hang_up(self) -> None:
        """Cut the line."""
        with suppress(OSError):
            os.close(self._master)

    @property
    def text(self) -> str:
        """The screen now."""
        with self._lock:
            return "\n".join(self._screen.display)

    def wait_for(self, wanted: str | Callable[[], bool]) -> str:
        """Wait until a text is on the screen, or a condition holds; the screen then."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            text = self.text
            if wanted in text if isinstance(wanted, str) else wanted():
                return text
            assert time.monotonic() < deadline, f"waited for {wanted!r}\n{text}"
            with self._lock:
                self._lock.wait(0.05)

    def wait_for_end(self) -> int:
        """Wait until the program has ended; its exit code."""
        return self.process.wait(DEADLINE_S)

    def _read(self) -> None:
        while True:
            try:
                ready, _, _ = select.select([self._master], [], [], 0.1)
                data = os.read(self._master, 65536) if ready else b""
            except (OSError, ValueError):
                return
            if ready and not data:
                return
            for query, answer in _QUERIES.items():
                if query in data:
                    self.send(answer)
            with self._lock:
                self.bells += data.count(b"\a")
                self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
                self._lock.notify_all()
