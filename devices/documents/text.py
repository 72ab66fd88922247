"""Order texts made fit for paper: no control characters, no tricks, no endless fields.

Sources: Unicode Standard Annex 44 (general categories), Unicode Technical Report 36
(bidirectional and invisible characters as a means to mislead a reader).
"""

from __future__ import annotations

import unicodedata

LONGEST = 200
"""Characters; no field of a label or a slip shows more."""

_TYPOGRAPHY = str.maketrans(
    {
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
        "\u2026": "...", "\u2044": "/", "\ufffd": "?",
    }
)  # fmt: skip
_MARKS_IN_A_ROW = 2


def clean(text: str, limit: int = LONGEST) -> str:
    """One line of readable text, at most `limit` characters.

    Control, format (bidirectional and zero-width) and unassigned characters and lone surrogates
    go; white space collapses; typographic quotes and dashes become the keyboard's own; a
    character carries at most two combining marks.
    """
    text = text[: limit * 8].translate(_TYPOGRAPHY)
    text = unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode("utf-8"))
    kept: list[str] = []
    marks = 0
    for char in text:
        category = unicodedata.category(char)
        if char.isspace():
            kept.append(" ")
        elif category == "Co":
            kept.append("?")
        elif category[0] == "C" or "\ufe00" <= char <= "\ufe0f":
            continue
        else:
            marks = marks + 1 if category == "Mn" else 0
            if marks <= _MARKS_IN_A_ROW:
                kept.append(char)
    return " ".join("".join(kept).split())[:limit].rstrip()


def is_latin(text: str) -> bool:
    """Whether every character is printable Latin-1 or Latin Extended-A (U+0020 to U+017F)."""
    return all(" " <= c <= "~" or "\xa0" <= c <= "\u017f" for c in text)


def is_right_to_left(text: str) -> bool:
    """Whether any character belongs to a right-to-left script."""
    return any(unicodedata.bidirectional(char) in ("R", "AL", "AN") for char in text)


def transliterate(char: str) -> str:
    """A character in ASCII letters; a question mark where there is nothing better."""
    from anyascii import anyascii  # reads its tables on import, and most texts need none

    return anyascii(char) or ("" if unicodedata.category(char)[0] == "M" else "?")
