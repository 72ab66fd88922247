"""Returns in the store, on every engine."""

from __future__ import annotations

import pytest

from data import doctor
from tests.store.hands import AT, LATER, Hands
from wms_terminal.domain.orders import Order
from wms_terminal.domain.returns import Advised, ReturnState
from wms_terminal.ports.channel import Disposition
from wms_terminal.ports.store import StoreConflict, StoreError
from wms_terminal.services import put_back, return_close, returns
from wms_terminal.services.heads import CANCELLED
from wms_terminal.services.returns import By, Unit


@pytest.fixture
def order(hands: Hands) -> Order:
    """An order that has left: four mugs, and salt of two lots."""
    order = hands.order(("MUG", 4), ("SALT", 12))
    hands.pick(order, "T-1")
    parcel = hands.pack(order)
    hands.hand_over(hands.load(parcel))
    return order


def receive(hands: Hands, number: str, unit: Unit, disposition: Disposition, place: str) -> int:
    hold = hands.place(place)
    with hands.store.write() as tx:
        gesture = hands.scan(tx)
        case = tx.returns.by_number(number)
        assert case is not None
        place_id = hold
        row = returns.receive(tx, case, unit, disposition, place_id, AT, By(gesture_id=gesture))
        if disposition is Disposition.HOLD:
            tx.returns.hold_at(case.id, place_id)
    return row


def sound(hands: Hands) -> bool:
    with hands.store.read() as tx:
        found = doctor.examine(tx)
    assert not found
    return True


def test_a_return_is_announced_received_and_closed(hands: Hands, order: Order) -> None:
    mugs, salt = hands.lines(order)
    with hands.store.write() as tx:
        advised = [Advised(mugs.id, 2, "wrong_item"), Advised(salt.id, 1, "")]
        case = returns.announce(tx, order, advised, AT, rma="R-9", tracking="3S")
        assert tx.returns.still_to_come(mugs.id) == 2
    with hands.store.read() as tx:
        assert tx.returns.by_rma(order.channel, "R-9") == case
        assert tx.returns.by_code("R-9") == tx.returns.by_code("3S") == [case]
        assert tx.returns.by_code("") == []
        assert tx.returns.of_order(order.id) == tx.returns.open(9) == tx.returns.newest(9) == [case]
        lots = {
            item.lot: item.quantity for item in tx.returns.with_customer(order.id, salt.product_id)
        }
        assert sum(lots.values()) == 12
        assert len(lots) == 2
    lot, hold = min(lots), hands.place("X-1")
    receive(hands, case.number, Unit(mugs.product_id, "", mugs.id, 2), Disposition.RESTOCK, "A-2")
    receive(hands, case.number, Unit(salt.product_id, lot, salt.id), Disposition.HOLD, "X-1")
    assert sound(hands)
    with hands.store.write() as tx:
        case = tx.returns.get(case.id)
        assert (case.state, case.arrived_at, case.location_id) == (ReturnState.ARRIVED, AT, hold)
        assert tx.returns.still_to_come(mugs.id) == 0
        left = {
            item.lot: item.quantity for item in tx.returns.with_customer(order.id, salt.product_id)
        }
        assert left == lots | {lot: lots[lot] - 1}
        return_close.close(tx, case, LATER)
    with hands.store.read() as tx:
        case = tx.returns.get(case.id)
        assert (case.state, case.closed_at) == (ReturnState.CLOSED, LATER)
        assert tx.returns.open(9) == []
        lines = tx.returns.lines(case.id)
        assert [(line.sku, line.lot, line.advised, line.received) for line in lines] == [
            ("MUG", "", 2, 2),
            ("SALT", "", 1, 0),
            ("SALT", lot, 0, 1),
        ]
        assert lines[0].unit_price > 0
    assert sound(hands)


def test_more_than_was_shipped_does_not_come_back(hands: Hands, order: Order) -> None:
    mugs, _ = hands.lines(order)
    with hands.store.write() as tx:
        case = returns.announce(tx, order, [Advised(mugs.id, 4, "")], AT)
    unit = Unit(mugs.product_id, "", mugs.id, 5)
    with pytest.raises(StoreConflict):
        receive(hands, case.number, unit, Disposition.RESTOCK, "A-2")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.returns.count(tx.returns.lines(case.id)[0].id, restocked=1)
    assert sound(hands)


def test_the_channel_s_number_is_one_return(hands: Hands, order: Order) -> None:
    mugs, _ = hands.lines(order)
    with hands.store.write() as tx:
        returns.announce(tx, order, [Advised(mugs.id, 1, "")], AT, rma="R-9")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        returns.announce(tx, order, [Advised(mugs.id, 1, "")], AT, rma="R-9")


def test_there_has_to_be_a_return(hands: Hands) -> None:
    with pytest.raises(StoreError, match="a return"), hands.store.read() as tx:
        tx.returns.get(7)


def test_goods_of_nobody_are_linked_once(hands: Hands, order: Order) -> None:
    mugs, _ = hands.lines(order)
    place = hands.place("X-1")
    with hands.store.write() as tx:
        case = returns.orphan(tx, AT, place)
    receive(hands, case.number, Unit(mugs.product_id, "", None, 2), Disposition.HOLD, "X-1")
    assert sound(hands)
    with hands.store.write() as tx:
        returns.link(tx, tx.returns.get(case.id), order, LATER)
    assert hands.lines(order)[0].returned == 2
    assert sound(hands)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        returns.link(tx, tx.returns.get(case.id), order, LATER)


def test_what_lay_beside_a_return_is_found_with_it(hands: Hands, order: Order) -> None:
    place = hands.place("X-1")
    with hands.store.write() as tx:
        case = returns.unannounced(tx, order, AT, By())
        assert tx.returns.beside(case.id) is None
        apart = returns.orphan(tx, AT, place, case.id)
        assert tx.returns.beside(case.id) == apart


def test_a_parcel_s_tracking_number_names_its_order(hands: Hands, order: Order) -> None:
    with hands.store.read() as tx:
        assert tx.returns.order_by_tracking("3SNOBODY") is None
        assert tx.returns.order_by_tracking("") is None


def test_the_scans_behind_a_line_are_found(hands: Hands, order: Order) -> None:
    mugs, _ = hands.lines(order)
    with hands.store.read() as tx:
        scans = tx.returns.scans_behind(mugs.id)
    assert {scan.sku for scan in scans} <= {"MUG"}


def test_an_order_whose_goods_go_back_is_listed_until_they_are(hands: Hands) -> None:
    order = hands.order(("MUG", 4))
    hands.pick(order, "T-1")
    tote = hands.place("T-1")
    with hands.store.write() as tx:
        assert tx.returns.to_put_back(CANCELLED, 9) == []
        tx.orders.set_hold(order.id, CANCELLED)
        assert [item.number for item in tx.returns.to_put_back(CANCELLED, 9)] == [order.number]
        assert not put_back.free(tx, order.id, AT)
        product = tx.orders.lines(order.id)[0].product_id
        gesture = hands.scan(tx)
        put_back.take(
            tx, order.id, tote, product, "", 4, Disposition.SCRAP, 3, AT, By(gesture_id=gesture)
        )
        assert put_back.finish(tx, order.id, AT)
        assert tx.returns.to_put_back(CANCELLED, 9) == []
    assert sound(hands)
