"""What befalls a SQLite file: the power fails, the disk is full, it is read-only, it is damaged.

Power cuts, damage and lost rights happen to copies, so that the floor works on.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
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
PAGE = 4096
INNER_PAGE = 5
"""What a page of a table begins with that points to others (sqlite.org/fileformat.html, 1.6)."""


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
    end = end_of(synced)
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


def end_of(log: bytes) -> int:
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
    """One page is not what was written, or the file ends too soon: the doctor says so, in words."""
    if floor.is_frozen:
        return False
    copy = copy_now(floor, "damaged")
    kind = floor.chance.choice(sorted(DAMAGE))
    with closing(dbapi2.connect(str(copy))) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    DAMAGE[kind](copy, floor.chance)
    code, said = command(f"sqlite:///{copy}", "doctor")
    if code not in (1, 2) or "Traceback" in said or "healthy" in said:
        floor.broken.append(f"damaged, {kind}: doctor ended with {code} and said {said!r}")
    if "last backup" not in said:
        floor.broken.append(f"damaged, {kind}: no advice in {said!r}")
    return True


def roots(path: Path, kind: str) -> dict[str, int]:
    """The first pages of all tables, or of all indexes, by name."""
    with closing(dbapi2.connect(str(path))) as raw:
        found = raw.execute(
            "SELECT name, rootpage FROM sqlite_master WHERE type = ? AND rootpage > 1", (kind,)
        ).fetchall()
    return dict(found)


def _overwrite(path: Path, chance: random.Random, page: int, skip: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE + skip)
        file.write(chance.randbytes(PAGE - skip))


def _table(path: Path, chance: random.Random) -> None:
    _overwrite(path, chance, chance.choice(list(roots(path, "table").values())))


def _index(path: Path, chance: random.Random) -> None:
    _overwrite(path, chance, chance.choice(list(roots(path, "index").values())))


def _leaf(path: Path, chance: random.Random) -> None:
    """The last page of a table that has more than one."""
    data = path.read_bytes()
    inner = [
        (page - 1) * PAGE
        for page in roots(path, "table").values()
        if data[(page - 1) * PAGE] == INNER_PAGE
    ]
    start = chance.choice(inner)
    _overwrite(path, chance, int.from_bytes(data[start + 8 : start + 12], "big"))


def _header(path: Path, chance: random.Random) -> None:
    with path.open("r+b") as file:
        file.write(chance.randbytes(100))


def _cut_off(path: Path, chance: random.Random) -> None:
    os.truncate(path, chance.randrange(1, path.stat().st_size // PAGE) * PAGE)


DAMAGE: dict[str, Callable[[Path, random.Random], None]] = {
    "a table's first page": _table,
    "an index's first page": _index,
    "a leaf": _leaf,
    "the schema": lambda path, chance: _overwrite(path, chance, 1, 100),
    "the header": _header,
    "cut off": _cut_off,
    "cut off at once": lambda path, chance: os.truncate(path, 0),
}
"""What may have happened to a file with everything in it, by name."""


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
    # Where somebody else can look as well.
    with TemporaryDirectory(prefix="wms-read-only-") as folder:
        moved = copy.rename(Path(folder) / copy.name)
        for gate in ("gate", "gate-line"):
            moved.with_name(f"{moved.name}-{gate}").touch()
        # So that its log is there, too, and it can be read.
        with closing(open_store(f"sqlite:///{moved}")) as store, store.read():
            before = moved.read_bytes()
            said = _said_to_nobody(moved)
        if "cannot be written" not in said or moved.read_bytes() != before:
            floor.broken.append(f"read-only: it said {said!r}")
    return True


def _said_to_nobody(path: Path) -> str:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=_try_to_write, args=(path, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        said = str(ours.recv()) if ours.poll(60) else "nothing"
    except EOFError:
        said = "nothing"
    process.join()
    forbid(path, forbidden=False)
    return said


def forbid(path: Path, *, forbidden: bool) -> None:
    """Let nobody write a store or its folder, or everybody; all may read."""
    for file in path.parent.iterdir():
        file.chmod(0o444 if forbidden else 0o666)
    path.parent.chmod(0o555 if forbidden else 0o777)


def _try_to_write(path: Path, line: Any) -> None:
    forbid(path, forbidden=True)
    # Whoever may do everything may write here as well, so as somebody else.
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    try:
        with closing(open_store(f"sqlite:///{path}")) as store, store.write() as tx:
            tx.site.set_setting("x", "y")
    except StoreError as error:
        line.send(str(error))
    else:
        line.send("it was written")
