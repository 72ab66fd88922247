"""Where things are, and what a picker does and sees."""

from __future__ import annotations

from tests.services.saying import (
    text,
)
from tests.world import (
    World,
    at,
    gtin,
)
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.records import (
    StockRecord,
)
from wms_terminal.services import take_in
from wms_terminal.services.step import Step

HERE, ELSEWHERE = "PICK-01", "PICK-02"
LANTERNS, MUGS, CANDLES, SIGNS = (at(f"A01-0{number}-1") for number in (1, 2, 3, 4))
T1, T2, T3 = at("T-0001"), at("T-0002"), at("T-0003")
STAGE = at("STAGE-01")
LANTERN_NAME = "WHITE METAL LANTERN (71053)"
CANDLE_A = f"]C101{gtin(3).zfill(14)}10LOT-A"
CANDLE_B = f"]C101{gtin(3).zfill(14)}10LOT-B"


def goods(step: Step) -> tuple[str, int, int]:
    assert step.view.goods is not None
    return step.view.goods.sku, step.view.goods.quantity, step.view.goods.done


def restock(world: World, *records: StockRecord) -> None:
    counts = take_in.stock(world.store, records, lambda: world.now, lambda kind, what: None)
    assert not any(name.startswith("skipped") for name in counts), counts


def route(world: World, step: Step) -> list[tuple[object, int]]:
    """Places and quantities of a walk that is followed to its end."""
    found: list[tuple[object, int]] = []
    for _ in range(60):
        if step.state == "staging":
            return found
        if step.state == "location":
            found.append((step.view.place, goods(step)[1]))
        step = world.scan(HERE, step.hint)
        assert not step.must_acknowledge, text(step)
    raise AssertionError(f"still at {step.state}")


def stop(world: World, **change: object) -> None:
    order = world.find("1001")
    with world.store.write() as tx:
        if "hold" in change:
            tx.orders.set_hold(order.id, str(change["hold"]))
        else:
            tx.orders.set_state(order.id, OrderState.CANCELLED)
