"""Why something is not as planned. A reason decides what happens to the stock."""

from __future__ import annotations

from dataclasses import dataclass

from wms_terminal.domain.text import T, Text


@dataclass(frozen=True, slots=True)
class Reason:
    """One choice on a reason list."""

    code: str
    """Command barcode that chooses it: `WHR` and capital letters."""
    name: Text
    count: bool = False
    """The location is blocked for new work until somebody has counted it."""
    damaged: bool = False
    """The units are moved to the problem location."""


SHORT_PICK = (
    Reason("WHREMPTY", T("Location is empty"), count=True),
    Reason("WHRFEWER", T("Fewer than shown"), count=True),
    Reason("WHRDAMAG", T("Damaged"), damaged=True),
    Reason("WHROTHER", T("Other product in the location"), count=True),
    Reason("WHRREACH", T("Cannot be reached"), count=True),
)

SHORT_PACK = (
    Reason("WHRMISS", T("Missing from the tote")),
    Reason("WHRDAMAG", T("Damaged"), damaged=True),
)

REPRINT = (
    Reason("WHRSPOIL", T("Label damaged")),
    Reason("WHRNOOUT", T("Nothing came out")),
    Reason("WHRLOST", T("Label lost")),
)

RESTOCK = Reason("WHRSTOCK", T("Restock"))
SCRAP = Reason("WHRSCRAP", T("Scrap"))
HOLD = Reason("WHRHOLD", T("Hold"))
DISPOSITION = (RESTOCK, SCRAP, HOLD)
"""Where goods go that came back."""


def reason(reasons: tuple[Reason, ...], code: str) -> Reason | None:
    """The reason that a code chooses from a list."""
    return next((item for item in reasons if item.code == code), None)
