from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from data.files import Report, open_reader
from data.files.site_file import read_site
from devices import open_printer, open_scale, open_scanner
from wms_terminal.demo_site import demo_locations, demo_setup, demo_stock, write_demo_site
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.commands import RESERVED_PREFIXES
from wms_terminal.domain.records import LocationRecord
from wms_terminal.domain.site import Product

PLACES = list(demo_locations())


def products(count: int, *, lots: bool = False) -> list[Product]:
    return [Product(n, f"{10000 + n}", f"THING {n}", 10, 1, 1, 1, lots) for n in range(count)]


def test_there_is_room_for_everything() -> None:
    kinds = Counter(place.kind for place in PLACES)
    assert kinds["pick"] >= 3_700
    assert kinds["bulk"] >= 2_500
    assert (kinds["staging"], kinds["bench"], kinds["dock"]) == (6, 10, 3)
    assert (kinds["problem"], kinds["tote"]) == (1, 240)


def test_addresses_are_easy_to_read_and_their_barcodes_differ() -> None:
    racks = [place.code for place in PLACES if place.kind in ("pick", "bulk")]
    assert not any(set(code) & set("IOQ") for code in racks)
    barcodes = [location_barcode(place.code) for place in PLACES]
    assert len(set(barcodes)) == len(barcodes)
    assert not any(code.startswith(RESERVED_PREFIXES) for code in barcodes)


def test_the_walk_goes_up_one_aisle_and_down_the_next() -> None:
    walks = [place.walk for place in PLACES if place.kind != "tote"]
    assert walks == list(range(1, len(walks) + 1))
    codes = [place.code for place in PLACES]
    assert codes[codes.index("A01-24-5") + 1] == "A02-24-1"
    assert codes[codes.index("A02-01-5") + 1] == "A03-01-1"


def test_check_digits_are_unlike_those_of_the_neighbours() -> None:
    digits = {place.code: place.check_digits for place in PLACES if place.check_digits}
    assert len(digits) == 6_840
    for code, own in digits.items():
        aisle, bay, level = code.split("-")
        for near in (f"{aisle}-{int(bay) + 1:02}-{level}", f"{aisle}-{bay}-{int(level) + 1}"):
            other = digits.get(near, "--")
            assert own[0] != other[0]
            assert own[1] != other[1]
    assert len(set(digits.values())) == 100


def test_the_files_are_what_a_real_site_could_write(tmp_path: Path) -> None:
    folder = tmp_path / "a site with spaces & 100% #1?"
    write_demo_site(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["locations.csv", "site.toml"]
    assert (folder / "site.toml").stat().st_mode & 0o077 == 0
    reader = open_reader("locations", folder / "locations.csv", "csv")
    reader.check()
    assert list(reader.records(Report())) == PLACES
    assert read_site(folder / "site.toml") == demo_setup(folder)


def test_what_somebody_changed_stays(tmp_path: Path) -> None:
    write_demo_site(tmp_path)
    (tmp_path / "site.toml").write_text("mine", encoding="utf-8")
    (tmp_path / "locations.csv").unlink()
    write_demo_site(tmp_path)
    assert (tmp_path / "site.toml").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "locations.csv").exists()


def test_the_devices_exist(tmp_path: Path) -> None:
    folder = tmp_path / "50% off"
    for station in demo_setup(folder).stations:
        open_scanner(station.scanner)
        if station.scale:
            open_scale(station.scale)
        if station.printer:
            open_printer(station.printer).print(b"^XA^XZ", station.code)
            open_printer(station.documents).print(b"%PDF-", station.code)
    assert (folder / "labels" / "PACK-01.zpl").exists()
    assert (folder / "slips" / "SHIP-05.pdf").exists()


def test_there_are_people_for_every_station() -> None:
    setup = demo_setup(Path("/demo"))
    crew = Counter(person.department for person in setup.operators)
    assert len(setup.operators) == 28
    assert (crew["picking"] >= 8, crew["packing"] >= 8, crew["shipping"] >= 4) == (True,) * 3
    assert sum(person.supervisor for person in setup.operators) == 6
    assert {person.language for person in setup.operators} == {"nl", "en"}
    assert len({station.bench for station in setup.stations if station.bench}) == 10


@pytest.mark.parametrize("country", ["GB", "NL", "BE", "IE", "DE", "AU", "JP", ""])
def test_every_country_gets_a_service(country: str) -> None:
    services = [item for carrier in demo_setup(Path("/x")).carriers for item in carrier.services]
    takers = [
        item for item in services if item.countries == "*" or country in item.countries.split()
    ]
    assert takers
    assert min(takers, key=lambda item: item.rank).code != "PNL-LETTER"


def test_the_stock_of_a_usual_range() -> None:
    kind = {place.code: place.kind for place in PLACES}
    found = defaultdict(list)
    for record in demo_stock(products(3_700)):
        found[record.sku].append(record)
    assert len(found) == 3_700
    on_face = [
        record
        for records in found.values()
        for record in records
        if kind[record.location] == "pick"
    ]
    assert len({record.location for record in on_face}) == len(on_face) == 3_700
    scarce = [record for record in on_face if record.quantity < 240]
    assert 15 <= len(scarce) <= 75
    assert all(record.quantity <= 900 for record in on_face)
    with_bulk = sum(len(records) == 2 for records in found.values())
    assert 0.6 < with_bulk / 3_700 < 0.72


def test_lots_expire_one_after_the_other() -> None:
    found = defaultdict(list)
    for record in demo_stock(products(200, lots=True)):
        found[record.sku].append(record)
    pairs = [records for records in found.values() if len(records) == 2]
    assert len(pairs) > 190
    for first, last in pairs:
        assert first.lot != last.lot
        assert first.expires_on < last.expires_on
    assert {first.location == last.location for first, last in pairs} == {True, False}


def test_more_products_than_pick_faces_share_them() -> None:
    records = list(demo_stock(products(9_000)))
    assert len({record.sku for record in records}) == 9_000
    places = [(record.location, record.sku, record.lot) for record in records]
    assert len(set(places)) == len(places)


def test_the_order_of_products_is_of_no_matter() -> None:
    some = products(500)
    assert list(demo_stock(some)) == list(demo_stock(reversed(some)))
    assert list(demo_stock([])) == []


def test_a_location_is_a_record() -> None:
    assert PLACES[0] == LocationRecord("A01-01-1", "pick", "A", 1, PLACES[0].check_digits)
