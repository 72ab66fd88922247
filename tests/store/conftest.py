"""The contract of the store runs on every engine there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import open_store
from data.store import SqlStore
from tests.postgres import Server
from tests.store.hands import Hands
from tests.stores import memory_store, new_store, url_of


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty store, to be opened as often as one likes."""
    if request.param == "sqlite":
        new_store(tmp_path).close()
        return url_of(tmp_path / "wms.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.url(request.getfixturevalue("database"))


@pytest.fixture(params=["sqlite file", "sqlite memory", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store."""
    if request.param == "sqlite file":
        opened = new_store(tmp_path)
    elif request.param == "sqlite memory":
        opened = memory_store()
    else:
        server: Server = request.getfixturevalue("postgresql")
        opened = open_store(server.url(request.getfixturevalue("database")))
    yield opened
    opened.close()


@pytest.fixture
def hands(store: SqlStore) -> Hands:
    """A small site in the store."""
    return Hands(store)
