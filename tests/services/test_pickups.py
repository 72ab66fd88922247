"""Couriers' pickups: who came, who did not, and what the ship desk shows."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.services.pack_helpers import (
    SHIP,
    hand_over,
    hold,
    label_of,
    labelled,
    opened,
    parcels,
    reach,
    shipping,
    sql,
)
from tests.services.saying import code, notices
from tests.world import CANDLE, LANTERN, MUG, SARA, SIGN, World
from wms_terminal.domain.pickups import Agreement, Holiday
from wms_terminal.ports.carrier import PickupWish
from wms_terminal.ports.channel import Told, Writeback
from wms_terminal.services import pickup_report, pickups
from wms_terminal.services.pickup_report import Line
from wms_terminal.services.step import Step

DAY = "2026-03-03"
"""A Tuesday; it is one o'clock at the site, and parcels of PostNL must leave at five."""


def agree(world: World, *windows: tuple[str, str], **terms: int) -> None:
    """PostNL's courier comes from Monday to Friday."""
    limits = {"max_parcels": 0, "max_weight_g": 0} | terms
    chosen = carrier_id(world)
    with world.store.write() as tx:
        tx.pickups.set_agreements(
            chosen,
            [
                Agreement(0, 0, "", "", "12345", begins, ends, "DOCK-1", **limits)
                for begins, ends in windows
            ],
        )


def close(world: World, *days: str, carrier: int = 0) -> None:
    """These days are holidays, and no others."""
    with world.store.write() as tx:
        tx.pickups.set_holidays([Holiday(day, carrier, "Carnival") for day in days])


def carrier_id(world: World) -> int:
    (row,) = sql(world, "SELECT id FROM carrier WHERE code = 'POSTNL'")
    found: int = row[0]
    return found


@pytest.fixture(autouse=True)
def agreed(world: World) -> None:
    """PostNL comes between four and five."""
    agree(world, ("16:00", "17:00"))


def clock(world: World, local: str) -> None:
    """It is that late at the site, in winter."""
    hour, minute = map(int, local.split(":"))
    world.now = datetime(2026, 3, 3, hour - 1, minute, tzinfo=UTC)


def ready(world: World, *skus: str) -> list[str]:
    """The labels of so many parcels that wait to be loaded."""
    orders = [labelled(world, (sku, 1)) for sku in skus or (LANTERN,)]
    return [label_of(world, order) for order in orders]


def leave(world: World, *labels: str, local: str = "", counts: Iterable[str] = ()) -> Step:
    """Load parcels and hand them over."""
    if local:
        clock(world, local)
    shipping(world)
    for label in labels:
        world.scan(SHIP, label)
    world.scan(SHIP, "WHCHAND")
    if not counts:
        return world.scan(SHIP, "CARPOSTNL")
    step = world.floor.look(SHIP)
    for count in counts:
        step = world.key(SHIP, count)
        if code(step) == "wrong_count":
            world.scan(SHIP, "WHCOK")
    return step


def due(world: World, local: str = "") -> int:
    if local:
        clock(world, local)
    return pickups.due(world.store, lambda: world.now)


def report(world: World) -> list[Line]:
    with world.store.read() as tx:
        return pickup_report.lines(tx, DAY, DAY)


def line(world: World) -> Line:
    (found,) = report(world)
    return found


def facts(world: World) -> dict[str, str]:
    carrier = carrier_id(world)
    with world.store.read() as tx:
        found = pickups.facts(tx, carrier, world.now)
    return {str(name): str(value) for name, value in found}


# --- who came -----------------------------------------------------------------------------------


@pytest.mark.parametrize("worker", [True, False])
@pytest.mark.parametrize(
    ("local", "minutes"),
    [("16:00", 0), ("16:59", 0), ("17:00", 0), ("17:26", 26), ("21:00", 240), ("15:50", -10)],
)
def test_a_hand_over_says_when_the_courier_came(
    world: World, local: str, minutes: int, worker: bool
) -> None:
    if worker:
        due(world)
    leave(world, *ready(world, LANTERN, MUG), local=local)
    found = line(world)
    assert (found.happened, found.minutes, found.parcels) == ("came", minutes, 2)
    assert (found.counted, found.unscanned, found.difference) == (None, 0, 0)
    assert found.manifests == ("M-POSTNL-2026-03-03-1",)
    assert (found.code, found.place, found.day) == ("POSTNL", "DOCK-1", DAY)


@pytest.mark.parametrize("local", ["13:00", "13:59"])
def test_who_comes_long_before_the_window_was_not_agreed(world: World, local: str) -> None:
    leave(world, *ready(world), local=local)
    due(world)
    agreed, extra = sorted(report(world), key=lambda line: line.happened)
    assert (agreed.happened, agreed.parcels) == ("agreed", 0)
    assert (extra.happened, extra.parcels, extra.begins_at) == ("extra", 1, "")


def test_nothing_is_agreed_on_a_holiday(world: World) -> None:
    close(world, DAY)
    assert due(world) == 0
    leave(world, *ready(world), local="16:30")
    assert line(world).happened == "extra"


def test_a_carrier_without_any_agreement_is_written_down_too(world: World) -> None:
    agree(world)
    first, _ = ready(world, LANTERN, MUG)
    leave(world, first, local="16:30")
    found = line(world)
    # The other parcel had to leave today.
    assert (found.happened, found.parcels, found.unscanned) == ("extra", 1, 1)


def test_several_manifests_leave_with_one_courier(world: World) -> None:
    first, second, third = ready(world, LANTERN, MUG, SIGN)
    leave(world, first, local="16:58")
    leave(world, second, local="17:20")
    leave(world, third, local="17:49")
    found = line(world)
    assert (found.parcels, found.minutes, len(found.manifests)) == (3, 0, 3)
    assert found.unscanned == 0


def test_who_comes_again_later_comes_without_an_agreement(world: World) -> None:
    first, second = ready(world, LANTERN, MUG)
    leave(world, first, local="16:10")
    leave(world, second, local="17:31")
    agreed, extra = report(world)
    assert (agreed.happened, agreed.parcels) == ("came", 1)
    assert (extra.happened, extra.parcels) == ("extra", 1)


@pytest.mark.parametrize(
    ("local", "which"),
    [("10:30", 0), ("11:20", 0), ("13:20", 0), ("13:59", 0), ("14:00", 1), ("16:30", 1)],
)
def test_of_two_pickups_it_is_the_nearest(world: World, local: str, which: int) -> None:
    agree(world, ("10:00", "11:00"), ("16:00", "17:00"))
    label = ready(world)
    due(world, "09:00")
    leave(world, *label, local=local)
    assert [item.happened == "came" for item in report(world)] == [which == 0, which == 1]


def test_windows_that_meet(world: World) -> None:
    agree(world, ("15:00", "16:00"), ("16:00", "17:00"))
    first, second = ready(world, LANTERN, MUG)
    leave(world, first, local="15:10")
    leave(world, second, local="16:05")
    assert [(item.happened, item.parcels) for item in report(world)] == [("came", 1)] * 2


# --- labels that were never scanned ------------------------------------------------------------


def test_labels_that_were_never_scanned(world: World) -> None:
    first, second, third = ready(world, LANTERN, MUG, SIGN)
    leave(world, first, local="16:30")
    found = line(world)
    assert (found.unscanned, found.labels) == (2, (second[2:], third[2:]))
    # They leave with the second manifest after all.
    leave(world, second, third)
    assert (line(world).unscanned, line(world).labels) == (0, ())


def test_what_may_wait_for_the_next_pickup_was_not_forgotten(world: World) -> None:
    agree(world, ("13:30", "14:00"), ("16:00", "17:00"))
    first, _ = ready(world, LANTERN, MUG)
    leave(world, first, local="13:45")
    assert report(world)[0].unscanned == 0


def test_what_must_not_leave_was_not_forgotten(world: World) -> None:
    (first,) = ready(world)
    held = labelled(world, (MUG, 1))
    hold(world, held)
    later = labelled(world, (SIGN, 1), promised_on="2026-03-06")
    unlabelled = opened(world, (CANDLE, 1))
    reach(world, "PACK-01", "label")
    leave(world, first, local="16:30")
    assert line(world).unscanned == 0
    assert [parcels(world, item)[0].state for item in (held, later, unlabelled)] == [
        "labelled",
        "labelled",
        "packed",
    ]


# --- the courier's own count -------------------------------------------------------------------


def test_the_couriers_count_is_kept(world: World) -> None:
    leave(world, *ready(world, LANTERN, MUG), local="16:30", counts="2")
    assert (line(world).counted, line(world).difference) == (2, 0)


@pytest.mark.parametrize("end", [["2"], ["CARPOSTNL"], ["WHCNO", "WHCHAND", "CARPOSTNL"]])
def test_what_the_courier_counted_first_is_kept_when_it_differed(
    world: World, end: list[str]
) -> None:
    step = leave(world, *ready(world, LANTERN, MUG), local="16:30", counts="34")
    assert code(step) == "wrong_count"
    for scanned in end:
        step = world.key(SHIP, scanned) if scanned.isdigit() else world.scan(SHIP, scanned)
    assert code(step) == "handed_over"
    assert (line(world).counted, line(world).difference) == (3, 1)


def test_a_parcel_that_was_found_when_they_counted_makes_no_difference(world: World) -> None:
    first, second = ready(world, LANTERN, MUG)
    leave(world, first, local="16:30", counts="2")
    world.scan(SHIP, second, "WHCHAND")
    world.key(SHIP, "2")
    assert (line(world).parcels, line(world).counted, line(world).difference) == (2, 2, 0)


def test_an_earlier_count_is_of_its_own_manifest(world: World) -> None:
    first, second = ready(world, LANTERN, MUG)
    leave(world, first, local="16:20", counts="51")
    leave(world, second, local="16:30", counts="1")
    assert (line(world).counted, line(world).parcels) == (6, 2)


# --- who did not come --------------------------------------------------------------------------


def test_who_does_not_come_is_missed(world: World) -> None:
    due(world)
    ready(world, LANTERN, MUG)
    assert due(world, "17:14") == 0
    assert (line(world).happened, notices(world)) == ("agreed", [])
    assert due(world, "17:15") == 1
    assert due(world, "17:16") == 0
    assert (line(world).happened, line(world).waited) == ("missed", 2)
    assert notices(world) == [
        "PostNL did not come: 03-03 16:00–17:00 was agreed, 2 parcels wait. Call them"
    ]


def test_who_comes_later_that_day_was_late(world: World) -> None:
    due(world)
    labels = ready(world)
    due(world, "17:15")
    leave(world, *labels, local="19:00")
    found = line(world)
    assert (found.happened, found.minutes, found.waited) == ("came", 120, 1)
    assert due(world, "20:00") == 0


def test_nobody_knows_whether_a_courier_came_for_nothing(world: World) -> None:
    due(world)
    clock(world, "17:10")
    ready(world)
    assert due(world, "17:15") == 1
    assert line(world).happened == "nothing waited"
    assert notices(world) == []


def test_loaded_parcels_wait_too(world: World) -> None:
    due(world)
    (label,) = ready(world)
    shipping(world)
    world.scan(SHIP, label)
    due(world, "17:15")
    assert line(world).waited == 1


def test_yesterdays_pickup_is_missed_by_a_worker_that_was_away(world: World) -> None:
    due(world)
    ready(world)
    world.wait(hours=20)
    assert due(world) == 1 + 1
    assert [item.happened for item in report(world)] == ["missed"]


def test_what_is_over_before_anybody_looks_is_not_judged(world: World) -> None:
    ready(world)
    assert due(world, "17:00") == 0
    assert report(world) == []


def test_two_workers_do_everything_once(world: World) -> None:
    assert (due(world), due(world)) == (1, 0)
    assert len(report(world)) == 1


# --- limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"max_parcels": 2}, ""),
        ({"max_parcels": 1}, "2 parcels are ready, 1 are agreed"),
        ({"max_weight_g": 5_000}, ""),
        ({"max_weight_g": 1_000}, "1.3 kg are ready, 1.0 kg are agreed"),
    ],
)
def test_a_limit_is_warned_of_once_before_the_courier_comes(
    world: World, terms: dict[str, int], told: str
) -> None:
    agree(world, ("16:00", "17:00"), **terms)
    due(world)
    ready(world, LANTERN, MUG)
    due(world, "15:00")
    due(world, "15:01")
    assert [told in text for text in notices(world)] == ([True] if told else [])
    assert all("PostNL, 03-03 16:00–17:00" in text for text in notices(world))


def test_a_limit_is_that_of_the_next_courier(world: World) -> None:
    agree(world, ("14:00", "15:00"), ("16:00", "17:00"), max_parcels=1)
    due(world)
    first, _, _ = ready(world, LANTERN, MUG, SIGN)
    due(world)
    leave(world, first, local="14:30")
    due(world)
    assert [text.split(",")[1] for text in notices(world)] == [
        " 03-03 14:00–15:00: 3 parcels are ready",
        " 03-03 16:00–17:00: 2 parcels are ready",
    ]


# --- booking -----------------------------------------------------------------------------------


def asked(world: World) -> list[tuple[str, str, str]]:
    return [
        (row[0], row[1], row[2])
        for row in sql(world, "SELECT target, key, payload FROM outbox WHERE kind = 'pickup'")
    ]


def test_only_a_carrier_with_a_computer_is_asked(world: World) -> None:
    due(world)
    assert asked(world) == []


@pytest.fixture
def bookable(world: World) -> None:
    """PostNL has a computer, and a parcel that was labelled before it had."""
    ready(world)
    sql(world, "UPDATE carrier SET kind = 'sendcloud' WHERE code = 'POSTNL' RETURNING id")


@pytest.mark.usefixtures("bookable")
def test_a_carrier_is_asked_once_a_day_for_what_must_leave(world: World) -> None:
    world.order((LANTERN, 2))
    world.order((MUG, 1))
    due(world)
    due(world)
    ((target, key, payload),) = asked(world)
    assert target == "carrier:POSTNL"
    (agreement,) = sql(world, "SELECT id FROM pickup_agreement WHERE active = 1")
    assert key == f"pickup:POSTNL:{DAY}:{agreement[0]}"
    wish = json.loads(payload)
    assert (wish["begins_at"], wish["ends_at"]) == (
        "2026-03-03T15:00:00.000Z",
        "2026-03-03T16:00:00.000Z",
    )
    assert (wish["parcels"], wish["weight_g"], wish["place"]["street"]) == (3, 2700, "Dam 1")
    assert (wish["key"], wish["day"], wish["carrier"]) == (key, DAY, "")


@pytest.mark.usefixtures("bookable")
def test_a_courier_who_is_already_here_is_not_asked_for(world: World) -> None:
    due(world, "16:30")
    assert (line(world).happened, asked(world)) == ("agreed", [])


@pytest.mark.usefixtures("bookable")
@pytest.mark.parametrize(
    ("told", "happened", "note"),
    [
        (Told(Writeback.APPLIED, "", "P-1"), "booked", ""),
        (Told(Writeback.UNSUPPORTED, "no such thing"), "agreed", "no such thing"),
        (Told(Writeback.REJECTED, "too late today"), "agreed", "too late today"),
    ],
)
def test_what_the_carrier_answers_is_kept(
    world: World, told: Told, happened: str, note: str
) -> None:
    due(world)
    with world.store.write() as tx:
        message = tx.outbox.claim("carrier:POSTNL", "one", "2026-03-04T00:00:00.000Z", "2026-03-05")
        assert message is not None
        wish = pickups.read(message)
        assert isinstance(wish, PickupWish)
        assert wish.place.city == "Amsterdam"
        assert replace(wish, key=message.key) == wish
        pickups.settled(tx, message, told)
    assert (line(world).happened, line(world).note) == (happened, note)
    assert line(world).remote_id == told.remote_id
    (waiting,) = sql(world, "SELECT sscc FROM parcel")
    leave(world, f"00{waiting[0]}", local="16:30")
    assert line(world).happened == "came"


# --- the ship desk -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "soon"),
    [
        ("09:00", "in 7 h"),
        ("14:01", "in 119 min"),
        ("15:59", "in 1 min"),
        ("16:00", "due now, 60 min left"),
        ("17:00", "due now, 0 min left"),
        ("17:01", "1 min late"),
    ],
)
def test_the_desk_shows_window_place_and_how_long_that_is(
    world: World, local: str, soon: str
) -> None:
    clock(world, local)
    assert facts(world) == {"Pickup": "16:00–17:00, DOCK-1", "Courier": soon}


def test_the_desk_shows_the_carrier_that_is_being_loaded(world: World) -> None:
    step = shipping(world)
    shown = {str(name): str(value) for name, value in step.view.facts}
    assert shown["Pickup"] == "16:00–17:00, DOCK-1"
    assert shown["Courier"] == "in 3 h"
    step = world.scan(SHIP, SARA, "WHCSHIP", "CARDHL")
    assert "Pickup" not in {str(name) for name, _ in step.view.facts}


def test_once_the_courier_was_there_the_desk_shows_the_next_one(world: World) -> None:
    leave(world, *ready(world), local="16:30")
    assert facts(world) == {"Pickup": "04-03 16:00–17:00, DOCK-1", "Courier": "in 23 h"}
    close(world, "2026-03-04", carrier=carrier_id(world))
    assert facts(world)["Pickup"] == "05-03 16:00–17:00, DOCK-1"
    spring = (date(2026, 3, 3) + timedelta(days=offset) for offset in range(90))
    close(world, *(day.isoformat() for day in spring))
    assert facts(world) == {"Pickup": "none agreed for the next weeks"}


def test_the_desk_shows_how_much_of_the_limit_is_ready(world: World) -> None:
    agree(world, ("16:00", "17:00"), max_parcels=40, max_weight_g=50_000)
    ready(world, LANTERN, MUG)
    assert facts(world) == {
        "Pickup": "16:00–17:00, DOCK-1",
        "Courier": "in 3 h",
        "Agreed": "2 of 40 parcels",
        "Agreed weight": "1.3 of 50.0 kg",
    }


# --- the report --------------------------------------------------------------------------------


def test_a_summary_says_how_a_carrier_kept_to_it(world: World) -> None:
    agree(world, ("10:00", "10:30"), ("16:00", "17:00"), ("20:00", "20:30"))
    due(world, "09:00")
    clock(world, "09:30")
    labels = ready(world, LANTERN, MUG, SIGN)
    leave(world, labels[0], local="10:40")
    leave(world, labels[1], local="17:20", counts="71")
    due(world, "20:50")
    with world.store.read() as tx:
        (found,) = pickup_report.summaries(pickup_report.lines(tx, DAY, DAY))
        assert pickup_report.lines(tx, DAY, DAY, "DHL") == []
        assert pickup_report.lines(tx, "2026-03-04", "2026-03-05") == []
        assert pickup_report.summaries([]) == []
    assert (found.code, found.agreed, found.on_time, found.early) == ("POSTNL", 3, 0, 0)
    assert (found.late, found.late_by, found.missed, found.extra) == (2, 15.0, 1, 0)
    assert (found.parcels, found.differences, found.unscanned) == (2, 1, 1)


# --- the promise -------------------------------------------------------------------------------


def test_an_order_is_not_promised_for_a_holiday(world: World) -> None:
    before = world.order((LANTERN, 1))
    close(world, DAY, carrier=carrier_id(world))
    after = world.order((LANTERN, 1))
    assert (before.promised_on, before.ship_by[:10]) == ("2026-03-04", DAY)
    assert (after.promised_on, after.ship_by[:10]) == ("2026-03-05", "2026-03-04")


def test_a_hand_over_is_one_commit_with_its_pickup(world: World) -> None:
    labels = ready(world)
    leave(world, *labels, local="16:30")
    assert sql(world, "SELECT COUNT(*) FROM pickup_visit") == [(1,)]
    assert code(hand_over(world)) != "handed_over"
    assert sql(world, "SELECT COUNT(*) FROM pickup_visit") == [(1,)]
