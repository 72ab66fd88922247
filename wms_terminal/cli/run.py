"""`wms-terminal run`: the terminal itself."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress

import click

from wms_terminal.cli.common import ConfigError, existing

SETTINGS = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_DISABLE_KITTY_KEY": "1"}
"""What Textual reads from the environment as it is imported: nothing moves by itself, and keys
come as the bytes that a scanner sends."""
STALE = ("COLUMNS", "LINES")
"""A shell's idea of the size, which would hide every later one."""
DUMB = ("", "dumb", "unknown")
"""Terminals that cannot move a cursor."""
WORKER_S = 10.0
"""How long the terminal waits for its worker to finish what it is at."""


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Open the terminal, at one station or at the choice of stations.

    Exit codes: 0 when it was left, also by SIGTERM, SIGHUP or a line that was cut; 1 when it
    failed; 2 when the store, the station or the terminal is not as it has to be.
    """
    served = "TEXTUAL_DRIVER" in os.environ  # by textual-serve, to a browser
    if not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "Expected a terminal, got a pipe. For codes from a pipe use: "
            "wms-terminal scan --station NAME"
        )
    term = os.environ.get("TERM", "")
    if not served and term in DUMB:
        raise click.UsageError(
            f"Expected a terminal that can draw a screen, got TERM={term!r}. Set TERM to what "
            "this terminal is, e.g. linux, xterm-256color or vt220. For codes from a pipe use: "
            "wms-terminal scan --station NAME"
        )
    _check(ctx.obj["store"], ctx.obj["station"])
    os.environ.update(SETTINGS)
    for name in STALE:
        os.environ.pop(name, None)
    from screens.charset import charset
    from wms_terminal.app import WmsApp

    known = charset(term, "utf-8" if served else sys.stdout.encoding)
    app = WmsApp(ctx.obj["store"], ctx.obj["station"], known=known)
    with worker_beside(ctx.obj["store"]) if ctx.obj["with_worker"] else nullcontext():
        app.run(mouse=False)
    sys.exit(app.return_code or 0)


@contextmanager
def worker_beside(store_url: str) -> Iterator[None]:
    """A worker in a process of its own, so that it never makes a scan wait.

    It ends when its input does, which is when this process ends, however that comes about. What
    it says is in `worker.log` beside the terminal's own log.
    """
    from wms_terminal.bootstrap import log_folder

    words = [sys.executable, "-m", "wms_terminal", "--store", store_url, "worker", "--until-eof"]
    with (log_folder() / "worker.log").open("ab") as log:
        child = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True
        )
    assert child.stdin is not None
    try:
        yield
    finally:
        child.stdin.close()
        with suppress(subprocess.TimeoutExpired):
            child.wait(WORKER_S)


def _check(store_url: str, station: str | None) -> None:
    """Say what is wrong before the screen is taken.

    Raises:
        ConfigError: the store cannot be opened, or has no such station.
    """
    with existing(store_url) as store, store.read() as tx:
        names = [item.code for item in tx.site.stations()]
    if station and station not in names:
        raise ConfigError(
            f"Expected the name of a station ({', '.join(names) or 'none are set up yet'}), "
            f"got {station!r}. Name an existing one, or set the site up first: "
            "wms-terminal site init"
        )
