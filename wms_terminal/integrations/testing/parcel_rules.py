"""What a carrier must hold to after a parcel is booked, and about text and secrets."""

from __future__ import annotations

import dataclasses
import re
import traceback
from collections.abc import Callable, Iterator
from functools import partial

from wms_terminal.domain.label import Address
from wms_terminal.integrations.carriers import label_file
from wms_terminal.integrations.intake import Unfit
from wms_terminal.integrations.testing.booking_rules import (
    SITE,
    Rule,
    agreed,
    once,
    parcel,
    refused,
)
from wms_terminal.integrations.testing.carrier_counterpart import CarrierCounterpart
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.integrations.testing.rule import (
    MOST_REPEATS,
    MOST_STEPS,
    UNANSWERED,
    UNDONE,
    plain,
)
from wms_terminal.integrations.testing.trust_rules import HOSTILE
from wms_terminal.ports.carrier import (
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    LabelFormat,
    Milestone,
    PickupWish,
)
from wms_terminal.ports.channel import Told, Writeback

JOURNEY = (
    Milestone.TAKEN,
    Milestone.ON_THE_WAY,
    Milestone.OUT_FOR_DELIVERY,
    Milestone.TROUBLE,
    Milestone.AT_PICKUP_POINT,
    Milestone.DELIVERED,
    Milestone.RETURNED,
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def a_booking_is_cancelled(c: CarrierCounterpart) -> None:
    """Once, also when told again; an unknown one and one that left are not."""
    carrier, consignment = c.carrier(), parcel(c)
    booking = agreed(c, carrier, consignment)
    for teller in (carrier, carrier, c.carrier()):
        told = _settled(c, partial(teller.cancel, booking.remote_id))
        if told.state is Writeback.UNSUPPORTED:
            assert not once(c, consignment, booking).cancelled, "unsupported, and yet cancelled"
            return
        assert told.state is Writeback.APPLIED, f"expected applied, got {told}"
        assert once(c, consignment, booking).cancelled, "said to be cancelled, it is not"
    for unknown in ("999999", "../shipments", "\x00"):
        told = _settled(c, partial(carrier.cancel, unknown))
        rejected = told.state is Writeback.REJECTED and told.detail
        assert rejected, f"an unknown booking: expected rejected and why, got {told}"
    gone = agreed(c, carrier, parcel(c, "P-2"))
    if c.hand_over(gone.remote_id):
        told = _settled(c, partial(carrier.cancel, gone.remote_id))
        assert told.state is Writeback.REJECTED, f"it left: expected rejected, got {told}"
        assert not once(c, parcel(c, "P-2"), gone).cancelled, "rejected, and yet cancelled"


def a_cancelled_booking_is_not_given_again(c: CarrierCounterpart) -> None:
    """Its label must not be printed: the key is refused, and another one books."""
    carrier, consignment = c.carrier(), parcel(c)
    booking = agreed(c, carrier, consignment)
    told = _settled(c, partial(carrier.cancel, booking.remote_id))
    if told.state is Writeback.UNSUPPORTED:
        return
    refused(partial(agreed, c, carrier, consignment), "a key that was cancelled")
    label = partial(carrier.label, booking.remote_id, LabelFormat.ZPL)
    refused(label, "the label of a cancelled booking")
    again = parcel(c, "P-2")
    once(c, again, agreed(c, carrier, again))


def a_lost_answer_cancels_once(c: CarrierCounterpart) -> None:
    """In doubt, and told again it is found; sent away, it is said and done later."""
    for fault in (*UNANSWERED, *UNDONE):
        for nth in range(MOST_STEPS):
            consignment = parcel(c, f"{fault}-{nth}")
            carrier = c.carrier()
            booking = agreed(c, carrier, consignment)
            if not c.inject(fault, Call.WRITE, nth):
                break
            told: Told | None = None
            try:
                told = carrier.cancel(booking.remote_id)
            except CarrierAway:
                assert fault in UNDONE, f"{fault} of write {nth + 1}: raised away"
            hit = c.heal()
            state = told and told.state
            if state is Writeback.UNSUPPORTED:
                return
            if hit:
                known = [
                    Writeback.IN_DOUBT,
                    *((None, Writeback.APPLIED) if fault in UNDONE else ()),
                ]
                assert state in known, f"{fault} of write {nth + 1}: expected in doubt, got {told}"
            last = _settled(c, partial(c.carrier().cancel, booking.remote_id))
            assert last.state is Writeback.APPLIED, f"told again: expected applied, got {last}"
            assert once(c, consignment, booking).cancelled, "said to be cancelled, it is not"
            if not hit:
                break


def a_journey_is_told_oldest_first(c: CarrierCounterpart) -> None:
    """Each scan as the milestone that it is; nothing of a parcel that is not known."""
    carrier = c.carrier()
    booking = agreed(c, carrier, parcel(c))
    other = agreed(c, carrier, parcel(c, "P-2"))
    expected = []
    for milestone in JOURNEY:
        c.tick()
        if c.scan(booking.tracking, milestone, f"It is {milestone}"):
            expected.append((milestone, f"It is {milestone}"))
    before = c.hits(Call.WRITE)
    told = carrier.track(booking.tracking)
    found = [(one.milestone, one.text) for one in told]
    assert found[len(found) - len(expected) :] == expected, f"expected {expected}, got {found}"
    earlier = [one for one, _ in found[: len(found) - len(expected)]]
    assert set(earlier) <= {Milestone.ANNOUNCED}, f"before its first scan: {earlier}"
    for one in told:
        assert one.tracking == booking.tracking, "an event of another parcel came"
        assert _STAMP.fullmatch(one.at), f"expected a time as the store has it, got {one.at!r}"
    times = [one.at for one in told]
    assert times == sorted(times), f"oldest first, got {times}"
    assert not [one for one in carrier.track(other.tracking) if one.text.startswith("It is")]
    for unknown in ("3SUNKNOWN", "", "../x", "a/b?c=d#e", "..", "\x00", "é" * 300):
        assert carrier.track(unknown) == [], f"{unknown!r} has a journey"
    assert c.hits(Call.WRITE) == before, "following a parcel wrote something"


def a_courier_comes_once(c: CarrierCounterpart) -> None:
    """Asked again, by the same worker and another; or it is unsupported."""
    carrier, wish = c.carrier(), asked_to_come(c)
    for teller in (carrier, carrier, c.carrier()):
        told = _settled(c, partial(teller.book_pickup, wish))
        if told.state is Writeback.UNSUPPORTED:
            assert c.pickups(wish.key) == 0, "unsupported, and yet a courier comes"
            return
        assert told.state is Writeback.APPLIED, f"expected applied, got {told}"
        comes = c.pickups(wish.key)
        assert comes == 1, f"a courier was asked to come once, comes {comes} times"
    another = asked_to_come(c, "PU-11")
    _settled(c, partial(carrier.book_pickup, another))
    assert c.pickups(another.key) == 1, "another pickup of the same hour is another"


def a_lost_answer_brings_one_courier(c: CarrierCounterpart) -> None:
    """In doubt, and told again it is found."""
    for fault in UNANSWERED:
        for nth in range(MOST_STEPS):
            carrier, wish = c.carrier(), asked_to_come(c, f"PU-{fault}-{nth}")
            if not c.inject(fault, Call.WRITE, nth):
                break
            try:
                told = carrier.book_pickup(wish)
            except CarrierAway as error:
                raise AssertionError(f"{fault} of write {nth + 1}: raised {error!r}") from error
            hit = c.heal()
            if told.state is Writeback.UNSUPPORTED:
                return
            if not hit:
                break
            assert told.state is Writeback.IN_DOUBT, f"{fault}: expected in doubt, got {told}"
            last = _settled(c, partial(c.carrier().book_pickup, wish))
            assert last.state is Writeback.APPLIED, f"told again: expected applied, got {last}"
            comes = c.pickups(wish.key)
            assert comes == 1, f"a courier was asked to come once, comes {comes} times"


def hostile_text_is_only_text(c: CarrierCounterpart) -> None:
    """It is booked as it is or refused; no label, no other booking and no printer is harmed.

    `^` and `~` may be left out: on a label they are commands.
    """
    carrier = c.carrier()
    witness = parcel(c, "WITNESS")
    first = agreed(c, carrier, witness)
    before = once(c, witness, first)
    for number, text in enumerate(HOSTILE):
        place = Address(f"Q {text}", text, f"{text} 1", text, "1012 AB", "Amsterdam", text, "NL")
        consignment = dataclasses.replace(
            parcel(c, f"H-{number}", place), order_number=text, email=text, phone=text
        )
        try:
            booking = agreed(c, carrier, consignment)
        except CarrierRefused:
            assert c.bookings(consignment.key) == [], f"{text!r} was refused, and yet booked"
            continue
        found = once(c, consignment, booking)
        for name in ("name", "company", "street", "extra"):
            sent, came = _tame(getattr(place, name)), _tame(getattr(found.receiver, name))
            assert sent == came, f"{name}: sent {sent!r}, booked {came!r}"
        try:
            label_file.sort(booking.label)
        except Unfit as error:
            raise AssertionError(f"{text!r}: {error}") from error
        once(c, consignment, agreed(c, c.carrier(), consignment))
    assert once(c, witness, first) == before, "another booking was changed"


def no_key_is_told(c: CarrierCounterpart) -> None:
    """By a repr, an error, what caused it, or an answer; also when the carrier repeats it."""
    carrier = c.carrier()
    booking = agreed(c, carrier, parcel(c))
    _silent(c, [repr(carrier), str(carrier)], "the carrier's repr")
    number = 0
    for fault in Fault:
        for call in Call:
            if fault is Fault.SLOW or not c.inject(fault, call, 0, 1_000):
                continue
            number += 1
            asks: tuple[Callable[[], object], ...] = (
                partial(carrier.options, parcel(c)),
                partial(carrier.book, parcel(c, f"S-{number}"), LabelFormat.ZPL),
                partial(carrier.label, booking.remote_id, LabelFormat.ZPL),
                partial(carrier.track, booking.tracking),
                partial(carrier.cancel, booking.remote_id),
                partial(carrier.book_pickup, asked_to_come(c, f"PU-{number}")),
            )
            texts = [text for ask in asks for text in _said(ask)]
            c.heal()
            _silent(c, texts, f"{fault} of a {call}")


def a_carrier_is_closed_twice(c: CarrierCounterpart) -> None:
    """Before anything was asked, and after."""
    c.carrier().close()
    carrier = c.carrier()
    agreed(c, carrier, parcel(c))
    carrier.close()
    carrier.close()


def asked_to_come(c: CarrierCounterpart, key: str = "PU-1") -> PickupWish:
    """A pickup of twelve parcels."""
    begins, ends = "2026-01-06T15:00:00.000Z", "2026-01-06T17:00:00.000Z"
    return PickupWish(key, c.courier, "2026-01-06", begins, ends, SITE, 12, 15_000)


def _settled(c: CarrierCounterpart, tell: Callable[[], Told]) -> Told:
    told: Told | None = None
    for _ in range(MOST_REPEATS):
        try:
            told = tell()
        except CarrierAway:
            told = None
        if told is not None and told.state is not Writeback.IN_DOUBT:
            return told
        c.tick()
    raise AssertionError(f"still {told or 'away'} after {MOST_REPEATS} attempts")


def _tame(text: str) -> str:
    return plain(text).replace("^", "").replace("~", "")


def _said(ask: Callable[[], object]) -> Iterator[str]:
    try:
        yield repr(ask())
    except (CarrierAway, CarrierRefused, BookingInDoubt) as error:
        yield repr(error)
        yield "".join(traceback.format_exception(error))


def _silent(c: CarrierCounterpart, texts: list[str], what: str) -> None:
    for secret in c.secrets:
        told = [text for text in texts if secret in text]
        assert not told, f"{what}: a secret was told, in a text of {len(told[0])} characters"


RULES: tuple[Rule, ...] = (
    a_booking_is_cancelled,
    a_cancelled_booking_is_not_given_again,
    a_lost_answer_cancels_once,
    a_journey_is_told_oldest_first,
    a_courier_comes_once,
    a_lost_answer_brings_one_courier,
    hostile_text_is_only_text,
    no_key_is_told,
    a_carrier_is_closed_twice,
)
