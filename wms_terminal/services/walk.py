"""A picker's walk: getting work by urgency, whose it is, and where it stands."""

from __future__ import annotations

from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.text import T
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Dialogue, ok
from wms_terminal.services.heads import stopped
from wms_terminal.services.release import release

CLAIM = "pick"


def get_work(ctx: Context) -> Answer:
    """The most urgent of what was given back and what can be released; it becomes this picker's."""
    while True:
        waiting = ctx.tx.picks.next_open(ctx.at)
        fresh = ctx.tx.orders.next_to_release()
        if waiting is None and fresh is None:
            return Answer(
                Dialogue("pick", "idle"), ok("no_work", T("No order is waiting to be picked"))
            )
        list_id: int | None
        if fresh is not None and (waiting is None or _urgency(fresh) < _urgency(waiting)):
            list_id = release(ctx, fresh[0])
        else:
            assert waiting is not None
            list_id = waiting[0]
        if list_id is not None:
            return _begin(ctx, list_id)


def _urgency(work: tuple[int, str, bool]) -> tuple[bool, str]:
    """Expedited first, then by latest start."""
    _, start, expedite = work
    return (not expedite, start)


def _begin(ctx: Context, list_id: int) -> Answer:
    ctx.tx.picks.take_over(CLAIM, list_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    ctx.tx.picks.set_list_state(list_id, "picking")
    order_id = ctx.tx.picks.get_list(list_id).order_id
    head = ctx.tx.orders.head(order_id)
    ctx.event(order_id, "pick_started", T("Picking begins"))
    dialogue = next_stop(ctx, list_id)
    stop = ctx.tx.picks.stop(list_id)
    text = T("Order {number}: {count} stops", number=head.number, count=stop.stops if stop else 0)
    return Answer(dialogue, ok("work", text), undo=BARRIER)


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


def guard(ctx: Context, list_id: int) -> None:
    """Work that is no longer this picker's, or must not go on, stops here by name."""
    assert ctx.dialogue.order_id is not None
    refusal = stopped(ctx.tx.orders.head(ctx.dialogue.order_id))
    if refusal is not None:
        raise refusal
    claim = ctx.tx.picks.claim_of(CLAIM, list_id, ctx.at)
    if claim is None:
        ctx.tx.picks.claim(CLAIM, list_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    elif claim.operator_id == ctx.operator.id:
        ctx.tx.picks.renew(CLAIM, list_id, ctx.at, ctx.until)
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
