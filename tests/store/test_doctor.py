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
from data.doctor import Finding
from data.doctor_checks import CHECKS
from data.store import SqlStore
from tests.postgres import Server
from tests.store.hands import AT, Hands
from tests.stores import new_store, url_of
from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.pickups import Agreement, Visit
from wms_terminal.domain.refunds import RefundState
from wms_terminal.ports.channel import Disposition
from wms_terminal.ports.store import StoreError
from wms_terminal.services import returns


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
    pick_up(hands, shipped)
    give_back(hands, shipped)
    send_back(hands, shipped)
    loaded = hands.order(("LAMP", 6))
    hands.pick(loaded, "T-7")
    hands.load(hands.pack(loaded))
    cancelled = hands.order(("LAMP", 9))
    with hands.store.write() as tx:
        tx.orders.set_state(cancelled.id, OrderState.CANCELLED)
        tx.journal.open_session(hands.pick_station, hands.ann, "{}", "2026-03-03T12:00:00.000Z")


def pick_up(hands: Hands, order: Order) -> None:
    """A courier came as agreed and took an order along that was handed over."""
    with hands.store.write() as tx:
        agreed = Agreement(0, 0, "", "", "12345", "12:00", "13:00", "DOCK-1", 0, 0)
        tx.pickups.set_agreements(hands.carrier, [agreed])
        day = AT[:10]
        tx.pickups.make(tx.pickups.agreements()[0].id, day, AT, AT)
        pickup = tx.pickups.of_days(day, day)[0].id
        manifest_id = tx.parcels.of_order(order.id)[0].manifest_id
        assert manifest_id is not None
        tx.pickups.came(
            Visit(manifest_id, "", pickup, hands.carrier, day, AT, 1, 1200, None, 0, "")
        )


def send_back(hands: Hands, order: Order) -> None:
    """One unit of an order came back, and one of nobody knows whom: both are on hold."""
    line = hands.lines(order)[0]
    place = hands.place("X-1")
    with hands.store.write() as tx:
        cases = [returns.unannounced(tx, order, AT, returns.NOBODY), returns.orphan(tx, AT, place)]
        for case, line_id in zip(cases, (line.id, None), strict=True):
            unit = returns.Unit(line.product_id, "", line_id)
            returns.receive(tx, case, unit, Disposition.HOLD, place, AT)
            tx.returns.hold_at(case.id, place)


def give_back(hands: Hands, order: Order) -> None:
    """One refund that its channel is being told of, and one that is paid."""
    for number, state in enumerate((RefundState.SENT, RefundState.DONE), 1):
        key = f"R-{number}"
        with hands.store.write() as tx:
            tx.refunds.add(key, order.id, 250, "EUR", "broken", AT, operator_id=hands.ann)
            refund = tx.refunds.by_key(key)
            assert refund is not None
            tx.refunds.decide(refund.id, RefundState.SENT, hands.bob, AT)
            about = f"refund:{order.channel}:{order.reference}:{key}"
            tx.outbox.add("channel:web", "refund", about, order.id, "{}", AT)
            if state is RefundState.DONE:
                message = tx.outbox.of_order(order.id)[-1]
                tx.outbox.close(message.id, "done", AT)
                tx.refunds.move(tx.refunds.get(refund.id), state, AT)


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
    ("delivered_means_every_parcel_arrived", ("UPDATE orders SET delivered_at = '2026'",)),
    (
        "milestones_were_heard",
        (
            (
                "INSERT INTO shipment (parcel_id, key, carrier, state, at, milestone) "
                "SELECT MIN(id), 'k', 'post', 'booked', '', 'delivered' FROM parcel"
            ),
        ),
    ),
    ("follow_ups_are_about_what_arrived", ("UPDATE orders SET follow_up_at = '2026'",)),
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
    ("no_more_goes_back_than_was_paid", ("UPDATE refund SET amount = 600",)),
    (
        "a_refund_that_is_sent_waits_in_the_outbox",
        ("UPDATE refund SET state = 'sent' WHERE state = 'done'",),
    ),
    (
        "a_refund_that_is_settled_is_not_told_again",
        ("UPDATE refund SET state = 'done' WHERE state = 'sent'",),
    ),
    ("pickups_are_what_their_manifests_are", ("UPDATE pickup SET parcels = 7",)),
    ("pickups_are_what_their_manifests_are", ("UPDATE pickup SET state = 'missed'",)),
    (
        "couriers_took_what_was_handed_over",
        ("UPDATE manifest SET parcels = 7 WHERE state = 'handed_over'",),
    ),
    (
        "returned_is_what_returns_received",
        ("UPDATE order_line SET returned = 0 WHERE returned > 0",),
    ),
    ("received_is_put_somewhere", ("UPDATE return_line SET held = 0",)),
    ("received_is_put_somewhere", ("UPDATE return_case SET state = 'void'",)),
    ("goods_on_hold_are_there", ("UPDATE return_line SET held = 5",)),
    ("customers_have_what_was_shipped", ("DELETE FROM return_line WHERE line_id IS NULL",)),
    (
        "wanted_labels_are_asked_for",
        (
            """INSERT INTO shipment (parcel_id, key, carrier, state, at)
            SELECT id, 'k', 'post', 'wanted', '' FROM parcel WHERE state = 'packed'
            ORDER BY id LIMIT 1""",
        ),
    ),
    (
        "booked_parcels_leave_with_their_label",
        (
            """INSERT INTO shipment (parcel_id, key, carrier, state, at)
            SELECT id, 'k', 'post', 'cancelled', '' FROM parcel WHERE state = 'labelled'
            ORDER BY id LIMIT 1""",
        ),
    ),
    (
        "a_parcel_is_booked_once",
        (
            """INSERT INTO shipment (parcel_id, key, carrier, state, at)
            SELECT p.id, n.n, 'post', 'booked', '' FROM parcel p
            CROSS JOIN (SELECT 'k' AS n UNION SELECT 'l') n WHERE p.state = 'labelled'
            AND p.id = (SELECT MIN(id) FROM parcel WHERE state = 'labelled')""",
        ),
    ),
    (
        "codes_stand_for_one_thing",
        ("INSERT INTO barcode SELECT code, kind, 99, 1 FROM barcode WHERE kind = 'product'",),
    ),
    ("customs_codes_have_their_length", ("UPDATE product SET hs_code = '12345'",)),
    ("customs_codes_have_their_length", ("UPDATE product SET origin = 'China'",)),
    (
        "forgotten_customers_are_gone",
        ("UPDATE orders SET anonymous = 1 WHERE state = 'shipped'",),
    ),
    ("forgotten_orders_are_closed", ("UPDATE orders SET anonymous = 1 WHERE state = 'new'",)),
    (
        "stock_that_is_there_is_not_waited_for",
        ("UPDATE orders SET waiting = 'stock' WHERE state = 'new' AND payment = 'paid'",),
    ),
    (
        "parcels_wait_for_their_carrier",
        ("UPDATE parcel SET carrier_id = NULL WHERE state = 'labelled'",),
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
    assert totals["shipped"] == 4
    assert totals["moved_to_customer"] == 2, "one came back, and one of nobody knows which order"
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
