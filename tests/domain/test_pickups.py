"""When couriers come: agreements in local time, holidays, and the change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.pickups import (
    AHEAD,
    Agreement,
    Pickup,
    PickupState,
    minutes_off,
    next_pickup,
    open_on,
    window_on,
    windows_on,
)
from wms_terminal.domain.promise import stamp

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
CLOCKS = (date(2026, 3, 29), date(2026, 10, 25))
"""Days on which they change."""


def agreement(
    begins: str = "16:00", ends: str = "17:00", days: str = "12345", carrier: int = 1
) -> Agreement:
    return Agreement(carrier, carrier, "C", "C", days, begins, ends, "DOCK-1", 0, 0)


times = st.tuples(st.integers(0, 23), st.integers(0, 59)).map("{0[0]:02d}:{0[1]:02d}".format)
spans = st.tuples(times, times).filter(lambda pair: pair[0] < pair[1])
weekdays = st.sets(st.sampled_from("1234567"), min_size=1).map("".join)
agreements = st.builds(
    lambda span, days, carrier: agreement(span[0], span[1], days, carrier),
    spans,
    weekdays,
    st.integers(1, 3),
)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31)) | st.sampled_from(CLOCKS)
moments = st.integers(0, 2 * 365 * 86_400).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
zones = st.sampled_from(["Europe/Amsterdam", "UTC", "America/New_York", "Australia/Lord_Howe"]).map(
    ZoneInfo
)


@given(agreements, zones, days)
def test_a_window_begins_before_it_ends_and_keeps_its_day(
    item: Agreement, zone: ZoneInfo, day: date
) -> None:
    window = window_on(item, zone, day)
    assert timedelta() < window.ends - window.begins <= timedelta(hours=25)
    assert window.begins.astimezone(zone).date() == day
    if day not in CLOCKS and zone == AMSTERDAM:
        assert f"{window.begins.astimezone(zone):%H:%M}" == item.begins
        assert f"{window.ends.astimezone(zone):%H:%M}" == item.ends


@given(
    st.lists(agreements, min_size=1, max_size=4),
    zones,
    moments,
    st.dictionaries(st.integers(1, 3), st.frozensets(days, max_size=10)),
    st.frozensets(st.integers(0, 20), max_size=12),
)
def test_the_next_pickup_is_the_first_that_begins_on_an_open_day(
    items: list[Agreement],
    zone: ZoneInfo,
    after: datetime,
    closed: dict[int, frozenset[date]],
    near: frozenset[int],
) -> None:
    # Holidays that matter lie just ahead.
    today = after.astimezone(zone).date()
    closed = {1: frozenset(today + timedelta(days=offset) for offset in near), **closed}
    found = next_pickup(items, zone, after, closed)
    assert found is not None
    shut = closed.get(found.agreement.carrier_id, frozenset())
    assert found.begins > after
    assert found.day not in shut
    assert str(found.day.isoweekday()) in found.agreement.days
    for offset in range((found.day - today).days + 1):
        for window in windows_on(items, zone, today + timedelta(days=offset), closed):
            assert window.begins <= after or window.begins >= found.begins


def test_five_oclock_stays_five_oclock_when_the_clocks_change() -> None:
    item = agreement("17:00", "18:00", "1234567")
    shown = [
        f"{window_on(item, AMSTERDAM, day).begins:%H:%M}"
        for change in CLOCKS
        for day in (change - timedelta(days=1), change)
    ]
    assert shown == ["16:00", "15:00", "15:00", "16:00"]


@pytest.mark.parametrize(
    ("begins", "ends", "day", "minutes"),
    [
        ("02:15", "03:10", CLOCKS[0], 55),  # the first does not exist that day
        ("01:30", "03:30", CLOCKS[0], 60),
        ("01:30", "03:30", CLOCKS[1], 180),
    ],
)
def test_a_window_in_the_night_in_which_the_clocks_change(
    begins: str, ends: str, day: date, minutes: int
) -> None:
    window = window_on(agreement(begins, ends, "7"), AMSTERDAM, day)
    assert window.ends - window.begins == timedelta(minutes=minutes)


def test_a_holiday_of_one_carrier_is_not_anothers() -> None:
    both = [agreement(carrier=1), agreement(carrier=2)]
    christmas = date(2026, 12, 25)
    windows = windows_on(both, AMSTERDAM, christmas, {1: {christmas}})
    assert [window.agreement.carrier_id for window in windows] == [2]
    assert not open_on("12345", date(2026, 12, 26), ())


def test_there_may_be_no_next_pickup() -> None:
    now = datetime(2026, 3, 3, tzinfo=UTC)
    every = {now.date() + timedelta(days=offset) for offset in range(AHEAD + 1)}
    assert next_pickup([agreement()], AMSTERDAM, now, {1: every}) is None
    assert next_pickup([], AMSTERDAM, now, {}) is None


@given(moments, st.integers(-600, 600))
def test_late_and_early_are_whole_minutes_and_the_window_is_neither(
    begins: datetime, off: int
) -> None:
    begins = begins.replace(microsecond=0)
    ends = begins + timedelta(hours=1)
    kept = Pickup(
        1, 1, 1, "C", "C", "", 0, 0, "2026-03-03", stamp(begins), stamp(ends),
        PickupState.AGREED, "", "", None, None, None, None, False, "",
    )  # fmt: skip
    came = begins + timedelta(minutes=off)
    expected = off if off < 0 else max(off - 60, 0)
    assert minutes_off(kept, came) == expected
