"""A CUPS of one's own on loopback, with a queue that keeps what comes out of it in a folder."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

QUEUE = "ZEBRA-1"
_PROGRAMS = ("cupsd", "lp", "lpstat", "lpadmin", "cupsdisable", "cupsenable", "cupsreject")
_BACKEND = """#!/bin/sh
[ $# = 0 ] && exit 0
out="${DEVICE_URI#keep:}"
cat "$6" > "$out/.part" && mv "$out/.part" "$out/$3"
"""
_FILES = """ServerRoot {root}/etc
ServerBin {root}/bin
StateDir {root}/state
CacheDir {root}/cache
RequestRoot {root}/spool
TempDir {root}/spool/tmp
AccessLog {root}/log/access
ErrorLog {root}/log/error
PageLog {root}/log/page
User {user}
Group {group}
SystemGroup {system}
"""
_CUPSD = """Listen {server}
Browsing Off
DefaultAuthType None
WebInterface No
<Location />
Order allow,deny
Allow 127.0.0.1
</Location>
<Location /admin>
Order allow,deny
Allow 127.0.0.1
</Location>
<Policy default>
<Limit All>
Order deny,allow
</Limit>
</Policy>
"""


@dataclass(frozen=True)
class Cups:
    """The server's address, as CUPS_SERVER takes it, and what came out of the queue."""

    server: str
    out: Path

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of CUPS against this server."""
        env = {**os.environ, "CUPS_SERVER": self.server, "LC_ALL": "C"}
        subprocess.run((find(program), *arguments), check=True, capture_output=True, env=env)

    def printed(self, name: str) -> bytes:
        """The bytes of a job, as soon as they are out.

        Raises:
            AssertionError: they did not come out.
        """
        deadline = time.monotonic() + 10
        while not (self.out / name).exists():
            assert time.monotonic() < deadline, f"{name} did not come out of CUPS"
            time.sleep(0.01)
        return (self.out / name).read_bytes()


def find(program: str) -> str:
    """Where a program of CUPS is.

    Raises:
        AssertionError: it is not installed.
    """
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert path, f"{program} is missing: apt-get install cups-daemon cups-client"
    return path


@contextmanager
def private_cups() -> Iterator[Cups]:
    """A server that ends with the block."""
    for program in _PROGRAMS:
        find(program)
    with tempfile.TemporaryDirectory(prefix="cups-") as folder:
        cups = _lay_out(Path(folder))
        conf = Path(folder, "etc")
        server = subprocess.Popen(
            (find("cupsd"), "-f", "-c", conf / "cupsd.conf", "-s", conf / "cups-files.conf"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(cups.server, server)
            cups.run("lpadmin", "-p", QUEUE, "-v", f"keep:{cups.out}", "-E")
            yield cups
        finally:
            server.terminate()
            server.wait(10)


def _lay_out(root: Path) -> Cups:
    """Configuration, backend and folders; CUPS drops its rights, so that others must get in."""
    root.chmod(0o755)
    for name in ("etc", "state", "cache", "spool/tmp", "log", "out", "bin/backend"):
        (root / name).mkdir(parents=True)
    is_root = os.geteuid() == 0
    group = "lp" if is_root else grp.getgrgid(os.getegid()).gr_name
    user = "lp" if is_root else pwd.getpwuid(os.geteuid()).pw_name
    system = grp.getgrgid(os.getegid()).gr_name
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = f"127.0.0.1:{free.getsockname()[1]}"
    files = _FILES.format(root=root, user=user, group=group, system=system)
    (root / "etc/cups-files.conf").write_text(files)
    (root / "etc/cupsd.conf").write_text(_CUPSD.format(server=server))
    (root / "bin/daemon").symlink_to("/usr/lib/cups/daemon")
    backend = root / "bin/backend/keep"
    backend.write_text(_BACKEND)
    backend.chmod(0o700)
    return Cups(server, root / "out")


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            assert server.poll() is None, f"cupsd ended with {server.returncode}"
            assert time.monotonic() < deadline, "cupsd does not listen"
            time.sleep(0.02)
        else:
            return
