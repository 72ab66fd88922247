"""A PostgreSQL server of the tests' own: real, private, gone when they are done."""

from __future__ import annotations

import itertools
import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
import pytest

from data import open_store

TOOLS = ("initdb", "pg_ctl")
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
}

EMPTY = "empty_store"
"""The database that new stores are copied from."""


class Server:
    """One server in a folder of its own, reached by a socket there."""

    def __init__(self) -> None:
        self._bin = _tools()
        self._user = _user()
        self.folder = Path(mkdtemp(prefix="wms-postgresql-", dir=_quick()))
        self._names = (f"store_{number}" for number in itertools.count(1))
        if self._user is not None:
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
        sure = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run("initdb", "--username=wms", *sure)
        settings = SETTINGS | {"unix_socket_directories": str(self.folder)}
        with (self.folder / "data" / "postgresql.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
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
        self.stop("immediate")
        shutil.rmtree(self.folder)

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


def _quick() -> Path | None:
    """A folder in memory, where there is room: a copy of a database is hundreds of files."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    return memory if roomy else None


def _tools() -> Path:
    """The newest installed server's programs."""
    found = shutil.which("pg_ctl")
    if found is not None and shutil.which("initdb"):
        return Path(found).parent
    places = [place for folder in FOLDERS for place in Path("/").glob(folder.lstrip("/"))]
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
