"""The courier takes the parcels along: ledger, orders, timeline and outbox in one transaction."""

from __future__ import annotations

import json
from dataclasses import asdict

from wms_terminal.domain.orders import Manifest, OrderState
from wms_terminal.domain.site import CUSTOMER
from wms_terminal.domain.text import T
from wms_terminal.ports.store import ParcelHead
from wms_terminal.services.dialogue import Context


def hand_over(
    ctx: Context, manifest: Manifest, loaded: list[ParcelHead], counted: int | None
) -> None:
    """The goods leave: ledger, lines, orders, timeline and outbox in one transaction."""
    for head in loaded:
        parcel = ctx.tx.parcels.get(head.id)
        for line, lot, count in ctx.tx.parcels.contents(parcel.id):
            ctx.tx.stock.move(
                line.product_id,
                lot,
                count,
                parcel.location_id,
                CUSTOMER,
                why="ship",
                at=ctx.at,
                gesture_id=ctx.gesture,
                line_id=line.id,
            )
            ctx.tx.orders.change_line(line.id, shipped=count)
    ctx.tx.parcels.hand_over(manifest.id, ctx.operator.id, counted, len(loaded), ctx.at)
    orders = {head.order_id: head.order_number for head in loaded}
    for order_id in orders:
        _ship_order(ctx, manifest, order_id, [h for h in loaded if h.order_id == order_id])


def _ship_order(ctx: Context, manifest: Manifest, order_id: int, parcels: list[ParcelHead]) -> None:
    lines = ctx.tx.orders.lines(order_id)
    to_follow = sum(line.ordered - line.cancelled - line.shipped for line in lines)
    on_the_floor = any(line.allocated > line.shipped for line in lines)
    if not to_follow:
        ctx.tx.orders.set_state(order_id, OrderState.SHIPPED)
    elif not on_the_floor:
        ctx.tx.orders.set_state(order_id, OrderState.NEW)
        ctx.tx.orders.set_waiting(order_id, "stock")
    kind = "partly_shipped" if to_follow else "shipped"
    text = T(
        "{count} parcels left with {carrier}, manifest {code}",
        count=len(parcels),
        carrier=manifest.carrier,
        code=manifest.code,
    )
    ctx.event(order_id, kind, text)
    order = ctx.tx.orders.get(order_id)
    shipped = [
        {
            "sscc": head.sscc,
            "parcel": head.number,
            "lines": [
                {"line": line.line, "sku": line.sku, "lot": lot, "quantity": count}
                for line, lot, count in ctx.tx.parcels.contents(head.id)
            ],
        }
        for head in parcels
    ]
    payload = json.dumps(
        {
            "order": order.number,
            "channel": order.channel,
            "reference": order.reference,
            "carrier": manifest.carrier,
            "manifest": manifest.code,
            "shipped_at": ctx.at,
            "complete": not to_follow,
            "to_follow": to_follow,
            "language": order.language,
            "email": order.email,
            "address": asdict(order.address),
            "parcels": shipped,
        },
        ensure_ascii=True,
    )
    for receiver in ("mail", "writeback"):
        ctx.tx.parcels.add_outbox(
            f"{receiver}_{kind}",
            f"{receiver}:{order.channel}:{order.reference}:{manifest.code}",
            order_id,
            payload,
            ctx.at,
        )
