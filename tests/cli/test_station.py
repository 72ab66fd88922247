from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from data import open_store
from devices.documents.scanner_sheets import GS1_CHECK
from devices.printers.virtual_printer_server import TcpPrinterServer
from devices.scales.rule import EMPTY, NOT_EMPTIED
from devices.scales.simulated import SimulatedScale
from devices.scales.virtual_scale import VirtualScale
from devices.scanners.layouts import CALIBRATION, LAYOUTS
from tests.cli.conftest import Run
from tests.pty.terminal import Terminal
from wms_terminal.cli import trials
from wms_terminal.cli.asking import Configured
from wms_terminal.cli.person import Person
from wms_terminal.cli.scanner_trial import NOTHING, Read, judge
from wms_terminal.ports.devices import DeviceFault, Load, Weight

CALIBRATION_READ = Read(f"]C0{CALIBRATION}")
GS1_READ = Read(f"]C1{GS1_CHECK}")

SetUp = Callable[..., None]


class Mute:
    """A printer that prints and never says a word."""

    def feed(self, data: bytes) -> bytes:
        return b""


@pytest.fixture
def set_up(url: str) -> SetUp:
    """Gives PACK-01 these devices, and no others."""

    def change(**devices: str) -> None:
        store = open_store(url)
        with store.write() as tx:
            tx.site.put_station("PACK-01", "Bench", "packing", "", devices, 300)
        store.close()

    return change


def judged(calibration: Read, gs1: Read) -> str:
    """The verdict in words."""
    verdict = judge(calibration, gs1, lambda text: None)
    return f"{'works' if verdict.works else 'failed'}: {verdict.why}"


def test_simulated_devices_all_work_without_anybody_there(
    run: Run, set_up: SetUp, tmp_path: Path
) -> None:
    papers = f"sim://{tmp_path}/papers"
    set_up(scanner="sim:", printer=papers, documents=papers, scale="sim:", sound="sim:")
    result = run("station", "test", "PACK-01")
    assert result.exit_code == 0, result.output
    assert "PACK-01: all 5 devices work." in result.output
    assert {path.suffix for path in (tmp_path / "papers").iterdir()} == {".zpl", ".pdf"}


@pytest.mark.parametrize("only", ["scanner", "printer", "scale", "sound"])
def test_only_one_kind_is_tried(run: Run, set_up: SetUp, only: str) -> None:
    set_up(scanner="sim:", printer="sim:", scale="sim:")
    result = run("station", "test", "PACK-01", "--only", only)
    assert result.exit_code == 0, result.output
    assert "all 1 devices work" in result.output
    assert result.output.startswith(only)


@pytest.mark.parametrize(
    ("devices", "why"),
    [
        ({"printer": "sim:?fail=paper"}, "Paper out"),
        ({"printer": "sim:?fail=unknown"}, "The line broke"),
        ({"scale": "sim:?fail=unstable"}, "not stable"),
        ({"scale": "sim:?fial=off"}, "got 'fial'"),
        ({"scanner": "serial:///dev/serial/by-id/none"}, "FAILED"),
    ],
)
def test_a_device_that_fails_is_named_with_its_reason(
    run: Run, set_up: SetUp, devices: dict[str, str], why: str
) -> None:
    set_up(**devices)
    result = run("station", "test", "PACK-01", "--wait", "0.3")
    assert result.exit_code == 1
    assert why in result.output
    assert f"PACK-01: 1 of {len(devices) + 1} devices failed." in result.output


def test_a_station_without_such_a_device_says_so(run: Run, set_up: SetUp) -> None:
    set_up()
    result = run("station", "test", "PACK-01", "--only", "scale")
    assert result.exit_code == 0
    assert "nothing of this kind" in result.output


def test_a_serial_scanner_is_read_through_its_driver(run: Run, set_up: SetUp) -> None:
    leader, follower = os.openpty()
    set_up(scanner=f"serial://{os.ttyname(follower)}?feedback=bel")
    ended = threading.Event()

    def scanner() -> None:
        for code in (f"]C0{CALIBRATION}\r", f"]C1{GS1_CHECK}\r"):
            # Scanned until the program answers with a beep, as a person would.
            while not ended.is_set():
                os.write(leader, code.encode())
                if select.select([leader], [], [], 1.0)[0] and b"\a" in os.read(leader, 100):
                    break

    thread = threading.Thread(target=scanner)
    thread.start()
    try:
        result = run("station", "test", "PACK-01", "--only", "scanner", "--wait", "30")
    finally:
        ended.set()
        thread.join()
        os.close(leader)
        os.close(follower)
    assert result.exit_code == 0, result.output
    assert "every character as printed, GS kept, AIM identifier" in result.output


def test_a_perfect_scanner_is_told_so() -> None:
    assert judged(CALIBRATION_READ, GS1_READ).startswith("works: every character as printed")


def test_a_scanner_without_identifiers_works_and_is_told() -> None:
    said: list[str] = []
    verdict = judge(Read(CALIBRATION), Read(GS1_CHECK), said.append)
    assert verdict.works
    assert any("No AIM identifier" in line for line in said)


@pytest.mark.parametrize(
    ("calibration", "gs1", "why"),
    [
        (CALIBRATION_READ, NOTHING, "GS1 code: Nothing came."),
        (CALIBRATION_READ, Read(f"]C1{GS1_CHECK}".replace("\x1d", "")), "GS is lost"),
        (CALIBRATION_READ, Read(f"]C0{GS1_CHECK}"), "expected the identifier ]C1, got ]C0"),
        (CALIBRATION_READ, Read("]C1010"), "expected '0109"),
        (Read(f"]C0{CALIBRATION}", suffix=""), GS1_READ, "Calibration code: no suffix"),
        (Read("]C0KBDXT"), GS1_READ, "Calibration code: expected"),
    ],
)
def test_what_is_wrong_with_a_scanner_is_named(calibration: Read, gs1: Read, why: str) -> None:
    said = judged(calibration, gs1)
    assert said.startswith("failed")
    assert why in said


def test_a_foreign_keyboard_is_recognised() -> None:
    german = "".join(LAYOUTS["de"].of(char) for char in CALIBRATION)
    assert "Keyboard is German" in judged(Read(german), GS1_READ)


@pytest.fixture
def at_station(url: str, tmp_path: Path, set_up: SetUp) -> Iterator[Callable[..., Terminal]]:
    """`station test PACK-01` in a terminal, with one device."""
    opened: list[Terminal] = []

    def start(kind: str, address: str, *more: str) -> Terminal:
        set_up(**{kind: address})
        words = [sys.executable, "-m", "wms_terminal", "--store", url, "station", "test", "PACK-01"]
        only = "printer" if kind == "documents" else kind
        terminal = Terminal(
            [*words, "--only", only, *more], {"HOME": str(tmp_path), "LANG": "C.UTF-8"}
        )
        opened.append(terminal)
        return terminal

    yield start
    for terminal in opened:
        terminal.__exit__(None, None, None)


@pytest.fixture
def keyboard(at_station: Callable[..., Terminal]) -> Callable[..., Terminal]:
    """The same, for a keyboard scanner."""
    return partial(at_station, "scanner")


@pytest.mark.pty
def test_a_scale_is_loaded_and_emptied_by_whoever_stands_there(
    at_station: Callable[..., Terminal],
) -> None:
    with VirtualScale() as scale:
        terminal = at_station("scale", scale.url)
        terminal.wait_for("Put something on it")
        scale.pan.put(1250)
        terminal.wait_for("It weighs 1250")
        scale.pan.take_off()
        terminal.wait_for("all 1 devices work")
        assert terminal.wait_for_end() == 0


def test_a_scale_on_which_something_stays_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [EMPTY]

    class Stuck(SimulatedScale):
        def weigh(self, load: Load) -> Weight:
            if load.name == "test load":
                return Weight(Decimal(1250), "S S 1250 g")
            raise DeviceFault(said.pop() if said else NOT_EMPTIED)

    monkeypatch.setattr(trials, "open_scale", lambda url: Stuck())
    scale = Configured("PACK-01", "scale", "serial:///dev/serial/by-id/none?protocol=mtsics")
    verdict = trials.try_scale(scale, Person(0.1, asks=False))
    assert not verdict.works
    assert "did not become empty again" in verdict.why


@pytest.mark.pty
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1)])
def test_a_printer_that_cannot_tell_is_looked_at_by_a_person(
    at_station: Callable[..., Terminal], answer: str, code: int
) -> None:
    with TcpPrinterServer(Mute()) as printer:
        terminal = at_station("printer", f"tcp://127.0.0.1:{printer.port}?status=none")
        terminal.wait_for("Did the page come out")
        terminal.send("x\n")
        terminal.wait_for("y or n?")
        terminal.send(f"{answer}\n")
        assert terminal.wait_for_end() == code


@pytest.mark.pty
@pytest.mark.parametrize("suffix", ["\r", "\r\n", "\t"])
def test_a_keyboard_scanner_is_read_in_a_plain_terminal(
    keyboard: Callable[..., Terminal], suffix: str
) -> None:
    terminal = keyboard("wedge:?prefix=aim")
    terminal.wait_for("Scan code 1")
    terminal.send(f"]C0{CALIBRATION}{suffix}")
    terminal.wait_for("Scan code 2")
    terminal.send(f"]C1{GS1_CHECK}{suffix}")
    terminal.wait_for("all 1 devices work")
    name = {"\r": "CR", "\r\n": "CR LF", "\t": "TAB"}[suffix]
    assert f"suffix {name}" in " ".join(terminal.text.split())
    assert terminal.wait_for_end() == 0


@pytest.mark.pty
def test_a_keyboard_scanner_that_the_station_would_not_take_fails(
    keyboard: Callable[..., Terminal],
) -> None:
    terminal = keyboard("wedge:?prefix=aim")
    terminal.wait_for("Scan code 1")
    terminal.send(f"{CALIBRATION}\r")
    text = terminal.wait_for("1 of 1 devices failed")
    assert "with prefix=aim and layout=us in its address" in text
    assert terminal.wait_for_end() == 1


@pytest.mark.pty
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_ends_and_gives_the_terminal_back(keyboard: Callable[..., Terminal]) -> None:
    terminal = keyboard("wedge:")
    terminal.wait_for("Scan code 1")
    terminal.send("\x03")
    terminal.wait_for("Stopped.")
    assert terminal.wait_for_end() == 130


@pytest.mark.pty
def test_nobody_is_waited_for_for_ever(keyboard: Callable[..., Terminal]) -> None:
    terminal = keyboard("wedge:", "--wait", "0.2")
    terminal.wait_for("Nothing came.")
    assert terminal.wait_for_end() == 1
