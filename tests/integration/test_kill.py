"""Terminals die at any moment; no scan is lost, none counts twice, and the work goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter

import pytest

from data import open_store
from data.doctor import examine, totals
from tests.integration.kill import Gesture, work
from wms_terminal.simulate import Crew, hire

KILLS = 200


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_double_nothing(day: str) -> None:
    hire(day, Crew(1, 1, 1))
    chance = random.Random(20110830)
    context = multiprocessing.get_context("fork")
    answered: set[str] = set()
    unanswered: dict[str, Gesture | None] = {"pick": None, "pack": None, "ship": None}
    seen: Counter[str] = Counter()
    kills = idle = 0
    role = "pick"
    while kills < KILLS or idle < 3:
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(
            target=work, args=(day, role, chance.randrange(10**9), unanswered[role], theirs)
        )
        child.start()
        theirs.close()
        patience = chance.uniform(0.0, 0.25) if kills < KILLS else 600.0
        deadline = None
        finished = False
        pending = unanswered[role]
        try:
            while True:
                left = 600.0 if deadline is None else max(0.0, deadline - time.monotonic())
                if not ours.poll(left):
                    assert child.pid is not None
                    os.kill(child.pid, signal.SIGKILL)
                    kills += 1
                    deadline = time.monotonic() + 600.0
                    continue
                word, what = ours.recv()
                if deadline is None:
                    deadline = time.monotonic() + patience
                if word == "made":
                    pending = what
                elif word == "answered":
                    answered.add(what.id)
                    pending = None
                else:
                    seen[word] += 1
                    finished = finished or word == "idle"
        except EOFError:
            child.join()
        unanswered[role] = pending if pending is None or not _is_badge(pending) else None
        if finished:
            assert kills > 50, "the day was over before the terminal died often enough"
            idle = idle + 1 if kills >= KILLS else 0
            role = {"pick": "pack", "pack": "ship", "ship": "pick"}[role]

    store = open_store(day)
    with store.read() as tx:
        journal = Counter(row.gesture_id for row in tx.journal.recent(10**6))
        assert examine(tx) == []
        sums = totals(tx)
    store.close()
    assert answered <= set(journal), "an answered scan is not in the journal"
    assert set(journal.values()) == {1}
    assert seen["resumed"] > KILLS // 4
    assert sums["ordered"] == sums["shipped"] + sums["short"]
    assert sums["moved_to_customer"] == sums["shipped"]


def _is_badge(gesture: Gesture) -> bool:
    return gesture.code.startswith("WHB")
