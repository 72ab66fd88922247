"""What a scanner read, before anyone asks what it is.

Sources: ISO/IEC 15424 (AIM symbology identifiers), GS1 General Specifications 3 (application
identifiers) and 5.10 (FNC1 as ASCII 29), GS1 Digital Link URI syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from wms_terminal.domain.codes import gtin_key, is_sscc, key
from wms_terminal.domain.repeats import Repeat

GS = "\x1d"
"""FNC1 as it comes out of a scanner."""

LONGEST = 4096
"""Characters; no symbology holds more, so anything longer is noise."""

_AIM = re.compile(r"\](?P<symbology>[A-Za-z][0-9A-Za-z])")
_GS1_SYMBOLOGIES = {"C1", "e0", "e1", "e2", "e3", "d2", "Q3", "J1"}
_CONTROL = re.compile(r"[\x00-\x1b\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and the lone surrogates that undecodable bytes arrive as."""
_ALLOWED_CONTROL = {GS, "\x1e", "\x1c", "\x04"}
_DIGITAL_LINK = re.compile(r"https?://\S+/(01|00|414|8006)/\d+", re.IGNORECASE)
_PARENTHESES = re.compile(r"\((\d{2,4})\)")


class Source(StrEnum):
    """How a code reached the program; kept in the journal."""

    SCANNER = "scanner"
    KEYED = "keyed"
    KEY = "key"
    SCALE = "scale"


class Role(StrEnum):
    """What a scanner is for, where a station has several; commands are read by all of them."""

    ANY = "any"
    BADGE = "badge"
    PLACE = "place"
    """Locations, totes, stations."""
    ITEM = "item"
    """Products, lots, cartons."""
    PARCEL = "parcel"
    """Parcels, orders, carriers."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Which scanner read a code."""

    name: str = ""
    """For the journal; empty where a station has one scanner only."""
    role: Role = Role.ANY
    repeat: Repeat = Repeat.NO
    """What the code is to the one that this scanner read before it."""


NO_READER = Reader()
"""What was keyed in, or came by a scanner that has neither name nor task."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One code, taken apart."""

    raw: str
    """Exactly what came, symbology identifier and control characters included."""
    text: str
    """The data, without symbology identifier."""
    symbology: str = ""
    """Two characters such as `C1`, or empty when the scanner sends none."""
    elements: Mapping[str, str] = field(default_factory=dict)
    """GS1 application identifiers to values; empty when it is no GS1 element string."""
    trouble: str = ""
    """Why the code cannot be used at all (control characters, length), else empty."""

    @property
    def code(self) -> str:
        """The data so that `read` makes the same of it again."""
        return f"]{self.symbology}{self.text}" if self.elements and self.symbology else self.text

    @property
    def keys(self) -> tuple[str, ...]:
        """The forms under which the code may be stored, best first."""
        found: dict[str, None] = {}
        for identifier in ("01", "02", "00"):
            if identifier in self.elements:
                found[key(self.elements[identifier])] = None
        found[key(self.text)] = None
        return tuple(found)

    @property
    def lot(self) -> str:
        """AI 10, or empty."""
        return self.elements.get("10", "")

    @property
    def count(self) -> int:
        """How many trade items AI 37 or 30 says are inside; 1 when it says nothing."""
        digits = self.elements.get("37") or self.elements.get("30") or "1"
        return int(digits) if digits.isdigit() and int(digits) > 0 else 1

    @property
    def sscc(self) -> str:
        """The SSCC it carries (AI 00 or 18 bare digits), or empty."""
        if "00" in self.elements:
            return self.elements["00"]
        return self.text if is_sscc(self.text) else ""


def data_of(raw: str) -> tuple[str, str]:
    """The two characters of a code's symbology identifier, or none, and its data unread."""
    text = raw.strip(" \r\n\t")
    match = _AIM.match(text)
    return (match["symbology"], text[match.end() :]) if match else ("", text)


def read(raw: str) -> Reading:
    """Take a code apart: symbology identifier, control characters, GS1 elements."""
    symbology, text = data_of(raw)
    if len(text) > LONGEST:
        return Reading(raw, text, symbology, trouble="too_long")
    if any(char not in _ALLOWED_CONTROL for char in _CONTROL.findall(text)):
        return Reading(raw, text, symbology, trouble="control_characters")
    if not text:
        return Reading(raw, text, symbology, trouble="empty")
    body = text.lstrip(GS)
    if body[:1] == "(" and _PARENTHESES.match(body):
        body = _PARENTHESES.sub(lambda m: GS + m[1], body).lstrip(GS)
        symbology = symbology or "C1"
    if _looks_gs1(body, symbology):
        elements = dict(_elements(body, symbology))
        if elements:
            return Reading(raw, body, symbology, elements)
    return Reading(raw, text, symbology)


def _looks_gs1(text: str, symbology: str) -> bool:
    if symbology in _GS1_SYMBOLOGIES or GS in text:
        return True
    if _DIGITAL_LINK.match(text):
        return True
    if len(text) == 20 and text.startswith("00") and is_sscc(text[2:]):
        return True
    return len(text) >= 16 and text[:2] in ("01", "02") and gtin_key(text[2:16]) is not None


def _elements(text: str, symbology: str) -> Iterator[tuple[str, str]]:
    """The application identifiers that can be read; what cannot be is left out."""
    import biip  # 150 ms to import, so only once a GS1 code is met

    if _DIGITAL_LINK.match(text):
        try:
            link = biip.parse(text).gs1_digital_link_uri
        except (biip.ParseError, ValueError):  # a ValueError says that it is no address at all
            link = None
        if link is not None:
            yield from ((e.ai.ai, e.value) for e in link.element_strings)
        return
    whole = _message(text)
    if whole:
        yield from whole
        return
    for segment in text.split(GS):
        rest = segment
        while rest and (known := _longest_known(rest)) is not None:
            elements, length = known
            yield from elements
            rest = rest[length:]


def _message(text: str) -> list[tuple[str, str]]:
    from biip import ParseError
    from biip.gs1_messages import GS1Message

    try:
        return [(e.ai.ai, e.value) for e in GS1Message.parse(text).element_strings]
    except ParseError:
        return []


_FIXED = {"00": 20, "01": 16, "02": 16, "11": 8, "13": 8, "15": 8, "17": 8, "20": 4}


def _longest_known(segment: str) -> tuple[list[tuple[str, str]], int] | None:
    """The first element of a segment and its length, when its identifier is known."""
    fixed = _FIXED.get(segment[:2])
    head = segment[:fixed] if fixed else segment
    elements = _message(head)
    return (elements, len(head)) if elements else None
