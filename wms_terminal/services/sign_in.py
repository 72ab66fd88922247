"""Sign in: a badge says who works here; another badge says that somebody else does."""

from __future__ import annotations

from dataclasses import dataclass

from wms_terminal.domain.outcome import Message
from wms_terminal.domain.site import Kind, Operator, Station
from wms_terminal.domain.text import T
from wms_terminal.ports.journal_room import SessionRow
from wms_terminal.ports.store import Tx
from wms_terminal.services.dialogue import Dialogue, Found, ok
from wms_terminal.services.resolver import KIND_NAMES, unexpected
from wms_terminal.services.step import Step, View


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is open now."""

    session: SessionRow
    message: Message
    fresh: bool
    """False when a dialogue was found that simply goes on."""


def step(tx: Tx, station: Station, operator: Operator | None, message: Message | None) -> Step:
    """What a station shows while nobody is signed in, or while it is locked.

    It speaks the language of whoever locked it, else the site's.
    """
    title = T("{station} is free", station=station.code)
    if operator is not None:
        title = T("Locked: the work of {name} is kept", name=operator.name)
    return Step(
        station=station.code,
        operator="",
        language=operator.language if operator else tx.site.setting("language", "en"),
        flow="sign_in",
        state="locked" if operator else "free",
        prompt=T("SCAN YOUR BADGE"),
        view=View(title=title, place=station.code),
        keys=(),
        message=message,
        keyed=T("Badge number"),
        secret=True,
    )


def sign_in(tx: Tx, station: Station, here: SessionRow | None, found: Found, at: str) -> SignedIn:
    """Open, unlock or move a session for the badge's owner.

    Raises:
        Refused: the code is no badge.
    """
    if found.kind is not Kind.BADGE:
        raise unexpected(tx, found, KIND_NAMES[Kind.BADGE])
    operator = tx.site.operator(found.ref)
    elsewhere = tx.journal.session_of(operator.id)
    if here is not None and here.operator.id == operator.id:
        tx.journal.lock(here.id, False)
        text = T("Welcome back, {name}: your work goes on", name=operator.name)
        return SignedIn(here, ok("resumed", text), fresh=False)
    if here is not None:
        tx.journal.close_session(here.id, at, "switched")
    dialogue = Dialogue().to_json()
    message = ok("signed_in", T("Hello, {name}", name=operator.name))
    if elsewhere is not None:
        tx.journal.close_session(elsewhere.id, at, f"moved to {station.code}")
        dialogue = elsewhere.dialogue
        place = tx.site.station_by_id(elsewhere.station_id).code
        text = T("Welcome back, {name}: resumed from {station}", name=operator.name, station=place)
        message = ok("resumed", text)
    session_id = tx.journal.open_session(station.id, operator.id, dialogue, at)
    session = SessionRow(session_id, station.id, operator, dialogue, locked=False, seen_at=at)
    return SignedIn(session, message, fresh=elsewhere is None)
