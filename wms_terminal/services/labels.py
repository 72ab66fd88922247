"""The printed label goes onto its parcel and is scanned there; until then nothing leaves."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Parcel, ParcelState
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.reasons import REPRINT, reason
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.services import booking
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Found, ok
from wms_terminal.services.papers import newest_job, print_again
from wms_terminal.services.parcel import is_left_to_pack, leave_bench, open_parcel, unfinished
from wms_terminal.services.resolver import shown, tracking_forms, unexpected


def parcel_name(ctx: Context, parcel: Parcel) -> Text:
    """How people call a parcel."""
    number = ctx.tx.orders.head(parcel.order_id).number
    return T("order {number}, parcel {parcel}", number=number, parcel=parcel.number)


def scan_back(ctx: Context, parcel: Parcel, found: Found) -> Text:
    """The printed label, scanned on its parcel: from now on the parcel can leave.

    Raises:
        Refused: it is another parcel's label, or none at all.
    """
    expected = T("the label of {parcel}", parcel=parcel_name(ctx, parcel))
    void = void_label(ctx, found, expected)
    if void is not None:
        raise void
    if found.kind is not Kind.PARCEL:
        raise unexpected(ctx.tx, found, expected)
    if found.ref == parcel.id:
        _must_be_on_it(ctx, parcel, found, expected)
    else:
        raise refuse(
            "wrong_label",
            T("Wrong label: it belongs to another parcel"),
            expected=expected,
            got=parcel_name(ctx, ctx.tx.parcels.get(found.ref)),
            advice=T("Take it off and put it on its own parcel"),
        )
    job = newest_job(ctx, parcel.id)
    if job is not None:
        ctx.tx.parcels.set_job_state(job.id, PrintState.CONFIRMED, job.detail, ctx.at)
    ctx.tx.parcels.set_state(parcel.id, ParcelState.LABELLED, ctx.at)
    shipment = booking.booked(ctx.tx, parcel.id)
    known_by = shipment.tracking if shipment is not None else parcel.sscc
    text = T("Parcel {number} is labelled: {sscc}", number=parcel.number, sscc=known_by)
    ctx.event(parcel.order_id, "labelled", text)
    if not is_left_to_pack(ctx, parcel.order_id) and not unfinished(ctx, parcel.order_id):
        leave_bench(ctx, parcel.order_id)
    return text


def _must_be_on_it(ctx: Context, parcel: Parcel, found: Found, expected: Text) -> None:
    """Of a parcel that is booked, only the carrier's own label counts.

    Raises:
        Refused: that label is not here yet, or another code of the same parcel was scanned.
    """
    if booking.awaited(ctx.tx, parcel.id) is not None:
        raise refuse(
            "needs_first",
            T("The carrier's label is not here yet"),
            expected=expected,
            got=shown(found.reading),
            advice=T("Put the parcel aside and go on: the label comes out here"),
        )
    shipment = booking.booked(ctx.tx, parcel.id)
    if shipment is not None and not booking.is_label(found.reading.text, shipment):
        raise refuse(
            "wrong_label",
            T("That is not the carrier's label"),
            expected=expected,
            got=shown(found.reading),
            advice=T("Scan the barcode with {tracking}", tracking=shipment.tracking),
        )


def void_label(ctx: Context, found: Found, expected: Text) -> Refused | None:
    """The refusal of a label that this site printed and that no parcel has any more."""
    if found.kind is not Kind.UNKNOWN:
        return None
    number = found.reading.sscc
    prefix = ctx.tx.site.setting("gs1_company_prefix")
    ours = bool(number) and number.startswith(prefix, 1)
    if not ours and ctx.tx.shipments.by_tracking(tracking_forms(found.reading)) is None:
        return None
    return refuse(
        "void_label",
        T("This label is void: its parcel was opened again"),
        expected=expected,
        got=f"…{(number or found.reading.text)[-6:]}",
        advice=T("Take it off and put the new label on"),
    )


def reprint(ctx: Context, found: Found) -> Answer:
    """The answer to why a label is needed once more."""
    if found.command is Command.NO:
        return Answer(ctx.dialogue.to("label"), ok("answered_no", T("Not done")))
    why = reason(REPRINT, found.code)
    if why is None:
        raise unexpected(ctx.tx, found, T("a reason from the list"))
    parcel = open_parcel(ctx)
    if parcel.state is ParcelState.LABELLED:
        ctx.tx.parcels.set_state(parcel.id, ParcelState.PACKED, ctx.at)
    elif parcel.state is not ParcelState.PACKED:
        raise refuse(
            "changed_elsewhere",
            T("Parcel {number} needs no label now", number=parcel.number),
            expected=T("a parcel that is packed, not yet loaded"),
            got=parcel_name(ctx, parcel),
        )
    printing = print_again(ctx, parcel, why)
    text = T("Papers of parcel {number} come again", number=parcel.number)
    return Answer(ctx.dialogue.to("label"), ok("reprint", text), undo=BARRIER, effects=(printing,))
