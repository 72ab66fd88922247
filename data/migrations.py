"""The schema, as named steps that are never edited once released.

The statements keep to what SQLite and PostgreSQL share; `{id}` and `{strict}` are filled in by
the engine. Times are UTC text that sorts (`promise.stamp`), weights grams, lengths millimetres,
money minor units.

A query uses a partial index only when it repeats its condition word for word. In a comparison a
column that stands alone comes first, because SQLite turns it round otherwise and no longer
recognises it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from data.schema import channels, devices, dock, floor, life, outside

Execute = Callable[[str], object]


def m0001_floor(execute: Execute) -> None:
    """Site, orders, stock ledger, work, journal."""
    _run(floor.PARTS, execute)


def m0002_devices(execute: Execute) -> None:
    """Sounds of a station, scanners by name, what a printer's odometer counted."""
    _run(devices.PARTS, execute)


def m0003_outside(execute: Execute) -> None:
    """Channels, shipments and pickups, returns, refunds and feedback; an outbox with receivers."""
    _run(outside.PARTS, execute)


def m0004_life(execute: Execute) -> None:
    """Bookings, pickups, customs, returns and refunds, as the order's whole life needs them."""
    _run(life.PARTS, execute)


def m0005_channels(execute: Execute) -> None:
    """What a channel sent that could not be taken in, and since when it is silent."""
    _run(channels.PARTS, execute)


def m0006_dock(execute: Execute) -> None:
    """The carrier of a parcel, and what waits for it."""
    _run(dock.PARTS, execute)


STEPS: tuple[Callable[[Execute], None], ...] = (
    m0001_floor,
    m0002_devices,
    m0003_outside,
    m0004_life,
    m0005_channels,
    m0006_dock,
)
"""In order; their number is the schema's version."""


def _run(parts: Iterable[str], execute: Execute) -> None:
    for part in parts:
        for statement in part.split(";\n"):
            if statement.strip():
                execute(statement)
