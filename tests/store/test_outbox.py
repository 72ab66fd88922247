"""The outbox: each message to its receiver at least once, in order, by one worker at a time."""

from __future__ import annotations

import pytest

from tests.store.hands import AT, LATER, Hands
from wms_terminal.ports.outbox import Backlog, Message, OutboxState
from wms_terminal.ports.store import StoreConflict, Tx

UNTIL = "2026-03-04T09:00:00.000Z"
MUCH_LATER = "2026-03-05T09:00:00.000Z"


def say(hands: Hands, key: str, target: str = "mail", order: int | None = None) -> None:
    with hands.store.write() as tx:
        tx.outbox.add(target, "news", key, order, "{}", AT)


def claim(hands: Hands, target: str = "mail", now: str = LATER, worker: str = "one") -> Message:
    with hands.store.write() as tx:
        message = tx.outbox.claim(target, worker, now, UNTIL)
    assert message is not None
    return message


def nothing(tx: Tx, target: str = "mail", now: str = LATER) -> bool:
    return tx.outbox.claim(target, "two", now, UNTIL) is None


def test_the_same_key_is_one_message(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.outbox.add("mail", "news", "one", None, '{"first":1}', AT)
        tx.outbox.add("mail", "news", "one", None, '{"again":1}', LATER)
    message = claim(hands)
    assert (message.payload, message.attempts, message.worker) == ('{"first":1}', 1, "one")
    with hands.store.write() as tx:
        assert nothing(tx)


def test_each_receiver_has_its_own_queue_and_its_own_order(hands: Hands) -> None:
    order = hands.order(("MUG", 1)).id
    say(hands, "a", "mail", order)
    say(hands, "b", "channel:web", order)
    say(hands, "c", "mail", order)
    say(hands, "d", "mail")
    assert claim(hands).key == "a"
    assert claim(hands, "channel:web").key == "b"
    # What comes later about the same order waits; what is about another does not.
    assert claim(hands).key == "d"
    with hands.store.write() as tx:
        assert nothing(tx)


def test_what_a_dead_worker_had_is_claimed_again(hands: Hands) -> None:
    say(hands, "a")
    lost = claim(hands)
    again = claim(hands, now=MUCH_LATER, worker="two")
    assert (again.id, again.attempts) == (lost.id, 2)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.settle(lost, OutboxState.DONE, "", "", LATER)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.put_off(lost, "away", UNTIL)
    with hands.store.write() as tx:
        tx.outbox.settle(again, OutboxState.DONE, "250 OK", "m-1", MUCH_LATER)
        done = tx.outbox.get(again.id)
    assert done is not None
    assert (done.state, done.detail, done.remote_id) == (OutboxState.DONE, "250 OK", "m-1")


def test_what_is_put_off_waits_for_its_time(hands: Hands) -> None:
    say(hands, "a")
    with hands.store.write() as tx:
        message = tx.outbox.claim("mail", "one", LATER, UNTIL)
        assert message is not None
        tx.outbox.put_off(message, "no connection", MUCH_LATER)
        assert tx.outbox.next_at("mail") == MUCH_LATER
        assert nothing(tx, now=UNTIL)
        assert tx.outbox.next_at("channel:web") is None
    assert claim(hands, now=MUCH_LATER).detail == "no connection"


def test_what_was_given_up_is_shown_and_can_be_revived(hands: Hands) -> None:
    order = hands.order(("MUG", 1)).id
    say(hands, "a", "mail", order)
    say(hands, "b", "channel:web", order)
    with hands.store.write() as tx:
        message = tx.outbox.claim("mail", "one", LATER, UNTIL)
        assert message is not None
        tx.outbox.settle(message, OutboxState.DEAD, "no such mailbox", "", LATER)
        assert [item.key for item in tx.outbox.dead(10)] == ["a"]
        assert tx.outbox.backlog() == [
            Backlog("channel:web", 1, 0, AT),
            Backlog("mail", 0, 1, ""),
        ]
        assert [item.key for item in tx.outbox.of_order(order)] == ["a", "b"]
        tx.outbox.revive(message.id, LATER)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.revive(message.id, LATER)
    assert claim(hands).attempts == 2
