"""What is special about the scanner that read a code: what it is for, and that it read it twice."""

from __future__ import annotations

from wms_terminal.domain.outcome import Message, Outcome, refuse
from wms_terminal.domain.repeats import Repeat
from wms_terminal.domain.scan import Reader, Role
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.services.dialogue import Answer, Dialogue, Found, question

_KINDS: dict[Role, frozenset[Kind]] = {
    Role.BADGE: frozenset({Kind.BADGE}),
    Role.PLACE: frozenset({Kind.LOCATION, Kind.TOTE, Kind.STATION}),
    Role.ITEM: frozenset({Kind.PRODUCT, Kind.LOT, Kind.PACKAGE_TYPE}),
    Role.PARCEL: frozenset({Kind.PARCEL, Kind.ORDER, Kind.CARRIER}),
}
_BY_ALL = frozenset({Kind.COMMAND, Kind.REASON, Kind.UNKNOWN, Kind.WEIGHT})

_WORDS: dict[Role, Text] = {
    Role.BADGE: T("badges"),
    Role.PLACE: T("locations and totes"),
    Role.ITEM: T("goods and cartons"),
    Role.PARCEL: T("parcels and orders"),
}


def readable(reader: Reader, kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    """Those of the kinds that the scanner is for, so that an ambiguous code is none to it."""
    allowed = _KINDS.get(reader.role)
    if allowed is None:
        return kinds
    return tuple(kind for kind in kinds if kind in allowed or kind in _BY_ALL)


def check(reader: Reader, found: Found) -> None:
    """A code is read by the scanner that is there for it.

    Raises:
        Refused: it is not.
    """
    allowed = _KINDS.get(reader.role)
    if allowed is None or found.kind in allowed or found.kind in _BY_ALL:
        return
    raise refuse(
        "wrong_scanner",
        T("This scanner is for {what} only", what=_WORDS[reader.role]),
        got=reader.name,
        advice=T("Scan it with the other scanner"),
    )


def twice(dialogue: Dialogue, reader: Reader, *, yes: bool) -> Answer | None:
    """The answer to a code that came too soon after itself; `yes` says that it would mean yes.

    A second unit may come quickly; a yes may not, because nobody has read the question yet.
    """
    if reader.repeat is Repeat.CHATTER:
        text = T("The scanner read the same code twice: it was used once")
        return Answer(dialogue, Message(Outcome.DEVICE, "read_twice", text))
    if reader.repeat is Repeat.QUICK and yes:
        text = T("That was too quick for a yes: scan it once more")
        return Answer(dialogue, question("too_quick", text))
    return None
