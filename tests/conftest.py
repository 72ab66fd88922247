"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.postgres import Server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server, started when the first test asks for it."""
    from tests.postgres import Server

    server = Server()
    yield server
    server.close()


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    """The name of a database with an empty store, which is gone after the test."""
    name = postgresql.new()
    yield name
    postgresql.drop(name)
