"""Whether a live store is as it must be: every invariant, checked from the rows themselves.

Each check is one query for what is wrong, so that a sound store answers with no rows at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.connection import Connection
from data.doctor_checks import CHECKS, Check
from data.migrations import STEPS
from data.store import Transaction
from wms_terminal.ports.store import StoreError, Tx

MOST = 20
"""Findings per check that are spelled out; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be."""

    check: str
    """Stable name of the check."""
    what: str
    """What was expected, what is there, and what to do."""


def examine(tx: Tx) -> list[Finding]:
    """Everything that is not as it must be, in a transaction that sees one moment's store."""
    connection = connection_of(tx)
    connection.take_time()
    findings = [Finding("integrity", f"{text}. {_DAMAGED}") for text in connection.damage()]
    version = connection.schema_version()
    if version != len(STEPS):
        findings.append(
            Finding(
                "schema",
                f"Expected a store of schema {len(STEPS)}, found {version}. "
                "Restart every terminal, so that all run the same version.",
            )
        )
    for check in CHECKS:
        findings.extend(_run(connection, check))
    return findings


def totals(tx: Tx) -> dict[str, int]:
    """What became of everything that was ordered, in units."""
    connection = connection_of(tx)
    connection.take_time()
    row = connection.one("""
        SELECT SUM(ordered), SUM(cancelled), SUM(allocated), SUM(picked), SUM(packed),
            SUM(shipped), SUM(returned), SUM(ordered - cancelled - shipped)
        FROM order_line""")
    moved = connection.scalar("""
        SELECT SUM(CASE WHEN to_id = 2 THEN quantity ELSE -quantity END)
        FROM stock_move WHERE to_id = 2 OR from_id = 2""")
    names = (
        "ordered",
        "cancelled",
        "allocated",
        "picked",
        "packed",
        "shipped",
        "returned",
        "short",
        "moved_to_customer",
    )
    return {name: int(value or 0) for name, value in zip(names, (*(row or ()), moved), strict=True)}


_DAMAGED = (
    "Keep a copy of the store. If no other finding explains it, stop every terminal and restore "
    "the last backup."
)


def connection_of(tx: Tx) -> Connection:
    """The connection underneath a transaction of an SQL store."""
    if not isinstance(tx, Transaction):
        raise StoreError(f"Expected a transaction of an SQL store, got {type(tx).__name__}.")
    return tx.connection


def _run(connection: Connection, check: Check) -> Iterator[Finding]:
    rows = connection.all(check.sql)
    for row in rows[:MOST]:
        yield Finding(check.name, check.what.format(*row))
    if len(rows) > MOST:
        yield Finding(check.name, f"… and {len(rows) - MOST} more like these.")
