"""When couriers come: what was agreed, in local time, and what follows from it.

An agreement is kept in the clock of the site, so a pickup at five stays one at five when the
clocks change. What it becomes on a day is a window in UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AHEAD = 60
"""Days that are looked through for the next pickup: a summer holiday fits in."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A carrier's courier comes on these days, between these times, to this place."""

    id: int
    carrier_id: int
    code: str
    """The carrier's."""
    carrier: str
    days: str
    """ISO weekdays, e.g. `12345`."""
    begins: str
    """Local time HH:MM."""
    ends: str
    """Local time HH:MM, later than `begins`."""
    place: str
    """In words that a courier understands, such as the name of a dock."""
    max_parcels: int
    """0: no limit."""
    max_weight_g: int
    """0: no limit."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day on which no courier comes, or none of one carrier."""

    day: str
    """ISO date."""
    carrier_id: int
    """0: nobody's."""
    name: str


class PickupState(StrEnum):
    """What became of an agreed pickup."""

    AGREED = "agreed"
    BOOKED = "booked"
    """The carrier's computer said that it comes."""
    CAME = "came"
    MISSED = "missed"
    """Nobody came for the parcels that waited."""


@dataclass(frozen=True, slots=True)
class Pickup:
    """An agreement on one day, and what happened. Times are UTC text."""

    id: int
    agreement_id: int
    carrier_id: int
    code: str
    """The carrier's."""
    carrier: str
    place: str
    max_parcels: int
    max_weight_g: int
    day: str
    begins_at: str
    ends_at: str
    state: PickupState
    remote_id: str
    came_at: str
    """Empty until the courier came."""
    parcels: int | None
    """Handed over; None before."""
    counted: int | None
    """As the courier said; None where he did not."""
    unscanned: int | None
    """Labelled parcels that should have gone along and were never scanned onto a manifest."""
    waited: int | None
    """Parcels that were ready when the window was over and nobody had come; None until then."""
    warned: bool
    """Somebody knows that it is more than agreed."""
    note: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A manifest that a courier took along."""

    manifest_id: int
    manifest: str
    """Its code."""
    pickup_id: int | None
    """None where no pickup was agreed for that time."""
    carrier_id: int
    day: str
    came_at: str
    parcels: int
    weight_g: int
    counted: int | None
    unscanned: int
    labels: str
    """Those that were never scanned, with spaces between; the first ones when there are many."""


@dataclass(frozen=True, slots=True)
class Window:
    """An agreement on one day, in UTC."""

    agreement: Agreement
    day: date
    begins: datetime
    ends: datetime


def open_on(days: str, day: date, closed: Collection[date]) -> bool:
    """Whether a courier comes on a day: one of the weekdays, and no holiday."""
    return str(day.isoweekday()) in days and day not in closed


def window_on(agreement: Agreement, zone: ZoneInfo, day: date) -> Window:
    """The agreement's window on a day; the change of clocks never makes it end before it begins."""
    opens, closes = _clock(agreement.begins), _clock(agreement.ends)
    begins, ends = (datetime.combine(day, clock, zone).astimezone(UTC) for clock in (opens, closes))
    if ends <= begins:
        nominal = datetime.combine(day, closes) - datetime.combine(day, opens)
        ends = begins + nominal
    return Window(agreement, day, begins, ends)


def windows_on(
    agreements: Iterable[Agreement],
    zone: ZoneInfo,
    day: date,
    closed: Mapping[int, Collection[date]],
) -> list[Window]:
    """All pickups of a day, the earliest first; `closed` are the holidays by carrier id."""
    found = [
        window_on(agreement, zone, day)
        for agreement in agreements
        if open_on(agreement.days, day, closed.get(agreement.carrier_id, ()))
    ]
    return sorted(found, key=lambda window: (window.begins, window.agreement.id))


def next_pickup(
    agreements: Collection[Agreement],
    zone: ZoneInfo,
    after: datetime,
    closed: Mapping[int, Collection[date]],
) -> Window | None:
    """The first pickup that begins after a moment; None when none does within two months."""
    first = after.astimezone(zone).date()
    for offset in range(AHEAD):
        for window in windows_on(agreements, zone, first + timedelta(days=offset), closed):
            if window.begins > after:
                return window
    return None


def minutes_off(pickup: Pickup, came: datetime) -> int:
    """Whole minutes late (above 0) or early (below 0); 0 within the window."""
    begins, ends = (datetime.fromisoformat(at) for at in (pickup.begins_at, pickup.ends_at))
    if came > ends:
        return int((came - ends).total_seconds() // 60)
    if came < begins:
        return -int((begins - came).total_seconds() // 60)
    return 0


def _clock(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))
