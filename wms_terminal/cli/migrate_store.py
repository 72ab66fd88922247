"""`wms-terminal migrate-store`: a whole site from one store to another."""

from __future__ import annotations

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing, made


@click.command("migrate-store")
@click.argument("source", metavar="SRC", type=WORDS)
@click.argument("target", metavar="DST", type=WORDS)
def migrate_store(source: str, target: str) -> None:
    """Copy the site in the store SRC into the empty store DST, and prove that they are equal.

    SRC and DST are URLs as --store takes them, which itself is not used. Stop every terminal
    first. All of it is moved or nothing, and SRC stays as it is; the exit code is 1 when the
    stores are not equal or the doctor finds something, and 2 when DST is not empty.
    """
    from data.migrate_store import NotEmpty, move

    with existing(source) as old, made(target) as new:
        try:
            moved = move(old, new, lambda news: click.echo(f"{news} …", err=True))
        except NotEmpty as error:
            raise ConfigError(str(error)) from error
    width = max(len(item.table) for item in moved)
    click.echo(f"{'Table':{width}}  {'Rows':>11}  Checksum, equal in both")
    for item in moved:
        click.echo(f"{item.table:{width}}  {item.rows:>11,}  {item.checksum}")
    click.echo(
        f"Moved {sum(item.rows for item in moved):,} rows. The new store is healthy. "
        "Give every terminal its URL, and put the old store away."
    )
