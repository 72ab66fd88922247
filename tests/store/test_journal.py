"""Every scan is a row, and a session is one person at one station."""

from __future__ import annotations

import pytest

from tests.store.hands import AT, LATER, Hands
from wms_terminal.ports.journal_room import ScanRow, SessionRow
from wms_terminal.ports.store import StoreConflict

ROW = ScanRow(
    gesture_id="g-1",
    at=AT,
    station_id=1,
    operator_id=1,
    session_id=None,
    source="scanner",
    scanner="",
    raw="]C101040063813339311710\x1dL1",
    kind="product",
    ref_id=7,
    flow="pick",
    state="product",
    outcome="ok",
    code="counted",
    message='{"template":"x"}',
    undo='{"op":"hand"}',
    before='{"state":"location"}',
)


def open_session(hands: Hands, station: int, operator: int) -> int:
    with hands.store.write() as tx:
        return tx.journal.open_session(station, operator, "{}", AT)


def test_a_scan_is_read_as_it_was_written(hands: Hands) -> None:
    with hands.store.write() as tx:
        assert tx.journal.seen("g-1") is None
        tx.journal.add(ROW)
        assert tx.journal.seen("g-1") == ROW


def test_a_gesture_is_answered_once(hands: Hands) -> None:
    with hands.store.write() as tx:
        tx.journal.add(ROW)
    with pytest.raises(StoreConflict, match="gesture_id"), hands.store.write() as tx:
        tx.journal.add(ROW)


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("plain", "plain"),
        ("Ünïcødé → ✓", "Ünïcødé → ✓"),
        ("bad \udcff byte", "bad \\udcff byte"),
        ("zero \0 byte", "zero \\x00 byte"),
        ("gs \x1d kept", "gs \x1d kept"),
    ],
)
def test_no_misread_is_too_odd_to_be_written_down(hands: Hands, raw: str, kept: str) -> None:
    with hands.store.write() as tx:
        hands.scan(tx, raw=raw)
        assert tx.journal.recent(1)[0].raw == kept


def test_the_newest_scan_that_can_be_taken_back(hands: Hands) -> None:
    session = open_session(hands, hands.pick_station, hands.ann)
    with hands.store.write() as tx:
        assert tx.journal.last_undoable(session) is None
        first = hands.scan(tx, session_id=session, undo="{}", before="{}")
        second = hands.scan(tx, session_id=session, undo="{}", before="{}")
        hands.scan(tx, session_id=session)
        hands.scan(tx, undo="{}")
        undo = hands.scan(tx, session_id=session)
        found = tx.journal.last_undoable(session)
        assert found is not None
        assert found.gesture_id == second
        tx.journal.void(second, undo)
        found = tx.journal.last_undoable(session)
        assert found is not None
        assert found.gesture_id == first
    with pytest.raises(StoreConflict, match="before"), hands.store.write() as tx:
        tx.journal.void(second, undo)
    with pytest.raises(StoreConflict), hands.store.write() as tx:
        tx.journal.void("never", undo)


def test_recent_scans_come_newest_first(hands: Hands) -> None:
    with hands.store.write() as tx:
        gestures = [hands.scan(tx) for _ in range(5)]
        assert [row.gesture_id for row in tx.journal.recent(3)] == gestures[:1:-1]


def test_a_session_is_found_by_station_and_by_person(hands: Hands) -> None:
    session = open_session(hands, hands.pick_station, hands.ann)
    with hands.store.read() as tx:
        ann = tx.site.operator(hands.ann)
        expected = SessionRow(session, hands.pick_station, ann, "{}", False, AT)
        assert tx.journal.session_at(hands.pick_station) == expected
        assert tx.journal.session_of(hands.ann) == expected
        assert tx.journal.session_at(hands.pack_station) is None
        assert tx.journal.session_of(hands.bob) is None


def test_one_person_at_one_station(hands: Hands) -> None:
    session = open_session(hands, hands.pick_station, hands.ann)
    with pytest.raises(StoreConflict, match="station_id"):
        open_session(hands, hands.pick_station, hands.bob)
    with pytest.raises(StoreConflict, match="operator_id"):
        open_session(hands, hands.pack_station, hands.ann)
    with hands.store.write() as tx:
        tx.journal.close_session(session, LATER, "out")
    assert open_session(hands, hands.pick_station, hands.bob) != session
    assert open_session(hands, hands.pack_station, hands.ann) != session


def test_a_session_keeps_its_dialogue_and_its_lock(hands: Hands) -> None:
    session = open_session(hands, hands.pick_station, hands.ann)
    with hands.store.write() as tx:
        tx.journal.save_session(session, '{"state":"zero"}', LATER)
        tx.journal.lock(session, True)
        row = tx.journal.session_at(hands.pick_station)
        assert row is not None
        assert (row.dialogue, row.seen_at, row.locked) == ('{"state":"zero"}', LATER, True)
        tx.journal.lock(session, False)
        row = tx.journal.session_at(hands.pick_station)
        assert row is not None
        assert row.locked is False


def test_a_closed_session_is_not_worked_on(hands: Hands) -> None:
    session = open_session(hands, hands.pick_station, hands.ann)
    with hands.store.write() as tx:
        tx.journal.close_session(session, LATER, "out")
    with pytest.raises(StoreConflict, match="closed"), hands.store.write() as tx:
        tx.journal.save_session(session, "{}", LATER)
    with pytest.raises(StoreConflict, match="closed"), hands.store.write() as tx:
        tx.journal.lock(session, True)
    with pytest.raises(StoreConflict, match="closed"), hands.store.write() as tx:
        tx.journal.close_session(session, LATER, "again")
