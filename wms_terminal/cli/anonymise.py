"""`wms-terminal anonymise`: customers are forgotten, as the law asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, existing

if TYPE_CHECKING:
    from wms_terminal.domain.orders import Order

MOST = 20
"""Orders that are named of those that stay."""


@click.command()
@click.option("--order", "number", metavar="NUMBER", type=WORDS, help="The customer of one order.")
@click.option(
    "--older-than",
    "days",
    metavar="DAYS",
    type=click.IntRange(1, 36500),
    help="Customers of all closed orders with which nothing has happened for so many days.",
)
@click.option("--yes", is_flag=True, help="Do it; without this it is only said what would be done.")
@click.pass_context
def anonymise(ctx: click.Context, number: str | None, days: int | None, yes: bool) -> None:
    """Remove names, addresses, mails, notes, papers and labels of customers for good.

    Lines, quantities, money, countries and times stay. Orders that are open, or of which a
    return, a refund or a message is open, stay as they are. Backups are not touched: let them
    grow old as well.
    """
    from wms_terminal.services import anonymise as service
    from wms_terminal.services.floor import utc_now

    if (number is None) == (days is None):
        raise click.UsageError("Expected --order NUMBER or --older-than DAYS.")
    with existing(ctx.obj["store"]) as store:
        if number is not None:
            found = service.one(store, number, utc_now, really=yes)
            forgotten = int(found)
            if not found:
                click.echo(f"The customer of order {number} was forgotten before.")
        else:
            assert days is not None
            kept: list[str] = []

            def tell(order: Order, why: str) -> None:
                kept.append(f"Order {order.number} stays as it is: {why}.")

            counts = service.older(store, days, utc_now, tell, really=yes)
            forgotten = counts["forgotten"]
            for line in kept[:MOST]:
                click.echo(line)
            if len(kept) > MOST:
                click.echo(f"… and {len(kept) - MOST} more stay.")
        orders = f"{forgotten} order{'' if forgotten == 1 else 's'}"
        if not yes:
            click.echo(f"{orders} would lose their customer. Nothing was changed; do it: --yes")
            return
        if forgotten:
            click.echo("Rewriting the store, so that nothing is left in its free space.")
        # Also when nothing was left to forget: the last one may have been stopped before this.
        store.rewrite()
        click.echo(f"{orders} lost their customer.")
