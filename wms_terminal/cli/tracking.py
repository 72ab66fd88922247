"""`wms-terminal tracking`: where an order's parcels are, and what couriers send about theirs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.ports.store import Store, Tx

SHOWN = 20
"""Rows of a file that are said to be left out; the rest is counted."""


@click.command()
@click.argument("what", type=WORDS, metavar="ORDER|FILE")
@click.option(
    "--status",
    "words",
    type=WORDS,
    multiple=True,
    metavar="WORDS=MILESTONE",
    help="With a file: what the courier's own words stand for, such as 'Bij buren=delivered'.",
)
@click.option("--all", "show_all", is_flag=True, help="With a file: list all that was left out.")
@click.option("--json", "as_json", is_flag=True, help="With an order: as JSON.")
@click.pass_context
def tracking(
    ctx: click.Context, what: str, words: tuple[str, ...], show_all: bool, as_json: bool
) -> None:
    """Show the journey of an ORDER's parcels, or take in what a courier sends as FILE.

    FILE is CSV or JSON with a row for each event: tracking (our SSCC does as well), at, status or
    milestone, text. The same file twice changes nothing (docs/tracking.md).
    """
    path = Path(what)
    is_file = path.is_file()
    if (words or show_all) and not is_file:
        raise click.UsageError(f"Expected a file with --status or --all, got {what!r}.")
    with existing(ctx.obj["store"]) as store:
        if is_file:
            take_in(store, path, words, show_all)
            return
        with store.read() as tx:
            data = journey(tx, what)
    if as_json:
        say_json(data)
    else:
        _print(data)


def take_in(store: Store, path: Path, words: tuple[str, ...], show_all: bool) -> None:
    """Take a courier's file in, and say what was left out.

    Raises:
        ClickException: the file cannot be read; nothing is changed then.
    """
    from data.files import FileError
    from data.files.loose import rows
    from wms_terminal.services import courier_file
    from wms_terminal.services.floor import utc_now

    try:
        own = dict(courier_file.chosen(words))
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    left_out: list[str] = []

    def skip(line: int, kind: str, row: str) -> None:
        left_out.append(f"line {line}: {kind.removeprefix('skipped_').replace('_', ' ')}: {row}")

    def read() -> courier_file.Rows:
        return rows(path, courier_file.NAMES, courier_file.REQUIRED)

    try:
        # To its end first: a broken file changes nothing.
        for _ in read():
            pass
        counts = courier_file.take_in(store, read(), utc_now, skip, own)
    except FileError as error:
        raise click.ClickException(str(error)) from error
    say_counts(counts, left_out, show_all)


def say_counts(counts: dict[str, int], left_out: list[str], show_all: bool) -> None:
    """Print counts, and the rows that were left out."""
    from screens.clean import clean

    for name, count in sorted(counts.items()):
        click.echo(f"{count:>9,}  {name.replace('_', ' ')}")
    if not counts:
        click.echo("There is nothing in it.")
    shown = left_out if show_all else left_out[:SHOWN]
    for text in shown:
        click.echo(clean(text))
    if len(left_out) > len(shown):
        click.echo(f"… and {len(left_out) - len(shown)} more; --all lists them.")


def journey(tx: Tx, number: str) -> dict[str, object]:
    """An order's parcels, and what was heard of each.

    Raises:
        StoreError: there is no such order.
    """
    from wms_terminal.services import desk

    order = desk.find(tx, number)
    known = {item.parcel: item for item in tx.tracking.of_order(order.id)}
    parcels = []
    for parcel in tx.parcels.of_order(order.id):
        item = known.get(parcel.number)
        parcels.append(
            {
                "parcel": parcel.number,
                "state": parcel.state.value,
                "sscc": parcel.sscc,
                "carrier": item.carrier if item else "",
                "tracking": item.tracking if item else "",
                "tracking_url": item.tracking_url if item else "",
                "milestone": item.milestone if item else "",
                "milestone_at": item.milestone_at if item else "",
                "events": [
                    {"at": event.at, "milestone": event.milestone.value, "text": event.text}
                    for event in (tx.tracking.events(item.id) if item else ())
                ],
            }
        )
    return {
        "order": order.number,
        "state": order.state.value,
        "delivered_at": tx.tracking.arrived(order.id),
        "parcels": parcels,
    }


def _print(data: dict[str, object]) -> None:
    from screens.clean import clean

    arrived = f", delivered {data['delivered_at']}" if data["delivered_at"] else ""
    click.echo(f"Order {data['order']}: {data['state']}{arrived}")
    parcels = data["parcels"]
    assert isinstance(parcels, list)
    for parcel in parcels:
        where = parcel["milestone"].replace("_", " ") or "nothing heard yet"
        since = f" since {parcel['milestone_at']}" if parcel["milestone_at"] else ""
        number = parcel["tracking"] or parcel["sscc"] or "no label"
        carrier = f"{parcel['carrier']} " if parcel["carrier"] else ""
        click.echo(
            clean(
                f"Parcel {parcel['parcel']} ({parcel['state']}), {carrier}{number}: {where}{since}"
            )
        )
        if parcel["tracking_url"]:
            click.echo(f"  {clean(parcel['tracking_url'])}")
        for event in parcel["events"]:
            name = event["milestone"].replace("_", " ")
            click.echo(f"  {event['at']}  {name:<18}  {clean(event['text'])}".rstrip())
