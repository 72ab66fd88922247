"""One process of a crowd: it scans, or writes the rows of scans with a bare driver."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.crowd_store import Transaction, sign_in
from data import open_store
from data.postgres import numbered
from wms_terminal.domain.commands import Command
from wms_terminal.services.floor import Floor, new_gesture

WARM = 24
"""Scans of each before the window: as many as it takes to have said every statement once."""
BUSY_S = 30
"""SQLite's own patience: long enough for a bare process that is starved to get through at last."""


@dataclass(frozen=True)
class Task:
    """What a process is told."""

    url: str
    number: int
    seconds: float
    statements: tuple[str, ...] = ()
    scripts: tuple[Path, ...] = ()


@dataclass
class Done:
    """What it did in the time that was measured."""

    began: float = 0.0
    ended: float = 0.0
    """Of the window, on the clock that all processes share."""
    commits: list[float] = field(default_factory=list)
    """When each was there."""
    picks: list[tuple[float, float]] = field(default_factory=list)
    """Confirmed ones: when, and the seconds that it took."""


@dataclass(frozen=True)
class Shared:
    """What the processes share besides the store."""

    barrier: Any
    """Passed by all when they are ready, and again when all have stopped."""
    next_script: Any


def scan(task: Task, shared: Shared, pipe: Any) -> None:
    """Confirm picks as a terminal does."""
    with closing(open_store(task.url, f"crowd {task.number}")) as store:
        floor = Floor(store)
        station = sign_in(floor, task.number)
        code = Command.PICK.value

        def one() -> bool | None:
            nonlocal code
            step = floor.scan(station, code, gesture=new_gesture())
            code = step.hint
            if not code:
                return None
            return step.message is not None and step.message.code == "picked"

        _window(task, shared, pipe, one)


def write_sqlite(task: Task, shared: Shared, pipe: Any) -> None:
    """Write the rows of the same scans with bare sqlite3."""
    from pysqlite3 import dbapi2

    path = task.url.removeprefix("sqlite:///")
    raw = dbapi2.connect(path, timeout=BUSY_S, isolation_level=None, cached_statements=512)
    with closing(raw):
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        script = _script(task, shared)

        def one() -> bool | None:
            transaction = next(script, None)
            if transaction is None:
                return None
            raw.execute("BEGIN IMMEDIATE")
            for number, values in transaction[1]:
                raw.execute(task.statements[number], values).fetchall()
            raw.execute("COMMIT")
            return transaction[0]

        _window(task, shared, pipe, one)


def write_postgresql(task: Task, shared: Shared, pipe: Any) -> None:
    """Write the rows of the same scans with bare psycopg, each transaction in one go."""
    import psycopg
    from psycopg.types.numeric import Int8Dumper

    said = [numbered(sql) for sql in task.statements]
    raw = psycopg.connect(
        task.url, autocommit=True, prepare_threshold=0, cursor_factory=psycopg.RawCursor
    )
    with closing(raw):
        raw.prepared_max = 512
        raw.adapters.register_dumper(int, Int8Dumper)
        script = _script(task, shared)

        def one() -> bool | None:
            transaction = next(script, None)
            if transaction is None:
                return None
            with raw.pipeline():
                raw.execute(b"BEGIN")
                for number, values in transaction[1]:
                    sql, names = said[number]
                    raw.execute(sql, [values[name] for name in names])
                raw.execute(b"COMMIT")
            return transaction[0]

        _window(task, shared, pipe, one)


def _script(task: Task, shared: Shared) -> Iterator[Transaction]:
    """The transactions of one order after the other, each order by one process."""
    while True:
        with shared.next_script.get_lock():
            place = shared.next_script.value
            shared.next_script.value = place + 1
        if place >= len(task.scripts):
            return
        yield from pickle.loads(task.scripts[place].read_bytes())


def _window(task: Task, shared: Shared, pipe: Any, one: Callable[[], bool | None]) -> None:
    """Work from the moment when all are ready, until the time is over or the work is."""
    done = Done()
    for _ in range(WARM):
        one()
    shared.barrier.wait()
    done.began = now = time.perf_counter()
    end = now + task.seconds
    while True:
        picks = one()
        before, now = now, time.perf_counter()
        if picks is None or now > end:
            break
        done.commits.append(now)
        if picks:
            done.picks.append((now, now - before))
    done.ended = min(now, end)
    pipe.send(done)
    # Connected until all are measured: the last one out would write SQLite's log back.
    shared.barrier.wait()
