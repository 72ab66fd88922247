"""The contract of the store runs on every engine there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import SqlStore
from tests.store.hands import Hands
from tests.stores import memory_store, new_store


@pytest.fixture(params=["sqlite file", "sqlite memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    """An empty store."""
    opened = new_store(tmp_path) if request.param == "sqlite file" else memory_store()
    yield opened
    opened.close()


@pytest.fixture
def hands(store: SqlStore) -> Hands:
    """A small site in the store."""
    return Hands(store)
