"""One resolver for every code: what it is, among the kinds that a state allows."""

from __future__ import annotations

import pytest

from data.store import SqlStore
from tests.services.saying import code, refusal, said
from tests.world import ANNA, BOB, CANDLE, LANTERN, MUG, World, at, gtin, pack_gtin
from wms_terminal.domain.codes import gs1_check_digit
from wms_terminal.domain.outcome import Refused
from wms_terminal.domain.records import (
    LocationRecord,
    ProductBarcode,
    ProductRecord,
    StockRecord,
)
from wms_terminal.domain.scan import GS, Source, read
from wms_terminal.domain.site import Kind
from wms_terminal.services import take_in
from wms_terminal.services.dialogue import Found
from wms_terminal.services.resolver import printable, resolve

ALL = (Kind.LOCATION, Kind.TOTE, Kind.ORDER, Kind.PRODUCT, Kind.PACKAGE_TYPE, Kind.CARRIER)
HERE = "PICK-01"
KEY = gtin(1).zfill(14)


def find(
    world: World, raw: str, *accepted: Kind, source: Source = Source.SCANNER
) -> tuple[Kind, int, int]:
    found = look(world, raw, *accepted, source=source)
    return found.kind, found.ref, found.units


def look(world: World, raw: str, *accepted: Kind, source: Source = Source.SCANNER) -> Found:
    with world.store.read() as tx:
        return resolve(tx, read(raw), source, accepted)


def product(world: World, sku: str) -> int:
    with world.store.read() as tx:
        known = tx.site.product_by_sku(sku)
    assert known is not None
    return known.id


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        ("WHCOK", Kind.COMMAND),
        ("WHREMPTY", Kind.REASON),
        (ANNA, Kind.BADGE),
        ("WHSPICK01", Kind.STATION),
        (at("A01-01-1"), Kind.LOCATION),
        ("a01-01-1", Kind.LOCATION),
        (at("T-0001"), Kind.TOTE),
        ("T-0001", Kind.TOTE),
        ("1001", Kind.ORDER),
        (f"]C1400{'1001'}", Kind.ORDER),
        (gtin(1), Kind.PRODUCT),
        (LANTERN, Kind.PRODUCT),
        ("BOXS", Kind.PACKAGE_TYPE),
        ("CARDHL", Kind.CARRIER),
        ("nothing of ours", Kind.UNKNOWN),
    ],
)
@pytest.mark.parametrize("accepted", [ALL, ()])
def test_a_code_is_named_whether_it_is_allowed_or_not(
    world: World, raw: str, kind: Kind, accepted: tuple[Kind, ...]
) -> None:
    world.order((LANTERN, 1))
    assert look(world, raw, *accepted).kind is kind


def test_the_order_of_the_kinds_decides(world: World) -> None:
    take_in.products(world.store, [ProductRecord("T-0007", "SOMETHING CALLED LIKE A TOTE")])
    assert look(world, "T-0007", Kind.TOTE, Kind.PRODUCT).kind is Kind.TOTE
    assert look(world, "T-0007", Kind.PRODUCT, Kind.TOTE).kind is Kind.PRODUCT
    assert look(world, "T-0007", Kind.PRODUCT).kind is Kind.PRODUCT
    assert look(world, at("DOCK-1"), Kind.CARRIER, Kind.LOCATION).kind is Kind.CARRIER


def upc(body: str) -> str:
    return body + gs1_check_digit(body)


@pytest.mark.parametrize("length", [8, 12, 13, 14])
@pytest.mark.parametrize("stored", [8, 12, 13, 14])
def test_a_gtin_is_one_key_whatever_its_length(world: World, stored: int, length: int) -> None:
    short = upc("1234567")
    record = ProductRecord("X", "X", (ProductBarcode(short.zfill(stored)),))
    take_in.products(world.store, [record])
    kind, ref, units = find(world, short.zfill(length), Kind.PRODUCT)
    assert (kind, ref, units) == (Kind.PRODUCT, product(world, "X"), 1)


def test_one_product_has_several_codes_each_with_its_units(world: World) -> None:
    codes = (ProductBarcode("OLDCODE"), ProductBarcode(gtin(77)), ProductBarcode("CASE", 24))
    take_in.products(world.store, [ProductRecord("X", "X", codes)])
    ref = product(world, "X")
    for raw, units in (("OLDCODE", 1), ("oldcode", 1), (gtin(77), 1), ("CASE", 24), ("X", 1)):
        assert find(world, raw, Kind.PRODUCT) == (Kind.PRODUCT, ref, units)


@pytest.mark.parametrize(
    ("raw", "units"),
    [
        (gtin(1), 1),
        (pack_gtin(1), 6),
        (f"]C101{KEY}", 1),
        (f"01{KEY}", 1),
        (f"(01){KEY}", 1),
        (f"(01){KEY}(10)LOT/7", 1),
        (f"]C102{KEY}3705", 5),
        (f"]C102{KEY}37{'5'}{GS}10LOT", 5),
        (f"]C101{KEY}3012", 12),
        (f"]C101{pack_gtin(1)}3002", 12),
        (f"]d201{KEY}11260101172712311099{GS}21SER", 1),
        (f"]Q3{GS}01{KEY}", 1),
        (f"01{KEY}3103001250", 1),
        (f"https://id.gs1.org/01/{KEY}/10/ABC?17=271231", 1),
        (f"https://shop.example/01/{KEY}", 1),
        (f"]C101{KEY}{GS}77unknown{GS}10L", 1),
        (f"]C177unknown{GS}01{KEY}", 1),
    ],
)
def test_gs1_and_plain_codes_of_one_product(world: World, raw: str, units: int) -> None:
    assert find(world, raw, Kind.PRODUCT) == (Kind.PRODUCT, product(world, LANTERN), units)


def test_an_sscc_is_a_parcel(world: World) -> None:
    world.order((MUG, 1))
    world.pick_all()
    world.scan("PACK-01", BOB, "WHCPACK", at("T-0001"), gtin(2), "BOXS")
    step = world.weigh("PACK-01", 380)
    assert step.state == "label"
    sscc = step.hint[-18:]
    for raw in (sscc, f"00{sscc}", f"]C100{sscc}", f"(00){sscc}"):
        assert look(world, raw, Kind.PARCEL).kind is Kind.PARCEL
        assert look(world, raw, Kind.PRODUCT).kind is Kind.PARCEL


def test_a_lot_is_anything_that_is_nothing_else(world: World) -> None:
    assert look(world, "ANYTHING", Kind.PRODUCT, Kind.LOT).code == "ANYTHING"
    assert look(world, "]C110LOT-7", Kind.PRODUCT, Kind.LOT).code == "LOT-7"
    assert look(world, f"]C11727123110LOT-7{GS}21X", Kind.PRODUCT, Kind.LOT).code == "LOT-7"
    assert look(world, gtin(1), Kind.PRODUCT, Kind.LOT).kind is Kind.PRODUCT
    assert look(world, f"]C101{upc('0871999999999')}10L", Kind.LOT).kind is Kind.UNKNOWN


@pytest.mark.parametrize("text", ["7", "007", "999999"])
def test_a_short_number_is_one_when_it_is_keyed(world: World, text: str) -> None:
    found = find(world, text, Kind.PRODUCT, Kind.NUMBER, source=Source.KEYED)
    assert found == (Kind.NUMBER, 0, int(text))
    assert look(world, text, Kind.PRODUCT, Kind.NUMBER).kind is Kind.UNKNOWN
    assert look(world, text, Kind.PRODUCT, source=Source.KEYED).kind is Kind.UNKNOWN


@pytest.mark.parametrize("text", ["1234567", "²", "٣", "1.5", "-1", "1e3", "0x10"])
def test_other_things_are_no_numbers(world: World, text: str) -> None:
    assert look(world, text, Kind.NUMBER, source=Source.KEYED).kind is Kind.UNKNOWN


def test_a_number_that_a_product_goes_by_is_both(world: World) -> None:
    found = find(world, LANTERN, Kind.PRODUCT, Kind.NUMBER, source=Source.KEYED)
    assert found == (Kind.NUMBER, product(world, LANTERN), int(LANTERN))


@pytest.mark.parametrize(
    ("raw", "trouble"),
    [("", "empty"), (" \r\n", "empty"), ("A\x00B", "control"), ("\x1b[A", "control")],
)
def test_an_unusable_code_is_refused_with_the_reason(world: World, raw: str, trouble: str) -> None:
    with pytest.raises(Refused) as caught:
        look(world, raw, *ALL)
    assert caught.value.message.code == "unusable_code"
    assert trouble in str(caught.value.message.text)


def test_a_code_of_two_products_asks_for_a_narrower_one(world: World, store: SqlStore) -> None:
    take_in.products(world.store, [ProductRecord("71053B", "BLACK LANTERN")])
    other = product(world, "71053B")
    with store.write() as tx:  # nothing brings such a code in any more, an older store may have it
        tx.connection.run(
            "INSERT INTO barcode (code, kind, ref_id) VALUES (:code, 'product', :ref)",
            code=KEY,
            ref=other,
        )
    world.order((LANTERN, 2))
    step = world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), at("A01-01-1"), gtin(1))
    assert refusal(step) == ("ambiguous", "", gtin(1))
    assert "narrower" in str(said(step).advice)
    world.scan(HERE, "WHCOK")
    assert code(world.key(HERE, LANTERN)) == "counted"
    assert refusal(world.scan(HERE, "71053B"))[0] == "wrong_product"
    with store.write() as tx:
        tx.connection.run(
            "DELETE FROM barcode WHERE code = :code AND ref_id = :ref", code=KEY, ref=other
        )


def test_a_lot_number_that_two_products_have(world: World) -> None:
    """Lot numbers repeat: what counts is the lot of the product that is asked for."""
    take_in.products(world.store, [ProductRecord("SALT", "SALT", lot_tracked=True)])
    take_in.locations(world.store, [LocationRecord("A02-01-1", "pick", "A", 50)])
    records = [StockRecord("A02-01-1", "SALT", 5, "LOT-A")]
    take_in.stock(world.store, records, lambda: world.now, lambda k, w: None)
    world.order((CANDLE, 1), ("SALT", 1))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), at("A01-03-1"), gtin(3), "LOT-A")
    world.scan(HERE, at("T-0001"), at("A02-01-1"), "SALT", "LOT-A")
    assert code(world.scan(HERE, at("T-0001"))) == "picked"


def test_what_is_shown_of_a_code_fits_and_prints() -> None:
    assert printable("ABC") == "ABC"
    assert printable("A\x1dB\x00\udc80") == "A<1D>B<00><DC80>"
    assert len(printable("X" * 500)) == 60
    assert len(printable("\x01" * 500, 20)) == 20
