"""A small warehouse for every test, copied from one that was set up once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from pysqlite3 import dbapi2

from data import doctor
from data.sqlite import Sqlite
from data.store import SqlStore
from tests.stores import memory_store
from tests.world import World


@pytest.fixture(scope="session")
def set_up_store() -> Iterator[SqlStore]:
    """The warehouse as it is before anybody works in it."""
    store = memory_store()
    World(store)
    yield store
    store.close()


@pytest.fixture
def store(set_up_store: SqlStore) -> Iterator[SqlStore]:
    """A warehouse of one's own, in memory."""
    raw = dbapi2.connect(":memory:", isolation_level=None, cached_statements=512)
    cast("Sqlite", set_up_store._connection)._raw.backup(raw)
    raw.execute("PRAGMA foreign_keys = ON")
    copy = SqlStore(Sqlite(raw, None))
    yield copy
    copy.close()


@pytest.fixture
def world(store: SqlStore) -> Iterator[World]:
    """Hands to scan with. Whatever a test does, the store must be sound after it."""
    yield World(store, ready=True)
    with store.read() as tx:
        assert not doctor.examine(tx)
