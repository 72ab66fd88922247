"""Packing slips as ESC/POS, for the roll of a receipt printer.

Source: Epson ESC/POS command reference: ESC @ reset, ESC t code page, ESC a alignment, ESC E
bold, GS ! size, GS h / GS w / GS H / GS k 73 barcodes (CODE128: `{B` and `{C` choose the set,
`{1` is FNC1, `{{` a brace), GS V 66 feed and cut.

No text of an order can become a command: what is printed is made of the code page's letters
alone, and barcodes say how long they are.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from devices.documents.slip_words import facts_of, speaker
from devices.documents.text import clean, transliterate
from devices.printers.file_printer import RESET
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.label import PackingSlip, SlipLine

_PAGE_858 = b"\x1bt\x13"
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_BOLD, _PLAIN = b"\x1bE\x01", b"\x1bE\x00"
_BIG, _SMALL = b"\x1d!\x11", b"\x1d!\x00"
_BARCODE = b"\x1dhP\x1dw\x02\x1dH\x00\x1dkI"
"""80 dots high, 2 dots a module, without text below, CODE128 with its length."""
_CUT = b"\x1dVB\x00"
_DOTS = 12
"""Of a column; a narrower font would not be read at arm's length."""
_MODULE = 2
_QUIET = 20
_NAME_LINES = 2


@dataclass(frozen=True, slots=True)
class Paper:
    """What a printer can put on a line."""

    columns: int = 42
    codec: str = "cp858"
    """Name of the codec of its letters; others become ASCII."""

    def encode(self, text: str) -> bytes:
        """One line of text in the printer's letters; never a control character."""
        shown = b"".join(self._letter(char) for char in clean(text))
        return bytes(byte for byte in shown if byte >= 0x20 and byte != 0x7F)

    def _letter(self, char: str) -> bytes:
        try:
            return char.encode(self.codec)
        except UnicodeEncodeError:
            return transliterate(char).encode("ascii", "replace")

    def cut(self, text: str, width: int) -> bytes:
        """A text in the printer's letters, at most so many columns wide."""
        return self.encode(text)[:width].rstrip()

    def wrap(self, text: str, width: int, lines: int) -> list[bytes]:
        """A text on several lines; the last one ends where there is no more room."""
        shown = self.encode(text).decode(self.codec)
        rows = textwrap.wrap(shown, width, break_on_hyphens=False) or [""]
        return [row.encode(self.codec) for row in rows[:lines]]


def receipt(slip: PackingSlip, paper: Paper = Paper()) -> bytes:
    """One parcel's packing slip; the same slip on the same paper always gives the same bytes."""
    say = speaker(slip.language)
    head = RESET + (_PAGE_858 if paper.codec == "cp858" else b"")
    parts = (*_heading(slip, paper, say), *_goods(slip, paper, say), *_codes(slip, paper))
    return head + b"\n".join(parts) + b"\n" + _CUT


def _heading(slip: PackingSlip, paper: Paper, say: Callable[[str], str]) -> Iterator[bytes]:
    yield _CENTRE + _BIG + paper.cut(say("Packing slip"), paper.columns // 2) + _SMALL
    for line in slip.sender.lines():
        yield paper.cut(line, paper.columns)
    yield _LEFT + _rule(paper)
    yield paper.cut(say("Deliver to"), paper.columns)
    for number, line in enumerate(slip.receiver.lines()):
        text = paper.cut(line, paper.columns)
        yield _BOLD + text + _PLAIN if number == 0 else text
    yield _rule(paper)
    for title, value in facts_of(slip, say):
        yield paper.cut(f"{say(title)}: {value}", paper.columns)
    yield _rule(paper)


def _goods(slip: PackingSlip, paper: Paper, say: Callable[[str], str]) -> Iterator[bytes]:
    for line in slip.lines:
        yield from _line(line, paper, say)
    if not slip.lines:
        yield _BOLD + paper.cut(say("This box is empty."), paper.columns) + _PLAIN
        return
    total = sum(line.quantity for line in slip.lines)
    yield _rule(paper)
    yield _BOLD + paper.cut(f"{say('Units in this box')}: {total}", paper.columns) + _PLAIN
    if any(line.to_follow for line in slip.lines):
        note = say("What is still to follow comes in another parcel.")
        yield from paper.wrap(note, paper.columns, 3)


def _line(line: SlipLine, paper: Paper, say: Callable[[str], str]) -> Iterator[bytes]:
    count = f"{line.quantity} x ".encode("ascii")
    names = paper.wrap(line.name, paper.columns - len(count), _NAME_LINES)
    yield _BOLD + count + names[0] + _PLAIN
    yield from (b" " * len(count) + name for name in names[1:])
    notes = [line.sku, f"{say('Lot')} {line.lot}" if line.lot else ""]
    if line.to_follow:
        notes.append(f"{say('To follow')} {line.to_follow}")
    text = ", ".join(note for note in notes if note)
    yield b" " * len(count) + paper.cut(text, paper.columns - len(count))


def _codes(slip: PackingSlip, paper: Paper) -> Iterator[bytes]:
    """Order number and SSCC as barcodes, where they fit on the paper."""
    yield _CENTRE
    order = paper.encode(slip.order_number)
    if order.isascii() and _fits(len(order), paper):
        yield _barcode(b"{B" + order.replace(b"{", b"{{"))
    yield order[: paper.columns]
    if is_sscc(slip.sscc):
        pairs = bytes(int(slip.sscc[n : n + 2]) for n in range(0, 18, 2))
        if _fits(11, paper):
            yield _barcode(b"{C{1" + b"\x00" + pairs)
        yield f"(00) {slip.sscc}".encode("ascii")


def _fits(symbols: int, paper: Paper) -> bool:
    """Whether a Code 128 of so many symbols, start, check and stop fits on a line."""
    modules = 11 * (symbols + 2) + 13 + _QUIET
    return symbols > 0 and modules * _MODULE <= paper.columns * _DOTS


def _barcode(data: bytes) -> bytes:
    return _BARCODE + bytes((len(data),)) + data


def _rule(paper: Paper) -> bytes:
    return b"-" * paper.columns
