"""Returns desk: goods that come back, and goods of cancelled orders that never left.

States: `start` · `receive` and `proof` (units of a return; the scans behind a line) · `orphan`
(goods of nobody knows whom) · `back` (units out of a cancelled order's tote or parcel) · `lot`,
`inspect`, `put` (the unit in the hand: which lot, what becomes of it, where it goes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.reasons import DISPOSITION, RESTOCK, reason
from wms_terminal.domain.returns import ReturnCase, by_line
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import Disposition
from wms_terminal.services import put_back, return_close, returns, words
from wms_terminal.services.dialogue import (
    BARRIER,
    Answer,
    Context,
    Dialogue,
    Flow,
    Found,
    ok,
    question,
)
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.return_apart import at_orphan, keep_apart
from wms_terminal.services.return_open import START, leave, open_found
from wms_terminal.services.return_unit import (
    ask_lot,
    at_inspect,
    at_put,
    empty_hand,
    from_held,
    in_hand,
    lots_of,
    pick_lot,
    plan,
    shelf,
    signed,
    take_from_hold,
    the_case,
)
from wms_terminal.services.return_view import show

_OPENS = (Kind.PARCEL, Kind.ORDER, Kind.TOTE)
_UNITS = (Kind.PRODUCT, Kind.PARCEL, Kind.LOCATION, Kind.TOTE, Kind.ORDER)
_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "start": (*_OPENS, Kind.PRODUCT),
    "receive": _UNITS,
    "proof": _UNITS,
    "orphan": _UNITS,
    "back": _UNITS,
    "lot": (Kind.LOT,),
    "inspect": (Kind.LOCATION,),
    "put": (Kind.LOCATION,),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands and reasons are always allowed."""
    return _ACCEPTS[dialogue.state]


def enter(ctx: Context) -> Answer:
    """What waits at the returns desk."""
    return Answer(START, ok("returns", T("Returns desk")))


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code at the returns desk."""
    state = ctx.dialogue.state
    if state == "start":
        return _at_start(ctx, found)
    if state == "lot":
        return _at_lot(ctx, found)
    if state == "inspect":
        return at_inspect(ctx, found)
    if state == "put":
        return at_put(ctx, found)
    pile = _pile(ctx, found)
    if pile is not None:
        return pile
    if state == "back":
        return _at_back(ctx, found)
    if state == "orphan":
        return at_orphan(ctx, found)
    return _at_receive(ctx, found)


# --- what is this about -------------------------------------------------------------------------


def _at_start(ctx: Context, found: Found) -> Answer:
    if found.kind is Kind.PRODUCT:
        return keep_apart(ctx, found, None)
    opened = open_found(ctx, found)
    if opened is None:
        raise unexpected(ctx.tx, found, T("a return, an order, a parcel, or its goods"))
    return opened


# --- units of a return --------------------------------------------------------------------------


def _pile(ctx: Context, found: Found) -> Answer | None:
    """What becomes of every unit from now on, or that it is asked again."""
    dialogue = ctx.dialogue
    if found.kind is Kind.LOCATION:
        place = shelf(ctx, found)
        text = T("Every unit from now on: restock, {place}", place=place.code)
        piled = replace(dialogue, pile=RESTOCK.code, pile_id=place.id)
        return Answer(piled, ok("pile", text), undo={"op": "hand"})
    why = reason(DISPOSITION, found.code)
    if why is not None:
        text = T("Every unit from now on: {what}", what=why.name)
        piled = replace(dialogue, pile=why.code, pile_id=None)
        return Answer(piled, ok("pile", text), undo={"op": "hand"})
    if found.command is Command.NO and dialogue.pile:
        asked = replace(dialogue, pile="", pile_id=None)
        return Answer(asked, ok("no_pile", T("It is asked for each unit")), undo={"op": "hand"})
    return None


def _at_receive(ctx: Context, found: Found) -> Answer:
    case, dialogue = the_case(ctx), ctx.dialogue
    if not case.is_open and not dialogue.taking:
        text = T("Return {number} was closed meanwhile", number=case.number)
        return Answer(START, question("changed_elsewhere", text, T("This scan was not used")))
    if found.command is Command.OK:
        return _close(ctx, case)
    if found.command is Command.SKIP:
        state = "receive" if dialogue.state == "proof" else "proof"
        return Answer(dialogue.to(state), ok("next", T("Next")))
    if found.command is Command.TAKE:
        return take_from_hold(ctx, case)
    if found.kind is not Kind.PRODUCT:
        opened = open_found(ctx, found)
        if opened is None:
            raise unexpected(ctx.tx, found, T("goods of this return"))
        return opened
    if dialogue.taking:
        return from_held(ctx, case, found)
    assert case.order_id is not None
    product = ctx.tx.site.product(found.ref)
    there = ctx.tx.returns.with_customer(case.order_id, product.id)
    lot = pick_lot(product, found.reading.lot, [item.lot for item in there])
    if plan(ctx, case, product.id, lot or "", found.units) is None:
        return keep_apart(ctx, found, case)
    if lot is None:
        return ask_lot(ctx, product, found.units, [item.lot for item in there])
    return in_hand(ctx, product, lot, found.units)


def _at_lot(ctx: Context, found: Found) -> Answer:
    """The lot of the unit in the hand."""
    dialogue = ctx.dialogue
    if found.command is Command.NO:
        return Answer(empty_hand(ctx), ok("answered_no", T("Not done")))
    product = ctx.tx.site.product(dialogue.product_id or 0)
    lots = lots_of(ctx, product.id)
    scanned = found.reading.lot or found.reading.text
    if found.kind is not Kind.LOT and scanned not in lots:
        raise unexpected(ctx.tx, found, T("a lot: {lots}", lots=" / ".join(sorted(lots))))
    lot = pick_lot(product, scanned, lots)
    return in_hand(ctx, product, lot or "", dialogue.units)


def _close(ctx: Context, case: ReturnCase) -> Answer:
    """Nothing more is waited for; what differs from what was advised is asked once."""
    if not case.is_open:
        return Answer(START, ok("closed", T("Return {number} has ended", number=case.number)))
    came = by_line(ctx.tx.returns.lines(case.id))
    received, advised = sum(line.received for line in came), sum(line.advised for line in came)
    asked = ctx.dialogue.asked == "close"
    if not received:
        if case.announced_at and not asked:
            text = T("Nothing of it has come: is it not waited for any more?")
            return Answer(ctx.dialogue.ask(Command.OK.value, "close"), question("close", text))
        returns.void(ctx.tx, case, ctx.at, signed(ctx))
        text = T("Return {number} is not waited for any more", number=case.number)
        return Answer(START, ok("void", text), undo=BARRIER)
    if return_close.differences(ctx.tx, case) and not asked:
        text = T("{received} came, {advised} were advised: close it?", received=received,
                 advised=advised)  # fmt: skip
        advice = T("OK again for yes; customer service is told")
        return Answer(ctx.dialogue.ask(Command.OK.value, "close"), question("close", text, advice))
    return_close.close(ctx.tx, case, ctx.at, signed(ctx))
    text = T("Return {number} closed: {count} units", number=case.number, count=received)
    return Answer(START, ok("closed", text, Outcome.ORDER_DONE), undo=BARRIER)


# --- goods of a cancelled order -----------------------------------------------------------------


def _at_back(ctx: Context, found: Found) -> Answer:
    dialogue = ctx.dialogue
    assert dialogue.order_id is not None
    if not put_back.is_waiting(ctx.tx, dialogue.order_id):
        head = ctx.tx.orders.head(dialogue.order_id)
        text = T("Order {number}: {state}", number=head.number, state=words.ORDER[head.state])
        return Answer(START, question("changed_elsewhere", text, T("This scan was not used")))
    if found.command is Command.OK:
        text = T("The rest of it waits here")
        return Answer(START, ok("waits", text), undo=BARRIER)
    if found.kind is not Kind.PRODUCT:
        opened = open_found(ctx, found)
        if opened is None:
            raise unexpected(ctx.tx, found, T("goods out of it, or its next tote or parcel"))
        return opened
    if dialogue.place_id is None:
        raise unexpected(ctx.tx, found, T("a tote or parcel of the order"))
    product = ctx.tx.site.product(found.ref)
    rows = put_back.inside(ctx.tx, dialogue.place_id, product.id)
    lots = [row.lot for row in rows]
    lot = pick_lot(product, found.reading.lot, lots)
    there = sum(row.quantity for row in rows if lot in (None, row.lot))
    if there < found.units:
        raise refuse(
            "over_quantity" if there else "wrong_product",
            T("That is not in it"),
            expected=T("{count} × {name}", count=there, name=product.name) if there else "",
            got=f"{product.name} ({product.sku})",
            outcome=Outcome.OVER if there else Outcome.WRONG,
        )
    if lot is None:
        return ask_lot(ctx, product, found.units, lots)
    return in_hand(ctx, product, lot, found.units)


# --- taking back --------------------------------------------------------------------------------


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take one unit back; the ledger's moves are reversed by the kernel."""
    operation = what["op"]
    if operation == "back":
        taken = what["taken"]
        assert isinstance(taken, list)
        if not put_back.is_waiting(ctx.tx, ctx.dialogue.order_id or 0):
            raise refuse("nothing_to_undo", T("The order has ended meanwhile"))
        put_back.untake(ctx.tx, [(line, parcel, lot, units) for line, parcel, lot, units in taken])
        return
    if operation not in ("receive", "hold"):
        return
    rows, disposition = what["rows"], Disposition(str(what["disposition"]))
    assert isinstance(rows, list)
    apart = what.get("apart")
    case = ctx.tx.returns.get(apart) if isinstance(apart, int) else the_case(ctx)
    if operation == "receive" and not case.is_open:
        raise refuse("nothing_to_undo", T("Return {number} has ended", number=case.number))
    for row, line_id, units in rows:
        if operation == "hold":
            returns.back_on_hold(ctx.tx, row, units, disposition)
        else:
            returns.unreceive(ctx.tx, row, line_id, disposition, units)
    if isinstance(apart, int) and not ctx.tx.returns.lines(apart):
        returns.void(ctx.tx, case, ctx.at, signed(ctx))


FLOW = Flow("returns", accepts, show, scan, enter, leave, undo)
