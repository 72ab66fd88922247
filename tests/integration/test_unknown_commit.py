"""A connection that is cut at a COMMIT: nobody knows whether it happened, and it counts once."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from data import doctor, open_store
from tests.integration.test_away import ANNAS, STATION, job
from tests.postgres import Server
from tests.world import BOB, LANTERN, NOON, World
from wms_terminal import consumer
from wms_terminal.bootstrap import Terminal
from wms_terminal.consumer import Consumer, Job
from wms_terminal.services.step import Step

SOCKET = ".s.PGSQL.5432"
COMMIT = b"COMMIT"
"""How it is asked for, and how the server says that it is done."""
SCANS = (*ANNAS, BOB)


class Cutter:
    """Stands between a store and its server, and cuts the line at commits of changes.

    `cuts` is asked for the number of each: "before" and the server never hears of it, "after" and
    nobody hears that it was made.
    """

    def __init__(self, folder: Path, server: Path, cuts: Callable[[int], str]) -> None:
        self._server, self._cuts = str(server / SOCKET), cuts
        self.made: list[str] = []
        """What was done at each commit so far."""
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen()
        self._accepts = Thread(target=self._accept)
        self._accepts.start()

    def close(self) -> None:
        """Take no more calls, and wait until the last one has hung up."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepts.join()
        self._listener.close()

    def _accept(self) -> None:
        lines = []
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                lines.append(Thread(target=self._carry, args=(client,)))
                lines[-1].start()
        for line in lines:
            line.join()

    def _carry(self, client: socket.socket) -> None:
        changes, cut, unheard = False, "", b""
        with closing(client), socket.socket(socket.AF_UNIX) as server, suppress(ConnectionError):
            server.connect(self._server)
            while True:
                for end in select.select([client, server], [], [])[0]:
                    data = end.recv(2**16)
                    if not data:
                        return
                    if end is server:
                        unheard += data
                        if cut and COMMIT in unheard:
                            return
                        if not cut:
                            client.sendall(data)
                            unheard = b""
                        continue
                    changes = changes or b"NOTIFY" in data
                    if COMMIT in data and changes:
                        changes = False
                        cut = self._cuts(len(self.made))
                        self.made.append(cut)
                        if cut == "before":
                            return
                    server.sendall(data)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where a socket's path is short enough."""
    with TemporaryDirectory(prefix="wms-cut-") as name:
        yield Path(name)


async def journal(server: Server, database: str, url: str) -> list[tuple[object, ...]]:
    """What is in the journal once a terminal at `url` has answered all scans, put in at once."""
    with closing(open_store(server.url(database))) as direct:
        World(direct).order((LANTERN, 3))
    queue = Consumer(lambda why, count: None)
    terminal = await queue.ask(lambda: Terminal(open_store(url, STATION), STATION, lambda: NOON))
    answers: list[Step] = []
    done = asyncio.Event()

    def answered(step: Step, job: Job) -> None:
        answers.append(step)
        if len(answers) == len(SCANS):
            done.set()

    for number, raw in enumerate(SCANS):
        queue.put(job(f"g{number}", raw))
    work = asyncio.create_task(queue.run(terminal, answered, done.set))
    await asyncio.wait_for(done.wait(), 60)
    work.cancel()
    await queue.close(terminal)
    assert len(answers) == len(SCANS)
    with closing(open_store(server.url(database))) as direct, direct.read() as tx:
        assert doctor.examine(tx) == []
        return tx.connection.all("""
            SELECT s.gesture_id, o.code, s.code FROM scan s
            LEFT JOIN operator o ON o.id = s.operator_id ORDER BY s.id""")


CUTS: dict[str, Callable[[int], str]] = {
    "before": lambda number: "" if number % 2 else "before",
    "after": lambda number: "" if number % 2 else "after",
    "each in turn": lambda number: ("before", "after", "")[number % 3],
    "twice": lambda number: ("after", "after", "before", "")[number % 4],
}


@pytest.mark.parametrize("cuts", CUTS)
async def test_a_scan_whose_commit_is_unknown_is_settled_before_the_next_is_answered(
    postgresql: Server, folder: Path, monkeypatch: pytest.MonkeyPatch, cuts: str
) -> None:
    monkeypatch.setattr(consumer, "RETRY_S", 0.001)
    calm, stormy = postgresql.new(), postgresql.new()
    expected = await journal(postgresql, calm, postgresql.url(calm))
    cutter = Cutter(folder, postgresql.folder, CUTS[cuts])
    url = postgresql.url(stormy).replace(str(postgresql.folder), str(folder))
    try:
        rows = await journal(postgresql, stormy, url)
    finally:
        await asyncio.to_thread(cutter.close)
    assert rows == expected
    assert [row[0] for row in rows] == [f"g{number}" for number in range(len(SCANS))]
    assert len([cut for cut in cutter.made if cut]) >= len(SCANS)
    for name in (calm, stormy):
        postgresql.drop(name)
