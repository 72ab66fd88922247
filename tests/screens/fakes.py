"""A terminal and devices without a store, and keys as a terminal delivers them."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from textual.message import Message as Event
from textual.pilot import Pilot

from screens.parser import KeyParser
from screens.widgets import Region
from tests.screens import steps
from wms_terminal.app import WmsApp
from wms_terminal.bootstrap import Devices, Terminal
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.scan import Reader, Source
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceFault, DeviceState, DeviceStatus, Load, Weight
from wms_terminal.ports.store import StoreError
from wms_terminal.services.step import Step

DEADLINE_S = 60.0


def station(code: str = "PICK-03", scanner: str = "wedge:") -> Station:
    name = f"Name of {code}"
    return Station(1, code, name, "picking", None, scanner, "sim:", "", "sim:", "", 300)


@dataclass
class FakeTerminal:
    """Answers every scan with the step that `answer` makes of it."""

    step: Step = steps.PICK
    answer: Callable[[FakeTerminal, str], Step] | None = None
    delay_s: float = 0.0
    station: Station = field(default_factory=station)
    simulated: bool = False
    broken: int = 0
    """So many calls fail before the store is back."""
    scans: list[tuple[str, Source, str]] = field(default_factory=list)
    readers: list[Reader] = field(default_factory=list)
    weights: list[tuple[Weight | None, Text | str, str]] = field(default_factory=list)
    changed: int = 0
    asked: int = 0
    threads: set[int] = field(default_factory=set)
    opened_as: str = ""
    closed: bool = False

    def open(self, url: str, code: str) -> Terminal:
        self.opened_as = code
        return cast(Terminal, self)

    def start(self) -> Step:
        self._ask()
        return self.step

    def look(self) -> Step:
        self._ask()
        return replace(self.step, message=None, effects=())

    def scan(self, raw: str, source: Source, gesture: str, reader: Reader) -> Step:
        self.asked += 1
        self._ask()
        time.sleep(self.delay_s)
        self.scans.append((raw, source, gesture))
        self.readers.append(reader)
        if self.answer is not None:
            self.step = self.answer(self, raw)
        return self.step

    def weighed(self, weight: Weight | None, trouble: Text | str, gesture: str) -> Step:
        self._ask()
        self.weights.append((weight, trouble, gesture))
        text = T("{grams} g", grams=weight.grams) if weight else T("{why}", why=trouble)
        self.step = replace(self.step, message=steps.ok(text), effects=())
        return self.step

    def changes(self) -> int:
        return self.changed

    def close(self) -> None:
        self.closed = True

    @property
    def codes(self) -> list[str]:
        return [raw for raw, _, _ in self.scans]

    def _ask(self) -> None:
        self.threads.add(threading.get_ident())
        if self.broken:
            self.broken -= 1
            raise StoreError("the disk is full. Make room on it.")


@dataclass
class FakeDevices:
    """Counts what it is asked for."""

    printed: int = 0
    weight: Weight | None = field(default_factory=lambda: Weight(Decimal(1234), "S S 1234 g"))
    state: DeviceStatus = field(default_factory=lambda: DeviceStatus(DeviceState.READY))
    fault: DeviceFault = field(default_factory=lambda: DeviceFault("the scale is off"))
    asked_for: list[Load] = field(default_factory=list)
    on_print: Callable[[], bool] = lambda: False
    threads: set[int] = field(default_factory=set)
    closed: bool = False

    def print_jobs(self) -> bool:
        self.threads.add(threading.get_ident())
        self.printed += 1
        return self.on_print()

    def weigh(self, load: Load) -> Weight:
        self.threads.add(threading.get_ident())
        self.asked_for.append(load)
        if self.weight is None:
            raise self.fault
        return self.weight

    def printer_status(self) -> list[tuple[str, DeviceStatus]]:
        self.threads.add(threading.get_ident())
        return [("printer", self.state)]

    def scale_status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.READY)

    def close(self) -> None:
        self.closed = True


def app_for(
    terminal: FakeTerminal,
    folder: Path,
    devices: FakeDevices | None = None,
    code: str | None = "PICK-03",
    stations: tuple[str, ...] = ("PICK-03", "PACK-01", "SHIP-01"),
    **parts: Any,
) -> WmsApp:
    """The application on fakes; each is opened as the real one is."""
    return WmsApp(
        "sqlite:///none",
        code,
        open_terminal=terminal.open,
        open_devices=lambda url, name: cast(Devices, devices or FakeDevices()),
        stations=lambda url: [station(name) for name in stations],
        log_folder=lambda: folder,
        **parts,
    )


@asynccontextmanager
async def running(
    app: WmsApp, size: tuple[int, int] = (80, 24), begun: bool = True
) -> AsyncIterator[Pilot[None]]:
    """The application, up and showing its first step."""
    async with app.run_test(size=size) as pilot:
        if begun:
            await until(pilot, lambda: app.page.step.flow not in ("start", "chooser"))
        yield pilot


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it is not in time."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"too late:\n{text_of(cast(WmsApp, pilot.app))}"
        await pilot.pause()


def keys(text: str) -> list[Event]:
    """What the terminal's driver makes of text after which nothing more comes."""
    parser = KeyParser(itertools.count().__next__)
    return [*parser.feed(text), *parser.tick()]


def burst(app: WmsApp, text: str) -> None:
    """Deliver text as a terminal would, without waiting between keys: all of it came at once."""
    now = time.monotonic()
    for event in keys(text):
        event.set_sender(app)
        event.time = now
        app.post_message(event)


def press(app: WmsApp, *texts: str, gap_s: float = 0.3) -> None:
    """Deliver keys as a person would: apart by their time stamps, without waiting for it."""
    for text in texts:
        for event in keys(text):
            event.set_sender(app)
            event.time = _later(app, gap_s)
            app.post_message(event)


def _later(app: WmsApp, gap_s: float) -> float:
    last: float = getattr(app, "pressed_at", time.monotonic())
    moment = max(time.monotonic(), last + gap_s)
    app.pressed_at = moment  # type: ignore[attr-defined]  # a note of the tests
    return moment


F = {1: "\x1bOP", 2: "\x1bOQ", 4: "\x1bOS", 8: "\x1b[19~", 10: "\x1b[21~", 12: "\x1b[24~"}
"""Function keys as xterm sends them."""


def text_of(app: WmsApp) -> str:
    """All that is on the screen, as the compositor has it."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def region(app: WmsApp, name: str) -> Region:
    return app.page.query_one(f"#{name}", Region)


def refused(terminal: FakeTerminal, raw: str) -> Step:
    """Any code is refused until OK comes."""
    if terminal.step.must_acknowledge and raw == "WHCOK":
        return replace(steps.PICK, message=steps.ok(T("Go on")))
    return steps.REFUSED


def counted(terminal: FakeTerminal, raw: str) -> Step:
    """Any code is fine; the band names it."""
    message = Message(Outcome.OK, "test", T("{count}: {raw}", count=len(terminal.scans), raw=raw))
    return replace(steps.PICK, message=message)
