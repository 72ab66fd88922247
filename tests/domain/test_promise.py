"""When an order must leave, and when work on it must start."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.promise import (
    arrives,
    departures,
    latest_start,
    moment,
    promised_on,
    ship_by,
    stamp,
    work_seconds,
)
from wms_terminal.domain.site import Service

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def service(cutoff: str = "17:00", days: str = "12345", transit: int = 1) -> Service:
    return Service(1, "S", "S", 1, "C", cutoff, days, transit, 0, 0, 0, "*")


services = st.builds(
    service,
    st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59)),
    st.sets(st.sampled_from("1234567"), min_size=1).map("".join),
    st.integers(0, 5),
)
days = st.dates(date(2025, 1, 1), date(2028, 1, 1))
near = st.frozensets(st.integers(0, 40), max_size=30)
"""Holidays, in days from a day."""
moments = st.integers(0, 3 * 365 * 86_400 * 10**6).map(
    lambda microseconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)


def courier_days(how: Service, first: date, last: date, closed: set[date]) -> list[date]:
    """On which the courier comes, of those from `first` to `last`."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if str(day.isoweekday()) in how.pickup_days and day not in closed]


@given(services, days, near)
def test_the_last_departure_that_keeps_a_promise(
    how: Service, promised: date, ago: frozenset[int]
) -> None:
    closed = {promised - timedelta(days=offset) for offset in ago}
    leaves = ship_by(how, AMSTERDAM, promised, closed).astimezone(AMSTERDAM).date()
    assert courier_days(how, leaves, leaves, closed) == [leaves]
    assert arrives(how, leaves, closed) <= promised
    for later in courier_days(how, leaves + timedelta(days=1), promised, closed):
        assert arrives(how, later, closed) > promised


@given(services, days, near)
def test_nothing_arrives_on_a_holiday_and_little_on_a_sunday(
    how: Service, leaves: date, ahead: frozenset[int]
) -> None:
    closed = {leaves + timedelta(days=offset) for offset in ahead}
    day = arrives(how, leaves, closed)
    if not how.transit_days:
        assert day == leaves
        return
    assert day >= leaves + timedelta(days=how.transit_days)
    assert day not in closed
    assert day.isoweekday() != 7 or "7" in how.pickup_days


@given(services, moments, near)
def test_what_is_promised_can_be_kept(
    how: Service, placed: datetime, ahead: frozenset[int]
) -> None:
    today = placed.astimezone(AMSTERDAM).date()
    closed = {today + timedelta(days=offset) for offset in ahead}
    promised = promised_on(how, AMSTERDAM, placed, closed)
    leaves = ship_by(how, AMSTERDAM, promised, closed)
    assert leaves >= placed
    assert leaves.astimezone(AMSTERDAM).date() not in closed


@given(moments, st.integers(1, 50), st.integers(1, 500), st.sampled_from([1, 2, 3]))
def test_work_starts_before_the_courier_leaves(
    leaves: datetime, lines: int, units: int, steps: int
) -> None:
    seconds = work_seconds(lines, units, steps)
    start = latest_start(leaves, seconds)
    assert start < leaves
    assert latest_start(leaves, work_seconds(lines, units + 1, steps)) < start
    assert latest_start(leaves, work_seconds(lines + 1, units, steps)) < start


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2026, 3, 27), "16:00"),  # winter time
        (date(2026, 3, 30), "15:00"),  # the clocks went forward on the 29th
        (date(2026, 10, 23), "15:00"),
        (date(2026, 10, 26), "16:00"),  # and back on the 25th
    ],
)
def test_a_cut_off_is_local_time(day: date, utc: str) -> None:
    leaves = ship_by(service(), AMSTERDAM, day + timedelta(days=1))
    assert f"{leaves:%Y-%m-%d %H:%M}" == f"{day} {utc}"


def test_a_cut_off_that_the_change_of_clocks_skips_or_repeats() -> None:
    how = service("02:30", "7")
    forward = departures(how, AMSTERDAM, date(2026, 3, 29), days=1)
    back = departures(how, AMSTERDAM, date(2026, 10, 25), days=1)
    assert [f"{item:%H:%M}" for item in (*forward, *back)] == ["01:30", "00:30"]


def test_the_weekend_is_left_out() -> None:
    friday_evening = datetime(2026, 3, 6, 16, 1, tzinfo=UTC)
    assert promised_on(service(), AMSTERDAM, friday_evening) == date(2026, 3, 10)
    assert promised_on(service(), AMSTERDAM, friday_evening - timedelta(minutes=1)) == date(
        2026, 3, 7
    )
    assert ship_by(service(), AMSTERDAM, date(2026, 3, 9)).date() == date(2026, 3, 6)


def test_holidays_are_left_out() -> None:
    christmas = {date(2026, 12, 25), date(2026, 12, 26)}
    thursday_evening = datetime(2026, 12, 24, 16, 1, tzinfo=UTC)
    in_time = thursday_evening - timedelta(minutes=1)
    # The courier takes it on Thursday, and nobody delivers before Monday.
    assert promised_on(service(), AMSTERDAM, in_time, christmas) == date(2026, 12, 28)
    assert ship_by(service(), AMSTERDAM, date(2026, 12, 28), christmas).date() == date(2026, 12, 24)
    assert promised_on(service(), AMSTERDAM, thursday_evening, christmas) == date(2026, 12, 29)
    # Whoever promised it for Boxing Day has to have it delivered by Thursday.
    assert ship_by(service(), AMSTERDAM, date(2026, 12, 26), christmas).date() == date(2026, 12, 23)


def test_nobody_delivers_on_sundays_but_couriers_that_come_then() -> None:
    saturday = datetime(2026, 3, 7, 9, tzinfo=UTC)
    assert promised_on(service(days="123456"), AMSTERDAM, saturday) == date(2026, 3, 9)
    assert promised_on(service(days="1234567"), AMSTERDAM, saturday) == date(2026, 3, 8)
    assert ship_by(service(days="123456"), AMSTERDAM, date(2026, 3, 9)).date() == date(2026, 3, 7)
    assert ship_by(service(days="123456"), AMSTERDAM, date(2026, 3, 8)).date() == date(2026, 3, 6)


def test_a_service_that_never_comes_still_has_a_date() -> None:
    assert ship_by(service(days=""), AMSTERDAM, date(2026, 3, 10)).date() == date(2026, 3, 9)


@given(moments)
def test_a_time_is_kept_to_the_millisecond_and_sorts(when: datetime) -> None:
    kept = moment(stamp(when))
    assert timedelta() <= when - kept < timedelta(milliseconds=1)
    assert stamp(kept) == stamp(when)
    assert stamp(when) < stamp(when + timedelta(milliseconds=1))
