"""The power fails right after any commit: what was written back is there, or not, or in part."""

from __future__ import annotations

import os
import random
from contextlib import closing
from pathlib import Path

import pytest

from data import open_store, sqlite
from data.doctor import examine
from data.sqlite import Sqlite
from tests.stores import new_store, url_of
from tests.torture.files import PAGE, end_of
from tests.torture.floor import gestures
from tests.world import CANDLE, LANTERN, World

pytestmark = pytest.mark.slow

WRITE_BACK = 60
"""Pages of the log after which it is written back, so that this happens often."""


class Disk:
    """A store's files at every commit of it, and what a power cut there would leave of them."""

    def __init__(self, path: Path) -> None:
        # Kept open: closing one would let go of SQLite's own locks on it.
        self._files = [os.open(file, os.O_RDONLY) for file in (path, f"{path}-wal")]
        self._written, self._log = self._read()
        self._synced = self._written
        self.renewals = 0
        """How often the log was begun anew."""

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            os.close(file)

    def cut(self, chance: random.Random) -> list[tuple[bytes, bytes]]:
        """File and log as they may be found after a cut right now, right after a commit.

        The log is synced up to here, and the file as it was when the log was begun. Of what was
        written into the file since, all may be there, or nothing, or any pages.
        """
        before = self._log
        file, self._log = self._read()
        if self._log[16:24] != before[16:24]:
            self.renewals += 1
            self._synced = self._written
        self._written = file
        some = bytearray(file)
        for place in range(0, len(self._synced), PAGE):
            if chance.random() < 0.5:
                some[place : place + PAGE] = self._synced[place : place + PAGE]
        log = self._log[: end_of(self._log)]
        return [(file, log), (self._synced, log), (bytes(some), log)]

    def _read(self) -> tuple[bytes, bytes]:
        file, log = (os.pread(each, os.fstat(each).st_size, 0) for each in self._files)
        return file, log


def test_a_cut_after_any_commit_leaves_every_scan_that_was_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pragmas = (*sqlite._PRAGMAS, f"PRAGMA wal_autocheckpoint = {WRITE_BACK}")
    monkeypatch.setattr(sqlite, "_PRAGMAS", pragmas)
    chance, found = random.Random(20110830), tmp_path / "found"
    found.mkdir()
    commit, commits = Sqlite.commit, 0

    with closing(new_store(tmp_path)) as store:
        world = World(store)
        world.order((LANTERN, 2), (CANDLE, 1))
        with closing(Disk(tmp_path / "wms.db")) as disk:

            def watched(self: Sqlite) -> None:
                nonlocal commits
                writing = self._writing
                commit(self)
                if not writing:
                    return
                commits += 1
                rows = self._raw.execute("SELECT gesture_id FROM scan").fetchall()
                with monkeypatch.context() as usual:
                    usual.setattr(Sqlite, "commit", commit)
                    for file, log in disk.cut(chance):
                        check(found / "wms.db", file, log, {str(row[0]) for row in rows})

            monkeypatch.setattr(Sqlite, "commit", watched)
            world.pick_all()
            world.pack_all()
            monkeypatch.setattr(Sqlite, "commit", commit)
            assert disk.renewals > 1
    assert commits > 20


def check(path: Path, file: bytes, log: bytes, answered: set[str]) -> None:
    """What was found after the cut is a sound store with all that was answered."""
    for old in path.parent.iterdir():
        old.unlink()
    path.write_bytes(file)
    path.with_name(f"{path.name}-wal").write_bytes(log)
    with closing(open_store(url_of(path))) as store:
        assert set(gestures(store)) == answered
        with store.read() as tx:
            assert examine(tx) == []
