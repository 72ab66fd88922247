"""The building, its people, and the codes that everything goes by."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.store.hands import Hands
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.records import LocationRecord, ProductBarcode, ProductRecord
from wms_terminal.domain.site import Kind, LocationKind, PackageType, Service
from wms_terminal.ports.site_room import BarcodeHit
from wms_terminal.ports.store import StoreConflict, StoreError


def meanings(hands: Hands, *codes: str) -> list[BarcodeHit]:
    with hands.store.read() as tx:
        return tx.site.barcodes(codes)


def test_settings_have_defaults_and_change(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.site.setting("timezone") == ""
        assert tx.site.setting("timezone", "UTC") == "UTC"
        tx.site.set_setting("timezone", "Europe/Amsterdam")
        tx.site.set_setting("timezone", "Europe/Warsaw")
        assert tx.site.setting("timezone", "UTC") == "Europe/Warsaw"


def test_numbers_are_given_once_and_not_lost_to_a_rollback(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert [tx.site.next_number("a") for _ in range(3)] == [1, 2, 3]
        assert tx.site.next_number("b") == 1
    with pytest.raises(ZeroDivisionError), hands.store.write() as tx:
        assert tx.site.next_number("a") // 0
    with hands.store.write() as tx:
        assert tx.site.next_number("a") == 4


def test_locations_go_by_their_label_and_their_address(hands: Hands) -> None:
    place = hands.place("A-1")
    hit = BarcodeHit(Kind.LOCATION, place, 1)
    assert meanings(hands, location_barcode("A-1")) == [hit]
    assert meanings(hands, "A-1") == [hit]
    assert meanings(hands, location_barcode("A-1"), "A-1") == [hit]
    (tote,) = meanings(hands, "T-1")
    assert tote.kind is Kind.TOTE


def test_a_location_is_read_as_it_was_put(hands: Hands) -> None:
    record = LocationRecord("C-7", "bulk", "C", 70, "42", "OWN-LABEL")
    with hands.store.write() as tx:
        assert tx.site.put_location(record)
        location = tx.site.location_by_code("C-7")
        assert location is not None
        assert location == tx.site.location(location.id)
        assert tx.site.locations("bulk")[-1] == location
        assert tx.site.location_by_code("C-8") is None
    assert location.kind is LocationKind.BULK
    assert (location.zone, location.walk, location.check_digits) == ("C", 70, "42")
    assert (location.barcode, location.parent_id, location.order_id) == ("OWN-LABEL", None, None)
    assert [hit.ref_id for hit in meanings(hands, "OWN-LABEL")] == [location.id]


def test_the_same_record_again_changes_nothing(hands: Hands) -> None:
    location = LocationRecord("A-1", "pick", "A", 10)
    product = ProductRecord("MUG", "Mug", (ProductBarcode("MUG6", 6),), weight_g=300)
    with hands.store.write() as tx:
        assert not tx.site.put_location(location)
        assert tx.site.put_location(replace(location, walk=11))
        assert tx.site.put_location(replace(location, walk=11, barcode="NEW"))
        assert not tx.site.put_product(product)
        assert tx.site.put_product(replace(product, name="Big mug"))
        assert tx.site.put_product(replace(product, name="Big mug", lot_tracked=True))
        assert tx.site.put_product(replace(product, name="Big mug", lot_tracked=True, barcodes=()))


def test_codes_that_are_gone_mean_nothing(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.site.put_location(LocationRecord("A-1", "pick", "A", 10, barcode="FIRST"))
        tx.site.put_location(LocationRecord("A-1", "pick", "A", 10, barcode="SECOND"))
        tx.site.put_product(ProductRecord("MUG", "Mug", (ProductBarcode("MUG12", 12),)))
    assert meanings(hands, "FIRST") == []
    assert len(meanings(hands, "SECOND")) == 1
    assert meanings(hands, "MUG6") == []
    assert [hit.units for hit in meanings(hands, "MUG12")] == [12]


def test_a_location_that_becomes_a_tote_is_found_as_one(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.site.put_location(LocationRecord("A-1", "tote"))
    assert {hit.kind for hit in meanings(hands, "A-1", location_barcode("A-1"))} == {Kind.TOTE}


def test_a_tote_in_use_stays_one(hands: Hands) -> None:
    hands.tote(hands.order(("MUG", 1)), "T-1")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.site.put_location(LocationRecord("T-1", "pick"))


@pytest.mark.parametrize(
    "record",
    [LocationRecord("SUPPLIER"), LocationRecord("P-9", "parcel"), LocationRecord("O", "outside")],
)
def test_the_programs_own_locations_are_left_alone(hands: Hands, record: LocationRecord) -> None:
    with pytest.raises(StoreConflict, match=record.code), hands.store.write() as tx:
        tx.site.put_location(record)


def test_products_go_by_any_form_of_their_gtin(hands: Hands) -> None:
    lamp = hands.product("LAMP")
    assert meanings(hands, "04006381333931") == [BarcodeHit(Kind.PRODUCT, lamp, 1)]
    assert meanings(hands, "LAMP") == [BarcodeHit(Kind.PRODUCT, lamp, 1)]
    with hands.store.read() as tx:
        assert tx.site.codes_of(Kind.PRODUCT, lamp) == [("04006381333931", 1), ("LAMP", 1)]


def test_a_product_is_read_as_it_was_put(hands: Hands) -> None:
    record = ProductRecord("BOX", "Box of [b]odds[/b]", (), 10, 20, 30, 40, True)
    with hands.store.write() as tx:
        tx.site.put_product(record)
        product = tx.site.product_by_sku("BOX")
        assert product is not None
        assert product == tx.site.product(product.id)
        assert tx.site.product_by_sku("box") is None
        assert [item.sku for item in tx.site.products()] == ["BOX", "LAMP", "MUG", "SALT"]
    assert (product.name, product.weight_g, product.length_mm) == ("Box of [b]odds[/b]", 10, 20)
    assert (product.width_mm, product.height_mm) == (30, 40)
    assert product.lot_tracked is True


def test_a_code_means_one_thing_of_a_kind(hands: Hands) -> None:
    with pytest.raises(StoreConflict, match=r"MUG6.*product PLATE.*product MUG") as refused:
        put_product(hands, ProductRecord("PLATE", "Plate", (ProductBarcode("mug6"),)))
    assert "Change one" in str(refused.value)
    with (
        pytest.raises(StoreConflict, match=r"location C-1.*location A-1"),
        hands.store.write() as tx,
    ):
        tx.site.put_location(LocationRecord("C-1", barcode="a-1"))
    with hands.store.read() as tx:
        assert tx.site.product_by_sku("PLATE") is None


def test_a_code_may_mean_things_of_several_kinds(hands: Hands) -> None:
    put_product(hands, ProductRecord("PLATE", "Plate", (ProductBarcode("A-1"),)))
    assert {hit.kind for hit in meanings(hands, "A-1")} == {Kind.LOCATION, Kind.PRODUCT}


def test_the_best_form_of_a_code_comes_first(hands: Hands) -> None:
    found = meanings(hands, "MUG6", "04006381333931", "LAMP", "nothing")
    assert [hit.ref_id for hit in found] == [hands.product("MUG"), hands.product("LAMP")]
    assert meanings(hands) == []


def test_badges_are_kept_as_they_come(hands: Hands) -> None:
    assert [hit.ref_id for hit in meanings(hands, "hash-ann")] == [hands.ann]
    assert meanings(hands, "HASH-ANN") == []
    with hands.store.write() as tx:
        tx.site.put_operator("ANN", "Ann", "pl", "packing", True, "hash-new", "pin")
        assert tx.site.operator(hands.ann).language == "pl"
        assert tx.site.operator(hands.ann).supervisor is True
    assert meanings(hands, "hash-ann") == []
    assert [hit.ref_id for hit in meanings(hands, "hash-new")] == [hands.ann]


def test_a_badge_has_one_owner_and_is_not_shown(hands: Hands) -> None:
    with (
        pytest.raises(StoreConflict, match=r"This badge.*BOB.*ANN") as refused,
        hands.store.write() as tx,
    ):
        tx.site.put_operator("BOB", "Bob", "nl", "stock", True, "hash-ann", "")
    assert "hash-ann" not in str(refused.value)


def test_a_badge_can_be_taken_away(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.site.put_operator("ANN", "Ann", "en", "picking", False, "", "")
    assert meanings(hands, "hash-ann") == []
    assert meanings(hands, "") == []


def test_stations_are_read_as_they_were_put(hands: Hands) -> None:
    devices = {"scanner": "wedge:", "printer": "tcp://p", "documents": "lp://d", "scale": "sim:"}
    with hands.store.write() as tx:
        tx.site.put_station("W-1", "Bench", "packing", "W-1", devices, 120)
        tx.site.put_barcode("WHSW1", Kind.STATION, hands.pack_station)
        tx.site.put_station("W-1", "Bench", "packing", "W-1", devices, 60)
        station = tx.site.station("W-1")
        assert station is not None
        assert station == tx.site.station_by_id(hands.pack_station)
        assert tx.site.station("W-2") is None
        assert [item.code for item in tx.site.stations()] == ["P-1", "W-1"]
    assert (station.scanner, station.printer, station.documents, station.scale) == (
        "wedge:",
        "tcp://p",
        "lp://d",
        "sim:",
    )
    assert (station.bench_id, station.idle_seconds) == (hands.place("W-1"), 60)
    assert Kind.STATION in {hit.kind for hit in meanings(hands, "WHSW1")}
    assert Kind.STATION in {hit.kind for hit in meanings(hands, "W-1")}


def test_what_a_record_refers_to_must_be_there(hands: Hands) -> None:
    with pytest.raises(StoreError, match=r"bench.*Z-9"), hands.store.write() as tx:
        tx.site.put_station("W-2", "", "packing", "Z-9", {}, 60)
    with pytest.raises(StoreError, match="NOBODY"), hands.store.write() as tx:
        tx.site.put_department("returns", "Returns", "NOBODY")


@pytest.mark.parametrize(
    "name",
    ["location", "product", "operator", "station_by_id", "package_type", "service", "carrier"],
)
def test_an_id_that_is_not_there_is_named(hands: Hands, name: str) -> None:
    with pytest.raises(StoreError, match="999"), hands.store.read() as tx:
        getattr(tx.site, name)(999)


def test_carriers_services_and_cartons_change_by_code(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.site.put_carrier("post", "The Post") == hands.carrier
        assert [carrier.name for carrier in tx.site.carriers()] == ["DHL", "The Post"]
        assert tx.site.carrier(hands.carrier).name == "The Post"
        service = Service(0, "STD", "Slow", hands.carrier, "", "15:30", "135", 3, 9, 8, 7, "NL BE")
        tx.site.put_service(service, 9)
        assert [item.code for item in tx.site.services()] == ["EXP", "STD"]
        assert tx.site.service(hands.service) == replace(
            service, id=hands.service, carrier="The Post"
        )
        package = PackageType(0, "BOX", "Carton", 1, 2, 3, 4, 5)
        tx.site.put_package_type(package)
        assert tx.site.package_types() == [replace(package, id=hands.box)]
        assert tx.site.package_type(hands.box).name == "Carton"


def test_parcels_go_along_when_their_service_changes_its_carrier(hands: Hands) -> None:
    order = hands.order(("MUG", 2))
    hands.pick(order, "T-1")
    hands.pack(order)
    with hands.store.write() as tx:
        assert tx.parcels.count_to_load(hands.carrier) == 1
        tx.site.put_service(replace(tx.site.service(hands.service), carrier_id=hands.rival), 1)
        assert tx.parcels.count_to_load(hands.carrier) == 0
        assert [head.carrier_id for head in tx.parcels.to_load(hands.rival, 9)] == [hands.rival]
        assert [row[2] for row in tx.parcels.waiting_by_carrier()] == [1]


def test_totes_come_in_the_order_in_which_they_were_taken(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    for code in ("T-5", "T-2", "T-7"):
        hands.tote(order, code)
    hands.tote(order, "T-2")
    with hands.store.read() as tx:
        assert [tote.code for tote in tx.site.totes_of(order.id)] == ["T-5", "T-2", "T-7"]
        assert tx.site.totes_of(999) == []


def test_another_orders_tote_is_refused(hands: Hands) -> None:
    first, second = hands.order(("MUG", 1)), hands.order(("MUG", 1))
    tote = hands.tote(first, "T-1")
    with pytest.raises(StoreConflict, match="Another order"):
        hands.tote(second, "T-1")
    with hands.store.write() as tx:
        tx.site.use_tote(tote, None, None)
    hands.tote(second, "T-1")


def test_only_totes_are_used_and_only_totes_and_parcels_are_put_down(hands: Hands) -> None:
    order, place = hands.order(("MUG", 1)), hands.place("A-1")
    with pytest.raises(StoreConflict):
        hands.tote(order, "A-1")
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.site.use_tote(place, None, None)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.site.place(place, hands.service)


def test_totes_and_parcels_stand_somewhere(hands: Hands) -> None:
    tote = hands.tote(hands.order(("MUG", 1)), "T-1")
    staging, bench = hands.place("S-1"), hands.place("W-1")
    with hands.store.write() as tx:
        tx.site.place(tote, staging)
        assert tx.site.location(tote).parent_id == staging
        parcel = tx.site.add_parcel_location("P-1", bench)
        assert tx.site.location(parcel).parent_id == bench
        assert tx.site.location(parcel).kind is LocationKind.PARCEL
        tx.site.place(parcel, None)
        assert tx.site.location(parcel).parent_id is None
    with pytest.raises(StoreConflict, match="code"), hands.store.write() as tx:
        tx.site.add_parcel_location("P-1", bench)


def test_a_free_tote_is_free_and_empty(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    for number in (1, 2):
        hands.tote(order, f"T-{number}")
    mug, place, forgotten = hands.product("MUG"), hands.place("A-2"), hands.place("T-3")
    with hands.store.write() as tx:
        tx.stock.move(mug, "", 1, place, forgotten, why="forgotten", at="")
        tote = tx.site.free_tote()
        assert tote is not None
        assert tote.code == "T-4"
        for number in range(4, 10):
            location = tx.site.location_by_code(f"T-{number}")
            assert location is not None
            tx.site.use_tote(location.id, order.id, None)
        assert tx.site.free_tote() is None


def put_product(hands: Hands, record: ProductRecord) -> None:
    with hands.store.write() as tx:
        tx.site.put_product(record)
