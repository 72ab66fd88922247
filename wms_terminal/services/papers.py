"""A parcel's papers: what label and packing slip say, and the jobs that print them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel, SlipLine
from wms_terminal.domain.orders import Order, Parcel
from wms_terminal.domain.promise import moment
from wms_terminal.domain.reasons import Reason
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T, Text, restored
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.parcels_room import PrintJob
from wms_terminal.services import customs, words
from wms_terminal.services.dialogue import Context
from wms_terminal.services.heads import local_day, today
from wms_terminal.services.step import Print

KINDS = ("label", "slip", "customs")

FAILED = (PrintState.FAULTED, PrintState.UNKNOWN)
"""States in which the paper is not, or perhaps not, in somebody's hand."""

_FACTS = {
    "label": (T("Label not printed"), T("Label is elsewhere")),
    "slip": (T("Packing slip not printed"), T("Packing slip is elsewhere")),
    "customs": (T("Customs papers not printed"), T("Customs papers are elsewhere")),
}


def print_papers(ctx: Context, parcel: Parcel, *, booked: bool = False) -> Print:
    """Queue the papers of a closed parcel on this station's printers.

    Of one that is `booked` only the slip: label and customs papers come from its carrier.
    """
    contents = {"slip": _slip(ctx, ctx.tx.orders.get(parcel.order_id), parcel)}
    return _queue(ctx, parcel, contents if booked else {**_own(ctx, parcel), **contents})


def print_own(ctx: Context, parcel: Parcel) -> Print:
    """Our own label and customs papers of a closed parcel, in place of any other."""
    contents = _own(ctx, parcel)
    for kind in contents:
        for job in ctx.tx.parcels.jobs_of(parcel.id, kind):
            _void(ctx, job)
    return _queue(ctx, parcel, contents)


def _own(ctx: Context, parcel: Parcel) -> dict[str, Any]:
    """What a parcel needs to leave when no carrier gives it: the label, and what customs ask."""
    order = ctx.tx.orders.get(parcel.order_id)
    papers = customs.papers_of(ctx.tx, order, parcel, today(ctx))
    return {"label": _label(ctx, order, parcel)} | ({"customs": papers} if papers else {})


def _queue(ctx: Context, parcel: Parcel, contents: Mapping[str, Any]) -> Print:
    return Print(
        tuple(
            ctx.tx.parcels.add_job(
                kind,
                parcel.id,
                ctx.station.id,
                _printer(ctx.station, kind),
                json.dumps(asdict(contents[kind]), ensure_ascii=True),
                ctx.at,
            )
            for kind in KINDS
            if kind in contents
        )
    )


def _void(ctx: Context, job: PrintJob) -> None:
    if job.state != PrintState.VOID:
        ctx.tx.parcels.set_job_state(job.id, PrintState.VOID, job.detail, ctx.at)


def print_again(ctx: Context, parcel: Parcel, why: Reason | None) -> Print:
    """Print the same papers once more, on this station, for a reason that is kept.

    When one of the two failed, only that one: the other is in the box already. When the label
    was on the parcel, only the label. One that its carrier still has to give cannot come again.
    """
    shipment = ctx.tx.shipments.of_parcel(parcel.id)
    kinds = KINDS[1:] if shipment is not None and shipment.is_open else KINDS
    newest = [job for kind in kinds for job in _latest(ctx, parcel.id, kind)]
    lost = [job for job in newest if job.state in (*FAILED, PrintState.CONFIRMED)]
    jobs = []
    for job in lost or newest:
        content = _as_it_is_now(ctx, parcel, job)
        _void(ctx, job)
        jobs.append(
            ctx.tx.parcels.add_job(
                job.kind,
                parcel.id,
                ctx.station.id,
                _printer(ctx.station, job.kind),
                content,
                ctx.at,
                reason=why.code if why else "first print failed",
                reprint_of=job.id,
                payload=job.payload if content == job.content else None,
            )
        )
    reason = why.name if why else T("it was not printed before")
    ctx.event(
        parcel.order_id,
        "reprint",
        T("Papers of parcel {number} printed again: {why}", number=parcel.number, why=reason),
    )
    return Print(tuple(jobs))


def _as_it_is_now(ctx: Context, parcel: Parcel, job: PrintJob) -> str:
    """What a job says; customs papers with what was missing and is known by now."""
    if job.kind != "customs":
        return job.content
    order = ctx.tx.orders.get(parcel.order_id)
    papers = customs.renewed(ctx.tx, order, parcel, job.content)
    return job.content if papers is None else json.dumps(asdict(papers), ensure_ascii=True)


def _latest(ctx: Context, parcel_id: int, kind: str) -> list[PrintJob]:
    """The newest job of a kind; of customs papers, which may be several, all that count."""
    jobs = ctx.tx.parcels.jobs_of(parcel_id, kind)
    return [job for job in jobs if job.state != PrintState.VOID] if kind == "customs" else jobs[-1:]


def newest_job(ctx: Context, parcel_id: int, kind: str = "label") -> PrintJob | None:
    """The newest job of a parcel's label or slip."""
    jobs = ctx.tx.parcels.jobs_of(parcel_id, kind)
    return jobs[-1] if jobs else None


def print_trouble(ctx: Context, parcel_id: int, kind: str = "label") -> Text | str:
    """Why a paper is not in the packer's hand, as the printer says it; empty when it is."""
    job = newest_job(ctx, parcel_id, kind)
    if job is None or job.state not in FAILED:
        return ""
    return restored(job.detail) or words.PRINT[PrintState(job.state)]


def in_doubt(ctx: Context, parcel_id: int) -> bool:
    """Whether nobody knows if a parcel's label came out: somebody has to look."""
    job = newest_job(ctx, parcel_id)
    return job is not None and job.state == PrintState.UNKNOWN


def print_facts(ctx: Context, parcel_id: int) -> tuple[tuple[Text, Text | str], ...]:
    """What people have to know of a parcel's papers: what did not come out, or came elsewhere.

    Customs papers have to be filled in, perhaps, and go onto the parcel.
    """
    facts = tuple(
        fact
        for kind, (failed, moved) in _FACTS.items()
        if (fact := _fact(ctx, parcel_id, kind, failed, moved)) is not None
    )
    job = newest_job(ctx, parcel_id, "customs")
    if job is None or job.state == PrintState.VOID:
        return facts
    return (*facts, (T("Customs papers"), customs.what_to_do(job.content)))


def _fact(
    ctx: Context, parcel_id: int, kind: str, failed: Text, moved: Text
) -> tuple[Text, Text | str] | None:
    trouble = print_trouble(ctx, parcel_id, kind)
    if trouble:
        return failed, trouble
    job = newest_job(ctx, parcel_id, kind)
    return (moved, restored(job.detail)) if job is not None and job.printed_on else None


def _printer(station: Station, kind: str) -> str:
    return station.printer if kind == "label" else station.documents


def _sender(ctx: Context) -> Address:
    return customs.sender_of(ctx.tx)


def _parcels(ctx: Context, order: Order, parcel: Parcel) -> int:
    """How many parcels the order has, 0 while more may come."""
    lines = ctx.tx.orders.lines(order.id)
    if any(line.packed < line.ordered - line.cancelled for line in lines):
        return 0
    return max((item.number for item in ctx.tx.parcels.of_order(order.id)), default=parcel.number)


def _label(ctx: Context, order: Order, parcel: Parcel) -> ShippingLabel:
    service = ctx.tx.site.service(order.service_id)
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
        ship_on=local_day(ctx.tx, max(moment(order.ship_by), ctx.now)),
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
        placed_on=local_day(ctx.tx, moment(order.placed_at)),
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
