"""Parcels from the bench to the lorry, with their papers."""

from __future__ import annotations

from itertools import permutations
from math import prod

import pytest

from data import doctor
from data.doctor import examine
from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from wms_terminal.domain.orders import Order, OrderState, ParcelState
from wms_terminal.domain.packing import Contents
from wms_terminal.domain.records import ProductRecord
from wms_terminal.ports.parcels_room import PrintJob
from wms_terminal.ports.store import StoreConflict, StoreError

EARLY, LATE = "2026-03-04T08:00:00.000Z", "2026-03-04T20:00:00.000Z"


def picked(hands: Hands, tote: str, *lines: tuple[str, int], **changes: object) -> Order:
    order = hands.order(*(lines or (("MUG", 2),)), **changes)
    hands.pick(order, tote)
    return order


def labelled(hands: Hands, tote: str, *lines: tuple[str, int], **changes: object) -> int:
    return hands.pack(picked(hands, tote, *lines, **changes))


def test_parcels_are_numbered_and_one_is_open(hands: Hands) -> None:
    order = picked(hands, "T-1", ("MUG", 2), ("LAMP", 1))
    with hands.store.read() as tx:
        assert tx.parcels.open_of(order.id) is None
    first = hands.open_parcel(order)
    with pytest.raises(StoreConflict, match="order_id"):
        hands.open_parcel(order)
    hands.fill(order, first, 1)
    hands.seal(order, first)
    second = hands.open_parcel(order)
    with hands.store.read() as tx:
        assert [(item.id, item.number, item.state) for item in tx.parcels.of_order(order.id)] == [
            (first, 1, ParcelState.PACKED),
            (second, 2, ParcelState.OPEN),
        ]
        open_one = tx.parcels.open_of(order.id)
        assert open_one == tx.parcels.get(second)
        assert open_one is not None
        assert (open_one.sscc, open_one.package_type_id, open_one.manifest_id) == ("", None, None)
    with pytest.raises(StoreError, match="999"), hands.store.read() as tx:
        tx.parcels.get(999)


def test_contents_follow_what_is_put_in_and_taken_out(hands: Hands) -> None:
    order = picked(hands, "T-1", ("MUG", 5))
    parcel = hands.open_parcel(order)
    (line,) = hands.lines(order)

    def contents() -> list[tuple[int, str, int]]:
        with hands.store.read() as tx:
            return [(item.id, lot, count) for item, lot, count in tx.parcels.contents(parcel)]

    for change, expected in (
        (2, [(line.id, "", 2)]),
        (3, [(line.id, "", 5)]),
        (-1, [(line.id, "", 4)]),
        (-4, []),
    ):
        with hands.store.write() as tx:
            tx.parcels.add_unit(parcel, line.id, "", change)
        assert contents() == expected
    with pytest.raises(StoreConflict, match="does not hold"), hands.store.write() as tx:
        tx.parcels.add_unit(parcel, line.id, "", -1)
    with hands.store.write() as tx:
        tx.parcels.add_unit(parcel, line.id, "", 2)
        tx.parcels.add_unit(parcel, line.id, "L1", 1)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.parcels.add_unit(parcel, line.id, "", -3)
    assert contents() == [(line.id, "", 2), (line.id, "L1", 1)]


def test_a_parcel_has_a_size(hands: Hands) -> None:
    order = picked(hands, "T-1", ("MUG", 2), ("LAMP", 3))
    parcel = hands.open_parcel(order)
    with hands.store.read() as tx:
        assert tx.parcels.size(parcel) == Contents(0, 0)
        assert tx.parcels.size(parcel, with_rest=True).weight_g == 2 * 300 + 3 * 800
    hands.fill(order, parcel, 1)
    with hands.store.read() as tx:
        assert tx.parcels.size(parcel).weight_g == 300
        assert tx.parcels.size(parcel, with_rest=True).weight_g == 2 * 300 + 3 * 800


@pytest.mark.parametrize("sides", [*permutations((300, 120, 100)), (300, 120, 120), (300, 0, 0)])
def test_the_sides_of_a_parcel_are_the_most_of_each_rank(
    hands: Hands, sides: tuple[int, int, int]
) -> None:
    with hands.store.write() as tx:
        for sku, (length, width, height) in (("MUG", sides), ("LAMP", (40, 250, 130))):
            tx.site.put_product(
                ProductRecord(sku, sku, length_mm=length, width_mm=width, height_mm=height)
            )
    parcel = hands.open_parcel(picked(hands, "T-1", ("MUG", 2), ("LAMP", 1)))
    with hands.store.read() as tx:
        found = tx.parcels.size(parcel, with_rest=True)
    longest, _, shortest = sorted(sides, reverse=True)
    assert found.sides_mm == (longest, 130, max(40, shortest))
    assert found.volume_mm3 == 2 * prod(sides) + 40 * 250 * 130


def test_pack_lines_are_the_picked_ones(hands: Hands) -> None:
    order = picked(hands, "T-1", ("MUG", 2), ("SALT", 3))
    hands.fill(order, hands.open_parcel(order), 1)
    with hands.store.read() as tx:
        lines = tx.parcels.pack_lines(order.id)
        assert [(line.sku, line.name, line.picked, line.packed) for line in lines] == [
            ("MUG", "Mug", 2, 1),
            ("SALT", "Salt", 3, 0),
        ]
        assert [(line.weight_g, line.lot_tracked) for line in lines] == [(300, False), (500, True)]
        assert tx.parcels.pack_lines(999) == []


def test_the_most_urgent_order_that_needs_a_product(hands: Hands) -> None:
    mug, lamp = hands.product("MUG"), hands.product("LAMP")

    def needing(product: int, now: str = AT) -> int | None:
        with hands.store.read() as tx:
            return tx.parcels.next_to_pack(product, now)

    assert needing(mug) is None
    first = picked(hands, "T-1", ("MUG", 1))
    urgent = picked(hands, "T-2", ("MUG", 1), ("SALT", 1))
    with hands.store.write() as tx:
        tx.orders.set_expedite(urgent.id, True)
    assert needing(mug) == urgent.id
    assert needing(lamp) is None
    with hands.store.write() as tx:
        tx.orders.set_hold(urgent.id, "address")
    assert needing(mug) == first.id
    parcel = hands.open_parcel(first)
    assert needing(mug) is None
    assert needing(mug, MUCH_LATER) == first.id
    hands.fill(first, parcel)
    assert needing(mug, MUCH_LATER) is None


def test_the_pack_queue_begins_with_what_was_left(hands: Hands) -> None:
    orders = [picked(hands, f"T-{number}", ("MUG", 1)) for number in (1, 2, 3)]
    with hands.store.write() as tx:
        for order, start in zip(orders, (LATE, EARLY, LATE), strict=True):
            tx.orders.set_state(order.id, OrderState.PICKED, latest_start=start)
        tx.orders.set_expedite(orders[2].id, True)

    def queue(now: str, limit: int = 10) -> list[int]:
        with hands.store.read() as tx:
            return [head.id for head in tx.parcels.pack_queue(limit, now)]

    assert queue(AT) == [orders[2].id, orders[1].id, orders[0].id]
    assert queue(AT, 2) == [orders[2].id, orders[1].id]
    hands.open_parcel(orders[0])
    assert queue(AT) == [orders[2].id, orders[1].id]
    assert queue(MUCH_LATER) == [orders[0].id, orders[2].id, orders[1].id]
    assert queue(MUCH_LATER, 1) == [orders[0].id]


def test_a_parcel_goes_through_its_states(hands: Hands) -> None:
    order = picked(hands, "T-1")
    parcel = hands.open_parcel(order)
    hands.fill(order, parcel)
    with pytest.raises(StoreConflict, match=r"(?i)check"), hands.store.write() as tx:
        tx.parcels.set_state(parcel, ParcelState.PACKED, AT, "1" * 18)
    with hands.store.write() as tx:
        tx.parcels.set_type(parcel, hands.box)
        tx.parcels.set_weight(parcel, 700, 690, True)
        tx.parcels.set_state(parcel, ParcelState.PACKED, AT, "1" * 18)
        got = tx.parcels.get(parcel)
        assert (got.state, got.sscc, got.weight_g, got.expected_g, got.weighed) == (
            ParcelState.PACKED,
            "1" * 18,
            700,
            690,
            True,
        )
        assert tx.parcels.by_sscc("1" * 18) == got
        assert tx.parcels.by_sscc("2" * 18) is None
        tx.parcels.set_state(parcel, ParcelState.LABELLED, LATER)
        times = tx.connection.one("SELECT closed_at, labelled_at, loaded_at FROM parcel")
        assert times == (AT, LATER, None)
        tx.parcels.set_state(parcel, ParcelState.OPEN, LATER)
        assert tx.connection.one("SELECT closed_at, labelled_at FROM parcel") == (None, None)
        assert tx.parcels.get(parcel).sscc == "1" * 18
        tx.parcels.set_state(parcel, ParcelState.PACKED, LATER, "2" * 18)
        assert tx.parcels.get(parcel).sscc == "2" * 18
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.parcels.set_state(parcel, ParcelState.SHIPPED, LATER)


def test_an_sscc_is_given_once(hands: Hands) -> None:
    first, second = labelled(hands, "T-1"), labelled(hands, "T-2")
    with hands.store.read() as tx:
        taken = tx.parcels.get(first).sscc
    with pytest.raises(StoreConflict, match="sscc"), hands.store.write() as tx:
        tx.parcels.set_state(second, ParcelState.PACKED, AT, taken)


def test_a_void_parcel_lets_the_next_one_open(hands: Hands) -> None:
    order = picked(hands, "T-1")
    parcel = hands.open_parcel(order)
    with hands.store.write() as tx:
        tx.parcels.set_state(parcel, ParcelState.VOID, AT)
    hands.open_parcel(order)
    with hands.store.read() as tx:
        assert [item.number for item in tx.parcels.of_order(order.id)] == [1, 2]
        assert doctor.examine(tx) == []


def test_lists_at_the_ship_desk(hands: Hands) -> None:
    first = picked(hands, "T-1")
    parcel = hands.open_parcel(first)
    hands.fill(first, parcel)
    hands.seal(first, parcel)
    here, other = labelled(hands, "T-2"), labelled(hands, "T-3", service_id=hands.rival_service)
    with hands.store.read() as tx:
        (head,) = tx.parcels.unlabelled(10, AT)
        assert (head.id, head.order_number, head.state) == (
            parcel,
            first.number,
            ParcelState.PACKED,
        )
        assert (head.carrier_id, head.service, head.number) == (hands.carrier, "Standard", 1)
        assert [item.id for item in tx.parcels.to_load(hands.carrier, 10)] == [here]
        assert [item.id for item in tx.parcels.to_load(hands.rival, 10)] == [other]
        assert tx.parcels.to_load(hands.rival, 0) == []
        assert tx.parcels.count_to_load(hands.carrier) == 1
        assert tx.parcels.waiting_by_carrier() == [("dhl", "DHL", 1, 0), ("post", "Post", 1, 0)]
    hands.load(here)
    with hands.store.read() as tx:
        assert tx.parcels.waiting_by_carrier() == [("dhl", "DHL", 1, 0), ("post", "Post", 0, 1)]


def test_a_manifest_is_opened_once_a_day_and_counted_up(hands: Hands) -> None:
    def opened(day: str) -> str:
        with hands.store.write() as tx:
            return tx.parcels.open_manifest(hands.carrier, day, AT).code

    assert opened("2026-03-03") == "M-POST-2026-03-03-1"
    assert opened("2026-03-03") == "M-POST-2026-03-03-1"
    hands.hand_over(hands.load(labelled(hands, "T-1")))
    assert opened("2026-03-03") == "M-POST-2026-03-03-2"
    assert opened("2026-03-04") == "M-POST-2026-03-04-1"
    with pytest.raises(StoreError, match="999"), hands.store.write() as tx:
        tx.parcels.open_manifest(999, "2026-03-03", AT)
    with pytest.raises(StoreError, match="999"), hands.store.read() as tx:
        tx.parcels.manifest(999)


def test_yesterdays_manifest_with_parcels_comes_first(hands: Hands) -> None:
    manifest_id = hands.load(labelled(hands, "T-1"))
    with hands.store.write() as tx:
        assert tx.parcels.open_manifest(hands.carrier, "2026-03-04", AT).id == manifest_id


def test_an_earlier_days_manifest_without_parcels_is_closed(hands: Hands) -> None:
    with hands.store.write() as tx:
        old, new = (
            tx.parcels.open_manifest(hands.carrier, day, AT).id
            for day in ("2026-03-03", "2026-03-04")
        )
        manifests = [tx.parcels.manifest(each) for each in (old, new)]
    assert [(each.state, each.parcels) for each in manifests] == [("handed_over", 0), ("open", 0)]
    with hands.store.read() as tx:
        assert examine(tx) == []


def test_only_labelled_parcels_are_loaded_on_open_manifests(hands: Hands) -> None:
    order = picked(hands, "T-1")
    parcel = hands.open_parcel(order)
    with pytest.raises(StoreConflict, match="not labelled"):
        hands.load(parcel)
    first, second = labelled(hands, "T-2"), labelled(hands, "T-3")
    manifest_id = hands.load(first)
    with pytest.raises(StoreConflict):
        hands.load(first)
    hands.hand_over(manifest_id)
    with pytest.raises(StoreConflict, match="handed over"), hands.store.write() as tx:
        tx.parcels.load(second, manifest_id, AT)


def test_a_parcel_is_taken_off_again(hands: Hands) -> None:
    parcel = labelled(hands, "T-1")
    manifest_id = hands.load(parcel)
    with hands.store.write() as tx:
        assert [head.id for head in tx.parcels.loaded(manifest_id)] == [parcel]
        assert tx.parcels.manifest(manifest_id).parcels == 1
        tx.parcels.load(parcel, None, AT)
        assert tx.parcels.loaded(manifest_id) == []
        got = tx.parcels.get(parcel)
        assert (got.state, got.manifest_id) == (ParcelState.LABELLED, None)
    with pytest.raises(StoreConflict, match="not loaded"), hands.store.write() as tx:
        tx.parcels.load(parcel, None, AT)


def test_what_is_handed_over_is_shipped_once(hands: Hands) -> None:
    parcel = labelled(hands, "T-1", ("MUG", 2), ("SALT", 1))
    left_behind = labelled(hands, "T-2")
    manifest_id = hands.load(parcel)
    hands.hand_over(manifest_id)
    with hands.store.read() as tx:
        manifest = tx.parcels.manifest(manifest_id)
        assert (manifest.state, manifest.parcels, manifest.handed_at) == ("handed_over", 1, AT)
        assert (manifest.carrier, manifest.day) == ("Post", "2026-03-03")
        assert tx.parcels.get(parcel).state is ParcelState.SHIPPED
        assert tx.parcels.get(left_behind).state is ParcelState.LABELLED
        assert [head.id for head in tx.parcels.loaded(manifest_id)] == [parcel]
        assert tx.parcels.waiting_by_carrier() == [("post", "Post", 1, 0)]
        assert doctor.examine(tx) == []
    with pytest.raises(StoreConflict, match="handed over meanwhile"), hands.store.write() as tx:
        tx.parcels.hand_over(manifest_id, hands.bob, None, 0, AT)


def test_a_parcel_loaded_meanwhile_stops_the_hand_over(hands: Hands) -> None:
    manifest_id = hands.load(labelled(hands, "T-1"))
    hands.load(labelled(hands, "T-2"))
    with (
        pytest.raises(StoreConflict, match="Expected 1 loaded parcels, got 2"),
        hands.store.write() as tx,
    ):
        tx.parcels.hand_over(manifest_id, hands.bob, None, 1, AT)
    with hands.store.read() as tx:
        assert tx.parcels.manifest(manifest_id).state == "open"


def take(hands: Hands) -> PrintJob | None:
    with hands.store.write() as tx:
        return tx.parcels.take_job(hands.pack_station)


def test_print_jobs_are_taken_once_in_order(hands: Hands) -> None:
    parcel = labelled(hands, "T-1")
    with hands.store.write() as tx:
        label = tx.parcels.add_job("label", parcel, hands.pack_station, "sim:", '{"a":1}', AT)
        slip = tx.parcels.add_job(
            "slip",
            parcel,
            hands.pack_station,
            "lp://x",
            "{}",
            AT,
            reason="WHRLOST",
            reprint_of=label,
            payload=b"\x00^XA",
        )
        tx.parcels.add_job("label", parcel, hands.pick_station, "sim:", "{}", AT)
    first, second = take(hands), take(hands)
    assert first is not None
    assert second is not None
    assert (first.id, first.kind, first.state, first.content) == (
        label,
        "label",
        "sending",
        '{"a":1}',
    )
    assert (second.id, second.payload, second.reprint_of) == (slip, b"\x00^XA", label)
    assert take(hands) is None


def test_a_print_job_keeps_its_bytes_and_its_fate(hands: Hands) -> None:
    parcel = labelled(hands, "T-1")
    with hands.store.write() as tx:
        job = tx.parcels.add_job("label", parcel, hands.pack_station, "sim:", "{}", AT)
        assert tx.parcels.job(job).payload is None
        tx.parcels.set_job_payload(job, b"^XA^XZ")
        tx.parcels.set_job_state(job, "faulted", "paper out", LATER)
        got = tx.parcels.job(job)
        assert (got.payload, got.state, got.detail) == (b"^XA^XZ", "faulted", "paper out")
        assert tx.parcels.jobs_of(parcel, "label")[-1] == got
        assert tx.parcels.jobs_of(parcel, "slip") == []
        with pytest.raises(StoreError, match="999"):
            tx.parcels.job(999)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.parcels.set_job_state(999, "sent", "", AT)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.parcels.set_job_payload(999, b"")


def test_papers_are_voided_together(hands: Hands) -> None:
    parcel = labelled(hands, "T-1")
    with hands.store.write() as tx:
        tx.parcels.add_job("slip", parcel, hands.pack_station, "sim:", "{}", AT)
        tx.parcels.void_jobs(parcel, LATER)
        for kind in ("label", "slip"):
            assert {job.state for job in tx.parcels.jobs_of(parcel, kind)} == {"void"}
    assert take(hands) is None


def test_jobs_of_a_stopped_terminal_are_settled(hands: Hands) -> None:
    parcel = labelled(hands, "T-1")
    with hands.store.write() as tx:
        job = tx.parcels.add_job("label", parcel, hands.pack_station, "sim:", "{}", AT)
        waiting = tx.parcels.add_job("slip", parcel, hands.pack_station, "sim:", "{}", AT)
        tx.parcels.take_job(hands.pack_station)
        assert tx.parcels.settle_jobs(hands.pick_station, "unknown", "stopped", LATER) == 0
        assert tx.parcels.settle_jobs(hands.pack_station, "unknown", "stopped", LATER) == 1
        assert tx.parcels.job(job).state == "unknown"
        assert tx.parcels.job(waiting).state == "queued"


def test_orders_are_found_by_where_their_totes_stand(hands: Hands) -> None:
    first, second = picked(hands, "T-1"), picked(hands, "T-2")
    with hands.store.read() as tx:
        staging = tx.site.location_by_code("S-1")
        assert staging is not None
        assert tx.parcels.orders_at(staging.id) == [first.id, second.id]
        assert tx.parcels.orders_at(hands.box) == []
