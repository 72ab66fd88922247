"""What the store keeps about scans: the journal and the sessions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.site import Operator


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A person at a station, with the dialogue so far."""

    id: int
    station_id: int
    operator: Operator
    dialogue: str
    """JSON, written by the scan kernel."""
    locked: bool
    seen_at: str


@dataclass(frozen=True, slots=True)
class ScanRow:
    """A row of the scan journal."""

    gesture_id: str
    at: str
    station_id: int
    operator_id: int | None
    session_id: int | None
    source: str
    scanner: str
    """The device it came from, where a station has several; else empty."""
    raw: str
    kind: str
    ref_id: int | None
    flow: str
    state: str
    outcome: str
    code: str
    message: str
    """JSON of the message."""
    undo: str
    """JSON of what would take it back, empty when nothing does."""
    before: str
    """JSON of the dialogue before it, kept when it can be taken back."""


class JournalRoom(Protocol):
    """The scan journal and the sessions."""

    def seen(self, gesture_id: str) -> ScanRow | None:
        """The row of a gesture that was answered before."""

    def add(self, row: ScanRow) -> None:
        """Write one scan down; StoreConflict when its gesture is there already."""

    def recent(self, limit: int) -> list[ScanRow]:
        """The newest scans of all stations, newest first."""

    def last_undoable(self, session_id: int) -> ScanRow | None:
        """The session's newest scan that can be taken back and was not."""

    def void(self, gesture_id: str, by_gesture: str) -> None:
        """Mark a scan as taken back; StoreConflict when it was already."""

    def session_at(self, station_id: int) -> SessionRow | None:
        """Who is signed in at a station."""

    def session_of(self, operator_id: int) -> SessionRow | None:
        """Where a person is signed in."""

    def open_session(self, station_id: int, operator_id: int, dialogue: str, at: str) -> int:
        """Sign in; StoreConflict when the station or the person has an open session."""

    def close_session(self, session_id: int, at: str, why: str) -> None:
        """Sign out."""

    def save_session(self, session_id: int, dialogue: str, at: str) -> None:
        """Keep the dialogue as it is after a scan."""

    def lock(self, session_id: int, locked: bool) -> None:
        """Lock a session until its badge comes again, or unlock it."""
