"""Ship desk: label what is not labelled yet, load by scan, hand over to the courier.

States: `start` · `label` (print, then scan back) · `reprint` (why again?) · `load` (parcels of
one carrier onto today's manifest, or off it again) · `handover` (count, and the courier takes
them along).
"""

from __future__ import annotations

from collections.abc import Mapping

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Manifest, Parcel, ParcelState
from wms_terminal.domain.outcome import Outcome, Refused, refuse
from wms_terminal.domain.shipments import ShipmentState
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import PrintState
from wms_terminal.services import booking, channel_news, words
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
from wms_terminal.services.hand_over import ask_handover, at_handover
from wms_terminal.services.heads import stopped, today
from wms_terminal.services.labels import parcel_name, reprint, scan_back, void_label
from wms_terminal.services.papers import newest_job, print_again
from wms_terminal.services.parcel import open_parcel, service_of, unlabelled
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.ship_view import chosen_manifest, show

START = Dialogue("ship", "start")

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "start": (Kind.CARRIER, Kind.PARCEL, Kind.ORDER, Kind.TOTE),
    "label": (Kind.PARCEL,),
    "reprint": (Kind.REASON,),
    "load": (Kind.PARCEL, Kind.CARRIER),
    "handover": (Kind.CARRIER, Kind.PARCEL, Kind.NUMBER),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed."""
    return _ACCEPTS[dialogue.state]


def enter(ctx: Context) -> Answer:
    """What waits at the ship desk."""
    return Answer(START, ok("ship", T("Ship desk")))


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code at the ship desk."""
    state = ctx.dialogue.state
    if state == "start":
        return _at_start(ctx, found)
    if state == "reprint":
        return _at_reprint(ctx, found)
    if state == "label":
        return _at_label(ctx, found)
    manifest = _open_manifest(ctx)
    if state == "handover" and found.kind is not Kind.PARCEL:
        return at_handover(ctx, found, manifest)
    return _at_load(ctx, found, manifest)


def _at_start(ctx: Context, found: Found) -> Answer:
    wanted = T("a carrier or dock, an order, or a tote")
    if found.kind is Kind.CARRIER:
        manifest = ctx.tx.parcels.open_manifest(found.ref, today(ctx), ctx.at)
        text = T("Manifest {code} is open", code=manifest.code)
        dialogue = Dialogue("ship", "load", manifest_id=manifest.id)
        return Answer(dialogue, ok("manifest", text), undo=BARRIER)
    if found.kind is Kind.PARCEL:
        return _parcel_at_start(ctx, ctx.tx.parcels.get(found.ref), found)
    if found.kind is Kind.TOTE:
        order_id = ctx.tx.site.location(found.ref).order_id
        if order_id is not None:
            return _label_order(ctx, order_id)
    if found.kind is Kind.ORDER:
        return _label_order(ctx, found.ref)
    raise void_label(ctx, found, wanted) or unexpected(ctx.tx, found, wanted)


def _parcel_at_start(ctx: Context, parcel: Parcel, found: Found) -> Answer:
    """A parcel's own label was scanned: if it was still to be scanned back, this does it."""
    head = ctx.tx.orders.head(parcel.order_id)
    refusal = stopped(head) or _gone(ctx, parcel)
    if refusal is not None:
        raise refusal
    if parcel.state is ParcelState.PACKED:
        return _labelled(ctx, parcel, found)
    raise refuse(
        "needs_first",
        T("The carrier comes first"),
        expected=T("the dock or the carrier {carrier}", carrier=head.carrier),
        got=T(
            "{parcel}: {state}",
            parcel=parcel_name(ctx, parcel),
            state=words.PARCEL[parcel.state],
        ),
        advice=T("Scan the carrier first, then its parcels"),
    )


def _label_order(ctx: Context, order_id: int) -> Answer:
    head = ctx.tx.orders.head(order_id)
    waiting = unlabelled(ctx, order_id)
    if waiting is not None:
        return _print_label(ctx, waiting)
    parcels = ctx.tx.parcels.of_order(order_id)
    if any(item.state is ParcelState.LABELLED for item in parcels):
        return _ask_reprint(ctx, order_id)
    raise refuse(
        "already_done" if parcels else "needs_first",
        T("Order {number} has no parcel without a label", number=head.number),
        expected=T("an order that is packed, not yet labelled"),
        got=T("order {number}: {state}", number=head.number, state=words.ORDER[head.state]),
    )


def _print_label(ctx: Context, parcel: Parcel) -> Answer:
    """A label on this desk's printer, unless one is on its way or already out."""
    refusal = stopped(ctx.tx.orders.head(parcel.order_id))
    if refusal is not None:
        raise refusal
    dialogue = Dialogue("ship", "label", order_id=parcel.order_id, parcel_id=parcel.id)
    job = newest_job(ctx, parcel.id)
    text = T("Label of {parcel}", parcel=parcel_name(ctx, parcel))
    if booking.awaited(ctx.tx, parcel.id) is not None:
        return Answer(dialogue, ok("label", text))
    if job is not None and job.state not in (PrintState.FAULTED, PrintState.VOID):
        return Answer(dialogue, ok("label", text))
    printing = print_again(ctx, parcel, None)
    return Answer(dialogue, ok("label", text), undo=BARRIER, effects=(printing,))


def _at_reprint(ctx: Context, found: Found) -> Answer:
    """Why again? Of an order whose labels are all on, Skip goes to the next parcel."""
    parcel = open_parcel(ctx)
    if parcel.state is ParcelState.LABELLED and found.command is Command.NO:
        return Answer(START, ok("answered_no", T("Not done")))
    if parcel.state is ParcelState.LABELLED and found.command is Command.SKIP:
        return _ask_reprint(ctx, parcel.order_id, after=parcel.number)
    return reprint(ctx, found)


def _ask_reprint(ctx: Context, order_id: int, after: int = 0) -> Answer:
    """Whether the next parcel that has its label needs another one."""
    parcels = [
        item
        for item in ctx.tx.parcels.of_order(order_id)
        if item.state is ParcelState.LABELLED and item.number > after
    ]
    if not parcels:
        return Answer(START, ok("answered_no", T("Not done")))
    dialogue = Dialogue("ship", "reprint", order_id=order_id, parcel_id=parcels[0].id)
    text = T("{parcel} has its label: why again?", parcel=parcel_name(ctx, parcels[0]))
    return Answer(dialogue, question("why_reprint", text))


def _at_label(ctx: Context, found: Found) -> Answer:
    parcel = open_parcel(ctx)
    if parcel.state is not ParcelState.PACKED:
        text = T(
            "{parcel} is {state} meanwhile",
            parcel=parcel_name(ctx, parcel),
            state=words.PARCEL[parcel.state],
        )
        return Answer(START, question("changed_elsewhere", text, T("This scan was not used")))
    if found.command is Command.PRINT:
        return Answer(ctx.dialogue.to("reprint"), question("why_reprint", T("Why again?")))
    if found.command is Command.SKIP:
        text = T("Parcel {number} is packed, not yet labelled", number=parcel.number)
        return Answer(START, ok("not_labelled", text))
    if found.command in (Command.OWN, Command.RETRY):
        return _without_carrier(ctx, parcel, found)
    return _labelled(ctx, parcel, found)


def _without_carrier(ctx: Context, parcel: Parcel, found: Found) -> Answer:
    """The carrier has given no label: it is asked again, or our own goes on."""
    shipment = booking.awaited(ctx.tx, parcel.id)
    if shipment is None:
        raise unexpected(ctx.tx, found, T("the label of {parcel}", parcel=parcel_name(ctx, parcel)))
    refused = shipment.state is ShipmentState.REFUSED
    if found.command is Command.RETRY:
        if not refused:
            raise refuse(
                "already_done",
                T("{carrier} is being asked already", carrier=shipment.carrier),
                advice=T("Skip: the label comes out where the parcel was closed"),
            )
        booking.try_again(ctx, shipment)
        text = T("{carrier} is asked again", carrier=shipment.carrier)
        return Answer(ctx.dialogue, ok("booking", text), undo=BARRIER)
    if not refused and ctx.dialogue.asked != "own_label":
        text = T("{carrier} is still being asked: our own label instead?", carrier=shipment.carrier)
        return Answer(
            ctx.dialogue.ask(Command.OWN.value, "own_label"),
            question("own_label", text, T("Own label again for yes")),
        )
    printing = booking.own_label(ctx, parcel)
    text = T("Our own label of {parcel}", parcel=parcel_name(ctx, parcel))
    dialogue = ctx.dialogue.to("label")
    return Answer(dialogue, ok("label", text), undo=BARRIER, effects=(printing,))


def _labelled(ctx: Context, parcel: Parcel, found: Found) -> Answer:
    """The label is on; the next parcel of the same order follows."""
    message = ok("labelled", scan_back(ctx, parcel, found), Outcome.LINE_DONE)
    more = unlabelled(ctx, parcel.order_id)
    if more is not None and not stopped(ctx.tx.orders.head(parcel.order_id)):
        answer = _print_label(ctx, more)
        return Answer(answer.dialogue, message, undo=BARRIER, effects=answer.effects)
    return Answer(START, message, undo=BARRIER)


def _at_load(ctx: Context, found: Found, manifest: Manifest) -> Answer:
    dialogue = ctx.dialogue
    if found.command is Command.HANDOVER:
        return ask_handover(ctx, manifest)
    if found.command is Command.TAKE:
        taking = not dialogue.taking
        text = T("Scan what you take off") if taking else T("Scan what you load")
        return Answer(dialogue.to("load", taking=taking), ok("take_out", text))
    if found.kind is Kind.CARRIER:
        if found.ref == manifest.carrier_id:
            return ask_handover(ctx, manifest)
        return _at_start(ctx.at_dialogue(START), found)
    wanted = T("a parcel for {carrier}", carrier=manifest.carrier)
    if found.kind is not Kind.PARCEL:
        raise void_label(ctx, found, wanted) or unexpected(ctx.tx, found, wanted)
    parcel = ctx.tx.parcels.get(found.ref)
    if dialogue.taking and dialogue.state == "load":
        return _take_off(ctx, parcel, manifest)
    return _load(ctx, parcel, manifest)


def _load(ctx: Context, parcel: Parcel, manifest: Manifest) -> Answer:
    refusal = stopped(ctx.tx.orders.head(parcel.order_id)) or _gone(ctx, parcel)
    if refusal is not None:
        raise refusal
    name = parcel_name(ctx, parcel)
    if parcel.state is not ParcelState.LABELLED:
        raise refuse(
            "needs_first",
            T("Its label was not scanned back yet"),
            expected=T("a labelled parcel"),
            got=T("{parcel}: {state}", parcel=name, state=words.PARCEL[parcel.state]),
            advice=T("Label it at the ship desk first"),
        )
    service = service_of(ctx, parcel.order_id)
    if service.carrier_id != manifest.carrier_id:
        raise refuse(
            "not_allowed_for_carrier",
            T("Wrong carrier"),
            expected=T("a parcel for {carrier}", carrier=manifest.carrier),
            got=T("{name} for {carrier}", name=name, carrier=service.carrier),
        )
    ctx.tx.parcels.load(parcel.id, manifest.id, ctx.at)
    about = f"{parcel.sscc}:{manifest.code}"
    channel_news.ask_again(ctx.tx, parcel.order_id, about, ctx.at)
    ctx.event(parcel.order_id, "loaded", T("Loaded on manifest {code}", code=manifest.code))
    left = ctx.tx.parcels.count_to_load(manifest.carrier_id)
    text = T("Loaded: {name}; {left} still here", name=name, left=left)
    outcome = Outcome.OK if left else Outcome.LINE_DONE
    undo = {"op": "load", "parcel": parcel.id}
    return Answer(ctx.dialogue.to("load"), ok("loaded", text, outcome), undo=undo)


def _take_off(ctx: Context, parcel: Parcel, manifest: Manifest) -> Answer:
    if parcel.manifest_id != manifest.id or parcel.state is not ParcelState.LOADED:
        raise _gone(ctx, parcel) or refuse(
            "nothing_done",
            T("It is not on this manifest"),
            expected=T("a parcel on manifest {code}", code=manifest.code),
            got=parcel_name(ctx, parcel),
        )
    _unload(ctx, parcel)
    text = T("Taken off: {name}", name=parcel_name(ctx, parcel))
    return Answer(ctx.dialogue.to("load", taking=False), ok("unloaded", text), undo=BARRIER)


def _gone(ctx: Context, parcel: Parcel) -> Refused | None:
    """The refusal of a parcel that is on a manifest already, by the manifest's name."""
    if parcel.state not in (ParcelState.LOADED, ParcelState.SHIPPED):
        return None
    shipped = parcel.state is ParcelState.SHIPPED
    where = ctx.tx.parcels.manifest(parcel.manifest_id or 0)
    return refuse(
        "already_done",
        T("It has left already") if shipped else T("It is loaded already"),
        got=parcel_name(ctx, parcel),
        expected=T("a parcel that is not on manifest {code}", code=where.code),
    )


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take a parcel off the manifest again."""
    parcel_id = what["parcel"]
    assert isinstance(parcel_id, int)
    parcel = ctx.tx.parcels.get(parcel_id)
    if parcel.state is not ParcelState.LOADED:
        raise _gone(ctx, parcel) or refuse("nothing_to_undo", T("It is not loaded any more"))
    _unload(ctx, parcel)


def _unload(ctx: Context, parcel: Parcel) -> None:
    ctx.tx.parcels.load(parcel.id, None, ctx.at)
    ctx.event(parcel.order_id, "unloaded", T("Taken off the manifest"))


def _open_manifest(ctx: Context) -> Manifest:
    manifest = chosen_manifest(ctx)
    if manifest.state != "open":
        raise refuse(
            "already_done",
            T("Manifest {code} was handed over already", code=manifest.code),
            advice=T("Go back with Menu and scan the carrier for the next pickup"),
        )
    return manifest


FLOW = Flow("ship", accepts, show, scan, enter, undo=undo)
