"""What a tortured station holds: real drivers, with virtual scanners, scales and printers."""

from __future__ import annotations

import queue
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType

from devices import open_printer, open_scanner, urls
from devices.printers.line import Patience
from devices.printers.tcp_printer import host_and_port, network_printer
from devices.printers.virtual_printer_server import TcpPrinterServer
from devices.printers.virtual_zebra import VirtualZebra
from devices.printers.zebra import Zpl
from devices.scales.virtual_scale import VirtualScale
from devices.scanners.virtual_scanner import PtyCable, VirtualScanner
from wms_terminal import bootstrap
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Load, Printer, Scale, Weight

BRISK = Patience(turn=5, connect=0.3, answer=1, ready=0.5, send=1, drain=2, poll=0.02)
"""For printers that fail often, and are soon well again."""
READ_S = 2.0
"""Within which a code arrives, or somebody pulls the trigger again."""
_EMPTY = re.compile(r"S S +0\.000 kg")
_SSCC = re.compile(rb"\d{18,}")


def impatient_printers() -> None:
    """From now on, network printers are opened with little patience in this process."""

    def hasty(url: str) -> Printer:
        if not url.startswith("tcp:"):
            return open_printer(url)
        return network_printer(*host_and_port(urls.parse(url)), Zpl, BRISK)

    setattr(bootstrap, "open_printer", hasty)  # noqa: B010 - the process is this station's own


class Codes:
    """A serial scanner. What is read comes out of the driver, or is read again."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._virtual = VirtualScanner(PtyCable(path))
        self._driver = open_scanner(self._virtual.url)
        self._codes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._states: queue.SimpleQueue[DeviceState] = queue.SimpleQueue()

    def code(self, text: str) -> None:
        """The driver has read something."""
        self._codes.put(text)

    def partial(self) -> None:
        """The driver has read half of something."""

    def status(self, status: DeviceStatus) -> None:
        """The scanner is there, or not."""
        self._states.put(status.state)

    def read(self, code: str, *, unplug: bool) -> str:
        """Read a code, by way of the driver."""
        if unplug:
            self._virtual.cut(code)
            self._virtual.plug()
            self._until_ready()
            assert self._codes.empty(), f"half of {code!r} was read as {self._codes.get()!r}"
        for _ in range(10):
            self._virtual.scan(code)
            with suppress(queue.Empty):
                return self._codes.get(timeout=READ_S)
        raise AssertionError(f"{code!r} was scanned ten times and never read")

    def __enter__(self) -> Codes:
        self._driver.start(self)
        self._until_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._driver.close()
        self._virtual.close()

    def _until_ready(self) -> None:
        while self._states.get(timeout=30) is not DeviceState.READY:
            pass


class Pans:
    """A scale with a pan, on which somebody puts what is to be weighed."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._virtual = VirtualScale(path)
        self._pan = self._virtual.pan
        self._pan.settles = 1
        self._scale: Scale | None = None
        self._unstable: Callable[[], bool] = bool

    def under(self, scale: Scale, unstable: Callable[[], bool]) -> Pans:
        """Put a driver at the other end of the line."""
        self._scale, self._unstable = scale, unstable
        return self

    def status(self) -> DeviceStatus:
        """What the driver says."""
        assert self._scale is not None
        return self._scale.status()

    def weigh(self, load: Load) -> Weight:
        """Put the load on, weigh it, take it off."""
        assert self._scale is not None
        self._pan.settles = 10**6 if self._unstable() else 1
        self._pan.put(max(1, load.expected_g))
        try:
            return self._scale.weigh(load)
        finally:
            self._pan.settles = 1
            self._pan.take_off()
            self._until_empty()

    def close(self) -> None:
        """Give the driver back."""
        if self._scale is not None:
            self._scale.close()

    def _until_empty(self) -> None:
        """The next parcel comes once the scale shows nothing, or does not get on."""
        deadline = time.monotonic() + READ_S
        while not _EMPTY.match(str(self.status().detail)) and time.monotonic() < deadline:
            time.sleep(0.02)

    def __enter__(self) -> Pans:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._virtual.unplug()


class LabelPrinter(TcpPrinterServer[VirtualZebra]):
    """A network printer that forgets what it had not printed when its line is cut: a reset."""

    def __init__(self, head: VirtualZebra, port: int = 0) -> None:
        super().__init__(head, port)
        self.gone = False
        """Whether it was switched off."""

    def switch_off(self) -> None:
        """Be off, and forget what was not printed."""
        self.gone = True
        self.close()
        self.head.switch_off()

    def _take(self, data: bytes) -> bytes | None:
        answer = super()._take(data)
        if answer is None:
            self.head.switch_off()
        return answer


@cache
def numbers(label: bytes) -> frozenset[str]:
    """The SSCCs on a label."""
    return frozenset(found[-18:].decode() for found in _SSCC.findall(label))
