"""What carriers say of parcels on their way, and what follows from it.

Events are kept once and may come late, twice and in any order. Only when the milestone of a parcel
changes, its order's timeline, its channel and customer service learn of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from wms_terminal.domain.mailbox import one_line
from wms_terminal.domain.orders import ParcelState
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.text import T
from wms_terminal.ports.carrier import (
    Carrier,
    CarrierAway,
    CarrierRefused,
    Milestone,
    TrackingEvent,
)
from wms_terminal.ports.channel import DeliveryNews
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, Tx
from wms_terminal.ports.tracking_room import Journey
from wms_terminal.services import after_ship, channel_news
from wms_terminal.services.journey import MILESTONE, standing
from wms_terminal.services.notices import service_desk

ROUND = 20
"""Parcels that a carrier is asked about in one round."""
SOONEST, LATEST = timedelta(minutes=30), timedelta(hours=12)
"""How often a carrier is asked about a parcel that has just left, and about an old one."""
PATIENCE = timedelta(days=45)
"""How long a parcel may be under way before nobody asks any more."""
LONGEST = 300
"""Characters of a carrier's words that are kept."""
LONGEST_NUMBER = 100

_UNASKED = re.compile(r"[\s().-]+")


def hear(tx: Tx, shipment_id: int, events: Sequence[TrackingEvent], at: str) -> bool:
    """Keep what a carrier says of a parcel; whether its milestone has changed.

    What was heard before changes nothing.
    """
    fresh = [event for event in map(_clean, events) if tx.tracking.add(shipment_id, event)]
    now = standing(tx.tracking.events(shipment_id)) if fresh else None
    if now is None:
        return False
    before = tx.tracking.get(shipment_id)
    if (now.milestone, now.at) == (before.milestone, before.milestone_at):
        return False
    tx.tracking.move(shipment_id, now)
    if now.milestone == before.milestone:
        # Only since when has become known better.
        _arrive(tx, before)
        return False
    _tell(tx, before, now, at)
    return True


def hear_of(tx: Tx, number: str, events: Sequence[TrackingEvent], at: str) -> list[int]:
    """Keep what a courier says of a tracking number or SSCC; the shipments that it is about.

    A parcel that left with a label of our own gets its shipment with the first event.
    """
    shipments = find(tx, number, at)
    for shipment_id in shipments:
        hear(tx, shipment_id, events, at)
    return shipments


def find(tx: Tx, number: str, at: str) -> list[int]:
    """The shipments that go by a tracking number or SSCC, as couriers write it; empty: none.

    Numbers come again after years: the newest order that has it is meant.
    """
    number = one_line(number, LONGEST_NUMBER)
    compact = _UNASKED.sub("", number).upper()
    for tried in dict.fromkeys((number, compact, compact.removeprefix("00"))):
        found = tx.tracking.find(tried)
        if found:
            return [item.id for item in found if item.order_id == found[0].order_id]
    sscc = compact.removeprefix("00") if len(compact) == 20 else compact
    parcel = tx.parcels.by_sscc(sscc)
    if parcel is None or parcel.state is not ParcelState.SHIPPED:
        return []
    known = tx.tracking.of_parcel(parcel.id)
    return [known.id if known is not None else tx.tracking.begin(parcel.id, sscc, at)]


def poll(store: Store, code: str, carrier: Carrier, clock: Clock) -> int:
    """Ask a carrier about the parcels that are due, one round of them; how many were due.

    They are put off before they are asked about, so that several workers never ask twice, and what
    goes wrong with one holds no other up.

    Raises:
        CarrierAway: it does not answer; what was not asked is asked as soon as it may be.
    """
    now = clock()
    with store.write() as tx:
        due = tx.tracking.under_way(code, stamp(now), ROUND)
        left = [journey for journey in due if _is_asked(tx, journey, now)]
    for number, journey in enumerate(left):
        try:
            events = carrier.track(journey.tracking)
        except CarrierRefused:
            continue
        except CarrierAway as away:
            again = stamp(now + max(timedelta(seconds=away.retry_after_s), SOONEST))
            with store.write() as tx:
                for unasked in left[number:]:
                    tx.tracking.ask_again(unasked.id, stamp(now), again)
            raise
        with store.write() as tx:
            hear(tx, journey.id, events, stamp(clock()))
    return len(due)


def interval(age: timedelta) -> timedelta:
    """How long until the next question about a parcel that left so long ago."""
    return min(max(age / 8, SOONEST), LATEST)


def _is_asked(tx: Tx, journey: Journey, now: datetime) -> bool:
    """Put a parcel off to its next turn; False when there is none, and neither is this one.

    It has arrived, comes back, or was asked about for long enough.
    """
    age = now - moment(journey.shipped_at)
    done = journey.milestone in (Milestone.DELIVERED, Milestone.RETURNED)
    if age <= PATIENCE and not done:
        tx.tracking.ask_again(journey.id, stamp(now), stamp(now + interval(age)))
        return True
    tx.tracking.ask_again(journey.id, stamp(now), None)
    if not done:
        text = T(
            "Order {number}, parcel {parcel}: {carrier} has not delivered it in {days} days",
            number=journey.order_number,
            parcel=journey.parcel,
            carrier=journey.carrier,
            days=PATIENCE.days,
        )
        tx.orders.add_event(journey.order_id, "tracking", text, at=stamp(now))
        tx.orders.add_notice(service_desk(tx), text, order_id=journey.order_id, at=stamp(now))
    return False


def _clean(event: TrackingEvent) -> TrackingEvent:
    """Times as the store keeps them, and words without what a screen would obey."""
    at = stamp(moment(event.at))
    return TrackingEvent(event.tracking, at, event.milestone, one_line(event.text, LONGEST))


def _tell(tx: Tx, journey: Journey, now: TrackingEvent, at: str) -> None:
    """What follows from a new milestone."""
    what = MILESTONE[now.milestone]
    text = T("Parcel {parcel}: {what}", parcel=journey.parcel, what=what)
    if now.text:
        text = T("Parcel {parcel}: {what} ({why})", parcel=journey.parcel, what=what, why=now.text)
    tx.orders.add_event(journey.order_id, "tracking", text, at=at)
    if now.milestone is Milestone.DELIVERED:
        _tell_channel(tx, journey, now, at)
    if now.milestone in (Milestone.TROUBLE, Milestone.RETURNED):
        told = T("Order {number}: {what}", number=journey.order_number, what=text)
        tx.orders.add_notice(service_desk(tx), told, order_id=journey.order_id, at=at)
    _arrive(tx, journey)


def _tell_channel(tx: Tx, journey: Journey, now: TrackingEvent, at: str) -> None:
    """The key is the one under which the channel knows that the parcel left."""
    key = tx.tracking.delivery_key(journey.order_id, (journey.tracking, journey.sscc))
    if key:
        order = tx.orders.get(journey.order_id)
        news = DeliveryNews(key, order.reference, now.at)
        channel_news.tell(tx, order.channel, order.id, news, at)


def _arrive(tx: Tx, journey: Journey) -> None:
    """An order has arrived with its last parcel, and has not when one comes back after all."""
    arrived = tx.tracking.arrived(journey.order_id)
    if arrived:
        ask_at = after_ship.follow_up_at(tx, journey.order_id, arrived)
        tx.tracking.set_delivered(journey.order_id, arrived, ask_at)
    else:
        tx.tracking.not_delivered(journey.order_id)
