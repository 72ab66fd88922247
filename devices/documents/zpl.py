"""Shipping labels in ZPL II, 4 by 6 inches at 203 dots per inch.

Sources: Zebra ZPL II Programming Guide (^A0, ^BC, ^BY, ^CI, ^FB, ^FD, ^FH, ^FO, ^FR, ^GB, ^GF,
^LH, ^LL, ^PQ, ^PW); GS1 General Specifications 5.4 (GS1-128: FNC1 first, quiet zone 10X) and
GS1 Logistic Label Guideline (SSCC lowest, X-dimension 0.495 to 0.94 mm, height 32 mm or more).

Every text reaches the printer as hexadecimal escapes or as dots, never as bare characters, so
that no order text can become a command.
"""

from __future__ import annotations

from collections.abc import Iterator

from devices.documents import glyphs
from devices.documents.text import clean
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.label import Address, ShippingLabel
from wms_terminal.domain.returns import ReturnLabel

WIDTH = 812
"""Dots: 4 inches at 203 dpi."""
HEIGHT = 1218
"""Dots: 6 inches at 203 dpi."""

_MARGIN = 28
_INNER = WIDTH - 2 * _MARGIN
_BAR = 4
"""Dots per module: 0.5 mm."""
_BAR_HEIGHT = 264
_SSCC_MODULES = 11 * (1 + 1 + 10 + 1) + 13
"""Start C, FNC1, ten digit pairs, check character, stop."""
_LONGEST_NUMBER = 14
"""Characters of a return's number that fit on the label at full size."""
_SAFE = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz ")
_NARROW = frozenset("ijlI.,:;'|!()[] ft-/1")
_WIDE = frozenset("mwMW@%Œœ&ÆæŴŵ—")
_NARROWEST = 0.55
"""How far a text is squeezed before it is cut."""


def shipping_label(label: ShippingLabel) -> bytes:
    """One carrier label.

    Raises:
        ValueError: when the SSCC is not 18 digits with their check digit.
    """
    if not is_sscc(label.sscc):
        raise ValueError(
            f"Expected an SSCC of 18 digits with its check digit, got {label.sscc[:40]!r}."
        )
    commands = [
        f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0",
        *_carrier(label),
        *_sender(label),
        *_receiver(label.receiver),
        *_routing(label),
        *_references(label),
        *_sscc(label.sscc),
        "^PQ1^XZ",
    ]
    return "\n".join(commands).encode("ascii") + b"\n"


def return_label(label: ReturnLabel) -> bytes:
    """The label of a parcel that comes back: where to, and the return's number to scan.

    Raises:
        ValueError: when the number is not what Code 128 holds as it stands.
    """
    number = label.number
    if not (number.isascii() and number.isalnum() and len(number) <= _LONGEST_NUMBER):
        raise ValueError(
            f"Expected a return's number of at most {_LONGEST_NUMBER} letters and digits, "
            f"got {number[:40]!r}."
        )
    left = (WIDTH - 11 * _BAR * (len(number) + 3)) // 2
    commands = [
        f"^XA^CI28^PW{WIDTH}^LL{HEIGHT}^LH0,0",
        _text(_MARGIN, 30, _INNER, 72, "RETURN"),
        _line(112),
        _caption(_MARGIN, 178, "FROM"),
        *_lines(label.sender, 202, 27, 140),
        _line(346),
        *_receiver(label.receiver),
        _text(_MARGIN, 656, _INNER, 132, label.receiver.country),
        _line(784),
        *_numbers(label),
        _caption(_MARGIN, 870, "RETURN NUMBER"),
        f"^FO{left},894^BY{_BAR}^BCN,{_BAR_HEIGHT},N,N,N,N^FD>:{number}^FS",
        f"^FO0,1170^A0N,38,38^FB{WIDTH},1,0,C^FH_^FD{escape(number)}^FS",
        "^PQ1^XZ",
    ]
    return "\n".join(commands).encode("ascii") + b"\n"


def _lines(address: Address, top: int, most: int, height: int) -> Iterator[str]:
    lines = _printable(address)
    step = min(most, height // max(1, len(lines)))
    for row, line in enumerate(lines):
        yield _text(_MARGIN, top + row * step, _INNER, step - 1, line)


def _numbers(label: ReturnLabel) -> Iterator[str]:
    width = WIDTH // 3
    fields = (
        ("ORDER", label.order_number), ("REFERENCE", label.reference), ("RMA", label.rma)
    )  # fmt: skip
    for column, (name, value) in enumerate(fields):
        left = _MARGIN + column * width
        yield _caption(left, 794, name)
        yield _text(left, 817, width - 2 * _MARGIN, 38, value)
    yield _line(860)


def escape(text: str) -> str:
    """A text as ^FH_ hexadecimal: only ASCII letters, digits and spaces stay as they are."""
    return "".join(chr(byte) if byte in _SAFE else f"_{byte:02X}" for byte in text.encode("utf-8"))


def _carrier(label: ShippingLabel) -> Iterator[str]:
    count = f"{label.parcel} / {label.parcels}" if label.parcels else str(label.parcel)
    yield _text(_MARGIN, 30, 520, 72, label.carrier)
    yield _caption(600, 24, "PARCEL")
    yield _text(600, 48, WIDTH - _MARGIN - 600, 58, count)
    yield _box(_MARGIN, 112, _INNER, 50, 50)
    yield _text(_MARGIN + 14, 118, _INNER - 28, 40, label.service, reverse=True)


def _sender(label: ShippingLabel) -> Iterator[str]:
    yield _caption(_MARGIN, 178, "FROM")
    lines = _printable(label.sender)
    step = min(27, 140 // max(1, len(lines)))
    for row, line in enumerate(lines):
        yield _text(_MARGIN, 202 + row * step, 500, step - 1, line)
    yield _box(560, 174, 2, 168, 2)
    yield _caption(580, 178, "SHIP DATE")
    yield _text(580, 202, 204, 36, label.ship_on)
    yield _caption(580, 258, "WEIGHT")
    yield _text(580, 282, 204, 44, _kilograms(label.weight_g))
    yield _line(346)


def _receiver(receiver: Address) -> Iterator[str]:
    lines = _printable(receiver)
    step = min(62, 276 // max(1, len(lines)))
    yield _caption(_MARGIN, 360, "TO")
    for row, line in enumerate(lines):
        yield _text(_MARGIN + 70, 358 + row * step, _INNER - 70, step - 4, line)
    yield _line(644)


def _routing(label: ShippingLabel) -> Iterator[str]:
    yield _text(_MARGIN, 656, _INNER, 132, label.routing)
    yield _line(784)


def _references(label: ShippingLabel) -> Iterator[str]:
    half = WIDTH // 2
    yield _caption(_MARGIN, 794, "ORDER")
    yield _text(_MARGIN, 817, half - 2 * _MARGIN, 38, label.order_number)
    yield _box(half - 10, 786, 2, 74, 2)
    yield _caption(half + 8, 794, "REFERENCE")
    yield _text(half + 8, 817, half - _MARGIN - 8, 38, label.reference)
    yield _line(860)


def _sscc(number: str) -> Iterator[str]:
    left = (WIDTH - _SSCC_MODULES * _BAR) // 2
    shown = f"(00) {number[0]} {number[1:8]} {number[8:17]} {number[17]}"
    yield _caption(_MARGIN, 870, "SSCC")
    yield f"^FO{left},894^BY{_BAR}^BCN,{_BAR_HEIGHT},N,N,N,N^FD>;>800{number}^FS"
    yield f"^FO0,1170^A0N,38,38^FB{WIDTH},1,0,C^FH_^FD{escape(shown)}^FS"


def _caption(x: int, y: int, text: str) -> str:
    return f"^FO{x},{y}^A0N,20,20^FH_^FD{escape(text)}^FS"


def _text(x: int, y: int, width: int, height: int, value: str, *, reverse: bool = False) -> str:
    """An order text in one line of the printer's own font, or in dots where that has no glyphs."""
    line = glyphs.prepare(clean(value))
    if not line.text:
        return ""
    field = f"^FO{x},{y}{'^FR' if reverse else ''}"
    if line.font is not None:
        return field + _dots(line, height, width)
    narrow = max(_NARROWEST, min(1.0, width / (_ems(line.text) * height)))
    text = line.text
    while _ems(text) * height * narrow > width:
        text = text[:-1]
    return f"{field}^A0N,{height},{int(height * narrow)}^FH_^FD{escape(text.rstrip())}^FS"


def _dots(line: glyphs.Line, height: int, width: int) -> str:
    """A line of text as a ^GFA bitmap: one bit per dot, rows padded to whole bytes."""
    from PIL import ImageChops

    image = glyphs.raster(line, int(height * 0.8), width)
    row = (image.width + 7) // 8
    data = ImageChops.invert(image).tobytes()
    return f"^GFA,{len(data)},{len(data)},{row},{data.hex().upper()}^FS"


def _ems(text: str) -> float:
    """How wide font 0 draws a text at most, in units of its character width."""
    return sum(0.36 if c in _NARROW else 0.92 if c in _WIDE else _letter(c) for c in text)


def _letter(char: str) -> float:
    return 0.68 if char.isupper() else 0.58


def _line(y: int) -> str:
    return _box(_MARGIN, y, _INNER, 3, 3)


def _box(x: int, y: int, width: int, height: int, thickness: int) -> str:
    return f"^FO{x},{y}^GB{width},{height},{thickness}^FS"


def _printable(address: Address) -> list[str]:
    return [line for line in address.lines() if clean(line)]


def _kilograms(grams: int) -> str:
    return f"{grams / 1000:.2f} kg" if grams else ""
