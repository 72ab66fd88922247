"""The top line of a station's screen, the same on every station."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from wms_terminal.domain.orders import OrderHead, OrderState
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.promise import moment
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.store import Tx
from wms_terminal.services.dialogue import Context


def order_title(tx: Tx, head: OrderHead) -> Text:
    """Which order, and when its courier leaves."""
    return T(
        "order {number} · {carrier} leaves {time}",
        number=head.number,
        carrier=head.carrier,
        time=local(tx, head.ship_by),
    )


def local(tx: Tx, at: str) -> str:
    """A stored time as the clocks of the site show it."""
    return _in_zone(at, tx.site.setting("timezone", "UTC"))


@lru_cache(maxsize=256)
def _in_zone(at: str, zone: str) -> str:
    return f"{moment(at).astimezone(ZoneInfo(zone)):%d-%m %H:%M}"


def local_day(tx: Tx, when: datetime) -> str:
    """The site's calendar day of a moment, as the store keeps dates."""
    return when.astimezone(ZoneInfo(tx.site.setting("timezone", "UTC"))).date().isoformat()


def today(ctx: Context) -> str:
    """The site's date, as the store keeps dates."""
    return local_day(ctx.tx, ctx.now)


INCOMPLETE = "incomplete"
"""The hold that the program itself puts on an order which may not leave in parts."""
CANCELLED = "cancelled by the channel"
"""Cancelled by whomever, and something of it lies in the house."""
CHANGED = "changed by the channel"
HELD = "held by the channel"
GONE = "shipped elsewhere, says the channel"
_WHY = {
    INCOMPLETE: T("incomplete, and it may not leave in parts"),
    CANCELLED: T("it was cancelled"),
    CHANGED: T("the channel has changed it"),
    HELD: T("the channel says to wait"),
    GONE: T("the channel says that it was shipped already"),
}


_WHERE = {
    OrderState.PICKING: "picking",
    OrderState.PICKED: "packing",
    OrderState.PACKING: "packing",
}
"""The department that has an order in its hands."""


def held_because(hold: str) -> Text | str:
    """Why an order is on hold: somebody's own words, or the program's in one's language."""
    return _WHY.get(hold, hold)


def stop(tx: Tx, order_id: int, hold: str, why: Text | str, at: str) -> str:
    """Stop an order wherever it is, and tell who is responsible there.

    What was done, in a word: held, or unchanged where it is stopped for that already, or has ended.
    """
    head = tx.orders.head(order_id)
    if head.hold == hold or head.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        return "unchanged"
    tx.orders.set_hold(order_id, hold)
    text = T("Put on hold: {why}", why=held_because(hold))
    if why:
        text = T("Put on hold: {why} ({detail})", why=held_because(hold), detail=why)
    tx.orders.add_event(order_id, "hold", text, at=at)
    if head.state is not OrderState.NEW:
        told = T("Order {number}: {why}", number=head.number, why=held_because(hold))
        where = _WHERE.get(head.state, "shipping")
        tx.orders.add_notice(where, told, order_id=order_id, at=at)
    return "held"


def stopped(head: OrderHead) -> Refused | None:
    """The refusal of work on an order that must not move."""
    if head.state is OrderState.CANCELLED:
        return refuse(
            "cancelled_elsewhere",
            T("Order {number} was cancelled", number=head.number),
            advice=T("Put its goods aside and tell who is responsible"),
        )
    if head.hold:
        return refuse(
            "order_on_hold",
            T("Order {number} is on hold: {why}", number=head.number, why=held_because(head.hold)),
            advice=T("Leave it here and go to other work with Menu"),
        )
    return None
