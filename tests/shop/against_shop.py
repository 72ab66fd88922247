"""The channel `vendure` against a real shop, in which a quarter of all requests goes wrong.

Not collected by name: `make shop-test` installs a shop and names this file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pytest

from tests.shop import schema
from tests.shop.shop import PASSWORD, USER, Shop
from tests.shop.verdict import Expected, differences, together
from wms_terminal.domain.records import OrderLineRecord
from wms_terminal.integrations.channels.vendure import Vendure
from wms_terminal.ports.channel import (
    Channel,
    ChannelAway,
    ChannelSettings,
    DeliveryNews,
    Disposition,
    RefundNews,
    RemoteOrder,
    ReturnedLine,
    ReturnNews,
    ShipNews,
    ShippedLine,
    Standing,
    StockLevel,
    Told,
    Writeback,
)

NOW = "2026-01-05T15:30:00.000Z"
FAULTS = (
    {"mode": "lost", "rate": 0.12},
    {"mode": "503", "rate": 0.05},
    {"mode": "429", "rate": 0.04},
    {"mode": "html", "rate": 0.04},
    {"mode": "gqlerror", "rate": 0.04},
)
MOST_ATTEMPTS = 30
T = TypeVar("T")


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop(orders=25) as running:
        yield running


@pytest.fixture
def channel(shop: Shop) -> Iterator[Vendure]:
    made = open_channel(shop)
    yield made
    made.close()


def open_channel(shop: Shop) -> Vendure:
    """As another worker has it."""
    settings = ChannelSettings("web", "vendure", f"{shop.url}/admin-api", {"username": USER})
    keys = {"password": PASSWORD}
    return Vendure(settings, keys.__getitem__, sleep=lambda _: None, page=10)


def test_the_shop_speaks_as_the_tests_of_the_channel_say(shop: Shop) -> None:
    kept = schema.KEPT.read_text("utf-8")
    assert schema.pruned(schema.whole(shop.url)) == kept, "the shop's API is not what it was"


def test_the_life_of_its_orders(shop: Shop, channel: Vendure) -> None:
    """Everything is taken in, shipped, brought back and paid back once, and told twice."""
    expected = Expected()
    truth = {order["code"]: order for order in shop.truth()["orders"]}
    of_kind = {
        kind: [code for code, order in truth.items() if order["kind"] == kind]
        for kind in ("paid", "authorized", "cancelled", "partial")
    }
    shop.faults(*FAULTS)

    orders = pulled(channel, "")
    assert orders.keys() == truth.keys()
    assert {code for code, one in orders.items() if one.standing is Standing.OPEN} == {
        *of_kind["paid"],
        *of_kind["partial"],
    }
    for code, one in orders.items():
        if one.standing is Standing.OPEN:
            wanted = [{"sku": line.sku, "quantity": line.quantity} for line in one.record.lines]
            assert together(wanted) == together(truth[code]["lines"])
            assert one.record.email == truth[code]["email"]
            assert one.record.customer.country == truth[code]["country"]
    for code in of_kind["partial"]:
        (parcel,) = shop.orders()[code]["fulfillments"]
        expected.parcels[code] = {
            parcel["trackingCode"]: together(truth[code]["alreadyShipped"]),
        }
    since = max(one.changed_at for one in orders.values())

    for code in of_kind["authorized"]:
        assert orders[code].standing is Standing.UNPAID
        told = settled(lambda: channel.ship(_parcels(orders[code])[0]))  # noqa: B023 - at once
        assert told.state is Writeback.REJECTED

    # Meanwhile the shop goes on: some are cancelled, one is paid late, one is modified, five new.
    stopped, modified, paid = of_kind["paid"][3:5], of_kind["paid"][5], of_kind["authorized"]
    for code in stopped:
        shop.cancel(code)
    for code in paid:
        shop.settle(code)
    shop.modify(modified)
    fed = {order["code"]: order for order in shop.feed(5)}
    changed = pulled(channel, since)
    assert {changed[code].standing for code in stopped} == {Standing.CANCELLED}
    assert {changed[code].standing for code in (*paid, *fed)} == {Standing.OPEN}
    assert (changed[modified].standing, changed[modified].why) == (Standing.HELD, "Modifying")
    shop.modify(modified, "PaymentSettled")
    expected.cancelled |= {*of_kind["cancelled"], *stopped}

    # Every open one leaves, every third in two parcels; what is told is told again by another.
    other = open_channel(shop)
    before = dict(orders)
    orders |= pulled(channel, since)
    for number, (code, one) in enumerate(sorted(orders.items())):
        if one.standing is not Standing.OPEN:
            continue
        if number % 10 == 9:
            shop.log_out(channel._api._token)
        parcels = _parcels(one, in_two=number % 3 == 0)
        for parcel in parcels:
            units = together(
                [{"sku": line.sku, "quantity": line.quantity} for line in parcel.lines]
            )
            expected.parcels.setdefault(code, {})[parcel.tracking] = units
            applied(lambda: channel.ship(parcel))  # noqa: B023 - told at once
        applied(lambda: other.ship(parcels[0]))  # noqa: B023
    for code in stopped:
        told = settled(lambda: channel.ship(_parcels(before[code])[0]))  # noqa: B023
        assert told.state is Writeback.REJECTED
    assert {
        one.standing for code, one in pulled(channel, "").items() if code in expected.parcels
    } == {Standing.CLOSED}

    # Some arrive, one comes back and is paid back, twice in parts of the same amount.
    for code in of_kind["paid"][:2]:
        for tracking in expected.parcels[code]:
            expected.delivered.add(tracking)
            for teller in (channel, other):
                applied(lambda: teller.deliver(DeliveryNews(tracking, code, NOW)))  # noqa: B023
    code = of_kind["paid"][0]
    line = orders[code].record.lines[0]
    back = (ReturnedLine(line.reference, line.sku, line.quantity, Disposition.RESTOCK),)
    expected.returned[code] = {line.sku: line.quantity}
    expected.refunds[code] = [300, 300]
    if len(orders[code].record.lines) == 1:
        expected.cancelled.add(code)
    for teller in (channel, other):
        applied(lambda: teller.take_back(ReturnNews(f"B-{code}", "RMA-1", code, back)))  # noqa: B023
        for key in ("R-1", "R-11"):
            money = RefundNews(f"{key}-{code}", code, "RMA-1", 300, "EUR", "Te klein", back)
            applied(lambda: teller.refund(money))  # noqa: B023
    too_much = RefundNews("R-2", code, "", 10_000_000, "EUR", "")
    assert settled(lambda: channel.refund(too_much)).state is Writeback.REJECTED
    other.close()

    assert shop.faulted() > 20
    assert differences(shop, expected) == []
    assert read(channel, code).standing is Standing.CLOSED


def test_stock_is_equal_on_both_sides(shop: Shop, channel: Channel) -> None:
    levels = [StockLevel(sku, 100 + number) for number, sku in enumerate(shop.stock())]
    shop.faults(*FAULTS)
    told: list[Told] = []
    for _ in range(MOST_ATTEMPTS):
        told = asked(lambda: channel.set_stock([*levels, StockLevel("NO-SUCH", 1)]))
        if all(one.state is not Writeback.IN_DOUBT for one in told):
            break
    assert [one.state for one in told] == [Writeback.APPLIED] * len(levels) + [Writeback.REJECTED]
    assert {sku: stock.sellable for sku, stock in shop.stock().items()} == {
        level.sku: level.quantity for level in levels
    }


def test_a_session_that_has_ended_is_renewed(shop: Shop, channel: Vendure) -> None:
    shop.faults()
    before = pulled(channel, "")
    shop.log_out(channel._api._token)
    assert pulled(channel, "") == before
    shop.log_out(channel._api._token)
    (told,) = channel.set_stock([StockLevel("WH-0001", 42)])
    assert told.state is Writeback.APPLIED


def pulled(channel: Channel, since: str) -> dict[str, RemoteOrder]:
    """What a pull tells, when it comes through."""

    def pull() -> dict[str, RemoteOrder]:
        return {one.record.reference: one for one in channel.pull(since)}

    return asked(pull)


def read(channel: Channel, code: str) -> RemoteOrder:
    """An order as it stands now."""
    found = asked(lambda: channel.read(code))
    assert found is not None
    return found


def asked(ask: Callable[[], T]) -> T:
    """Ask until the shop is there."""
    for _ in range(MOST_ATTEMPTS):
        try:
            return ask()
        except ChannelAway:
            continue
    raise AssertionError("the shop is always away")


def settled(tell: Callable[[], Told]) -> Told:
    """Tell until it is no longer in doubt, as a worker does."""
    for _ in range(MOST_ATTEMPTS):
        told = asked(tell)
        if told.state is not Writeback.IN_DOUBT:
            return told
    raise AssertionError("it is always in doubt")


def applied(tell: Callable[[], Told]) -> None:
    """Tell until it is there."""
    told = settled(tell)
    assert told.state is Writeback.APPLIED, told


def _parcels(one: RemoteOrder, *, in_two: bool = False) -> list[ShipNews]:
    """What is left of an order, in one parcel or, when there is more than one unit, in two."""
    left = [(line, line.quantity - one.shipped.get(line.reference, 0)) for line in one.record.lines]
    first = [(line, units - units // 2) for line, units in left]
    rest = [(line, units // 2) for line, units in left]
    if not in_two or not any(units for _, units in rest):
        return [_parcel(one, 1, left)]
    return [_parcel(one, 1, first), _parcel(one, 2, rest)]


def _parcel(
    one: RemoteOrder, number: int, lines: Sequence[tuple[OrderLineRecord, int]]
) -> ShipNews:
    tracking = f"3SWHTE{one.record.reference}{number}"
    held = tuple(ShippedLine(line.reference, line.sku, units) for line, units in lines if units)
    return ShipNews(
        tracking, one.record.reference, held, "postnl", "PostNL", tracking,
        f"https://track.example/{tracking}", NOW, complete=number == 2,
    )  # fmt: skip
