"""Customer service: find an order by anything a customer says, see its whole story, act on it.

States: `ask` (search, then the list of what was found) · `day` (when was this product ordered?) ·
`order` (its pages) · `note` · `messages` (told, and told once more) · `hold` · `refund`,
`refund_why` (propose), `decide` (approve or decline) · those of `service_lines`.

What a customer says is not kept: the dialogue holds ids, the journal no words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from wms_terminal.domain.commands import Command
from wms_terminal.domain.money import exponent
from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.outcome import Outcome, refuse
from wms_terminal.domain.reasons import reason
from wms_terminal.domain.roles import may_propose_refund, may_see_customers
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.services import customer_news, desk, refunds, service_lines, words
from wms_terminal.services.deliver import give_another_chance
from wms_terminal.services.dialogue import (
    BARRIER,
    Answer,
    Context,
    Dialogue,
    Flow,
    Found,
    ok,
    question,
)
from wms_terminal.services.heads import held_because
from wms_terminal.services.resolver import printable, unexpected
from wms_terminal.services.service_find import day_of, find, sold_on
from wms_terminal.services.service_view import hits, messages, proposed, show

ASK = Dialogue("service", "ask")
LONGEST = 1000
"""Characters of a note."""

_ACCEPTS: dict[str, tuple[Kind, ...]] = {
    "ask": (Kind.NUMBER, Kind.ORDER, Kind.PARCEL, Kind.PRODUCT),
    "order": (Kind.ORDER, Kind.PARCEL, Kind.PRODUCT),
    "messages": (Kind.NUMBER,),
    "refund_why": (Kind.REASON,),
    **service_lines.ACCEPTS,
}


def accepts(dialogue: Dialogue) -> tuple[Kind, ...]:
    """Kinds by state; where words are keyed in, nothing is looked for in them."""
    return _ACCEPTS.get(dialogue.state, ())


def private(dialogue: Dialogue, found: Found) -> bool:
    """What is nobody's code may be a customer's name, or what was said about one."""
    return found.kind is Kind.UNKNOWN


def enter(ctx: Context) -> Answer:
    """Ask what the customer says."""
    _must_be_allowed(ctx)
    return Answer(ASK, ok("service", T("Customer service")))


def scan(ctx: Context, found: Found) -> Answer:
    """Answer a code, or what was keyed in."""
    _must_be_allowed(ctx)
    state = ctx.dialogue.state
    if found.command is Command.NO and state not in ("ask", "order"):
        return Answer(_back(ctx), ok("answered_no", T("Not done")))
    if state in service_lines.STATES:
        return service_lines.scan(ctx, found, lambda text: _done(ctx, "done", text))
    return _STATES[state](ctx, found)


def _must_be_allowed(ctx: Context) -> None:
    if not may_see_customers(ctx.operator):
        raise refuse(
            "not_allowed",
            T("Customers are not shown to everybody"),
            expected=T("customer service, or a supervisor"),
            got=ctx.operator.name,
            advice=T("Look up shows orders without their customers"),
        )


def _back(ctx: Context) -> Dialogue:
    """The order's first page, or the search where no order is open."""
    if ctx.dialogue.order_id is None:
        return ASK
    return Dialogue("service", "order", order_id=ctx.dialogue.order_id)


def _done(ctx: Context, code: str, text: Text) -> Answer:
    """Back at the order; what was done cannot be taken back."""
    return Answer(_back(ctx), ok(code, text), undo=BARRIER)


def _order_id(ctx: Context) -> int:
    assert ctx.dialogue.order_id is not None
    return ctx.dialogue.order_id


def _words(ctx: Context, found: Found, wanted: Text) -> str:
    """What was keyed in, in one line."""
    if found.command is not None:
        raise unexpected(ctx.tx, found, wanted)
    plain = "".join(char if char.isprintable() else " " for char in found.reading.text)
    return " ".join(plain.split())[:LONGEST]


# --- search -------------------------------------------------------------------------------------


def _at_ask(ctx: Context, found: Found) -> Answer:
    ids = hits(ctx.dialogue)
    if found.kind is Kind.NUMBER and 1 <= found.units <= len(ids):
        listed = ctx.tx.customers.these(ids)
        return _open(listed[found.units - 1].id)
    if found.kind is Kind.ORDER:
        return _open(found.ref)
    if found.kind is Kind.PARCEL:
        return _open(ctx.tx.parcels.get(found.ref).order_id)
    if found.kind is Kind.PRODUCT:
        dialogue = Dialogue("service", "day", product_id=found.ref)
        return Answer(dialogue, ok("which_day", T("When was it ordered?")))
    wanted = T("anything that a customer can say")
    if found.command is not None:
        raise unexpected(ctx.tx, found, wanted)
    return _list(find(ctx.tx, found.reading.text, ctx.now), found, wanted)


def _at_day(ctx: Context, found: Found) -> Answer:
    assert ctx.dialogue.product_id is not None
    zone = ZoneInfo(ctx.tx.site.setting("timezone", "UTC"))
    day = day_of(found.reading.text, ctx.now.astimezone(zone).date())
    wanted = T("a day, such as 24-12")
    if day is None:
        raise unexpected(ctx.tx, found, wanted)
    sku = ctx.tx.site.product(ctx.dialogue.product_id).sku
    return _list(sold_on(ctx.tx, sku, day, zone), found, wanted)


def _list(orders: Sequence[Order], found: Found, wanted: Text) -> Answer:
    """The one order, or a list to choose from."""
    if not orders:
        raise refuse(
            "nothing_found",
            T("No order found with that"),
            expected=wanted,
            got=printable(found.reading.text),
            advice=T("Ask for something else: order number, mail, phone, postcode and number"),
            outcome=Outcome.UNKNOWN,
        )
    if len(orders) == 1:
        return _open(orders[0].id)
    dialogue = replace(ASK, text=",".join(str(order.id) for order in orders))
    return Answer(dialogue, ok("found", T("{count} orders", count=len(orders))))


def _open(order_id: int) -> Answer:
    return Answer(Dialogue("service", "order", order_id=order_id), ok("found", T("Found")))


# --- the order ----------------------------------------------------------------------------------


def _at_order(ctx: Context, found: Found) -> Answer:
    if found.command is None:
        return _at_ask(ctx, found)
    order_id = _order_id(ctx)
    if found.command is Command.SKIP:
        return Answer(replace(ctx.dialogue, units=ctx.dialogue.units + 1), ok("next", T("Next")))
    if found.command is Command.NO:
        return Answer(ASK, ok("service", T("Customer service")))
    if found.command is Command.MESSAGES:
        return Answer(ctx.dialogue.to("messages", units=0), ok("messages", T("Messages")))
    if ctx.tx.customers.is_anonymous(order_id):
        raise refuse(
            "anonymous",
            T("The customer's data was erased, as the law asks"),
            advice=T("Nothing can be done for a customer whom nobody knows"),
        )
    if found.command is Command.ANNOUNCE:
        return service_lines.begin(ctx, order_id, "return")
    if found.command is Command.REPLACE:
        return service_lines.begin(ctx, order_id, "replace")
    if found.command is Command.NOTE:
        return Answer(ctx.dialogue.to("note", units=0), ok("note", T("Note")))
    if found.command is Command.HOLD:
        return _hold_or_let_go(ctx)
    if found.command is Command.REFUND:
        return _begin_refund(ctx, proposed(ctx, order_id) is not None)
    raise unexpected(ctx.tx, found, T("one of the keys on the screen"))


def _at_note(ctx: Context, found: Found) -> Answer:
    said = _words(ctx, found, T("a note"))
    ctx.event(_order_id(ctx), "note", T("Note: {words}", words=said))
    return _done(ctx, "noted", T("Note kept"))


def _hold_or_let_go(ctx: Context) -> Answer:
    order = ctx.tx.orders.get(_order_id(ctx))
    if order.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        raise refuse(
            "already_done",
            T("It was {state}", state=words.ORDER[order.state]),
            expected=T("an order that is still here"),
            advice=T("It has left or was cancelled"),
        )
    if not order.hold:
        return Answer(ctx.dialogue.to("hold", units=0), question("why_hold", T("Why?")))
    if ctx.dialogue.asked != "let_go":
        text = T("On hold: {why}. Let it go?", why=held_because(order.hold))
        return Answer(ctx.dialogue.ask(Command.HOLD.value, "let_go"), question("let_go", text))
    desk.hold(ctx.tx, order.number, "", ctx.at, by=ctx.operator.id)
    return _done(ctx, "let_go", T("Order {number} goes on", number=order.number))


def _at_hold(ctx: Context, found: Found) -> Answer:
    order = ctx.tx.orders.get(_order_id(ctx))
    said = _words(ctx, found, T("why it must wait"))
    desk.hold(ctx.tx, order.number, said, ctx.at, by=ctx.operator.id)
    return _done(ctx, "held", T("Order {number} is on hold", number=order.number))


# --- messages -----------------------------------------------------------------------------------


def _at_messages(ctx: Context, found: Found) -> Answer:
    asked, _, number = ctx.dialogue.asked.partition(":")
    listed = messages(ctx.tx, _order_id(ctx))
    if asked == "resend" and found.command is Command.MESSAGES:
        customer_news.resend(ctx.tx, listed[int(number) - 1], ctx.at)
        what = words.news(listed[int(number) - 1].kind)
        ctx.event(_order_id(ctx), "mail", T("Sent once more: {what}", what=what))
        return _done(ctx, "resent", T("The mail leaves once more"))
    if found.kind is not Kind.NUMBER or not 1 <= found.units <= len(listed):
        raise unexpected(ctx.tx, found, T("the number of a message"))
    return _tell_again(ctx, listed[found.units - 1], found.units)


def _tell_again(ctx: Context, message: Message, number: int) -> Answer:
    """What was given up is tried again; a mail that left may leave once more, when it is meant."""
    what, target = words.news(message.kind), words.receiver(message.target)
    named = T("{what} to {target}", what=what, target=target)
    if message.state is OutboxState.DEAD:
        give_another_chance(ctx.tx, message.id, ctx.now)
        text = T("Tried again: {message}", message=named)
        ctx.event(message.order_id, "retry", text)
        return _done(ctx, "tried_again", text)
    if message.target != customer_news.TARGET or message.state is not OutboxState.DONE:
        raise refuse(
            "not_again",
            T("That is not told twice"),
            expected=T("a mail that was sent, or what was given up"),
            got=named,
        )
    if ctx.tx.customers.is_anonymous(_order_id(ctx)):
        raise refuse("anonymous", T("The customer's data was erased, as the law asks"))
    dialogue = ctx.dialogue.ask(Command.MESSAGES.value, f"resend:{number}")
    text = T("Send the {what} to the customer once more?", what=what)
    return Answer(dialogue, question("send_again", text))


# --- money --------------------------------------------------------------------------------------


def _begin_refund(ctx: Context, decide: bool) -> Answer:
    if not may_propose_refund(ctx.operator):
        raise refuse("not_allowed", T("You may not give money back"))
    if decide:
        return Answer(ctx.dialogue.to("decide", units=0), question("decide", T("Is it right?")))
    return Answer(ctx.dialogue.to("refund", units=0), ok("refund", T("Refund")))


def _at_refund(ctx: Context, found: Found) -> Answer:
    order = ctx.tx.orders.get(_order_id(ctx))
    amount = _amount(found.reading.text, order.currency) if found.command is None else None
    left = refunds.most(ctx.tx, order.id)
    if amount is None or not 0 < amount <= left:
        raise refuse(
            "wrong_amount",
            T("That cannot go back of order {number}", number=order.number),
            expected=T("more than 0, at most {amount}", amount=refunds.money(left, order.currency)),
            got=printable(found.reading.text),
        )
    dialogue = ctx.dialogue.to("refund_why", units=amount)
    return Answer(dialogue, question("why_refund", T("Why does it go back?")))


def _amount(words: str, currency: str) -> int | None:
    """Minor units of what was keyed in, such as 12,50; None where it is no amount."""
    try:
        amount = Decimal(words.strip().replace(",", ".")).scaleb(exponent(currency))
    except InvalidOperation:
        return None
    whole = amount.is_finite() and abs(amount) < 10**12 and amount == amount.to_integral_value()
    return int(amount) if whole else None


def _at_refund_why(ctx: Context, found: Found) -> Answer:
    why = reason(service_lines.WHY, found.code) if found.kind is Kind.REASON else None
    if why is None:
        raise unexpected(ctx.tx, found, T("one of the reasons on the screen"))
    refund = refunds.propose(
        ctx.tx,
        _order_id(ctx),
        ctx.dialogue.units,
        why.name,
        ctx.at,
        key=f"service:{ctx.gesture}",
        operator_id=ctx.operator.id,
    )
    amount = refunds.money(refund.amount, refund.currency)
    return _done(ctx, "proposed", T("Refund of {amount} is proposed", amount=amount))


def _at_decide(ctx: Context, found: Found) -> Answer:
    if found.command is Command.SKIP:
        return _begin_refund(ctx, decide=False)
    refund = proposed(ctx, _order_id(ctx))
    if refund is None or found.command not in (Command.OK, Command.REFUND):
        raise unexpected(ctx.tx, found, T("OK to approve it, or Decline"))
    amount = refunds.money(refund.amount, refund.currency)
    if found.command is Command.OK:
        refunds.approve(ctx.tx, refund.id, ctx.operator, ctx.at)
        return _done(ctx, "approved", T("Refund of {amount} approved", amount=amount))
    refunds.decline(ctx.tx, refund.id, ctx.operator, ctx.at)
    return _done(ctx, "declined", T("Refund of {amount} declined", amount=amount))


_STATES: dict[str, Callable[[Context, Found], Answer]] = {
    "ask": _at_ask,
    "day": _at_day,
    "order": _at_order,
    "note": _at_note,
    "hold": _at_hold,
    "messages": _at_messages,
    "refund": _at_refund,
    "refund_why": _at_refund_why,
    "decide": _at_decide,
}

FLOW = Flow("service", accepts, show, scan, enter, private=private)
