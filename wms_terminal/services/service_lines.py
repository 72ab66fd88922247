"""Lines of an order are chosen one by one, with units and reason: to come back, or to go again.

What goes again may be exchanged: another product, named after a line was chosen, goes instead.

States: `return`, `replace` (which line, OK when all are chosen) · `return_units`,
`replace_units` (how many) · `return_why` (of one line), `replace_why` (of all).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderLine
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.reasons import Reason, reason
from wms_terminal.domain.returns import REASONS, Advised, reason_name
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.store import Tx
from wms_terminal.services import replacement, returns
from wms_terminal.services.dialogue import Answer, Context, Dialogue, Found, ok, question
from wms_terminal.services.resolver import unexpected
from wms_terminal.services.step import Table

STATES = ("return", "return_units", "return_why", "replace", "replace_units", "replace_why")
ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "return": (Kind.NUMBER, Kind.PRODUCT),
    "replace": (Kind.NUMBER, Kind.PRODUCT),
    "return_units": (Kind.NUMBER,),
    "replace_units": (Kind.NUMBER,),
    "return_why": (Kind.REASON,),
    "replace_why": (Kind.REASON,),
}

_CODES = dict(zip(("WHRBACK" + letter for letter in "ABCDEFGH"), REASONS, strict=False))
WHY = tuple(Reason(code, REASONS[name]) for code, name in _CODES.items())
"""Why something comes back, as keys and barcodes choose it."""


def begin(ctx: Context, order_id: int, what: str) -> Answer:
    """Ask for the first line; `what` is return or replace."""
    if not choices(ctx.tx, order_id):
        raise refuse(
            "nothing_to_choose",
            T("Nothing of this order is with the customer"),
            expected=T("an order of which something was shipped"),
            got=T("order {number}", number=ctx.tx.orders.head(order_id).number),
        )
    return Answer(Dialogue("service", what, order_id=order_id), ok("which_line", T("Which line?")))


def choices(tx: Tx, order_id: int) -> list[OrderLine]:
    """Lines of which the customer has something."""
    return [line for line in tx.orders.lines(order_id) if line.shipped > line.returned]


def chosen(dialogue: Dialogue) -> list[Advised]:
    """What was chosen so far, as the dialogue keeps it: line:units:reason, and so on."""
    picked = (part.split(":") for part in dialogue.text.split())
    return [Advised(int(line), int(units), why) for line, units, why in picked]


def scan(ctx: Context, found: Found, done: Callable[[Text], Answer]) -> Answer:
    """Answer a code in one of the states; `done` goes back to the order with a message."""
    what, _, step = ctx.dialogue.state.partition("_")
    if step == "units":
        return _at_units(ctx, found, what)
    if step == "why":
        return _at_why(ctx, found, what, done)
    if found.command is Command.OK:
        return _at_end(ctx, what, done)
    return _at_line(ctx, found, what)


def table(tx: Tx, dialogue: Dialogue, order_id: int) -> Table:
    """The lines to choose from, and what was chosen of them."""
    so_far = {item.line_id: item for item in chosen(dialogue)}
    rows: list[tuple[str | Text, ...]] = []
    for number, line in enumerate(choices(tx, order_id), 1):
        item = so_far.get(line.id)
        why = _note(tx, item) if item else ""
        units = str(item.quantity) if item else ""
        with_customer = str(line.shipped - line.returned)
        rows.append((str(number), line.sku, line.name, with_customer, units, why))
    heads = (T("No."), T("Product"), T("Name"), T("With customer"), T("Chosen"), T("Reason"))
    numbers = tuple(str(number) for number in range(1, len(rows) + 1))
    return Table(heads, tuple(rows), numbers)


def _note(tx: Tx, item: Advised) -> str | Text:
    """Why a line comes back, or what goes instead of it."""
    if item.reason.isdigit():
        return tx.site.product(int(item.reason)).sku
    return reason_name(item.reason)


def line_of(ctx: Context) -> OrderLine:
    """The line that units are chosen of."""
    assert ctx.dialogue.order_id is not None
    lines = ctx.tx.orders.lines(ctx.dialogue.order_id)
    return next(line for line in lines if line.id == ctx.dialogue.line_id)


def _at_line(ctx: Context, found: Found, what: str) -> Answer:
    assert ctx.dialogue.order_id is not None
    lines = choices(ctx.tx, ctx.dialogue.order_id)
    line = None
    if found.kind is Kind.NUMBER and 1 <= found.units <= len(lines):
        line = lines[found.units - 1]
    elif found.kind in (Kind.PRODUCT, Kind.NUMBER) and found.ref:
        line = next((item for item in lines if item.product_id == found.ref), None)
        if line is None and what == "replace" and ctx.dialogue.text:
            return _exchange(ctx, found.ref)
    if line is None:
        raise unexpected(ctx.tx, found, T("a line's number, or its product"))
    dialogue = ctx.dialogue.to(f"{what}_units", line_id=line.id)
    most = line.shipped - line.returned
    if most == 1:
        return _with_units(ctx.at_dialogue(dialogue), what, 1)
    return Answer(dialogue, ok("how_many", T("How many of {most}?", most=most)))


def _exchange(ctx: Context, product_id: int) -> Answer:
    """Another product goes instead of the line that was chosen last."""
    *items, last = chosen(ctx.dialogue)
    product = ctx.tx.site.product(product_id)
    dialogue = ctx.dialogue.to(
        "replace", text=_kept([*items, replace(last, reason=str(product_id))])
    )
    said = T("{units} × {name} goes instead", units=last.quantity, name=product.name)
    return Answer(dialogue, ok("exchanged", said))


def _kept(items: Sequence[Advised]) -> str:
    return " ".join(f"{item.line_id}:{item.quantity}:{item.reason}" for item in items)


def _at_units(ctx: Context, found: Found, what: str) -> Answer:
    most = line_of(ctx).shipped - line_of(ctx).returned
    if found.command is Command.OK:
        return _with_units(ctx, what, most)
    if found.kind is not Kind.NUMBER or not 1 <= found.units <= most:
        raise _too_many(found, most)
    return _with_units(ctx, what, found.units)


def _too_many(found: Found, most: int) -> Refused:
    return refuse(
        "wrong_number",
        T("That many are not there"),
        expected=T("1 to {most}, or OK for all", most=most),
        got=found.reading.text,
    )


def _with_units(ctx: Context, what: str, units: int) -> Answer:
    if what == "return":
        dialogue = ctx.dialogue.to("return_why", units=units)
        return Answer(dialogue, question("why_back", T("Why does it come back?")))
    return _keep(ctx, what, units, "")


def _keep(ctx: Context, what: str, units: int, why: str) -> Answer:
    """Keep the choice, instead of an earlier one of the same line."""
    line = line_of(ctx)
    items = [item for item in chosen(ctx.dialogue) if item.line_id != line.id]
    items.append(Advised(line.id, units, why))
    dialogue = ctx.dialogue.to(what, text=_kept(items), line_id=None, units=0)
    said = T("{units} × {name} chosen", units=units, name=line.name)
    return Answer(dialogue, ok("chosen", said))


def _at_why(ctx: Context, found: Found, what: str, done: Callable[[Text], Answer]) -> Answer:
    why = reason(WHY, found.code) if found.kind is Kind.REASON else None
    if why is None:
        raise unexpected(ctx.tx, found, T("one of the reasons on the screen"))
    if what == "return":
        return _keep(ctx, what, ctx.dialogue.units, _CODES[why.code])
    return _replace(ctx, why, done)


def _at_end(ctx: Context, what: str, done: Callable[[Text], Answer]) -> Answer:
    items = chosen(ctx.dialogue)
    if not items:
        raise refuse("nothing_chosen", T("Nothing is chosen yet"), expected=T("a line's number"))
    if what == "replace":
        dialogue = ctx.dialogue.to("replace_why")
        return Answer(dialogue, question("why_replace", T("Why is it sent again?")))
    assert ctx.dialogue.order_id is not None
    order = ctx.tx.orders.get(ctx.dialogue.order_id)
    case = returns.announce(ctx.tx, order, items, ctx.at, operator_id=ctx.operator.id)
    return done(T("Return {number} is announced", number=case.number))


def _replace(ctx: Context, why: Reason, done: Callable[[Text], Answer]) -> Answer:
    assert ctx.dialogue.order_id is not None
    order, items = ctx.tx.orders.get(ctx.dialogue.order_id), chosen(ctx.dialogue)
    number = replacement.replace_goods(
        ctx.tx,
        order,
        [(item.line_id, item.quantity) for item in items],
        ctx.at,
        key=f"service:{ctx.gesture}",
        why=why.name,
        instead={item.line_id: int(item.reason) for item in items if item.reason},
        operator_id=ctx.operator.id,
    )
    return done(T("Replaced by order {number}", number=number))
