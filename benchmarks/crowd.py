"""Many processes that pick at once, without a pause, on SQLite and on PostgreSQL.

`python -m benchmarks.crowd [--processes 1,4,16,64] [--seconds S] [--rounds N] [--store ENGINE]
[--write]`
"""

from __future__ import annotations

import multiprocessing
import platform
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Any

import click

from benchmarks import crowd_work, sections
from benchmarks.crowd_store import PICKERS, Crowd, crowd_store
from benchmarks.crowd_work import Done, Shared, Task
from benchmarks.demo_store import copy_store, store_url
from benchmarks.figures import percentile

START_S = 120.0
"""How long all of them may take to get ready, and to tell what they did."""

Worker = Callable[[Task, Shared, Any], None]
Copy = Callable[[], Any]
"""A context manager with the URL of a fresh store, and its log's file where it has one."""


@dataclass(frozen=True)
class Window:
    """What so many processes did in one window."""

    picks_s: float
    commits_s: float
    latencies: tuple[float, ...]
    """Milliseconds of every confirmed pick."""
    fairness: float
    """Commits of the process with the fewest over those of the one with the most."""
    log_mb: float
    """The write-ahead log at the end; 0 where the server keeps it to itself."""


def measure(
    copy: Copy, bare: Worker, crowd: Crowd, counts: list[int], seconds: float, rounds: int
) -> dict[tuple[int, str], list[Window]]:
    """Ours and bare in turn, with one count of processes after the other."""
    found: dict[tuple[int, str], list[Window]] = {}
    for count in counts:
        for _ in range(rounds):
            for side, worker in (("ours", crowd_work.scan), ("bare", bare)):
                with copy() as (url, log):
                    window = _run(worker, url, log, crowd, count, seconds)
                found.setdefault((count, side), []).append(window)
                print(f"{count:>3} {side}: {window.picks_s:.0f} picks/s", file=sys.stderr)
    return found


def _run(
    worker: Worker, url: str, log: Path | None, crowd: Crowd, count: int, seconds: float
) -> Window:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.crowd_work"])
    shared = Shared(context.Barrier(count + 1, timeout=START_S), context.Value("i", 0))
    with ExitStack() as everybody:
        pipes: list[Connection] = []
        for number in range(count):
            ours, theirs = context.Pipe(duplex=False)
            task = Task(url, number, seconds, crowd.statements, crowd.scripts)
            process = context.Process(target=worker, args=(task, shared, theirs), daemon=True)
            process.start()
            theirs.close()
            everybody.callback(_end, process)
            everybody.callback(ours.close)
            pipes.append(ours)
        shared.barrier.wait()
        results: list[Done] = [pipe.recv() for pipe in pipes]
        size = log.stat().st_size / 2**20 if log is not None and log.exists() else 0.0
        shared.barrier.wait()
        return _window(results, size)


def _end(process: Any) -> None:
    process.join(10)
    process.kill()
    process.join()


def _window(results: list[Done], log_mb: float) -> Window:
    """The part of it in which everybody had work."""
    began = max(done.began for done in results)
    ended = min(done.ended for done in results)
    commits = [sum(began <= at <= ended for at in done.commits) for done in results]
    picks = [took for done in results for at, took in done.picks if began <= at <= ended]
    took = ended - began
    return Window(
        picks_s=len(picks) / took,
        commits_s=sum(commits) / took,
        latencies=tuple(1000 * seconds for seconds in picks),
        fairness=min(commits) / max(commits),
        log_mb=log_mb,
    )


def on_sqlite(crowd: Crowd) -> Copy:
    """Copies of the store on this host's disk."""

    @contextmanager
    def copy() -> Iterator[tuple[str, Path]]:
        path = copy_store(crowd.base, "window")
        try:
            yield store_url(path), Path(f"{path}-wal")
        finally:
            shutil.rmtree(path.parent)

    return copy


@contextmanager
def on_postgresql(crowd: Crowd) -> Iterator[Copy]:
    """Copies of the store on a server of our own."""
    from benchmarks.real_server import RealServer
    from data import open_store
    from data.migrate_store import move

    with closing(RealServer()) as server:
        template = server.new()
        with (
            closing(open_store(store_url(crowd.base / "demo.db"))) as source,
            closing(open_store(server.url(template))) as target,
        ):
            move(source, target, lambda text: None)

        @contextmanager
        def copy() -> Iterator[tuple[str, None]]:
            name = server.new(template)
            server.admin("CHECKPOINT")
            try:
                yield server.url(name), None
            finally:
                server.drop(name)

        yield copy


def table(found: dict[tuple[int, str], list[Window]]) -> str:
    """Medians of the rounds; the latencies are those of all rounds together."""
    rows = [
        "| Processes | | Picks/s | Commits/s | p50 | p99 | Worst | Fairness | Log |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for (count, side), windows in found.items():
        times = tuple(took for window in windows for took in window.latencies)
        log = median(window.log_mb for window in windows)
        rows.append(
            f"| {count} | {side} | {_middle(windows, 'picks_s'):,.0f} | "
            f"{_middle(windows, 'commits_s'):,.0f} | {percentile(times, 50):.1f} ms | "
            f"{percentile(times, 99):.1f} ms | {max(times):.0f} ms | "
            f"{_middle(windows, 'fairness'):.2f} | {f'{log:.1f} MB' if log else ''} |"
        )
    return "\n".join(rows)


def ratios(found: dict[tuple[int, str], list[Window]]) -> str:
    """Ours over bare: picks a second, and the slowest of a hundred."""
    said = []
    for count in dict.fromkeys(count for count, _ in found):
        ours, bare = found[count, "ours"], found[count, "bare"]
        said.append(f"{count}: {_middle(ours, 'picks_s') / _middle(bare, 'picks_s'):.2f}")
    return "Picks a second, ours over bare, by processes: " + ", ".join(said) + "."


def _middle(windows: list[Window], name: str) -> float:
    return median(getattr(window, name) for window in windows)


BARE = {
    "sqlite": "Bare is sqlite3 with the same pragmas: `BEGIN IMMEDIATE` behind a busy timeout.",
    "postgresql": "Bare is psycopg: each transaction in one go, without a turn to wait for. The "
    "server is this host's own, with its settings as they come (`fsync` on).",
}
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def section(command: str, parts: dict[str, dict[tuple[int, str], list[Window]]]) -> str:
    """What goes into the page of results."""
    text = f"""## Many at once

Made by `{command}` on {platform.system()} {platform.machine()}, Python {platform.python_version()}.

Processes of their own, each with its own connection, are made ready and begin at the same moment; \
none of them ever pauses, which people do. Ours scans (location, product, tote, and what comes \
between two orders); bare writes the same rows, recorded from such scans, without reading or \
checking anything. Ours and bare in turn, in one run; milliseconds are of a *confirmed pick*, the \
scan of the tote. *Fairness* is commits of the process with the fewest over those of the one with \
the most: the aim is at least 0.6 for ours. *Log* is the write-ahead log's size at the end.
"""
    for engine, found in parts.items():
        text += f"\n### {TITLES[engine]}\n\n{BARE[engine]} {ratios(found)}\n\n{table(found)}\n"
    return text


@click.command()
@click.option("--processes", default="1,4,16,64", show_default=True, help="How many at once.")
@click.option("--seconds", default=5.0, show_default=True, help="Of one window.")
@click.option("--rounds", default=3, show_default=True, help="Windows of each, in turn.")
@click.option(
    "--store",
    "engine",
    type=click.Choice(["sqlite", "postgresql", "both"]),
    default="both",
    show_default=True,
)
@click.option("--write", is_flag=True, help="Write the section of docs/benchmarks.md.")
def main(processes: str, seconds: float, rounds: int, engine: str, write: bool) -> None:
    """Confirmed picks a second, how long one takes, and who gets how many."""
    # Ended from outside, it still leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    counts = [int(count) for count in processes.split(",")]
    if not all(1 <= count <= PICKERS for count in counts):
        raise click.UsageError(f"Expected 1 to {PICKERS} processes, got {processes}.")
    if write and engine != "both":
        raise click.UsageError("--write needs both stores: leave --store out.")
    parts = {}
    with crowd_store() as crowd:
        if engine in ("sqlite", "both"):
            bare = crowd_work.write_sqlite
            parts["sqlite"] = measure(on_sqlite(crowd), bare, crowd, counts, seconds, rounds)
        if engine in ("postgresql", "both"):
            bare = crowd_work.write_postgresql
            with on_postgresql(crowd) as copy:
                parts["postgresql"] = measure(copy, bare, crowd, counts, seconds, rounds)
    command = f"python -m benchmarks.crowd --seconds {seconds:g} --rounds {rounds}"
    text = section(command, parts)
    print(text)
    if write:
        sections.put("crowd", text)


if __name__ == "__main__":
    main()
