"""Short at packing: what was picked is not in the tote, or is damaged."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState, PackLine, Parcel, ParcelState
from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.reasons import SHORT_PACK, Reason, reason
from wms_terminal.domain.site import ADJUSTMENT, Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.services.back_order import pick_the_rest_later
from wms_terminal.services.box import close
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok, question
from wms_terminal.services.heads import INCOMPLETE
from wms_terminal.services.pack_order import finish
from wms_terminal.services.parcel import is_left_to_pack, open_parcel, still_to_pack, unlabelled
from wms_terminal.services.release import reschedule, tell_stock
from wms_terminal.services.resolver import unexpected

REASON_WANTED = T("a reason from the list, or the product that is short")


def short_lines(ctx: Context, order_id: int) -> list[PackLine]:
    """The lines of the product that is reported short: the one scanned, else the first."""
    todo = still_to_pack(ctx, order_id)
    product_id = ctx.dialogue.product_id or (todo[0].product_id if todo else 0)
    return [line for line in todo if line.product_id == product_id]


def at_reason(ctx: Context, found: Found) -> Answer:
    """Which product, and why."""
    order_id = ctx.dialogue.order_id
    assert order_id is not None
    if found.command is Command.NO:
        return Answer(ctx.dialogue.to("verify", product_id=None), ok("answered_no", T("Not done")))
    if found.kind is Kind.PRODUCT:
        return _choose(ctx, found, order_id)
    why = reason(SHORT_PACK, found.code)
    if why is None:
        raise unexpected(ctx.tx, found, REASON_WANTED)
    lines = short_lines(ctx, order_id)
    if not lines:
        raise refuse("nothing_done", T("Everything is packed: nothing is short"))
    missing = _give_up(ctx, order_id, lines, why)
    number = ctx.tx.orders.head(order_id).number
    text = T(
        "Short at packing: {count} × {name} of order {number} ({why})",
        count=missing,
        name=lines[0].name,
        number=number,
        why=why.name,
    )
    ctx.event(order_id, "short_pack", text)
    ctx.tx.orders.add_notice("picking", text, at=ctx.at, order_id=order_id)
    tell_stock(ctx, order_id, number, missing)
    return _go_on(ctx, order_id, text)


def _choose(ctx: Context, found: Found, order_id: int) -> Answer:
    chosen = ctx.at_dialogue(replace(ctx.dialogue, product_id=found.ref))
    if not short_lines(chosen, order_id):
        raise unexpected(ctx.tx, found, REASON_WANTED)
    text = T("Why is {name} short?", name=ctx.tx.site.product(found.ref).name)
    return Answer(chosen.dialogue, question("why_short", text))


def _give_up(ctx: Context, order_id: int, lines: list[PackLine], why: Reason) -> int:
    """Take what is missing out of the ledger and off the lines; how many units."""
    target = ADJUSTMENT
    if why.damaged:
        problems = ctx.tx.site.locations("problem")
        if not problems:
            raise refuse("configuration", T("There is no problem location for damaged goods"))
        target = problems[0].id
    missing = sum(line.picked - line.packed for line in lines)
    left = missing
    for row in ctx.tx.stock.in_totes(order_id, lines[0].product_id):
        count = min(left, row.quantity)
        if count:
            ctx.tx.stock.move(
                row.product_id,
                row.lot,
                count,
                row.location_id,
                target,
                why="short_pack",
                at=ctx.at,
                gesture_id=ctx.gesture,
                line_id=lines[0].line_id,
            )
            left -= count
    for line in lines:
        units = line.picked - line.packed
        ctx.tx.orders.change_line(line.line_id, picked=-units, allocated=-units)
    return missing


def _go_on(ctx: Context, order_id: int, text: Text) -> Answer:
    """The rest of the order; with nothing left the parcel is closed, or given up when empty."""
    parcel = open_parcel(ctx)
    empty = not ctx.tx.parcels.size(parcel.id).units
    rest = is_left_to_pack(ctx, order_id)
    if empty and not rest:
        return _nothing_to_pack(ctx, order_id, parcel, text)
    if _hold_incomplete(ctx, order_id):
        return finish(ctx, order_id, question("held", text, _HELD))
    ctx = ctx.at_dialogue(ctx.dialogue.to("verify", product_id=None))
    if rest:
        return Answer(ctx.dialogue, ok("short", text), undo=BARRIER)
    return replace(close(ctx, ok("short", text)), undo=BARRIER)


_HELD = T("The order may not leave in parts: it is held, leave it here")


def _nothing_to_pack(ctx: Context, order_id: int, parcel: Parcel, text: Text) -> Answer:
    """No empty parcel stays behind; an order of which nothing is packed is picked anew."""
    ctx.tx.parcels.set_state(parcel.id, ParcelState.VOID, ctx.at)
    if not any(line.packed > line.shipped for line in ctx.tx.orders.lines(order_id)):
        answer = finish(ctx, order_id, ok("short", text))
        pick_the_rest_later(ctx, order_id)
        return answer
    reschedule(ctx.tx, order_id, OrderState.PACKED, steps=1)
    if _hold_incomplete(ctx, order_id):
        return finish(ctx, order_id, question("held", text, _HELD))
    waiting = unlabelled(ctx, order_id)
    if waiting is None:
        return finish(ctx, order_id, ok("short", text))
    dialogue = ctx.dialogue.to("label", parcel_id=waiting.id, product_id=None)
    return Answer(dialogue, ok("short", text), undo=BARRIER)


def _hold_incomplete(ctx: Context, order_id: int) -> bool:
    """An order that may not leave in parts waits for a decision."""
    order = ctx.tx.orders.get(order_id)
    if order.partial:
        return False
    ctx.tx.orders.set_hold(order_id, INCOMPLETE)
    text = T("Order {number} is incomplete and held at the bench", number=order.number)
    ctx.event(order_id, "held", text)
    ctx.tx.orders.add_notice("packing", text, at=ctx.at, order_id=order_id)
    return True
