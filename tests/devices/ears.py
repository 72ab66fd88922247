"""A listener for tests: keeps in order what a scanner says."""

from __future__ import annotations

import queue

from wms_terminal.ports.devices import DeviceState, DeviceStatus

WAIT = 10
"""Seconds after which what was to come will not come."""


class Ears:
    """Hears one scanner."""

    def __init__(self) -> None:
        self.heard: queue.Queue[str | DeviceStatus | None] = queue.Queue()
        """Codes, None for a part of one, and statuses."""

    def code(self, text: str) -> None:
        self.heard.put(text)

    def partial(self) -> None:
        self.heard.put(None)

    def status(self, status: DeviceStatus) -> None:
        self.heard.put(status)

    def next(self) -> str | DeviceStatus | None:
        """The next thing said."""
        return self.heard.get(timeout=WAIT)

    def next_state(self) -> DeviceState:
        """The next thing said, which has to be a status."""
        said = self.next()
        assert isinstance(said, DeviceStatus), said
        return said.state

    def until(self, state: DeviceState) -> DeviceStatus:
        """Skip what is said until the scanner says `state`."""
        while True:
            said = self.next()
            if isinstance(said, DeviceStatus) and said.state is state:
                return said
