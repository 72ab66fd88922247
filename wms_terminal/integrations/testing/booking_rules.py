"""What a carrier must hold to about booking a parcel, and about its label."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from wms_terminal.domain.label import Address
from wms_terminal.integrations.carriers import label_file
from wms_terminal.integrations.testing.carrier_counterpart import Booked, CarrierCounterpart
from wms_terminal.integrations.testing.counterpart import RETRY_AFTER_S, Call, Fault
from wms_terminal.integrations.testing.rule import (
    ANNA,
    MOST_REPEATS,
    MOST_STEPS,
    UNANSWERED,
    UNDONE,
    plain,
)
from wms_terminal.ports.carrier import (
    Booking,
    BookingInDoubt,
    Carrier,
    CarrierAway,
    CarrierRefused,
    Consignment,
    Item,
    LabelFormat,
)

Rule = Callable[[CarrierCounterpart], None]
"""Raises AssertionError when the carrier breaks it."""

SITE = Address("Magazijn", "Voorbeeld BV", "Havenweg 12", "", "3011 AA", "Rotterdam", "", "NL")
BOB = Address("Bob Example", "", "Bahnhofstrasse 3", "", "8001", "Zurich", "", "CH")
MUGS = Item("71053", "White metal lantern", 2, 1250, "EUR", 400, "940550", "CN")


def parcel(c: CarrierCounterpart, key: str = "P-1", receiver: Address = ANNA) -> Consignment:
    """A parcel of two lanterns, weighed and measured."""
    return Consignment(
        key=key,
        order_number="1001",
        option=c.option,
        sender=SITE,
        receiver=receiver,
        email="anna@example.com",
        phone="+31612345678",
        weight_g=1250,
        length_mm=300,
        width_mm=200,
        height_mm=150,
        items=(MUGS,),
    )


def agreed(
    c: CarrierCounterpart,
    carrier: Carrier,
    consignment: Consignment,
    form: LabelFormat = LabelFormat.ZPL,
) -> Booking:
    """Book until the carrier is not away and nothing is in doubt."""
    said: Exception | None = None
    for _ in range(MOST_REPEATS):
        try:
            return carrier.book(consignment, form)
        except (CarrierAway, BookingInDoubt) as error:
            said = error
            c.tick()
    raise AssertionError(f"still {said!r} after {MOST_REPEATS} attempts")


def once(c: CarrierCounterpart, consignment: Consignment, booking: Booking) -> Booked:
    """The one booking that is recorded for a consignment; it must be this one."""
    found = c.bookings(consignment.key)
    assert len(found) == 1, f"{consignment.key} was to be booked once, booked {len(found)} times"
    said, recorded = (booking.remote_id, booking.tracking), (found[0].remote_id, found[0].tracking)
    assert said == recorded, f"{consignment.key}: said to be {said}, booked as {recorded}"
    return found[0]


def refused(ask: Callable[[], object], what: str) -> None:
    """Ask something that must be refused, with a reason."""
    said = None
    try:
        ask()
    except CarrierRefused as error:
        said = str(error)
    assert said is not None, f"{what}: expected a refusal, got an answer"
    assert said.strip(), f"{what} is refused without saying why"


def services_are_offered(c: CarrierCounterpart) -> None:
    """With a code each, and asking changes nothing; it need not offer any."""
    carrier = c.carrier()
    before = c.hits(Call.WRITE)
    found = carrier.options(parcel(c))
    codes = [one.code for one in found]
    assert len({*codes, ""}) == len(codes) + 1, f"expected each code once, got {codes}"
    assert not codes or c.option in codes, f"{c.option} is offered, told {codes}"
    for one in found:
        assert one.name, f"{one.code} has no name"
        assert one.price is None or one.currency, f"{one.code}: a price without currency"
    assert c.hits(Call.WRITE) == before, "asking for services wrote something"


def a_parcel_is_booked(c: CarrierCounterpart) -> None:
    """As it is: to whom, how heavy, with which label."""
    carrier, consignment = c.carrier(), parcel(c)
    booking = agreed(c, carrier, consignment)
    assert booking.remote_id, "a booking has an id"
    assert booking.tracking, "a booking has a tracking number"
    url = booking.tracking_url
    assert url.startswith("http") or not url, f"expected an address to follow it, got {url!r}"
    found = once(c, consignment, booking)
    for name in ("name", "company", "street", "extra", "postcode", "city", "country"):
        sent, came = plain(getattr(ANNA, name)), plain(getattr(found.receiver, name))
        assert sent == came, f"{name}: expected {sent!r}, booked {came!r}"
    assert found.weight_g == consignment.weight_g, f"1250 g, booked {found.weight_g}"
    assert found.items in ({}, {MUGS.sku: 2}), f"2 of {MUGS.sku}, booked {found.items}"


def a_label_is_what_it_says(c: CarrierCounterpart) -> None:
    """ZPL or PDF, as was asked for where it can be, and never anything else."""
    for form in LabelFormat:
        consignment = parcel(c, f"P-{form.name}")
        booking = agreed(c, c.carrier(), consignment, form)
        found = label_file.sort(booking.label)
        assert found is booking.format, f"said to be {booking.format}, it is {found}"
        if form is LabelFormat.ZPL:
            assert found is form, "ZPL was asked for, got a PDF"


def a_key_books_once(c: CarrierCounterpart) -> None:
    """Asked again, by the same worker and another, for another form; another key is another."""
    carrier, other = c.carrier(), c.carrier()
    consignment = parcel(c)
    first = agreed(c, carrier, consignment)
    for teller, form in ((carrier, LabelFormat.ZPL), (other, LabelFormat.PDF)):
        again = agreed(c, teller, consignment, form)
        assert (again.remote_id, again.tracking) == (first.remote_id, first.tracking), (
            f"the same key was booked as {first.tracking}, then as {again.tracking}"
        )
        once(c, consignment, again)
    for key in ("P-11", "P", "p-1"):
        longer = parcel(c, key)
        another = agreed(c, other, longer)
        assert another.remote_id != first.remote_id, f"{key} was taken for {consignment.key}"
        once(c, longer, another)
    once(c, consignment, first)


def a_lost_answer_books_once(c: CarrierCounterpart) -> None:
    """Whichever request of it was lost: in doubt, and asked again it is found or booked."""
    for fault in UNANSWERED:
        for nth in range(MOST_STEPS):
            carrier, consignment = c.carrier(), parcel(c, f"{fault}-{nth}")
            where = f"{fault} of write {nth + 1}"
            if not c.inject(fault, Call.WRITE, nth):
                break
            booking = said = None
            try:
                booking = carrier.book(consignment, LabelFormat.ZPL)
            except (CarrierAway, CarrierRefused, BookingInDoubt) as error:
                said = error
            if not c.heal():
                assert booking, f"{where}: {said!r}, although nothing failed"
                assert nth, "it was booked without any write"
                break
            assert isinstance(said, BookingInDoubt), f"{where}: expected in doubt, got {said!r}"
            once(c, consignment, agreed(c, c.carrier(), consignment))


def a_busy_carrier_books_once(c: CarrierCounterpart) -> None:
    """Sent away by a read or a write: said so, and booked once in the end."""
    for fault in UNDONE:
        for call in Call:
            for nth in range(MOST_STEPS):
                consignment = parcel(c, f"{fault}-{call}-{nth}")
                where = f"{fault} of {call} {nth + 1}"
                if not c.inject(fault, call, nth, 1 if call is Call.WRITE else 1_000):
                    break
                said: Exception | None = None
                carrier = c.carrier()
                try:
                    carrier.book(consignment, LabelFormat.ZPL)
                except (CarrierAway, CarrierRefused, BookingInDoubt) as error:
                    said = error
                hit = c.heal()
                if hit:
                    known = isinstance(said, CarrierAway | BookingInDoubt)
                    known |= said is None and call is Call.WRITE  # that is another rule's
                    assert known, f"{where}: expected away or in doubt, got {said!r}"
                    if isinstance(said, CarrierAway):
                        there = c.bookings(consignment.key)
                        assert not there, f"{where}: said that nothing was booked, booked {there}"
                once(c, consignment, agreed(c, carrier, consignment))
                if not hit:
                    break


def a_booking_is_sent_once_a_call(c: CarrierCounterpart) -> None:
    """The worker tries again, not the carrier."""
    for fault in (Fault.BUSY, Fault.LOST_BEFORE):
        before = c.hits(Call.WRITE)
        if not c.inject(fault, Call.WRITE, 0, 1_000):
            continue
        with suppress(CarrierAway, BookingInDoubt):
            c.carrier().book(parcel(c, f"P-{fault}"), LabelFormat.ZPL)
        c.heal()
        sent = c.hits(Call.WRITE) - before
        assert sent == 1, f"after {fault} a booking was sent {sent} times in one call"


def how_long_to_wait_is_told(c: CarrierCounterpart) -> None:
    """What the carrier asks for, when a question or a booking is sent away."""
    for call in Call:
        if not c.inject(Fault.BUSY, call, 0, 1_000):
            continue
        waits = []
        try:
            c.carrier().book(parcel(c, f"P-{call}"), LabelFormat.ZPL)
        except CarrierAway as error:
            waits.append(error.retry_after_s)
        except BookingInDoubt:  # it was booked, and what follows was sent away
            waits.append(float(RETRY_AFTER_S))
        hit = c.heal()
        assert not hit or waits == [RETRY_AFTER_S], f"asked to wait 7 s, told {waits}"


def what_cannot_be_is_refused(c: CarrierCounterpart) -> None:
    """With a reason, and without a booking; corrected, the same key books."""
    carrier, good = c.carrier(), parcel(c)
    nowhere = dataclasses.replace(ANNA, street="", postcode="", city="", country="")
    faulty: Mapping[str, Consignment] = {
        "an unknown service": dataclasses.replace(good, option="no:such/service"),
        "no address": dataclasses.replace(good, receiver=nowhere),
    }
    for what, consignment in faulty.items():
        refused(partial(agreed, c, carrier, consignment), what)
        assert c.bookings(good.key) == [], f"{what} was refused, and yet booked"
    once(c, good, agreed(c, carrier, good))


def the_label_comes_again(c: CarrierCounterpart) -> None:
    """Of a booking that is there; an unknown one is refused, whatever it is called."""
    carrier, consignment = c.carrier(), parcel(c)
    booking = agreed(c, carrier, consignment)
    for asker in (carrier, c.carrier()):
        label = asker.label(booking.remote_id, booking.format)
        assert label == booking.label, "another label came than the first time"
    once(c, consignment, booking)
    for unknown in ("999999", "", "../parcels", "x y", "a/b?c=d#e", "\x00", "é" * 300):
        refused(partial(carrier.label, unknown, LabelFormat.ZPL), f"booking {unknown!r}")


def customs_papers_come_along(c: CarrierCounterpart) -> None:
    """Where a service has them, as PDF; also when the same key is asked for again."""
    if not c.abroad:
        return
    consignment = dataclasses.replace(parcel(c, receiver=BOB), option=c.abroad)
    for _ in range(2):
        booking = agreed(c, c.carrier(), consignment)
        assert booking.documents, "a parcel through customs came without papers"
        for paper in booking.documents:
            assert paper.startswith(b"%PDF-"), "papers are PDF"
        told = once(c, consignment, booking).items
        assert told == {MUGS.sku: 2}, f"customs were told {told}"


RULES: tuple[Rule, ...] = (
    services_are_offered,
    a_parcel_is_booked,
    a_label_is_what_it_says,
    a_key_books_once,
    a_lost_answer_books_once,
    a_busy_carrier_books_once,
    a_booking_is_sent_once_a_call,
    how_long_to_wait_is_told,
    what_cannot_be_is_refused,
    the_label_comes_again,
    customs_papers_come_along,
)
