"""`wms-terminal order`: where an order stands, and what may be done about it from a desk."""

from __future__ import annotations

import json

import click


@click.command()
@click.argument("number")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.option("--hold", metavar="REASON", help="Stop it, for a reason that everybody sees.")
@click.option("--unhold", is_flag=True, help="Let it move again.")
@click.option("--expedite", is_flag=True, help="Put it before all others.")
@click.option("--paid", is_flag=True, help="Its payment was accepted.")
@click.option("--cancel", is_flag=True, help="Cancel it, as long as nobody works on it.")
@click.pass_context
def order(
    ctx: click.Context,
    number: str,
    as_json: bool,
    language: str,
    hold: str | None,
    unhold: bool,
    expedite: bool,
    paid: bool,
    cancel: bool,
) -> None:
    """Print an order's state, why it is not moving, and its whole timeline."""
    from data import open_store
    from wms_terminal.domain.promise import stamp
    from wms_terminal.domain.text import Text
    from wms_terminal.services import desk
    from wms_terminal.services.floor import utc_now
    from wms_terminal.services.lookup import order_view
    from wms_terminal.texts import translator

    store = open_store(ctx.obj["store"])
    translate = translator(language)

    def say(text: Text | str) -> str:
        return text.render(translate) if isinstance(text, Text) else text

    try:
        with store.write() as tx:
            if hold:
                desk.hold(tx, number, hold, stamp(utc_now()))
            if unhold:
                desk.hold(tx, number, "", stamp(utc_now()))
            if expedite:
                desk.expedite(tx, number, stamp(utc_now()))
            if paid:
                desk.accept_payment(tx, number, stamp(utc_now()))
            if cancel:
                desk.cancel(tx, number, stamp(utc_now()))
        with store.read() as tx:
            found = desk.find(tx, number)
            view = order_view(tx, found, stamp(utc_now()))
            events = tx.orders.events(found.id)
    finally:
        store.close()
    assert view.table is not None
    if as_json:
        data = {
            "order": found.number,
            "channel": found.channel,
            "reference": found.reference,
            "state": found.state.value,
            "payment": found.payment,
            "hold": found.hold,
            "promised_on": found.promised_on,
            "ship_by": found.ship_by,
            "latest_start": found.latest_start,
            "facts": {say(label): say(value) for label, value in view.facts},
            "timeline": [
                {
                    "at": event.at,
                    "kind": event.kind,
                    "what": say(Text.from_json(json.loads(event.text))),
                    "operator": event.operator,
                    "station": event.station,
                }
                for event in events
            ],
        }
        click.echo(json.dumps(data, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    from screens.clean import clean

    console = Console()
    console.print(Plain(clean(say(view.title)), style="bold"))
    for label, value in view.facts:
        console.print(Plain(f"{clean(say(label))}: {clean(say(value))}"))
    table = Table(*(say(column) for column in view.table.columns))
    for row in view.table.rows:
        table.add_row(*(Plain(clean(say(cell))) for cell in row))
    console.print(table)
