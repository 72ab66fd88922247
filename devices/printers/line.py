"""The line to a printer: bytes out, bytes in, each within a time."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import struct
import termios
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Protocol, TypeVar

R = TypeVar("R")

_LONGEST_READ = 4096
_TICK_S = 0.01
_RETRY_S = 0.1
_TAKEN = (errno.EAGAIN, errno.EBUSY, errno.ECONNREFUSED)
"""A lock, a device and a network printer that somebody else has."""


class Line(Protocol):
    """An open line to one printer."""

    def send(self, data: bytes, seconds: float) -> int:
        """Hand over as much as the line takes at once; how many bytes that was.

        Raises:
            TimeoutError: it took nothing in time.
            OSError: it is broken.
        """

    def receive(self, seconds: float) -> bytes:
        """What came, as soon as something did; empty when nothing did in time.

        Raises:
            OSError: it is broken.
        """

    def finish(self, seconds: float) -> None:
        """No more is sent: wait until all of it has left, as far as that can be seen.

        Raises:
            TimeoutError: it did not leave in time.
            OSError: the line is broken.
        """


Connect = Callable[[float], AbstractContextManager[Line]]
"""Opens a line, and keeps trying for so many seconds while somebody else is on it; an OSError
says why there is none."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a printer's driver waits."""

    turn: float = 15.0
    """While another station prints."""
    connect: float = 3.0
    """While the line is taken by somebody else."""
    answer: float = 1.0
    """For the answer to a question."""
    ready: float = 5.0
    """While other labels come out, before a job."""
    send: float = 10.0
    """While the printer takes no bytes."""
    drain: float = 10.0
    """For each label to come out."""
    poll: float = 0.1
    """Between two questions."""


PATIENCE = Patience()
"""What is right on the floor."""


def keep_trying(open_it: Callable[[], R], seconds: float) -> R:
    """Open a device; while somebody else has it, try again for so many seconds.

    Raises:
        OSError: why it cannot be opened.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return open_it()
        except OSError as error:
            if error.errno not in _TAKEN or time.monotonic() >= deadline:
                raise
            time.sleep(_RETRY_S)


class DeviceLine:
    """The line of an open device file, such as a serial port or a USB printer."""

    def __init__(self, file: int, *, empty_is_end: bool) -> None:
        self._file = file
        # A terminal that is readable and has nothing to read is gone; a USB printer sends empty
        # packets when it likes.
        self._empty_is_end = empty_is_end

    def send(self, data: bytes, seconds: float) -> int:
        """Hand over as much as the line takes at once."""
        deadline = time.monotonic() + seconds
        while True:
            if self._wait(select.POLLOUT, deadline):
                with suppress(BlockingIOError):
                    return os.write(self._file, data)
            if time.monotonic() >= deadline:
                raise TimeoutError(f"it took nothing for {seconds:g} s")
            time.sleep(_TICK_S)

    def receive(self, seconds: float) -> bytes:
        """What came, as soon as something did."""
        deadline = time.monotonic() + seconds
        while events := self._wait(select.POLLIN, deadline):
            data = b""
            with suppress(BlockingIOError):
                data = os.read(self._file, _LONGEST_READ)
                if not data and (self._empty_is_end or events & select.POLLHUP):
                    raise ConnectionResetError("the device is gone")
            if data or time.monotonic() >= deadline:
                return data
            time.sleep(_TICK_S)
        return b""

    def finish(self, seconds: float) -> None:
        """Wait until the system's own buffer is empty."""
        deadline = time.monotonic() + seconds
        while not self._wait(select.POLLOUT, deadline) or _unsent(self._file):
            if time.monotonic() >= deadline:
                raise TimeoutError(f"it did not take the rest for {seconds:g} s")
            time.sleep(_TICK_S)

    def _wait(self, event: int, deadline: float) -> int:
        """What the device is ready for before the deadline, as poll(2) says it; else 0."""
        poll = select.poll()
        poll.register(self._file, event)
        left = max(0.0, deadline - time.monotonic())
        return sum(events for _, events in poll.poll(int(left * 1000)))


def _unsent(file: int) -> int:
    """Bytes that wait in a serial port's output buffer; 0 where the system cannot tell."""
    with suppress(OSError):
        (count,) = struct.unpack("i", fcntl.ioctl(file, termios.TIOCOUTQ, b"\0\0\0\0"))
        return int(count)
    return 0
