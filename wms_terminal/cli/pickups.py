"""`wms-terminal pickups`: what was agreed with couriers beside what happened."""

from __future__ import annotations

import csv
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from wms_terminal.cli.common import WORDS, ConfigError, existing, say_json

if TYPE_CHECKING:
    from wms_terminal.services.pickup_report import Line, Summary

DAYS = 7
"""That are shown where none are named."""

_COLUMNS = (
    "carrier",
    "day",
    "agreed_from",
    "agreed_to",
    "place",
    "what",
    "came",
    "minutes_late",
    "manifests",
    "parcels",
    "counted",
    "difference",
    "weight_g",
    "never_scanned",
    "labels_never_scanned",
    "waited",
    "max_parcels",
    "max_weight_g",
    "booked_as",
    "note",
)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.option("--carrier", type=WORDS, metavar="CODE", help="Only this carrier.")
@click.option("--from", "first", type=_DAY, metavar="DAY", help="From this day on, YYYY-MM-DD.")
@click.option("--to", "last", type=_DAY, metavar="DAY", help="Up to this day; today when absent.")
@click.option(
    "--csv",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Into this file, for a spreadsheet; times are the site's.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON; times are in UTC.")
@click.pass_context
def pickups(
    ctx: click.Context,
    carrier: str | None,
    first: datetime | None,
    last: datetime | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Print what was agreed with each courier beside what happened, the last week's at least.

    A summary for each carrier follows: how often it came on time, how late, how often not at all,
    where counts differed, and how many labels were never scanned.
    """
    from wms_terminal.services import pickup_report
    from wms_terminal.services.floor import utc_now

    if file is not None and as_json:
        raise click.UsageError("Expected --csv FILE or --json, got both.")
    with existing(ctx.obj["store"]) as store, store.read() as tx:
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
        until = last.date() if last else utc_now().astimezone(zone).date()
        since = first.date() if first else until - timedelta(days=DAYS - 1)
        if since > until:
            raise click.UsageError(f"Expected --from to be no later than {until}, got {since}.")
        codes = [item.code for item in tx.site.carriers()]
        if carrier is not None and carrier not in codes:
            known = ", ".join(codes) or "none, the site has no carriers"
            raise ConfigError(f"Expected the code of a carrier ({known}), got {carrier!r}.")
        lines = pickup_report.lines(tx, since.isoformat(), until.isoformat(), carrier or "")
    summaries = pickup_report.summaries(lines)
    if as_json:
        pickup = [asdict(line) | {"difference": line.difference} for line in lines]
        say_json({"pickups": pickup, "carriers": [asdict(item) for item in summaries]})
    elif file is not None:
        _write(file, lines, zone)
        click.echo(f"{len(lines)} pickups written to {file}.")
    else:
        for line in lines:
            click.echo(_line(line, zone))
        if not lines:
            click.echo(f"No pickups from {since} to {until}.")
        for item in summaries:
            click.echo(_summary(item))


def _write(path: Path, lines: list[Line], zone: ZoneInfo) -> None:
    """A row for each pickup. Texts are guarded; a number below 0 is a number."""
    from data.files.report import cell

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_COLUMNS)
        for line in lines:
            values = (
                line.code,
                line.day,
                _clock(line.begins_at, zone),
                _clock(line.ends_at, zone),
                line.place,
                line.happened.value,
                _clock(line.came_at, zone),
                line.minutes if line.came_at and line.begins_at else "",
                " ".join(line.manifests),
                line.parcels if line.came_at else "",
                "" if line.counted is None else line.counted,
                "" if line.counted is None else line.difference,
                line.weight_g if line.came_at else "",
                line.unscanned if line.came_at else "",
                # With its identifier it stays text; a spreadsheet rounds so long a number.
                " ".join(f"(00){label}" for label in line.labels),
                line.waited,
                line.max_parcels or "",
                line.max_weight_g or "",
                line.remote_id,
                line.note,
            )
            writer.writerow(cell(item) if isinstance(item, str) else item for item in values)


def _line(line: Line, zone: ZoneInfo) -> str:
    from data.files.report import visible

    agreed = f"{_clock(line.begins_at, zone)}–{_clock(line.ends_at, zone)}"
    parts = [_what(line, zone)]
    if line.came_at:
        parts.append(f"{line.parcels} parcels")
    if line.difference:
        parts.append(f"the courier counted {line.counted} first ({line.difference:+d})")
    if line.unscanned:
        parts.append(f"{line.unscanned} labels never scanned")
    if line.waited:
        parts.append(f"{line.waited} waited when it was over")
    if line.note:
        parts.append(line.note)
    where = f"  {line.place}" if line.place else ""
    shown = agreed if line.begins_at else "not agreed "
    return visible(f"{line.day}  {shown}  {line.code}{where}: {'; '.join(parts)}")


def _what(line: Line, zone: ZoneInfo) -> str:
    if not line.came_at:
        return line.happened.value
    came = f"{line.happened.value} {_clock(line.came_at, zone)}"
    if line.minutes > 0:
        return f"{came}, {line.minutes} minutes late"
    if line.minutes < 0:
        return f"{came}, {-line.minutes} minutes early"
    return f"{came}, on time" if line.begins_at else came


def _summary(item: Summary) -> str:
    from data.files.report import visible

    late = f" (by {item.late_by:g} minutes, median)" if item.late else ""
    return visible(
        f"{item.code}: {item.agreed} agreed, {item.on_time} on time, {item.early} early, "
        f"{item.late} late{late}, {item.missed} missed; {item.extra} not agreed; "
        f"{item.parcels} parcels, {item.differences} counts differed, "
        f"{item.unscanned} labels never scanned"
    )


def _clock(at: str, zone: ZoneInfo) -> str:
    from wms_terminal.domain.promise import moment

    return f"{moment(at).astimezone(zone):%H:%M}" if at else ""
