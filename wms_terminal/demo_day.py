"""The demo: a day of the order book on a fresh site, opened as a terminal or run to its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from wms_terminal.ports.store import Store

DAY = "2011-08-30"

INVOICES = "56"
"""How every order number of that day begins."""

HINT = """
A day of a real web shop is in {store}.
Choose a station with its key, then press F12 to scan what the screen asks for: first a badge,
then the work. F12 always scans a code that is right; type any other code and Enter to be wrong.
"""


@contextmanager
def order_book() -> Iterator[Path]:
    """The day that comes with the program."""
    with as_file(files("wms_terminal") / "demo_data" / f"{DAY}.csv.gz") as path:
        yield path


def prepare(folder: Path, store_url: str, book: Path, today: str) -> None:
    """A fresh store: products, site with stock, and the day's orders as if they came today."""
    from data.files import open_reader
    from wms_terminal.cli.site import set_up_demo
    from wms_terminal.cli.take_in import load

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("demo.db*"):
        old.unlink()
    for kind in ("labels", "slips"):
        for old in (folder / kind).glob("*-*-*.*"):
            old.unlink()
    click.echo("Products ...")
    load(
        store_url,
        "products",
        open_reader("products", book, "online-retail"),
        folder / "products.csv",
    )
    click.echo("Site and stock ...")
    set_up_demo(store_url, folder)
    click.echo("Orders ...")
    reader = open_reader("orders", book, "online-retail", day=DAY, today=today)
    counts = load(store_url, "orders", reader, folder / "orders-report.csv")
    for name, count in sorted(counts.items()):
        click.echo(f"{count:>9,}  {name.replace('_', ' ')}")


def run(folder: Path, store_url: str) -> int:
    """Pick, pack and ship the day with simulated people; tell the story of one order."""
    from data import open_store
    from data.doctor import examine, totals
    from wms_terminal.simulate import Crew, simulate

    labels, slips = folder / "labels", folder / "slips"
    crew = Crew(
        pickers=2,
        packers=2,
        shippers=1,
        mistakes=0.01,
        printer=f"sim://{labels}?png=1",
        documents=f"sim://{slips}",
    )
    click.echo("2 pickers, 2 packers and the ship desk work through the day ...")
    report = simulate(store_url, crew)
    store = open_store(store_url)
    try:
        with store.read() as tx:
            findings = examine(tx)
            sums = totals(tx)
        story = _story(folder, store)
    finally:
        store.close()
    click.echo(story)
    click.echo(
        f"{report.picked} orders picked, {report.handed_over} parcels handed over, "
        f"{report.scans:,} scans in {report.seconds:.0f} s, "
        f"{sum(report.refused.values())} refused."
    )
    click.echo("Units: " + ", ".join(f"{name} {count:,}" for name, count in sums.items()))
    for trouble in report.troubles:
        click.echo(f"Trouble: {trouble}")
    for item in findings:
        click.echo(f"Doctor: {item.check}: {item.what}")
    if not findings:
        click.echo("Doctor: the store is healthy.")
    return 1 if findings or report.troubles else 0


def _story(folder: Path, store: Store) -> str:
    """One shipped order from its first to its last event, with the files of its papers."""
    from wms_terminal.domain.orders import OrderState
    from wms_terminal.domain.text import Text

    with store.read() as tx:
        day = tx.orders.search(INVOICES, 200)
        orders = [item for item in day if item.state is OrderState.SHIPPED]
        if not orders:
            return "No order was shipped."
        order = min(orders, key=lambda item: abs(len(tx.orders.lines(item.id)) - 8))
        parcels = tx.parcels.of_order(order.id)
        lines = [
            f"\nThe story of order {order.number}, {order.address.name}, {order.address.city}:"
        ]
        lines += [
            f"  {event.at[11:19]}  {Text.from_json(json.loads(event.text))}"
            + (f"  ({event.operator}, {event.station})" if event.operator else "")
            for event in tx.orders.events(order.id)
        ]
        for parcel in parcels:
            for kind, place in (("label", folder / "labels"), ("slip", folder / "slips")):
                found = sorted(place.glob(f"{kind}-{parcel.id}-*.*"))
                lines += [f"  {kind} of parcel {parcel.number}: {path}" for path in found]
    return "\n".join(lines) + "\n"
