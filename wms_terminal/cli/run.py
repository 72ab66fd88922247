"""`wms-terminal run`: the terminal itself."""

from __future__ import annotations

import sys

import click

from wms_terminal.cli.common import must_exist


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Open the terminal, at one station or at the choice of stations."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "Expected a terminal, got a pipe. For codes from a pipe use: "
            "wms-terminal scan --station NAME"
        )
    must_exist(ctx.obj["store"])
    from wms_terminal.app import WmsApp

    app = WmsApp(ctx.obj["store"], ctx.obj["station"])
    app.run(mouse=False)
    sys.exit(app.return_code or 0)
