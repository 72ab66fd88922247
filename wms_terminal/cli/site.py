"""`wms-terminal site`: a site's own files into the store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import ConfigError, database, made

if TYPE_CHECKING:
    from wms_terminal.ports.store import Store


@click.group()
def site() -> None:
    """Set a site up, and change it later with the same commands."""


@site.command(short_help="Load a site's file, or a demo site.")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--locations",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Locations and totes, as CSV or JSON. They are loaded first.",
)
@click.option("--demo", is_flag=True, help="A demo site instead, with stock for every product.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="With --demo: where its files go. Default: the folder `site` beside the store.",
)
@click.pass_context
def init(
    ctx: click.Context,
    file: Path | None,
    locations: Path | None,
    demo: bool,
    folder: Path | None,
) -> None:
    """Load FILE.toml: departments, operators, stations, cartons, carriers (docs/site.md).

    A file with a fault changes nothing. The same files twice change nothing.
    """
    if demo and (file or locations):
        raise click.UsageError("Expected --demo or files of your own, got both.")
    if folder and not demo:
        raise click.UsageError("Expected --folder together with --demo.")
    if not demo and file is None and locations is None:
        raise click.UsageError("Expected FILE.toml, --locations FILE.csv or --demo.")
    from wms_terminal.ports.store import StoreError

    url = ctx.obj["store"]
    folder = folder or default_folder(url)
    try:
        counts = set_up_demo(url, folder) if demo else set_up_files(url, file, locations)
    except StoreError as error:
        raise ConfigError(str(error)) from error
    show(counts)
    if demo:
        click.echo(f"The demo site's files are in {folder.absolute()}")
        if not any(name.startswith("products") for name in counts):
            click.echo("There are no products yet: import them, then repeat this for their stock.")


def set_up_demo(store_url: str, folder: Path) -> Counter[str]:
    """Write the demo site's files where they are missing, load them, put products away.

    Raises:
        ConfigError: a file cannot be written, or somebody changed it for the worse.
        StoreError: the store cannot be opened or does not fit the files.
    """
    from wms_terminal.demo_site import LOCATIONS_FILE, SITE_FILE, write_demo_site

    try:
        write_demo_site(folder)
    except OSError as error:
        raise ConfigError(f"Cannot write to {folder}: {error.strerror or error}.") from error
    counts = set_up_files(store_url, folder / SITE_FILE, folder / LOCATIONS_FILE)
    with made(store_url) as store:
        counts.update(put_away(store))
    return counts


def set_up_files(store_url: str, file: Path | None, locations: Path | None) -> Counter[str]:
    """Read both files to their end, then load them, locations first.

    Raises:
        ConfigError: at the first fault of a file; nothing is changed then.
        StoreError: the store cannot be opened or does not fit the files.
    """
    from data.files import FileError, Report, open_reader
    from data.files.site_file import read_site
    from wms_terminal.services import set_up, take_in

    counts: Counter[str] = Counter()
    try:
        setup = read_site(file) if file else None
        reader = open_reader("locations", locations, _format(locations)) if locations else None
        if reader is not None:
            reader.check()
        with made(store_url) as store:
            if reader is not None:
                records = reader.records(Report())
                found = take_in.locations(store, records)  # type: ignore[arg-type]
                counts.update({f"locations {name}": count for name, count in found.items()})
            if setup is not None:
                counts.update(set_up.apply(store, setup))
    except FileError as error:
        raise ConfigError(str(error)) from error
    return counts


def put_away(store: Store) -> Counter[str]:
    """Give every product that has no stock at all its places of the demo site."""
    from wms_terminal.demo_site import demo_stock
    from wms_terminal.services import take_in
    from wms_terminal.services.floor import utc_now

    with store.read() as tx:
        products = list(tx.site.products())
        stocked = {product.sku for product in products if tx.stock.of_product(product.id)}
    records = (record for record in demo_stock(products) if record.sku not in stocked)
    found = take_in.stock(store, records, utc_now, lambda kind, what: None)
    counts = Counter({f"stock {name}": count for name, count in found.items()})
    counts["products put away"] = len(products) - len(stocked)
    counts["products with stock already"] = len(stocked)
    return +counts


def show(counts: Mapping[str, int]) -> None:
    """Print counts, one per line."""
    from rich.console import Console

    console = Console(markup=False, highlight=False, soft_wrap=True)
    for name, count in counts.items():
        console.print(f"{count:>9,}  {name.replace('_', ' ')}")


def default_folder(store_url: str) -> Path:
    """The folder `site` beside the store, or in the working directory when it has no file."""
    return (database(store_url) or Path("store")).parent / "site"


def _format(path: Path) -> str:
    return "json" if ".json" in (suffix.lower() for suffix in path.suffixes) else "csv"
