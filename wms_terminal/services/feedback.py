"""What customers say about an order reaches whoever can do something about it."""

from __future__ import annotations

from collections import Counter

from wms_terminal.domain.feedback import (
    HIGHEST,
    LONGEST,
    LOW,
    LOWEST,
    Cause,
    Source,
    derived_cause,
)
from wms_terminal.domain.mailbox import one_line
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import T, Text, stored
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.mail import MailKind
from wms_terminal.ports.replies import Answer, Bounce, Letter, Postbox
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services.notices import service_desk
from wms_terminal.services.words import news

ROUND = 50
"""Mails of one round."""
MAILBOX = "mail.replies"
"""The setting with the mailbox that answers arrive in; empty where nobody reads it for us."""
SEEN = "mail.replies.seen"
"""The setting that says how far a mailbox is read."""
MOST_LINES = 100

CAUSE: dict[str, Text] = {
    Cause.LATE: T("too late"),
    Cause.WRONG_ITEM: T("wrong product"),
    Cause.DAMAGED: T("damaged"),
    Cause.PACKAGING: T("packaging"),
    Cause.COURIER: T("courier"),
    Cause.PRODUCT: T("product"),
    Cause.SERVICE: T("customer service"),
    Cause.OTHER: T("something else"),
    "": T("no cause given"),
}


def give(
    tx: Tx,
    order: Order,
    score: int | None,
    text: str,
    cause: str,
    source: Source | str,
    key: str,
    at: str,
    product_id: int | None = None,
) -> bool:
    """Keep what a customer says about an order; False when that key was kept before.

    The score is 1 (bad) to 5 (good), or None; a cause is one of `Cause`, or empty: then it is what
    happened to the order, if anything did and the score is not good. The key is the same for the
    same word of the same customer. It is about a product, or about the order as a whole.

    A low score, or an answer in words alone, is shown to customer service.

    Raises:
        ValueError: no such score or cause, or neither a score nor words.
    """
    if score is not None and not LOWEST <= score <= HIGHEST:
        raise ValueError(f"Expected a score from {LOWEST} to {HIGHEST}, got {score}.")
    given = Cause(cause).value if cause else ""
    words = _words(text)
    if score is None and not words:
        raise ValueError("Expected a score or words, got neither.")
    derived = ""
    if not given and score is not None and score < HIGHEST - 1:
        derived = derived_cause(tx.feedback.facts(order.id))
    source = Source(source)
    added = tx.feedback.add(
        at=at,
        order_id=order.id,
        product_id=product_id,
        channel=order.channel,
        source=source.value,
        key=f"{source}:{key}",
        score=score,
        cause=given or derived,
        derived=bool(derived),
        text=words,
    )
    if not added:
        return False
    what = CAUSE[given or derived]
    told = T("Feedback: {cause}", cause=what)
    if score is not None:
        told = T("Feedback: {score} of 5, {cause}", score=score, cause=what)
    tx.orders.add_event(order.id, "feedback", told, at=at)
    if score is None or score <= LOW:
        note = T("Order {number}: {what}", number=order.number, what=told)
        tx.orders.add_notice(service_desk(tx), note, order_id=order.id, at=at)
    return True


def collect(store: Store, postbox: Postbox, clock: Clock) -> Counter[str]:
    """Read one round of mails; how many were what.

    A mail that is read twice is kept once.

    Raises:
        MailAway: the mailbox cannot be read now; what was read before that is kept.
    """
    with store.read() as tx:
        mark = tx.site.setting(SEEN)
    counts: Counter[str] = Counter()
    for letter in postbox.letters(mark, ROUND):
        with store.write() as tx:
            counts[_take(tx, letter, stamp(clock()))] += 1
            if letter.mark:
                tx.site.set_setting(SEEN, letter.mark)
        postbox.done(letter)
    return counts


def _take(tx: Tx, letter: Letter, at: str) -> str:
    match letter.says:
        case Answer() as answer:
            return _answer(tx, answer, at)
        case Bounce() as bounce:
            return _bounce(tx, bounce, at)
        case None:
            return "not_for_us"


def _answer(tx: Tx, answer: Answer, at: str) -> str:
    """Words alone are feedback where we asked for it; elsewhere a person answers them."""
    for message_id in answer.answers:
        sent = tx.feedback.sent(message_id)
        if sent is None:
            continue
        asked = sent.kind == MailKind.FOLLOW_UP
        if answer.score is None and not (asked and answer.text.strip()):
            return "without_a_score"
        order = tx.orders.get(sent.order_id)
        kept = give(tx, order, answer.score, answer.text, "", Source.MAIL, answer.key, at)
        return "feedback" if kept else "known"
    return "not_for_us"


def _bounce(tx: Tx, bounce: Bounce, at: str) -> str:
    why = one_line(bounce.why, 200)
    for message_id in bounce.about:
        sent = tx.feedback.sent(message_id)
        if sent is None:
            continue
        if not tx.feedback.came_back(sent.message_id, stored(T("It came back: {why}", why=why))):
            return "known"
        text = T("A mail to the customer came back ({kind}): {why}", kind=news(sent.kind), why=why)
        tx.orders.add_event(sent.order_id, "mail", text, at=at)
        number = tx.orders.head(sent.order_id).number
        note = T("Order {number}: {what}", number=number, what=text)
        tx.orders.add_notice(service_desk(tx), note, order_id=sent.order_id, at=at)
        return "came_back"
    return "not_for_us"


def _words(text: str) -> str:
    """A customer's words, line by line, without what a screen or a mail would obey."""
    lines = [one_line(line, LONGEST) for line in text[: LONGEST * 2].splitlines()[:MOST_LINES]]
    return "\n".join(lines).strip()[:LONGEST]
