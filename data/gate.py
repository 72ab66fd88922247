"""Whose turn it is to write to a store in a file, and who is having it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread

from wms_terminal.ports.store import StoreError

PATIENCE_SECONDS = 10.0
"""How long a turn is waited for before that is an error, which names whoever keeps it."""

_RECORD = 96
"""Bytes of the file that say who is inside."""
_LONGEST_NAME = 48


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is having a turn."""

    name: str
    """What it called itself, empty when it did not."""
    pid: int
    seconds: float
    """For how long it has been inside."""

    def __str__(self) -> str:
        process = f"process {self.pid}"
        return f"{self.name}, {process}" if self.name else process


class Gate:
    """Whose turn it is to write: a lock that the system hands on in the order of asking.

    SQLite's own lock lets the quickest in, so that a busy floor starves some stations. This one
    is released by the system when its holder dies. Whoever is inside has written its name into
    the file. A gate is used by one thread.

    Whoever waits stands in line, which is a lock on a second file: only the first in line waits
    at the gate. When the gate opens, the system wakes who waits for it, and lets somebody who
    comes by in that moment in first, even before all others who wait.
    """

    def __init__(self, path: str, name: str = "") -> None:
        self._path = path
        self._file, self._signs = _opened(path)
        try:
            self._line, self._signs_line = _opened(line_of(path))
        except StoreError:
            os.close(self._file)
            raise
        plain = "".join(char for char in name if char.isprintable()).encode()[:_LONGEST_NAME]
        self._who = b"%d\n%b\n" % (os.getpid(), plain)
        self._changed = Condition()
        self._queues = self._wanted = self._closed = False
        self._queuer: Thread | None = None
        self._trouble: OSError | None = None

    def enter(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for one's turn.

        Raises:
            StoreError: it did not come in time; asking again keeps one's place in the queue.
        """
        with self._changed:
            if self._closed:
                raise StoreError("Expected an open store, this one was closed.")
            if self._queues or not self._taken():
                self._queue()
                self._wanted = True
                came = self._changed.wait_for(lambda: not self._queues, seconds)
                self._wanted = False
                if not came:
                    raise StoreError(self._complaint(seconds))
                if self._trouble is not None:
                    raise _no_lock(self._trouble) from self._trouble
        if self._signs:
            self._sign(self._file)

    def leave(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        with self._changed:
            self._closed = True
            if self._queuer is None:
                self._let_go()
            else:
                self._changed.notify()

    @contextmanager
    def turn(self, seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
        """One's turn, for as long as the block lasts, waited for as `enter` does."""
        self.enter(seconds)
        try:
            yield
        finally:
            self.leave()

    def _let_go(self) -> None:
        os.close(self._file)
        os.close(self._line)

    def _sign(self, file: int) -> None:
        record = self._who + b"%.2f\n" % time.monotonic()
        # A full disk is told by the database, and a turn without a name is a turn.
        with suppress(OSError):
            os.pwrite(file, record.ljust(_RECORD), 0)

    def _taken(self) -> bool:
        """Go in, when nobody is inside or in line."""
        if not _locked(self._line):
            return False
        try:
            return _locked(self._file)
        finally:
            fcntl.flock(self._line, fcntl.LOCK_UN)

    def _queue(self) -> None:
        """Let a thread stand in the queue: the system's is fair, but knows no time limit."""
        self._queues = True
        if self._queuer is None:
            self._queuer = Thread(target=self._stand, name="gate", daemon=True)
            self._queuer.start()
        else:
            self._changed.notify()

    def _stand(self) -> None:
        while self._is_asked_to():
            trouble = None
            try:
                self._wait_in_line()
            except OSError as error:
                trouble = error
            with self._changed:
                self._queues, self._trouble = False, trouble
                if self._wanted:
                    self._changed.notify()
                elif trouble is None:
                    self.leave()
        self._let_go()

    def _wait_in_line(self) -> None:
        fcntl.flock(self._line, fcntl.LOCK_EX)
        try:
            if self._signs_line:
                self._sign(self._line)
            fcntl.flock(self._file, fcntl.LOCK_EX)
        finally:
            fcntl.flock(self._line, fcntl.LOCK_UN)

    def _is_asked_to(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queues or self._closed)
            return not self._closed

    def _complaint(self, seconds: float) -> str:
        keeper = holder(self._path)
        if keeper is None:
            return f"The store was too busy to write to for {seconds:.0f} s. Try again."
        return (
            f"The store has been kept for {keeper.seconds:.0f} s by {keeper}. If that is stopped, "
            "let it go on or end it: only what it has not finished is undone."
        )


def line_of(path: str) -> str:
    """The file whose lock is the place before the gate at a path."""
    return f"{path}-line"


def holder(path: str) -> Holder | None:
    """Who keeps others out of the gate at a path; nobody, when it is open or no name was left.

    That is who is inside, or who is first in line and does not go in. It waits for nothing and
    may be called from any thread.
    """
    for place in (path, line_of(path)):
        try:
            file = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            if not _is_free(file):
                return _signed(file)
        finally:
            os.close(file)
    return None


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _signed(file: int) -> Holder | None:
    with suppress(OSError, ValueError):
        pid, name, since = os.pread(file, _RECORD, 0).decode(errors="replace").split("\n")[:3]
        return Holder(name, int(pid), max(0.0, time.monotonic() - float(since)))
    return None


def _locked(file: int) -> bool:
    """Lock a file; false when somebody else has."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise _no_lock(error) from error
    return True


def _opened(path: str) -> tuple[int, bool]:
    """The file, and whether one's name can be written into it."""
    flags = os.O_CREAT | os.O_CLOEXEC
    try:
        try:
            return os.open(path, os.O_RDWR | flags, 0o666), True
        except PermissionError:
            # Read access is enough to lock, so that the file's owner need not be everybody.
            return os.open(path, os.O_RDONLY | flags, 0o666), False
    except OSError as error:
        raise StoreError(
            f"Cannot open {path}: {error.strerror}. "
            "Make the folder, or let this user read and write there."
        ) from error


def _no_lock(error: OSError) -> StoreError:
    return StoreError(f"Cannot lock the store: {error.strerror}. Keep it on this host's own disk.")
