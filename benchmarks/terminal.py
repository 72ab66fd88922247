"""The terminal in a real pty against bare Textual: first prompt, scan to paint, memory."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure
from benchmarks.pick_commit import copy_store
from benchmarks.pty_run import PtyRun
from data import open_store
from wms_terminal import demo_day
from wms_terminal.services.floor import Floor
from wms_terminal.simulate import Crew, badge_of, hire, name_of

SCANS = 120
STATION, BADGE = name_of("pick", 0), badge_of("pick", 0)


def measure(rounds: int) -> list[Figure]:
    """Ours and bare in turn, several times."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        with demo_day.order_book() as book:
            demo_day.prepare(base, f"sqlite:///{base / 'demo.db'}", book, "2026-03-03")
        hire(f"sqlite:///{base / 'demo.db'}", Crew(1, 0, 0))
        sequence = _sequence(copy_store(base, "sequence"))
        starts: tuple[list[float], list[float]] = ([], [])
        scans: tuple[list[float], list[float]] = ([], [])
        memory: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds):
            start, paint, kilobytes = _ours(copy_store(base, f"run{number}"), sequence)
            starts[0].append(start)
            scans[0].append(paint)
            memory[0].append(kilobytes / 1024)
            start, kilobytes = _bare_table()
            starts[1].append(start)
            memory[1].append(kilobytes / 1024)
            scans[1].append(_bare_scan([code for code, _ in sequence]))
    table, scan = "a Textual app with a table of 50 rows", "a Textual app that shows the code"
    return [
        Figure("start to first prompt", tuple(starts[0]), tuple(starts[1]), "ms", table),
        Figure("last byte of a scan to paint", tuple(scans[0]), tuple(scans[1]), "ms", scan),
        Figure("memory of a station", tuple(memory[0]), tuple(memory[1]), "MB", table),
    ]


def _sequence(path: Path) -> list[tuple[str, str]]:
    """Codes of a walk, each with the beginning of what it will paint."""
    store = open_store(f"sqlite:///{path}")
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


def _ours(path: Path, sequence: list[tuple[str, str]]) -> tuple[float, float, int]:
    command = [sys.executable, "-m", "wms_terminal", "--store", f"sqlite:///{path}"]
    run = PtyRun([*command, "--station", STATION])
    try:
        start = 1000 * (run.wait_for("SCAN YOUR BADGE") - run.began)
        run.settle()
        run.write(f"{BADGE}\r".encode())
        run.wait_for("CHOOSE YOUR WORK")
        run.settle()
        times = []
        for code, marker in sequence:
            sent = run.write(f"{code}\r".encode())
            times.append(run.wait_for(marker) - sent)
            run.settle(0.05)
        return start, 1000 * median(times[1:]), run.memory_kb()
    finally:
        run.close()


def _bare_table() -> tuple[float, int]:
    run = PtyRun([sys.executable, "-m", "benchmarks.bare_table"])
    try:
        start = 1000 * (run.wait_for("A07-12-3") - run.began)
        run.settle(0.3)
        return start, run.memory_kb()
    finally:
        run.close()


def _bare_scan(codes: list[str]) -> float:
    run = PtyRun([sys.executable, "-m", "benchmarks.bare_scan"])
    try:
        run.wait_for("BARE-READY")
        run.settle()
        times = []
        for number, code in zip(itertools.count(), codes, strict=False):
            unique = f"{number}-{code}"
            sent = run.write(f"{unique}\r".encode())
            times.append(run.wait_for(f"NEXT-{unique[:20]}") - sent)
            run.settle(0.05)
        return 1000 * median(times[1:])
    finally:
        run.close()
