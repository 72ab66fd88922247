"""How the program leaves: asked to, by signals, with its line cut, and what it leaves behind."""

from __future__ import annotations

import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from data.doctor import examine
from tests.pty.terminal import Terminal
from tests.pty.test_terminal import ROOT, environment, journaled, start
from tests.pty.test_terminal import world as world  # noqa: PLC0414 - the same small warehouse
from tests.world import ANNA, LANTERN, World, at

pytestmark = pytest.mark.pty

ALTERNATE_SCREEN, CURSOR, FOCUS, PASTE, WRAP = 1049, 25, 1004, 2004, 7
MOUSE = {1000, 1002, 1003, 1006, 1015, 1016}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_end_it_with_0_and_the_terminal_as_it_was(
    tmp_path: Path, world: World, number: signal.Signals
) -> None:
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        during = terminal.attributes
        assert terminal.modes[ALTERNATE_SCREEN]
        terminal.process.send_signal(number)
        assert terminal.wait_for_end() == 0
        terminal.drain()
        assert not terminal.modes[ALTERNATE_SCREEN]
        assert not terminal.modes[FOCUS]
        assert not terminal.modes[PASTE]
        assert terminal.modes[CURSOR]
        assert terminal.modes[WRAP]
        assert not MOUSE & terminal.modes.keys()
        assert b"\x1b[>" not in terminal.written
        assert terminal.attributes == terminal.found != during


@pytest.mark.parametrize("controlling", [True, False], ids=["signalled", "silent"])
def test_a_line_that_is_cut_ends_it_with_0_and_the_store_in_order(
    tmp_path: Path, world: World, controlling: bool
) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path, controlling=controlling) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{ANNA}\rWHCPICK\r{at('T-0001')}\r")
        terminal.wait_for(partial(journaled, world, 3))
        terminal.hang_up()
        assert terminal.wait_for_end() == 0
    with world.store.read() as tx:
        assert examine(tx) == []


def test_a_terminal_that_takes_no_output_holds_nothing_up(tmp_path: Path, world: World) -> None:
    with start(tmp_path, size=(300, 100)) as terminal:
        # The prompt is in letters of blocks here.
        terminal.wait_for("PICK-01 is free")
        terminal.look_away()
        for scan in range(1, 120):
            terminal.send(f"{'UNKNOWN' if scan % 2 else ANNA}{scan}\r")
            terminal.wait_for(partial(journaled, world, scan))
        terminal.process.terminate()
        assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("station", ["PICK-01", "PICK-02"])
def test_after_sigterm_the_work_goes_on_at_once_wherever_its_owner_is(
    tmp_path: Path, world: World, station: str
) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{ANNA}\rWHCPICK\r{at('T-0001')}\r{at('A01-01-1')}\r")
        terminal.wait_for(partial(journaled, world, 4))
        terminal.process.terminate()
        assert terminal.wait_for_end() == 0
    with start(tmp_path, station) as terminal:
        terminal.wait_for("BADGE")
        terminal.send(f"{ANNA}\r")
        terminal.wait_for("T-0001")
        assert world.journal(1)[0].code == "resumed"
        assert world.floor.look(station).state == "product"


def test_it_is_drawn_on_the_terminal_wherever_errors_go(tmp_path: Path, world: World) -> None:
    errors = tmp_path / "errors"
    with errors.open("w") as stderr, start(tmp_path, stderr=stderr) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.process.terminate()
        assert terminal.wait_for_end() == 0
    assert errors.read_text() == ""


def test_a_crash_ends_it_with_1_and_words(tmp_path: Path, world: World) -> None:
    broken = (
        "from screens.base import StationScreen\n"
        "StationScreen.choose = lambda *them: 1 / 0\n"
        "from wms_terminal.cli import main\n"
        "main()\n"
    )
    command = [sys.executable, "-c", broken, "--store", f"sqlite:///{tmp_path / 'wms.db'}"]
    with Terminal(command, environment(tmp_path), cwd=str(ROOT)) as terminal:
        assert terminal.wait_for_end() == 1
        terminal.drain()
        assert "The terminal had to stop" in terminal.text
        assert "Traceback" not in terminal.text
        assert not terminal.modes[ALTERNATE_SCREEN]


def test_what_it_cannot_start_with_ends_it_with_2_and_words(tmp_path: Path, world: World) -> None:
    for wanted, station, term, folder in (
        ("Expected the name of a station (PACK-01", "PICK-99", "linux", tmp_path),
        ("Expected a terminal that can draw a screen", "PICK-01", "dumb", tmp_path),
        ("Expected a store at", "PICK-01", "linux", tmp_path / "nowhere"),
    ):
        with start(folder, station, env={"TERM": term}) as terminal:
            assert terminal.wait_for_end() == 2
            terminal.drain()
            assert wanted in terminal.text
            assert ALTERNATE_SCREEN not in terminal.modes
