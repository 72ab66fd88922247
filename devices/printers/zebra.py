"""What ZPL printers say of themselves, and when their labels have come out.

Sources: Zebra ZPL II Programming Guide, ~HS (host status return), ~HQES (host query: error and
warning flags, which counts groups and nibbles from the right), ^PQ (print quantity); Zebra SGD
reference, odometer.total_label_count.

A printer may leave ~HS without an answer while its media is out or its head is open: silence is
a fault, and ~HQES is asked as well because it tells which.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from devices.printers.file_printer import RESET
from devices.printers.line import Line, Patience
from devices.printers.line_printer import Look, labels_since
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.devices import PrintResult, PrintState

HOST_STATUS = b"~HS\r\n"
ERROR_STATUS = b"~HQES\r\n"
ODOMETER = b'! U1 getvar "odometer.total_label_count"\r\n'

_FRAME = rb"\x02([0-9A-Fa-f, ]*)\x03\s*"
_HOST_STATUS = re.compile(_FRAME * 3)
_ERROR_STATUS = re.compile(
    rb"\x02\s*PRINTER STATUS\s+"
    rb"ERRORS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})\s+"
    rb"WARNINGS:\s*([01])\s+([0-9A-Fa-f]{8})\s+([0-9A-Fa-f]{8})\s*\x03"
)
_ODOMETER = re.compile(rb'"([^"\r\n]{0,40})"')
_FORMAT = re.compile(rb"\^XA(.*?)\^XZ", re.DOTALL)
_QUANTITY = re.compile(rb"\^PQ(\d{1,8})")
_LONGEST_ANSWER = 4096
_LONGEST_REST = 64
"""Reads of what came too late for an earlier question."""

PAPER_OUT = T("Paper out. Load labels.")
RIBBON_OUT = T("Ribbon out. Load ribbon.")
HEAD_OPEN = T("Print head open. Close it.")
PAUSED = T("Paused. Press PAUSE on the printer.")
TOO_HOT = T("Print head too hot. Wait until it has cooled down.")
HALF_A_LABEL = T("Half a label is stuck in it. Switch the printer off and on.")
LABEL_WAITS = T("A label waits to be taken from it.")
STILL_PRINTING = T("It is still printing.")
SILENT = T("The printer does not say how it is. Look at paper, ribbon and head.")

_ERRORS: tuple[tuple[int, Text], ...] = (
    (0x1, PAPER_OUT),
    (0x2, RIBBON_OUT),
    (0x4, HEAD_OPEN),
    (0x10000, PAUSED),
    (0x8, T("Cutter stuck. Switch the printer off and on.")),
    (0x10, TOO_HOT),
    (0x20, T("Motor too hot. Wait until it has cooled down.")),
    (0x40, T("Print head damaged. Call the administrator.")),
)
_WARNINGS: tuple[tuple[int, Text], ...] = (
    (0x8, T("The roll is nearly at its end.")),
    (0x2, T("The print head is dirty. Clean it.")),
    (0x4, T("The print head is worn. Tell the administrator.")),
    (0x1, T("The media has to be calibrated.")),
)


@dataclass(frozen=True, slots=True)
class HostStatus:
    """What a printer says to `~HS`."""

    paper_out: bool = False
    paused: bool = False
    formats: int = 0
    """Labels received and not yet begun."""
    buffer_full: bool = False
    partial: bool = False
    """A label of which only the beginning has been received."""
    memory_lost: bool = False
    too_hot: bool = False
    head_open: bool = False
    ribbon_out: bool = False
    label_waits: bool = False
    """A label that was peeled off its backing is to be taken."""
    labels_left: int = 0
    """Labels of the current batch still to come."""

    @property
    def trouble(self) -> Text:
        """What keeps it from printing and what to do, or empty."""
        troubles = (
            (self.paper_out, PAPER_OUT),
            (self.ribbon_out, RIBBON_OUT),
            (self.head_open, HEAD_OPEN),
            (self.paused, PAUSED),
            (self.too_hot, TOO_HOT),
            (self.memory_lost, T("It has lost its settings. Call the administrator.")),
            (self.buffer_full, T("Its memory is full. Switch the printer off and on.")),
        )
        return next((text for is_so, text in troubles if is_so), NO_TEXT)

    @property
    def busy(self) -> Text:
        """What of that which it received has not come out, or empty."""
        if self.formats or self.labels_left:
            return LABEL_WAITS if self.label_waits else STILL_PRINTING
        return HALF_A_LABEL if self.partial else NO_TEXT


@dataclass(frozen=True, slots=True)
class ErrorStatus:
    """What a printer says to `~HQES`."""

    trouble: Text = NO_TEXT
    warning: Text = NO_TEXT


def parse_host_status(answer: bytes) -> HostStatus | None:
    """The three frames of a `~HS` answer; None when they are not there or not as expected."""
    match = _HOST_STATUS.search(answer)
    if match is None:
        return None
    first, second = (group.decode("ascii").split(",") for group in match.groups()[:2])
    if len(first) < 12 or len(second) < 11:
        return None
    flags = [first[n].strip() for n in (1, 2, 5, 7, 9, 11)] + [second[n].strip() for n in (2, 3, 7)]
    numbers = (first[4].strip(), second[8].strip())
    if not all(flag in ("0", "1") for flag in flags) or not all(n.isdigit() for n in numbers):
        return None
    paper, paused, full, partial, lost, hot, head, ribbon, waits = (flag == "1" for flag in flags)
    return HostStatus(
        paper_out=paper,
        paused=paused,
        formats=int(numbers[0]),
        buffer_full=full,
        partial=partial,
        memory_lost=lost,
        too_hot=hot,
        head_open=head,
        ribbon_out=ribbon,
        label_waits=waits,
        labels_left=int(numbers[1]),
    )


def parse_error_status(answer: bytes) -> ErrorStatus | None:
    """A `~HQES` answer, None when it is not there; an error without a name is one all the same."""
    match = _ERROR_STATUS.search(answer)
    if match is None:
        return None
    error, error_2, error_1, _, _, warning_1 = match.groups()
    errors, warnings = int(error_1, 16), int(warning_1, 16)
    trouble = NO_TEXT
    if error == b"1" or errors or int(error_2, 16):
        code = f"{error_2.decode()} {error_1.decode()}"
        unnamed = T("It reports error {code}. Look at the printer.", code=code)
        trouble = next((text for bit, text in _ERRORS if errors & bit), unnamed)
    return ErrorStatus(trouble, next((text for bit, text in _WARNINGS if warnings & bit), NO_TEXT))


def parse_odometer(answer: bytes) -> int | None:
    """The labels that a printer has counted in its life; None where it does not count."""
    match = _ODOMETER.search(answer)
    if match is None or not match[1].isdigit():
        return None
    return int(match[1])


def labels_in(zpl: bytes) -> int:
    """How many labels come out of a ZPL document; 0 when it is none."""
    count = 0
    for label in _FORMAT.findall(zpl):
        quantity = _QUANTITY.search(label)
        count += max(1, int(quantity[1])) if quantity else 1
    return count


class Zpl:
    """ZPL, with an answer to ~HS and, where `full`, to ~HQES and perhaps an odometer."""

    def __init__(self, patience: Patience, *, full: bool = True) -> None:
        self._patience = patience
        self._full = full

    def accepts(self, payload: bytes) -> bool:
        """Anything but what is written for receipt printers."""
        return not payload.startswith(RESET)

    def labels(self, payload: bytes) -> int:
        """How many labels a document makes."""
        return labels_in(payload)

    def look(self, line: Line) -> Look:
        """Ask for status and odometer.

        Raises:
            OSError: the line breaks.
        """
        return self._look(line, counts=self._full)

    def follow(self, line: Line, before: Look, payload: bytes) -> PrintResult:
        """Ask until the labels are out, something is wrong, or it takes too long.

        The odometer proves that labels came out. Without it, an empty queue counts when it is
        said twice running: the first answer may come before the printer has looked at the job.

        Raises:
            OSError: the line breaks.
        """
        labels = labels_in(payload)
        deadline = time.monotonic() + self._patience.drain * max(1, labels)
        was_idle = False
        while True:
            said = self._look(line, counts=before.count is not None)
            counted = labels_since(before, said)
            idle = said.heard and not said.busy
            if idle and counted and counted == labels:
                return _result(PrintState.PRINTED, NO_TEXT, before, said)
            if said.heard and said.trouble:
                text = T("{trouble} The label may still come out.", trouble=said.trouble)
                return _result(PrintState.UNKNOWN, text, before, said)
            lacks = counted is not None and counted < labels
            if idle and was_idle and not lacks:
                text = _counted(counted, labels) if counted is not None and labels else NO_TEXT
                return _result(PrintState.DRAINED, text, before, said)
            if time.monotonic() >= deadline:
                text = _counted(counted or 0, labels) if idle and lacks else _overdue(said)
                return _result(PrintState.UNKNOWN, text, before, said)
            was_idle = idle
            time.sleep(self._patience.poll)

    def _look(self, line: Line, *, counts: bool) -> Look:
        """Ask for status and, where it `counts`, for the odometer.

        Raises:
            OSError: the line breaks.
        """
        answer = self._ask(line, counts=counts)
        status = parse_host_status(answer)
        errors = parse_error_status(answer) if self._full else ErrorStatus()
        trouble = (errors.trouble if errors else NO_TEXT) or (status.trouble if status else NO_TEXT)
        if status is None or errors is None:
            return Look(trouble or SILENT, heard=bool(trouble), busy=STILL_PRINTING)
        return Look(
            trouble,
            errors.warning,
            busy=status.busy,
            count=parse_odometer(answer) if counts else None,
        )

    def _ask(self, line: Line, *, counts: bool) -> bytes:
        """Ask all questions at once; what came until all answers were there, or in time.

        Raises:
            OSError: the line breaks.
        """
        for _ in range(_LONGEST_REST):
            if not line.receive(0):
                break
        question = HOST_STATUS + ERROR_STATUS * self._full + ODOMETER * counts
        deadline = time.monotonic() + self._patience.answer
        while question:
            question = question[line.send(question, self._patience.answer) :]
        answer = b""
        while not self._complete(answer, counts) and len(answer) < _LONGEST_ANSWER:
            left = deadline - time.monotonic()
            if left <= 0:
                break
            answer += line.receive(left)
        return answer

    def _complete(self, answer: bytes, counts: bool) -> bool:
        return (
            parse_host_status(answer) is not None
            and (not self._full or parse_error_status(answer) is not None)
            and (not counts or _ODOMETER.search(answer) is not None)
        )


def _counted(count: int, labels: int) -> Text:
    """An odometer that proves nothing: it stands still, or counts what others print as well."""
    return T("The printer counted {count} of {labels} labels.", count=count, labels=labels)


def _overdue(said: Look) -> Text:
    if not said.heard:
        return T("It stopped answering. The label may still come out.")
    return T("{trouble} The label may still come out.", trouble=said.busy or STILL_PRINTING)


def _result(state: PrintState, text: Text, before: Look, after: Look) -> PrintResult:
    return PrintResult(state, text, before=before.count, after=after.count)
