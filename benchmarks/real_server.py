"""A PostgreSQL server that loses nothing, on this host's disk, for as long as a benchmark lasts."""

from __future__ import annotations

from tests.postgres import SETTINGS, Server


class RealServer(Server):
    """The server of the tests, with what costs time switched on again."""

    settings = SETTINGS | {"fsync": "on", "autovacuum": "on", "max_wal_size": "1GB"}
    lasting = True
