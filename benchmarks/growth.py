"""The same scans on a store with much history and on one with little, in turn.

`python -m benchmarks.growth [--orders N] [--store sqlite|postgresql] [--write]`

Two stations work through the same orders, one on each store, scan by scan in turn: what the machine
does besides meets both alike.
"""

from __future__ import annotations

import random
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter

import click

from benchmarks import sections
from benchmarks.big_store import FULL, TODAY, grow
from benchmarks.demo_store import copy_store, demo_store, store_url
from benchmarks.figures import percentile
from benchmarks.real_server import RealServer
from data import open_store
from data.doctor import examine
from data.migrate_store import move
from wms_terminal.bootstrap import Bench, open_bench
from wms_terminal.services.floor import new_gesture
from wms_terminal.services.step import Step
from wms_terminal.simulated_crew import ENTRY, Crew, badge_of, hire, name_of
from wms_terminal.simulated_operator import Move, SimulatedOperator

SMALL = 10_000
SCANS = {"pick": 3000, "pack": 2000, "ship": 1000}
"""Of each role, as long as there is something to do."""
NOW = f"{TODAY}T12:00:00.000Z"
MOST_TIMES = 1.3
WARM_UP = 10
"""Scans of a role in which statements are prepared and the first pages are read."""


@dataclass
class Times:
    """Milliseconds on the small store and on the big one."""

    small: list[float] = field(default_factory=list)
    big: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return median(self.big) / median(self.small)

    def row(self, engine: str, name: str) -> str:
        texts = [
            f"{median(side):.2f} / {percentile(tuple(side), 99):.2f} ms"
            for side in (self.small, self.big)
        ]
        verdict = "met" if self.ratio <= MOST_TIMES else "missed"
        if name in ASKED:
            verdict = "none, it is no scan"
        return (
            f"| {engine} | {name} | {len(self.big)} | {texts[0]} | {texts[1]} | "
            f"{self.ratio:.2f} | {verdict} |"
        )


class _Walker:
    """A simulated operator at one station, who does one scan when asked to."""

    def __init__(self, url: str, role: str) -> None:
        self._role = role
        self._bench: Bench = open_bench(url, name_of(role, 0))
        self._person = SimulatedOperator(random.Random(1), 0.0, ())
        self._step: Step | None = None
        self._begin = iter((Move(badge_of(role, 0)), Move(ENTRY[role].value)))

    def scan(self) -> tuple[float, str] | None:
        """Milliseconds of one scan, and the code of its answer; None when nothing is to be done."""
        move: Move | None = next(self._begin, None)
        if move is None:
            assert self._step is not None
            move = self._person.move(self._step)
            if move is None:
                return None
        gesture = new_gesture()
        began = perf_counter()
        step = self._bench.terminal.scan(move.code, move.source, gesture)
        took = 1000 * (perf_counter() - began)
        said = step.message.code if step.message else ""
        self._step = self._bench.settle(step, gesture)
        return took, said

    def close(self) -> None:
        self._bench.close()


def compare(small: str, big: str) -> dict[str, Times]:
    """Every scan of a picker, a packer and a shipper, and what else is asked, on both stores."""
    found: dict[str, Times] = {}
    for role, scans in SCANS.items():
        walkers = [_Walker(url, role) for url in (small, big)]
        try:
            for count in range(scans):
                one, other = walkers[0].scan(), walkers[1].scan()
                if one is None or other is None:
                    break
                (few, said), (much, same) = one, other
                assert said == same, f"expected the same answer from both, got {said} and {same}"
                if count > WARM_UP:
                    names = [f"any scan, {role}"]
                    if said in ("picked", "verified", "loaded"):
                        names.append(f"confirmed {role}")
                    for name in names:
                        times = found.setdefault(name, Times())
                        times.small.append(few)
                        times.big.append(much)
        finally:
            for walker in walkers:
                walker.close()
    for name, ask in ASKED.items():
        times = found.setdefault(name, Times())
        stores = [open_store(url) for url in (small, big)]
        try:
            for _ in range(30):
                for store, side in zip(stores, (times.small, times.big), strict=True):
                    with store.read() as tx:
                        began = perf_counter()
                        ask(tx)
                        side.append(1000 * (perf_counter() - began))
        finally:
            for store in stores:
                store.close()
    return found


ASKED: dict[str, Callable[..., object]] = {
    "what waits for packers": lambda tx: tx.parcels.pack_queue(20, NOW),
    "what waits for labels": lambda tx: tx.parcels.unlabelled(20, NOW),
    "what waits for carriers": lambda tx: tx.parcels.waiting_by_carrier(),
    "orders by state": lambda tx: tx.orders.counts(),
    "an order by its number": lambda tx: tx.orders.find("H123"),
    "orders by how their numbers begin": lambda tx: tx.orders.search("H12", 20),
    "an order's story": lambda tx: tx.orders.events(tx.orders.find("H123").id),
    "orders by a part of the customer's name": lambda tx: tx.orders.search("omer 777", 20),
    "the next order to release": lambda tx: tx.orders.next_to_release(),
}


@contextmanager
def _sqlite(orders: int) -> Iterator[tuple[str, str]]:
    with demo_store() as base:
        hire(store_url(base / "demo.db"), Crew(1, 1, 1))
        urls = [store_url(copy_store(base, name)) for name in ("small", "big")]
        for url, count in zip(urls, (SMALL, orders), strict=True):
            _grow(url, count)
        yield urls[0], urls[1]
        shutil.rmtree(base / "big")


@contextmanager
def _postgresql(orders: int) -> Iterator[tuple[str, str]]:
    server = RealServer()
    try:
        with demo_store() as base:
            hire(store_url(base / "demo.db"), Crew(1, 1, 1))
            urls = [server.url(server.new()) for _ in range(2)]
            for url, count in zip(urls, (SMALL, orders), strict=True):
                with (
                    closing(open_store(store_url(base / "demo.db"))) as source,
                    closing(open_store(url)) as target,
                ):
                    move(source, target, lambda text: None)
                _grow(url, count)
        for url in urls:
            server.admin("VACUUM ANALYZE", url.split("/")[3].split("?")[0])
        yield urls[0], urls[1]
    finally:
        server.close()


def _grow(url: str, orders: int) -> None:
    began = perf_counter()
    with closing(open_store(url)) as store:
        grow(store, orders)
    click.echo(f"{orders:,} orders made in {perf_counter() - began:.0f} s", err=True)


def _doctor(url: str) -> str:
    began = perf_counter()
    with closing(open_store(url)) as store, store.read() as tx:
        findings = examine(tx)
    assert not findings, findings[:3]
    return f"{perf_counter() - began:.0f} s"


_ENGINES = {"sqlite": ("SQLite", _sqlite), "postgresql": ("PostgreSQL", _postgresql)}


@click.command(help=__doc__)
@click.option("--orders", default=FULL, show_default=True, type=click.IntRange(20_000))
@click.option("--store", type=click.Choice(list(_ENGINES)), multiple=True, help="Both when absent.")
@click.option("--write", is_flag=True, help="Put the results into docs/benchmarks.md.")
def main(orders: int, store: tuple[str, ...], write: bool) -> None:
    rows, doctors = [], []
    for name in store or tuple(_ENGINES):
        label, prepare = _ENGINES[name]
        with prepare(orders) as (small, big):
            rows += [times.row(label, what) for what, times in compare(small, big).items()]
            doctors.append(f"{label} {_doctor(big)}")
    text = f"""## A store grown old

Made by `python -m benchmarks.growth --orders {orders} --write`. One store has {SMALL:,} shipped
orders behind the day that is on the floor, the other {orders:,} with {3 * orders:,} lines and
everything that was written about them; two stations do the same scans, one on each, in turn. p50 /
p99; the ratio is that of the medians, and for a scan at most {MOST_TIMES} is aimed at.
The doctor examined the big one afterwards and found nothing: {", ".join(doctors)}.

| Engine | What | How often | {SMALL:,} orders | {orders:,} orders | Ratio | Aim |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}
"""
    click.echo(text)
    if write:
        sections.put("growth", text)


if __name__ == "__main__":
    sys.exit(main())
