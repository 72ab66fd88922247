"""`wms-terminal backup`: a consistent copy of the store while the floor works."""

from __future__ import annotations

from pathlib import Path

import click

from wms_terminal.cli.common import ConfigError, database, must_exist


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def backup(ctx: click.Context, file: Path) -> None:
    """Copy the store into FILE, and check the copy, while the floor works.

    All that was answered before it began is in it. FILE must not be there yet. For a store on
    PostgreSQL use pg_dump.
    """
    url = ctx.obj["store"]
    if database(url) is None:
        raise ConfigError(
            "Expected a store in a file, which this command copies. "
            "Copy a PostgreSQL database with its own tools: pg_dump --format=custom"
        )
    must_exist(url)
    from data.backup import back_up

    sums = back_up(url, file)
    click.echo(f"Units: {', '.join(f'{name} {count}' for name, count in sums.items())}")
    click.echo(f"The store was copied to {file} and the copy is sound.")
