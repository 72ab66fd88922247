"""`wms-terminal refund`: money that goes back, and goods that are sent once more."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import click

from wms_terminal.cli.common import WORDS, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.domain.outcome import Refused
    from wms_terminal.domain.refunds import Refund
    from wms_terminal.domain.site import Operator
    from wms_terminal.ports.store import Tx

Command = TypeVar("Command", bound=Callable[..., object])


def _signed(command: Command) -> Command:
    """What a person answers for: their code, and their PIN, which is asked for."""
    return click.option(
        "--operator",
        required=True,
        type=WORDS,
        metavar="CODE",
        help="Who does it; the PIN is asked for, or read from standard input.",
    )(command)


@click.group(invoke_without_command=True)
@click.option("--order", type=WORDS, metavar="NUMBER", help="All refunds of one order.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; amounts in minor units, UTC.")
@click.pass_context
def refund(ctx: click.Context, order: str | None, as_json: bool) -> None:
    """List refunds that wait for somebody or something, the oldest first."""
    if ctx.invoked_subcommand is not None:
        if order is not None or as_json:
            raise click.UsageError("Expected --order and --json with the list alone.")
        return
    from wms_terminal.services import desk

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        one = desk.find(tx, order).id if order is not None else None
        found = tx.refunds.open() if one is None else tx.refunds.of_order(one)
        rows = [_data(tx, item) for item in found]
    if as_json:
        say_json(rows)
        return
    if not rows:
        click.echo("No refunds." if order is not None else "No refund waits.")
    for row in rows:
        why = f": {row['detail']!r}" if row["detail"] else ""
        click.echo(
            f"{row['id']}  order {row['order']}  {row['sum']}  {row['state']}  "
            f"since {row['since']}  {row['reason']!r}{why}"
        )


@refund.command()
@click.argument("order", type=WORDS)
@click.argument("amount", type=WORDS)
@click.option("--reason", required=True, type=WORDS, help="Why; the channel is told as well.")
@click.option("--key", type=WORDS, help="Your own id of it: the same one again is the same refund.")
@_signed
@click.pass_context
def propose(
    ctx: click.Context, order: str, amount: str, reason: str, key: str | None, operator: str
) -> None:
    """Propose that AMOUNT of ORDER's currency goes back, and say the refund's id.

    At most what was paid for what was shipped, less what went back or is on its way.
    """
    from uuid import uuid4

    from wms_terminal.domain.money import minor_units
    from wms_terminal.domain.roles import may_propose_refund
    from wms_terminal.services import desk, refunds

    if not reason.strip() or (key is not None and not key.strip()):
        raise click.UsageError("Expected words for --reason and --key, got nothing.")
    with _by(ctx, operator, may_propose_refund) as (tx, person, at):
        found = desk.find(tx, order)
        units = minor_units(amount, found.currency)
        if units is None:
            raise click.UsageError(f"Expected an amount such as 12.95, got {amount!r}.")
        made = refunds.propose(
            tx,
            found.id,
            units,
            reason,
            at,
            key=key or f"desk:{uuid4().hex}",
            operator_id=person.id,
        )
    click.echo(made.id)


@refund.command()
@click.argument("number", type=int, metavar="ID")
@_signed
@click.pass_context
def approve(ctx: click.Context, number: int, operator: str) -> None:
    """Let refund ID be paid: by its channel, or by hand where that does not pay."""
    from wms_terminal.services import refunds

    with _by(ctx, operator) as (tx, person, at):
        _say(refunds.approve(tx, number, person, at))


@refund.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--why", default="", type=WORDS, help="For the order's timeline.")
@_signed
@click.pass_context
def decline(ctx: click.Context, number: int, why: str, operator: str) -> None:
    """Decide against refund ID, or withdraw one's own."""
    from wms_terminal.services import refunds

    with _by(ctx, operator) as (tx, person, at):
        _say(refunds.decline(tx, number, person, at, why))


def _evidence(command: Command) -> Command:
    return click.option(
        "--evidence",
        required=True,
        type=WORDS,
        metavar="TEXT",
        help="How you know: what the shop or the bank shows.",
    )(command)


@refund.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--remote", default="", type=WORDS, help="The shop's or the bank's own id of it.")
@_evidence
@_signed
@click.pass_context
def done(ctx: click.Context, number: int, remote: str, evidence: str, operator: str) -> None:
    """Say that refund ID was paid: by hand, or by its channel, which was in doubt."""
    _settle(ctx, number, operator, paid=True, evidence=evidence, remote=remote)


@refund.command()
@click.argument("number", type=int, metavar="ID")
@_evidence
@_signed
@click.pass_context
def rejected(ctx: click.Context, number: int, evidence: str, operator: str) -> None:
    """Say that refund ID was not paid, and will not be: it may be proposed anew."""
    _settle(ctx, number, operator, paid=False, evidence=evidence)


def _settle(
    ctx: click.Context, number: int, operator: str, *, paid: bool, evidence: str, remote: str = ""
) -> None:
    from wms_terminal.services import refunds

    with _by(ctx, operator) as (tx, person, at):
        _say(
            refunds.settle_by_hand(
                tx, number, person, at, paid=paid, evidence=evidence, remote_id=remote
            )
        )


@refund.command()
@click.argument("order", type=WORDS)
@click.argument("lines", nargs=-1, required=True, type=WORDS, metavar="SKU=QTY[:INSTEAD]...")
@click.option("--why", required=True, type=WORDS, help="For the timelines of both orders.")
@click.option("--key", type=WORDS, help="Your own id of it: the same one again is the same order.")
@_signed
@click.pass_context
def replace(
    ctx: click.Context,
    order: str,
    lines: tuple[str, ...],
    why: str,
    key: str | None,
    operator: str,
) -> None:
    """Send goods of ORDER once more for nothing, or others INSTEAD; says the new order's number."""
    from uuid import uuid4

    from wms_terminal.domain.roles import may_propose_refund
    from wms_terminal.services import desk
    from wms_terminal.services.replacement import replace_goods

    with _by(ctx, operator, may_propose_refund) as (tx, person, at):
        found = desk.find(tx, order)
        known = {line.sku: line.id for line in tx.orders.lines(found.id)}
        wanted, instead = [], {}
        for text in lines:
            sku, _, rest = text.rpartition("=")
            quantity, _, other = rest.partition(":")
            if sku not in known or not (quantity.isdecimal() and len(quantity) < 7):
                raise click.UsageError(
                    f"Expected SKU=QTY with a product of order {found.number}, got {text!r}."
                )
            wanted.append((known[sku], int(quantity)))
            product = tx.site.product_by_sku(other) if other else None
            if other and product is None:
                raise click.UsageError(f"Expected a product to send instead, got {other!r}.")
            if product is not None:
                instead[known[sku]] = product.id
        made = replace_goods(
            tx,
            found,
            wanted,
            at,
            key=key or f"desk:{uuid4().hex}",
            why=why,
            instead=instead,
            operator_id=person.id,
        )
    click.echo(made)


def _anybody(_: Operator) -> bool:
    return True


@contextmanager
def _by(
    ctx: click.Context, code: str, may: Callable[[Operator], bool] = _anybody
) -> Iterator[tuple[Tx, Operator, str]]:
    """A transaction in the name of a person, whose PIN was checked, and the time.

    Raises:
        ClickException: who it is, or may, is not proven, or what they asked for is refused.
    """
    from wms_terminal.domain.outcome import Refused
    from wms_terminal.domain.promise import stamp
    from wms_terminal.services.floor import utc_now
    from wms_terminal.services.pins import pin_matches

    with existing(ctx.obj["store"]) as store:
        pin = _pin()
        with store.read() as tx:
            person = next((item for item in tx.site.operators() if item.code == code), None)
        if person is None or not pin_matches(pin, person.pin_hash):
            raise click.ClickException(
                f"Expected the code of a person with a PIN, and that PIN, got {code!r} and another "
                "one. The site file has both."
            )
        if not may(person):
            raise click.ClickException(
                f"Expected a supervisor or somebody of customer service, got {person.name}."
            )
        try:
            with store.write() as tx:
                yield tx, person, stamp(utc_now())
        except Refused as refused:
            raise click.ClickException(_words(refused)) from refused


def _pin() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("PIN", hide_input=True, err=True)
        return typed
    return sys.stdin.readline().strip()


def _words(refused: Refused) -> str:
    from wms_terminal.texts import translator

    message, translate = refused.message, translator("en")
    text = message.text.render(translate)
    if message.expected or message.got:
        text += f": expected {message.expected}, got {message.got}"
    if message.advice:
        text += f". {message.advice.render(translate)}"
    return f"{text}."


def _say(made: Refund) -> None:
    from wms_terminal.services import words

    click.echo(f"{made.id}  {words.REFUND[made.state]}")


def _data(tx: Tx, item: Refund) -> dict[str, object]:
    from wms_terminal.domain.text import restored
    from wms_terminal.services.refunds import money

    name = partial(_name, {operator.id: operator.code for operator in tx.site.operators()})
    return {
        "id": item.id,
        "key": item.key,
        "order": tx.orders.head(item.order_id).number,
        "amount": item.amount,
        "currency": item.currency,
        "sum": money(item.amount, item.currency),
        "reason": str(restored(item.reason)),
        "state": item.state.value,
        "since": item.settled_at or item.decided_at or item.proposed_at,
        "proposed_by": name(item.proposed_by),
        "proposed_at": item.proposed_at,
        "decided_by": name(item.decided_by),
        "decided_at": item.decided_at or "",
        "settled_at": item.settled_at or "",
        "remote": item.remote_id,
        "detail": str(restored(item.detail)),
    }


def _name(names: dict[int, str], operator_id: int | None) -> str:
    return names.get(operator_id, "") if operator_id is not None else ""
