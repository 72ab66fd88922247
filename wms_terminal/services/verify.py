"""Every unit is scanned into its parcel, or out of it again.

Where the site says so, of many units of one product one is scanned, and how many are in the box is
keyed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderLine, Parcel, ParcelState
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.packing import Placed, spread
from wms_terminal.domain.site import Kind, Product
from wms_terminal.domain.text import T
from wms_terminal.services.box import choose_package, close
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok, question
from wms_terminal.services.pack_order import guard
from wms_terminal.services.parcel import (
    countable,
    in_box,
    is_left_to_pack,
    open_parcel,
    room_for,
    still_to_pack,
)
from wms_terminal.services.resolver import unexpected


@dataclass(frozen=True, slots=True)
class _Scanned:
    """What one scan, or product and then lot, said."""

    product: Product
    units: int
    lot: str
    order_id: int

    @property
    def label(self) -> str:
        return f"{self.product.name} ({self.product.sku})"


def at_verify(ctx: Context, found: Found) -> Answer:
    """A unit, a carton, a tote, or what to do with the box."""
    dialogue = ctx.dialogue
    order_id = dialogue.order_id
    assert order_id is not None
    if found.command is Command.TAKE:
        taking = not dialogue.taking
        text = T("Scan what you take out") if taking else T("Scan what you put in")
        changed = dialogue.to("verify", taking=taking, product_id=None, counting_id=None, units=0)
        return Answer(changed, ok("take_out", text))
    if found.command is Command.SHORT:
        return Answer(
            dialogue.to("reason", product_id=None, units=0),
            question("why_short", T("Why is it short?")),
        )
    if found.command is Command.BOX:
        return _close_box(ctx)
    if found.kind is Kind.PACKAGE_TYPE:
        return choose_package(ctx, found)
    if found.kind is Kind.TOTE:
        return _bring_tote(ctx, found, order_id)
    if found.kind is Kind.NUMBER and dialogue.counting_id is not None:
        scanned = _counted(ctx, dialogue.counting_id, found, order_id)
    elif found.kind is Kind.PRODUCT:
        product = ctx.tx.site.product(found.ref)
        scanned = _Scanned(product, found.units, found.reading.lot, order_id)
    elif found.kind is Kind.LOT and dialogue.product_id is not None:
        product = ctx.tx.site.product(dialogue.product_id)
        scanned = _Scanned(product, dialogue.units, found.code, order_id)
    else:
        raise unexpected(ctx.tx, found, _wanted(ctx))
    return _take_out(ctx, scanned) if dialogue.taking else _put_in(ctx, scanned)


def _wanted(ctx: Context) -> str:
    assert ctx.dialogue.order_id is not None
    names = [f"{line.name} ({line.sku})" for line in still_to_pack(ctx, ctx.dialogue.order_id)]
    return " / ".join(names[:3]) + (" / …" if len(names) > 3 else "")


def _counted(ctx: Context, product_id: int, found: Found, order_id: int) -> _Scanned:
    """What a number says that was keyed in: how many are in the box, or a product by its number.

    Raises:
        Refused: there are no more in the box than before.
    """
    product, total = ctx.tx.site.product(product_id), found.units
    there = in_box(ctx, product_id)
    if found.ref and total > there + countable(ctx, order_id, product_id):
        return _Scanned(ctx.tx.site.product(found.ref), 1, "", order_id)
    if total <= there:
        raise refuse(
            "nothing_done",
            T("{count} of them are in the box already", count=there),
            expected=T("more than {count}", count=there),
            got=str(total),
            advice=T("Count all that are in the box; what is too much goes out with Take out"),
        )
    return _Scanned(product, total - there, "", order_id)


def _put_in(ctx: Context, scanned: _Scanned) -> Answer:
    """A unit, or a pack of them, goes from the tote into the parcel."""
    product, units = scanned.product, scanned.units
    lines = ctx.tx.parcels.pack_lines_of(scanned.order_id, product.id)
    if not lines:
        raise refuse(
            "wrong_product",
            T("Wrong product: it is not in this order"),
            expected=_wanted(ctx),
            got=scanned.label,
            advice=T("Put it aside and tell the pickers"),
        )
    left = sum(line.picked - line.packed for line in lines)
    if units > left:
        packed = sum(line.packed for line in lines)
        raise refuse(
            "over_quantity",
            T("Too many: {packed} are packed, {left} still to come", packed=packed, left=left),
            expected=str(left),
            got=T("{count} × {name}", count=units, name=scanned.label),
            advice=T("Put it aside and tell the pickers") if not left else T("Scan single units"),
            outcome=Outcome.OVER,
        )
    parcel = open_parcel(ctx)
    _need_room(ctx, parcel, scanned)
    heaps = [
        (row.location_id, row.lot, row.quantity)
        for row in ctx.tx.stock.in_totes(scanned.order_id, product.id)
    ]
    lots = {lot for _, lot, _ in heaps}
    if _needs_lot(scanned, lots):
        return _ask_lot(ctx, scanned, lots)
    placed = spread(
        units,
        [(line.line_id, line.picked - line.packed) for line in lines],
        [heap for heap in heaps if not product.lot_tracked or scanned.lot in ("", heap[1])],
    )
    known = sum(item.quantity for item in placed)
    if known < units:
        raise refuse(
            "not_in_tote",
            T("The store knows of fewer in the totes"),
            expected=str(known),
            got=str(units),
            advice=T("Report it short, or scan single units"),
        )
    _move_in(ctx, parcel, product, placed)
    done = [[item.line_id, item.lot, item.quantity] for item in placed]
    undo = {"op": "pack", "parcel": parcel.id, "units": done}
    text = T(
        "{count} × {name} into parcel {parcel}",
        count=units,
        name=product.name,
        parcel=parcel.number,
    )
    counting = product.id if countable(ctx, scanned.order_id, product.id) else None
    dialogue = ctx.dialogue.to("verify", product_id=None, counting_id=counting, units=0)
    if not is_left_to_pack(ctx, scanned.order_id):
        answer = close(ctx.at_dialogue(dialogue), ok("verified", text, Outcome.LINE_DONE))
        return replace(answer, undo=undo if answer.undo is None else answer.undo)
    outcome = Outcome.LINE_DONE if units == left else Outcome.OK
    return Answer(dialogue, ok("verified", text, outcome), undo=undo)


def _move_in(ctx: Context, parcel: Parcel, product: Product, placed: list[Placed]) -> None:
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


def _need_room(ctx: Context, parcel: Parcel, scanned: _Scanned) -> None:
    """What is too much for carton or carrier goes into the next box; an empty box takes it."""
    free = room_for(ctx, parcel, scanned.product)
    if scanned.units > free and ctx.tx.parcels.size(parcel.id).units:
        raise refuse(
            "box_full",
            T("The box is full: {room} more of these go in", room=free),
            expected=T("a new box"),
            got=T("{count} × {name}", count=scanned.units, name=scanned.product.name),
            advice=T("Press New box, and scan it again for the next one"),
            outcome=Outcome.OVER,
        )


def _needs_lot(scanned: _Scanned, lots: set[str]) -> bool:
    """Whether one of several lots was scanned without saying which.

    Raises:
        Refused: it is none of the lots that it may be.
    """
    if not scanned.product.lot_tracked or not lots:
        return False
    if scanned.lot and scanned.lot not in lots:
        raise refuse(
            "wrong_lot",
            T("Wrong lot"),
            expected=" / ".join(sorted(lots)),
            got=scanned.lot,
            advice=T("Put it aside and tell the pickers"),
        )
    return not scanned.lot and len(lots) > 1


def _ask_lot(ctx: Context, scanned: _Scanned, lots: set[str]) -> Answer:
    text = T(
        "{name}: scan the lot, {lots}", name=scanned.product.name, lots=" / ".join(sorted(lots))
    )
    dialogue = ctx.dialogue.to("verify", product_id=scanned.product.id, units=scanned.units)
    return Answer(dialogue, question("needs_lot", text, T("Or a code that holds the lot")))


def _take_out(ctx: Context, scanned: _Scanned) -> Answer:
    """Units go back from the parcel into the order's tote."""
    parcel = open_parcel(ctx)
    product = scanned.product
    inside = [
        item for item in ctx.tx.parcels.contents(parcel.id) if item[0].product_id == product.id
    ]
    lots = {lot for _, lot, _ in inside}
    if _needs_lot(scanned, lots):
        return _ask_lot(ctx, scanned, lots)
    chosen = [item for item in inside if not product.lot_tracked or scanned.lot in ("", item[1])]
    there = sum(count for _, _, count in chosen)
    if scanned.units > there:
        raise refuse(
            "wrong_product",
            T("That is not in this parcel"),
            expected=T("{count} × {name}", count=there, name=product.name)
            if there
            else T("something that is in parcel {number}", number=parcel.number),
            got=f"{scanned.units} × {scanned.label}",
        )
    totes = ctx.tx.site.totes_of(scanned.order_id)
    if not totes:
        raise refuse(
            "needs_first",
            T("The order has no tote to put it into"),
            expected=T("an empty tote"),
            got=f"{scanned.units} × {scanned.label}",
            advice=T("Scan an empty tote first"),
        )
    _move_out(ctx, parcel, scanned, chosen, totes[0].id)
    text = T(
        "{count} × {name} out of parcel {parcel} into {tote}",
        count=scanned.units,
        name=product.name,
        parcel=parcel.number,
        tote=totes[0].code,
    )
    ctx.event(scanned.order_id, "taken_out", text)
    dialogue = ctx.dialogue.to("verify", taking=False, product_id=None, units=0)
    return Answer(dialogue, ok("taken_out", text), undo=BARRIER)


def _move_out(
    ctx: Context,
    parcel: Parcel,
    scanned: _Scanned,
    inside: list[tuple[OrderLine, str, int]],
    tote_id: int,
) -> None:
    left = scanned.units
    for line, lot, there in inside:
        count = min(left, there)
        if not count:
            break
        ctx.tx.stock.move(
            scanned.product.id,
            lot,
            count,
            parcel.location_id,
            tote_id,
            why="unpack",
            at=ctx.at,
            gesture_id=ctx.gesture,
            line_id=line.id,
        )
        ctx.tx.orders.change_line(line.id, packed=-count)
        ctx.tx.parcels.add_unit(parcel.id, line.id, lot, -count)
        left -= count


def _bring_tote(ctx: Context, found: Found, order_id: int) -> Answer:
    """A tote for what is taken out; the order's own one is no news."""
    tote = ctx.tx.site.location(found.ref)
    if tote.order_id == order_id:
        text = T("{tote} is a tote of this order: scan what is in it", tote=tote.code)
        return Answer(ctx.dialogue, ok("already_here", text))
    if tote.order_id is not None:
        raise refuse(
            "wrong_tote",
            T(
                "Wrong tote: it holds order {number}",
                number=ctx.tx.orders.head(tote.order_id).number,
            ),
            expected=" / ".join(item.code for item in ctx.tx.site.totes_of(order_id))
            or T("an empty tote"),
            got=tote.code,
        )
    if not ctx.dialogue.taking:
        raise unexpected(ctx.tx, found, _wanted(ctx))
    ctx.tx.site.use_tote(tote.id, order_id, ctx.station.bench_id)
    text = T("Tote {tote} is for this order", tote=tote.code)
    return Answer(ctx.dialogue, ok("tote", text), undo=BARRIER)


def _close_box(ctx: Context) -> Answer:
    """This box is full: close it, and go on in another."""
    parcel = open_parcel(ctx)
    if not ctx.tx.parcels.size(parcel.id).units:
        raise refuse(
            "nothing_done",
            T("Parcel {number} is still empty", number=parcel.number),
            expected=_wanted(ctx),
            got=T("New box"),
        )
    changed = ctx.dialogue.to("verify", taking=False, product_id=None, counting_id=None, units=0)
    message = ok("box", T("Parcel {number} is full", number=parcel.number))
    return close(ctx.at_dialogue(changed), message)


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take one verified scan back; the ledger's moves are reversed by the kernel."""
    parcel_id = what["parcel"]
    units = what["units"]
    assert isinstance(parcel_id, int)
    assert isinstance(units, list)
    parcel = ctx.tx.parcels.get(parcel_id)
    guard(ctx, parcel.order_id)
    if parcel.state is not ParcelState.OPEN:
        raise refuse(
            "nothing_to_undo", T("The parcel is closed"), advice=T("Reopen it to change it")
        )
    for line_id, lot, count in units:
        ctx.tx.orders.change_line(line_id, packed=-count)
        ctx.tx.parcels.add_unit(parcel_id, line_id, lot, -count)
