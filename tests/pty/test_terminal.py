"""The program as it is started on the floor, in a real terminal, on a real store."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO

import pytest

from tests.pty.terminal import Terminal
from tests.stores import new_store, url_of
from tests.world import ANNA, BOB, LANTERN, MUG, World, at
from wms_terminal.services.floor import Floor

pytestmark = pytest.mark.pty

ROOT = Path(__file__).resolve().parents[2]
GS = "\x1d"
MANY = [
    f"]C101087123456789061{n % 10}10LOT{n}{GS}21S{n}" if n % 3 == 0 else f"UNKNOWN{n:04}"
    for n in range(300)
]


class _Now(World):
    """The small warehouse, at the time that the program's own clock tells."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "wms.db"
        super().__init__(new_store(folder))
        self.floor = Floor(self.store)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = _Now(tmp_path)
    yield made
    made.store.close()


def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own, so that no test sees what another wrote."""
    return {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "LANG": "C.UTF-8"}


def start(
    tmp_path: Path,
    station: str | None = "PICK-01",
    size: tuple[int, int] = (80, 24),
    env: Mapping[str, str] = MappingProxyType({}),
    controlling: bool = True,
    stderr: IO[str] | None = None,
) -> Terminal:
    """The real command line."""
    store = url_of(tmp_path / "wms.db")
    command = [sys.executable, "-m", "wms_terminal", "--store", store]
    named = [*command, "--station", station] if station else command
    settings = {**environment(tmp_path), **env}
    return Terminal(named, settings, size, str(ROOT), controlling, stderr)


def codes(world: World, count: int) -> list[str]:
    """What the journal holds, oldest first."""
    return [row.raw for row in reversed(world.journal(count))]


def journaled(world: World, count: int) -> bool:
    """Whether so many scans are in the journal."""
    return len(world.journal(count + 1)) == count


def test_300_scans_in_one_burst_reach_the_kernel_complete_and_in_order(
    tmp_path: Path, world: World
) -> None:
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(ANNA + "\r")
        terminal.wait_for("F10")
        terminal.send("".join(code + "\r" for code in MANY))
        terminal.wait_for(lambda: len(world.journal(400)) == len(MANY) + 1)
        assert codes(world, len(MANY)) == MANY
        rows = world.journal(400)
        assert len({row.gesture_id for row in rows}) == len(rows)
        terminal.press("\r")
        terminal.wait_for("F2")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 48)], ids=str)
def test_an_order_is_picked_by_scans(tmp_path: Path, world: World, size: tuple[int, int]) -> None:
    world.order((LANTERN, 2), (MUG, 1))
    with start(tmp_path, size=size) as terminal:
        terminal.wait_for("PICK-01")
        terminal.send(f"{ANNA}\rWHCPICK\r")
        terminal.wait_for("Anna")
        # F12 scans what the screen asks for; each press waits for the answer to the one before.
        for pressed in range(1, 40):
            if world.floor.look("PICK-01").state == "idle":
                break
            terminal.press("\x1b[24~")
            terminal.wait_for(partial(journaled, world, pressed + 2))
        assert world.floor.look("PICK-01").state == "idle"
        assert world.find("1001").state == "picked"


def test_an_order_is_packed_weighed_and_labelled(tmp_path: Path, world: World) -> None:
    world.order((LANTERN, 2), (MUG, 1))
    world.pick_all()
    with start(tmp_path, "PACK-01") as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{BOB}\rWHCPACK\r")
        terminal.wait_for("Bob Baker")
        terminal.wait_for(lambda: world.floor.look("PACK-01").flow == "pack")
        for _ in range(40):
            # Weighing and printing go on beside: press when the screen asks for what is next.
            if world.find("1001").state == "packed" and world.floor.look("PACK-01").state == "open":
                break
            terminal.wait_for(
                lambda: f"F12 scans {world.floor.look('PACK-01').hint}" in terminal.text
            )
            before = len(world.journal(1000))
            terminal.press("\x1b[24~")
            terminal.wait_for(partial(grown, world, before))
        assert world.find("1001").state == "packed"
        assert "scale" in {row.source for row in world.journal(1000)}
        order = world.find("1001")
        with world.store.read() as tx:
            (parcel,) = tx.parcels.of_order(order.id)
            (job,) = tx.parcels.jobs_of(parcel.id, "label")
        assert parcel.weight_g > 0
        assert job.state in {"printed", "confirmed"}


def grown(world: World, before: int) -> bool:
    """Whether something was scanned since."""
    return len(world.journal(1000)) > before


def test_a_refusal_waits_for_its_acknowledgement(tmp_path: Path, world: World) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path) as terminal:
        terminal.wait_for("PICK-01")
        terminal.send(f"{ANNA}\rWHCPICK\r{at('T-0001')}\r{at('A01-02-1')}\r")
        terminal.wait_for("XXX")
        terminal.send(f"{at('A01-01-1')}\r")
        terminal.wait_for(lambda: len(world.journal(100)) == 5)
        assert "XXX" in terminal.text
        terminal.press("\r")
        terminal.wait_for(lambda: "XXX" not in terminal.text)
        assert world.journal(1)[0].code == "acknowledged"


def test_control_keys_do_not_end_the_program_and_three_ctrl_c_do(
    tmp_path: Path, world: World
) -> None:
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send("\x11")
        terminal.send("A\x11B\x1a\r")
        terminal.wait_for(lambda: len(world.journal(10)) == 1)
        assert terminal.process.poll() is None
        for left in ("2 times", "1 times"):
            terminal.press("\x03")
            terminal.wait_for(f"Ctrl+C {left} more")
        terminal.press("\x03")
        assert terminal.wait_for_end() == 0


def test_bytes_that_are_no_utf8_end_nothing(tmp_path: Path, world: World) -> None:
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(b"caf\xe9\xff\r")
        terminal.wait_for(lambda: len(world.journal(10)) == 1)
        terminal.send("GOOD\r")
        terminal.wait_for(lambda: len(world.journal(10)) == 2)
        assert world.journal(1)[0].raw == "GOOD"


def test_a_killed_terminal_resumes(tmp_path: Path, world: World) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{ANNA}\rWHCPICK\r{at('T-0001')}\r")
        terminal.wait_for(lambda: len(world.journal(10)) == 3)
    with start(tmp_path) as terminal:
        terminal.wait_for("Anna de Vries")
        terminal.send(f"{ANNA}\r")
        terminal.wait_for("T-0001")
        assert world.journal(1)[0].code == "resumed"


def test_a_station_is_chosen_where_none_was_named(tmp_path: Path, world: World) -> None:
    with start(tmp_path, station=None) as terminal:
        terminal.wait_for("PACK-02")
        terminal.send("WHSPICK02\r")
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{ANNA}\r")
        terminal.wait_for("PICK-02 · Anna")
