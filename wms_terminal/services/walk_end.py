"""How a stop or a walk ends otherwise or for good: short, given up, dropped at staging."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState, PickStop
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.reasons import SHORT_PICK, reason
from wms_terminal.domain.site import Kind, LocationKind
from wms_terminal.domain.text import T, Text
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok
from wms_terminal.services.heads import INCOMPLETE
from wms_terminal.services.release import reallocate, reschedule, tell_stock
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.walk import CLAIM, get_work, next_stop


def report_short(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """The rest of a stop cannot be had: somewhere else, or on back-order."""
    if found.command is Command.NO:
        return Answer(next_stop(ctx, stop.list_id), ok("answered_no", T("Not done")))
    why = reason(SHORT_PICK, found.code)
    if why is None:
        raise unexpected(ctx.tx, found, T("a reason from the list"))
    missing = stop.remaining
    stock = ctx.tx.stock
    stock.reserve(stop.location_id, stop.product_id, stop.lot, -missing)
    ctx.tx.picks.short(stop.task_id, missing, why.code)
    ctx.tx.orders.change_line(stop.line_id, allocated=-missing)
    problems = ctx.tx.site.locations(LocationKind.PROBLEM)
    if why.count or (why.damaged and not problems):
        stock.add_count(
            stop.location_id, stop.product_id, stop.lot, why.code, ctx.at, ctx.operator.id
        )
    if why.damaged and problems:
        stock.move(
            stop.product_id,
            stop.lot,
            missing,
            stop.location_id,
            problems[0].id,
            why="damaged",
            at=ctx.at,
            gesture_id=ctx.gesture,
            line_id=stop.line_id,
        )
    found_elsewhere = reallocate(ctx, stop.list_id, stop.line_id, stop.order_id)
    number = ctx.tx.orders.head(stop.order_id).number
    text = T(
        "Short: {count} × {name} at {location} ({why})",
        count=missing,
        name=stop.name,
        location=stop.location,
        why=why.name,
    )
    ctx.event(stop.order_id, "short_pick", text)
    ctx.tx.orders.add_notice("stock", text, at=ctx.at, order_id=stop.order_id)
    if found_elsewhere < missing:
        tell_stock(ctx, stop.order_id, number, missing - found_elsewhere)
    if found_elsewhere:
        message = T("{count} are to be had elsewhere: the walk goes there", count=found_elsewhere)
    else:
        message = T("{count} × {name} on back-order", count=missing, name=stop.name)
    if ctx.tx.picks.stop(stop.list_id) is None and not _anything_picked(ctx):
        return _give_up(ctx, message)
    return Answer(next_stop(ctx, stop.list_id), ok("short", message), undo=BARRIER)


def _anything_picked(ctx: Context) -> bool:
    assert ctx.dialogue.order_id is not None
    return any(line.picked > line.packed for line in ctx.tx.orders.lines(ctx.dialogue.order_id))


def _give_up(ctx: Context, message: Text) -> Answer:
    """Nothing of the order was to be had: it waits for stock, its totes are free."""
    order_id, list_id = ctx.dialogue.order_id, ctx.dialogue.list_id
    assert order_id is not None
    assert list_id is not None
    for tote in ctx.tx.site.totes_of(order_id):
        ctx.tx.site.use_tote(tote.id, None, None)
    ctx.tx.picks.set_list_state(list_id, "void")
    ctx.tx.picks.release_claim(CLAIM, list_id)
    ctx.tx.orders.set_state(order_id, OrderState.NEW)
    ctx.tx.orders.set_waiting(order_id, "stock")
    ctx.event(order_id, "waiting_stock", T("Waits for stock"))
    answer = get_work(ctx)
    return Answer(answer.dialogue, ok("order_waits", message), undo=BARRIER)


def drop(ctx: Context, found: Found) -> Answer:
    """All totes of the order are put down at staging; packing takes over."""
    if found.kind is not Kind.LOCATION:
        raise unexpected(ctx.tx, found, T("a staging location"))
    place = ctx.tx.site.location(found.ref)
    if place.kind is not LocationKind.STAGING:
        raise refuse(
            "wrong_location",
            T("Picked goods are put down at staging only"),
            expected=T("a staging location"),
            got=place.code,
        )
    order_id, list_id = ctx.dialogue.order_id, ctx.dialogue.list_id
    assert order_id is not None
    assert list_id is not None
    totes = ctx.tx.site.totes_of(order_id)
    for tote in totes:
        ctx.tx.site.place(tote.id, place.id)
    ctx.tx.picks.set_list_state(list_id, "dropped")
    ctx.tx.picks.release_claim(CLAIM, list_id)
    reschedule(ctx.tx, order_id, OrderState.PICKED, steps=2)
    names = " ".join(tote.code for tote in totes)
    text = T("Picked: {totes} at {location}", totes=names, location=place.code)
    ctx.event(order_id, "picked", text)
    _hold_incomplete(ctx, order_id)
    answer = get_work(ctx)
    return Answer(answer.dialogue, ok("order_picked", text, Outcome.ORDER_DONE), undo=BARRIER)


def _hold_incomplete(ctx: Context, order_id: int) -> None:
    """An order that may not leave in parts waits at staging for a decision."""
    order = ctx.tx.orders.get(order_id)
    missing = sum(line.to_allocate for line in ctx.tx.orders.lines(order_id))
    if missing and not order.partial:
        ctx.tx.orders.set_hold(order_id, INCOMPLETE)
        text = T("Order {number} is incomplete and held at staging", number=order.number)
        ctx.event(order_id, "held", text)
        ctx.tx.orders.add_notice("picking", text, at=ctx.at, order_id=order_id)
