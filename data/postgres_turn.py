"""Whose turn it is to write to a store on PostgreSQL, and who is having it."""

from __future__ import annotations

import psycopg

from data.connection import Row
from data.gate import Holder

_KEY = 7796340162849
TURN = f"SELECT pg_advisory_xact_lock({_KEY})"
"""Waits for one's turn to write, which ends with the transaction: the server hands it on in the
order of asking, and takes it back from whoever dies."""

IDLE_SECONDS = 5
"""How long a program that stands still in the middle of a write may keep others waiting."""

_HOLDER = f"""
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
    AND (l.classid, l.objid) = ({_KEY >> 32}, {_KEY & 0xFFFFFFFF})
    AND a.datname = current_database()"""
_WHO = f"""
SELECT concat_ws(' ', NULLIF(a.application_name, ''), host(a.client_addr)), a.pid,
    COALESCE(EXTRACT(EPOCH FROM clock_timestamp() - a.state_change), 0)::float {_HOLDER}""".encode()
_EVICT = f"""
SELECT pg_terminate_backend(a.pid) {_HOLDER} AND a.state LIKE 'idle in transaction%'
    AND clock_timestamp() - a.state_change > make_interval(secs => $1)""".encode()


def holder(raw: psycopg.Connection[Row]) -> Holder | None:
    """Who is having a turn, and how long it has stood still or been at one statement."""
    row = raw.execute(_WHO, prepare=False).fetchone()
    return None if row is None else Holder(*row)


def evict(raw: psycopg.Connection[Row]) -> bool:
    """End the turn of a program that stands still; whether there was one.

    The server does so by itself, but not when the program was stopped right behind a pipeline:
    the driver's last message there switches that clock off.
    """
    try:
        return bool(raw.execute(_EVICT, (float(IDLE_SECONDS),), prepare=False).fetchall())
    except psycopg.errors.InsufficientPrivilege:
        return False
