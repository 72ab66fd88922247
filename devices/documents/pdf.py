"""What the slip and the barcode sheets share: a PDF page that draws any text and barcodes.

Sources: PDF 32000-1 through fpdf2; GS1 General Specifications 5.2 and 5.4 (quiet zones);
ISO/IEC 15417 (Code 128), ISO/IEC 15420 (EAN-13).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from itertools import groupby
from typing import Literal

import fpdf

from devices.documents import glyphs
from devices.documents.text import clean, is_right_to_left, transliterate

Align = Literal["L", "R", "C"]
Symbology = Literal["code128", "ean13"]

FINEST_MM = 0.33
"""The narrowest module that every hand scanner reads from ordinary paper."""
QUIET_MODULES = 11
"""Light modules before and after a symbol; EAN-13 asks for 11 and 7, Code 128 for 10."""

_POINT_MM = 25.4 / 72
_PICTURE_DOTS_PER_MM = 12
_PRINTABLE = re.compile(r"[ -~]+")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
"""The creation date of every document, so that a reprint is byte for byte the same."""


class Page(fpdf.FPDF):
    """An A4 document whose texts are one line each, placed by the millimetre."""

    def __init__(self, title: str, *, latin_1: bool = False) -> None:
        """A document. One that holds Latin-1 only needs no font of its own: a tenth of the time."""
        super().__init__(orientation="portrait", unit="mm", format="A4")
        self.set_auto_page_break(False)
        self.set_margin(0)
        self.c_margin = 0
        self.alias_nb_pages(None)  # type: ignore[arg-type]  # else "{nb}" in a name is replaced
        self.set_creation_date(_EPOCH)
        self.set_title(clean(title))
        self._embedded = False
        regular, bold = glyphs.latin_font(bold=False), glyphs.latin_font(bold=True)
        self._faces = {"": regular, "B": bold}
        if not latin_1 and regular is not None and bold is not None:
            self.add_font("sans", "", regular)
            self.add_font("sans", "B", bold)
            self._embedded = True

    def put(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float = 9,
        bold: bool = False,
        align: Align = "L",
    ) -> None:
        """One line of text with its top at `y`, cut to `width`."""
        line = glyphs.prepare(clean(text), bold=bold)
        if not line.text:
            return
        height = size * _POINT_MM * 1.2
        if line.font is not None and (
            not self._draws(line.text, bold) or is_right_to_left(line.text)
        ):
            self._put_picture(x, y, width, line, size, align)
            return
        shown = self.cut(line.text, width, size=size, bold=bold)
        self.set_xy(x, y)
        self.cell(width, height, shown, align=align)

    def cut(self, text: str, width: float, *, size: float = 9, bold: bool = False) -> str:
        """As much of a text as fits in `width`; three dots mark what is missing."""
        text = self._drawable(text, bold)
        self._face(size, bold)
        if self.get_string_width(text) <= width:
            return text
        fits, ends = 0, len(text)
        while fits < ends:
            middle = (fits + ends + 1) // 2
            if self.get_string_width(text[:middle] + "...") <= width:
                fits = middle
            else:
                ends = middle - 1
        return text[:fits].rstrip() + "..."

    def size_to_fit(self, text: str, width: float, *, size: float, bold: bool = False) -> float:
        """The type size, `size` at most and a third of it at least, at which a text fits."""
        self._face(size, bold)
        needed = self.get_string_width(self._drawable(clean(text), bold))
        return size if needed <= width else max(size / 3, size * width / needed * 0.99)

    def wrap(
        self, text: str, width: float, most: int, *, size: float = 9, bold: bool = False
    ) -> list[str]:
        """A text in at most `most` lines; a word that is too long is broken, the rest is cut."""
        text = clean(text)
        lines: list[str] = []
        rest = text
        while rest and len(lines) < most - 1:
            fit = self._fitting(rest, width, size, bold)
            if fit >= len(rest):
                break
            space = rest.rfind(" ", 0, fit + 1)
            end = space if space > fit // 2 else fit
            lines.append(rest[:end].rstrip())
            rest = rest[end:].lstrip()
        return [*lines, rest] if rest else lines

    def bars(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        modules: str,
        *,
        widest: float = 0.5,
    ) -> None:
        """A linear symbol in vector rectangles, centred in `width`, with its quiet zones.

        A module is at most `widest` millimetres.

        Raises:
            ValueError: when it does not fit with quiet zones at a module scanners can read.
        """
        total = len(modules) + 2 * QUIET_MODULES
        module = min(widest, width / total)
        if module < FINEST_MM:
            raise ValueError(
                f"Expected a symbol of at most {int(width / FINEST_MM)} modules, got {total}."
            )
        self.set_fill_color(0)
        left = x + (width - len(modules) * module) / 2
        position = 0
        for dark, run in groupby(modules):
            length = len(list(run))
            if dark == "1":
                start = left + position * module
                self.rect(start, y, length * module, height, style="F")
            position += length

    def rule(self, y: float, left: float, right: float, *, thick: float = 0.3) -> None:
        """A horizontal line."""
        self.set_line_width(thick)
        self.line(left, y, right, y)

    def to_bytes(self) -> bytes:
        """The finished document."""
        return bytes(self.output())

    def _face(self, size: float, bold: bool) -> None:
        family = "sans" if self._embedded else "helvetica"
        self.set_font(family, "B" if bold else "", size)

    def _draws(self, text: str, bold: bool) -> bool:
        face = self._faces["B" if bold else ""]
        if not self._embedded or face is None:
            return all(char <= "\xff" for char in text)
        return all(glyphs.draws(face, char) for char in text)

    def _drawable(self, text: str, bold: bool) -> str:
        """The text in characters that the document's own font has."""
        if self._draws(text, bold):
            return text
        return "".join(c if self._draws(c, bold) else transliterate(c) for c in text)

    def _fitting(self, text: str, width: float, size: float, bold: bool) -> int:
        """How many characters fit in `width`."""
        self._face(size, bold)
        used = 0.0
        for position, char in enumerate(text):
            used += self.get_string_width(self._drawable(char, bold))
            if used > width:
                return max(1, position)
        return len(text)

    def _put_picture(
        self, x: float, y: float, width: float, line: glyphs.Line, size: float, align: Align
    ) -> None:
        """A line that needs shaping or another font, as dots."""
        dots = _PICTURE_DOTS_PER_MM
        picture = glyphs.raster(line, int(size * _POINT_MM * dots), int(width * dots))
        shown = picture.width / dots
        left = x + {"L": 0.0, "C": (width - shown) / 2, "R": width - shown}[align]
        self.image(picture.convert("L"), x=left, y=y, w=shown)


def code128(text: str) -> str | None:
    """A Code 128 symbol as a string of 0 and 1, or None for what is no printable ASCII."""
    from barcode import Code128

    if not _PRINTABLE.fullmatch(text):
        return None
    return str(Code128(text).build()[0])


def gs1_128(element_string: str) -> str:
    """A GS1-128 symbol (FNC1 first) as a string of 0 and 1."""
    from barcode.codex import Gs1_128

    return str(Gs1_128(element_string).build()[0])


def ean13(digits: str) -> str:
    """An EAN-13 symbol as a string of 0 and 1.

    Raises:
        ValueError: when `digits` is no GTIN-13 with its check digit.
    """
    from barcode import EAN13

    from wms_terminal.domain.codes import is_gs1_number

    if len(digits) != 13 or not is_gs1_number(digits):
        raise ValueError(f"Expected 13 digits with their check digit, got {digits[:40]!r}.")
    return str(EAN13(digits).build()[0])
