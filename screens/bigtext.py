"""Big letters made of coloured spaces: every terminal and every console font draws them alike."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

from rich.text import Text

HEIGHT = 5
"""Rows of a letter at its smallest."""

_FONT = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".## #.. #.# #.# .##",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "J": "..# ..# ..# #.# .#.",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": "### #.# #.# #.# ###",
    "P": "##. #.# ##. #.. #..",
    "Q": ".##. #..# #..# #.## .###",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#...# #...# #.#.# ##.## #...#",
    "X": "#.# #.# .#. #.# #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "Z": "### ..# .#. #.. ###",
    "0": ".##. #..# #..# #..# .##.",
    "1": ".#. ##. .#. .#. ###",
    "2": "##. ..# .#. #.. ###",
    "3": "##. ..# .#. ..# ##.",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ##. ..# ##.",
    "6": ".## #.. ### #.# ###",
    "7": "### ..# ..# .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ##.",
    "-": "... ... ### ... ...",
    ".": ". . . . #",
    "…": "..... ..... ..... ..... #.#.#",
    ",": ".. .. .. .# #.",
    ":": ". # . # .",
    "/": "..# ..# .#. #.. #..",
    "×": "... #.# .#. #.# ...",
    "+": "... .#. ### .#. ...",
    "?": "##. ..# .#. ... .#.",
    "!": "# # # . #",
    " ": ".. .. .. .. ..",
    "_": "... ... ... ... ###",
    "(": ".# #. #. #. .#",
    ")": "#. .# .# .# #.",
}

_ROWS = {char: glyph.split() for char, glyph in _FONT.items()}


def big(text: str, width: int, height: int, style: str = "reverse") -> list[Text] | None:
    """The text in the biggest letters that fit, or None when it cannot be drawn that way."""
    letters = text.upper()
    if not letters or any(char not in _ROWS for char in letters):
        return None
    pixels = sum(len(_ROWS[char][0]) for char in letters) + len(letters) - 1
    for rows in range(height // HEIGHT, 0, -1):
        # A cell is about twice as high as it is wide.
        columns = min(width // pixels, 2 * rows)
        if columns >= rows:
            return list(_draw(letters, columns, rows, style))
    return None


@lru_cache(512)
def _draw(letters: str, columns: int, rows: int, style: str) -> tuple[Text, ...]:
    """Kept, because a screen says much the same from scan to scan; nobody changes the lines."""
    lines: list[Text] = []
    for row in range(HEIGHT):
        line = Text(no_wrap=True, end="")
        dots = ".".join(_ROWS[char][row] for char in letters)
        for dot, run in groupby(dots):
            line.append(" " * columns * len(list(run)), style if dot == "#" else None)
        lines += [line] * rows
    return tuple(lines)
