"""Moments that a program under test writes down for the benchmark, on the clock of both."""

from __future__ import annotations

import struct
import time
from pathlib import Path

_MOMENT = struct.Struct("d")


class Notes:
    """A file of moments. `time.perf_counter` is the same clock in every process of a host."""

    def __init__(self, path: str | Path) -> None:
        self._file = Path(path).open("ab+", buffering=0)  # noqa: SIM115 - lives with the program

    def note(self) -> None:
        """Write down the present moment."""
        self._file.write(_MOMENT.pack(time.perf_counter()))

    def last(self) -> float:
        """The latest moment."""
        self._file.seek(-_MOMENT.size, 2)
        moment: float = _MOMENT.unpack(self._file.read())[0]
        return moment

    def close(self) -> None:
        self._file.close()
