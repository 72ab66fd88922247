"""Pickups of carriers and holidays, as the site file has them."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.files import FileError
from data.files.site_file import read_site, write_site
from data.store import SqlStore
from tests.site.conftest import EXAMPLE
from wms_terminal.domain.pickups import Holiday
from wms_terminal.domain.records import LocationRecord
from wms_terminal.domain.setup import HolidaySetup, PickupSetup, SiteSetup
from wms_terminal.services import set_up, take_in

PICKUPS = """
[[carrier.pickup]]
begins = "16:15"
ends = "17:00"
days = "654321"
max_parcels = 400

[[carrier.pickup]]
begins = "10:00"
ends = "10:30"
place = "Gate 3, ring twice"
max_weight_g = 250000

[[holiday]]
day = 2026-12-25
name = "Christmas"

[[holiday]]
day = "2026-05-05"
carrier = "POSTNL"
"""


def loaded(folder: Path, text: str) -> SiteSetup:
    path = folder / "pickups.toml"
    path.write_text(EXAMPLE + text, encoding="utf-8")
    return read_site(path)


@pytest.fixture
def ready(store: SqlStore) -> SqlStore:
    take_in.locations(
        store, (LocationRecord("BENCH-01", "bench"), LocationRecord("DOCK-1", "dock"))
    )
    return store


def test_pickups_and_holidays_go_into_the_store(tmp_path: Path, ready: SqlStore) -> None:
    site = loaded(tmp_path, PICKUPS)
    assert site.carriers[0].pickups == (
        PickupSetup("16:15", "17:00", "123456", max_parcels=400),
        PickupSetup("10:00", "10:30", place="Gate 3, ring twice", max_weight_g=250_000),
    )
    assert site.holidays == (
        HolidaySetup("2026-12-25", "Christmas"),
        HolidaySetup("2026-05-05", "", "POSTNL"),
    )
    counts = set_up.apply(ready, site)
    assert (counts["pickups"], counts["holidays"]) == (2, 2)
    with ready.read() as tx:
        early, late = tx.pickups.agreements()
        assert (early.code, early.begins, early.place) == ("POSTNL", "10:00", "Gate 3, ring twice")
        assert (early.days, early.max_weight_g) == ("12345", 250_000)
        assert (late.days, late.place, late.max_parcels) == ("123456", "DOCK-1", 400)
        assert tx.pickups.holidays() == [
            Holiday("2026-05-05", early.carrier_id, ""),
            Holiday("2026-12-25", 0, "Christmas"),
        ]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    site = loaded(tmp_path, PICKUPS)
    (tmp_path / "again.toml").write_text(write_site(site), encoding="utf-8")
    assert read_site(tmp_path / "again.toml") == site


def test_the_same_file_twice_changes_nothing_and_what_left_it_is_over(
    tmp_path: Path, ready: SqlStore
) -> None:
    set_up.apply(ready, loaded(tmp_path, PICKUPS))
    with ready.read() as tx:
        before = tx.pickups.agreements(), tx.pickups.holidays()
    set_up.apply(ready, loaded(tmp_path, PICKUPS))
    with ready.read() as tx:
        assert (tx.pickups.agreements(), tx.pickups.holidays()) == before
    set_up.apply(ready, loaded(tmp_path, ""))
    with ready.read() as tx:
        assert (tx.pickups.agreements(), tx.pickups.holidays()) == ([], [])


@pytest.mark.parametrize(
    ("old", "new", "place", "expected", "got"),
    [
        ('"17:00"\ndays', '"16:15"\ndays', "[[carrier.pickup]] 1, ends", "after 16:15", "'16:15'"),
        ('"17:00"\ndays', '"5 pm"\ndays', "[[carrier.pickup]] 1, ends", "HH:MM", "'5 pm'"),
        ('begins = "16:15"\n', "", "[[carrier.pickup]] 1, begins", "required", "nothing"),
        ('"654321"', '"weekdays"', "days", "1 (Monday) to 7", "'weekdays'"),
        ("max_parcels = 400", "max_parcels = -1", "max_parcels", "from 0", "'-1'"),
        (
            'begins = "10:00"\nends = "10:30"\nplace = "Gate 3, ring twice"',
            'begins = "16:15"\nends = "17:00"\nplace = "DOCK-1"',
            "[[carrier.pickup]] 2, begins",
            "once at a place",
            "16:15 again",
        ),
        ("2026-12-25", "2026-12-32", "", "", ""),
        ('"2026-05-05"', '"5 May"', "[[holiday]] 2, day", "2026-12-25", "'5 May'"),
        ('"2026-05-05"', '"2026-02-30"', "[[holiday]] 2, day", "2026-12-25", "'2026-02-30'"),
        ('"2026-05-05"', "2026-05-05T10:00:00", "[[holiday]] 2, day", "a date", "2026-05-05 10"),
        ('"2026-05-05"', "5", "[[holiday]] 2, day", "a date", "'5'"),
        ('"2026-05-05"\ncarrier = "POSTNL"', "2026-12-25", "day", "once", "2026-12-25 again"),
        (
            'carrier = "POSTNL"',
            'carrier = "POSTNLX"',
            "[[holiday]] 2, carrier",
            "known carrier: POSTNL",
            "NLX",
        ),
        ('name = "Chr', 'nmae = "Chr', "[[holiday]] 1, nmae", "nearest is name", "'nmae'"),
    ],
)
def test_a_fault_is_named(
    tmp_path: Path, old: str, new: str, place: str, expected: str, got: str
) -> None:
    assert PICKUPS.count(old) == 1
    with pytest.raises(FileError) as caught:
        loaded(tmp_path, PICKUPS.replace(old, new))
    for part in (place, expected, got):
        assert part in str(caught.value)
