"""`wms-terminal customs`: the papers of an order that leaves the customs union, as PDF."""

from __future__ import annotations

from pathlib import Path

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing


@click.command()
@click.argument("number", metavar="ORDER", type=WORDS)
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="FILE", help="Default: customs-ORDER.pdf."
)
@click.pass_context
def customs(ctx: click.Context, number: str, out: Path | None) -> None:
    """Write CN23 and commercial invoice of every closed parcel of ORDER to a PDF for A4.

    They say what is known of the products now, so that papers with a gap can be written again
    once the product was imported complete. What is still missing is said on standard error.
    """
    from zoneinfo import ZoneInfo

    from devices.documents.customs import customs_papers
    from devices.printers.file_printer import safe_name
    from screens.clean import clean
    from wms_terminal.services import desk
    from wms_terminal.services.customs import for_order, gaps_of
    from wms_terminal.services.floor import utc_now

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
        order = desk.find(tx, number)
        papers = for_order(tx, order, utc_now().astimezone(zone).date().isoformat())
    path = out or Path(f"customs-{safe_name(order.number)}.pdf")
    try:
        path.write_bytes(customs_papers(*papers))
    except OSError as error:
        raise ConfigError(f"Cannot write {path}: {error.strerror or error}.") from error
    click.echo(f"{path}: papers of {len(papers)} {'parcel' if len(papers) == 1 else 'parcels'}")
    for parcel in papers:
        if gaps := gaps_of(parcel):
            click.echo(clean(f"Missing in {parcel.number}: {gaps}"), err=True)
