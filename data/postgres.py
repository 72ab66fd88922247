"""Everything that is PostgreSQL's own: connecting, turns to write, and its errors in our words.

One station writes at a time, as on SQLite: what a transaction has read stays true until it
commits, so that the same services are right on both engines. Readers wait for nobody.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

import psycopg
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8Dumper

from data.connection import Connection, Memo, Row
from data.gate import Holder
from data.postgres_schema import CHANNEL, migrate, version
from data.postgres_turn import IDLE_SECONDS, TURN, evict, holder
from wms_terminal.ports.store import StoreConflict, StoreError

Raw = psycopg.Connection[Row]

# What it warns of is raised as well, and a line on stderr would fall onto the screen.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

LOCK_SECONDS = 10
"""How long a writer waits for its turn before it says that somebody is in the way."""
STATEMENT_SECONDS = 60
READING_SECONDS = 600
"""How long a reader may stand still: it keeps nobody waiting, only old rows from being swept."""
PATIENCE_SECONDS = 2.0
"""How long a server that went away is tried for, ever more slowly, before that is said."""
STATEMENTS = 512
"""Prepared statements that are kept, enough for all there are."""

_DEFAULTS: dict[str, object] = {
    "connect_timeout": 3,
    # Of several hosts the one that can be written, so that a fail-over is a reconnect.
    "target_session_attrs": "read-write",
    # A server that is gone without a word is noticed within ten seconds.
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 6_000,
}
_OPTIONS = {
    "statement_timeout": f"{STATEMENT_SECONDS}s",
    "lock_timeout": f"{LOCK_SECONDS}s",
    "idle_in_transaction_session_timeout": f"{READING_SECONDS}s",
    # What is used every day is in memory: an index is chosen however old the store has grown.
    "random_page_cost": "1.1",
    # The same the other way round: the server lets a vanished terminal go.
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}

_WRITE = (
    "BEGIN ISOLATION LEVEL READ COMMITTED;SET LOCAL synchronous_commit = off;"
    f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';{TURN}"
).encode()
_READ = b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_KEEP = (f"NOTIFY {CHANNEL}".encode(), b"COMMIT")
_FLUSH = b"SELECT pg_logical_emit_message(true, 'wms', '')"
"""A commit of its own, whose end is that of the log: all before it is on the disk by then.

The commit before it does not wait for the disk, so that the next one's turn begins at once, and
many wait for the disk together. Nothing is answered before this one is done.
"""
_LISTEN = f"LISTEN {CHANNEL}".encode()

# What is off would lose acknowledged scans in a power cut; stronger settings stay as they are.
_GREET = b"""
SELECT current_setting('server_encoding'),
    has_function_privilege('pg_logical_emit_message(boolean, text, text)', 'execute'),
    set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
        ELSE current_setting('synchronous_commit') END, false)"""

_TABLES = b"""
SELECT c.oid::regclass::text FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1"""
_KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = c.confkey[1]
WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
ORDER BY 1, 2"""
_UNCHECKED = """
SELECT 'constraint ' || conname || ' was never checked' FROM pg_constraint
WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
UNION ALL
SELECT 'index ' || c.relname || ' is not complete' FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT checksum_failures || ' pages could not be read as they were written'
FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0"""


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    params: dict[str, object]
    otherwise: str = ""
    """What is wrong when it does not change exactly one row; empty where that does not matter."""

    def query(self) -> tuple[bytes, list[object]]:
        """As the driver takes it."""
        query, names = numbered(self.sql)
        return query, [_storable(self.params[name]) for name in names]


class _Noted(Exception):
    """A read was noted down and is not made."""


class Postgres(Connection):
    """A connection to one PostgreSQL database, made anew when the server went away."""

    def __init__(self, raw: Raw, info: dict[str, Any]) -> None:
        self._raw = raw
        self._cursor = raw.cursor()
        self._info = info
        self._kind = ""
        """The kind of the open transaction."""
        self._memo = Memo()
        self._expected: list[_Statement] | None = None
        """What is noted down instead of being read, while it is said what comes next."""
        self._later: list[_Statement] = []
        """Said together with the next statement that is waited for."""
        self._wrote = False
        """Whether the open transaction has written anything."""
        self._unsure = False
        """Whether a commit was asked for of which nobody knows that it is on the disk."""
        self._commits = 0
        self._listens = False
        self._closed = False

    def all(self, sql: str, /, **params: object) -> list[Row]:
        """Every row."""
        if not self._kind:
            raise StoreError("Expected to be inside `with store.read()` or `write()`.")
        if self._expected is not None:
            self._expected.append(_Statement(sql, params))
            raise _Noted
        return self._memo.rows(sql, params, self._fetch)

    def expect(self, reads: Iterable[Callable[[], object]]) -> None:
        """Fetch what is read next in one go; what is known already is not fetched again."""
        noted: list[_Statement] = []
        self._expected = noted
        try:
            for read in reads:
                with suppress(_Noted):
                    read()
        finally:
            self._expected = None
        fresh = [item for item in noted if self._memo.known(item.sql, item.params) is None]
        if len(fresh) > 1:
            for statement, cursor in zip(fresh, self._converse(*fresh), strict=True):
                self._memo.learn(statement.sql, statement.params, cursor.fetchall())

    def run(self, sql: str, /, **params: object) -> int:
        """How many rows the statement changed."""
        self._writes(sql)
        return self._execute(sql, params).rowcount

    def do(self, sql: str, /, **params: object) -> None:
        """Run a statement that says nothing back, on the way of the next one that does."""
        self._writes(sql)
        self._later.append(_Statement(sql, params))

    def change(self, sql: str, otherwise: str, /, **params: object) -> None:
        """Change exactly one row; whether it was one is looked at with the next answer."""
        self._writes(sql)
        self._later.append(_Statement(sql, params, otherwise))

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Fill an empty table in one statement, after which its references are checked."""
        self._writes(f"COPY {table}")
        if self._later:
            self._converse()
        self.take_time()
        try:
            names = ", ".join(columns)
            with self._cursor.copy(f"COPY {table} ({names}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row([_storable(value) for value in row])
            if "id" in columns:
                self._number(table)
            self._say(f"ANALYZE {table}".encode())
        except psycopg.Error as error:
            raise translated(error) from error

    def take_time(self) -> None:
        """No statement of this transaction is ended for taking long; each has room to sort in."""
        try:
            self._say(b"SET LOCAL statement_timeout = 0;SET LOCAL work_mem = '256MB'")
        except psycopg.Error as error:
            raise translated(error) from error

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction; one that writes waits for its turn, first come, first served.

        A connection that was lost meanwhile is made anew, because nothing was begun on it.
        Whoever stands still in its own turn loses it.
        """
        deadline, pause = time.monotonic() + PATIENCE_SECONDS, 0.05
        while not self._kind:
            try:
                self._reach()
                self._say(_WRITE if writing else _READ)
                self._kind = "write" if writing else "read"
            except psycopg.errors.LockNotAvailable as error:
                self.rollback()
                self._make_way(error)
            except psycopg.Error as error:
                if not self._raw.closed or time.monotonic() > deadline:
                    self.rollback()
                    raise translated(error) from error
                time.sleep(pause)
                pause *= 2
            except BaseException:
                self.rollback()
                raise

    def commit(self) -> None:
        """Commit, or roll back and say why it could not be committed.

        When the server is lost on the way, nobody knows which of the two it was.
        """
        writing = self._kind == "write"
        keep: tuple[bytes, ...] = _KEEP if writing else (b"COMMIT",)
        try:
            if any(statement.otherwise for statement in self._later):
                self._converse()
            if self._wrote or (writing and self._unsure):
                keep = (*_KEEP, _FLUSH)
                self._unsure = True
            if self._later:
                self._converse(*keep)
            else:
                self._say(b";".join(keep))
            if writing:
                self._unsure = False
        except psycopg.Error as error:
            self.rollback()
            raise translated(error) from error
        except BaseException:
            self.rollback()
            raise
        self._commits += writing
        self._end()

    def rollback(self) -> None:
        """Undo the transaction, which the server does itself when it has lost us."""
        try:
            if self._raw.info.transaction_status != TransactionStatus.IDLE:
                self._say(b"ROLLBACK")
        except psycopg.Error:
            self._raw.close()
        finally:
            self._end()

    def changes(self) -> int:
        """Commits heard of so far, others' and our own; the server tells without being asked."""
        try:
            if not self._kind:
                self._reach()
            if not self._listens:
                self._say(_LISTEN)
                self._listens = True
                # Nobody told us what was committed before.
                self._commits += 1
            own = self._raw.info.backend_pid
            self._commits += sum(note.pid != own for note in self._raw.notifies(timeout=0))
        except psycopg.Error as error:
            raise translated(error) from error
        return self._commits

    def rewrite(self) -> None:
        """Write each table anew, one after the other; who needs it waits as long.

        The server's own log and its archive still hold what was deleted, until they are recycled.
        """
        if self._kind:
            raise StoreError("Expected to be between two transactions.")
        try:
            self._reach()
            self._say(b"SET statement_timeout = 0")
            for (table,) in self._raw.execute(_TABLES, prepare=False).fetchall():
                self._say(f"VACUUM (FULL) {table}".encode())
            self._say(f"SET statement_timeout = '{STATEMENT_SECONDS}s'".encode())
        except psycopg.Error as error:
            # The next one who asks gets a connection with its time-outs.
            self._raw.close()
            raise translated(error) from error

    def schema_version(self) -> int:
        """How many migrations the store has."""
        try:
            return version(self._raw)
        except psycopg.Error as error:
            raise translated(error) from error

    def damage(self) -> list[str]:
        """What the server's own books say, and references to rows that are not there."""
        found = [str(row[0]) for row in self.all(_UNCHECKED)]
        for table, column, parent, key in self.all(_KEYS):
            rows = self.all(
                f"SELECT DISTINCT t.{column} FROM {table} t WHERE t.{column} IS NOT NULL"
                f" AND NOT EXISTS (SELECT 1 FROM {parent} p WHERE p.{key} = t.{column}) LIMIT 20"
            )
            found += [f"{table} refers to {parent} {row[0]}, which is not there" for row in rows]
        return found

    def close(self) -> None:
        """Close; what was not committed is undone."""
        self._closed = True
        self._raw.close()

    def _number(self, table: str) -> None:
        """Go on after the highest id, in this transaction: setval() could not be undone."""
        ((highest,),) = self._fetch(f"SELECT COALESCE(MAX(id), 0) FROM {table}", {})
        self._say(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH {highest + 1}".encode())

    def _make_way(self, error: psycopg.Error) -> None:
        """End the turn that was waited for in vain, when its program stands still."""
        try:
            keeper, made = holder(self._raw), evict(self._raw)
        except psycopg.Error as trouble:
            raise translated(trouble) from trouble
        if not made:
            raise _kept(keeper, error) from error

    def _reach(self) -> None:
        """Connect again, when the connection was lost."""
        if self._closed:
            raise StoreError("Expected an open store, got one that was closed.")
        if self._raw.closed:
            self._raw = _connect(self._info)
            self._cursor = self._raw.cursor()
            self._listens = False

    def _fetch(self, sql: str, params: dict[str, object]) -> list[Row]:
        cursor = self._execute(sql, params)
        return cursor.fetchall() if cursor.description else []

    def _execute(self, sql: str, params: dict[str, object]) -> psycopg.Cursor[Row]:
        if self._later:
            return self._converse(_Statement(sql, params))[-1]
        try:
            return self._cursor.execute(*_Statement(sql, params).query())
        except psycopg.Error as error:
            raise translated(error) from error

    def _converse(self, *more: _Statement | bytes) -> list[psycopg.Cursor[Row]]:
        """Say what was left for later, and more, in one go; the cursors of what is more."""
        later, self._later = self._later, []
        try:
            with self._raw.pipeline():
                cursors = [self._raw.execute(*statement.query()) for statement in later]
                for statement in more:
                    if isinstance(statement, bytes):
                        cursors.append(self._raw.execute(statement, prepare=False))
                    else:
                        cursors.append(self._raw.execute(*statement.query()))
        except psycopg.Error as error:
            raise translated(error) from error
        for statement, cursor in zip(later, cursors, strict=False):
            if statement.otherwise and cursor.rowcount != 1:
                raise StoreConflict(statement.otherwise)
        return cursors[len(later) :]

    def _writes(self, sql: str) -> None:
        if self._kind != "write":
            raise StoreError("Expected to be inside `with store.write()`.")
        self._wrote = True
        self._memo.written(sql)

    def _say(self, sql: bytes) -> None:
        """Statements without parameters, in one go."""
        self._raw.execute(sql, prepare=False)

    def _end(self) -> None:
        self._memo.clear()
        self._later.clear()
        self._kind = ""
        self._wrote = False


def connect(url: str, name: str = "") -> Postgres:
    """Open a store, and bring its schema up to date; `name` is said to whoever waits for us.

    Raises:
        StoreError: it cannot be opened; the text says why and what to do.
    """
    info = _info(url, name)
    with ExitStack() as unless_open:
        try:
            raw = _connect(info)
            unless_open.callback(raw.close)
            migrate(raw)
        except psycopg.Error as error:
            raise translated(error) from error
        unless_open.pop_all()
    return Postgres(raw, info)


def keeper(url: str) -> Holder | None:
    """Who is writing to the store at `url` just now, asked on a connection of its own."""
    try:
        with closing(_connect(_info(url, "") | {"connect_timeout": 2})) as raw:
            return holder(raw)
    except (psycopg.Error, StoreError):
        return None


def _info(url: str, name: str) -> dict[str, Any]:
    """What to connect with."""
    try:
        given = conninfo_to_dict(url)
    except psycopg.Error:
        # Without what libpq says: it quotes the URL, and with it the password.
        raise StoreError(
            "Expected a store URL like postgresql://user@host/wms, got one that PostgreSQL cannot "
            "read. Write special characters as %40 and the like, and parameters as its "
            "documentation has them."
        ) from None
    options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
    own = {"application_name": f"wms-terminal {name}".strip()}
    both = {"options": f"{options} {given.get('options', '')}".strip()}
    return _DEFAULTS | own | given | both


class _Whole(Loader):
    """Sums come as NUMERIC; the store knows whole numbers only."""

    def load(self, data: Any) -> int:
        return int(bytes(data))


def _connect(info: dict[str, Any]) -> Raw:
    raw: Raw = psycopg.connect(
        "",
        autocommit=True,
        prepare_threshold=0,
        cursor_factory=psycopg.RawCursor,
        client_encoding="utf8",
        **info,
    )
    raw.prepared_max = STATEMENTS
    # One type whatever the value, so that a statement is prepared once.
    raw.adapters.register_dumper(int, Int8Dumper)
    raw.adapters.register_loader("numeric", _Whole)
    with ExitStack() as unless_greeted:
        unless_greeted.callback(raw.close)
        ((encoding, flushes, _),) = raw.execute(_GREET).fetchall()
        if encoding != "UTF8":
            raise StoreError(
                f"Expected a database in UTF8, got one in {encoding}, which cannot keep every "
                "name. Make another: createdb --encoding=UTF8 --template=template0 NAME"
            )
        if not flushes:
            raise StoreError(
                "Expected to be allowed to call pg_logical_emit_message(boolean, text, text), "
                "with which a commit waits for the disk. Let a superuser grant execute on it."
            )
        unless_greeted.pop_all()
    return raw


_TOKEN = re.compile(
    r"""'[^']*' | "[^"]*" | --[^\n]* | :: | :([A-Za-z_]\w*)""",
    re.VERBOSE,
)


@cache
def numbered(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement with `:name` as `$1`, and the names in the order of their numbers."""
    places: dict[str, str] = {}

    def place(token: re.Match[str]) -> str:
        name = token[1]
        return token[0] if name is None else places.setdefault(name, f"${len(places) + 1}")

    return _TOKEN.sub(place, sql).encode(), tuple(places)


def _storable(value: object) -> object:
    """A value as PostgreSQL takes it: text without NUL, which no code and no name has."""
    return value.replace("\0", "\\x00") if isinstance(value, str) and "\0" in value else value


_AGAIN = "Everything was undone. Try again."
_ADVICE: dict[str, str] = {
    "08": "The store's server cannot be reached. Check the server, the network and the store's "
    "URL.",
    "40": f"Somebody else was in the way. {_AGAIN}",
    "53100": "The server's disk is full. Free some space, then scan again: nothing was changed.",
    "53200": f"The server has run out of memory. {_AGAIN}",
    "55P03": f"The store was too busy to write to for {LOCK_SECONDS} s. Try again.",
    "57014": f"The store took longer than {STATEMENT_SECONDS} seconds. {_AGAIN}",
    "57P": "The store's server is stopping or starting. Try again in a moment.",
    "25006": "The store cannot be written: it was opened for reading, or its server is a copy.",
    "25P03": f"This program stood still for more than {IDLE_SECONDS} seconds while others waited. "
    f"{_AGAIN}",
    "42501": "This user may not do that in the database. Let the user own it: "
    "ALTER DATABASE name OWNER TO user",
    "58": "The server's disk could not be read or written. Check the disk, then try again.",
    "XX00": "The store is damaged. Stop every terminal and restore the last backup.",
}
"""By the beginning of SQLSTATE, the longest that fits."""


def _kept(keeper: Holder | None, error: psycopg.Error) -> StoreError:
    """Nobody's turn lasts that long, unless its program was stopped or its server hangs."""
    if keeper is None:
        return translated(error)
    return StoreError(
        f"The store has been kept for {LOCK_SECONDS} s by {keeper}. If that is stopped, let it go "
        "on or end it: only what it has not finished is undone."
    )


_KEY = re.compile(r"Key \(([^)]+)\)=")
"""The columns whose values are taken, or name a row that is not there."""


def translated(error: psycopg.Error) -> StoreError:
    """An error of PostgreSQL's in the store's words."""
    text = _text(error)
    if isinstance(error, psycopg.IntegrityError | psycopg.DataError):
        key = _KEY.match(error.diag.message_detail or "")
        return StoreConflict(f"{error.diag.table_name}.{key[1]}: {text}" if key else text)
    state = error.sqlstate or ("08" if isinstance(error, psycopg.OperationalError) else "")
    for length in (5, 4, 3, 2):
        if advice := _ADVICE.get(state[:length]):
            return StoreError(f"{advice} [{text}]")
    return StoreError(f"The store refused: {text}")


def _text(error: psycopg.Error) -> str:
    """What the server says, without the rows that it quotes."""
    with suppress(AttributeError):
        if error.diag.message_primary:
            return error.diag.message_primary
    return " ".join(str(error).split())
