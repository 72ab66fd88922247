"""`wms-terminal station test`: every device of a station does something, and gets a verdict."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS

if TYPE_CHECKING:
    from wms_terminal.cli.asking import Configured
    from wms_terminal.cli.person import Person
    from wms_terminal.cli.trials import Verdict

_KINDS = {
    "sound": ("sound",),
    "printer": ("printer", "documents"),
    "scale": ("scale",),
    "scanner": ("scanner",),
}
"""What `--only` means, in the order in which devices are tried."""


@click.group()
def station() -> None:
    """Try out what a station is set up with."""


@station.command()
@click.argument("name", type=WORDS)
@click.option("--only", type=click.Choice(list(_KINDS)), help="Only devices of this kind.")
@click.option(
    "--wait",
    type=click.FloatRange(0.1, 600),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for each thing that you are asked to do.",
)
@click.pass_context
def test(ctx: click.Context, name: str, only: str | None, wait: float) -> None:
    """Beep, print, weigh and scan at station NAME, and say what works.

    Scanners read the check page of `wms-terminal labels scanner-setup`. Nothing is written to
    the store. Ctrl-C stops. Exit code 1 when a device failed, 2 when there is no such station.
    """
    from wms_terminal.cli.asking import Configured, devices_of, hush
    from wms_terminal.cli.devices import stations_of
    from wms_terminal.cli.person import Person

    hush()
    (found,) = stations_of(ctx.obj["store"], name)
    kinds = _KINDS[only] if only else tuple(kind for group in _KINDS.values() for kind in group)
    devices = devices_of(found)
    if not found.sound:
        devices.append(Configured(found.code, "sound", "bell:"))
    chosen = [device for kind in kinds for device in devices if device.kind == kind]
    person = Person(wait)
    failed = [device for device in chosen if not _tried(device, person).works]
    if not chosen:
        click.echo(f"{found.code} has nothing of this kind.")
    elif failed:
        click.echo(f"{found.code}: {len(failed)} of {len(chosen)} devices failed.")
    else:
        click.echo(f"{found.code}: all {len(chosen)} devices work.")
    sys.exit(1 if failed else 0)


def _tried(device: Configured, person: Person) -> Verdict:
    """Try one device, and say what came of it."""
    from wms_terminal.cli.asking import plain
    from wms_terminal.cli.trials import Verdict

    click.echo(f"{device.kind} {plain(device.url)}")
    try:
        verdict = _trial(device, person)
    except Exception as error:  # noqa: BLE001 - one driver's mistake must not hide the others
        verdict = Verdict(False, str(error) or type(error).__name__)
    click.echo(f"  {'works' if verdict.works else 'FAILED'}: {plain(verdict.why)}")
    return verdict


def _trial(device: Configured, person: Person) -> Verdict:
    from wms_terminal.cli import trials
    from wms_terminal.cli.scanner_trial import try_scanner

    if device.kind == "scanner":
        return try_scanner(device, person)
    if device.kind == "scale":
        return trials.try_scale(device, person)
    if device.kind == "sound":
        return trials.try_sound(device, person)
    return trials.try_printer(device, person)
