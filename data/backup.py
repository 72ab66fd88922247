"""A copy of a store in a file, taken while others write, and proved before it gets its name."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from data import open_store
from data.connection import Connection
from data.doctor import connection_of, totals
from data.sqlite import Sqlite
from wms_terminal.ports.store import StoreError


def back_up(url: str, target: Path) -> dict[str, int]:
    """Copy the SQLite store at `url` to a new file; the totals of what was copied.

    The copy is one moment's store. It has no name until it is on the disk, whole and sound.

    Raises:
        StoreError: there is something of that name already, or the copy is not sound.
        OSError: it could not be written.
    """
    _must_be_free(target)
    with TemporaryDirectory(prefix=".wms-backup-", dir=target.parent) as folder:
        copy = Path(folder) / "wms.db"
        with closing(open_store(url, "backup")) as store, store.read() as tx:
            connection = connection_of(tx)
            if not isinstance(connection, Sqlite):
                raise StoreError("Expected a store in a file. Use pg_dump for PostgreSQL.")
            expected, version = totals(tx), connection.schema_version()
            connection.copy(str(copy))
        with closing(open_store(f"sqlite:///{copy}")) as store, store.read() as tx:
            _must_be_sound(connection_of(tx), version)
            found = totals(tx)
        if found != expected:
            raise StoreError(f"Expected a copy with {expected}, got {found}. Try again.")
        _sync(copy)
        _must_be_free(target)
        copy.rename(target)
        _sync(target.parent)
    return expected


def _must_be_free(target: Path) -> None:
    if os.path.lexists(target):
        raise StoreError(f"{target} is there already. Name a new file, or move that one away.")


def _must_be_sound(connection: Connection, version: int) -> None:
    if connection.schema_version() != version:
        raise StoreError(
            f"Expected a copy of schema {version}, got {connection.schema_version()}. Try again."
        )
    if damage := connection.damage():
        raise StoreError(
            f"The copy is damaged, and so may be the store: {damage[0]}. Check the store: "
            "wms-terminal doctor. Keep the backups that you have."
        )


def _sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
