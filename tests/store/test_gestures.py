"""One gesture counts once: sent twice, late, and by several processes at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from data import open_store
from data.doctor import examine, totals
from data.store import SqlStore
from tests.store import crowd
from tests.world import LANTERN, World
from wms_terminal.domain.scan import Source
from wms_terminal.services.step import Step

pytestmark = pytest.mark.slow

GESTURES = [f"g{number}" for number in range(len(crowd.WALK))]


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """A warehouse with an order for two lanterns."""
    with closing(open_store(url)) as opened:
        World(opened).order((LANTERN, 2))
        yield opened


def counts(store: SqlStore) -> Counter[str]:
    """How often each gesture is in the journal of a store that is sound, and in which order."""
    with store.read() as tx:
        assert examine(tx) == []
        assert totals(tx)["picked"] == 2
        return Counter(row.gesture_id for row in reversed(tx.journal.recent(1000)))


def where(step: Step) -> tuple[str, str]:
    """Where the station stands."""
    return step.flow, step.state


def test_a_gesture_that_is_sent_twice_counts_once(store: SqlStore) -> None:
    floor = World(store, ready=True).floor
    for gesture, code in zip(GESTURES, crowd.WALK, strict=True):
        first = floor.scan("PICK-01", code, Source.SCANNER, gesture)
        assert where(floor.scan("PICK-01", code, Source.SCANNER, gesture)) == where(first)
    assert list(counts(store).items()) == [(gesture, 1) for gesture in GESTURES]


def test_a_gesture_that_is_sent_late_changes_nothing(store: SqlStore) -> None:
    floor = World(store, ready=True).floor
    for done in range(len(GESTURES)):
        now = where(floor.scan("PICK-01", crowd.WALK[done], Source.SCANNER, GESTURES[done]))
        for late in range(done):
            # From another station as well: its scanner may have been taken there meanwhile.
            floor.scan("PICK-02", crowd.WALK[late], Source.SCANNER, GESTURES[late])
            floor.scan("PICK-01", crowd.WALK[late], Source.SCANNER, GESTURES[late])
            assert where(floor.look("PICK-01")) == now
    assert list(counts(store).items()) == [(gesture, 1) for gesture in GESTURES]


def test_a_gesture_of_three_processes_at_once_counts_once(store: SqlStore, url: str) -> None:
    answers = crowd.at_once(crowd.walk, url, 3)
    assert list(counts(store).items()) == [(gesture, 1) for gesture in GESTURES]
    assert [[answer[:2] for answer in each] for each in answers] == [
        [answer[:2] for answer in answers[0]]
    ] * 3
