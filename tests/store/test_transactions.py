"""All of a transaction happens, or none; errors come in the store's own words."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from threading import Event, Thread

import pytest
from pysqlite3 import dbapi2

from data import open_store, sqlite
from data.store import SqlStore
from tests.stores import new_store, url_of
from wms_terminal.domain.text import Text
from wms_terminal.ports.store import StoreConflict, StoreError


def read(store: SqlStore) -> str:
    with store.read() as tx:
        return tx.site.setting("x", "unset")


def write(store: SqlStore, value: str) -> None:
    with store.write() as tx:
        tx.site.set_setting("x", value)


def test_a_write_is_kept(store: SqlStore) -> None:
    write(store, "kept")
    assert read(store) == "kept"


@pytest.mark.parametrize("error", [ValueError, StoreConflict, KeyboardInterrupt])
def test_any_exception_undoes_a_write(store: SqlStore, error: type[BaseException]) -> None:
    def fail() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            raise error

    with pytest.raises(error):
        fail()
    assert read(store) == "unset"
    write(store, "next")
    assert read(store) == "next"


@pytest.mark.parametrize("outer", ["read", "write"])
@pytest.mark.parametrize("inner", ["read", "write"])
def test_nested_transactions_are_refused(store: SqlStore, outer: str, inner: str) -> None:
    with (
        pytest.raises(StoreError, match=rf"{inner}\(\) inside {outer}\(\)"),
        getattr(store, outer)(),
        getattr(store, inner)(),
    ):
        pass
    write(store, "next")


def test_a_read_changes_nothing(store: SqlStore) -> None:
    with pytest.raises(StoreError, match=r"store\.write\(\)"), store.read() as tx:
        tx.site.set_setting("x", "lost")
    assert read(store) == "unset"


def test_rooms_work_inside_a_transaction_only(store: SqlStore) -> None:
    with store.write() as tx:
        pass
    with pytest.raises(StoreError, match=r"store\.read\(\)"):
        tx.site.setting("x")
    with pytest.raises(StoreError, match=r"store\.read\(\)"):
        tx.site.next_number("x")
    with pytest.raises(StoreError, match=r"store\.write\(\)"):
        tx.site.set_setting("x", "lost")


def test_a_read_sees_one_moment(tmp_path: Path) -> None:
    one, two = new_store(tmp_path), open_store(url_of(tmp_path / "wms.db"))
    with one.read() as tx:
        assert tx.site.setting("x", "unset") == "unset"
        write(two, "meanwhile")
        assert tx.site.setting("x", "unset") == "unset"
    assert read(one) == "meanwhile"
    one.close()
    two.close()


def test_changes_tell_of_anybodys_commits(tmp_path: Path) -> None:
    one, two = new_store(tmp_path), open_store(url_of(tmp_path / "wms.db"))
    seen = one.changes()
    assert one.changes() == seen
    read(one)
    read(two)
    assert one.changes() == seen
    write(two, "other")
    assert one.changes() != seen
    seen = one.changes()
    write(one, "own")
    assert one.changes() != seen
    one.close()
    two.close()


def test_closing_twice_is_harmless(store: SqlStore) -> None:
    store.close()
    store.close()
    with pytest.raises(StoreError), store.write():
        pass


def test_the_last_one_out_leaves_one_file(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write(store, "kept")
    store.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wms.db", "wms.db-gate"]


def test_constraints_become_conflicts_that_name_them(store: SqlStore) -> None:
    with pytest.raises(StoreConflict, match="counter") as refused, store.write() as tx:
        tx.connection.run("INSERT INTO counter VALUES ('x', 1), ('x', 2)")
    assert "counter.name" in str(refused.value)
    with pytest.raises(StoreConflict, match="value >= 0"), store.write() as tx:
        tx.connection.run("INSERT INTO counter VALUES ('x', -1)")
    with pytest.raises(StoreConflict, match="FOREIGN KEY"), store.write() as tx:
        tx.orders.add_event(999, "x", Text("x"), at="")


def test_a_full_disk_is_named_and_changes_nothing(store: SqlStore) -> None:
    with store.read() as tx:
        used = tx.connection.scalar("PRAGMA page_count")
        tx.connection.all(f"PRAGMA max_page_count = {used + 2}")
    with pytest.raises(StoreError, match="disk is full"), store.write() as tx:
        tx.site.set_setting("x", "y" * 100_000)
    assert read(store) == "unset"
    write(store, "small")
    assert read(store) == "small"


def test_a_store_that_must_not_be_written_is_named(store: SqlStore) -> None:
    with store.read() as tx:
        tx.connection.all("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="cannot be written"), store.write() as tx:
        tx.site.set_setting("x", "lost")


def test_a_lock_outside_the_gate_is_waited_for_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    store = new_store(tmp_path)
    raw = dbapi2.connect(str(tmp_path / "wms.db"), isolation_level=None)
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"), store.write():
        pass
    assert read(store) == "unset"
    raw.execute("ROLLBACK")
    raw.close()
    write(store, "next")
    store.close()


def test_a_writer_waits_at_the_gate_and_a_reader_does_not(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    gate = os.open(tmp_path / "wms.db-gate", os.O_RDONLY)
    fcntl.flock(gate, fcntl.LOCK_EX)
    has_read, has_written = Event(), Event()

    def work() -> None:
        store = open_store(url_of(tmp_path / "wms.db"))
        read(store)
        has_read.set()
        write(store, "written")
        has_written.set()
        store.close()

    thread = Thread(target=work)
    thread.start()
    assert has_read.wait(10)
    assert not has_written.wait(0.2)
    fcntl.flock(gate, fcntl.LOCK_UN)
    assert has_written.wait(10)
    thread.join()
    os.close(gate)
