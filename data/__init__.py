"""The store: one site's orders, stock and work, on SQLite or PostgreSQL.

The rooms speak the SQL that SQLite and PostgreSQL share; what differs sits in an engine file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wms_terminal.ports.store import StoreError

if TYPE_CHECKING:
    from data.gate import Holder
    from data.store import SqlStore

MEMORY = ":memory:"
"""The path of a store that is gone when it is closed."""

_SQLITE = "sqlite://"
_POSTGRESQL = "postgresql://"


def open_store(url: str, name: str = "") -> SqlStore:
    """Open the store at `url`, made and brought up to date when need be.

    `sqlite:///wms.db` is relative to the working directory, `sqlite:////var/lib/wms/wms.db` is
    absolute, `sqlite://:memory:` lives in memory. `postgresql://user@host/wms` is a database of a
    server, in any form that PostgreSQL's own tools take; it must be there. The store belongs to
    the thread that opens it. `name` says to others who we are, when they wait for us.

    Raises:
        StoreError: it cannot be opened; the text says why and what to do.
    """
    if url.startswith(_POSTGRESQL):
        return _open_postgresql(url, name)
    path = url.removeprefix(_SQLITE)
    if not url.startswith(_SQLITE) or not (path.startswith("/") or path == MEMORY):
        raise StoreError(
            "Expected a store URL like sqlite:////var/lib/wms/wms.db or "
            f"postgresql://user@host/wms, got {url!r}. Name a file's path after sqlite:///."
        )
    if path in ("/", f"/{MEMORY}"):
        raise StoreError(
            f"Expected a path after sqlite:///, got {url!r}. "
            f"Write sqlite:///wms.db, or {_SQLITE}{MEMORY} for a store in memory."
        )
    from data.sqlite import connect
    from data.store import SqlStore

    return SqlStore(connect(path.removeprefix("/"), name))


def keeper(url: str) -> Holder | None:
    """Who is writing to the store at `url` just now, where that is known; from any thread.

    It may take as long as a server takes to say that it does not answer.
    """
    if url.startswith(_POSTGRESQL):
        from data import postgres

        return postgres.keeper(url)
    path = url.removeprefix(f"{_SQLITE}/")
    if path == url:
        return None
    from data.gate import holder
    from data.sqlite import gate_of

    return holder(gate_of(path))


def _open_postgresql(url: str, name: str) -> SqlStore:
    try:
        from data.postgres import connect
    except ImportError as error:
        raise StoreError(
            "Expected the driver for PostgreSQL, which is not installed with this program. "
            f"Install it: pip install 'wms-terminal[postgresql]' [{error}]"
        ) from error
    from data.store import SqlStore

    return SqlStore(connect(url, name))
