"""A store that is kept, full, read-only or damaged, as the terminal on the floor says it."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from pysqlite3 import dbapi2

from data.doctor import examine
from tests.pty.terminal import Terminal
from tests.pty.test_terminal import ROOT, environment, journaled, start
from tests.pty.test_terminal import world as world  # noqa: PLC0414 - the same small warehouse
from tests.store.test_gate import HOLDS
from tests.store.test_processes import processes, said
from tests.stores import new_store, url_of
from tests.torture import files
from tests.world import BOB, LANTERN, World, at

pytestmark = pytest.mark.pty

WIDE = (200, 24)
"""Where a message stands on one line."""


def healthy(world: World) -> bool:
    """Whether the doctor finds nothing, and no gesture is in the journal twice."""
    rows = world.journal(100)
    with world.store.read() as tx:
        return examine(tx) == [] and len({row.gesture_id for row in rows}) == len(rows)


@pytest.mark.parametrize("then", [signal.SIGCONT, signal.SIGKILL], ids=["goes on", "is killed"])
def test_whoever_is_stopped_in_its_turn_is_named_and_all_goes_on_after_it(
    tmp_path: Path, world: World, then: signal.Signals
) -> None:
    with start(tmp_path, size=WIDE) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        with processes(HOLDS, url_of(tmp_path / "wms.db"), 1) as (holder,):
            assert holder.stdin is not None
            holder.stdin.write("\n")
            holder.stdin.flush()
            assert said(holder) == "inside"
            holder.send_signal(signal.SIGSTOP)
            terminal.send(f"{BOB}\rWHCPICK\r")
            terminal.wait_for(f"The store is kept by PICK-03, process {holder.pid}")
            terminal.wait_for("2 scans wait")
            assert world.journal(10) == []
            holder.stdin.write("\n")
            holder.stdin.flush()
            holder.send_signal(then)
            terminal.wait_for(partial(journaled, world, 2))
            terminal.wait_for(lambda: "kept by" not in terminal.text)
        assert "Bob Baker" in terminal.text
    assert healthy(world)


def test_a_scan_that_finds_no_room_is_held_and_goes_through_once_there_is_some(
    tmp_path: Path, world: World
) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path, size=WIDE) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{BOB}\rWHCPICK\r")
        terminal.wait_for(partial(journaled, world, 2))
        most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, (4096, most[1]))
        terminal.send(f"{at('T-0001')}\r{at('A01-01-1')}\r")
        terminal.wait_for("The disk could not be read or written")
        terminal.wait_for("2 scans wait")
        assert journaled(world, 2)
        resource.prlimit(terminal.process.pid, resource.RLIMIT_FSIZE, most)
        terminal.wait_for(partial(journaled, world, 4))
        terminal.wait_for(lambda: "The disk could not be read or written" not in terminal.text)
        assert world.floor.look("PICK-01").state == "product"
        assert b"Traceback" not in terminal.written
    assert healthy(world)
    assert [row.outcome for row in world.journal(2)] == ["ok", "ok"]


@pytest.mark.parametrize("kind", ["the schema", "the header", "cut off", "cut off at once"])
def test_it_does_not_start_on_a_damaged_store_and_says_what_to_do(
    tmp_path: Path, world: World, kind: str
) -> None:
    world.store.close()
    files.DAMAGE[kind](tmp_path / "wms.db", random.Random(kind))
    with start(tmp_path, size=WIDE) as terminal:
        assert terminal.wait_for_end() == 2
        terminal.drain()
        assert "last backup" in terminal.text
        assert b"Traceback" not in terminal.written
    assert files.command(url_of(tmp_path / "wms.db"), "doctor")[0] == 2


def test_a_store_that_is_damaged_meanwhile_is_said_in_words(tmp_path: Path, world: World) -> None:
    path = tmp_path / "wms.db"
    with start(tmp_path, size=WIDE) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.send(f"{BOB}\r")
        terminal.wait_for("Bob Baker")
        damage(path, files.roots(path, "table")["scan"])
        terminal.send("WHCPICK\r")
        terminal.wait_for("The store is damaged. Stop every terminal")
        terminal.wait_for("last backup")
        assert terminal.process.poll() is None
        code, words = files.command(url_of(path), "doctor")
        assert code == 1
        assert "restore the last backup" in words
        terminal.process.terminate()
        assert terminal.wait_for_end() == 0
        terminal.drain()
        assert b"Traceback" not in terminal.written


def damage(path: Path, page: int) -> None:
    """Spoil one page of a store at work, and let everybody read it anew."""
    with closing(dbapi2.connect(str(path), isolation_level=None)) as raw:
        assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        # By another process: closing a file here would let go of SQLite's own locks on it.
        where = [f"of={path}", "bs=4096", "count=1", f"seek={page - 1}", "conv=notrunc"]
        subprocess.run(["dd", "if=/dev/urandom", "status=none", *where], check=True)
        raw.execute("UPDATE product SET name = name")


def test_a_store_that_may_only_be_read_is_said_and_the_scan_held() -> None:
    # Where somebody else can look as well, with all imported that can only be read from here.
    as_nobody = (
        "import os, sys, wms_terminal.app, wms_terminal.cli.run, data.sqlite, data.store\n"
        f"os.geteuid() or os.setuid({files.NOBODY})\n"
        "wms_terminal.cli.main()\n"
    )
    with TemporaryDirectory(prefix="wms-read-only-") as name, ExitStack() as stack:
        path, home = Path(name) / "wms.db", Path(name) / "home"
        store = stack.enter_context(closing(new_store(path.parent)))
        world = World(store)
        home.mkdir()
        stack.callback(files.forbid, path, forbidden=False)
        files.forbid(path, forbidden=True)
        home.chmod(0o777)
        command = [sys.executable, "-c", as_nobody, "--store", url_of(path)]
        with Terminal([*command, "--station", "PICK-01"], environment(home), WIDE, str(ROOT)) as it:
            it.wait_for("SCAN YOUR BADGE")
            it.send(f"{BOB}\r")
            it.wait_for("The store cannot be written. Let this user write")
            it.wait_for("1 scans wait")
            assert b"Traceback" not in it.written
        assert world.journal(10) == []


def test_screens_that_wait_keep_no_moment_of_the_store(tmp_path: Path, world: World) -> None:
    world.order((LANTERN, 2))
    with start(tmp_path) as first, start(tmp_path, "PACK-01") as second:
        for terminal in (first, second):
            terminal.wait_for("SCAN YOUR BADGE")
        first.send(f"{BOB}\rWHCPICK\r")
        first.wait_for("Bob Baker")
        first.wait_for(partial(journaled, world, 2))
        with closing(dbapi2.connect(str(tmp_path / "wms.db"), timeout=10)) as raw:
            # Waits for whoever reads an older moment, and says 1 when somebody goes on doing so.
            assert raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        assert (tmp_path / "wms.db-wal").stat().st_size == 0
