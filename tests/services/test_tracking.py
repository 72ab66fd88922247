"""What carriers say of parcels on their way, and what follows from it."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import permutations

import pytest

from tests.services.pack_helpers import hand_over, label_of, labelled, shipping, sql
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.ports.carrier import CarrierAway, CarrierRefused, Milestone, TrackingEvent
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.services import courier_file, tracking
from wms_terminal.services.journey import milestone_of, standing

M = Milestone


def shipped(world: World, *lines: tuple[str, int], **changes: object) -> Order:
    """An order that has left in one parcel."""
    order = labelled(world, *(lines or ((MUG, 1),)), **changes)
    shipping(world)
    world.scan("SHIP-01", label_of(world, order))
    hand_over(world)
    assert world.find(order.number).state == "shipped"
    return order


def event(world: World, milestone: Milestone, hours: float = 0, text: str = "") -> TrackingEvent:
    return TrackingEvent("", stamp(world.now + timedelta(hours=hours)), milestone, text)


def number(world: World, order: Order) -> str:
    return label_of(world, order).removeprefix("00")


def heard(world: World, order: Order, *events: TrackingEvent) -> list[int]:
    """Let a courier say something of an order's parcel."""
    code = number(world, order)
    with world.store.write() as tx:
        return tracking.hear_of(tx, code, events, stamp(world.now))


def told(world: World, order: Order) -> list[str]:
    """The lines of its timeline about its journey."""
    with world.store.read() as tx:
        events = tx.orders.events(order.id)
    return [str(json.loads(item.text)["values"]) for item in events if item.kind == "tracking"]


def notices(world: World) -> list[str]:
    return [row[0] for row in sql(world, "SELECT department FROM notice WHERE done_at IS NULL")]


def delivered_at(world: World, order: Order) -> str | None:
    (row,) = sql(world, "SELECT delivered_at FROM orders WHERE id = :id", id=order.id)
    return str(row[0]) if row[0] is not None else None


def test_a_parcel_arrives(world: World) -> None:
    order = shipped(world)
    assert heard(world, order, event(world, M.TAKEN), event(world, M.ON_THE_WAY, 2))
    assert delivered_at(world, order) is None
    heard(world, order, event(world, M.DELIVERED, 20, "Signed by K. [red]"))
    assert delivered_at(world, order) == stamp(world.now + timedelta(hours=20))
    # One line for each change, not for each event.
    assert len(told(world, order)) == 2
    assert notices(world) == []


def test_the_same_events_again_change_nothing(world: World) -> None:
    order = shipped(world)
    events = [event(world, M.TAKEN), event(world, M.DELIVERED, 20)]
    heard(world, order, *events)
    before = sql(world, "SELECT * FROM event"), sql(world, "SELECT * FROM tracking_event")
    heard(world, order, *events)
    heard(world, order, events[0])
    assert before == (sql(world, "SELECT * FROM event"), sql(world, "SELECT * FROM tracking_event"))


def test_what_comes_late_turns_nothing_back(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED, 20))
    heard(world, order, event(world, M.OUT_FOR_DELIVERY, 10), event(world, M.TROUBLE, 5))
    heard(world, order, event(world, M.ON_THE_WAY, 30))
    assert delivered_at(world, order)
    assert len(told(world, order)) == 1
    assert notices(world) == []


def test_what_comes_back_was_not_delivered(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED, 20))
    heard(world, order, event(world, M.RETURNED, 30))
    assert delivered_at(world, order) is None
    assert notices(world) == ["shipping"]
    # It is delivered to us.
    heard(world, order, event(world, M.DELIVERED, 50))
    assert delivered_at(world, order) is None


def test_trouble_goes_to_customer_service_where_there_is_one(world: World) -> None:
    with world.store.write() as tx:
        tx.site.put_department("service", "Customer service", "SARA")
    order = shipped(world)
    heard(world, order, event(world, M.TROUBLE, 5, "Address not found"))
    assert notices(world) == ["service"]
    heard(world, order, event(world, M.OUT_FOR_DELIVERY, 9))
    assert len(told(world, order)) == 2


def test_an_order_in_parts_arrives_with_its_last_parcel(world: World) -> None:
    order = shipped(world)
    sql(world, "UPDATE orders SET state = 'new' WHERE id = :id", id=order.id)
    heard(world, order, event(world, M.DELIVERED, 20))
    assert delivered_at(world, order) is None
    sql(world, "UPDATE orders SET state = 'shipped' WHERE id = :id", id=order.id)


def test_the_channel_learns_of_it_under_the_key_that_it_knows(world: World) -> None:
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings("web", "file", "/srv/web"), 60)
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED, 20))
    with world.store.read() as tx:
        said = {item.kind: item for item in tx.outbox.of_order(order.id)}
    news = json.loads(said["deliver"].payload)
    assert news["key"] == json.loads(said["ship"].payload)["key"]
    assert news["delivered_at"] == stamp(world.now + timedelta(hours=20))


@pytest.mark.parametrize("form", ["{}", "00{}", "(00) {}", " 00 {} "])
def test_a_number_is_found_as_couriers_write_it(world: World, form: str) -> None:
    code = form.format(number(world, shipped(world)))
    with world.store.write() as tx:
        first = tracking.find(tx, code, stamp(world.now))
        assert len(first) == 1
        assert tracking.find(tx, code, stamp(world.now)) == first


@pytest.mark.parametrize("wrong", ["", "00", "3SUNKNOWN", "\0\ud800", "%", "9" * 500])
def test_a_number_of_somebody_else_is_nobodys(world: World, wrong: str) -> None:
    shipped(world)
    with world.store.write() as tx:
        assert tracking.find(tx, wrong, stamp(world.now)) == []


def test_a_parcel_that_is_still_here_is_not_on_its_way(world: World) -> None:
    order = labelled(world, (MUG, 1))
    assert heard(world, order, event(world, M.DELIVERED)) == []


def test_where_it_stands_does_not_depend_on_the_order_of_hearing(world: World) -> None:
    events = [
        event(world, M.TAKEN),
        event(world, M.TROUBLE, 2),
        event(world, M.ON_THE_WAY, 3),
        event(world, M.ANNOUNCED, 4),
        event(world, M.DELIVERED, 5),
    ]
    found = {standing(some) for some in permutations(events)}
    assert found == {events[4]}
    assert standing(events[:4]) == events[2]
    assert standing([]) is None


@pytest.mark.parametrize(
    ("status", "milestone"),
    [
        ("Delivered", M.DELIVERED),
        ("out_for-delivery", M.OUT_FOR_DELIVERY),
        ("Niet bezorgd.", M.TROUBLE),
        ("not delivered", M.TROUBLE),
        ("on_the_way", M.ON_THE_WAY),
        ("Bij buren", M.DELIVERED),
        ("perhaps delivered", None),
        ("", None),
    ],
)
def test_a_couriers_word_counts_as_a_whole(status: str, milestone: Milestone | None) -> None:
    assert milestone_of(status, {"bij  BUREN": M.DELIVERED}) is milestone


class Courier:
    """A carrier that says what a test lets it say."""

    def __init__(self, *answers: list[TrackingEvent] | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def track(self, tracking_number: str) -> list[TrackingEvent]:
        self.asked.append(tracking_number)
        answer = self.answers.pop(0) if self.answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer


def booked(world: World, *orders: Order) -> None:
    """Parcels whose carrier can be asked."""
    with world.store.write() as tx:
        for order in orders:
            parcel = tx.parcels.of_order(order.id)[0]
            tx.tracking.begin(parcel.id, parcel.sscc, stamp(world.now))
    sql(world, "UPDATE shipment SET ask_at = ''")


def poll(world: World, courier: Courier) -> int:
    return tracking.poll(world.store, "POSTNL", courier, lambda: world.now)  # type: ignore[arg-type]


def test_a_carrier_is_asked_more_rarely_as_time_goes_by(world: World) -> None:
    order = shipped(world)
    booked(world, order)
    courier = Courier([event(world, M.ON_THE_WAY)])
    assert poll(world, courier) == 1
    assert poll(world, courier) == 0
    world.wait(minutes=31)
    assert poll(world, courier) == 1
    world.wait(days=10)
    assert poll(world, courier) == 1
    world.wait(hours=11)
    assert poll(world, courier) == 0
    world.wait(hours=2)
    courier.answers = [[event(world, M.DELIVERED)]]
    assert poll(world, courier) == 1
    assert delivered_at(world, order)
    world.wait(days=2)
    poll(world, courier)
    assert len(courier.asked) == 4


def test_a_parcel_that_never_arrives_is_given_up_with_a_notice(world: World) -> None:
    order = shipped(world)
    booked(world, order)
    world.wait(days=46)
    courier = Courier()
    assert poll(world, courier) == 1
    assert poll(world, courier) == 0
    assert courier.asked == []
    assert notices(world) == ["shipping"]


def test_a_carrier_that_is_away_is_asked_about_the_rest_later(world: World) -> None:
    one, two = shipped(world), shipped(world, (LANTERN, 1))
    booked(world, one, two)
    courier = Courier(CarrierRefused("unknown"), CarrierAway("maintenance", 3600))
    with pytest.raises(CarrierAway):
        poll(world, courier)
    assert courier.asked == [number(world, one), number(world, two)]
    world.wait(minutes=31)
    assert poll(world, courier) == 1
    world.wait(minutes=31)
    assert poll(world, courier) >= 1
    assert courier.asked[3] == number(world, two)


def test_a_couriers_file_twice_changes_nothing(world: World) -> None:
    order = shipped(world)
    code = label_of(world, order)
    rows = [
        (2, {"tracking": code, "at": "2026-03-03 14:00", "status": "Opgehaald", "text": ""}),
        (3, {"tracking": code, "at": "4-3-2026 9:05", "status": "Bij buren", "text": "nr 7"}),
        (4, {"tracking": "3SOTHER", "at": "2026-03-04", "status": "delivered", "text": ""}),
        (5, {"tracking": code, "at": "soon", "status": "delivered", "text": ""}),
        (6, {"tracking": code, "at": "2026-03-04", "status": "Weet niet", "text": ""}),
        (7, {"tracking": code, "at": "2036-03-04", "status": "delivered", "text": ""}),
        (8, {"tracking": "", "at": "2026-03-04", "status": "delivered", "text": ""}),
    ]
    skipped: list[tuple[int, str]] = []
    world.wait(days=1)

    def take_in() -> dict[str, int]:
        return courier_file.take_in(
            world.store,
            rows,
            lambda: world.now,
            lambda line, kind, what: skipped.append((line, kind)),
            {"Bij buren": M.DELIVERED},
        )

    counts = take_in()
    assert counts["moved_on"] == 2
    assert skipped == [
        (4, "skipped_unknown_number"),
        (5, "skipped_no_time"),
        (6, "skipped_unknown_status"),
        (7, "skipped_time_to_come"),
        (8, "skipped_unknown_number"),
    ]
    assert delivered_at(world, order) == "2026-03-04T08:05:00.000Z"
    again = take_in()
    assert again["known_or_late"] == 2
    assert "moved_on" not in again


def test_own_words_must_name_a_milestone() -> None:
    assert dict(courier_file.chosen(["a=b=delivered"])) == {"a=b": M.DELIVERED}
    for wrong in ("delivered", "=delivered", "x=gone"):
        with pytest.raises(ValueError, match="Expected WORDS=MILESTONE"):
            dict(courier_file.chosen([wrong]))
