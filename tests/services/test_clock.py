"""Clocks that are set back, or differ: work, journal, promises and numbers stay right."""

from __future__ import annotations

from tests.services.saying import said
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, SARA, World

HERE, ELSEWHERE = "PICK-01", "PICK-02"


def test_a_walk_is_kept_when_the_clock_is_set_back(world: World) -> None:
    world.order((LANTERN, 2))
    step = world.scan(HERE, ANNA, "WHCPICK")
    world.wait(hours=-1)
    assert world.scan(ELSEWHERE, BOB, "WHCPICK").state == "idle"
    step = world.follow(HERE, step, until=("pick", "idle"))
    assert said(step).code == "order_picked"


def test_whoever_comes_with_a_later_clock_and_whoever_was_there_never_pick_the_same(
    world: World,
) -> None:
    order = world.order((LANTERN, 2))
    step = world.scan(HERE, ANNA, "WHCPICK")
    step = world.scan(HERE, step.hint)
    world.wait(hours=2)
    taken = world.scan(ELSEWHERE, BOB, "WHCPICK")
    world.wait(hours=-2)
    refused = world.scan(HERE, step.hint)
    assert said(refused).code == "locked_by"
    world.follow(ELSEWHERE, taken, until=("pick", "idle"))
    assert world.find(order.number).state == "picked"
    with world.store.read() as tx:
        moved = tx.connection.scalar(  # type: ignore[attr-defined]
            "SELECT SUM(quantity) FROM stock_move WHERE why = 'pick'"
        )
    assert moved == 2


def test_the_journal_keeps_the_order_of_scans_whatever_the_clock_says(world: World) -> None:
    world.order((LANTERN, 1), (MUG, 1))
    step, scans = world.scan(HERE, ANNA, "WHCPICK"), 2
    while step.hint:
        world.wait(minutes=-7)
        step, scans = world.scan(HERE, step.hint), scans + 1
    assert said(step).code == "order_picked"
    rows = list(reversed(world.journal(100)))
    assert [row.gesture_id for row in rows] == [f"g{number + 1}" for number in range(scans)]
    times = [row.at for row in rows]
    assert times == sorted(times, reverse=True) != sorted(times)


def test_promises_are_the_orders_own(world: World) -> None:
    before = world.order((LANTERN, 1))
    world.wait(hours=-30)
    after = world.order((LANTERN, 1))
    assert (after.promised_on, after.ship_by) == (before.promised_on, before.ship_by)
    assert (after.latest_start, after.id) == (before.latest_start, before.id + 1)


def test_parcels_keep_their_own_numbers_when_the_clock_is_set_back(world: World) -> None:
    orders = []
    for _ in range(3):
        orders.append(world.order((CANDLE, 1)))
        world.pick_all(HERE, ANNA)
        world.pack_all("PACK-01", BOB)
        world.wait(hours=-1)
    with world.store.read() as tx:
        numbers = [parcel.sscc for order in orders for parcel in tx.parcels.of_order(order.id)]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == len(orders)
    step = world.scan("SHIP-01", SARA, "WHCSHIP")
    world.follow("SHIP-01", step, until=("ship", "start"))
    assert {world.find(order.number).state for order in orders} == {"shipped"}
