"""`wms-terminal mail`: what customers get by mail, and whether the mail server takes it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import OrderLine, ParcelState
from wms_terminal.ports.mail import (
    Mail,
    MailAway,
    MailContent,
    MailKind,
    MailLine,
    MailParcel,
    MailRefused,
)

if TYPE_CHECKING:
    from wms_terminal.integrations.mail import MailSettings
    from wms_terminal.ports.store import Tx

_NOBODY = "Your shop <orders@shop.example>"
"""The sender of a preview where the site has none yet."""


@click.group()
def mail() -> None:
    """Mails to customers (docs/mail.md)."""


@mail.command(short_help="Print a mail as a customer gets it.")
@click.argument("kind", type=click.Choice([kind.value for kind in MailKind]))
@click.option("--order", "number", type=WORDS, metavar="NUMBER", help="About this order.")
@click.option("--language", type=WORDS, help="Two letters. Default: the order's, else the site's.")
@click.option("--html", "as_html", is_flag=True, help="The HTML part, to look at in a browser.")
@click.pass_context
def preview(
    ctx: click.Context, kind: str, number: str | None, language: str | None, as_html: bool
) -> None:
    """Print a mail of this KIND, about an order or a made-up one. Nothing is sent."""
    from wms_terminal.services import desk

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        settings = _settings(tx)
        if number is None:
            content = made_up(MailKind(kind), tx.site.setting("language", "en"))
        else:
            content = about(tx, desk.find(tx, number).id, MailKind(kind))
    if language:
        content = replace(content, language=language)
    shown = _rendered(replace(settings, sender=settings.sender or _NOBODY), content)
    if as_html:
        click.echo(shown.html, nl=False)
        return
    for name, value in (("From", shown.sender), ("To", shown.to), ("Subject", shown.subject)):
        click.echo(f"{name}: {value}")
    for name, value in shown.headers.items():
        click.echo(f"{name}: {value}")
    click.echo(f"Message-ID: {shown.message_id}\n")
    click.echo(shown.text, nl=False)


@mail.command(short_help="Send a made-up mail to yourself.")
@click.argument("address", type=WORDS)
@click.pass_context
def test(ctx: click.Context, address: str) -> None:
    """Send a made-up mail to ADDRESS by the site's mail server, and print what that answers."""
    from wms_terminal.integrations.secrets import open_secrets

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        settings = _settings(tx)
        language = tx.site.setting("language", "en")
    if not settings.sender:
        raise ConfigError(
            "Expected the table [mail] in the site file (docs/site.md), found none. Add it and "
            "load the file again: wms-terminal site init FILE.toml"
        )
    content = replace(made_up(MailKind.SHIPPED, language), key=f"test:{uuid4()}", to=address)
    sent = _rendered(settings, content)
    try:
        mailer = settings.mailer(open_secrets())
    except ValueError as error:
        raise ConfigError(str(error)) from error
    try:
        answer = mailer.send(replace(sent, subject=f"[test] {sent.subject}"))
    except (MailAway, MailRefused) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"The mail server took it: {answer}")


def about(tx: Tx, order_id: int, kind: MailKind) -> MailContent:
    """A mail about an order of the store as it stands now; it may be about nothing yet."""
    order = tx.orders.get(order_id)
    lines = [
        MailLine(line.sku, line.name, units)
        for line in tx.orders.lines(order_id)
        if (units := _units(line, kind)) > 0
    ]
    carrier = tx.site.carrier(tx.site.service(order.service_id).carrier_id).name
    parcels = [
        MailParcel(
            carrier,
            parcel.sscc,
            "",
            tuple(
                MailLine(line.sku, line.name, units)
                for line, _, units in tx.parcels.contents(parcel.id)
            ),
        )
        for parcel in tx.parcels.of_order(order_id)
        if parcel.state is not ParcelState.VOID
    ]
    return MailContent(
        key=f"preview:{order.number}",
        kind=kind,
        channel=order.channel,
        language=order.language,
        to=order.email or "customer@shop.example",
        customer=order.address,
        order_number=order.number,
        reference=order.reference,
        parcels=tuple(parcels),
        lines=tuple(lines),
        promised_on=order.promised_on,
        currency=order.currency,
    )


def _units(line: OrderLine, kind: MailKind) -> int:
    """How many units of a line a mail of that kind lists below its parcels."""
    if kind is MailKind.PARTLY_SHIPPED:
        return line.ordered - line.cancelled - line.packed
    if kind is MailKind.DELAYED:
        return line.ordered - line.cancelled - line.shipped
    return line.returned


def made_up(kind: MailKind, language: str) -> MailContent:
    """A mail about an order that nobody placed."""
    lanterns = MailLine("71053", "White metal lantern", 2)
    mugs = MailLine("22423", "Red retrospot mug", 6)
    return MailContent(
        key=f"preview:{kind}",
        kind=kind,
        channel="",
        language=language,
        to="anna@customer.example",
        customer=Address("Anna de Vries", "", "Dam 1", "", "1012 JS", "Amsterdam", "", "NL"),
        order_number="1001",
        reference="W-1001",
        parcels=(
            MailParcel(
                "PostNL",
                "3STEST0123456789",
                "https://tracking.example/3STEST0123456789?country=NL&language=nl",
                (lanterns,),
            ),
        ),
        lines=(mugs,),
        promised_on="2026-03-03",
        amount=123_450,
    )


def _settings(tx: Tx) -> MailSettings:
    from wms_terminal.integrations.mail import MailSettings

    return MailSettings.read(tx.site.setting)


def _rendered(settings: MailSettings, content: MailContent) -> Mail:
    try:
        return settings.renderer()(content)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    except (MailAway, MailRefused) as error:
        raise click.ClickException(str(error)) from error
