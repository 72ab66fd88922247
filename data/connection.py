"""What a room needs from a database, and how rows become values."""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

from wms_terminal.ports.store import StoreConflict, StoreError

Row = tuple[Any, ...]
T = TypeVar("T")


class Connection(ABC):
    """One connection to one engine. Parameters are named: `:name` in SQL, `name=` here."""

    @abstractmethod
    def all(self, sql: str, /, **params: object) -> list[Row]:
        """Every row."""

    @abstractmethod
    def expect(self, reads: Iterable[Callable[[], object]]) -> None:
        """These are read next: the first statement of each, where answers come from far, at once.

        It answers nothing and changes nothing but how long the reads take.
        """

    @abstractmethod
    def run(self, sql: str, /, **params: object) -> int:
        """How many rows the statement changed."""

    def do(self, sql: str, /, **params: object) -> None:
        """Run a statement that says nothing back.

        What goes wrong with it is raised here or later, at the latest by `commit`.
        """
        self.run(sql, **params)

    def one(self, sql: str, /, **params: object) -> Row | None:
        """The first row."""
        rows = self.all(sql, **params)
        return rows[0] if rows else None

    def scalar(self, sql: str, /, **params: object) -> Any:
        """The first value of the first row."""
        rows = self.all(sql, **params)
        return rows[0][0] if rows else None

    def change(self, sql: str, otherwise: str, /, **params: object) -> None:
        """Change exactly one row, or raise a StoreConflict that says `otherwise`.

        It is raised here or later, at the latest by `commit`, as with `do`.
        """
        if self.run(sql, **params) != 1:
            raise StoreConflict(otherwise)

    @abstractmethod
    def load(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Fill an empty table with rows that have their ids; the next one is numbered after them.

        Rows may refer to rows of the same table that come later.
        """

    def take_time(self) -> None:
        """What else this transaction asks may take long: it looks at all there ever was."""
        return

    @abstractmethod
    def begin(self, *, writing: bool) -> None:
        """Begin a transaction; one that writes waits for its turn."""

    @abstractmethod
    def commit(self) -> None:
        """Make the transaction last, or undo it and raise a StoreError."""

    @abstractmethod
    def rollback(self) -> None:
        """Undo the transaction."""

    @abstractmethod
    def changes(self) -> int:
        """A number that differs once anybody has committed something."""

    @abstractmethod
    def rewrite(self) -> None:
        """Write the files anew, without what was deleted; between two transactions only."""

    @abstractmethod
    def schema_version(self) -> int:
        """How many migrations the store has."""

    @abstractmethod
    def damage(self) -> list[str]:
        """What the engine itself finds wrong with its files and references."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the store."""


FEW = 1000
"""Rows of an answer that is remembered until the transaction writes or ends."""

_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)")
_WRITES = ("INSERT", "UPDATE", "DELETE")


class Memo:
    """What a transaction has read, as long as it has not written to a table that it came from.

    Nobody else can change it meanwhile. There are no triggers, and no row is deleted with another.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[int, list[Row]]] = {}
        self._writes = 0
        self._written: dict[str, int] = {}
        """By table, its last write; what was read before that is of no use."""

    def rows(
        self,
        sql: str,
        params: dict[str, object],
        fetch: Callable[[str, dict[str, object]], list[Row]],
    ) -> list[Row]:
        """The rows of a query, fetched unless they are known."""
        known = self.known(sql, params)
        if known is not None:
            return known
        rows = fetch(sql, params)
        self.learn(sql, params, rows)
        return rows

    def known(self, sql: str, params: dict[str, object]) -> list[Row] | None:
        """The rows of a query that was read before and still is of use."""
        known = self._known.get((sql, *params.items()))
        return None if known is None or self._is_stale(sql, known[0]) else known[1]

    def learn(self, sql: str, params: dict[str, object], rows: list[Row]) -> None:
        """Remember what a query has read, if it was one."""
        if _kind(sql) != "SELECT":
            self.written(sql)
        elif len(rows) <= FEW:
            self._known[(sql, *params.items())] = (self._writes, rows)

    def written(self, sql: str) -> None:
        """What was read from the table that a statement writes to is of no use any more."""
        if _kind(sql) not in _WRITES:
            self._known.clear()
        elif self._known:
            self._writes += 1
            self._written[_tables(sql)[0]] = self._writes

    def clear(self) -> None:
        """Forget all, because the transaction has ended."""
        self._known.clear()
        self._written.clear()

    def _is_stale(self, sql: str, read: int) -> bool:
        return any(self._written.get(table, 0) > read for table in _tables(sql))


@cache
def _kind(sql: str) -> str:
    return sql.lstrip()[:6].upper()


@cache
def _tables(sql: str) -> tuple[str, ...]:
    """The tables that a statement names; the one it writes to comes first."""
    return tuple(_TABLE.findall(sql))


def found(row: Row | None, what: str, ref: object) -> Row:
    """The row, which has to be there.

    Raises:
        StoreError: it is not.
    """
    if row is None:
        raise StoreError(f"Expected {what} {ref!r}, which the store does not have.")
    return row


class Shape(Generic[T]):
    """How rows become values of a frozen dataclass, field by field.

    `columns` is the select list. A field is the column of that name of `alias`, unless it is
    named in `elsewhere`: then it is that expression or, when the field is a dataclass itself,
    the columns of that alias.
    """

    def __init__(self, record: type[T], alias: str, **elsewhere: str) -> None:
        self.names: tuple[str, ...]
        self._record = record
        self._convert: list[tuple[int, int, Callable[..., object]]] = []
        columns: list[str] = []
        names = vars(sys.modules[record.__module__])
        for field in fields(record):  # type: ignore[arg-type]  # T is a dataclass by contract
            start = len(columns)
            # Looked up, not evaluated: typing.get_type_hints takes 10 ms for all the shapes.
            hint = bool if field.type == "bool" else names.get(str(field.type))
            if is_dataclass(hint) and isinstance(hint, type):
                inner = Shape(hint, elsewhere.get(field.name, alias))
                columns.extend(inner.names)
                self._convert.append((start, len(columns), inner))
            else:
                columns.append(elsewhere.get(field.name, f"{alias}.{field.name}"))
                if isinstance(hint, type) and issubclass(hint, (bool, StrEnum)):
                    self._convert.append((start, start + 1, _single(hint)))
        # From the right, because an inner value makes what follows it move to the left.
        self._convert.reverse()
        self.names = tuple(columns)
        self.columns = ", ".join(columns)

    def __call__(self, row: Row) -> T:
        """The value that a row holds."""
        if not self._convert:
            return self._record(*row)
        values = list(row)
        for start, stop, convert in self._convert:
            values[start:stop] = [convert(values[start:stop])]
        return self._record(*values)

    def maybe(self, row: Row | None) -> T | None:
        """The same, where there may be no row."""
        return None if row is None else self(row)

    def each(self, rows: list[Row]) -> list[T]:
        """The same, for every row."""
        return [self(row) for row in rows]


def _single(convert: type) -> Callable[[list[object]], object]:
    def converted(values: list[object]) -> object:
        try:
            return convert(values[0])
        except ValueError as error:
            raise StoreError(
                f"The store is damaged: {error}. Stop every terminal, keep a copy of the file, and "
                "restore the last backup."
            ) from error

    return converted
