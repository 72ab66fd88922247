"""At the bench: the label comes out, goes on, and is scanned before the next parcel opens."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Parcel, ParcelState
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import PrintState
from wms_terminal.services import booking, words
from wms_terminal.services.dialogue import Answer, Context, Found, ok, question
from wms_terminal.services.labels import parcel_name, reprint, scan_back
from wms_terminal.services.pack_order import START, after_label, at_open
from wms_terminal.services.papers import newest_job, print_trouble
from wms_terminal.services.parcel import is_left_to_pack, is_mine, open_parcel

OPENS = (Kind.TOTE, Kind.ORDER, Kind.PRODUCT, Kind.LOCATION)
"""What names the next order, when this one's label does not come."""

_COMING = (PrintState.QUEUED, PrintState.SENDING)


def at_label(ctx: Context, found: Found) -> Answer:
    """The label is scanned back, printed again, or left to the ship desk."""
    parcel = open_parcel(ctx)
    if ctx.dialogue.state == "reprint":
        return reprint(ctx, found)
    if parcel.state is not ParcelState.PACKED:
        return _done_elsewhere(ctx, parcel)
    if found.command is Command.PRINT:
        return Answer(ctx.dialogue.to("reprint"), question("why_reprint", T("Why again?")))
    if found.command is Command.SKIP:
        return _skip(ctx, parcel)
    if found.kind in OPENS and (print_trouble(ctx, parcel.id) or _is_put_aside(ctx, parcel)):
        return at_open(ctx.at_dialogue(_skip(ctx, parcel).dialogue), found)
    text = scan_back(ctx, parcel, found)
    more = is_left_to_pack(ctx, parcel.order_id)
    outcome = Outcome.LINE_DONE if more else Outcome.ORDER_DONE
    return after_label(ctx, parcel.order_id, ok("labelled", text, outcome))


def _skip(ctx: Context, parcel: Parcel) -> Answer:
    """Packed, not yet labelled: a printer that is off holds nobody up, nor does a carrier."""
    if _is_put_aside(ctx, parcel):
        text = T("Put parcel {number} aside: its label comes", number=parcel.number)
        return after_label(ctx, parcel.order_id, ok("put_aside", text))
    job = newest_job(ctx, parcel.id)
    trouble = print_trouble(ctx, parcel.id)
    if job is not None and not trouble and job.state not in _COMING:
        raise refuse(
            "needs_first",
            T("The label comes first"),
            expected=T("the label of parcel {number}", number=parcel.number),
            got=T("Skip"),
            advice=T("If nothing came out, press Reprint"),
        )
    text = T("Parcel {number} is packed, not yet labelled", number=parcel.number)
    why = trouble or (words.PRINT[PrintState(job.state)] if job is not None else "-")
    ctx.event(parcel.order_id, "not_labelled", T("Packed, not yet labelled: {why}", why=why))
    ctx.tx.orders.add_notice(
        "shipping",
        T("{parcel} is packed, not yet labelled: {why}", parcel=parcel_name(ctx, parcel), why=why),
        at=ctx.at,
        order_id=parcel.order_id,
    )
    return after_label(ctx, parcel.order_id, ok("not_labelled", text))


def _is_put_aside(ctx: Context, parcel: Parcel) -> bool:
    """Whether the parcel's label comes from its carrier, and nobody has to wait for it."""
    return booking.awaited(ctx.tx, parcel.id) is not None


def label_came(ctx: Context, found: Found) -> Answer | None:
    """The label of a parcel that was put aside is scanned on it, whatever is done meanwhile.

    Where several wait at this bench, the code cannot tell which of them it is on.

    Raises:
        Refused: several parcels wait for their labels here.
    """
    if found.kind is not Kind.PARCEL:
        return None
    parcel = ctx.tx.parcels.get(found.ref)
    if parcel.state is not ParcelState.PACKED or booking.booked(ctx.tx, parcel.id) is None:
        return None
    waiting = {item.parcel_id for item in ctx.tx.shipments.to_label(ctx.station.id)}
    if parcel.id not in waiting:
        return None
    if len(waiting) > 1:
        raise refuse(
            "needs_first",
            T("Several parcels wait for their labels: which one is this?"),
            expected=T("the order number on its packing slip"),
            got=parcel_name(ctx, parcel),
            advice=T("Scan the order, then the label; the ship desk can do it too"),
        )
    text = scan_back(ctx, parcel, found)
    return Answer(ctx.dialogue, ok("labelled", text, Outcome.LINE_DONE))


def _done_elsewhere(ctx: Context, parcel: Parcel) -> Answer:
    """Somebody else labelled, reopened or shipped the parcel meanwhile."""
    answer = changed_elsewhere(ctx, parcel)
    if parcel.state is ParcelState.OPEN or not is_mine(ctx, parcel.order_id):
        return answer
    return after_label(ctx, parcel.order_id, answer.message)


def changed_elsewhere(ctx: Context, parcel: Parcel) -> Answer:
    """The parcel is not as it was left: back to the choice of orders, and say why."""
    text = T(
        "{parcel} is {state} meanwhile",
        parcel=parcel_name(ctx, parcel),
        state=words.PARCEL[parcel.state],
    )
    return Answer(START, question("changed_elsewhere", text, T("This scan was not used")))
