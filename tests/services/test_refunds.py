"""Money that goes back: never more than was paid, never twice, and never by one person alone."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pysqlite3 import dbapi2

from data import doctor
from data.sqlite import Sqlite
from data.store import SqlStore
from tests.services.pack_helpers import SHIP, hand_over, label_of, labelled, shipping
from tests.services.saying import events, notices
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.orders import Order
from wms_terminal.domain.outcome import Refused
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.domain.refunds import Refund, RefundState
from wms_terminal.domain.returns import Advised
from wms_terminal.domain.site import Operator
from wms_terminal.ports.channel import (
    ChannelAway,
    ChannelSettings,
    Disposition,
    RefundNews,
    RemoteOrder,
    Standing,
    Told,
    Writeback,
)
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import StoreConflict, Tx
from wms_terminal.services import channel_news, refunds, returns
from wms_terminal.services.channel_orders import apply
from wms_terminal.services.deliver import DOUBTS, LEASE, LONGEST_WAIT, PATIENCE, Attempt, deliver

WEB = "web"
DOUBT = Told(Writeback.IN_DOUBT, "no answer came")


@dataclass
class Shop:
    """A channel that pays once for each key; a test says how its answers go."""

    world: World
    answers: list[Told | ChannelAway] = field(default_factory=list)
    """What is answered next; a doubt has paid or not, as `pays` says. Then it pays, and says so."""
    pays: bool = True
    paid: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def refund(self, news: RefundNews) -> Told:
        self.asked.append(news.key)
        answer = self.answers.pop(0) if self.answers else Told(Writeback.APPLIED)
        if isinstance(answer, ChannelAway):
            raise answer
        if news.key not in self.paid and (
            answer.state is Writeback.APPLIED or (answer.state is Writeback.IN_DOUBT and self.pays)
        ):
            self.paid[news.key] = news.amount
        if answer.state is not Writeback.IN_DOUBT and news.key in self.paid:
            return Told(Writeback.APPLIED, "paid", f"re-{news.key}")
        return answer

    def read(self, reference: str) -> None:
        """It says nothing about orders."""

    def ship(self, news: object) -> Told:
        return Told(Writeback.APPLIED)

    def turn(self) -> Attempt:
        """What one turn of the worker comes to."""
        world = self.world

        def follow(tx: Tx, message: Message, told: Told) -> None:
            refunds.settled(tx, message, told, stamp(world.now))
            # Some answers come twice.
            refunds.settled(tx, message, told, stamp(world.now))

        post = channel_news.post(
            WEB,
            self,  # type: ignore[arg-type]  # as much of a channel as is asked here
            lambda tx, order: None,
            {channel_news.REFUND: follow},
        )
        return deliver(world.store, post, "one", lambda: world.now)

    def work(self) -> None:
        """Turns until nothing is due."""
        while self.turn() is not Attempt.NOTHING:
            pass


@pytest.fixture
def shop(world: World) -> Shop:
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings(WEB, "fake", "https://shop.example"), 60)
        tx.site.set_setting("mail.from", "shop@example.com")
    return Shop(world)


@pytest.fixture
def order(world: World) -> Order:
    """An order of 750, all of it shipped."""
    return shipped(world)


def shipped(world: World) -> Order:
    lines = (
        OrderLineRecord(LANTERN, 2, 250, reference="line-1"),
        OrderLineRecord(MUG, 1, 250, reference="line-2"),
    )
    made = labelled(world, lines=lines)
    shipping(world)
    world.scan(SHIP, label_of(world, made))
    hand_over(world)
    world.scan(SHIP, "CARPOSTNL")
    return world.find(made.number)


@pytest.fixture
def sara(world: World) -> Operator:
    return person(world, "SARA")


def person(world: World, code: str) -> Operator:
    with world.store.read() as tx:
        return next(item for item in tx.site.operators() if item.code == code)


def propose(world: World, order: Order, amount: int, key: str = "k", **more: int) -> Refund:
    with world.store.write() as tx:
        return refunds.propose(tx, order.id, amount, "broken", stamp(world.now), key=key, **more)


def approve(world: World, refund: Refund, operator: Operator) -> Refund:
    with world.store.write() as tx:
        return refunds.approve(tx, refund.id, operator, stamp(world.now))


def settle(
    world: World, refund: Refund, operator: Operator, *, paid: bool, why: str = "seen"
) -> Refund:
    with world.store.write() as tx:
        at = stamp(world.now)
        return refunds.settle_by_hand(tx, refund.id, operator, at, paid=paid, evidence=why)


def now(world: World, refund: Refund) -> Refund:
    with world.store.read() as tx:
        return tx.refunds.get(refund.id)


def left(world: World, order: Order) -> int:
    with world.store.read() as tx:
        return refunds.most(tx, order.id)


def mails(world: World, order: Order) -> list[str]:
    with world.store.read() as tx:
        return [item.key for item in tx.outbox.of_order(order.id) if item.kind == "refunded"]


def test_what_was_paid_for_shipped_goods_goes_back_and_not_more(
    world: World, shop: Shop, order: Order
) -> None:
    assert left(world, order) == 750
    waiting = world.order((MUG, 1))
    for wanted, amount in ((order, 751), (order, 0), (order, -1), (waiting, 1)):
        with pytest.raises(Refused, match="cannot go back"):
            propose(world, wanted, amount)
    first = propose(world, order, 700)
    assert (left(world, order), first.state, first.currency) == (50, RefundState.PROPOSED, "EUR")
    with pytest.raises(Refused):
        propose(world, order, 51, "other")
    assert events(world, order.number)[-1] == "refund"
    assert any("refund of 7.00 EUR proposed: broken" in text for text in notices(world))


def test_the_same_key_is_the_same_refund(world: World, order: Order) -> None:
    first = propose(world, order, 700)
    assert propose(world, order, 700) == first
    with pytest.raises(Refused):
        propose(world, order, 50)
    assert len(notices(world)) == 1


def test_an_approved_refund_is_paid_once_and_the_customer_told_once(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    refund = propose(world, order, 750)
    assert approve(world, refund, sara).state is RefundState.SENT
    assert approve(world, refund, sara).state is RefundState.SENT
    shop.work()
    done = now(world, refund)
    assert (done.state, done.remote_id, shop.paid) == (RefundState.DONE, "re-k", {"k": 750})
    assert shop.asked == ["k"]
    assert mails(world, order) == [f"mail:web:{order.reference}:refunded:k"]
    assert events(world, order.number).count("refund") == 3  # proposed, approved, paid
    assert left(world, order) == 0
    with pytest.raises(Refused, match="is paid"):
        approve(world, refund, sara)


def test_money_is_decided_about_by_role_and_not_alone(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    anna = person(world, "ANNA")
    own = propose(world, order, 100, operator_id=sara.id)
    for operator, why in ((anna, "may not"), (sara, "yourself")):
        with pytest.raises(Refused, match=why):
            approve(world, own, operator)
    with world.store.write() as tx:
        tx.site.set_setting(refunds.ALONE_UP_TO, "150")
    assert approve(world, own, sara).state is RefundState.SENT
    # Two small ones are not a way around it.
    other = propose(world, order, 100, "other", operator_id=sara.id)
    with pytest.raises(Refused, match="yourself"):
        approve(world, other, sara)
    by_anna = propose(world, order, 100, "anna", operator_id=anna.id)
    assert approve(world, by_anna, sara).state is RefundState.SENT
    with pytest.raises(Refused, match="may not"), world.store.write() as tx:
        refunds.settle_by_hand(tx, own.id, anna, stamp(world.now), paid=True, evidence="seen")


def test_a_declined_refund_is_not_paid_and_whoever_proposed_it_may_withdraw_it(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    anna = person(world, "ANNA")
    bob = person(world, "BOB")
    refund = propose(world, order, 750, operator_id=anna.id)
    with pytest.raises(Refused), world.store.write() as tx:
        refunds.decline(tx, refund.id, bob, stamp(world.now))
    with world.store.write() as tx:
        assert refunds.decline(tx, refund.id, anna, stamp(world.now), "a mistake").detail
        again = refunds.decline(tx, refund.id, sara, stamp(world.now), "other")
    assert (again.state, again.detail) == (RefundState.DECLINED, "a mistake")
    with pytest.raises(Refused, match="is declined"):
        approve(world, refund, sara)
    assert left(world, order) == 750
    shop.work()
    assert shop.paid == {}


@pytest.mark.parametrize("pays", [True, False])
def test_in_doubt_is_asked_again_for_days_and_then_a_person_looks(
    world: World, shop: Shop, order: Order, sara: Operator, pays: bool
) -> None:
    shop.work()  # the parcel
    shop.pays = pays
    refund = approve(world, propose(world, order, 750), sara)
    until = world.now + channel_news.REFUND_PATIENCE
    while world.now <= until:
        assert now(world, refund).state is RefundState.SENT
        shop.answers = [DOUBT]
        assert shop.turn() is Attempt.PUT_OFF
        world.now += LONGEST_WAIT
    assert len(shop.asked) > 3 * DOUBTS
    shop.answers = [DOUBT]
    shop.work()
    doubtful = now(world, refund)
    assert (doubtful.state, doubtful.detail) == (RefundState.IN_DOUBT, "no answer came")
    assert left(world, order) == 0
    assert [text for text in notices(world) if "in doubt" in text]
    assert not [text for text in notices(world) if "could not be told" in text]
    with pytest.raises(Refused, match="how you know"):
        settle(world, refund, sara, paid=pays, why=" ")
    ended = settle(world, refund, sara, paid=pays, why="looked \x1bat the shop")
    assert ended.detail == "looked at the shop"
    assert ended.state is (RefundState.DONE if pays else RefundState.REJECTED)
    assert left(world, order) == (0 if pays else 750)
    assert bool(mails(world, order)) is pays
    asked = len(shop.asked)
    world.now += PATIENCE
    shop.work()
    assert len(shop.asked) == asked
    with pytest.raises(Refused):
        settle(world, refund, sara, paid=True)


def test_what_was_given_up_may_be_asked_again_with_the_same_key(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    shop.work()
    shop.answers = [ChannelAway("maintenance")] * 4
    refund = approve(world, propose(world, order, 750), sara)
    for _ in range(4):
        assert shop.turn() is Attempt.PUT_OFF
        world.now += LONGEST_WAIT
    shop.answers = [ChannelAway("maintenance")]
    world.now += channel_news.REFUND_PATIENCE
    shop.work()
    assert now(world, refund).state is RefundState.IN_DOUBT
    with world.store.write() as tx:
        (dead,) = tx.outbox.dead(10)
        tx.outbox.revive(dead.id, stamp(world.now))
    shop.work()
    assert (now(world, refund).state, shop.paid) == (RefundState.DONE, {"k": 750})


def test_a_person_may_settle_what_is_still_asked_for_but_not_while_it_is_told(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    shop.work()
    shop.answers = [DOUBT]
    refund = approve(world, propose(world, order, 750), sara)
    assert shop.turn() is Attempt.PUT_OFF
    world.now += LONGEST_WAIT
    with world.store.write() as tx:
        until = stamp(world.now + timedelta(minutes=5))
        message = tx.outbox.claim("channel:web", "two", stamp(world.now), until)
    assert message is not None
    with pytest.raises(StoreConflict):
        settle(world, refund, sara, paid=True)
    with world.store.write() as tx:
        tx.outbox.put_off(message, "no answer", stamp(world.now))
    settle(world, refund, sara, paid=True)
    shop.work()
    assert (shop.asked, now(world, refund).state) == (["k"], RefundState.DONE)


def test_what_the_channel_refuses_may_be_proposed_anew(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    shop.answers = [Told(Writeback.REJECTED, "the account is empty")]
    refund = approve(world, propose(world, order, 750), sara)
    shop.work()
    assert now(world, refund).state is RefundState.REJECTED
    assert [text for text in notices(world) if "the account is empty" in text]
    with world.store.read() as tx:
        assert tx.outbox.dead(10) == []
    other = approve(world, propose(world, order, 750, "other"), sara)
    shop.work()
    assert (now(world, other).state, shop.paid) == (RefundState.DONE, {"other": 750})
    assert len(mails(world, order)) == 1


def test_where_the_channel_does_not_pay_a_person_does(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    shop.answers = [Told(Writeback.UNSUPPORTED, "it decides by itself")]
    refund = approve(world, propose(world, order, 750), sara)
    shop.work()
    assert now(world, refund).state is RefundState.APPROVED
    assert [text for text in notices(world) if "by hand" in text]
    assert left(world, order) == 0
    assert settle(world, refund, sara, paid=True).state is RefundState.DONE
    assert len(mails(world, order)) == 1


def test_an_order_of_no_channel_is_paid_by_hand(world: World, order: Order, sara: Operator) -> None:
    refund = approve(world, propose(world, order, 750), sara)
    assert refund.state is RefundState.APPROVED
    assert [text for text in notices(world) if "by hand" in text]
    assert settle(world, refund, sara, paid=False).state is RefundState.REJECTED


def test_what_the_channel_has_paid_back_by_itself_is_not_paid_again(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    refund = propose(world, order, 500)
    record = OrderRecord(
        WEB, order.reference, order.placed_at, order.address, (), payment="refunded"
    )
    heard = RemoteOrder(record, Standing.CLOSED, stamp(world.now))
    for _ in range(2):
        with world.store.write() as tx:
            apply(tx, heard, lambda tx, record: "", lambda: world.now)
    assert world.find(order.number).payment == "refunded"
    assert len([text for text in notices(world) if "back already" in text]) == 1
    with pytest.raises(Refused, match="already"):
        approve(world, refund, sara)
    with pytest.raises(Refused, match="cannot go back"):
        propose(world, order, 100, "other")


def test_a_return_s_goods_are_named_in_its_first_refund_only(
    world: World, shop: Shop, order: Order, sara: Operator
) -> None:
    with world.store.write() as tx:
        line, at = tx.orders.lines(order.id)[0], stamp(world.now)
        place = tx.site.location_by_code("PROBLEM-01")
        assert place is not None
        case = returns.announce(tx, order, [Advised(line.id, 1, "")], at, rma="RMA-7")
        unit = returns.Unit(line.product_id, line_id=line.id)
        returns.receive(tx, case, unit, Disposition.HOLD, place.id, at)
    for key in ("first", "second"):
        approve(world, propose(world, order, 100, key, return_id=case.id), sara)
    with world.store.read() as tx:
        messages = [item for item in tx.outbox.of_order(order.id) if item.kind == "refund"]
    first, second = (channel_news.read(message) for message in messages)
    assert isinstance(first, RefundNews)
    assert isinstance(second, RefundNews)
    assert (first.rma, second.rma) == ("RMA-7", "RMA-7")
    assert [(item.line, item.quantity) for item in first.lines] == [("line-1", 1)]
    assert second.lines == ()


@pytest.fixture(scope="module")
def ready(set_up_store: SqlStore) -> SqlStore:
    """A store with a channel and an order of 750 that was shipped."""
    store = copied(set_up_store)
    world = World(store, ready=True)
    with store.write() as tx:
        tx.channels.put(ChannelSettings(WEB, "fake", "https://shop.example"), 60)
        tx.site.set_setting("mail.from", "shop@example.com")
    shipped(world)
    Shop(world).work()
    return store


def copied(store: SqlStore) -> SqlStore:
    raw = dbapi2.connect(":memory:", isolation_level=None, cached_statements=512)
    cast("Sqlite", store._connection)._raw.backup(raw)
    raw.execute("PRAGMA foreign_keys = ON")
    return SqlStore(Sqlite(raw, None))


class Office:
    """People and workers that do whatever they may, in any order, and say what is true."""

    def __init__(self, store: SqlStore) -> None:
        self.world = World(store, ready=True)
        self.shop = Shop(self.world)
        self.order = self.world.find("1001")
        self.sara = person(self.world, "SARA")
        self.by_hand: dict[str, int] = {}
        self.told: list[Message] = []

    def refund(self, number: int) -> Refund | None:
        with self.world.store.read() as tx:
            return tx.refunds.by_key(f"k{number}")

    def propose(self, number: int, amount: int) -> None:
        propose(self.world, self.order, amount, f"k{number}")

    def approve(self, number: int) -> None:
        if refund := self.refund(number):
            approve(self.world, refund, self.sara)

    def decline(self, number: int) -> None:
        if refund := self.refund(number):
            with self.world.store.write() as tx:
                refunds.decline(tx, refund.id, self.sara, stamp(self.world.now))

    def look(self, number: int) -> None:
        """A person pays what is to be paid by hand, and else says what the shop shows."""
        if refund := self.refund(number):
            paid = refund.key in self.shop.paid
            pays = refund.state is RefundState.APPROVED and not paid
            settle(self.world, refund, self.sara, paid=paid or pays)
            if pays:
                assert refund.key not in self.by_hand
                self.by_hand[refund.key] = refund.amount

    def turn(self, answer: Told | ChannelAway, pays: bool) -> None:
        self.shop.answers, self.shop.pays = [answer], pays
        self.shop.turn()

    def give_up(self, pays: bool) -> None:
        """The channel answers with doubts until no more is hoped for."""
        for minutes in (61, 61, 61, 4 * 24 * 60):
            self.turn(DOUBT, pays)
            self.world.wait(minutes=minutes)
        self.turn(DOUBT, pays)

    def crash(self) -> None:
        """A worker dies after it has told the channel."""
        with self.world.store.write() as tx:
            at, until = stamp(self.world.now), stamp(self.world.now + LEASE)
            message = tx.outbox.claim("channel:web", "dead", at, until)
        if message is not None and message.kind == channel_news.REFUND:
            self.told.append(message)
            news = channel_news.read(message)
            assert isinstance(news, RefundNews)
            self.shop.answers = []
            self.shop.refund(news)

    def late(self, number: int) -> None:
        """An answer that was long under way."""
        if self.told:
            message = self.told[number % len(self.told)]
            with self.world.store.write() as tx:
                at = stamp(self.world.now)
                tx.outbox.settle(message, OutboxState.DONE, "paid", "late", at)
                refunds.settled(tx, message, Told(Writeback.APPLIED, "paid", "late"), at)

    def retry(self) -> None:
        with self.world.store.write() as tx:
            for message in tx.outbox.dead(10):
                tx.outbox.revive(message.id, stamp(self.world.now))

    def wait(self, minutes: int) -> None:
        self.world.wait(minutes=minutes)

    def check(self) -> None:
        assert not self.shop.paid.keys() & self.by_hand.keys()
        gone = self.shop.paid | self.by_hand
        assert sum(gone.values()) <= 750
        with self.world.store.read() as tx:
            known = {refund.key: refund for refund in tx.refunds.of_order(self.order.id)}
            mailed = [item for item in tx.outbox.of_order(self.order.id) if item.kind == "refunded"]
        assert all(known[key].amount == amount for key, amount in gone.items())
        done = {key for key, refund in known.items() if refund.state is RefundState.DONE}
        assert done <= gone.keys()
        assert len(mailed) == len(done)
        lost = {RefundState.REJECTED, RefundState.DECLINED, RefundState.PROPOSED}
        assert not [key for key in gone if known[key].state in lost]


KEYS = st.integers(0, 4)
ANSWERS = st.sampled_from(
    [
        Told(Writeback.APPLIED),
        DOUBT,
        Told(Writeback.REJECTED, "no"),
        Told(Writeback.UNSUPPORTED),
        ChannelAway("busy"),
    ]
)
AMOUNTS = st.sampled_from([1, 300, 400, 750])
STEPS = st.one_of(
    st.tuples(st.just("propose"), KEYS, AMOUNTS),
    st.tuples(st.just("approve"), KEYS),
    st.tuples(st.just("approve"), KEYS),
    st.tuples(st.just("decline"), KEYS),
    st.tuples(st.just("look"), KEYS),
    st.tuples(st.just("turn"), ANSWERS, st.booleans()),
    st.tuples(st.just("turn"), ANSWERS, st.booleans()),
    st.tuples(st.just("give_up"), st.booleans()),
    st.tuples(st.just("crash")),
    st.tuples(st.just("late"), KEYS),
    st.tuples(st.just("retry")),
    st.tuples(st.just("wait"), st.sampled_from([1, 6, 61, 4 * 24 * 60])),
)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(STEPS, min_size=10, max_size=60))
def test_whatever_happens_nothing_is_paid_twice_and_no_more_than_was_paid(
    ready: SqlStore, steps: list[tuple[object, ...]]
) -> None:
    with closing(copied(ready)) as store:
        office = Office(store)
        for name, *arguments in steps:
            with suppress(Refused, StoreConflict):
                getattr(office, str(name))(*arguments)
            office.check()
        with store.read() as tx:
            assert not doctor.examine(tx)
