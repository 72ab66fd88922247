"""A receipt printer's head: takes ESC/POS in, cuts slips into a list, and answers questions.

Source: Epson ESC/POS command reference, DLE EOT n, GS r n, GS V.
"""

from __future__ import annotations

import re
import threading

_CUT = b"\x1dVB\x00"
_REAL_TIME = re.compile(rb"\x10\x04([\x01-\x04])")
_IN_ORDER = b"\x1dr\x01"


class VirtualReceiptPrinter:
    """The switches may be set at any time, from any thread."""

    def __init__(self) -> None:
        self.paper_out = False
        self.cover_open = False
        self.off_line = False
        self.near_end = False
        self.silent = False
        """It answers nothing."""
        self.says_when_done = True
        """Whether it knows GS r."""
        self.paper_ends = False
        """The paper runs out within the next slip."""
        self.slips: list[bytes] = []
        """What was cut off, oldest first."""
        self.arrived = threading.Event()
        """Set each time a slip is cut off."""
        self._pending = b""
        self._lock = threading.Lock()

    def feed(self, data: bytes) -> bytes:
        """Take bytes in; the answer to the questions among them."""
        with self._lock:
            answers: list[bytes] = []

            def answer(question: re.Match[bytes]) -> bytes:
                answers.append(self._state(question[1][0]))
                return b""

            self._pending += _REAL_TIME.sub(answer, data)
            answers.append(self._print())
            return b"" if self.silent else b"".join(answers)

    def load(self) -> None:
        """Put a roll in and close it: what waits comes out."""
        with self._lock:
            self.paper_out = self.cover_open = self.off_line = False
            self._print()

    def _print(self) -> bytes:
        """Work through what came in; the answers that stood among it."""
        answers = b""
        while not (self.paper_out or self.cover_open or self.off_line):
            slip, cut, rest = self._pending.partition(_CUT)
            if self.paper_ends and slip.strip():
                self.paper_out, self.paper_ends = True, False
            elif self._pending.startswith(_IN_ORDER):
                self._pending = self._pending[len(_IN_ORDER) :]
                answers += b"\x00" * self.says_when_done
            elif cut:
                self.slips.append(slip + cut)
                self._pending = rest
                self.arrived.set()
            else:
                break
        return answers

    def _state(self, number: int) -> bytes:
        """The answer to DLE EOT `number`; two bits are always set, so that it can be told."""
        is_off = self.paper_out or self.cover_open or self.off_line
        bits = {
            1: is_off << 3,
            2: self.cover_open << 2 | self.paper_out << 5,
            3: 0,
            4: self.near_end * 0x0C | self.paper_out * 0x60,
        }
        return bytes((0x12 | bits[number],))
