"""What the store keeps of parcels on their way, and which orders something is due for."""

from __future__ import annotations

from data.store import Transaction
from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.ports.carrier import Milestone, TrackingEvent
from wms_terminal.ports.store import Tx

DAY_AFTER = "2026-03-05T10:00:00.000Z"


def event(milestone: Milestone, at: str = LATER, text: str = "") -> TrackingEvent:
    return TrackingEvent("", at, milestone, text)


def sql(tx: Tx, statement: str, **values: object) -> None:
    assert isinstance(tx, Transaction)
    tx.connection.run(statement, **values)


def shipped(hands: Hands, *lines: tuple[str, int]) -> tuple[Order, int, str]:
    """An order that has left in one parcel: the order, the parcel and its SSCC."""
    order = hands.order(*(lines or (("MUG", 1),)))
    hands.pick(order, f"T-{order.number[-1]}")
    parcel_id = hands.pack(order)
    hands.hand_over(hands.load(parcel_id))
    with hands.store.write() as tx:
        tx.orders.set_state(order.id, OrderState.SHIPPED)
        sscc = tx.parcels.get(parcel_id).sscc
    return order, parcel_id, sscc


def test_a_parcel_with_a_label_of_our_own_gets_a_shipment(hands: Hands) -> None:
    order, parcel_id, sscc = shipped(hands)
    with hands.store.write() as tx:
        assert tx.tracking.of_parcel(parcel_id) is None
        journey = tx.tracking.get(tx.tracking.begin(parcel_id, sscc, AT))
        assert tx.tracking.of_parcel(parcel_id) == journey
        assert tx.tracking.find(sscc) == [journey]
        assert tx.tracking.find("") == []
        assert tx.tracking.of_order(order.id) == [journey]
        # Nobody can be asked about it.
        assert tx.tracking.under_way(journey.carrier, DAY_AFTER, 9) == []
    assert (journey.order_number, journey.parcel, journey.carrier) == (order.number, 1, "post")
    assert (journey.tracking, journey.milestone) == (sscc, "")


def test_an_event_is_kept_once(hands: Hands) -> None:
    _, parcel_id, sscc = shipped(hands)
    with hands.store.write() as tx:
        shipment = tx.tracking.begin(parcel_id, sscc, AT)
        assert tx.tracking.add(shipment, event(Milestone.DELIVERED, MUCH_LATER))
        assert tx.tracking.add(shipment, event(Milestone.TAKEN))
        assert not tx.tracking.add(shipment, event(Milestone.TAKEN))
        kept = tx.tracking.events(shipment)
        assert [item.milestone for item in kept] == [Milestone.TAKEN, Milestone.DELIVERED]
        assert {item.tracking for item in kept} == {sscc}


def test_an_order_has_arrived_with_its_last_parcel(hands: Hands) -> None:
    order, parcel_id, sscc = shipped(hands)
    with hands.store.write() as tx:
        assert tx.tracking.arrived(order.id) == ""
        shipment = tx.tracking.begin(parcel_id, sscc, AT)
        tx.tracking.move(shipment, event(Milestone.ON_THE_WAY))
        assert tx.tracking.arrived(order.id) == ""
        tx.tracking.move(shipment, event(Milestone.DELIVERED, MUCH_LATER))
        assert tx.tracking.arrived(order.id) == MUCH_LATER
        tx.orders.set_state(order.id, OrderState.NEW)
        assert tx.tracking.arrived(order.id) == ""


def test_a_carrier_is_asked_when_it_is_time(hands: Hands) -> None:
    _, parcel_id, sscc = shipped(hands)
    with hands.store.write() as tx:
        shipment = tx.tracking.begin(parcel_id, sscc, AT)
        sql(tx, "UPDATE shipment SET ask_at = '' WHERE id = :id", id=shipment)
        assert [item.id for item in tx.tracking.under_way("post", AT, 9)] == [shipment]
        assert tx.tracking.under_way("dhl", AT, 9) == []
        tx.tracking.ask_again(shipment, AT, LATER)
        assert tx.tracking.under_way("post", AT, 9) == []
        assert tx.tracking.under_way("post", LATER, 9)
        tx.tracking.ask_again(shipment, LATER, None)
        assert tx.tracking.under_way("post", DAY_AFTER, 9) == []


def test_a_customer_is_asked_when_it_is_time_and_nothing_is_open(hands: Hands) -> None:
    order, _, _ = shipped(hands)
    with hands.store.write() as tx:
        tx.tracking.set_delivered(order.id, LATER, MUCH_LATER)
        assert tx.tracking.to_follow_up(LATER, 9) == []
        (due,) = tx.tracking.to_follow_up(MUCH_LATER, 9)
        assert (due.order_id, due.channel, due.delivered_at) == (order.id, "web", LATER)
        assert not tx.tracking.unsettled(order.id)
        tx.orders.set_hold(order.id, "Customer called")
        assert tx.tracking.unsettled(order.id)
        tx.tracking.follow_up_at(order.id, None)
        assert tx.tracking.to_follow_up(MUCH_LATER, 9) == []
        # Another time of arrival does not ask again; that it comes back undoes the arrival.
        tx.tracking.set_delivered(order.id, AT, MUCH_LATER)
        assert tx.tracking.to_follow_up(MUCH_LATER, 9) == []
        tx.tracking.not_delivered(order.id)
        tx.tracking.set_delivered(order.id, AT, MUCH_LATER)
        assert tx.tracking.to_follow_up(MUCH_LATER, 9)


def test_late_orders_are_late_once_for_each_date(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    left, _, _ = shipped(hands)
    before, now = "2026-03-04T16:00:00.000Z", "2026-03-04T18:00:00.000Z"
    with hands.store.write() as tx:
        assert tx.tracking.late(AT, LATER, LATER, 9) == []
        (late,) = tx.tracking.late(AT, before, now, 9)
        assert tx.tracking.late(now, now, now, 9) == []
        assert (late.order_id, late.number, late.state) == (order.id, order.number, "new")
        assert late.order_id != left.id
        tx.tracking.told_late(order.id, DAY_AFTER)
        assert tx.tracking.late(AT, before, now, 9) == []
        assert tx.tracking.late(AT, before, DAY_AFTER, 9)
        tx.orders.set_waiting(order.id, "stock")
        tx.tracking.told_late(order.id, "stock")
        assert tx.tracking.late(AT, DAY_AFTER, DAY_AFTER, 9) == []
        tx.orders.set_waiting(order.id, "")
        assert tx.tracking.late(AT, DAY_AFTER, DAY_AFTER, 9)
        tx.orders.set_hold(order.id, "Customer called")
        assert tx.tracking.late(AT, DAY_AFTER, DAY_AFTER, 9) == []


def test_the_key_is_the_one_that_the_channel_knows(hands: Hands) -> None:
    order, _, sscc = shipped(hands)
    with hands.store.write() as tx:
        assert tx.tracking.delivery_key(order.id, ("3S1", sscc)) == ""
        payload = f'{{"key": "{sscc}"}}'
        tx.outbox.add("channel:web", "ship", "k", order.id, payload, AT)
        assert tx.tracking.delivery_key(order.id, ("3S1", sscc)) == sscc
        assert tx.tracking.delivery_key(order.id, ("3S1", "")) == ""


def test_a_department_is_answered_for(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.site.answered_for("picking")
        assert not tx.site.answered_for("service")
        tx.site.put_department("service", "Service", "")
        assert not tx.site.answered_for("service")
        tx.site.put_department("service", "Service", "BOB")
        assert tx.site.answered_for("service")
