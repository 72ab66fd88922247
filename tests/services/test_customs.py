"""Customs papers: who is told what is missing, what the papers say, and that they come out."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.services.pack_helpers import (
    PACK,
    content,
    end,
    jobs,
    label_of,
    labelled,
    opened,
    packed,
    parcels,
    picked,
    reach,
)
from tests.world import BOB, CANDLE, LANTERN, MUG, PRODUCTS, SIGN, World, gtin
from wms_terminal.bootstrap import Papers
from wms_terminal.domain.customs import CustomsPapers, Exporter
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import OrderLineRecord
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import PrintState
from wms_terminal.ports.store import StoreError
from wms_terminal.services import take_in
from wms_terminal.services.customs import for_order, read
from wms_terminal.services.spool import render
from wms_terminal.services.step import Step

LONDON = Address(
    "Zoë Ward", street="12 High Street", postcode="N1 9GU", city="London", country="GB"
)


def complete(world: World, *skus: str) -> None:
    """Say of products what customs want to know."""
    known = {"hs_code": "94055000", "origin": "CN"}
    records = [replace(item, **known) for item in PRODUCTS if item.sku in skus]  # type: ignore[arg-type]
    take_in.products(world.store, records)


def told(world: World) -> list[str]:
    """What the responsible person finds, in words."""
    with world.store.read() as tx:
        sara = next(item for item in tx.site.operators() if item.code == "SARA")
        notices = tx.orders.notices(sara)
    texts = [str(Text.from_json(json.loads(notice.text))) for notice in notices]
    return [text for text in texts if "customs" in text]


def facts_of(step: Step) -> dict[str, str]:
    """What a screen says beside its main thing."""
    return {str(label): str(value) for label, value in step.view.facts}


def papers(world: World, number: int = 1) -> CustomsPapers:
    """The newest customs papers of a parcel of order 1001."""
    return read(content(jobs(world, world.find("1001"), number, "customs")[-1]))


def test_an_order_that_stays_in_the_union_has_no_customs_papers(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    assert jobs(world, order, kind="customs") == []
    assert told(world) == []
    with world.store.read() as tx, pytest.raises(StoreError, match="leaves the customs union"):
        for_order(tx, order, "2026-03-03")


def test_what_a_product_misses_is_told_when_its_order_comes_in_and_once(world: World) -> None:
    complete(world, MUG)
    for _ in range(2):
        world.order((LANTERN, 1), (MUG, 1), customer=LONDON)
    (text,) = told(world)
    assert text == (
        f"{LANTERN} leaves the customs union and its papers miss: HS code, country of origin. "
        "Import it complete"
    )
    world.order((SIGN, 1), customer=LONDON)
    assert len(told(world)) == 2


def test_goods_without_a_price_are_told_with_their_order(world: World) -> None:
    complete(world, LANTERN)
    world.order(customer=LONDON, lines=(OrderLineRecord(LANTERN, 1, 0),))
    assert told(world) == [
        f"{LANTERN} leaves the customs union without a price: customs ask for its value"
    ]


def test_papers_say_what_is_in_the_parcel_at_the_orders_prices(world: World) -> None:
    complete(world, LANTERN, CANDLE)
    with world.store.write() as tx:
        exporter = {"eori": "NL123456789", "vat": "", "phone": "", "signed_by": "S", "terms": "DDP"}
        tx.site.set_setting("exporter", json.dumps(exporter))
    packed(world, (LANTERN, 2), (CANDLE, 12), customer=LONDON, currency="GBP", phone="123")
    found = papers(world)
    assert [(item.sku, item.quantity, item.value, item.net_g) for item in found.goods] == [
        (LANTERN, 2, 500, 1600),
        (CANDLE, 12, 3000, 3000),
    ], "both lots of the candle in one line"
    assert (found.value, found.units, found.net_g) == (3500, 14, 4600)
    assert (found.currency, found.number, found.issued_on) == ("GBP", "1001-1", "2026-03-03")
    assert found.receiver == LONDON
    assert found.sender.name == "Test Shop"
    assert found.exporter == Exporter("NL123456789", "", "", "S", "DDP")
    assert found.weight_g == parcels(world, world.find("1001"))[0].weight_g
    assert {item.gaps for item in found.goods} == {()}


def test_parcels_of_an_order_share_its_value_out(world: World) -> None:
    order = opened(world, (LANTERN, 3), (MUG, 1), customer=LONDON)
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    world.scan(PACK, label_of(world, order))
    reach(world, PACK, "label")
    first, second = papers(world, 1), papers(world, 2)
    assert [(item.sku, item.quantity) for item in first.goods] == [(LANTERN, 1)]
    assert [(item.sku, item.quantity) for item in second.goods] == [(LANTERN, 2), (MUG, 1)]
    assert (first.value, second.value) == (250, 750)
    assert (first.number, second.number) == ("1001-1", "1001-2")


def test_papers_come_out_of_the_documents_printer_with_the_slip(world: World) -> None:
    order = packed(world, (LANTERN, 1), customer=LONDON)
    slip, job = jobs(world, order, kind="slip")[0], jobs(world, order, kind="customs")[0]
    assert (job.printer, job.station_id) == (slip.printer, slip.station_id)
    assert job.id > slip.id
    pdf = render("customs", job.content, Papers(), job.printer)
    assert pdf.startswith(b"%PDF-")
    assert render("customs", job.content, Papers(), job.printer) == pdf


def test_the_packer_is_told_what_to_fill_in(world: World) -> None:
    picked(world, (LANTERN, 1), customer=LONDON)
    world.scan(PACK, BOB, "WHCPACK", "1001")
    facts = facts_of(reach(world, PACK, "label"))
    assert facts["Customs papers"] == (
        f"Fill in by hand: {LANTERN} HS code, country of origin. Then into the pouch on the parcel"
    )


def test_of_complete_papers_the_packer_is_told_where_they_go(world: World) -> None:
    complete(world, LANTERN)
    picked(world, (LANTERN, 1), customer=LONDON)
    world.scan(PACK, BOB, "WHCPACK", "1001")
    facts = facts_of(reach(world, PACK, "label"))
    assert "pouch" in facts["Customs papers"]
    assert "Fill" not in facts["Customs papers"]


def test_papers_that_did_not_come_out_are_named(world: World) -> None:
    order = packed(world, (LANTERN, 1), customer=LONDON)
    end(world, jobs(world, order, kind="customs")[0], PrintState.FAULTED, "Paper out.")
    facts = facts_of(world.floor.look(PACK))
    assert facts["Customs papers not printed"] == "Paper out."


def test_papers_that_are_printed_again_know_what_was_filled_in_since(world: World) -> None:
    order = packed(world, (LANTERN, 1), customer=LONDON)
    world.printed()
    assert papers(world).goods[0].hs_code == ""
    complete(world, LANTERN)
    world.wait(days=1)
    world.scan(PACK, BOB, "WHCPRNT", "WHRSPOIL")
    kinds = [len(jobs(world, order, kind=kind)) for kind in ("label", "slip", "customs")]
    assert kinds == [2, 2, 2]
    assert papers(world).goods[0].hs_code == "94055000"
    assert papers(world).issued_on == "2026-03-03", "the date of the first papers"


def test_a_desk_gets_the_papers_of_every_closed_parcel(world: World) -> None:
    order = labelled(world, (LANTERN, 1), customer=LONDON)
    complete(world, LANTERN)
    with world.store.read() as tx:
        (found,) = for_order(tx, order, "2030-01-01")
    assert found == replace(papers(world), goods=found.goods)
    assert found.goods[0].origin == "CN"


def test_an_order_without_a_closed_parcel_has_no_papers_yet(world: World) -> None:
    order = world.order((LANTERN, 1), customer=LONDON)
    with world.store.read() as tx, pytest.raises(StoreError, match="Pack it first"):
        for_order(tx, order, "2026-03-03")
