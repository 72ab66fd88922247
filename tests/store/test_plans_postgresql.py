"""The same on PostgreSQL: no statement of the scan path reads all of a table that grows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.postgres import Server
from tests.store.test_plans import SMALL, STATEMENTS, WHOLE

MUCH = """
INSERT INTO notice (at, department, text, done_at)
SELECT '2026-03-03', 'picking', '', '2026-03-03' FROM generate_series(1, 20000)"""
"""Of what is sorted by its id, so that reading all of it in that order is not cheapest."""


@pytest.fixture(scope="module")
def raw(postgresql: Server) -> Iterator[psycopg.Connection[Any]]:
    """A connection that reads whole tables only where there is no other way."""
    name = postgresql.new()
    with psycopg.connect(postgresql.url(name), autocommit=True) as connection:
        connection.execute(MUCH)
        connection.execute("ANALYZE notice")
        connection.execute("SET enable_seqscan = off")
        yield connection
    postgresql.drop(name)


def partial(raw: psycopg.Connection[Any]) -> set[str]:
    """Partial indexes, which are as short as the work at hand."""
    rows = raw.execute("SELECT indexname FROM pg_indexes WHERE indexdef LIKE '% WHERE %'")
    return {row[0] for row in rows}


def whole_tables(raw: psycopg.Connection[Any], sql: str) -> list[str]:
    """Tables that grow and of which a statement reads all rows, or all of an index."""
    return read_whole(raw, re.sub(r"(?<!:):\w+", "'1'", sql))


def read_whole(raw: psycopg.Connection[Any], statement: str) -> list[str]:
    """The same of a statement without parameters."""
    short, found = partial(raw), []
    rows = raw.execute(f"EXPLAIN (FORMAT JSON) {statement}".encode()).fetchall()
    (plan,) = rows[0]
    tables: dict[str, str] = dict(
        raw.execute("SELECT indexname, tablename FROM pg_indexes").fetchall()
    )
    for node in _nodes(plan[0]["Plan"]):
        table = node.get("Relation Name") or tables.get(node.get("Index Name", ""), "")
        if not table or table in SMALL:
            continue
        if node["Node Type"] == "Seq Scan":
            found.append(table)
        index = node.get("Index Name", "")
        if index and "Index Cond" not in node and index not in short:
            found.append(f"{table} by {index}")
    return found


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


@pytest.mark.parametrize("name", sorted(STATEMENTS.keys() - WHOLE.keys()))
def test_no_statement_reads_a_whole_table_that_grows(
    raw: psycopg.Connection[Any], name: str
) -> None:
    assert whole_tables(raw, STATEMENTS[name]) == []


def test_the_check_sees_a_whole_table(raw: psycopg.Connection[Any]) -> None:
    assert whole_tables(raw, "SELECT * FROM orders o WHERE o.city = :city") == ["orders"]
    assert whole_tables(raw, "SELECT city FROM orders o ORDER BY id") == ["orders by orders_pkey"]
    assert whole_tables(raw, "UPDATE scan SET voided_by = '' WHERE raw = :raw") == ["scan"]
    assert not whole_tables(raw, "SELECT * FROM carrier c WHERE c.name = :name")
