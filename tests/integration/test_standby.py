"""A database server that dies, and its standby that takes over while the floor works."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event, Thread
from urllib.parse import quote

import pytest

from data import open_store
from data.doctor import examine, totals
from tests.postgres import EMPTY, Server, Standby
from tests.world import CANDLE, LANTERN, World
from wms_terminal.bootstrap import Bench, open_bench
from wms_terminal.ports.store import StoreError
from wms_terminal.services.floor import new_gesture
from wms_terminal.services.step import Step
from wms_terminal.simulated_crew import ENTRY, ROLES, Crew, badge_of, hire, name_of
from wms_terminal.simulated_operator import Move, SimulatedOperator

pytestmark = pytest.mark.slow

PATIENCE_S = 60
BEFORE = 60
"""Scans that were answered when the server dies."""
AFTER = 60
"""Scans that are answered by the standby before the test is content."""


@pytest.fixture
def primary() -> Iterator[Server]:
    """A server to be killed."""
    server = Server()
    yield server
    server.close()


@pytest.fixture
def standby(primary: Server) -> Iterator[Standby]:
    """Its copy, which has every commit before it is acknowledged."""
    server = Standby(primary)
    yield server
    server.close()


class Person(Thread):
    """Somebody who scans at one station, the same pull again until it is answered."""

    def __init__(self, url: str, role: str, over: Event) -> None:
        super().__init__()
        self._url, self._role, self._over = url, role, over
        self.answered: list[str] = []
        self.unanswered: Counter[str] = Counter()
        """What was said instead of an answer."""
        self.trouble: BaseException | None = None

    def run(self) -> None:
        """Work until it is over, on one station that stays open throughout."""
        try:
            with closing(open_bench(self._url, name_of(self._role, 0))) as bench:
                self._work(bench)
        except BaseException as trouble:  # noqa: BLE001  # told by the test, in its own thread
            self.trouble = trouble

    def _work(self, bench: Bench) -> None:
        chance = random.Random(self._role)
        person = SimulatedOperator(chance, 0.02, ("LOST", "LA00000X"))
        step = self._scan(bench, Move(badge_of(self._role, 0)))
        while not self._over.is_set():
            move = Move(ENTRY[self._role].value) if step.flow == "menu" else person.move(step)
            if move is not None:
                step = self._scan(bench, move)
            else:
                self._over.wait(0.01)
                step = self._until_answered(bench.terminal.look)

    def _scan(self, bench: Bench, move: Move) -> Step:
        gesture = new_gesture()
        step = self._until_answered(lambda: bench.scan(move.code, move.source, gesture))
        self.answered.append(gesture)
        return step

    def _until_answered(self, ask: Callable[[], Step]) -> Step:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return ask()
            except StoreError as error:
                self.unanswered[str(error)] += 1
                assert time.monotonic() < deadline, self.unanswered


def url_of(*servers: Server, database: str = EMPTY) -> str:
    """The URL of a database on whichever of the servers takes writes."""
    hosts = ",".join(quote(str(server.folder), safe="") for server in servers)
    return f"postgresql://wms@{hosts}/{database}?target_session_attrs=read-write"


def test_the_floor_goes_on_with_the_standby_when_the_server_dies(
    primary: Server, standby: Standby
) -> None:
    url = url_of(primary, standby)
    chance = random.Random(20110830)
    with closing(open_store(url)) as store:
        world = World(store)
        for _ in range(80):
            world.order((chance.choice((LANTERN, CANDLE)), 1), (LANTERN, 1))
    hire(url, Crew(1, 1, 1))
    over = Event()
    people = [Person(url, role, over) for role in ROLES]

    def answered() -> int:
        return sum(len(person.answered) for person in people)

    def wait_for(scans: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while answered() < scans:
            assert time.monotonic() < deadline, [person.unanswered for person in people]
            assert all(person.is_alive() for person in people), [p.trouble for p in people]
            over.wait(0.005)

    for person in people:
        person.start()
    try:
        wait_for(BEFORE)
        primary.kill()
        standby.promote()
        wait_for(answered() + AFTER)
    finally:
        over.set()
        for person in people:
            person.join()

    assert [person.trouble for person in people] == [None] * len(people)
    with closing(open_store(url)) as store, store.read() as tx:
        journal = Counter(row.gesture_id for row in tx.journal.recent(10**6))
        assert examine(tx) == []
        sums = totals(tx)
    scans = [gesture for person in people for gesture in person.answered]
    assert set(scans) <= set(journal), "an answered scan is not in the journal"
    assert set(journal.values()) == {1}
    assert sums["picked"] > 0
