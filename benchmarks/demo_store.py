"""A day of the demonstration with its pickers, made once and copied for every round."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2

from wms_terminal import demo_day
from wms_terminal.simulated_crew import Crew, badge_of, hire, name_of

STATION, BADGE = name_of("pick", 0), badge_of("pick", 0)


@contextmanager
def demo_store(pickers: int = 1) -> Iterator[Path]:
    """The folder of a store that is ready for a walk."""
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        url = store_url(base / "demo.db")
        with demo_day.order_book() as book:
            demo_day.prepare(base, url, book, "2026-03-03")
        hire(url, Crew(pickers, 0, 0))
        yield base


def copy_store(base: Path, name: str, scanner: str = "sim:") -> Path:
    """A copy of its own, whose stations read the scanner that a URL names."""
    folder = base / name
    folder.mkdir()
    for file in base.glob("demo.db*"):
        shutil.copy(file, folder / file.name)
    path = folder / "demo.db"
    raw = dbapi2.connect(path)
    with raw:
        raw.execute("UPDATE station SET scanner = ? WHERE code LIKE 'SIM-%'", (scanner,))
    raw.close()
    return path


def store_url(path: Path) -> str:
    return f"sqlite:///{path}"
