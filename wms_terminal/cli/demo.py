"""`wms-terminal demo`: a real day of a real shop, on a store of its own, with simulated devices."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from wms_terminal.cli.common import ConfigError


@click.command()
@click.option(
    "--folder",
    default="demo-site",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the demo's store, site files, labels and slips go. Those of an earlier demo there "
    "are replaced.",
)
@click.option("--keep", is_flag=True, help="Go on with the demo's store instead of a fresh one.")
@click.option("--run", "run_day", is_flag=True, help="Run the day at once, also on a terminal.")
def demo(folder: Path, keep: bool, run_day: bool) -> None:
    """Import a day of orders; on a terminal, open it; without one, run it and tell its story.

    --store is not used: the demo has a store of its own.
    """
    from wms_terminal import demo_day

    folder = folder.absolute()
    database = folder / "demo.db"
    store_url = f"sqlite:///{database}"
    if not keep or not database.exists():
        try:
            with demo_day.order_book() as book:
                demo_day.prepare(folder, store_url, book, datetime.now(UTC).date().isoformat())
        except OSError as error:
            why = error.strerror or error
            raise ConfigError(f"Cannot write to {error.filename or folder}: {why}.") from error
    if sys.stdin.isatty() and sys.stdout.isatty() and not run_day:
        from wms_terminal.app import WmsApp

        click.echo(demo_day.HINT.format(store=store_url))
        app = WmsApp(store_url, None)
        app.run(mouse=False)
        sys.exit(app.return_code or 0)
    sys.exit(demo_day.run(folder, store_url))
