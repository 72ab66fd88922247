"""Refunds: one for each key, decided once, moved on from where they are; and replacements."""

from __future__ import annotations

import pytest

from data import doctor
from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.records import OrderLineRecord
from wms_terminal.domain.refunds import Refund, RefundState
from wms_terminal.ports.channel import Disposition, ReturnedLine
from wms_terminal.ports.outbox import OutboxState
from wms_terminal.ports.store import StoreConflict, StoreError

UNTIL = "2026-03-04T09:00:00.000Z"


@pytest.fixture
def order(hands: Hands) -> Order:
    """Two lines, shipped: 1 lamp and 3 mugs for 250 each."""
    made = hands.order(("LAMP", 1), ("MUG", 3))
    hands.pick(made, "T-1")
    hands.hand_over(hands.load(hands.pack(made)))
    return made


def add(hands: Hands, order: Order, key: str, amount: int = 100) -> Refund:
    with hands.store.write() as tx:
        tx.refunds.add(key, order.id, amount, "EUR", "broken", AT, operator_id=hands.ann)
        refund = tx.refunds.by_key(key)
    assert refund is not None
    return refund


def test_the_same_key_is_one_refund(hands: Hands, order: Order) -> None:
    first = add(hands, order, "a")
    assert add(hands, order, "a", 900) == first
    assert (first.state, first.amount, first.proposed_by, first.decided_by) == (
        RefundState.PROPOSED,
        100,
        hands.ann,
        None,
    )
    other = add(hands, order, "b")
    with hands.store.read() as tx:
        assert tx.refunds.of_order(order.id) == [first, other]
        assert tx.refunds.by_key("c") is None
        assert tx.refunds.get(first.id) == first
        with pytest.raises(StoreError):
            tx.refunds.get(999)


def test_a_proposal_is_decided_once_and_moves_from_where_it_is(hands: Hands, order: Order) -> None:
    refund = add(hands, order, "a")
    with hands.store.write() as tx:
        tx.refunds.decide(refund.id, RefundState.SENT, hands.bob, LATER)
        sent = tx.refunds.get(refund.id)
    assert (sent.decided_by, sent.decided_at, sent.settled_at) == (hands.bob, LATER, None)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.refunds.decide(refund.id, RefundState.DECLINED, hands.bob, LATER)
    with hands.store.write() as tx:
        tx.refunds.move(sent, RefundState.IN_DOUBT, LATER, detail="no answer")
        doubt = tx.refunds.get(refund.id)
        assert (doubt.detail, doubt.settled_at) == ("no answer", None)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.refunds.move(sent, RefundState.REJECTED, MUCH_LATER)
    with hands.store.write() as tx:
        tx.refunds.move(doubt, RefundState.DONE, MUCH_LATER, remote_id="re-1")
        done = tx.refunds.get(refund.id)
    assert (done.remote_id, done.settled_at, done.detail) == ("re-1", MUCH_LATER, "")


def test_open_is_what_is_not_settled(hands: Hands, order: Order) -> None:
    made = {state: add(hands, order, state.value, 10) for state in RefundState}
    with hands.store.write() as tx:
        for state, refund in made.items():
            if state is RefundState.PROPOSED:
                continue
            first = state if state is RefundState.DECLINED else RefundState.APPROVED
            tx.refunds.decide(refund.id, first, hands.bob, LATER)
            if state not in (RefundState.DECLINED, RefundState.APPROVED):
                tx.refunds.move(tx.refunds.get(refund.id), state, LATER)
        assert [refund.state for refund in tx.refunds.open()] == [
            RefundState.PROPOSED,
            RefundState.APPROVED,
            RefundState.SENT,
            RefundState.IN_DOUBT,
        ]


def test_paid_is_the_price_of_what_was_shipped(hands: Hands, order: Order) -> None:
    waiting = hands.order(("MUG", 2))
    with hands.store.read() as tx:
        assert tx.refunds.paid(order.id) == 1000
        assert tx.refunds.paid(waiting.id) == 0


def test_what_came_back_is_named_by_the_channel_s_lines(hands: Hands, order: Order) -> None:
    lamp, mugs = hands.lines(order)
    with hands.store.write() as tx:
        connection = doctor.connection_of(tx)
        connection.run(
            "INSERT INTO return_case (id, number, order_id, channel, rma, state) "
            "VALUES (7, 'RET-7', :order_id, 'web', 'RMA-7', 'arrived')",
            order_id=order.id,
        )
        connection.run("UPDATE order_line SET reference = 'line-2' WHERE id = :line", line=mugs.id)
        for line, received, restocked, held in ((lamp, 1, 0, 0), (mugs, 3, 2, 1)):
            connection.run(
                "INSERT INTO return_line (return_id, line_id, product_id, received, restocked, "
                "held) VALUES (7, :line, :product, :received, :restocked, :held)",
                line=line.id,
                product=line.product_id,
                received=received,
                restocked=restocked,
                held=held,
            )
        assert tx.refunds.rma(7) == "RMA-7"
        assert tx.refunds.goods(7) == [
            ReturnedLine("line-2", "MUG", 2, Disposition.RESTOCK),
            ReturnedLine("line-2", "MUG", 1, Disposition.HOLD),
        ]


def test_a_replacement_is_linked_once_for_each_key(hands: Hands, order: Order) -> None:
    first, second = (
        hands.order(lines=(OrderLineRecord("MUG", units, reference="7"),)) for units in (2, 1)
    )
    with hands.store.write() as tx:
        assert tx.refunds.replacement("k") is None
        assert tx.refunds.replacement("") is None
        tx.refunds.replace(first.id, order.id, "k")
        assert tx.refunds.replacement("k") == first.id
        assert (tx.refunds.replaces(first.id), tx.refunds.replaces(order.id)) == (order.id, None)
    with pytest.raises(StoreError), hands.store.write() as tx:
        tx.refunds.replace(second.id, order.id, "k")
    with hands.store.write() as tx:
        tx.refunds.replace(second.id, order.id, "l")
        assert tx.refunds.replaced_by(order.id) == [first.id, second.id]
        assert tx.refunds.replaced_units(order.id) == {7: 3}
        tx.orders.set_state(second.id, OrderState.CANCELLED)
        assert tx.refunds.replaced_units(order.id) == {7: 2}


def test_what_was_closed_is_never_told(hands: Hands, order: Order) -> None:
    with hands.store.write() as tx:
        tx.outbox.add("channel:web", "refund", "r", order.id, "{}", AT)
        tx.outbox.add("channel:web", "deliver", "d", order.id, "{}", AT)
        refund, deliver = (
            next(item for item in tx.outbox.of_order(order.id) if item.key == key)
            for key in ("r", "d")
        )
        shipped = tx.outbox.claim("channel:web", "one", LATER, UNTIL)
        assert shipped is not None
        tx.outbox.settle(shipped, OutboxState.DONE, "", "", LATER)
        claimed = tx.outbox.claim("channel:web", "one", LATER, UNTIL)
        assert claimed is not None
        assert claimed.id == refund.id
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.close(refund.id, "by hand", LATER)
    with hands.store.write() as tx:
        # A refund that is in doubt holds up nothing that comes after it.
        tx.outbox.put_off(claimed, "no answer", UNTIL)
        other = tx.outbox.claim("channel:web", "one", LATER, UNTIL)
        assert other is not None
        assert other.id == deliver.id
        tx.outbox.close(refund.id, "by hand", LATER)
        closed = tx.outbox.get(refund.id)
        assert closed is not None
        assert (closed.state, closed.detail) == (OutboxState.DONE, "by hand")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.revive(refund.id, MUCH_LATER)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.outbox.close(refund.id, "again", MUCH_LATER)
