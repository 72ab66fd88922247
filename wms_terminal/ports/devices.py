"""What a station asks of its scanners, printers and scales.

Drivers live in `devices/` and are named by URL; every one has a simulated sibling.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.text import Text


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
    """State, and why: in the operator's language where the program knows, else as it came."""

    state: DeviceState
    detail: Text | str = ""


class DeviceFault(Exception):
    """A device did not do what it was asked; the text says what is wrong and what to do."""

    def __init__(self, text: Text | str) -> None:
        super().__init__(str(text))
        self.text = text


class ScaleEmpty(DeviceFault):
    """Nothing lies on the scale: put the load on it, and ask again."""


class Listener(Protocol):
    """Hears one scanner. Called from the driver's own thread; every call returns at once."""

    def code(self, text: str) -> None:
        """A whole code, as it was sent: symbology identifier and control characters included."""

    def partial(self) -> None:
        """Part of a code came, which is worth nothing: it has to be scanned again."""

    def status(self, status: DeviceStatus) -> None:
        """The scanner's state has changed."""


class Scanner(Protocol):
    """Delivers whole codes, from its own thread, until it is closed."""

    def start(self, listener: Listener) -> None:
        """Begin to read."""

    def feedback(self, outcome: Outcome) -> None:
        """Sound the scanner's own beeper for an outcome, where it has one."""

    def close(self) -> None:
        """Stop reading and give the device back."""


class PrintState(StrEnum):
    """How far a print job is known to have come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    """Handed over, to a queue, a folder or a printer that has no way to say more."""
    DRAINED = "drained"
    """The printer says that its queue is empty, and has no odometer to prove that it printed."""
    PRINTED = "printed"
    """The printer's queue is empty and its odometer counted the labels."""
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
    detail: Text | str = ""
    """For a fault: the cause and what to do. For a file printer: the file's path. For a printer
    that took over from another: that it did, and why."""
    printer: str = ""
    """The URL of the printer that took it, where it is another than the first one asked."""
    before: int | None = None
    """The printer's odometer, in labels, before the job; None where it has none."""
    after: int | None = None
    """The same after the job."""


class Printer(Protocol):
    """Prints one document at a time. Never raises for a device's trouble: it answers."""

    def status(self) -> DeviceStatus:
        """Whether a job sent now would come out."""

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Send one document (ZPL or PDF bytes). `name` is unique per job and file-safe."""

    def close(self) -> None:
        """Give the device back."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is put on a scale."""

    name: str
    """The same name means the same thing: it may be weighed again without emptying the scale."""
    expected_g: int
    """What it ought to weigh; only a simulated scale looks at it."""


@dataclass(frozen=True, slots=True)
class Weight:
    """A stable gross weight."""

    grams: Decimal
    raw: str
    """The frame as the scale sent it, for the journal."""


class Scale(Protocol):
    """Answers with a stable weight or says why there is none."""

    def status(self) -> DeviceStatus:
        """Whether it would answer."""

    def weigh(self, load: Load) -> Weight:
        """A stable weight, now.

        Raises:
            ScaleEmpty: nothing lies on it.
            DeviceFault: off, unstable, overloaded, below zero, tared, or not emptied since the
                load before this one.
        """

    def close(self) -> None:
        """Give the device back."""


class Sound(Protocol):
    """The station's voice. Never raises and never waits: a sound that cannot be made is skipped."""

    def play(self, outcome: Outcome) -> None:
        """Sound the tone of an outcome."""

    def say(self, text: str, language: str) -> None:
        """Speak a prompt, where a voice is switched on; cuts off what is still being said."""

    def status(self) -> DeviceStatus:
        """Whether the last sounds could be made."""

    def close(self) -> None:
        """Be silent, and give the device back."""
