"""bol, against a counterpart that is held to bol's own specifications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.integrations.bol_shop import AMSTERDAM, CLIENT, BolShop
from tests.integrations.vendor import Asked, Reply
from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.channels import bol
from wms_terminal.integrations.channels.bol import Bol
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.integrations.testing.rule import (
    ANNA,
    START,
    applied,
    news,
    order,
    pulled,
    refused,
    there,
)
from wms_terminal.ports.channel import (
    ChannelAway,
    ChannelSettings,
    Disposition,
    ReturnedLine,
    ReturnNews,
    Standing,
    StockLevel,
    Writeback,
)


class SmallPages(BolShop):
    page = 10


@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_channel_keeps(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bol, "PAGE", SmallPages.page)
    keep(rule, SmallPages)


@pytest.fixture
def shop() -> Iterator[BolShop]:
    made = BolShop()
    yield made
    made.close()


def test_more_orders_than_a_page_of_bols_come_in(shop: BolShop) -> None:
    placed = {order(shop, 1) for _ in range(shop.page + 1)}
    assert pulled(shop.channel()).keys() == placed


def test_an_order_that_moves_to_another_page_while_they_are_read_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Moving(SmallPages):
        moves = ""

        def _list(self, asked: Asked) -> Reply:
            reply = super()._list(asked)
            if self.moves:
                self.tick()
                self.move(self.moves, "Dorpsstraat 9")  # from the last page to the first
                self.moves = ""
            return reply

    monkeypatch.setattr(bol, "PAGE", Moving.page)
    shop = Moving()
    placed = []
    for _ in range(15):
        placed.append(order(shop, 1))
        shop.tick()
    shop.moves = placed[0]
    since = stamp(datetime.now(UTC) - timedelta(minutes=20))
    assert pulled(shop.channel(), since).keys() == set(placed)
    shop.close()


# --- sessions -------------------------------------------------------------------------------------


def test_a_token_is_kept_while_it_lasts_and_renewed_before_it_ends(shop: BolShop) -> None:
    reference = order(shop, 1)
    channel = shop.channel()
    for _ in range(2):
        there(channel, reference)
    assert len(shop.tokens) == 1
    shop.lasts = 20
    shop.expire()
    for _ in range(2):
        there(channel, reference)
    assert len(shop.tokens) == 2


def test_a_wrong_secret_makes_the_channel_away_and_is_not_told(shop: BolShop) -> None:
    settings = ChannelSettings("bol", "bol", shop.url, {"login": shop.url})
    channel = Bol(settings, {"client_id": CLIENT, "client_secret": "hunter2"}.__getitem__)
    with pytest.raises(ChannelAway, match="no token") as caught:
        channel.read("A1")
    assert "hunter2" not in repr(caught.value)
    channel.close()


# --- orders in ------------------------------------------------------------------------------------


def test_a_customer_who_asks_to_cancel_holds_the_order_by_name(shop: BolShop) -> None:
    reference = order(shop, 1)
    shop.hold(reference)
    found = there(shop.channel(), reference)
    assert (found.standing, found.why) == (Standing.HELD, "The customer asks to cancel.")


def test_the_address_is_put_together_as_it_is_printed(shop: BolShop) -> None:
    reference = order(shop, 1)
    to = shop.orders[reference]["shipmentDetails"]
    to.update(houseNumberExtension="B", pickupPointName="Albert Heijn: UTRECHT", company=None)
    address = there(shop.channel(), reference).record.customer
    expected = replace(ANNA, street="Kerkstraat 1 B", company="Albert Heijn: UTRECHT")
    assert address == expected
    to.update(countryCode="BE", zipCode="9000", language="fr-BE")
    record = there(shop.channel(), reference).record
    assert (record.customer.postcode, record.language) == ("9000", "fr")


def test_the_promise_and_the_time_frame_come_in() -> None:
    shop = BolShop(options={"service.EVENING": "evening"})
    reference = order(shop, 1, 1)
    first, second = shop.orders[reference]["orderItems"]
    first["fulfilment"].update(latestDeliveryDate="2026-03-04", timeFrameType="EVENING")
    second["fulfilment"].update(exactDeliveryDate="2026-03-02")
    record = there(shop.channel(), reference).record
    assert (record.promised_on, record.service) == ("2026-03-02", "evening")
    shop.close()


def test_what_bol_ships_itself_is_not_ours(shop: BolShop) -> None:
    reference = order(shop, 1, 2)
    shop.orders[reference]["orderItems"][0]["fulfilment"]["method"] = "FBB"
    lines = there(shop.channel(), reference).record.lines
    assert [(line.sku, line.quantity) for line in lines] == [(shop.skus[1], 2)]


def test_an_offer_without_a_reference_is_known_by_its_ean(shop: BolShop) -> None:
    channel = shop.channel()
    lines = there(channel, order(shop, 1, 1, 1)).record.lines
    assert [line.sku for line in lines] == list(shop.skus)
    assert channel.set_stock([StockLevel(shop.skus[2], 4)])[0].state is Writeback.APPLIED
    assert shop.stock(shop.skus[2]) == 4


def test_an_order_that_cannot_be_read_is_held_and_the_others_come_in(shop: BolShop) -> None:
    bad, good = order(shop, 1), order(shop, 1)
    shop.orders[bad]["orderItems"][0]["quantity"] = -1
    found = pulled(shop.channel())
    assert (found[bad].standing, found[good].standing) == (Standing.HELD, Standing.OPEN)
    assert "quantity" in found[bad].why


@pytest.mark.parametrize("ago", [timedelta(minutes=20), timedelta(hours=5), timedelta(days=3)])
def test_what_changed_while_nobody_listened_comes_in_and_nothing_older(
    shop: BolShop, ago: timedelta
) -> None:
    changed = [ago * 1.5, ago / 2, timedelta(0)]
    placed = [order(shop, 1) for _ in changed]
    now = datetime.now(UTC)
    for reference, before in zip(placed, changed, strict=True):
        time = (now - before).astimezone(AMSTERDAM).isoformat()
        shop.orders[reference]["orderItems"][0]["latestChangedDateTime"] = time
    found = [one.record.reference for one in shop.channel().pull(stamp(now - ago))]
    assert found == placed[1:]


def test_without_a_time_all_that_is_open_comes_in(shop: BolShop) -> None:
    reference = order(shop, 1)
    old = (datetime.now(UTC) - timedelta(days=40)).astimezone(AMSTERDAM).isoformat()
    shop.orders[reference]["orderItems"][0]["latestChangedDateTime"] = old
    assert reference in pulled(shop.channel(), "")


# --- parcels out ----------------------------------------------------------------------------------


def test_a_shipment_is_in_doubt_until_bol_has_made_it_and_is_asked_for_once(
    shop: BolShop,
) -> None:
    channel, other = shop.channel(), shop.channel()
    parcel = news(there(channel, order(shop, 2)))
    for teller in (channel, channel, other, channel):
        assert teller.ship(parcel).state is Writeback.IN_DOUBT
    assert shop.hits(Call.WRITE) == 1
    shop.tick()
    for teller in (channel, other):
        assert teller.ship(parcel).state is Writeback.APPLIED
    assert len(shop.shipments(parcel.reference)) == 1


def test_a_shipment_that_bol_fails_to_make_is_rejected_with_its_reason_and_can_be_told_again(
    shop: BolShop,
) -> None:
    channel = shop.channel()
    parcel = news(there(channel, order(shop, 1)))
    shop.fails_with = "The transporter is unknown."
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    shop.tick()
    told = channel.ship(parcel)
    assert (told.state, "transporter is unknown" in told.detail) == (Writeback.REJECTED, True)
    shop.fails_with = ""
    applied(shop, lambda: channel.ship(parcel), "told again by hand")
    assert len(shop.shipments(parcel.reference)) == 1


def test_a_shipment_that_is_made_and_not_listed_yet_is_not_made_again(shop: BolShop) -> None:
    channel = shop.channel()
    remote = there(channel, order(shop, 2))
    parcel = news(remote, 1, complete=False)
    shop.inject(Fault.LOST_AFTER, Call.WRITE)
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    shop.lists_late = True
    shop.tick()
    assert channel.ship(parcel).state is Writeback.IN_DOUBT
    shop.lists_late = False
    shop.tick()
    assert channel.ship(parcel).state is Writeback.APPLIED
    assert len(shop.shipments(remote.record.reference)) == 1


@pytest.mark.parametrize(
    ("carrier", "code"),
    [("postnl", "TNT"), ("dpd", "DPD-NL"), ("fiets", "COURIER"), ("unheard", "OTHER")],
)
def test_a_carrier_is_told_by_bols_code(carrier: str, code: str) -> None:
    shop = BolShop(options={"transporter.fiets": "COURIER"})
    channel = shop.channel()
    parcel = replace(news(there(channel, order(shop, 1))), carrier=carrier, tracking="")
    applied(shop, lambda: channel.ship(parcel), "the parcel")
    assert shop.transports == [{"transporterCode": code}]
    shop.close()


# --- stock and returns ----------------------------------------------------------------------------


def test_more_than_bol_counts_is_told_as_the_most_it_counts(shop: BolShop) -> None:
    assert shop.channel().set_stock([StockLevel(shop.skus[0], 5000)])[0].state == "applied"
    assert shop.stock(shop.skus[0]) == 999


def test_two_offers_with_one_reference_are_for_a_person_to_sort_out(shop: BolShop) -> None:
    shop.offers[1]["reference"] = shop.skus[0]
    (told,) = shop.channel().set_stock([StockLevel(shop.skus[0], 5)])
    assert (told.state, "2 offers" in told.detail) == (Writeback.REJECTED, True)


def test_a_return_of_an_order_that_bol_forgot_comes_in_by_its_ean(shop: BolShop) -> None:
    reference = order(shop, 1)
    (item,) = shop.orders[reference]["orderItems"]
    rma = shop.announce(reference, item["orderItemId"], 1, "Te klein")
    del shop.orders[reference]
    (found,) = shop.channel().returns(START)
    (line,) = found.lines
    assert (found.rma, line.line, line.sku) == (rma, "", item["product"]["ean"])


def test_returns_of_before_are_not_told_again(shop: BolShop) -> None:
    reference = order(shop, 1)
    line = there(shop.channel(), reference).record.lines[0].reference
    shop.announce(reference, line, 1, "Te klein")
    shop.tick()
    (first,) = shop.channel().returns(START)
    late = shop.announce(reference, line, 1, "Te groot")
    shop.tick()
    later = stamp(datetime.fromisoformat(first.announced_at) + timedelta(seconds=1))
    assert [one.rma for one in shop.channel().returns(later)] == [late]


def test_an_rma_that_bol_does_not_know_is_rejected_and_a_return_without_one_unsupported(
    shop: BolShop,
) -> None:
    reference = order(shop, 1)
    back = (ReturnedLine("", shop.skus[0], 1, Disposition.RESTOCK),)
    channel = shop.channel()
    for rma in ("31234567", "../orders"):
        refused(shop, lambda: channel.take_back(ReturnNews("B-1", rma, reference, back)), rma)  # noqa: B023
    told = channel.take_back(ReturnNews("B-1", "", reference, back))
    assert told.state is Writeback.UNSUPPORTED
