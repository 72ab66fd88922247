"""`wms-terminal import`: files into the store, checked whole before anything changes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import ConfigError, existing

if TYPE_CHECKING:
    from rich.progress import Progress

    from data.files import Reader
    from wms_terminal.ports.store import Store

KINDS = ("orders", "products", "locations", "stock")

_REPORT_HEAD = b"line,kind,what"
_NOTED = ("skipped", "changed_", "kept_")
"""How the counts begin whose rows are in the report."""


@click.command(name="import")
@click.argument("kind", type=click.Choice(KINDS), metavar="KIND")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_",
    default="csv",
    show_default=True,
    help="csv, json, or online-retail (see docs/formats.md).",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="online-retail: only the orders of this day.",
)
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="online-retail, with --day: as if that day were this one.",
)
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.csv",
    help="Where every skipped or changed row is listed. Default: FILE-KIND-import-report.csv in "
    "the folder you are in. An earlier report is replaced, any other file is not.",
)
@click.pass_context
def take_in(
    ctx: click.Context,
    kind: str,
    file: Path,
    format_: str,
    day: object,
    today: object,
    report_path: Path | None,
) -> None:
    """Import KIND (orders, products, locations or stock) from FILE.

    The file is read once to the end before anything is written: a broken one changes nothing and
    says line and column. Importing the same file twice changes nothing, so an import that was
    stopped is simply begun again.
    """
    from data.files import FileError, open_reader

    if today and not day:
        raise click.UsageError("Expected --day together with --today.")
    options = {
        name: f"{value:%Y-%m-%d}" for name, value in (("day", day), ("today", today)) if value
    }
    try:
        reader = open_reader(kind, file, format_, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    path = report_path or Path(f"{file.name.split('.')[0]}-{kind}-import-report.csv")
    with existing(ctx.obj["store"]) as store:
        try:
            counts = load(store, kind, reader, path)
        except FileError as error:
            raise click.ClickException(str(error)) from error
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>9,}  {name.replace('_', ' ')}")
    if not counts:
        click.echo(f"There are no {kind} in it.")
    if any(name.startswith(_NOTED) for name in counts):
        click.echo(f"Every one of those rows is listed in {path}")


def load(store: Store, kind: str, reader: Reader, report_path: Path) -> Counter[str]:
    """Check a file, then take it in with a progress bar; the counts by kind of result.

    Raises:
        FileError: at the first fault of the file; nothing is changed then.
        ConfigError: the report cannot be written, or orders have no service to go by.
    """
    from data.files import NoteFile, Report
    from wms_terminal.services import take_in as service
    from wms_terminal.services.floor import utc_now

    _must_be_report(report_path)
    if kind == "orders":
        _must_have_services(store)
    with _progress() as progress:
        reader.check(_advance(progress, "checking"))
        try:
            notes = NoteFile(report_path)
        except OSError as error:
            raise _unwritable(report_path, error.strerror) from error
        with notes:
            report = Report(notes)
            found = reader.records(report, _advance(progress, "importing"))

            def skip(name: str, what: str) -> None:
                report.note(0, name, what)

            counts: Counter[str]
            if kind == "products":
                counts = service.products(store, found)  # type: ignore[arg-type]
            elif kind == "locations":
                counts = service.locations(store, found)  # type: ignore[arg-type]
            elif kind == "stock":
                counts = service.stock(store, found, utc_now, skip)  # type: ignore[arg-type]
            else:
                counts = service.orders(store, found, utc_now, skip)  # type: ignore[arg-type]
    for name, count in report.counts.items():
        counts[name] = count
    return counts


def _must_be_report(path: Path) -> None:
    """Whatever else stands there, the import file itself perhaps, is not for us to replace.

    Raises:
        ConfigError: the report could not be written there, or something else would be lost.
    """
    try:
        if not path.exists():
            if not path.parent.is_dir():
                raise _unwritable(path, "There is no such folder")
            if not os.access(path.parent, os.W_OK):
                raise _unwritable(path, "Permission denied")
            return
        if not path.is_file():
            return
        with path.open("r+b") as file:
            head = file.read(len(_REPORT_HEAD))
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
    if head and head != _REPORT_HEAD:
        raise ConfigError(
            f"Expected an earlier import report at {path}, or nothing, got another file. Nothing "
            "was imported. Name another place with --report."
        )


def _unwritable(path: Path, why: str | None) -> ConfigError:
    return ConfigError(
        f"Cannot write the report {path}: {why}. Nothing was imported. "
        "Name another place with --report."
    )


def _must_have_services(store: Store) -> None:
    with store.read() as tx:
        if not tx.site.services():
            raise ConfigError(
                "Expected a carrier with a service before orders come in, got none. "
                "Set the site up first: wms-terminal site init"
            )


def _progress() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description:>10}"), BarColumn(), TaskProgressColumn())
    return Progress(*columns, console=Console(stderr=True))


def _advance(progress: Progress, name: str) -> Callable[[int, int], None]:
    task = progress.add_task(name, total=None)

    def update(done: int, total: int) -> None:
        progress.update(task, completed=done, total=total)

    return update
