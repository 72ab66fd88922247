"""The unit in the hand at the returns desk: which lot it is, what becomes of it, where it goes.

Nothing is written before that is known, so that nothing half done stays behind. A pile says it
for every unit that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.reasons import DISPOSITION, HOLD, RESTOCK, Reason, reason
from wms_terminal.domain.reasons import SCRAP as SCRAPPED
from wms_terminal.domain.returns import ReturnCase, ReturnLine, by_line
from wms_terminal.domain.site import SCRAP, Kind, Location, LocationKind, Product
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.channel import Disposition
from wms_terminal.services import put_back, returns
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
from wms_terminal.services.returns import By, Unit

DISPOSITIONS: Mapping[str, Disposition] = {
    RESTOCK.code: Disposition.RESTOCK,
    SCRAPPED.code: Disposition.SCRAP,
    HOLD.code: Disposition.HOLD,
}
"""By the code that chooses it."""

_SHELVES = (LocationKind.PICK, LocationKind.BULK)


def signed(ctx: Context) -> By:
    """Who does it, where."""
    return By(ctx.operator.id, ctx.station.id, ctx.gesture)


def the_case(ctx: Context) -> ReturnCase:
    """The return that the dialogue is about."""
    assert ctx.dialogue.return_id is not None
    return ctx.tx.returns.get(ctx.dialogue.return_id)


def base(ctx: Context) -> str:
    """The state in which the next unit is scanned."""
    if ctx.dialogue.return_id is None:
        return "back"
    return "orphan" if the_case(ctx).order_id is None else "receive"


def hold_place(ctx: Context) -> Location:
    """Where goods wait on which somebody has to decide.

    Raises:
        Refused: the site has no such place.
    """
    if ctx.dialogue.return_id is not None:
        place_id = the_case(ctx).location_id
        if place_id is not None:
            return ctx.tx.site.location(place_id)
    problems = ctx.tx.site.locations(LocationKind.PROBLEM)
    if not problems:
        raise refuse(
            "configuration",
            T("This site has no place for goods on hold"),
            expected=T("a problem location"),
            advice=T("Tell the administrator"),
        )
    return problems[0]


def pick_lot(product: Product, scanned: str, lots: Iterable[str]) -> str | None:
    """The lot of a unit: scanned, or the only one there is; None when it has to be asked.

    Raises:
        Refused: it is none of those that it may be.
    """
    known = sorted(set(lots))
    if not product.lot_tracked or not known:
        return scanned if scanned in known else ""
    if scanned and scanned not in known:
        raise refuse(
            "wrong_lot",
            T("Wrong lot"),
            expected=" / ".join(known),
            got=scanned,
            advice=T("Put it aside and tell who is responsible"),
        )
    return scanned or (known[0] if len(known) == 1 else None)


def ask_lot(ctx: Context, product: Product, units: int, lots: Iterable[str]) -> Answer:
    """Which of several lots it is."""
    names = " / ".join(sorted(set(lots)))
    dialogue = ctx.dialogue.to("lot", product_id=product.id, units=units)
    text = T("{name}: scan the lot, {lots}", name=product.name, lots=names)
    return Answer(dialogue, question("needs_lot", text, T("Or a code that holds the lot")))


def in_hand(ctx: Context, product: Product, lot: str, units: int) -> Answer:
    """Units are in the hand: the pile says where they go, or it is asked."""
    held = ctx.dialogue.to("inspect", product_id=product.id, text=lot, units=units)
    inside = ctx.at_dialogue(held)
    why = reason(DISPOSITION, held.pile)
    if why is not None:
        return _decided(inside, why, held.pile_id)
    text = T("{count} × {name}: what becomes of it?", count=units, name=product.name)
    return Answer(held, ok("in_hand", text), undo={"op": "hand"})


def at_inspect(ctx: Context, found: Found) -> Answer:
    """Restock, scrap or hold; a location means restock there."""
    if found.kind is Kind.LOCATION:
        return _settle(ctx, RESTOCK, shelf(ctx, found))
    if (put_down := _put_down(ctx, found)) is not None:
        return put_down
    why = reason(DISPOSITION, found.code)
    if why is None:
        raise unexpected(ctx.tx, found, T("restock, scrap, hold or a location"))
    return _decided(ctx, why, None)


def at_put(ctx: Context, found: Found) -> Answer:
    """Where what is restocked goes."""
    if found.kind is Kind.LOCATION:
        place = shelf(ctx, found)
        if ctx.dialogue.pile == RESTOCK.code:
            ctx = ctx.at_dialogue(ctx.dialogue.to("put", pile_id=place.id))
        return _settle(ctx, RESTOCK, place)
    if (put_down := _put_down(ctx, found)) is not None:
        return put_down
    why = reason(DISPOSITION, found.code)
    if why is None or why is RESTOCK:
        raise unexpected(ctx.tx, found, T("a pick or bulk location"))
    return _decided(ctx, why, None)


def _put_down(ctx: Context, found: Found) -> Answer | None:
    """No: the unit was not scanned after all."""
    if found.command is not Command.NO:
        return None
    return Answer(empty_hand(ctx), ok("answered_no", T("Not done")))


def empty_hand(ctx: Context) -> Dialogue:
    """The dialogue before the next unit."""
    return ctx.dialogue.to(base(ctx), product_id=None, text="", units=0)


def shelf(ctx: Context, found: Found) -> Location:
    """A location that goods may be sold from.

    Raises:
        Refused: it is another kind of place.
    """
    place = ctx.tx.site.location(found.ref)
    if place.kind not in _SHELVES:
        raise refuse(
            "wrong_location",
            T("Goods are restocked on a shelf only"),
            expected=T("a pick or bulk location"),
            got=place.code,
        )
    return place


def _decided(ctx: Context, why: Reason, shelf_id: int | None) -> Answer:
    """It is known what becomes of the unit; of what is restocked, perhaps not yet where."""
    if why is SCRAPPED:
        return _settle(ctx, why, ctx.tx.site.location(SCRAP))
    if why is HOLD:
        return _settle(ctx, why, hold_place(ctx))
    if shelf_id is not None:
        return _settle(ctx, why, ctx.tx.site.location(shelf_id))
    name = ctx.tx.site.product(ctx.dialogue.product_id or 0).name
    text = T("{count} × {name}: where does it go?", count=ctx.dialogue.units, name=name)
    return Answer(ctx.dialogue.to("put"), ok("restock", text), undo={"op": "hand"})


def _settle(ctx: Context, why: Reason, place: Location) -> Answer:
    """The unit goes where it belongs, and the hand is empty."""
    if ctx.dialogue.return_id is None:
        return _put_back(ctx, why, place)
    if ctx.dialogue.taking:
        return _from_hold(ctx, why, place)
    return _receive(ctx, why, place)


def _text(ctx: Context, place: Location) -> Text:
    name = ctx.tx.site.product(ctx.dialogue.product_id or 0).name
    return T("{count} × {name} to {place}", count=ctx.dialogue.units, name=name, place=place.code)


def _receive(ctx: Context, why: Reason, place: Location) -> Answer:
    """Units come back from the customer."""
    case, dialogue = the_case(ctx), ctx.dialogue
    units = plan(ctx, case, dialogue.product_id or 0, dialogue.text, dialogue.units)
    if units is None:
        raise refuse(
            "changed_elsewhere",
            T("Somebody else changed this meanwhile"),
            advice=T("Look at the screen again and go on from there"),
        )
    disposition = DISPOSITIONS[why.code]
    rows = [
        [
            returns.receive(ctx.tx, case, unit, disposition, place.id, ctx.at, signed(ctx)),
            unit.line_id,
            unit.quantity,
        ]
        for unit in units
    ]
    if why is HOLD:
        ctx.tx.returns.hold_at(case.id, place.id)
    undo = {"op": "receive", "rows": rows, "disposition": disposition.value}
    message = ok("received", _text(ctx, place), _outcome(ctx, case, units))
    return Answer(empty_hand(ctx), message, undo=undo)


def _outcome(ctx: Context, case: ReturnCase, units: list[Unit]) -> Outcome:
    """Whether a line, or all that was advised, has come with that."""
    came = by_line(ctx.tx.returns.lines(case.id))
    if not any(line.advised for line in came):
        return Outcome.OK
    if all(line.received >= line.advised for line in came):
        return Outcome.ORDER_DONE
    ours = {unit.line_id for unit in units}
    full = all(line.received >= line.advised for line in came if line.line.line_id in ours)
    return Outcome.LINE_DONE if full else Outcome.OK


def plan(
    ctx: Context, case: ReturnCase, product_id: int, lot: str, quantity: int
) -> list[Unit] | None:
    """Which lines of the order units are of, advised ones first; None when there are too few."""
    assert case.order_id is not None
    waited = {
        line.line.line_id: line.advised - line.received
        for line in by_line(ctx.tx.returns.lines(case.id))
    }
    there = [
        item
        for item in ctx.tx.returns.with_customer(case.order_id, product_id)
        if not lot or item.lot == lot
    ]
    there.sort(key=lambda item: waited.get(item.line_id, 0) <= 0)
    units: list[Unit] = []
    for item in there:
        take = min(item.quantity, quantity - sum(unit.quantity for unit in units))
        if take > 0:
            units.append(Unit(product_id, item.lot, item.line_id, take))
    return units if sum(unit.quantity for unit in units) == quantity else None


def on_hold(ctx: Context, case: ReturnCase, product_id: int) -> list[ReturnLine]:
    """The return's lines of a product of which something is on hold."""
    lines = ctx.tx.returns.lines(case.id)
    return [line for line in lines if line.product_id == product_id and line.held]


def _from_hold(ctx: Context, why: Reason, place: Location) -> Answer:
    """Units that were on hold go where they belong."""
    case, dialogue = the_case(ctx), ctx.dialogue
    if why is HOLD:
        raise refuse(
            "already_done", T("It is on hold already"), expected=T("restock, scrap or a location")
        )
    disposition = DISPOSITIONS[why.code]
    left, rows = dialogue.units, []
    for line in on_hold(ctx, case, dialogue.product_id or 0):
        units = min(left, line.held) if dialogue.text in ("", line.lot) else 0
        if units:
            source = hold_place(ctx).id
            returns.from_hold(
                ctx.tx, line, units, disposition, source, place.id, ctx.at, signed(ctx)
            )
            rows.append([line.id, line.line_id, units])
            left -= units
    if left:
        raise refuse("nothing_done", T("That many are not on hold"), expected=T("goods on hold"))
    undo = {"op": "hold", "rows": rows, "disposition": disposition.value}
    return Answer(empty_hand(ctx), ok("off_hold", _text(ctx, place)), undo=undo)


def _put_back(ctx: Context, why: Reason, place: Location) -> Answer:
    """Units leave the tote or parcel of a cancelled order."""
    dialogue = ctx.dialogue
    assert dialogue.order_id is not None
    assert dialogue.place_id is not None
    taken = put_back.take(
        ctx.tx,
        dialogue.order_id,
        dialogue.place_id,
        dialogue.product_id or 0,
        dialogue.text,
        dialogue.units,
        DISPOSITIONS[why.code],
        place.id,
        ctx.at,
        signed(ctx),
    )
    text = _text(ctx, place)
    if ctx.tx.stock.on_hand(dialogue.place_id):
        undo = {"op": "back", "taken": taken}
        return Answer(empty_hand(ctx), ok("put_back", text), undo=undo)
    number = ctx.tx.orders.head(dialogue.order_id).number
    if put_back.finish(ctx.tx, dialogue.order_id, ctx.at, signed(ctx)):
        text = T("{what}: all of order {number} is put back", what=text, number=number)
        message = ok("order_put_back", text, Outcome.ORDER_DONE)
        return Answer(Dialogue("returns", "start"), message, undo=BARRIER)
    more = put_back.containers(ctx.tx, dialogue.order_id)
    # A box that is still open has no label to scan: the last one is taken as scanned.
    last = more[0].id if len(more) == 1 else None
    if last is not None:
        put_back.open_up(ctx.tx, dialogue.order_id, last, ctx.at)
    text = T("{what}: it is empty, {count} more of order {number}",
             what=text, count=len(more), number=number)  # fmt: skip
    after = empty_hand(ctx).to("back", place_id=last)
    return Answer(after, ok("container_empty", text, Outcome.LINE_DONE), undo=BARRIER)


def take_from_hold(ctx: Context, case: ReturnCase) -> Answer:
    """From now on units come from the goods on hold, or from the customer's parcel again."""
    taking = not ctx.dialogue.taking
    if not case.is_open:
        taking = True
    text = T("Scan what you take from hold") if taking else T("Scan what has come")
    return Answer(replace(ctx.dialogue, taking=taking), ok("take_out", text), undo={"op": "hand"})


def from_held(ctx: Context, case: ReturnCase, found: Found) -> Answer:
    """A unit that was on hold is in the hand."""
    product = ctx.tx.site.product(found.ref)
    lines = on_hold(ctx, case, product.id)
    if sum(line.held for line in lines) < found.units:
        raise refuse(
            "nothing_done",
            T("That is not on hold"),
            expected=T("goods that return {number} has on hold", number=case.number),
            got=f"{product.name} ({product.sku})",
        )
    lots = [line.lot for line in lines]
    lot = pick_lot(product, found.reading.lot, lots)
    if lot is None:
        return ask_lot(ctx, product, found.units, lots)
    return in_hand(ctx, product, lot, found.units)


def lots_of(ctx: Context, product_id: int) -> set[str]:
    """Lots that the unit in the hand may be of."""
    if ctx.dialogue.return_id is None:
        rows = put_back.inside(ctx.tx, ctx.dialogue.place_id or 0, product_id)
        return {row.lot for row in rows}
    case = the_case(ctx)
    if ctx.dialogue.taking:
        return {line.lot for line in on_hold(ctx, case, product_id)}
    there = ctx.tx.returns.with_customer(case.order_id or 0, product_id)
    return {item.lot for item in there}
