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
from typing import IO

import pyte

DEADLINE_S = 60.0
HAND_S = 0.35
"""What comes faster than this is taken for a scanner, its own Enter, or a bouncing key."""

_QUERIES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}
"""What Textual asks a terminal, and what xterm answers."""
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<>=][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p")

_CUT = re.compile(rb"\x1b(\[[0-9;?<>=$]*)?$")
"""The beginning of a sequence at the end of what has come so far."""

_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execvp(sys.argv[1], sys.argv[1:])\n"
)
"""Makes the pty the controlling terminal of the program that it then becomes."""
_MODE = re.compile(rb"\x1b\[\?(\d+)([hl])")


class Terminal:
    """Runs a command on a pty of its own; a thread reads and answers it.

    Without `controlling`, nobody sends the program a signal when its line is cut.
    """

    def __init__(
        self,
        command: Sequence[str],
        env: Mapping[str, str],
        size: tuple[int, int] = (80, 24),
        cwd: str | None = None,
        controlling: bool = True,
        stderr: IO[str] | None = None,
    ) -> None:
        self.size = size
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Condition()
        self.bells = 0
        self.modes: dict[int, bool] = {}
        """The private modes that the program set, and whether they are on."""
        self.written = b""
        """All that the program wrote."""
        self._looks = threading.Event()
        self._looks.set()
        self._master, slave = pty.openpty()
        self.found = self.attributes
        """How the line was set before."""
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *command] if controlling else command,
            stdin=slave,
            stdout=slave,
            stderr=slave if stderr is None else stderr,
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

    def type(self, keys: Sequence[str], gap_s: float) -> None:
        """Keys one by one, so far apart."""
        for number, key in enumerate(keys):
            if number and gap_s:
                time.sleep(gap_s)
            self.send(key)

    def press(self, data: str) -> None:
        """One key, no sooner after the one before than a hand can press it."""
        time.sleep(HAND_S)
        self.send(data)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size; the program is told of it, as a window does it."""
        with self._lock:
            self.size = (width, height)
            self._screen.resize(height, width)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    @property
    def attributes(self) -> list[object]:
        """How the line is set: echo, signals, flow control."""
        return list(termios.tcgetattr(self._master))

    def look_away(self) -> None:
        """Read nothing of what the program writes from now on, as a handheld out of reach."""
        self._looks.clear()

    def look(self) -> None:
        """Read again."""
        self._looks.set()

    def hang_up(self) -> None:
        """Cut the line."""
        self._looks.set()
        master, self._master = self._master, -1
        with suppress(OSError):
            os.close(master)

    @property
    def text(self) -> str:
        """The screen now."""
        with self._lock:
            return "\n".join(self._screen.display)

    def wait_for(self, wanted: str | Callable[[], bool]) -> str:
        """Wait until a text is on the screen, or a condition holds; the screen then."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            reads, text = self._reader.is_alive(), self.text
            if wanted in text if isinstance(wanted, str) else wanted():
                return text
            assert time.monotonic() < deadline, f"waited for {wanted!r}\n{text}"
            assert reads, f"the program ended before {wanted!r}\n{text}"
            with self._lock:
                self._lock.wait(0.05)

    def drain(self) -> None:
        """Read what an ended program has written last."""
        self._reader.join(DEADLINE_S)

    def wait_for_end(self) -> int:
        """Wait until the program has ended; its exit code."""
        return self.process.wait(DEADLINE_S)

    def _read(self) -> None:
        rest = b""
        while self._looks.wait():
            try:
                ready, _, _ = select.select([self._master], [], [], 0.1)
                data = os.read(self._master, 65536) if ready else b""
            except (OSError, ValueError):
                return
            if ready and not data:
                return
            with self._lock:
                self.written += data
            # A sequence that was cut in two is looked at once the other half is there.
            data = rest + data
            cut = _CUT.search(data)
            data, rest = (data[: cut.start()], data[cut.start() :]) if cut else (data, b"")
            for query, answer in _QUERIES.items():
                if query in data:
                    self.send(answer)
            with self._lock:
                self.modes |= {int(mode): on == b"h" for mode, on in _MODE.findall(data)}
                self.bells += data.count(b"\a")
                self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))
                self._lock.notify_all()
