"""What every scanner does, whatever it is plugged into."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

import devices
from devices.scanners import evdev_scanner
from devices.scanners.simulated import SimulatedScanner
from devices.scanners.virtual_evdev import VirtualKeyboard
from devices.scanners.virtual_scanner import PtyCable, TcpCable, VirtualScanner
from tests.devices.ears import Ears
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Scanner

DATA_MATRIX = 0x1B
CODES = ["A-1", "]C10112345678901231\x1d10LOT\x1d2112", "b_2{}~", "5901234123457", "A-1"]


class Thing(Protocol):
    """The scanner in somebody's hand."""

    def scan(self, code: str) -> bool: ...

    def cut(self, code: str) -> None: ...

    def plug(self) -> None: ...

    def unplug(self) -> None: ...


@dataclass(frozen=True)
class Rig:
    """A scanner, and the driver that reads it."""

    thing: Thing
    open: Callable[[], Scanner]
    may_swallow: bool = False
    """Whether what was sent may be gone when the cable is pulled out, as it is with a pty."""


class _Ssi(VirtualScanner):
    """Reads symbols of a type that SSI gives no identifier to."""

    def scan(self, code: str, kind: int = DATA_MATRIX) -> bool:
        return super().scan(code, kind)


def lock(device: int) -> None:
    """What a grab does, for a pipe: one at a time."""
    fcntl.flock(device, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture(params=["sim", "serial", "ssi", "evdev", "socket"])
def rig(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    if request.param == "sim":
        simulated = SimulatedScanner()
        yield Rig(simulated, lambda: simulated)
    elif request.param == "evdev":
        monkeypatch.setattr(evdev_scanner, "grab", lock)
        keyboard = VirtualKeyboard(tmp_path / "kbd")
        yield Rig(keyboard, lambda: devices.open_scanner(keyboard.url))
        keyboard.unplug()
    else:
        cable = TcpCable() if request.param == "socket" else PtyCable(tmp_path / "scanner")
        thing = _Ssi(cable, protocol="ssi") if request.param == "ssi" else VirtualScanner(cable)
        yield Rig(thing, lambda: devices.open_scanner(thing.url), isinstance(cable, PtyCable))
        thing.close()


@pytest.fixture
def scanner(rig: Rig) -> Iterator[Scanner]:
    scanner = rig.open()
    yield scanner
    scanner.close()


def test_it_says_that_it_is_ready_and_then_delivers_codes_in_order(
    rig: Rig, scanner: Scanner
) -> None:
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    for code in CODES:
        rig.thing.scan(code)
    assert [ears.next() for _ in CODES] == CODES
    assert ears.heard.empty()


def test_it_is_lost_and_back_and_half_a_code_is_said_and_never_glued(
    rig: Rig, scanner: Scanner
) -> None:
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    for number in range(2):
        rig.thing.cut("HALF-OF-A-CODE")
        lost = ears.next()
        if lost is None or not rig.may_swallow:
            assert lost is None
            lost = ears.next()
        assert isinstance(lost, DeviceStatus)
        assert lost.state is DeviceState.LOST
        assert "heck" in str(lost.detail)  # what to do about it
        rig.thing.plug()
        assert ears.next_state() is DeviceState.READY
        rig.thing.scan(f"WHOLE-{number}")
        assert ears.next() == f"WHOLE-{number}"


def test_one_that_is_not_there_yet_is_lost_until_it_is(rig: Rig, scanner: Scanner) -> None:
    rig.thing.unplug()
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.LOST
    rig.thing.plug()
    assert ears.next_state() is DeviceState.READY
    rig.thing.scan("HELLO")
    assert ears.next() == "HELLO"


def test_closing_gives_the_device_back(rig: Rig, scanner: Scanner) -> None:
    first, second = Ears(), Ears()
    scanner.start(first)
    assert first.next_state() is DeviceState.READY
    scanner.close()
    scanner.close()
    other = rig.open()
    other.start(second)
    try:
        assert second.next_state() is DeviceState.READY
        rig.thing.scan("MINE")
        assert second.next() == "MINE"
    finally:
        other.close()
    assert first.heard.empty()


def test_it_may_be_closed_from_a_callback(rig: Rig, scanner: Scanner) -> None:
    class Leaving(Ears):
        def code(self, text: str) -> None:
            scanner.close()
            super().code(text)

    ears = Leaving()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    rig.thing.scan("BYE")
    assert ears.next() == "BYE"


def test_feedback_never_raises_and_never_waits(rig: Rig, scanner: Scanner) -> None:
    def all_outcomes() -> None:
        for outcome in Outcome:
            scanner.feedback(outcome)

    ears = Ears()
    all_outcomes()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    all_outcomes()
    rig.thing.scan("BETWEEN")
    assert ears.next() == "BETWEEN"
    with suppress(OSError):
        rig.thing.unplug()
    all_outcomes()
    assert ears.next_state() is DeviceState.LOST
    all_outcomes()
    rig.thing.plug()
    assert ears.next_state() is DeviceState.READY
    scanner.close()
    all_outcomes()
