"""WooCommerce, against a shop that is held to its own schemas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integrations.woo_shop import KEY, SECRET, TRACKING, WooShop
from wms_terminal.integrations.channels.woocommerce import WooCommerce
from wms_terminal.integrations.channels.woocommerce_json import refund_lines, unit_price
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.integrations.testing.counterpart import Call, Fault, Placed, Wanted
from wms_terminal.integrations.testing.rule import ANNA, START, news, order, pulled, there
from wms_terminal.ports.channel import (
    ChannelAway,
    ChannelSettings,
    Disposition,
    RefundNews,
    ReturnedLine,
    Standing,
    StockLevel,
    Writeback,
)


@pytest.mark.parametrize("fulfilments", [True, False], ids=["fulfilments", "notes"])
@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_channel_keeps(rule: Rule, fulfilments: bool) -> None:
    keep(rule, partial(WooShop, fulfilments=fulfilments))


@pytest.fixture
def shop() -> Iterator[WooShop]:
    made = WooShop()
    yield made
    made.close()


@pytest.fixture
def shop_without() -> Iterator[WooShop]:
    """A shop whose feature `fulfillments` is off, and that mails its customers."""
    made = WooShop(fulfilments=False, options={"notify": "yes"})
    yield made
    made.close()


def test_a_key_is_never_sent_without_tls() -> None:
    settings = ChannelSettings("web", "woocommerce", "http://shop.example")
    with pytest.raises(ValueError, match="https"):
        WooCommerce(settings, {"consumer_key": KEY, "consumer_secret": SECRET}.__getitem__)


def test_a_wrong_key_makes_the_channel_away_and_changes_nothing(shop: WooShop) -> None:
    remote = there(shop.channel(), order(shop, 1))
    settings = ChannelSettings("web", "woocommerce", shop.url, {"http": "loopback"})
    other = WooCommerce(settings, {"consumer_key": KEY, "consumer_secret": "no"}.__getitem__)
    with pytest.raises(ChannelAway, match="401"):
        list(other.pull(START))
    with pytest.raises(ChannelAway, match="401"):
        other.ship(news(remote))
    other.close()


def test_more_orders_than_a_page_that_changed_in_the_same_second_come_in_once(
    shop: WooShop,
) -> None:
    placed = {order(shop, 1) for _ in range(shop.page * 2 + 5)}
    found = [one.record.reference for one in shop.channel().pull(START)]
    assert sorted(found) == sorted(placed)


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"status": "on-hold", "date_paid_gmt": None}, Standing.UNPAID),
        ({"status": "on-hold"}, Standing.HELD),
        ({"status": "failed"}, Standing.UNPAID),
        ({"status": "refunded"}, Standing.CANCELLED),
        ({"status": "completed"}, Standing.CLOSED),
    ],
)
def test_an_order_stands_where_its_status_says(
    shop: WooShop, change: dict[str, object], standing: Standing
) -> None:
    reference = order(shop, 1)
    shop.change(reference, **change)
    assert there(shop.channel(), reference).standing is standing


def test_an_order_that_cannot_be_read_is_held_and_the_others_come_in(shop: WooShop) -> None:
    bad, good = order(shop, 1), order(shop, 1)
    shop.orders[bad].data["line_items"][0]["quantity"] = -1
    found = pulled(shop.channel())
    assert found[bad].standing is Standing.HELD
    assert "quantity" in found[bad].why
    assert found[good].standing is Standing.OPEN


def test_an_order_without_a_shipping_address_goes_to_the_billing_address(shop: WooShop) -> None:
    reference = order(shop, 1)
    shop.change(reference, shipping=dict.fromkeys(shop.orders[reference].data["shipping"], ""))
    assert there(shop.channel(), reference).record.customer == ANNA


def test_the_shipping_method_chooses_the_service() -> None:
    shop = WooShop(options={"service.flat_rate": "parcel", "service.flat_rate:7": "express"})
    reference = order(shop, 1)
    for instance, service in (("7", "express"), ("8", "parcel")):
        line = {"id": 1, "method_id": "flat_rate", "instance_id": instance}
        shop.change(reference, shipping_lines=[line])
        assert there(shop.channel(), reference).record.service == service
    shop.close()


def test_units_that_the_shop_refunded_are_not_wanted_and_those_that_came_back_are(
    shop: WooShop,
) -> None:
    reference = order(shop, 3)
    channel = shop.channel()
    remote = there(channel, reference)
    line = remote.record.lines[0]
    back = ReturnedLine(line.reference, line.sku, 1, Disposition.SCRAP)
    channel.refund(RefundNews("R-1", reference, "", 1250, "EUR", "Broken", (back,)))
    assert there(channel, reference).record.lines[0].quantity == 3
    shop.cancel_units(reference, line.reference, 2)
    assert there(channel, reference).record.lines[0].quantity == 1
    told = channel.ship(news(remote, 2))
    assert told.state is Writeback.REJECTED
    assert "1 are left" in told.detail


def test_a_parcel_that_the_shopkeeper_typed_in_is_not_told_again(shop: WooShop) -> None:
    channel = shop.channel()
    parcel = news(there(channel, order(shop, 2)))
    channel.ship(parcel)
    typed = shop.orders[parcel.reference].fulfilments[0]
    typed["meta_data"] = [one for one in typed["meta_data"] if one["key"] != "_wms_key"]
    assert channel.ship(replace(parcel, key="other")).state is Writeback.APPLIED
    assert len(shop.shipments(parcel.reference)) == 1


def test_a_whole_order_is_completed_and_a_part_is_not(shop: WooShop) -> None:
    channel = shop.channel()
    remote = there(channel, order(shop, 2))
    channel.ship(news(remote, 1, key="3S1", complete=False))
    assert shop.orders[remote.record.reference].data["status"] == "processing"
    channel.ship(news(remote, 1, key="3S2"))
    assert shop.orders[remote.record.reference].data["status"] == "completed"


def test_a_parcel_that_is_told_and_an_order_that_is_not_completed_are_in_doubt(
    shop: WooShop,
) -> None:
    channel = shop.channel()
    parcel = news(there(channel, order(shop, 1)))
    shop.inject(Fault.BUSY, Call.WRITE, 1)
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    assert channel.ship(parcel).state is Writeback.APPLIED
    assert len(shop.shipments(parcel.reference)) == 1
    assert shop.orders[parcel.reference].data["status"] == "completed"


def test_more_money_than_is_left_is_not_even_asked_for(shop: WooShop) -> None:
    reference = order(shop, 1)
    told = shop.channel().refund(RefundNews("R-1", reference, "", 1251, "EUR", ""))
    assert (told.state, shop.hits(Call.WRITE)) == (Writeback.REJECTED, 0)


def test_without_fulfilments_a_note_and_the_plugins_list_tell_of_a_parcel(
    shop_without: WooShop,
) -> None:
    shop, channel = shop_without, shop_without.channel()
    reference = order(shop, 1)
    theirs = {"tracking_number": "1Z", "tracking_id": "x", "weight": 1.5}
    shop.change(reference, meta_data=[{"id": 7, "key": TRACKING, "value": [theirs]}])
    for _ in range(2):
        told = channel.ship(news(there(channel, reference), 1, key="3S1"))
        assert told.state is Writeback.APPLIED
    kept = shop.orders[reference].data["meta_data"][0]["value"]
    assert kept[0] == theirs
    assert [one["tracking_number"] for one in kept] == ["1Z", "3S1"]
    (note,) = shop.orders[reference].notes
    assert note["note"] == "PostNL 3S1 https://track.example/3S1"
    assert note["customer_note"] is True


def test_a_parcel_that_was_noted_is_found_after_fulfilments_are_switched_on(
    shop_without: WooShop,
) -> None:
    shop = shop_without
    parcel = news(there(shop.channel(), order(shop, 1)))
    shop.channel().ship(parcel)
    shop.has_fulfilments = True
    assert shop.channel().ship(parcel).state is Writeback.APPLIED
    assert len(shop.shipments(parcel.reference)) == 1


def test_a_payment_gateway_that_refuses_is_a_rejection_although_it_comes_as_500(
    shop: WooShop,
) -> None:
    reference = order(shop, 1)
    shop.gateway_pays = False
    told = shop.channel().refund(RefundNews("R-1", reference, "", 100, "EUR", ""))
    assert told.state is Writeback.REJECTED
    assert "Invalid refund amount" in told.detail
    assert shop.refunds(reference) == []


def test_a_reason_that_looks_like_our_key_hides_no_refund(shop: WooShop) -> None:
    reference = order(shop, 1)
    channel = shop.channel()
    for key, reason in (("R-1", "late [wms R-2]"), ("R-2", "late")):
        told = channel.refund(RefundNews(key, reference, "", 100, "EUR", reason))
        assert told.state is Writeback.APPLIED
    assert shop.refunds(reference) == [100, 100]


@given(
    amount=st.integers(1, 10_000),
    bought=st.lists(st.tuples(st.integers(1, 5), st.integers(0, 5_000)), min_size=1, max_size=4),
)
def test_the_lines_of_a_refund_add_up_to_its_amount(
    amount: int, bought: list[tuple[int, int]]
) -> None:
    lines = [
        {"id": number, "quantity": units, "total": f"{cents / 100:.2f}", "total_tax": "0.21",
         "taxes": [{"id": 1, "total": "0.21"}]}
        for number, (units, cents) in enumerate(bought)
    ]  # fmt: skip
    back = tuple(ReturnedLine(str(line["id"]), "", 1, Disposition.HOLD) for line in lines)
    refund = RefundNews("R-1", "1", "", amount, "EUR", "", back)
    spread = refund_lines(refund, {"line_items": lines})
    money = [line["refund_total"] for line in spread]
    money += [tax["refund_total"] for line in spread for tax in line["refund_tax"]]
    assert sum(round(part * 100) for part in money) == amount
    assert all(part >= 0 for part in money)


@pytest.mark.parametrize(
    ("total", "tax", "units", "currency", "price"),
    [
        ("20.66", "4.34", 2, "EUR", 1250),
        ("10.00", "0", 3, "EUR", 333),
        ("0.01", "0.00", 1, "EUR", 1),
        ("1200", "120", 1, "JPY", 1320),
        ("1.005", "0", 1, "KWD", 1005),
        ("8.264462", "1.735537", 1, "EUR", 1000),
    ],
)
def test_money_is_exact(total: str, tax: str, units: int, currency: str, price: int) -> None:
    line = {"total": total, "total_tax": tax, "quantity": units}
    assert unit_price(line, currency) == price


def test_stock_is_set_for_variations_and_for_what_was_not_counted(shop: WooShop) -> None:
    levels = [StockLevel(sku, number) for number, sku in enumerate(shop.skus, 5)]
    channel = shop.channel()
    assert [told.state for told in channel.set_stock(levels)] == [Writeback.APPLIED] * 3
    assert [shop.stock(sku) for sku in shop.skus] == [5, 6, 7]
    before = shop.hits(Call.WRITE)
    channel.set_stock(levels)
    assert shop.hits(Call.WRITE) == before


def test_a_batch_that_is_refused_in_part_is_told_one_by_one(shop: WooShop) -> None:
    shop.unwilling = shop.skus[2]
    told = shop.channel().set_stock([StockLevel(sku, 5) for sku in shop.skus])
    states = [Writeback.APPLIED, Writeback.APPLIED, Writeback.REJECTED]
    assert [one.state for one in told] == states
    assert "Invalid ID" in told[2].detail


def test_an_order_in_another_currency_keeps_it(shop: WooShop) -> None:
    placed = Placed((Wanted(shop.skus[0], 1),), ANNA, currency="GBP")
    channel = shop.channel()
    record = there(channel, shop.place(placed)).record
    assert record.currency == "GBP"
    told = channel.refund(RefundNews("R-1", record.reference, "", 100, "EUR", ""))
    assert told.state is Writeback.REJECTED
