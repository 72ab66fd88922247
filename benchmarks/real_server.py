"""A PostgreSQL server that loses nothing, on this host's disk, for as long as a benchmark lasts."""

from __future__ import annotations

from tests.postgres import SETTINGS, Server


class RealServer(Server):
    """The server of the tests, with what costs time switched on again."""

    settings = SETTINGS | {"fsync": "on", "autovacuum": "on", "max_wal_size": "1GB"}
    lasting = True


class KeptServer(RealServer):
    """One that stays in its folder when it is closed, and goes on when it is opened again."""

    def close(self) -> None:
        """Stop, and leave everything where it is."""
        self.stop()
