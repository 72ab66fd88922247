"""Whose turn it is to write, who keeps it, and what becomes of those who wait."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path
from threading import Event, Thread

import pytest

from data import keeper, open_store, sqlite
from data.gate import Gate, Holder, holder
from data.store import SqlStore
from tests.store.test_processes import processes, said
from tests.store.test_transactions import read, write
from tests.stores import new_store, url_of
from wms_terminal.ports.store import StoreError

SOON = 0.02


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "wms.db-gate")


def test_whoever_is_inside_is_known(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    url = url_of(tmp_path / "wms.db")
    store = open_store(url, "PICK-03")
    assert keeper(url) is None
    with store.write():
        inside = keeper(url)
        assert inside is not None
        assert str(inside) == f"PICK-03, process {os.getpid()}"
        assert inside.seconds >= 0
    assert keeper(url) is None
    store.close()


def test_a_store_without_a_gate_is_kept_by_nobody(tmp_path: Path) -> None:
    assert keeper("sqlite://:memory:") is None
    assert keeper("postgresql://host/wms") is None
    assert keeper(url_of(tmp_path / "none.db")) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("", ""),
        ("PICK-03\n1\x1b[31m", "PICK-031[31m"),
        ("ü" * 100, "ü" * 24),
        ("x" * 47 + "€", "x" * 47 + "\ufffd"),
    ],
)
def test_a_name_is_one_short_line(path: str, name: str, shown: str) -> None:
    inside = Gate(path, name)
    with inside.turn():
        found = holder(path)
    assert found is not None
    assert (found.name, found.pid) == (shown, os.getpid())
    assert str(Holder("", 12, 0)) == "process 12"
    inside.close()


@pytest.mark.parametrize("written", [b"", b"nonsense", b"1\nx\nlater\n", b"\xff" * 96])
def test_a_damaged_record_names_nobody(path: str, written: bytes) -> None:
    inside = Gate(path)
    with inside.turn():
        Path(path).write_bytes(written)
        assert holder(path) is None
        waiting = Gate(path)
        with pytest.raises(StoreError, match="too busy"):
            waiting.enter(SOON)
    waiting.close()
    inside.close()


def test_a_disk_that_is_full_keeps_nobody_out(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "full")

    inside = Gate(path)
    monkeypatch.setattr(os, "pwrite", full)
    with inside.turn():
        assert holder(path) is None
    inside.close()


def test_a_gate_that_can_only_be_read_is_still_a_gate(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def refused(name: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, "refused")
        return real(name, flags, mode)

    owner = Gate(path, "owner")
    monkeypatch.setattr(os, "open", refused)
    other = Gate(path, "other")
    with other.turn(), pytest.raises(StoreError):
        owner.enter(SOON)
    owner.enter()
    owner.leave()
    owner.close()
    other.close()


def test_whoever_gives_up_holds_nobody_up(path: str) -> None:
    first, second, third = Gate(path, "first"), Gate(path), Gate(path)
    with first.turn():
        for _ in range(3):
            with pytest.raises(StoreError, match=rf"kept for 0 s by first, process {os.getpid()}"):
                second.enter(SOON)
    third.enter()
    with pytest.raises(StoreError):
        second.enter(SOON)
    third.leave()
    second.enter()
    second.leave()
    for each in (first, second, third):
        each.close()


def test_whoever_closes_while_it_waits_holds_nobody_up(path: str) -> None:
    first, second, third = Gate(path), Gate(path), Gate(path)
    with first.turn():
        with pytest.raises(StoreError):
            second.enter(SOON)
        second.close()
    third.enter()
    third.leave()
    with pytest.raises(StoreError, match="closed"):
        second.enter()
    for each in (first, third):
        each.close()


def test_all_who_wait_get_their_turn(path: str) -> None:
    inside: list[int] = []
    most = []

    def work() -> None:
        own = Gate(path)
        for _ in range(100):
            with own.turn():
                inside.append(1)
                most.append(len(inside))
                inside.pop()
        own.close()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 600


HOLDS = """
store = open_store(url, "PICK-03")
with store.write() as tx:
    tx.site.set_setting("x", "from there")
    print("inside", flush=True)
    sys.stdin.readline()
print("committed", flush=True)
sys.stdin.readline()
"""


@pytest.mark.slow
@pytest.mark.parametrize("then", ["goes on", "is killed"])
def test_a_holder_that_is_stopped_is_named_until_it_goes_on_or_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    store = new_store(tmp_path)
    monkeypatch.setattr(Gate.enter, "__defaults__", (SOON,))
    with processes(HOLDS, url_of(tmp_path / "wms.db"), 1) as (process,):
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert said(process) == "inside"
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(StoreError, match=f"PICK-03, process {process.pid}"):
            write(store, "from here")
        assert read(store) == "unset"
        if then == "goes on":
            process.stdin.write("\n")
            process.stdin.flush()
            process.send_signal(signal.SIGCONT)
            assert said(process) == "committed"
        else:
            process.kill()
            process.wait()
        monkeypatch.undo()
        assert read(store) == ("from there" if then == "goes on" else "unset")
        write(store, "from here")
        assert read(store) == "from here"
    store.close()


def text(number: int) -> str:
    """20 kB that no other number has a page of."""
    return f"{number:05}" * 4000


def fill(store: SqlStore, log: Path, commits: int) -> int:
    """The longest that the log was meanwhile."""
    longest = 0
    for number in range(commits):
        write(store, text(number))
        longest = max(longest, log.stat().st_size)
    return longest


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> int:
    """A log is long here when it has a quarter of a megabyte."""
    monkeypatch.setattr(sqlite, "LOG_BYTES", 2**18)
    pragmas = [text for text in sqlite._PRAGMAS if "journal_size_limit" not in text]
    monkeypatch.setattr(sqlite, "_PRAGMAS", (*pragmas, f"PRAGMA journal_size_limit = {2**18}"))
    return 2**18


def test_the_log_is_shortened_where_readers_come_and_go(tmp_path: Path, limit: int) -> None:
    store, log, done = new_store(tmp_path), tmp_path / "wms.db-wal", Event()

    def look() -> None:
        own = open_store(url_of(tmp_path / "wms.db"))
        while not done.is_set():
            with own.read() as tx:
                tx.site.setting("x")
                time.sleep(0.002)
        own.close()

    readers = [Thread(target=look) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        longest = fill(store, log, 400)
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert longest < 3_000_000
    store.close()


def test_a_log_that_a_long_reader_made_grow_shrinks_after_it(tmp_path: Path, limit: int) -> None:
    store, other = new_store(tmp_path), open_store(url_of(tmp_path / "wms.db"))
    log = tmp_path / "wms.db-wal"
    with other.read() as tx:
        assert tx.site.setting("x", "unset") == "unset"
        assert fill(store, log, 250) > 4_096_000
        assert tx.site.setting("x", "unset") == "unset"
    fill(store, log, 3)
    assert log.stat().st_size <= limit
    assert read(other) == text(2)
    other.close()
    store.close()


READS = """
store = open_store(url, "doctor")
with store.read() as tx:
    tx.site.setting("x")
    print("inside", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
def test_a_reader_that_stands_still_makes_the_log_grow_by_what_is_written_and_no_more(
    tmp_path: Path, limit: int
) -> None:
    store, log, commits = new_store(tmp_path), tmp_path / "wms.db-wal", 250
    with processes(READS, url_of(tmp_path / "wms.db"), 1) as (reader,):
        assert reader.stdin is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        assert said(reader) == "inside"
        reader.send_signal(signal.SIGSTOP)
        assert limit < fill(store, log, commits) < 2 * commits * len(text(0))
        reader.kill()
        reader.wait()
    fill(store, log, 3)
    assert log.stat().st_size <= limit
    store.close()


def test_nothing_is_written_back_outside_a_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    store, other = new_store(tmp_path), open_store(url_of(tmp_path / "wms.db"))
    file, seen = tmp_path / "wms.db", []
    leave = Gate.leave

    def watched(self: Gate) -> None:
        seen.append(file.read_bytes())
        leave(self)

    before = file.read_bytes()
    monkeypatch.setattr(Gate, "leave", watched)
    fill(store, tmp_path / "wms.db-wal", 30)
    assert seen[-1] != before
    after = seen[-1]
    read(other)
    other.close()
    assert file.read_bytes() == after
    store.close()
