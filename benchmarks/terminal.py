"""The terminal in a real pty against bare Textual: first prompt, memory."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.demo_store import BADGE, STATION, copy_store, demo_store, store_url
from benchmarks.figures import Figure
from benchmarks.pty_run import PtyRun
from benchmarks.scan_path import AGAIN_S, PAUSE_S, walk

SCANS = 30
"""After so many the memory no longer grows, until the first GS1 code: biip brings tables along."""
GS1 = "]C1010952072801007110L2721A"


def measure(rounds: int) -> list[Figure]:
    """Ours and bare in turn, several times."""
    ours: list[tuple[float, float, float]] = []
    bare: list[tuple[float, float]] = []
    with demo_store() as base:
        codes = walk(copy_store(base, "sequence"))[:SCANS]
        for number in range(rounds + 1):
            ours.append(_ours(copy_store(base, f"run{number}"), codes))
            bare.append(_bare_table())
    # The first round compiled what the others found compiled.
    start, memory, memory_gs1 = zip(*ours[1:], strict=True)
    bare_start, bare_memory = zip(*bare[1:], strict=True)
    table = "a Textual app with a table of 50 rows"
    return [
        Figure("start to first prompt", start, bare_start, "ms", table),
        Figure("memory of a station", memory, bare_memory, "MB", table),
        Figure("memory after a GS1 code", memory_gs1, bare_memory, "MB", table),
    ]


def _ours(path: Path, codes: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Milliseconds to the prompt; megabytes before and after a GS1 code."""
    command = [sys.executable, "-m", "wms_terminal", "--store", store_url(path)]
    run = PtyRun([*command, "--station", STATION])
    try:
        start = 1000 * (run.wait_for("SCAN YOUR BADGE") - run.began)
        run.settle()
        run.write(f"{BADGE}\r".encode())
        run.wait_for("CHOOSE YOUR WORK")
        before = ""
        for code, marker in codes:
            run.settle(AGAIN_S if code == before else PAUSE_S)
            run.write(f"{code}\r".encode())
            run.wait_for(marker)
            before = code
        memory = run.memory_mb()
        run.write(f"{GS1}\r".encode())
        run.settle(1)
        return start, memory, run.memory_mb()
    finally:
        run.close()


def _bare_table() -> tuple[float, float]:
    run = PtyRun([sys.executable, "-m", "benchmarks.bare_table"])
    try:
        start = 1000 * (run.wait_for("A07-12-3") - run.began)
        run.settle(0.3)
        return start, run.memory_mb()
    finally:
        run.close()
