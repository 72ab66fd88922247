"""What the store knows of goods that cross a border, on every engine."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from pysqlite3 import dbapi2

from data import open_store, sqlite
from data.migrations import STEPS
from tests.store.hands import AT, PRODUCTS, Hands
from tests.store.test_sqlite import OLD_PARCEL
from tests.stores import url_of
from wms_terminal.domain.customs import Goods


def test_goods_of_a_parcel_have_their_lines_price_and_all_lots_in_one(hands: Hands) -> None:
    lamp = replace(PRODUCTS[0], hs_code="940550", origin="CN")
    with hands.store.write() as tx:
        tx.site.put_product(lamp)
        assert tx.site.put_product(lamp) is False
    order = hands.order(("LAMP", 2), ("SALT", 15))
    tote = hands.tote(order, "T-1")
    hands_list = hands.release(order)
    hands.start(hands_list)
    while (stop := hands.stop(hands_list)) is not None and stop.left:
        hands.pick_stop(stop, tote)
    with hands.store.write() as tx:
        place = tx.site.add_parcel_location("P1", None)
        parcel = tx.parcels.open(order.id, place, AT)
        lines = {line.sku: line.id for line in tx.orders.lines(order.id)}
        tx.parcels.add_unit(parcel, lines["SALT"], "L2", 10)
        tx.parcels.add_unit(parcel, lines["SALT"], "L1", 3)
        tx.parcels.add_unit(parcel, lines["LAMP"], "", 2)
        assert tx.customs.goods(parcel) == [
            Goods("LAMP", "Lamp", 2, 250, 800, "940550", "CN"),
            Goods("SALT", "Salt", 13, 250, 500, "", ""),
        ]


def test_products_that_miss_something_are_named(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.site.put_product(replace(PRODUCTS[0], hs_code="940550", origin="CN"))
        tx.site.put_product(replace(PRODUCTS[1], hs_code="691200"))
    order = hands.order(("LAMP", 1), ("SALT", 1), ("MUG", 1), ("MUG", 2))
    with hands.store.read() as tx:
        found = tx.customs.incomplete(order.id)
        assert tx.customs.unpriced(order.id) == []
    assert [(item.sku, item.hs_code, item.weight_g) for item in found] == [
        ("MUG", "691200", 300),
        ("SALT", "", 500),
    ]


def test_lines_without_a_price_are_named(hands: Hands) -> None:
    record = hands.record(("LAMP", 1), ("MUG", 1))
    free = replace(record, lines=(record.lines[0], replace(record.lines[1], unit_price=0)))
    assert hands.put(free) == "added"
    order = hands.find(free.reference)
    with hands.store.read() as tx:
        assert tx.customs.unpriced(order.id) == ["MUG"]


def test_of_a_product_somebody_is_told_once(hands: Hands) -> None:
    lamp, mug = hands.product("LAMP"), hands.product("MUG")
    for expected in (True, False):
        with hands.store.write() as tx:
            assert tx.customs.tell_once(lamp, AT) is expected
    with hands.store.write() as tx:
        assert tx.customs.tell_once(mug, AT)


def test_print_jobs_from_before_customs_papers_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "wms.db"
    monkeypatch.setattr(sqlite, "STEPS", STEPS[:1])
    open_store(url_of(path)).close()
    raw = dbapi2.connect(str(path))
    raw.executescript(OLD_PARCEL)
    for number, of in ((1, "NULL"), (2, "1")):
        raw.execute(
            "INSERT INTO print_job (at, kind, parcel_id, station_id, printer, content, state, "
            f"reprint_of, changed_at) VALUES ('t', 'label', 1, 1, 'p{number}', '{{}}', 'sent', "
            f"{of}, 't')"
        )
    raw.commit()
    raw.close()
    monkeypatch.setattr(sqlite, "STEPS", STEPS[:3])
    open_store(url_of(path)).close()
    raw = dbapi2.connect(str(path))
    raw.execute("UPDATE print_job SET printed_on = 'q', before = 4, after = 5")
    raw.commit()
    raw.close()
    monkeypatch.setattr(sqlite, "STEPS", STEPS)
    with closing(open_store(url_of(path))) as store, store.write() as tx:
        rows = tx.connection.all(
            "SELECT id, printer, reprint_of, printed_on, before, after FROM print_job ORDER BY id"
        )
        assert rows == [(1, "p1", None, "q", 4, 5), (2, "p2", 1, "q", 4, 5)]
        tx.parcels.add_job("customs", 1, 1, "sim:", "{}", AT)
        assert tx.connection.damage() == []
