"""What the ship desk shows: its queues, one parcel's label, one carrier's manifest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Manifest, Parcel
from wms_terminal.domain.promise import moment
from wms_terminal.domain.reasons import REPRINT
from wms_terminal.domain.shipments import Shipment, ShipmentState
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.parcels_room import ParcelHead
from wms_terminal.services import booking, pickups, words
from wms_terminal.services.dialogue import Context, Face
from wms_terminal.services.heads import local, order_title
from wms_terminal.services.papers import in_doubt, newest_job, print_facts, print_trouble
from wms_terminal.services.parcel import open_parcel
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.step import Table, View, key

PATIENCE = timedelta(minutes=2)
"""How long a carrier may take before it is asked whether anybody asks it at all."""


def show(ctx: Context) -> Face:
    """Queues at the start; one parcel or one manifest after that."""
    dialogue = ctx.dialogue
    if dialogue.state == "start":
        return _show_start(ctx)
    if dialogue.state in ("label", "reprint"):
        return _show_label(ctx)
    return _show_manifest(ctx)


def _show_start(ctx: Context) -> Face:
    unlabelled = ctx.tx.parcels.unlabelled(6, ctx.at)
    carriers = ctx.tx.parcels.waiting_by_carrier()
    rows: list[tuple[str | Text, ...]] = [
        (T("to label"), f"{head.order_number} / {head.number}", _how(ctx, head))
        for head in unlabelled
    ]
    rows += [
        (T("to load"), name, T("{labelled} ready, {loaded} loaded", labelled=ready, loaded=loaded))
        for _, name, ready, loaded in carriers
    ]
    here = [head for head in unlabelled if not _is_asked_for(ctx, head)]
    hint = _first_free(ctx, here, lambda head: head.order_number)
    if not hint and carriers:
        hint = _carrier_code(ctx, carriers[0][0])
    view = View(title=T("Ship desk"), table=Table((T("What"), T("Which"), T("How")), tuple(rows)))
    prompt = T("SCAN A CARRIER TO LOAD, OR AN ORDER TO LABEL") if rows else T("NOTHING TO SHIP NOW")
    return Face(prompt, view, keyed=T("Order number"), hint=hint)


def _is_asked_for(ctx: Context, head: ParcelHead) -> bool:
    """Whether a carrier is just being asked, so that there is nothing to do for anybody."""
    shipment = booking.awaited(ctx.tx, head.id)
    return shipment is not None and shipment.state is ShipmentState.WANTED


def _how(ctx: Context, head: ParcelHead) -> str | Text:
    shipment = booking.awaited(ctx.tx, head.id)
    return head.service if shipment is None else booking.story(shipment)


def _first_free(ctx: Context, parcels: list[ParcelHead], code: Callable[[ParcelHead], str]) -> str:
    """The code of the first parcel whose order may move."""
    free = (head for head in parcels if not ctx.tx.orders.head(head.order_id).hold)
    return next((code(head) for head in free), "")


def _carrier_code(ctx: Context, code: str) -> str:
    carrier = next(item for item in ctx.tx.site.carriers() if item.code == code)
    codes = ctx.tx.site.codes_of(Kind.CARRIER, carrier.id)
    return codes[0][0] if codes else code


def _show_label(ctx: Context) -> Face:
    parcel = open_parcel(ctx)
    head = ctx.tx.orders.head(parcel.order_id)
    shipment = booking.awaited(ctx.tx, parcel.id)
    if shipment is not None and ctx.dialogue.state == "label":
        return _show_awaited(ctx, parcel, shipment)
    trouble = print_trouble(ctx, parcel.id)
    job = newest_job(ctx, parcel.id)
    facts: list[tuple[Text, str | Text]] = []
    if job is not None:
        where = ctx.tx.site.station_by_id(job.station_id).code
        state = words.PRINT[PrintState(job.state)]
        facts.append((T("Label"), T("{state}, {station}", state=state, station=where)))
    facts += print_facts(ctx, parcel.id)
    view = View(
        title=order_title(ctx.tx, head),
        place_label=T("PARCEL {number}", number=parcel.number),
        place=booking.label_end(ctx.tx, parcel.id, parcel.sscc),
        facts=tuple(facts),
        table=reason_table(REPRINT) if ctx.dialogue.state == "reprint" else None,
    )
    if ctx.dialogue.state == "reprint":
        keys = (*reason_keys(REPRINT), key(8, Command.SKIP))
        return Face(T("WHY AGAIN?"), view, keys, hint=REPRINT[0].code)
    keys = (key(6, Command.PRINT), key(8, Command.SKIP))
    if trouble:
        prompt = (
            T("IS THE LABEL OUT? SCAN IT, ELSE REPRINT")
            if in_doubt(ctx, parcel.id)
            else T("NOT PRINTED: REPRINT OR SKIP")
        )
        return Face(prompt, view, keys, hint=Command.SKIP.value)
    coming = job is not None and job.state in (PrintState.QUEUED, PrintState.SENDING)
    prompt = (
        T("LABEL IS PRINTING: SCAN IT WHEN IT IS ON")
        if coming
        else T("PUT THE LABEL ON AND SCAN IT")
    )
    # What still waits for another station's printer is sooner had from this one's.
    elsewhere = coming and job is not None and job.station_id != ctx.station.id
    code = booking.label_code(ctx.tx, parcel.id, parcel.sscc)
    return Face(prompt, view, keys, hint=Command.PRINT.value if elsewhere else code)


def _show_awaited(ctx: Context, parcel: Parcel, shipment: Shipment) -> Face:
    """What may be done about a label that its carrier has not given."""
    refused = shipment.state is ShipmentState.REFUSED
    view = View(
        title=order_title(ctx.tx, ctx.tx.orders.head(parcel.order_id)),
        place_label=T("PARCEL {number}", number=parcel.number),
        place=T("REFUSED") if refused else T("COMING"),
        facts=((T("Label"), booking.story(shipment)), *print_facts(ctx, parcel.id)),
    )
    keys = (key(7, Command.OWN), key(8, Command.SKIP))
    if not refused:
        silent = ctx.now - moment(shipment.at) > PATIENCE
        prompt = (
            T("NO ANSWER YET: OWN LABEL, OR LOOK AT THE WORKER")
            if silent
            else (T("THE CARRIER IS BEING ASKED"))
        )
        since = (T("Asked"), local(ctx.tx, shipment.at))
        return Face(
            prompt, replace(view, facts=(*view.facts, since)), keys, hint=Command.SKIP.value
        )
    prompt = T("TRY AGAIN, OR OUR OWN LABEL, OR REOPEN IT AT A BENCH")
    return Face(prompt, view, (key(6, Command.RETRY), *keys), hint=Command.OWN.value)


def _show_manifest(ctx: Context) -> Face:
    manifest = chosen_manifest(ctx)
    waiting = ctx.tx.parcels.to_load(manifest.carrier_id, 8)
    left = ctx.tx.parcels.count_to_load(manifest.carrier_id)
    rows = tuple(
        (head.order_number, str(head.number), booking.label_end(ctx.tx, head.id, head.sscc))
        for head in waiting
    )
    view = View(
        title=T("{carrier} · manifest {code}", carrier=manifest.carrier, code=manifest.code),
        place_label=T("LOADED"),
        place=str(manifest.parcels),
        facts=(
            (T("Still here"), str(left)),
            *pickups.facts(ctx.tx, manifest.carrier_id, ctx.now),
        ),
        table=Table((T("Order"), T("Parcel"), T("Label")), rows) if rows else None,
        progress=(manifest.parcels, manifest.parcels + left),
    )
    if ctx.dialogue.state == "handover":
        codes = ctx.tx.site.codes_of(Kind.CARRIER, manifest.carrier_id)
        return Face(
            T("COURIER TAKES THEM: SCAN {carrier} AGAIN", carrier=manifest.carrier),
            view,
            (key(3, Command.OK), key(9, Command.NO)),
            keyed=T("The courier's own count"),
            hint=codes[0][0] if codes else "",
        )
    keys = (key(5, Command.HANDOVER), key(7, Command.TAKE))
    if ctx.dialogue.taking:
        return Face(T("SCAN THE PARCEL YOU TAKE OFF"), view, keys)
    first = _first_free(ctx, waiting, lambda head: booking.label_code(ctx.tx, head.id, head.sscc))
    hint = first or (Command.HANDOVER.value if manifest.parcels else "")
    return Face(T("SCAN EVERY PARCEL"), view, keys, hint=hint)


def chosen_manifest(ctx: Context) -> Manifest:
    """The manifest that the dialogue is about."""
    assert ctx.dialogue.manifest_id is not None
    return ctx.tx.parcels.manifest(ctx.dialogue.manifest_id)
