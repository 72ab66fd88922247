"""What is decided about an order from a desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.services.pack_helpers import hand_over, label_of, labelled, shipping
from tests.services.saying import events
from tests.world import ANNA, LANTERN, World
from wms_terminal.domain.orders import Order
from wms_terminal.ports.store import StoreConflict, StoreError, Tx
from wms_terminal.services import desk, put_back

AT = "2026-03-03T12:00:00.000Z"


def shipped(world: World) -> Order:
    """An order that has left."""
    order = labelled(world, (LANTERN, 1))
    shipping(world)
    world.scan("SHIP-01", label_of(world, order))
    hand_over(world)
    return order


def test_an_order_is_held_and_let_go(world: World) -> None:
    order = world.order((LANTERN, 1))
    for why in ("Fraud?", "Fraud?", "", ""):
        with world.store.write() as tx:
            desk.hold(tx, order.number, why, AT)
    assert world.find(order.number).hold == ""
    assert events(world, order.number) == ["received", "hold", "hold"]


def test_a_held_order_is_not_released(world: World) -> None:
    order = world.order((LANTERN, 1))
    with world.store.write() as tx:
        desk.hold(tx, order.number, "Fraud?", AT)
    world.scan("PICK-01", ANNA, "WHCPICK")
    assert world.find(order.number).state == "new"


def test_an_order_is_put_before_all_others(world: World) -> None:
    world.order((LANTERN, 1), promised_on="2026-03-04")
    late = world.order((LANTERN, 1), promised_on="2026-03-20")
    for _ in range(2):
        with world.store.write() as tx:
            desk.expedite(tx, late.number, AT)
    assert events(world, late.number) == ["received", "expedite"]
    world.scan("PICK-01", ANNA, "WHCPICK")
    assert world.find(late.number).state == "picking"


def test_a_payment_is_accepted_once(world: World) -> None:
    order = world.order((LANTERN, 1), payment="pending")
    for _ in range(2):
        with world.store.write() as tx:
            desk.accept_payment(tx, order.number, AT)
    assert world.find(order.number).payment == "paid"
    assert events(world, order.number) == ["received", "paid"]


def test_money_that_went_back_is_no_payment(world: World) -> None:
    order = world.order((LANTERN, 1), payment="refunded")
    with world.store.write() as tx, pytest.raises(StoreConflict, match="payment refunded"):
        desk.accept_payment(tx, order.number, AT)


def test_an_order_that_nobody_began_is_cancelled(world: World) -> None:
    order = world.order((LANTERN, 1))
    for _ in range(2):
        with world.store.write() as tx:
            desk.cancel(tx, order.number, AT)
    assert world.find(order.number).state == "cancelled"
    assert events(world, order.number) == ["received", "cancelled"]
    with world.store.read() as tx:
        assert [line.to_allocate for line in tx.orders.lines(order.id)] == [0]
    world.scan("PICK-01", ANNA, "WHCPICK")
    assert world.find(order.number).state == "cancelled"


def test_an_order_that_was_begun_stops_until_its_goods_are_put_back(world: World) -> None:
    order = world.order((LANTERN, 1))
    world.scan("PICK-01", ANNA, "WHCPICK")
    for _ in range(2):
        with world.store.write() as tx:
            desk.cancel(tx, order.number, AT)
    with world.store.read() as tx:
        assert put_back.is_waiting(tx, order.id)
    assert world.find(order.number).state == "picking"
    assert events(world, order.number).count("hold") == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda tx, number: desk.hold(tx, number, "Stop", AT),
        lambda tx, number: desk.expedite(tx, number, AT),
        lambda tx, number: desk.cancel(tx, number, AT),
    ],
    ids=["hold", "expedite", "cancel"],
)
def test_what_has_left_is_left_alone(world: World, act: Callable[[Tx, str], None]) -> None:
    order = shipped(world)
    with world.store.write() as tx, pytest.raises(StoreConflict, match="shipped"):
        act(tx, order.number)
    assert events(world, order.number)[-1] == "shipped"


def test_an_unknown_number_is_named(world: World) -> None:
    with world.store.read() as tx, pytest.raises(StoreError, match="got 'X-9'"):
        desk.find(tx, "X-9")
