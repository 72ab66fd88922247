"""The demo: a day of the order book on a fresh site, opened as a terminal or run to its end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

if TYPE_CHECKING:
    from wms_terminal.ports.store import Store
    from wms_terminal.simulate import Report

DAY = "2011-08-30"

INVOICES = "56"
"""How every order number of that day begins."""

HINT = """
A day of a real web shop is in {store}.
Choose a station with its key, then press F12 to scan what the screen asks for: first a badge,
then the work. F12 always scans a code that is right; type any other code and Enter to be wrong.
"""

NEWS_S = 5.0
"""Seconds between two lines that say how far the day is."""


@contextmanager
def order_book() -> Iterator[Path]:
    """The day that comes with the program."""
    with as_file(files("wms_terminal") / "demo_data" / f"{DAY}.csv.gz") as path:
        yield path


def prepare(folder: Path, store_url: str, book: Path, today: str) -> None:
    """A fresh store: products, site with stock, and the day's orders as if they came today.

    Raises:
        OSError: the folder cannot be made or written to.
    """
    from data.files import open_reader
    from wms_terminal.cli.common import existing, made
    from wms_terminal.cli.site import set_up_demo
    from wms_terminal.cli.take_in import load

    folder.mkdir(parents=True, exist_ok=True)
    # Only what an earlier demo made: the folder may be somebody's own.
    for pattern in ("demo.db", "demo.db-*", "labels/label-*-*.*", "slips/slip-*-*.*"):
        for old in folder.glob(pattern):
            old.unlink()
    _tell("Products ...")
    reader = open_reader("products", book, "online-retail")
    with made(store_url) as store:
        load(store, "products", reader, folder / "products-import-report.csv")
    _tell("Site and stock ...")
    set_up_demo(store_url, folder)
    _tell("Orders ...")
    reader = open_reader("orders", book, "online-retail", day=DAY, today=today)
    with existing(store_url) as store:
        counts = load(store, "orders", reader, folder / "orders-import-report.csv")
    _tell(f"{counts['added']} orders; what was left out of them is in {folder}")


def run(folder: Path, store_url: str) -> int:
    """Pick, pack and ship the day with simulated people; tell the story of one order."""
    from data import open_store
    from data.doctor import examine, totals
    from wms_terminal.simulate import simulate
    from wms_terminal.simulated_crew import Crew

    labels, slips = quote(str(folder / "labels")), quote(str(folder / "slips"))
    crew = Crew(
        pickers=2,
        packers=2,
        shippers=1,
        mistakes=0.01,
        printer=f"sim://{labels}?png=1",
        documents=f"sim://{slips}",
    )
    _tell("2 pickers, 2 packers and the ship desk work through the day, a minute or two ...")
    report = simulate(store_url, crew, _news())
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
        f"{report.picked} orders picked, {report.packed} packed, {report.shipped} shipped "
        f"whole, in {report.handed_over} parcels; {report.scans:,} scans in "
        f"{report.seconds:.0f} s, {sum(report.refused.values())} of them refused."
    )
    click.echo("Units: " + ", ".join(f"{name} {count:,}" for name, count in sums.items()))
    for trouble in report.troubles:
        click.echo(f"Trouble: {trouble}")
    for item in findings:
        click.echo(f"Doctor: {item.check}: {item.what}")
    if not findings:
        click.echo("Doctor: the store is healthy.")
    return 1 if findings or report.troubles else 0


def _tell(line: str) -> None:
    click.echo(line, err=True)


def _news() -> Callable[[Report], None]:
    """Say how far the day is, every few seconds."""
    last = time.monotonic()

    def tell(report: Report) -> None:
        nonlocal last
        if time.monotonic() - last >= NEWS_S:
            last = time.monotonic()
            _tell(
                f"{report.seconds:5.0f} s  {report.picked} picked, {report.packed} packed, "
                f"{report.handed_over} parcels handed over"
            )

    return tell


def _story(folder: Path, store: Store) -> str:
    """One shipped order from its first to its last event, with the files of its papers."""
    from zoneinfo import ZoneInfo

    from wms_terminal.domain.orders import OrderState
    from wms_terminal.domain.promise import moment
    from wms_terminal.domain.text import Text

    with store.read() as tx:
        day = tx.orders.search(INVOICES, 200)
        orders = [item for item in day if item.state is OrderState.SHIPPED]
        if not orders:
            return "No order was shipped."
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
        order = min(orders, key=lambda item: abs(len(tx.orders.lines(item.id)) - 8))
        parcels = tx.parcels.of_order(order.id)
        place = f"{order.address.name}, {order.address.city}"
        lines = [f"\nThe story of order {order.number}, {place} (times of {zone.key}):"]
        lines += [
            f"  {moment(event.at).astimezone(zone):%H:%M:%S}  "
            f"{Text.from_json(json.loads(event.text))}"
            + (f"  ({event.operator}, {event.station})" if event.operator else "")
            for event in tx.orders.events(order.id)
        ]
        for parcel in parcels:
            for kind in ("label", "slip", "customs"):
                drawer = folder / ("labels" if kind == "label" else "slips")
                found = sorted(drawer.glob(f"{kind}-{parcel.id}-*.*"))
                lines += [f"  {kind} of parcel {parcel.number}: {path}" for path in found]
    return "\n".join(lines) + "\n"
