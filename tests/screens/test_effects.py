"""Printers, scales, serial scanners, other processes, signals, and what breaks."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import get_ident

import pytest

from screens.troubles import Stopped
from tests.screens import steps
from tests.screens.fakes import (
    FakeDevices,
    FakeTerminal,
    app_for,
    burst,
    counted,
    press,
    region,
    running,
    station,
    text_of,
    until,
)
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import Source
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import DeviceState, DeviceStatus
from wms_terminal.ports.store import StoreError
from wms_terminal.services.step import Print, Step, Weigh

PRINTING = replace(steps.PACK_LABEL, prompt=T("LABEL IS PRINTING"), effects=(Print((1,)),))


async def test_printing_happens_beside_and_its_end_is_shown(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=lambda terminal, raw: PRINTING)

    def printed() -> bool:
        if terminal.step is not PRINTING:
            return False
        terminal.step = replace(steps.PACK_LABEL, message=None)
        return True

    devices = FakeDevices(on_print=printed)
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "C3\r")
        await until(pilot, lambda: "PUT THE LABEL ON" in text_of(app))
        assert "Label of parcel 1" in region(app, "band").text
    assert len(devices.threads) == 1
    assert not devices.threads & (terminal.threads | {get_ident()})
    assert devices.closed
    assert terminal.closed


async def test_a_look_never_overwrites_a_newer_answer(tmp_path: Path) -> None:
    terminal = FakeTerminal(answer=lambda terminal, raw: PRINTING, delay_s=0.02)
    app = app_for(terminal, tmp_path, FakeDevices(on_print=lambda: True))
    shown: list[str] = []
    async with running(app) as pilot:
        assert app._controls is not None
        show = app._controls.show

        def watched(step: Step) -> None:
            shown.append(str(step.message.text) if step.message else "")
            show(step)

        app._controls.show = watched  # type: ignore[method-assign]  # to see the order
        terminal.answer = lambda terminal, raw: replace(
            PRINTING, message=steps.ok(T("{n}", n=len(terminal.scans)))
        )
        burst(app, "".join(f"X{n}\r" for n in range(50)))
        await until(pilot, lambda: region(app, "band").text.strip().endswith("50"))
    numbers = [int(text) for text in shown if text]
    assert numbers == sorted(numbers)


async def test_leftover_jobs_are_printed_at_the_start(tmp_path: Path) -> None:
    devices = FakeDevices()
    app = app_for(FakeTerminal(), tmp_path, devices)
    async with running(app) as pilot:
        await until(pilot, lambda: devices.printed == 1)


async def test_the_scale_answers_in_its_turn(tmp_path: Path) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(3410),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh)
    devices = FakeDevices()
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "WHCWGH\r")
        await until(pilot, lambda: "1234 g" in region(app, "band").text)
    assert devices.asked_for == [3410]
    assert terminal.weights[0][2] == terminal.scans[0][2] + "-weight1"


async def test_a_scale_that_is_off_is_an_answer_too(tmp_path: Path) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(3410),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh)
    app = app_for(terminal, tmp_path, FakeDevices(weight=None))
    async with running(app) as pilot:
        burst(app, "WHCWGH\r")
        await until(pilot, lambda: "the scale is off" in region(app, "band").text)
    assert terminal.weights[0][0] is None


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 48)], ids=str)
async def test_a_lost_printer_shows_and_heals(tmp_path: Path, size: tuple[int, int]) -> None:
    devices = FakeDevices()
    app = app_for(FakeTerminal(), tmp_path, devices)
    async with running(app, size) as pilot:
        devices.state = DeviceStatus(DeviceState.LOST, "no [red]answer")
        await until(pilot, lambda: "Printer LOST: no [red]answer" in text_of(app))
        devices.state = DeviceStatus(DeviceState.READY)
        await until(pilot, lambda: "LOST" not in text_of(app))


async def test_a_driver_that_fails_stops_no_scanning(tmp_path: Path) -> None:
    def explode() -> bool:
        raise ZeroDivisionError("driver")

    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path, FakeDevices(on_print=explode))
    async with running(app) as pilot:
        await until(pilot, lambda: "Printing NEEDS A HAND: ZeroDivisionError" in text_of(app))
        burst(app, "GOOD\r")
        await until(pilot, lambda: "GOOD" in region(app, "band").text)


async def test_devices_without_a_store_are_tried_again(tmp_path: Path) -> None:
    devices = FakeDevices()
    failures = [StoreError("away"), StoreError("away")]
    app = app_for(FakeTerminal(), tmp_path, devices)
    inner = app._peripherals._open_devices

    def opening():
        if failures:
            raise failures.pop()
        return inner()

    app._peripherals._open_devices = opening
    async with running(app) as pilot:
        await until(pilot, lambda: devices.printed == 1)


class FakeScanner:
    """A scanner with a thread of its own, played by the test."""

    def __init__(self) -> None:
        self.on_code: Callable[[str], None] = lambda code: None
        self.on_status: Callable[[DeviceStatus], None] = lambda status: None
        self.outcomes: list[Outcome] = []
        self.closed = False

    def start(
        self, on_code: Callable[[str], None], on_status: Callable[[DeviceStatus], None]
    ) -> None:
        self.on_code, self.on_status = on_code, on_status
        on_status(DeviceStatus(DeviceState.READY, "port"))

    def feedback(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def close(self) -> None:
        self.closed = True


async def test_a_serial_scanner_delivers_from_its_own_thread(tmp_path: Path) -> None:
    scanner = FakeScanner()
    terminal = FakeTerminal(answer=counted, station=station(scanner="serial:///dev/x"))
    app = app_for(terminal, tmp_path)
    app._peripherals._open_scanner = lambda url: scanner
    codes = [f"S{n:03}" for n in range(100)]
    async with running(app) as pilot:
        await asyncio.to_thread(lambda: [scanner.on_code(code) for code in codes])
        await until(pilot, lambda: len(terminal.scans) == 100)
        await asyncio.to_thread(scanner.on_status, DeviceStatus(DeviceState.LOST, "unplugged"))
        await until(pilot, lambda: "Scanner LOST: unplugged" in text_of(app))
        await asyncio.to_thread(scanner.on_status, DeviceStatus(DeviceState.READY, "port"))
        await until(pilot, lambda: "LOST" not in text_of(app))
        assert "Only part" not in text_of(app)
        await asyncio.to_thread(scanner.on_status, DeviceStatus(DeviceState.READY, "half"))
        await until(pilot, lambda: "Only part of a code came" in text_of(app))
    assert terminal.codes == codes
    assert {source for _, source, _ in terminal.scans} == {Source.SCANNER}
    assert scanner.outcomes[:100] == [Outcome.OK] * 100
    assert scanner.closed


async def test_a_scanner_url_with_a_mistake_is_said_and_keys_still_scan(tmp_path: Path) -> None:
    terminal = FakeTerminal(station=station(scanner="wedge:?prefix=nonsense"))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        await until(pilot, lambda: "Scanner LOST" in text_of(app))
        burst(app, "A1\r")
        await until(pilot, lambda: terminal.codes == ["A1"])


async def test_a_wedge_with_a_sentinel_ignores_typing(tmp_path: Path) -> None:
    terminal = FakeTerminal(station=station(scanner="wedge:?prefix=aim"))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "typed\r]C0WHL01\rmore")
        await until(pilot, lambda: bool(terminal.scans))
        press(app, "\x1bOQ", "4", "7")
        await until(pilot, lambda: "47_" in text_of(app))
        burst(app, "]C0WHL02\r")
        await until(pilot, lambda: len(terminal.scans) == 2)
    assert terminal.codes == ["]C0WHL01", "]C0WHL02"]


async def test_what_others_change_is_shown_where_people_wait(tmp_path: Path) -> None:
    terminal = FakeTerminal(replace(steps.PACK_OPEN, message=None))
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        terminal.step = replace(terminal.step, prompt=T("NOTHING TO PACK NOW"))
        terminal.changed += 1
        await until(pilot, lambda: "NOTHING TO PACK NOW" in text_of(app))


async def test_the_idle_lock_shows_by_itself(tmp_path: Path) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        terminal.step = steps.LOCKED
        await until(pilot, lambda: "SCAN YOUR BADGE" in text_of(app))
        assert "RED WOOLLY" not in text_of(app)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_signals_close_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    terminal = FakeTerminal()
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        os.kill(os.getpid(), number)
        await until(pilot, lambda: not app.is_running)
    assert app.return_code == 0
    assert terminal.closed


async def test_what_nobody_foresaw_ends_without_a_traceback(tmp_path: Path) -> None:
    app = app_for(FakeTerminal(), tmp_path)

    def broken() -> None:
        raise ZeroDivisionError("inside")

    async def run_into_it() -> None:
        async with running(app) as pilot:
            app.set_timer(0.01, broken)
            await until(pilot, lambda: not app.is_running)

    with pytest.raises(Stopped, match="show an administrator") as caught:
        await run_into_it()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert app.return_code == 1
    log = (tmp_path / "terminal.log").read_text(encoding="utf-8")
    assert "ZeroDivisionError" in log


def _are(rung: list[int], count: int) -> bool:
    return len(rung) == count


async def test_the_bell_tells_outcomes_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []
    outcomes = iter([Outcome.OK, Outcome.ORDER_DONE, Outcome.WRONG])
    terminal = FakeTerminal(
        answer=lambda terminal, raw: replace(steps.PICK, message=steps.ok(T(raw), next(outcomes)))
    )
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        for count in (1, 2, 3):
            rung.clear()
            burst(app, f"N{count}\r")
            await until(pilot, partial(_are, rung, count))
