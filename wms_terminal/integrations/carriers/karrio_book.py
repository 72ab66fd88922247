"""What was booked through karrio, in a folder: karrio can look nothing up by a key of ours.

A file is made before a carrier is asked, and completed with what it answered. A file that is not
complete is a booking whose answer was lost: somebody must look at the carrier's.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


class Book:
    """The bookings in a folder that exists.

    Args:
        folder: Whole path; several workers may share it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, key: str) -> Path:
        """Where a booking is kept."""
        return self._folder / f"booking-{_digest(key)}.json"

    def begin(self, key: str) -> bool:
        """Note that a carrier is about to be asked; False when it was asked before."""
        try:
            with self.path(key).open("x", encoding="utf-8") as file:
                json.dump({"key": key}, file)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError:
            return False
        return True

    def forget(self, key: str) -> None:
        """The carrier did nothing."""
        self.path(key).unlink()

    def keep(self, key: str, booking: dict[str, Any]) -> None:
        """What the carrier answered; replaces what was known."""
        text = json.dumps({**booking, "key": key})
        for path in (self._by_id(booking["remote_id"]), self.path(key)):
            part = path.with_suffix(".part")
            with part.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)

    def read(self, key: str) -> dict[str, Any] | None:
        """A booking; without `remote_id` when its answer was lost, None when there is none."""
        return _read(self.path(key))

    def of_id(self, remote_id: str) -> dict[str, Any] | None:
        """A booking, by the carrier's id."""
        return _read(self._by_id(remote_id))

    def _by_id(self, remote_id: str) -> Path:
        return self._folder / f"id-{_digest(remote_id)}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
