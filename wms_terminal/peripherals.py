"""Scanners, printers, scale and sound of one station: asked aside, and who needs a hand is said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from devices import WedgeOptions, wedge_options
from devices import reader as reader_of
from wms_terminal.bootstrap import Devices
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import Reader
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    DeviceStatus,
    Load,
    Scanner,
    Sound,
    Weight,
)
from wms_terminal.ports.store import StoreError
from wms_terminal.scanners import Hearing, Scanners

log = logging.getLogger(__name__)

R = TypeVar("R")

CLOSE_S = 5.0

_NAMES = {
    "scanner": T("Scanner"),
    "printer": T("Printer"),
    "printing": T("Printing"),
    "slips": T("Slip printer"),
    "scale": T("Scale"),
    "sound": T("Sound"),
}
_STATES = {DeviceState.LOST: T("LOST"), DeviceState.ATTENTION: T("NEEDS A HAND")}


class Peripherals:
    """Everything of a station that is plugged in."""

    def __init__(
        self,
        open_devices: Callable[[], Devices],
        open_scanner: Callable[[str], Scanner],
        open_sound: Callable[[str], Sound | None],
        on_trouble: Callable[[Text | str], None],
    ) -> None:
        self._open_devices = open_devices
        self._open_sound = open_sound
        self._on_trouble = on_trouble
        self._printing = ThreadPoolExecutor(1, "printers")
        self._weighing = ThreadPoolExecutor(1, "scale")
        """A parcel must not wait for its weight while another one's label is printed."""
        self._devices: Devices | None = None
        self._scanners = Scanners(open_scanner)
        self._sound: Sound | None = None
        self._troubles: dict[str, tuple[bool, Text]] = {}
        self._watching = False
        self.print_due = True
        """Whether jobs may be waiting: a killed terminal leaves some behind."""

    def start(self, station: Station, hearing: Hearing) -> None:
        """Listen to the station's scanners, and give it its voice."""
        self._scanners.start(station.scanner, replace(hearing, status=self._scanner_says))
        try:
            self._sound = self._open_sound(station.sound) if station.sound else None
        except ValueError as error:
            self.say("sound", DeviceStatus(DeviceState.LOST, str(error)))

    def keyboard(self, station: Station) -> tuple[WedgeOptions, Reader]:
        """How a keyboard scanner of the station frames its codes, and what it is for."""
        for url in station.scanner.split():
            if url.startswith("wedge:"):
                with suppress(ValueError):  # said to be lost when the scanners were started
                    return wedge_options(url), reader_of(url)
        return WedgeOptions(), Reader("keyboard")

    def sound(self, outcome: Outcome, scanner: str = "") -> bool:
        """Sound an outcome; whether the station itself has a sound device for it.

        `scanner` is the one that read the code and beeps as well; without it, all of them do.
        """
        self._scanners.feedback(outcome, scanner)
        if self._sound is not None:
            self._sound.play(outcome)
        return self._sound is not None and self._sound.status().state is DeviceState.READY

    def speak(self, text: str, language: str) -> None:
        """Say a prompt, where the station has a voice."""
        if self._sound is not None:
            self._sound.say(text, language)

    async def print(self) -> bool:
        """Drain the print queue; whether anything was in it."""
        self.print_due = False
        status = DeviceStatus(DeviceState.READY)
        printed = False
        try:
            printed = await self._ask(lambda found: found.print_jobs())
        except StoreError as error:
            log.warning("Printing waits for the store: %s", error)
            self.print_due = True
        except DeviceFault as fault:
            status = DeviceStatus(DeviceState.ATTENTION, fault.text)
        self.say("printing", status)
        return printed

    async def weigh(self, load: Load) -> Weight:
        """A stable weight.

        Raises:
            DeviceFault: why there is none.
        """
        try:
            return await self._ask(lambda found: found.weigh(load), self._weighing)
        except StoreError as error:
            raise DeviceFault(str(error)) from error

    async def watch(self) -> bool:
        """Ask every device how it is, and print what was left over; whether something was."""
        if self._watching:
            return False
        self._watching = True
        printed = self.print_due and await self.print()
        try:
            if self._sound is not None:
                self.say("sound", self._sound.status())
            self.say("scale", await self._ask(lambda found: found.scale_status(), self._weighing))
            for kind, status in await self._ask(lambda found: found.printer_status()):
                self.say(kind, status)
        except (StoreError, DeviceFault) as error:
            log.warning("Devices are not to be asked now: %s", error)
        finally:
            self._watching = False
        return printed

    def say(self, kind: str, status: DeviceStatus, name: str = "") -> None:
        """Keep the line about devices up to date; `name` is which of several."""
        self._troubles.pop(kind + name, None)
        if status.state in _STATES:
            device = T("{device} {name}", device=_NAMES[kind], name=name) if name else _NAMES[kind]
            text = T(
                "{device} {state}: {detail}",
                device=device,
                state=_STATES[status.state],
                detail=status.detail,
            )
            self._troubles[kind + name] = status.state is DeviceState.LOST, text
        self._on_trouble(self._worst())

    def _worst(self) -> Text | str:
        """What is lost before what needs a hand, and how many more there are."""
        worst = sorted(self._troubles.values(), key=lambda trouble: not trouble[0])
        if len(worst) < 2:
            return worst[0][1] if worst else ""
        return T("(1/{count}) {trouble}", count=len(worst), trouble=worst[0][1])

    async def close(self) -> None:
        """Give everything back."""
        with suppress(TimeoutError, StoreError, DeviceFault):
            async with asyncio.timeout(CLOSE_S):
                await self._scanners.close()
                if self._sound is not None:
                    await asyncio.to_thread(self._sound.close)
                if self._devices is not None:
                    await self._ask(lambda found: found.close())
        for thread in (self._printing, self._weighing):
            thread.shutdown(wait=False, cancel_futures=True)

    async def _ask(
        self, call: Callable[[Devices], R], thread: ThreadPoolExecutor | None = None
    ) -> R:
        """Ask the devices something, in the printers' thread unless another one is named."""
        run = asyncio.get_running_loop().run_in_executor
        try:
            if self._devices is None:
                # The printers' thread makes them: the spool's connection is its own.
                await run(self._printing, self._open)
            assert self._devices is not None
            return await run(thread or self._printing, call, self._devices)
        except (StoreError, DeviceFault):
            raise
        except Exception as error:
            # A driver that fails must not stop the scanning.
            log.exception("A device failed")
            raise DeviceFault(f"{type(error).__name__}: {error}") from error

    def _open(self) -> None:
        if self._devices is None:
            self._devices = self._open_devices()

    def _scanner_says(self, reader: Reader, status: DeviceStatus) -> None:
        self.say("scanner", status, reader.name)
