"""From a scanner's last byte to the program's queue and to the screen, in a real pty.

A keyboard scanner types into the terminal's own pty, a serial one into a second pty that the
station's scanner URL names. Bare Textual gathers keys and shows the code. All bytes of a code go
out in one write: as fast as any scanner sends, so all the work on them comes after the last one.
"""

from __future__ import annotations

import os
import sys
import tty
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from benchmarks.demo_store import BADGE, STATION, copy_store, demo_store, store_url
from benchmarks.figures import Latency
from benchmarks.notes import Notes
from benchmarks.pty_run import PtyRun
from data import open_store
from wms_terminal.services.floor import Floor

SCANS = 120
WARM_UP = 1
PAUSE_S, AGAIN_S = 0.05, 0.35
"""Between scans; the same code sooner would be taken for a scanner that chatters."""
HANDLED_MS, PAINTED_TIMES = 15.0, 4.0

Send = Callable[[bytes], float]
"""Send bytes; the moment after the last one."""


@dataclass(frozen=True)
class Timed:
    """Milliseconds from the last byte, scan by scan."""

    handled: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)


def measure(rounds: int) -> list[Latency]:
    """Keyboard, serial and bare in turn, several times."""
    wedge, serial, bare = Timed(), Timed(), Timed()
    with demo_store() as base:
        codes = walk(copy_store(base, "sequence"))
        for number in range(rounds):
            _wedge(copy_store(base, f"wedge{number}", "wedge:"), codes, wedge)
            _serial(base, number, codes, serial)
            _bare(base / f"bare{number}", codes, bare)
    handled, painted = tuple(bare.handled), tuple(bare.painted)
    return [
        latency
        for name, timed in (("keyboard scanner", wedge), ("serial scanner", serial))
        for latency in (
            Latency(f"{name}, handled", tuple(timed.handled), handled, most_ms=HANDLED_MS),
            Latency(f"{name}, painted", tuple(timed.painted), painted, most_times=PAINTED_TIMES),
        )
    ]


def walk(path: Path) -> list[tuple[str, str]]:
    """Codes of a walk, each with the beginning of what it will paint."""
    store = open_store(store_url(path))
    floor = Floor(store)
    floor.start(STATION)
    step = floor.scan(STATION, BADGE)
    codes = []
    code = "WHCPICK"
    for _ in range(SCANS):
        step = floor.scan(STATION, code)
        assert step.message is not None
        codes.append((code, str(step.message.text)[:14].rstrip()))
        code = step.hint
    store.close()
    return codes


def _wedge(path: Path, codes: Sequence[tuple[str, str]], timed: Timed) -> None:
    run, notes = _terminal(path)
    try:
        _scan(run, run.write, notes, codes, timed)
    finally:
        run.close()
        notes.close()


def _serial(base: Path, number: int, codes: Sequence[tuple[str, str]], timed: Timed) -> None:
    scanner, line = os.openpty()
    tty.setraw(line)

    def send(data: bytes) -> float:
        run.forget()
        os.write(scanner, data)
        return perf_counter()

    path = copy_store(base, f"serial{number}", f"serial://{os.ttyname(line)}")
    run, notes = _terminal(path)
    try:
        _scan(run, send, notes, codes, timed)
    finally:
        run.close()
        notes.close()
        os.close(scanner)
        os.close(line)


def _terminal(path: Path) -> tuple[PtyRun, Notes]:
    """A terminal whose picker has signed in."""
    notes = path.with_name("notes")
    module = [sys.executable, "-m", "benchmarks.noting_terminal"]
    run = PtyRun([*module, store_url(path), STATION, str(notes)])
    run.wait_for("SCAN YOUR BADGE")
    run.settle()
    run.write(f"{BADGE}\r".encode())
    run.wait_for("CHOOSE YOUR WORK")
    run.settle()
    return run, Notes(notes)


def _bare(notes_file: Path, codes: Sequence[tuple[str, str]], timed: Timed) -> None:
    run = PtyRun([sys.executable, "-m", "benchmarks.bare_scan", str(notes_file)])
    notes = Notes(notes_file)
    unique = [f"{number}-{code}" for number, (code, _) in enumerate(codes)]
    try:
        run.wait_for("BARE-READY")
        run.settle()
        _scan(run, run.write, notes, [(code, f"NEXT-{code[:20]}") for code in unique], timed)
    finally:
        run.close()
        notes.close()


def _scan(
    run: PtyRun, send: Send, notes: Notes, codes: Sequence[tuple[str, str]], timed: Timed
) -> None:
    before = ""
    for number, (code, marker) in enumerate(codes):
        run.settle(AGAIN_S if code == before else PAUSE_S)
        before = code
        sent = send(f"{code}\r".encode())
        painted = run.wait_for(marker)
        if number >= WARM_UP:
            timed.handled.append(1000 * (notes.last() - sent))
            timed.painted.append(1000 * (painted - sent))
