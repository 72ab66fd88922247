"""What a channel says about its orders, and what the floor makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from tests.services.pack_helpers import SHIP, label_of, shipping
from tests.services.saying import notices, refusal
from tests.world import BOB, LANTERN, MUG, World
from wms_terminal.domain.label import Address
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.ports.channel import ChannelAway, ChannelSettings, RemoteOrder, Standing
from wms_terminal.services import channel_news
from wms_terminal.services.channel_orders import OVERLAP, apply, hear, in_trouble
from wms_terminal.services.deliver import Attempt, deliver
from wms_terminal.services.heads import CANCELLED, CHANGED, GONE, HELD
from wms_terminal.services.take_in import order_taker

CODE = "shop"
HERE = "PICK-01"


@dataclass
class Shop:
    """A channel that says what a test lets it say."""

    world: World
    orders: dict[str, RemoteOrder] = field(default_factory=dict)
    away_after: int | None = None
    asked: list[str] = field(default_factory=list)

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        self.asked.append(since)
        known = sorted(self.orders.values(), key=lambda order: order.changed_at)
        for number, order in enumerate(known):
            if number == self.away_after:
                raise ChannelAway("maintenance")
            if order.changed_at >= since:
                yield order

    def say(
        self,
        reference: str,
        *lines: tuple[str, int],
        standing: Standing = Standing.OPEN,
        shipped: int = 0,
        country: str = "NL",
    ) -> None:
        """An order, or what has become of it."""
        made = tuple(
            OrderLineRecord(sku, quantity, 100, f"{sku} as sold", f"line-{number}")
            for number, (sku, quantity) in enumerate(lines, 1)
        )
        record = OrderRecord(
            CODE, reference, "2026-03-03T08:00:00Z", Address("C. Klant", country=country), made
        )
        done = {"line-1": shipped} if shipped else {}
        at = stamp(self.world.now)
        self.orders[reference] = RemoteOrder(record, standing, at, "", done)

    def hear(self) -> dict[str, int]:
        """What one poll did."""
        with self.world.store.read() as tx:
            row = tx.channels.get(CODE)
        assert row is not None
        return dict(hear(self.world.store, row, self, lambda: self.world.now))  # type: ignore[arg-type]


@pytest.fixture
def shop(world: World) -> Shop:
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings(CODE, "fake", "https://shop.example"), 60)
    return Shop(world)


def hold_of(world: World, reference: str) -> str:
    with world.store.read() as tx:
        found = tx.channels.order(CODE, reference)
    assert found is not None
    return found.hold


def test_a_paid_order_comes_in_with_its_lines_ids_and_only_once(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 2), (MUG, 1))
    assert shop.hear() == {"added": 1}
    order = world.find("W-1")
    with world.store.read() as tx:
        assert list(tx.channels.lines(order.id).values()) == ["line-1", "line-2"]
    assert shop.hear() == {"unchanged": 1}
    assert shop.hear() == {"unchanged": 1}


def test_the_next_window_overlaps_the_last(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    shop.hear()
    with world.store.read() as tx:
        row = tx.channels.get(CODE)
    assert row is not None
    assert (row.since, row.trouble) == (stamp(world.now), "")
    assert shop.asked[-1] == stamp(world.now - OVERLAP)


def test_what_was_said_before_the_line_broke_is_kept(world: World, shop: Shop) -> None:
    for number in range(60):
        shop.say(f"W-{number}", (LANTERN, 1))
        world.now += timedelta(seconds=1)
    shop.away_after = 55
    with pytest.raises(ChannelAway):
        shop.hear()
    shop.away_after = None
    counts = shop.hear()
    assert counts["added"] + 50 == 60


def test_an_unpaid_order_is_not_taken_in(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1), standing=Standing.UNPAID)
    assert shop.hear() == {"unpaid": 1}
    shop.say("W-1", (LANTERN, 1))
    assert shop.hear() == {"added": 1}


def test_a_cancelled_order_goes_before_anybody_has_begun_it(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    shop.say("W-1", (LANTERN, 1), standing=Standing.CANCELLED)
    assert shop.hear() == {"cancelled": 1}
    assert world.find("W-1").state == "cancelled"
    assert shop.hear() == {"unchanged": 1}


def test_a_cancelled_order_stops_under_the_picker_s_hands(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 2))
    shop.hear()
    step = world.scan(HERE, BOB, "WHCPICK")
    shop.say("W-1", (LANTERN, 2), standing=Standing.CANCELLED)
    assert shop.hear() == {"held": 1}
    assert hold_of(world, "W-1") == CANCELLED
    assert refusal(world.scan(HERE, step.hint))[0] == "order_on_hold"
    assert shop.hear() == {"unchanged": 1}


def test_a_cancelled_order_ends_by_itself_where_nobody_has_taken_anything(
    world: World, shop: Shop
) -> None:
    shop.say("W-1", (LANTERN, 2))
    shop.hear()
    world.scan(HERE, BOB, "WHCPICK", "WHCMENU")
    world.wait(hours=1)
    shop.say("W-1", (LANTERN, 2), standing=Standing.CANCELLED)
    assert shop.hear() == {"cancelled": 1}
    assert (world.find("W-1").state, hold_of(world, "W-1")) == ("cancelled", "")


def test_a_changed_order_is_brought_up_to_date_or_stopped(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 2))
    shop.say("W-2", (MUG, 2))
    shop.hear()
    world.scan(HERE, BOB, "WHCPICK")
    began = "W-1" if world.find("W-1").state == "picking" else "W-2"
    other = "W-2" if began == "W-1" else "W-1"
    for reference in ("W-1", "W-2"):
        shop.say(reference, (LANTERN, 3))
    assert shop.hear() == {"held": 1, "changed": 1}
    assert (hold_of(world, began), hold_of(world, other)) == (CHANGED, "")
    order = world.find(began).id
    with world.store.write() as tx:
        tx.orders.set_hold(order, "")
    # Somebody has looked at it and let it go on: the same news does not stop it again.
    assert shop.hear() == {"unchanged": 2}
    assert hold_of(world, began) == ""


def test_a_held_order_waits_and_goes_on(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1), standing=Standing.HELD)
    assert shop.hear() == {"held": 1}
    assert hold_of(world, "W-1") == HELD
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    assert hold_of(world, "W-1") == ""


def test_what_cannot_be_read_is_told_once_until_it_says_something_else(
    world: World, shop: Shop
) -> None:
    def cannot_read(why: str) -> None:
        shop.say("W-[9]", standing=Standing.HELD)
        shop.orders["W-[9]"] = replace(shop.orders["W-[9]"], why=why)
        assert shop.hear() == {"left out": 1}

    cannot_read("No country.")
    cannot_read("No country.")
    assert notices(world) == [f"{CODE}: W-[9] could not be taken in. No country."]
    cannot_read("No street.")
    assert len(notices(world)) == 2
    shop.say("W-[9]", (LANTERN, 1))
    assert shop.hear() == {"added": 1}


def test_a_channel_that_stays_silent_is_told_once(world: World, shop: Shop) -> None:
    def silent() -> None:
        with world.store.write() as tx:
            in_trouble(tx, CODE, "maintenance", world.now)

    def later(minutes: int) -> None:
        world.now += timedelta(minutes=minutes)

    silent()
    later(14)
    silent()
    assert notices(world) == []
    later(1)
    silent()
    later(60)
    silent()
    words = f"{CODE} is silent for 15 minutes: no orders come in. maintenance"
    assert notices(world) == [words]
    with world.store.write() as tx:
        tx.channels.well(CODE)
    later(60)
    silent()
    assert notices(world) == [words]
    later(15)
    silent()
    assert notices(world) == [words, words]


def test_what_was_shipped_elsewhere_is_not_shipped_again(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 3), (MUG, 1), shipped=2)
    assert shop.hear() == {"added": 1}
    order = world.find("W-1")
    with world.store.read() as tx:
        lines = tx.orders.lines(order.id)
    assert [(line.sku, line.ordered) for line in lines] == [(LANTERN, 1), (MUG, 1)]
    assert shop.hear() == {"unchanged": 1}
    shop.say("W-1", (LANTERN, 3), standing=Standing.CLOSED, shipped=3)
    assert shop.hear() == {"held": 1}
    assert hold_of(world, "W-1") == GONE


def test_an_unknown_product_or_country_loses_no_order(world: World, shop: Shop) -> None:
    shop.say("W-1", ("NEW-SKU", 1))
    shop.say("W-2", (LANTERN, 1), country="ZZ")
    counts = shop.hear()
    assert sum(counts.values()) == 2
    assert world.find("W-1").state == "new"
    with world.store.read() as tx:
        assert tx.site.product_by_sku("NEW-SKU") is not None
    assert world.find("W-2").state == "new"
    assert shop.hear() == {"unchanged": 2}


# --- once more before the label, and before it leaves -------------------------------------------


class Asked:
    """A channel that is asked for one order at a time."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.references: list[str] = []

    def read(self, reference: str) -> RemoteOrder | None:
        self.references.append(reference)
        return self.shop.orders.get(reference)


def ask(world: World, shop: Shop) -> list[str]:
    """What a worker asks the channel about, as long as something is due."""
    asked = Asked(shop)
    take = order_taker(world.store, lambda: world.now, lambda kind, what: None)
    post = channel_news.post(
        CODE,
        asked,  # type: ignore[arg-type]
        lambda tx, order: apply(tx, order, take, lambda: world.now),
    )
    while deliver(world.store, post, "one", lambda: world.now) is Attempt.SETTLED:
        pass
    return asked.references


def test_a_channel_is_asked_once_more_at_the_label_and_on_the_lorry(
    world: World, shop: Shop
) -> None:
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    assert ask(world, shop) == []
    world.pick_all()
    world.pack_all()
    assert ask(world, shop) == ["W-1"]
    shipping(world)
    world.scan(SHIP, label_of(world, world.find("W-1")))
    assert ask(world, shop) == ["W-1"]
    assert hold_of(world, "W-1") == ""


def test_what_was_cancelled_meanwhile_does_not_leave(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    world.pick_all()
    world.pack_all()
    shop.say("W-1", (LANTERN, 1), standing=Standing.CANCELLED)
    assert ask(world, shop) == ["W-1"]
    assert hold_of(world, "W-1") == CANCELLED
    shipping(world)
    step = world.scan(SHIP, label_of(world, world.find("W-1")))
    assert refusal(step)[0] == "order_on_hold"


def test_an_order_that_its_channel_does_not_know_goes_on(world: World, shop: Shop) -> None:
    shop.say("W-1", (LANTERN, 1))
    shop.hear()
    world.pick_all()
    world.pack_all()
    shop.orders.clear()
    assert ask(world, shop) == ["W-1"]
    assert hold_of(world, "W-1") == ""
