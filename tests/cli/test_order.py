from __future__ import annotations

import json
import re

import pytest

from data import open_store
from tests.cli.conftest import Run, dump
from wms_terminal.domain.orders import OrderState

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def data(run: Run, *options: str) -> dict[str, object]:
    result = run("order", "1001", "--json", *options)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_text(run: Run, url: str) -> None:
    before = dump(url)
    result = run("order", "1001")
    assert result.exit_code == 0
    assert result.stdout.startswith("Order 1001: ")
    assert "Why: Waits for a picker" in result.stdout
    assert "Received from web" in result.stdout
    assert result.stderr == ""
    assert dump(url) == before
    assert run("order", "1001", "--language", "nl").exit_code == 0
    assert run("order", "1001", "--language", "../../etc").exit_code == 0


def test_json(run: Run) -> None:
    told = data(run)
    assert (told["order"], told["state"], told["payment"]) == ("1001", "new", "paid")
    assert UTC.fullmatch(str(told["ship_by"]))
    assert UTC.fullmatch(str(told["latest_start"]))
    timeline = told["timeline"]
    assert isinstance(timeline, list)
    assert all(UTC.fullmatch(event["at"]) for event in timeline)


def test_hold_and_unhold(run: Run) -> None:
    assert data(run, "--hold", "call \x1b[31mAnna")["hold"] == "call \x1b[31mAnna"
    text = run("order", "1001")
    assert "On hold: call" in text.stdout
    assert "\x1b" not in text.stdout
    assert run("order", "1001", "--hold", " ").exit_code == 2
    assert data(run)["hold"]
    assert data(run, "--unhold")["hold"] == ""
    kinds = [event["kind"] for event in data(run)["timeline"]]  # type: ignore[attr-defined]
    assert kinds.count("hold") == 2


def test_expedite_paid_and_cancel(run: Run, url: str) -> None:
    assert data(run, "--expedite")["expedite"] is True
    store = open_store(url)
    with store.write() as tx:
        found = tx.orders.find("1001")
        assert found is not None
        tx.orders.set_payment(found.id, "pending")
    store.close()
    assert data(run)["payment"] == "pending"
    assert data(run, "--paid")["payment"] == "paid"
    assert data(run, "--cancel")["state"] == "cancelled"
    before = dump(url)
    for option in (("--expedite",), ("--hold", "why")):
        result = run("order", "1001", *option)
        assert result.exit_code == 1
        assert "cancelled" in result.stderr
        assert result.stdout == ""
    assert dump(url) == before
    assert data(run, "--cancel")["state"] == "cancelled"


def test_what_was_released_and_not_taken_is_cancelled_at_once(run: Run, url: str) -> None:
    store = open_store(url)
    with store.write() as tx:
        found = tx.orders.find("1001")
        assert found is not None
        tx.orders.set_state(found.id, OrderState.PICKING)
    store.close()
    assert run("order", "1001", "--cancel").exit_code == 0
    assert data(run)["state"] == "cancelled"


def test_all_or_nothing(run: Run, url: str) -> None:
    run("order", "1001", "--cancel")
    before = dump(url)
    assert run("order", "1001", "--paid", "--expedite").exit_code == 1
    assert dump(url) == before


@pytest.mark.parametrize(
    "options", [("--hold", "x", "--unhold"), ("--cancel", "--expedite"), ("--hold", "")]
)
def test_contradictions(run: Run, options: tuple[str, ...]) -> None:
    assert run("order", "1001", *options).exit_code == 2
