"""The carrier kit: green for a good carrier, red for one that breaks just one of its rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TypeVar

import pytest

from tests.integrations.memory_carrier import MemoryCarrier, MemoryPost, Parcel
from wms_terminal.integrations.carriers.own import Own
from wms_terminal.integrations.http import Away
from wms_terminal.integrations.testing.carrier_kit import RULES, broken
from wms_terminal.ports.carrier import (
    Booking,
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    Consignment,
    LabelFormat,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Told, Writeback

MUTANTS: dict[str, type[MemoryCarrier]] = {}
T = TypeVar("T")


def breaks(rule: str) -> Callable[[type[MemoryCarrier]], type[MemoryCarrier]]:
    """The carrier breaks this rule, and no other."""

    def keep(mutant: type[MemoryCarrier]) -> type[MemoryCarrier]:
        MUTANTS[rule] = mutant
        return mutant

    return keep


def certain(told: Told) -> Told:
    """An answer of somebody who takes no answer for a yes."""
    return Told(Writeback.APPLIED) if told.state is Writeback.IN_DOUBT else told


@breaks("services_are_offered")
class OffersTwice(MemoryCarrier):
    def options(self, consignment: Consignment) -> list[ShippingOption]:
        return super().options(consignment) * 2


@breaks("a_parcel_is_booked")
class Lightens(MemoryCarrier):
    def made(self, consignment: Consignment) -> Parcel:
        return super().made(dataclasses.replace(consignment, weight_g=1))


@breaks("a_label_is_what_it_says")
class AlwaysZpl(MemoryCarrier):
    def drawn(self, found: Parcel, form: LabelFormat) -> bytes:
        del form
        return super().drawn(found, LabelFormat.ZPL)


@breaks("a_key_books_once")
class TakesBeginnings(MemoryCarrier):
    def find(self, key: str) -> Parcel | None:
        found = super().find(key)
        return super().find("P-1") if found is None and key == "P-11" else found


@breaks("a_lost_answer_books_once")
class SaysAway(MemoryCarrier):
    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        try:
            return super().book(consignment, form)
        except BookingInDoubt as error:
            if str(error) != "no answer":
                raise
            raise CarrierAway(str(error)) from None


@breaks("a_busy_carrier_books_once")
class TakesClosedForNo(MemoryCarrier):
    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        try:
            return super().book(consignment, form)
        except CarrierAway as error:
            if error.retry_after_s:
                raise
            raise CarrierRefused(str(error)) from None


@breaks("a_booking_is_sent_once_a_call")
class TriesWritesAgain(MemoryCarrier):
    def write(self, do: Callable[[], T]) -> T:
        for _ in range(2):
            with suppress(Away):
                return super().write(do)
        return super().write(do)


@breaks("how_long_to_wait_is_told")
class Hammers(MemoryCarrier):
    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        try:
            return super().book(consignment, form)
        except CarrierAway as error:
            raise CarrierAway(str(error)) from None


@breaks("what_cannot_be_is_refused")
class GoesAnywhere(MemoryCarrier):
    def check(self, consignment: Consignment) -> None:
        if consignment.receiver.city:
            super().check(consignment)


@breaks("the_label_comes_again")
class DrawsAnother(MemoryCarrier):
    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        return super().label(remote_id, form) + b" "


@breaks("customs_papers_come_along")
class LosesPapers(MemoryCarrier):
    def booking(self, found: Parcel, form: LabelFormat) -> Booking:
        return dataclasses.replace(super().booking(found, form), documents=())


@breaks("a_booking_is_cancelled")
class CancelsAnything(MemoryCarrier):
    def cancel(self, remote_id: str) -> Told:
        told = super().cancel(remote_id)
        gone = told.state is Writeback.REJECTED and "left" in told.detail
        return Told(Writeback.APPLIED) if gone else told


@breaks("a_cancelled_booking_is_not_given_again")
class PrintsAnyway(MemoryCarrier):
    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        found = [one for one in self.post.parcels if one.remote_id == remote_id and one.cancelled]
        return self.drawn(found[0], form) if found else super().label(remote_id, form)


@breaks("a_lost_answer_cancels_once")
class SureThatItIsGone(MemoryCarrier):
    def cancel(self, remote_id: str) -> Told:
        return certain(super().cancel(remote_id))


@breaks("a_journey_is_told_oldest_first")
class NewestFirst(MemoryCarrier):
    def track(self, tracking: str) -> list[TrackingEvent]:
        return super().track(tracking)[::-1]


@breaks("a_courier_comes_once")
class CallsAgain(MemoryCarrier):
    asked_for = ""

    def pickup_steps(self, wish: PickupWish) -> Told:
        if self.asked_for == wish.key:
            self.post.wishes.append(wish.key)
        self.asked_for = wish.key
        return super().pickup_steps(wish)


@breaks("a_lost_answer_brings_one_courier")
class SureThatHeComes(MemoryCarrier):
    def book_pickup(self, wish: PickupWish) -> Told:
        return certain(super().book_pickup(wish))


@breaks("hostile_text_is_only_text")
class PrintsWhatIsWritten(MemoryCarrier):
    def on_label(self, text: str) -> str:
        return text


@breaks("no_key_is_told")
class Blabs(MemoryCarrier):
    def blot(self, said: str) -> str:
        return said


@breaks("a_carrier_is_closed_twice")
class ClosesOnce(MemoryCarrier):
    closed = False

    def close(self) -> None:
        if self.closed:
            raise RuntimeError("closed already")
        self.closed = True


def test_a_good_carrier_keeps_every_rule() -> None:
    assert broken(MemoryPost) == {}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_a_carrier_that_breaks_one_rule_is_caught_by_that_rule(rule: str) -> None:
    found = broken(partial(MemoryPost, MUTANTS[rule]))
    assert list(found) == [rule], found
    assert str(found[rule])


def test_one_that_can_do_little_says_so_and_keeps_the_rules() -> None:
    class Little(MemoryCarrier):
        """Offers nothing, cancels nothing, has no courier: as the kind `own` says it."""

        nothing = Own("post")

        def options(self, consignment: Consignment) -> list[ShippingOption]:
            return self.nothing.options(consignment)

        def cancel(self, remote_id: str) -> Told:
            return self.nothing.cancel(remote_id)

        def book_pickup(self, wish: PickupWish) -> Told:
            return self.nothing.book_pickup(wish)

    assert broken(partial(MemoryPost, Little)) == {}


def test_each_rule_is_said_in_words() -> None:
    for rule in RULES:
        assert rule.__doc__
