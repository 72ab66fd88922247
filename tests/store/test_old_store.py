"""A store that has grown old: what has left costs a scan nothing and is in no index of the work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from benchmarks.big_store import grow
from data import open_store
from data.doctor import connection_of, examine
from data.postgres import Postgres, numbered
from data.sqlite import Sqlite
from data.store import SqlStore
from tests.postgres import Server
from tests.store.test_plans import STATEMENTS, WHOLE
from tests.store.test_plans_postgresql import read_whole
from tests.store.whole_day import statements_of, whole_day
from tests.stores import memory_store
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.promise import stamp
from wms_terminal.services import desk

YOUNG, OLD = 100, 1000
"""Orders that have left."""
MANY = 3000
"""Orders that have left, enough for PostgreSQL to find reading all of a table dear."""
FEW = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpages < 30"
"""Tables of that store in which there is so little that reading it all is the cheapest."""
HISTORY = {
    "feedback_order": "what customers said of an order, when that is looked at",
    "notice_order": "what responsible people were told of an order, when its customer is forgotten",
    "orders_email": "a customer's orders, by what the customer says",
    "orders_phone": "the same",
    "orders_postcode": "the same",
    "outbox_order": "the messages about an order, when that is looked at",
    "parcel_manifest": "the parcels of a manifest, when it is handed over or looked at",
    "return_any_rma": "a return, by the channel's number",
    "return_line_line": "the returns of a line, when that is looked at",
    "return_tracking": "a parcel that comes back",
    "scan_undoable": "begins with the session: whoever signs in again takes nothing old back",
    "shipment_tracking": "a parcel that is on its way or has arrived",
    "stock_move_gesture": "the moves of a scan, to take them back",
    "stock_move_line": "the moves of a line, so that no line of history is dropped",
}
"""Partial indexes that leave out what has no such value: they grow, and are entered by a key."""

BOUNDED = {"orders.BY_CUSTOMER", "customers.THESE"}
"""What grows up to a bound: so many of the newest orders are looked through for a customer, and
so many of those that were found are listed."""

NAMES = {sql: name for name, sql in STATEMENTS.items()}


def test_every_statement_of_a_day_has_its_plan_looked_at() -> None:
    with closing(memory_store()) as store:
        world = World(store)
        heard = statements_of(store)
        whole_day(world)
    assert len(heard) > 100
    assert heard <= NAMES.keys()


# --- as much work as on the first day -----------------------------------------------------------


def steps(orders: int, day: Callable[[World], None]) -> Counter[str]:
    """Instructions of SQLite's machine that each statement of a day takes on so old a store."""
    taken: Counter[str] = Counter()
    total = 0

    def step() -> int:
        nonlocal total
        total += 1
        return 0

    def counted(ask: Callable[..., Any]) -> Callable[..., Any]:
        def asked(sql: str, /, **params: object) -> Any:
            before = total
            try:
                return ask(sql, **params)
            finally:
                taken[NAMES.get(sql, sql)] += total - before

        return asked

    with closing(memory_store()) as store:
        world = World(store)
        grow(store, orders)
        with store.read() as tx:
            connection = connection_of(tx)
        assert isinstance(connection, Sqlite)
        connection._raw.set_progress_handler(step, 1)
        for name in ("all", "run"):
            setattr(connection, name, counted(getattr(connection, name)))
        day(world)
        connection._raw.set_progress_handler(None, 1)
    return taken


def test_a_day_is_as_much_work_however_much_has_left() -> None:
    young, old = steps(YOUNG, whole_day), steps(OLD, whole_day)
    assert old.keys() > {"picks.STOP", "parcels.NEXT_TO_PACK", "orders.COUNTS", "orders.EVENTS"}
    grown = {name: (young[name], old[name]) for name in old if old[name] != young[name]}
    assert grown.keys() <= BOUNDED, grown


def test_the_measure_sees_work_that_grows() -> None:
    def asks(world: World) -> None:
        with world.store.read() as tx:
            for sql in (
                "SELECT COUNT(*) FROM scan WHERE session_id = 1",
                "SELECT id FROM orders WHERE number >= 'H1' ORDER BY name LIMIT 1",
                "SELECT id FROM orders WHERE number = 'H7'",
            ):
                connection_of(tx).all(sql)

    young, old = steps(YOUNG, asks), steps(OLD, asks)
    assert [old[sql] > 5 * young[sql] for sql in old] == [True, True, False]


# --- what has left is in no index of the work at hand -------------------------------------------


def conditions() -> dict[str, str]:
    """How to count what is in each partial index of the work at hand."""
    with closing(memory_store()) as store, store.read() as tx:
        rows = connection_of(tx).all(
            "SELECT name, tbl_name, sql FROM sqlite_master"
            " WHERE type = 'index' AND sql LIKE '%WHERE%'"
        )
    return {
        name: f"SELECT COUNT(*) FROM {table} WHERE {sql.partition('WHERE')[2]}"
        for name, table, sql in rows
        if name not in HISTORY
    }


def hot(store: SqlStore) -> dict[str, int]:
    """How many rows are in each index of the work at hand, where there are any."""
    with store.read() as tx:
        connection = connection_of(tx)
        counts = {name: connection.scalar(count) for name, count in conditions().items()}
    return {name: count for name, count in counts.items() if count}


def test_an_order_is_in_the_indexes_of_the_work_at_hand(store: SqlStore) -> None:
    world = World(store)
    world.order((MUG, 1))
    assert hot(store) == {
        "order_line_product": 1,
        "orders_late": 1,
        "orders_live": 1,
        "orders_to_release": 1,
    }
    world.pick_all()
    found = hot(store)
    assert found.pop("session_station") == found.pop("session_operator") == 1
    assert found == {
        "location_tote_order": 1,
        "order_line_to_pack": 1,
        "orders_late": 1,
        "orders_live": 1,
        "orders_to_pack": 1,
    }


def test_what_was_shipped_or_cancelled_is_in_none_of_them(store: SqlStore) -> None:
    world = World(store)
    whole_day(world, (0.3, 0.0))
    number = world.order((MUG, 1)).number
    with store.write() as tx:
        desk.cancel(tx, number, stamp(world.now))
    with store.read() as tx:
        states = Counter(order.state for order in tx.orders.search("100", 20))
    assert states == {OrderState.SHIPPED: 8, OrderState.CANCELLED: 1}
    grow(store, YOUNG)
    assert hot(store) == {}
    with store.read() as tx:
        assert examine(tx) == []


# --- on PostgreSQL, with what it knows of its tables --------------------------------------------


@pytest.fixture(scope="module")
def raw(postgresql: Server) -> Iterator[psycopg.Connection[Any]]:
    """A station's connection to an old store that PostgreSQL has taken stock of."""
    name = postgresql.new()
    with closing(open_store(postgresql.url(name))) as store:
        World(store).order((LANTERN, 1))
        grow(store, MANY)
    postgresql.admin("VACUUM ANALYZE", name)
    with closing(open_store(postgresql.url(name))) as store, store.read() as tx:
        connection = connection_of(tx)
        assert isinstance(connection, Postgres)
        # As statements are run that were asked often: without looking at the values.
        connection._raw.execute("SET plan_cache_mode = force_generic_plan")
        yield connection._raw
    postgresql.drop(name)


def chosen(raw: psycopg.Connection[Any], sql: str) -> list[str]:
    """Tables that PostgreSQL reads as a whole when it runs a prepared statement."""
    query, names = numbered(sql)
    raw.execute(b"PREPARE asked AS " + query)
    try:
        values = ", ".join("NULL" for _ in names)
        return read_whole(raw, f"EXECUTE asked ({values})" if values else "EXECUTE asked")
    finally:
        raw.execute("DEALLOCATE asked")


def test_postgresql_chooses_an_index_by_itself(raw: psycopg.Connection[Any]) -> None:
    few = {row[0] for row in raw.execute(FEW)}
    assert few.isdisjoint({"orders", "order_line", "location", "stock_move", "scan", "parcel"})
    found = {
        name: [table for table in chosen(raw, sql) if table.split()[0] not in few]
        for name, sql in STATEMENTS.items()
        if name not in WHOLE
    }
    assert {name: tables for name, tables in found.items() if tables} == {}


def test_the_choice_of_a_whole_table_is_seen(raw: psycopg.Connection[Any]) -> None:
    assert chosen(raw, "SELECT id FROM orders WHERE city = :city") == ["orders"]
    assert chosen(raw, "SELECT id FROM scan WHERE at > :at ORDER BY raw LIMIT 1") == ["scan"]
