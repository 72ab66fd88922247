"""A store whose disk is full, that is damaged, or that the power left in the middle of a write."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from data import open_store
from data.doctor import examine
from tests.stores import new_store, url_of
from tests.torture import files
from tests.torture.floor import Floor, prepare
from tests.world import ANNA, LANTERN, NOON, World
from wms_terminal.ports.store import StoreError

pytestmark = pytest.mark.slow


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    """A store with a warehouse in it, and nobody at work."""
    new_store(tmp_path).close()
    url = url_of(tmp_path / "wms.db")
    prepare(url)
    return Floor(url, tmp_path, random.Random(20110830))


@contextmanager
def no_room() -> Iterator[None]:
    """Nothing can be written to any file of this process, beyond its first bytes."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_full_disk_refuses_aloud_and_is_forgotten_once_there_is_room(floor: Floor) -> None:
    with closing(open_store(floor.url)) as store:
        world = World(store, ready=True)
        world.order((LANTERN, 2))
        world.scan("PICK-01", ANNA, "WHCPICK")
        with no_room(), pytest.raises(StoreError, match="disk"):
            world.floor.scan("PICK-01", "T-0001", gesture="again")
        world.floor.scan("PICK-01", "T-0001", gesture="again")
        with store.read() as tx:
            assert tx.journal.seen("again") is not None
            assert examine(tx) == []


def test_a_store_that_may_only_be_read_says_what_to_do(floor: Floor) -> None:
    with closing(open_store(floor.url)):  # so that there is a log to copy
        assert files.read_only(floor)
    assert floor.broken == []


@pytest.mark.parametrize("kind", files.DAMAGE)
def test_a_damaged_store_is_found_and_said_in_words(floor: Floor, kind: str) -> None:
    path = Path(floor.url.removeprefix("sqlite:///"))
    files.DAMAGE[kind](path, floor.chance)
    code, said = files.command(floor.url, "doctor")
    assert code in (1, 2), said
    assert "last backup" in said
    assert "healthy" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("table", ["station", "scan", "session", "location"])
def test_a_station_refuses_a_damaged_store_in_words(floor: Floor, table: str) -> None:
    path = Path(floor.url.removeprefix("sqlite:///"))
    with path.open("r+b") as file:
        file.seek((files.roots(path, "table")[table] - 1) * files.PAGE)
        file.write(floor.chance.randbytes(files.PAGE))
    scans = f"{ANNA}\nWHCPICK\nT-0001\n"
    code, said = files.command(floor.url, "--station", "PICK-01", "scan", given=scans)
    assert code in (1, 2), said
    assert "restore the last backup" in said
    assert "Traceback" not in said


def test_a_clock_that_jumps_back_loses_nothing(floor: Floor) -> None:
    with closing(open_store(floor.url)) as store:
        world = World(store, ready=True)
        order = world.order((LANTERN, 2))
        world.scan("PICK-01", ANNA, "WHCPICK")
        world.wait(hours=-1)
        world.pick_all("PICK-01", ANNA)
        assert world.now == NOON - timedelta(hours=1)
        assert world.find(order.number).state == "picked"
        with store.read() as tx:
            assert examine(tx) == []
            rows = tx.journal.recent(100)
    assert len({row.gesture_id for row in rows}) == len(rows)
