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
    """

    def __init__(self, path: str, name: str = "") -> None:
        self._path = path
        self._file, self._signs = _opened(path)
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
            self._sign()

    def leave(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        with self._changed:
            self._closed = True
            if self._queuer is None:
                os.close(self._file)
            else:
                self._changed.notify()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One's turn, for as long as the block lasts."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def _sign(self) -> None:
        record = self._who + b"%.2f\n" % time.monotonic()
        # A full disk is told by the database, and a turn without a name is a turn.
        with suppress(OSError):
            os.pwrite(self._file, record.ljust(_RECORD), 0)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise _no_lock(error) from error
        return True

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
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except OSError as error:
                trouble = error
            with self._changed:
                self._queues, self._trouble = False, trouble
                if self._wanted:
                    self._changed.notify()
                elif trouble is None:
                    self.leave()
        os.close(self._file)

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


def holder(path: str) -> Holder | None:
    """Who is inside the gate at a path; nobody, when it is open or its holder left no name.

    It waits for nothing and may be called from any thread.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        with suppress(OSError, ValueError):
            pid, name, since = os.pread(file, _RECORD, 0).decode(errors="replace").split("\n")[:3]
            return Holder(name, int(pid), max(0.0, time.monotonic() - float(since)))
        return None
    else:
        return None
    finally:
        os.close(file)


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
