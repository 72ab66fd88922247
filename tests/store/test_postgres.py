"""What is PostgreSQL's own: its server may go away, stand still, or belong to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, suppress
from threading import Event, Thread

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import keeper, open_store, postgres, postgres_schema, postgres_turn
from data.migrations import STEPS, Execute
from data.postgres import numbered
from data.store import SqlStore
from tests.postgres import Server
from tests.store.test_transactions import differs, read, write
from wms_terminal.ports.store import StoreConflict, StoreError


@pytest.fixture
def url(postgresql: Server, database: str) -> str:
    """The URL of an empty store."""
    return postgresql.url(database)


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    """An empty store."""
    with closing(open_store(url)) as opened:
        yield opened


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a server that is away."""
    monkeypatch.setattr(postgres, "PATIENCE_SECONDS", 0.0)


def drop_connections(server: Server, database: str) -> None:
    """What a restart of the server does to those who are connected."""
    server.admin(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        f"WHERE datname = '{database}' AND application_name = 'wms-terminal'"
    )


# --- opening -------------------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_named(postgresql: Server) -> None:
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        open_store(postgresql.url("nowhere"))


def test_a_server_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match="Check the server"):
        open_store("postgresql:///wms?host=/nowhere")


@pytest.mark.parametrize("url", ["postgresql://me:secret@[", "postgresql:///wms?colour=secret"])
def test_a_url_that_postgresql_cannot_read_is_said_without_its_password(url: str) -> None:
    with pytest.raises(StoreError, match="Expected a store URL like postgresql://") as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


def test_another_programs_database_is_left_alone(postgresql: Server) -> None:
    name = postgresql.new("template1")
    postgresql.admin("CREATE TABLE invoice (id INTEGER)", name)
    with pytest.raises(StoreError, match="1 tables of another program"):
        open_store(postgresql.url(name))
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    assert postgresql.admin(tables, name) == [("invoice",)]
    postgresql.drop(name)


def test_a_database_that_cannot_keep_every_name_is_refused(postgresql: Server) -> None:
    postgresql.admin(
        "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0 CONNECTION LIMIT 5"
    )
    with pytest.raises(StoreError, match="UTF8, got one in LATIN1"):
        open_store(postgresql.url("latin"))
    postgresql.drop("latin")


def test_a_database_in_a_language_sorts_as_sqlite_does(postgresql: Server) -> None:
    postgresql.admin(
        "CREATE DATABASE tongue LOCALE_PROVIDER icu ICU_LOCALE 'nl' LOCALE 'C.UTF-8' "
        "TEMPLATE template0"
    )
    with closing(open_store(postgresql.url("tongue"))) as store, store.write() as tx:
        for name in ("b", "B", "a", "_", "é"):
            tx.site.set_setting(name, "")
        rows = tx.connection.all("SELECT name FROM setting ORDER BY name")
        assert [row[0] for row in rows] == ["B", "_", "a", "b", "é"]
    postgresql.drop("tongue")


def test_a_newer_schema_is_refused(postgresql: Server, database: str) -> None:
    postgresql.admin("INSERT INTO _migrations (name) VALUES ('m9999_newer')", database)
    with pytest.raises(StoreError, match="newer wms-terminal"):
        open_store(postgresql.url(database))


def test_migrations_are_recorded_and_applied_once(postgresql: Server, url: str) -> None:
    open_store(url).close()
    with closing(open_store(url)) as store, store.read() as tx:
        names = [row[0] for row in tx.connection.all("SELECT name FROM _migrations ORDER BY name")]
    assert names == [step.__name__ for step in STEPS]


def test_a_migration_that_fails_leaves_nothing_behind(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def m0099_breaks(execute: Execute) -> None:
        execute("CREATE TABLE half (id INTEGER)")
        execute("CREATE TABLE half (id INTEGER)")

    monkeypatch.setattr(postgres_schema, "STEPS", (*STEPS, m0099_breaks))
    with pytest.raises(StoreError, match="half"):
        open_store(url)
    monkeypatch.undo()
    with closing(open_store(url)) as store, store.read() as tx:
        assert tx.connection.schema_version() == len(STEPS)
        assert tx.connection.all("SELECT 1 FROM pg_tables WHERE tablename = 'half'") == []


def test_a_new_step_is_applied_to_an_older_store(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def m0099_note(execute: Execute) -> None:
        execute("CREATE TABLE note (id {id}, text TEXT NOT NULL) {strict}")
        execute("INSERT INTO note (id, text) VALUES (7, 'old')")

    monkeypatch.setattr(postgres_schema, "STEPS", (*STEPS, m0099_note))
    with closing(open_store(url)) as store, store.write() as tx:
        tx.connection.run("INSERT INTO note (text) VALUES (:text)", text="new")
        assert tx.connection.all("SELECT id, text FROM note") == [(7, "old"), (8, "new")]


def test_a_copy_for_reading_is_refused(postgresql: Server, database: str) -> None:
    postgresql.admin(f"ALTER DATABASE {database} SET default_transaction_read_only = on")
    with pytest.raises(StoreError, match="read-only"):
        open_store(postgresql.url(database))


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(
    postgresql: Server, database: str
) -> None:
    postgresql.admin(f"ALTER DATABASE {database} SET synchronous_commit = off")
    with closing(open_store(postgresql.url(database))) as store, store.read() as tx:
        assert tx.connection.scalar("SHOW synchronous_commit") == "on"


# --- transactions --------------------------------------------------------------------------------


def test_a_writer_waits_for_its_turn_and_a_reader_does_not(url: str, store: SqlStore) -> None:
    has_read, has_written = Event(), Event()

    def work() -> None:
        with closing(open_store(url)) as other:
            assert read(other) == "unset"
            has_read.set()
            with other.write() as tx:
                assert tx.site.setting("x") == "first"
            has_written.set()

    thread = Thread(target=work)
    with store.write() as tx:
        tx.site.set_setting("x", "first")
        thread.start()
        assert has_read.wait(10)
        assert not has_written.wait(0.2)
    assert has_written.wait(10)
    thread.join()


def test_a_turn_that_does_not_come_is_said(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._OPTIONS, "lock_timeout", "50ms")
    with closing(open_store(url)) as other:
        with (
            store.write(),
            pytest.raises(StoreError, match="The store has been kept"),
            other.write(),
        ):
            pass
        write(other, "next")
    assert read(store) == "next"


def test_whoever_stands_still_in_a_write_loses_it(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = postgres._WRITE.replace(b"'5s'", b"'50ms'")
    assert short != postgres._WRITE

    def stand_still() -> None:
        with store.write() as tx:
            tx.connection.run("SELECT 1")
            with closing(open_store(url)) as other:
                write(other, "other")
            tx.site.setting("y")

    with monkeypatch.context() as patch:
        patch.setattr(postgres, "_WRITE", short)
        with pytest.raises(StoreError, match="stood still"):
            stand_still()
    assert read(store) == "other"
    write(store, "next")
    assert read(store) == "next"


def test_whoever_waits_in_vain_ends_the_turn_of_a_program_that_stands_still(
    url: str, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_turn, "IDLE_SECONDS", 0.05)
    monkeypatch.setitem(postgres._OPTIONS, "lock_timeout", "300ms")

    def stand_still() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            # Behind a pipeline the server's own clock for this stands still as well.
            assert tx.site.setting("x") == "lost"
            with closing(open_store(url)) as other:
                write(other, "other")
            tx.site.set_setting("x", "lost as well")

    with pytest.raises(StoreError, match="reached"):
        stand_still()
    assert read(store) == "other"


def test_whoever_keeps_the_store_at_work_is_named(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postgres._OPTIONS, "lock_timeout", "100ms")
    assert keeper(url) is None
    with (
        closing(open_store(url, "PACK-2")) as busy,
        closing(open_store(url, "PICK-1")) as waiting,
        busy.write(),
    ):
        kept = keeper(url)
        assert kept is not None
        assert kept.name == "wms-terminal PACK-2"
        assert kept.seconds < 60
        with pytest.raises(StoreError, match="by wms-terminal PACK-2, process"):
            write(waiting, "in vain")
    assert keeper(url) is None
    assert keeper("postgresql://nobody@127.0.0.1:1/wms") is None


def test_what_is_written_is_said_with_the_next_question(store: SqlStore) -> None:
    with store.write() as tx:
        tx.site.set_setting("a", "1")
        tx.site.set_setting("b", "2")
        assert len(tx.connection._later) == 2  # type: ignore[attr-defined]
        assert tx.site.setting("b") == "2"
        assert tx.connection._later == []  # type: ignore[attr-defined]
        tx.site.set_setting("c", "3")
    with store.read() as tx:
        assert [tx.site.setting(name) for name in "abc"] == ["1", "2", "3"]


@pytest.mark.parametrize("asks", [False, True])
def test_what_is_wrong_with_it_comes_out_by_the_end(store: SqlStore, asks: bool) -> None:
    def clash() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            tx.connection.do("INSERT INTO counter VALUES ('x', -1)")
            if asks:
                tx.site.setting("x")

    def gone() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            tx.connection.change("UPDATE counter SET value = 1 WHERE name = 'no'", "It is gone.")
            if asks:
                tx.site.setting("x")

    with pytest.raises(StoreConflict, match="counter"):
        clash()
    with pytest.raises(StoreConflict, match="It is gone"):
        gone()
    with store.write() as tx:
        assert tx.site.setting("x") == ""
        tx.site.set_setting("x", "kept")
    with store.read() as tx:
        assert tx.site.setting("x") == "kept"


def test_after_an_error_nothing_of_the_transaction_is_kept(store: SqlStore) -> None:
    def go_on() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            with suppress(StoreConflict):
                tx.connection.run("INSERT INTO counter VALUES ('x', -1)")

    with pytest.raises(StoreError, match="aborted"):
        go_on()
    assert read(store) == "unset"


def test_what_no_column_can_hold_is_a_conflict(store: SqlStore) -> None:
    with pytest.raises(StoreConflict, match="out of range"), store.write() as tx:
        tx.connection.run("INSERT INTO counter VALUES ('x', :value)", value=10**30)


def test_a_conflict_does_not_quote_the_row(store: SqlStore) -> None:
    with pytest.raises(StoreConflict) as refused, store.write() as tx:
        tx.connection.run("INSERT INTO setting VALUES ('secret', 'a'), ('secret', 'b')")
    assert "secret" not in str(refused.value)


def test_text_that_postgresql_does_not_take_finds_nothing(store: SqlStore) -> None:
    write(store, "kept")
    with store.read() as tx:
        assert tx.site.setting("x\0", "unset") == "unset"


def test_sums_are_whole_numbers(store: SqlStore) -> None:
    with store.read() as tx:
        row = tx.connection.one("SELECT SUM(id), COALESCE(SUM(id), 0), COUNT(*) FROM location")
    assert row == (10, 10, 4)
    assert row is not None
    assert {type(value) for value in row} == {int}


# --- a server that goes away ---------------------------------------------------------------------


def test_a_lost_connection_is_made_anew(postgresql: Server, database: str, store: SqlStore) -> None:
    write(store, "kept")
    drop_connections(postgresql, database)
    assert read(store) == "kept"
    drop_connections(postgresql, database)
    write(store, "next")
    assert read(store) == "next"


@pytest.mark.parametrize("at", ["a statement", "the commit"])
def test_a_connection_lost_in_a_transaction_undoes_it(
    postgresql: Server, database: str, store: SqlStore, at: str
) -> None:
    def lose() -> None:
        with store.write() as tx:
            tx.site.set_setting("x", "lost")
            drop_connections(postgresql, database)
            if at == "a statement":
                tx.site.set_setting("x", "lost")

    with pytest.raises(StoreError, match=r"reached|stopping"):
        lose()
    assert read(store) == "unset"


def test_an_exception_is_not_hidden_by_a_lost_connection(
    postgresql: Server, database: str, store: SqlStore
) -> None:
    def lose() -> None:
        with store.write():
            drop_connections(postgresql, database)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        lose()


@pytest.mark.usefixtures("impatient")
def test_a_server_that_restarts_is_found_again(postgresql: Server, store: SqlStore) -> None:
    write(store, "kept")
    seen = store.changes()
    postgresql.stop("immediate")
    try:
        with pytest.raises(StoreError, match="Check the server"), store.read():
            pass
        with pytest.raises(StoreError, match="Check the server"):
            store.changes()
    finally:
        postgresql.start()
    assert read(store) == "kept"
    differs(store, seen)


def test_what_was_missed_while_away_counts_as_a_change(
    postgresql: Server, database: str, url: str, store: SqlStore
) -> None:
    seen = store.changes()
    drop_connections(postgresql, database)
    with closing(open_store(url)) as other:
        write(other, "meanwhile")
    read(store)
    assert store.changes() != seen


def test_a_store_that_was_closed_stays_closed(store: SqlStore) -> None:
    store.close()
    for use in (store.read, store.write):
        with pytest.raises(StoreError, match="closed"), use():
            pass
    with pytest.raises(StoreError, match="closed"):
        store.changes()


def test_nobody_is_told_of_what_was_undone(url: str, store: SqlStore) -> None:
    seen = store.changes()
    with closing(open_store(url)) as other:
        with suppress(StoreConflict), other.write() as tx:
            tx.site.set_setting("x", "lost")
            tx.connection.run("INSERT INTO counter VALUES ('x', -1)")
        assert read(other) == "unset"
        # The server tells in order: whoever hears of the second has not heard of the first.
        write(other, "next")
    assert differs(store, seen) == seen + 1


# --- the doctor ----------------------------------------------------------------------------------


def test_what_was_never_checked_is_found(postgresql: Server, database: str, url: str) -> None:
    postgresql.admin(
        "ALTER TABLE station ADD CONSTRAINT later CHECK (code <> 'X') NOT VALID", database
    )
    with closing(open_store(url)) as store, store.read() as tx:
        assert tx.connection.damage() == ["constraint later was never checked"]


# --- statements ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "query", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("x = :a AND y = :b OR z = :a", "x = $1 AND y = $2 OR z = $1", ("a", "b")),
        ("':a' || :a || ' it''s :b'", "':a' || $1 || ' it''s :b'", ("a",)),
        ('":a" = :a::text', '":a" = $1::text', ("a",)),
        ("a -- :b isn't\n= :b", "a -- :b isn't\n= $1", ("b",)),
        ("LIKE '% ' || :a", "LIKE '% ' || $1", ("a",)),
    ],
)
def test_names_become_numbers(sql: str, query: str, names: tuple[str, ...]) -> None:
    assert numbered(sql) == (query.encode(), names)


@given(st.lists(st.sampled_from([":a", ":b", "':a'", "''", "::", '":b"', "x", "--:a\n", "%"])))
def test_only_names_become_numbers(parts: list[str]) -> None:
    query, names = numbered(" ".join(parts))
    found = query.decode().split(" ")
    expected = [part if re.fullmatch(r":\w", part) is None else None for part in parts]
    assert len(found) == max(len(parts), 1)
    for part, kept in zip(found, expected, strict=False):
        assert part == kept if kept is not None else part[0] == "$"
    assert list(names) == list(dict.fromkeys(p[1] for p in parts if re.fullmatch(r":\w", p)))


def test_errors_without_a_code_are_a_lost_connection() -> None:
    error = postgres.translated(psycopg.OperationalError("server closed\nthe connection"))
    assert str(error).endswith("[server closed the connection]")
    assert "Check the server" in str(error)
