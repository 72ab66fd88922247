"""A label printer's head: takes bytes in, prints labels into a list, and answers questions.

Sources: Zebra ZPL II Programming Guide, ~HS, ~HQES, ^PQ, ~JA; SGD getvar.

It has no clock. What takes time happens from one question to the next, so that a test is over
as soon as everything was asked.
"""

from __future__ import annotations

import re
import threading

_QUESTION = re.compile(
    rb'~(?P<command>HS|HQES|JA)\s{0,2}|! U1 getvar "(?P<variable>[^"]*)"\r\n', re.DOTALL
)
_LABEL = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
_QUANTITY = re.compile(rb"\^PQ(\d+)")
_ODOMETER = b"odometer.total_label_count"


class VirtualZebra:
    """The switches may be set at any time, from any thread."""

    def __init__(self) -> None:
        self.paper_out = False
        self.ribbon_out = False
        self.head_open = False
        self.paused = False
        self.error_bits = 0
        """More of what `~HQES` counts as errors."""
        self.silent = False
        """It answers nothing."""
        self.silent_in_fault = False
        """It does not answer `~HS` while paper or ribbon is out or its head is open."""
        self.no_errors = False
        """It does not know `~HQES`."""
        self.odometer: str | None = "counts"
        """`counts`; `?` for a printer that answers so; None for one that does not answer."""
        self.labels_count_as = 1
        """By how much the odometer goes on with a label."""
        self.roll: int | None = None
        """Labels left on the roll; None for enough."""
        self.looks_per_label = 0
        """How often one has to ask until a label is out: the time that printing takes."""
        self.labels: list[bytes] = []
        """What came out, oldest first, each as its ^XA…^XZ."""
        self.total = 1200
        """Labels in its life."""
        self._pending = b""
        self._queue: list[bytes] = []
        self._looks = 0
        self._lock = threading.Lock()
        self.arrived = threading.Event()
        """Set each time a label comes out."""

    def feed(self, data: bytes) -> bytes:
        """Take bytes in; the answer to the questions among them."""
        with self._lock:
            answers = b""
            self._pending += data
            # Questions are answered at once, also in the middle of a label.
            while question := _QUESTION.search(self._pending):
                rest = self._pending[question.end() :]
                self._pending = self._take_labels(self._pending[: question.start()])
                answers += self._answer(question)
                self._pending += rest
            self._pending = self._take_labels(self._pending)
            return b"" if self.silent else answers

    def load(self, labels: int | None = None) -> None:
        """Put a roll in, close it and let it print on: what waits comes out."""
        with self._lock:
            self.roll = labels
            self.paper_out = self.head_open = self.ribbon_out = self.paused = False
            self._print()

    def switch_off(self) -> None:
        """Forget what it received and has not printed."""
        with self._lock:
            self._queue.clear()
            self._pending = b""

    def host_status(self) -> bytes:
        """The answer to `~HS`, as a 203 dpi printer words it."""
        partial = self._pending.startswith(b"^XA")
        waiting = len(self._queue)
        first = f"030,{self.paper_out:d},{self.paused:d},1245,{waiting:03d},0,0,{partial:d}"
        second = f"000,0,{self.head_open:d},{self.ribbon_out:d},0,2,4,0,{waiting:08d},1,000"
        frames = f"\x02{first},000,0,0,0\x03\r\n\x02{second}\x03\r\n\x021234,0\x03\r\n"
        return frames.encode("ascii")

    def error_status(self) -> bytes:
        """The answer to `~HQES`."""
        bits = self.error_bits | self.paper_out | self.ribbon_out << 1 | self.head_open << 2
        bits |= self.paused << 16
        return (
            f"\x02\r\n  PRINTER STATUS\r\n   ERRORS:         {bool(bits):d} 00000000 {bits:08X}\r\n"
            "   WARNINGS:       0 00000000 00000000\r\n\x03"
        ).encode("ascii")

    def _take_labels(self, data: bytes) -> bytes:
        """Queue whole labels and print what can be printed; what is only begun is left over."""
        while label := _LABEL.search(data):
            quantity = _QUANTITY.search(label[0])
            self._queue += [label[0]] * (int(quantity[1]) if quantity else 1)
            self._looks = 0
            data = data[label.end() :]
        self._print()
        return data.lstrip()

    def _answer(self, question: re.Match[bytes]) -> bytes:
        if question["variable"] is not None:
            if self.odometer is None:
                return b""
            known = self.odometer == "counts" and question["variable"] == _ODOMETER
            return f'"{self.total}"'.encode("ascii") if known else b'"?"'
        if question["command"] == b"JA":
            self._queue.clear()
        elif question["command"] == b"HQES":
            return b"" if self.no_errors else self.error_status()
        else:
            self._looks += 1
            self._print()
            is_mute = self.silent_in_fault and self._is_stopped()
            return b"" if is_mute else self.host_status()
        return b""

    def _is_stopped(self) -> bool:
        return self.paper_out or self.ribbon_out or self.head_open

    def _print(self) -> None:
        """Let everything out for which there is time and paper."""
        while self._queue and not self._is_stopped() and not self.paused:
            if self._looks < self.looks_per_label:
                return
            self._looks = 0
            if self.roll == 0:
                self.paper_out = True
                return
            if self.roll is not None:
                self.roll -= 1
            self.labels.append(self._queue.pop(0))
            self.total += self.labels_count_as
            self.arrived.set()
