"""The goods of a stop: counted into the hand one by one, by pack or by key, and put into a tote."""

from __future__ import annotations

from wms_terminal.domain.orders import PickStop
from wms_terminal.domain.outcome import Outcome, Refused, refuse
from wms_terminal.domain.site import Kind, Location
from wms_terminal.domain.text import T, Text
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok, question
from wms_terminal.services.heads import today
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.walk import next_stop


def must_be_free(ctx: Context, tote: Location, expected: Text | str) -> None:
    """A tote that no order has and that nothing lies in."""
    if tote.order_id is not None:
        number = ctx.tx.orders.head(tote.order_id).number
        raise refuse(
            "wrong_tote",
            T("Tote {tote} holds order {number}", tote=tote.code, number=number),
            expected=expected,
            got=tote.code,
        )
    if ctx.tx.stock.on_hand(tote.id):
        raise refuse(
            "tote_not_empty",
            T("Tote {tote} is not empty", tote=tote.code),
            expected=expected,
            got=tote.code,
            advice=T("Take another one, and tell who is responsible"),
        )


def tote_names(ctx: Context) -> str:
    """The order's totes, by code."""
    assert ctx.dialogue.order_id is not None
    return " / ".join(tote.code for tote in ctx.tx.site.totes_of(ctx.dialogue.order_id))


def at_product(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """Answer a code before the goods."""
    if found.kind is Kind.PRODUCT:
        return _count(ctx, stop, found, found.units)
    if found.kind is Kind.NUMBER:
        return _key_in(ctx, stop, found)
    if found.kind is Kind.TOTE:
        return _put(ctx, stop, found)
    if found.kind is Kind.LOT:
        return _lot(ctx, stop, found)
    if found.kind is Kind.LOCATION and found.ref == stop.location_id:
        return Answer(
            ctx.dialogue, ok("already_here", T("You are at {location}", location=stop.location))
        )
    if stop.lot and _same(found.reading.lot or found.reading.text, stop.lot):
        raise refuse(
            "needs_first", T("The product comes first"), expected=_goods(stop), got=stop.lot
        )
    raise unexpected(ctx.tx, found, _goods(stop))


def _goods(stop: PickStop) -> str:
    return f"{stop.name} ({stop.sku})"


def _count(ctx: Context, stop: PickStop, found: Found, units: int) -> Answer:
    """Units of the product go from the location into the hand."""
    if found.ref != stop.product_id:
        product = ctx.tx.site.product(found.ref)
        raise refuse(
            "wrong_product",
            T("Wrong product"),
            expected=f"{stop.name} ({stop.sku})",
            got=f"{product.name} ({product.sku})",
            advice=T("Put it back where it was"),
        )
    if units > stop.remaining - stop.in_hand:
        raise _over(stop, units)
    if stop.lot_tracked and stop.lot:
        lot = found.reading.lot
        if not lot:
            dialogue = ctx.dialogue.to("product", units=units)
            return Answer(dialogue, question("needs_lot", T("Scan the lot: {lot}", lot=stop.lot)))
        if not _same(lot, stop.lot):
            return _substitute(ctx, stop, lot, found.reading.code, units)
    return _hand(ctx, stop, units)


def _over(stop: PickStop, units: int) -> Refused:
    left = stop.remaining - stop.in_hand
    text = T("Too many: {wanted} wanted, {have} in hand", wanted=stop.remaining, have=stop.in_hand)
    if units > 1:
        text = T("Too many: this is a pack of {units}, {left} still wanted", units=units, left=left)
    return refuse(
        "over_quantity",
        text,
        expected=str(left),
        got=str(units),
        advice=T("Scan single units") if left else T("Put it back"),
        outcome=Outcome.OVER,
    )


def _hand(ctx: Context, stop: PickStop, units: int) -> Answer:
    """Units more in the hand, or fewer when a lower total was keyed in."""
    ctx.tx.picks.hand(stop.task_id, units)
    have = stop.in_hand + units
    text = T("{have} of {wanted} × {name}", have=have, wanted=stop.remaining, name=stop.name)
    dialogue = ctx.dialogue.to("product", located=True, task_id=stop.task_id, units=0)
    undo = {"op": "hand", "list": stop.list_id, "task": stop.task_id, "units": units}
    return Answer(dialogue, ok("counted", text), undo=undo)


def _key_in(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """A total in hand, after at least one unit was scanned, or the product's own number."""
    total = found.units
    if found.ref and (not stop.in_hand or total > stop.remaining):
        return _count(ctx, stop, found, 1)
    if not stop.in_hand:
        raise refuse(
            "needs_first",
            T("Scan one of them first, then key the total in"),
            expected=_goods(stop),
            got=str(total),
        )
    if total > stop.remaining:
        raise refuse(
            "over_quantity",
            T("Too many: {wanted} wanted, {total} keyed in", wanted=stop.remaining, total=total),
            expected=str(stop.remaining),
            got=str(total),
            outcome=Outcome.OVER,
        )
    return _hand(ctx, stop, total - stop.in_hand)


def _same(lot: str, other: str) -> bool:
    return lot.casefold() == other.casefold()


def _lot(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """A lot label answers the question for the lot."""
    units = ctx.dialogue.units
    if _same(found.code, stop.lot):
        return _hand(ctx, stop, units)
    return _substitute(ctx, stop, found.code, found.reading.code, units)


def _substitute(ctx: Context, stop: PickStop, got: str, code: str, units: int) -> Answer:
    """Another lot of the product: taken when the same code is scanned twice."""
    free = [
        item
        for item in ctx.tx.stock.available(stop.product_id)
        if item.location_id == stop.location_id and _same(item.lot, got)
    ]
    started = stop.in_hand or stop.picked or stop.short
    if started or not free or free[0].free < stop.remaining:
        raise refuse(
            "wrong_lot",
            T("Wrong lot"),
            expected=stop.lot,
            got=got,
            advice=T("Take the lot shown, or report it short"),
        )
    lot, expires_on = free[0].lot, free[0].expires_on
    if expires_on and expires_on < today(ctx):
        raise refuse(
            "blocked_by_expiry",
            T("Lot {lot} expired on {date}", lot=lot, date=expires_on),
            expected=stop.lot,
            got=lot,
            advice=T("Put it aside and tell who is responsible"),
        )
    if ctx.dialogue.confirm != code:
        text = T("Lot {got} instead of {lot}?", got=lot, lot=stop.lot)
        return Answer(
            ctx.dialogue.ask(code, "substitute"),
            question("other_lot", text, T("Scan it again to take this lot")),
        )
    ctx.tx.stock.reserve(stop.location_id, stop.product_id, stop.lot, -stop.remaining)
    ctx.tx.stock.reserve(stop.location_id, stop.product_id, lot, stop.remaining)
    ctx.tx.picks.substitute(stop.task_id, lot)
    ctx.event(
        stop.order_id, "lot_changed", T("Lot {got} taken instead of {lot}", got=lot, lot=stop.lot)
    )
    changed = ctx.tx.picks.stop(stop.list_id)
    assert changed is not None
    answer = _hand(ctx, changed, units)
    return Answer(answer.dialogue, answer.message, undo=BARRIER)


def _put(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """What is in the hand goes into the tote: stock moves, the line is picked."""
    tote = ctx.tx.site.location(found.ref)
    if ctx.dialogue.units:
        raise refuse("needs_first", T("The lot comes first"), expected=stop.lot, got=tote.code)
    if not stop.in_hand:
        raise refuse(
            "needs_first", T("The product comes first"), expected=_goods(stop), got=tote.code
        )
    undo = {"op": "put", "list": stop.list_id, "task": stop.task_id, "line": stop.line_id}
    if tote.order_id != stop.order_id:
        must_be_free(ctx, tote, tote_names(ctx))
        if ctx.dialogue.confirm != found.reading.code:
            text = T("{tote} is empty: use it as another tote?", tote=tote.code)
            return Answer(
                ctx.dialogue.ask(found.reading.code, "another_tote"),
                question("another_tote", text, T("Scan it again to use it too")),
            )
        ctx.tx.site.use_tote(tote.id, stop.order_id, None)
        undo["tote"] = tote.id
    units = stop.in_hand
    ctx.tx.stock.move(
        stop.product_id,
        stop.lot,
        units,
        stop.location_id,
        tote.id,
        why="pick",
        at=ctx.at,
        gesture_id=ctx.gesture,
        line_id=stop.line_id,
        allocated=True,
    )
    ctx.tx.picks.put(stop.task_id, units)
    ctx.tx.orders.change_line(stop.line_id, picked=units)
    done = units == stop.remaining
    emptied = ctx.tx.stock.on_hand(stop.location_id) == 0
    undo["units"] = units
    text = T("{count} × {name} into {tote}", count=units, name=stop.name, tote=tote.code)
    outcome = Outcome.LINE_DONE if done else Outcome.OK
    dialogue = next_stop(ctx, stop.list_id)
    if emptied:
        dialogue = dialogue.to("zero", units=stop.location_id, product_id=stop.product_id)
    return Answer(dialogue, ok("picked", text, outcome), undo=undo)
