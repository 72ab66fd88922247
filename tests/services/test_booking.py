"""Booked parcels: asked for in the same commit, labelled with the carrier's label, once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from data import doctor
from tests.services.fake_carrier import AWAY, LOST, REFUSED, FakeCarrier
from tests.services.pack_helpers import (
    OTHER,
    PACK,
    SHIP,
    content,
    end,
    hand_over,
    jobs,
    opened,
    parcels,
    picked,
    reach,
    sql,
    states,
)
from tests.services.test_customs import LONDON
from tests.world import LANTERN, MUG, SARA, World
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.shipments import Shipment
from wms_terminal.domain.text import T, stored
from wms_terminal.ports.carrier import CarrierSettings, LabelFormat
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.services import book, booking
from wms_terminal.services.deliver import DOUBTS, LEASE, Attempt, Post, deliver
from wms_terminal.services.step import Step


class Site:
    """A world whose PostNL is booked, and a worker for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.carrier = FakeCarrier()
        with world.store.write() as tx:
            tx.shipments.set_up(CarrierSettings("POSTNL", "fake", "https://fake.example"))

    @property
    def post(self) -> Post:
        return book.post(
            "POSTNL",
            self.carrier,
            LabelFormat.ZPL,
            lambda pdf: b"^XA^GFA" + pdf + b"^XZ",
            self.world.store,
            lambda: self.world.now,
        )

    def work(self) -> list[Attempt]:
        """Tell everything that is due."""
        done: list[Attempt] = []
        while True:
            attempt = deliver(self.world.store, self.post, "one", lambda: self.world.now)
            if attempt is Attempt.NOTHING:
                return done
            done.append(attempt)

    def packed(self, *lines: tuple[str, int], **changes: Any) -> Order:
        """An order whose only parcel is closed."""
        order = opened(self.world, *(lines or ((LANTERN, 1),)), **changes)
        reach(self.world, PACK, "label")
        return order

    def shipment(self, order: Order) -> Shipment:
        with self.world.store.read() as tx:
            return tx.shipments.of_order(order.id)[-1]

    def messages(self, order: Order) -> list[Message]:
        with self.world.store.read() as tx:
            return [item for item in tx.outbox.of_order(order.id) if "carrier" in item.target]

    def events(self, order: Order) -> list[str]:
        with self.world.store.read() as tx:
            return [event.kind for event in tx.orders.events(order.id)]

    def look(self, station: str = PACK) -> Step:
        return self.world.floor.look(station)


@pytest.fixture
def site(world: World) -> Site:
    return Site(world)


def code(step: Step) -> str:
    assert step.message is not None
    return step.message.code


def test_a_closed_parcel_is_asked_for_in_the_same_commit(site: Site) -> None:
    order = site.packed()
    shipment = site.shipment(order)
    (message,) = site.messages(order)
    assert (shipment.state, shipment.carrier, shipment.order_id) == ("wanted", "POSTNL", order.id)
    assert (message.target, message.kind, message.state) == ("carrier:POSTNL", "book", "pending")
    assert json.loads(message.payload) == {"shipment": shipment.id}
    # Only the packing slip is printed: our own label would be a second one.
    assert jobs(site.world, order) == []
    assert len(jobs(site.world, order, kind="slip")) == 1


def test_a_carrier_with_our_own_labels_is_not_booked(world: World) -> None:
    order = opened(world, (LANTERN, 1))
    reach(world, PACK, "label")
    assert len(jobs(world, order)) == 1
    with world.store.read() as tx:
        assert tx.shipments.of_order(order.id) == []
        assert tx.shipments.carriers() == []


def test_a_carrier_learns_what_it_has_to_know(site: Site) -> None:
    order = site.packed((LANTERN, 1), (MUG, 2))
    site.work()
    (told,) = site.carrier.heard
    assert (told.order_number, told.receiver.city) == (order.number, "Amsterdam")
    assert (told.sender.name, told.email) == ("Test Shop", "klant@example.com")
    assert told.weight_g > 1400
    assert min(told.length_mm, told.width_mm, told.height_mm) > 0
    assert [(item.sku, item.quantity) for item in told.items] == [(LANTERN, 1), (MUG, 2)]


def test_the_label_comes_out_where_the_parcel_was_closed(site: Site) -> None:
    order = site.packed()
    assert site.work() == [Attempt.SETTLED]
    (job,) = jobs(site.world, order)
    shipment = site.shipment(order)
    assert (shipment.state, shipment.tracking) == ("booked", "3STEST000000001")
    assert (job.state, job.payload) == ("queued", b"^XA^FD3STEST000000001^FS^XZ")
    with site.world.store.read() as tx:
        station = tx.site.station(PACK)
        assert station is not None
        assert job.station_id == station.id
        assert tx.parcels.jobs_wait(station.id)
        assert tx.shipments.label(shipment.id) == job.payload


def test_a_pdf_is_drawn_for_the_label_printer(site: Site) -> None:
    site.carrier.format = LabelFormat.PDF
    order = site.packed()
    site.work()
    (job,) = jobs(site.world, order)
    assert job.payload == b"^XA^GFA^XA^FD3STEST000000001^FS^XZ^XZ"
    assert site.shipment(order).form == "application/pdf"


def test_nobody_waits_for_a_carrier(site: Site) -> None:
    site.packed()
    step = site.look()
    assert step.prompt == T("PUT IT ASIDE AND GO ON: THE LABEL COMES")
    following = picked(site.world, (MUG, 1))
    step = site.world.scan(PACK, following.number)
    assert (step.state, code(step)) == ("verify", "opened")
    with site.world.store.read() as tx:
        sara = next(person for person in tx.site.operators() if person.supervisor)
        assert tx.orders.notices(sara) == []


def test_what_cannot_be_scanned_yet_is_refused(site: Site) -> None:
    order = site.packed()
    step = site.world.scan(PACK, "00" + parcels(site.world, order)[0].sscc)
    assert code(step) == "needs_first"
    assert states(site.world, order) == ["packed"]


@pytest.mark.parametrize(
    "scanned",
    ["3STEST000000001", "3stest000000001", "%0071RB3STEST000000001327NL", "]C13STEST000000001"],
)
def test_the_tracking_code_confirms_the_parcel(site: Site, scanned: str) -> None:
    order = site.packed()
    site.work()
    site.world.printed()
    step = site.world.scan(PACK, scanned)
    assert code(step) == "labelled"
    assert states(site.world, order) == ["labelled"]


def test_of_a_booked_parcel_only_the_carriers_label_counts(site: Site) -> None:
    order = site.packed()
    site.work()
    site.world.printed()
    step = site.world.scan(PACK, "00" + parcels(site.world, order)[0].sscc)
    assert code(step) == "wrong_label"
    assert states(site.world, order) == ["packed"]


def test_the_label_of_another_parcel_is_refused(site: Site) -> None:
    first, second = site.packed(), None
    site.world.scan(PACK, "WHCSKIP")
    second = opened(site.world, (MUG, 1))
    reach(site.world, PACK, "label")
    site.work()
    site.world.printed()
    mine, other = site.shipment(second).tracking, site.shipment(first).tracking
    assert code(site.world.scan(PACK, other)) == "wrong_label"
    site.world.scan(PACK, "WHCOK")
    assert code(site.world.scan(PACK, f"{other}{mine}")) != "labelled"
    site.world.scan(PACK, "WHCOK")
    assert code(site.world.scan(PACK, mine)) == "labelled"
    assert (states(site.world, first), states(site.world, second)) == (["packed"], ["labelled"])


def test_a_label_that_comes_later_is_scanned_whatever_is_done_meanwhile(site: Site) -> None:
    order = site.packed()
    following = picked(site.world, (MUG, 1))
    site.world.scan(PACK, following.number)
    site.work()
    site.world.printed()
    step = site.world.scan(PACK, site.shipment(order).tracking)
    assert (step.state, code(step)) == ("verify", "labelled")
    assert states(site.world, order) == ["labelled"]


def test_where_several_wait_the_order_is_named_first(site: Site) -> None:
    first = site.packed()
    second = opened(site.world, (MUG, 1))
    site.world.scan(PACK, second.number)
    reach(site.world, PACK, "label")
    site.world.scan(PACK, "WHCSKIP")
    site.work()
    site.world.printed()
    tracking = site.shipment(first).tracking
    step = site.world.scan(PACK, tracking)
    assert code(step) == "needs_first"
    step = site.world.scan(PACK, "WHCOK", first.number, tracking)
    assert code(step) == "labelled"
    assert (states(site.world, first), states(site.world, second)) == (["labelled"], ["packed"])


def test_a_label_of_another_bench_is_not_scanned_by_the_way(site: Site) -> None:
    order = site.packed()
    site.world.scan(PACK, "WHCSKIP", "WHCOUT")
    opened(site.world, (MUG, 1), station=OTHER)
    site.work()
    site.world.printed()
    step = site.world.scan(OTHER, site.shipment(order).tracking)
    assert (step.state, code(step)) == ("verify", "wrong_parcel")
    assert states(site.world, order) == ["packed"]


def test_an_answer_that_was_lost_books_once(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [LOST, AWAY, RuntimeError("a bug")]
    for _ in range(4):
        site.work()
        site.world.wait(hours=1)
    assert len(site.carrier.heard) == 4
    assert list(site.carrier.booked) == [site.shipment(order).key]
    assert site.shipment(order).state == "booked"
    assert len(jobs(site.world, order)) == 1


def test_a_worker_that_dies_between_answer_and_commit_books_once(site: Site) -> None:
    order = site.packed()
    with site.world.store.write() as tx:
        message = tx.outbox.claim(
            "carrier:POSTNL", "dead", stamp(site.world.now), stamp(site.world.now + LEASE)
        )
    assert message is not None
    site.post.tell(message)
    assert site.work() == []
    site.world.now += LEASE
    assert site.work() == [Attempt.SETTLED]
    assert len(site.carrier.heard) == 2
    assert len(site.carrier.booked) == 1
    assert len(jobs(site.world, order)) == 1


def test_a_refusal_is_told_by_name_and_the_ship_desk_decides(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [REFUSED]
    site.work()
    shipment = site.shipment(order)
    assert (shipment.state, shipment.detail) == ("refused", "The postcode does not exist.")
    assert "refused" in site.events(order)
    with site.world.store.read() as tx:
        sara = next(person for person in tx.site.operators() if person.supervisor)
        (notice,) = tx.orders.notices(sara)
        assert "The postcode does not exist." in notice.text
    assert site.look().prompt == T("PUT IT ASIDE: THE SHIP DESK DECIDES")
    step = site.world.scan(SHIP, SARA, "WHCSHIP", order.number)
    assert [key.code for key in step.keys][:3] == ["WHCRETRY", "WHCOWN", "WHCSKIP"]


def test_a_carrier_is_asked_again(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [REFUSED]
    site.work()
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCRETRY")
    assert site.shipment(order).state == "wanted"
    assert code(site.world.scan(SHIP, "WHCRETRY")) == "already_done"
    assert site.work() == [Attempt.SETTLED]
    assert site.shipment(order).state == "booked"
    (job,) = jobs(site.world, order)
    with site.world.store.read() as tx:
        assert tx.site.station_by_id(job.station_id).code == SHIP


def test_a_worker_that_does_not_ask_is_noticed_at_the_ship_desk(site: Site) -> None:
    order = site.packed()
    step = site.world.scan(SHIP, SARA, "WHCSHIP", order.number)
    assert step.prompt == T("THE CARRIER IS BEING ASKED")
    site.world.now += timedelta(minutes=3)
    step = site.world.scan(SHIP, "WHCSKIP", order.number)
    assert step.prompt == T("NO ANSWER YET: OWN LABEL, OR LOOK AT THE WORKER")


def test_our_own_label_goes_on_instead(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [REFUSED]
    site.work()
    step = site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN")
    (job,) = jobs(site.world, order)
    assert content(job)["sscc"] == parcels(site.world, order)[0].sscc
    site.world.printed()
    step = site.world.scan(SHIP, step.hint)
    assert code(step) == "labelled"
    assert (site.shipment(order).own, site.carrier.cancelled) == (True, [])
    with site.world.store.read() as tx:
        assert [item.state for item in tx.outbox.of_order(order.id)] == ["done"]
    (parcel,) = parcels(site.world, order)
    with site.world.store.read() as tx:
        assert booking.label_code(tx, parcel.id, "x") == "00x"


def test_our_own_label_before_an_answer_is_asked_twice_and_cancels_what_comes(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [LOST]
    site.work()
    step = site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN")
    assert code(step) == "own_label"
    assert jobs(site.world, order) == []
    site.world.scan(SHIP, "WHCOWN")
    assert len(jobs(site.world, order)) == 1
    site.world.wait(hours=1)
    assert site.work() == [Attempt.SETTLED, Attempt.SETTLED]
    assert site.carrier.cancelled == ["remote-1"]
    assert site.shipment(order).state == "cancelled"
    assert len(jobs(site.world, order)) == 1


def test_what_is_called_off_before_it_was_told_is_never_booked(site: Site) -> None:
    order = site.packed()
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN", "WHCOWN")
    assert site.work() == [Attempt.SETTLED]
    assert site.carrier.heard == []


def test_doubt_without_an_end_is_for_a_person_and_is_cleared_up(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [LOST] * DOUBTS
    for _ in range(DOUBTS):
        site.work()
        site.world.wait(hours=1)
    shipment = site.shipment(order)
    assert (shipment.state, shipment.in_doubt) == ("refused", True)
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN")
    assert site.work() == [Attempt.SETTLED]
    assert site.carrier.cancelled == ["remote-1"]


def test_a_label_that_is_of_no_use_is_refused_and_its_booking_found_again(site: Site) -> None:
    site.carrier.tracking = ""
    order = site.packed()
    site.work()
    shipment = site.shipment(order)
    assert (shipment.state, shipment.in_doubt) == ("refused", True)
    assert "tracking" in shipment.detail
    site.carrier.unlike(shipment.key, tracking="3S NOW 0000001")
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCRETRY")
    site.work()
    assert site.shipment(order).tracking == "3SNOW0000001"
    assert len(site.carrier.booked) == 1


def test_reopening_cancels_the_booking_and_its_label_is_void(site: Site) -> None:
    order = site.packed()
    site.work()
    site.world.printed()
    tracking = site.shipment(order).tracking
    site.world.scan(PACK, tracking, "WHCREOP", tracking)
    assert site.shipment(order).state == "cancelled"
    site.work()
    assert site.carrier.cancelled == ["remote-1"]
    assert "booking" in site.events(order)
    site.world.scan(PACK, "WHCTAKE")
    reach(site.world, PACK, "label")
    # Nothing says what was printed before: the new label is still to come.
    assert site.look().prompt == T("PUT IT ASIDE AND GO ON: THE LABEL COMES")
    site.work()
    site.world.printed()
    assert code(site.world.scan(PACK, tracking)) == "void_label"
    site.world.scan(PACK, "WHCOK", site.shipment(order).tracking)
    assert states(site.world, order) == ["labelled"]
    assert len(site.carrier.booked) == 2


def test_a_parcel_without_a_label_is_reopened_by_its_order(site: Site) -> None:
    order = site.packed()
    site.world.scan(PACK, "WHCSKIP", "WHCREOP", order.number)
    assert states(site.world, order) == ["open"]
    assert site.work() == [Attempt.SETTLED]
    assert site.carrier.heard == []


def test_a_reprint_is_the_same_bytes(site: Site) -> None:
    order = site.packed()
    site.work()
    (first,) = jobs(site.world, order)
    end(site.world, first, PrintState.FAULTED, stored("Paper out"))
    end(site.world, jobs(site.world, order, kind="slip")[0], PrintState.SENT)
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number)
    again = jobs(site.world, order)[-1]
    assert (again.reprint_of, again.payload) == (first.id, first.payload)
    site.world.printed()
    assert code(site.world.scan(SHIP, site.look(SHIP).hint)) == "labelled"


def test_customs_papers_are_the_carrier_s_where_it_has_some(site: Site) -> None:
    site.carrier.documents = (b"%PDF-1 CN23", b"%PDF-1 invoice")
    order = site.packed(customer=LONDON)
    assert jobs(site.world, order, kind="customs") == []
    site.work()
    papers = jobs(site.world, order, kind="customs")
    assert [job.payload for job in papers] == list(site.carrier.documents)
    facts = {str(label): str(value) for label, value in site.look().view.facts}
    assert facts["Customs papers"] == "The carrier's own, in the pouch on the parcel"
    end(site.world, papers[1], PrintState.FAULTED, stored("Paper out"))
    end(site.world, papers[0], PrintState.SENT)
    end(site.world, jobs(site.world, order)[-1], PrintState.SENT)
    site.world.scan(PACK, "WHCPRNT", "WHRNOOUT")
    states = [(job.state, job.payload) for job in jobs(site.world, order, kind="customs")]
    assert states == [
        (PrintState.SENT, b"%PDF-1 CN23"),
        (PrintState.VOID, b"%PDF-1 invoice"),
        (PrintState.QUEUED, b"%PDF-1 invoice"),
    ]


def test_ours_go_along_where_the_carrier_has_none(site: Site) -> None:
    order = site.packed(customer=LONDON)
    assert jobs(site.world, order, kind="customs") == []
    site.work()
    (job,) = jobs(site.world, order, kind="customs")
    assert content(job)["order_number"] == order.number


def test_our_own_label_has_our_own_customs_papers(site: Site) -> None:
    order = site.packed(customer=LONDON)
    site.carrier.troubles = [REFUSED]
    site.work()
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN")
    assert [job.state for job in jobs(site.world, order)] == [PrintState.QUEUED]
    (job,) = jobs(site.world, order, kind="customs")
    assert content(job)["order_number"] == order.number


def test_a_label_is_found_by_its_own_end(site: Site) -> None:
    order = site.packed()
    site.work()
    site.world.printed()
    end_of_it = f"…{site.shipment(order).tracking[-6:]}"
    assert str(site.look().view.place) == end_of_it
    assert str(site.world.scan(SHIP, SARA, "WHCSHIP", order.number).view.place) == end_of_it
    site.world.scan(SHIP, site.look(SHIP).hint)
    step = site.world.scan(SHIP, "CARPOSTNL")
    assert step.view.table is not None
    assert step.view.table.rows == ((order.number, "1", end_of_it),)


def test_a_slip_comes_again_while_the_label_is_awaited(site: Site) -> None:
    order = site.packed()
    (slip,) = jobs(site.world, order, kind="slip")
    end(site.world, slip, PrintState.FAULTED)
    step = site.world.scan(PACK, "WHCPRNT", "WHR1")
    assert step.flow == "pack"
    assert jobs(site.world, order) == []


def test_a_bench_without_a_label_printer_leaves_it_to_the_ship_desk(site: Site) -> None:
    sql(site.world, "UPDATE station SET printer = '' WHERE code = 'PACK-02' RETURNING id")
    order = opened(site.world, (LANTERN, 1), station=OTHER)
    reach(site.world, OTHER, "label")
    site.work()
    (job,) = jobs(site.world, order)
    with site.world.store.read() as tx:
        assert tx.site.station_by_id(job.station_id).code == SHIP


def test_channel_and_customer_get_the_tracking_number(site: Site) -> None:
    with site.world.store.write() as tx:
        tx.channels.put(ChannelSettings("web", "file", "/tmp/none"), 60)
        tx.site.set_setting("mail.from", "shop@example.com")
    order = site.packed()
    site.work()
    site.world.printed()
    site.world.scan(PACK, site.shipment(order).tracking)
    site.world.scan(SHIP, SARA, "WHCSHIP", "CARPOSTNL", f"%{site.shipment(order).tracking}%NL")
    hand_over(site.world)
    assert states(site.world, order) == ["shipped"]
    with site.world.store.read() as tx:
        told = {item.kind: json.loads(item.payload) for item in tx.outbox.of_order(order.id)}
    link = "https://track.example/3STEST000000001"
    assert (told["ship"]["tracking"], told["ship"]["tracking_url"]) == ("3STEST000000001", link)
    (parcel,) = told["shipped"]["parcels"]
    assert (parcel["tracking"], parcel["tracking_url"]) == ("3STEST000000001", link)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "http://x.example", "https://a@b.example"])
def test_a_link_that_is_no_plain_https_address_is_not_kept(site: Site, link: str) -> None:
    order = site.packed()
    site.carrier.troubles = [LOST]
    site.work()
    site.carrier.unlike(site.shipment(order).key, tracking_url=link)
    site.world.wait(hours=1)
    site.work()
    assert (site.shipment(order).state, site.shipment(order).tracking_url) == ("booked", "")


def test_look_up_finds_a_parcel_by_its_tracking_number(site: Site) -> None:
    order = site.packed()
    step = site.world.scan(SHIP, SARA, "WHCLOOK", order.number)
    assert "POSTNL is asked for it" in str([str(value) for _, value in step.view.facts])
    site.work()
    step = site.world.scan(SHIP, site.shipment(order).tracking)
    facts = {str(name): str(value) for name, value in step.view.facts}
    assert facts["Booking"] == "POSTNL 3STEST000000001"
    assert facts["Tracking"] == "https://track.example/3STEST000000001"


def test_the_ship_desk_does_not_send_people_to_what_is_being_asked_for(site: Site) -> None:
    site.packed()
    site.world.scan(PACK, "WHCSKIP")
    step = site.world.scan(SHIP, SARA, "WHCSHIP")
    assert step.hint == ""
    assert step.view.table is not None
    assert "POSTNL is asked for it" in str(step.view.table.rows[0][2])


def test_doctor_misses_a_message_and_a_booking(site: Site) -> None:
    order = site.packed()
    sql(site.world, "UPDATE outbox SET state = 'done' WHERE kind = 'book' RETURNING id")
    with site.world.store.read() as tx:
        assert [item.check for item in doctor.examine(tx)] == ["wanted_labels_are_asked_for"]
    sql(site.world, "UPDATE outbox SET state = 'pending' WHERE kind = 'book' RETURNING id")
    site.work()
    site.world.printed()
    site.world.scan(PACK, site.shipment(order).tracking)
    sql(site.world, "UPDATE shipment SET state = 'cancelled' RETURNING id")
    with site.world.store.read() as tx:
        found = [item.check for item in doctor.examine(tx)]
    assert found == ["booked_parcels_leave_with_their_label"]
    sql(site.world, "UPDATE shipment SET state = 'booked' RETURNING id")


def test_a_booking_that_is_made_by_two_workers_prints_one_label(site: Site) -> None:
    order = site.packed()
    with site.world.store.write() as tx:
        slow = tx.outbox.claim("carrier:POSTNL", "slow", stamp(site.world.now), "2026-03-03T12:05")
    assert slow is not None
    late = site.post
    told = late.tell(slow)
    site.world.now += LEASE
    assert site.work() == [Attempt.SETTLED]
    with site.world.store.write() as tx:
        late.settled(tx, slow, told)
    assert len(jobs(site.world, order)) == 1
    assert site.messages(order)[0].state is OutboxState.DONE


def test_what_was_called_off_in_doubt_is_cancelled_even_when_doubt_never_ends(site: Site) -> None:
    order = site.packed()
    site.carrier.troubles = [LOST] * DOUBTS
    site.work()
    site.world.scan(SHIP, SARA, "WHCSHIP", order.number, "WHCOWN", "WHCOWN")
    for _ in range(DOUBTS):
        site.world.wait(hours=1)
        site.work()
    assert site.carrier.cancelled == ["remote-1"]
