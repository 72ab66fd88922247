"""A station without a screen, driven as an integrator would: by its JSON alone."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, Self

import pytest

from tests.cli.conftest import Program, Run
from tests.world import ANNA, BOB

Answer = dict[str, Any]


class Station:
    """A `wms-terminal scan` process."""

    def __init__(self, url: str, name: str, *options: str) -> None:
        words = [sys.executable, "-m", "wms_terminal", "--store", url, "scan", "--station", name]
        self.process = subprocess.Popen(
            [*words, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.step = self._answer()

    def scan(self, code: str) -> Answer:
        assert self.process.stdin is not None
        self.process.stdin.write(code.encode() + b"\n")
        self.process.stdin.flush()
        self.step = self._answer()
        return self.step

    def kill(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.close()

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def _answer(self) -> Answer:
        assert self.process.stdout is not None
        step: Answer = json.loads(self.process.stdout.readline())
        return step

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def follow(station: Station, badge: str, flow: str) -> Iterator[Answer]:
    """Sign in, then scan what each step hints at, until there is nothing to do."""
    yield station.scan(badge)
    if station.step["flow"] != flow:
        yield station.scan("WHCMENU")
        yield station.scan(f"WHC{flow.upper()}")
    while station.step["must_acknowledge"] or station.step["hint"]:
        code = "WHCOK" if station.step["must_acknowledge"] else station.step["hint"]
        yield station.scan(code)


def codes(stdout: bytes) -> list[str]:
    steps = [json.loads(line) for line in stdout.splitlines()]
    return [step["message"]["code"] if step["message"] else "" for step in steps]


def test_the_first_step_comes_before_any_input(program: Program) -> None:
    told = program("scan", "--station", "PICK-01")
    assert told.returncode == 0
    (step,) = map(json.loads, told.stdout.splitlines())
    assert (step["station"], step["flow"], step["message"]) == ("PICK-01", "sign_in", None)
    assert "hint" not in step
    assert told.stderr == b""


def test_the_station_may_come_before_the_command(program: Program) -> None:
    told = program("--station", "PICK-02", "scan", "--hints", "--language", "nl")
    assert json.loads(told.stdout)["station"] == "PICK-02"
    assert "hint" in json.loads(told.stdout)
    assert program("scan").returncode == 2


def test_every_line_has_one_answer(program: Program) -> None:
    lines = (
        ANNA.encode() + b"\r\n",
        b"\n",
        b"WHCLOOK\n",
        b"\xff\xfe\x80\n",
        b"a\0b\x1b[2J\n",
        b"A" * 10_000 + b"\n",
        b"A" * 300_000 + b"\n",
        b"KEYED:1001\n",
        b"KEYED:\n",
        b"   \n",
        b"]d2010871234500001\x1d10LOT-A\n",
        b"without an end",
    )
    told = program("scan", "--station", "PICK-01", stdin=b"".join(lines))
    assert told.returncode == 0, told.stderr
    assert told.stderr == b""
    assert len(told.stdout.splitlines()) == 1 + len(lines)
    assert max(map(len, told.stdout.splitlines())) < 20_000
    assert codes(told.stdout)[1] == "signed_in"


def test_gs_is_kept(program: Program) -> None:
    pasted = program("scan", "--station", "PICK-01", stdin=b"]C1010871234500001\x1d10A\n")
    assert b"\x1d" not in pasted.stdout


def test_keyed_text_is_told_apart(program: Program) -> None:
    lines = f"{ANNA}\nWHCLOOK\nKEYED:1001\n".encode()
    told = program("scan", "--station", "PICK-01", stdin=lines)
    last = json.loads(told.stdout.splitlines()[-1])
    assert "1001" in last["view"]["title"]


@pytest.mark.slow
def test_orders_go_through_pick_pack_and_ship(run: Run, url: str) -> None:
    for name, badge, flow in (
        ("PICK-01", ANNA, "pick"),
        ("PACK-01", BOB, "pack"),
        ("SHIP-01", BOB, "ship"),
    ):
        with Station(url, name, "--hints") as station:
            list(follow(station, badge, flow))
    told = json.loads(run("order", "1001", "--json").stdout)
    assert told["state"] == "shipped"
    assert all(line["shipped"] == line["ordered"] for line in told["lines"])
    assert [event["kind"] for event in told["timeline"]][:1] == ["received"]
    assert all(event["at"].endswith("Z") for event in told["timeline"])
    assert run("doctor").exit_code == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_work_goes_on_after_a_crash(url: str, run: Run, how: signal.Signals) -> None:
    station = Station(url, "PICK-01", "--hints")
    work = follow(station, ANNA, "pick")
    while station.step["flow"] != "pick" or station.step["state"] != "product":
        next(work)
    before = station.step
    station.kill(how)
    with Station(url, "PICK-01", "--hints") as again:
        step = again.scan(ANNA)
        assert step["message"]["code"] == "resumed"
        assert (step["flow"], step["state"]) == ("pick", "product")
        assert step["view"] == before["view"]
        list(follow(again, ANNA, "pick"))
    assert json.loads(run("order", "1001", "--json").stdout)["state"] == "picked"
    assert run("doctor").exit_code == 0
