"""What is SQLite's own: its file, its gate, its durability, its errors."""

from __future__ import annotations

import fcntl
import os
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest
from pysqlite3 import dbapi2

from data import MEMORY, open_store, sqlite
from data.migrations import STEPS, Execute
from data.sqlite import Sqlite, connect
from tests.store.test_transactions import read, write
from tests.stores import new_store, url_of
from wms_terminal.ports.store import StoreError


def test_a_path_may_be_relative_or_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("sqlite:///near.db").close()
    open_store(f"sqlite:///{tmp_path}/far.db").close()
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["far.db", "near.db"]


def test_a_link_and_its_target_share_one_gate(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    (tmp_path / "link.db").symlink_to(tmp_path / "wms.db")
    open_store(url_of(tmp_path / "link.db")).close()
    assert not (tmp_path / "link.db-gate").exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"nowhere.*Make the folder"):
        open_store(url_of(tmp_path / "nowhere" / "wms.db"))


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "wms.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(url_of(tmp_path / "wms.db"))


def test_another_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear customer, " * 500)
    with pytest.raises(StoreError, match="no store"):
        open_store(url_of(path))
    assert path.read_text() == "Dear customer, " * 500


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    raw = dbapi2.connect(str(path))
    raw.execute("CREATE TABLE invoice (id INTEGER)")
    raw.commit()
    raw.close()
    with pytest.raises(StoreError, match="another program"):
        open_store(url_of(path))
    raw = dbapi2.connect(str(path))
    assert raw.execute("SELECT COUNT(*) FROM sqlite_master").fetchone() == (1,)
    raw.close()


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    path = tmp_path / "wms.db"
    raw = dbapi2.connect(str(path))
    raw.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    raw.close()
    with pytest.raises(StoreError, match="newer wms-terminal"):
        open_store(url_of(path))


def test_an_old_sqlite_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "OLDEST", (99, 0, 0))
    with pytest.raises(StoreError, match="pip install"):
        open_store(url_of(tmp_path / "wms.db"))
    assert list(tmp_path.iterdir()) == []


def test_migrations_are_recorded_and_applied_once(tmp_path: Path) -> None:
    path = tmp_path / "wms.db"
    open_store(url_of(path)).close()
    open_store(url_of(path)).close()
    raw = dbapi2.connect(str(path))
    names = [row[0] for row in raw.execute("SELECT name FROM _sqlite_migrations ORDER BY id")]
    assert names == [step.__name__ for step in STEPS]
    assert raw.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    raw.close()


OLD_PARCEL = """
INSERT INTO carrier VALUES (1, 'C', 'C');
INSERT INTO service VALUES (1, 'S', 'S', 1, '17:00', '12345', 1, 0, 0, 0, '*', 1);
INSERT INTO station VALUES (1, 'P', 'P', 'packing', NULL, 'sim:', '', '', '', 300);
INSERT INTO location (id, code, kind, barcode) VALUES (10, 'X', 'parcel', 'X');
INSERT INTO orders (id, number, channel, reference, state, payment, placed_at, promised_on,
    ship_by, latest_start, service_id, partial, language, currency, name, digest)
VALUES (1, '1', 'web', '1', 'packing', 'paid', 't', 't', 't', 't', 1, 0, 'nl', 'EUR', 'N', 'd');
INSERT INTO parcel (id, order_id, number, location_id, state, opened_at)
VALUES (1, 1, 1, 10, 'open', 't');
"""


def test_a_migration_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m0002_breaks(execute: Execute) -> None:
        execute("CREATE TABLE half (id INTEGER)")
        execute("CREATE TABLE half (id INTEGER)")

    path = tmp_path / "wms.db"
    open_store(url_of(path)).close()
    monkeypatch.setattr(sqlite, "STEPS", (*STEPS, m0002_breaks))
    with pytest.raises(StoreError, match="half"):
        open_store(url_of(path))
    raw = dbapi2.connect(str(path))
    assert raw.execute("PRAGMA user_version").fetchone() == (len(STEPS),)
    assert raw.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)
    raw.close()


def test_a_new_step_is_applied_to_an_older_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m0002_note(execute: Execute) -> None:
        execute("CREATE TABLE note (id {id}, text TEXT NOT NULL) {strict}")

    path = tmp_path / "wms.db"
    open_store(url_of(path)).close()
    monkeypatch.setattr(sqlite, "STEPS", (*STEPS, m0002_note))
    store = open_store(url_of(path))
    with store.write() as tx:
        tx.connection.run("INSERT INTO note (text) VALUES (:text)", text="ok")
        assert tx.connection.all("SELECT id, text FROM note") == [(1, "ok")]
    store.close()


def test_print_jobs_of_an_older_store_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wms.db"
    monkeypatch.setattr(sqlite, "STEPS", STEPS[:1])
    open_store(url_of(path)).close()
    raw = dbapi2.connect(str(path))
    raw.executescript(OLD_PARCEL)
    for number, of in ((1, "NULL"), (2, "1")):
        raw.execute(
            "INSERT INTO print_job (at, kind, parcel_id, station_id, printer, content, state, "
            f"reprint_of, changed_at) VALUES ('t', 'label', 1, 1, 'p{number}', '{{}}', 'sent', "
            f"{of}, 't')"
        )
    raw.commit()
    raw.close()
    monkeypatch.setattr(sqlite, "STEPS", STEPS)
    with closing(open_store(url_of(path))) as store, store.read() as tx:
        jobs = tx.connection.all("SELECT id, printer, reprint_of, printed_on FROM print_job")
        assert jobs == [(1, "p1", None, ""), (2, "p2", 1, "")]
        assert tx.connection.damage() == []


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "wms.db"))
    assert pragmas(connection) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "mmap_size": 0,
        "busy_timeout": 5000,
    }
    connection.close()


def test_a_store_in_memory_has_no_gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    connection = connect(MEMORY)
    assert pragmas(connection)["foreign_keys"] == 1
    connection.close()
    assert list(tmp_path.iterdir()) == []


def test_the_last_one_out_leaves_no_log(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    write(store, "kept")
    store.close()
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["wms.db", "wms.db-gate", "wms.db-gate-line"]


def test_a_full_disk_is_named_and_changes_nothing(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.read() as tx:
        used = tx.connection.scalar("PRAGMA page_count")
        tx.connection.all(f"PRAGMA max_page_count = {used + 2}")
    with pytest.raises(StoreError, match="disk is full"), store.write() as tx:
        tx.site.set_setting("x", "y" * 100_000)
    assert read(store) == "unset"
    write(store, "small")
    assert read(store) == "small"
    store.close()


def test_a_store_that_must_not_be_written_is_named(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    with store.read() as tx:
        tx.connection.all("PRAGMA query_only = ON")
    with pytest.raises(StoreError, match="cannot be written"), store.write() as tx:
        tx.site.set_setting("x", "lost")
    store.close()


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


def pragmas(connection: Sqlite) -> dict[str, object]:
    """What SQLite says about its settings."""
    names = ("journal_mode", "synchronous", "foreign_keys", "mmap_size", "busy_timeout")
    values = {}
    connection.begin(writing=False)
    for name in names:
        values[name] = connection.scalar(f"PRAGMA {name}")
    connection.commit()
    return {name: value for name, value in values.items() if value is not None}
