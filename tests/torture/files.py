"""What befalls a SQLite file: the power fails, the disk is full, it is read-only, it is damaged.

Power cuts, damage and lost rights happen to copies, so that the floor works on.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from data import open_store
from data.doctor import examine
from tests.torture.floor import CONTEXT, Floor, gestures
from wms_terminal.ports.store import StoreError

FULL_S = (0.2, 1.5)
TAIL_S = 0.05
"""How long others go on writing before the power fails."""
ROOT = Path(__file__).parents[2]
NOBODY = 65534


def copy_now(floor: Floor, name: str) -> Path:
    """The store's file and log at a moment between two commits."""
    path = Path(floor.url.removeprefix("sqlite:///"))
    target = floor.folder / name
    target.mkdir(exist_ok=True)
    with closing(open_store(floor.url)) as store, store.write():
        # By another process: closing a file here would let go of SQLite's own locks on it.
        subprocess.run(["cp", path, f"{path}-wal", target], check=True)
    return target / path.name


def power_cut(floor: Floor) -> bool:
    """What was synced is there, and of what was written afterwards any part, torn at the end."""
    if floor.is_frozen:
        return False
    path = Path(floor.url.removeprefix("sqlite:///"))
    floor.pump(0)
    acknowledged = set(floor.answered)
    copy = copy_now(floor, "power")
    log = copy.with_name(f"{copy.name}-wal")
    synced = log.read_bytes()
    floor.pump(TAIL_S)
    later = path.with_name(log.name).read_bytes()
    if later[:32] != synced[:32]:
        later = synced  # begun anew since: there is no telling what came after
    end = _end(synced)
    kept = floor.chance.randrange(end, len(later) + 1) if len(later) > end else end
    tail = bytearray(later[:kept])
    if kept > end and floor.chance.random() < 0.5:
        hole = floor.chance.randrange(end, kept)
        tail[hole : hole + 512] = bytes(len(tail[hole : hole + 512]))
    log.write_bytes(tail)
    with closing(open_store(f"sqlite:///{copy}")) as store:
        missing = acknowledged - set(gestures(store))
        with store.read() as tx:
            found = examine(tx)
    floor.broken += [f"power cut: {gesture} was answered and is lost" for gesture in missing]
    floor.broken += [f"power cut: {finding}" for finding in found]
    return True


def _end(log: bytes) -> int:
    """Where the frames of the log's current round end; what follows is of a round before."""
    page = int.from_bytes(log[8:12], "big")
    place, salts = 32, log[16:24]
    while log[place + 8 : place + 16] == salts and place + 24 + page <= len(log):
        place += 24 + page
    return min(place, len(log))


def disk_full(floor: Floor) -> bool:
    """A station can write nothing more, for a while; it goes on with the same connection."""
    post = floor.anybody()
    if post is None:
        return False
    pid, (_, most) = post.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, most))

    def free() -> None:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (most, most))

    floor.later(floor.chance.uniform(*FULL_S), free)
    return True


def damaged_page(floor: Floor) -> bool:
    """One page of a table is not what was written: the doctor says so, in words."""
    if floor.is_frozen:
        return False
    copy = copy_now(floor, "damaged")
    page, size = _damage(copy, floor.chance.random())
    with copy.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(floor.chance.randbytes(size))
    code, said = command(f"sqlite:///{copy}", "doctor")
    if code != 1 or "damaged" not in said + " integrity" or "Traceback" in said:
        floor.broken.append(f"damaged page {page}: doctor ended with {code} and said {said!r}")
    if "backup" not in said:
        floor.broken.append(f"damaged page {page}: no advice in {said!r}")
    return True


def _damage(copy: Path, where: float) -> tuple[int, int]:
    """A page that is in use, with everything in the main file; and the size of pages."""
    with closing(dbapi2.connect(str(copy))) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        roots = raw.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND rootpage > 1 "
            "AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY rootpage"
        ).fetchall()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    return int(roots[int(where * len(roots))][0]), int(size)


def command(url: str, *words: str, given: str = "") -> tuple[int, str]:
    """What a command ends with, and everything that it says."""
    done = subprocess.run(
        [sys.executable, "-m", "wms_terminal", "--store", url, *words],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.returncode, done.stdout + done.stderr


def read_only(floor: Floor) -> bool:
    """Whoever may not write the file is told so at once."""
    if floor.is_frozen:
        return False
    copy = copy_now(floor, "read-only")
    before = copy.read_bytes()
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_try_to_write, args=(copy, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        said = ours.recv() if ours.poll(60) else "nothing"
    except EOFError:
        said = "nothing"
    process.join()
    for file in (copy.parent, *copy.parent.iterdir()):
        file.chmod(0o700)
    if "this user" not in said or copy.read_bytes() != before:
        floor.broken.append(f"read-only: it said {said!r}")
    return True


def _try_to_write(copy: Path, line: Any) -> None:
    for file in (*copy.parent.iterdir(), copy.parent):
        file.chmod(0o555 if file.is_dir() else 0o444)
    # Whoever may do everything may write here as well, so as somebody else, from within.
    os.chdir(copy.parent)
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    try:
        with closing(open_store(f"sqlite:///{copy.name}")) as store, store.write() as tx:
            tx.site.set_setting("x", "y")
    except StoreError as error:
        line.send(str(error))
    else:
        line.send("it was written")
