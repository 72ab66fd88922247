"""What a station asks of its scanners, printers and scales.

Drivers live in `devices/` and are named by URL; every one has a simulated sibling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.outcome import Outcome


class DeviceState(StrEnum):
    """What a device says of itself."""

    READY = "ready"
    BUSY = "busy"
    ATTENTION = "attention"
    """It answers but cannot work: paper out, head open, paused."""
    LOST = "lost"
    """It does not answer."""


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """State and, in the device's own words, why."""

    state: DeviceState
    detail: str = ""


class DeviceFault(Exception):
    """A device did not do what it was asked; the message says what and what to do."""


class Scanner(Protocol):
    """Delivers whole codes, from its own thread, until it is closed."""

    def start(
        self, on_code: Callable[[str], None], on_status: Callable[[DeviceStatus], None]
    ) -> None:
        """Begin to read. Callbacks come from the driver's thread and must return at once."""

    def feedback(self, outcome: Outcome) -> None:
        """Sound the scanner's own beeper for an outcome, where it has one."""

    def close(self) -> None:
        """Stop reading and give the device back."""


class PrintState(StrEnum):
    """How far a print job is known to have come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """All bytes left; the printer has no way to say more."""
    PRINTED = "printed"
    """The printer itself says that the labels came out."""
    FAULTED = "faulted"
    """Nothing came out, and the reason is known."""
    UNKNOWN = "unknown"
    """Bytes left, and then the line broke: look before reprinting."""
    CONFIRMED = "confirmed"
    """The printed label was scanned back."""
    VOID = "void"
    """No longer wanted."""


@dataclass(frozen=True, slots=True)
class PrintResult:
    """What became of one job."""

    state: PrintState
    detail: str = ""
    """For a fault: the cause and what to do. For a file printer: the file's path."""


class Printer(Protocol):
    """Prints one document at a time. Never raises for a device's trouble: it answers."""

    def status(self) -> DeviceStatus:
        """Whether a job sent now would come out."""

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Send one document (ZPL or PDF bytes). `name` is unique per job and file-safe."""

    def close(self) -> None:
        """Give the device back."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A stable net weight."""

    grams: Decimal
    raw: str
    """The frame as the scale sent it, for the journal."""


class Scale(Protocol):
    """Answers with a stable weight or says why there is none."""

    def status(self) -> DeviceStatus:
        """Whether it would answer."""

    def weigh(self) -> Weight:
        """A stable weight, now.

        Raises:
            DeviceFault: off, unstable, overloaded, or below zero.
        """

    def close(self) -> None:
        """Give the device back."""
