"""What one station does is on the others' screens within a second, and nobody asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import cast

import pytest

from data import open_store
from data.store import SqlStore, Transaction
from tests.postgres import Server
from tests.screens.fakes import FakeDevices, burst, running, text_of, until
from tests.stores import new_store, url_of
from tests.world import BOB, LANTERN, NOON, World
from wms_terminal import app
from wms_terminal.app import WmsApp
from wms_terminal.bootstrap import Devices, Terminal
from wms_terminal.ports.store import Store

TICK_S, TICKS = 0.02, 10


class Counting:
    """A store that counts how often it is asked whether anything changed, and for anything else."""

    def __init__(self, inner: SqlStore) -> None:
        self.inner = inner
        self.transactions = self.wakes = 0
        self.close = inner.close

    def read(self) -> AbstractContextManager[Transaction]:
        self.transactions += 1
        return self.inner.read()

    def write(self) -> AbstractContextManager[Transaction]:
        self.transactions += 1
        return self.inner.write()

    def changes(self) -> int:
        self.wakes += 1
        return self.inner.changes()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store of each engine."""
    if request.param == "sqlite":
        new_store(tmp_path).close()
        yield url_of(tmp_path / "wms.db")
    else:
        server: Server = request.getfixturevalue("postgresql")
        yield server.url(request.getfixturevalue("database"))


def test_a_look_for_changes_comes_more_than_once_a_second() -> None:
    assert app.TICK_S < 1


async def test_what_another_station_does_is_shown_without_asking_for_it(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "TICK_S", TICK_S)
    monkeypatch.setattr(app, "LOOK_TICKS", 10**9)  # the idle lock is another matter
    opened: list[Counting] = []

    def open_terminal(store_url: str, station: str) -> Terminal:
        opened.append(Counting(open_store(store_url)))
        return Terminal(cast(Store, opened[0]), station, lambda: NOON)

    with closing(open_store(url)) as other:
        world = World(other)
        terminal = WmsApp(
            url,
            "PICK-01",
            open_terminal=open_terminal,
            open_devices=lambda store_url, station: cast(Devices, FakeDevices()),
            log_folder=lambda: tmp_path,
        )
        async with running(terminal) as pilot:
            store = opened[0]
            burst(terminal, f"{BOB}\r")
            await until(pilot, lambda: terminal.page.step.flow == "menu")
            # Its own scan is a change as well, and is looked at once.
            seen = store.wakes
            await until(pilot, lambda: store.wakes > seen + 2)
            seen, asked = store.wakes, store.transactions
            await until(pilot, lambda: store.wakes > seen + TICKS)
            assert store.transactions == asked
            assert "0 To pick" in text_of(terminal)
            world.order((LANTERN, 2))
            await until(pilot, lambda: "1 To pick" in text_of(terminal))
