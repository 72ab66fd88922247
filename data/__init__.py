"""The store: one site's orders, stock and work, on SQLite.

The rooms speak the SQL that SQLite and PostgreSQL share; what differs sits in an engine file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wms_terminal.ports.store import StoreError

if TYPE_CHECKING:
    from data.store import SqlStore

MEMORY = ":memory:"
"""The path of a store that is gone when it is closed."""

_SCHEME = "sqlite://"


def open_store(url: str) -> SqlStore:
    """Open the store at `url`, made and brought up to date when need be.

    `sqlite:///wms.db` is relative to the working directory, `sqlite:////var/lib/wms/wms.db` is
    absolute, `sqlite://:memory:` lives in memory. The store belongs to the thread that opens it.

    Raises:
        StoreError: it cannot be opened; the text says why and what to do.
    """
    path = url.removeprefix(_SCHEME)
    if not url.startswith(_SCHEME) or not (path.startswith("/") or path == MEMORY):
        raise StoreError(
            f"Expected a store URL like sqlite:////var/lib/wms/wms.db, got {url!r}. "
            "Name the path after sqlite:///."
        )
    if path in ("/", f"/{MEMORY}"):
        raise StoreError(
            f"Expected a path after sqlite:///, got {url!r}. "
            f"Write sqlite:///wms.db, or {_SCHEME}{MEMORY} for a store in memory."
        )
    from data.sqlite import connect
    from data.store import SqlStore

    return SqlStore(connect(path.removeprefix("/")))
