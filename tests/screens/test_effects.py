"""Printers, scales, serial scanners, other processes, signals, and what breaks."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Event, get_ident

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
from wms_terminal.domain.repeats import Repeat
from wms_terminal.domain.scan import Role, Source
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import (
    DeviceState,
    DeviceStatus,
    Listener,
    Load,
    ScaleEmpty,
    Scanner,
    Weight,
)
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
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(Load("parcel 1", 3410)),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh)
    devices = FakeDevices()
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "WHCWGH\r")
        await until(pilot, lambda: "1234 g" in region(app, "band").text)
    assert devices.asked_for == [Load("parcel 1", 3410)]
    assert terminal.weights[0][2] == terminal.scans[0][2] + "-weight1"


async def test_a_scale_that_is_off_is_an_answer_too(tmp_path: Path) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(Load("parcel 1", 3410)),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh)
    devices = FakeDevices(weight=None)
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "WHCWGH\r")
        await until(pilot, lambda: "the scale is off" in region(app, "band").text)
        await until(pilot, lambda: len(devices.asked_for) > 2)
    assert [weight for weight, _, _ in terminal.weights] == [None]


async def test_a_parcel_that_is_put_on_the_scale_later_is_weighed_without_a_key(
    tmp_path: Path,
) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(Load("parcel 1", 3410)),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh)
    devices = FakeDevices(weight=None, fault=ScaleEmpty("nothing on it"))
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "WHCWGH\r")
        await until(pilot, lambda: len(devices.asked_for) > 1)
        assert "nothing on it" not in text_of(app)
        devices.weight = Weight(Decimal(3405), "S S 3405 g")
        await until(pilot, lambda: "3405 g" in region(app, "band").text)
    assert len(terminal.weights) == 1


async def test_a_weight_waits_until_a_refusal_is_acknowledged(tmp_path: Path) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(Load("parcel 1", 3410)),), message=None)
    answers = {"W": weigh, "WHCOK": replace(weigh, effects=())}
    refused = replace(weigh, effects=(), message=steps.REFUSED.message, must_acknowledge=True)
    terminal = FakeTerminal(answer=lambda terminal, raw: answers.get(raw, refused))
    devices = FakeDevices(weight=None, fault=ScaleEmpty("nothing on it"))
    app = app_for(terminal, tmp_path, devices)
    async with running(app) as pilot:
        burst(app, "W\r")
        await until(pilot, lambda: bool(devices.asked_for))
        burst(app, "X1\r")
        await until(pilot, lambda: app.page.step is refused)
        devices.weight = Weight(Decimal(3405), "S S 3405 g")
        asked = len(devices.asked_for)
        await until(pilot, lambda: len(devices.asked_for) > asked + 1)
        assert not terminal.weights
        burst(app, "WHCOK\r")
        await until(pilot, lambda: "3405 g" in region(app, "band").text)
    assert len(terminal.weights) == 1


async def test_a_scale_is_left_alone_once_the_work_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weigh = replace(steps.PACK_WEIGH, effects=(Weigh(Load("parcel 1", 3410)),), message=None)
    terminal = FakeTerminal(answer=lambda terminal, raw: weigh if raw == "W" else steps.PACK_OPEN)
    devices = FakeDevices(weight=None, fault=ScaleEmpty("nothing on it"))
    app = app_for(terminal, tmp_path, devices)
    monkeypatch.setattr("wms_terminal.app.WEIGH_AGAIN_S", 0.01)
    async with running(app) as pilot:
        burst(app, "W\r")
        await until(pilot, lambda: len(devices.asked_for) > 2)
        burst(app, "L0\r")
        await until(pilot, lambda: app.page.step is steps.PACK_OPEN)
        devices.weight = Weight(Decimal(3405), "S S 3405 g")
        burst(app, "".join(f"L{number}\r" for number in range(1, 50)))
        await until(pilot, lambda: len(terminal.scans) == 51)
    assert not terminal.weights


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


async def test_what_others_leave_for_the_printer_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeTerminal, "look", lambda fake: replace(PRINTING, message=None))
    terminal, devices = FakeTerminal(), FakeDevices()
    async with running(app_for(terminal, tmp_path, devices)) as pilot:
        await until(pilot, lambda: devices.printed >= 1)
        before = devices.printed
        terminal.changed += 1
        await until(pilot, lambda: devices.printed > before)


class FakeScanner:
    """A scanner with a thread of its own, played by the test."""

    def __init__(self) -> None:
        self.listener: Listener
        self.outcomes: list[Outcome] = []
        self.closed = False

    def start(self, listener: Listener) -> None:
        self.listener = listener
        listener.status(DeviceStatus(DeviceState.READY, "port"))

    def scan(self, *codes: str) -> None:
        for code in codes:
            self.listener.code(code)

    def feedback(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def close(self) -> None:
        self.closed = True


class FakeSound:
    """Keeps what it is asked to sound."""

    def __init__(self) -> None:
        self.played: list[Outcome] = []
        self.said: list[tuple[str, str]] = []
        self.closed = False
        self.state = DeviceState.READY

    def play(self, outcome: Outcome) -> None:
        self.played.append(outcome)

    def say(self, text: str, language: str) -> None:
        self.said.append((text, language))

    def status(self) -> DeviceStatus:
        return DeviceStatus(self.state, T("It is broken."))

    def close(self) -> None:
        self.closed = True


async def test_a_serial_scanner_delivers_from_its_own_thread(tmp_path: Path) -> None:
    scanner = FakeScanner()
    terminal = FakeTerminal(answer=counted, station=station(scanner="serial:///dev/x"))
    app = app_for(terminal, tmp_path, open_scanner=lambda url: scanner)
    codes = [f"S{n:03}" for n in range(100)]
    async with running(app) as pilot:
        await asyncio.to_thread(scanner.scan, *codes)
        await until(pilot, lambda: len(terminal.scans) == 100)
        lost = DeviceStatus(DeviceState.LOST, "unplugged")
        await asyncio.to_thread(scanner.listener.status, lost)
        await until(pilot, lambda: "Scanner x LOST: unplugged" in text_of(app))
        await asyncio.to_thread(scanner.listener.status, DeviceStatus(DeviceState.READY, "port"))
        await until(pilot, lambda: "LOST" not in text_of(app))
        assert "Only part" not in text_of(app)
        await asyncio.to_thread(scanner.listener.partial)
        await until(pilot, lambda: "Only part of a code came" in text_of(app))
    assert terminal.codes == codes
    assert {source for _, source, _ in terminal.scans} == {Source.SCANNER}
    assert scanner.outcomes[:100] == [Outcome.OK] * 100
    assert scanner.closed


async def test_each_of_several_scanners_is_named_and_beeps_for_its_own_codes(
    tmp_path: Path,
) -> None:
    found: dict[str, FakeScanner] = {}

    def open_one(url: str) -> Scanner:
        found[url] = FakeScanner()
        return found[url]

    left, right = "serial:///dev/a?name=left&role=item", "serial:///dev/b?name=right&role=badge"
    terminal = FakeTerminal(
        answer=counted, station=station(scanner=f"wedge:?role=place {left} {right}")
    )
    app = app_for(terminal, tmp_path, open_scanner=open_one)
    async with running(app) as pilot:
        await asyncio.to_thread(found[left].listener.code, "L1")
        await until(pilot, lambda: terminal.codes == ["L1"])
        await asyncio.to_thread(found[right].listener.code, "R1")
        await until(pilot, lambda: terminal.codes == ["L1", "R1"])
        burst(app, "K1\r")
        await until(pilot, lambda: terminal.codes == ["L1", "R1", "K1"])
        await asyncio.to_thread(
            found[right].listener.status, DeviceStatus(DeviceState.LOST, "unplugged")
        )
        await until(pilot, lambda: "Scanner right LOST" in text_of(app))
    named = [(reader.name, reader.role) for reader in terminal.readers]
    assert named == [("left", Role.ITEM), ("right", Role.BADGE), ("wedge", Role.PLACE)]
    assert (found[left].outcomes, found[right].outcomes) == ([Outcome.OK], [Outcome.OK])


async def test_a_code_that_comes_twice_at_once_is_said_to_be_one(tmp_path: Path) -> None:
    scanner = FakeScanner()
    terminal = FakeTerminal(station=station(scanner="wedge: serial:///dev/x"))
    app = app_for(terminal, tmp_path, open_scanner=lambda url: scanner)
    async with running(app) as pilot:
        burst(app, "A1\rA1\r")
        await until(pilot, lambda: len(terminal.scans) == 2)
        scanner.listener.code("A1")
        await until(pilot, lambda: len(terminal.scans) == 3)
        press(app, "B", "\r", gap_s=2)
    chatter = [reader.repeat for reader in terminal.readers]
    assert chatter == [Repeat.NO, Repeat.CHATTER, Repeat.NO]


async def test_a_station_with_a_voice_sounds_and_speaks_instead_of_ringing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound, rung = FakeSound(), []
    with_voice = replace(station(), sound="alsa:?voice=1")
    terminal = FakeTerminal(
        answer=lambda terminal, raw: replace(
            counted(terminal, raw), prompt=T("SCAN THE TOTE"), language="en"
        ),
        station=with_voice,
    )
    app = app_for(terminal, tmp_path, open_sound=lambda url: sound)
    async with running(app) as pilot:
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        burst(app, "A1\r")
        await until(pilot, lambda: bool(sound.said))
        burst(app, "A2\r")
        await until(pilot, lambda: len(sound.played) == 2)
        assert not rung
        sound.state = DeviceState.ATTENTION
        await until(pilot, lambda: "Sound NEEDS A HAND: It is broken." in text_of(app))
        burst(app, "A3\r")
        await until(pilot, lambda: bool(rung))
    assert sound.said == [("SCAN THE TOTE", "en")]
    assert sound.closed


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


@pytest.mark.parametrize("step", [steps.PACK_OPEN, steps.PICK], ids=["waiting", "at work"])
async def test_what_others_change_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: Step
) -> None:
    monkeypatch.setattr("wms_terminal.app.LOOK_TICKS", 10**9)
    terminal = FakeTerminal(replace(step, message=None))
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes long is said at once."""
    monkeypatch.setattr("wms_terminal.consumer.SLOW_S", 0.01)
    monkeypatch.setattr("wms_terminal.consumer.SAY_S", 0.1)
    monkeypatch.setattr("wms_terminal.app.TICK_S", 0.02)


def held_up(terminal: FakeTerminal, go_on: Event) -> FakeTerminal:
    """A terminal whose store answers no scan before it may."""

    def wait(found: FakeTerminal, raw: str) -> Step:
        assert go_on.wait(60)
        return counted(found, raw)

    terminal.answer = wait
    return terminal


async def test_whoever_keeps_the_store_is_named_while_scans_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    kept = T("The store is kept by {holder} for {seconds} s", holder="PICK-03", seconds=5)
    monkeypatch.setattr("wms_terminal.bootstrap.kept_by", lambda url, at_least_s: kept)
    go_on = Event()
    terminal = held_up(FakeTerminal(), go_on)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "A1\r")
        await until(pilot, lambda: "kept by PICK-03 for 5 s" in region(app, "band").text)
        burst(app, "A2\rA3\r")
        await until(pilot, lambda: "3 scans wait" in region(app, "band").text)
        go_on.set()
        await until(pilot, lambda: "3: A3" in region(app, "band").text)
        assert "kept by" not in text_of(app)
    assert terminal.codes == ["A1", "A2", "A3"]
    assert terminal.asked == 3


async def test_a_store_that_takes_long_is_said_to(tmp_path: Path, impatient: None) -> None:
    go_on = Event()
    app = app_for(held_up(FakeTerminal(), go_on), tmp_path)
    async with running(app) as pilot:
        burst(app, "A1\r")
        await until(pilot, lambda: "The store does not answer" in region(app, "band").text)
        go_on.set()
        await until(pilot, lambda: "1: A1" in region(app, "band").text)


async def test_a_station_where_nobody_scans_says_that_its_store_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    def away() -> int:
        raise StoreError("the host is gone")

    rung: list[int] = []
    terminal = FakeTerminal(answer=counted)
    app = app_for(terminal, tmp_path)
    async with running(app) as pilot:
        burst(app, "A1\r")
        await until(pilot, lambda: "1: A1" in region(app, "band").text)
        monkeypatch.setattr(app, "bell", lambda: rung.append(1))
        monkeypatch.setattr(terminal, "changes", away)
        await until(pilot, lambda: "the host is gone" in region(app, "band").text)
        monkeypatch.setattr(terminal, "changes", lambda: 0)
        await until(pilot, lambda: "1: A1" in region(app, "band").text)
        assert rung[0] == 1
