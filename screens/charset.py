"""What a terminal can draw, and how all else is written with that.

Sources: the kernel's own console font (drivers/tty/vt/cp437.uni) draws all of Latin-1, some of it
by look-alikes; so do the Lat15 and Uni2 fonts of Debian's console-setup. A `√` is in two of three.
"""

from __future__ import annotations

from enum import Enum

_LOOK_ALIKES = {"√": "v", "×": "x", "…": ".."}
"""Where the usual transliteration says something else."""


class Charset(Enum):
    """The characters that a terminal is trusted with."""

    UNICODE = "unicode"
    CONSOLE = "console"
    """Latin-1 and the black square."""
    ASCII = "ascii"


def charset(term: str, encoding: str) -> Charset:
    """What a terminal of this type draws, reached in this encoding."""
    if encoding.lower().replace("-", "") != "utf8" or term.startswith(("vt", "ansi")):
        return Charset.ASCII
    return Charset.CONSOLE if term.startswith(("linux", "con")) else Charset.UNICODE


def spell(text: str, known: Charset) -> str:
    """The text, in characters that the terminal draws."""
    if known is Charset.UNICODE or text.isascii():
        return text
    from anyascii import anyascii

    return "".join(
        char if _draws(char, known) else _LOOK_ALIKES.get(char) or anyascii(char) for char in text
    )


def _draws(char: str, known: Charset) -> bool:
    return char.isascii() or (known is Charset.CONSOLE and (char < "\u0100" or char == "■"))
