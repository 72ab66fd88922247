"""Pack: scan and confirm every unit into a parcel, weigh it, close it, label it.

States: `open` (which order?) · `verify` (each unit) · `package` (which carton?) · `weigh` ·
`override` and `pin` (a supervisor accepts a weight) · `label` (the printed label is scanned
back) · `reason` (why it is short) · `reprint` · `reopen` (which parcel?).

What it shows is in `pack_view`, carton and weight are in `box`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState, Parcel, ParcelState
from wms_terminal.domain.outcome import Message, Outcome, Refused, refuse
from wms_terminal.domain.packing import spread
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK, reason
from wms_terminal.domain.site import ADJUSTMENT, Kind, Product
from wms_terminal.domain.text import T
from wms_terminal.ports.store import StockRow
from wms_terminal.services.box import at_package, at_weigh, choose_package, close, override
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
from wms_terminal.services.heads import stopped
from wms_terminal.services.labels import label_job, print_again, print_trouble, scan_back
from wms_terminal.services.pack_view import show
from wms_terminal.services.parcel import open_parcel, still_to_pack
from wms_terminal.services.release import tell_stock
from wms_terminal.services.resolver import unexpected

CLAIM = "pack"

_OPEN = (Kind.TOTE, Kind.ORDER, Kind.PRODUCT, Kind.LOCATION)

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "open": (*_OPEN, Kind.PARCEL),
    "verify": (Kind.PRODUCT, Kind.PACKAGE_TYPE, Kind.TOTE),
    "package": (Kind.PACKAGE_TYPE,),
    "weigh": (Kind.WEIGHT,),
    "override": (Kind.BADGE,),
    "pin": (Kind.NUMBER,),
    "label": (Kind.PARCEL, *_OPEN),
    "reason": (Kind.REASON,),
    "reprint": (Kind.REASON,),
    "reopen": (Kind.PARCEL,),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed."""
    return _ACCEPTS[dialogue.state]


def enter(ctx: Context) -> Answer:
    """Go on with the order on one's own bench, or ask for the next one."""
    mine = ctx.tx.picks.claimed_by(CLAIM, ctx.operator.id)
    if mine is not None:
        return _open_order(ctx, mine)
    return Answer(Dialogue("pack", "open"), ok("pack", T("Pack")))


def leave(ctx: Context) -> None:
    """Give an order back of which nothing is packed yet."""
    dialogue = ctx.dialogue
    if dialogue.state != "verify" or dialogue.parcel_id is None or dialogue.order_id is None:
        return
    if dialogue.alert is None and not ctx.tx.parcels.contents(dialogue.parcel_id):
        parcels = ctx.tx.parcels.of_order(dialogue.order_id)
        if all(parcel.state in (ParcelState.OPEN, ParcelState.VOID) for parcel in parcels):
            ctx.tx.parcels.set_state(dialogue.parcel_id, ParcelState.VOID, ctx.at)
            ctx.tx.picks.release_claim(CLAIM, dialogue.order_id)
            ctx.tx.orders.set_state(dialogue.order_id, OrderState.PICKED)


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code on the bench."""
    state = ctx.dialogue.state
    if state == "open":
        return _at_open(ctx, found)
    if state == "reopen":
        return _reopen(ctx, found)
    if state in ("label", "reprint"):
        return _at_label(ctx, found)
    _guard(ctx)
    if state == "verify":
        return _at_verify(ctx, found)
    if state == "package":
        return at_package(ctx, found)
    if state == "weigh":
        return at_weigh(ctx, found)
    if state == "reason":
        return _short(ctx, found)
    return override(ctx, found)


def _guard(ctx: Context) -> None:
    assert ctx.dialogue.order_id is not None
    refusal = stopped(ctx.tx.orders.head(ctx.dialogue.order_id))
    if refusal is not None:
        raise refusal
    claim = ctx.tx.picks.claim_of(CLAIM, ctx.dialogue.order_id, ctx.at)
    if claim is None:
        ctx.tx.picks.claim(
            CLAIM, ctx.dialogue.order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until
        )
    elif claim.operator_id == ctx.operator.id:
        ctx.tx.picks.renew(CLAIM, ctx.dialogue.order_id, ctx.at, ctx.until)
    else:
        raise refuse(
            "locked_by",
            T(
                "{name} has taken this over at {station}",
                name=claim.operator,
                station=claim.station,
            ),
            advice=T("Go to other work with Menu"),
        )


def _at_open(ctx: Context, found: Found) -> Answer:
    if found.command is Command.REOPEN:
        return Answer(ctx.dialogue.to("reopen"), question("reopen", T("Which parcel?")))
    if found.kind is Kind.ORDER:
        return _open_order(ctx, found.ref, found)
    if found.kind is Kind.TOTE:
        return _open_tote(ctx, found)
    if found.kind is Kind.PRODUCT:
        order_id = ctx.tx.parcels.next_to_pack(found.ref)
        if order_id is None:
            product = ctx.tx.site.product(found.ref)
            raise refuse(
                "no_work",
                T("No order at staging needs {name}", name=product.name),
                expected=T("a tote, an order or a product that waits"),
                got=f"{product.name} ({product.sku})",
            )
        return _open_order(ctx, order_id, found)
    if found.kind is Kind.LOCATION:
        orders = ctx.tx.parcels.orders_at(found.ref)
        if len(orders) == 1:
            return _open_order(ctx, orders[0], found)
        place = ctx.tx.site.location(found.ref)
        raise refuse(
            "ambiguous" if orders else "no_work",
            T("{count} orders wait at {location}", count=len(orders), location=place.code),
            expected=T("a tote"),
            got=place.code,
            advice=T("Scan the tote itself"),
        )
    raise unexpected(ctx.tx, found, T("a tote, an order or a product that waits"))


def _open_tote(ctx: Context, found: Found) -> Answer:
    tote = ctx.tx.site.location(found.ref)
    if tote.order_id is None:
        raise refuse(
            "no_work",
            T("Tote {tote} is empty and free", tote=tote.code),
            expected=T("a tote, an order or a product that waits"),
            got=tote.code,
        )
    return _open_order(ctx, tote.order_id, found)


def _open_order(ctx: Context, order_id: int, found: Found | None = None) -> Answer:
    tx = ctx.tx
    head = tx.orders.head(order_id)
    refusal = stopped(head) or _not_packable(ctx, head.state, order_id, head.number)
    if refusal is not None:
        raise refusal
    claim = tx.picks.claim_of(CLAIM, order_id, ctx.at)
    if claim is not None and claim.operator_id != ctx.operator.id:
        if found is None or ctx.dialogue.confirm != found.reading.text:
            text = T(
                "{name} is packing this at {station}", name=claim.operator, station=claim.station
            )
            if found is None:
                return Answer(Dialogue("pack", "open"), question("locked_by", text))
            return Answer(
                ctx.dialogue.ask(found.reading.text, "take_over"),
                question("locked_by", text, T("Scan it again to take it over")),
            )
        ctx.event(order_id, "taken_over", T("Packing taken over from {name}", name=claim.operator))
    tx.picks.take_over(CLAIM, order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    if head.state is OrderState.PICKED:
        tx.orders.set_state(order_id, OrderState.PACKING)
        ctx.event(order_id, "pack_started", T("Packing begins"))
    for tote in tx.site.totes_of(order_id):
        tx.site.place(tote.id, ctx.station.bench_id)
    waiting = _unlabelled(ctx, order_id)
    if waiting is not None and label_job(ctx, waiting.id) is not None:
        dialogue = Dialogue("pack", "label", order_id=order_id, parcel_id=waiting.id)
        if not print_trouble(ctx, waiting.id) and not still_to_pack(ctx, order_id):
            return Answer(dialogue, ok("resumed", T("The label is still to be scanned")))
    if not still_to_pack(ctx, order_id) and tx.parcels.open_of(order_id) is None:
        return _finish_order(ctx, order_id, head.number)
    dialogue = _new_parcel(ctx, order_id)
    text = T("Order {number}: scan every unit", number=head.number)
    if not still_to_pack(ctx, order_id):
        return close(ctx.at_dialogue(dialogue), ok("resumed", text))
    return Answer(dialogue, ok("opened", text), undo=BARRIER)


def _not_packable(ctx: Context, state: OrderState, order_id: int, number: str) -> Refused | None:
    """The refusal of an order that is not at the packers' yet or no more."""
    if state in (OrderState.PICKED, OrderState.PACKING):
        return None
    if state in (OrderState.PACKED, OrderState.SHIPPED):
        parcels = ", ".join(
            f"{parcel.number}: {parcel.state.value}"
            for parcel in ctx.tx.parcels.of_order(order_id)
            if parcel.state is not ParcelState.VOID
        )
        return refuse(
            "already_done",
            T("Order {number} is packed already", number=number),
            got=T("parcels {parcels}", parcels=parcels),
            advice=T("Reopen a parcel to change it, as long as it has not been shipped"),
        )
    return refuse(
        "needs_first",
        T("Order {number} is not picked yet", number=number),
        expected=T("an order at staging"),
        got=T("order {number}: {state}", number=number, state=state.value),
    )


def _unlabelled(ctx: Context, order_id: int) -> Parcel | None:
    parcels = ctx.tx.parcels.of_order(order_id)
    return next((item for item in parcels if item.state is ParcelState.PACKED), None)


def _new_parcel(ctx: Context, order_id: int) -> Dialogue:
    """The order's open parcel, a new one if there is none."""
    parcel = ctx.tx.parcels.open_of(order_id)
    if parcel is not None:
        parcel_id = parcel.id
    else:
        number = len(ctx.tx.parcels.of_order(order_id)) + 1
        code = f"P-{ctx.tx.orders.head(order_id).number}-{number}"
        place = ctx.tx.site.add_parcel_location(code, ctx.station.bench_id)
        parcel_id = ctx.tx.parcels.open(order_id, place, ctx.at)
    return Dialogue("pack", "verify", order_id=order_id, parcel_id=parcel_id)


def _at_verify(ctx: Context, found: Found) -> Answer:
    dialogue = ctx.dialogue
    if found.command is Command.TAKE:
        taking = not dialogue.taking
        text = T("Scan what you take out") if taking else T("Scan what you put in")
        return Answer(replace(dialogue, taking=taking), ok("take_out", text))
    if found.command is Command.SHORT:
        return Answer(dialogue.to("reason"), question("why_short", T("Why is it short?")))
    if found.command is Command.BOX:
        return _close_box(ctx, found)
    if found.kind is Kind.PACKAGE_TYPE:
        return choose_package(ctx, found)
    if found.kind is Kind.PRODUCT:
        return _take_out(ctx, found) if dialogue.taking else _put_in(ctx, found)
    raise unexpected(ctx.tx, found, _wanted(ctx))


def _wanted(ctx: Context) -> str:
    assert ctx.dialogue.order_id is not None
    names = [f"{line.name} ({line.sku})" for line in still_to_pack(ctx, ctx.dialogue.order_id)]
    return " / ".join(names[:3]) + (" / …" if len(names) > 3 else "")


def _put_in(ctx: Context, found: Found) -> Answer:
    """A unit, or a pack of them, goes from the tote into the parcel."""
    order_id = ctx.dialogue.order_id
    assert order_id is not None
    lines = [line for line in ctx.tx.parcels.pack_lines(order_id) if line.product_id == found.ref]
    product = ctx.tx.site.product(found.ref)
    label = f"{product.name} ({product.sku})"
    if not lines:
        raise refuse(
            "wrong_product",
            T("Wrong product: it is not in this order"),
            expected=_wanted(ctx),
            got=label,
            advice=T("Put it aside and tell the pickers"),
        )
    left = sum(line.picked - line.packed for line in lines)
    if found.units > left:
        packed = sum(line.packed for line in lines)
        raise refuse(
            "over_quantity",
            T("Too many: {packed} are packed, {left} still to come", packed=packed, left=left),
            expected=str(left),
            got=T("{count} × {name}", count=found.units, name=label),
            advice=T("Put it aside and tell the pickers") if not left else T("Scan single units"),
            outcome=Outcome.OVER,
        )
    placed = spread(
        found.units,
        [(line.line_id, line.picked - line.packed) for line in lines],
        [(row.location_id, row.lot, row.quantity) for row in _in_totes(ctx, found, product)],
    )
    known = sum(item.quantity for item in placed)
    if known < found.units:
        raise refuse(
            "not_in_tote",
            T("The store knows of fewer in the totes"),
            expected=str(known),
            got=str(found.units),
            advice=T("Report it short, or scan single units"),
        )
    parcel = open_parcel(ctx)
    for item in placed:
        ctx.tx.stock.move(
            product.id,
            item.lot,
            item.quantity,
            item.location_id,
            parcel.location_id,
            why="pack",
            at=ctx.at,
            gesture_id=ctx.gesture,
            line_id=item.line_id,
        )
        ctx.tx.orders.change_line(item.line_id, packed=item.quantity)
        ctx.tx.parcels.add_unit(parcel.id, item.line_id, item.lot, item.quantity)
    done = [[item.line_id, item.lot, item.quantity] for item in placed]
    undo = {"op": "pack", "parcel": parcel.id, "units": done}
    text = T(
        "{count} × {name} into parcel {parcel}",
        count=found.units,
        name=product.name,
        parcel=parcel.number,
    )
    dialogue = ctx.dialogue.to("verify")
    if not still_to_pack(ctx, order_id):
        answer = close(ctx.at_dialogue(dialogue), ok("verified", text, Outcome.LINE_DONE))
        return replace(answer, undo=undo if answer.undo is None else answer.undo)
    outcome = Outcome.LINE_DONE if found.units == left else Outcome.OK
    return Answer(dialogue, ok("verified", text, outcome), undo=undo)


def _in_totes(ctx: Context, found: Found, product: Product) -> list[StockRow]:
    """Where the product lies in the order's totes, the scanned lot only."""
    assert ctx.dialogue.order_id is not None
    rows = ctx.tx.stock.in_totes(ctx.dialogue.order_id, product.id)
    if not product.lot_tracked:
        return rows
    lots = {row.lot for row in rows}
    lot = found.reading.lot
    if lot and lot not in lots:
        raise refuse(
            "wrong_lot",
            T("Wrong lot"),
            expected=" / ".join(sorted(lots)),
            got=lot,
            advice=T("Put it aside and tell the pickers"),
        )
    if not lot and len(lots) > 1:
        raise refuse(
            "ambiguous",
            T("There are several lots of {name}", name=product.name),
            expected=" / ".join(sorted(lots)),
            advice=T("Scan the code that holds the lot"),
        )
    return [row for row in rows if not lot or row.lot == lot]


def _take_out(ctx: Context, found: Found) -> Answer:
    """A unit goes back from the parcel into a tote."""
    parcel = open_parcel(ctx)
    inside = [
        (line, lot, count)
        for line, lot, count in ctx.tx.parcels.contents(parcel.id)
        if line.product_id == found.ref and (not found.reading.lot or found.reading.lot == lot)
    ]
    product = ctx.tx.site.product(found.ref)
    match = next((item for item in inside if item[2] >= found.units), None)
    if match is None:
        raise refuse(
            "wrong_product",
            T("That is not in this parcel"),
            got=f"{found.units} × {product.name} ({product.sku})",
        )
    line, lot, _ = match
    assert ctx.dialogue.order_id is not None
    totes = ctx.tx.site.totes_of(ctx.dialogue.order_id)
    if not totes:
        raise refuse(
            "needs_first",
            T("The order has no tote to put it into"),
            advice=T("Scan an empty tote first"),
        )
    ctx.tx.stock.move(
        product.id,
        lot,
        found.units,
        parcel.location_id,
        totes[0].id,
        why="unpack",
        at=ctx.at,
        gesture_id=ctx.gesture,
        line_id=line.id,
    )
    ctx.tx.orders.change_line(line.id, packed=-found.units)
    ctx.tx.parcels.add_unit(parcel.id, line.id, lot, -found.units)
    text = T("{count} × {name} out of the parcel", count=found.units, name=product.name)
    ctx.event(ctx.dialogue.order_id, "taken_out", text)
    dialogue = ctx.dialogue.to("verify", taking=False)
    return Answer(dialogue, ok("taken_out", text), undo=BARRIER)


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take one verified scan back; the ledger's moves are reversed by the kernel."""
    _guard(ctx)
    parcel_id = what["parcel"]
    units = what["units"]
    assert isinstance(parcel_id, int)
    assert isinstance(units, list)
    if ctx.tx.parcels.get(parcel_id).state is not ParcelState.OPEN:
        raise refuse(
            "nothing_to_undo", T("The parcel is closed"), advice=T("Reopen it to change it")
        )
    for line_id, lot, count in units:
        ctx.tx.orders.change_line(line_id, packed=-count)
        ctx.tx.parcels.add_unit(parcel_id, line_id, lot, -count)


def _short(ctx: Context, found: Found) -> Answer:
    """A unit that was picked is not in the tote: it goes on back-order."""
    order_id = ctx.dialogue.order_id
    assert order_id is not None
    if found.command is Command.NO:
        return Answer(ctx.dialogue.to("verify"), ok("answered_no", T("Not done")))
    why = reason(SHORT_PACK, found.code)
    if why is None:
        raise unexpected(ctx.tx, found, T("a reason from the list"))
    line = still_to_pack(ctx, order_id)[0]
    missing = line.picked - line.packed
    target = ctx.tx.site.locations("problem")[0].id if why.damaged else ADJUSTMENT
    left = missing
    for row in ctx.tx.stock.in_totes(order_id, line.product_id):
        count = min(left, row.quantity)
        if count:
            ctx.tx.stock.move(
                line.product_id,
                row.lot,
                count,
                row.location_id,
                target,
                why="short_pack",
                at=ctx.at,
                gesture_id=ctx.gesture,
                line_id=line.line_id,
            )
            left -= count
    ctx.tx.orders.change_line(line.line_id, picked=-missing, allocated=-missing)
    number = ctx.tx.orders.head(order_id).number
    text = T(
        "Short at packing: {count} × {name} of order {number} ({why})",
        count=missing,
        name=line.name,
        number=number,
        why=why.name,
    )
    ctx.event(order_id, "short_pack", text)
    ctx.tx.orders.add_notice("picking", text, at=ctx.at, order_id=order_id)
    tell_stock(ctx, order_id, number, missing)
    dialogue = ctx.dialogue.to("verify")
    if still_to_pack(ctx, order_id):
        return Answer(dialogue, ok("short", text), undo=BARRIER)
    answer = close(ctx.at_dialogue(dialogue), ok("short", text))
    return replace(answer, undo=BARRIER)


def _close_box(ctx: Context, found: Found) -> Answer:
    """This box is full: close it, and go on in another."""
    parcel = open_parcel(ctx)
    if not ctx.tx.parcels.contents(parcel.id):
        raise refuse(
            "nothing_done",
            T("Parcel {number} is still empty", number=parcel.number),
            expected=_wanted(ctx),
            got=T("New box"),
        )
    return close(ctx, ok("box", T("Parcel {number} is full", number=parcel.number)))


def _at_label(ctx: Context, found: Found) -> Answer:
    parcel = open_parcel(ctx)
    if ctx.dialogue.state == "reprint":
        if found.command is Command.NO:
            return Answer(ctx.dialogue.to("label"), ok("answered_no", T("Not done")))
        why = reason(REPRINT, found.code)
        if why is None:
            raise unexpected(ctx.tx, found, T("a reason from the list"))
        printing = print_again(ctx, parcel, why)
        text = T("Papers of parcel {number} come again", number=parcel.number)
        return Answer(ctx.dialogue.to("label"), ok("reprint", text), effects=(printing,))
    if found.command is Command.PRINT:
        return Answer(ctx.dialogue.to("reprint"), question("why_reprint", T("Why again?")))
    trouble = print_trouble(ctx, parcel.id)
    if found.command is Command.SKIP or (trouble and found.kind in _OPEN):
        if found.command is Command.SKIP and not trouble:
            raise refuse(
                "needs_first",
                T("The label comes first"),
                expected=T("the label of parcel {number}", number=parcel.number),
                got=T("Skip"),
                advice=T("If nothing came out, press Reprint"),
            )
        text = T("Parcel {number} is packed, not yet labelled", number=parcel.number)
        ctx.event(
            parcel.order_id, "not_labelled", T("Packed, not yet labelled: {why}", why=trouble)
        )
        ctx.tx.orders.add_notice("shipping", text, at=ctx.at, order_id=parcel.order_id)
        after = _after(ctx, parcel, ok("not_labelled", text))
        if found.command is Command.SKIP:
            return after
        return _at_open(ctx.at_dialogue(after.dialogue), found)
    text = scan_back(ctx, parcel, found)
    return _after(ctx, parcel, ok("labelled", text, Outcome.LINE_DONE))


def _after(ctx: Context, parcel: Parcel, message: Message) -> Answer:
    """The next parcel of the same order, or the next order."""
    if still_to_pack(ctx, parcel.order_id):
        return Answer(_new_parcel(ctx, parcel.order_id), message, undo=BARRIER)
    done = _finish_order(ctx, parcel.order_id, ctx.tx.orders.head(parcel.order_id).number)
    outcome = Outcome.ORDER_DONE if message.code == "labelled" else message.outcome
    return Answer(done.dialogue, replace(message, outcome=outcome), undo=BARRIER)


def _finish_order(ctx: Context, order_id: int, number: str) -> Answer:
    ctx.tx.picks.release_claim(CLAIM, order_id)
    text = T("Order {number} is packed", number=number)
    return Answer(
        Dialogue("pack", "open"), ok("order_packed", text, Outcome.ORDER_DONE), undo=BARRIER
    )


def _reopen(ctx: Context, found: Found) -> Answer:
    """A closed parcel is opened again: audited, and refused once it has been loaded."""
    if found.command is Command.NO:
        return Answer(Dialogue("pack", "open"), ok("answered_no", T("Not done")))
    if found.kind is not Kind.PARCEL:
        raise unexpected(ctx.tx, found, T("a parcel's label"))
    parcel = ctx.tx.parcels.get(found.ref)
    head = ctx.tx.orders.head(parcel.order_id)
    if parcel.state not in (ParcelState.PACKED, ParcelState.LABELLED):
        raise refuse(
            "already_done",
            T("Parcel {number} can no longer be opened", number=parcel.number),
            got=T("order {number}: {state}", number=head.number, state=parcel.state.value),
            advice=T("What has left comes back as a return"),
        )
    if ctx.tx.parcels.open_of(parcel.order_id) is not None:
        raise refuse(
            "needs_first",
            T("Another parcel of order {number} is open", number=head.number),
            advice=T("Close that one first"),
        )
    claim = ctx.tx.picks.claim(
        CLAIM, parcel.order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until
    )
    if claim is not None:
        raise refuse(
            "locked_by",
            T("{name} is packing this at {station}", name=claim.operator, station=claim.station),
        )
    ctx.tx.parcels.void_jobs(parcel.id, ctx.at)
    ctx.tx.parcels.set_state(parcel.id, ParcelState.OPEN, ctx.at)
    if head.state is OrderState.PACKED:
        ctx.tx.orders.set_state(parcel.order_id, OrderState.PACKING)
    _need_tote(ctx, parcel.order_id)
    text = T("Parcel {number} of order {order} reopened", number=parcel.number, order=head.number)
    ctx.event(parcel.order_id, "reopened", text)
    dialogue = Dialogue(
        "pack", "verify", order_id=parcel.order_id, parcel_id=parcel.id, taking=True
    )
    return Answer(dialogue, ok("reopened", text), undo=BARRIER)


def _need_tote(ctx: Context, order_id: int) -> None:
    """A reopened parcel needs a tote for what comes out of it."""
    if not ctx.tx.site.totes_of(order_id):
        tote = ctx.tx.site.free_tote()
        if tote is not None:
            ctx.tx.site.use_tote(tote.id, order_id, ctx.station.bench_id)


FLOW = Flow("pack", accepts, show, scan, enter, leave, undo)
