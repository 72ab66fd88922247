"""An order comes to the bench and leaves it: opened, taken over, reopened, finished."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderHead, OrderState, Parcel, ParcelState
from wms_terminal.domain.outcome import Message, Outcome, Refused, refuse
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.services import booking, words
from wms_terminal.services.box import close
from wms_terminal.services.dialogue import BARRIER, Answer, Context, Dialogue, Found, ok, question
from wms_terminal.services.heads import stopped
from wms_terminal.services.labels import parcel_name, void_label
from wms_terminal.services.papers import newest_job, print_trouble
from wms_terminal.services.parcel import CLAIM, is_left_to_pack, is_mine, leave_bench, unlabelled
from wms_terminal.services.resolver import unexpected

START = Dialogue("pack", "open")


def look_ahead(ctx: Context) -> None:
    """Say what a scan at a parcel reads in any case."""
    tx, dialogue = ctx.tx, ctx.dialogue
    order_id, parcel_id = dialogue.order_id or 0, dialogue.parcel_id or 0
    tx.expect(
        lambda: tx.parcels.get(parcel_id),
        lambda: tx.orders.head(order_id),
        lambda: tx.picks.claim_of(CLAIM, order_id, ctx.at),
        lambda: tx.orders.get(order_id),
        lambda: tx.parcels.size(parcel_id),
        tx.site.package_types,
        lambda: tx.site.setting("timezone", "UTC"),
    )


def guard(ctx: Context, order_id: int) -> None:
    """Work that is no longer this packer's, or must not go on, stops here by name."""
    refusal = stopped(ctx.tx.orders.head(order_id))
    if refusal is not None:
        raise refusal
    claim = ctx.tx.picks.claim_of(CLAIM, order_id, ctx.at)
    if claim is None:
        ctx.tx.picks.claim(CLAIM, order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    elif claim.operator_id == ctx.operator.id:
        ctx.tx.picks.renew(CLAIM, order_id, ctx.at, ctx.until)
    else:
        raise refuse(
            "locked_by",
            T(
                "{name} has taken this over at {station}",
                name=claim.operator,
                station=claim.station,
            ),
            advice=T("Go to other work with Menu"),
        )


def go_on(ctx: Context) -> Answer:
    """The order on one's own bench; one that must not move is left, and said so."""
    message = ok("pack", T("Pack"))
    while (mine := ctx.tx.picks.claimed_by(CLAIM, ctx.operator.id)) is not None:
        refusal = stopped(ctx.tx.orders.head(mine))
        if refusal is None:
            return open_order(ctx, mine)
        ctx.tx.picks.release_claim(CLAIM, mine)
        why = refusal.message
        message = question(why.code, why.text, T("Leave it here and go on with another order"))
    return Answer(START, message)


def at_open(ctx: Context, found: Found) -> Answer:
    """Which order? Named by its tote, its number, a product, or where it stands."""
    wanted = T("a tote, an order or a product that waits")
    if found.kind is Kind.ORDER:
        return open_order(ctx, found.ref, found)
    if found.kind is Kind.TOTE:
        tote = ctx.tx.site.location(found.ref)
        if tote.order_id is not None:
            return open_order(ctx, tote.order_id, found)
        text = T("Tote {tote} is empty and free", tote=tote.code)
        raise refuse("no_work", text, expected=wanted, got=tote.code)
    if found.kind is Kind.PRODUCT:
        order_id = ctx.tx.parcels.next_to_pack(found.ref, ctx.at)
        if order_id is not None:
            return open_order(ctx, order_id, found)
        product = ctx.tx.site.product(found.ref)
        raise refuse(
            "no_work",
            T("No order at staging needs {name}", name=product.name),
            expected=wanted,
            got=f"{product.name} ({product.sku})",
        )
    if found.kind is Kind.LOCATION:
        orders = ctx.tx.parcels.orders_at(found.ref)
        if len(orders) == 1:
            return open_order(ctx, orders[0], found)
        place = ctx.tx.site.location(found.ref)
        raise refuse(
            "ambiguous" if orders else "no_work",
            T("{count} orders wait at {location}", count=len(orders), location=place.code),
            expected=T("a tote"),
            got=place.code,
            advice=T("Scan the tote itself"),
        )
    raise unexpected(ctx.tx, found, wanted)


def open_order(ctx: Context, order_id: int, found: Found | None = None) -> Answer:
    """Put an order on this bench, where it was left; somebody else's only when asked twice."""
    tx = ctx.tx
    head = tx.orders.head(order_id)
    waiting = unlabelled(ctx, order_id)
    refusal = stopped(head) or _not_packable(ctx, head, waiting)
    if refusal is not None:
        raise refusal
    claim = tx.picks.claim_of(CLAIM, order_id, ctx.at)
    if claim is not None and claim.operator_id != ctx.operator.id and found is not None:
        if ctx.dialogue.confirm != found.reading.code:
            text = T(
                "{name} is packing this at {station}", name=claim.operator, station=claim.station
            )
            return Answer(
                ctx.dialogue.ask(found.reading.code, "take_over"),
                question("locked_by", text, T("Scan it again to take it over")),
            )
        ctx.event(order_id, "taken_over", T("Packing taken over from {name}", name=claim.operator))
    tx.picks.take_over(CLAIM, order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until)
    if head.state is OrderState.PICKED:
        tx.orders.set_state(order_id, OrderState.PACKING)
        ctx.event(order_id, "pack_started", T("Packing begins"))
    for tote in tx.site.totes_of(order_id):
        tx.site.place(tote.id, ctx.station.bench_id)
    left = is_left_to_pack(ctx, order_id)
    busy = left or tx.parcels.open_of(order_id) is not None
    if waiting is not None and (not busy or _label_is_coming(ctx, waiting)):
        dialogue = Dialogue("pack", "label", order_id=order_id, parcel_id=waiting.id)
        return Answer(dialogue, ok("resumed", T("The label is still to be scanned")), undo=BARRIER)
    if not busy:
        text = T("Order {number} is packed", number=head.number)
        return finish(ctx, order_id, ok("order_packed", text, Outcome.ORDER_DONE))
    dialogue = new_parcel(ctx, order_id)
    text = T("Order {number}: scan every unit", number=head.number)
    if not left:
        return close(ctx.at_dialogue(dialogue), ok("resumed", text))
    return Answer(dialogue, ok("opened", text), undo=BARRIER)


def _not_packable(ctx: Context, head: OrderHead, waiting: Parcel | None) -> Refused | None:
    """The refusal of an order that is not at the packers' yet or no more."""
    if head.state in (OrderState.PICKED, OrderState.PACKING):
        return None
    if head.state is OrderState.PACKED and waiting is not None:
        return None
    if head.state in (OrderState.PACKED, OrderState.SHIPPED):
        return refuse(
            "already_done",
            T("Order {number} is packed already", number=head.number),
            expected=T("an order at staging"),
            got=T("parcels {parcels}", parcels=_where(ctx, head.id)),
            advice=T("Reopen a parcel to change it, as long as it has not been shipped"),
        )
    return refuse(
        "needs_first",
        T("Order {number} is not picked yet", number=head.number),
        expected=T("an order at staging"),
        got=T("order {number}: {state}", number=head.number, state=words.ORDER[head.state]),
    )


def _where(ctx: Context, order_id: int) -> Text:
    """An order's parcels, and how far or on which manifest each of them is."""
    found = []
    for parcel in ctx.tx.parcels.of_order(order_id):
        state = words.PARCEL[parcel.state]
        if parcel.manifest_id is not None:
            code = ctx.tx.parcels.manifest(parcel.manifest_id).code
            state = T("{state} on {manifest}", state=state, manifest=code)
        if parcel.state is not ParcelState.VOID:
            found.append(T("{number}: {state}", number=parcel.number, state=state))
    return words.listing(found)


def _label_is_coming(ctx: Context, parcel: Parcel) -> bool:
    """Whether a parcel's label comes, or came, out of this station's printer."""
    job = newest_job(ctx, parcel.id)
    return (
        job is not None and job.station_id == ctx.station.id and not print_trouble(ctx, parcel.id)
    )


def new_parcel(ctx: Context, order_id: int) -> Dialogue:
    """The order's open parcel; else one that was given up, else the next number."""
    tx = ctx.tx
    parcel = tx.parcels.open_of(order_id)
    parcels = tx.parcels.of_order(order_id)
    if parcel is None:
        parcel = next((item for item in parcels if item.state is ParcelState.VOID), None)
        if parcel is not None:
            tx.parcels.set_type(parcel.id, None)
            tx.parcels.set_weight(parcel.id, 0, 0, False)
            tx.parcels.set_state(parcel.id, ParcelState.OPEN, ctx.at)
    if parcel is not None:
        parcel_id = parcel.id
        tx.site.place(parcel.location_id, ctx.station.bench_id)
    else:
        code = f"P-{tx.orders.head(order_id).number}-{len(parcels) + 1}"
        place = tx.site.add_parcel_location(code, ctx.station.bench_id)
        parcel_id = tx.parcels.open(order_id, place, ctx.at)
    return Dialogue("pack", "verify", order_id=order_id, parcel_id=parcel_id)


def give_back(ctx: Context, order_id: int, parcel_id: int) -> None:
    """An order of which this packer has packed nothing goes back to the others."""
    parcel = ctx.tx.parcels.get(parcel_id)
    if parcel.state is not ParcelState.OPEN or not is_mine(ctx, order_id):
        return
    if ctx.tx.parcels.size(parcel_id).units:
        return
    ctx.tx.parcels.set_state(parcel_id, ParcelState.VOID, ctx.at)
    ctx.tx.picks.release_claim(CLAIM, order_id)
    if not any(line.packed > line.shipped for line in ctx.tx.orders.lines(order_id)):
        ctx.tx.orders.set_state(order_id, OrderState.PICKED)


def after_label(ctx: Context, order_id: int, message: Message) -> Answer:
    """The next parcel of the same order, or the next order."""
    if is_left_to_pack(ctx, order_id):
        return Answer(new_parcel(ctx, order_id), message, undo=BARRIER)
    return finish(ctx, order_id, message)


def finish(ctx: Context, order_id: int, message: Message) -> Answer:
    """Nothing more to do here for an order."""
    leave_bench(ctx, order_id)
    return Answer(START, message, undo=BARRIER)


def reopen(ctx: Context, found: Found) -> Answer:
    """A closed parcel is opened again: audited, and refused once it has been loaded."""
    if found.command is Command.NO:
        return Answer(START, ok("answered_no", T("Not done")))
    wanted = T("the label of a parcel that has not been loaded")
    parcel = _without_label(ctx, found)
    if found.kind is Kind.PARCEL:
        parcel = ctx.tx.parcels.get(found.ref)
    if parcel is None:
        raise void_label(ctx, found, wanted) or unexpected(ctx.tx, found, wanted)
    head = ctx.tx.orders.head(parcel.order_id)
    refusal = stopped(head) or _not_reopenable(ctx, parcel, head.number)
    if refusal is not None:
        raise refusal
    ctx.tx.picks.take_over(
        CLAIM, parcel.order_id, ctx.operator.id, ctx.station.id, ctx.at, ctx.until
    )
    ctx.tx.parcels.void_jobs(parcel.id, ctx.at)
    booking.call_off(ctx.tx, parcel.id, ctx.at)
    ctx.tx.parcels.set_weight(parcel.id, 0, 0, False)
    ctx.tx.parcels.set_state(parcel.id, ParcelState.OPEN, ctx.at)
    ctx.tx.site.place(parcel.location_id, ctx.station.bench_id)
    ctx.tx.orders.set_state(parcel.order_id, OrderState.PACKING)
    text = T("Parcel {number} of order {order} reopened", number=parcel.number, order=head.number)
    ctx.event(parcel.order_id, "reopened", text)
    dialogue = Dialogue(
        "pack", "verify", order_id=parcel.order_id, parcel_id=parcel.id, taking=True
    )
    return Answer(dialogue, ok("reopened", text), undo=BARRIER)


def _without_label(ctx: Context, found: Found) -> Parcel | None:
    """A parcel that has no label to scan, by its order."""
    if found.kind is not Kind.ORDER:
        return None
    parcel = unlabelled(ctx, found.ref)
    return parcel if parcel is not None and booking.awaited(ctx.tx, parcel.id) else None


def _not_reopenable(ctx: Context, parcel: Parcel, number: str) -> Refused | None:
    if parcel.state not in (ParcelState.PACKED, ParcelState.LABELLED):
        loaded = parcel.state is ParcelState.LOADED
        state = words.PARCEL[parcel.state]
        return refuse(
            "already_done",
            T("Parcel {number} can no longer be opened", number=parcel.number),
            expected=T("a parcel that has not been loaded"),
            got=T("{parcel}: {state}", parcel=parcel_name(ctx, parcel), state=state),
            advice=T("Take it off the manifest at the ship desk first")
            if loaded
            else T("What has left comes back as a return"),
        )
    if ctx.tx.parcels.open_of(parcel.order_id) is not None:
        return refuse(
            "needs_first",
            T("Another parcel of order {number} is open", number=number),
            advice=T("Close that one first"),
        )
    claim = ctx.tx.picks.claim_of(CLAIM, parcel.order_id, ctx.at)
    if claim is not None and claim.operator_id != ctx.operator.id:
        return refuse(
            "locked_by",
            T("{name} is packing this at {station}", name=claim.operator, station=claim.station),
        )
    return None
