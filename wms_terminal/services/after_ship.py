"""What a customer gets without asking: a question after delivery, and word of a delay.

One sweep is short and may be made by several workers at once; each thing is said once.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from wms_terminal.domain import promise
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.text import T
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.mail import MailKind, MailLine
from wms_terminal.ports.store import Store, Tx
from wms_terminal.ports.tracking_room import Delivered, Late
from wms_terminal.services import customer_news
from wms_terminal.services.heads import local

BATCH = 50
"""Orders of one transaction."""
MOST = 20
"""Transactions of one sweep; the rest waits for the next."""
GRACE = timedelta(hours=2)
"""How long after its last departure an order may still stand here: couriers come late as well."""
FORGOTTEN = timedelta(days=30)
"""What is later than that, nobody waits for a mail about: a person has to look."""
NOT_NOW = timedelta(days=1)
"""How long a question waits while a return, a refund or a parcel's trouble is open, and how often
at most the same order is late."""
TOO_LATE = timedelta(days=30)
"""After delivery; nobody is asked after that."""
DAYS = "follow_up_days"
"""The option of a channel; with `mail.` before it the setting of the site."""

_WHERE = {"picked": "packing", "packing": "packing", "packed": "shipping"}


def run(store: Store, clock: Clock) -> int:
    """One sweep: ask the customers who are due, tell those whose order is late; how many orders."""
    count = 0
    for sweep in (_follow_ups, _delays):
        for _ in range(MOST):
            with store.write() as tx:
                done = sweep(tx, clock())
            count += done
            if done < BATCH:
                break
    return count


def follow_up_at(tx: Tx, order_id: int, delivered_at: str) -> str | None:
    """When the customer of an order that has arrived is asked; None: never."""
    days = _days(tx, tx.orders.get(order_id).channel)
    return stamp(moment(delivered_at) + timedelta(days=days)) if days else None


def _days(tx: Tx, channel: str) -> int:
    """How many days after delivery customers of a channel are asked; 0: they are not."""
    row = tx.channels.get(channel)
    own = row.settings.options.get(DAYS, "") if row is not None else ""
    text = own or tx.site.setting(f"mail.{DAYS}", "0")
    return min(int(text), TOO_LATE.days) if text.isascii() and text.isdigit() else 0


def _follow_ups(tx: Tx, now: datetime) -> int:
    due = tx.tracking.to_follow_up(stamp(now), BATCH)
    for item in due:
        tx.tracking.follow_up_at(item.order_id, _follow_up(tx, item, now))
    return len(due)


def _follow_up(tx: Tx, item: Delivered, now: datetime) -> str | None:
    """Ask a customer now, or say when that is to be looked at again; None: never."""
    days = _days(tx, item.channel)
    ask_at = moment(item.delivered_at) + timedelta(days=days)
    if not days or now - moment(item.delivered_at) > TOO_LATE:
        return None
    if now < ask_at:
        return stamp(ask_at)
    if tx.feedback.of_order(item.order_id):
        return None
    if tx.tracking.unsettled(item.order_id):
        return stamp(now + NOT_NOW)
    order = tx.orders.get(item.order_id)
    if customer_news.tell(tx, order, MailKind.FOLLOW_UP, "follow_up", stamp(now)):
        text = T("The customer is asked how it was")
        tx.orders.add_event(order.id, "follow_up", text, at=stamp(now))
    return None


def _delays(tx: Tx, now: datetime) -> int:
    late = tx.tracking.late(stamp(now - FORGOTTEN), stamp(now - GRACE), stamp(now), BATCH)
    for item in late:
        _delay(tx, item, now)
    return len(late)


def _delay(tx: Tx, item: Late, now: datetime) -> None:
    """A new date for the customer, and a notice where the order stands.

    One that waits for stock has no date yet; its customer gets one when the stock has come.
    Neither has one of which not all is there, though nobody has asked for it yet.
    """
    order = tx.orders.get(item.order_id)
    service = tx.site.service(order.service_id)
    zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    lacking = _lacks_stock(tx, order.id)
    expected, told_by = "", "stock" if item.waiting else stamp(now + NOT_NOW)
    if not item.waiting and not lacking:
        closed = tx.pickups.closed(service.carrier_id)
        day = promise.promised_on(service, zone, now, closed)
        leaves = promise.ship_by(service, zone, day, closed) + GRACE
        expected, told_by = day.isoformat(), stamp(max(leaves, now + NOT_NOW))
    tx.tracking.told_late(order.id, told_by)
    at = stamp(now)
    where = "stock" if item.waiting or lacking else _WHERE.get(item.state, "picking")
    text = T(
        "Order {number} is late: it should have left {time}",
        number=order.number,
        time=local(tx, item.ship_by),
    )
    tx.orders.add_notice(where, text, order_id=order.id, at=at)
    lines = [
        MailLine(line.sku, line.name, left)
        for line in tx.orders.lines(order.id)
        if (left := line.ordered - line.cancelled - line.shipped)
    ]
    told = customer_news.tell(
        tx,
        replace(order, promised_on=expected),
        MailKind.DELAYED,
        f"delayed:{expected}",
        at,
        lines=tuple(lines),
    )
    if told and expected:
        text = T("The customer learns that it takes longer, until {day}", day=expected)
    elif told:
        text = T("The customer learns that it takes longer")
    else:
        text = T("It should have left {time}", time=local(tx, item.ship_by))
    tx.orders.add_event(order.id, "late", text, at=at)


def _lacks_stock(tx: Tx, order_id: int) -> bool:
    """Whether something of an order is neither held for it nor free in the house."""
    return any(
        line.to_allocate > sum(place.free for place in tx.stock.available(line.product_id))
        for line in tx.orders.lines(order_id)
        if line.to_allocate > 0
    )
