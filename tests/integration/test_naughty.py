"""Hostile text goes through the whole building: in by import, out on label, slip and timeline."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import zxingcpp
from click.testing import CliRunner

from data import open_store
from data.doctor import examine
from devices.documents.zpl_picture import render
from tests.devices.naughty import NAUGHTY
from tests.stores import new_store, url_of
from tests.world import ANNA, BOB, MUG, World, gtin
from wms_terminal.bootstrap import open_bench
from wms_terminal.cli import cli
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import ProductBarcode, ProductRecord
from wms_terminal.domain.scan import Source
from wms_terminal.domain.text import Text
from wms_terminal.services import take_in
from wms_terminal.services.floor import new_gesture

STORABLE = tuple(text for text in NAUGHTY if "\ud800" not in text)


@pytest.mark.parametrize("text", STORABLE, ids=[f"naughty{n}" for n in range(len(STORABLE))])
def test_an_order_full_of_hostile_text_is_shipped_unharmed(text: str, tmp_path: Path) -> None:
    store = new_store(tmp_path)
    world = World(store)
    product = ProductRecord(MUG, text, (ProductBarcode(gtin(2)),), 300, 100, 80, 90)
    take_in.products(store, [product])
    order = world.order(
        (MUG, 2),
        customer=Address(text, text, text, text, text, text, text, "NL"),
        note=text,
        email=text,
        phone=text,
    )
    with store.write() as tx:
        for station in ("PACK-01", "SHIP-01"):
            found = tx.site.station(station)
            assert found is not None
            devices = {
                "scanner": "sim:",
                "printer": f"sim://{tmp_path / 'labels'}",
                "documents": f"sim://{tmp_path / 'slips'}",
                "scale": "sim:" if station == "PACK-01" else "",
            }
            bench = "BENCH-01" if station == "PACK-01" else ""
            tx.site.put_station(station, station, found.department, bench, devices, 300)
    store.close()
    url = url_of(tmp_path / "wms.db")

    for station, badge, flow in (
        ("PICK-01", ANNA, "WHCPICK"),
        ("PACK-01", BOB, "WHCPACK"),
        ("SHIP-01", BOB, "WHCSHIP"),
    ):
        bench_ = open_bench(url, station)
        bench_.scan(badge, Source.SCANNER, new_gesture())
        bench_.scan(text, Source.SCANNER, new_gesture())
        bench_.scan("WHCOK", Source.SCANNER, new_gesture())
        step = bench_.scan(flow, Source.SCANNER, new_gesture())
        while step.hint:
            step = bench_.scan(step.hint, Source.SCANNER, new_gesture())
        bench_.close()

    store = open_store(url)
    with store.read() as tx:
        assert examine(tx) == []
        shipped = tx.orders.get(order.id)
        parcel = tx.parcels.of_order(order.id)[0]
        for event in tx.orders.events(order.id):
            str(Text.from_json(json.loads(event.text)))
    store.close()
    assert shipped.state.value == "shipped"
    label = next((tmp_path / "labels").glob("*.zpl")).read_bytes()
    (image,) = render(label)
    assert parcel.sscc in zxingcpp.read_barcodes(image)[0].text.replace(" ", "")
    assert next((tmp_path / "slips").glob("*.pdf")).read_bytes().startswith(b"%PDF")
    told = CliRunner().invoke(cli, ["--store", url, "order", order.number])
    assert told.exit_code == 0, told.output
    assert "\x1b[2J" not in told.output
