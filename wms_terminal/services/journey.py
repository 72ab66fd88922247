"""A parcel's journey: where it stands by what was heard, and what couriers call that."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from wms_terminal.domain.text import T, Text
from wms_terminal.ports.carrier import Milestone, TrackingEvent

MILESTONE: dict[Milestone, Text] = {
    Milestone.ANNOUNCED: T("announced to the carrier"),
    Milestone.TAKEN: T("taken by the carrier"),
    Milestone.ON_THE_WAY: T("on the way"),
    Milestone.OUT_FOR_DELIVERY: T("out for delivery"),
    Milestone.AT_PICKUP_POINT: T("waits at a pickup point"),
    Milestone.DELIVERED: T("delivered"),
    Milestone.TROUBLE: T("in trouble"),
    Milestone.RETURNED: T("on its way back to us"),
}

_EARLY = (Milestone.ANNOUNCED, Milestone.TAKEN)
"""What says nothing new once the parcel moves."""
_RANK = {milestone: number for number, milestone in enumerate(Milestone)}

_STATUS: tuple[tuple[Milestone, tuple[str, ...]], ...] = (
    (
        Milestone.RETURNED,
        ("return to sender", "returned to sender", "returned", "retour afzender", "retour"),
    ),
    (
        Milestone.TROUBLE,
        (
            "not delivered",
            "undelivered",
            "delivery failed",
            "failed delivery",
            "delivery attempt failed",
            "exception",
            "failure",
            "lost",
            "damaged",
            "refused",
            "niet bezorgd",
            "niet afgeleverd",
            "geweigerd",
            "beschadigd",
            "vermist",
        ),
    ),
    (
        Milestone.AT_PICKUP_POINT,
        (
            "available for pickup",
            "ready for pickup",
            "at pickup point",
            "at service point",
            "ligt klaar",
            "ligt klaar op afhaalpunt",
        ),
    ),
    (
        Milestone.OUT_FOR_DELIVERY,
        ("out for delivery", "with driver", "driver en route", "bezorger is onderweg"),
    ),
    (
        Milestone.DELIVERED,
        (
            "delivered",
            "delivered to neighbour",
            "picked up by customer",
            "bezorgd",
            "afgeleverd",
            "bezorgd bij buren",
        ),
    ),
    (
        Milestone.ON_THE_WAY,
        ("in transit", "on the way", "sorted", "departed", "onderweg", "gesorteerd"),
    ),
    (
        Milestone.TAKEN,
        ("picked up", "collected", "accepted", "received by carrier", "ontvangen", "opgehaald"),
    ),
    (
        Milestone.ANNOUNCED,
        ("announced", "label created", "pre-advice", "information received", "aangemeld"),
    ),
)
_SPACE = re.compile(r"[\s_-]+")


def standing(events: Iterable[TrackingEvent]) -> TrackingEvent | None:
    """The event that says where a parcel stands; the same in whatever order they were heard.

    A parcel that comes back to us comes back: what is `delivered` after that was brought to us.
    One that was delivered stays so unless it comes back later. Trouble ends with the next move.
    """
    now: TrackingEvent | None = None
    for event in sorted(events, key=lambda event: (event.at, _RANK[event.milestone])):
        if now is None or _goes_on(now.milestone, event.milestone):
            now = event
    return now


def _goes_on(now: Milestone, then: Milestone) -> bool:
    if now is then or now is Milestone.RETURNED:
        return False
    if now is Milestone.DELIVERED:
        return then is Milestone.RETURNED
    return then not in _EARLY or (now in _EARLY and _RANK[then] > _RANK[now])


def milestone_of(status: str, own: Mapping[str, Milestone]) -> Milestone | None:
    """What a courier's word stands for: one of ours, one of the site's, or a usual one.

    Only a word that is known as a whole counts. None: it is not known.
    """
    words = _plain(status)
    for known, milestone in own.items():
        if _plain(known) == words:
            return milestone
    for milestone in Milestone:
        if _plain(milestone.value) == words:
            return milestone
    for milestone, names in _STATUS:
        if words in map(_plain, names):
            return milestone
    return None


def _plain(words: str) -> str:
    return _SPACE.sub(" ", words).strip(" .!").casefold()
