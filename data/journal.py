"""The scan journal and the sessions."""

from __future__ import annotations

from data.connection import Connection, Shape
from wms_terminal.ports.journal_room import ScanRow, SessionRow

_SCAN = Shape(ScanRow, "s")
_SESSION = Shape(SessionRow, "s", operator="o")

SEEN = f"SELECT {_SCAN.columns} FROM scan s WHERE s.gesture_id = :gesture"
ADD = """
INSERT INTO scan (gesture_id, at, station_id, operator_id, session_id, source, scanner, raw,
    kind, ref_id, flow, state, outcome, code, message, undo, before)
VALUES (:gesture_id, :at, :station_id, :operator_id, :session_id, :source, :scanner, :raw,
    :kind, :ref_id, :flow, :state, :outcome, :code, :message, :undo, :before)"""
LAST_UNDOABLE = f"""
SELECT {_SCAN.columns} FROM scan s
WHERE s.session_id = :session AND s.undo <> '' AND s.voided_by IS NULL
ORDER BY s.id DESC LIMIT 1"""
RECENT = f"SELECT {_SCAN.columns} FROM scan s ORDER BY s.id DESC LIMIT :limit"
VOID = """
UPDATE scan SET voided_by = :by_gesture WHERE gesture_id = :gesture AND voided_by IS NULL"""
SESSION_AT = f"""
SELECT {_SESSION.columns} FROM session s JOIN operator o ON o.id = s.operator_id
WHERE s.station_id = :station AND s.closed_at IS NULL"""
SESSION_OF = f"""
SELECT {_SESSION.columns} FROM session s JOIN operator o ON o.id = s.operator_id
WHERE s.operator_id = :operator AND s.closed_at IS NULL"""
OPEN_SESSION = """
INSERT INTO session (station_id, operator_id, dialogue, opened_at, seen_at)
VALUES (:station, :operator, :dialogue, :at, :at) RETURNING id"""
CLOSE_SESSION = """
UPDATE session SET closed_at = :at, closed_why = :why WHERE id = :session AND closed_at IS NULL"""
SAVE_SESSION = """
UPDATE session SET dialogue = :dialogue, seen_at = :at WHERE id = :session AND closed_at IS NULL"""
LOCK = "UPDATE session SET locked = :locked WHERE id = :session AND closed_at IS NULL"

_CLOSED = "The session was closed meanwhile."


class Journal:
    """Every scan, and who is signed in where."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def seen(self, gesture_id: str) -> ScanRow | None:
        """The row of a gesture that was answered before."""
        return _SCAN.maybe(self._connection.one(SEEN, gesture=gesture_id))

    def add(self, row: ScanRow) -> None:
        """Write one scan down; StoreConflict when its gesture is there already."""
        self._connection.do(
            ADD,
            gesture_id=row.gesture_id,
            at=row.at,
            station_id=row.station_id,
            operator_id=row.operator_id,
            session_id=row.session_id,
            source=row.source,
            scanner=row.scanner,
            raw=_storable(row.raw),
            kind=row.kind,
            ref_id=row.ref_id,
            flow=row.flow,
            state=row.state,
            outcome=row.outcome,
            code=row.code,
            message=row.message,
            undo=row.undo,
            before=row.before,
        )

    def last_undoable(self, session_id: int) -> ScanRow | None:
        """The session's newest scan that can be taken back and was not."""
        return _SCAN.maybe(self._connection.one(LAST_UNDOABLE, session=session_id))

    def recent(self, limit: int) -> list[ScanRow]:
        """The newest scans of all stations, newest first."""
        return _SCAN.each(self._connection.all(RECENT, limit=limit))

    def void(self, gesture_id: str, by_gesture: str) -> None:
        """Mark a scan as taken back; StoreConflict when it was already."""
        self._connection.change(
            VOID, "This scan was taken back before.", gesture=gesture_id, by_gesture=by_gesture
        )

    def session_at(self, station_id: int) -> SessionRow | None:
        """Who is signed in at a station."""
        return _SESSION.maybe(self._connection.one(SESSION_AT, station=station_id))

    def session_of(self, operator_id: int) -> SessionRow | None:
        """Where a person is signed in."""
        return _SESSION.maybe(self._connection.one(SESSION_OF, operator=operator_id))

    def open_session(self, station_id: int, operator_id: int, dialogue: str, at: str) -> int:
        """Sign in; StoreConflict when the station or the person has an open session."""
        session: int = self._connection.scalar(
            OPEN_SESSION, station=station_id, operator=operator_id, dialogue=dialogue, at=at
        )
        return session

    def close_session(self, session_id: int, at: str, why: str) -> None:
        """Sign out."""
        self._connection.change(CLOSE_SESSION, _CLOSED, session=session_id, at=at, why=why)

    def save_session(self, session_id: int, dialogue: str, at: str) -> None:
        """Keep the dialogue as it is after a scan."""
        self._connection.change(SAVE_SESSION, _CLOSED, session=session_id, dialogue=dialogue, at=at)

    def lock(self, session_id: int, locked: bool) -> None:
        """Lock a session until its badge comes again, or unlock it."""
        self._connection.change(LOCK, _CLOSED, session=session_id, locked=int(locked))


def _storable(raw: str) -> str:
    """What a scanner sent, with what no database keeps as text made visible.

    A misread must not make the row fail that says it was misread: undecodable bytes arrive as
    lone surrogates, which are no text, and PostgreSQL keeps no NUL.
    """
    if not raw.isascii():
        raw = raw.encode("utf-8", "backslashreplace").decode()
    return raw.replace("\0", "\\x00")
