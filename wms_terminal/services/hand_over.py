"""The courier takes the parcels along: ledger, orders, timeline and outbox in one transaction."""

from __future__ import annotations

from collections import Counter, defaultdict

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Manifest, OrderLine, OrderState
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.site import CUSTOMER, Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import ShipNews, ShippedLine
from wms_terminal.ports.mail import MailKind, MailLine, MailParcel
from wms_terminal.ports.parcels_room import ParcelHead
from wms_terminal.services import booking, channel_news, customer_news, pickups
from wms_terminal.services.back_order import pick_the_rest_later
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Dialogue, Found, ok, question
from wms_terminal.services.heads import stopped
from wms_terminal.services.resolver import unexpected

Contents = list[tuple[OrderLine, str, int]]


def ask_handover(ctx: Context, manifest: Manifest) -> Answer:
    """What would leave, and what would stay behind."""
    if not manifest.parcels:
        raise refuse(
            "nothing_done",
            T("Nothing is loaded on manifest {code}", code=manifest.code),
            expected=T("a parcel for {carrier}", carrier=manifest.carrier),
            got=T("Hand over"),
        )
    left = ctx.tx.parcels.count_to_load(manifest.carrier_id)
    text = T("{count} parcels loaded, {left} stay behind", count=manifest.parcels, left=left)
    advice = T("Scan the carrier when the courier takes them, or key in his count")
    dialogue = ctx.dialogue.to("handover", units=manifest.parcels, taking=False)
    return Answer(dialogue, question("handover", text, advice))


def at_handover(ctx: Context, found: Found, manifest: Manifest) -> Answer:
    """The courier's code, OK, or the courier's own count."""
    counted: int | None = None
    if found.command is Command.NO:
        return Answer(ctx.dialogue.to("load", units=0), ok("answered_no", T("Not done")))
    if found.kind is Kind.NUMBER:
        counted = int(found.reading.text)
        if counted != manifest.parcels:
            raise refuse(
                "wrong_count",
                T("The counts differ"),
                expected=str(manifest.parcels),
                got=str(counted),
                advice=T("Count together: a parcel was not scanned, or is not on the car"),
            )
    elif found.command is not Command.OK and not (
        found.kind is Kind.CARRIER and found.ref == manifest.carrier_id
    ):
        raise unexpected(ctx.tx, found, T("the carrier {carrier}", carrier=manifest.carrier))
    elif ctx.dialogue.units != manifest.parcels:
        return ask_handover(ctx, manifest)
    count = hand_over(ctx, manifest, counted)
    text = T("{count} parcels handed over to {carrier}", count=count, carrier=manifest.carrier)
    message = ok("handed_over", text, Outcome.ORDER_DONE)
    return Answer(Dialogue("ship", "start"), message, undo=BARRIER)


def hand_over(ctx: Context, manifest: Manifest, counted: int | None) -> int:
    """The goods leave: ledger, lines, orders, timeline and outbox; how many parcels.

    Raises:
        Refused: an order on the manifest must not leave.
    """
    loaded = ctx.tx.parcels.loaded(manifest.id)
    orders: dict[int, list[tuple[ParcelHead, Contents]]] = defaultdict(list)
    for head in loaded:
        orders[head.order_id].append((head, ctx.tx.parcels.contents(head.id)))
    for order_id in orders:
        _may_leave(ctx, order_id)
    for parcels in orders.values():
        for head, contents in parcels:
            _leave(ctx, head, contents)
    ctx.tx.parcels.hand_over(manifest.id, ctx.operator.id, counted, len(loaded), ctx.at)
    pickups.came(ctx, manifest, len(loaded), counted)
    for order_id, parcels in orders.items():
        _ship_order(ctx, manifest, order_id, parcels)
    return len(loaded)


def _may_leave(ctx: Context, order_id: int) -> None:
    head = ctx.tx.orders.head(order_id)
    refusal = stopped(head)
    if refusal is not None:
        raise refuse(
            refusal.message.code,
            refusal.message.text,
            expected=T("only parcels that may leave"),
            got=T("order {number} on the manifest", number=head.number),
            advice=T("Take its parcels off first: No, Take out, and scan them"),
        )


def _leave(ctx: Context, head: ParcelHead, contents: Contents) -> None:
    place = ctx.tx.parcels.get(head.id).location_id
    for line, lot, count in contents:
        ctx.tx.stock.move(
            line.product_id,
            lot,
            count,
            place,
            CUSTOMER,
            why="ship",
            at=ctx.at,
            gesture_id=ctx.gesture,
            line_id=line.id,
        )
        ctx.tx.orders.change_line(line.id, shipped=count)


def _ship_order(
    ctx: Context, manifest: Manifest, order_id: int, parcels: list[tuple[ParcelHead, Contents]]
) -> None:
    """The order's state and story, and what the customer and the channel have to learn."""
    lines = ctx.tx.orders.lines(order_id)
    to_follow = sum(line.ordered - line.cancelled - line.shipped for line in lines)
    if not to_follow:
        ctx.tx.orders.set_state(order_id, OrderState.SHIPPED)
    elif not any(line.allocated > line.shipped for line in lines):
        pick_the_rest_later(ctx, order_id)
    kind = "partly_shipped" if to_follow else "shipped"
    text = T(
        "{count} parcels left with {carrier}, manifest {code}",
        count=len(parcels),
        carrier=manifest.carrier,
        code=manifest.code,
    )
    ctx.event(order_id, kind, text)
    _tell_channel(ctx, manifest, order_id, parcels, complete=not to_follow)
    _tell_customer(ctx, manifest, order_id, parcels, complete=not to_follow)


def _tell_channel(
    ctx: Context,
    manifest: Manifest,
    order_id: int,
    parcels: list[tuple[ParcelHead, Contents]],
    *,
    complete: bool,
) -> None:
    """One message for each parcel; the last one says whether that was all."""
    order = ctx.tx.orders.get(order_id)
    references = ctx.tx.channels.lines(order_id)
    carrier = ctx.tx.site.carrier(manifest.carrier_id)
    for number, (head, contents) in enumerate(parcels, 1):
        counts: Counter[tuple[int, str]] = Counter()
        for line, _, count in contents:
            counts[line.id, line.sku] += count
        lines = tuple(
            ShippedLine(references.get(line_id, ""), sku, count)
            for (line_id, sku), count in counts.items()
        )
        shipment = booking.booked(ctx.tx, head.id)
        tracking = shipment.tracking if shipment else head.sscc
        news = ShipNews(
            key=tracking,
            reference=order.reference,
            lines=lines,
            carrier=carrier.code,
            carrier_name=carrier.name,
            tracking=tracking,
            tracking_url=shipment.tracking_url if shipment else "",
            shipped_at=ctx.at,
            complete=complete and number == len(parcels),
        )
        channel_news.tell(ctx.tx, order.channel, order_id, news, ctx.at)


def _tell_customer(
    ctx: Context,
    manifest: Manifest,
    order_id: int,
    parcels: list[tuple[ParcelHead, Contents]],
    *,
    complete: bool,
) -> None:
    """One mail for all parcels of an order that leave together."""
    order = ctx.tx.orders.get(order_id)
    kind = MailKind.SHIPPED if complete else MailKind.PARTLY_SHIPPED
    told = []
    for head, contents in parcels:
        counts: Counter[tuple[str, str]] = Counter()
        for line, _, count in contents:
            counts[line.sku, line.name] += count
        inside = tuple(MailLine(sku, name, count) for (sku, name), count in counts.items())
        shipment = booking.booked(ctx.tx, head.id)
        told.append(
            MailParcel(
                manifest.carrier,
                shipment.tracking if shipment else head.sscc,
                shipment.tracking_url if shipment else "",
                inside,
            )
        )
    left = [
        (line, line.ordered - line.cancelled - line.shipped)
        for line in ctx.tx.orders.lines(order_id)
    ]
    customer_news.tell(
        ctx.tx,
        order,
        kind,
        f"{kind.value}:{manifest.code}",
        ctx.at,
        parcels=tuple(told),
        lines=tuple(MailLine(line.sku, line.name, count) for line, count in left if count),
    )
