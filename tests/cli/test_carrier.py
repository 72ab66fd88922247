"""What a carrier offers for an order, on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from data import open_store
from tests.cli.conftest import Run
from tests.integrations.sendcloud_post import PUBLIC, SECRET, SendcloudPost
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.ports.carrier import CarrierSettings


@pytest.fixture
def post(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[SendcloudPost]:
    made = SendcloudPost()
    monkeypatch.setenv("WMS_SECRET_DHL_PUBLIC_KEY", PUBLIC)
    monkeypatch.setenv("WMS_SECRET_DHL_SECRET_KEY", SECRET)
    store = open_store(url)
    with store.write() as tx:
        tx.shipments.set_up(CarrierSettings("DHL", "sendcloud", f"{made.url}/api/v3"))
    store.close()
    yield made
    made.close()


def test_options_and_prices_are_shown(run: Run, post: SendcloudPost) -> None:
    result = run("carrier", "DHL", "1001")
    assert result.exit_code == 0, result.output
    assert f"{post.option}: Service {post.option}, postnl, 6.15 EUR" in result.stdout
    offers = json.loads(run("carrier", "DHL", "1001", "--json").stdout)
    assert offers[0]["price"] == 615
    assert post.shipments == {}


def test_what_a_carrier_says_moves_no_cursor(run: Run, post: SendcloudPost) -> None:
    post.option = "evil:\x1b[2J\u202e"
    for words in ((), ("--json",)):
        output = run("carrier", "DHL", "1001", *words).stdout
        assert "\x1b" not in output
        assert "\u202e" not in output


def test_a_carrier_that_is_away_is_said_so(run: Run, post: SendcloudPost) -> None:
    assert post.inject(Fault.CLOSED, Call.READ, count=9)
    result = run("carrier", "DHL", "1001")
    assert result.exit_code == 1
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "code"), [(("NOBODY", "1001"), 2), (("DHL", "9999"), 1), (("DHL",), 2)]
)
def test_who_is_asked_about_what_must_be_there(
    run: Run, post: SendcloudPost, words: tuple[str, ...], code: int
) -> None:
    result = run("carrier", *words)
    assert result.exit_code == code
    assert result.stdout == ""
