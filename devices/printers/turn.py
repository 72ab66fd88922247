"""One job at a time per printer, across all processes of a host.

A turn is an advisory lock (flock(2)) on a file that is named after the printer's address. The
system gives it up when its holder dies, however that comes about; the files stay, empty.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHARED = Path("/run/lock")
"""Where Linux keeps the locks of devices; every account may write there."""
_POLL_S = 0.05


class TurnTaken(Exception):
    """Another station has the printer, and kept it for as long as one was willing to wait."""


@contextmanager
def turn(address: str, seconds: float) -> Iterator[None]:
    """Have a printer for oneself.

    Args:
        address: the same text for the same printer, whatever way it is written in a URL.
        seconds: how long to wait while another one has it; 0 for not at all.

    Raises:
        TurnTaken: another one has it.
        OSError: the lock's file cannot be opened.
    """
    file = _open(lock_file(address))
    try:
        _wait(file, seconds)
        yield
    finally:
        os.close(file)


def lock_file(address: str) -> Path:
    """The file whose lock is the turn of the printer at an address."""
    digest = hashlib.sha256(address.encode()).hexdigest()
    return _folder() / f"wms-printer-{digest[:20]}.lock"


def _folder() -> Path:
    return _SHARED if os.access(_SHARED, os.W_OK) else Path(tempfile.gettempdir())


def _open(path: Path) -> int:
    """The lock's file, which all accounts may open: for a lock, reading is enough.

    An existing file is opened without O_CREAT, which Linux refuses for another account's file
    in a folder that everybody may write to (fs.protected_regular).
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        file = os.open(path, flags | os.O_CREAT, 0o644)
        os.fchmod(file, 0o644)
        return file


def _wait(file: int, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TurnTaken from None
            time.sleep(_POLL_S)
        else:
            return
