"""`wms-terminal feedback`: what customers say, by product, channel and cause."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import ConfigError, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.domain.feedback import Opinion
    from wms_terminal.ports.feedback_room import FeedbackSum

RECENT = 10
"""What customers wrote that is shown below the figures."""
_COLUMNS = ("what", "name", "count", "scored", "mean", "lowest", "low")


@click.group(invoke_without_command=True)
@click.option(
    "--by",
    type=click.Choice(("product", "channel", "cause")),
    help="Figures for each; what is about a whole order counts for each of its products.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Only what was said on this day (UTC) or later.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON; times are in UTC.")
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The figures as CSV, safe to open in a spreadsheet.",
)
@click.pass_context
def feedback(
    ctx: click.Context,
    by: str | None,
    since: datetime | None,
    as_json: bool,
    csv_path: Path | None,
) -> None:
    """How many customers said how it was, the mean and the lowest score, and their newest words."""
    if ctx.invoked_subcommand is not None:
        return
    if as_json and csv_path:
        raise click.UsageError("Expected --json or --csv, got both.")
    after = f"{since.replace(tzinfo=UTC):%Y-%m-%d}" if since else ""
    with existing(ctx.obj["store"]) as store, store.read() as tx:
        sums = tx.feedback.sums(by or "", after)
        said = tx.feedback.recent(after, RECENT)
    if csv_path is not None:
        _write(csv_path, sums)
        click.echo(f"{len(sums)} rows in {csv_path}")
    elif as_json:
        say_json({"sums": [_figures(item) for item in sums], "recent": [asdict(x) for x in said]})
    else:
        _print(by or "", sums, said)


@feedback.command(name="import", short_help="Take in what a web form exports.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "show_all", is_flag=True, help="List all rows that were left out.")
@click.pass_context
def import_(ctx: click.Context, file: Path, show_all: bool) -> None:
    """Take in FILE, CSV or JSON: order, score, text, cause, product, at, id (docs/feedback.md).

    The same file twice changes nothing.
    """
    from data.files import FileError
    from data.files.loose import rows
    from wms_terminal.cli.tracking import say_counts
    from wms_terminal.services import feedback_file
    from wms_terminal.services.floor import utc_now

    left_out: list[str] = []

    def skip(line: int, kind: str, row: str) -> None:
        left_out.append(f"line {line}: {kind.removeprefix('skipped_').replace('_', ' ')}: {row}")

    def read() -> feedback_file.Rows:
        return rows(file, feedback_file.NAMES, feedback_file.REQUIRED)

    with existing(ctx.obj["store"]) as store:
        try:
            # To its end first: a broken file changes nothing.
            for _ in read():
                pass
            counts = feedback_file.take_in(store, read(), utc_now, skip)
        except FileError as error:
            raise click.ClickException(str(error)) from error
    say_counts(counts, left_out, show_all)


@feedback.command(short_help="Read the mailbox that answers arrive in, now.")
@click.pass_context
def fetch(ctx: click.Context) -> None:
    """Read new mails of the mailbox `replies` of the site file; the worker does so by itself."""
    from wms_terminal.cli.tracking import say_counts
    from wms_terminal.integrations.mail.postbox import open_postbox
    from wms_terminal.integrations.secrets import open_secrets
    from wms_terminal.ports.mail import MailAway
    from wms_terminal.services import feedback as service
    from wms_terminal.services.floor import utc_now

    with existing(ctx.obj["store"]) as store:
        with store.read() as tx:
            url = tx.site.setting(service.MAILBOX)
        if not url:
            raise ConfigError(
                "Expected `replies` in the table [mail] of the site file (docs/feedback.md), "
                "found none. Add it and load the file again: wms-terminal site init FILE.toml"
            )
        try:
            postbox = open_postbox(url, open_secrets())
        except ValueError as error:
            raise ConfigError(str(error)) from error
        try:
            counts = service.collect(store, postbox, utc_now)
        except MailAway as away:
            raise click.ClickException(str(away)) from away
        finally:
            postbox.close()
    say_counts(counts, [], show_all=True)


def _figures(item: FeedbackSum) -> dict[str, object]:
    return asdict(item) | {"mean": None if item.mean is None else round(item.mean, 2)}


def _write(path: Path, sums: list[FeedbackSum]) -> None:
    from data.files.report import cell

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for item in sums:
            values = _figures(item)
            cells = ("" if values[name] is None else values[name] for name in _COLUMNS)
            writer.writerow([cell(value) if isinstance(value, str) else value for value in cells])


def _print(by: str, sums: list[FeedbackSum], said: list[Opinion]) -> None:
    from screens.clean import clean

    if not any(item.count for item in sums):
        click.echo("Nobody has said anything yet.")
        return
    for item in sums:
        named = f"{item.what} {item.name}".strip() or ("none given" if by else "In all")
        mean = "no score" if item.mean is None else f"mean {item.mean:.1f}, lowest {item.lowest}"
        click.echo(f"{item.count:>6}  {mean:<20}  {item.low:>4} low  {clean(named)}")
    if said:
        click.echo()
    for opinion in said:
        score = "–" if opinion.score is None else str(opinion.score)
        cause = f" [{opinion.cause}{', derived' if opinion.derived else ''}]" * bool(opinion.cause)
        words = clean(" ".join(opinion.text.split())[:300])
        head = f"{opinion.at[:10]}  {score}/5  order {opinion.order_number or '?'}"
        click.echo(f"{clean(head + cause)}: {words}")
