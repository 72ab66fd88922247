"""A whole warehouse against a real shop, in which much of what is asked and told goes wrong.

Not collected by name: `make shop-test` installs a shop and names this file.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from data import open_store
from tests.shop.shop import Shop
from tests.shop.verdict import differences, together
from tests.shop.warehouse import CHANNEL, Warehouse, expected
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.returns import Advised
from wms_terminal.services import refunds, returns

FAULTS = (
    {"mode": "lost", "rate": 0.10},
    {"mode": "503", "rate": 0.05},
    {"mode": "429", "rate": 0.03},
    {"mode": "html", "rate": 0.04},
    {"mode": "gqlerror", "rate": 0.04},
)


def test_every_order_of_a_shop_lives_its_whole_life(tmp_path: Path) -> None:
    with Shop(orders=30) as shop:
        _live(Warehouse(tmp_path, shop), shop)


def _live(warehouse: Warehouse, shop: Shop) -> None:
    truth = {order["code"]: order for order in shop.truth()["orders"]}
    of_kind = {
        kind: sorted(code for code, order in truth.items() if order["kind"] == kind)
        for kind in ("paid", "authorized", "cancelled", "partial")
    }
    shop.faults(*FAULTS)

    # What is paid comes in, and nothing else does.
    warehouse.talk()
    assert set(warehouse.states()) == {*of_kind["paid"], *of_kind["partial"]}

    # Some are cancelled before anybody has begun, some when they lie in totes.
    early = of_kind["paid"][:2]
    for code in early:
        shop.cancel(code)
    warehouse.talk()
    warehouse.pick(6)
    states = warehouse.states()
    late = sorted(code for code, state in states.items() if state is OrderState.PICKED)[:2]
    assert len(late) == 2
    for code in late:
        shop.cancel(code)
    for code in of_kind["authorized"]:
        shop.settle(code)
    fed = [order["code"] for order in shop.feed(5)]
    warehouse.talk()
    warehouse.work()
    warehouse.talk()

    states = warehouse.states()
    stopped = {*early, *late}
    assert {code for code, state in states.items() if state is OrderState.CANCELLED} == stopped
    paid = {*of_kind["paid"], *of_kind["partial"], *of_kind["authorized"], *fed} - stopped
    assert {code for code, state in states.items() if state is OrderState.SHIPPED} == paid

    # A customer sends something back, and gets the money for it, once.
    code = min(paid & {*of_kind["paid"]})
    units = _return(warehouse, code)
    warehouse.work()
    money = _approve(warehouse)
    warehouse.talk()
    warehouse.talk()

    wanted = expected(warehouse, shop)
    wanted.cancelled |= {*of_kind["cancelled"], *stopped}
    for number in of_kind["partial"]:
        for parcel in shop.orders()[number]["fulfillments"]:
            if parcel["trackingCode"] not in wanted.parcels[number]:
                wanted.parcels[number][parcel["trackingCode"]] = together(
                    truth[number]["alreadyShipped"]
                )
    wanted.returned[code] = units
    wanted.refunds[code] = money
    assert shop.faulted() > 20
    found = differences(shop, wanted)
    assert not found, "\n".join(found)
    assert {sku: level.on_hand for sku, level in shop.stock().items()} == warehouse.stock()
    assert warehouse.findings() == []


def _return(warehouse: Warehouse, code: str) -> dict[str, int]:
    """A customer announces a unit of the first line; what comes back."""
    with closing(open_store(warehouse.url)) as store, store.write() as tx:
        order_id = tx.orders.find_in_channel(CHANNEL, code)
        assert order_id is not None
        line = tx.orders.lines(order_id)[0]
        advised = [Advised(line.id, 1, "too_small")]
        returns.announce(tx, tx.orders.get(order_id), advised, stamp(warehouse.now()))
        return {line.sku: 1}


def _approve(warehouse: Warehouse) -> list[int]:
    """A supervisor says yes to what the returns desk has proposed; how much that is."""
    with closing(open_store(warehouse.url)) as store, store.write() as tx:
        boss = next(person for person in tx.site.operators() if person.supervisor)
        return [
            refunds.approve(tx, refund.id, boss, stamp(warehouse.now())).amount
            for refund in tx.refunds.open()
        ]
