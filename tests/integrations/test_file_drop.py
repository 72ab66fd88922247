"""A channel that is a folder."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.files import read_orders
from tests.integrations.folder_shop import FolderShop
from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.channels import drop_tables
from wms_terminal.integrations.channels.drop_disk import Disk
from wms_terminal.integrations.channels.file_drop import FileDrop, open_channel
from wms_terminal.integrations.testing.channel_kit import RULES, Rule, keep
from wms_terminal.ports.channel import ChannelAway, ChannelSettings, Standing, StockLevel


@pytest.mark.parametrize("json_form", [True, False], ids=["json", "csv"])
@pytest.mark.parametrize("rule", RULES, ids=[rule.__name__ for rule in RULES])
def test_the_folder_keeps(rule: Rule, json_form: bool) -> None:
    keep(rule, partial(FolderShop, json_form))


HEADER = "channel,reference,placed_at,name,country,sku,quantity,unit_price\n"
ORDER = "drop,{},2026-01-05T09:00:00Z,Anna,NL,71053,2,12.50\n"
SETTINGS = ChannelSettings("drop", "file", "")


@pytest.fixture
def shop() -> Iterator[FolderShop]:
    found = FolderShop(json_form=True)
    (found.folder / "in").mkdir()
    yield found
    found.close()


def put(shop: FolderShop, name: str, content: str | bytes) -> Path:
    path = shop.folder / "in" / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def told(shop: FolderShop) -> list[str]:
    return [one.record.reference for one in shop.channel().pull("") if one.record.lines]


def refused(shop: FolderShop, since: str = "") -> list[tuple[str, str]]:
    """Which files were not taken in, or not all of them, and why."""
    found = [one for one in shop.channel().pull(since) if not one.record.lines]
    assert all(one.standing is Standing.HELD for one in found)
    return [(one.record.reference.split("Z-")[1], one.why) for one in found]


def receipt(shop: FolderShop, folder: str) -> dict[str, Any]:
    (path,) = (shop.folder / folder).glob("*.receipt.json")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_a_file_that_was_taken_in_is_put_away_with_a_receipt(shop: FolderShop) -> None:
    other = ORDER.format("3").replace("drop", "web")
    words = HEADER + ORDER.format("1") + ORDER.format("2") + other
    put(shop, "Orders of today.CSV", words)
    assert told(shop) == ["1", "2"]
    found = receipt(shop, "done")
    assert found["taken_in"] == ["1", "2"]
    assert found["left_out"] == [{"reference": "3", "why": "expected the channel drop, got web"}]
    assert found["sha256"] == hashlib.sha256(words.encode()).hexdigest()
    assert not list((shop.folder / "in").iterdir())
    (kept,) = (shop.folder / "done").glob("*.CSV")
    assert kept.read_text() == words


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        (
            "orders.csv",
            HEADER + ORDER.format("1") + ORDER.format("2").replace(",2,", ",two,"),
            "two",
        ),
        ("orders.json", '[{"channel": "drop"', "JSON"),
        ("orders.xlsx", "PK", "ends in .csv or .json"),
        ("invoices.csv", "a,b", "begins with orders, changes or returns"),
        ("changes.csv", "reference,qty\n1,2", "qty"),
        ("changes.csv", "action\ncancel", "expected a reference"),
        ("changes.csv", 'reference\n"1', "end of data"),
        ("changes.json", "[" * 100_000, "expected JSON"),
        ("returns.json", '{"rma": "1"}', "an array"),
        ("returns.csv", b"rma\n\xff", "UTF-8"),
        ("orders.csv", "", "empty"),
    ],
)
def test_a_file_that_cannot_be_read_fails_as_a_whole_and_says_why(
    shop: FolderShop, name: str, content: str | bytes, why: str
) -> None:
    put(shop, name, content)
    put(shop, "orders-good.csv", HEADER + ORDER.format("9"))
    assert told(shop) == ["9"]
    assert why in receipt(shop, "failed")["why"]
    assert refused(shop) == [(name, receipt(shop, "failed")["why"])]
    assert len(list((shop.folder / "failed").iterdir())) == 2


def test_rows_about_orders_that_do_not_fit_are_left_out(shop: FolderShop) -> None:
    put(shop, "a-orders.tmp", "")
    put(shop, "orders.csv", HEADER + ORDER.format("1"))
    told(shop)
    (shop.folder / "done").rename(shop.folder / "before")
    rows = ["cancel;2;;;", "burn;1;;;", "cancel;1;7;1;", "cancel;1;1;many;", "hold;1;;;Wait"]
    put(shop, "changes.csv", "\n".join(["action;reference;line;quantity;reason", *rows]))
    (one,) = (one for one in shop.channel().pull("") if one.record.lines)
    assert (one.standing, one.why) == (Standing.HELD, "Wait")
    ((name, why),) = refused(shop)
    assert name == "changes.csv"
    assert why.startswith("2: there is no such order")
    assert why.endswith("; and 1 more")
    found = receipt(shop, "done")
    assert [row["why"].partition(",")[0] for row in found["left_out"]] == [
        "there is no such order",
        "expected the action cancel",
        "expected a line of the order",
        "Expected a quantity as a number",
    ]
    assert found["taken_in"] == ["1"]


def test_what_was_not_taken_in_is_told_for_as_long_as_it_is_news(shop: FolderShop) -> None:
    put(shop, "orders.json", "?")
    (found,) = shop.channel().pull("")
    assert refused(shop, found.changed_at) == refused(shop)
    shop.tick()
    assert refused(shop, stamp(shop.now)) == []
    (path,) = (shop.folder / "failed").glob("*.receipt.json")
    path.write_bytes(b"\xff")
    assert refused(shop) == [("orders.json", "Its receipt cannot be read.")]


def test_files_that_are_not_whole_yet_and_what_is_no_file_are_left_alone(
    shop: FolderShop,
) -> None:
    whole = HEADER + ORDER.format("1")
    names = [".orders.csv", "orders.csv.part", "orders.csv.TMP", "orders.csv~"]
    for name in names:
        put(shop, name, whole)
    outside = shop.folder / "outside.csv"
    outside.write_text(whole)
    (shop.folder / "in" / "orders-link.csv").symlink_to(outside)
    (shop.folder / "in" / "orders-folder.csv").mkdir()
    os.mkfifo(shop.folder / "in" / "orders-pipe.csv")
    assert told(shop) == []
    assert len(list((shop.folder / "in").iterdir())) == len(names) + 3
    assert not list((shop.folder / "failed").iterdir())


def test_a_file_must_have_stood_still(shop: FolderShop) -> None:
    path = put(shop, "orders.csv", HEADER + ORDER.format("1"))
    now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    shop.now = now
    drop = FileDrop("drop", Disk(shop.folder), read_orders, True, 10.0, lambda: shop.now)

    def written(seconds_ago: float) -> None:
        at = now.timestamp() - seconds_ago
        os.utime(path, (at, at))

    written(3)
    assert list(drop.pull("")) == []
    path.write_text(HEADER + ORDER.format("1") + ORDER.format("2"))
    written(9)
    assert list(drop.pull("")) == []
    written(11)
    assert len(list(drop.pull(""))) == 2


def test_names_of_files_cannot_lead_elsewhere_or_clash(shop: FolderShop) -> None:
    for _ in range(2):
        put(shop, "orders \x1b[2J;$(x)\n.csv", HEADER + ORDER.format("1"))
        told(shop)
    names = sorted(path.name for path in (shop.folder / "done").iterdir())
    assert len(names) == 4
    assert all(name.isascii() and name.isprintable() and " " not in name for name in names)


def test_several_workers_take_each_file_in_once(shop: FolderShop) -> None:
    for number in range(20):
        put(shop, f"orders-{number}.csv", HEADER + ORDER.format(number))
    found: list[list[str]] = []
    workers = [threading.Thread(target=lambda: found.append(told(shop))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [len(one) for one in found] == [20, 20, 20]
    receipts = [json.loads(one.read_bytes()) for one in (shop.folder / "done").glob("*.json")]
    assert sorted(len(one["taken_in"]) for one in receipts) == [1] * 20


def test_a_folder_that_is_away_is_away(shop: FolderShop) -> None:
    drop = FileDrop("drop", Disk(shop.folder / "gone"), read_orders)
    for ask in (lambda: list(drop.pull("")), lambda: drop.read("1")):
        with pytest.raises(ChannelAway, match="gone"):
            ask()
    with pytest.raises(ChannelAway):
        drop.set_stock([StockLevel("71053", 1)])


def test_a_book_that_somebody_wrote_in_is_said(shop: FolderShop) -> None:
    put(shop, "orders.csv", HEADER + ORDER.format("1"))
    told(shop)
    (path,) = (shop.folder / "book").glob("*.json")
    path.write_text('{"record": 3}')
    with pytest.raises(ChannelAway, match=r"in the book: not written by this program"):
        told(shop)


def test_csv_that_goes_out_is_no_formula() -> None:
    shop = FolderShop(json_form=False)
    shop.channel().set_stock([StockLevel("=HYPERLINK(1)", 3), StockLevel("@SUM", 1)])
    (path,) = (shop.folder / "out").glob("*.csv")
    lines = path.read_text().splitlines()
    assert lines[0] == "kind,channel,at,sku,quantity"
    assert [line.split(",")[3] for line in lines[1:]] == ["'=HYPERLINK(1)", "'@SUM"]
    shop.close()


@given(st.text())
def test_a_guarded_cell_is_read_as_it_was(cell: str) -> None:
    assert drop_tables.unguard(drop_tables.guard(cell)) == cell


@given(st.binary(), st.booleans())
def test_any_table_is_read_or_refused(content: bytes, json_form: bool) -> None:
    with suppress(ValueError):
        drop_tables.read(content, json_form, drop_tables.CHANGES)


@pytest.mark.parametrize(
    ("url", "options", "expected"),
    [
        ("drop", {}, "whole path"),
        ("/drop", {"in": "x"}, "options out and settle"),
        ("/drop", {"out": "xml"}, "json or csv"),
        ("/drop", {"settle": "soon"}, "number of seconds"),
    ],
)
def test_settings_that_are_no_good_are_refused(
    url: str, options: dict[str, str], expected: str
) -> None:
    settings = dataclasses.replace(SETTINGS, url=url, options=options)
    with pytest.raises(ValueError, match=expected):
        open_channel(settings, str, read_orders)


def test_good_settings_do_not_touch_the_folder() -> None:
    settings = dataclasses.replace(
        SETTINGS, url="file:///nowhere", options={"out": "csv", "settle": "0"}
    )
    assert repr(open_channel(settings, str, read_orders)) == "FileDrop('drop', '/nowhere')"


def test_the_examples_of_the_page_are_read(shop: FolderShop) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs/channels.md").read_text(encoding="utf-8")
    found = re.findall(r"<!-- example: (\S+) -->\n```\w+\n(.*?)```", page, re.DOTALL)
    assert [name for name, _ in found] == ["changes.csv", "returns.json"]
    put(shop, "orders.csv", HEADER + "".join(map(ORDER.format, (1001, 1002, 1003))))
    told(shop)
    for name, words in found:
        put(shop, name, words)
    standings = {one.record.reference: one.standing for one in shop.channel().pull("")}
    assert standings == {
        "1001": Standing.CANCELLED,
        "1002": Standing.OPEN,
        "1003": Standing.OPEN,
    }
    (back,) = shop.channel().returns("")
    assert (back.rma, back.reference) == ("R-77", "1001")
