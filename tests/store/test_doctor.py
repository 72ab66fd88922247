"""The doctor finds every kind of damage, and nothing on a sound floor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pysqlite3 import dbapi2

from data import doctor, open_store
from data.doctor import CHECKS, Finding
from data.store import SqlStore
from tests.postgres import Server
from tests.store.hands import Hands
from tests.stores import new_store, url_of
from wms_terminal.domain.orders import OrderState
from wms_terminal.ports.store import StoreError


def findings(store: SqlStore) -> list[Finding]:
    with store.read() as tx:
        return doctor.examine(tx)


def work(hands: Hands) -> None:
    """Orders in every state, a scan taken back, and a parcel in every state."""
    hands.order(("LAMP", 2))
    hands.order(("MUG", 1), payment="pending")
    walking = hands.order(("LAMP", 3), ("MUG", 4), ("SALT", 2))
    list_id = hands.release(walking)
    hands.start(list_id)
    tote = hands.tote(walking, "T-1")
    stop = hands.stop(list_id)
    assert stop is not None
    hands.pick_stop(stop, tote, 2)
    gesture = hands.pick_stop(stop, tote, 1)
    with hands.store.write() as tx:
        by = hands.scan(tx)
        tx.stock.reverse(gesture, by, "2026-03-03T12:01:00.000Z")
        tx.journal.void(gesture, by)
        tx.picks.unput(stop.task_id, 1)
        tx.picks.hand(stop.task_id, -1)
        tx.orders.change_line(stop.line_id, picked=-1)
    hands.pick(hands.order(("LAMP", 5)), "T-2")
    packing = hands.order(("LAMP", 4), ("SALT", 1))
    hands.pick(packing, "T-3")
    hands.fill(packing, hands.open_parcel(packing), 2)
    packed = hands.order(("MUG", 2))
    hands.pick(packed, "T-4")
    parcel = hands.open_parcel(packed)
    hands.fill(packed, parcel)
    hands.seal(packed, parcel)
    labelled = hands.order(("MUG", 3))
    hands.pick(labelled, "T-5")
    hands.pack(labelled)
    shipped = hands.order(("LAMP", 1), ("SALT", 3))
    hands.pick(shipped, "T-6")
    hands.hand_over(hands.load(hands.pack(shipped)))
    loaded = hands.order(("LAMP", 6))
    hands.pick(loaded, "T-7")
    hands.load(hands.pack(loaded))
    cancelled = hands.order(("LAMP", 9))
    with hands.store.write() as tx:
        tx.orders.set_state(cancelled.id, OrderState.CANCELLED)
        tx.journal.open_session(hands.pick_station, hands.ann, "{}", "2026-03-03T12:00:00.000Z")


Copies = Callable[[Path], AbstractContextManager[str]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    """What makes copies of a store with work in every state, and says their URL."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("doctor")
        make(url_of(folder / "wms.db"))
        return partial(copied_file, (folder / "wms.db").read_bytes())
    server: Server = request.getfixturevalue("postgresql")
    original = server.new()
    make(server.url(original))
    for table, constraint in server.admin(CONSTRAINTS, original):
        server.admin(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}", original)
    return partial(copied_database, server, original)


def make(url: str) -> None:
    """A store with work in every state, which is sound."""
    store = open_store(url)
    work(Hands(store))
    assert findings(store) == []
    store.close()


@contextmanager
def copied_file(content: bytes, folder: Path) -> Iterator[str]:
    """A copy of a file."""
    (folder / "copy.db").write_bytes(content)
    yield url_of(folder / "copy.db")


@contextmanager
def copied_database(server: Server, original: str, _: Path) -> Iterator[str]:
    """A copy of a database."""
    name = server.new(original)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def url(copies: Copies, tmp_path: Path) -> Iterator[str]:
    """The URL of a store that a test may damage."""
    with copies(tmp_path) as copy:
        yield copy


CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""


def back_door(url: str) -> Any:
    """A connection past the store, which no constraint holds up."""
    if url.startswith("postgresql"):
        raw: Any = psycopg.connect(url, autocommit=True)
        raw.execute("SET session_replication_role = replica")
        return raw
    raw = dbapi2.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    raw.execute("PRAGMA ignore_check_constraints = ON")
    raw.execute("PRAGMA foreign_keys = OFF")
    return raw


def damage(url: str, *statements: str) -> list[Finding]:
    """Change rows behind the store's back; what the doctor finds then."""
    with closing(back_door(url)) as raw:
        for statement in statements:
            assert raw.execute(statement).rowcount != 0, statement
    with closing(open_store(url)) as store:
        return findings(store)


DAMAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "stock_is_the_sum_of_its_moves",
        ("UPDATE stock SET quantity = quantity + 1 WHERE lot = 'L1'",),
    ),
    ("stock_is_the_sum_of_its_moves", ("DELETE FROM stock WHERE quantity = 500",)),
    ("stock_is_the_sum_of_its_moves", ("DELETE FROM stock_move WHERE quantity = 500",)),
    ("nothing_is_stocked_outside", ("INSERT INTO stock VALUES (2, 1, '', 1, 0)",)),
    ("stock_is_not_negative", ("UPDATE stock SET quantity = -1 WHERE lot = 'L1'",)),
    ("stock_is_not_negative", ("UPDATE stock SET allocated = quantity + 1 WHERE lot = 'L1'",)),
    ("moves_are_positive", ("UPDATE stock_move SET quantity = 0 WHERE why = 'ship'",)),
    ("allocated_is_what_tasks_hold", ("UPDATE stock SET allocated = 0 WHERE allocated > 0",)),
    ("allocated_is_what_tasks_hold", ("UPDATE stock SET allocated = 1 WHERE quantity = 500",)),
    ("tasks_add_up", ("UPDATE pick_task SET in_hand = 99",)),
    ("ended_walks_have_nothing_open", ("UPDATE pick_list SET state = 'dropped'",)),
    ("line_quantities_follow_each_other", ("UPDATE order_line SET packed = picked + 1",)),
    ("line_quantities_follow_each_other", ("UPDATE order_line SET returned = -1",)),
    (
        "allocated_is_picked_or_to_be_picked",
        ("UPDATE order_line SET allocated = 1 WHERE allocated = 0 AND ordered = 2",),
    ),
    (
        "picked_goods_are_in_the_totes",
        ("UPDATE location SET order_id = NULL WHERE code = 'T-2'",),
    ),
    ("packed_is_what_parcels_hold", ("UPDATE parcel_line SET quantity = quantity + 1",)),
    ("packed_is_what_parcels_hold", ("DELETE FROM parcel_line",)),
    (
        "shipped_is_what_shipped_parcels_hold",
        ("UPDATE order_line SET shipped = 0 WHERE shipped > 0",),
    ),
    ("parcels_hold_what_they_list", ("UPDATE parcel_line SET lot = 'L9' WHERE lot = ''",)),
    (
        "shipped_parcels_left_with_what_they_list",
        ("UPDATE parcel_line SET lot = 'L9' WHERE lot = 'L2'",),
    ),
    (
        "parcels_hold_what_they_list",
        (
            "INSERT INTO stock SELECT location_id, 1, '', 1, 0 FROM parcel WHERE state = 'shipped'",
            (
                "INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, why) "
                "SELECT '', 1, 1, 4, location_id, 'adjustment' FROM parcel WHERE state = 'shipped'"
            ),
        ),
    ),
    (
        "parcels_hold_their_own_order",
        (
            (
                "UPDATE parcel_line SET line_id = (SELECT MIN(id) FROM order_line) "
                "WHERE parcel_id = (SELECT MAX(id) FROM parcel)"
            ),
        ),
    ),
    (
        "customers_have_what_was_shipped",
        ("UPDATE stock_move SET to_id = 3 WHERE why = 'ship' AND lot = ''",),
    ),
    (
        "one_open_session_each",
        (
            "DROP INDEX session_station",
            "DROP INDEX session_operator",
            (
                "INSERT INTO session SELECT 99, station_id, operator_id, '', 0, '', '', NULL, NULL "
                "FROM session"
            ),
        ),
    ),
    (
        "claims_are_on_live_work",
        ("INSERT INTO claim SELECT 'pick', MAX(id), 1, 1, '', '' FROM pick_list",),
    ),
    ("claims_are_on_live_work", ("INSERT INTO claim VALUES ('pack', 999, 1, 1, '', '')",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'new' WHERE state = 'picking'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'picked' WHERE state = 'picking'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'picking' WHERE state = 'picked'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'picked' WHERE state = 'packing'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'packed' WHERE state = 'packing'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'shipped' WHERE state = 'packed'",)),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'packed' WHERE state = 'shipped'",)),
    (
        "order_states_fit_the_work",
        ("UPDATE orders SET state = 'cancelled' WHERE state = 'packed'",),
    ),
    ("order_states_fit_the_work", ("UPDATE orders SET state = 'shipped' WHERE state = 'new'",)),
    ("moves_come_from_scans", ("UPDATE scan SET gesture_id = 'lost' WHERE gesture_id = 'g1'",)),
    (
        "taken_back_means_moved_back",
        ("UPDATE scan SET voided_by = 'g1' WHERE gesture_id = 'g1'",),
    ),
    (
        "moved_back_means_taken_back",
        ("UPDATE scan SET voided_by = NULL WHERE voided_by IS NOT NULL",),
    ),
    (
        "moved_back_means_taken_back",
        ("UPDATE stock_move SET quantity = 7 WHERE reverses IS NOT NULL",),
    ),
    (
        "labelled_means_scanned_back",
        ("UPDATE print_job SET state = 'sent' WHERE state = 'confirmed'",),
    ),
    (
        "scanned_back_means_labelled",
        ("UPDATE print_job SET state = 'confirmed' WHERE state = 'queued'",),
    ),
    (
        "manifests_fit_their_parcels",
        ("DROP INDEX manifest_open", "UPDATE manifest SET state = 'open'"),
    ),
    ("manifests_fit_their_parcels", ("UPDATE manifest SET state = 'handed_over'",)),
    (
        "manifests_count_their_parcels",
        ("UPDATE manifest SET parcels = 5 WHERE state = 'handed_over'",),
    ),
    ("the_outside_learns_of_shipments", ("DELETE FROM outbox",)),
    (
        "totes_belong_to_live_orders",
        (
            (
                "UPDATE location SET order_id = (SELECT id FROM orders WHERE state = 'shipped') "
                "WHERE code = 'T-9'"
            ),
        ),
    ),
    ("totes_belong_to_live_orders", ("UPDATE location SET order_id = 999 WHERE code = 'T-9'",)),
    ("free_totes_are_empty", ("UPDATE location SET order_id = NULL WHERE code = 'T-3'",)),
    (
        "codes_stand_for_one_thing",
        ("INSERT INTO barcode SELECT code, kind, 99, 1 FROM barcode WHERE kind = 'product'",),
    ),
    ("integrity", ("UPDATE order_line SET product_id = 999 WHERE id = 1",)),
)


@pytest.mark.parametrize(("check", "statements"), DAMAGES)
def test_damage_is_found(url: str, check: str, statements: tuple[str, ...]) -> None:
    found = damage(url, *statements)
    assert check in {finding.check for finding in found}
    for finding in found:
        assert finding.what.endswith(".")
        assert finding.check == "integrity" or "xpected " in finding.what


def test_every_check_has_a_damage_that_it_finds() -> None:
    assert {check.name for check in CHECKS} <= {check for check, _ in DAMAGES}


def test_a_sound_store_has_no_findings(store: SqlStore) -> None:
    assert findings(store) == []
    work(Hands(store))
    assert findings(store) == []


def test_another_schema_is_found(url: str) -> None:
    newer = "PRAGMA user_version = 99"
    if url.startswith("postgresql"):
        newer = "INSERT INTO _migrations (name) VALUES ('m9999_newer')"
    with closing(open_store(url)) as store, closing(back_door(url)) as raw:
        raw.execute(newer)
        assert [finding.check for finding in findings(store)] == ["schema"]


def test_torn_pages_are_found(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    with (tmp_path / "wms.db").open("r+b") as file:
        file.seek(4096 * 12)
        file.write(b"\xff" * 4096 * 6)
    store = open_store(url_of(tmp_path / "wms.db"))
    with pytest.raises(StoreError, match="damaged"), store.read() as tx:
        doctor.examine(tx)
    store.close()


def test_many_findings_are_counted_not_listed(url: str) -> None:
    found = damage(url, "DELETE FROM stock_move")
    moved = [item.what for item in found if item.check == "stock_is_the_sum_of_its_moves"]
    assert len(moved) <= doctor.MOST + 1


def test_totals_add_up(url: str) -> None:
    store = open_store(url)
    with store.read() as tx:
        totals = doctor.totals(tx)
    store.close()
    assert totals["shipped"] == totals["moved_to_customer"] == 4
    assert totals["short"] == totals["ordered"] - totals["cancelled"] - totals["shipped"]
    assert (
        totals["ordered"]
        >= totals["allocated"]
        >= totals["picked"]
        >= totals["packed"]
        >= totals["shipped"]
    )


def test_totals_of_an_empty_store_are_zero(store: SqlStore) -> None:
    with store.read() as tx:
        assert set(doctor.totals(tx).values()) == {0}
