"""Names, addresses and codes are data: made harmless and cut to fit before they are drawn.

Sources: Unicode Technical Report 36, 3.6 (bidirectional overrides); ECMA-48 (control codes).
"""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len, chop_cells, set_cell_size

LONGEST = 500
"""Characters of one value that are worth a look on a terminal."""

CUT = ".."
"""Marks what did not fit; an ellipsis is not in every console font."""

_SPACE = re.compile(r"[\s\x1c-\x1f]+")
_MARKS = re.compile(r"([\u0300-\u036f]{2})[\u0300-\u036f]+")
_DROPPED = {"Cf", "Mn", "Me"}
"""Invisible: bidirectional overrides, zero-width joiners, variation selectors."""
_REPLACED = {"Cc", "Cs", "Co", "Cn"}
"""Control characters, lone surrogates, and what no font draws."""


def clean(text: str) -> str:
    """The text on one line, with nothing in it that could move a cursor or turn its direction."""
    text = unicodedata.normalize("NFC", text[:LONGEST])
    text = _MARKS.sub(r"\1", _SPACE.sub(" ", text))
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    category = unicodedata.category(char)
    if category in _DROPPED and not "\u0300" <= char <= "\u036f":
        return ""
    return "·" if category in _REPLACED else char


def fit(text: str, width: int) -> str:
    """The text in at most so many cells, marked where it was cut."""
    if cell_len(text) <= width:
        return text
    if width <= len(CUT):
        return set_cell_size(text, max(0, width))
    return set_cell_size(text, width - len(CUT)).rstrip() + CUT


def wrap(text: str, width: int, lines: int) -> list[str]:
    """The text in at most so many lines, broken between words where it can be."""
    if width <= 0 or lines <= 0:
        return []
    done: list[str] = []
    line = ""
    for word in text.split():
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            done.append(line)
        pieces = chop_cells(word, width)
        done += pieces[:-1]
        line = pieces[-1]
    done.append(line)
    if len(done) > lines:
        done = [*done[: lines - 1], fit(" ".join(done[lines - 1 :]), width)]
    return done
