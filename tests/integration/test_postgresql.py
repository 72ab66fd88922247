"""The floor on PostgreSQL: a whole day, and a server that drops people in the middle of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from threading import Event, Thread

import pytest

from data import open_store
from data.doctor import examine, totals
from tests.postgres import Server
from tests.torture.station import Gesture, work
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, SARA, SIGN, World
from wms_terminal.ports.store import StoreError
from wms_terminal.simulated_crew import ROLES, Crew, hire

DROPS = 60
BETWEEN_S = 0.03


@pytest.fixture
def url(postgresql: Server, database: str) -> str:
    """The URL of an empty store."""
    return postgresql.url(database)


def test_a_day_from_order_to_lorry(url: str) -> None:
    with closing(open_store(url)) as store:
        world = World(store)
        for lines in (((LANTERN, 2), (MUG, 1)), ((CANDLE, 3),), ((SIGN, 1),), ((LANTERN, 8),)):
            world.order(*lines)
        world.pick_all("PICK-01", ANNA)
        world.pack_all("PACK-01", BOB)
        step = world.scan("SHIP-01", SARA, "WHCSHIP")
        world.follow("SHIP-01", step, until=("ship", "start"))
        with store.read() as tx:
            assert examine(tx) == []
            sums = totals(tx)
    assert sums["ordered"] == sums["shipped"] == sums["moved_to_customer"] == 15


@dataclass
class Shift:
    """One person's scans, as `work` tells of them."""

    url: str
    role: str
    chance: random.Random
    answered: set[str] = field(default_factory=set)
    pending: Gesture | None = None
    """What was scanned and not answered, to be scanned again."""
    losses: Counter[str] = field(default_factory=Counter)
    """What was said when the store went away in the middle of something."""
    state: str = ""
    """Where there was nothing to do any more."""

    def send(self, told: tuple[str, object], /) -> None:
        """Hear what `work` tells."""
        word, what = told
        if isinstance(what, Gesture):
            self.pending = what if word == "made" else None
            if word == "answered":
                self.answered.add(what.id)
        elif word == "idle":
            self.state = str(what)

    def go_on(self, scans: int) -> None:
        """Scan, beginning anew whenever the store goes away, until there is nothing to do."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            again = self.pending
            if again is not None and again.code.startswith("WHB"):
                again = None
            try:
                work(self.url, self.role, self.chance.randrange(10**9), again, scans, self)
            except StoreError as error:
                self.losses[str(error)] += 1
            else:
                return
        raise AssertionError(f"{self.role} does not get on")


@pytest.mark.slow
def test_connections_that_are_lost_lose_nothing_and_double_nothing(
    postgresql: Server, database: str, url: str
) -> None:
    chance = random.Random(20110830)
    with closing(open_store(url)) as store:
        world = World(store)
        for _ in range(40):
            world.order((chance.choice((LANTERN, CANDLE)), 1), (LANTERN, 1))
    hire(url, Crew(1, 1, 1))
    shifts = [Shift(url, role, random.Random(role)) for role in ROLES]
    over = Event()

    def until_over(shift: Shift) -> None:
        while not over.is_set():
            shift.go_on(50)

    people = [Thread(target=until_over, args=(shift,)) for shift in shifts]
    for person in people:
        person.start()
    for drop in count(1):
        postgresql.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND application_name = 'wms-terminal' "
            "ORDER BY random() LIMIT 1"
        )
        if drop >= DROPS:
            break
        over.wait(BETWEEN_S)
    over.set()
    for person in people:
        person.join()
    for shift in shifts:
        shift.go_on(400)

    with closing(open_store(url)) as store, store.read() as tx:
        journal = Counter(row.gesture_id for row in tx.journal.recent(10**6))
        assert examine(tx) == []
        sums = totals(tx)
    for shift in shifts:
        assert shift.answered <= set(journal), "an answered scan is not in the journal"
    assert set(journal.values()) == {1}
    assert sum(shift.losses.total() for shift in shifts) > DROPS // 6
    assert sums["shipped"] == sums["moved_to_customer"]
    assert sums["picked"] > 0, [(shift.role, shift.state) for shift in shifts]
