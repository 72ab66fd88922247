"""Shopify, against a shop that runs every document by Shopify's own schema."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import graphql as gql
import pytest

from tests.integrations.shopify_schema import KEPT, cost, faults, schema
from tests.integrations.shopify_shop import MOST_POINTS, SECRET, ShopifyShop
from tests.integrations.shopify_state import HERE, THERE, Parcel, ParcelLine, gid
from wms_terminal.integrations.channels.shopify import open_channel
from wms_terminal.integrations.channels.shopify_documents import ALL
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.integrations.testing.counterpart import Call, Fault, Placed, Wanted
from wms_terminal.integrations.testing.rule import ANNA, news, order, pulled, there
from wms_terminal.ports.channel import (
    ChannelAway,
    ChannelSettings,
    DeliveryNews,
    Standing,
    StockLevel,
    Writeback,
)


@pytest.fixture
def shop() -> Iterator[ShopifyShop]:
    made = ShopifyShop()
    yield made
    made.close()


@pytest.fixture
def make() -> Iterator[Callable[..., ShopifyShop]]:
    made: list[ShopifyShop] = []

    def shop_with(**options: str) -> ShopifyShop:
        made.append(ShopifyShop(options))
        return made[-1]

    yield shop_with
    for one in made:
        one.close()


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_channel_keeps(rule: Rule) -> None:
    keep(rule, ShopifyShop)


# --- documents ------------------------------------------------------------------------------------


def test_every_document_fits_shopifys_schema() -> None:
    assert faults(schema()) == []
    assert KEPT.stat().st_size < 100_000


@pytest.mark.parametrize("document", ALL, ids=[text.split("(")[0].split()[-1] for text in ALL])
def test_no_document_costs_more_than_shopify_allows(document: str) -> None:
    assert 0 < cost(schema(), gql.parse(document)) <= MOST_POINTS


# --- orders in ------------------------------------------------------------------------------------


def test_an_order_larger_than_an_answer_comes_in_whole(shop: ShopifyShop) -> None:
    reference = shop.place(Placed(tuple(Wanted("MUG-1", 2) for _ in range(45)), ANNA))
    for line in range(8):
        shop.split(reference, line, 1)
    placed = shop.orders[reference]
    for number in range(9):
        lines = [ParcelLine(gid("FulfillmentLineItem", i), placed.lines[20], 1) for i in range(30)]
        placed.parcels.append(
            Parcel(gid("Fulfillment", 9000 + number), None, {"number": "3S"}, lines)
        )
    found = there(shop.channel(), reference)
    parts = [line for part in placed.parts for line in part.lines]
    assert sum(line.remaining for line in parts) == 90
    wanted = [line.quantity for line in found.record.lines]
    assert wanted == [2] * 20 + [2 + 270] + [2] * 24
    assert found.shipped == {placed.lines[20].id.rpartition("/")[2]: 270}


def test_taxes_on_top_are_part_of_the_price(shop: ShopifyShop) -> None:
    shop.taxes_included = False
    found = there(shop.channel(), order(shop, 2, 3))
    assert [line.unit_price for line in found.record.lines] == [1250, 1250]


@pytest.mark.parametrize(
    ("financial", "standing"),
    [
        ("AUTHORIZED", Standing.UNPAID),
        ("PARTIALLY_PAID", Standing.UNPAID),
        ("EXPIRED", Standing.UNPAID),
        ("VOIDED", Standing.UNPAID),
        ("PARTIALLY_REFUNDED", Standing.OPEN),
        ("REFUNDED", Standing.HELD),
        (None, Standing.OPEN),
    ],
)
def test_only_what_is_paid_leaves(
    shop: ShopifyShop, financial: str | None, standing: Standing
) -> None:
    reference = order(shop, 1)
    shop.orders[reference].financial = financial
    assert there(shop.channel(), reference).standing is standing


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("status", "SCHEDULED", "scheduled for 2026-03-01"),
        ("status", "INCOMPLETE", "incomplete"),
        ("request", "CANCELLATION_REQUESTED", "the shop asks not to ship it"),
    ],
)
def test_a_fulfilment_order_that_waits_holds_the_order(
    shop: ShopifyShop, field: str, value: str, why: str
) -> None:
    reference = order(shop, 1)
    setattr(shop.orders[reference].parts[0], field, value)
    found = there(shop.channel(), reference)
    assert (found.standing, found.why) == (Standing.HELD, why)


def test_what_is_collected_or_is_no_goods_is_not_wanted(shop: ShopifyShop) -> None:
    reference = order(shop, 2, 1)
    shop.split(reference, 0, 1)
    shop.orders[reference].parts[1].method = "PICK_UP"
    shop.orders[reference].parts[0].lines[1].shippable = False
    found = there(shop.channel(), reference)
    assert [line.quantity for line in found.record.lines] == [1]


def test_an_order_that_cannot_be_read_is_held_and_stops_no_other(shop: ShopifyShop) -> None:
    strange, good = order(shop, 1, unit=10**12), order(shop, 1)
    found = pulled(shop.channel())
    assert found[strange].standing is Standing.HELD
    assert "cannot be read" in found[strange].why
    assert found[good].standing is Standing.OPEN


def test_what_leaves_elsewhere_is_none_of_ours(make: Callable[..., ShopifyShop]) -> None:
    shop = make(location="1")
    reference = order(shop, 3, 1)
    shop.split(reference, 0, 2)
    channel = shop.channel()
    before = there(channel, reference)
    assert [line.quantity for line in before.record.lines] == [1, 1]
    assert channel.ship(news(before)).state is Writeback.APPLIED
    line = ParcelLine(gid("FulfillmentLineItem", 9001), shop.orders[reference].lines[0], 2)
    elsewhere = Parcel(gid("Fulfillment", 9000), THERE, {"number": "3SELSEWHERE"}, [line])
    shop.orders[reference].parcels.append(elsewhere)
    after = there(channel, reference)
    assert after.standing is Standing.CLOSED
    assert sum(after.shipped.values()) == 2


def test_services_and_the_customers_language_come_in(make: Callable[..., ShopifyShop]) -> None:
    shop = make(**{"service.Standard": "postnl-3085"})
    record = there(shop.channel(), order(shop, 1)).record
    assert (record.service, record.language) == ("postnl-3085", "nl")


# --- parcels out ----------------------------------------------------------------------------------


def test_a_parcel_from_two_locations_is_a_fulfilment_of_each(shop: ShopifyShop) -> None:
    reference = order(shop, 3, 1)
    shop.split(reference, 0, 2)
    channel = shop.channel()
    parcel = news(there(channel, reference))
    for _ in range(2):
        assert channel.ship(parcel).state is Writeback.APPLIED
    sent = [(one.tracking, sum(one.lines.values())) for one in shop.shipments(reference)]
    assert sent == [(parcel.tracking, 2), (parcel.tracking, 2)]
    for _ in range(2):
        arrival = DeliveryNews(parcel.key, reference, "2026-01-06T11:00:00.000Z")
        assert channel.deliver(arrival).state is Writeback.APPLIED
    assert shop.delivered(reference) == [parcel.tracking] * 2


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.CLOSED, Fault.BUSY])
def test_a_parcel_that_got_half_way_goes_on(shop: ShopifyShop, fault: Fault) -> None:
    reference = order(shop, 3)
    shop.split(reference, 0, 2)
    channel = shop.channel()
    parcel = news(there(channel, reference))
    shop.inject(fault, Call.WRITE, 1)
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    assert shop.heal() == 1
    assert channel.ship(parcel).state is Writeback.APPLIED
    assert sorted(sum(one.lines.values()) for one in shop.shipments(reference)) == [1, 2]


def test_held_units_do_not_leave_and_the_reason_is_told(shop: ShopifyShop) -> None:
    reference = order(shop, 3)
    shop.split(reference, 0, 2)
    channel = shop.channel()
    remote = there(channel, reference)
    shop.hold(reference, 1)
    told = channel.ship(news(remote))
    assert told.state is Writeback.REJECTED
    assert "High risk of fraud call first" in told.detail
    assert channel.ship(news(remote, 1, complete=False)).state is Writeback.APPLIED


def test_held_units_stay_while_others_of_the_line_leave(shop: ShopifyShop) -> None:
    reference = order(shop, 3)
    channel = shop.channel()
    remote = there(channel, reference)
    shop.split(reference, 0, 2)
    shop.hold(reference, 0)
    assert channel.ship(news(remote, 2, complete=False)).state is Writeback.APPLIED
    assert [one.remaining for part in shop.orders[reference].parts for one in part.lines] == [1, 0]


def test_a_fulfilment_that_was_cancelled_did_not_leave(shop: ShopifyShop) -> None:
    reference = order(shop, 2)
    channel = shop.channel()
    parcel = news(there(channel, reference))
    assert channel.ship(parcel).state is Writeback.APPLIED
    placed = shop.orders[reference]
    placed.parcels[0].status = "CANCELLED"
    placed.parts.append(shop.part(HERE, [(placed.lines[0], 2)]))
    assert there(channel, reference).standing is Standing.OPEN
    assert channel.ship(parcel).state is Writeback.APPLIED
    assert len(placed.parcels) == 2


def test_why_a_parcel_cannot_leave_is_said(shop: ShopifyShop) -> None:
    reference, gone = order(shop, 2), order(shop, 1)
    channel = shop.channel()
    remote, before = there(channel, reference), there(channel, gone)
    shop.cancel(gone)
    assert "the order is cancelled" in channel.ship(news(before)).detail
    assert "2 are left" in channel.ship(news(remote, 3)).detail
    strange = dataclasses.replace(news(remote).lines[0], line="77")
    assert "no line 77" in channel.ship(dataclasses.replace(news(remote), lines=(strange,))).detail
    assert "no order 404" in channel.ship(dataclasses.replace(news(remote), reference="404")).detail


def test_a_parcel_without_any_number_is_rejected(shop: ShopifyShop) -> None:
    reference = order(shop, 1)
    channel = shop.channel()
    parcel = dataclasses.replace(news(there(channel, reference)), key="\x1b", tracking="")
    assert channel.ship(parcel).state is Writeback.REJECTED
    assert shop.shipments(reference) == []


def test_a_link_that_is_none_is_left_out(shop: ShopifyShop) -> None:
    channel = shop.channel()
    for link in ("javascript:alert(1)", "http://[", "not a link", ""):
        reference = order(shop, 1)
        parcel = dataclasses.replace(news(there(channel, reference)), tracking_url=link)
        assert channel.ship(parcel).state is Writeback.APPLIED
        (sent,) = shop.orders[reference].parcels
        assert sent.tracking == {"number": parcel.tracking, "company": "PostNL"}


# --- points and errors ----------------------------------------------------------------------------


def test_a_read_waits_for_points(shop: ShopifyShop) -> None:
    reference = order(shop, 1)
    shop.throttled, shop.available = 3, 700
    assert there(shop.channel(), reference).standing is Standing.OPEN


def test_a_read_that_would_wait_long_is_away(shop: ShopifyShop) -> None:
    reference = order(shop, 1)
    shop.throttled, shop.available = 1, 0
    with pytest.raises(ChannelAway) as away:
        shop.channel().read(reference)
    assert away.value.retry_after_s == 16  # 779 points at 50 a second


def test_a_write_without_points_is_away_with_a_wait(shop: ShopifyShop) -> None:
    shop.throttled, shop.throttles = 1, Call.WRITE
    channel = shop.channel()
    with pytest.raises(ChannelAway) as away:
        channel.set_stock([StockLevel("MUG-1", 3)])
    assert away.value.retry_after_s == 1
    assert channel.set_stock([StockLevel("MUG-1", 3)])[0].state is Writeback.APPLIED


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("INTERNAL_SERVER_ERROR", Writeback.IN_DOUBT),
        ("TIMEOUT", Writeback.IN_DOUBT),
        ("IDEMPOTENCY_CONCURRENT_REQUEST", Writeback.IN_DOUBT),
        ("argumentNotAccepted", Writeback.REJECTED),
        ("ACCESS_DENIED", None),
        ("SHOP_INACTIVE", None),
    ],
)
def test_an_error_in_a_200_is_told_as_what_it_leaves_behind(
    shop: ShopifyShop, code: str, state: Writeback | None
) -> None:
    reference = order(shop, 1)
    channel = shop.channel()
    parcel = news(there(channel, reference))
    shop.fails = code
    if state is None:
        with pytest.raises(ChannelAway):
            channel.ship(parcel)
    else:
        assert channel.ship(parcel).state is state
    shop.fails = ""
    assert channel.ship(parcel).state is Writeback.APPLIED
    assert len(shop.shipments(reference)) == 1


def test_a_secret_that_is_wrong_is_away_and_not_told(shop: ShopifyShop) -> None:
    settings = ChannelSettings("web", "shopify", shop.url)
    channel = open_channel(settings, {"client_id": "x", "client_secret": "hunter2"}.__getitem__)
    shop.given.append(channel)
    with pytest.raises(ChannelAway, match="gives no token") as away:
        channel.read("1")
    assert "hunter2" not in repr(away.value)


def test_no_secret_of_an_error_in_a_200_is_told(shop: ShopifyShop) -> None:
    channel = shop.channel()
    reference = order(shop, 1)
    parcel = news(there(channel, reference))
    for _ in range(30):  # however often the session was renewed
        shop.expire()
        there(channel, reference)
    shop.fails, shop.says = "argumentNotAccepted", f"{SECRET} and {shop.secrets[-1]}"
    told = channel.ship(parcel)
    assert told.detail == "The shop says: … and …."


def test_a_token_that_stays_is_not_renewed(make: Callable[..., ShopifyShop]) -> None:
    shop = make(login="token")
    shop._tokens.append("shpat_stays")
    reference = order(shop, 1)
    channel = shop.channel()
    there(channel, reference)
    shop.expire()
    with pytest.raises(ChannelAway, match="401") as away:
        channel.read(reference)
    assert "shpat_stays" not in str(away.value)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"version": "latest"}, "a version such as 2026-07"),
        ({"location": "Amsterdam"}, "the number of a location"),
        ({"login": "password"}, "token, or nothing"),
        ({"notify": "maybe"}, "yes or no"),
        ({"langauge": "nl"}, "langauge"),
    ],
)
def test_settings_that_are_no_good_are_said(options: dict[str, str], expected: str) -> None:
    settings = ChannelSettings("web", "shopify", "https://our.myshopify.example", options)
    with pytest.raises(ValueError, match=expected):
        open_channel(settings, lambda _: SECRET)
