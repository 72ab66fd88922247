"""`wms-terminal devices`: what is plugged in here, and how the stations' devices are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import click

from wms_terminal.cli.common import WORDS, ConfigError, database, existing, say_json

if TYPE_CHECKING:
    from devices.discovery import Found
    from wms_terminal.cli.asking import Configured
    from wms_terminal.domain.site import Station
    from wms_terminal.ports.devices import DeviceStatus


@click.command()
@click.option("--station", type=WORDS, metavar="NAME", help="Only this station's devices.")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
@click.pass_context
def devices(ctx: click.Context, station: str | None, as_json: bool) -> None:
    """List what is plugged into this host, and how the devices of each station are.

    The addresses go into the site file. What a running station holds is "in use" and is not
    touched. Exit code 1 when a device of the named station does not answer.
    """
    from devices.discovery import found
    from wms_terminal.cli.asking import ask_all, devices_of
    from wms_terminal.ports.devices import DeviceState

    name = station or ctx.obj["station"]
    stations = stations_of(ctx.obj["store"], name)
    things = found()
    said = ask_all(device for item in stations for device in devices_of(item))
    if as_json:
        say_json(_data(things, stations, said))
    else:
        _show(things, stations, said)
    lost = any(status.state is DeviceState.LOST for status in said.values())
    sys.exit(1 if name and lost else 0)


def stations_of(store_url: str, name: str | None) -> list[Station]:
    """The stations of a store, or the one that is named; none where there is no store yet.

    Raises:
        ConfigError: there is no such station, or the store cannot be read.
    """
    path = database(store_url)
    if not name and path is not None and not path.exists():
        return []
    with existing(store_url) as store, store.read() as tx:
        stations = tx.site.stations()
    if not name:
        return stations
    chosen = [station for station in stations if station.code.upper() == name.upper()]
    if not chosen:
        known = ", ".join(station.code for station in stations) or "none are set up yet"
        raise ConfigError(f"Expected the name of a station ({known}), got {name!r}.")
    return chosen


def _data(
    things: Iterable[Found],
    stations: Iterable[Station],
    said: Mapping[Configured, DeviceStatus],
) -> dict[str, object]:
    from dataclasses import asdict

    from wms_terminal.cli.asking import devices_of

    def device(item: Configured) -> dict[str, str]:
        status = said[item]
        state, detail = status.state.value, str(status.detail)
        return {"kind": item.kind, "url": item.url, "state": state, "detail": detail}

    listed = [
        {
            "station": station.code,
            "name": station.name,
            "devices": [device(item) for item in devices_of(station)],
        }
        for station in stations
    ]
    return {"found": [asdict(thing) for thing in things], "stations": listed}


def _show(
    things: Iterable[Found],
    stations: Iterable[Station],
    said: Mapping[Configured, DeviceStatus],
) -> None:
    from wms_terminal.cli.asking import devices_of, plain
    from wms_terminal.ports.devices import DeviceState

    users: dict[str, list[str]] = {}
    for item in said:
        users.setdefault(item.url.partition("?")[0], []).append(item.station)
    things = list(things)
    click.echo("Plugged in here:" if things else "Nothing that a station could use is plugged in.")
    for thing in things:
        click.echo(f"  {thing.kind:<10}{plain(thing.url)}")
        used = ", ".join(dict.fromkeys(users.get(thing.url.partition("?")[0], ())))
        for line in (plain(thing.name), thing.note, f"Used by {used}." if used else ""):
            if line:
                click.echo(f"            {line}")
    for station in stations:
        click.echo(f"\n{station.code}  {plain(station.name)}")
        for item in devices_of(station):
            status = said[item]
            healthy = status.state in (DeviceState.READY, DeviceState.BUSY)
            state = status.state.value if healthy else status.state.value.upper()
            detail = f"  ({plain(status.detail)})" if status.detail else ""
            click.echo(f"  {item.kind:<10}{state:<10}{plain(item.url)}{detail}")
