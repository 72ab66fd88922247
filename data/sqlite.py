"""Everything that is SQLite's own: connecting, locking, migrating, and its errors in our words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from data import MEMORY
from data.connection import Connection, Memo, Row
from data.gate import Gate
from data.migrations import STEPS, Execute
from wms_terminal.ports.store import StoreConflict, StoreError

OLDEST = (3, 51, 3)
"""Older versions can corrupt a WAL file that several processes write (sqlite.org/wal.html)."""

BUSY_SECONDS = 5
MIGRATION_SECONDS = 60.0
"""How long whoever starts waits for others that make the store or bring it up to date."""
CLOSING_SECONDS = 1.0
"""How long closing waits for its turn: a stopped program must not keep others from leaving."""
LOG_BYTES = 16 * 2**20
"""A write-ahead log that has grown beyond this is written back as a whole and begun anew."""
READERS_MILLISECONDS = 100
"""How long that waits for whoever is reading; a longer reader puts it off."""
STATEMENTS = 512
"""Prepared statements that are kept, enough for all there are."""

_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    # A commit is on the disk before the operator hears that it is: NORMAL loses scans.
    "PRAGMA synchronous = FULL",
    # A read error on a mapped file kills the process, on an unmapped one it is an error.
    "PRAGMA mmap_size = 0",
    # A log that a long reader made grow shrinks again when it is begun anew.
    f"PRAGMA journal_size_limit = {LOG_BYTES}",
)

_MIGRATION_SET = "wms-terminal"

_ERRORS = (dbapi2.Error, UnicodeDecodeError)
"""What a statement raises; text that is none is what is left of a page that was damaged."""


class Sqlite(Connection):
    """A connection to one SQLite file, or to a store in memory when there is no gate."""

    def __init__(self, raw: dbapi2.Connection, gate: Gate | None, log: Path | None = None) -> None:
        self._raw = raw
        self._gate = gate
        self._log, self._log_limit = log, LOG_BYTES
        self._writing = False
        self._commits = 0
        self._memo = Memo()
        self._closed = False

    def all(self, sql: str, /, **params: object) -> list[Row]:
        """Every row, fetched at once: an unfinished statement would keep its snapshot."""
        if not self._raw.in_transaction:
            raise StoreError("Expected to be inside `with store.read()` or `write()`.")
        return self._memo.rows(sql, params, self._fetch)

    def expect(self, reads: Iterable[Callable[[], object]]) -> None:
        """Nothing: no answer has a way to travel."""

    def run(self, sql: str, /, **params: object) -> int:
        """How many rows the statement changed."""
        if not self._writing:
            raise StoreError("Expected to be inside `with store.write()`.")
        self._memo.written(sql)
        try:
            count: int = self._raw.execute(sql, params).rowcount
        except _ERRORS as error:
            raise translated(error) from error
        return count

    def load(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Fill an empty table; references are checked when all is committed."""
        self.run("PRAGMA defer_foreign_keys = ON")
        marks = ", ".join("?" * len(columns))
        try:
            self._raw.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows
            )
        except dbapi2.Error as error:
            raise translated(error) from error

    def begin(self, *, writing: bool) -> None:
        """Begin a transaction; one that writes passes the gate and takes the write lock first."""
        if not writing:
            self._execute("BEGIN")
            return
        if self._gate is not None:
            self._gate.enter()
        try:
            self._execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave()
            raise
        self._writing = True

    def commit(self) -> None:
        """Commit, or roll back and say why it could not be committed."""
        try:
            self._execute("COMMIT")
            self._commits += self._writing
        except BaseException:
            self.rollback()
            raise
        try:
            if self._writing and self._log is not None:
                self._shorten(self._log)
        finally:
            self._end()

    def rollback(self) -> None:
        """Undo the transaction, which a full disk or an I/O error may have done already."""
        try:
            if self._raw.in_transaction:
                self._execute("ROLLBACK")
        finally:
            self._end()

    def changes(self) -> int:
        """Others' commits, which SQLite counts, and our own, which it leaves out."""
        return int(self._execute("PRAGMA data_version")[0][0]) + self._commits

    def rewrite(self) -> None:
        """Make the file anew from its rows, and empty the log: what was deleted stays in both."""
        if self._gate is not None:
            self._gate.enter()
        try:
            self._execute("VACUUM")
            ((busy, _, _),) = self._execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            self._leave()
        if busy:
            raise StoreError(
                "Somebody was reading, so that the write-ahead log still holds what was deleted. "
                "Try again, or close every terminal: the last one to close empties it."
            )

    def schema_version(self) -> int:
        """How many migrations the store has."""
        return int(self._execute("PRAGMA user_version")[0][0])

    def damage(self) -> list[str]:
        """What SQLite's own checks find."""
        broken = [str(row[0]) for row in self._execute("PRAGMA quick_check(20)")]
        found = [] if broken == ["ok"] else broken
        for table, row_id, parent, _ in self._execute("PRAGMA foreign_key_check")[:20]:
            found.append(f"{table} row {row_id} refers to a {parent} that is not there")
        return found

    def close(self) -> None:
        """Close. The last one out writes the log back, so that takes its turn as well."""
        if self._closed:
            return
        self._closed = True
        if self._gate is None:
            self._raw.close()
            return
        try:
            self._gate.enter(CLOSING_SECONDS)
        except StoreError:
            # Whoever is inside is connected as well, so that we are not the last one out.
            self._raw.close()
        else:
            self._raw.close()
            self._gate.leave()
        self._gate.close()

    def copy(self, path: str) -> None:
        """Write what this transaction sees into a new file, in one go.

        Raises:
            StoreError: it could not be written.
        """
        if not self._raw.in_transaction:
            raise StoreError("Expected to be inside `with store.read()` or `write()`.")
        target = dbapi2.connect(path)
        try:
            self._raw.backup(target)
        except dbapi2.Error as error:
            raise translated(error, path) from error
        finally:
            target.close()

    def _shorten(self, log: Path) -> None:
        """Write a long log back, inside our turn.

        SQLite does so by itself every 1000 pages, but begins the log anew only at a moment when
        nobody reads, which never comes when many do.
        """
        with suppress(OSError, dbapi2.Error):
            size = log.stat().st_size
            if size < self._log_limit:
                return
            self._raw.execute(f"PRAGMA busy_timeout = {READERS_MILLISECONDS}")
            try:
                ((busy, _, _),) = self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                self._raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
            self._log_limit = max(LOG_BYTES, 2 * size) if busy else LOG_BYTES

    def _fetch(self, sql: str, params: dict[str, object]) -> list[Row]:
        try:
            rows: list[Row] = self._raw.execute(sql, params).fetchall()
        except _ERRORS as error:
            raise translated(error) from error
        return rows

    def _execute(self, sql: str) -> list[Row]:
        try:
            rows: list[Row] = self._raw.execute(sql).fetchall()
        except _ERRORS as error:
            raise translated(error) from error
        return rows

    def _end(self) -> None:
        self._memo.clear()
        if self._writing:
            self._writing = False
            self._leave()

    def _leave(self) -> None:
        if self._gate is not None:
            self._gate.leave()


def connect(path: str, name: str = "") -> Sqlite:
    """Open a store, and bring its schema up to date; `name` is said to whoever waits for us.

    Raises:
        StoreError: it cannot be opened; the text says why and what to do.
    """
    if dbapi2.sqlite_version_info < OLDEST:
        raise StoreError(
            f"Expected SQLite {'.'.join(map(str, OLDEST))} or newer, got {dbapi2.sqlite_version}, "
            "which can corrupt a store that several terminals write. "
            "Install one: pip install 'pysqlite3>=0.6.1'."
        )
    if path == MEMORY:
        gate = None
    else:
        path = str(Path(path).resolve())
        gate = Gate(gate_of(path), name)
    with ExitStack() as unless_open:
        if gate is not None:
            unless_open.callback(gate.close)
        try:
            raw = dbapi2.connect(
                path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=STATEMENTS
            )
            unless_open.callback(raw.close)
            for pragma in _PRAGMAS:
                raw.execute(pragma)
            if gate is not None:
                _write_ahead(raw, gate)
            _migrate(raw, gate)
        except _ERRORS as error:
            raise translated(error, path) from error
        unless_open.pop_all()
    return Sqlite(raw, gate, None if gate is None else Path(f"{path}-wal"))


def gate_of(path: str) -> str:
    """The file of the gate of a store, the same for a link and its target."""
    return f"{Path(path).resolve()}-gate"


def _write_ahead(raw: dbapi2.Connection, gate: Gate) -> None:
    """Readers never wait for writers."""
    if raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    with gate.turn(MIGRATION_SECONDS):
        mode = raw.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError(
            f"Expected a store that can keep a write-ahead log, got journal mode {mode}. "
            "Keep it on this host's own disk, in a folder that this user may write to."
        )


def _migrate(raw: dbapi2.Connection, gate: Gate | None) -> None:
    """Apply the steps that are missing, all or none, however many terminals start at once."""
    if _is_current(raw):
        return
    if gate is None:
        _apply(raw)
        return
    with gate.turn(MIGRATION_SECONDS):
        # Looked at first: what a step needs takes long to import, and all others wait meanwhile.
        if not _is_current(raw):
            _apply(raw)


def _is_current(raw: dbapi2.Connection) -> bool:
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise StoreError(
            f"Expected a store of schema {len(STEPS)} or older, got schema {version}: "
            "a newer wms-terminal has used it. Update this one."
        )
    return bool(version == len(STEPS))


def _apply(raw: dbapi2.Connection) -> None:
    # 110 ms to import, so only when there is something to migrate.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    def execute(sql: str) -> None:
        raw.execute(sql.replace("{id}", "INTEGER PRIMARY KEY").replace("{strict}", "STRICT"))

    def named(step: Callable[[Execute], None]) -> Callable[[Database], None]:
        return lambda database: step(execute)

    raw.execute("BEGIN IMMEDIATE")
    try:
        if not _is_current(raw):
            _must_be_ours(raw)
            migrations = Migrations(_MIGRATION_SET)
            for step in STEPS:
                migrations(name=step.__name__)(named(step))
            migrations.apply(Database(raw, recursive_triggers=False, execute_plugins=False))
            raw.execute(f"PRAGMA user_version = {len(STEPS)}")
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def _must_be_ours(raw: dbapi2.Connection) -> None:
    """A new file, or an older schema of ours: never somebody else's database."""
    version = raw.execute("PRAGMA user_version").fetchone()[0]
    tables = raw.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    if version == 0 and tables:
        raise StoreError(
            f"Expected a store or a new file, got a database with {tables} tables of another "
            "program. Choose another path."
        )


_ADVICE: dict[int, str] = {
    dbapi2.SQLITE_BUSY: "Somebody has kept the store locked for {seconds} seconds. Try again; if "
    "it stays, end the program that is stopped.",
    dbapi2.SQLITE_LOCKED: "The store is locked from within. Try again; if it stays, restart the "
    "terminal.",
    dbapi2.SQLITE_FULL: "The disk is full. Free some space, then scan again: nothing was changed.",
    dbapi2.SQLITE_READONLY: "The store cannot be written. Let this user write to the file and its "
    "folder.",
    dbapi2.SQLITE_CORRUPT: "The store is damaged. Stop every terminal, keep a copy of the file, "
    "and restore the last backup.",
    dbapi2.SQLITE_NOTADB: "The file is no store. Choose another path, or restore the last backup.",
    dbapi2.SQLITE_IOERR: "The disk could not be read or written. Check the disk, then try again.",
    dbapi2.SQLITE_CANTOPEN: "The store cannot be opened. Check that its folder exists and that "
    "this user may write there.",
}


def translated(error: Any, path: str = "") -> StoreError:
    """An error of SQLite's in the store's words."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, dbapi2.IntegrityError):
        return StoreConflict(str(error))
    if isinstance(error, UnicodeDecodeError):
        code = dbapi2.SQLITE_CORRUPT
    advice = _ADVICE.get(code & 0xFF) if code is not None else None
    where = f" ({path})" if path else ""
    if advice is None:
        return StoreError(f"The store refused{where}: {error}")
    return StoreError(f"{advice.format(seconds=BUSY_SECONDS)}{where} [{error}]")
