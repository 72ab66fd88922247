"""Many simulated operators, each a process of its own, on one store.

They go through the same services and drivers as people do. The figures are of this machine.
"""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from typing import Any

from wms_terminal.domain.orders import OrderState
from wms_terminal.simulated_crew import ALL_ROLES, Crew, hire, name_of
from wms_terminal.simulated_day import News, Shared, work


@dataclass(slots=True)
class Report:
    """What the day came to."""

    seconds: float = 0.0
    """From the first scan to the last answer; so far, while it goes on."""
    scans: int = 0
    picked: int = 0
    """Orders, each counted once however many walks it took."""
    packed: int = 0
    """Orders, each counted once."""
    shipped: int = 0
    """Orders that left as a whole; known at the end."""
    handed_over: int = 0
    """Parcels."""
    returns: int = 0
    """Returns closed, and cancelled orders of which all is back."""
    latencies: dict[str, list[float]] = field(default_factory=lambda: {r: [] for r in ALL_ROLES})
    """Seconds from scan to answer, without printing and weighing."""
    refused: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def percentile(self, role: str, share: float) -> float:
        """Milliseconds from scan to answer that `share` of the scans stayed under."""
        times = sorted(self.latencies[role])
        return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else 0.0

    def per_second(self) -> float:
        """Scans answered per second, all stations together."""
        return self.scans / self.seconds if self.seconds else 0.0

    def per_hour(self, orders: int) -> float:
        """So many orders, as orders per hour."""
        return 3600 * orders / self.seconds if self.seconds else 0.0

    def to_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "seconds": round(self.seconds, 2),
            "scans": self.scans,
            "scans_per_second": round(self.per_second(), 1),
            "orders_picked": self.picked,
            "orders_packed": self.packed,
            "orders_shipped": self.shipped,
            "parcels_handed_over": self.handed_over,
            "returns_closed": self.returns,
            "orders_per_hour": {
                "picked": round(self.per_hour(self.picked)),
                "packed": round(self.per_hour(self.packed)),
                "shipped": round(self.per_hour(self.shipped)),
            },
            "latency_ms": {
                role: {
                    name: round(self.percentile(role, share), 2)
                    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
                }
                for role in ALL_ROLES
                if self.latencies[role]
            },
            "refused": dict(self.refused.most_common()),
            "troubles": self.troubles,
        }


@dataclass(slots=True)
class _Tally:
    """What has been heard of so far, to count nothing twice."""

    orders: dict[str, set[str]] = field(default_factory=lambda: {r: set() for r in ALL_ROLES})
    began: float = 0.0
    ended: float = 0.0


def simulate(store_url: str, crew: Crew, tell: Callable[[Report], None] | None = None) -> Report:
    """Let the crew work until nothing is left to do; what it came to.

    Nobody goes on alone: when this process ends, so do all of them.
    """
    hire(store_url, crew)
    before = _live(store_url)
    context = multiprocessing.get_context("spawn")
    shared = Shared(
        context.Queue(),
        context.Array("q", max(1, crew.orders)),
        context.Value("d", time.monotonic()),
        context.Event(),
        context.Event(),
    )
    people: dict[str, list[Any]] = {role: [] for role in ALL_ROLES}
    report = Report()
    try:
        with _deaf_to_interrupts():
            for role in ALL_ROLES:
                _start(context, role, store_url, crew, shared, people[role])
        _watch(people, shared, report, tell)
    finally:
        for person in (person for team in people.values() for person in team):
            # A killed station loses nothing: what it answered is on the disk.
            person.kill()
            person.join()
    report.shipped = before - _live(store_url)
    return report


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes begun in here leave Ctrl-C to their parent."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _live(store_url: str) -> int:
    """How many orders have not left yet."""
    from data import open_store

    store = open_store(store_url)
    try:
        with store.read() as tx:
            counts = tx.orders.counts()
    finally:
        store.close()
    return sum(counts.get(state.value, 0) for state in OrderState)


def _start(
    context: SpawnContext,
    role: str,
    store_url: str,
    crew: Crew,
    shared: Shared,
    people: list[Any],
) -> None:
    for number in range(crew.of(role)):
        person = context.Process(
            name=name_of(role, number),
            target=work,
            args=(role, number, store_url, crew, shared),
            daemon=True,
        )
        person.start()
        people.append(person)


def _watch(
    people: dict[str, list[Any]],
    shared: Shared,
    report: Report,
    tell: Callable[[Report], None] | None,
) -> None:
    """Gather news until everybody has gone home; one department's end frees the next."""
    tally = _Tally()
    last = 0.0
    while True:
        alive = {role: any(p.is_alive() for p in crew) for role, crew in people.items()}
        if not alive["pick"]:
            shared.picked.set()
            if not alive["pack"]:
                shared.packed.set()
        _gather(shared.news, report, tally, wait=0.05)
        if tell is not None and time.monotonic() - last > 0.2:
            tell(report)
            last = time.monotonic()
        fallen = [
            f"{name_of(role, number)} ended with {person.exitcode}"
            for role, crew in people.items()
            for number, person in enumerate(crew)
            if person.exitcode
        ]
        if fallen or not any(alive.values()):
            report.troubles += fallen
            break
    _gather(shared.news, report, tally, wait=0.2)


def _gather(news: Any, report: Report, tally: _Tally, wait: float) -> None:
    try:
        while True:
            _add(news.get(timeout=wait), report, tally)
            wait = 0.0
    except queue.Empty:
        return


def _add(heard: News, report: Report, tally: _Tally) -> None:
    report.scans += len(heard.latencies)
    report.latencies[heard.role] += heard.latencies
    report.refused.update(heard.refused)
    tally.orders[heard.role] |= heard.orders
    report.picked = len(tally.orders["pick"])
    report.packed = len(tally.orders["pack"])
    report.handed_over += heard.parcels
    report.returns += heard.returns
    if heard.latencies:
        tally.began = min(tally.began or heard.began, heard.began)
        tally.ended = max(tally.ended, heard.ended)
        report.seconds = tally.ended - tally.began
    if heard.trouble:
        report.troubles.append(heard.trouble)
