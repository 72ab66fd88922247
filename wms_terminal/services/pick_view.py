"""What a picker sees: the place biggest, the quantity second, the one instruction."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import PickStop
from wms_terminal.domain.reasons import SHORT_PICK
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T
from wms_terminal.services.dialogue import Context, Face
from wms_terminal.services.heads import order_title
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.step import Goods, Key, View, key


def show(ctx: Context) -> Face:
    """The place biggest, the quantity second, the one instruction."""
    dialogue = ctx.dialogue
    if dialogue.state == "idle":
        return _show_idle(ctx)
    assert dialogue.list_id is not None
    assert dialogue.order_id is not None
    head = ctx.tx.orders.head(dialogue.order_id)
    title = order_title(ctx.tx, head)
    totes = ctx.tx.site.totes_of(dialogue.order_id)
    into = totes[-1].code if totes else ""
    stop = ctx.tx.picks.stop(dialogue.list_id)
    if dialogue.state == "zero":
        place = ctx.tx.site.location(dialogue.units)
        return Face(
            T("IS IT EMPTY NOW? YES: SCAN THE LOCATION"),
            View(title=title, place_label=T("EMPTY?"), place=place.code),
            (key(3, Command.OK), key(4, Command.NO)),
            hint=place.barcode,
        )
    if dialogue.state == "staging" or stop is None:
        staging = ctx.tx.site.locations("staging")
        return Face(
            T("SCAN THE STAGING LOCATION"),
            View(
                title=title,
                place_label=T("BRING TO"),
                place=staging[0].code if staging else "STAGING",
                into_label=T("TOTES"),
                into=" ".join(tote.code for tote in totes),
            ),
            hint=staging[0].barcode if staging else "",
        )
    progress = (stop.number - 1, stop.stops)
    if dialogue.state == "tote":
        free = ctx.tx.site.free_tote()
        view = View(title=title, place_label=T("FIRST"), place=T("TOTE"), progress=progress)
        return Face(T("SCAN AN EMPTY TOTE"), view, hint=free.barcode if free else "")
    if dialogue.state == "reason":
        return Face(
            T("WHY IS IT SHORT?"),
            View(title=title, goods=_goods(stop, []), table=reason_table(SHORT_PICK)),
            reason_keys(SHORT_PICK),
            hint=SHORT_PICK[1].code,
        )
    full = stop.in_hand >= stop.remaining
    keys: tuple[Key, ...] = (key(4, Command.SHORT), key(8, Command.SKIP))
    codes = ctx.tx.site.codes_of(Kind.PRODUCT, stop.product_id)
    packs = [units for _, units in codes if 1 < units <= stop.remaining]
    view = View(
        title=title,
        place_label=T("GO TO") if dialogue.state == "location" else T("AT"),
        place=stop.location,
        goods_label=T("TAKE"),
        goods=_goods(stop, packs),
        into_label=T("INTO"),
        into=into,
        progress=progress,
    )
    if dialogue.state == "location":
        return Face(
            T("SCAN THE LOCATION"),
            view,
            keys,
            keyed=T("Check digits at {location}", location=stop.location),
            hint=stop.location_barcode,
        )
    if dialogue.units:
        return Face(
            T("SCAN THE LOT: {lot}", lot=stop.lot),
            view,
            keys,
            keyed=T("Lot number"),
            hint=stop.lot,
        )
    if full:
        return Face(
            T("SCAN TOTE {tote}", tote=into),
            view,
            keys,
            hint=totes[-1].barcode if totes else "",
        )
    return Face(
        T("SCAN THE PRODUCT") if not stop.in_hand else T("SCAN THE NEXT ONE, OR THE TOTE"),
        view,
        keys,
        keyed=T("Total in hand now, or the product's number"),
        hint=_product_hint(stop, codes),
    )


def _show_idle(ctx: Context) -> Face:
    counts = ctx.tx.orders.counts()
    waiting = ctx.tx.picks.next_open(ctx.at) or ctx.tx.orders.next_to_release()
    facts = (
        (T("Not paid yet"), str(counts.get("waiting_payment", 0))),
        (T("Waiting for stock"), str(counts.get("waiting_stock", 0))),
        (T("On hold"), str(counts.get("hold", 0))),
    )
    prompt = T("WORK IS WAITING: NEXT ORDER") if waiting else T("NO WORK NOW")
    keys = (key(5, Command.WORK),)
    hint = Command.WORK.value if waiting else ""
    return Face(prompt, View(title=T("Pick"), facts=facts), keys, hint=hint)


def _goods(stop: PickStop, packs: list[int]) -> Goods:
    weight = f"{stop.weight_g * stop.remaining / 1000:.1f}"
    detail = T("{sku} · {weight} kg", sku=stop.sku, weight=weight)
    if packs:
        detail = T("{goods} · pack of {units} also scans", goods=detail, units=max(packs))
    return Goods(
        name=stop.name,
        sku=stop.sku,
        quantity=stop.remaining,
        done=stop.in_hand,
        detail=detail,
        lot=stop.lot,
    )


def _product_hint(stop: PickStop, codes: list[tuple[str, int]]) -> str:
    """A code on the product that would be right now: the biggest pack that still fits."""
    left = stop.remaining - stop.in_hand
    fitting = [(units, code) for code, units in codes if units <= left and code != stop.sku]
    code = max(fitting)[1] if fitting else stop.sku
    return f"]C101{code}10{stop.lot}" if stop.lot and len(code) == 14 else code
