"""`wms-terminal worker`: sales channels and customers hear of what happens, and we of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import existing, must_exist

if TYPE_CHECKING:
    from wms_terminal.worker import Worker


@click.command()
@click.option("--once", is_flag=True, help="Stop as soon as nothing is left to do now.")
@click.option("--until-eof", is_flag=True, help="Stop when its input ends.")
@click.pass_context
def worker(ctx: click.Context, once: bool, until_eof: bool) -> None:
    """Ask the sales channels for orders, and tell them and the customers what they must learn.

    Any number of workers may run. What cannot be told now is tried again; what is given up is
    shown to the responsible person, and in `wms-terminal outbox`.
    """
    url = ctx.obj["store"]
    must_exist(url)
    from data.files import read_orders
    from wms_terminal.integrations.channels import file_drop
    from wms_terminal.worker import Worker

    drop = partial(file_drop.open_channel, read=read_orders)
    troubles: list[str] = []

    def say(text: str) -> None:
        troubles.append(text)
        click.echo(f"Trouble: {text}", err=True)

    def begins(jobs: list[str]) -> None:
        if not once:
            click.echo(f"Works for {', '.join(jobs)}. Ctrl+C ends it.", err=True)

    work = Worker(url, own={"file": drop}, once=once, say=say, begins=begins)
    if until_eof:
        threading.Thread(target=_stop_at_eof, args=(work,), daemon=True).start()
    usual = {
        name: signal.signal(name, lambda number, frame: work.stop())
        for name in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        work.run()
    finally:
        for name, handler in usual.items():
            signal.signal(name, handler)
    with existing(url) as store, store.read() as tx:
        away = [f"{row.settings.code}: {row.trouble}" for row in tx.channels.all() if row.trouble]
    for text in away:
        if text not in troubles:
            say(text)
    sys.exit(1 if troubles else 0)


def _stop_at_eof(work: Worker) -> None:
    while os.read(0, 4096):
        pass
    work.stop()
