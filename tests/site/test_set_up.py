from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.files.site_file import read_site
from data.store import SqlStore
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.records import LocationRecord
from wms_terminal.domain.setup import CarrierSetup, OperatorSetup, ServiceSetup, SiteSetup
from wms_terminal.domain.site import Kind
from wms_terminal.ports.store import StoreConflict, StoreError
from wms_terminal.services import set_up, take_in
from wms_terminal.services.pins import pin_matches
from wms_terminal.services.resolver import badge_key

PLACES = (
    LocationRecord("BENCH-01", "bench"),
    LocationRecord("DOCK-1", "dock"),
    LocationRecord("A01-01-1", "pick"),
)


@pytest.fixture
def setup(site_file: Path, store: SqlStore) -> SiteSetup:
    take_in.locations(store, PLACES)
    return read_site(site_file)


def meaning(store: SqlStore, code: str) -> list[tuple[Kind, int]]:
    with store.read() as tx:
        return [(hit.kind, hit.ref_id) for hit in tx.site.barcodes([code])]


def content(store: SqlStore) -> list[object]:
    """Every row that a set-up may touch."""
    tables = (
        "setting",
        "department",
        "operator",
        "station",
        "package_type",
        "carrier",
        "service",
        "barcode",
        "location",
    )
    with store.read() as tx:
        return [sorted(tx.connection.all(f"SELECT * FROM {name}"), key=str) for name in tables]


def test_everything_is_in_the_store(store: SqlStore, setup: SiteSetup) -> None:
    counts = set_up.apply(store, setup)
    assert counts == {
        "departments": 1,
        "operators": 2,
        "stations": 1,
        "package_types": 1,
        "carriers": 1,
        "services": 1,
    }
    with store.read() as tx:
        station = tx.site.station("PICK-01")
        assert station is not None
        assert station.bench_id is not None
        assert tx.site.location(station.bench_id).code == "BENCH-01"
        assert tx.site.setting("timezone") == "Europe/Amsterdam"
        assert tx.site.setting("gs1_company_prefix") == "952123456"
        assert '"city": "Rotterdam"' in tx.site.setting("sender")
        anna = tx.site.operators()[0]
        assert pin_matches("4711", anna.pin_hash)
        assert [service.code for service in tx.site.services()] == ["PNL-NL"]
    assert meaning(store, "WHSPICK01") == [(Kind.STATION, station.id)]
    assert meaning(store, "BOXM1") == [(Kind.PACKAGE_TYPE, 1)]
    assert meaning(store, "CARRPOSTNL") == [(Kind.CARRIER, 1)]
    assert (Kind.CARRIER, 1) in meaning(store, location_barcode("DOCK-1"))
    assert meaning(store, badge_key("WHB7F3K2M9QX1")) == [(Kind.BADGE, anna.id)]
    assert meaning(store, "WHB7F3K2M9QX1") == []


def test_twice_changes_nothing(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    before = content(store)
    set_up.apply(store, setup)
    assert content(store) == before


def test_a_changed_pin_counts_from_now_on(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    anna = replace(setup.operators[0], pin="0815")
    set_up.apply(store, replace(setup, operators=(anna, setup.operators[1])))
    with store.read() as tx:
        assert pin_matches("0815", tx.site.operators()[0].pin_hash)


def test_a_new_badge_makes_the_lost_one_worthless(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    anna = replace(setup.operators[0], badge="WHBNEWBADGE1")
    set_up.apply(store, replace(setup, operators=(anna, setup.operators[1])))
    assert meaning(store, badge_key("WHB7F3K2M9QX1")) == []
    assert meaning(store, badge_key("WHBNEWBADGE1")) != []


def test_badges_change_hands(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    anna, bob = setup.operators
    swapped = (replace(anna, badge=bob.badge), replace(bob, badge=anna.badge))
    before = meaning(store, badge_key(bob.badge))
    set_up.apply(store, replace(setup, operators=swapped))
    assert meaning(store, badge_key(anna.badge)) == before


def test_who_left_can_no_longer_sign_in(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    anna, bob = setup.operators
    carol = OperatorSetup("carol", "Carol King", bob.badge)
    counts = set_up.apply(store, replace(setup, operators=(anna, carol)))
    assert counts["operators_shut_out"] == 1
    with store.read() as tx:
        names = {item.code: tx.site.codes_of(Kind.BADGE, item.id) for item in tx.site.operators()}
    assert names["bob"] == []
    assert names["carol"] == [(badge_key(bob.badge), 1)]
    assert "operators_shut_out" not in set_up.apply(store, replace(setup, operators=(anna, carol)))


def test_benches_and_docks_come_first(store: SqlStore, site_file: Path) -> None:
    setup = read_site(site_file)
    with pytest.raises(StoreError) as caught:
        set_up.apply(store, setup)
    assert "BENCH-01 (bench of station PICK-01) is no location" in str(caught.value)
    assert "DOCK-1 (dock of carrier POSTNL) is no location" in str(caught.value)
    assert "--locations FILE.csv" in str(caught.value)
    with store.read() as tx:
        assert tx.site.operators() == []


def test_a_pick_face_is_no_bench(store: SqlStore, setup: SiteSetup) -> None:
    station = replace(setup.stations[0], bench="A01-01-1")
    with pytest.raises(StoreError, match=r"A01-01-1 \(bench of .*\) is a pick location"):
        set_up.apply(store, replace(setup, stations=(station,)))


def test_a_dock_of_several_carriers_stands_for_none(store: SqlStore, setup: SiteSetup) -> None:
    service = ServiceSetup("DHL-EU", "DHL", "18:00")
    dhl = CarrierSetup("DHL", "DHL", "CARRDHL", "DOCK-1", (service,))
    set_up.apply(store, replace(setup, carriers=(*setup.carriers, dhl)))
    kinds = [kind for kind, _ in meaning(store, location_barcode("DOCK-1"))]
    assert kinds == [Kind.LOCATION]


def test_all_or_nothing(store: SqlStore, setup: SiteSetup) -> None:
    set_up.apply(store, setup)
    before = content(store)
    package = replace(setup.package_types[0], code="L", name="Carton L")
    broken = replace(setup, name="Other", package_types=(package,))
    with pytest.raises(StoreConflict, match="BOXM1"):
        set_up.apply(store, broken)
    assert content(store) == before


def test_a_carrier_is_booked_as_the_file_says_and_no_longer_once_it_says_so(
    store: SqlStore, setup: SiteSetup
) -> None:
    (carrier,) = setup.carriers
    service = replace(carrier.services[0], option="postnl:standard")
    booked = replace(
        carrier, kind="sendcloud", options=(("carrier", "postnl"),), services=(service,)
    )
    set_up.apply(store, replace(setup, carriers=(booked,)))
    with store.read() as tx:
        (settings,) = tx.shipments.carriers()
        assert (settings.kind, settings.options) == ("sendcloud", {"carrier": "postnl"})
        assert tx.site.services()[0].option == "postnl:standard"
    set_up.apply(store, setup)
    with store.read() as tx:
        assert tx.shipments.carriers() == []
        assert tx.site.services()[0].option == ""
