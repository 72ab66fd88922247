"""Walks, their stops, and whose they are."""

from __future__ import annotations

import pytest

from tests.store.hands import AT, LATER, MUCH_LATER, UNTIL, Hands
from wms_terminal.domain.orders import Claim, OrderState, PickStop
from wms_terminal.ports.store import StoreConflict, StoreError

EARLY, LATE = "2026-03-04T08:00:00.000Z", "2026-03-04T20:00:00.000Z"


def next_open(hands: Hands, now: str = AT) -> int | None:
    with hands.store.read() as tx:
        work = tx.picks.next_open(now)
    return None if work is None else work[0]


def walk(hands: Hands) -> tuple[int, PickStop]:
    """A walk of three stops, and the first of them."""
    list_id = hands.release(hands.order(("MUG", 2), ("LAMP", 3), ("SALT", 4)))
    stop = hands.stop(list_id)
    assert stop is not None
    return list_id, stop


def short(hands: Hands, stop: PickStop, units: int) -> None:
    with hands.store.write() as tx:
        tx.picks.short(stop.task_id, units, "WHRFEWER")


def test_a_stop_says_all_that_a_picker_needs(hands: Hands) -> None:
    list_id, stop = walk(hands)
    assert (stop.list_id, stop.location, stop.sku, stop.name) == (list_id, "A-1", "LAMP", "Lamp")
    assert (stop.quantity, stop.picked, stop.short, stop.in_hand) == (3, 0, 0, 0)
    assert (stop.number, stop.stops, stop.remaining) == (1, 3, 3)
    assert (stop.weight_g, stop.lot_tracked, stop.lot) == (800, False, "")
    assert stop.location_id == hands.place("A-1")
    assert stop.product_id == hands.product("LAMP")
    with hands.store.read() as tx:
        assert tx.picks.get_list(list_id).order_id == stop.order_id
        assert tx.picks.list_of(stop.order_id) == tx.picks.get_list(list_id)
        assert stop.location_barcode == tx.site.location(stop.location_id).barcode


def test_the_walk_goes_from_stop_to_stop(hands: Hands) -> None:
    list_id, stop = walk(hands)
    tote = hands.tote(hands.find("1001"), "T-1")
    seen = []
    upcoming: PickStop | None = stop
    while upcoming is not None:
        seen.append((upcoming.location, upcoming.sku, upcoming.lot, upcoming.number))
        hands.pick_stop(upcoming, tote)
        upcoming = hands.stop(list_id)
    assert seen == [("A-1", "LAMP", "", 1), ("A-1", "SALT", "L2", 2), ("A-2", "MUG", "", 3)]
    with hands.store.read() as tx:
        assert tx.picks.open_units(list_id) == 0


def test_open_units_are_those_neither_picked_nor_given_up(hands: Hands) -> None:
    list_id, stop = walk(hands)
    with hands.store.write() as tx:
        assert tx.picks.open_units(list_id) == 9
        tx.picks.hand(stop.task_id, 2)
        assert tx.picks.open_units(list_id) == 9
        tx.picks.put(stop.task_id, 2)
        assert tx.picks.open_units(list_id) == 7
        tx.picks.short(stop.task_id, 1, "WHRFEWER")
        assert tx.picks.open_units(list_id) == 6
        assert tx.picks.open_units(999) == 0


def test_units_go_from_the_shelf_through_the_hand_into_the_tote(hands: Hands) -> None:
    list_id, stop = walk(hands)
    steps = []
    for change in (
        lambda tx: tx.picks.hand(stop.task_id, 2),
        lambda tx: tx.picks.hand(stop.task_id, -1),
        lambda tx: tx.picks.put(stop.task_id, 1),
        lambda tx: tx.picks.unput(stop.task_id, 1),
    ):
        with hands.store.write() as tx:
            change(tx)
        now = hands.stop(list_id)
        assert now is not None
        steps.append((now.in_hand, now.picked))
    assert steps == [(2, 0), (1, 0), (0, 1), (1, 0)]


@pytest.mark.parametrize(
    ("method", "quantity"), [("hand", 4), ("hand", -1), ("put", 1), ("unput", 1)]
)
def test_no_more_than_there_is(hands: Hands, method: str, quantity: int) -> None:
    list_id, stop = walk(hands)
    with pytest.raises(StoreConflict, match=r"(?i)check"), hands.store.write() as tx:
        getattr(tx.picks, method)(stop.task_id, quantity)
    assert hands.stop(list_id) == stop
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        getattr(tx.picks, method)(999, 0)


def test_what_is_in_the_hand_cannot_be_short(hands: Hands) -> None:
    _, stop = walk(hands)
    with hands.store.write() as tx:
        tx.picks.hand(stop.task_id, 1)
    with pytest.raises(StoreConflict):
        short(hands, stop, 3)
    short(hands, stop, 2)


def test_a_short_stop_is_done(hands: Hands) -> None:
    list_id, stop = walk(hands)
    short(hands, stop, 3)
    now = hands.stop(list_id)
    assert now is not None
    assert (now.sku, now.number, now.stops) == ("SALT", 2, 3)


def test_a_postponed_stop_comes_last(hands: Hands) -> None:
    list_id, stop = walk(hands)
    order = []
    for _ in range(4):
        now = hands.stop(list_id)
        assert now is not None
        order.append(now.sku)
        with hands.store.write() as tx:
            tx.picks.postpone(now.task_id)
    assert order == ["LAMP", "SALT", "MUG", "LAMP"]
    assert hands.stop(list_id) != stop


def test_another_lot_is_taken_before_anything_was(hands: Hands) -> None:
    list_id, stop = walk(hands)
    short(hands, stop, 3)
    salt = hands.stop(list_id)
    assert salt is not None
    with hands.store.write() as tx:
        tx.picks.substitute(salt.task_id, "L7")
    now = hands.stop(list_id)
    assert now is not None
    assert now.lot == "L7"
    with hands.store.write() as tx:
        tx.picks.hand(salt.task_id, 1)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.picks.substitute(salt.task_id, "L8")


def test_an_order_has_one_live_list(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    list_id = hands.release(order)
    with pytest.raises(StoreConflict, match="order_id"), hands.store.write() as tx:
        tx.picks.create_list(order.id, "", AT)
    with hands.store.write() as tx:
        tx.picks.set_list_state(list_id, "void")
        assert tx.picks.list_of(order.id) is None
        assert tx.picks.create_list(order.id, "", AT) != list_id
    with pytest.raises(StoreError, match="999"), hands.store.write() as tx:
        tx.picks.create_list(999, "", AT)
    with pytest.raises(StoreError, match="999"), hands.store.read() as tx:
        tx.picks.get_list(999)


def test_the_most_urgent_open_list_comes_first(hands: Hands) -> None:
    assert next_open(hands) is None
    late = hands.order(("MUG", 1), latest_start=LATE)
    early = hands.order(("MUG", 1), latest_start=EARLY)
    late_list, early_list = hands.release(late), hands.release(early)
    with hands.store.read() as tx:
        assert tx.picks.next_open(AT) == (early_list, EARLY, False)
    with hands.store.write() as tx:
        tx.orders.set_expedite(late.id, True)
    assert next_open(hands) == late_list
    with hands.store.write() as tx:
        tx.orders.set_hold(late.id, "address")
    assert next_open(hands) == early_list
    with hands.store.write() as tx:
        tx.orders.set_state(early.id, OrderState.CANCELLED)
    assert next_open(hands) is None


def test_an_expedited_order_makes_an_expedited_list(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    with hands.store.write() as tx:
        tx.orders.set_expedite(order.id, True)
    list_id = hands.release(order)
    with hands.store.read() as tx:
        assert tx.picks.next_open(AT) == (list_id, order.latest_start, True)


def test_claimed_work_is_nobody_elses_until_the_lease_runs_out(hands: Hands) -> None:
    list_id = hands.release(hands.order(("MUG", 1)))
    hands.start(list_id)
    assert next_open(hands, LATER) is None
    assert next_open(hands, UNTIL) == list_id
    with hands.store.write() as tx:
        tx.picks.set_list_state(list_id, "dropped")
    assert next_open(hands, MUCH_LATER) is None


def claim(hands: Hands, operator: int, now: str = AT, until: str = UNTIL) -> Claim | None:
    with hands.store.write() as tx:
        return tx.picks.claim("pick", 1, operator, hands.pick_station, now, until)


def held(hands: Hands, now: str = AT) -> Claim | None:
    with hands.store.read() as tx:
        return tx.picks.claim_of("pick", 1, now)


def test_a_claim_is_refused_by_name(hands: Hands) -> None:
    assert claim(hands, hands.ann) is None
    assert claim(hands, hands.bob) == Claim(hands.ann, "Ann", "P-1", UNTIL)
    assert held(hands) == Claim(hands.ann, "Ann", "P-1", UNTIL)


def test_ones_own_claim_is_taken_again(hands: Hands) -> None:
    assert claim(hands, hands.ann) is None
    assert claim(hands, hands.ann, LATER, MUCH_LATER) is None
    assert held(hands) == Claim(hands.ann, "Ann", "P-1", MUCH_LATER)


def test_a_claim_that_ran_out_is_free(hands: Hands) -> None:
    assert claim(hands, hands.ann) is None
    assert held(hands, UNTIL) is None
    assert claim(hands, hands.bob, UNTIL, MUCH_LATER) is None
    assert held(hands) == Claim(hands.bob, "Bob", "P-1", MUCH_LATER)


def test_taking_over_asks_nobody(hands: Hands) -> None:
    assert claim(hands, hands.ann) is None
    with hands.store.write() as tx:
        tx.picks.take_over("pick", 1, hands.bob, hands.pack_station, AT, UNTIL)
        assert tx.picks.claim_of("pick", 1, AT) == Claim(hands.bob, "Bob", "W-1", UNTIL)
        tx.picks.release_claim("pick", 1)
        assert tx.picks.claim_of("pick", 1, AT) is None
        tx.picks.release_claim("pick", 1)


def test_a_lease_is_written_once_a_minute(hands: Hands) -> None:
    assert claim(hands, hands.ann) is None
    for until, kept in (
        ("2026-03-03T12:30:59.000Z", UNTIL),
        ("2026-03-03T12:31:01.000Z", "2026-03-03T12:31:01.000Z"),
        ("2026-03-03T12:31:40.000Z", "2026-03-03T12:31:01.000Z"),
    ):
        with hands.store.write() as tx:
            tx.picks.renew("pick", 1, AT, until)
        found = held(hands)
        assert found is not None
        assert found.until == kept


def test_work_is_found_again_even_after_its_lease(hands: Hands) -> None:
    first = hands.release(hands.order(("MUG", 1)))
    second = hands.release(hands.order(("MUG", 1)))
    with hands.store.write() as tx:
        assert tx.picks.claimed_by("pick", hands.ann) is None
        tx.picks.claim("pick", second, hands.ann, hands.pick_station, AT, AT)
        tx.picks.claim("pick", first, hands.ann, hands.pick_station, LATER, LATER)
        assert tx.picks.claimed_by("pick", hands.ann) == second
        # Going on with it does not make it younger.
        tx.picks.claim("pick", second, hands.ann, hands.pick_station, MUCH_LATER, MUCH_LATER)
        assert tx.picks.claimed_by("pick", hands.ann) == second
        tx.picks.set_list_state(second, "dropped")
        assert tx.picks.claimed_by("pick", hands.ann) == first
        assert tx.picks.claimed_by("pick", hands.bob) is None
        assert tx.picks.claimed_by("pack", hands.ann) is None


def test_an_order_being_packed_is_found_again(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    hands.pick(order, "T-1")
    hands.open_parcel(order)
    with hands.store.write() as tx:
        assert tx.picks.claimed_by("pack", hands.bob) == order.id
        tx.orders.set_state(order.id, OrderState.PICKED)
        assert tx.picks.claimed_by("pack", hands.bob) is None
