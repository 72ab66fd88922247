"""A real day of the order book, ready to be worked: prepared once, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from wms_terminal import demo_day

TODAY = "2026-03-03"


@pytest.fixture(scope="session")
def prepared_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder, as `wms-terminal demo` makes it."""
    folder = tmp_path_factory.mktemp("day")
    with demo_day.order_book() as book:
        demo_day.prepare(folder, f"sqlite:///{folder / 'demo.db'}", book, TODAY)
    return folder


@pytest.fixture
def day(prepared_day: Path, tmp_path: Path) -> str:
    """The URL of a fresh copy of that day's store."""
    for file in prepared_day.glob("demo.db*"):
        shutil.copy(file, tmp_path / file.name)
    return f"sqlite:///{tmp_path / 'demo.db'}"
