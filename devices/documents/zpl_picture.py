"""A picture of a label: draws the ZPL that `zpl.py` writes, and refuses any other.

Sources: Zebra ZPL II Programming Guide; ISO/IEC 15417 (Code 128 symbol characters).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from devices.documents import glyphs

if TYPE_CHECKING:
    from PIL import Image, ImageFont

_COMMAND = re.compile(r"([\^~])([A-Z0-9@]{2})([^\^~]*)", re.DOTALL)
_HEX = re.compile(r"_([0-9A-F]{2})")
_START_B, _START_C, _FNC1 = 104, 105, 102
_BARE = frozenset({"^XA", "^XZ", "^FS", "^FR"})
_LARGEST = 4000
"""Dots, in each direction."""


class ZplError(ValueError):
    """ZPL that this printer does not draw: which command, and why."""


@dataclass(slots=True)
class _Field:
    """What has been said since the last ^FO."""

    x: int = 0
    y: int = 0
    height: int = 30
    width: int = 30
    reverse: bool = False
    escaped: bool = False
    data: str | None = None
    barcode: int = 0
    """Height in dots; 0 for text."""
    block: int = 0
    """Width in dots; 0 for no block."""
    align: str = "L"


def render(zpl: bytes) -> list[Image.Image]:
    """The labels that come out, one image each, white with black dots.

    Raises:
        ZplError: at the first command or parameter that `devices.documents.zpl` does not write.
    """
    labels: list[Image.Image] = []
    canvas: _Canvas | None = None
    for name, parameters in _commands(zpl):
        if parameters and name in _BARE:
            raise ZplError(f"Expected nothing after {name}, got {parameters[:20]!r}.")
        if name == "^XA":
            if canvas is not None:
                raise ZplError("Expected ^XZ before the next ^XA.")
            canvas = _Canvas()
        elif canvas is None:
            raise ZplError(f"Expected ^XA first, got {name}.")
        elif name == "^XZ":
            labels += [canvas.image()] * canvas.copies
            canvas = None
        elif name not in _DRAW:
            raise ZplError(f"Expected a command of a shipping label, got {name}{parameters[:20]}.")
        else:
            _DRAW[name](canvas, parameters)
    if canvas is not None:
        raise ZplError("Expected ^XZ at the end of the label.")
    return labels


def _commands(zpl: bytes) -> list[tuple[str, str]]:
    text = zpl.decode("utf-8")
    found: list[tuple[str, str]] = []
    end = 0
    for match in _COMMAND.finditer(text):
        if text[end : match.start()].strip():
            raise ZplError(f"Expected a command, got {text[end : match.start()][:20]!r}.")
        name, parameters = match[1] + match[2], match[3]
        found.append((name, parameters if name == "^FD" else parameters.strip()))
        end = match.end()
    if text[end:].strip():
        raise ZplError(f"Expected a command, got {text[end:][:20]!r}.")
    return found


class _Canvas:
    """One label while it is being drawn."""

    def __init__(self) -> None:
        self.width = 812
        self.length = 1218
        self.copies = 1
        self.module = 2
        self.utf8 = False
        self.field = _Field()
        self._image: Image.Image | None = None

    def image(self) -> Image.Image:
        """The label so far; its size is settled by the first thing drawn."""
        from PIL import Image

        if self._image is None:
            self._image = Image.new("L", (self.width, self.length), 255)
        return self._image

    def stamp(self, dots: Image.Image, x: int, y: int, *, reverse: bool) -> None:
        """Blacken (or, for ^FR, invert) the label where `dots` is white."""
        from PIL import Image, ImageChops

        label = self.image()
        layer = Image.new("L", label.size, 0)
        layer.paste(dots.convert("L"), (x, y))
        if reverse:
            changed = Image.composite(ImageChops.invert(label), label, layer)
        else:
            changed = Image.composite(Image.new("L", label.size, 0), label, layer)
        self._image = changed


def _numbers(name: str, parameters: str, count: int) -> list[int]:
    parts = parameters.split(",")
    if len(parts) != count or not all(p.isascii() and p.isdigit() for p in parts):
        raise ZplError(f"Expected {count} numbers after {name}, got {parameters[:40]!r}.")
    values = [int(part) for part in parts]
    if max(values) > _LARGEST * _LARGEST // 8:
        raise ZplError(f"Expected smaller numbers after {name}, got {parameters[:40]!r}.")
    return values


def _encoding(canvas: _Canvas, parameters: str) -> None:
    if parameters != "28":
        raise ZplError(f"Expected ^CI28 (UTF-8), got ^CI{parameters[:20]}.")
    canvas.utf8 = True


def _label_width(canvas: _Canvas, parameters: str) -> None:
    (canvas.width,) = _numbers("^PW", parameters, 1)


def _label_length(canvas: _Canvas, parameters: str) -> None:
    (canvas.length,) = _numbers("^LL", parameters, 1)


def _home(canvas: _Canvas, parameters: str) -> None:
    if _numbers("^LH", parameters, 2) != [0, 0]:
        raise ZplError(f"Expected ^LH0,0, got ^LH{parameters[:20]}.")


def _quantity(canvas: _Canvas, parameters: str) -> None:
    (canvas.copies,) = _numbers("^PQ", parameters, 1)
    if not 1 <= canvas.copies <= 99:
        raise ZplError(f"Expected ^PQ from 1 to 99, got {canvas.copies}.")


def _origin(canvas: _Canvas, parameters: str) -> None:
    x, y = _numbers("^FO", parameters, 2)
    if x >= canvas.width or y >= canvas.length:
        raise ZplError(f"Expected ^FO on the label, got {x},{y}.")
    canvas.field = _Field(x, y)


def _font(canvas: _Canvas, parameters: str) -> None:
    orientation, _, size = parameters.partition(",")
    if orientation != "N":
        raise ZplError(f"Expected ^A0N, got ^A0{parameters[:20]}.")
    canvas.field.height, canvas.field.width = _numbers("^A0", size, 2)


def _reverse(canvas: _Canvas, parameters: str) -> None:
    canvas.field.reverse = True


def _hexadecimal(canvas: _Canvas, parameters: str) -> None:
    if parameters != "_":
        raise ZplError(f"Expected ^FH_, got ^FH{parameters[:20]}.")
    canvas.field.escaped = True


def _block(canvas: _Canvas, parameters: str) -> None:
    width, lines, spacing, align = [*parameters.split(","), "", "", ""][:4]
    if (lines, spacing) != ("1", "0") or align not in ("L", "C", "R"):
        raise ZplError(f"Expected ^FB of one line, got ^FB{parameters[:20]}.")
    (canvas.field.block,) = _numbers("^FB", width, 1)
    canvas.field.align = align


def _module(canvas: _Canvas, parameters: str) -> None:
    (canvas.module,) = _numbers("^BY", parameters, 1)


def _code128(canvas: _Canvas, parameters: str) -> None:
    orientation, height, *rest = parameters.split(",")
    if orientation != "N" or rest != ["N", "N", "N", "N"]:
        raise ZplError(f"Expected ^BCN,height,N,N,N,N, got ^BC{parameters[:20]}.")
    (canvas.field.barcode,) = _numbers("^BC", height, 1)


def _data(canvas: _Canvas, parameters: str) -> None:
    canvas.field.data = parameters


def _graphic_box(canvas: _Canvas, parameters: str) -> None:
    from PIL import Image, ImageDraw

    width, height, thickness = _numbers("^GB", parameters, 3)
    width, height = max(width, thickness), max(height, thickness)
    if width > _LARGEST or height > _LARGEST:
        raise ZplError(f"Expected a ^GB that fits the label, got {parameters[:20]}.")
    dots = Image.new("L", (width, height), 0)
    ImageDraw.Draw(dots).rectangle((0, 0, width - 1, height - 1), outline=255, width=thickness)
    canvas.stamp(dots, canvas.field.x, canvas.field.y, reverse=canvas.field.reverse)


def _graphic_field(canvas: _Canvas, parameters: str) -> None:
    from PIL import Image

    kind, total, field, row, data = [*parameters.split(",", 4), "", "", "", ""][:5]
    total_bytes, field_bytes, row_bytes = _numbers("^GFA", f"{total},{field},{row}", 3)
    if kind != "A" or total_bytes != field_bytes or not row_bytes or total_bytes % row_bytes:
        raise ZplError(f"Expected ^GFA of whole rows, got ^GF{parameters[:40]}.")
    try:
        dots = bytes.fromhex(data)
    except ValueError:
        raise ZplError("Expected hexadecimal digits after ^GFA.") from None
    if len(dots) != total_bytes:
        raise ZplError(f"Expected {total_bytes} bytes after ^GFA, got {len(dots)}.")
    image = Image.frombytes("1", (row_bytes * 8, total_bytes // row_bytes), dots)
    canvas.stamp(image, canvas.field.x, canvas.field.y, reverse=canvas.field.reverse)


def _separator(canvas: _Canvas, parameters: str) -> None:
    field = canvas.field
    if field.data is not None:
        if field.barcode:
            _draw_code128(canvas, field, field.data)
        else:
            _draw_text(canvas, field, _decoded(canvas, field))
    canvas.field = _Field()


def _decoded(canvas: _Canvas, field: _Field) -> str:
    data = field.data or ""
    if not field.escaped:
        return data
    if not canvas.utf8:
        raise ZplError("Expected ^CI28 before hexadecimal text.")
    raw = _HEX.sub(lambda match: chr(int(match[1], 16)), data)
    try:
        return raw.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        raise ZplError(f"Expected UTF-8 in ^FD, got {data[:40]!r}.") from None


def _draw_text(canvas: _Canvas, field: _Field, text: str) -> None:
    """Like font 0: bold and condensed, `height` dots high, characters `width` dots wide."""
    from PIL import Image, ImageDraw

    if not text.isprintable():
        raise ZplError(f"Expected printable text, got {text[:40]!r}.")
    if not text:
        return
    font = _font_zero(field.height)
    left, _, right, _ = font.getbbox(text, anchor="ls")
    dots = Image.new("L", (max(1, int(right - left)), field.height * 3 // 2), 0)
    above = field.height // 4  # accents of capitals reach above the character cell
    base = above + int(field.height * 0.8)
    ImageDraw.Draw(dots).text((-left, base), text, fill=255, font=font, anchor="ls")
    width = max(1, int(dots.width * 0.86 * field.width / field.height))
    dots = dots.resize((width, dots.height), Image.Resampling.LANCZOS)
    dots = dots.point(lambda dot: 255 if dot > 110 else 0)
    room = field.block - width if field.block else 0
    x = field.x + {"L": 0, "C": room // 2, "R": room}[field.align]
    canvas.stamp(dots, max(0, x), field.y - above, reverse=field.reverse)


def _font_zero(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    from PIL import ImageFont

    path = glyphs.latin_font(bold=True, condensed=True)
    return glyphs.load(path, size) if path else ImageFont.load_default(size)


def _draw_code128(canvas: _Canvas, field: _Field, data: str) -> None:
    """Mode N: `>;` starts subset C, `>:` subset B."""
    from barcode.charsets import code128
    from PIL import Image

    subsets = {">;": _subset_c, ">:": _subset_b}
    if data[:2] not in subsets:
        raise ZplError(f"Expected a barcode that starts in subset C or B, got {data[:20]!r}.")
    values = subsets[data[:2]](data[2:])
    values.append((values[0] + sum(i * v for i, v in enumerate(values[1:], 1))) % 103)
    modules = "".join(code128.CODES[value] for value in values) + code128.STOP + "11"
    bars = Image.new("L", (len(modules), 1), 0)
    bars.putdata([255 if module == "1" else 0 for module in modules])
    size = (len(modules) * canvas.module, field.barcode)
    if field.x + size[0] > canvas.width:
        raise ZplError(f"Expected a barcode of at most {canvas.width} dots, got {size[0]}.")
    dots = bars.resize(size, Image.Resampling.NEAREST)
    canvas.stamp(dots, field.x, field.y, reverse=field.reverse)


def _subset_c(rest: str) -> list[int]:
    """`>8` is FNC1, digits come in pairs."""
    values = [_START_C]
    while rest:
        pair, rest = rest[:2], rest[2:]
        if pair == ">8":
            values.append(_FNC1)
        elif len(pair) == 2 and pair.isascii() and pair.isdigit():
            values.append(int(pair))
        else:
            raise ZplError(f"Expected pairs of digits in the barcode, got {pair!r}.")
    return values


def _subset_b(rest: str) -> list[int]:
    """Letters and digits, one by one."""
    if not (rest.isascii() and rest.isalnum()):
        raise ZplError(f"Expected letters and digits in the barcode, got {rest[:20]!r}.")
    return [_START_B, *(ord(char) - ord(" ") for char in rest)]


_DRAW: dict[str, Callable[[_Canvas, str], None]] = {
    "^CI": _encoding,
    "^PW": _label_width,
    "^LL": _label_length,
    "^LH": _home,
    "^PQ": _quantity,
    "^FO": _origin,
    "^A0": _font,
    "^FR": _reverse,
    "^FH": _hexadecimal,
    "^FB": _block,
    "^FD": _data,
    "^BY": _module,
    "^BC": _code128,
    "^GB": _graphic_box,
    "^GF": _graphic_field,
    "^FS": _separator,
}
