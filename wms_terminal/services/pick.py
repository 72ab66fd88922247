"""Pick: one order to a tote. Location, then product, then tote, and at the end staging.

States: `idle` (no work) · `tote` (an empty tote is needed) · `location` · `product` ·
`reason` (why it is short) · `zero` (is the location empty now?) · `staging`.
All but `reason` and `zero` follow from the store, so a walk goes on wherever its picker signs in.

What happens to the goods of a stop is in `pick_goods`, what it shows in `pick_view`, getting work
in `walk`, shortages and the drop in `walk_end`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wms_terminal.domain.commands import LABELS, Command
from wms_terminal.domain.orders import PickStop
from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.site import Kind
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
from wms_terminal.services.heads import stopped
from wms_terminal.services.pick_goods import at_product, must_be_free, tote_names
from wms_terminal.services.pick_view import show
from wms_terminal.services.resolver import name, unexpected
from wms_terminal.services.walk import (
    CLAIM,
    already_picked,
    current,
    empty_hand,
    get_work,
    guard,
    look_ahead,
    next_stop,
    take,
)
from wms_terminal.services.walk_end import drop, report_short

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "idle": (Kind.TOTE,),
    "tote": (Kind.TOTE,),
    "location": (Kind.LOCATION, Kind.NUMBER),
    "product": (Kind.PRODUCT, Kind.TOTE, Kind.LOCATION, Kind.NUMBER),
    "reason": (Kind.REASON,),
    "zero": (Kind.LOCATION,),
    "staging": (Kind.LOCATION,),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed, a lot once it is asked for."""
    kinds = _ACCEPTS[dialogue.state]
    return (*kinds, Kind.LOT) if dialogue.state == "product" and dialogue.units else kinds


def enter(ctx: Context) -> Answer:
    """Go on with one's own walk, or get the most urgent work there is."""
    while (mine := ctx.tx.picks.claimed_by(CLAIM, ctx.operator.id)) is not None:
        head = ctx.tx.orders.head(ctx.tx.picks.get_list(mine).order_id)
        if stopped(head) is None:
            take(ctx, mine)
            return Answer(next_stop(ctx, mine), ok("resumed", T("Your walk goes on")))
        ctx.tx.picks.release_claim(CLAIM, mine)
    return get_work(ctx)


def leave(ctx: Context) -> None:
    """Give a walk back that has not begun or must not go on, if it still is one's own."""
    list_id = ctx.dialogue.list_id
    if list_id is None:
        return
    picks = ctx.tx.picks
    claim = picks.claim_of(CLAIM, list_id, ctx.at)
    if claim is not None and claim.operator_id != ctx.operator.id:
        return
    work = picks.get_list(list_id)
    if stopped(ctx.tx.orders.head(work.order_id)) is not None:
        empty_hand(ctx, list_id)
        picks.release_claim(CLAIM, list_id)
    elif ctx.dialogue.state == "tote" and work.state == "picking":
        picks.release_claim(CLAIM, list_id)
        picks.set_list_state(list_id, "open")


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code on the walk."""
    list_id = ctx.dialogue.list_id
    if list_id is None:
        return _at_idle(ctx, found)
    look_ahead(ctx, list_id)
    guard(ctx, list_id)
    ctx = current(ctx, list_id)
    dialogue = ctx.dialogue
    if dialogue.state == "zero":
        return _zero_check(ctx, found)
    stop = ctx.tx.picks.stop(list_id)
    if stop is not None and dialogue.state == "reason":
        return report_short(ctx, stop, found)
    if found.command in (Command.OK, Command.NO):
        text = T("Nothing is asked now")
        return Answer(replace(dialogue, units=0), ok("nothing_asked", text))
    if stop is None:
        return drop(ctx, found)
    if dialogue.state == "tote":
        return _bind_tote(ctx, found)
    if found.command is Command.SHORT:
        _hand_must_be_empty(ctx, stop, found)
        asking = dialogue.to("reason", task_id=stop.task_id, units=0)
        return Answer(asking, question("why_short", T("Why is it short?")))
    if found.command is Command.SKIP:
        _hand_must_be_empty(ctx, stop, found)
        return _skip(ctx, stop)
    if dialogue.state == "location":
        return _locate(ctx, stop, found)
    return at_product(ctx, stop, found)


def _at_idle(ctx: Context, found: Found) -> Answer:
    if found.command is Command.WORK:
        return get_work(ctx)
    if found.kind is Kind.TOTE:
        return _take_over(ctx, found)
    raise unexpected(ctx.tx, found, LABELS[Command.WORK])


def _hand_must_be_empty(ctx: Context, stop: PickStop, found: Found) -> None:
    if stop.in_hand:
        raise refuse(
            "needs_first",
            T("Put what is in your hand into the tote first"),
            expected=tote_names(ctx),
            got=name(ctx.tx, found),
        )


def _take_over(ctx: Context, found: Found) -> Answer:
    """Scanning another picker's tote asks, and then takes the walk over."""
    tote = ctx.tx.site.location(found.ref)
    if tote.order_id is None:
        raise refuse(
            "no_work",
            T("Tote {tote} is empty and free", tote=tote.code),
            expected=LABELS[Command.WORK],
            got=tote.code,
        )
    head = ctx.tx.orders.head(tote.order_id)
    running = ctx.tx.picks.list_of(head.id)
    refusal = stopped(head)
    if refusal is not None:
        raise refusal
    if running is None:
        raise already_picked(ctx, head)
    claim = ctx.tx.picks.claim_of(CLAIM, running.id, ctx.at)
    other = claim if claim is not None and claim.operator_id != ctx.operator.id else None
    if other is not None and ctx.dialogue.confirm != found.reading.code:
        text = T("{name} is picking this at {station}", name=other.operator, station=other.station)
        return Answer(
            ctx.dialogue.ask(found.reading.code, "take_over"),
            question("locked_by", text, T("Scan the tote again to take it over")),
        )
    if other is not None:
        text = T("Picking taken over from {name}", name=other.operator)
        ctx.event(head.id, "taken_over", text)
    take(ctx, running.id)
    dialogue = next_stop(ctx, running.id)
    return Answer(dialogue, ok("taken_over", T("The walk is yours now")), undo=BARRIER)


def _bind_tote(ctx: Context, found: Found) -> Answer:
    if found.kind is not Kind.TOTE:
        raise unexpected(ctx.tx, found, T("an empty tote"))
    tote = ctx.tx.site.location(found.ref)
    must_be_free(ctx, tote, T("an empty tote"))
    list_id, order_id = ctx.dialogue.list_id, ctx.dialogue.order_id
    assert list_id is not None
    ctx.tx.site.use_tote(tote.id, order_id, None)
    dialogue = next_stop(ctx, list_id)
    text = T("Tote {tote} is for this order", tote=tote.code)
    undo = {"op": "tote", "list": list_id, "tote": tote.id}
    return Answer(dialogue, ok("tote", text), undo=undo)


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
    elif found.kind in (Kind.PRODUCT, Kind.TOTE):
        raise refuse(
            "needs_first",
            T("The location comes first"),
            expected=stop.location,
            got=name(ctx.tx, found),
            advice=T("Scan the location's label, then the product"),
        )
    else:
        raise unexpected(ctx.tx, found, stop.location)
    dialogue = ctx.dialogue.to("product", located=True, task_id=stop.task_id)
    text = T("At {location}", location=stop.location)
    return Answer(dialogue, ok("location", text), undo={"op": "locate", "list": stop.list_id})


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
    ctx.tx.picks.postpone(stop.task_id)
    dialogue = next_stop(ctx, stop.list_id)
    after = ctx.tx.picks.stop(stop.list_id)
    if after is not None and after.task_id == stop.task_id:
        return Answer(dialogue, ok("only_stop", T("{name} is all that is left", name=stop.name)))
    text = T("{name} comes back at the end", name=stop.name)
    return Answer(dialogue, ok("skipped", text))


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take one gesture back; the ledger's moves are reversed by the kernel."""
    list_id = ctx.dialogue.list_id
    if list_id is None or list_id != what["list"]:
        raise refuse("nothing_to_undo", T("That was another walk"))
    guard(ctx, list_id)
    operation = what["op"]
    if operation == "tote" and ctx.tx.stock.on_hand(_number(what, "tote")):
        raise refuse("tote_not_empty", T("There is something in the tote already"))
    if operation == "hand":
        ctx.tx.picks.hand(_number(what, "task"), -_number(what, "units"))
    elif operation == "put":
        ctx.tx.picks.unput(_number(what, "task"), _number(what, "units"))
        ctx.tx.orders.change_line(_number(what, "line"), picked=-_number(what, "units"))
    if "tote" in what and ctx.tx.stock.on_hand(_number(what, "tote")) == what.get("units", 0):
        ctx.tx.site.use_tote(_number(what, "tote"), None, None)


def _number(what: Mapping[str, object], name: str) -> int:
    value = what[name]
    assert isinstance(value, int)
    return value


FLOW = Flow("pick", accepts, show, scan, enter, leave, undo)
