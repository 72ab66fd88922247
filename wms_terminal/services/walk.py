"""A picker's walk: getting work by urgency, whose it is, and where it stands."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.orders import OrderHead, PickStop
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.text import T
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Dialogue, ok
from wms_terminal.services.heads import stopped
from wms_terminal.services.release import release
from wms_terminal.services.words import ORDER

CLAIM = "pick"
LIVE = ("open", "picking")
IDLE = Dialogue("pick", "idle")

LOOKS = 100
"""Orders that one scan tries to release: the whole floor waits for the end of its transaction."""


def get_work(ctx: Context) -> Answer:
    """The most urgent of what was given back and what can be released; it becomes this picker's."""
    for _ in range(LOOKS):
        waiting = ctx.tx.picks.next_open(ctx.at)
        fresh = ctx.tx.orders.next_to_release()
        list_id: int | None
        if fresh is not None and (waiting is None or _urgency(fresh) < _urgency(waiting)):
            list_id = release(ctx, fresh[0])
        elif waiting is not None:
            list_id = waiting[0]
        else:
            return Answer(IDLE, ok("no_work", T("No order is waiting to be picked")))
        if list_id is not None:
            return _begin(ctx, list_id)
    text = T("{count} orders wait for stock; there are more to look at", count=LOOKS)
    return Answer(IDLE, ok("still_looking", text))


def _urgency(work: tuple[int, str, bool]) -> tuple[bool, str]:
    """Expedited first, then by latest start."""
    _, start, expedite = work
    return (not expedite, start)


def _begin(ctx: Context, list_id: int) -> Answer:
    work = ctx.tx.picks.get_list(list_id)
    take(ctx, list_id)
    head = ctx.tx.orders.head(work.order_id)
    begins = T("Picking begins") if work.state == "open" else T("Picking goes on")
    ctx.event(work.order_id, "pick_started", begins)
    dialogue = next_stop(ctx, list_id)
    stop = ctx.tx.picks.stop(list_id)
    left = stop.stops - stop.number + 1 if stop is not None else 0
    text = T("Order {number}: {count} stops", number=head.number, count=left)
    return Answer(dialogue, ok("work", text), undo=BARRIER)


def take(ctx: Context, list_id: int) -> None:
    """Make a walk this picker's. What another one had in the hand is counted anew."""
    picks = ctx.tx.picks
    mine = picks.claimed_by(CLAIM, ctx.operator.id) == list_id
    picks.take_over(CLAIM, list_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    picks.set_list_state(list_id, "picking")
    if not mine:
        empty_hand(ctx, list_id)


def empty_hand(ctx: Context, list_id: int) -> None:
    """What was scanned and is in no tote yet is to be scanned anew."""
    stop = ctx.tx.picks.stop(list_id)
    if stop is not None and stop.in_hand:
        ctx.tx.picks.hand(stop.task_id, -stop.in_hand)


def next_stop(ctx: Context, list_id: int) -> Dialogue:
    """The state that the store puts a walk in."""
    order_id = ctx.tx.picks.get_list(list_id).order_id
    base = Dialogue("pick", "location", order_id=order_id, list_id=list_id)
    stop = ctx.tx.picks.stop(list_id)
    totes = ctx.tx.site.totes_of(order_id)
    if stop is None:
        return base.to("staging")
    if not totes:
        return base.to("tote")
    before = ctx.dialogue
    if stop.in_hand or (before.located and before.task_id == stop.task_id):
        return base.to("product", located=True, task_id=stop.task_id)
    return base


def current(ctx: Context, list_id: int) -> Context:
    """The dialogue as the store has it, where somebody else has worked on the walk meanwhile."""
    dialogue = ctx.dialogue
    stop = ctx.tx.picks.stop(list_id)
    if dialogue.state == "zero" or (
        dialogue.state == "reason" and stop is not None and stop.task_id == dialogue.task_id
    ):
        return ctx
    now = next_stop(ctx, list_id)
    if (now.state, now.task_id) == (dialogue.state, dialogue.task_id):
        return ctx
    return ctx.at_dialogue(now)


def look_ahead(ctx: Context, list_id: int) -> None:
    """Say what a scan on a walk reads in any case."""
    tx, order_id = ctx.tx, ctx.dialogue.order_id or 0
    tx.expect(
        lambda: tx.picks.get_list(list_id),
        lambda: tx.orders.head(order_id),
        lambda: tx.picks.claim_of(CLAIM, list_id, ctx.at),
        lambda: tx.picks.stop(list_id),
        lambda: tx.site.totes_of(order_id),
        lambda: tx.site.setting("timezone", "UTC"),
    )


def guard(ctx: Context, list_id: int) -> None:
    """Work that is no longer this picker's, or must not go on, stops here by name."""
    picks = ctx.tx.picks
    work = picks.get_list(list_id)
    head = ctx.tx.orders.head(work.order_id)
    refusal = stopped(head)
    if refusal is not None:
        raise _with_hand(refusal, picks.stop(list_id))
    if work.state not in LIVE:
        raise already_picked(ctx, head)
    claim = picks.claim_of(CLAIM, list_id, ctx.at)
    if claim is None:
        take(ctx, list_id)
    elif claim.operator_id != ctx.operator.id:
        raise refuse(
            "locked_by",
            T(
                "{name} has taken this over at {station}",
                name=claim.operator,
                station=claim.station,
            ),
            advice=T("Go to other work with Menu"),
        )
    elif claim.station != ctx.station.code:
        take(ctx, list_id)
    elif claim.until[:16] != ctx.until[:16]:
        picks.renew(CLAIM, list_id, ctx.at, ctx.until)


def _with_hand(refusal: Refused, stop: PickStop | None) -> Refused:
    """What is in no tote yet is not looked for later: it goes back where it was taken."""
    if stop is None or not stop.in_hand:
        return refusal
    advice = T(
        "Put the {count} in your hand back at {place}, leave the tote here and go to other work",
        count=stop.in_hand,
        place=stop.location,
    )
    return Refused(replace(refusal.message, advice=advice))


def already_picked(ctx: Context, head: OrderHead) -> Refused:
    """The refusal of picking what is picked, with the place where it is."""
    got = ORDER[head.state]
    for tote in ctx.tx.site.totes_of(head.id):
        if tote.parent_id is not None:
            place = ctx.tx.site.location(tote.parent_id).code
            got = T("{what}, {tote} at {location}", what=got, tote=tote.code, location=place)
    return refuse(
        "already_done",
        T("Order {number} is not to be picked any more", number=head.number),
        got=got,
        advice=T("Go to other work with Menu"),
    )
