"""Chooser: which station this terminal is, when nobody has said so on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from screens.blocks import Page
from screens.parts import page
from screens.speech import Say
from screens.tables import Rows
from wms_terminal.domain.scan import read
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T
from wms_terminal.services.step import Key, Step, View

FIRST_KEY, LAST_KEY = 2, 9
"""F2 to F9 choose the stations that are listed first."""
CLOSE = 10

_NOISE = re.compile(r"[^0-9A-Z]")


def find(stations: Sequence[Station], raw: str) -> int | None:
    """The station that a scanned barcode (`WHS` and its name) or a typed name stands for."""
    wanted = _bare(read(raw).text)
    for number, station in enumerate(stations):
        if wanted in (_bare(station.code), "WHS" + _bare(station.code)):
            return number
    return None


def step(stations: Sequence[Station]) -> Step:
    """The question, in the form that every screen knows."""
    keys = tuple(
        Key(number, station.code, T("{code}", code=station.code))
        for number, station in zip(range(FIRST_KEY, LAST_KEY + 1), stations, strict=False)
    )
    keys += (Key(CLOSE, "", T("Close")),)
    prompt = T("SCAN OR KEY IN THE STATION") if stations else T("NO STATION IS SET UP YET")
    return Step("", "", "", "chooser", "choose", prompt, View(title=T("Stations")), keys)


def draw(stations: Sequence[Station], chosen: int, say: Say) -> Page:
    """All stations, the chosen one marked."""
    rows = []
    for number, station in enumerate(stations, FIRST_KEY):
        name = f"F{number}" if number <= LAST_KEY else ""
        rows.append((name, say(station.code), say(station.name), say(station.department)))
    heads = tuple(say(head) for head in (T("Key"), T("Station"), T("Name"), T("Department")))
    table = Rows(heads, tuple(rows), chosen=chosen)
    return page((table,), [(table, size) for size in range(1, len(rows) + 2)])


def _bare(text: str) -> str:
    return _NOISE.sub("", text.upper())
