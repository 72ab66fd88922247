"""`wms-terminal returns`: goods that come back, what is behind them, and their labels."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.domain.orders import Order
    from wms_terminal.domain.returns import Advised, ReturnCase, ReturnLine
    from wms_terminal.ports.store import Tx

PIPE_WIDTH = 160
"""Columns of a table where there is no terminal to fit it into."""
MOST = 500
"""Returns in a list."""

_ADVISED = re.compile(r"(?P<sku>.+?)=(?P<quantity>\d{1,6})(?::(?P<reason>.+))?")


@click.group(invoke_without_command=True)
@click.option("--open", "only_open", is_flag=True, help="Only those of which more may come.")
@click.option("--json", "as_json", is_flag=True, help="As JSON; times are in UTC.")
@click.pass_context
def returns(ctx: click.Context, only_open: bool, as_json: bool) -> None:
    """List returns, the newest first, or with --open those that are here first."""
    if ctx.invoked_subcommand is not None:
        if only_open or as_json:
            raise click.UsageError("Expected --open and --json with the list alone.")
        return
    with existing(ctx.obj["store"]) as store, store.read() as tx:
        cases = tx.returns.open(MOST) if only_open else tx.returns.newest(MOST)
        rows = [_data(tx, case) for case in cases]
    if as_json:
        say_json(rows)
        return
    if not rows:
        click.echo("No returns.")
        return
    columns = ("number", "state", "order", "rma", "advised", "received", "held", "announced_at")
    _print(columns, [[str(row[column]) for column in columns] for row in rows])


@returns.command()
@click.argument("order", type=WORDS)
@click.argument("lines", nargs=-1, required=True, type=WORDS, metavar="SKU=QTY[:REASON]...")
@click.option("--rma", default="", type=WORDS, metavar="NUMBER", help="The channel's number of it.")
@click.option("--tracking", default="", type=WORDS, help="Of the parcel that comes back.")
@click.option("--note", default="", type=WORDS, help="For whoever receives it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def announce(
    ctx: click.Context,
    order: str,
    lines: tuple[str, ...],
    rma: str,
    tracking: str,
    note: str,
    as_json: bool,
) -> None:
    """Announce that goods of ORDER come back, and say the number of the return.

    A reason is wrong_item, damaged, defective, not_as_described, changed_mind, too_late or other,
    or words of your own.
    """
    from wms_terminal.domain.promise import stamp
    from wms_terminal.services import desk
    from wms_terminal.services import returns as service
    from wms_terminal.services.floor import utc_now

    wanted = [_read(text) for text in lines]
    with existing(ctx.obj["store"]) as store, store.write() as tx:
        found = desk.find(tx, order)
        advised = [item for part in wanted for item in _advised(tx, found, *part)]
        case = service.announce(
            tx,
            found,
            advised,
            stamp(utc_now()),
            rma=rma.strip(),
            tracking=tracking.strip(),
            note=note,
        )
        data = _data(tx, case)
    if as_json:
        say_json(data)
    else:
        click.echo(case.number)


@returns.command()
@click.argument("number", type=WORDS)
@click.option("--json", "as_json", is_flag=True, help="As JSON; times are in UTC.")
@click.option("--language", default="en", show_default=True, help="Language of the texts.")
@click.pass_context
def show(ctx: click.Context, number: str, as_json: bool, language: str) -> None:
    """Show what came of return NUMBER, and the pick and pack scans behind it."""
    from wms_terminal.domain.returns import by_line
    from wms_terminal.domain.text import Text
    from wms_terminal.services.return_view import case_title, proof_table
    from wms_terminal.texts import translator

    translate = translator(language)

    def say(text: Text | str) -> str:
        return text.render(translate) if isinstance(text, Text) else text

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        case = _find(tx, number)
        lines = tx.returns.lines(case.id)
        data = _data(tx, case) | {"lines": _lines(lines), "scans": _scans(tx, lines)}
        title, proof = case_title(tx, case), proof_table(tx, by_line(lines))
    if as_json:
        say_json(data)
        return
    _say(f"{say(title)}: {case.state.value}")
    columns = ("sku", "name", "lot", "advised", "received", "restocked", "scrapped", "held")
    _print(
        (*columns, "reason"),
        [[str(row[column]) for column in (*columns, "reason")] for row in _lines(lines)],
    )
    if proof.rows:
        _print(
            [say(column) for column in proof.columns],
            [[say(cell) for cell in row] for row in proof.rows],
        )


@returns.command()
@click.argument("number", type=WORDS)
@click.option("--station", type=WORDS, metavar="NAME", help="Print it there.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.zpl",
    help="Write it to a file; default: NUMBER.zpl in the folder you are in.",
)
@click.pass_context
def label(ctx: click.Context, number: str, station: str | None, out: Path | None) -> None:
    """Print the label of return NUMBER, or write it to a file."""
    from devices.documents.zpl import return_label
    from wms_terminal.services import returns as service

    if station is not None and out is not None:
        raise click.UsageError("Expected --station or --out, got both.")
    with existing(ctx.obj["store"]) as store, store.read() as tx:
        case = _find(tx, number)
        payload = return_label(service.label(tx, case))
        place = tx.site.station(station) if station is not None else None
    if station is None:
        path = out or Path(f"{case.number}.zpl")
        try:
            path.write_bytes(payload)
        except OSError as error:
            raise ConfigError(f"Cannot write {path}: {error.strerror or error}.") from error
        click.echo(f"{path}: label of {case.number}")
        return
    if place is None:
        raise ConfigError(f"Expected the name of a station, got {station!r}.")
    _send(place.printer, payload, case.number)


def _send(printer: str, payload: bytes, number: str) -> None:
    from devices import open_printer
    from wms_terminal.ports.devices import DeviceFault, PrintState

    try:
        result = open_printer(printer).print(payload, f"return-{number}")
    except DeviceFault as fault:
        raise click.ClickException(str(fault)) from fault
    except ValueError as error:
        raise ConfigError(str(error)) from error
    _say(f"{number}: {result.state.value} {result.detail}".rstrip())
    if result.state in (PrintState.FAULTED, PrintState.UNKNOWN):
        raise click.exceptions.Exit(1)


def _find(tx: Tx, number: str) -> ReturnCase:
    case = tx.returns.by_number(number.strip().upper())
    cases = [case] if case is not None else tx.returns.by_code(number.strip())
    if len(cases) == 1:
        return cases[0]
    what = "several have" if cases else "none has"
    raise click.ClickException(
        f"Expected the number of one return, got {number!r}, which {what}. "
        "See them with: wms-terminal returns"
    )


def _read(text: str) -> tuple[str, int, str]:
    match = _ADVISED.fullmatch(text)
    if match is None:
        raise click.UsageError(f"Expected SKU=QTY or SKU=QTY:REASON, got {text!r}.")
    return match["sku"], int(match["quantity"]), match["reason"] or ""


def _advised(tx: Tx, order: Order, sku: str, quantity: int, reason: str) -> list[Advised]:
    """Units over the order's lines of that product, as far as each has them."""
    from wms_terminal.domain.returns import LONGEST, Advised
    from wms_terminal.services.returns import may_come

    lines = [line for line in tx.orders.lines(order.id) if line.sku == sku]
    if not lines:
        known = ", ".join(sorted({line.sku for line in tx.orders.lines(order.id)}))
        raise click.ClickException(
            f"Expected a product of order {order.number} ({known}), got {sku!r}."
        )
    found: list[Advised] = []
    for line in lines:
        units = min(quantity, may_come(tx, line))
        # What no line has is asked of the last one, which says how many there are.
        units = quantity if line is lines[-1] else units
        if units or line is lines[-1]:
            found.append(Advised(line.id, units, reason[:LONGEST]))
        quantity -= units
        if not quantity:
            break
    return found


def _data(tx: Tx, case: ReturnCase) -> dict[str, object]:
    lines = tx.returns.lines(case.id)
    return {
        "number": case.number,
        "state": case.state.value,
        "order": tx.orders.head(case.order_id).number if case.order_id is not None else "",
        "channel": case.channel,
        "rma": case.rma,
        "tracking": case.tracking,
        "announced_at": case.announced_at,
        "arrived_at": case.arrived_at,
        "closed_at": case.closed_at,
        "advised": sum(line.advised for line in lines),
        "received": sum(line.received for line in lines),
        "held": sum(line.held for line in lines),
    }


def _lines(lines: Sequence[ReturnLine]) -> list[dict[str, object]]:
    names = ("sku", "name", "lot", "advised", "received", "restocked", "scrapped", "held", "reason")
    return [{name: getattr(line, name) for name in names} for line in lines]


def _scans(tx: Tx, lines: Sequence[ReturnLine]) -> list[dict[str, object]]:
    ids = dict.fromkeys(line.line_id for line in lines)
    names = ("at", "flow", "operator", "station", "raw", "sku", "quantity")
    return [
        {name: getattr(scan, name) for name in names}
        for line_id in ids
        if line_id is not None
        for scan in tx.returns.scans_behind(line_id)
    ]


def _say(text: str) -> None:
    from screens.clean import clean

    click.echo(clean(text))


def _print(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Plain

    from screens.clean import clean

    table = Table(*columns)
    for row in rows:
        table.add_row(*(Plain(clean(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
