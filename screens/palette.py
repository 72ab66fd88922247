"""Colours inside a line; the backgrounds of whole regions are in `styles/station.tcss`.

Each keeps its contrast where only the eight backgrounds of a console are left of it, and none is
black and bold: a console draws that in dark grey.
"""

from __future__ import annotations

from typing import Final

PLACE: Final = "on #ffffff"
QUANTITY: Final = "on #56b4e9"
INTO: Final = "on #00c000"
ALARM: Final = "on #ffffff"
PANEL: Final = "on #000000"
STRONG: Final = "bold"
QUIET: Final = "#b2b2b2"
WORD: Final = "bold #ffffff on #000000"
KEY: Final = "#000000 on #ffffff"
WRONG: Final = "bold #ffffff on #a80000"
BAR_DONE: Final = "on #56b4e9"
BAR_LEFT: Final = "on #0000d7"
STRIPE: Final = "bold #ffffff on #000000"
INK: Final = "reverse"
CHOSEN: Final = "#000000 on #56b4e9"
"""Each is a Rich style."""
