"""The channel kit: green for a good channel, red for one that breaks just one of its rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import pytest

from tests.integrations.memory_shop import MemoryChannel, MemoryShop, Order
from wms_terminal.integrations.http import Away
from wms_terminal.integrations.testing.channel_kit import RULES, broken
from wms_terminal.ports.channel import (
    AnnouncedReturn,
    ChannelAway,
    DeliveryNews,
    RefundNews,
    RemoteOrder,
    ReturnNews,
    ShipNews,
    Standing,
    StockLevel,
    Told,
    Writeback,
)

MUTANTS: dict[str, type[MemoryChannel]] = {}


def breaks(rule: str) -> Callable[[type[MemoryChannel]], type[MemoryChannel]]:
    """The channel breaks this rule, and no other."""

    def keep(mutant: type[MemoryChannel]) -> type[MemoryChannel]:
        MUTANTS[rule] = mutant
        return mutant

    return keep


def certain(told: Told) -> Told:
    """An answer of somebody who takes no answer for a yes."""
    return Told(Writeback.APPLIED) if told.state is Writeback.IN_DOUBT else told


class Forgetful(MemoryChannel):
    """Does not look any more once something went well."""

    went_well = False

    def tell(self, steps: Callable[[], None]) -> Told:
        told = super().tell(steps)
        self.went_well = told.state is Writeback.APPLIED
        return told


@breaks("a_paid_order_comes_in_whole")
class WithoutMail(MemoryChannel):
    def order(self, order: Order) -> RemoteOrder:
        found = super().order(order)
        return dataclasses.replace(found, record=dataclasses.replace(found.record, email=""))


@breaks("an_unpaid_order_is_never_open")
class Trusting(MemoryChannel):
    def standing(self, order: Order) -> Standing:
        found = super().standing(order)
        return Standing.OPEN if found is Standing.UNPAID else found


@breaks("a_cancelled_order_is_told")
class CallsCancelledClosed(MemoryChannel):
    def standing(self, order: Order) -> Standing:
        found = super().standing(order)
        return Standing.CLOSED if found is Standing.CANCELLED else found


@breaks("a_held_order_is_told")
class Impatient(MemoryChannel):
    def standing(self, order: Order) -> Standing:
        found = super().standing(order)
        return Standing.OPEN if found is Standing.HELD else found


@breaks("cancelled_units_are_left_out")
class WantsAll(MemoryChannel):
    def order(self, order: Order) -> RemoteOrder:
        return super().order(dataclasses.replace(order, gone={}))


@breaks("the_same_order_is_told_the_same")
class ReadsOtherwise(MemoryChannel):
    def read(self, reference: str) -> RemoteOrder | None:
        found = super().read(reference)
        if found is None:
            return None
        return dataclasses.replace(found, record=dataclasses.replace(found.record, note="read"))


@breaks("changes_of_the_same_second_are_told")
class AfterThatSecond(MemoryChannel):
    def pull(self, since: str) -> Iterator[RemoteOrder]:
        return (one for one in super().pull(since) if one.changed_at > since)


@breaks("the_oldest_change_is_told_first")
class NewestFirst(MemoryChannel):
    def pull(self, since: str) -> Iterator[RemoteOrder]:
        return reversed(list(super().pull(since)))


@breaks("more_than_a_page_comes_in")
class ThreePages(MemoryChannel):
    def pull(self, since: str) -> Iterator[RemoteOrder]:
        self.pages = 0
        return super().pull(since)

    def page(self, since: str, after: Any) -> list[Order]:
        self.pages += 1
        return super().page(since, after) if self.pages <= 3 else []


@breaks("changes_while_paging_lose_nothing")
class CountsPages(MemoryChannel):
    def pull(self, since: str) -> Iterator[RemoteOrder]:
        skip = 0
        while page := self.ask(partial(self.numbered, since, skip)):
            yield from map(self.order, page)
            skip += len(page)

    def numbered(self, since: str, skip: int) -> list[Order]:
        found: list[Order] = []
        after = None
        while page := self.shop.listed(since[:19], after):
            found += page
            after = (page[-1].changed, page[-1].reference)
        return found[skip : skip + self.shop.page]


@breaks("a_broken_pull_is_away_and_loses_nothing")
class StopsQuietly(MemoryChannel):
    def page(self, since: str, after: Any) -> list[Order]:
        try:
            return super().page(since, after)
        except ChannelAway:
            if after is None:
                raise
            return []


@breaks("how_long_to_wait_is_passed_on")
class Hammers(MemoryChannel):
    def away(self, error: Away) -> ChannelAway:
        return ChannelAway(str(error))


@breaks("an_expired_session_is_renewed")
class LogsInOnce(MemoryChannel):
    def call(self, call: Any, do: Callable[[], Any]) -> Any:
        return self.shop.request(call, self.session(), do)


@breaks("an_unknown_order_is_none")
class WalksUp(MemoryChannel):
    def find(self, reference: str) -> Order | None:
        if reference == "../orders":
            return next(iter(self.shop.orders.values()))
        return super().find(reference)


@breaks("a_whole_order_ships")
class ForgetsWhatLeft(MemoryChannel):
    def order(self, order: Order) -> RemoteOrder:
        found = super().order(order)
        done = found.standing is Standing.CLOSED
        return dataclasses.replace(found, shipped={}) if done else found


@breaks("an_order_ships_in_parts")
class DoneAfterTheFirst(MemoryChannel):
    def standing(self, order: Order) -> Standing:
        found = super().standing(order)
        return Standing.CLOSED if found is Standing.OPEN and order.sent() else found


@breaks("the_same_parcel_ships_once")
class ShipsBlindly(Forgetful):
    def parcel(self, news: ShipNews | DeliveryNews) -> Any:
        blind = self.went_well and isinstance(news, ShipNews)
        return None if blind else super().parcel(news)


@breaks("a_lost_answer_ships_once")
class SureThatItShipped(MemoryChannel):
    def ship(self, news: ShipNews) -> Told:
        return certain(super().ship(news))


@breaks("a_busy_channel_ships_once")
class TakesBusyForNo(MemoryChannel):
    def ship_steps(self, news: ShipNews) -> None:
        self.parcel(news)
        try:
            super().ship_steps(news)
        except Away as error:
            raise Refused(str(error)) from None

    def ship(self, news: ShipNews) -> Told:
        try:
            return super().ship(news)
        except Refused as error:
            return Told(Writeback.REJECTED, str(error))


class Refused(Exception):
    """No."""


@breaks("a_write_is_sent_once_a_call")
class TriesWritesAgain(MemoryChannel):
    def write(self, do: Callable[[], Any]) -> Any:
        for _ in range(2):
            try:
                return super().write(do)
            except Away:
                continue
        return super().write(do)


@breaks("too_many_units_are_rejected")
class ShipsWhatIsLeft(MemoryChannel):
    def ship(self, news: ShipNews) -> Told:
        order = self.find(news.reference)
        if order is None or self.parcel(news) is not None:
            return super().ship(news)
        wanted, sent = order.wanted(), order.sent()
        left = [min(one.quantity, wanted[one.line] - sent.get(one.line, 0)) for one in news.lines]
        lines = [
            dataclasses.replace(one, quantity=quantity)
            for one, quantity in zip(news.lines, left, strict=True)
        ]
        return super().ship(dataclasses.replace(news, lines=tuple(lines)))


@breaks("a_cancelled_order_does_not_ship")
class Shrugs(MemoryChannel):
    def ship(self, news: ShipNews) -> Told:
        order = self.find(news.reference)
        gone = order is not None and order.cancelled
        return Told(Writeback.APPLIED) if gone else super().ship(news)


@breaks("a_delivery_is_told_once")
class DeliversBlindly(Forgetful):
    def parcel(self, news: ShipNews | DeliveryNews) -> Any:
        found = super().parcel(news)
        blind = self.went_well and isinstance(news, DeliveryNews) and self.delivers
        self.delivers = isinstance(news, DeliveryNews)
        if blind and found is not None:
            found.delivered += 1
        return found

    delivers = False


@breaks("a_lost_answer_delivers_once")
class SureThatItArrived(MemoryChannel):
    def deliver(self, news: DeliveryNews) -> Told:
        return certain(super().deliver(news))


@breaks("stock_is_what_may_be_sold")
class ForgetsOpenOrders(MemoryChannel):
    def set_level(self, level: StockLevel) -> None:
        super().set_level(level)
        self.shop.on_hand[level.sku] = level.quantity


@breaks("an_unknown_sku_stops_no_other")
class AllOrNothing(MemoryChannel):
    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        if any(level.sku not in self.shop.on_hand for level in levels):
            return [Told(Writeback.REJECTED, "no such product") for _ in levels]
        return super().set_stock(levels)


@breaks("a_lost_answer_leaves_stock_right")
class SureOfStock(MemoryChannel):
    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        return list(map(certain, super().set_stock(levels)))


@breaks("an_announced_return_comes_in")
class DoesNotAskWhy(MemoryChannel):
    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        for one in super().returns(since):
            lines = tuple(dataclasses.replace(line, reason="") for line in one.lines)
            yield dataclasses.replace(one, lines=lines)


@breaks("goods_are_taken_back_once")
class CountsTwice(Forgetful):
    took = False

    def take_back(self, news: ReturnNews) -> Told:
        key = f"{news.key}-again" if self.took else news.key
        told = super().take_back(dataclasses.replace(news, key=key))
        self.took = told.state is Writeback.APPLIED
        return told


@breaks("a_lost_answer_takes_back_once")
class SureThatItCameBack(MemoryChannel):
    def take_back(self, news: ReturnNews) -> Told:
        return certain(super().take_back(news))


@breaks("a_refund_is_paid_once")
class PaysBlindly(Forgetful):
    refunded = False

    def paid(self, news: RefundNews) -> bool:
        return not self.refunded and super().paid(news)

    def refund(self, news: RefundNews) -> Told:
        told = super().refund(news)
        self.refunded = told.state is Writeback.APPLIED
        return told


@breaks("two_refunds_are_two")
class LooksAtTheAmount(MemoryChannel):
    def paid(self, news: RefundNews) -> bool:
        order = self.find(news.reference)
        return order is not None and any(amount == news.amount for _, amount in order.refunds)


@breaks("a_lost_answer_refunds_once")
class SureThatItPaid(MemoryChannel):
    def refund(self, news: RefundNews) -> Told:
        return certain(super().refund(news))


@breaks("too_much_money_is_rejected")
class PaysWhatIsLeft(MemoryChannel):
    def refund(self, news: RefundNews) -> Told:
        placed = self.shop.orders[news.reference].placed
        total = sum(line.quantity * line.unit_price for line in placed.lines)
        return super().refund(dataclasses.replace(news, amount=min(news.amount, total)))


@breaks("hostile_text_comes_in_unharmed")
class StripsMarkup(MemoryChannel):
    def order(self, order: Order) -> RemoteOrder:
        found = super().order(order)
        customer = found.record.customer
        customer = dataclasses.replace(customer, name=customer.name.replace("[", ""))
        record = dataclasses.replace(found.record, customer=customer)
        return dataclasses.replace(found, record=record)


@breaks("hostile_text_goes_out_as_data")
class EatsQuotes(MemoryChannel):
    def ship(self, news: ShipNews) -> Told:
        bare = news.tracking.replace("'", "")
        return super().ship(dataclasses.replace(news, tracking=bare, key=bare))


@breaks("a_hostile_refund_is_one_refund")
class FearsReasons(MemoryChannel):
    def refund(self, news: RefundNews) -> Told:
        if "<" in news.reason:
            return Told(Writeback.REJECTED, "a strange reason")
        return super().refund(news)


@breaks("no_secret_is_told")
class Blabs(MemoryChannel):
    def blot(self, said: str) -> str:
        return said


@breaks("what_it_can_is_fixed")
class Lists(MemoryChannel):
    abilities: Any = tuple(MemoryChannel.abilities)


@breaks("closing_twice_is_fine")
class ClosesOnce(MemoryChannel):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


@breaks("what_was_tidy_stays_tidy")
class Acknowledges(MemoryChannel):
    def pull(self, since: str) -> Iterator[RemoteOrder]:
        for one in super().pull(since):
            self.tell(partial(self.write, dict))
            yield one


def test_a_good_channel_keeps_every_rule() -> None:
    assert broken(MemoryShop) == {}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_a_channel_that_breaks_one_rule_is_caught_by_that_rule(rule: str) -> None:
    found = broken(partial(MemoryShop, MUTANTS[rule]))
    assert list(found) == [rule], found
    assert str(found[rule])


def test_each_rule_is_said_in_words() -> None:
    for rule in RULES:
        assert rule.__doc__
