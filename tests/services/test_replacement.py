"""Goods that are sent once more: a linked order of its own, which only its customer hears of."""

from __future__ import annotations

import json

import pytest

from tests.services.pack_helpers import SHIP, hand_over, label_of, shipping
from tests.services.saying import events
from tests.services.test_refunds import shipped
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.outcome import Refused
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import Text
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.services import refunds
from wms_terminal.services.replacement import replace_goods

SHOP = ChannelSettings("web", "fake", "https://shop.example")


@pytest.fixture
def order(world: World) -> Order:
    """An order of two lanterns and a mug, shipped."""
    with world.store.write() as tx:
        tx.channels.put(SHOP, 60)
        tx.site.set_setting("mail.from", "shop@example.com")
    return shipped(world)


def replace(world: World, order: Order, *units: int, key: str = "k") -> str:
    """Replace so many units of each line."""
    with world.store.write() as tx:
        lines = [
            (line.id, count)
            for line, count in zip(tx.orders.lines(order.id), units, strict=True)
            if count
        ]
        at = stamp(world.now)
        return replace_goods(tx, order, lines, at, key=key, why="arrived\x1b[31m broken")


def story(world: World, order: Order) -> str:
    with world.store.read() as tx:
        said = [json.loads(event.text) for event in tx.orders.events(order.id)]
    return " | ".join(str(Text.from_json(text)) for text in said)


def test_a_replacement_is_a_paid_order_for_nothing_and_both_show_the_other(
    world: World, order: Order
) -> None:
    number = replace(world, order, 1, 0)
    assert number == f"{order.number}-R1"
    new = world.find(number)
    assert (new.channel, new.reference) == (order.channel, f"{order.reference}/R1")
    assert (new.payment, new.state, new.address, new.email) == (
        "paid",
        OrderState.NEW,
        order.address,
        order.email,
    )
    with world.store.read() as tx:
        assert [(line.sku, line.ordered) for line in tx.orders.lines(new.id)] == [(LANTERN, 1)]
        assert refunds.most(tx, new.id) == 0
    assert f"Replaced by order {number}: arrived [31m broken" in story(world, order)
    assert f"Replaces order {order.number}: arrived [31m broken" in story(world, new)


def test_the_same_key_is_the_same_order(world: World, order: Order) -> None:
    assert replace(world, order, 1, 0) == replace(world, order, 1, 0)
    assert replace(world, order, 1, 1, key="other") == f"{order.number}-R2"
    assert events(world, order.number).count("replacement") == 2


def test_only_what_left_and_was_not_replaced_is_replaced(world: World, order: Order) -> None:
    with pytest.raises(Refused, match="More than was shipped"):
        replace(world, order, 3, 0)
    with pytest.raises(Refused, match="Nothing"):
        replace(world, order, 0, 0)
    with pytest.raises(Refused, match="no line"), world.store.write() as tx:
        replace_goods(tx, order, [(999, 1)], stamp(world.now), key="x", why="")
    replace(world, order, 1, 1)
    with pytest.raises(Refused, match="More than was shipped"):
        replace(world, order, 2, 0, key="other")
    with pytest.raises(Refused, match="More than was shipped"):
        replace(world, world.order((MUG, 1)), 1, key="third")
    first = world.find(f"{order.number}-R1")
    with world.store.write() as tx:
        tx.orders.set_state(first.id, OrderState.CANCELLED)
    assert replace(world, order, 2, 1, key="other") == f"{order.number}-R2"


def test_a_number_that_is_taken_is_not_given_again(world: World, order: Order) -> None:
    world.order((MUG, 1), reference=f"{order.reference}-R1")
    assert replace(world, order, 1, 0) == f"{order.number}-R2"


def test_its_customer_hears_that_it_left_and_its_channel_does_not(
    world: World, order: Order
) -> None:
    number = replace(world, order, 1, 0)
    world.pick_all("PICK-01")
    world.pack_all("PACK-01")
    new = world.find(number)
    shipping(world)
    world.scan(SHIP, label_of(world, new))
    hand_over(world)
    world.scan(SHIP, "CARPOSTNL")
    assert world.find(number).state is OrderState.SHIPPED
    with world.store.read() as tx:
        told = {(item.target, item.kind) for item in tx.outbox.of_order(new.id)}
    assert told == {("mail", "shipped")}
    with pytest.raises(Refused, match="with this key"):
        replace(world, world.find(number), 1)
    again = replace(world, world.find(number), 1, key="again")
    assert again == f"{number}-R1"


def test_another_product_may_go_instead(world: World, order: Order) -> None:
    with world.store.write() as tx:
        line = tx.orders.lines(order.id)[0]
        mug = tx.site.product_by_sku(MUG)
        assert mug is not None
        at, lines = stamp(world.now), [(line.id, 2)]
        number = replace_goods(
            tx, order, lines, at, key="x", why="too small", instead={line.id: mug.id}
        )
    made = world.find(number)
    with world.store.read() as tx:
        new = tx.orders.lines(made.id)
    assert [(item.sku, item.ordered) for item in new] == [(MUG, 2)]
    with pytest.raises(Refused, match="More than was shipped"):
        replace(world, order, 1, 0, key="again")
    assert replace(world, order, 0, 1, key="mug") == f"{order.number}-R2"
