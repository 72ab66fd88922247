"""Receipt printers: how they are, and packing slips on them.

    escpos://host:9100?columns=42&codepage=858|ascii&status=full|none
    escpos:///dev/usb/lp1

Source: Epson ESC/POS command reference, DLE EOT n (real-time status, answered at any moment),
GS r n (status in the order of the data, so that its answer says that all before it is done).
"""

from __future__ import annotations

import time
from functools import partial

from devices import urls
from devices.documents.receipt import Paper, receipt
from devices.printers.file_printer import RESET
from devices.printers.line import PATIENCE, Line, Patience
from devices.printers.line_printer import LinePrinter, Look, Silent
from devices.printers.tcp_printer import host_and_port, network_printer
from devices.printers.usb_printer import connect, device_path
from devices.urls import DeviceUrl
from wms_terminal.domain.label import PackingSlip
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.devices import PrintResult, PrintState

REAL_TIME = b"\x10\x04"
IN_ORDER = b"\x1dr\x01"

_PAPER_OUT = T("Paper out. Load paper.")
_COVER_OPEN = T("Cover open. Close it.")
_STUCK = T("Cutter stuck. Open the cover and take the paper out.")
_ERROR = T("The printer reports an error. Switch it off and on.")
_OFF_LINE = T("The printer is off line. Look at its lamps and buttons.")
_SILENT = T("The printer does not say how it is. Look at its lamps, paper and cover.")
_NEAR_END = T("The roll is nearly at its end.")

_TROUBLES: tuple[tuple[int, int, Text], ...] = (
    (2, 0x04, _COVER_OPEN),
    (4, 0x60, _PAPER_OUT),
    (2, 0x20, _PAPER_OUT),
    (3, 0x08, _STUCK),
    (3, 0x60, _ERROR),
    (2, 0x40, _ERROR),
    (1, 0x08, _OFF_LINE),
)
"""Number of the question, bits of its answer, what they mean; the most telling first."""
_NEAR_END_BITS = 0x0C


class Escpos:
    """ESC/POS, with an answer to DLE EOT and perhaps to GS r."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._says_when_done = True
        """Whether it may know GS r; many copies of the command set do not."""

    def accepts(self, payload: bytes) -> bool:
        """Only what is written for it."""
        return payload.startswith(RESET)

    def labels(self, payload: bytes) -> int:
        """It has no odometer."""
        return 0

    def look(self, line: Line) -> Look:
        """Ask for the four real-time answers.

        Raises:
            OSError: the line breaks.
        """
        return self._look(line)[0]

    def follow(self, line: Line, before: Look, payload: bytes) -> PrintResult:
        """Wait until it has worked through the document, or something is wrong.

        Raises:
            OSError: the line breaks.
        """
        if self._says_when_done:
            line.send(IN_ORDER, self._patience.send)
        deadline = time.monotonic() + self._patience.drain
        came = b""
        while True:
            said, passed = self._look(line)
            came += passed
            if said.trouble:
                text = T("{trouble} The slip may still come out.", trouble=said.trouble)
                return PrintResult(PrintState.UNKNOWN, text)
            if any(byte & 0x90 == 0 for byte in came):
                return PrintResult(PrintState.DRAINED)
            if not self._says_when_done or time.monotonic() >= deadline:
                self._says_when_done = False
                return PrintResult(PrintState.SENT)
            came += line.receive(self._patience.poll)

    def _look(self, line: Line) -> tuple[Look, bytes]:
        """How it is, and what else it said meanwhile.

        One question at a time: no answer says which question it belongs to.

        Raises:
            OSError: the line breaks.
        """
        answers: dict[int, int] = {}
        passed = b""
        for number in (1, 2, 3, 4):
            line.send(REAL_TIME + bytes((number,)), self._patience.answer)
            deadline = time.monotonic() + self._patience.answer
            while number not in answers:
                left = deadline - time.monotonic()
                if left <= 0:
                    return Look(_SILENT, heard=False), passed
                for byte in line.receive(left):
                    if byte & 0x93 == 0x12:
                        answers[number] = byte
                    else:
                        passed += bytes((byte,))
        found = (text for number, bits, text in _TROUBLES if answers[number] & bits)
        warning = _NEAR_END if answers[4] & _NEAR_END_BITS else NO_TEXT
        return Look(next(found, NO_TEXT), warning), passed


def open_printer(url: DeviceUrl, patience: Patience = PATIENCE) -> LinePrinter:
    """The driver for `escpos:`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("columns", "codepage", "status"))
    paper_of(url)
    speak = Silent if url.choice("status", ("full", "none"), "full") == "none" else Escpos
    if url.text.startswith(f"{url.scheme}:///"):
        path = device_path(url, "/dev/usb/lp1")
        return LinePrinter(path, partial(connect, path), speak(patience), patience)
    return network_printer(*host_and_port(url), speak, patience)


def paper_of(url: DeviceUrl) -> Paper:
    """How wide a printer's paper is and which letters it has.

    Raises:
        ValueError: naming what was expected and what came.
    """
    codepage = url.choice("codepage", ("858", "ascii"), "858")
    return Paper(url.number("columns", 42, 24, 64), "ascii" if codepage == "ascii" else "cp858")


def draw(content: PackingSlip, printer: str) -> bytes:
    """A packing slip for the printer at an address.

    Raises:
        ValueError: naming what was expected of the address and what came.
    """
    return receipt(content, paper_of(urls.parse(printer)))
