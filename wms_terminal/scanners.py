"""The scanners of one station: each listens in its own thread and is heard on the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from devices import reader as reader_of
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.repeats import Repeats
from wms_terminal.domain.scan import NO_READER, Reader
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Scanner
from wms_terminal.services.floor import new_gesture

CLOSE_S = 3.0


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who is told what the scanners say, on the event loop."""

    code: Callable[[str, str, Reader], None]
    """A code, the gesture id that it was given as it came in, and which scanner read it."""
    partial: Callable[[], None]
    """Part of a code came."""
    status: Callable[[Reader, DeviceStatus], None] = lambda reader, status: None
    """How a scanner is."""


class Scanners:
    """All scanners of a station but the keyboard, which the screen reads itself."""

    def __init__(self, open_scanner: Callable[[str], Scanner]) -> None:
        self.open_scanner = open_scanner
        self._scanners: dict[str, Scanner] = {}

    def start(self, urls: str, hearing: Hearing) -> None:
        """Listen to every scanner of `urls`; one that is misspelt is said to be lost."""
        loop = asyncio.get_running_loop()
        for url in urls.split():
            try:
                reader, scanner = reader_of(url), self.open_scanner(url)
            except ValueError as error:
                hearing.status(NO_READER, DeviceStatus(DeviceState.LOST, str(error)))
                continue
            self._scanners[reader.name] = scanner
            scanner.start(_Ear(reader, hearing, loop))

    def feedback(self, outcome: Outcome, name: str = "") -> None:
        """Sound the beeper of the scanner that read the code, or of all of them."""
        for scanner in (
            [self._scanners[name]] if name in self._scanners else self._scanners.values()
        ):
            scanner.feedback(outcome)

    async def close(self) -> None:
        """Give every scanner back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_S):
                closing = (asyncio.to_thread(item.close) for item in self._scanners.values())
                await asyncio.gather(*closing)


class _Ear:
    """Hears one scanner in its thread and passes on to the event loop what it says."""

    def __init__(self, reader: Reader, hearing: Hearing, loop: asyncio.AbstractEventLoop) -> None:
        self._reader, self._hearing, self._loop = reader, hearing, loop
        self._repeats = Repeats()

    def code(self, text: str) -> None:
        reader = replace(self._reader, repeat=self._repeats.judge(text, time.monotonic()))
        self._soon(self._hearing.code, text, new_gesture(), reader)

    def partial(self) -> None:
        self._soon(self._hearing.partial)

    def status(self, status: DeviceStatus) -> None:
        self._soon(self._hearing.status, self._reader, status)

    def _soon(self, call: Callable[..., None], *values: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it whoever listened
            self._loop.call_soon_threadsafe(call, *values)
