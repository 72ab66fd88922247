"""Master data, stock and orders come in. The same file twice changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from wms_terminal.domain.promise import (
    latest_start,
    moment,
    promised_on,
    ship_by,
    stamp,
    work_seconds,
)
from wms_terminal.domain.records import LocationRecord, OrderRecord, ProductRecord, StockRecord
from wms_terminal.domain.site import Service
from wms_terminal.domain.text import T
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, StoreConflict, StoreError, Tx
from wms_terminal.services import customs

BATCH = 200
"""Records per transaction: the floor goes on working during an import."""

Record = TypeVar("Record")
Skip = Callable[[str, str], None]
"""Receives a kind and a text for every record that could not be taken in."""


def products(store: Store, records: Iterable[ProductRecord]) -> Counter[str]:
    """Take products in; counts of `added or changed` and `unchanged`."""
    return _batches(store, records, lambda tx, record: _changed(tx.site.put_product(record)))


def locations(store: Store, records: Iterable[LocationRecord]) -> Counter[str]:
    """Take locations and totes in."""
    return _batches(store, records, lambda tx, record: _changed(tx.site.put_location(record)))


def stock(store: Store, records: Iterable[StockRecord], clock: Clock, skip: Skip) -> Counter[str]:
    """Set quantities on hand. Orders that waited for a product may be picked again."""

    def put(tx: Tx, record: StockRecord) -> str:
        product = tx.site.product_by_sku(record.sku)
        place = tx.site.location_by_code(record.location)
        if product is None or place is None:
            missing = record.sku if product is None else record.location
            kind = "skipped_unknown_product" if product is None else "skipped_unknown_location"
            skip(kind, f"{missing}: import it first")
            return kind
        before = _free(tx, product.id)
        try:
            change = tx.stock.set_quantity(record, stamp(clock()))
        except StoreError as error:
            held = isinstance(error, StoreConflict)
            kind = "skipped_allocated" if held else "skipped_not_to_count"
            skip(kind, f"{record.sku} at {record.location}: {error}")
            return kind
        # More is free after a count as well, when it finds what was there all the time.
        if _free(tx, product.id) > before:
            tx.orders.wake_waiting(product.id)
        return _changed(change != 0)

    return _batches(store, records, put)


def orders(store: Store, records: Iterable[OrderRecord], clock: Clock, skip: Skip) -> Counter[str]:
    """Take orders in, each with its promise, its last departure and its latest start."""
    return _batches(store, records, order_taker(store, clock, skip))


def order_taker(store: Store, clock: Clock, skip: Skip) -> Callable[[Tx, OrderRecord], str]:
    """What takes one order in: `added`, `changed`, `unchanged`, or why it was left out.

    Raises:
        StoreError: the site has no carrier's service yet.
    """
    with store.read() as tx:
        services = tx.site.services()
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
        sender = customs.sender_of(tx)
    if not services:
        raise StoreError(
            "Expected a carrier with a service before orders come in, got none. "
            "Set the site up first: wms-terminal site init"
        )
    known: dict[str, int] = {}

    def put(tx: Tx, record: OrderRecord) -> str:
        service = _service(services, record)
        if service is None:
            skip("skipped_no_service", f"{record.reference}: no service for {record.service!r}")
            return "skipped_no_service"
        for line in record.lines:
            if line.sku not in known:
                product = tx.site.product_by_sku(line.sku)
                if product is None:
                    skip("skipped_unknown_product", f"{record.reference}: {line.sku}")
                    return "skipped_unknown_product"
                known[line.sku] = product.id
        result = tx.orders.put(record, plan(tx, record, service, zone, known))
        if result in ("added", "changed"):
            order = tx.orders.find_in_channel(record.channel, record.reference)
            received = T("Received from {channel}", channel=record.channel)
            changed = T("Changed by {channel}", channel=record.channel)
            kind, text = ("received", received) if result == "added" else ("changed", changed)
            tx.orders.add_event(order, kind, text, at=stamp(clock()))
            if order is not None:
                customs.look(tx, order, sender, record.customer, stamp(clock()))
        elif result == "refused":
            skip("skipped_on_the_floor", f"{record.reference}: already being worked on")
            return "skipped_on_the_floor"
        return result

    return put


def _free(tx: Tx, product_id: int) -> int:
    """Units of a product that new work may take."""
    return sum(item.free for item in tx.stock.available(product_id))


def plan(
    tx: Tx, record: OrderRecord, service: Service, zone: ZoneInfo, known: dict[str, int]
) -> dict[str, object]:
    """What the site adds to an order: its number, its promise and when it must be begun."""
    placed = moment(record.placed_at)
    closed = tx.pickups.closed(service.carrier_id)
    promised = record.promised_on or promised_on(service, zone, placed, closed).isoformat()
    leaves = ship_by(service, zone, moment(promised + "T00:00:00+00:00").date(), closed)
    units = sum(line.quantity for line in record.lines)
    start = latest_start(leaves, work_seconds(len(record.lines), units, steps=3))
    number = record.reference
    taken = tx.orders.find(number)
    if taken is not None and (taken.channel, taken.reference) != (record.channel, number):
        number = f"{record.channel}-{record.reference}"
    return {
        "number": number,
        "promised_on": promised,
        "ship_by": stamp(leaves),
        "latest_start": stamp(start),
        "service_id": service.id,
        "digest": digest(record),
        "products": {line.sku: known[line.sku] for line in record.lines},
    }


def digest(record: OrderRecord) -> str:
    """Tells whether an order came in before just so."""
    return hashlib.sha256(json.dumps(asdict(record), sort_keys=True).encode()).hexdigest()


def _service(services: list[Service], record: OrderRecord) -> Service | None:
    """The service asked for, else the first by rank that goes to the country."""
    if record.service:
        return next((item for item in services if item.code == record.service), None)
    country = record.customer.country
    for item in services:
        if item.countries == "*" or country in item.countries.split():
            return item
    return None


def _batches(
    store: Store, records: Iterable[Record], put: Callable[[Tx, Record], str]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    remaining: Iterator[Record] = iter(records)
    while batch := list(islice(remaining, BATCH)):
        with store.write() as tx:
            counts.update([put(tx, record) for record in batch])
    return counts


def _changed(changed: bool) -> str:
    return "added or changed" if changed else "unchanged"
