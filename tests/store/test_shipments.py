"""Bookings of parcels: one key each, one state after the other, found by what a label holds."""

from __future__ import annotations

import pytest

from tests.store.hands import AT, LATER, Hands
from wms_terminal.domain.shipments import Shipment, ShipmentState
from wms_terminal.ports.carrier import Booking, CarrierSettings, LabelFormat
from wms_terminal.ports.store import StoreConflict

LABEL = bytes(range(256))


def booking(tracking: str = "3SABCD000000001", **changes: str) -> Booking:
    link = changes.get("link", "https://track.example/1")
    return Booking("remote-1", tracking, link, LABEL, LabelFormat.PDF)


def sealed(hands: Hands, tote: str = "T-1", *lines: tuple[str, int]) -> int:
    """A parcel that is closed."""
    order = hands.order(*(lines or (("MUG", 2),)))
    hands.pick(order, tote)
    parcel = hands.open_parcel(order)
    hands.fill(order, parcel)
    hands.seal(order, parcel)
    return parcel


def want(hands: Hands, parcel: int, key: str = "one") -> Shipment:
    with hands.store.write() as tx:
        return tx.shipments.want(parcel, key, "STD", hands.pack_station, AT)


def book(hands: Hands, shipment: Shipment, what: Booking | None = None) -> Shipment:
    with hands.store.write() as tx:
        tx.shipments.book(shipment.id, what or booking(), LATER)
        return tx.shipments.get(shipment.id)


def test_a_carrier_is_ours_until_it_is_set_up(hands: Hands) -> None:
    with hands.store.write() as tx:
        carrier = tx.site.carrier(hands.carrier)
        assert (carrier.kind, tx.shipments.carriers()) == ("own", [])
        settings = CarrierSettings(carrier.code, "sendcloud", "https://x.example", {"dpi": "300"})
        tx.shipments.set_up(settings)
    with hands.store.write() as tx:
        assert tx.shipments.carriers() == [settings]
        assert tx.site.carrier(hands.carrier).kind == "sendcloud"
        # Its name is kept apart from how it is reached.
        tx.site.put_carrier(carrier.code, "Another name")
        assert tx.site.carrier(hands.carrier).kind == "sendcloud"
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.set_up(CarrierSettings("NONE", "sendcloud"))


def test_a_booking_is_kept_as_it_came(hands: Hands) -> None:
    parcel = sealed(hands)
    wanted = want(hands, parcel)
    assert (wanted.state, wanted.station_id, wanted.own) == ("wanted", hands.pack_station, False)
    with hands.store.read() as tx:
        assert wanted.order_id == tx.parcels.get(parcel).order_id
        assert tx.shipments.label(wanted.id) == b""
    booked = book(hands, wanted)
    with hands.store.read() as tx:
        assert tx.shipments.label(wanted.id) == LABEL
        assert tx.shipments.of_parcel(parcel) == booked
        assert tx.shipments.of_order(booked.order_id) == [booked]
    assert (booked.state, booked.tracking, booked.form) == (
        ShipmentState.BOOKED,
        "3SABCD000000001",
        "application/pdf",
    )
    assert (booked.tracking_url, booked.at) == ("https://track.example/1", LATER)


def test_a_key_is_used_once(hands: Hands) -> None:
    parcel = sealed(hands)
    want(hands, parcel)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.want(parcel, "one", "STD", hands.pack_station, AT)


def test_each_state_follows_another(hands: Hands) -> None:
    shipment = want(hands, sealed(hands))
    with hands.store.write() as tx:
        tx.shipments.refuse(shipment.id, "No such postcode", AT, in_doubt=True)
        found = tx.shipments.get(shipment.id)
        assert (found.state, found.detail, found.in_doubt) == ("refused", "No such postcode", True)
    with hands.store.write() as tx:
        tx.shipments.want_again(shipment.id, None, AT)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.want_again(shipment.id, None, AT)
    booked = book(hands, shipment)
    assert (booked.detail, booked.in_doubt) == ("", False)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.book(shipment.id, booking(), AT)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.refuse(shipment.id, "", AT, in_doubt=False)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.came_late(shipment.id, booking())
    with hands.store.write() as tx:
        tx.shipments.call_off(shipment.id, AT, own=True)
        assert tx.shipments.get(shipment.id).own
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.shipments.call_off(shipment.id, AT, own=False)
    with hands.store.write() as tx:
        tx.shipments.came_late(shipment.id, booking("3SLATE00000001"))
        found = tx.shipments.get(shipment.id)
    assert (found.state, found.tracking) == ("cancelled", "3SLATE00000001")


def test_a_parcel_is_found_by_its_tracking_number(hands: Hands) -> None:
    parcel = sealed(hands)
    old = book(hands, want(hands, parcel))
    with hands.store.write() as tx:
        tx.shipments.call_off(old.id, AT, own=False)
    new = book(hands, want(hands, parcel, "two"), booking("3SABCD000000002"))
    with hands.store.read() as tx:
        assert tx.shipments.by_tracking(("3SABCD000000002", "")) == new
        assert tx.shipments.by_tracking(("3SABCD000000001",)) == tx.shipments.get(old.id)
        assert tx.shipments.by_tracking(("", "3SABCD")) is None
        assert tx.shipments.of_parcel(parcel) == new


def test_a_live_booking_is_found_before_one_that_was_called_off(hands: Hands) -> None:
    live = book(hands, want(hands, sealed(hands)))
    off = book(hands, want(hands, sealed(hands, "T-2"), "two"))
    with hands.store.write() as tx:
        tx.shipments.call_off(off.id, AT, own=False)
        assert tx.shipments.by_tracking((live.tracking,)) == live


def test_a_code_that_holds_tracking_numbers_names_the_parcels_in_the_house(hands: Hands) -> None:
    one, two = sealed(hands), sealed(hands, "T-2")
    first = book(hands, want(hands, one))
    second = book(hands, want(hands, two, "two"), booking("jjd0100002"))
    with hands.store.read() as tx:
        rooms = tx.shipments
        assert rooms.inside("%007101RB3SABCD000000001327", 2) == [first]
        assert rooms.inside("PREJJD0100002POST", 2) == [second]
        assert rooms.inside("3SABCD000000001+JJD0100002", 2) == [first, second]
        assert rooms.inside("3SABCD00000000", 2) == []
        assert rooms.inside("%", 2) == []
        assert tx.shipments.to_label(hands.pack_station) == [first, second]
    order = hands.find(str(1001))
    hands.label(order, one)
    with hands.store.read() as tx:
        assert tx.shipments.inside("X3SABCD000000001", 2) == [first]
        assert tx.shipments.to_label(hands.pack_station) == [second]
    hands.load(one)
    with hands.store.read() as tx:
        assert tx.shipments.inside("X3SABCD000000001", 2) == [first]


def test_what_is_in_a_parcel_is_told_line_by_line(hands: Hands) -> None:
    parcel = sealed(hands, "T-1", ("MUG", 2), ("SALT", 12))
    with hands.store.read() as tx:
        items = tx.shipments.items(parcel)
    # Salt of two lots is one line.
    assert [(item.sku, item.quantity, item.weight_g) for item in items] == [
        ("MUG", 2, 300),
        ("SALT", 12, 500),
    ]
    assert {item.currency for item in items} == {"EUR"}


def test_whether_a_paper_waits_for_a_station(hands: Hands) -> None:
    parcel = sealed(hands)
    with hands.store.write() as tx:
        while tx.parcels.take_job(hands.pack_station) is not None:
            pass
        assert not tx.parcels.jobs_wait(hands.pack_station)
        tx.parcels.add_job("label", parcel, hands.pack_station, "sim:", "{}", AT, payload=LABEL)
        assert tx.parcels.jobs_wait(hands.pack_station)
        job = tx.parcels.take_job(hands.pack_station)
        assert job is not None
        assert job.payload == LABEL
        assert not tx.parcels.jobs_wait(hands.pack_station)


def test_a_service_keeps_the_carriers_own_code(hands: Hands) -> None:
    with hands.store.write() as tx:
        (service, *_) = tx.site.services()
        assert service.option == ""
