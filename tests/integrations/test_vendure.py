"""Vendure, against a shop that is held to its own schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.integrations.vendure_shop import PASSWORD, VendureShop
from wms_terminal.integrations.channels.vendure import ALIVE, open_channel
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.integrations.testing.rule import news, order, pulled, there
from wms_terminal.ports.channel import (
    ChannelAway,
    ChannelSettings,
    DeliveryNews,
    Disposition,
    RefundNews,
    ReturnedLine,
    ReturnNews,
    Standing,
    StockLevel,
    Writeback,
)

LATER = "2026-01-05T10:00:00.000Z"


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_channel_keeps(rule: Rule) -> None:
    keep(rule, VendureShop)


@pytest.fixture
def shop() -> Iterator[VendureShop]:
    made = VendureShop()
    yield made
    made.close()


def test_an_order_that_is_paid_late_is_told_though_its_date_stays(shop: VendureShop) -> None:
    reference = order(shop, 1, paid=False)
    assert reference not in pulled(shop.channel(), LATER)
    shop.pay(reference)
    found = pulled(shop.channel(), LATER)[reference]
    assert found.standing is Standing.OPEN
    assert found.changed_at < LATER


def test_an_order_that_is_being_modified_is_held_though_its_date_stays(shop: VendureShop) -> None:
    reference = order(shop, 1)
    shop.hold(reference)
    found = pulled(shop.channel(), LATER)[reference]
    assert (found.standing, found.why) == (Standing.HELD, "Modifying")


def test_an_order_that_is_forgotten_for_months_is_not_told_at_every_pull(shop: VendureShop) -> None:
    reference = order(shop, 1)
    long_after = f"{(shop.now + 2 * ALIVE).isoformat()[:19]}Z"
    assert reference not in pulled(shop.channel(), long_after)


def test_an_order_of_which_the_rest_is_cancelled_is_closed(shop: VendureShop) -> None:
    reference = order(shop, 2, 1)
    channel = shop.channel()
    before = there(channel, reference)
    channel.ship(news(before, 1, 0, complete=False))
    first, second = (line.reference for line in before.record.lines)
    shop.cancel_units(reference, first, 1)
    shop.cancel_units(reference, second, 1)
    found = there(channel, reference)
    assert found.standing is Standing.CLOSED
    assert [(line.reference, line.quantity) for line in found.record.lines] == [(first, 1)]


def test_an_order_that_is_cancelled_after_a_part_left_is_cancelled(shop: VendureShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    channel.ship(news(there(channel, reference), 1, complete=False))
    shop.cancel(reference)
    assert there(channel, reference).standing is Standing.CANCELLED


def test_an_order_that_came_back_whole_is_closed(shop: VendureShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    remote = there(channel, reference)
    channel.ship(news(remote))
    assert channel.take_back(_back(shop, reference, 2)).state is Writeback.APPLIED
    assert shop.orders[reference].data["state"] == "Cancelled"
    after = there(channel, reference)
    assert after.standing is Standing.CLOSED
    assert after.record.lines == remote.record.lines


def test_an_unpaid_order_does_not_ship_though_the_shop_would_let_it(shop: VendureShop) -> None:
    reference = order(shop, 1, paid=False)
    told = shop.channel().ship(news(there(shop.channel(), reference)))
    assert (told.state, told.detail) == (
        Writeback.REJECTED,
        "Not done: the order is PaymentAuthorized.",
    )
    assert shop.shipments(reference) == []


def test_a_parcel_that_was_cancelled_in_the_shop_is_not_made_again(shop: VendureShop) -> None:
    reference = order(shop, 1)
    channel = shop.channel()
    parcel = news(there(channel, reference))
    number = channel.ship(parcel).remote_id
    shop.move_parcel(number, "Cancelled")
    told = channel.ship(parcel)
    assert told.state is Writeback.REJECTED
    assert "cancelled in the shop" in told.detail
    assert len(shop.orders[reference].data["fulfillments"]) == 1


def test_a_delivery_of_a_parcel_that_the_shop_does_not_know_is_rejected(shop: VendureShop) -> None:
    told = shop.channel().deliver(DeliveryNews("3SNONE", order(shop, 1), LATER))
    assert told.state is Writeback.REJECTED


def test_an_order_that_the_shop_does_not_know_is_rejected(shop: VendureShop) -> None:
    parcel = news(there(shop.channel(), order(shop, 1)))
    channel = shop.channel()
    told = [
        channel.ship(replace(parcel, reference="V9")),
        channel.deliver(DeliveryNews(parcel.key, "V9", LATER)),
        channel.take_back(ReturnNews("B-1", "", "V9", (_returned("1", 1),))),
        channel.refund(RefundNews("R-1", "V9", "", 1, "EUR", "")),
    ]
    assert {one.state for one in told} == {Writeback.REJECTED}


def test_goods_do_not_come_back_of_a_line_that_is_not_shipped_whole(shop: VendureShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    channel.ship(news(there(channel, reference), 1, complete=False))
    told = channel.take_back(_back(shop, reference, 1))
    assert told.state is Writeback.REJECTED  # the shop would cancel the one that is to come
    assert there(channel, reference).record.lines[0].quantity == 2


def test_more_than_was_shipped_does_not_come_back(shop: VendureShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    channel.ship(news(there(channel, reference)))
    assert channel.take_back(_back(shop, reference, 1, "B-1")).state is Writeback.APPLIED
    assert channel.take_back(_back(shop, reference, 2, "B-2")).state is Writeback.REJECTED
    assert channel.take_back(_back(shop, reference, 1, "B-11")).state is Writeback.APPLIED


def test_goods_that_do_not_go_back_on_sale_are_not_told(shop: VendureShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    channel.ship(news(there(channel, reference)))
    scrap = replace(_returned("1", 1), disposition=Disposition.SCRAP)
    told = channel.take_back(ReturnNews("B-1", "", reference, (scrap,)))
    assert told.state is Writeback.UNSUPPORTED


def test_a_refund_takes_as_many_payments_as_it_needs_once(shop: VendureShop) -> None:
    reference = order(shop, 2)
    payments = shop.orders[reference].data["payments"]
    payments.append({"id": "900", "amount": 1000, "state": "Settled", "refunds": []})
    payments.append({"id": "901", "amount": 9000, "state": "Declined", "refunds": []})
    money = RefundNews("R-1", reference, "", 3200, "EUR", "Kapot", (_returned("1", 1),))
    for _ in range(2):
        assert shop.channel().refund(money).state is Writeback.APPLIED
        assert shop.refunds(reference) == [2500, 700]
    assert shop.channel().refund(replace(money, key="R-2", amount=301)).state is Writeback.REJECTED
    assert shop.channel().refund(replace(money, key="R-2", amount=300)).state is Writeback.APPLIED
    assert there(shop.channel(), reference).record.payment == "refunded"


def test_half_a_refund_goes_on_with_the_other_half(shop: VendureShop) -> None:
    reference = order(shop, 1)
    shop.orders[reference].data["payments"].append(
        {"id": "900", "amount": 1000, "state": "Settled", "refunds": []}
    )
    money = RefundNews("R-1", reference, "", 2000, "EUR", "Kapot")
    shop.inject(Fault.LOST_BEFORE, Call.WRITE, 1)
    assert shop.channel().refund(money).state is Writeback.IN_DOUBT
    assert shop.refunds(reference) == [1250]
    assert shop.channel().refund(money).state is Writeback.APPLIED
    assert shop.refunds(reference) == [1250, 750]


def test_a_refund_that_the_shop_has_not_settled_says_so(shop: VendureShop) -> None:
    shop.refund_state = "Pending"
    money = RefundNews("R-1", order(shop, 1), "", 100, "EUR", "")
    for _ in range(2):
        told = shop.channel().refund(money)
        assert told.state is Writeback.APPLIED
        assert "pending" in told.detail


def test_a_refund_that_failed_is_rejected_and_may_be_tried_again(shop: VendureShop) -> None:
    reference = order(shop, 1)
    money = RefundNews("R-1", reference, "", 1250, "EUR", "")
    shop.refund_state = "Failed"
    assert shop.channel().refund(money).state is Writeback.REJECTED
    shop.refund_state = "Settled"
    shop.orders[reference].data["payments"][0]["refunds"].clear()
    assert shop.channel().refund(money).state is Writeback.APPLIED


def test_a_refund_in_another_currency_is_rejected(shop: VendureShop) -> None:
    money = RefundNews("R-1", order(shop, 1), "", 100, "USD", "")
    assert shop.channel().refund(money).state is Writeback.REJECTED


def test_stock_at_several_locations_needs_the_name_of_ours(shop: VendureShop) -> None:
    shop.set_stock([{"id": "1", "stockLevels": [{"stockLocationId": "2", "stockOnHand": 30}]}])
    level = StockLevel(shop.skus[0], 7)
    (told,) = shop.channel().set_stock([level])
    assert told.state is Writeback.REJECTED
    assert "location" in told.detail
    shop.options["location"] = "2"
    (told,) = shop.channel().set_stock([level])
    assert told.state is Writeback.APPLIED
    assert {where: one.on_hand for where, one in shop.stocks[level.sku].items()} == {
        "1": 5000,
        "2": 7,
    }


def test_a_sku_that_the_shop_sells_twice_is_rejected_alone(shop: VendureShop) -> None:
    shop.twice = shop.skus[0]
    told = shop.channel().set_stock([StockLevel(sku, 7) for sku in shop.skus])
    assert [one.state for one in told] == [Writeback.REJECTED, *[Writeback.APPLIED] * 2]


def test_stock_that_cannot_be_is_rejected_alone(shop: VendureShop) -> None:
    levels = [StockLevel(shop.skus[0], -1), StockLevel(shop.skus[1], 2**31)]
    told = shop.channel().set_stock([*levels, StockLevel(shop.skus[2], 7)])
    states = [Writeback.REJECTED, Writeback.REJECTED, Writeback.APPLIED]
    assert [one.state for one in told] == states


def test_a_fault_of_the_shop_leaves_a_write_in_doubt(shop: VendureShop) -> None:
    channel = shop.channel()
    parcel = news(there(channel, order(shop, 1)))
    shop.broken = True
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    shop.broken = False
    assert channel.ship(parcel).state is Writeback.APPLIED


def test_who_may_not_is_away_and_does_not_log_in_for_ever(shop: VendureShop) -> None:
    parcel = news(there(shop.channel(), order(shop, 1)))
    channel = shop.channel()
    shop.allowed = False
    asks: tuple[Any, ...] = (lambda: channel.read(parcel.reference), lambda: channel.ship(parcel))
    for ask in asks:
        with pytest.raises(ChannelAway, match="may not do"):
            ask()
    assert len(shop.secrets) < 10


def test_a_wrong_password_is_away_and_not_told(shop: VendureShop) -> None:
    shop.password = "wrong-battery-staple"
    with pytest.raises(ChannelAway, match="does not let the user in") as caught:
        shop.channel().read("V000001")
    assert "battery" not in repr(caught.value)


def test_a_sales_channel_a_path_and_a_service_are_options(shop: VendureShop) -> None:
    shop.path = "/winkel/beheer"
    shop.options |= {
        "channel": "nl-shop", "language": "nl",
        "service.postnl-standard": "postnl-home",
    }  # fmt: skip
    record = there(shop.channel(), order(shop, 1)).record
    assert (record.service, record.language) == ("postnl-home", "nl")
    assert {one["vendure-token"] for one in shop.headers} == {"nl-shop"}


def test_an_order_that_cannot_be_read_waits_and_stops_no_other(shop: VendureShop) -> None:
    bad, good = order(shop, 1), order(shop, 1)
    shop.orders[bad].data["orderPlacedAt"] = "yesterday"
    found = pulled(shop.channel())
    assert (found[bad].standing, found[good].standing) == (Standing.HELD, Standing.OPEN)
    assert "orderPlacedAt" in found[bad].why


def test_it_opens_without_connecting() -> None:
    settings = ChannelSettings("web", "vendure", "https://shop.example", {"username": "us"})
    keys = {"password": PASSWORD}
    channel = open_channel(settings, keys.__getitem__)
    channel.close()
    for url in ("shop.example", "http://shop.example", "https://shop.example/api?x=1"):
        with pytest.raises(ValueError, match="https"):
            open_channel(replace(settings, url=url), keys.__getitem__)
    with pytest.raises(ValueError, match="username"):
        open_channel(replace(settings, options={}), keys.__getitem__)


def _returned(line: str, quantity: int) -> ReturnedLine:
    return ReturnedLine(line, "MUG-1", quantity, Disposition.RESTOCK)


def _back(shop: VendureShop, reference: str, quantity: int, key: str = "B-1") -> ReturnNews:
    line = shop.orders[reference].data["lines"][0]["id"]
    return ReturnNews(key, "", reference, (_returned(line, quantity),))
