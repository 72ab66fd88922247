"""What the pack bench shows: the product to verify, its carton, and what is still to come."""

from __future__ import annotations

from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import PackLine, Parcel
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import PrintState
from wms_terminal.services.dialogue import Context, Face
from wms_terminal.services.heads import order_title
from wms_terminal.services.labels import label_job, print_trouble
from wms_terminal.services.parcel import advised, advised_for_rest, expected_g
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.step import Goods, Table, View, key


def show(ctx: Context) -> Face:
    """The product to verify, the carton it goes into, and what is still to come."""
    dialogue = ctx.dialogue
    if dialogue.state in ("open", "reopen"):
        return _show_open(ctx)
    assert dialogue.order_id is not None
    assert dialogue.parcel_id is not None
    head = ctx.tx.orders.head(dialogue.order_id)
    parcel = ctx.tx.parcels.get(dialogue.parcel_id)
    lines = ctx.tx.parcels.pack_lines(dialogue.order_id)
    packed = sum(line.packed for line in lines)
    base = View(
        title=order_title(ctx.tx, head),
        place_label=T("PARCEL {number}", number=parcel.number),
        progress=(packed, sum(line.picked for line in lines)),
        facts=((T("Customer's wish"), head.note),) if head.note else (),
    )
    if dialogue.state == "verify":
        return _show_verify(ctx, parcel, lines, base)
    if dialogue.state == "label":
        return _show_label(ctx, parcel, base)
    if dialogue.state == "package":
        best = advised(ctx, parcel)
        table = Table(
            (T("Carton"), T("Size")),
            tuple(
                (item.name, f"{item.length_mm} × {item.width_mm} × {item.height_mm} mm")
                for item in ctx.tx.site.package_types()
            ),
        )
        view = replace(
            base, place_label=T("TAKE CARTON"), place=best.code if best else "", table=table
        )
        hint = _code_of(ctx, Kind.PACKAGE_TYPE, best.id) if best else ""
        return Face(
            T("SCAN THE CARTON, OR OK FOR THIS ONE"), view, (key(5, Command.OK),), hint=hint
        )
    if dialogue.state == "weigh":
        expected = expected_g(ctx, parcel)
        view = replace(base, place_label=T("ABOUT"), place=f"{expected / 1000:.2f} KG")
        keys = (key(5, Command.WEIGH), key(6, Command.OVERRIDE), key(7, Command.TAKE))
        return Face(T("PUT THE PARCEL ON THE SCALE: WEIGH"), view, keys, hint=Command.WEIGH.value)
    if dialogue.state == "override":
        return Face(T("A SUPERVISOR SCANS A BADGE"), base, (key(9, Command.NO),))
    if dialogue.state == "pin":
        return Face(T("KEY IN THE PIN"), base, (key(9, Command.NO),), T("PIN"), secret=True)
    reasons = SHORT_PACK if dialogue.state == "reason" else REPRINT
    view = replace(base, table=reason_table(reasons))
    return Face(T("WHY?"), view, reason_keys(reasons), hint=reasons[0].code)


def _show_open(ctx: Context) -> Face:
    if ctx.dialogue.state == "reopen":
        return Face(T("SCAN THE PARCEL TO REOPEN"), View(title=T("Reopen")), (key(9, Command.NO),))
    queue = ctx.tx.parcels.pack_queue(8)
    unlabelled = len(ctx.tx.parcels.unlabelled(100))
    rows = tuple(
        (head.number, head.carrier, head.ship_by[5:16].replace("T", " ")) for head in queue
    )
    facts = ((T("Packed, not yet labelled"), str(unlabelled)),) if unlabelled else ()
    hint = ""
    if queue:
        totes = ctx.tx.site.totes_of(queue[0].id)
        hint = totes[0].barcode if totes else queue[0].number
    view = View(
        title=T("Pack"),
        facts=facts,
        table=Table((T("Order"), T("Carrier"), T("Leaves (UTC)")), rows),
    )
    keys = (key(7, Command.REOPEN),)
    prompt = T("SCAN A TOTE, AN ORDER OR A PRODUCT") if queue else T("NOTHING TO PACK NOW")
    return Face(prompt, view, keys, keyed=T("Order number"), hint=hint)


def _show_verify(ctx: Context, parcel: Parcel, lines: list[PackLine], base: View) -> Face:
    if ctx.dialogue.taking:
        return Face(
            T("SCAN THE PRODUCT YOU TAKE OUT"),
            replace(base, place=T("OUT")),
            (key(7, Command.TAKE),),
        )
    todo = [line for line in lines if line.packed < line.picked]
    first = todo[0] if todo else None
    package = ctx.tx.site.package_type(parcel.package_type_id) if parcel.package_type_id else None
    best = package or advised_for_rest(ctx, todo)
    goods = None
    hint = Command.BOX.value
    if first is not None:
        left = first.picked - first.packed
        goods = Goods(
            name=first.name,
            sku=first.sku,
            quantity=left,
            detail=T("{sku} · {count} other products wait", sku=first.sku, count=len(todo) - 1),
        )
        hint = _product_hint(ctx, first, left)
    view = replace(
        base,
        place=best.code if best else "",
        goods_label=T("VERIFY"),
        goods=goods,
        into_label=T("CARTON") if package else T("ADVISED"),
        into=best.name if best else "",
    )
    keys = (key(4, Command.SHORT), key(5, Command.BOX), key(7, Command.TAKE))
    return Face(T("SCAN EVERY UNIT"), view, keys, keyed=T("Product number"), hint=hint)


def _show_label(ctx: Context, parcel: Parcel, base: View) -> Face:
    trouble = print_trouble(ctx, parcel.id)
    job = label_job(ctx, parcel.id)
    view = replace(base, place=f"…{parcel.sscc[-6:]}", place_label=T("LABEL"))
    keys = (key(6, Command.PRINT), key(8, Command.SKIP))
    if trouble:
        facts = ((T("Not printed"), trouble),)
        view = replace(view, facts=facts)
        prompt = T("NO LABEL: SKIP, THE SHIP DESK LABELS IT")
        return Face(prompt, view, keys, hint=Command.SKIP.value)
    if job is not None and job.state in (PrintState.QUEUED, PrintState.SENDING):
        return Face(
            T("LABEL IS PRINTING: SCAN IT WHEN IT IS ON"), view, keys, hint=f"00{parcel.sscc}"
        )
    return Face(T("PUT THE LABEL ON AND SCAN IT"), view, keys, hint=f"00{parcel.sscc}")


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


def _code_of(ctx: Context, kind: Kind, ref: int) -> str:
    codes = ctx.tx.site.codes_of(kind, ref)
    return codes[0][0] if codes else ""
