"""Fifty stations on one host and one SQLite store: memory, idle work, and one that is watched.

`python -m benchmarks.stations [--stations N] [--scans N] [--quiet S] [--write]`
"""

from __future__ import annotations

import json
import os
import platform
import random
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median

import click

from benchmarks import other_stations, sections
from benchmarks.demo_store import copy_store, demo_store, store_url
from benchmarks.figures import percentile, three
from benchmarks.other_stations import Others, next_code
from benchmarks.processes import Memory, Window, memory, watched
from benchmarks.pty_run import PtyRun
from data import open_store
from wms_terminal.domain.outcome import Message
from wms_terminal.ports.store import Store
from wms_terminal.services.floor import Floor
from wms_terminal.simulated_crew import name_of

STATIONS, SCANS = 50, 60
WATCHED = 0
"""The number of the station whose scans are timed."""
EVERY_S = 2.0
PAUSE_S = (0.3, 0.5)
"""Between two scans that are timed: at no fixed beat, and never so soon that it is one that came
twice."""
QUIET_S, LOST_S = 0.1, 5.0
WARM_UP = 3
MARKER = 14
"""So many characters of an outcome stand on one line."""


@dataclass(frozen=True)
class Result:
    """Milliseconds from a scan to its outcome on the screen, and what the processes needed."""

    ours: dict[str, tuple[float, ...]] = field(default_factory=dict)
    bare: dict[str, tuple[float, ...]] = field(default_factory=dict)
    windows: dict[str, Window] = field(default_factory=dict)
    memory: dict[str, list[Memory]] = field(default_factory=dict)
    bare_memory: list[Memory] = field(default_factory=list)
    came_up_s: list[float] = field(default_factory=list)
    scans_s: list[float] = field(default_factory=list)
    """Scans a second of the others while they scanned."""


ALONE, WAITING, SCANNING = "alone", "the others wait", "the others scan"
IDLE = "nobody scans"


def measure(stations: int, scans: int, quiet_s: float) -> Result:
    """One station alone, then all of them: idle, with one that scans, and with all that scan."""
    result = Result()
    chance = random.Random(1)
    with demo_store(stations) as base:
        os.environ["XDG_STATE_HOME"] = str(base)  # for the programs' logs
        url = store_url(copy_store(base, "floor", "wedge:"))
        store = open_store(url)
        bare = PtyRun([sys.executable, "-m", "benchmarks.bare_scan", str(base / "notes")])
        ours = other_stations.start(url, WATCHED)

        def times(which: str) -> None:
            result.ours[which] = _ours(ours, store, scans, chance)

        def bare_times(which: str) -> None:
            result.bare[which] = _bare(bare, scans, chance)

        try:
            bare.wait_for("BARE-READY")
            other_stations.sign_in(ours, WATCHED)
            bare_times(ALONE)
            times(ALONE)
            began = time.perf_counter()
            with Others(url, range(1, stations)) as others:
                others.come_up()
                result.came_up_s.append(time.perf_counter() - began)
                ours.settle(2)
                pids = [ours.pid, *others.pids]
                result.memory["signed in"] = [memory(pid) for pid in pids]
                with watched(pids) as result.windows[IDLE]:
                    time.sleep(quiet_s)
                with watched(others.pids) as result.windows[WAITING]:
                    times(WAITING)
                others.scan(EVERY_S)
                ours.settle(EVERY_S)
                with watched(others.pids) as result.windows[SCANNING]:
                    times(SCANNING)
                    bare_times(SCANNING)
                made = others.rest()
                result.scans_s.append(made / (result.windows[SCANNING].seconds + EVERY_S))
                result.memory["at work"] = [memory(pid) for pid in pids]
                result.bare_memory.append(memory(bare.pid))
        finally:
            ours.close()
            bare.close()
            store.close()
    return result


def _ours(run: PtyRun, store: Store, scans: int, chance: random.Random) -> tuple[float, ...]:
    """Scan what the screen asks for; the journal then says what had to be shown."""
    floor = Floor(store)
    gesture = _newest(store)[0]

    def outcome(code: str) -> str | None:
        nonlocal gesture
        newest, text = _newest(store)
        if newest == gesture:
            return None
        gesture = newest
        return text

    return _times(run, scans, chance, lambda: next_code(floor, WATCHED, chance), outcome)


def _newest(store: Store) -> tuple[str, str]:
    """The watched station's last scan: its gesture, and how its outcome begins."""
    with store.read() as tx:
        station = tx.site.station(name_of("pick", WATCHED))
        assert station is not None
        row = next(row for row in tx.journal.recent(500) if row.station_id == station.id)
    message = Message.from_json(json.loads(row.message))
    return row.gesture_id, str(message.text)[:MARKER].rstrip()


def _bare(run: PtyRun, scans: int, chance: random.Random) -> tuple[float, ...]:
    codes = (f"{chance.randrange(10**12):012}" for _ in count())
    return _times(run, scans, chance, lambda: next(codes), lambda code: f"NEXT-{code}")


def _times(
    run: PtyRun,
    scans: int,
    chance: random.Random,
    code_for: Callable[[], str],
    outcome: Callable[[str], str | None],
) -> tuple[float, ...]:
    """Milliseconds from the last byte of each scan to its outcome on the screen."""
    times: list[float] = []
    while len(times) < WARM_UP + scans:
        run.settle(chance.uniform(*PAUSE_S))
        code = code_for()
        sent = run.write(f"{code}\r".encode())
        times.append(1000 * (_painted(run, code, sent + LOST_S, outcome) - sent))
    return tuple(times[WARM_UP:])


def _painted(
    run: PtyRun, code: str, deadline: float, outcome: Callable[[str], str | None]
) -> float:
    """When the outcome came; one that never came counts as all the time it was waited for."""
    marker: str | None = None
    while time.perf_counter() < deadline:
        run.settle(QUIET_S)
        marker = marker or outcome(code)
        if marker is not None and (moment := run.painted(marker)) is not None:
            return moment
    click.echo(f"{code!r} did not paint {marker!r}: {run.output[-400:]!r}", err=True)
    return deadline


# --- what is said of it ---------------------------------------------------------------------------


def section(result: Result, stations: int) -> str:
    """Tables in Markdown."""
    idle, wait, scan = (result.windows[name] for name in (IDLE, WAITING, SCANNING))
    work = [
        ("idle: nobody scans", idle),
        ("one scans, the others wait at the menu and look at what changed", wait),
        (f"all scan, each every {EVERY_S:g} s", scan),
    ]
    return f"""## {stations} stations on one host

Made by `python -m benchmarks.stations{_option(stations)} --write` on {platform.system()} \
{platform.machine()}, Python {platform.python_version()}, {os.cpu_count()} processors. {stations} \
times the real program, each on a pty and signed in, on one SQLite store; they came up, all at \
once, in {result.came_up_s[0]:.0f} s. One more process plays the {stations - 1} people, on the \
same processors.

### Memory

A page that n processes share counts as an n-th in PSS, in full in RSS and not at all in USS. \
Bare is one Textual app that gathers keys, running beside them: PSS \
{result.bare_memory[0].pss:.1f} MB, USS {result.bare_memory[0].uss:.1f} MB.

| MB | PSS, median | PSS, sum | USS, median | USS, sum | RSS, median |
|---|---|---|---|---|---|
{_rows(_memory_row(name, each) for name, each in result.memory.items())}

### Work of a station

Percent of one processor, and how often one of its threads was woken.

| When | Median of a station | Sum of the stations | Wake-ups of a station, a second |
|---|---|---|---|
{_rows(_work_row(name, window) for name, window in work)}

In the second row {len(result.ours[WAITING]) / wait.seconds:.1f} scans a second were \
made, in the third {result.scans_s[0]:.0f}.

### From a scanner's last byte to the outcome on the screen

p50 / p95 / p99 of {len(result.ours[ALONE])} scans of one station by a keyboard scanner; the \
ratio is that of the p95.

| What | Alone | {WAITING.capitalize()} | {SCANNING.capitalize()} | Scanning over alone |
|---|---|---|---|---|
| the terminal | {_row(result.ours, ALONE, WAITING, SCANNING)} |
| bare Textual, showing the code | {_row(result.bare, ALONE, "", SCANNING)} |
"""


def _option(stations: int) -> str:
    return "" if stations == STATIONS else f" --stations {stations}"


def _rows(rows: Iterable[str]) -> str:
    return "\n".join(rows)


def _memory_row(name: str, each: Sequence[Memory]) -> str:
    pss, uss = [item.pss for item in each], [item.uss for item in each]
    return (
        f"| {name} | {median(pss):.1f} | {sum(pss):.0f} | {median(uss):.1f} | {sum(uss):.0f} | "
        f"{median(item.rss for item in each):.1f} |"
    )


def _work_row(name: str, window: Window) -> str:
    return (
        f"| {name} | {median(window.cpu):.2f} % | {sum(window.cpu):.1f} % | "
        f"{median(window.wakes):.1f} |"
    )


def _row(times: dict[str, tuple[float, ...]], *names: str) -> str:
    cells = [f"{three(times[name])} ms" if name else "" for name in names]
    ratio = percentile(times[names[-1]], 95) / percentile(times[names[0]], 95)
    return " | ".join([*cells, f"{ratio:.2f}"])


@click.command(help=__doc__)
@click.option("--stations", default=STATIONS, show_default=True, help="How many, at least 2.")
@click.option("--scans", default=SCANS, show_default=True, help="Scans that are timed each time.")
@click.option("--quiet", default=20.0, show_default=True, help="Seconds in which nobody scans.")
@click.option("--write", is_flag=True, help="Write docs/benchmarks.md.")
def main(stations: int, scans: int, quiet: float, write: bool) -> None:
    """Measure, and print what came of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    text = section(measure(stations, scans, quiet), stations)
    click.echo(text)
    if write:
        sections.put("stations", text)


if __name__ == "__main__":
    main()
