"""Moving a whole site from one store to another, whatever engines they are on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from graphlib import TopologicalSorter
from hashlib import blake2b
from itertools import zip_longest

from data import MEMORY, open_store
from data.connection import Connection, Row
from data.doctor import connection_of, examine
from wms_terminal.ports.store import Store, StoreError

BATCH = 500
"""Rows that are held in memory at a time."""


class NotEmpty(StoreError):
    """The store to move into has a site of its own."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A table that was moved, and read back equal."""

    table: str
    rows: int
    checksum: str
    """Of all rows with all their columns, in the order of their keys; the same in both stores."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    """The columns of its primary key, by which its rows are ordered."""
    parents: tuple[str, ...]
    """Other tables whose rows its own refer to."""


def move(source: Store, target: Store, tell: Callable[[str], None]) -> list[Moved]:
    """Copy every row into an empty store, ids and all, and prove that both are equal.

    It is one transaction on the target: all of it, proof and doctor included, or nothing. `tell`
    hears what is being done.

    Raises:
        NotEmpty: the target has a site of its own.
        StoreError: somebody wrote to the source meanwhile, the stores are not equal, or the
            doctor finds something. The target is as it was.
    """
    before = source.changes()
    with closing(open_store(f"sqlite://{MEMORY}")) as new, new.read() as fresh:
        tables = _tables(fresh.connection)
        with target.write() as into:
            _must_be_empty(tables, fresh.connection, connection_of(into))
            with source.read() as origin:
                moved = _copy(tables, connection_of(origin), connection_of(into), tell)
            tell("Examining the new store")
            for finding in examine(into):
                raise StoreError(
                    f"Expected a healthy store, the doctor finds {finding.check}: {finding.what} "
                    "Nothing was moved. Run `wms-terminal doctor` on the store to move from."
                )
            if source.changes() != before:
                raise StoreError(
                    "Somebody wrote to the store that is moved. Nothing was moved. "
                    "Stop every terminal and try again."
                )
    return moved


def _copy(
    tables: list[_Table], origin: Connection, into: Connection, tell: Callable[[str], None]
) -> list[Moved]:
    for table in reversed(tables):
        into.run(f"DELETE FROM {table.name}")
    for table in tables:
        tell(f"Copying {table.name}")
        into.load(table.name, table.columns, _rows(origin, table))
    moved = []
    for table in tables:
        tell(f"Comparing {table.name}")
        moved.append(_equal(table, origin, into))
    return moved


def _must_be_empty(tables: list[_Table], fresh: Connection, target: Connection) -> None:
    """As a new store is: with the few rows that the schema itself brings."""
    for table in tables:
        for expected, found in zip_longest(_rows(fresh, table), _rows(target, table)):
            if found != expected:
                raise NotEmpty(
                    f"Expected an empty store to move into, got one with rows in {table.name}. "
                    "Name a new file, or make another database: createdb --encoding=UTF8 NAME"
                )


def _equal(table: _Table, origin: Connection, into: Connection) -> Moved:
    """Read a table back from both stores, side by side."""
    count, checksum = 0, blake2b(digest_size=8)
    for wanted, got in zip_longest(_rows(origin, table), _rows(into, table)):
        expected, found = _comparable(wanted), _comparable(got)
        if found != expected:
            raise StoreError(
                f"The stores are not equal. {_difference(table, expected, found)} "
                "Nothing was moved. Keep the old store and tell who maintains the program."
            )
        count += 1
        checksum.update(repr(found).encode())
    return Moved(table.name, count, checksum.hexdigest())


def _difference(table: _Table, expected: Row | None, found: Row | None) -> str:
    """The first column that differs, with as much of its values as one can read."""
    row = expected or found or ()
    names = dict(zip(table.columns, row, strict=True))
    where = f"{table.name} {', '.join(str(names[column]) for column in table.key)}"
    if expected is None:
        return f"{where}: expected no such row, found one."
    if found is None:
        return f"{where}: expected a row, found none."
    for column, one, other in zip(table.columns, expected, found, strict=True):
        if one != other:
            return f"{where}: expected {column} {one!r:.80}, found {other!r:.80}."
    return f"{where}: expected one row, found another."


def _comparable(row: Row | None) -> Row | None:
    """A row as PostgreSQL keeps it: NUL, which its text cannot hold, is written out there."""
    if row is None:
        return None
    return tuple(v.replace("\0", "\\x00") if isinstance(v, str) else v for v in row)


def _rows(connection: Connection, table: _Table) -> Iterator[Row]:
    """All rows in the order of their keys, which is the same on every engine."""
    columns, key = ", ".join(table.columns), ", ".join(table.key)
    names = [f"key_{number}" for number in range(len(table.key))]
    after = f"WHERE ({key}) > ({', '.join(f':{name}' for name in names)})"
    places = [table.columns.index(column) for column in table.key]
    where, last = "", dict[str, object]()
    while True:
        rows = connection.all(
            f"SELECT {columns} FROM {table.name} {where} ORDER BY {key} LIMIT {BATCH}", **last
        )
        yield from rows
        if len(rows) < BATCH:
            return
        where = after
        last = {name: rows[-1][place] for name, place in zip(names, places, strict=True)}


def _tables(fresh: Connection) -> list[_Table]:
    """The schema's tables, as SQLite has them; who is referred to comes first."""
    names = fresh.all(
        r"SELECT name FROM sqlite_master WHERE type = 'table' "
        r"AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE '\_%' ESCAPE '\' ORDER BY name"
    )
    tables = {name: _table(fresh, name) for (name,) in names}
    order = TopologicalSorter({table.name: table.parents for table in tables.values()})
    return [tables[name] for name in order.static_order()]


def _table(fresh: Connection, name: str) -> _Table:
    columns = fresh.all("SELECT name, pk FROM pragma_table_info(:name) ORDER BY cid", name=name)
    parents = fresh.all(
        'SELECT DISTINCT "table" FROM pragma_foreign_key_list(:name) WHERE "table" <> :name '
        "ORDER BY 1",
        name=name,
    )
    return _Table(
        name,
        tuple(column for column, _ in columns),
        tuple(column for column, place in sorted(columns, key=lambda row: row[1]) if place),
        tuple(parent for (parent,) in parents),
    )
