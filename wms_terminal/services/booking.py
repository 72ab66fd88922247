"""A parcel's booking as the floor sees it: asked for, awaited, refused, called off.

Where a carrier is booked, its own label goes onto the parcel. Nobody waits for it at the bench:
the parcel is put aside, the next order is begun, and the label comes out when it is there.
"""

from __future__ import annotations

import json

from wms_terminal.domain.orders import Parcel
from wms_terminal.domain.shipments import OWN, Shipment, ShipmentState, bears
from wms_terminal.domain.text import T, Text, restored, stored
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Tx
from wms_terminal.services.dialogue import Context
from wms_terminal.services.papers import print_own
from wms_terminal.services.parcel import service_of
from wms_terminal.services.step import Print

BOOK, CANCEL = "book", "cancel"
"""Kinds of messages to a carrier."""


def target(carrier: str) -> str:
    """How the outbox names a carrier."""
    return f"carrier:{carrier}"


def want(ctx: Context, parcel: Parcel) -> bool:
    """Let a closed parcel be booked, where its carrier is; whether it is."""
    carrier = ctx.tx.site.carrier(service_of(ctx, parcel.order_id).carrier_id)
    if carrier.kind == OWN:
        return False
    key = f"parcel-{parcel.sscc}"
    shipment = ctx.tx.shipments.want(parcel.id, key, carrier.code, ctx.station.id, ctx.at)
    _ask(ctx.tx, shipment, BOOK, ctx.at)
    text = T(
        "Parcel {number}: {carrier} is asked for its label",
        number=parcel.number,
        carrier=carrier.name,
    )
    ctx.event(parcel.order_id, "booking", text)
    return True


def _ask(tx: Tx, shipment: Shipment, kind: str, at: str) -> None:
    """The message holds no address: what is told is read from the store when it is told."""
    payload = json.dumps({"shipment": shipment.id})
    key = f"{kind}:{shipment.key}"
    tx.outbox.add(target(shipment.carrier), kind, key, shipment.order_id, payload, at)


def awaited(tx: Tx, parcel_id: int) -> Shipment | None:
    """The booking that a parcel's label waits for: asked for, or refused."""
    shipment = tx.shipments.of_parcel(parcel_id)
    return shipment if shipment is not None and shipment.is_open else None


def booked(tx: Tx, parcel_id: int) -> Shipment | None:
    """The booking that a parcel goes by; None where our own label is on it."""
    shipment = tx.shipments.of_parcel(parcel_id)
    return shipment if shipment is not None and shipment.is_booked else None


def label_code(tx: Tx, parcel_id: int, sscc: str) -> str:
    """What is scanned on a parcel's label: the carrier's tracking number, or our SSCC."""
    shipment = booked(tx, parcel_id)
    return f"00{sscc}" if shipment is None else shipment.tracking


def label_end(tx: Tx, parcel_id: int, sscc: str) -> str:
    """By which of its last characters people find the label among others."""
    return f"…{label_code(tx, parcel_id, sscc)[-6:]}"


def call_off(tx: Tx, parcel_id: int, at: str, *, own: bool = False) -> None:
    """A parcel is reopened, or gets our own label: what was booked for it is cancelled.

    What is being booked just now is cancelled as soon as that is known.
    """
    shipment = tx.shipments.of_parcel(parcel_id)
    if shipment is None or shipment.state is ShipmentState.CANCELLED:
        return
    tx.shipments.call_off(shipment.id, at, own=own)
    message = _book_message(tx, shipment)
    if message is not None and message.state is OutboxState.DEAD:
        tx.outbox.close(message.id, stored(T("It is not wanted any more")), at)
    if shipment.is_booked or shipment.in_doubt:
        cancel(tx, shipment, at)


def cancel(tx: Tx, shipment: Shipment, at: str) -> None:
    """Let a carrier cancel what nobody needs any more."""
    _ask(tx, shipment, CANCEL, at)


def own_label(ctx: Context, parcel: Parcel) -> Print:
    """Our own papers go onto a parcel, whatever its carrier has said or still says."""
    call_off(ctx.tx, parcel.id, ctx.at, own=True)
    text = T("Parcel {number} goes with our own label", number=parcel.number)
    ctx.event(parcel.order_id, "own_label", text)
    return print_own(ctx, parcel)


def try_again(ctx: Context, shipment: Shipment) -> None:
    """A carrier that refused is asked once more: something was put right meanwhile.

    Its label comes out here, where the parcel is now.
    """
    station_id = ctx.station.id if ctx.station.printer else shipment.station_id
    ctx.tx.shipments.want_again(shipment.id, station_id, ctx.at)
    message = _book_message(ctx.tx, shipment)
    if message is not None and message.state is OutboxState.DEAD:
        ctx.tx.outbox.revive(message.id, ctx.at)
    text = T("{carrier} is asked again", carrier=shipment.carrier)
    ctx.event(shipment.order_id, "booking", text)


def _book_message(tx: Tx, shipment: Shipment) -> Message | None:
    key = f"{BOOK}:{shipment.key}"
    messages = tx.outbox.of_order(shipment.order_id)
    return next((message for message in messages if message.key == key), None)


def is_label(code: str, shipment: Shipment) -> bool:
    """Whether a scanned code comes from the label of a booked parcel."""
    return bears(code, shipment.tracking)


def story(shipment: Shipment) -> Text:
    """How far a booking is, in a line."""
    if shipment.state is ShipmentState.WANTED:
        return T("{carrier} is asked for it", carrier=shipment.carrier)
    if shipment.state is ShipmentState.REFUSED:
        return T(
            "{carrier} says no: {why}",
            carrier=shipment.carrier,
            why=restored(shipment.detail) or "?",
        )
    if shipment.is_booked:
        return T("{carrier} {tracking}", carrier=shipment.carrier, tracking=shipment.tracking)
    return T("our own label") if shipment.own else T("booking called off")
