from __future__ import annotations

import json
import sqlite3

from tests.cli.conftest import Run


def plant(url: str) -> None:
    """Stock that no move explains."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("UPDATE stock SET quantity = quantity + 1 WHERE rowid = 1")
    connection.commit()
    connection.close()


def test_a_healthy_store(run: Run) -> None:
    result = run("doctor")
    assert result.exit_code == 0
    assert "The store is healthy." in result.stdout
    told = json.loads(run("doctor", "--json").stdout)
    assert told["findings"] == []
    assert told["totals"]["ordered"] > 0


def test_a_planted_fault_is_found(run: Run, url: str) -> None:
    plant(url)
    result = run("doctor")
    assert result.exit_code == 1
    assert "stock_is_the_sum_of_its_moves: A01-01-1: expected" in result.stdout
    assert "Findings: 1" in result.stdout
    result = run("doctor", "--json")
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)["findings"]
    assert finding["check"] == "stock_is_the_sum_of_its_moves"
