"""The program as its users run it: on a small site, in this process or in one of its own."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.stores import new_store, url_of
from tests.world import CANDLE, LANTERN, MUG, World
from wms_terminal.cli import cli

ORDERS = ("1001", "1002", "1003", "1004", "1005", "1006")

Run = Callable[..., Result]
Program = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs started here hear Ctrl-C, also where the tests run behind a `nohup … &`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def site_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("site")
    store = new_store(folder)
    world = World(store)
    for number in range(len(ORDERS)):
        world.order((LANTERN, 1 + number % 3), (CANDLE if number % 2 else MUG, 1))
    store.close()
    return (folder / "wms.db").read_bytes()


@pytest.fixture
def url(site_bytes: bytes, tmp_path: Path) -> str:
    """A small site with six orders."""
    path = tmp_path / "wms.db"
    path.write_bytes(site_bytes)
    return url_of(path)


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The program on that site, in this process."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object, store: str = url) -> Result:
        return CliRunner().invoke(cli, ["--store", store, *map(str, arguments)])

    return call


@pytest.fixture
def program(url: str, tmp_path: Path) -> Program:
    """The program on that site, in a process of its own."""

    def call(
        *arguments: object, store: str = url, stdin: bytes = b"", **options: object
    ) -> subprocess.CompletedProcess[bytes]:
        words = [sys.executable, "-m", "wms_terminal", "--store", store, *map(str, arguments)]
        given: dict[str, object] = {"input": stdin, "capture_output": True, "cwd": tmp_path}
        return subprocess.run(words, check=False, timeout=300, **(given | options))  # type: ignore[call-overload,no-any-return]

    return call


def dump(url: str) -> list[str]:
    """Every row of every table."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
