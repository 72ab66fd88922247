"""Nothing that one can give the program makes a traceback."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.cli.conftest import Program, Run
from tests.stores import url_of
from wms_terminal.cli import cli

NEEDS_STORE = (
    ("doctor",),
    ("order", "1001"),
    ("scan", "--station", "PICK-01"),
    ("labels", "totes"),
    ("simulate",),
    ("import", "stock", "stock.csv"),
)


def hopeless(folder: Path, kind: str, sound: bytes) -> str:
    path = folder / "hopeless.db"
    if kind == "directory":
        path.mkdir()
    elif kind == "garbage":
        path.write_bytes(bytes(range(256)) * 40)
    elif kind == "truncated":
        path.write_bytes(sound[:6000])
    elif kind == "corrupted":
        broken = bytearray(sound)
        broken[4096:] = b"\xa5" * len(broken[4096:])
        path.write_bytes(broken)
    elif kind == "foreign":
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE mine (x)")
        connection.close()
    elif kind == "folderless":
        path = folder / "missing" / "wms.db"
    return url_of(path) if kind != "no url" else "wms.db"


@pytest.mark.parametrize("arguments", NEEDS_STORE, ids=lambda words: words[0])
@pytest.mark.parametrize(
    "kind",
    [
        "missing",
        "folderless",
        "directory",
        "garbage",
        "truncated",
        "corrupted",
        "foreign",
        "no url",
    ],
)
def test_a_store_that_is_none(
    run: Run, tmp_path: Path, kind: str, arguments: tuple[str, ...], site_bytes: bytes
) -> None:
    (tmp_path / "stock.csv").write_text("location,sku,quantity\nA01-01-1,71053,5\n")
    result = run(*arguments, store=hopeless(tmp_path, kind, site_bytes))
    assert result.exit_code in ((1, 2) if kind == "corrupted" else (2,)), result.output
    assert isinstance(result.exception, SystemExit)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")


def test_a_mistyped_store_is_not_made(run: Run, tmp_path: Path) -> None:
    result = run("doctor", store=url_of(tmp_path / "wsm.db"))
    assert result.exit_code == 2
    assert "wms-terminal site init" in result.stderr
    assert [path.name for path in tmp_path.glob("wsm*")] == []


@contextmanager
def without_rights() -> Iterator[None]:
    """As somebody whom the permissions of a file bind, which root is not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_store_that_may_not_be_written(run: Run, site_bytes: bytes) -> None:
    run("doctor")  # everything is imported now: who has no rights may not even read the program
    run("scan", "--station", "PICK-01")
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "wms.db"
        path.write_bytes(site_bytes)
        path.chmod(0o444)
        Path(name).chmod(0o555)
        with without_rights():
            results = [
                CliRunner().invoke(cli, ["--store", url_of(path), *words])
                for words in (("doctor",), ("scan", "--station", "PICK-01"))
            ]
        Path(name).chmod(0o755)
    for result in results:
        assert result.exit_code in (1, 2)
        assert isinstance(result.exception, SystemExit)
        assert "this user" in result.stderr


def test_an_import_file_that_may_not_be_read(run: Run, url: str, tmp_path: Path) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("location,sku,quantity\n")
    assert run("import", "stock", path).exit_code == 0
    with tempfile.TemporaryDirectory() as name:
        locked = Path(name) / "stock.csv"
        locked.write_text("secret")
        locked.chmod(0)
        Path(name).chmod(0o755)
        with without_rights():
            result = CliRunner().invoke(cli, ["--store", url, "import", "stock", str(locked)])
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


def test_what_is_not_there(run: Run) -> None:
    result = run("order", "n\x1b[2Jo")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Expected the number of an order, got 'n\\x1b[2Jo'")
    result = run("scan", "--station", "X\x1b[2J")
    assert result.exit_code == 2
    assert "PICK-01" in result.stderr
    assert "\x1b" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("order", "a\0b"),
        ("order", "1001", "--hold", "a\0b"),
        ("scan", "--station", "a\0b"),
        ("labels", "totes", "--only", "a\0b"),
    ],
)
def test_nul_in_arguments(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert "UTF-8" in result.stderr


def test_bytes_that_are_no_text(program: Program) -> None:
    words = [sys.executable, "-m", "wms_terminal", "order"]
    told = subprocess.run([*words, b"\xff\xfe"], capture_output=True, check=False)
    assert told.returncode == 2
    assert b"Traceback" not in told.stderr


@pytest.mark.parametrize("arguments", [("order", "1001"), ("order", "1001", "--json"), ("doctor",)])
def test_stdout_that_takes_nothing(program: Program, arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        told = program(*arguments, capture_output=False, stdout=full, stderr=subprocess.PIPE)
    assert told.returncode == 1
    assert told.stderr == b"Error: No space left on device.\n"
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "wb") as closed:
        told = program(*arguments, capture_output=False, stdout=closed, stderr=subprocess.PIPE)
    assert told.returncode == 1
    assert told.stderr == b""


def test_a_terminal_that_knows_ascii_only(program: Program) -> None:
    told = program("order", "1001", env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert told.returncode == 0, told.stderr
    told.stdout.decode("ascii")


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_is_exit_code_130(url: str) -> None:
    words = [sys.executable, "-m", "wms_terminal", "--store", url, "scan", "--station", "PICK-01"]
    station = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert station.stdout is not None
    assert station.stdout.readline()
    station.send_signal(signal.SIGINT)
    _, told = station.communicate(timeout=60)
    assert station.returncode == 130
    assert told.decode().strip() == "Stopped."


def test_a_pipe_is_no_terminal(program: Program) -> None:
    told = program()
    assert told.returncode == 2
    assert b"wms-terminal scan" in told.stderr
