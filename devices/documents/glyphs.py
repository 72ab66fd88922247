"""Which system font can draw a text, and the text as dots.

Fonts are looked for once, in the folders where systems keep them. Without any font, texts are
transliterated, so that a station needs none.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from devices.documents.text import is_latin, is_right_to_left, transliterate

if TYPE_CHECKING:
    from PIL import Image, ImageFont

_FOLDERS: tuple[Path, ...] = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path(os.environ.get("WINDIR", "C:/Windows"), "Fonts"),
)
_FAMILIES = (
    "DejaVuSans-Bold.ttf",
    "DejaVuSans.ttf",
    "NotoSans-Bold.ttf",
    "NotoSans-Regular.ttf",
    "NotoSansCJK-Bold.ttc",
    "NotoSansCJK-Regular.ttc",
    "NotoSansArabic-Bold.ttf",
    "NotoSansArabic-Regular.ttf",
    "NotoSansHebrew-Bold.ttf",
    "NotoSansHebrew-Regular.ttf",
    "NotoSans*-Bold.[to]t[fc]",
    "NotoSans*-Regular.[to]t[fc]",
    "LiberationSans-Bold.ttf",
    "DroidSansFallback*.ttf",
    "wqy-*.tt[fc]",
    "unifont*.[to]tf",
    "Arial Unicode.ttf",
    "arialbd.ttf",
)
"""File name patterns, best first."""
_MOST_FONTS = 80
_MISSING = "\uffff"
"""A code point that no font draws: its picture is the font's "missing glyph" box."""


@dataclass(frozen=True, slots=True)
class Line:
    """A text and how to draw it."""

    text: str
    font: Path | None
    """None: any Latin font draws it."""


@lru_cache(maxsize=1)
def system_fonts() -> tuple[Path, ...]:
    """The usable font files of this system, best first."""
    from fnmatch import fnmatch

    names: dict[str, Path] = {}
    for folder in _FOLDERS:
        for parent, _, files in os.walk(folder):
            for name in files:
                names.setdefault(name, Path(parent, name))
    found: dict[Path, None] = {}
    for family in _FAMILIES:
        for name in sorted(names):
            if fnmatch(name, family):
                found[names[name]] = None
    return tuple(found)[:_MOST_FONTS]


@lru_cache(maxsize=8)
def latin_font(*, bold: bool, condensed: bool = False) -> Path | None:
    """A TrueType sans serif of this system for Latin, Greek and Cyrillic, or None."""
    family = "DejaVuSansCondensed" if condensed else "DejaVuSans"
    weight = "Bold" if bold else "Regular"
    wanted = (
        f"{family}-Bold.ttf" if bold else f"{family}.ttf",
        f"NotoSans-{weight}.ttf",
        f"LiberationSans-{weight}.ttf",
    )
    for name in wanted:
        for font in system_fonts():
            beside = font.with_name(name)
            if font.name == name or beside.is_file():
                return beside
    return None


@lru_cache(maxsize=64)
def load(font: Path, size: int) -> ImageFont.FreeTypeFont:
    """A font file at a size in dots, with complex text layout where Pillow was built with it."""
    from PIL import ImageFont

    return ImageFont.truetype(str(font), size)


@lru_cache(maxsize=64)
def _unshaped(font: Path) -> ImageFont.FreeTypeFont:
    """A font file that draws one glyph per character: shaping puts marks on a dotted circle."""
    from PIL import ImageFont

    return ImageFont.truetype(str(font), 20, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def draws(font: Path, char: str) -> bool:
    """Whether a font has a glyph of its own for a character."""
    if char.isspace():
        return True
    try:
        face = _unshaped(font)
        mask, missing = face.getmask(char), face.getmask(_MISSING)
    except (OSError, ValueError):
        return False
    return (mask.size, bytes(mask)) != (missing.size, bytes(missing))


@lru_cache(maxsize=1)
def shapes_right_to_left() -> bool:
    """Whether Pillow was built with raqm, which joins and orders Arabic and Hebrew."""
    from PIL import features

    return bool(features.check("raqm"))


def font_for(text: str, *, bold: bool = True) -> Path | None:
    """The first system font that draws every character, of the wanted weight first, or None."""
    if is_right_to_left(text) and not shapes_right_to_left():
        return None
    fonts = sorted(system_fonts(), key=lambda font: ("Bold" in font.name) != bold)
    return next((font for font in fonts if all(draws(font, char) for char in text)), None)


def prepare(text: str, *, bold: bool = True) -> Line:
    """A clean text as it can be drawn: in Latin, with one system font, or transliterated."""
    if is_latin(text):
        return Line(text, None)
    fonts = system_fonts()
    text = "".join(
        char if is_latin(char) or any(draws(f, char) for f in fonts) else transliterate(char)
        for char in text
    )
    if is_latin(text):
        return Line(text, None)
    font = font_for(text, bold=bold)
    if font is not None:
        return Line(text, font)
    return Line("".join(c if is_latin(c) else transliterate(c) for c in text), None)


def raster(line: Line, size: int, width: int, *, narrowest: float = 0.6) -> Image.Image:
    """A line of text in black on white, one bit per dot, at most `width` dots wide.

    A text that is too wide is squeezed down to `narrowest` of its width, then cut.
    """
    from PIL import Image, ImageDraw

    path = line.font or latin_font(bold=True)
    assert path is not None, "a line that needs a font names it"
    face = load(path, size)
    text = line.text
    while len(text) > 1 and face.getlength(text) * narrowest > width:
        text = text[: max(1, int(len(text) * 0.95))].rstrip()
    left, _, right, _ = face.getbbox(text, anchor="ls")
    ascent, descent = face.getmetrics()
    image = Image.new("L", (max(1, int(right - left)), ascent + descent), 255)
    ImageDraw.Draw(image).text((-left, ascent), text, fill=0, font=face, anchor="ls")
    if image.width > width:
        image = image.resize((width, image.height), Image.Resampling.LANCZOS)
    return image.point(lambda dot: 255 if dot > 140 else 0).convert("1")
