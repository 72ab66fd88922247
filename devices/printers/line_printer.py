"""Printers at the end of a line: look, send once, follow.

Once a byte of a job has left, the job is never sent again: printers keep what they received
and print it when they can, and the second label would be a duplicate.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from devices.printers.line import Connect, Line, Patience
from devices.printers.turn import TurnTaken, turn
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState

_CHUNK = 4096
_BUSY = T("Another station prints on it.")


@dataclass(frozen=True, slots=True)
class Look:
    """What a printer says of itself at one moment."""

    trouble: Text = NO_TEXT
    """What keeps it from printing and what to do, or empty."""
    warning: Text = NO_TEXT
    """What will keep it from printing soon, or empty."""
    heard: bool = True
    """Whether it answered; if not, `trouble` says so."""
    busy: Text = NO_TEXT
    """What of that which it received has not come out yet, or empty."""
    count: int | None = None
    """Its odometer, in labels; None where it has none."""


class Language(Protocol):
    """What is spoken on the line."""

    def accepts(self, payload: bytes) -> bool:
        """Whether a document is in a language that the printer can print."""

    def labels(self, payload: bytes) -> int:
        """How many labels a document makes on the odometer; 0 when that cannot be told."""

    def look(self, line: Line) -> Look:
        """Ask the printer how it is.

        Raises:
            OSError: the line breaks.
        """

    def follow(self, line: Line, before: Look, payload: bytes) -> PrintResult:
        """All of a document was sent: what becomes of it, as far as the printer tells.

        Raises:
            OSError: the line breaks.
        """


class LinePrinter:
    """One printer; a line lasts one job, and one job is all that is on it."""

    def __init__(
        self, address: str, connect: Connect, language: Language, patience: Patience
    ) -> None:
        """A printer.

        Args:
            address: where it is; the same text for the same printer.
            connect: opens the line.
            language: what it speaks.
            patience: how long it is waited for.
        """
        self._address = address
        self._connect = connect
        self._language = language
        self._patience = patience
        self._last = DeviceStatus(DeviceState.BUSY, _BUSY)

    def status(self) -> DeviceStatus:
        """How it is now; while another station prints on it, how it was when last asked."""
        with suppress(TurnTaken):
            self._last = self._ask()
        return self._last

    def print(self, payload: bytes, name: str) -> PrintResult:
        """Send one document and follow it as far as the printer tells."""
        if not self._language.accepts(payload):
            text = T("This printer cannot print this kind of document. Tell the administrator.")
            return PrintResult(PrintState.FAULTED, text)
        try:
            with turn(self._address, self._patience.turn):
                return self._print(payload)
        except TurnTaken:
            text = T("The printer is busy with another station. Try again.")
            return PrintResult(PrintState.FAULTED, text)
        except OSError as error:
            return PrintResult(PrintState.FAULTED, self._unreachable(error))

    def close(self) -> None:
        """Nothing is held between jobs."""

    def _ask(self) -> DeviceStatus:
        """Ask briefly: others may want the line.

        Raises:
            TurnTaken: another station has it.
        """
        try:
            with turn(self._address, 0), self._connect(0) as line:
                said = self._language.look(line)
        except OSError as error:
            return DeviceStatus(DeviceState.LOST, self._unreachable(error))
        if not said.heard:
            return DeviceStatus(DeviceState.LOST, said.trouble)
        if said.trouble:
            return DeviceStatus(DeviceState.ATTENTION, said.trouble)
        state = DeviceState.BUSY if said.busy else DeviceState.READY
        return DeviceStatus(state, said.busy or said.warning)

    def _print(self, payload: bytes) -> PrintResult:
        sent = 0
        before = Look()
        try:
            with self._connect(self._patience.connect) as line:
                before = self._when_idle(line)
                if before.trouble or before.busy:
                    return PrintResult(PrintState.FAULTED, before.trouble or before.busy)
                while sent < len(payload):
                    sent += line.send(payload[sent : sent + _CHUNK], self._patience.send)
                return self._language.follow(line, before, payload)
        except OSError as error:
            if sent == 0:
                return PrintResult(PrintState.FAULTED, self._unreachable(error))
            return self._after_break(payload, sent, before, error)

    def _when_idle(self, line: Line) -> Look:
        """How it is as soon as other labels are out, or when there was no more time for them."""
        deadline = time.monotonic() + self._patience.ready
        while True:
            said = self._language.look(line)
            if said.trouble or not said.busy or time.monotonic() >= deadline:
                return said
            time.sleep(self._patience.poll)

    def _after_break(self, payload: bytes, sent: int, before: Look, error: OSError) -> PrintResult:
        """The line broke with bytes out: ask the printer once more, on a new line."""
        after = Look(heard=False)
        with suppress(OSError), self._connect(self._patience.connect) as line:
            after = self._language.look(line)
        counted = labels_since(before, after)
        is_out = counted and counted == self._language.labels(payload) and not after.busy
        if is_out and sent == len(payload):
            return PrintResult(PrintState.PRINTED, before=before.count, after=after.count)
        return PrintResult(
            PrintState.UNKNOWN,
            _broken(error, sent, len(payload), counted),
            before=before.count,
            after=after.count,
        )

    def _unreachable(self, error: OSError) -> Text:
        return T(
            "No printer at {address} ({error}). Check power and cable.",
            address=self._address,
            error=error.strerror or str(error),
        )


def labels_since(before: Look, after: Look) -> int | None:
    """How many labels the odometer counted between two looks; None where it has none."""
    if before.count is None or after.count is None:
        return None
    return after.count - before.count


class Silent:
    """A printer that is asked nothing, because it would print the question."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience

    def accepts(self, payload: bytes) -> bool:
        """Whatever it is."""
        return True

    def labels(self, payload: bytes) -> int:
        """Nobody counts."""
        return 0

    def look(self, line: Line) -> Look:
        """It could be reached, and that is all."""
        return Look()

    def follow(self, line: Line, before: Look, payload: bytes) -> PrintResult:
        """Wait until everything has left."""
        line.finish(self._patience.send)
        return PrintResult(PrintState.SENT)


def _broken(error: OSError, sent: int, total: int, counted: int | None) -> Text:
    why = error.strerror or str(error)
    if counted is None:
        return T(
            "The line broke after {sent} of {total} bytes ({error}). "
            "Look whether the label came out before you reprint.",
            sent=sent,
            total=total,
            error=why,
        )
    return T(
        "The line broke after {sent} of {total} bytes ({error}). The printer has counted "
        "{count} labels since. Look whether the label came out before you reprint.",
        sent=sent,
        total=total,
        error=why,
        count=counted,
    )
