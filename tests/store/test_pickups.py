"""Couriers' pickups: what was agreed, what happened, and what waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from data import doctor
from data.store import SqlStore
from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from tests.world import LANTERN, SARA, World
from wms_terminal.domain.pickups import Agreement, Holiday, Pickup, PickupState, Visit
from wms_terminal.services import pickup_report, pickups

DAY = "2026-03-03"
BEGINS, ENDS = "2026-03-03T15:00:00.000Z", "2026-03-03T16:00:00.000Z"


def agreement(begins: str = "16:00", place: str = "DOCK-1", **changes: object) -> Agreement:
    found = Agreement(0, 0, "", "", "12345", begins, "17:00", place, 0, 0)
    return replace(found, **changes)  # type: ignore[arg-type]


def agree(hands: Hands, *items: Agreement) -> list[Agreement]:
    with hands.store.write() as tx:
        tx.pickups.set_agreements(hands.carrier, items)
        return tx.pickups.agreements()


def made(hands: Hands) -> int:
    """The id of today's only pickup."""
    (agreed,) = agree(hands, agreement())
    with hands.store.write() as tx:
        assert tx.pickups.make(agreed.id, DAY, BEGINS, ENDS)
        assert not tx.pickups.make(agreed.id, DAY, BEGINS, ENDS)
        (found,) = tx.pickups.of_days(DAY, DAY)
    return found.id


def get(hands: Hands, pickup_id: int) -> Pickup:
    with hands.store.read() as tx:
        found = tx.pickups.get(pickup_id)
    assert found is not None
    return found


def labelled(hands: Hands, tote: str, **changes: object) -> int:
    """A parcel that waits to be loaded."""
    order = hands.order(("MUG", 1), **changes)
    hands.pick(order, tote)
    return hands.pack(order)


def handed(hands: Hands, pickup_id: int | None, tote: str, **changes: object) -> Visit:
    """A manifest of one parcel that has left."""
    manifest_id = hands.load(labelled(hands, tote))
    hands.hand_over(manifest_id)
    with hands.store.write() as tx:
        code = tx.parcels.manifest(manifest_id).code
        weight = tx.pickups.weight(manifest_id)
        visit = Visit(
            manifest_id, code, pickup_id, hands.carrier, DAY, LATER, 1, weight, None, 0, ""
        )
        visit = replace(visit, **changes)  # type: ignore[arg-type]
        tx.pickups.came(visit)
    return visit


def test_exactly_what_is_agreed_last_holds(hands: Hands) -> None:
    first = agree(hands, agreement(), agreement("10:00", max_parcels=40))
    assert [(item.code, item.carrier, item.begins) for item in first] == [
        ("post", "Post", "10:00"),
        ("post", "Post", "16:00"),
    ]
    assert agree(hands, agreement(), agreement("10:00", max_parcels=40)) == first
    (left,) = agree(hands, agreement(ends="18:00"))
    assert (left.id, left.ends) == (first[1].id, "18:00")
    # An agreement that comes back is the same one as before.
    assert [item.id for item in agree(hands, agreement("10:00"))] == [first[0].id]
    with hands.store.write() as tx:
        tx.pickups.set_agreements(hands.rival, [agreement()])
        assert [item.code for item in tx.pickups.agreements()] == ["dhl", "post"]


@pytest.mark.parametrize("booked", [False, True])
def test_a_changed_agreement_forgets_what_is_still_to_come_and_not_booked(
    hands: Hands, booked: bool
) -> None:
    pickup = made(hands)
    agree(hands, agreement())
    assert get(hands, pickup).state is PickupState.AGREED
    if booked:
        with hands.store.write() as tx:
            tx.pickups.booked(pickup, "P-1")
    agree(hands, agreement(ends="18:00"))
    with hands.store.read() as tx:
        assert len(tx.pickups.of_days(DAY, DAY)) == booked


@pytest.mark.parametrize("holiday", [DAY, "2026-03-04"])
@pytest.mark.parametrize("mine", [True, False])
def test_a_new_holiday_forgets_what_was_agreed_for_it(
    hands: Hands, holiday: str, mine: bool
) -> None:
    made(hands)
    with hands.store.write() as tx:
        carrier = hands.carrier if mine else hands.rival
        tx.pickups.set_holidays([Holiday(holiday, carrier, "")])
        assert len(tx.pickups.of_days(DAY, DAY)) == (not mine or holiday != DAY)


def test_what_has_happened_is_kept_when_an_agreement_ends(hands: Hands) -> None:
    pickup = made(hands)
    handed(hands, pickup, "T-1")
    agree(hands)
    assert get(hands, pickup).state is PickupState.CAME


def test_holidays_are_the_sites_or_one_carriers(hands: Hands) -> None:
    ours = Holiday("2026-12-25", 0, "Christmas")
    theirs = Holiday("2026-05-05", hands.rival, "")
    with hands.store.write() as tx:
        tx.pickups.set_holidays([ours, theirs])
        assert tx.pickups.holidays() == [theirs, ours]
        assert tx.pickups.closed(hands.carrier) == {date(2026, 12, 25)}
        assert tx.pickups.closed(hands.rival) == {date(2026, 12, 25), date(2026, 5, 5)}
        tx.pickups.set_holidays([replace(ours, name="Xmas")])
        assert tx.pickups.holidays() == [replace(ours, name="Xmas")]
        assert tx.pickups.closed(hands.rival) == {date(2026, 12, 25)}


def test_several_manifests_make_one_pickup(hands: Hands) -> None:
    pickup = made(hands)
    first = handed(hands, pickup, "T-1", counted=1, unscanned=2, labels="1 2")
    second = handed(hands, pickup, "T-2", counted=2, came_at=MUCH_LATER)
    found = get(hands, pickup)
    assert (found.state, found.came_at) == (PickupState.CAME, LATER)
    assert (found.parcels, found.counted, found.unscanned) == (2, 3, 0)
    with hands.store.read() as tx:
        assert tx.pickups.visits(DAY, DAY) == [first, second]
        assert not doctor.examine(tx)


@pytest.mark.parametrize(("first", "second"), [(None, 1), (1, None)])
def test_the_couriers_count_is_known_only_when_he_counted_all(
    hands: Hands, first: int | None, second: int | None
) -> None:
    pickup = made(hands)
    handed(hands, pickup, "T-1", counted=first)
    handed(hands, pickup, "T-2", counted=second)
    assert get(hands, pickup).counted is None


def test_a_pickup_outside_any_agreement_is_kept_for_itself(hands: Hands) -> None:
    pickup = made(hands)
    extra = handed(hands, None, "T-1")
    assert get(hands, pickup).state is PickupState.AGREED
    with hands.store.read() as tx:
        assert tx.pickups.visits(DAY, DAY) == [extra]
        assert tx.pickups.visits("2026-03-04", "2026-03-05") == []


@pytest.mark.parametrize(("waited", "state"), [(0, "agreed"), (3, "missed")])
def test_what_is_over_is_decided_once(hands: Hands, waited: int, state: str) -> None:
    pickup = made(hands)
    with hands.store.write() as tx:
        assert tx.pickups.undecided(BEGINS) == []
        assert [item.id for item in tx.pickups.undecided(ENDS)] == [pickup]
        tx.pickups.over(pickup, waited)
        assert tx.pickups.undecided(ENDS) == []
    assert (get(hands, pickup).state, get(hands, pickup).waited) == (state, waited)
    # Who comes after all did come.
    handed(hands, pickup, "T-1")
    with hands.store.write() as tx:
        tx.pickups.over(pickup, 5)
    assert (get(hands, pickup).state, get(hands, pickup).waited) == ("came", waited)


def test_a_booking_and_a_note(hands: Hands) -> None:
    pickup = made(hands)
    with hands.store.write() as tx:
        tx.pickups.booked(pickup, "P-1")
        tx.pickups.note(pickup, "before noon")
        tx.pickups.warned(pickup)
    found = get(hands, pickup)
    assert (found.state, found.remote_id, found.note) == ("booked", "P-1", "before noon")
    assert found.warned
    handed(hands, pickup, "T-1")
    with hands.store.write() as tx:
        tx.pickups.booked(pickup, "P-2")
    assert (get(hands, pickup).state, get(hands, pickup).remote_id) == ("came", "P-1")


def test_what_waits_is_labelled_and_has_not_left(hands: Hands) -> None:
    labelled(hands, "T-1")
    hands.load(labelled(hands, "T-2"))
    labelled(hands, "T-3", service_id=hands.rival_service)
    with hands.store.read() as tx:
        assert tx.pickups.waiting(hands.carrier, AT) == (2, 2400)
        assert tx.pickups.waiting(hands.rival, AT) == (1, 1200)
        assert tx.pickups.waiting(hands.carrier, "2026-03-03T11:00:00.000Z") == (0, 0)


def test_what_should_have_gone_along_and_was_not_scanned(hands: Hands) -> None:
    # Every order here must leave on the fourth at four.
    labelled(hands, "T-1")
    hands.load(labelled(hands, "T-2"))
    with hands.store.read() as tx:
        (sscc,) = tx.pickups.unscanned(hands.carrier, "2026-03-04T16:00:00.001Z")
        assert len(sscc) == 18
        assert tx.pickups.unscanned(hands.carrier, "2026-03-04T16:00:00.000Z") == []
        assert tx.pickups.unscanned(hands.rival, "2026-03-05T16:00:00.000Z") == []


def test_what_is_expected_until_then(hands: Hands) -> None:
    hands.order(("MUG", 2), ("LAMP", 1))
    hands.order(("MUG", 1))
    with hands.store.read() as tx:
        assert tx.pickups.expected(hands.carrier, "2026-03-04T16:00:00.000Z") == (2, 1700)
        assert tx.pickups.expected(hands.carrier, "2026-03-04T15:59:00.000Z") == (0, 0)
        assert tx.pickups.expected(hands.rival, "2026-03-04T16:00:00.000Z") == (0, 0)


def test_the_doctor_finds_a_pickup_that_does_not_add_up(hands: Hands) -> None:
    pickup = made(hands)
    handed(hands, pickup, "T-1", parcels=2)
    with hands.store.write() as tx:
        tx.connection.run("UPDATE pickup SET parcels = 7")
        checks = {finding.check for finding in doctor.examine(tx)}
    assert checks == {
        "pickups_are_what_their_manifests_are",
        "couriers_took_what_was_handed_over",
    }


def test_a_whole_day_with_a_courier_who_is_late(store: SqlStore) -> None:
    world = World(store)
    with store.write() as tx:
        carrier = next(item.id for item in tx.site.carriers() if item.code == "POSTNL")
        tx.pickups.set_agreements(carrier, [agreement("14:00", ends="15:00", max_parcels=1)])
        tx.pickups.set_holidays([Holiday("2026-03-04", 0, "Carnival")])
    assert pickups.due(store, lambda: world.now) == 1
    for _ in range(2):
        world.order((LANTERN, 1))
    world.pick_all()
    world.pack_all()
    # It is more than agreed, and nobody comes for it.
    assert pickups.due(store, lambda: world.now) == 1
    world.wait(hours=2, minutes=15)
    assert pickups.due(store, lambda: world.now) == 1
    step = world.scan("SHIP-01", SARA, "WHCSHIP", "CARPOSTNL")
    assert [str(value) for _, value in step.view.facts][1:3] == [
        "14:00–15:00, DOCK-1",
        "15 min late",
    ]
    world.scan("SHIP-01", step.hint, "WHCHAND", "CARPOSTNL")
    with store.read() as tx:
        (line,) = pickup_report.lines(tx, DAY, DAY)
        (summary,) = pickup_report.summaries([line])
        assert not doctor.examine(tx)
    assert (line.happened, line.minutes, line.waited, line.unscanned) == ("came", 15, 2, 1)
    assert (summary.late_by, summary.parcels) == (15.0, 1)
