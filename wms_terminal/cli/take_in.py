"""`wms-terminal import`: files into the store, checked whole before anything changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress

    from data.files import Reader


@click.command(name="import")
@click.argument("kind", type=click.Choice(["orders", "products", "locations", "stock"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "format_",
    default="csv",
    show_default=True,
    help="csv, json, or online-retail (see docs/formats.md).",
)
@click.option("--day", metavar="DATE", help="online-retail: only the orders of this day.")
@click.option("--today", metavar="DATE", help="online-retail: as if that day were this one.")
@click.option(
    "--report",
    "report_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where every skipped or changed row is listed. Default: FILE-import-report.csv in the "
    "folder you are in.",
)
@click.pass_context
def take_in(
    ctx: click.Context,
    kind: str,
    file: Path,
    format_: str,
    day: str | None,
    today: str | None,
    report_path: Path | None,
) -> None:
    """Import KIND from FILE.

    The file is read once to the end before anything is written: a broken one changes nothing and
    says line and column. Importing the same file twice changes nothing.
    """
    from data.files import FileError, open_reader

    options = {name: value for name, value in (("day", day), ("today", today)) if value}
    try:
        reader = open_reader(kind, file, format_, **options)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    path = report_path or Path(f"{file.name.split('.')[0]}-{kind}-import-report.csv")
    try:
        counts = load(ctx.obj["store"], kind, reader, path)
    except FileError as error:
        raise click.ClickException(str(error)) from error
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>9,}  {name.replace('_', ' ')}")
    if any(name.startswith(("skipped", "changed_", "kept_")) for name in counts):
        click.echo(f"Every one of those rows is listed in {path}")


def load(store_url: str, kind: str, reader: Reader, report_path: Path) -> Counter[str]:
    """Check a file, then take it in with a progress bar; the counts by kind of result."""
    from data import open_store
    from data.files import NoteFile, Report
    from wms_terminal.services import take_in as service
    from wms_terminal.services.floor import utc_now

    store = open_store(store_url)
    try:
        with _progress() as progress, ExitStack() as files:
            reader.check(_advance(progress, "checking"))
            notes = files.enter_context(NoteFile(report_path))
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
    finally:
        store.close()


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
