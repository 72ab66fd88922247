"""The delivery promise: when an order must leave, and when work on it must start.

Times are aware datetimes in UTC; cut-offs are local to the site.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from wms_terminal.domain.pickups import AHEAD, open_on
from wms_terminal.domain.site import Service

_SUNDAY = 7


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the steps take, in seconds."""

    order: int = 240
    """Per order and step: walking to the start, a tote, a carton, a label."""
    line: int = 25
    unit: int = 3


def work_seconds(lines: int, units: int, steps: int, pace: Pace = Pace()) -> int:
    """Seconds of work that remain; `steps` is 3 before picking, 2 before packing, 1 after it."""
    per_step = pace.order + lines * pace.line + units * pace.unit
    return per_step * steps


def departures(
    service: Service,
    zone: ZoneInfo,
    first: date,
    days: int = 15,
    closed: Collection[date] = frozenset(),
) -> Iterator[datetime]:
    """When the courier leaves from `first` on, in UTC, soonest first; never on a `closed` day."""
    for offset in range(days):
        day = first + timedelta(days=offset)
        if open_on(service.pickup_days, day, closed):
            yield _leaves(service, zone, day)


def arrives(service: Service, day: date, closed: Collection[date] = frozenset()) -> date:
    """When what leaves on `day` is with the customer: so many days later as it is under way.

    Nobody delivers on a `closed` day, nor on a Sunday unless the courier comes on Sundays too.
    """
    for _ in range(service.transit_days):
        day += timedelta(days=1)
        while day in closed or (day.isoweekday() == _SUNDAY and "7" not in service.pickup_days):
            day += timedelta(days=1)
    return day


def promised_on(
    service: Service,
    zone: ZoneInfo,
    placed_at: datetime,
    closed: Collection[date] = frozenset(),
) -> date:
    """The day a new order can be promised for: when the first departure it can catch arrives."""
    today = placed_at.astimezone(zone).date()
    leaves = next(
        (
            leaving
            for leaving in departures(service, zone, today, AHEAD, closed)
            if leaving >= placed_at
        ),
        placed_at,
    )
    return arrives(service, leaves.astimezone(zone).date(), closed)


def ship_by(
    service: Service, zone: ZoneInfo, promised: date, closed: Collection[date] = frozenset()
) -> datetime:
    """The last departure that still keeps the promise, in UTC."""
    last_day = promised - timedelta(days=service.transit_days)
    for offset in range(AHEAD):
        day = last_day - timedelta(days=offset)
        if open_on(service.pickup_days, day, closed) and arrives(service, day, closed) <= promised:
            return _leaves(service, zone, day)
    return datetime.combine(last_day, time(12), zone).astimezone(UTC)


def _leaves(service: Service, zone: ZoneInfo, day: date) -> datetime:
    hour, minute = (int(part) for part in service.cutoff.split(":"))
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)


def latest_start(leaves: datetime, seconds_of_work: int) -> datetime:
    """When work on an order must start at the latest. The floor works in this order."""
    return leaves - timedelta(seconds=seconds_of_work)


@lru_cache(maxsize=64)
def stamp(moment: datetime) -> str:
    """A UTC time as the store keeps it: sortable text with milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def moment(text: str) -> datetime:
    """The inverse of `stamp`; seconds without milliseconds are accepted."""
    return datetime.fromisoformat(text)
