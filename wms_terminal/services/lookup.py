"""Look up: scan or type anything, and see where it is, what happened, and why it stands still."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Order, OrderState, Parcel, ParcelState
from wms_terminal.domain.roles import may_see_customers
from wms_terminal.domain.scan import Source
from wms_terminal.domain.shipments import ShipmentState
from wms_terminal.domain.site import Kind, LocationKind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.store import Tx
from wms_terminal.services import booking, privacy, words
from wms_terminal.services.dialogue import Answer, Context, Dialogue, Face, Flow, Found, ok
from wms_terminal.services.heads import held_because, local
from wms_terminal.services.labels import void_label
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Key, Table, View

_ALL = (
    Kind.ORDER,
    Kind.PARCEL,
    Kind.TOTE,
    Kind.LOCATION,
    Kind.PRODUCT,
    Kind.STATION,
    Kind.CARRIER,
    Kind.PACKAGE_TYPE,
)

PAGE = 200
"""Rows on one page of a long list."""

FOUND = "found:"
"""Begins what the dialogue remembers of typed words: the ids of the orders that have them."""


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Anything that has a place or a story."""
    return _ALL


def private(dialogue: Dialogue, found: Found) -> bool:
    """What is keyed in and is nobody's code may be a customer's name."""
    return found.kind is Kind.UNKNOWN and found.source is Source.KEYED


def enter(ctx: Context) -> Answer:
    """Ask for something to look up."""
    return Answer(Dialogue("lookup", "ask"), ok("lookup", T("Look up")))


def scan(ctx: Context, found: Found) -> Answer:
    """Remember what was asked for; `show` reads it afresh every time."""
    if found.command is Command.SKIP and ctx.dialogue.text:
        return Answer(replace(ctx.dialogue, units=ctx.dialogue.units + 1), ok("next", T("Next")))
    if found.kind in _ALL and found.kind is not Kind.ORDER:
        dialogue = Dialogue("lookup", "ask", text=found.kind.value, units=0, task_id=found.ref)
        return Answer(dialogue, ok("found", T("Found")))
    order_id = found.ref if found.kind is Kind.ORDER else None
    if found.kind is Kind.UNKNOWN:
        hits = _hits(ctx.tx, found.reading.text)
        if len(hits) == 1:
            order_id = hits[0].id
        elif hits:
            text = FOUND + ",".join(str(order.id) for order in hits)
            dialogue = Dialogue("lookup", "ask", text=text)
            count = f"{len(hits)}+" if len(hits) == PAGE else str(len(hits))
            return Answer(dialogue, ok("found", T("{count} orders", count=count)))
    if order_id is None:
        wanted = T("anything with a barcode, or a name")
        raise void_label(ctx, found, wanted) or unexpected(ctx.tx, found, wanted, "nothing_found")
    dialogue = Dialogue("lookup", "ask", text=Kind.ORDER.value, task_id=order_id)
    return Answer(dialogue, ok("found", T("Found")))


def _hits(tx: Tx, typed: str) -> list[Order]:
    """Orders for typed words; a postcode is found with and without its space."""
    return tx.orders.search(typed, PAGE) or tx.orders.search(typed.replace(" ", ""), PAGE)


def show(ctx: Context) -> Face:
    """The thing asked for, as it is now."""
    what, ref = ctx.dialogue.text, ctx.dialogue.task_id
    more: tuple[Table, ...] = ()
    may_see = may_see_customers(ctx.operator)
    if what.startswith(FOUND):
        view = _found(ctx.tx, what.removeprefix(FOUND), may_see)
    elif not what or ref is None:
        view = View(title=T("Look up"))
    elif what == Kind.ORDER.value:
        view = order_view(ctx.tx, ctx.tx.orders.get(ref), ctx.at, customer=may_see)
        more = (_order_lines(ctx.tx, ref),)
    else:
        view = _views(ctx.tx, Kind(what), ref)
    pages = [page for table in (view.table, *more) if table is not None for page in _pages(table)]
    if pages:
        view = replace(view, table=pages[ctx.dialogue.units % len(pages)])
    return Face(
        T("SCAN OR KEY IN ANYTHING"),
        view,
        (Key(8, Command.SKIP.value, T("More")),) if len(pages) > 1 else (),
        keyed=T("Order, name, postcode, product or location"),
    )


def _pages(table: Table) -> list[Table]:
    """A long table in pieces; an empty one stays whole."""
    starts = range(0, max(1, len(table.rows)), PAGE)
    return [Table(table.columns, table.rows[start : start + PAGE]) for start in starts]


def _found(tx: Tx, ids: str, may_see: bool) -> View:
    rows = tuple(
        (order.number, words.ORDER[order.state], *privacy.name_and_place(order, may_see))
        for order in tx.customers.these([int(part) for part in ids.split(",")])
    )
    columns = (T("Order"), T("State"), T("Name"), T("City"))
    return View(title=T("{count} orders", count=len(rows)), table=Table(columns, rows))


def _order_lines(tx: Tx, order_id: int) -> Table:
    rows = tuple(
        (
            line.sku,
            line.name,
            str(line.ordered - line.cancelled),
            str(line.picked),
            str(line.packed),
            str(line.shipped),
        )
        for line in tx.orders.lines(order_id)
    )
    columns = (T("Product"), T("Name"), T("Ordered"), T("Picked"), T("Packed"), T("Shipped"))
    return Table(columns, rows)


def order_view(tx: Tx, order: Order, now: str, *, customer: bool) -> View:
    """An order: where it stands, why it is not moving, and its whole timeline.

    `customer` says whether whoever looks may see whose it is.
    """
    lines = tx.orders.lines(order.id)
    service = tx.site.service(order.service_id)
    parcels = [p for p in tx.parcels.of_order(order.id) if p.state is not ParcelState.VOID]
    totes = tx.site.totes_of(order.id)
    facts: list[tuple[Text, str | Text]] = [
        (T("Why"), why_not_moving(tx, order, now)),
        (T("Customer"), _whose(order, customer)),
        (T("Promised"), order.promised_on),
        (T("Leaves"), leaves(tx, order, service.name, now)),
        (
            T("Units"),
            T(
                "{ordered} ordered, {picked} picked, {packed} packed, {shipped} shipped",
                ordered=sum(line.ordered - line.cancelled for line in lines),
                picked=sum(line.picked for line in lines),
                packed=sum(line.packed for line in lines),
                shipped=sum(line.shipped for line in lines),
            ),
        ),
    ]
    for tote in totes:
        place = tx.site.location(tote.parent_id).code if tote.parent_id else T("with its picker")
        facts.append((T("Tote"), T("{tote}: {place}", tote=tote.code, place=place)))
    facts += [
        (
            T("Parcel {number}", number=parcel.number),
            T(
                "{state} · {sscc}",
                state=words.PARCEL[parcel.state],
                sscc=_known_by(tx, parcel),
            ),
        )
        for parcel in parcels
    ]
    rows = tuple(
        (
            local(tx, event.at),
            privacy.told(event, customer),
            event.operator,
            event.station,
        )
        for event in tx.orders.events(order.id)
    )
    title = T("Order {number}: {state}", number=order.number, state=words.ORDER[order.state])
    return View(
        title=title,
        facts=tuple(facts),
        table=Table((T("Time"), T("What"), T("Who"), T("Where")), rows),
    )


def _whose(order: Order, may_see: bool) -> Text:
    name, place = privacy.name_and_place(order, may_see)
    return T("{name}, {place}", name=name, place=place)


def leaves(tx: Tx, order: Order, service: str, now: str) -> Text:
    """When its courier comes, and whether it is too late for that."""
    live = order.state not in (OrderState.SHIPPED, OrderState.CANCELLED)
    time = local(tx, order.ship_by)
    if live and order.ship_by < now:
        return T("{service}, {time}: missed", service=service, time=time)
    return T("{service}, {time}", service=service, time=time)


def why_not_moving(tx: Tx, order: Order, now: str) -> Text:
    """The one thing that an order waits for."""
    if order.state is OrderState.SHIPPED:
        return T("It has been shipped")
    if order.state is OrderState.CANCELLED:
        return T("It was cancelled")
    if order.hold:
        return T("On hold: {why}", why=held_because(order.hold))
    if order.payment != "paid":
        return T("Payment is {payment}", payment=words.PAYMENT[order.payment])
    if order.waiting:
        return _missing(tx, order)
    if order.state is OrderState.NEW:
        ahead = tx.orders.ahead_of(order)
        return T(
            "Waits for a picker: {ahead} orders before it, start by {start}",
            ahead=ahead,
            start=local(tx, order.latest_start),
        )
    if order.state is OrderState.PICKING:
        pick_list = tx.picks.list_of(order.id)
        claim = tx.picks.claim_of("pick", pick_list.id, now) if pick_list else None
        if claim is None:
            return T("Picking was interrupted: it waits for a picker")
        return T("{name} picks it at {station}", name=claim.operator, station=claim.station)
    if order.state is OrderState.PICKED:
        return T("Waits for a packer at staging")
    if order.state is OrderState.PACKING:
        claim = tx.picks.claim_of("pack", order.id, now)
        if claim is None:
            return T("Packing was interrupted: it waits for a packer")
        return T("{name} packs it at {station}", name=claim.operator, station=claim.station)
    return _why_not_shipped(tx, order)


def _why_not_shipped(tx: Tx, order: Order) -> Text:
    parcels = tx.parcels.of_order(order.id)
    for parcel in parcels:
        if parcel.state is ParcelState.PACKED:
            if (shipment := booking.awaited(tx, parcel.id)) is not None:
                return T(
                    "Parcel {number} is packed, not yet labelled (label: {state})",
                    number=parcel.number,
                    state=booking.story(shipment),
                )
            jobs = tx.parcels.jobs_of(parcel.id, "label")
            state: Text | str = words.PRINT[PrintState(jobs[-1].state)] if jobs else "-"
            return T(
                "Parcel {number} is packed, not yet labelled (label: {state})",
                number=parcel.number,
                state=state,
            )
    if any(parcel.state is ParcelState.LABELLED for parcel in parcels):
        return T("Labelled: waits to be loaded")
    return T("Loaded: waits for the courier")


def _missing(tx: Tx, order: Order) -> Text:
    """What of an order is not to be had, and what becomes of the stock that one sees."""
    for line in tx.orders.lines(order.id):
        if line.to_allocate:
            free = sum(item.free for item in tx.stock.available(line.product_id))
            stocked = [
                row
                for row in tx.stock.of_product(line.product_id)
                if row.location_kind in (LocationKind.PICK, LocationKind.BULK)
            ]
            held = sum(row.allocated for row in stocked)
            return T(
                "Waits for stock: {count} × {name} wanted, {free} free, {held} held for others, "
                "{blocked} wait to be counted",
                count=line.to_allocate,
                name=line.name,
                free=free,
                held=held,
                blocked=sum(row.quantity - row.allocated for row in stocked) - free,
            )
    return T("Waits for stock")


def _views(tx: Tx, kind: Kind, ref: int) -> View:
    if kind is Kind.PRODUCT:
        return _product(tx, ref)
    if kind is Kind.PARCEL:
        return _parcel(tx, ref)
    if kind in (Kind.LOCATION, Kind.TOTE):
        return _location(tx, ref)
    if kind is Kind.STATION:
        station = tx.site.station_by_id(ref)
        facts: tuple[tuple[Text, str | Text], ...] = (
            (T("Printer"), station.printer or "-"),
            (T("Documents"), station.documents or "-"),
            (T("Scale"), station.scale or "-"),
            (T("Scanner"), station.scanner or "-"),
        )
        return View(title=T("Station {code}", code=station.code), facts=facts)
    if kind is Kind.CARRIER:
        services = [item for item in tx.site.services() if item.carrier_id == ref]
        rows = tuple((item.name, item.cutoff, item.pickup_days) for item in services)
        return View(
            title=T("Carrier {name}", name=tx.site.carrier(ref).name),
            table=Table((T("Service"), T("Leaves"), T("Days")), rows),
        )
    package = tx.site.package_type(ref)
    size = f"{package.length_mm} × {package.width_mm} × {package.height_mm} mm"
    return View(
        title=T("Carton {name}", name=package.name),
        facts=((T("Size"), size), (T("Own weight"), f"{package.tare_g} g")),
    )


def _product(tx: Tx, ref: int) -> View:
    product = tx.site.product(ref)
    rows = tuple(
        (row.location, row.lot or "-", str(row.quantity), str(row.allocated))
        for row in tx.stock.of_product(ref)
    )
    codes = ", ".join(f"{code} = {units}" for code, units in tx.site.codes_of(Kind.PRODUCT, ref))
    return View(
        title=T("Product {sku}", sku=product.sku),
        facts=(
            (T("Name"), product.name),
            (T("Codes"), codes),
            (T("Weight"), f"{product.weight_g} g"),
        ),
        table=Table((T("Location"), T("Lot"), T("On hand"), T("Held")), rows),
    )


def _location(tx: Tx, ref: int) -> View:
    place = tx.site.location(ref)
    rows = tuple(
        (row.sku, row.name, row.lot or "-", str(row.quantity), str(row.allocated))
        for row in tx.stock.at_location(ref)
    )
    facts: list[tuple[Text, str | Text]] = []
    if place.order_id is not None:
        facts.append((T("Order"), tx.orders.head(place.order_id).number))
    if place.parent_id is not None:
        facts.append((T("Stands at"), tx.site.location(place.parent_id).code))
    return View(
        title=T("{kind} {code}", kind=words.LOCATION[place.kind], code=place.code),
        facts=tuple(facts),
        table=Table((T("Product"), T("Name"), T("Lot"), T("On hand"), T("Held")), rows),
    )


def _known_by(tx: Tx, parcel: Parcel) -> Text | str:
    """Its carrier's number, how far its booking is, or our own number."""
    shipment = tx.shipments.of_parcel(parcel.id)
    if shipment is None or shipment.state is ShipmentState.CANCELLED:
        return parcel.sscc or "-"
    return booking.story(shipment)


def _parcel(tx: Tx, ref: int) -> View:
    parcel = tx.parcels.get(ref)
    head = tx.orders.head(parcel.order_id)
    rows = tuple(
        (line.sku, line.name, lot or "-", str(count))
        for line, lot, count in tx.parcels.contents(ref)
    )
    facts: list[tuple[Text, str | Text]] = [
        (T("State"), words.PARCEL[parcel.state]),
        (T("SSCC"), parcel.sscc or "-"),
        (T("Weight"), f"{parcel.weight_g} g"),
        (T("Carrier"), f"{head.carrier}, {head.service}"),
    ]
    if (shipment := tx.shipments.of_parcel(ref)) is not None:
        facts.append((T("Booking"), booking.story(shipment)))
        if shipment.is_booked and shipment.tracking_url:
            facts.append((T("Tracking"), shipment.tracking_url))
    if parcel.manifest_id is not None:
        manifest = tx.parcels.manifest(parcel.manifest_id)
        left = local(tx, manifest.handed_at) if manifest.handed_at else T("not handed over yet")
        facts.append((T("Manifest"), T("{code}, {left}", code=manifest.code, left=left)))
    return View(
        title=T("Parcel {number} of order {order}", number=parcel.number, order=head.number),
        facts=tuple(facts),
        table=Table((T("Product"), T("Name"), T("Lot"), T("Units")), rows),
    )


FLOW = Flow("lookup", accepts, show, scan, enter, private=private)
