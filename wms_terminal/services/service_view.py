"""What customer service sees: orders to choose from, one order's whole story, what can be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import Order, OrderState, ParcelState
from wms_terminal.domain.promise import moment
from wms_terminal.domain.refunds import Refund, RefundState
from wms_terminal.domain.returns import reason_name
from wms_terminal.domain.roles import may_approve_refund, may_propose_refund, may_see_customers
from wms_terminal.domain.text import NO_TEXT, T, Text, restored
from wms_terminal.ports.carrier import Milestone
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Tx
from wms_terminal.services import privacy, service_lines, words
from wms_terminal.services.dialogue import Context, Dialogue, Face
from wms_terminal.services.heads import local, local_day
from wms_terminal.services.journey import MILESTONE
from wms_terminal.services.lookup import leaves, why_not_moving
from wms_terminal.services.reasons import reason_keys, reason_table
from wms_terminal.services.refunds import money, most
from wms_terminal.services.step import Key, Table, View, key

PAGE = 200
"""Rows on one page of a long list."""

OUTBOX: dict[OutboxState, Text] = {
    OutboxState.PENDING: T("waits to be told"),
    OutboxState.DONE: T("told"),
    OutboxState.UNSUPPORTED: T("not possible there"),
    OutboxState.DEAD: T("GIVEN UP"),
}


def hits(dialogue: Dialogue) -> list[int]:
    """The orders that were found, as the dialogue keeps them: their ids, never what was said."""
    return [int(part) for part in dialogue.text.split(",") if part.isdigit()]


def show(ctx: Context) -> Face:
    """The question, the list, the order, or what is being done with it."""
    state, order_id = ctx.dialogue.state, ctx.dialogue.order_id
    if not may_see_customers(ctx.operator):
        return Face(T("GO BACK WITH MENU"), View(title=T("Customer service")))
    if state == "ask" or order_id is None:
        return _ask(ctx)
    if state == "day":
        return _day(ctx)
    order = ctx.tx.orders.get(order_id)
    if state in service_lines.STATES:
        return _lines(ctx, order)
    return _STATES[state](ctx, order)


def _ask(ctx: Context) -> Face:
    keyed = T("Order, name, mail, phone, postcode, tracking, or product and day")
    orders = ctx.tx.customers.these(hits(ctx.dialogue))
    if not orders:
        view = View(title=T("Customer service"))
        return Face(T("WHAT DOES THE CUSTOMER SAY?"), view, keyed=keyed)
    rows = tuple(
        (
            str(number),
            order.number,
            words.ORDER[order.state],
            *privacy.name_and_place(order, may_see=True),
            local_day(ctx.tx, moment(order.placed_at)),
        )
        for number, order in enumerate(orders, 1)
    )
    heads = (T("No."), T("Order"), T("State"), T("Name"), T("City"), T("Placed"))
    numbers = tuple(str(number) for number in range(1, len(rows) + 1))
    title = T("{count} orders", count=len(rows))
    view = View(title=title, table=Table(heads, rows, numbers))
    return Face(T("WHICH? ENTER OR NUMBER"), view, keyed=keyed, hint=orders[0].number)


def _day(ctx: Context) -> Face:
    assert ctx.dialogue.product_id is not None
    name = ctx.tx.site.product(ctx.dialogue.product_id).name
    view = View(title=T("Customer service"), facts=((T("Product"), name),))
    return Face(T("WHEN WAS IT ORDERED?"), view, _BACK, keyed=T("The day, such as 24-12"))


_BACK: tuple[Key, ...] = (key(9, Command.NO),)


def _order(ctx: Context, order: Order) -> Face:
    tx = ctx.tx
    tables = [page for table in _tables(tx, order) for page in _pages(table)]
    title = T("Order {number}: {state}", number=order.number, state=words.ORDER[order.state])
    view = View(
        title=title,
        facts=_facts(tx, order, ctx.at),
        table=tables[ctx.dialogue.units % len(tables)],
        alarm=_alarm(tx, order),
    )
    return _face(ctx, order, view)


def _face(ctx: Context, order: Order, view: View) -> Face:
    """The page with the keys for what may be done with the order as it is, by this person."""
    refund, hold = key(6, Command.REFUND), key(7, Command.HOLD)
    if proposed(ctx, order.id) is not None:
        refund = replace(refund, label=T("Decide"))
    if order.hold:
        hold = replace(hold, label=T("Let go"))
    there = bool(service_lines.choices(ctx.tx, order.id))
    live = order.state not in (OrderState.SHIPPED, OrderState.CANCELLED)
    offered = (
        (key(3, Command.NOTE), True),
        (key(4, Command.MESSAGES), True),
        (key(5, Command.ANNOUNCE), there),
        (refund, may_propose_refund(ctx.operator)),
        (hold, live),
        (Key(8, Command.SKIP.value, T("More")), True),
        (key(9, Command.REPLACE), there),
    )
    keys = [item for item, usable in offered if usable]
    prompt = T("WHAT NOW? OR KEY IN ANOTHER ORDER")
    return Face(prompt, view, tuple(keys), keyed=T("Another order"))


def _facts(tx: Tx, order: Order, at: str) -> tuple[tuple[Text, str | Text], ...]:
    service = tx.site.service(order.service_id)
    who: tuple[tuple[Text, str | Text], ...] = privacy.contact(order)
    if tx.customers.is_anonymous(order.id):
        who = ((T("Customer"), T("erased, as the law asks")),)
    facts: list[tuple[Text, str | Text]] = [
        (T("Now"), _now(tx, order, at)),
        (T("Leaves"), leaves(tx, order, service.name, at)),
        *who[:1],
        (T("Promised"), order.promised_on),
        *who[1:],
        (T("Bought"), T("{channel} {reference}, {time}", channel=order.channel,
                        reference=order.reference, time=local(tx, order.placed_at))),
    ]  # fmt: skip
    return tuple(facts)


def _now(tx: Tx, order: Order, at: str) -> Text:
    """Where it stands; once it has left, what its carrier says."""
    arrived = tx.tracking.arrived(order.id)
    if arrived:
        return T("It arrived {time}", time=local(tx, arrived))
    return why_not_moving(tx, order, at)


def _alarm(tx: Tx, order: Order) -> Text:
    dead = [item for item in tx.outbox.of_order(order.id) if item.state is OutboxState.DEAD]
    if not dead:
        return NO_TEXT
    return T(
        "NOT TOLD: {what} to {target}: {why}. F4 tries again",
        what=words.news(dead[0].kind),
        target=words.receiver(dead[0].target),
        why=restored(dead[0].detail) or "?",
    )


def _pages(table: Table) -> list[Table]:
    starts = range(0, max(1, len(table.rows)), PAGE)
    return [Table(table.columns, table.rows[start : start + PAGE]) for start in starts]


def _tables(tx: Tx, order: Order) -> list[Table]:
    """The timeline with the newest on top, lines, parcels, and what came after; no empty ones."""
    found = [_timeline(tx, order), _order_lines(tx, order), _parcels(tx, order), _after(tx, order)]
    return [table for table in found if table.rows] or found[:1]


def _timeline(tx: Tx, order: Order) -> Table:
    rows = tuple(
        (
            local(tx, event.at),
            Text.from_json(json.loads(event.text)),
            event.operator,
            event.station,
        )
        for event in reversed(tx.orders.events(order.id))
    )
    return Table((T("Time"), T("What"), T("Who"), T("Where")), rows)


def _order_lines(tx: Tx, order: Order) -> Table:
    rows = tuple(
        (
            line.sku,
            line.name,
            str(line.ordered - line.cancelled),
            str(line.packed),
            str(line.shipped),
            str(line.returned),
        )
        for line in tx.orders.lines(order.id)
    )
    heads = (T("Product"), T("Name"), T("Ordered"), T("Packed"), T("Shipped"), T("Back"))
    return Table(heads, rows)


def _parcels(tx: Tx, order: Order) -> Table:
    journeys = {item.parcel: item for item in tx.tracking.of_order(order.id)}
    rows: list[tuple[str | Text, ...]] = []
    for parcel in tx.parcels.of_order(order.id):
        if parcel.state is ParcelState.VOID:
            continue
        state: Text | str = words.PARCEL[parcel.state]
        journey = journeys.get(parcel.number)
        if journey is not None and journey.milestone:
            time = local(tx, journey.milestone_at) if journey.milestone_at else "-"
            said = MILESTONE[Milestone(journey.milestone)]
            state = T("{what}, {time}", what=said, time=time)
        number = (journey.tracking if journey else "") or parcel.sscc or "-"
        carrier = (journey.carrier if journey else "") or tx.orders.head(order.id).carrier
        rows.append((str(parcel.number), state, number, carrier))
    return Table((T("Parcel"), T("State"), T("Tracking"), T("Carrier")), tuple(rows))


def _after(tx: Tx, order: Order) -> Table:
    """Returns, refunds and what the customer said of it."""
    rows: list[tuple[str, str | Text, str | Text]] = []
    for case in tx.returns.of_order(order.id):
        when = case.closed_at or case.arrived_at or case.announced_at
        goods: list[Text] = [
            T("{units} × {name}: {why}", units=max(line.advised, line.received), name=line.name,
              why=reason_name(line.reason) or "-")
            for line in tx.returns.lines(case.id)
        ]  # fmt: skip
        what = T("Return {number}, {state}", number=case.number, state=words.RETURN[case.state])
        rows.append((when, what, words.listing(goods)))
    for refund in tx.refunds.of_order(order.id):
        what = T("Refund {amount}, {state}", amount=money(refund.amount, refund.currency),
                 state=words.REFUND[refund.state])  # fmt: skip
        rows.append((refund.settled_at or refund.decided_at or refund.proposed_at, what,
                     restored(refund.reason or refund.detail)))  # fmt: skip
    for opinion in tx.feedback.of_order(order.id):
        score = opinion.score if opinion.score is not None else "-"
        what = T("Feedback: {score} of 5", score=score)
        rows.append((opinion.at, what, opinion.text or opinion.cause))
    for new in tx.refunds.replaced_by(order.id):
        number = tx.orders.head(new).number
        rows.append(("", T("Replaced by order {number}", number=number), ""))
    rows.sort(key=lambda row: row[0], reverse=True)
    shown = tuple((local(tx, at) if at else "", what, why) for at, what, why in rows)
    return Table((T("Time"), T("What"), T("Why")), shown)


def messages(tx: Tx, order_id: int) -> list[Message]:
    """What was, or is to be, told about an order, in the order that the screen numbers it."""
    return tx.outbox.of_order(order_id)


def _messages(ctx: Context, order: Order) -> Face:
    found = messages(ctx.tx, order.id)
    rows = tuple(
        (
            str(number),
            local(ctx.tx, item.settled_at or item.at),
            words.receiver(item.target),
            words.news(item.kind),
            OUTBOX[item.state],
            restored(item.detail),
        )
        for number, item in enumerate(found, 1)
    )
    heads = (T("No."), T("Time"), T("To"), T("What"), T("State"), T("Why"))
    numbers = tuple(str(number) for number in range(1, len(rows) + 1))
    view = View(
        title=T("Order {number}: messages", number=order.number),
        table=Table(heads, rows, numbers),
        alarm=_alarm(ctx.tx, order),
    )
    if not rows:
        return Face(T("NOTHING WAS TOLD ABOUT IT YET"), view, _BACK)
    return Face(T("WHICH ONE ONCE MORE?"), view, _BACK, keyed=T("Its number"))


def _lines(ctx: Context, order: Order) -> Face:
    what, _, step = ctx.dialogue.state.partition("_")
    title = T("Return of order {number}", number=order.number)
    if what == "replace":
        title = T("Order {number} once more", number=order.number)
    table = service_lines.table(ctx.tx, ctx.dialogue, order.id)
    if step == "units":
        line = service_lines.line_of(ctx)
        most = T("{count}, or OK for all", count=line.shipped - line.returned)
        facts: tuple[tuple[Text, str | Text], ...] = (
            (T("Product"), line.name),
            (T("At most"), most),
        )
        keys: tuple[Key, ...] = (key(3, Command.OK), *_BACK)
        return Face(T("HOW MANY?"), View(title=title, facts=facts), keys, keyed=T("Units"))
    if step == "why":
        view = View(title=title, table=reason_table(service_lines.WHY))
        prompt = T("WHY DOES IT COME BACK?") if what == "return" else T("WHY IS IT SENT AGAIN?")
        keys = reason_keys(service_lines.WHY)
        return Face(prompt, view, keys, hint=service_lines.WHY[0].code)
    view = View(title=title, table=table)
    keys = (key(3, Command.OK), *_BACK) if ctx.dialogue.text else _BACK
    prompt = T("WHICH LINE? OK WHEN ALL ARE CHOSEN") if ctx.dialogue.text else T("WHICH LINE?")
    return Face(prompt, view, keys, keyed=T("The line's number"))


def _note(ctx: Context, order: Order) -> Face:
    view = View(title=T("Note on order {number}", number=order.number))
    return Face(T("KEY THE NOTE IN"), view, _BACK, keyed=T("Note"))


def _hold(ctx: Context, order: Order) -> Face:
    view = View(
        title=T("Order {number}: hold", number=order.number),
        facts=((T("Now"), why_not_moving(ctx.tx, order, ctx.at)),),
    )
    return Face(T("WHY? EVERYBODY ON THE FLOOR SEES IT"), view, _BACK, keyed=T("Why it must wait"))


def _refund(ctx: Context, order: Order) -> Face:
    view = View(
        title=T("Refund for order {number}", number=order.number),
        facts=((T("At most"), money(most(ctx.tx, order.id), order.currency)),),
    )
    keyed = T("Amount in {currency}", currency=order.currency)
    return Face(T("HOW MUCH GOES BACK?"), view, _BACK, keyed=keyed)


def _refund_why(ctx: Context, order: Order) -> Face:
    view = View(
        title=T("Refund for order {number}", number=order.number),
        facts=((T("Goes back"), money(ctx.dialogue.units, order.currency)),),
        table=reason_table(service_lines.WHY),
    )
    return Face(T("WHY DOES IT GO BACK?"), view, reason_keys(service_lines.WHY))


def _decide(ctx: Context, order: Order) -> Face:
    refund = proposed(ctx, order.id)
    title = T("Refund for order {number}", number=order.number)
    keys: tuple[Key, ...] = (Key(8, Command.SKIP.value, T("New refund")), *_BACK)
    if refund is None:
        return Face(T("NOTHING IS LEFT TO DECIDE"), View(title=title), keys)
    by = ctx.tx.site.operator(refund.proposed_by).name if refund.proposed_by else "-"
    view = View(
        title=title,
        place_label=T("REFUND"),
        place=money(refund.amount, refund.currency),
        facts=(
            (T("Reason"), restored(refund.reason) or "-"),
            (T("Proposed by"), by),
            (T("When"), local(ctx.tx, refund.proposed_at)),
        ),
    )
    keys = (key(3, Command.OK), Key(4, Command.REFUND.value, T("Decline")), *keys)
    return Face(T("OK APPROVES IT, F4 DECLINES IT"), view, keys)


def proposed(ctx: Context, order_id: int) -> Refund | None:
    """The oldest refund that this person may decide about."""
    if not may_approve_refund(ctx.operator):
        return None
    found = ctx.tx.refunds.of_order(order_id)
    return next((item for item in found if item.state is RefundState.PROPOSED), None)


_STATES: dict[str, Callable[[Context, Order], Face]] = {
    "order": _order,
    "note": _note,
    "messages": _messages,
    "hold": _hold,
    "refund": _refund,
    "refund_why": _refund_why,
    "decide": _decide,
}
