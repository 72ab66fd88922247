"""What the pack bench shows: the product to verify, its carton, and what is still to come."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import PackLine, Parcel
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK, Reason
from wms_terminal.domain.shipments import Shipment, ShipmentState
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.services import booking
from wms_terminal.services.box import wrong_weight_g
from wms_terminal.services.dialogue import Context, Face
from wms_terminal.services.heads import local, order_title
from wms_terminal.services.pack_short import short_lines
from wms_terminal.services.papers import in_doubt, newest_job, print_facts, print_trouble
from wms_terminal.services.parcel import advised, expected_g, in_box, open_parcel, room_for
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.step import Goods, Table, View, key


def show(ctx: Context) -> Face:
    """The product to verify, the carton it goes into, and what is still to come."""
    dialogue = ctx.dialogue
    if dialogue.state == "open":
        return _show_open(ctx)
    if dialogue.state == "reopen":
        return Face(T("SCAN THE PARCEL TO REOPEN"), View(title=T("Reopen")), (key(9, Command.NO),))
    assert dialogue.order_id is not None
    head = ctx.tx.orders.head(dialogue.order_id)
    parcel = open_parcel(ctx)
    done = ctx.tx.parcels.pack_progress(dialogue.order_id)
    base = View(
        title=order_title(ctx.tx, head),
        place_label=T("PARCEL {number}", number=parcel.number),
        progress=(done.packed, done.picked),
        facts=((T("Customer's wish"), head.note),) if head.note else (),
    )
    if dialogue.state == "verify":
        return _show_verify(ctx, parcel, done.lines_left, base)
    if dialogue.state == "package":
        return _show_package(ctx, parcel, base)
    if dialogue.state == "weigh":
        return _show_weigh(ctx, parcel, base)
    if dialogue.state == "label":
        return _show_label(ctx, parcel, base)
    if dialogue.state == "override":
        return Face(T("A SUPERVISOR SCANS A BADGE"), base, (key(9, Command.NO),))
    if dialogue.state == "pin":
        return Face(T("KEY IN THE PIN"), base, (key(9, Command.NO),), T("PIN"), secret=True)
    if dialogue.state == "reason":
        view = replace(base, goods_label=T("SHORT"), goods=_short_goods(ctx, dialogue.order_id))
        return _show_reasons(T("WHY? OR SCAN THE PRODUCT THAT IS SHORT"), view, SHORT_PACK)
    return _show_reasons(T("WHY AGAIN?"), base, REPRINT)


def _show_reasons(prompt: Text, view: View, reasons: tuple[Reason, ...]) -> Face:
    view = replace(view, table=reason_table(reasons))
    return Face(prompt, view, reason_keys(reasons), hint=reasons[0].code)


def _short_goods(ctx: Context, order_id: int) -> Goods | None:
    lines = short_lines(ctx, order_id)
    if not lines:
        return None
    left = sum(line.picked - line.packed for line in lines)
    return Goods(lines[0].name, lines[0].sku, left)


def _show_open(ctx: Context) -> Face:
    queue = ctx.tx.parcels.pack_queue(8, ctx.at)
    unlabelled = len(ctx.tx.parcels.unlabelled(100, ctx.at))
    rows = tuple((head.number, head.carrier, local(ctx.tx, head.ship_by)) for head in queue)
    facts = ((T("Packed, not yet labelled"), str(unlabelled)),) if unlabelled else ()
    hint = ""
    if queue:
        totes = ctx.tx.site.totes_of(queue[0].id)
        hint = totes[0].barcode if totes else queue[0].number
    view = View(
        title=T("Pack"),
        facts=facts,
        table=Table((T("Order"), T("Carrier"), T("Leaves")), rows),
    )
    keys = (key(7, Command.REOPEN),)
    prompt = T("SCAN A TOTE, AN ORDER OR A PRODUCT") if queue else T("NOTHING TO PACK NOW")
    return Face(prompt, view, keys, keyed=T("Order number"), hint=hint)


def _show_verify(ctx: Context, parcel: Parcel, lines_left: int, base: View) -> Face:
    keyed = T("Product number")
    if ctx.dialogue.product_id is not None:
        product = ctx.tx.site.product(ctx.dialogue.product_id)
        goods = Goods(product.name, product.sku, ctx.dialogue.units)
        view = replace(base, goods_label=T("WHICH LOT?"), goods=goods)
        hint = _first_lot(ctx, parcel, product.id)
        return Face(T("SCAN THE LOT"), view, (key(7, Command.TAKE),), T("Lot"), hint=hint)
    if ctx.dialogue.taking:
        view = replace(base, place=T("OUT"))
        prompt = T("SCAN THE PRODUCT YOU TAKE OUT")
        return Face(prompt, view, (key(7, Command.TAKE),), keyed)
    package = ctx.tx.site.package_type(parcel.package_type_id) if parcel.package_type_id else None
    best = package or advised(ctx, parcel, with_rest=True)
    view = replace(
        base,
        place=best.code if best else "",
        into_label=T("CARTON") if package else T("ADVISED"),
        into=best.name if best else "",
    )
    keys = (key(4, Command.SHORT), key(5, Command.BOX), key(7, Command.TAKE))
    first = _counted_line(ctx, parcel) or ctx.tx.parcels.next_pack_line(parcel.order_id)
    if first is None:
        return Face(T("ALL IS IN: NEW BOX CLOSES IT"), view, keys, keyed, hint=Command.BOX.value)
    left = first.picked - first.packed
    goods = Goods(
        name=first.name,
        sku=first.sku,
        quantity=left,
        detail=T("{sku} · {count} other products wait", sku=first.sku, count=lines_left - 1),
    )
    view = replace(view, goods_label=T("VERIFY"), goods=goods)
    free = room_for(ctx, parcel, ctx.tx.site.product(first.product_id))
    if not free and ctx.tx.parcels.size(parcel.id).units:
        return Face(T("THE BOX IS FULL: NEW BOX"), view, keys, keyed, hint=Command.BOX.value)
    fit = min(left, max(free, 1))
    hint = _product_hint(ctx, first, fit)
    if ctx.dialogue.counting_id == first.product_id:
        there = in_box(ctx, first.product_id)
        counted = replace(goods, quantity=there + fit, done=there)
        prompt = T("SCAN EACH, OR KEY IN HOW MANY ARE IN THE BOX")
        view = replace(view, goods=counted)
        return Face(prompt, view, keys, T("How many are in the box"), hint=hint)
    return Face(T("SCAN EVERY UNIT"), view, keys, keyed, hint=hint)


def _counted_line(ctx: Context, parcel: Parcel) -> PackLine | None:
    """The product that was scanned last, while the rest of it may be counted."""
    if ctx.dialogue.counting_id is None:
        return None
    lines = ctx.tx.parcels.pack_lines_of(parcel.order_id, ctx.dialogue.counting_id)
    return next((line for line in lines if line.packed < line.picked), None)


def _show_package(ctx: Context, parcel: Parcel, base: View) -> Face:
    best = advised(ctx, parcel)
    table = Table(
        (T("Carton"), T("Size")),
        tuple(
            (item.name, f"{item.length_mm} × {item.width_mm} × {item.height_mm} mm")
            for item in ctx.tx.site.package_types()
        ),
    )
    view = replace(base, place_label=T("TAKE CARTON"), place=best.code if best else "", table=table)
    codes = ctx.tx.site.codes_of(Kind.PACKAGE_TYPE, best.id) if best else []
    keys = (key(5, Command.OK), key(7, Command.TAKE))
    prompt = T("SCAN THE CARTON, OR OK FOR THIS ONE")
    return Face(prompt, view, keys, hint=codes[0][0] if codes else "")


def _show_weigh(ctx: Context, parcel: Parcel, base: View) -> Face:
    expected = expected_g(ctx, parcel)
    view = replace(base, place_label=T("ABOUT"), place=f"{expected / 1000:.2f} KG")
    keys = (key(5, Command.WEIGH), key(6, Command.OVERRIDE), key(7, Command.TAKE))
    if grams := wrong_weight_g(parcel, expected):
        facts = (*base.facts, (T("The scale says"), f"{grams / 1000:.2f} kg"))
        view = replace(view, facts=facts)
    return Face(T("PUT THE PARCEL ON THE SCALE: WEIGH"), view, keys, hint=Command.WEIGH.value)


def _show_label(ctx: Context, parcel: Parcel, base: View) -> Face:
    if (shipment := booking.awaited(ctx.tx, parcel.id)) is not None:
        return _show_awaited(ctx, parcel, shipment, base)
    trouble = print_trouble(ctx, parcel.id)
    facts = print_facts(ctx, parcel.id) or base.facts
    view = replace(
        base,
        place=booking.label_end(ctx.tx, parcel.id, parcel.sscc),
        place_label=T("LABEL"),
        facts=facts,
    )
    keys = (key(6, Command.PRINT), key(8, Command.SKIP))
    if trouble:
        prompt = (
            T("IS THE LABEL OUT? SCAN IT, ELSE REPRINT")
            if in_doubt(ctx, parcel.id)
            else T("NO LABEL: SKIP, THE SHIP DESK LABELS IT")
        )
        return Face(prompt, view, keys, hint=Command.SKIP.value)
    job = newest_job(ctx, parcel.id)
    coming = job is not None and job.state in (PrintState.QUEUED, PrintState.SENDING)
    prompt = (
        T("LABEL IS PRINTING: SCAN IT WHEN IT IS ON")
        if coming
        else T("PUT THE LABEL ON AND SCAN IT")
    )
    return Face(prompt, view, keys, hint=booking.label_code(ctx.tx, parcel.id, parcel.sscc))


def _show_awaited(ctx: Context, parcel: Parcel, shipment: Shipment, base: View) -> Face:
    """Nobody waits for a carrier: the parcel is put aside, and its label comes out here."""
    facts = ((T("Label"), booking.story(shipment)), *print_facts(ctx, parcel.id))
    view = replace(base, place=T("COMING"), place_label=T("LABEL"), facts=facts)
    prompt = T("PUT IT ASIDE AND GO ON: THE LABEL COMES")
    if shipment.state is ShipmentState.REFUSED:
        view = replace(view, place=T("REFUSED"))
        prompt = T("PUT IT ASIDE: THE SHIP DESK DECIDES")
    return Face(prompt, view, (key(8, Command.SKIP),), hint=Command.SKIP.value)


def _first_lot(ctx: Context, parcel: Parcel, product_id: int) -> str:
    if ctx.dialogue.taking:
        inside = ctx.tx.parcels.contents(parcel.id)
        return next((lot for line, lot, _ in inside if line.product_id == product_id), "")
    rows = ctx.tx.stock.in_totes(parcel.order_id, product_id)
    return rows[0].lot if rows else ""


def _product_hint(ctx: Context, line: PackLine, left: int) -> str:
    codes = ctx.tx.site.codes_of(Kind.PRODUCT, line.product_id)
    fitting = [(units, code) for code, units in codes if units <= left and code != line.sku]
    code = max(fitting)[1] if fitting else line.sku
    if line.lot_tracked and len(code) == 14:
        assert ctx.dialogue.order_id is not None
        rows = ctx.tx.stock.in_totes(ctx.dialogue.order_id, line.product_id)
        lot = rows[0].lot if rows else ""
        if lot:
            return f"]C101{code}10{lot}"
    return code
