"""Which order comes next, what is held for it, and whose it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from data import doctor, open_store
from tests.services.saying import code, events, lies, lines, notices, refusal, text
from tests.stores import new_store, url_of
from tests.world import (
    ANNA,
    BOB,
    CANDLE,
    LANTERN,
    MUG,
    SIGN,
    World,
    at,
)
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.records import StockRecord
from wms_terminal.domain.scan import Source
from wms_terminal.ports.store import Tx
from wms_terminal.services import take_in, walk
from wms_terminal.services.floor import Floor
from wms_terminal.services.step import Step

HERE, ELSEWHERE = "PICK-01", "PICK-02"


def change(world: World, work: Callable[[Tx], None]) -> None:
    with world.store.write() as tx:
        work(tx)


def number(step: Step) -> str:
    """The order that a step is about."""
    return str(step.view.title.values["number"])


# --- urgency -------------------------------------------------------------------------------------


def test_the_latest_start_decides(world: World) -> None:
    for promised in ("2026-03-06", "2026-03-04", "2026-03-05"):
        world.order((LANTERN, 1), promised_on=promised)
    steps = [world.scan(HERE, ANNA, "WHCPICK"), world.scan(ELSEWHERE, BOB, "WHCPICK")]
    assert [number(step) for step in steps] == ["1002", "1003"]


def test_more_work_starts_earlier(world: World) -> None:
    world.order((LANTERN, 1))
    world.order((LANTERN, 1), (MUG, 1), (SIGN, 1), (CANDLE, 1))
    assert number(world.scan(HERE, ANNA, "WHCPICK")) == "1002"


def test_an_expedited_order_comes_first(world: World) -> None:
    world.order((LANTERN, 1), promised_on="2026-03-04")
    late = world.order((LANTERN, 1), promised_on="2026-03-09")
    change(world, lambda tx: tx.orders.set_expedite(late.id, True))
    assert number(world.scan(HERE, ANNA, "WHCPICK")) == "1002"
    assert number(world.scan(ELSEWHERE, BOB, "WHCPICK")) == "1001"


def test_work_that_was_given_back_is_in_the_same_queue(world: World) -> None:
    world.order((LANTERN, 1), promised_on="2026-03-05")
    world.scan(HERE, ANNA, "WHCPICK", "WHCMENU")
    world.order((LANTERN, 1), promised_on="2026-03-04")
    assert number(world.scan(HERE, "WHCPICK")) == "1002"
    assert number(world.scan(ELSEWHERE, BOB, "WHCPICK")) == "1001"


def test_a_walk_that_is_put_on_hold_is_not_given_out(world: World) -> None:
    order = world.order((LANTERN, 1))
    world.scan(HERE, ANNA, "WHCPICK", "WHCMENU")
    change(world, lambda tx: tx.orders.set_hold(order.id, "fraud"))
    assert code(world.scan(HERE, "WHCPICK")) == "no_work"
    change(world, lambda tx: tx.orders.set_hold(order.id, ""))
    assert code(world.scan(HERE, "WHCWORK")) == "work"


@pytest.mark.parametrize("why", ["unpaid", "refunded", "hold", "cancelled", "no stock"])
def test_what_may_not_be_picked_is_never_given_out(world: World, why: str) -> None:
    order = world.order(
        (SIGN, 4) if why == "no stock" else (SIGN, 1),
        payment={"unpaid": "pending", "refunded": "refunded"}.get(why, "paid"),
        partial=False,
    )
    if why == "hold":
        change(world, lambda tx: tx.orders.set_hold(order.id, "fraud"))
    if why == "cancelled":
        change(world, lambda tx: tx.orders.set_state(order.id, OrderState.CANCELLED))
    change(world, lambda tx: tx.orders.set_expedite(order.id, True))
    step = world.scan(HERE, ANNA, "WHCPICK")
    assert (code(step), step.state) == ("no_work", "idle")
    assert lies(world, "A01-04-1", SIGN) == (3, 0)
    assert world.find(order.number).state in (OrderState.NEW, OrderState.CANCELLED)


def test_an_order_is_released_once_it_is_paid(world: World) -> None:
    order = world.order((LANTERN, 1), payment="pending")
    assert code(world.scan(HERE, ANNA, "WHCPICK")) == "no_work"
    change(world, lambda tx: tx.orders.set_payment(order.id, "paid"))
    assert code(world.scan(HERE, "WHCWORK")) == "work"


# --- what is held --------------------------------------------------------------------------------


def test_stock_is_held_for_the_order_and_for_nobody_else(world: World) -> None:
    world.order((SIGN, 2))
    world.order((SIGN, 2))
    world.scan(HERE, ANNA, "WHCPICK")
    assert lies(world, "A01-04-1", SIGN) == (3, 2)
    world.scan(ELSEWHERE, BOB, "WHCPICK")
    assert lies(world, "A01-04-1", SIGN) == (3, 3)
    assert [line.allocated for line in lines(world, "1002")] == [1]
    assert "Order 1002: 1 units on back-order" in notices(world)
    assert "backorder" in events(world, "1002")


def test_two_lines_of_one_product_share_what_there_is(world: World) -> None:
    world.order((SIGN, 2), (SIGN, 2))
    world.scan(HERE, ANNA, "WHCPICK")
    assert [line.allocated for line in lines(world, "1001")] == [2, 1]


def test_an_order_that_may_not_leave_in_parts_waits_until_it_is_whole(world: World) -> None:
    world.order((SIGN, 4), (LANTERN, 1), partial=False)
    assert code(world.scan(HERE, ANNA, "WHCPICK")) == "no_work"
    assert world.find("1001").waiting == "stock"
    assert events(world, "1001") == ["received", "waiting_stock"]
    records = [StockRecord("A01-04-1", SIGN, 4)]
    take_in.stock(world.store, records, lambda: world.now, lambda kind, what: None)
    assert code(world.scan(HERE, "WHCWORK")) == "work"


def test_no_scan_looks_at_all_the_orders_that_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walk, "LOOKS", 3)
    for _ in range(4):
        world.order((SIGN, 9), partial=False)
    world.order((LANTERN, 1), promised_on="2026-04-01")
    step = world.scan(HERE, ANNA, "WHCPICK")
    assert (code(step), step.state, step.hint) == ("still_looking", "idle", "WHCWORK")
    assert text(step) == "3 orders wait for stock; there are more to look at"
    assert code(world.scan(HERE, "WHCWORK")) == "work"


# --- many at once --------------------------------------------------------------------------------


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store in a file, with the warehouse in it."""
    store = new_store(tmp_path)
    World(store)
    store.close()
    return url_of(tmp_path / "wms.db")


def test_pickers_on_stores_of_their_own_never_get_the_same_order(url: str) -> None:
    store = open_store(url)
    world = World(store, ready=True)
    orders = [world.order((LANTERN, 1)).number for _ in range(8)]
    got: dict[str, set[str]] = {HERE: set(), ELSEWHERE: set()}
    together = threading.Barrier(2)

    def work(station: str, badge: str) -> None:
        own = open_store(url)
        floor = Floor(own, lambda: world.now)
        floor.scan(station, badge)
        together.wait(10)
        step = floor.scan(station, "WHCPICK")
        while step.state != "idle" and step.hint:
            got[station].add(number(step))
            step = floor.scan(station, step.hint)
            if step.must_acknowledge:  # both were told the same empty tote
                floor.scan(station, "WHCOK")
                step = floor.look(station)
        own.close()

    threads = [threading.Thread(target=work, args=who) for who in ((HERE, ANNA), (ELSEWHERE, BOB))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with store.read() as tx:
        assert not doctor.examine(tx)
    assert {world.find(order).state for order in orders} == {OrderState.PICKED}
    store.close()
    assert not got[HERE] & got[ELSEWHERE]
    assert sorted(got[HERE] | got[ELSEWHERE]) == orders


def test_a_gesture_that_two_processes_deliver_counts_once(url: str) -> None:
    stores = [open_store(url), open_store(url)]
    world = World(stores[0], ready=True)
    other = Floor(stores[1], lambda: world.now)
    world.order((LANTERN, 2))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), at("A01-01-1"))
    steps = [floor.scan(HERE, LANTERN, Source.SCANNER, "same") for floor in (world.floor, other)]
    assert steps[0].message == steps[1].message
    assert steps[1].view.goods is not None
    assert steps[1].view.goods.done == 1
    for store in stores:
        store.close()


def test_one_picker_of_two_gets_the_last_tote(url: str) -> None:
    stores = [open_store(url), open_store(url)]
    world = World(stores[0], ready=True)
    other = Floor(stores[1], lambda: world.now)
    world.order((LANTERN, 1))
    world.order((LANTERN, 1))
    world.scan(HERE, ANNA, "WHCPICK")
    other.scan(ELSEWHERE, BOB)
    other.scan(ELSEWHERE, "WHCPICK")
    assert code(world.scan(HERE, at("T-0001"))) == "tote"
    assert refusal(other.scan(ELSEWHERE, at("T-0001"))) == (
        "wrong_tote",
        "an empty tote",
        "T-0001",
    )
    for store in stores:
        store.close()
