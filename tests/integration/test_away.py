"""A store that goes away in the middle: each scan counts once, in its order, for who made it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from data import doctor
from data.store import SqlStore, Transaction
from tests.stores import new_store
from tests.world import ANNA, BOB, LANTERN, NOON, World, at
from wms_terminal import consumer
from wms_terminal.bootstrap import Terminal
from wms_terminal.consumer import Consumer, Job
from wms_terminal.domain.scan import Source
from wms_terminal.domain.text import Text
from wms_terminal.ports.store import Store, StoreError
from wms_terminal.services.step import Step

STATION = "PICK-01"
ANNAS = (ANNA, "WHCPICK", at("T-0001"), at("A01-01-1"))


class Unsure:
    """A store whose answer to a commit is lost, before or after it happened."""

    def __init__(self, inner: SqlStore) -> None:
        self.inner = inner
        self.lost_before = self.lost_after = 0
        self.read, self.changes, self.close = inner.read, inner.changes, inner.close

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self.inner.write() as tx:
            yield tx
            if self.lost_before:
                self.lost_before -= 1
                raise StoreError("The server has gone away.")
        if self.lost_after:
            self.lost_after -= 1
            raise StoreError("The server has gone away.")


def job(gesture: str, raw: str) -> Job:
    return Job(gesture, lambda terminal: terminal.scan(raw, Source.SCANNER, gesture))


async def scanned(folder: Path, before: int, after: int) -> tuple[list[tuple[object, ...]], int]:
    """Anna's scans and then Bob's badge, all made while the store is away: the journal."""
    said: list[str] = []
    queue = Consumer(lambda why, count: said.append(str(why)))

    def opened() -> tuple[Unsure, Terminal]:
        store = Unsure(new_store(folder))
        World(store.inner).order((LANTERN, 3))
        return store, Terminal(cast(Store, store), STATION, lambda: NOON)

    def journal(store: Unsure) -> list[tuple[object, ...]]:
        with store.inner.read() as tx:
            assert doctor.examine(tx) == []
            return tx.connection.all("""
                SELECT s.gesture_id, o.code, s.code FROM scan s
                LEFT JOIN operator o ON o.id = s.operator_id ORDER BY s.id""")

    store, terminal = await queue.ask(opened)
    answers: list[Step] = []
    done = asyncio.Event()

    def answered(step: Step, job: Job) -> None:
        answers.append(step)
        if len(answers) == len(ANNAS) + 1:
            done.set()

    store.lost_before, store.lost_after = before, after
    for number, raw in enumerate((*ANNAS, BOB)):
        queue.put(job(f"g{number}", raw))
    work = asyncio.create_task(queue.run(terminal, answered, done.set))
    await asyncio.wait_for(done.wait(), 60)
    work.cancel()
    rows = await queue.ask(partial(journal, store))
    await queue.close(terminal)
    if before or after:
        assert said[0] == "The server has gone away."
        assert said[-1] == ""
    else:
        assert said == []
    return rows, len(answers)


@pytest.mark.parametrize(("before", "after"), [(3, 0), (0, 3), (2, 2)])
async def test_a_commit_whose_answer_is_lost_counts_once_and_before_the_next_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    monkeypatch.setattr(consumer, "RETRY_S", 0.001)
    for name in ("sure", "unsure"):
        (tmp_path / name).mkdir()
    expected, _ = await scanned(tmp_path / "sure", 0, 0)
    rows, answers = await scanned(tmp_path / "unsure", before, after)
    assert rows == expected
    assert answers == len(rows) == len(ANNAS) + 1
    assert [row[0] for row in rows] == [f"g{number}" for number in range(len(rows))]
    assert [row[1] for row in rows] == ["ANNA"] * len(ANNAS) + ["BOB"]


async def test_why_the_store_is_away_is_said_with_what_waits_until_it_is_back() -> None:
    said: list[tuple[Text | str, int]] = []
    queue = Consumer(lambda why, count: said.append((why, count)))
    failures = [StoreError("away")]

    def call() -> int:
        if failures:
            raise failures.pop()
        return 1

    with pytest.raises(StoreError):
        await queue.ask(call)
    queue.put(job("g1", "A"))
    assert await queue.ask(call) == 1
    assert said == [("away", 0), ("away", 1), ("", 1)]
    await queue.close(None)
