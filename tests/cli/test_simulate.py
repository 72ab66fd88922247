from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from data import open_store
from tests.cli.conftest import ORDERS, Program, Run
from tests.cli.test_doctor import plant

CREW = ("--pickers", "2", "--packers", "1", "--seed", "3")


@pytest.mark.slow
def test_exactly_so_many_orders(program: Program, run: Run) -> None:
    told = program("simulate", *CREW, "--orders", "4", "--mistakes", "0", "--json")
    assert told.returncode == 0, told.stderr
    assert b"scans" in told.stderr
    data = json.loads(told.stdout)
    assert (data["orders_picked"], data["orders_packed"], data["orders_shipped"]) == (4, 4, 4)
    assert data["parcels_handed_over"] >= 4
    # Nobody errs, but two may reach for the same empty tote.
    assert set(data["refused"]) <= {"wrong_tote"}
    assert data["troubles"] == data["findings"] == []
    assert data["scans"] > 40
    assert data["seconds"] > 0
    assert data["scans_per_second"] == pytest.approx(data["scans"] / data["seconds"], rel=0.1)
    for times in data["latency_ms"].values():
        assert 0 < times["p50"] <= times["p95"] <= times["p99"]
    states = [json.loads(run("order", n, "--json").stdout)["state"] for n in ORDERS]
    assert states.count("shipped") == 4
    assert run("doctor").exit_code == 0


@pytest.mark.slow
def test_mistakes_are_refused_by_name(program: Program) -> None:
    told = program("simulate", *CREW, "--mistakes", "0.3")
    assert told.returncode == 0, told.stderr + told.stdout
    text = told.stdout.decode()
    assert "refused: " in text
    assert "per second" in text
    assert "p99" in text
    assert f"{len(ORDERS)}  orders picked" in text
    assert text.endswith("Doctor: the store is healthy.\n")


@pytest.mark.slow
def test_the_doctor_has_the_last_word(program: Program, url: str) -> None:
    plant(url)
    told = program("simulate", "--pickers", "1", "--packers", "1", "--orders", "1")
    assert told.returncode == 1
    assert b"Doctor: stock_is_the_sum_of_its_moves" in told.stdout


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_everybody_goes_home_with_the_boss(url: str) -> None:
    words = [sys.executable, "-m", "wms_terminal", "--store", url, "simulate", "--think", "600"]
    boss = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    store = open_store(url)

    def scans() -> int:
        with store.read() as tx:
            return len(tx.journal.recent(10))

    while not scans():
        assert boss.poll() is None
    os.killpg(boss.pid, signal.SIGINT)
    out, told = boss.communicate()  # ends when the last one has let go of the pipe
    store.close()
    assert boss.returncode == 130
    assert out == b""
    assert b"Traceback" not in told


@pytest.mark.parametrize(
    "options",
    [
        ("--pickers", "0"),
        ("--pickers", "65"),
        ("--packers", "many"),
        ("--orders", "-1"),
        ("--mistakes", "0.6"),
        ("--think", "-1"),
        ("--printer", "nonsense://"),
        ("--documents", "nonsense://"),
    ],
)
def test_usage(run: Run, options: tuple[str, ...]) -> None:
    result = run("simulate", *options)
    assert result.exit_code == 2
    assert result.stdout == ""


def test_a_floor_at_work_is_not_simulated(run: Run, url: str) -> None:
    store = open_store(url)
    with store.write() as tx:
        devices = {"scanner": "wedge:", "printer": "", "documents": "", "scale": ""}
        tx.site.put_station("PICK-09", "Real", "picking", "", devices, 300)
    store.close()
    result = run("simulate")
    assert result.exit_code == 2
    assert "PICK-09: wedge:" in result.stderr
    assert "--force" in result.stderr
