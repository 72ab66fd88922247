from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from data import open_store
from tests.cli.conftest import Run, dump

SetUp = Callable[..., None]


@pytest.fixture
def set_up(url: str) -> SetUp:
    """Gives a station other devices."""

    def change(code: str, **devices: str) -> None:
        store = open_store(url)
        with store.write() as tx:
            tx.site.put_station(code, code, "packing", "", devices, 300)
        store.close()

    return change


@pytest.fixture(autouse=True)
def only_sims(url: str, set_up: SetUp) -> None:
    """Every station of the small site has simulated devices only."""
    store = open_store(url)
    with store.read() as tx:
        codes = [station.code for station in tx.site.stations()]
    store.close()
    for code in codes:
        set_up(code, scanner="wedge:", printer="sim:", scale="sim:", sound="sim:")


@pytest.fixture
def held_port() -> Iterator[str]:
    """A serial port that a running program has for itself."""
    leader, follower = os.openpty()
    fcntl.flock(follower, fcntl.LOCK_EX | fcntl.LOCK_NB)
    yield os.ttyname(follower)
    os.close(leader)
    os.close(follower)


def nobody_listens() -> int:
    """A port on which nothing answers."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def test_every_station_is_listed_with_how_its_devices_are(run: Run, set_up: SetUp) -> None:
    set_up("PACK-01", scanner="wedge:", printer=f"tcp://127.0.0.1:{nobody_listens()}", scale="sim:")
    result = run("devices")
    assert result.exit_code == 0, result.output
    assert "PICK-01" in result.output
    assert "scanner   ready     wedge:" in result.output
    assert "printer   LOST      tcp://127.0.0.1:" in result.output


def test_a_named_station_whose_device_does_not_answer_is_exit_code_1(
    run: Run, set_up: SetUp
) -> None:
    assert run("devices", "--station", "PACK-01").exit_code == 0
    set_up("PACK-01", printer=f"tcp://127.0.0.1:{nobody_listens()}")
    assert run("devices", "--station", "PACK-01").exit_code == 1
    assert run("devices", "--station", "PICK-01").exit_code == 0


def test_the_list_as_json(run: Run, set_up: SetUp) -> None:
    set_up("PACK-01", scanner="wedge: sim:", printer="sim:?fail=paper")
    told = json.loads(run("devices", "--station", "pack-01", "--json").stdout)
    assert isinstance(told["found"], list)
    (station,) = told["stations"]
    assert station["station"] == "PACK-01"
    states = [(item["kind"], item["url"], item["state"]) for item in station["devices"]]
    assert states == [
        ("scanner", "wedge:", "ready"),
        ("scanner", "sim:", "ready"),
        ("printer", "sim:?fail=paper", "attention"),
    ]
    assert "Paper out" in station["devices"][2]["detail"]


def test_what_a_running_station_holds_is_in_use_and_not_touched(
    run: Run, set_up: SetUp, held_port: str
) -> None:
    set_up("PACK-01", scanner=f"serial://{held_port}")
    result = run("devices", "--station", "PACK-01")
    assert result.exit_code == 0, result.output
    assert "In use by a running program" in result.output
    assert run("doctor", "--devices").exit_code == 0


def test_a_device_that_is_written_wrongly_is_lost_and_says_why(run: Run, set_up: SetUp) -> None:
    set_up("PACK-01", scanner="sim:?bagde=WHB1", scale="nonsense:")
    result = run("devices", "--station", "PACK-01")
    assert result.exit_code == 1
    assert "got 'bagde'" in result.output
    assert "Expected a scale URL" in result.output


def test_an_unknown_station_is_exit_code_2(run: Run) -> None:
    for arguments in (["devices", "--station", "NOPE"], ["station", "test", "NOPE"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert "PACK-01" in result.stderr


def test_a_host_without_a_store_lists_what_is_plugged_in(run: Run, tmp_path: Path) -> None:
    none = f"sqlite:///{tmp_path / 'none.db'}"
    result = run("devices", store=none)
    assert result.exit_code == 0
    assert result.stdout
    assert not (tmp_path / "none.db").exists()
    assert run("devices", "--station", "PACK-01", store=none).exit_code == 2


def test_the_doctor_asks_devices_only_when_told_to(run: Run, set_up: SetUp) -> None:
    set_up("PACK-01", printer="sim:?fail=paper", scale="sim:?fail=off")
    assert run("doctor").exit_code == 0
    result = run("doctor", "--devices")
    assert result.exit_code == 1
    assert "device: PACK-01, printer sim:?fail=paper: ATTENTION. Paper out." in result.stdout
    assert "device: PACK-01, scale sim:?fail=off: LOST." in result.stdout
    assert "Findings: 2" in result.stdout
    told = json.loads(run("doctor", "--devices", "--json").stdout)
    assert {finding["check"] for finding in told["findings"]} == {"device"}


def test_the_doctor_finds_simulated_and_file_devices_healthy(
    run: Run, set_up: SetUp, tmp_path: Path
) -> None:
    set_up("PACK-01", scanner="sim:", printer="sim:", documents=f"file://{tmp_path}/slips")
    result = run("doctor", "--devices")
    assert result.exit_code == 0, result.output
    assert "Store and devices are healthy." in result.stdout


def test_asking_changes_nothing_in_the_store(run: Run, url: str) -> None:
    before = dump(url)
    run("devices")
    run("doctor", "--devices")
    run("station", "test", "PACK-01")
    assert dump(url) == before
