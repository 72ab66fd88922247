"""Terminals die at any moment; no scan is lost, none counts twice, and the work goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.context import ForkContext

import pytest

from data import open_store
from data.doctor import examine, totals
from tests.integration.kill import Gesture, work
from wms_terminal.simulate import Crew, hire

KILLS = 200
SCANS_AFTERWARDS = 400
ROLES = ("pick", "pick", "pack", "pack", "ship")
"""Whose terminal dies next; the ship desk has the least to do."""


@dataclass
class Watch:
    """What the parent knows of its stations."""

    url: str
    chance: random.Random
    answered: set[str] = field(default_factory=set)
    unanswered: dict[str, Gesture | None] = field(default_factory=dict)
    """By role: the gesture that was made when the terminal died, and not answered."""
    seen: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)

    def station(self, context: ForkContext, role: str, patience: float | None) -> None:
        """Let one terminal live until it is done, or is killed after so many seconds."""
        ours, theirs = context.Pipe(duplex=False)
        pending = self.unanswered.get(role)
        seed = self.chance.randrange(10**9)
        child = context.Process(
            target=work, args=(self.url, role, seed, pending, SCANS_AFTERWARDS, theirs)
        )
        child.start()
        theirs.close()
        deadline = time.monotonic() + 120
        try:
            while True:
                if not ours.poll(max(0.0, deadline - time.monotonic())):
                    assert patience is not None, f"{role} hangs"
                    assert child.pid is not None
                    os.kill(child.pid, signal.SIGKILL)
                    self.kills[role] += 1
                    deadline = time.monotonic() + 120
                    continue
                word, what = ours.recv()
                if word == "made":
                    pending = what
                    if patience is not None and not self.seen[f"{role} {child.pid}"]:
                        self.seen[f"{role} {child.pid}"] += 1
                        deadline = time.monotonic() + patience
                elif word == "answered":
                    self.answered.add(what.id)
                    pending = None
                else:
                    self.seen[word] += 1
        except EOFError:
            child.join()
        lost_badge = pending is not None and pending.code.startswith("WHB")
        self.unanswered[role] = None if lost_badge else pending


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_double_nothing(day: str) -> None:
    hire(day, Crew(1, 1, 1))
    context = multiprocessing.get_context("fork")
    watch = Watch(day, random.Random(20110830))
    while watch.kills.total() < KILLS:
        role = watch.chance.choice(ROLES)
        watch.station(context, role, watch.chance.uniform(0.0, 0.25))
    for role in ("pick", "pack", "ship"):
        watch.station(context, role, None)

    store = open_store(day)
    with store.read() as tx:
        journal = Counter(row.gesture_id for row in tx.journal.recent(10**6))
        assert examine(tx) == []
        sums = totals(tx)
    store.close()
    assert watch.answered <= set(journal), "an answered scan is not in the journal"
    assert set(journal.values()) == {1}
    assert watch.seen["resumed"] > KILLS // 4
    assert set(watch.kills) == {"pick", "pack", "ship"}
    assert sums["moved_to_customer"] == sums["shipped"]
    assert sums["packed"] > 0
