"""`wms-terminal run`: the terminal itself."""

from __future__ import annotations

import sys

import click


@click.command()
@click.pass_context
def run(ctx: click.Context) -> None:
    """Open the terminal, at one station or at the choice of stations."""
    from wms_terminal.app import WmsApp

    if not sys.stdin.isatty():
        raise click.UsageError(
            "Expected a terminal, got a pipe. For codes from a pipe use: "
            "wms-terminal scan --station NAME"
        )
    app = WmsApp(ctx.obj["store"], ctx.obj["station"])
    app.run(mouse=False)
    sys.exit(app.return_code or 0)
