"""A database server that dies under everybody's hands, and comes back."""

from __future__ import annotations

from tests.postgres import Server
from tests.torture.floor import Fault, Floor


def dies(server: Server) -> Fault:
    """The fault for a server: SIGKILL for all of its processes at once, and it starts again."""

    def fault(floor: Floor) -> bool:
        del floor
        server.kill()
        server.restart()
        return True

    return fault


def drops(server: Server) -> Fault:
    """The fault for a server: it drops one connection, whoever has it."""

    def fault(floor: Floor) -> bool:
        database = floor.url.removeprefix("postgresql:///").partition("?")[0]
        rows = server.admin(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND application_name = 'wms-terminal' "
            "ORDER BY random() LIMIT 1"
        )
        return bool(rows)

    return fault
