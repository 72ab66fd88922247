"""All faults at once on one floor, and the table of what came of it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgres import Server
from tests.stores import new_store, url_of
from tests.torture import files, printers, server, stations
from tests.torture.floor import Fault, Floor, prepare
from tests.torture.station import Trials

FINISH_S = 3.0
"""After the last fault the floor works on for so long, as after any other day's trouble."""


def run(engine: str, folder: Path, seconds: float, seed: int, only: str = "") -> Floor:
    """A floor that was hurt for so long, closed and examined; `only` is a part of faults' names."""
    with _store(engine, folder) as (url, own):
        prepare(url)
        trials = Trials(0.01, 0.1, 0.005, 0.02, str(folder))
        floor = Floor(url, folder, random.Random(seed), trials=trials)
        floor.open()
        with stations.Echo(floor) as echo:
            faults = {**common(echo), **own}
            floor.work(seconds, {name: fault for name, fault in faults.items() if only in name})
            floor.work(FINISH_S, {})
            floor.close()
        floor.examine()
    return floor


def common(echo: stations.Echo) -> dict[str, Fault]:
    """The faults that befall any floor, by name."""
    return {
        "station killed": stations.kill,
        "station frozen": stations.freeze,
        "gesture from two processes at once": echo.twice,
        "label printer off": printers.off,
        "label printer out of paper": printers.paper_out,
        "label printer reset in mid-label": printers.reset,
        "label printer hangs": printers.hang,
    }


ON_SQLITE: dict[str, Fault] = {
    "power cut": files.power_cut,
    "disk full": files.disk_full,
    "page damaged": files.damaged_page,
    "store read-only": files.read_only,
}


def on_postgresql(database: Server) -> dict[str, Fault]:
    """The faults of a server, by name."""
    return {
        "database server killed": server.dies(database),
        "database connection lost": server.drops(database),
    }


def table(floor: Floor, seconds: float) -> str:
    """What happened and what came of it, for people."""
    kinds = sorted(floor.faults.items(), key=lambda item: (-item[1], item[0]))
    lines = [f"  {name:<36}{count:>8}" for name, count in kinds]
    lines += [
        f"  {'faults':<36}{floor.faults.total():>8}",
        f"  {'scans':<36}{floor.scans:>8}",
        f"  {'answered':<36}{len(floor.answered):>8}",
        f"  {'units picked':<36}{floor.sums['picked']:>8}",
        f"  {'units shipped':<36}{floor.sums['shipped']:>8}",
        f"  {'answers put off, the store was away':<36}{floor.away.total():>8}",
        f"  {'lost':<36}{len(floor.lost):>8}",
        f"  {'doubled':<36}{len(floor.doubled):>8}",
        f"  {'seconds':<36}{seconds:>8.0f}",
    ]
    verdict = [f"  BROKEN: {what}" for what in floor.broken] or ["  Doctor: the store is healthy."]
    return "\n".join(lines + verdict)


@contextmanager
def _store(engine: str, folder: Path) -> Iterator[tuple[str, dict[str, Fault]]]:
    """A new store's URL, and the faults of its engine."""
    if engine == "sqlite":
        new_store(folder).close()
        yield url_of(folder / "wms.db"), ON_SQLITE
        return
    database = Server()
    try:
        yield database.url(database.new()), on_postgresql(database)
    finally:
        database.close()
