"""Money that goes back to a customer: proposed, approved by role, and paid once.

Its channel pays where it can, and is told in the commit that approves: each time with the same
key, which it looks for before it pays. What stays in doubt is never paid by another way until a
person has looked and said what became of it. Where the channel does not pay, a person does.
"""

from __future__ import annotations

from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.orders import Order
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.refunds import ENDED, UNPAID, Refund, RefundState
from wms_terminal.domain.roles import may_approve_refund
from wms_terminal.domain.site import Operator
from wms_terminal.domain.text import T, Text, restored, stored
from wms_terminal.ports.channel import RefundNews, ReturnedLine, Told, Writeback
from wms_terminal.ports.mail import MailKind
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Tx
from wms_terminal.services import channel_news, customer_news, words
from wms_terminal.services.notices import service_desk

ALONE_UP_TO = "refund.alone_up_to"
"""The setting with the amount of an order, in minor units, that whoever proposes it may approve."""
LONGEST = 200
"""Characters of a reason."""


def most(tx: Tx, order_id: int) -> int:
    """What may still go back: what was paid for shipped units, less what went or is on its way."""
    if tx.orders.get(order_id).payment != "paid":
        return 0
    refunds = tx.refunds.of_order(order_id)
    gone = sum(refund.amount for refund in refunds if refund.state not in UNPAID)
    return max(0, tx.refunds.paid(order_id) - gone)


def propose(
    tx: Tx,
    order_id: int,
    amount: int,
    reason: Text | str,
    at: str,
    *,
    key: str,
    return_id: int | None = None,
    operator_id: int | None = None,
) -> Refund:
    """Propose that money goes back; the same key again is the same refund.

    Raises:
        Refused: it is nothing, or more than what may still go back, or the key is another one's.
    """
    known = tx.refunds.by_key(key)
    order = tx.orders.get(order_id)
    if known is not None:
        if (known.order_id, known.amount) != (order_id, amount):
            raise _wrong(known, T("another key"), _named(tx, known))
        return known
    left = most(tx, order_id)
    if not 0 < amount <= left:
        raise refuse(
            "wrong_amount",
            T("That cannot go back of order {number}", number=order.number),
            expected=T("more than 0, at most {amount}", amount=money(left, order.currency)),
            got=money(amount, order.currency),
            advice=T("Only what was paid for shipped goods goes back, and only once"),
        )
    why = reason if isinstance(reason, Text) else _line(reason)
    tx.refunds.add(
        key,
        order_id,
        amount,
        order.currency,
        stored(why),
        at,
        return_id=return_id,
        operator_id=operator_id,
    )
    refund = tx.refunds.by_key(key)
    assert refund is not None
    said = {"amount": _sum(refund), "why": why or "-"}
    _note(tx, refund, T("Refund of {amount} proposed: {why}", **said), at, operator_id)
    _tell(tx, refund, T("refund of {amount} proposed: {why}", **said), at)
    return refund


def approve(tx: Tx, refund_id: int, operator: Operator, at: str) -> Refund:
    """Let a proposed refund be paid, by the channel where it can be told; twice is once.

    Raises:
        Refused: this person may not, or there is nothing to approve.
    """
    refund = tx.refunds.get(refund_id)
    _may_decide(operator)
    if refund.state in (RefundState.APPROVED, RefundState.SENT):
        return refund
    if refund.state is not RefundState.PROPOSED:
        raise _wrong(refund, T("a refund that waits for a decision"), _named(tx, refund))
    order = tx.orders.get(refund.order_id)
    if order.payment != "paid":
        raise refuse(
            "already_done",
            T("The channel has paid order {number} back already", number=order.number),
            expected=T("an order whose payment stands"),
            got=words.PAYMENT[order.payment],
            advice=T("Decline it"),
        )
    _not_alone(tx, refund, operator)
    paid_there = _is_told(tx, order)
    state = RefundState.SENT if paid_there else RefundState.APPROVED
    tx.refunds.decide(refund.id, state, operator.id, at)
    _note(tx, refund, T("Refund of {amount} approved", amount=_sum(refund)), at, operator.id)
    if paid_there:
        news = RefundNews(
            key=refund.key,
            reference=order.reference,
            rma=tx.refunds.rma(refund.return_id) if refund.return_id is not None else "",
            amount=refund.amount,
            currency=refund.currency,
            reason=str(restored(refund.reason)),
            lines=_goods(tx, refund),
        )
        channel_news.tell(tx, order.channel, order.id, news, at)
    else:
        _pay_by_hand(tx, refund, at)
    return tx.refunds.get(refund.id)


def decline(tx: Tx, refund_id: int, operator: Operator, at: str, why: str = "") -> Refund:
    """Decide against a proposed refund; twice is once.

    Raises:
        Refused: this person may not, or it was decided about.
    """
    refund = tx.refunds.get(refund_id)
    if refund.proposed_by != operator.id:
        _may_decide(operator)
    if refund.state is RefundState.DECLINED:
        return refund
    if refund.state is not RefundState.PROPOSED:
        raise _wrong(refund, T("a refund that waits for a decision"), _named(tx, refund))
    why = _line(why)
    tx.refunds.decide(refund.id, RefundState.DECLINED, operator.id, at, why)
    text = T("Refund of {amount} declined: {why}", amount=_sum(refund), why=why or "-")
    _note(tx, refund, text, at, operator.id)
    return tx.refunds.get(refund.id)


def settle_by_hand(
    tx: Tx,
    refund_id: int,
    operator: Operator,
    at: str,
    *,
    paid: bool,
    evidence: str,
    remote_id: str = "",
) -> Refund:
    """Say what became of a refund: a person has paid it, or has looked whether it was paid.

    Its channel is not told of it any more.

    Raises:
        Refused: this person may not, there is nothing to say, or no evidence for it.
        StoreConflict: the channel is being told just now.
    """
    refund = tx.refunds.get(refund_id)
    _may_decide(operator)
    state = RefundState.DONE if paid else RefundState.REJECTED
    if refund.state in ENDED or refund.state is RefundState.PROPOSED:
        wanted = T("a refund that is approved and not settled")
        raise _wrong(refund, wanted, _named(tx, refund))
    evidence, remote_id = _line(evidence), _line(remote_id)
    if not evidence:
        raise refuse(
            "needs_first",
            T("Say how you know"),
            expected=T("what was seen at the shop or at the bank"),
            got=T("nothing"),
        )
    for message in _messages(tx, refund):
        tx.outbox.close(message.id, stored(T("Settled by hand: {why}", why=evidence)), at)
    tx.refunds.move(refund, state, at, remote_id=remote_id, detail=evidence)
    _say_settled(tx, refund, state, evidence, at, operator.id)
    return tx.refunds.get(refund.id)


def settled(tx: Tx, message: Message, told: Told, at: str) -> None:
    """Keep what a channel answered about a refund; an answer that comes again changes nothing."""
    news = channel_news.read(message)
    refund = tx.refunds.by_key(news.key)
    if refund is None or refund.state not in (RefundState.SENT, RefundState.IN_DOUBT):
        return
    states = {
        Writeback.APPLIED: RefundState.DONE,
        Writeback.UNSUPPORTED: RefundState.APPROVED,
        Writeback.REJECTED: RefundState.REJECTED,
        Writeback.IN_DOUBT: RefundState.IN_DOUBT,
    }
    state, said = states[told.state], restored(told.detail)
    why = said if isinstance(said, Text) else _line(said)
    detail = stored(why)
    tx.refunds.move(refund, state, at, remote_id=told.remote_id, detail=detail)
    if state is RefundState.APPROVED:
        _pay_by_hand(tx, refund, at)
        return
    _say_settled(tx, refund, state, why, at)
    if state is RefundState.REJECTED:
        # Trying this message again would pay what is no longer counted: it is proposed anew.
        tx.outbox.close(message.id, stored(T("Rejected: {why}", why=why)), at)


def paid_back_there(tx: Tx, order_id: int, at: str) -> None:
    """The channel says that all the money of a shipped order has gone back already."""
    order = tx.orders.get(order_id)
    if order.payment != "paid":
        return
    tx.orders.set_payment(order_id, "refunded")
    tx.orders.add_event(order_id, "refund", T("The channel has paid all of it back"), at=at)
    for refund in tx.refunds.of_order(order_id):
        if refund.state in (RefundState.PROPOSED, RefundState.APPROVED):
            text = T("refund of {amount}: the channel has paid all of it back already",
                     amount=_sum(refund))  # fmt: skip
            _tell(tx, refund, text, at)


def money(amount: int, currency: str) -> str:
    """An amount as a screen shows it, such as 12.95 EUR."""
    return f"{decimal_text(amount, currency)} {currency}"


def _sum(refund: Refund) -> str:
    return money(refund.amount, refund.currency)


def _may_decide(operator: Operator) -> None:
    if not may_approve_refund(operator):
        raise refuse(
            "not_allowed",
            T("You may not decide about money"),
            expected=T("a supervisor"),
            got=operator.name,
        )


def _not_alone(tx: Tx, refund: Refund, operator: Operator) -> None:
    """Above an amount of an order, whoever proposed it may not approve it as well."""
    if refund.proposed_by != operator.id:
        return
    alone = refund.amount + sum(
        other.amount
        for other in tx.refunds.of_order(refund.order_id)
        if other.proposed_by == other.decided_by == operator.id and other.state not in UNPAID
    )
    limit = tx.site.setting(ALONE_UP_TO, "0")
    allowed = int(limit) if limit.isdecimal() else 0
    if alone > allowed:
        raise refuse(
            "not_alone",
            T("You proposed this yourself"),
            expected=T("another supervisor"),
            got=operator.name,
            advice=T("Let somebody else look at it and approve it"),
        )


def _is_told(tx: Tx, order: Order) -> bool:
    """Whether an order's channel knows it and can be told of it."""
    known = tx.channels.get(order.channel) is not None
    return known and tx.refunds.replaces(order.id) is None


def _goods(tx: Tx, refund: Refund) -> tuple[ReturnedLine, ...]:
    """What came back, unless another refund for the same return has named it already."""
    if refund.return_id is None:
        return ()
    others = tx.refunds.of_order(refund.order_id)
    if any(
        other.id != refund.id
        and other.return_id == refund.return_id
        and other.decided_by is not None
        and other.state not in UNPAID
        for other in others
    ):
        return ()
    return tuple(line for line in tx.refunds.goods(refund.return_id) if line.line)


def _messages(tx: Tx, refund: Refund) -> list[Message]:
    """Messages that would still tell, or could be tried again."""
    order = tx.orders.get(refund.order_id)
    key = channel_news.key(channel_news.REFUND, order.channel, order.reference, refund.key)
    return [
        message
        for message in tx.outbox.of_order(refund.order_id)
        if message.key == key and message.state in (OutboxState.PENDING, OutboxState.DEAD)
    ]


def _pay_by_hand(tx: Tx, refund: Refund, at: str) -> None:
    text = T(
        "refund of {amount}: look whether the channel has paid it by itself, else pay it by hand, "
        "and say so",
        amount=_sum(refund),
    )
    _tell(tx, refund, text, at)


def _say_settled(
    tx: Tx,
    refund: Refund,
    state: RefundState,
    detail: Text | str,
    at: str,
    operator_id: int | None = None,
) -> None:
    """The order's story, whoever has to look, and the customer."""
    amount, why = _sum(refund), detail or "-"
    if state is RefundState.DONE:
        _note(tx, refund, T("Refund of {amount} paid", amount=amount), at, operator_id)
        order = tx.orders.get(refund.order_id)
        about = f"{MailKind.REFUNDED.value}:{refund.key}"
        customer_news.tell(tx, order, MailKind.REFUNDED, about, at, amount=refund.amount)
        return
    if state is RefundState.REJECTED:
        text = T("Refund of {amount} was not paid: {why}", amount=amount, why=why)
        notice = T("refund of {amount} was not paid: {why}", amount=amount, why=why)
    else:
        text = T("Refund of {amount} is in doubt: {why}", amount=amount, why=why)
        notice = T(
            "refund of {amount} is in doubt ({why}): look at the shop whether it was paid, and "
            "say so",
            amount=amount,
            why=why,
        )
    _note(tx, refund, text, at, operator_id)
    if operator_id is None:
        _tell(tx, refund, notice, at)


def _note(tx: Tx, refund: Refund, text: Text, at: str, operator_id: int | None = None) -> None:
    tx.orders.add_event(refund.order_id, "refund", text, at=at, operator_id=operator_id)


def _tell(tx: Tx, refund: Refund, what: Text, at: str) -> None:
    """A notice to whoever answers for customer service."""
    number = tx.orders.head(refund.order_id).number
    text = T("Order {number}, {what} (refund {id})", number=number, what=what, id=refund.id)
    tx.orders.add_notice(service_desk(tx), text, order_id=refund.order_id, at=at)


def _named(tx: Tx, refund: Refund) -> Text:
    return T(
        "refund {id} of order {number}: {amount}, {state}",
        id=refund.id,
        number=tx.orders.head(refund.order_id).number,
        amount=_sum(refund),
        state=words.REFUND[refund.state],
    )


def _wrong(refund: Refund, expected: Text, got: Text) -> Refused:
    text = T("Refund {id} is {state}", id=refund.id, state=words.REFUND[refund.state])
    return refuse("already_done", text, expected=expected, got=got)


def _line(text: str) -> str:
    """One line of what somebody wrote, without what a terminal would obey."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:LONGEST]
