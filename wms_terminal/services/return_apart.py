"""Goods that come back and of which nobody knows whose they are: on hold, until somebody does."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.returns import ReturnCase
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import Disposition
from wms_terminal.services import return_close, returns, words
from wms_terminal.services.dialogue import (
    BARRIER,
    Answer,
    Context,
    Dialogue,
    Found,
    ok,
    question,
)
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.return_open import START, open_case, open_found, order_of
from wms_terminal.services.return_unit import (
    from_held,
    hold_place,
    signed,
    take_from_hold,
    the_case,
)
from wms_terminal.services.returns import Unit


def keep_apart(ctx: Context, found: Found, case: ReturnCase | None) -> Answer:
    """Goods that no order accounts for: kept on hold under a number of their own, if wanted."""
    product = ctx.tx.site.product(found.ref)
    name = T("{count} × {name}", count=found.units, name=product.name)
    if ctx.dialogue.asked != "apart":
        if case is None:
            text = T("Whose is it? Keep {goods} on hold?", goods=name)
            advice = T("Scan it again for yes, or scan its order, parcel or return")
        else:
            text = T(
                "Not shipped with this order, or not that many: keep {goods} apart?", goods=name
            )
            advice = T("Scan it again for yes: it is kept on hold under a number of its own")
        asked = ctx.dialogue.ask(found.reading.text, "apart")
        return Answer(asked, question("whose", text, advice))
    place = hold_place(ctx.at_dialogue(START))
    kept = None if case is None else ctx.tx.returns.beside(case.id)
    if kept is None:
        kept = returns.orphan(ctx.tx, ctx.at, place.id, case.id if case is not None else None)
    if case is not None:
        returns.arrive(ctx.tx, case, ctx.at, signed(ctx))
        told = T("Return {other}: {goods} came with return {number}",
                 other=kept.number, goods=name, number=case.number)  # fmt: skip
        return_close.tell_service(ctx.tx, case, told, ctx.at)
    answer = _keep(ctx, kept, found)
    if case is None:
        dialogue = Dialogue("returns", "orphan", return_id=kept.id)
        return replace(answer, dialogue=dialogue)
    return replace(answer, dialogue=ctx.dialogue.to(ctx.dialogue.state))


def _keep(ctx: Context, case: ReturnCase, found: Found) -> Answer:
    """Units on hold in a return without an order."""
    place = hold_place(ctx.at_dialogue(Dialogue("returns", "orphan", return_id=case.id)))
    product = ctx.tx.site.product(found.ref)
    unit = Unit(product.id, found.reading.lot if product.lot_tracked else "", None, found.units)
    row = returns.receive(ctx.tx, case, unit, Disposition.HOLD, place.id, ctx.at, signed(ctx))
    undo = {
        "op": "receive",
        "rows": [[row, None, found.units]],
        "disposition": Disposition.HOLD.value,
        "apart": case.id,
    }
    text = T("Return {number}: {count} × {name} on hold at {place}", number=case.number,
             count=found.units, name=product.name, place=place.code)  # fmt: skip
    return Answer(ctx.dialogue, ok("kept", text), undo=undo)


def at_orphan(ctx: Context, found: Found) -> Answer:
    """More of the goods, the order that they are of, or goods off hold."""
    case = the_case(ctx)
    if case.order_id is not None or not case.is_open:
        return open_case(ctx, case)
    if found.command is Command.OK:
        return _leave_orphan(ctx, case)
    if found.command is Command.TAKE:
        return take_from_hold(ctx, case)
    if found.kind is Kind.PRODUCT:
        return from_held(ctx, case, found) if ctx.dialogue.taking else _keep(ctx, case, found)
    order_id = order_of(ctx, found)
    if order_id is not None:
        return _link(ctx, case, found, order_id)
    opened = open_found(ctx, found)
    if opened is None:
        raise unexpected(ctx.tx, found, T("more of the goods, or the order they are of"))
    return opened


def _leave_orphan(ctx: Context, case: ReturnCase) -> Answer:
    """It waits for somebody to find out; with nothing left on hold it has ended."""
    lines = ctx.tx.returns.lines(case.id)
    held = sum(line.held for line in lines)
    if held or any(line.advised > line.received for line in lines):
        text = T("Return {number} stays open: {count} on hold", number=case.number, count=held)
        return Answer(START, ok("waits", text), undo=BARRIER)
    return_close.close(ctx.tx, case, ctx.at, signed(ctx))
    text = T("Return {number} has ended", number=case.number)
    return Answer(START, ok("closed", text, Outcome.ORDER_DONE), undo=BARRIER)


def _link(ctx: Context, case: ReturnCase, found: Found, order_id: int) -> Answer:
    """The goods are of this order, if it can be so and somebody says it twice."""
    order = ctx.tx.orders.get(order_id)
    missing = returns.unlinkable(ctx.tx, case, order)
    if missing is not None:
        raise refuse(
            "wrong_order",
            T("These goods are not of order {number}", number=order.number),
            expected=T(
                "an order whose customer has {count} × {name}",
                count=missing.received,
                name=missing.name,
            ),
            got=T("order {number}: {state}", number=order.number, state=words.ORDER[order.state]),
        )
    if ctx.dialogue.asked != "link":
        text = T("Is return {number} of order {order}?", number=case.number, order=order.number)
        asked = ctx.dialogue.ask(found.reading.text, "link")
        return Answer(asked, question("link", text, T("Scan it again for yes")))
    linked = returns.link(ctx.tx, case, order, ctx.at, signed(ctx))
    text = T("Return {number} is of order {order}", number=case.number, order=order.number)
    dialogue = Dialogue("returns", "receive", return_id=linked.id, taking=True)
    return Answer(dialogue, ok("linked", text), undo=BARRIER)
