"""Stores for tests: copied from one that was migrated once, so that each opens in milliseconds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from data import open_store
from data.store import SqlStore


def url_of(path: Path) -> str:
    """The URL of a store in a file."""
    return f"sqlite:///{path}"


def new_store(folder: Path, name: str = "wms.db") -> SqlStore:
    """An empty store in a file."""
    path = folder / name
    path.write_bytes(_template())
    return open_store(url_of(path))


def memory_store() -> SqlStore:
    """An empty store that is gone when it is closed."""
    return open_store("sqlite://:memory:")


@cache
def _template() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "template.db"
        open_store(url_of(path)).close()
        return path.read_bytes()
