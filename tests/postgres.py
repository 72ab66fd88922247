"""A PostgreSQL server of the tests' own: real, private, gone when they are done."""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import pytest

from data import open_store

TOOLS = ("initdb", "pg_basebackup", "pg_ctl")
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
"""Where packages put what only a server's administrator runs."""

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # No test cuts the power, and the disk is shared with all the others.
    "fsync": "off",
    "max_wal_size": "128MB",
    "min_wal_size": "32MB",
    "autovacuum": "off",
    # In its own folder, so that nothing stays of a server that is killed.
    "dynamic_shared_memory_type": "mmap",
}

EMPTY = "empty_store"
"""The database that new stores are copied from."""


class Server:
    """One server in a folder of its own, reached by a socket there."""

    settings = SETTINGS
    lasting = False
    """Whether it is on a disk that benchmarks may measure, rather than in memory."""

    def __init__(self, folder: Path | None = None) -> None:
        """In a folder of its own, or in one that it may have been in before."""
        self._bin = _tools()
        self._user = _user()
        self._killed: list[int] = []
        self.folder = folder or Path(
            mkdtemp(prefix="wms-postgresql-", dir=None if self.lasting else _quick())
        )
        self._names = (f"store_{number}" for number in itertools.count(1))
        if (self.folder / "data").exists():
            self.start()
            return
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        self._make()

    def _make(self) -> None:
        sure = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run("initdb", "--username=wms", *sure)
        self._settle(self.settings)
        self.start()
        self.admin(f"CREATE DATABASE {EMPTY}")
        open_store(self.url(EMPTY)).close()

    def url(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql:///{database}?host={self.folder}&user=wms"

    def new(self, template: str = EMPTY) -> str:
        """The name of a new database: a copy of another, by default an empty store."""
        name = next(self._names)
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, whoever is still connected."""
        self.admin(f"DROP DATABASE {database} WITH (FORCE)")

    def admin(self, sql: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Do something past the store, as who may do everything; the rows of the answer."""
        with psycopg.connect(self.url(database), autocommit=True) as raw:
            cursor = raw.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        """Start, and wait until it answers."""
        self._run("pg_ctl", "start", "--wait", f"--log={self.folder / 'log'}")

    def stop(self, mode: str = "fast") -> None:
        """Stop; every connection is lost."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}")

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        if self._killed:
            # What the system still keeps for it goes when it comes up again.
            self.restart()
        self.stop("immediate")
        shutil.rmtree(self.folder)

    def kill(self) -> list[int]:
        """Let every process of it die in the middle of what it does, as the host would.

        The processes that were killed, the first one first.
        """
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        # Stopped, it can start no other while the rest is looked for.
        os.kill(first, signal.SIGSTOP)
        self._killed = [first, *(pid for pid in _processes() if _parent(pid) == first)]
        for pid in self._killed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return self._killed

    def restart(self) -> None:
        """Start again after a kill, once all that was killed is gone."""
        deadline = time.monotonic() + 20
        for pid in self._killed:
            while _is_there(pid):
                assert time.monotonic() < deadline, f"process {pid} was killed and is still there"
                time.sleep(0.02)
        self._killed = []
        self.start()

    def _settle(self, settings: dict[str, str]) -> None:
        """Write settings, and where its socket is."""
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            for name, value in (settings | {"unix_socket_directories": str(self.folder)}).items():
                file.write(f"{name} = '{value}'\n")

    def _run(self, tool: str, *words: str) -> None:
        command = [str(self._bin / tool), *words, f"--pgdata={self.folder / 'data'}"]
        # Not into a pipe: the server would keep it open.
        with (self.folder / "setup.log").open("a+") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                cwd=self.folder,
                user=self._user,
                group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
                extra_groups=None if self._user is None else (),
            )
            log.seek(0)
            assert done.returncode == 0, log.read()


class Standby(Server):
    """A copy that follows another server, which acknowledges nothing that the copy has not."""

    def __init__(self, primary: Server) -> None:
        self._primary = primary
        super().__init__()

    def promote(self) -> None:
        """Let it take the writes from now on."""
        self._run("pg_ctl", "promote", "--wait")

    def _make(self) -> None:
        options = ("--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync")
        self._run("pg_basebackup", f"--dbname={self._primary.url('postgres')}", *options)
        # The second: it hears of its promotion at once, not after the usual five seconds.
        self._settle({"cluster_name": "standby", "wal_retrieve_retry_interval": "100ms"})
        self.start()
        self._primary.admin("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self._primary.admin("SELECT pg_reload_conf()")
        deadline = time.monotonic() + 20
        ready = "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        while self._primary.admin(ready) != [(1,)]:
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.02)


def _processes() -> Iterable[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _parent(pid: int) -> int:
    """The process that started one; none is 0."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _is_there(pid: int) -> bool:
    """Whether a process is there, as a server sees it that looks for one before it starts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _quick() -> Path | None:
    """A folder in memory, where there is room: a copy of a database is hundreds of files."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return memory if roomy else None


def _tools() -> Path:
    """The newest installed server's programs."""
    places = [place for folder in FOLDERS for place in Path("/").glob(folder.lstrip("/"))]
    if (found := shutil.which("pg_ctl")) is not None:
        places.insert(0, Path(found).resolve().parent)
    complete = [place for place in places if all((place / tool).exists() for tool in TOOLS)]
    if not complete:
        pytest.fail("Expected PostgreSQL's server, found none. Install it: apt install postgresql")
    return max(complete, key=lambda place: [int(part) for part in re.findall(r"\d+", str(place))])


def _user() -> str | None:
    """Who runs the server: PostgreSQL refuses the superuser."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
