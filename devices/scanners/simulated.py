"""A scanner without hardware; it can fail on demand."""

from __future__ import annotations

from devices.urls import DeviceUrl
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import T
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Listener


class SimulatedScanner:
    """Reads the codes that a test or a demonstration hands it."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        """What the program answered, oldest first."""
        self._listener: Listener | None = None
        self._plugged = True

    def start(self, listener: Listener) -> None:
        """Begin to read; the listener is called by whoever calls `scan`."""
        self._listener = listener
        self._say()

    def scan(self, code: str) -> bool:
        """Read a code; False when nobody listens, because it is not started or unplugged."""
        if self._listener is None or not self._plugged:
            return False
        self._listener.code(code)
        return True

    def cut(self, code: str) -> None:
        """Be unplugged in the middle of a code."""
        if self._listener is not None and self._plugged:
            self._listener.partial()
        self.unplug()

    def unplug(self) -> None:
        """Lose the device."""
        self._plugged = False
        self._say()

    def plug(self) -> None:
        """Have it back."""
        self._plugged = True
        self._say()

    def feedback(self, outcome: Outcome) -> None:
        """Keep the outcome in `outcomes`."""
        self.outcomes.append(outcome)

    def close(self) -> None:
        """Stop reading."""
        self._listener = None

    def _say(self) -> None:
        if self._listener is None:
            return
        if self._plugged:
            self._listener.status(DeviceStatus(DeviceState.READY, "simulated"))
        else:
            gone = T("{device} is not there. Check the plug.", device="sim:")
            self._listener.status(DeviceStatus(DeviceState.LOST, gone))


def open_scanner(url: DeviceUrl) -> SimulatedScanner:
    """The scanner for `sim:` or `sim:?badge=WHB…`, which is the badge it offers to sign in with."""
    url.check_options(("badge",))
    return SimulatedScanner()
