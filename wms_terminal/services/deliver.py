"""The outbox is emptied: one message after the other to its receiver, at least once, in order.

A message is claimed before it is told, so that two workers never tell the same one at once, and a
worker that dies leaves it to the next. What every receiver is told twice it recognises by its key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.text import T, restored, stored
from wms_terminal.ports.channel import ChannelAway, Told, Writeback
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Store, StoreConflict, Tx
from wms_terminal.services import words

LEASE = timedelta(minutes=5)
"""How long a worker may take for one message before another takes it over."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)
"""Between two attempts: twice as long each time."""
PATIENCE = timedelta(hours=48)
"""How long a receiver may be away before its messages are given up."""
DOUBTS = 12
"""How often in a row an answer may be in doubt before a person has to look."""

Tell = Callable[[Message], Told]
"""Tells a receiver; raises ChannelAway when it could not be asked."""
Settled = Callable[[Tx, Message, Told], None]
"""Keeps what follows from an answer, in the transaction that settles the message."""


class Attempt(Enum):
    """How one attempt went."""

    NOTHING = "nothing"
    """Nothing was due."""
    SETTLED = "settled"
    PUT_OFF = "put off"
    """The receiver is away, or in doubt."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is due to one receiver, and how it is told."""

    target: str
    department: str
    """Which department's responsible person sees what was given up."""
    tell: Tell
    settled: Settled = lambda tx, message, told: None
    """Is told of an answer in doubt as well, once no more is hoped for."""
    patience: Mapping[str, timedelta] = field(default_factory=dict)
    """By kind, for how long it is asked again, also in doubt, where that is not `PATIENCE`."""
    quiet: frozenset[str] = frozenset()
    """Kinds of which `settled` says by itself what was given up."""


def deliver(store: Store, post: Post, worker: str, clock: Clock) -> Attempt:
    """Tell a receiver the one thing that is due, if anything is."""
    now = clock()
    with store.write() as tx:
        message = tx.outbox.claim(post.target, worker, stamp(now), stamp(now + LEASE))
    if message is None:
        return Attempt.NOTHING
    try:
        told = post.tell(message)
    except ChannelAway as away:
        return _put_off(store, post, message, str(away), away.retry_after_s, clock)
    again = message.attempts < DOUBTS or message.kind in post.patience
    if told.state is Writeback.IN_DOUBT and again:
        return _put_off(
            store, post, message, told.detail or stored(T("no answer came")), 0.0, clock
        )
    try:
        with store.write() as tx:
            _settle(tx, post, message, told, stamp(clock()))
    except StoreConflict:
        # Somebody else has the message by now, and its receiver recognises the key.
        return Attempt.PUT_OFF
    return Attempt.SETTLED


def _settle(tx: Tx, post: Post, message: Message, told: Told, at: str) -> None:
    states = {
        Writeback.APPLIED: OutboxState.DONE,
        Writeback.UNSUPPORTED: OutboxState.UNSUPPORTED,
        Writeback.REJECTED: OutboxState.DEAD,
        Writeback.IN_DOUBT: OutboxState.DEAD,
    }
    state = states[told.state]
    tx.outbox.settle(message, state, told.detail, told.remote_id, at)
    post.settled(tx, message, told)
    if state is OutboxState.DEAD and message.kind not in post.quiet:
        _tell_responsible(tx, post, message, told.detail, at)


def _put_off(
    store: Store, post: Post, message: Message, why: str, asked_s: float, clock: Clock
) -> Attempt:
    now = clock()
    try:
        with store.write() as tx:
            patience = post.patience.get(message.kind, PATIENCE)
            if now - moment(message.at) > patience and message.attempts > 3:
                _settle(tx, post, message, Told(Writeback.IN_DOUBT, why), stamp(now))
                return Attempt.SETTLED
            tx.outbox.put_off(message, why, stamp(now + wait(message.attempts, asked_s)))
    except StoreConflict:
        pass
    return Attempt.PUT_OFF


def wait(attempts: int, asked_s: float = 0.0) -> timedelta:
    """How long to wait after so many attempts, at least as long as the receiver asks for."""
    doubled = FIRST_WAIT * (1 << min(attempts - 1, 12))
    return max(min(doubled, LONGEST_WAIT), timedelta(seconds=min(asked_s, 24 * 3600)))


def _tell_responsible(tx: Tx, post: Post, message: Message, why: str, at: str) -> None:
    number = tx.orders.head(message.order_id).number if message.order_id is not None else "–"
    text = T(
        "Order {number}: {target} could not be told ({kind}): {why}",
        number=number,
        target=words.receiver(message.target),
        kind=words.news(message.kind),
        why=restored(why) or "?",
    )
    tx.orders.add_notice(post.department, text, order_id=message.order_id, at=at)


def give_another_chance(tx: Tx, message_id: int, now: datetime) -> None:
    """Try a message again that was given up; StoreConflict when it was not."""
    tx.outbox.revive(message_id, stamp(now))
