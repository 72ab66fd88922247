"""Import files: what is read, from which format, and how to start.

    reader = open_reader("orders", path, "online-retail", day="2011-08-30")
    reader.check(progress)
    with NoteFile(notes) as sink:
        for record in reader.records(Report(sink)):
            ...

`check` reads the whole file and changes nothing, so that an import either starts on a file that
can be read to its end or does not start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Protocol

from data.files import csv_format, json_format, online_retail
from data.files.fields import KINDS, Record
from data.files.report import FileError, Note, NoteFile, Report
from data.files.source import Progress
from wms_terminal.domain.records import OrderRecord

__all__ = [
    "FORMATS",
    "KINDS",
    "READERS",
    "FileError",
    "Note",
    "NoteFile",
    "Progress",
    "Reader",
    "Record",
    "Report",
    "open_reader",
    "read_orders",
]


class Reader(Protocol):
    """A file of one kind of record."""

    def check(self, progress: Progress | None = None) -> None:
        """Read and validate the whole file.

        Raises:
            FileError: at the first fault, with its line and column.
        """

    def records(self, report: Report, progress: Progress | None = None) -> Iterator[Record]:
        """The records, one at a time; what is skipped or changed goes to the report.

        Raises:
            FileError: when the file cannot be read.
        """


class _OwnFormat:
    """A file in a format of ours, which is either right or refused."""

    def __init__(self, module: ModuleType, kind: str, path: Path) -> None:
        self._module = module
        self._kind = kind
        self._path = path

    def check(self, progress: Progress | None = None) -> None:
        self._module.check(self._kind, self._path, progress)

    def records(self, report: Report, progress: Progress | None = None) -> Iterator[Record]:
        del report  # nothing in these formats is skipped or changed
        found: Iterator[Record] = self._module.read(self._kind, self._path, progress)
        return found


class _OrderBook:
    """The order book, with what its first pass learned."""

    def __init__(
        self, kind: str, path: Path, *, day: str | None = None, today: str | None = None
    ) -> None:
        self._kind = kind
        self._path = path
        self._day = day
        self._today = today
        self._survey: online_retail.Survey | None = None

    def check(self, progress: Progress | None = None) -> None:
        self._survey = online_retail.check(self._path, progress)

    def records(self, report: Report, progress: Progress | None = None) -> Iterator[Record]:
        if self._kind == "products":
            return online_retail.products(
                self._path, report, survey=self._survey, progress=progress
            )
        return online_retail.orders(
            self._path,
            report,
            day=self._day,
            today=self._today,
            survey=self._survey,
            progress=progress,
        )


def _own(module: ModuleType, kind: str) -> Callable[[Path], Reader]:
    return lambda path: _OwnFormat(module, kind, path)


def _book_orders(path: Path, *, day: str | None = None, today: str | None = None) -> Reader:
    return _OrderBook("orders", path, day=day, today=today)


def _book_products(path: Path) -> Reader:
    return _OrderBook("products", path)


READERS: Mapping[tuple[str, str], Callable[..., Reader]] = {
    **{("csv", kind): _own(csv_format, kind) for kind in KINDS},
    **{("json", kind): _own(json_format, kind) for kind in KINDS},
    ("online-retail", "orders"): _book_orders,
    ("online-retail", "products"): _book_products,
}
"""By format and kind: takes the path and the options of the format."""

FORMATS = tuple(dict.fromkeys(name for name, _ in READERS))
"""The names of the formats."""


def open_reader(kind: str, path: Path, format: str, **options: str | None) -> Reader:  # noqa: A002 - its name on the command line
    """The reader of a file.

    Args:
        kind: orders, products, locations or stock.
        path: The file, plain or gzip.
        format: csv, json or online-retail.
        options: Of the format: `day` and `today` for the orders of online-retail.

    Raises:
        ValueError: when there is no such format or kind, or the format has no such option.
    """
    make = READERS.get((format, kind))
    if make is None:
        raise ValueError(_no_reader(kind, format))
    try:
        return make(path, **options)
    except TypeError as error:
        names = ", ".join(sorted(options))
        raise ValueError(
            f"Expected options that {kind} in {format} have, got {names}. Leave them out."
        ) from error


def _no_reader(kind: str, name: str) -> str:
    if name not in FORMATS:
        near = get_close_matches(name, FORMATS, 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"Expected a format of {', '.join(FORMATS)}, got {name}.{hint}"
    kinds = [known for form, known in READERS if form == name]
    near = get_close_matches(kind, kinds, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Expected {' or '.join(kinds)} in {name}, got {kind}.{hint}"


def read_orders(path: Path, json_form: bool) -> list[OrderRecord]:
    """All orders of a file in one of our own formats, as a file drop wants them.

    Raises:
        ValueError: naming the place of the first fault; none of the file is good then.
    """
    module = json_format if json_form else csv_format
    try:
        module.check("orders", path)
        return list(module.read("orders", path))
    except FileError as error:
        raise ValueError(str(error)) from error
