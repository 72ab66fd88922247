"""What the returns desk shows: what waits, one return's lines, one tote that is emptied."""

from __future__ import annotations

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.reasons import DISPOSITION, RESTOCK, reason
from wms_terminal.domain.returns import (
    Came,
    ReturnCase,
    by_line,
    is_wrong_item,
    reason_name,
)
from wms_terminal.domain.site import Kind, LocationKind
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.store import Tx
from wms_terminal.services import put_back, words
from wms_terminal.services.dialogue import Context, Face
from wms_terminal.services.heads import CANCELLED, local
from wms_terminal.services.resolver import printable
from wms_terminal.services.return_unit import lots_of
from wms_terminal.services.step import Goods, Key, Table, View, key

_FLOWS = {"pick": T("picked"), "pack": T("packed")}

MOST = 8
"""Rows of a list of what waits."""

_DECIDE = tuple(Key(number, why.code, why.name) for number, why in enumerate(DISPOSITION, 4))
"""F4 restock, F5 scrap, F6 hold: for one unit where it is asked, for all before that."""


def show(ctx: Context) -> Face:
    """The state's own face."""
    state = ctx.dialogue.state
    if state == "start":
        return _show_start(ctx)
    if state in ("inspect", "put", "lot"):
        return _show_unit(ctx)
    if state == "back":
        return _show_back(ctx)
    return _show_case(ctx)


def _show_start(ctx: Context) -> Face:
    orders = ctx.tx.returns.to_put_back(CANCELLED, MOST)
    cases = ctx.tx.returns.open(MOST)
    rows: list[tuple[str | Text, ...]] = [
        (
            T("put back"),
            order.number,
            T(
                "{state}, to empty: {count}",
                state=words.ORDER[OrderState(order.state)],
                count=len(put_back.containers(ctx.tx, order.order_id)),
            ),
        )
        for order in orders
    ]
    rows += [(words.RETURN[case.state], case.number, _order_name(ctx.tx, case)) for case in cases]
    ready = next((case.number for case in cases if case.order_id is not None), "")
    hint = orders[0].number if orders else ready
    table = Table((T("What"), T("Which"), T("Order")), tuple(rows)) if rows else None
    view = View(title=T("Returns desk"), table=table)
    prompt = T("SCAN A RETURN, ITS PARCEL, ITS ORDER OR ITS GOODS")
    return Face(prompt, view, keyed=T("Return, order or tracking number"), hint=hint)


def _order_name(tx: Tx, case: ReturnCase) -> str | Text:
    if case.order_id is None:
        return T("nobody knows whose")
    return tx.orders.head(case.order_id).number


def _show_case(ctx: Context) -> Face:
    """A return's lines, or the scans behind them."""
    dialogue = ctx.dialogue
    assert dialogue.return_id is not None
    case = ctx.tx.returns.get(dialogue.return_id)
    came = by_line(ctx.tx.returns.lines(case.id))
    proof = dialogue.state == "proof"
    view = View(
        title=case_title(ctx.tx, case),
        facts=_facts(ctx, case),
        table=proof_table(ctx.tx, came) if proof else _lines_table(came),
        progress=_progress(came),
    )
    keys = [key(3, Command.OK), *_pile_keys(ctx)]
    if not dialogue.pile and (any(line.held for line in came) or dialogue.taking):
        keys.append(Key(7, Command.TAKE.value, T("From hold")))
    if proof or _is_doubted(ctx.tx, case, came):
        keys.append(Key(8, Command.SKIP.value, T("Lines") if proof else T("Scans behind it")))
    if case.order_id is None and not dialogue.taking:
        prompt = T("SCAN MORE OF IT, OR THE ORDER IT IS OF")
        return Face(prompt, view, tuple(keys), keyed=T("Order number"), hint=Command.OK.value)
    prompt = T("SCAN WHAT YOU TAKE FROM HOLD") if dialogue.taking else T("SCAN EACH UNIT")
    keyed = T("Product, or return or order number")
    return Face(prompt, view, tuple(keys), keyed=keyed, hint=_hint(ctx, came))


def _pile_keys(ctx: Context) -> tuple[Key, ...]:
    """What becomes of every unit from now on, or that each is asked again."""
    return (Key(7, Command.NO.value, T("Ask each")),) if ctx.dialogue.pile else _DECIDE


def _is_doubted(tx: Tx, case: ReturnCase, came: list[Came]) -> bool:
    """Whether something else came, or is said to have come, than was ordered."""
    wrong = any(is_wrong_item(line.line.reason) for line in came)
    return wrong or tx.returns.beside(case.id) is not None


def case_title(tx: Tx, case: ReturnCase) -> Text:
    """Which return of which order."""
    if case.order_id is None:
        return T("return {number} · nobody knows whose", number=case.number)
    number = tx.orders.head(case.order_id).number
    return T("return {number} · order {order}", number=case.number, order=number)


def _facts(ctx: Context, case: ReturnCase) -> tuple[tuple[Text, str | Text], ...]:
    facts: list[tuple[Text, str | Text]] = []
    if case.announced_at:
        facts.append((T("Announced"), local(ctx.tx, case.announced_at)))
    elif case.order_id is not None:
        facts.append((T("Announced"), T("no")))
    if case.rma:
        facts.append((T("Channel's number"), printable(case.rma)))
    beside = ctx.tx.returns.beside(case.id)
    if beside is not None:
        facts.append((T("Kept apart"), beside.number))
    why = reason(DISPOSITION, ctx.dialogue.pile)
    if why is not None:
        place_id = ctx.dialogue.pile_id
        place = ctx.tx.site.location(place_id).code if place_id is not None else ""
        said = T("{what}, {place}", what=why.name, place=place) if place else why.name
        facts.append((T("Every unit"), said))
    return tuple(facts)


def _progress(came: list[Came]) -> tuple[int, int] | None:
    advised = sum(line.advised for line in came)
    received = sum(min(line.received, line.advised) for line in came)
    return (received, advised) if advised else None


def _lines_table(came: list[Came]) -> Table:
    rows = tuple(
        (
            line.line.sku,
            line.line.name,
            str(line.received),
            str(line.advised),
            str(line.held),
            _reason(line.line.reason),
        )
        for line in came
    )
    columns = (
        T("Product"),
        T("Name"),
        T("Received"),
        T("Advised"),
        T("On hold"),
        T("Reason"),
    )
    return Table(columns, rows)


def _reason(why: str) -> str | Text:
    name = reason_name(why)
    return name if isinstance(name, Text) else printable(name)


def proof_table(tx: Tx, came: list[Came]) -> Table:
    """Who picked and packed the units, when, where, and what the scanner read.

    Of the lines that are a wrong item; of all of them where none is.
    """
    wrong = [line for line in came if is_wrong_item(line.line.reason)]
    line_ids = [item.line.line_id for item in wrong or came]
    rows = tuple(
        (
            local(tx, scan.at),
            _FLOWS.get(scan.flow, scan.flow),
            scan.operator,
            scan.station,
            printable(scan.raw),
            f"{scan.quantity} × {scan.sku}" if scan.quantity else "",
        )
        for line_id in line_ids
        if line_id is not None
        for scan in tx.returns.scans_behind(line_id)
    )
    return Table((T("Time"), T("What"), T("Who"), T("Where"), T("Scanned"), T("Units")), rows)


def _hint(ctx: Context, came: list[Came]) -> str:
    """A code of what is still waited for; OK when all is there."""
    for line in came:
        wanted = line.held if ctx.dialogue.taking else line.advised - line.received
        if wanted > 0:
            return _code_of(ctx.tx, line.line.product_id, line.line.lot)
    return Command.OK.value


def _code_of(tx: Tx, product_id: int, lot: str) -> str:
    codes = tx.site.codes_of(Kind.PRODUCT, product_id)
    single = [code for code, units in codes if units == 1]
    gtin = next((code for code in single if len(code) == 14 and code.isdigit()), "")
    if gtin and lot:
        return f"(01){gtin}(10){lot}"
    return gtin or next(iter(single), tx.site.product(product_id).sku)


def _show_unit(ctx: Context) -> Face:
    """The unit in the hand, and what is asked about it."""
    dialogue = ctx.dialogue
    product = ctx.tx.site.product(dialogue.product_id or 0)
    lies = tuple(
        (row.location, row.lot or "-", str(row.quantity))
        for row in ctx.tx.stock.of_product(product.id)
        if row.location_kind in (LocationKind.PICK, LocationKind.BULK)
    )[:MOST]
    table = Table((T("Lies at"), T("Lot"), T("On hand")), lies) if lies else None
    view = View(
        title=_unit_title(ctx),
        goods_label=T("UNIT"),
        goods=Goods(product.name, product.sku, dialogue.units, lot=dialogue.text),
        table=table if dialogue.state == "put" else None,
    )
    no = Key(7, Command.NO.value, T("Not this one"))
    if dialogue.state == "lot":
        lots = sorted(lots_of(ctx, product.id))
        return Face(T("SCAN THE LOT"), view, (no,), keyed=T("Lot"), hint=next(iter(lots), ""))
    if dialogue.state == "inspect":
        prompt = T("WHAT BECOMES OF IT?")
        return Face(prompt, view, (*_DECIDE, no), hint=RESTOCK.code)
    hint = ctx.tx.site.location_by_code(lies[0][0]) if lies else None
    shelf = hint or next(iter(ctx.tx.site.locations(LocationKind.PICK)), None)
    keys = (*_DECIDE[1:], no)
    code = shelf.barcode if shelf is not None else ""
    return Face(T("SCAN WHERE IT GOES"), view, keys, keyed=T("Location"), hint=code)


def _unit_title(ctx: Context) -> Text:
    if ctx.dialogue.return_id is not None:
        return case_title(ctx.tx, ctx.tx.returns.get(ctx.dialogue.return_id))
    if ctx.dialogue.order_id is None:
        return NO_TEXT
    return _back_title(ctx)


def _back_title(ctx: Context) -> Text:
    number = ctx.tx.orders.head(ctx.dialogue.order_id or 0).number
    return T("order {number} · cancelled, put back", number=number)


def _show_back(ctx: Context) -> Face:
    """The tote or parcel that is emptied, or which ones there are."""
    dialogue = ctx.dialogue
    assert dialogue.order_id is not None
    keys = [key(3, Command.OK), *_pile_keys(ctx)]
    if dialogue.place_id is None:
        places = put_back.containers(ctx.tx, dialogue.order_id)
        stands = [ctx.tx.site.location(p.parent_id).code if p.parent_id else "-" for p in places]
        names = [container_name(ctx.tx, dialogue.order_id, place.id) for place in places]
        table = Table((T("Which"), T("Stands at")), tuple(zip(names, stands, strict=True)))
        view = View(title=_back_title(ctx), table=table)
        codes = (_container_code(ctx, place.id) for place in places)
        hint = next((code for code in codes if code), Command.OK.value)
        return Face(T("SCAN ITS NEXT TOTE OR PARCEL"), view, tuple(keys), hint=hint)
    rows = ctx.tx.stock.at_location(dialogue.place_id)
    table = Table(
        (T("Product"), T("Name"), T("Lot"), T("Units")),
        tuple((row.sku, row.name, row.lot or "-", str(row.quantity)) for row in rows),
    )
    view = View(
        title=_back_title(ctx),
        place_label=T("OUT OF"),
        place=container_name(ctx.tx, dialogue.order_id, dialogue.place_id),
        facts=_pile_fact(ctx),
        table=table,
    )
    hint = _code_of(ctx.tx, rows[0].product_id, rows[0].lot) if rows else Command.OK.value
    return Face(T("SCAN EACH UNIT"), view, tuple(keys), keyed=T("Product"), hint=hint)


def _pile_fact(ctx: Context) -> tuple[tuple[Text, str | Text], ...]:
    why = reason(DISPOSITION, ctx.dialogue.pile)
    return ((T("Every unit"), why.name),) if why is not None else ()


def container_name(tx: Tx, order_id: int, place_id: int) -> str | Text:
    """A tote by its code, a parcel by its number."""
    parcel = put_back.parcel_at(tx, order_id, place_id)
    if parcel is None:
        return tx.site.location(place_id).code
    return T("parcel {number}", number=parcel.number)


def _container_code(ctx: Context, place_id: int) -> str:
    parcel = put_back.parcel_at(ctx.tx, ctx.dialogue.order_id or 0, place_id)
    if parcel is None:
        return ctx.tx.site.location(place_id).barcode
    return f"00{parcel.sscc}" if parcel.sscc else ""
