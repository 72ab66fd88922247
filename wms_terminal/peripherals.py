"""Scanner, printers and scale of one station: one thread asks them, and says who needs a hand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar

from devices import WedgeOptions, wedge_options
from wms_terminal.bootstrap import Devices
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceFault, DeviceState, DeviceStatus, Scanner, Weight
from wms_terminal.ports.store import StoreError
from wms_terminal.services.floor import new_gesture

log = logging.getLogger(__name__)

R = TypeVar("R")

CLOSE_S = 5.0

_NAMES = {
    "scanner": T("Scanner"),
    "printer": T("Printer"),
    "printing": T("Printing"),
    "slips": T("Slip printer"),
    "scale": T("Scale"),
}
_STATES = {DeviceState.LOST: T("LOST"), DeviceState.ATTENTION: T("NEEDS A HAND")}


class Peripherals:
    """Everything of a station that is plugged in."""

    def __init__(
        self,
        open_devices: Callable[[], Devices],
        open_scanner: Callable[[str], Scanner],
        on_trouble: Callable[[Text | str], None],
    ) -> None:
        self._open_devices = open_devices
        self._open_scanner = open_scanner
        self._on_trouble = on_trouble
        self._thread = ThreadPoolExecutor(1, "devices")
        self._devices: Devices | None = None
        self._scanner: Scanner | None = None
        self._scanner_state = DeviceState.LOST
        self._troubles: dict[str, Text] = {}
        self._watching = False
        self.print_due = True
        """Whether jobs may be waiting: a killed terminal leaves some behind."""

    def start_scanner(
        self, url: str, on_code: Callable[[str, str], None], on_incomplete: Callable[[], None]
    ) -> WedgeOptions:
        """Listen to the station's scanner; how a keyboard scanner frames its codes.

        `on_code` gets each code with the gesture id that it was given as it came in.
        """
        loop = asyncio.get_running_loop()

        def code(text: str) -> None:
            loop.call_soon_threadsafe(on_code, text, new_gesture())

        def status(said: DeviceStatus) -> None:
            loop.call_soon_threadsafe(self._scanner_says, said, on_incomplete)

        try:
            options = wedge_options(url) if url.startswith("wedge:") else WedgeOptions()
            self._scanner = self._open_scanner(url) if url else None
        except ValueError as error:
            self.say("scanner", DeviceStatus(DeviceState.LOST, str(error)))
            return WedgeOptions()
        if self._scanner is not None:
            self._scanner.start(code, status)
        return options

    def beep(self, outcome: Outcome) -> None:
        """The scanner's own beeper, where it has one."""
        if self._scanner is not None:
            self._scanner.feedback(outcome)

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
            status = DeviceStatus(DeviceState.ATTENTION, str(fault))
        self.say("printing", status)
        return printed

    async def weigh(self, expected_g: int) -> tuple[Weight | None, str]:
        """What the scale says, or why it says nothing."""
        try:
            return await self._ask(lambda found: found.weigh(expected_g))
        except (StoreError, DeviceFault) as error:
            return None, str(error)

    async def watch(self) -> bool:
        """Ask every device how it is, and print what was left over; whether something was."""
        if self._watching:
            return False
        self._watching = True
        printed = self.print_due and await self.print()
        try:
            for name, status in await self._ask(lambda found: found.status()):
                self.say(name, status)
        except (StoreError, DeviceFault) as error:
            log.warning("Devices are not to be asked now: %s", error)
        finally:
            self._watching = False
        return printed

    def say(self, name: str, status: DeviceStatus) -> None:
        """Keep the line about devices up to date."""
        self._troubles.pop(name, None)
        if status.state in _STATES:
            self._troubles[name] = T(
                "{device} {state}: {detail}",
                device=_NAMES.get(name, name),
                state=_STATES[status.state],
                detail=status.detail,
            )
        self._on_trouble(next(iter(self._troubles.values()), ""))

    async def close(self) -> None:
        """Give everything back."""
        with suppress(TimeoutError, StoreError, DeviceFault):
            async with asyncio.timeout(CLOSE_S):
                if self._scanner is not None:
                    await asyncio.to_thread(self._scanner.close)
                if self._devices is not None:
                    await self._ask(lambda found: found.close())
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, call: Callable[[Devices], R]) -> R:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, partial(self._call, call))
        except (StoreError, DeviceFault):
            raise
        except Exception as error:
            # A driver that fails must not stop the scanning.
            log.exception("A device failed")
            raise DeviceFault(f"{type(error).__name__}: {error}") from error

    def _call(self, call: Callable[[Devices], R]) -> R:
        if self._devices is None:
            self._devices = self._open_devices()
        return call(self._devices)

    def _scanner_says(self, status: DeviceStatus, on_incomplete: Callable[[], None]) -> None:
        if status.state is DeviceState.READY and self._scanner_state is DeviceState.READY:
            # It was ready and speaks again: all it can mean is a code that broke off.
            on_incomplete()
        self._scanner_state = status.state
        self.say("scanner", status)
