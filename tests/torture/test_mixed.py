"""Every fault at once, on each engine: nothing lost, nothing doubled, every job's state true."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.stores import new_store, url_of
from tests.torture import mixed, stations
from tests.torture.floor import Floor, prepare, untrue

SECONDS = 5.0
KILLS = 100


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_floor_under_every_fault_loses_nothing_and_doubles_nothing(
    engine: str, tmp_path: Path
) -> None:
    floor = mixed.run(engine, tmp_path, SECONDS, 20110830)
    assert floor.broken == [], mixed.table(floor, SECONDS)
    assert floor.answered
    assert floor.sums["packed"] > 0
    assert len(floor.faults) >= 6


@pytest.mark.slow
def test_a_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    url = url_of(tmp_path / "wms.db")
    prepare(url)
    floor = Floor(url, tmp_path, random.Random(20110830))
    floor.open()
    while floor.faults["kill"] < KILLS:
        floor.work(0.5, {"kill": stations.kill}, 0.02)
    floor.close()
    floor.examine()
    assert floor.broken == []
    assert len(floor.answered) > KILLS
    assert floor.sums["picked"] > 0


@pytest.mark.parametrize(
    ("states", "out", "is_true"),
    [
        (("printed",), 1, True),
        (("printed",), 0, False),
        (("confirmed",), 0, False),
        (("faulted",), 0, True),
        (("faulted",), 1, False),
        (("unknown",), 0, True),
        (("unknown",), 1, True),
        (("printed", "printed"), 1, False),
        (("printed",), 2, False),
        (("sending",), 0, False),
    ],
)
def test_what_jobs_say_is_held_against_what_came_out(
    states: tuple[str, ...], out: int, is_true: bool
) -> None:
    assert (untrue([("1", state) for state in states], {"1": out}) == []) == is_true
