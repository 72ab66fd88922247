"""An SSH server of its own on 127.0.0.1, run by whoever runs the tests, with one key to it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DEADLINE_S = 20.0

_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
AuthenticationMethods publickey
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
LogLevel ERROR
"""


@contextmanager
def start(
    folder: Path,
    command: str,
    *,
    options: str = "restrict,pty",
    config: str = "",
) -> Iterator[list[str]]:
    """Serve a forced command; the words of a client that calls it with a terminal.

    What is added to those words is the command that the client asks for.

    Args:
        folder: where its keys go; nothing else is written.
        command: what every session runs, whatever the client asks for; empty where `config`
            has a ForceCommand.
        options: what stands before the key in authorized_keys.
        config: more lines for sshd_config.
    """
    sshd = _tool("sshd")
    if os.getuid() == 0:
        # The server of root keeps its unprivileged half here, and does not make it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    for key in ("host_key", "client_key"):
        words = ("-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
        subprocess.run((_tool("ssh-keygen"), *words), check=True)
    quoted = command.replace('"', '\\"')
    forced = [f'command="{quoted}"'] if command else []
    public = (folder / "client_key.pub").read_text()
    (folder / "authorized_keys").write_text(f"{','.join([options, *forced])} {public}")
    port = _free_port()
    server_config = folder / "sshd_config"
    server_config.write_text(_CONFIG.format(port=port, folder=folder) + config)
    host = " ".join((folder / "host_key.pub").read_text().split()[:2])
    (folder / "known_hosts").write_text(f"[127.0.0.1]:{port} {host}\n")
    with (folder / "sshd.log").open("wb") as log:
        server = subprocess.Popen([sshd, "-D", "-e", "-f", str(server_config)], stderr=log)
    try:
        _wait_for(port, server, folder / "sshd.log")
        yield _client(folder, port)
    finally:
        server.terminate()
        server.wait(DEADLINE_S)


def _client(folder: Path, port: int) -> list[str]:
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "IdentityFile": folder / "client_key",
        "UserKnownHostsFile": folder / "known_hosts",
        "StrictHostKeyChecking": "yes",
        "LogLevel": "ERROR",
    }
    words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return [
        _tool("ssh"),
        *("-F", "none", "-tt", "-p", str(port), *words),
        f"{getpass.getuser()}@127.0.0.1",
    ]


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while True:
        assert server.poll() is None, f"sshd ended: {log.read_text()}"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as line:
            if line.recv(4) == b"SSH-":
                return
        assert time.monotonic() < deadline, f"sshd does not answer: {log.read_text()}"
        # It has no event to wait on: it listens when it listens.
        with suppress(subprocess.TimeoutExpired):
            server.wait(0.02)


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


def _tool(name: str) -> str:
    """Where a program is; sshd insists on being called by its whole path."""
    package = "openssh-server" if name == "sshd" else "openssh-client"
    path = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert path, f"{name} is missing: apt-get install {package}"
    return path
