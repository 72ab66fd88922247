"""A database server that is killed under everybody's hands, and comes back where it was."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from threading import Event

import pytest

from data import open_store
from data.doctor import examine, totals
from tests.integration.test_standby import PATIENCE_S, Person
from tests.postgres import EMPTY, Server
from tests.world import CANDLE, LANTERN, World
from wms_terminal.simulated_crew import ROLES, Crew, hire

pytestmark = pytest.mark.slow

KILLS = 2
BETWEEN = 40
"""Scans that are answered before each kill, and after the last."""


@pytest.fixture
def server() -> Iterator[Server]:
    """A server to be killed."""
    made = Server()
    yield made
    made.close()


def test_the_floor_settles_what_it_scanned_once_a_killed_server_is_back(server: Server) -> None:
    url = server.url(EMPTY)
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

    def wait_for_more() -> None:
        wanted = answered() + BETWEEN
        for _ in range(int(PATIENCE_S / 0.005)):
            if answered() >= wanted:
                return
            assert all(person.is_alive() for person in people), [p.trouble for p in people]
            over.wait(0.005)
        raise AssertionError([person.unanswered for person in people])

    for person in people:
        person.start()
    try:
        for _ in range(KILLS):
            wait_for_more()
            killed = server.kill()
            # The first process, whoever writes to the disk, and whoever served the three.
            assert len(killed) > 1 + len(people)
            server.restart()
        wait_for_more()
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
