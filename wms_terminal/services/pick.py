"""Pick: one order to a tote. Location, then product, then tote, and at the end staging.

States: `idle` (no work) · `tote` (an empty tote is needed) · `location` · `product` ·
`reason` (why it is short) · `zero` (is the location empty now?) · `staging`.
All but `reason` and `zero` follow from the store, so a walk goes on wherever its picker signs in.
"""

from __future__ import annotations

from collections.abc import Mapping

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import PickStop
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.scan import Source
from wms_terminal.domain.site import Kind, Location
from wms_terminal.domain.text import T
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
from wms_terminal.services.pick_view import show
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.walk import CLAIM, get_work, guard, next_stop
from wms_terminal.services.walk_end import drop, report_short

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "idle": (Kind.TOTE,),
    "tote": (Kind.TOTE,),
    "location": (Kind.LOCATION, Kind.NUMBER),
    "product": (Kind.PRODUCT, Kind.TOTE, Kind.LOCATION, Kind.NUMBER, Kind.LOT),
    "reason": (Kind.REASON,),
    "zero": (Kind.LOCATION,),
    "staging": (Kind.LOCATION,),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed."""
    return _ACCEPTS[dialogue.state]


def enter(ctx: Context) -> Answer:
    """Go on with one's own walk, or get the most urgent work there is."""
    mine = ctx.tx.picks.claimed_by(CLAIM, ctx.operator.id)
    if mine is not None:
        ctx.tx.picks.claim(CLAIM, mine, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
        return Answer(next_stop(ctx, mine), ok("resumed", T("Your walk goes on")))
    return get_work(ctx)


def leave(ctx: Context) -> None:
    """Give a walk back that has not begun."""
    list_id = ctx.dialogue.list_id
    if list_id is not None and ctx.dialogue.state == "tote":
        ctx.tx.picks.release_claim(CLAIM, list_id)
        ctx.tx.picks.set_list_state(list_id, "open")


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code on the walk."""
    dialogue = ctx.dialogue
    if dialogue.state == "idle":
        if found.command is Command.WORK:
            return get_work(ctx)
        if found.kind is Kind.TOTE:
            return _take_over(ctx, found)
        raise unexpected(ctx.tx, found, T("Next order"))
    list_id = dialogue.list_id
    assert list_id is not None
    guard(ctx, list_id)
    if dialogue.state == "tote":
        return _bind_tote(ctx, found)
    if dialogue.state == "zero":
        return _zero_check(ctx, found)
    stop = ctx.tx.picks.stop(list_id)
    if stop is None:
        return drop(ctx, found)
    if dialogue.state == "reason":
        return report_short(ctx, stop, found)
    if found.command is Command.SHORT:
        if stop.in_hand:
            raise refuse(
                "needs_first",
                T("Put what is in your hand into the tote first"),
                expected=_tote_names(ctx),
                got=T("Short"),
            )
        return Answer(dialogue.to("reason"), question("why_short", T("Why is it short?")))
    if found.command is Command.SKIP:
        return _skip(ctx, stop)
    if dialogue.state == "location":
        return _locate(ctx, stop, found)
    return _at_product(ctx, stop, found)


def _take_over(ctx: Context, found: Found) -> Answer:
    """Scanning another picker's tote asks, and then takes the walk over."""
    tote = ctx.tx.site.location(found.ref)
    running = ctx.tx.picks.list_of(tote.order_id) if tote.order_id is not None else None
    if running is None:
        raise unexpected(ctx.tx, found, T("Next order"), "no_work_in_tote")
    claim = ctx.tx.picks.claim_of(CLAIM, running.id, ctx.at)
    if claim is not None and ctx.dialogue.confirm != found.reading.text:
        text = T("{name} is picking this at {station}", name=claim.operator, station=claim.station)
        return Answer(
            ctx.dialogue.ask(found.reading.text, "take_over"),
            question("locked_by", text, T("Scan the tote again to take it over")),
        )
    assert tote.order_id is not None
    ctx.tx.picks.take_over(CLAIM, running.id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    before = claim.operator if claim is not None else "-"
    ctx.event(tote.order_id, "taken_over", T("Picking taken over from {name}", name=before))
    dialogue = next_stop(ctx, running.id)
    return Answer(dialogue, ok("taken_over", T("The walk is yours now")), undo=BARRIER)


def _bind_tote(ctx: Context, found: Found) -> Answer:
    if found.kind is not Kind.TOTE:
        raise unexpected(ctx.tx, found, T("an empty tote"))
    tote = _empty_tote(ctx, found)
    ctx.tx.site.use_tote(tote.id, ctx.dialogue.order_id, None)
    assert ctx.dialogue.list_id is not None
    dialogue = next_stop(ctx, ctx.dialogue.list_id)
    text = T("Tote {tote} is for this order", tote=tote.code)
    return Answer(dialogue, ok("tote", text), undo={"op": "tote", "tote": tote.id})


def _empty_tote(ctx: Context, found: Found) -> Location:
    tote = ctx.tx.site.location(found.ref)
    if tote.order_id is not None and tote.order_id != ctx.dialogue.order_id:
        number = ctx.tx.orders.head(tote.order_id).number
        raise refuse(
            "tote_in_use",
            T("Tote {tote} holds order {number}", tote=tote.code, number=number),
            expected=_tote_names(ctx) or T("an empty tote"),
            got=tote.code,
        )
    return tote


def _tote_names(ctx: Context) -> str:
    assert ctx.dialogue.order_id is not None
    return " / ".join(tote.code for tote in ctx.tx.site.totes_of(ctx.dialogue.order_id))


def _locate(ctx: Context, stop: PickStop, found: Found) -> Answer:
    if found.kind is Kind.NUMBER:
        if not stop.check_digits or found.reading.text != stop.check_digits:
            raise refuse(
                "wrong_check_digits",
                T("Those are not the check digits of {location}", location=stop.location),
                expected=T("the digits on the label at {location}", location=stop.location),
                got=found.reading.text,
            )
    elif found.kind is Kind.LOCATION:
        if found.ref != stop.location_id:
            raise refuse(
                "wrong_location",
                T("Wrong location"),
                expected=stop.location,
                got=ctx.tx.site.location(found.ref).code,
            )
    elif found.kind is Kind.UNKNOWN:
        raise unexpected(ctx.tx, found, stop.location)
    else:
        raise refuse(
            "needs_first",
            T("The location comes first"),
            expected=stop.location,
            got=found.reading.text[:60],
            advice=T("Scan the location's label, then the product"),
        )
    dialogue = ctx.dialogue.to("product", located=True, task_id=stop.task_id)
    text = T("At {location}", location=stop.location)
    return Answer(dialogue, ok("location", text), undo={"op": "locate"})


def _at_product(ctx: Context, stop: PickStop, found: Found) -> Answer:
    if found.kind is Kind.PRODUCT:
        return _count(ctx, stop, found, found.units)
    if found.kind is Kind.NUMBER and found.source is Source.KEYED:
        return _key_quantity(ctx, stop, found.units)
    if found.kind is Kind.TOTE:
        return _put(ctx, stop, found)
    if found.kind is Kind.LOT:
        return _lot(ctx, stop, found)
    if found.kind is Kind.LOCATION and found.ref == stop.location_id:
        return Answer(
            ctx.dialogue, ok("already_here", T("You are at {location}", location=stop.location))
        )
    raise unexpected(ctx.tx, found, f"{stop.name} ({stop.sku})")


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
    if stop.lot_tracked and stop.lot:
        lot = found.reading.lot
        if not lot:
            dialogue = ctx.dialogue.to("product", units=units)
            return Answer(dialogue, question("needs_lot", T("Scan the lot: {lot}", lot=stop.lot)))
        if lot != stop.lot:
            return _substitute(ctx, stop, lot, found.reading.text, units)
    return _hand(ctx, stop, units)


def _hand(ctx: Context, stop: PickStop, units: int) -> Answer:
    left = stop.remaining - stop.in_hand
    if units > left:
        raise refuse(
            "over_quantity",
            T("Too many: {wanted} wanted, {have} in hand", wanted=stop.remaining, have=stop.in_hand)
            if units == 1
            else T(
                "Too many: this is a pack of {units}, {left} still wanted", units=units, left=left
            ),
            expected=str(left),
            got=str(units),
            advice=T("Put it back") if left == 0 else T("Scan single units"),
            outcome=Outcome.OVER,
        )
    ctx.tx.picks.hand(stop.task_id, units)
    have = stop.in_hand + units
    text = T("{have} of {wanted} × {name}", have=have, wanted=stop.remaining, name=stop.name)
    dialogue = ctx.dialogue.to("product", located=True, task_id=stop.task_id, units=0)
    undo = {"op": "hand", "task": stop.task_id, "units": units}
    return Answer(dialogue, ok("counted", text), undo=undo)


def _key_quantity(ctx: Context, stop: PickStop, total: int) -> Answer:
    """A quantity is keyed as the total in hand, after at least one unit was scanned."""
    if not stop.in_hand:
        raise refuse(
            "needs_first",
            T("Scan one of them first, then key the total in"),
            expected=f"{stop.name} ({stop.sku})",
            got=str(total),
        )
    return _hand(ctx, stop, total - stop.in_hand)


def _lot(ctx: Context, stop: PickStop, found: Found) -> Answer:
    """A lot label answers the question for the lot."""
    units = ctx.dialogue.units
    if not units or not stop.lot:
        raise unexpected(
            ctx.tx,
            Found(Kind.UNKNOWN, found.code, found.reading, found.source),
            f"{stop.name} ({stop.sku})",
        )
    if found.reading.text != stop.lot:
        return _substitute(ctx, stop, found.reading.text, found.reading.text, units)
    return _hand(ctx, stop, units)


def _substitute(ctx: Context, stop: PickStop, lot: str, code: str, units: int) -> Answer:
    """Another lot of the product: taken when the same code is scanned twice."""
    free = dict(ctx.tx.stock.lots_at(stop.location_id, stop.product_id)).get(lot, 0)
    if free < stop.remaining or stop.in_hand or stop.picked or stop.short:
        raise refuse(
            "wrong_lot",
            T("Wrong lot"),
            expected=stop.lot,
            got=lot,
            advice=T("Take the lot shown, or report it short"),
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
    if not stop.in_hand:
        raise refuse(
            "needs_first",
            T("The product comes first"),
            expected=f"{stop.name} ({stop.sku})",
            got=tote.code,
        )
    if tote.order_id != stop.order_id:
        if tote.order_id is not None:
            number = ctx.tx.orders.head(tote.order_id).number
            raise refuse(
                "wrong_tote",
                T("Wrong tote: it holds order {number}", number=number),
                expected=_tote_names(ctx),
                got=tote.code,
            )
        if ctx.dialogue.confirm != found.reading.text:
            text = T("{tote} is empty: use it as another tote?", tote=tote.code)
            return Answer(
                ctx.dialogue.ask(found.reading.text, "another_tote"),
                question("another_tote", text, T("Scan it again to use it too")),
            )
        ctx.tx.site.use_tote(tote.id, stop.order_id, None)
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
    undo = {"op": "put", "task": stop.task_id, "line": stop.line_id, "units": units}
    text = T("{count} × {name} into {tote}", count=units, name=stop.name, tote=tote.code)
    outcome = Outcome.LINE_DONE if done else Outcome.OK
    dialogue = next_stop(ctx, stop.list_id)
    if emptied:
        dialogue = dialogue.to("zero", units=stop.location_id, product_id=stop.product_id)
    return Answer(dialogue, ok("picked", text, outcome), undo=undo)


def _zero_check(ctx: Context, found: Found) -> Answer:
    """The store believes a location to be empty: is it?"""
    place = ctx.tx.site.location(ctx.dialogue.units)
    assert ctx.dialogue.list_id is not None
    dialogue = next_stop(ctx, ctx.dialogue.list_id)
    if found.command is Command.OK or (found.kind is Kind.LOCATION and found.ref == place.id):
        return Answer(dialogue, ok("empty", T("{location} is empty", location=place.code)))
    if found.command is Command.NO:
        product = ctx.dialogue.product_id
        assert product is not None
        ctx.tx.stock.add_count(place.id, product, "", "zero_check", ctx.at, ctx.operator.id)
        text = T("Count {location}: it should be empty and is not", location=place.code)
        ctx.tx.orders.add_notice("stock", text, at=ctx.at)
        return Answer(dialogue, ok("count_asked", text), undo=BARRIER)
    raise unexpected(ctx.tx, found, T("{location} for yes, or No", location=place.code))


def _skip(ctx: Context, stop: PickStop) -> Answer:
    if stop.in_hand:
        raise refuse(
            "needs_first",
            T("Put what is in your hand into the tote first"),
            expected=_tote_names(ctx),
            got=T("Skip"),
        )
    ctx.tx.picks.postpone(stop.task_id)
    dialogue = next_stop(ctx, stop.list_id)
    text = T("{name} comes back at the end", name=stop.name)
    return Answer(dialogue, ok("skipped", text))


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take one gesture back; the ledger's moves are reversed by the kernel."""
    assert ctx.dialogue.list_id is not None
    guard(ctx, ctx.dialogue.list_id)
    operation = what["op"]
    if operation == "tote":
        tote = ctx.tx.site.location(_number(what, "tote"))
        if ctx.tx.stock.on_hand(tote.id):
            raise refuse("tote_not_empty", T("Tote {tote} is not empty", tote=tote.code))
        ctx.tx.site.use_tote(tote.id, None, None)
    elif operation == "hand":
        ctx.tx.picks.hand(_number(what, "task"), -_number(what, "units"))
    elif operation == "put":
        ctx.tx.picks.unput(_number(what, "task"), _number(what, "units"))
        ctx.tx.orders.change_line(_number(what, "line"), picked=-_number(what, "units"))


def _number(what: Mapping[str, object], name: str) -> int:
    value = what[name]
    assert isinstance(value, int)
    return value


FLOW = Flow("pick", accepts, show, scan, enter, leave, undo)
