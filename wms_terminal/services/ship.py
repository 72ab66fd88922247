"""Ship desk: label what is not labelled yet, load by scan, hand over to the courier.

States: `start` · `label` (print, then scan back) · `reprint` (why again?) · `load` (parcels of
one carrier onto today's manifest) · `handover` (count, and the courier takes them along).
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Manifest, Parcel, ParcelState
from wms_terminal.domain.outcome import Message, Outcome, refuse
from wms_terminal.domain.reasons import REPRINT, reason
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import PrintState
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
from wms_terminal.services.hand_over import hand_over
from wms_terminal.services.heads import stopped
from wms_terminal.services.labels import label_job, print_again, scan_back
from wms_terminal.services.parcel import open_parcel
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.ship_view import chosen_manifest, show

_LABEL = (Kind.ORDER, Kind.TOTE)

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "start": (Kind.CARRIER, Kind.PARCEL, *_LABEL),
    "label": (Kind.PARCEL,),
    "reprint": (Kind.REASON,),
    "load": (Kind.PARCEL, Kind.CARRIER),
    "handover": (Kind.CARRIER, Kind.NUMBER),
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; commands are always allowed."""
    return _ACCEPTS[dialogue.state]


def enter(ctx: Context) -> Answer:
    """What waits at the ship desk."""
    return Answer(Dialogue("ship", "start"), ok("ship", T("Ship desk")))


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code at the ship desk."""
    state = ctx.dialogue.state
    if state == "start":
        return _at_start(ctx, found)
    if state == "load":
        return _at_load(ctx, found)
    if state == "handover":
        return _at_handover(ctx, found)
    return _at_label(ctx, found)


def _at_start(ctx: Context, found: Found) -> Answer:
    if found.kind is Kind.CARRIER:
        zone = ZoneInfo(ctx.tx.site.setting("timezone", "UTC"))
        day = ctx.now.astimezone(zone).date().isoformat()
        manifest = ctx.tx.parcels.open_manifest(found.ref, day, ctx.at)
        text = T("Manifest {code} is open", code=manifest.code)
        dialogue = Dialogue("ship", "load", manifest_id=manifest.id)
        return Answer(dialogue, ok("manifest", text), undo=BARRIER)
    if found.kind is Kind.PARCEL:
        return _parcel_at_start(ctx, ctx.tx.parcels.get(found.ref))
    if found.kind is Kind.TOTE:
        order_id = ctx.tx.site.location(found.ref).order_id
        if order_id is not None:
            return _label_order(ctx, order_id)
    if found.kind is Kind.ORDER:
        return _label_order(ctx, found.ref)
    raise unexpected(ctx.tx, found, T("a carrier or dock, an order, or a tote"))


def _parcel_at_start(ctx: Context, parcel: Parcel) -> Answer:
    head = ctx.tx.orders.head(parcel.order_id)
    if parcel.state is ParcelState.PACKED:
        return _print_label(ctx, parcel)
    raise refuse(
        "needs_first",
        T("Parcel {number} of order {order}", number=parcel.number, order=head.number),
        expected=T("the dock or the carrier {carrier}", carrier=head.carrier),
        got=T("a parcel that is {state}", state=parcel.state.value),
        advice=T("Scan the carrier first, then its parcels"),
    )


def _label_order(ctx: Context, order_id: int) -> Answer:
    head = ctx.tx.orders.head(order_id)
    parcels = ctx.tx.parcels.of_order(order_id)
    waiting = next((item for item in parcels if item.state is ParcelState.PACKED), None)
    if waiting is None:
        raise refuse(
            "already_done" if parcels else "needs_first",
            T("Order {number} has no parcel without a label", number=head.number),
            expected=T("an order that is packed, not yet labelled"),
            got=T("order {number}: {state}", number=head.number, state=head.state.value),
        )
    return _print_label(ctx, waiting)


def _print_label(ctx: Context, parcel: Parcel) -> Answer:
    """A label on this desk's printer, unless one is on its way or already out."""
    refusal = stopped(ctx.tx.orders.head(parcel.order_id))
    if refusal is not None:
        raise refusal
    dialogue = Dialogue("ship", "label", order_id=parcel.order_id, parcel_id=parcel.id)
    job = label_job(ctx, parcel.id)
    text = T("Label of parcel {number}", number=parcel.number)
    if job is not None and job.state not in (PrintState.FAULTED, PrintState.VOID):
        return Answer(dialogue, ok("label", text))
    printing = print_again(ctx, parcel, None)
    return Answer(dialogue, ok("label", text), undo=BARRIER, effects=(printing,))


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
    if found.command is Command.SKIP:
        text = T("Parcel {number} is packed, not yet labelled", number=parcel.number)
        return Answer(Dialogue("ship", "start"), ok("not_labelled", text))
    text = scan_back(ctx, parcel, found)
    parcels = ctx.tx.parcels.of_order(parcel.order_id)
    more = next((item for item in parcels if item.state is ParcelState.PACKED), None)
    message = ok("labelled", text, Outcome.LINE_DONE)
    if more is not None:
        answer = _print_label(ctx, more)
        return Answer(answer.dialogue, message, undo=BARRIER, effects=answer.effects)
    return Answer(Dialogue("ship", "start"), message, undo=BARRIER)


def _at_load(ctx: Context, found: Found) -> Answer:
    manifest = _open_manifest(ctx)
    if found.command is Command.HANDOVER:
        return _ask_handover(ctx, manifest)
    if found.kind is Kind.CARRIER:
        if found.ref == manifest.carrier_id:
            return _ask_handover(ctx, manifest)
        return _at_start(ctx.at_dialogue(Dialogue("ship", "start")), found)
    if found.kind is not Kind.PARCEL:
        raise unexpected(ctx.tx, found, T("a parcel for {carrier}", carrier=manifest.carrier))
    parcel = ctx.tx.parcels.get(found.ref)
    head = ctx.tx.orders.head(parcel.order_id)
    refusal = stopped(head)
    if refusal is not None:
        raise refusal
    name = T("order {number}, parcel {parcel}", number=head.number, parcel=parcel.number)
    if parcel.state in (ParcelState.LOADED, ParcelState.SHIPPED):
        where = ctx.tx.parcels.manifest(parcel.manifest_id or 0)
        raise refuse(
            "already_done",
            T("It is loaded already"),
            got=name,
            expected=T("a parcel that is not on manifest {code}", code=where.code),
        )
    if parcel.state is not ParcelState.LABELLED:
        raise refuse(
            "needs_first",
            T("Its label was not scanned back yet"),
            expected=T("a labelled parcel"),
            got=name,
            advice=T("Label it at the ship desk first"),
        )
    if head.carrier != manifest.carrier:
        raise refuse(
            "not_allowed_for_carrier",
            T("Wrong carrier"),
            expected=T("a parcel for {carrier}", carrier=manifest.carrier),
            got=T("{name} for {carrier}", name=name, carrier=head.carrier),
        )
    ctx.tx.parcels.load(parcel.id, manifest.id, ctx.at)
    ctx.event(parcel.order_id, "loaded", T("Loaded on manifest {code}", code=manifest.code))
    left = len(ctx.tx.parcels.to_load(manifest.carrier_id, 200))
    text = T("Loaded: {name}; {left} still here", name=name, left=left)
    outcome = Outcome.OK if left else Outcome.LINE_DONE
    undo = {"op": "load", "parcel": parcel.id}
    return Answer(ctx.dialogue.to("load"), ok("loaded", text, outcome), undo=undo)


def undo(ctx: Context, what: Mapping[str, object]) -> None:
    """Take a parcel off the manifest again."""
    parcel_id = what["parcel"]
    assert isinstance(parcel_id, int)
    parcel = ctx.tx.parcels.get(parcel_id)
    if parcel.state is not ParcelState.LOADED:
        raise refuse("nothing_to_undo", T("The parcel has left"))
    ctx.tx.parcels.load(parcel_id, None, ctx.at)
    ctx.event(parcel.order_id, "unloaded", T("Taken off the manifest"))


def _ask_handover(ctx: Context, manifest: Manifest) -> Answer:
    loaded = ctx.tx.parcels.loaded(manifest.id)
    if not loaded:
        raise refuse(
            "nothing_done",
            T("Nothing is loaded on manifest {code}", code=manifest.code),
            expected=T("a parcel for {carrier}", carrier=manifest.carrier),
            got=T("Hand over"),
        )
    left = ctx.tx.parcels.to_load(manifest.carrier_id, 200)
    text = T("{count} parcels loaded, {left} stay behind", count=len(loaded), left=len(left))
    advice = T("Scan the carrier again when the courier takes them, or key in the courier's count")
    return Answer(ctx.dialogue.to("handover"), question("handover", text, advice))


def _at_handover(ctx: Context, found: Found) -> Answer:
    manifest = _open_manifest(ctx)
    loaded = ctx.tx.parcels.loaded(manifest.id)
    counted: int | None = None
    if found.command is Command.NO:
        return Answer(ctx.dialogue.to("load"), ok("answered_no", T("Not done")))
    if found.kind is Kind.NUMBER:
        counted = found.units
        if counted != len(loaded):
            raise refuse(
                "wrong_count",
                T("The counts differ"),
                expected=str(len(loaded)),
                got=str(counted),
                advice=T("Count together: a parcel was not scanned, or is not on the car"),
            )
    elif found.command is not Command.OK and not (
        found.kind is Kind.CARRIER and found.ref == manifest.carrier_id
    ):
        raise unexpected(ctx.tx, found, T("the carrier {carrier}", carrier=manifest.carrier))
    hand_over(ctx, manifest, loaded, counted)
    text = T(
        "{count} parcels handed over to {carrier}", count=len(loaded), carrier=manifest.carrier
    )
    message = Message(Outcome.ORDER_DONE, "handed_over", text)
    return Answer(Dialogue("ship", "start"), message, undo=BARRIER)


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
