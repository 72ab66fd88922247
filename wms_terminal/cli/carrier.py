"""`wms-terminal carrier`: what a carrier that is booked offers for an order."""

from __future__ import annotations

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing, say_json


@click.command()
@click.argument("code", type=WORDS)
@click.argument("number", metavar="ORDER", type=WORDS)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def carrier(ctx: click.Context, code: str, number: str, as_json: bool) -> None:
    """Ask carrier CODE what it offers for ORDER, and at what price.

    The codes are those that `option` of a service in the site file may be. Nothing is booked.
    """
    from dataclasses import asdict

    from screens.clean import clean
    from wms_terminal.domain.money import decimal_text
    from wms_terminal.integrations.carriers import open_carrier
    from wms_terminal.integrations.secrets import open_secrets
    from wms_terminal.ports.carrier import CarrierAway, CarrierRefused
    from wms_terminal.services import desk
    from wms_terminal.services.book import inquiry

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        booked = {item.code: item for item in tx.shipments.carriers()}
        asked = inquiry(tx, desk.find(tx, number))
    if code not in booked:
        raise ConfigError(
            f"Expected a carrier that is booked ({', '.join(booked) or 'there is none'}), "
            f"got {code!r}. Give it a kind in the site file: docs/carriers.md"
        )
    secret = open_secrets()
    try:
        opened = open_carrier(booked[code], lambda name: secret(f"{code}-{name}"), {})
    except ValueError as error:
        raise ConfigError(str(error)) from error
    try:
        offers = opened.options(asked)
    except (CarrierAway, CarrierRefused) as error:
        raise click.ClickException(clean(str(error)) or f"{code} does not answer.") from error
    finally:
        opened.close()
    if as_json:
        say_json([asdict(offer) for offer in offers])
        return
    for offer in offers:
        price = "no price"
        if offer.price is not None:
            price = f"{decimal_text(offer.price, offer.currency)} {offer.currency}"
        click.echo(clean(f"{offer.code}: {offer.name}, {offer.carrier}, {price}"))
    if not offers:
        click.echo("It offers nothing for this order.")
