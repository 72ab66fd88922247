"""Telling the outside: at least once, in order, put off while nobody answers, given up aloud."""

from __future__ import annotations

from datetime import timedelta

from tests.world import LANTERN, World
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.channel import ChannelAway, Told, Writeback
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Tx
from wms_terminal.services.deliver import (
    DOUBTS,
    LEASE,
    LONGEST_WAIT,
    PATIENCE,
    Attempt,
    Post,
    deliver,
    give_another_chance,
    wait,
)

APPLIED = Told(Writeback.APPLIED, "250 OK", "remote-1")


class Receiver:
    """Answers as it is told to, and remembers what it heard."""

    def __init__(self, world: World, *answers: Told | Exception) -> None:
        self.world = world
        self.answers = list(answers)
        self.heard: list[str] = []
        self.kept: list[str] = []
        self.post = Post("mail", "shipping", self.tell, self.settled)

    def tell(self, message: Message) -> Told:
        self.heard.append(message.key)
        answer = self.answers.pop(0) if self.answers else APPLIED
        if isinstance(answer, Exception):
            raise answer
        return answer

    def settled(self, tx: Tx, message: Message, told: Told) -> None:
        self.kept.append(f"{message.key} {told.state.value}")

    def turn(self, worker: str = "one") -> Attempt:
        return deliver(self.world.store, self.post, worker, lambda: self.world.now)


def say(world: World, *keys: str, order: int | None = None) -> None:
    with world.store.write() as tx:
        for key in keys:
            tx.outbox.add("mail", "shipped", key, order, "{}", stamp(world.now))


def message(world: World, key: str) -> Message:
    with world.store.read() as tx:
        for number in range(1, 20):
            found = tx.outbox.get(number)
            if found is not None and found.key == key:
                return found
    raise AssertionError(key)


def notices(world: World) -> list[str]:
    with world.store.read() as tx:
        people = [person for person in tx.site.operators() if person.supervisor]
        return [notice.text for person in people for notice in tx.orders.notices(person)]


def test_what_is_due_is_told_once(world: World) -> None:
    receiver = Receiver(world)
    assert receiver.turn() is Attempt.NOTHING
    say(world, "a", "b")
    assert [receiver.turn() for _ in range(3)] == [Attempt.SETTLED] * 2 + [Attempt.NOTHING]
    assert receiver.heard == ["a", "b"]
    assert receiver.kept == ["a applied", "b applied"]
    done = message(world, "a")
    assert (done.state, done.detail, done.remote_id) == (OutboxState.DONE, "250 OK", "remote-1")


def test_who_is_away_is_tried_again_ever_more_slowly(world: World) -> None:
    receiver = Receiver(world, ChannelAway("no connection"), ChannelAway("busy", 120.0))
    say(world, "a")
    assert receiver.turn() is Attempt.PUT_OFF
    assert message(world, "a").detail == "no connection"
    assert receiver.turn() is Attempt.NOTHING
    world.now += wait(1)
    assert receiver.turn() is Attempt.PUT_OFF
    world.now += timedelta(seconds=119)
    assert receiver.turn() is Attempt.NOTHING
    world.now += timedelta(seconds=1)
    assert receiver.turn() is Attempt.SETTLED
    assert receiver.heard == ["a"] * 3
    assert wait(1) < wait(2) < wait(3)
    assert wait(99) == LONGEST_WAIT
    assert wait(1, 1e9) == timedelta(days=1)


def test_who_stays_away_is_given_up_and_somebody_is_told(world: World) -> None:
    order = world.order((LANTERN, 1)).id
    receiver = Receiver(world, *[ChannelAway("no connection")] * 99)
    say(world, "a", order=order)
    for _ in range(4):
        assert receiver.turn() is Attempt.PUT_OFF
        world.now += LONGEST_WAIT
    world.now += PATIENCE
    assert receiver.turn() is Attempt.SETTLED
    assert message(world, "a").state is OutboxState.DEAD
    assert any("no connection" in text for text in notices(world))
    dead = message(world, "a").id
    with world.store.write() as tx:
        give_another_chance(tx, dead, world.now)
    receiver.answers.clear()
    assert receiver.turn() is Attempt.SETTLED
    assert message(world, "a").state is OutboxState.DONE


def test_what_is_rejected_or_unsupported_is_not_tried_again(world: World) -> None:
    rejected, unsupported = Told(Writeback.REJECTED, "no such line"), Told(Writeback.UNSUPPORTED)
    receiver = Receiver(world, rejected, unsupported)
    say(world, "a", "b")
    assert [receiver.turn() for _ in range(3)] == [Attempt.SETTLED] * 2 + [Attempt.NOTHING]
    assert message(world, "a").state is OutboxState.DEAD
    assert message(world, "b").state is OutboxState.UNSUPPORTED
    assert len(notices(world)) == 1


def test_a_doubt_is_told_again_until_it_is_a_person_s(world: World) -> None:
    doubt = Told(Writeback.IN_DOUBT, "no answer came")
    receiver = Receiver(world, *[doubt] * DOUBTS)
    say(world, "a")
    turns = []
    for _ in range(DOUBTS):
        turns.append(receiver.turn())
        world.now += LONGEST_WAIT
    assert turns == [Attempt.PUT_OFF] * (DOUBTS - 1) + [Attempt.SETTLED]
    assert message(world, "a").state is OutboxState.DEAD


def test_what_a_worker_takes_too_long_for_another_tells(world: World) -> None:
    say(world, "a")
    second = Receiver(world)

    def slow(found: Message) -> Told:
        world.now += LEASE
        assert second.turn("two") is Attempt.SETTLED
        return Told(Writeback.REJECTED, "late")

    post = Post("mail", "shipping", slow)
    assert deliver(world.store, post, "one", lambda: world.now) is Attempt.PUT_OFF
    assert message(world, "a").state is OutboxState.DONE
