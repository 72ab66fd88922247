"""What a sales channel says about orders reaches the floor: new, changed, held, cancelled.

Nothing is lost on the way: an order that names an unknown product or a country without a service
is taken in all the same, and stands still until somebody has put that right. What a channel
changes while an order is on the floor stops it there, by name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.records import OrderRecord, ProductRecord
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import Channel, RemoteOrder, Standing
from wms_terminal.ports.channel_room import ChannelRow, Seen
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import put_back, refunds
from wms_terminal.services.heads import CHANGED, GONE, HELD, stop
from wms_terminal.services.notices import service_desk
from wms_terminal.services.take_in import digest, order_taker

OVERLAP = timedelta(minutes=10)
"""How far the next window goes back behind the last: clocks differ, and commits come late."""
BATCH = 50
"""Orders of one transaction."""
FIRST = timedelta(days=60)
"""How far back a channel is asked that was never heard."""

SILENCE = timedelta(minutes=15)
"""For how long a channel may be in trouble before somebody is told; it may be over by then."""

Take = Callable[[Tx, OrderRecord], str]


def hear(store: Store, row: ChannelRow, channel: Channel, clock: Clock) -> Counter[str]:
    """Take in what has changed since the channel was last heard; counts by what was done.

    Raises:
        ChannelAway: it does not answer; what it said before that is kept.
    """
    now = clock()
    heard = moment(row.since) - OVERLAP if row.since else now - FIRST
    take = order_taker(store, clock, lambda kind, what: None)
    counts: Counter[str] = Counter()
    newest = row.since
    remote = iter(channel.pull(stamp(heard)))
    for batch in _batches(remote):
        newest = max(newest, *(order.changed_at for order in batch))
        with store.write() as tx:
            counts.update([apply(tx, order, take, clock) for order in batch])
    # Only now: where a channel broke off in the middle, all of it is asked for again.
    with store.write() as tx:
        tx.channels.heard(row.settings.code, newest, stamp(clock()))
    return counts


def in_trouble(tx: Tx, code: str, why: str, now: datetime) -> None:
    """A channel does not answer, or is not set up well; when that lasts, somebody is told once."""
    tx.channels.in_trouble(code, why, stamp(now))
    if tx.channels.tell_trouble(code, stamp(now - SILENCE)):
        text = T("{channel} is silent for {minutes} minutes: no orders come in. {why}",
                 channel=code, minutes=SILENCE // timedelta(minutes=1), why=why)  # fmt: skip
        tx.orders.add_notice(service_desk(tx), text, at=stamp(now))


def _batches(orders: Iterator[RemoteOrder]) -> Iterable[list[RemoteOrder]]:
    while batch := list(islice(orders, BATCH)):
        yield batch


def apply(tx: Tx, order: RemoteOrder, take: Take, clock: Clock) -> str:
    """Let one order be as its channel has it; in a word, what was done."""
    at = stamp(clock())
    seen = tx.channels.order(order.record.channel, order.record.reference)
    if seen is not None and order.record.payment == "refunded" and _begun(tx, seen):
        refunds.paid_back_there(tx, seen.id, at)
    if order.standing is Standing.CANCELLED:
        return _cancel(tx, seen, order, at)
    if order.standing is Standing.CLOSED:
        return _close(tx, seen, order, at)
    if order.standing is Standing.UNPAID:
        return "unpaid" if seen is None else stop(tx, seen.id, HELD, T("not paid"), at)
    if order.standing is Standing.HELD:
        if seen is None and not order.record.lines:
            return _left_out(tx, order, at)
        if seen is None:
            _put(tx, order, take, at)
            seen = tx.channels.order(order.record.channel, order.record.reference)
        return "left out" if seen is None else stop(tx, seen.id, HELD, order.why, at)
    if seen is not None and seen.hold == HELD:
        tx.orders.set_hold(seen.id, "")
        tx.orders.add_event(seen.id, "hold", T("No longer on hold"), at=at)
    return _put(tx, order, take, at)


def _left_out(tx: Tx, order: RemoteOrder, at: str) -> str:
    """Of what cannot be read nothing can be made; somebody has to look, and is told once."""
    channel, what = order.record.channel, order.record.reference
    if tx.channels.left_out(channel, what, order.why):
        text = T("{channel}: {what} could not be taken in. {why}",
                 channel=channel, what=what, why=order.why)  # fmt: skip
        tx.orders.add_notice(service_desk(tx), text, at=at)
    return "left out"


def _put(tx: Tx, order: RemoteOrder, take: Take, at: str) -> str:
    """A new order, a changed one, or one that is known just so."""
    seen = tx.channels.order(order.record.channel, order.record.reference)
    newest = digest(order.record)
    if seen is not None and newest in (seen.digest, seen.seen):
        return "unchanged"
    if seen is not None and seen.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        tx.channels.saw(seen.id, newest)
        return "too late"
    record = order.record if seen is not None and _begun(tx, seen) else _left(order)
    if not record.lines:
        return "nothing left"
    _know_products(tx, record, at)
    result = take(tx, record)
    if result == "skipped_no_service":
        result = _without_service(tx, record, take, at)
    found = tx.channels.order(record.channel, record.reference)
    if found is None:
        return "left out"
    # The digest of what the channel sent, also where less of it was left to ship.
    tx.channels.saw(found.id, newest)
    if result == "skipped_on_the_floor":
        return stop(tx, found.id, CHANGED, "", at)
    return result


def _begun(tx: Tx, seen: Seen) -> bool:
    return any(line.shipped for line in tx.orders.lines(seen.id))


def _left(order: RemoteOrder) -> OrderRecord:
    """What is still to be shipped of an order that was begun elsewhere."""
    lines = tuple(
        replace(line, quantity=line.quantity - order.shipped.get(line.reference, 0))
        for line in order.record.lines
        if line.quantity > order.shipped.get(line.reference, 0)
    )
    return replace(order.record, lines=lines)


def _know_products(tx: Tx, record: OrderRecord, at: str) -> None:
    """A product that only the channel knows is made, so that its order is not lost."""
    for line in record.lines:
        if tx.site.product_by_sku(line.sku) is None:
            tx.site.put_product(ProductRecord(line.sku, line.name or line.sku))
            text = T("{channel} sells {sku}, which was not known: give it a barcode and a weight",
                     channel=record.channel, sku=line.sku)  # fmt: skip
            tx.orders.add_notice("stock", text, at=at)


def _without_service(tx: Tx, record: OrderRecord, take: Take, at: str) -> str:
    """Taken in with the first service there is, and held until somebody has chosen."""
    services = tx.site.services()
    result = take(tx, replace(record, service=services[0].code))
    found = tx.channels.order(record.channel, record.reference)
    if found is not None:
        country = record.customer.country or "?"
        why = f"no service to {country}"
        tx.orders.set_hold(found.id, why)
        tx.orders.add_event(found.id, "hold", T("Put on hold: {why}", why=why), at=at)
    return result


def _cancel(tx: Tx, seen: Seen | None, order: RemoteOrder, at: str) -> str:
    if seen is None or seen.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        return "unchanged"
    return put_back.cancel(tx, seen.id, at, order.why)


def _close(tx: Tx, seen: Seen | None, order: RemoteOrder, at: str) -> str:
    """Nothing is left to ship there: right after we told so, a surprise before."""
    if seen is None or seen.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        return "unchanged"
    ours = sum(line.shipped for line in tx.orders.lines(seen.id))
    if ours >= sum(order.shipped.values()):
        return "unchanged"
    return stop(tx, seen.id, GONE, order.why, at)
