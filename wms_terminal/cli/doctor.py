"""`wms-terminal doctor`: is everything that must hold still true?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import existing, say_json

if TYPE_CHECKING:
    from data.doctor import Finding
    from wms_terminal.domain.site import Station


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Findings as JSON.")
@click.option("--devices", "with_devices", is_flag=True, help="Ask every station's devices, too.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, with_devices: bool) -> None:
    """Check every invariant of the store while the floor works; exit code 1 if one is broken.

    With --devices, a device that does not answer or needs a hand is a finding as well. What a
    running station holds is not touched.
    """
    from data.doctor import examine, totals

    with existing(ctx.obj["store"]) as store, store.read() as tx:
        findings = examine(tx)
        sums = totals(tx)
        stations = tx.site.stations() if with_devices else []
    findings += _device_findings(stations)
    if as_json:
        data = {
            "findings": [{"check": item.check, "what": item.what} for item in findings],
            "totals": sums,
        }
        say_json(data)
    else:
        for item in findings:
            click.echo(f"{item.check}: {item.what}")
        units = ", ".join(f"{name} {count}" for name, count in sums.items())
        click.echo(f"Units: {units}")
        healthy = "Store and devices are healthy." if with_devices else "The store is healthy."
        click.echo(healthy if not findings else f"Findings: {len(findings)}")
    sys.exit(1 if findings else 0)


def _device_findings(stations: Iterable[Station]) -> Iterator[Finding]:
    """What does not answer or needs a hand, by station."""
    from data.doctor import Finding
    from wms_terminal.cli.asking import ask_all, devices_of, plain
    from wms_terminal.ports.devices import DeviceState

    said = ask_all(device for station in stations for device in devices_of(station))
    for device, status in said.items():
        if status.state in (DeviceState.LOST, DeviceState.ATTENTION):
            state = status.state.value.upper()
            what = f"{device.station}, {device.kind} {device.url}: {state}. {status.detail}"
            yield Finding("device", plain(what))
