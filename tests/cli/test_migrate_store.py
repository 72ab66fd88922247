"""A site that moves: all of it arrives, or nothing does, on real stores of both engines."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from data import open_store
from data.connection import Row
from data.doctor import examine
from data.migrate_store import BATCH, move
from tests.cli.conftest import Run
from tests.cli.test_doctor import plant
from tests.postgres import Server
from tests.stores import new_store, url_of
from tests.world import ANNA, BOB, LANTERN, MUG, World
from wms_terminal.ports.store import StoreError

HOSTILE = (
    "Ünïcødé \N{PACKAGE} \u202e أهلا \U0001f9c0",
    "tab\there, line\nbreak\r\n, \\N and \\. and \\x00",
    "'; DROP TABLE orders; --",
    "[red]$1 :name %s {id}[/red]",
    '"quoted", comma; ' + "é" * 3000,
    "",
    " \x01\x1d\x7f\ufeff\ufffd",
)
PAYLOADS = (b"", bytes(range(256)) * 40, b"\\x00 \\N\n\0", None)


def fill(folder: Path) -> str:
    """A floor in the middle of its work, with everything that is hard to carry over; its URL."""
    with closing(new_store(folder)) as store:
        world = World(store)
        for number in range(4):
            world.order((LANTERN, 1 + number), (MUG, 1))
        world.pick_all("PICK-01", ANNA)
        world.pack_all("PACK-01", BOB)
        world.order((LANTERN, 2))
        for text in HOSTILE:
            world.scan("PICK-02", text or "x")
        with store.write() as tx:
            run = tx.connection.run
            for number, text in enumerate(HOSTILE):
                run(
                    "INSERT INTO setting VALUES (:name, :value)",
                    name=f"{number} {text}",
                    value=text,
                )
            for number in range(2 * BATCH):
                run(
                    "INSERT INTO event (at, kind, text) VALUES ('2026-03-03', 'note', :text)",
                    text=f"{number} {HOSTILE[number % len(HOSTILE)]}",
                )
            jobs = tx.connection.all("SELECT id FROM print_job ORDER BY id")
            for (job,), payload in zip(jobs, PAYLOADS, strict=False):
                run("UPDATE print_job SET payload = :bytes WHERE id = :id", bytes=payload, id=job)
            # A place in one that was made after it.
            newest = tx.connection.scalar("SELECT MAX(id) FROM location")
            run("UPDATE location SET parent_id = :id WHERE code = 'DOCK-1'", id=newest)
            assert examine(tx) == []
            assert len(jobs) >= len(PAYLOADS)
    return url_of(folder / "wms.db")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a store with a site in it, only read."""
    return fill(tmp_path_factory.mktemp("site"))


@pytest.fixture
def into(postgresql: Server, database: str) -> str:
    """The URL of an empty store on PostgreSQL."""
    return postgresql.url(database)


@pytest.fixture
def own(tmp_path: Path) -> str:
    """The URL of a site that may be written to."""
    (tmp_path / "own").mkdir()
    return fill(tmp_path / "own")


def contents(url: str) -> dict[str, list[Row]]:
    """Every row of every table, by what the store's own schema names."""
    with closing(open_store(url)) as store, store.read() as tx:
        if url.startswith("sqlite"):
            listing = "SELECT name FROM sqlite_master WHERE type = 'table'"
        else:
            listing = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [row[0] for row in tx.connection.all(listing)]
        return {
            name: sorted(tx.connection.all(f"SELECT * FROM {name}"), key=repr)
            for name in names
            if not name.startswith(("_", "sqlite_"))
        }


def test_a_site_moves_to_postgresql_and_back_without_a_difference(
    site: str, into: str, tmp_path: Path, run: Run
) -> None:
    back = f"sqlite:///{tmp_path / 'new' / 'back.db'}"
    there = run("migrate-store", site, into)
    assert there.exit_code == 0, there.output
    again = run("migrate-store", into, back)
    assert again.exit_code == 0, again.output
    assert again.stdout == there.stdout
    assert contents(site) == contents(into) == contents(back)
    rows = contents(into)
    assert len(rows["event"]) > 2 * BATCH
    counts = dict(re.findall(r"^(\w+) +([\d,]+)  [0-9a-f]{16}$", there.stdout, re.MULTILINE))
    assert {name: int(count.replace(",", "")) for name, count in counts.items()} == {
        name: len(found) for name, found in rows.items()
    }


def test_a_site_moves_from_one_server_to_another(site: str, into: str, postgresql: Server) -> None:
    second = postgresql.new()
    with closing(open_store(site)) as old, closing(open_store(into)) as new:
        first = move(old, new, lambda news: None)
        with closing(open_store(postgresql.url(second))) as other:
            assert move(new, other, lambda news: None) == first
    postgresql.drop(second)


def test_work_goes_on_in_the_new_store_with_ids_that_are_free(
    own: str, into: str, run: Run
) -> None:
    assert run("migrate-store", own, into).exit_code == 0
    with closing(open_store(into)) as store:
        world = World(store, ready=True)
        world.floor.start("PICK-01")
        answers = [
            world.floor.scan("PICK-01", code, gesture=f"moved-{code}") for code in (ANNA, "WHCPICK")
        ]
        assert answers[-1].flow == "pick"
        with store.read() as tx:
            assert examine(tx) == []
            ids = [row[0] for row in tx.connection.all("SELECT id FROM scan ORDER BY id DESC")]
    assert ids[:3] == [ids[2] + 2, ids[2] + 1, ids[2]]


def test_a_store_that_is_in_use_is_not_moved_into(site: str, own: str, run: Run) -> None:
    before = contents(own)
    refused = run("migrate-store", site, own)
    assert refused.exit_code == 2
    assert "Expected an empty store to move into, got one with rows in" in refused.stderr
    assert contents(own) == before


def test_a_store_that_is_not_there_is_not_moved(into: str, tmp_path: Path, run: Run) -> None:
    refused = run("migrate-store", url_of(tmp_path / "typo.db"), into)
    assert refused.exit_code == 2
    assert "found nothing" in refused.stderr


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_who_writes_meanwhile_stops_the_move(
    engine: str, own: str, into: str, tmp_path: Path, run: Run
) -> None:
    source, target = own, into
    if engine == "postgresql":
        assert run("migrate-store", own, into).exit_code == 0
        source, target = into, url_of(tmp_path / "target.db")

    def write(news: str) -> None:
        if news == "Copying scan":
            with closing(open_store(source)) as other, other.write() as tx:
                tx.site.set_setting("written", "meanwhile")

    with closing(open_store(source)) as old, closing(open_store(target)) as new:
        fresh = contents(target)
        with pytest.raises(StoreError, match=r"Somebody wrote .* Stop every terminal"):
            move(old, new, write)
    assert contents(target) == fresh


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("NEW.name := lower(NEW.name); RETURN NEW", "expected name 'WHITE METAL LANTERN', found '"),
        ("IF NEW.id > 2 THEN RETURN NULL; END IF; RETURN NEW", "product 3: expected a row, found"),
    ],
)
def test_the_first_difference_is_named_and_nothing_moved(
    change: str, said: str, site: str, into: str, postgresql: Server, database: str, run: Run
) -> None:
    fresh = contents(into)
    for sql in (
        f"CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN {change}; END'",
        "CREATE TRIGGER spoil BEFORE INSERT ON product FOR EACH ROW EXECUTE FUNCTION spoil()",
        "ALTER TABLE product DISABLE TRIGGER ALL",
        "ALTER TABLE barcode DISABLE TRIGGER ALL",
        "ALTER TABLE product ENABLE TRIGGER spoil",
        *(
            f"ALTER TABLE {table} DISABLE TRIGGER ALL"
            for table in ("lot", "stock", "order_line", "pick_task", "stock_move", "count_task")
        ),
    ):
        postgresql.admin(sql, database)
    failed = run("migrate-store", site, into)
    assert failed.exit_code == 1
    assert "The stores are not equal. product " in failed.stderr
    assert said in failed.stderr
    assert contents(into) == fresh


def test_a_site_with_a_fault_is_not_moved(url: str, into: str, run: Run) -> None:
    fresh = contents(into)
    plant(url)
    failed = run("migrate-store", url, into)
    assert failed.exit_code == 1
    assert "the doctor finds stock_is_the_sum_of_its_moves" in failed.stderr
    assert contents(into) == fresh


def test_what_only_sqlite_can_hold_is_written_out(own: str, into: str, run: Run) -> None:
    with closing(open_store(own)) as store, store.write() as tx:
        tx.site.set_setting("nul", "a\0b")
    assert run("migrate-store", own, into).exit_code == 0
    with closing(open_store(into)) as store, store.read() as tx:
        assert tx.site.setting("nul") == "a\\x00b"


def test_a_move_that_is_killed_halfway_leaves_the_target_empty(
    site: str, into: str, postgresql: Server, database: str, run: Run
) -> None:
    fresh = contents(into)
    waiting = "SELECT COUNT(*) FROM pg_locks WHERE NOT granted AND relation = 'pick_task'::regclass"
    words = [sys.executable, "-m", "wms_terminal", "migrate-store", site, into]
    with psycopg.connect(postgresql.url(database)) as holder:
        holder.execute("LOCK TABLE pick_task IN SHARE MODE")
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as program:
            deadline = time.monotonic() + 60
            while postgresql.admin(waiting, database) == [(0,)]:
                assert program.poll() is None, "the move did not come so far"
                assert time.monotonic() < deadline
            program.send_signal(signal.SIGKILL)
    assert contents(into) == fresh
    assert run("migrate-store", site, into).exit_code == 0
