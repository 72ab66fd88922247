"""What a sales channel must learn: parcels that left, and how much may still be sold.

Before a label is bought and before a parcel leaves, a channel is asked once more how the order
stands. Nobody waits for that: what has been cancelled stops at the next scan.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta

from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import T, stored
from wms_terminal.ports.channel import (
    Ability,
    Channel,
    DeliveryNews,
    Disposition,
    RefundNews,
    RemoteOrder,
    ReturnedLine,
    ReturnNews,
    ShipNews,
    ShippedLine,
    Standing,
    Told,
    Writeback,
)
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.outbox import Message
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services.deliver import Post, Settled

CHECK = "check"
"""The kind of a message that asks how an order stands now."""

RETURN = "return"
"""The kind of a message that says what came back."""
REFUND = "refund"
"""The kind of a message that pays money back."""
REFUND_PATIENCE = timedelta(days=3)
"""For how long a refund may be in doubt before a person looks: a shop may have it under way."""

Heard = Callable[[Tx, RemoteOrder], object]
"""Lets an order be as its channel has it now."""
News = ShipNews | DeliveryNews | ReturnNews | RefundNews

_KINDS: dict[type[News], str] = {
    ShipNews: "ship",
    DeliveryNews: "deliver",
    ReturnNews: RETURN,
    RefundNews: REFUND,
}


def target(channel: str) -> str:
    """How the outbox names a channel."""
    return f"channel:{channel}"


def key(kind: str, channel: str, reference: str, about: str) -> str:
    """How the outbox recognises a message to a channel about something of one of its orders."""
    return f"{kind}:{channel}:{reference}:{about}"


def tell(tx: Tx, channel: str, order_id: int, news: News, at: str) -> None:
    """Let a channel learn something once; a channel that is not set up is not told.

    The key in the outbox is that of the news. Nor is it told of an order that replaces another,
    which it does not know.
    """
    if tx.channels.get(channel) is None or tx.refunds.replaces(order_id) is not None:
        return
    kind = _KINDS[type(news)]
    about = key(kind, channel, news.reference, news.key)
    tx.outbox.add(target(channel), kind, about, order_id, json.dumps(asdict(news)), at)


def ask_again(tx: Tx, order_id: int, about: str, at: str) -> None:
    """Let a channel be asked once about something whether its order may still go on."""
    order = tx.orders.get(order_id)
    if tx.channels.get(order.channel) is not None and tx.refunds.replaces(order_id) is None:
        question = key(CHECK, order.channel, order.reference, about)
        payload = json.dumps({"reference": order.reference})
        tx.outbox.add(target(order.channel), CHECK, question, order_id, payload, at)


def post(
    code: str, channel: Channel, heard: Heard, follow: Mapping[str, Settled] | None = None
) -> Post:
    """How a channel is told, and asked, what the outbox has for it.

    `follow` keeps, by kind, what follows from an answer, and tells whoever has to look.
    """
    after = follow or {}
    stands: dict[int, RemoteOrder | None] = {}

    def tell_or_ask(message: Message) -> Told:
        if message.kind != CHECK:
            return _tell(channel, read(message))
        found = channel.read(json.loads(message.payload)["reference"])
        stands[message.id] = found
        return Told(
            Writeback.APPLIED, found.standing.value if found else stored(T("not known there"))
        )

    def settled(tx: Tx, message: Message, told: Told) -> None:
        found = stands.pop(message.id, None)
        if found is not None:
            heard(tx, found)
        if message.kind == RETURN:
            # It may have put back by itself what we have already counted and told.
            tx.channels.forget_stock(code, _skus(message))
        if message.kind in after:
            after[message.kind](tx, message, told)

    patience = {REFUND: REFUND_PATIENCE}
    return Post(target(code), "shipping", tell_or_ask, settled, patience, frozenset(after))


def _tell(channel: Channel, news: News) -> Told:
    match news:
        case ShipNews():
            return _ship(channel, news)
        case DeliveryNews():
            return channel.deliver(news)
        case ReturnNews():
            return channel.take_back(news)
        case RefundNews():
            return channel.refund(news)


def _skus(message: Message) -> set[str]:
    return {line["sku"] for line in json.loads(message.payload)["lines"]}


def _ship(channel: Channel, news: ShipNews) -> Told:
    """A parcel that has left has left; that its order was cancelled there is for a person."""
    told = channel.ship(news)
    if told.state is Writeback.REJECTED:
        order = channel.read(news.reference)
        if order is not None and order.standing is Standing.CANCELLED:
            why = T("The order was cancelled there: {why}", why=order.why or told.detail)
            return Told(Writeback.REJECTED, stored(why), told.remote_id)
    return told


def read(message: Message) -> News:
    """The news that a message holds."""
    values = json.loads(message.payload)
    if message.kind == "ship":
        lines = tuple(ShippedLine(**line) for line in values.pop("lines"))
        return ShipNews(**values, lines=lines)
    if message.kind == "deliver":
        return DeliveryNews(**values)
    lines_back = tuple(
        ReturnedLine(**line | {"disposition": Disposition(line["disposition"])})
        for line in values.pop("lines")
    )
    make: Callable[..., News] = ReturnNews if message.kind == RETURN else RefundNews
    return make(**values, lines=lines_back)


def tell_stock(store: Store, code: str, channel: Channel, clock: Clock, limit: int) -> int:
    """Say what may be sold of every product of which something else was said last; how many.

    Raises:
        ChannelAway: it does not answer; what it took before that is kept.
    """
    if Ability.STOCK not in channel.abilities:
        return 0
    count = 0
    while True:
        with store.read() as tx:
            levels = tx.channels.untold_stock(code, limit)
        if not levels:
            return count
        answers = channel.set_stock(levels)
        # What it does not know or cannot count is not asked again before it changes.
        settled = [
            level
            for level, told in zip(levels, answers, strict=True)
            if told.state is not Writeback.IN_DOUBT
        ]
        with store.write() as tx:
            tx.channels.told_stock(code, settled, stamp(clock()))
        count += len(settled)
        if len(settled) < len(levels) or len(levels) < limit:
            return count
