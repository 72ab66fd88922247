"""A customer is forgotten, as the law asks; what bookkeeping needs of the order stays.

Gone are name, address, mail, phone and note, all papers and labels, what was told to customers
and channels, what customers wrote, and every sentence of ours in which one of them is named.
Lines, quantities, money, countries, times and who did what stay.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.returns import REASONS
from wms_terminal.domain.text import T, Text, restored
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.customer_room import Personal
from wms_terminal.ports.store import Store, StoreConflict, Tx
from wms_terminal.services import desk

BATCH = 50
"""Orders of one transaction: the floor goes on between two of them."""
SCANS = 5000
"""Scans of one transaction."""
SHORTEST = 3
"""Letters that a part of a name has at least to be looked for in sentences."""
GONE = "…"
"""Instead of words that are gone."""
FREE = frozenset({"why", "words", "detail"})
"""Values of our sentences in which people write freely: gone whatever they say."""
ALWAYS = frozenset({("return_case", "note"), ("return_line", "reason")})
"""The same of whole columns, but for our own reasons."""

Known = tuple[frozenset[str], tuple[str, ...]]
"""Single words and whole pieces that give a customer away."""

_WORD = re.compile(r"\w+")
_COMMON = frozenset({"the", "van", "von", "der", "den", "het", "and"})


def why_not(tx: Tx, order: Order) -> str:
    """What keeps an order's customer from being forgotten; empty when nothing does."""
    if order.state not in (OrderState.SHIPPED, OrderState.CANCELLED):
        return f"it is {order.state.value}, not shipped or cancelled"
    returns, refunds, messages = tx.customers.unsettled(order.id)
    open_ = ((returns, "return"), (refunds, "refund"), (messages, "message to the outside"))
    left = [f"{count} {what}{'s' if count > 1 else ''}" for count, what in open_ if count]
    return f"{' and '.join(left)} not settled yet" if left else ""


def one(store: Store, number: str, clock: Clock, *, really: bool) -> bool:
    """Forget the customer of one order; whether there was anything to forget.

    Nothing is changed unless `really`.

    Raises:
        StoreConflict: something about it is still open.
        StoreError: there is no such order.
    """
    at = stamp(clock())
    with store.write() if really else store.read() as tx:
        order = desk.find(tx, number)
        if tx.customers.is_anonymous(order.id):
            return False
        why = why_not(tx, order)
        if why:
            raise StoreConflict(f"Order {order.number} stays as it is: {why}.")
        if really:
            _forget(tx, order, at)
    if really:
        _forget_searches(store, at)
    return True


def older(
    store: Store, days: int, clock: Clock, tell: Callable[[Order, str], None], *, really: bool
) -> Counter[str]:
    """Forget the customers of closed orders with which nothing has happened for so many days.

    `tell` hears of each that stays, and why. Counts `forgotten` (or would be) and `kept`.
    """
    now = clock()
    at, before = stamp(now), stamp(now - timedelta(days=days))
    counts: Counter[str] = Counter()
    after = ("", 0)
    while True:
        with store.write() if really else store.read() as tx:
            last, orders = tx.customers.to_forget(before, after, BATCH)
            for order in orders:
                why = why_not(tx, order)
                counts["kept" if why else "forgotten"] += 1
                if why:
                    tell(order, why)
                elif really:
                    _forget(tx, order, at)
        if last == after:
            break
        after = last
    if really:
        _forget_searches(store, before)
        with store.write() as tx:
            tx.customers.forget_loose(before)
    return counts


def _forget(tx: Tx, order: Order, at: str) -> None:
    known = named(order)
    for personal in tx.customers.words_of(order.id):
        words = _without(personal, known)
        if words != personal.words:
            tx.customers.rewrite(personal, words)
    tx.customers.forget(order.id)
    tx.orders.add_event(order.id, "anonymous", T("The customer's data was erased"), at=at)


def _forget_searches(store: Store, before: str) -> None:
    """What was keyed in and is nobody's code: earlier versions kept it."""
    after: int | None = 0
    while after is not None:
        with store.write() as tx:
            after = tx.customers.forget_searches(before, after, SCANS)


def named(order: Order) -> Known:
    """What gives a customer away: single words, and whole pieces, in small letters."""
    who = order.address
    whole = (who.street, who.extra, order.email, order.phone, order.note, who.postcode,
             "".join(who.postcode.split()), order.email.partition("@")[0])  # fmt: skip
    names = f"{who.name} {who.company}".casefold()
    single = {word for word in _WORD.findall(names) if len(word) >= SHORTEST} - _COMMON
    pieces = {piece.casefold().strip() for piece in whole}
    return frozenset(single), tuple(piece for piece in pieces if len(piece) >= SHORTEST)


def is_about(words: str, known: Known) -> bool:
    """Whether a sentence gives away whom it is about."""
    single, pieces = known
    said = words.casefold()
    return any(word in single for word in _WORD.findall(said)) or any(p in said for p in pieces)


def _without(personal: Personal, known: Known) -> str:
    """The same words without what is about the customer."""
    said = restored(personal.words)
    if personal.table in ("event", "notice"):
        said = Text.from_json(json.loads(personal.words))
    if isinstance(said, Text):
        text = _scrubbed(said, known)
        return personal.words if text == said else _kept(text)
    if (personal.table, personal.column) in ALWAYS:
        return said if said in REASONS else ""
    if not is_about(said, known):
        return said
    return f"forgotten:{personal.id}" if personal.column == "key" else ""


def _scrubbed(text: Text, known: Known) -> Text:
    values: dict[str, object] = {}
    for name, value in text.values.items():
        if isinstance(value, Text):
            values[name] = _scrubbed(value, known)
        elif isinstance(value, str) and value and (name in FREE or is_about(value, known)):
            values[name] = GONE
        else:
            values[name] = value
    return Text(text.template, values)


def _kept(text: Text) -> str:
    return json.dumps(text.to_json(), separators=(",", ":"), ensure_ascii=False)
