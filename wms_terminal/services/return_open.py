"""What a code at the returns desk is about: a return, or the goods of a cancelled order."""

from __future__ import annotations

from wms_terminal.domain.codes import key as key_of
from wms_terminal.domain.outcome import Outcome, Refused, refuse
from wms_terminal.domain.returns import ReturnCase, ReturnState
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.services import put_back, returns, words
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Dialogue, Found, ok
from wms_terminal.services.resolver import printable
from wms_terminal.services.return_unit import signed, the_case

START = Dialogue("returns", "start")


def open_found(ctx: Context, found: Found) -> Answer | None:
    """The return, order, parcel or tote that a code stands for; None when it is none of these."""
    case = ctx.tx.returns.by_number(key_of(found.reading.text))
    if case is not None:
        return open_case(ctx, case)
    if found.kind is Kind.TOTE:
        return _open_tote(ctx, found)
    if found.kind is Kind.UNKNOWN and (cases := ctx.tx.returns.by_code(found.reading.text)):
        if len(cases) > 1 and cases[1].is_open:
            raise refuse(
                "ambiguous",
                T("This code stands for {count} things", count=len(cases)),
                got=printable(found.reading.text),
                advice=T("Scan the number of the return, or of its order"),
            )
        return open_case(ctx, cases[0])
    order_id = order_of(ctx, found)
    return None if order_id is None else _open_order(ctx, found, order_id)


def order_of(ctx: Context, found: Found) -> int | None:
    """The order that a code stands for: its number, its parcel's, or that parcel's tracking."""
    if found.kind is Kind.ORDER:
        return found.ref
    if found.kind is Kind.PARCEL:
        return ctx.tx.parcels.get(found.ref).order_id
    if found.kind is Kind.UNKNOWN:
        return ctx.tx.returns.order_by_tracking(found.reading.text)
    return None


def open_case(ctx: Context, case: ReturnCase) -> Answer:
    """A return's units are scanned next.

    Raises:
        Refused: it has ended, and nothing of it is on hold.
    """
    _leave_for(ctx, case.id)
    lines = ctx.tx.returns.lines(case.id)
    waits = any(line.held for line in lines)
    if not case.is_open and not (waits and case.state is ReturnState.CLOSED):
        raise refuse(
            "already_done",
            T("Return {number} has ended", number=case.number),
            expected=T("a return that is open"),
            advice=T("Scan the order for what comes after it"),
        )
    state = "orphan" if case.order_id is None else "receive"
    # Of what was closed, the goods on hold are all there is.
    taking = not case.is_open
    dialogue = Dialogue("returns", state, return_id=case.id, taking=taking)
    text = T(
        "Return {number}: {advised} advised, {received} received",
        number=case.number,
        advised=sum(line.advised for line in lines),
        received=sum(line.received for line in lines),
    )
    return Answer(dialogue, ok("return", text), undo=BARRIER)


def _open_order(ctx: Context, found: Found, order_id: int) -> Answer:
    if put_back.is_waiting(ctx.tx, order_id):
        place_id = None
        if found.kind is Kind.PARCEL:
            place_id = ctx.tx.parcels.get(found.ref).location_id
        return _begin_put_back(ctx, order_id, place_id)
    cases = [case for case in ctx.tx.returns.of_order(order_id) if case.is_open]
    if cases:
        return open_case(ctx, cases[0])
    order = ctx.tx.orders.get(order_id)
    if not any(line.shipped > line.returned for line in ctx.tx.orders.lines(order_id)):
        came = any(line.returned for line in ctx.tx.orders.lines(order_id))
        raise refuse(
            "already_done" if came else "needs_first",
            T("All of order {number} is back", number=order.number)
            if came
            else T("Nothing of order {number} was shipped", number=order.number),
            expected=T("an order whose customer has goods of it"),
            got=T("order {number}: {state}", number=order.number, state=words.ORDER[order.state]),
        )
    _leave_for(ctx, None)
    return open_case(
        ctx.at_dialogue(START), returns.unannounced(ctx.tx, order, ctx.at, signed(ctx))
    )


def leave(ctx: Context) -> None:
    """A return that was only begun here, and of which nothing was scanned, is not kept."""
    if ctx.dialogue.return_id is None:
        return
    case = the_case(ctx)
    if case.is_open and not case.announced_at and not ctx.tx.returns.lines(case.id):
        returns.void(ctx.tx, case, ctx.at, signed(ctx))


def _leave_for(ctx: Context, return_id: int | None) -> None:
    """Another return is opened; scanning the same one again changes nothing."""
    if ctx.dialogue.return_id is not None and ctx.dialogue.return_id != return_id:
        leave(ctx)


def _open_tote(ctx: Context, found: Found) -> Answer:
    tote = ctx.tx.site.location(found.ref)
    if tote.order_id is None or not put_back.is_waiting(ctx.tx, tote.order_id):
        raise _not_back(ctx, tote.code, tote.order_id)
    return _begin_put_back(ctx, tote.order_id, tote.id)


def _not_back(ctx: Context, code: str, order_id: int | None) -> Refused:
    got: Text | str = code
    if order_id is not None:
        head = ctx.tx.orders.head(order_id)
        got = T("order {number}: {state}", number=head.number, state=words.ORDER[head.state])
    return refuse(
        "needs_first",
        T("Nothing of it is to be put back"),
        expected=T("a tote or parcel of an order that its channel has cancelled"),
        got=got,
    )


def _begin_put_back(ctx: Context, order_id: int, place_id: int | None) -> Answer:
    """What was only held is free at once; the goods of the tote or parcel come next."""
    _leave_for(ctx, None)
    number = ctx.tx.orders.head(order_id).number
    if put_back.free(ctx.tx, order_id, ctx.at, signed(ctx)):
        text = T("Order {number} is cancelled: nothing of it is on the floor", number=number)
        return Answer(START, ok("order_put_back", text, Outcome.ORDER_DONE), undo=BARRIER)
    places = put_back.containers(ctx.tx, order_id)
    if place_id not in [place.id for place in places]:
        place_id = places[0].id if len(places) == 1 else None
    if place_id is not None:
        put_back.open_up(ctx.tx, order_id, place_id, ctx.at)
    text = T("Order {number} was cancelled: its goods go back", number=number)
    dialogue = Dialogue("returns", "back", order_id=order_id, place_id=place_id)
    return Answer(dialogue, ok("put_back", text), undo=BARRIER)
