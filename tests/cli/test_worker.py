"""`wms-terminal worker` and `wms-terminal outbox`, with a channel that is a folder."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Run
from wms_terminal.ports.channel import ChannelSettings, ShipNews, ShippedLine
from wms_terminal.services import channel_news

AT = "2026-03-03T12:00:00.000Z"
ORDER: dict[str, object] = {
    "channel": "drop",
    "reference": "F-1",
    "placed_at": "2026-03-03T09:00:00Z",
    "customer": {"name": "Ann [bold]^XZ", "country": "NL"},
    "lines": [{"sku": "NEVER-SEEN", "quantity": 2, "name": "Lamp", "reference": "line-1"}],
}


@pytest.fixture
def drop(url: str, tmp_path: Path) -> Path:
    """The folder of a channel of the site."""
    folder = tmp_path / "drop"
    (folder / "in").mkdir(parents=True)
    settings = ChannelSettings("drop", "file", str(folder), {"settle": "0"})
    with closing(open_store(url)) as store, store.write() as tx:
        tx.channels.put(settings, 60)
    return folder


def bring(drop: Path, *orders: dict[str, object]) -> None:
    (drop / "in" / "orders.json").write_text(json.dumps(list(orders)), encoding="utf-8")


def ship(url: str, line: str = "line-1", key: str = "PARCEL-1") -> None:
    news = ShipNews(
        key, "F-1", (ShippedLine(line, "NEVER-SEEN", 2),), "POST", "Post", key, "", AT, True
    )
    with closing(open_store(url)) as store, store.write() as tx:
        order = tx.orders.find_in_channel("drop", "F-1")
        assert order is not None
        channel_news.tell(tx, "drop", order, news, AT)


def told(drop: Path) -> list[str]:
    out = drop / "out"
    return sorted(path.name for path in out.glob("*.json") if "ship" in path.name)


def test_orders_come_in_and_parcels_are_told_of(run: Run, url: str, drop: Path) -> None:
    bring(drop, ORDER)
    done = run("worker", "--once")
    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(run("order", "F-1", "--json").stdout)["state"] == "new"
    ship(url)
    assert run("outbox").stdout.startswith("channel:drop: 1 waiting")
    assert run("worker", "--once").exit_code == 0
    assert run("outbox").stdout == "Nothing waits.\n"
    before = told(drop)
    assert before
    assert run("worker", "--once").exit_code == 0
    assert told(drop) == before


def test_what_was_given_up_is_shown_and_tried_again_by_hand(run: Run, url: str, drop: Path) -> None:
    bring(drop, ORDER)
    run("worker", "--once")
    ship(url, line="no such line")
    run("worker", "--once")
    shown = json.loads(run("outbox", "--json").stdout)
    (dead,) = shown["given_up"]
    assert (dead["target"], dead["order"], dead["attempts"]) == ("channel:drop", "F-1", 1)
    assert dead["why"]
    assert run("outbox", "--retry", str(dead["id"])).stdout == "1 tried again.\n"
    assert json.loads(run("outbox", "--json").stdout)["given_up"] == []
    assert run("outbox", "--retry", str(dead["id"])).exit_code == 1
    assert run("outbox", "--retry", "1", "--retry-all").exit_code == 2


def test_a_channel_that_cannot_be_opened_is_named(run: Run, url: str, drop: Path) -> None:
    with closing(open_store(url)) as store, store.write() as tx:
        tx.channels.put(ChannelSettings("shop", "vendure", "https://shop.example"), 60)
        tx.channels.put(ChannelSettings("other", "no such kind", "https://x.example"), 60)
    bring(drop, ORDER)
    done = run("worker", "--once")
    assert done.exit_code == 1
    assert "shop: Expected the secret shop-" in done.stderr
    assert "other: Expected a kind of channel" in done.stderr
    # The others are served all the same.
    assert run("order", "F-1").exit_code == 0
