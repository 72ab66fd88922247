"""A parcel's papers: label and packing slip printed, and the label scanned back onto its parcel."""

from __future__ import annotations

import json
from dataclasses import asdict
from zoneinfo import ZoneInfo

from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel, SlipLine
from wms_terminal.domain.orders import Order, Parcel, ParcelState
from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.promise import moment
from wms_terminal.domain.reasons import Reason
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.store import PrintJob
from wms_terminal.services.dialogue import Context, Found
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Print

OUT = (PrintState.SENT, PrintState.PRINTED, PrintState.CONFIRMED)
"""States in which the paper ought to be in somebody's hand."""


def print_papers(ctx: Context, parcel: Parcel) -> Print:
    """Queue label and packing slip of a closed parcel on this station's printers."""
    order = ctx.tx.orders.get(parcel.order_id)
    label = _queue(ctx, "label", parcel, ctx.station.printer, asdict(_label(ctx, order, parcel)))
    slip = _queue(ctx, "slip", parcel, ctx.station.documents, asdict(_slip(ctx, order, parcel)))
    return Print((label, slip))


def print_again(ctx: Context, parcel: Parcel, why: Reason | None) -> Print:
    """Print the same papers once more, on this station, for a reason that is kept."""
    jobs = []
    for kind, printer in (("label", ctx.station.printer), ("slip", ctx.station.documents)):
        earlier = ctx.tx.parcels.jobs_of(parcel.id, kind)
        if not earlier:
            return print_papers(ctx, parcel)
        last = earlier[-1]
        for job in earlier:
            if job.state not in (PrintState.CONFIRMED, PrintState.VOID):
                ctx.tx.parcels.set_job_state(job.id, PrintState.VOID, job.detail, ctx.at)
        jobs.append(
            ctx.tx.parcels.add_job(
                kind,
                parcel.id,
                ctx.station.id,
                printer,
                last.content,
                ctx.at,
                reason=why.code if why else "first print failed",
                reprint_of=last.id,
                payload=last.payload,
            )
        )
    reason = why.name if why else T("it was not printed before")
    ctx.event(
        parcel.order_id,
        "reprint",
        T("Papers of parcel {number} printed again: {why}", number=parcel.number, why=reason),
    )
    return Print(tuple(jobs))


def label_job(ctx: Context, parcel_id: int) -> PrintJob | None:
    """The newest label job of a parcel."""
    jobs = ctx.tx.parcels.jobs_of(parcel_id, "label")
    return jobs[-1] if jobs else None


def print_trouble(ctx: Context, parcel_id: int) -> str:
    """Why the label is not in the packer's hand, as the printer says it; empty when it is."""
    job = label_job(ctx, parcel_id)
    if job is not None and job.state in (PrintState.FAULTED, PrintState.UNKNOWN):
        return job.detail or job.state
    return ""


def scan_back(ctx: Context, parcel: Parcel, found: Found) -> Text:
    """The printed label, scanned on its parcel: from now on the parcel can leave.

    Raises:
        Refused: it is another parcel's label, or none at all.
    """
    number = ctx.tx.orders.head(parcel.order_id).number
    expected = T(
        "the label of order {number}, parcel {parcel}", number=number, parcel=parcel.number
    )
    if found.kind is not Kind.PARCEL:
        raise unexpected(ctx.tx, found, expected)
    if found.ref != parcel.id:
        other = ctx.tx.parcels.get(found.ref)
        raise refuse(
            "wrong_label",
            T("Wrong label: it belongs to another parcel"),
            expected=expected,
            got=T(
                "order {number}, parcel {parcel}",
                number=ctx.tx.orders.head(other.order_id).number,
                parcel=other.number,
            ),
            advice=T("Take it off and put it on its own parcel"),
        )
    job = label_job(ctx, parcel.id)
    if job is not None:
        ctx.tx.parcels.set_job_state(job.id, PrintState.CONFIRMED, job.detail, ctx.at)
    ctx.tx.parcels.set_state(parcel.id, ParcelState.LABELLED, ctx.at)
    text = T("Parcel {number} is labelled: {sscc}", number=parcel.number, sscc=parcel.sscc)
    ctx.event(parcel.order_id, "labelled", text)
    _free_totes(ctx, parcel.order_id)
    return text


def _free_totes(ctx: Context, order_id: int) -> None:
    """Empty totes go back once every parcel of the order carries its label."""
    parcels = ctx.tx.parcels.of_order(order_id)
    if any(item.state in (ParcelState.OPEN, ParcelState.PACKED) for item in parcels):
        return
    for tote in ctx.tx.site.totes_of(order_id):
        if ctx.tx.stock.on_hand(tote.id) == 0:
            ctx.tx.site.use_tote(tote.id, None, None)


def _queue(
    ctx: Context, kind: str, parcel: Parcel, printer: str, content: dict[str, object]
) -> int:
    text = json.dumps(content, ensure_ascii=True)
    return ctx.tx.parcels.add_job(kind, parcel.id, ctx.station.id, printer, text, ctx.at)


def _sender(ctx: Context) -> Address:
    stored = ctx.tx.site.setting("sender")
    return Address(**json.loads(stored)) if stored else Address(name="")


def _parcels(ctx: Context, order: Order, parcel: Parcel) -> int:
    """How many parcels the order has, 0 while more may come."""
    lines = ctx.tx.orders.lines(order.id)
    if any(line.packed < line.picked for line in lines):
        return 0
    return max((item.number for item in ctx.tx.parcels.of_order(order.id)), default=parcel.number)


def _label(ctx: Context, order: Order, parcel: Parcel) -> ShippingLabel:
    service = ctx.tx.site.service(order.service_id)
    zone = ZoneInfo(ctx.tx.site.setting("timezone", "UTC"))
    return ShippingLabel(
        sscc=parcel.sscc,
        sender=_sender(ctx),
        receiver=order.address,
        carrier=service.carrier,
        service=service.name,
        routing=f"{order.address.country} {order.address.postcode[:4].strip()}".strip(),
        order_number=order.number,
        reference=order.reference,
        parcel=parcel.number,
        parcels=_parcels(ctx, order, parcel),
        weight_g=parcel.weight_g,
        ship_on=moment(order.ship_by).astimezone(zone).date().isoformat(),
    )


def _slip(ctx: Context, order: Order, parcel: Parcel) -> PackingSlip:
    service = ctx.tx.site.service(order.service_id)
    package = ctx.tx.site.package_type(parcel.package_type_id) if parcel.package_type_id else None
    lines = tuple(
        SlipLine(
            sku=line.sku,
            name=line.name,
            lot=lot,
            quantity=quantity,
            ordered=line.ordered - line.cancelled,
            to_follow=line.ordered - line.cancelled - line.packed,
        )
        for line, lot, quantity in ctx.tx.parcels.contents(parcel.id)
    )
    return PackingSlip(
        order_number=order.number,
        reference=order.reference,
        channel=order.channel,
        placed_on=order.placed_at[:10],
        sender=_sender(ctx),
        receiver=order.address,
        carrier=service.carrier,
        service=service.name,
        sscc=parcel.sscc,
        parcel=parcel.number,
        parcels=_parcels(ctx, order, parcel),
        package=package.name if package else "",
        weight_g=parcel.weight_g,
        language=order.language,
        lines=lines,
    )
