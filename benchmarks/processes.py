"""What the system knows of processes: their memory, their processor time, their wake-ups."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes of one process."""

    rss: float
    """All pages it sees, those that it shares counted in full."""
    pss: float
    """The same, a page that is shared by n processes counted as an n-th: these add up."""
    uss: float
    """Pages that nobody else has: what ending it would give back."""


def memory(pid: int) -> Memory:
    """The memory of a process (Linux, /proc/PID/smaps_rollup)."""
    kilobytes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, _, value = line.partition(":")
        kilobytes[name] = int(value.split()[0])
    own = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return Memory(kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024, own / 1024)


@dataclass(slots=True)
class Window:
    """What each of some processes did meanwhile."""

    seconds: float = 0.0
    cpu: tuple[float, ...] = ()
    """Percent of one core."""
    wakes: tuple[float, ...] = ()
    """Times a second that one of its threads went to sleep by itself, and so had been woken."""
    _began: list[tuple[float, int]] = field(default_factory=list)


@contextmanager
def watched(pids: Sequence[int]) -> Iterator[Window]:
    """Watch processes; the figures are there at the end."""
    window = Window()
    before, began = [_done(pid) for pid in pids], time.perf_counter()
    yield window
    seconds = time.perf_counter() - began
    after = [_done(pid) for pid in pids]
    window.seconds = seconds
    pairs = list(zip(before, after, strict=True))
    window.cpu = tuple(100 * (late[0] - early[0]) / seconds for early, late in pairs)
    window.wakes = tuple((late[1] - early[1]) / seconds for early, late in pairs)


def _done(pid: int) -> tuple[float, int]:
    """Seconds on a processor, and voluntary switches, of all its threads so far.

    From schedstat: stat counts in hundredths of a second, too coarse for programs that idle.
    """
    nanoseconds = switches = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        nanoseconds += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
        status = (thread / "status").read_text(encoding="utf-8")
        switches += int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])
    return nanoseconds / 1e9, switches
