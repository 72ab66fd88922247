"""How a scan is written down in the journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from wms_terminal.domain.promise import stamp
from wms_terminal.domain.scan import LONGEST, NO_READER, Reader, Reading, Source
from wms_terminal.domain.site import Station
from wms_terminal.ports.journal_room import ScanRow
from wms_terminal.services.dialogue import Answer, Context, Found
from wms_terminal.services.resolver import badge_key, is_badge, printable


@dataclass(frozen=True, slots=True)
class Scan:
    """One pull of the trigger, or one answer of a scale."""

    station: Station
    reading: Reading
    source: Source
    gesture: str
    """Made before anything is written: the same one again changes nothing."""
    now: datetime
    grams: int | None = None
    """What the scale said."""
    reader: Reader = NO_READER

    @property
    def at(self) -> str:
        """When it was, as the store keeps it."""
        return stamp(self.now)


def row(scan: Scan, ctx: Context | None, found: Found, answer: Answer, *, secret: bool) -> ScanRow:
    """The journal row of a scan; `ctx` is None while nobody is signed in.

    What was read is kept as it came, but no badge and nothing that was keyed in secretly.
    """
    undo, before = "", ""
    if ctx is not None and answer.undo is not None:
        undo, before = json.dumps(answer.undo), ctx.dialogue.to_json()
    return ScanRow(
        gesture_id=scan.gesture,
        at=scan.at,
        station_id=scan.station.id,
        operator_id=ctx.operator.id if ctx else None,
        session_id=ctx.session_id if ctx else None,
        source=scan.source.value,
        scanner=scan.reader.name,
        raw=_raw(scan.reading, secret),
        kind=found.kind.value,
        ref_id=None if secret else found.ref or None,
        flow=ctx.dialogue.flow if ctx else "sign_in",
        state=ctx.dialogue.state if ctx else "",
        outcome=answer.message.outcome.value,
        code=answer.message.code,
        message=json.dumps(answer.message.to_json(), ensure_ascii=False),
        undo=undo,
        before=before,
    )


def _raw(reading: Reading, secret: bool) -> str:
    if is_badge(reading):
        return "badge " + badge_key(reading.text)[:8]
    if secret:
        return "keyed in, not kept"
    return reading.raw if len(reading.raw) <= LONGEST else printable(reading.raw, LONGEST)
