"""The order book as a shop sends it: orders, their payment an hour later, and cancellations."""

from __future__ import annotations

import csv
import gzip
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from data import open_store
from data.files import Report, online_retail
from wms_terminal.demo_site import demo_stock, write_demo_site
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.records import OrderRecord, ProductRecord, StockRecord
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import desk, take_in
from wms_terminal.services.floor import utc_now
from wms_terminal.simulated_operator import KEYED_FROM

PAID_AFTER = timedelta(hours=1)
WAITING = 150
"""Orders that the floor may have before it; the next ones come when fewer are left."""
PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A customer does not want an order, or some of it."""

    reference: str
    units: dict[str, int]
    """By SKU."""


@dataclass(frozen=True)
class Book:
    """What happens in it, in its order; a text is the reference of an order that is paid."""

    products: list[ProductRecord]
    orders: list[OrderRecord]
    events: list[OrderRecord | Cancellation | str]
    unmatched: int
    """Cancellations of no order in the book."""


def read(path: Path, most: int = 0) -> Book:
    """The first so many orders of the book, 0 for all of it, and their cancellations."""
    survey = online_retail.check(path)
    products = list(online_retail.products(path, Report(), survey=survey))
    orders = list(online_retail.orders(path, Report(), survey=survey))
    orders = sorted(orders, key=lambda order: order.placed_at)[: most or None]
    dated: list[tuple[str, OrderRecord | Cancellation | str]] = []
    for order in orders:
        paid = stamp(moment(order.placed_at) + PAID_AFTER)
        dated += [(order.placed_at, replace(order, payment="pending")), (paid, order.reference)]
    found, unmatched = _cancellations(path, orders)
    dated += found
    dated.sort(key=lambda event: event[0])
    return Book(products, orders, [event for _, event in dated], unmatched)


def set_up(url: str, folder: Path, book: Book) -> None:
    """The demonstration's site, with stock for the whole book besides."""
    from wms_terminal.cli.site import set_up_files
    from wms_terminal.demo_site import LOCATIONS_FILE, SITE_FILE

    write_demo_site(folder)
    site = folder / SITE_FILE
    text = site.read_text("utf-8")
    site.write_text(text.replace("[site]\n", f"[site]\ncount_from = {KEYED_FROM}\n", 1), "utf-8")
    set_up_files(url, site, folder / LOCATIONS_FILE)
    with closing(open_store(url)) as store:
        take_in.products(store, book.products)
        take_in.stock(store, _stock(store, book), utc_now, lambda kind, what: None)


def _stock(store: Store, book: Book) -> Iterator[StockRecord]:
    wanted: Counter[str] = Counter()
    for order in book.orders:
        for line in order.lines:
            wanted[line.sku] += line.quantity
    with store.read() as tx:
        products = list(tx.site.products())
    for record in demo_stock(products):
        yield replace(record, quantity=record.quantity + wanted.pop(record.sku, 0))


def _cancellations(
    path: Path, orders: list[OrderRecord]
) -> tuple[list[tuple[str, Cancellation]], int]:
    """Invoices that begin with C, each with the customer's last order that has what it names."""
    customers: dict[str, str] = {}
    taken_back: dict[str, tuple[str, str, Counter[str]]] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            invoice, customer = row["InvoiceNo"], row["CustomerID"]
            if not invoice.startswith("C"):
                customers.setdefault(invoice, customer)
                continue
            at = row["InvoiceDate"].replace(" ", "T") + "Z"
            units = taken_back.setdefault(invoice, (at, customer, Counter()))[2]
            if row["StockCode"].upper() not in online_retail.SERVICES:
                units[row["StockCode"].upper()] -= int(row["Quantity"])
    left: dict[str, Counter[str]] = {}
    of_customer: dict[str, list[OrderRecord]] = defaultdict(list)
    for order in orders:
        left[order.reference] = Counter()
        for line in order.lines:
            left[order.reference][line.sku] += line.quantity
        of_customer[customers.get(order.reference, "")].append(order)
    found, unmatched = [], 0
    for at, customer, units in sorted(taken_back.values(), key=lambda entry: entry[0]):
        for order in reversed(of_customer[customer] if customer and units else []):
            if order.placed_at <= at and units <= left[order.reference]:
                left[order.reference] -= units
                found.append((at, Cancellation(order.reference, dict(units))))
                break
        else:
            unmatched += 1
    return found, unmatched


@dataclass
class Sent:
    """How far the book was sent."""

    events: int = 0
    orders: dict[str, OrderRecord] = field(default_factory=dict)
    """As they are wanted now."""
    cancelled: set[str] = field(default_factory=set)
    changed: int = 0
    """Orders that a cancellation made smaller."""
    too_late: int = 0

    @property
    def lines(self) -> int:
        """Lines of the orders, as they were wanted at last."""
        return sum(len(order.lines) for order in self.orders.values())


class Feeder:
    """Sends the book to a floor at work, never more of it than that has before it."""

    def __init__(self, url: str, book: Book, sent: Sent, seconds: float = 0.0) -> None:
        self.sent = sent
        self._url = url
        self._events = book.events
        self._until = time.monotonic() + seconds if seconds else float("inf")
        """When nothing more comes; what has come is finished."""
        self._begun, self._over = threading.Event(), threading.Event()
        self._trouble: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Feeder:
        self._thread.start()
        self._begun.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()

    @property
    def over(self) -> bool:
        """Whether all of the book was sent."""
        return self.sent.events == len(self._events)

    def troubles(self, tx: Tx, shipped_units: int) -> list[str]:
        """What is not as the book has it, once everybody has gone home."""
        found = list(self._trouble)
        if not self.over and self._until == float("inf"):
            found.append(f"{len(self._events) - self.sent.events} events were never sent")
        unpaid = _unpaid(self._events[: self.sent.events]) - self.sent.cancelled
        live = {state: count for state, count in tx.orders.counts().items() if count}
        if live != ({"new": len(unpaid), "waiting_payment": len(unpaid)} if unpaid else {}):
            found.append(f"not everything that was paid has left: {live}, {len(unpaid)} unpaid")
        wanted = sum(
            line.quantity
            for reference, order in self.sent.orders.items()
            if reference not in self.sent.cancelled | unpaid
            for line in order.lines
        )
        if wanted != shipped_units:
            found.append(f"{wanted} units were wanted, {shipped_units} have left")
        for reference in self.sent.cancelled:
            order = tx.orders.find(reference)
            if order is None or order.state != "cancelled" or tx.parcels.of_order(order.id):
                found.append(f"{reference} was cancelled, and is not")
        return found

    def _run(self) -> None:
        try:
            with closing(open_store(self._url)) as store:
                self._feed(store)
        except Exception as error:  # noqa: BLE001 - said in the report, whatever it is
            self._trouble.append(f"the book was not sent on: {error!r}")
        finally:
            self._begun.set()

    def _feed(self, store: Store) -> None:
        while not self._over.is_set():
            with store.read() as tx:
                room = WAITING - tx.orders.counts().get("new", 0)
            if room < WAITING // 3:
                self._begun.set()
                self._over.wait(PAUSE_S)
                continue
            for _ in range(WAITING):
                if self.over or time.monotonic() > self._until:
                    return
                self._send(store, self._events[self.sent.events])
                self.sent.events += 1

    def _send(self, store: Store, event: OrderRecord | Cancellation | str) -> None:
        if isinstance(event, OrderRecord):
            take_in.orders(store, [event], utc_now, self._skip)
            self.sent.orders[event.reference] = event
        elif isinstance(event, Cancellation):
            if event.reference in self.sent.orders:
                self._cancel(store, event)
        elif event in self.sent.orders and event not in self.sent.cancelled:
            with store.write() as tx:
                desk.accept_payment(tx, event, stamp(utc_now()))

    def _cancel(self, store: Store, event: Cancellation) -> None:
        order = self.sent.orders[event.reference]
        smaller = without(order, event.units)
        with store.write() as tx:
            known = desk.find(tx, event.reference)
            begun = any(line.allocated for line in tx.orders.lines(known.id))
            if smaller is None and not begun:
                desk.cancel(tx, event.reference, stamp(utc_now()))
        if begun:
            self.sent.too_late += 1
            return
        if smaller is None:
            self.sent.cancelled.add(event.reference)
            return
        counts = take_in.orders(
            store, [replace(smaller, payment=known.payment)], utc_now, lambda kind, what: None
        )
        if counts["changed"]:
            self.sent.orders[event.reference] = smaller
            self.sent.changed += 1
        else:
            self.sent.too_late += 1

    def _skip(self, kind: str, what: str) -> None:
        self._trouble.append(f"{kind}: {what}")


def _unpaid(events: Sequence[OrderRecord | Cancellation | str]) -> set[str]:
    """References of orders that were placed and whose payment has not come yet."""
    placed = {event.reference for event in events if isinstance(event, OrderRecord)}
    return placed - {event for event in events if isinstance(event, str)}


def without(order: OrderRecord, units: dict[str, int]) -> OrderRecord | None:
    """An order with less in it; None when nothing is left."""
    gone = dict(units)
    lines = []
    for line in order.lines:
        taken = min(line.quantity, gone.get(line.sku, 0))
        gone[line.sku] = gone.get(line.sku, 0) - taken
        if taken < line.quantity:
            lines.append(replace(line, quantity=line.quantity - taken))
    return replace(order, lines=tuple(lines)) if lines else None
