"""Many processes on one store: nobody fails, nothing is lost, the dead hold nobody up."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from data import doctor, open_store
from data.migrations import STEPS
from tests.postgres import Server
from tests.store import crowd
from tests.store.hands import Hands
from tests.stores import url_of
from tests.world import World
from wms_terminal.ports.store import StoreError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SIXTY = 60
"""Terminals, as many as two hosts have. On PostgreSQL they share nothing but the server."""
PREAMBLE = """
import json, sys
from importlib import import_module
from data import open_store
import data.store
url, number = sys.argv[1], int(sys.argv[2])
import_module("data.sqlite" if url.startswith("sqlite") else "data.postgres")
print("ready", flush=True)
sys.stdin.readline()
"""


@contextmanager
def processes(script: str, url: str, count: int) -> Iterator[Sequence[subprocess.Popen[str]]]:
    """So many processes that wait for a line and then all run the script at once."""
    with ExitStack() as stack:
        running = []
        for number in range(count):
            process = subprocess.Popen(
                [sys.executable, "-c", PREAMBLE + script, url, str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=ROOT,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            running.append(process)
        for process in running:
            assert said(process) == "ready"
        yield running


def said(process: subprocess.Popen[str]) -> str:
    """The next line that a process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def run(script: str, url: str, count: int) -> list[str]:
    """What each of so many processes printed last; all of them must succeed."""
    with processes(script, url, count) as running:
        for process in running:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        results = [process.communicate(timeout=120) for process in running]
        assert [err for _, err in results if err] == []
        assert {process.returncode for process in running} == {0}
    return [out.strip() for out, _ in results]


@pytest.fixture(params=["sqlite", "postgresql"])
def nothing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a store that nobody has made yet."""
    if request.param == "sqlite":
        yield url_of(tmp_path / "wms.db")
        return
    server: Server = request.getfixturevalue("postgresql")
    name = server.new("template1")
    yield server.url(name)
    server.drop(name)


def test_sixty_terminals_boot_at_once_on_a_new_store(nothing: str) -> None:
    numbers = crowd.at_once(crowd.boot, nothing, SIXTY)
    assert [number for number in numbers if not isinstance(number, int)] == []
    assert sorted(numbers) == list(range(1, SIXTY + 1))
    with closing(open_store(nothing)) as store, store.read() as tx:
        assert tx.connection.schema_version() == len(STEPS)
        assert tx.connection.damage() == []


def test_sixty_terminals_of_a_newer_version_boot_at_once_on_a_store_at_work(url: str) -> None:
    with closing(open_store(url)) as store:
        World(store)
    assert crowd.at_once(crowd.boot_newer, url, SIXTY) == ["free"] * SIXTY
    # This version is the older one now, and says so instead of working on.
    with pytest.raises(StoreError, match=f"got schema {len(STEPS) + 1}"):
        open_store(url)


def test_writers_take_turns_and_lose_nothing(url: str) -> None:
    store = open_store(url)
    hands = Hands(store)
    lamp, bin_id, bulk = hands.product("LAMP"), hands.place("A-1"), hands.place("B-1")
    script = f"""
from wms_terminal.ports.store import StoreConflict
store = open_store(url)
moved = refused = 0
for turn in range(80):
    try:
        with store.write() as tx:
            tx.site.next_number("turn")
            tx.stock.move({lamp}, "", 3, {bulk}, {bin_id}, why="replenish", at="")
            moved += 1
    except StoreConflict:
        refused += 1
    with store.read() as tx:
        assert tx.stock.on_hand({bulk}) >= 0
store.close()
print(json.dumps([moved, refused]))
"""
    results = [json.loads(line) for line in run(script, url, 6)]
    assert sum(moved for moved, _ in results) == 500 // 3
    assert sum(moved + refused for moved, refused in results) == 6 * 80
    assert hands.lies("B-1", "LAMP") == {"": (500 % 3, 0)}
    with store.read() as tx:
        assert doctor.examine(tx) == []
    with store.write() as tx:
        assert tx.site.next_number("turn") == 500 // 3 + 1
    store.close()


def test_two_pickers_never_get_the_same_claim(url: str) -> None:
    store = open_store(url)
    hands = Hands(store)
    lists = [hands.release(hands.order(("LAMP", 1))) for _ in range(40)]
    store.close()
    script = f"""
store = open_store(url)
mine = []
while True:
    with store.write() as tx:
        work = tx.picks.next_open("2026-03-03T12:00:00.000Z")
        if work is None:
            break
        taken = tx.picks.claim("pick", work[0], {hands.ann}, {hands.pick_station},
            "2026-03-03T12:00:00.000Z", "2026-03-03T12:30:00.000Z")
        assert taken is None
        mine.append(work[0])
store.close()
print(json.dumps(mine))
"""
    results = [json.loads(line) for line in run(script, url, 4)]
    assert sorted(item for mine in results for item in mine) == sorted(lists)


@pytest.mark.parametrize("where", ["in its transaction", "stopped, then killed"])
def test_the_dead_hold_nobody_up(url: str, where: str) -> None:
    store = open_store(url)
    script = """
store = open_store(url)
with store.write() as tx:
    tx.site.set_setting("x", "never committed")
    print("inside", flush=True)
    sys.stdin.readline()
"""
    with processes(script, url, 1) as (process,):
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert said(process) == "inside"
        if where.startswith("stopped"):
            process.send_signal(signal.SIGSTOP)
            with store.read() as tx:
                assert tx.site.setting("x", "unset") == "unset"
        process.kill()
        process.wait()
    began = time.monotonic()
    with store.write() as tx:
        assert tx.site.setting("x", "unset") == "unset"
        tx.site.set_setting("x", "next")
    assert time.monotonic() - began < 2
    store.close()


def test_what_was_acknowledged_survives_a_kill(url: str) -> None:
    script = """
store = open_store(url)
while True:
    with store.write() as tx:
        number = tx.site.next_number("scan")
    print(number, flush=True)
"""
    with processes(script, url, 1) as (process,):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        acknowledged = 0
        while acknowledged < 50:
            acknowledged = int(said(process))
        process.kill()
        rest = process.stdout.read().split()
    acknowledged = int(rest[-1]) if rest else acknowledged
    store = open_store(url)
    with store.write() as tx:
        assert tx.site.next_number("scan") in (acknowledged + 1, acknowledged + 2)
    store.close()
