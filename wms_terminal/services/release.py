"""Release: a paid order gets its stock and its pick list, when a picker is ready for it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wms_terminal.domain.allocation import Share, allocate
from wms_terminal.domain.orders import OrderLine, OrderState
from wms_terminal.domain.promise import latest_start, moment, stamp, work_seconds
from wms_terminal.domain.text import T
from wms_terminal.ports.store import Tx
from wms_terminal.services.dialogue import Context
from wms_terminal.services.heads import today

STOCK_DEPARTMENT = "stock"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where one line is taken from."""

    line: OrderLine
    shares: list[Share]

    @property
    def found(self) -> int:
        """Units that are to be had."""
        return sum(share.quantity for share in self.shares)


def release(ctx: Context, order_id: int) -> int | None:
    """Allocate what there is and make a pick list of it; None when the order has to wait."""
    tx = ctx.tx
    order = tx.orders.get(order_id)
    taken: dict[tuple[int, int, str], int] = {}
    plans = [_plan(ctx, line, taken) for line in tx.orders.lines(order_id) if line.to_allocate > 0]
    missing = sum(plan.line.to_allocate - plan.found for plan in plans)
    if not any(plan.found for plan in plans) or (missing and not order.partial):
        tx.orders.set_waiting(order_id, "stock")
        ctx.event(order_id, "waiting_stock", T("Waits for stock: {count} units", count=missing))
        return None
    list_id = tx.picks.create_list(order_id, order.latest_start, ctx.at)
    assign(ctx, list_id, plans)
    tx.orders.set_state(order_id, OrderState.PICKING)
    ctx.event(order_id, "released", T("Released to the floor: {count} lines", count=len(plans)))
    if missing:
        tell_stock(ctx, order_id, order.number, missing)
    return list_id


def assign(ctx: Context, list_id: int, plans: list[Plan]) -> None:
    """Turn shares into tasks on a pick list in the order of the walk, holding the stock."""
    stops = [(share, plan.line) for plan in plans for share in plan.shares]
    site = ctx.tx.site
    for share, line in sorted(
        stops, key=lambda s: (s[0].walk, site.location(s[0].location_id).code)
    ):
        ctx.tx.stock.reserve(share.location_id, line.product_id, share.lot, share.quantity)
        ctx.tx.picks.add_task(
            list_id,
            line.id,
            line.product_id,
            share.lot,
            share.location_id,
            share.quantity,
            share.walk,
        )
        ctx.tx.orders.change_line(line.id, allocated=share.quantity)


def reallocate(ctx: Context, list_id: int, line_id: int, order_id: int) -> int:
    """Look elsewhere for what a line misses; the units that were found."""
    line = next(line for line in ctx.tx.orders.lines(order_id) if line.id == line_id)
    plan = _plan(ctx, line, {})
    assign(ctx, list_id, [plan])
    return plan.found


def tell_stock(ctx: Context, order_id: int, number: str, missing: int) -> None:
    """A back-order: on the timeline, and before the eyes of whoever is responsible for stock."""
    text = T("Order {number}: {count} units on back-order", number=number, count=missing)
    ctx.event(order_id, "backorder", text)
    ctx.tx.orders.add_notice(STOCK_DEPARTMENT, text, at=ctx.at, order_id=order_id)


def reschedule(tx: Tx, order_id: int, state: OrderState, steps: int) -> None:
    """Move an order on and reckon anew when work on it must start."""
    order = tx.orders.get(order_id)
    lines = tx.orders.lines(order_id)
    seconds = work_seconds(len(lines), sum(line.picked for line in lines), steps)
    start = latest_start(moment(order.ship_by), seconds)
    tx.orders.set_state(order_id, state, latest_start=stamp(start))


def _plan(ctx: Context, line: OrderLine, taken: dict[tuple[int, int, str], int]) -> Plan:
    """Shares for what one line misses, of goods that have not expired.

    `taken` is what earlier lines of the same order already took.
    """
    bins = []
    for item in ctx.tx.stock.available(line.product_id):
        used = taken.get((line.product_id, item.location_id, item.lot), 0)
        if item.free > used and not (item.expires_on and item.expires_on < today(ctx)):
            bins.append(replace(item, free=item.free - used))
    shares = allocate(line.to_allocate, bins)
    for share in shares:
        place = (line.product_id, share.location_id, share.lot)
        taken[place] = taken.get(place, 0) + share.quantity
    return Plan(line, shares)
