"""Shopify: stock, goods that come back, and money."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integrations.shopify_shop import ShopifyShop
from tests.integrations.shopify_state import gid
from wms_terminal.integrations.channels.shopify_refund import _paid, _transactions
from wms_terminal.integrations.testing.rule import START, news, order, there
from wms_terminal.ports.channel import (
    Disposition,
    RefundNews,
    ReturnedLine,
    ReturnNews,
    StockLevel,
    Writeback,
)


@pytest.fixture
def shop() -> Iterator[ShopifyShop]:
    made = ShopifyShop({"notify": "yes"})
    yield made
    made.close()


# --- stock ----------------------------------------------------------------------------------------


def test_stock_that_cannot_be_set_stops_no_other(shop: ShopifyShop) -> None:
    items = list(shop.items.values())
    items[0]["frozen"] = True
    items[2]["tracked"] = False
    for number, extra in enumerate(({"sku": "TWICE"}, {"sku": "TWICE"}, {"sku": "NOT-HERE"})):
        shop.items[gid("InventoryItem", 50 + number)] = {"tracked": True, **extra}
    skus = (*shop.skus, "TWICE", "NOT-HERE")
    told = shop.channel().set_stock([StockLevel(sku, 7) for sku in skus])
    assert [one.state for one in told] == [
        Writeback.REJECTED,
        Writeback.APPLIED,
        Writeback.UNSUPPORTED,
        Writeback.REJECTED,
        Writeback.REJECTED,
    ]
    assert "non_mutable" in told[0].detail
    assert "2 things" in told[3].detail
    assert "not stocked" in told[4].detail
    assert shop.stock(shop.skus[1]) == 7


def test_a_sale_between_reading_and_setting_is_not_written_over(
    shop: ShopifyShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = shop.channel()
    tell = channel._admin.tell

    def sold_meanwhile(*args: object, **more: object) -> object:
        order(shop, 3)
        return tell(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(channel._admin, "tell", sold_meanwhile)
    (told,) = channel.set_stock([StockLevel("MUG-1", 5)])
    assert told.state is Writeback.IN_DOUBT
    assert shop.stock("MUG-1") == 997
    monkeypatch.undo()
    assert channel.set_stock([StockLevel("MUG-1", 5)])[0].state is Writeback.APPLIED


def test_the_same_sku_twice_is_set_once_to_the_last(shop: ShopifyShop) -> None:
    told = shop.channel().set_stock([StockLevel("MUG-1", 5), StockLevel("MUG-1", 6)])
    assert [one.state for one in told] == [Writeback.APPLIED] * 2
    assert shop.stock("MUG-1") == 6


# --- goods and money back -------------------------------------------------------------------------


def _shipped(shop: ShopifyShop, quantity: int) -> tuple[str, str]:
    reference = order(shop, quantity)
    channel = shop.channel()
    remote = there(channel, reference)
    assert channel.ship(news(remote, key=f"3S{reference}")).state is Writeback.APPLIED
    return reference, remote.record.lines[0].reference


def test_a_return_that_comes_in_two_parcels_is_taken_back_whole(shop: ShopifyShop) -> None:
    reference, line = _shipped(shop, 3)
    rma = shop.announce(reference, line, 3, "Te klein")
    before = shop.stock("MUG-1")
    channel = shop.channel()
    first = ReturnNews(
        "B-1",
        rma,
        reference,
        (
            ReturnedLine(line, "MUG-1", 1, Disposition.RESTOCK),
            ReturnedLine(line, "MUG-1", 1, Disposition.SCRAP),
        ),
    )
    second = ReturnNews("B-2", rma, reference, (ReturnedLine(line, "MUG-1", 1, Disposition.HOLD),))
    for one in (first, first, second, first, second):
        assert channel.take_back(one).state is Writeback.APPLIED
    assert shop.orders[reference].backs[0].came == [
        ("RESTOCKED", 1),
        ("NOT_RESTOCKED", 1),
        ("PROCESSING_REQUIRED", 1),
    ]
    assert shop.stock("MUG-1") == before + 1
    assert list(channel.returns(START)) == []


@pytest.mark.parametrize("status", ["REQUESTED", "CLOSED", "DECLINED", "CANCELED"])
def test_a_return_that_is_not_open_is_not_taken_back(shop: ShopifyShop, status: str) -> None:
    reference, line = _shipped(shop, 1)
    rma = shop.announce(reference, line, 1, "")
    shop.orders[reference].backs[0].status = status
    back = (ReturnedLine(line, "MUG-1", 1, Disposition.RESTOCK),)
    channel = shop.channel()
    told = channel.take_back(ReturnNews("B-1", rma, reference, back))
    assert told.state is Writeback.REJECTED
    assert status.lower() in told.detail
    assert (len(list(channel.returns(START))) == 1) is (status == "REQUESTED")


def test_more_than_was_announced_or_another_return_is_rejected(shop: ShopifyShop) -> None:
    reference, line = _shipped(shop, 3)
    rma = shop.announce(reference, line, 1, "")
    channel = shop.channel()
    back = (ReturnedLine(line, "MUG-1", 2, Disposition.RESTOCK),)
    for number in (rma, "#1-R9"):
        told = channel.take_back(ReturnNews("B-1", number, reference, back))
        assert told.state is Writeback.REJECTED
    told = channel.take_back(ReturnNews("B-1", "", reference, back))
    assert told.state is Writeback.UNSUPPORTED
    assert shop.taken_back(reference) == {}


def test_a_key_that_was_used_for_another_refund_is_rejected(shop: ShopifyShop) -> None:
    reference, _ = _shipped(shop, 1)
    channel = shop.channel()
    refund = RefundNews("R-1", reference, "", 500, "EUR", "Te klein")
    assert channel.refund(refund).state is Writeback.APPLIED
    shop.orders[reference].refunds.clear()  # so that reading does not find it
    told = channel.refund(dataclasses.replace(refund, amount=600))
    assert told.state is Writeback.REJECTED
    assert shop.refunds(reference) == []


def test_a_refund_that_is_not_found_is_still_paid_once(shop: ShopifyShop) -> None:
    reference, _ = _shipped(shop, 1)
    refund = RefundNews("R-1", reference, "", 500, "EUR", "Te klein")
    assert shop.channel().refund(refund).state is Writeback.APPLIED
    shop.orders[reference].refunds.clear()
    assert shop.channel().refund(refund).state is Writeback.APPLIED
    assert shop.refunds(reference) == []


def test_a_refund_is_found_when_its_key_is_forgotten(shop: ShopifyShop) -> None:
    reference, _ = _shipped(shop, 1)
    refund = RefundNews("R-1", reference, "", 500, "EUR", "Te klein")
    first = shop.channel().refund(refund)
    shop.forget_keys()
    assert shop.channel().refund(refund) == first
    assert shop.refunds(reference) == [500]


def test_a_refund_goes_back_to_how_it_was_paid_the_largest_first() -> None:
    def transaction(key: str, kind: str, amount: str, status: str, parent: str = "") -> Any:
        return {
            "id": key,
            "kind": kind,
            "status": status,
            "gateway": key,
            "amountSet": {"presentmentMoney": {"amount": amount}},
            "parentTransaction": {"id": parent} if parent else None,
        }

    raw = {
        "transactions": [
            transaction("gift", "SALE", "10.0", "SUCCESS"),
            transaction("held", "AUTHORIZATION", "90.0", "SUCCESS"),
            transaction("card", "CAPTURE", "50.0", "SUCCESS", "held"),
            transaction("fail", "SALE", "99.0", "FAILURE"),
            transaction("back", "REFUND", "20.5", "PENDING", "card"),
            transaction("nope", "REFUND", "9.0", "FAILURE", "card"),
        ]
    }
    paid = _paid(raw, "EUR")
    assert [left for _, left in paid] == [1000, 2950]
    made = _transactions("order", paid, 3000, "EUR")
    assert [(one["parentId"], one["amount"]) for one in made] == [
        ("card", "29.50"),
        ("gift", "0.50"),
    ]


def test_with_notify_the_customer_hears_of_it(shop: ShopifyShop) -> None:
    reference, _ = _shipped(shop, 1)
    shop.channel().refund(RefundNews("R-1", reference, "", 500, "EUR", "Te klein"))
    assert shop.notified == ["fulfillment", "refund"]
