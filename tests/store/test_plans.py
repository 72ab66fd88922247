"""Every statement of the scan path finds its rows by an index, however much has happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pysqlite3 import dbapi2

from data import (
    channels,
    customers,
    customs,
    feedback,
    journal,
    orders,
    outbox,
    parcels,
    picks,
    pickups,
    refunds,
    returns,
    shipments,
    site,
    stock,
    tracking,
)
from tests.stores import new_store

SMALL = {
    "carrier",
    "channel",
    "department",
    "holiday",
    "operator",
    "package_type",
    "pickup_agreement",
    "service",
    "setting",
    "station",
}
"""Tables that do not grow with the work."""

WHOLE = {
    "site.PRODUCTS": "an export of everything",
    "site.FOLLOW": "when a site file gives a service to another carrier",
    "channels.UNTOLD_STOCK": "a comparison of all products, made by the worker",
    "feedback.BY_PRODUCT": "a report, over the time that is asked for",
    "returns.NEWEST": "by the primary key from its end, as many as asked for",
    "journal.RECENT": "by the primary key from its end, as many as asked for",
}
"""Statements off the scan path that read a whole table, and why they may."""

STATEMENTS = {
    f"{room.__name__.removeprefix('data.')}.{name}": sql
    for room in (
        channels,
        customers,
        customs,
        feedback,
        journal,
        orders,
        outbox,
        parcels,
        picks,
        pickups,
        refunds,
        returns,
        shipments,
        site,
        stock,
        tracking,
    )
    for name, sql in vars(room).items()
    if isinstance(sql, str)
    and not name.startswith("_")
    and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE)\b", sql)
} | {f"site.NAMES[{kind}]": sql for kind, sql in site.NAMES.items()}
STATEMENTS |= {f"customers.FORGET[{n}]": sql for n, sql in enumerate(customers.FORGET)}
STATEMENTS |= {f"customers.WORDS[{place}]": sql for place, sql in customers.WORDS.items()}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A connection to an empty store, past the store."""
    folder = tmp_path_factory.mktemp("plans")
    new_store(folder).close()
    connection = dbapi2.connect(str(folder / "wms.db"), isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def partial(raw: Any) -> set[str]:
    """Partial indexes, which are as short as the work at hand."""
    sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
    return {row[0] for row in raw.execute(sql)}


def plan(raw: Any, sql: str) -> list[str]:
    """The steps in which SQLite runs a statement, foreign keys included."""
    # A new parent looks for children only while a deferred violation is open, which never is:
    # SQLite plans these steps and skips them.
    keys = "OFF" if sql.lstrip().startswith("INSERT") else "ON"
    raw.execute(f"PRAGMA foreign_keys = {keys}")
    params = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
    return [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {sql}", params)]


def whole_tables(raw: Any, partial: set[str], sql: str) -> list[str]:
    """Steps that read all rows of a table that grows."""
    names = dict(re.findall(r"(?:FROM|JOIN|UPDATE) (\w+) ([a-z])\b", sql))
    aliases = {alias: table for table, alias in names.items()}
    steps = plan(raw, sql)
    inner = {step.split()[1] for step in steps if step.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    found = []
    for step in steps:
        match = re.match(r"SCAN (?!CONSTANT)(\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        if match is None or match[1] in inner:
            continue
        if aliases.get(match[1], match[1]) not in SMALL and match[2] not in partial:
            found.append(step)
    return found


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - WHOLE.keys()))
def test_no_statement_reads_a_whole_table_that_grows(
    raw: Any, partial: set[str], name: str
) -> None:
    assert whole_tables(raw, partial, STATEMENTS[name]) == []


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_the_exceptions_are_needed(raw: Any, partial: set[str], name: str) -> None:
    assert whole_tables(raw, partial, STATEMENTS[name])


def test_the_check_sees_a_whole_table(raw: Any, partial: set[str]) -> None:
    assert whole_tables(raw, partial, "SELECT * FROM orders o WHERE o.city = :city")
    assert whole_tables(raw, partial, "UPDATE scan SET voided_by = '' WHERE raw = :raw")
    assert not whole_tables(raw, partial, "SELECT * FROM carrier c WHERE c.name = :name")


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("orders.NEXT_TO_RELEASE", "orders_to_release"),
        ("orders.WAKE_WAITING", "order_line_product"),
        ("orders.COUNTS", "orders_live"),
        ("picks.NEXT_OPEN", "pick_list_open"),
        ("picks.STOP", "pick_task_walk"),
        ("parcels.NEXT_TO_PACK", "order_line_to_pack"),
        ("parcels.PACK_QUEUE", "orders_to_pack"),
        ("parcels.TAKE_JOB", "print_job_queue"),
        ("parcels.SETTLE_JOBS", "print_job_sending"),
        ("parcels.UNLABELLED", "parcel_unlabelled"),
        ("parcels.TO_LOAD", "parcel_to_load"),
        ("journal.LAST_UNDOABLE", "scan_undoable"),
        ("customers.BY_EMAIL", "orders_email"),
        ("customers.BY_PHONE", "orders_phone"),
        ("customers.BY_POSTCODE", "orders_postcode"),
        ("customers.BY_TRACKING", "shipment_tracking"),
        ("customers.BY_TRACKING", "return_tracking"),
        ("customers.BY_RETURN", "return_any_rma"),
        ("customers.SOLD", "orders_placed"),
        ("customers.NUMBERED", "orders_reference"),
        ("stock.TO_REVERSE", "stock_move_gesture"),
        ("site.FREE_TOTE", "location_kind"),
        ("pickups.OF_DAYS", "pickup_day"),
        ("pickups.UNDECIDED", "pickup_open"),
        ("pickups.VISITS", "pickup_visit_day"),
        ("pickups.WAITING", "parcel_to_load"),
        ("pickups.UNSCANNED", "parcel_to_load"),
        ("tracking.UNDER_WAY", "shipment_to_ask"),
        ("tracking.FIND", "shipment_tracking"),
        ("shipments.BY_TRACKING", "shipment_tracking"),
        ("shipments.INSIDE_PACKED", "parcel_unlabelled"),
        ("shipments.TO_LABEL", "parcel_unlabelled"),
        ("parcels.JOBS_WAIT", "print_job_queue"),
        ("tracking.TO_FOLLOW_UP", "orders_to_follow_up"),
        ("tracking.LATE", "orders_late"),
        ("feedback.SENT", "outbox_remote"),
        ("feedback.RECENT", "feedback_at"),
        ("refunds.OPEN", "refund_open"),
        ("refunds.REPLACED_BY", "orders_replaces"),
        ("refunds.REPLACEMENT", "orders_replacement"),
    ],
)
def test_the_index_that_is_there_for_it_is_used(raw: Any, name: str, index: str) -> None:
    assert any(f"INDEX {index}" in step for step in plan(raw, STATEMENTS[name]))


def test_urgent_work_comes_without_sorting(raw: Any) -> None:
    for name in ("orders.NEXT_TO_RELEASE", "picks.NEXT_OPEN", "parcels.PACK_QUEUE"):
        assert not any("TEMP B-TREE" in step for step in plan(raw, STATEMENTS[name]))
