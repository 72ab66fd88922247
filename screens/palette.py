"""Colours inside a line; the backgrounds of whole regions are in `styles/station.tcss`.

Contrasts of 7:1 and more on black, and hues that colour-blind people tell apart (Okabe-Ito).
"""

from __future__ import annotations

from typing import Final

PLACE: Final = "on #ffffff"
QUANTITY: Final = "on #56b4e9"
INTO: Final = "on #f0e442"
ALARM: Final = "on #ffffff"
STRONG: Final = "bold"
QUIET: Final = "#b2b2b2"
KEY: Final = "bold black on #ffffff"
BAR_DONE: Final = "on #56b4e9"
BAR_LEFT: Final = "on #444444"
STRIPE: Final = "bold #ffffff on #000000"
INK: Final = "reverse"
CHOSEN: Final = "bold black on #f0e442"
"""Each is a Rich style."""
