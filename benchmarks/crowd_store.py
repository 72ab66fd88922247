"""A floor with much to pick, and the rows that picking it writes.

Every order is released already, so that no two processes wait for the number of a new row: what
one of them writes for an order can be written again by another process, in any order.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.demo_store import copy_store, demo_store, store_url
from benchmarks.pick_commit import Recorder
from data import open_store
from data.files import Report, open_reader
from wms_terminal import demo_day
from wms_terminal.domain.commands import Command
from wms_terminal.domain.records import OrderRecord
from wms_terminal.ports.store import Store
from wms_terminal.services import take_in
from wms_terminal.services.dialogue import Context, Dialogue
from wms_terminal.services.floor import Floor, new_gesture, utc_now
from wms_terminal.services.release import release
from wms_terminal.simulated_crew import badge_of, name_of

PICKERS = 64
ORDERS, LINES = 3 * PICKERS, 40
"""Of one unit each: a line is scanned three times, location, product and tote."""

Transaction = tuple[bool, list[tuple[int, dict[str, object]]]]
"""Whether it confirms a pick, and its statements by number, with their values."""


@dataclass(frozen=True)
class Crowd:
    """A store that is ready for everybody, and the scripts of what its orders make them write."""

    base: Path
    statements: tuple[str, ...]
    scripts: tuple[Path, ...]
    """One file for each order, neighbours by different pickers."""


@contextmanager
def crowd_store() -> Iterator[Crowd]:
    """Made once; every measurement works on a copy."""
    with demo_store(PICKERS) as base:
        store = open_store(store_url(base / "demo.db"))
        try:
            take_in.orders(store, _orders(), utc_now, lambda kind, what: None)
            floor = Floor(store)
            for number in range(PICKERS):
                sign_in(floor, number)
            _release(store)
        finally:
            store.close()
        statements, scripts = _record(copy_store(base, "recording"), base)
        yield Crowd(base, statements, scripts)


def sign_in(floor: Floor, number: int) -> str:
    """A picker comes to work; at which station."""
    station = name_of("pick", number)
    floor.start(station)
    floor.scan(station, badge_of("pick", number))
    return station


def _orders() -> Iterator[OrderRecord]:
    """The demonstration's day over and over, in orders of one size."""
    with demo_day.order_book() as book:
        reader = open_reader("orders", book, "online-retail", day=demo_day.DAY, today="2026-03-03")
        day: list[OrderRecord] = list(reader.records(Report()))  # type: ignore[arg-type]
    lines = [replace(line, quantity=1) for order in day for line in order.lines]
    for number in range(ORDERS):
        start = number * LINES % (len(lines) - LINES)
        some = {line.sku: line for line in lines[start : start + LINES]}
        yield replace(day[0], reference=f"CROWD-{number:04}", lines=tuple(some.values()))


def _release(store: Store) -> None:
    with store.write() as tx:
        place = tx.site.station(name_of("pick", 0))
        assert place is not None
        session = tx.journal.session_at(place.id)
        assert session is not None
        ctx = Context(tx, utc_now(), new_gesture(), place, session.operator, session.id, Dialogue())
        while (order := tx.orders.next_to_release()) is not None:
            release(ctx, order[0])


def _record(path: Path, folder: Path) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Pick every order, by one picker after the other, and keep what that writes."""
    store = open_store(store_url(path))
    numbers: dict[str, int] = {}
    scripts: list[Path] = []
    try:
        floor = Floor(store)
        with Recorder() as recorder:
            for order in range(ORDERS):
                script = _order(floor, order % PICKERS, recorder)
                kept: list[Transaction] = [
                    (
                        picks,
                        [(numbers.setdefault(sql, len(numbers)), values) for sql, values in said],
                    )
                    for picks, said in script
                ]
                scripts.append(folder / f"script-{order}")
                scripts[-1].write_bytes(pickle.dumps(kept))
    finally:
        store.close()
    return tuple(numbers), tuple(scripts)


def _order(
    floor: Floor, picker: int, recorder: Recorder
) -> list[tuple[bool, list[tuple[str, dict[str, object]]]]]:
    station, code = name_of("pick", picker), Command.PICK.value
    script = []
    while True:
        recorder.script = []
        step = floor.scan(station, code)
        message = step.message.code if step.message else ""
        script.append((message == "picked", recorder.script))
        if message == "order_picked":
            return script
        code = step.hint
