"""A confirmed pick through the scan kernel, against bare sqlite3 writing the very same rows.

The statements that write, with their values, are recorded while the kernel works on one copy of a
store; a plain connection with the same pragmas then runs them on another copy, one transaction a
scan. What the kernel does besides (resolving, checking, reading the next stop) is the difference.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from statistics import median

from pysqlite3 import dbapi2

from benchmarks.demo_store import BADGE, STATION, copy_store, demo_store, store_url
from benchmarks.figures import Figure
from data import open_store
from data.sqlite import Sqlite
from wms_terminal.services.floor import Floor, new_gesture

Statement = tuple[str, dict[str, object]]


def measure(rounds: int) -> list[Figure]:
    """Confirmed picks (the tote's scan) and all scans of a walk."""
    with demo_store() as base:
        ours_puts, bare_puts, ours_all, bare_all = [], [], [], []
        for number in range(rounds):
            copies = [copy_store(base, f"{side}{number}") for side in ("ours", "bare")]
            timed, scripts = _ours(copies[0])
            replayed = _bare(copies[1], scripts)
            ours_puts.append(1000 * median(t for t, code in timed if code == "picked"))
            bare_puts.append(1000 * median(_picked(replayed, timed)))
            ours_all.append(1000 * median(t for t, _ in timed))
            bare_all.append(1000 * median(replayed))
    same = "the same rows by sqlite3"
    return [
        Figure("confirmed pick", tuple(ours_puts), tuple(bare_puts), "ms", same),
        Figure("any scan of a walk", tuple(ours_all), tuple(bare_all), "ms", same),
    ]


class Recorder:
    """Keeps what one connection writes, by transaction."""

    def __init__(self) -> None:
        self.script: list[Statement] = []
        self._all, self._run = Sqlite.all, Sqlite.run

    def __enter__(self) -> Recorder:
        recorder, run, every = self, self._run, self._all

        def recording_run(self: Sqlite, sql: str, /, **params: object) -> int:
            recorder.script.append((sql, params))
            return run(self, sql, **params)

        def recording_all(self: Sqlite, sql: str, /, **params: object) -> list[tuple[object, ...]]:
            if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
                recorder.script.append((sql, params))
            return every(self, sql, **params)

        Sqlite.run, Sqlite.all = recording_run, recording_all  # type: ignore[method-assign]
        return self

    def __exit__(self, *error: object) -> None:
        Sqlite.run, Sqlite.all = self._run, self._all  # type: ignore[method-assign]


def _ours(path: Path) -> tuple[list[tuple[float, str]], list[list[Statement]]]:
    """Seconds and message code of every scan, and what each of them wrote."""
    recording = path.with_name("recording.db")
    for file in path.parent.glob("demo.db*"):
        shutil.copy(file, file.with_name(file.name.replace("demo", "recording")))
    with Recorder() as recorder:
        codes, scripts = _walk(recording, recorder)
    timed = _replay_codes(path, codes)
    return timed, scripts


def _walk(path: Path, recorder: Recorder) -> tuple[list[str], list[list[Statement]]]:
    store = open_store(store_url(path))
    floor = Floor(store)
    codes: list[str] = []
    scripts: list[list[Statement]] = []
    step = floor.start(STATION)
    code = BADGE
    for _ in range(1500):
        recorder.script = []
        step = floor.scan(STATION, code, gesture=f"g{len(codes)}")
        codes.append(code)
        scripts.append(recorder.script)
        if not step.hint:
            break
        code = step.hint
    store.close()
    return codes, scripts


def _replay_codes(path: Path, codes: list[str]) -> list[tuple[float, str]]:
    store = open_store(store_url(path))
    floor = Floor(store)
    floor.start(STATION)
    timed = []
    for code in codes:
        gesture = new_gesture()
        began = time.perf_counter()
        step = floor.scan(STATION, code, gesture=gesture)
        took = time.perf_counter() - began
        timed.append((took, step.message.code if step.message else ""))
    store.close()
    return timed


def _bare(path: Path, scripts: list[list[Statement]]) -> list[float]:
    """Seconds that a plain connection takes for each scan's rows."""
    raw = dbapi2.connect(path, isolation_level=None, cached_statements=512)
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        raw.execute(f"PRAGMA {pragma}").fetchall()
    timed = []
    for script in scripts:
        began = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        for sql, params in script:
            raw.execute(sql, params).fetchall()
        raw.execute("COMMIT")
        timed.append(time.perf_counter() - began)
    raw.close()
    return timed


def _picked(replayed: list[float], timed: list[tuple[float, str]]) -> list[float]:
    return [took for took, (_, code) in zip(replayed, timed, strict=True) if code == "picked"]
