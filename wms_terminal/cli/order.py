"""`wms-terminal order`: where an order stands, and what may be done about it from a desk."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.domain.orders import Order
    from wms_terminal.domain.text import Text
    from wms_terminal.ports.store import Tx
    from wms_terminal.services.step import View

PIPE_WIDTH = 160
"""Columns of the timeline where there is no terminal to fit it into."""


@click.command()
@click.argument("number", type=WORDS)
@click.option("--json", "as_json", is_flag=True, help="As JSON; times are in UTC.")
@click.option("--customer", is_flag=True, help="With the customer's name and place.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.option(
    "--hold", metavar="REASON", type=WORDS, help="Stop it, for a reason that everybody sees."
)
@click.option("--unhold", is_flag=True, help="Let it move again.")
@click.option("--expedite", is_flag=True, help="Put it before all others.")
@click.option("--paid", is_flag=True, help="Its payment was accepted.")
@click.option(
    "--cancel",
    is_flag=True,
    help="Cancel it; what was taken of it is put back at the returns desk.",
)
@click.pass_context
def order(
    ctx: click.Context,
    number: str,
    as_json: bool,
    customer: bool,
    language: str,
    hold: str | None,
    unhold: bool,
    expedite: bool,
    paid: bool,
    cancel: bool,
) -> None:
    """Print an order's state, why it is not moving, and its whole timeline.

    Changes are made first, all or none. What the order's state does not allow is refused with
    exit code 1.
    """
    from wms_terminal.domain.promise import stamp
    from wms_terminal.domain.text import Text
    from wms_terminal.services import desk
    from wms_terminal.services.floor import utc_now
    from wms_terminal.services.lookup import order_view
    from wms_terminal.texts import translator

    if hold is not None and not hold.strip():
        raise click.UsageError("Expected a reason with --hold, got none. To end one: --unhold")
    if hold is not None and unhold:
        raise click.UsageError("Expected --hold or --unhold, got both.")
    if cancel and (hold is not None or unhold or expedite or paid):
        raise click.UsageError("Expected --cancel alone, got it with another change.")
    translate = translator(language)

    def say(text: Text | str) -> str:
        return text.render(translate) if isinstance(text, Text) else text

    with existing(ctx.obj["store"]) as store:
        at = stamp(utc_now())
        # Looking must not wait for the floor, nor the floor for it.
        if hold is not None or unhold or expedite or paid or cancel:
            with store.write() as tx:
                if hold is not None:
                    desk.hold(tx, number, hold, at)
                if unhold:
                    desk.hold(tx, number, "", at)
                if expedite:
                    desk.expedite(tx, number, at)
                if paid:
                    desk.accept_payment(tx, number, at)
                if cancel:
                    desk.cancel(tx, number, at)
        with store.read() as tx:
            found = desk.find(tx, number)
            view = order_view(tx, found, at, customer=customer)
            data = _data(tx, found, view, say, customer) if as_json else None
    if data is not None:
        say_json(data)
    else:
        _print(view, say)


def _data(
    tx: Tx, found: Order, view: View, say: Callable[[Text | str], str], customer: bool
) -> dict[str, object]:
    from wms_terminal.services import privacy

    return {
        "order": found.number,
        "channel": found.channel,
        "reference": found.reference,
        "state": found.state.value,
        "payment": found.payment,
        "hold": found.hold,
        "expedite": found.expedite,
        "promised_on": found.promised_on,
        "ship_by": found.ship_by,
        "latest_start": found.latest_start,
        "facts": {say(label): say(value) for label, value in view.facts},
        "lines": [
            {
                "sku": line.sku,
                "name": line.name,
                "ordered": line.ordered,
                "cancelled": line.cancelled,
                "picked": line.picked,
                "packed": line.packed,
                "shipped": line.shipped,
            }
            for line in tx.orders.lines(found.id)
        ],
        "parcels": [
            {"number": parcel.number, "state": parcel.state.value, "sscc": parcel.sscc}
            for parcel in tx.parcels.of_order(found.id)
        ],
        "timeline": [
            {
                "at": event.at,
                "kind": event.kind,
                "what": say(privacy.told(event, customer)),
                "operator": event.operator,
                "station": event.station,
            }
            for event in tx.orders.events(found.id)
        ],
    }


def _print(view: View, say: Callable[[Text | str], str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    from screens.clean import clean

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    console.print(Plain(clean(say(view.title)), style="bold"))
    for label, value in view.facts:
        console.print(Plain(f"{clean(say(label))}: {clean(say(value))}"))
    assert view.table is not None
    table = Table(*(say(column) for column in view.table.columns))
    for row in view.table.rows:
        table.add_row(*(Plain(clean(say(cell))) for cell in row))
    console.print(table)
