from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from data import open_store
from tests.cli.conftest import Run
from tests.world import LANTERN, MUG, SARA, World
from wms_terminal.domain.pickups import Agreement
from wms_terminal.services import pickups

DAYS = ("--from", "2026-03-01", "--to", "2026-03-07")


@pytest.fixture
def late(url: str) -> None:
    """PostNL came late, counted wrongly first, and left a parcel behind; DHL never comes."""
    store = open_store(url)
    world = World(store, ready=True)
    with store.write() as tx:
        carrier = next(item for item in tx.site.carriers() if item.code == "POSTNL")
        agreed = Agreement(0, 0, "", "", "12345", "14:00", "15:00", "=HYPERLINK(1) \x1b[31m", 9, 0)
        tx.pickups.set_agreements(carrier.id, [agreed])
    pickups.due(store, lambda: world.now)
    for sku in (LANTERN, MUG):
        world.order((sku, 1), channel="till")
    world.pick_all()
    world.pack_all()
    with store.read() as tx:
        first, second, *_ = tx.parcels.to_load(carrier.id, 20)
    world.wait(minutes=126, hours=1)
    pickups.due(store, lambda: world.now)
    world.scan("SHIP-01", SARA, "WHCSHIP", "CARPOSTNL", f"00{first.sscc}", f"00{second.sscc}")
    world.scan("SHIP-01", "WHCHAND")
    world.key("SHIP-01", "1")
    world.scan("SHIP-01", "WHCOK")
    world.key("SHIP-01", "2")
    store.close()


@pytest.mark.usefixtures("late")
def test_text(run: Run) -> None:
    result = run("pickups", *DAYS)
    assert result.exit_code == 0, result.output
    pickup, summary = result.stdout.splitlines()
    assert pickup == (
        "2026-03-03  14:00–15:00  POSTNL  =HYPERLINK(1) \\x1b[31m: came 16:06, 66 minutes late; "
        "2 parcels; the courier counted 1 first (-1); 6 labels never scanned; "
        "8 waited when it was over"
    )
    assert summary == (
        "POSTNL: 1 agreed, 0 on time, 0 early, 1 late (by 66 minutes, median), 0 missed; "
        "0 not agreed; 2 parcels, 1 counts differed, 6 labels never scanned"
    )


@pytest.mark.usefixtures("late")
def test_json(run: Run) -> None:
    told: dict[str, Any] = json.loads(run("pickups", *DAYS, "--json").stdout)
    (pickup,), (summary,) = told["pickups"], told["carriers"]
    assert (pickup["happened"], pickup["came_at"]) == ("came", "2026-03-03T15:06:00.000Z")
    assert (pickup["begins_at"], pickup["ends_at"]) == (
        "2026-03-03T13:00:00.000Z",
        "2026-03-03T14:00:00.000Z",
    )
    assert (pickup["minutes"], pickup["difference"], len(pickup["labels"])) == (66, -1, 6)
    assert pickup["place"] == "=HYPERLINK(1) \x1b[31m"
    assert (summary["late"], summary["late_by"], summary["missed"]) == (1, 66.0, 0)


@pytest.mark.usefixtures("late")
def test_csv_is_no_formula(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "pickups.csv"
    result = run("pickups", *DAYS, "--csv", file)
    assert (result.exit_code, result.stdout) == (0, f"1 pickups written to {file}.\n")
    with file.open(encoding="utf-8", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["place"] == "'=HYPERLINK(1) \\x1b[31m"
    assert (row["agreed_from"], row["agreed_to"], row["came"]) == ("14:00", "15:00", "16:06")
    assert (row["what"], row["minutes_late"], row["parcels"]) == ("came", "66", "2")
    assert (row["counted"], row["difference"], row["never_scanned"]) == ("1", "-1", "6")
    assert row["labels_never_scanned"].startswith("(00)08712345")
    assert (row["waited"], row["max_parcels"], row["max_weight_g"]) == ("8", "9", "")


@pytest.mark.usefixtures("late")
def test_one_carrier_and_other_days(run: Run) -> None:
    assert "POSTNL" in run("pickups", *DAYS, "--carrier", "POSTNL").stdout
    nothing = "No pickups from 2026-03-01 to 2026-03-07.\n"
    assert run("pickups", *DAYS, "--carrier", "DHL").stdout == nothing
    assert run("pickups", "--to", "2026-03-03").stdout.count("\n") == 2
    assert run("pickups", "--to", "2026-03-09").stdout.count("\n") == 2
    assert "No pickups from 2026-03-04" in run("pickups", "--to", "2026-03-10").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--carrier", "POSTNLX"), "(DHL, POSTNL), got 'POSTNLX'"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "no later than 2026-03-01"),
        (("--csv", "a.csv", "--json"), "got both"),
        (("--from", "yesterday"), "yesterday"),
    ],
)
def test_what_is_wrong_is_said(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("pickups", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    result = run("pickups", "--csv", tmp_path / "missing" / "a.csv")
    assert result.exit_code == 1
    assert "No such file" in result.stderr
