from __future__ import annotations

import json
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Run
from tests.services.return_helpers import shipped
from tests.world import LANTERN, MUG, World


@pytest.fixture
def gone(url: str) -> str:
    """An order that has left, with two lines of the same product."""
    store = open_store(url)
    world = World(store, ready=True)
    for number in range(1001, 1007):
        order_id = world.find(str(number)).id
        with store.write() as tx:
            tx.orders.set_hold(order_id, "not today")
    order = shipped(world, (LANTERN, 2), (MUG, 1), (LANTERN, 1), reference="W-9")
    store.close()
    return order.number


def test_a_return_is_announced_listed_and_shown(run: Run, gone: str) -> None:
    assert run("returns").stdout == "No returns.\n"
    result = run("returns", "announce", gone, f"{LANTERN}=3:wrong_item", f"{MUG}=1", "--rma", "A1")
    assert (result.exit_code, result.stdout) == (0, "R000001\n")
    (listed,) = json.loads(run("returns", "--open", "--json").stdout)
    assert (listed["number"], listed["state"], listed["advised"]) == ("R000001", "announced", 4)
    assert "R000001" in run("returns").stdout
    shown = json.loads(run("returns", "show", "A1", "--json").stdout)
    assert [line["advised"] for line in shown["lines"]] == [2, 1, 1]
    assert {scan["flow"] for scan in shown["scans"]} == {"pick", "pack"}
    text = run("returns", "show", "r000001").stdout
    assert "Anna de Vries" in text
    assert "Bob Baker" in text


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (("announce", "W-9", f"{LANTERN}=4"), 1, "at most 1 × 71053"),
        (("announce", "W-9", "NOSUCH=1"), 1, "a product of order"),
        (("announce", "W-9", LANTERN), 2, "SKU=QTY"),
        (("announce", "W-9", f"{LANTERN}=0"), 1, "at least one product"),
        (("announce", "NOSUCH", f"{LANTERN}=1"), 1, "number of an order"),
        (("show", "R9"), 1, "which none has"),
        (("label", "R9"), 1, "which none has"),
    ],
)
def test_what_cannot_be_changes_nothing(
    run: Run, gone: str, arguments: tuple[str, ...], exit_code: int, said: str
) -> None:
    result = run("returns", *arguments)
    assert result.exit_code == exit_code
    assert said in result.stderr
    assert run("returns").stdout == "No returns.\n"


def test_hostile_words_are_shown_harmless(run: Run, gone: str) -> None:
    run("returns", "announce", gone, f"{MUG}=1:\x1b[2J[red]", "--rma", "\x1b[31m")
    for arguments in ((), ("show", "R000001")):
        result = run("returns", *arguments)
        assert result.exit_code == 0
        assert "\x1b" not in result.stdout


def test_a_label_is_written_or_printed(run: Run, gone: str, tmp_path: Path) -> None:
    run("returns", "announce", gone, f"{MUG}=1")
    assert run("returns", "label", "R000001").exit_code == 0
    assert b"R000001" in (tmp_path / "R000001.zpl").read_bytes()
    result = run("returns", "label", "R000001", "--station", "SHIP-01")
    assert (result.exit_code, result.stdout.split(":")[0]) == (0, "R000001")
    assert run("returns", "label", "R000001", "--station", "PICK-01").exit_code == 2
    assert run("returns", "label", "R000001", "--station", "NOSUCH").exit_code == 2
    assert run("returns", "label", "R000001", "--out", tmp_path / "no" / "x.zpl").exit_code == 2
