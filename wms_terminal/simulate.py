"""Many simulated operators, each a process of its own, on one store.

They go through the same services and drivers as people do. The figures are of this machine.
"""

from __future__ import annotations

import multiprocessing
import queue
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.context import SpawnContext
from typing import Any, Protocol

from wms_terminal.domain.commands import Command
from wms_terminal.domain.scan import Source
from wms_terminal.domain.site import Kind
from wms_terminal.ports.store import Store
from wms_terminal.services.resolver import badge_key
from wms_terminal.services.step import Step

ROLES = ("pick", "pack", "ship")
WAIT = 0.05
"""Seconds until somebody without work looks again."""
WEDGED = 60.0
"""Seconds without any progress after which an operator gives up and says so."""


@dataclass(frozen=True, slots=True)
class Crew:
    """How many people do what."""

    pickers: int
    packers: int
    shippers: int
    orders: int = 0
    """How many orders to pick; 0 for all there are."""
    mistakes: float = 0.02
    think: float = 0.0
    """Seconds between two scans."""
    seed: int = 1
    printer: str = "sim:"
    documents: str = "sim:"

    def of(self, role: str) -> int:
        """People in a role."""
        return {"pick": self.pickers, "pack": self.packers, "ship": self.shippers}[role]


@dataclass(slots=True)
class Report:
    """What the day came to."""

    seconds: float = 0.0
    scans: int = 0
    picked: int = 0
    packed: int = 0
    handed_over: int = 0
    latencies: dict[str, list[float]] = field(default_factory=lambda: {r: [] for r in ROLES})
    refused: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)

    def percentile(self, role: str, share: float) -> float:
        """Milliseconds from scan to answer that `share` of the scans stayed under."""
        times = sorted(self.latencies[role])
        return 1000 * times[min(len(times) - 1, int(share * len(times)))] if times else 0.0

    def to_data(self) -> dict[str, object]:
        """Plain data for JSON."""
        return {
            "seconds": round(self.seconds, 2),
            "scans": self.scans,
            "scans_per_second": round(self.scans / self.seconds, 1) if self.seconds else 0,
            "orders_picked": self.picked,
            "orders_packed": self.packed,
            "parcels_handed_over": self.handed_over,
            "latency_ms": {
                role: {
                    name: round(self.percentile(role, share), 2)
                    for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
                }
                for role in ROLES
            },
            "refused": dict(self.refused.most_common()),
            "troubles": self.troubles,
        }


class _Flag(Protocol):
    def is_set(self) -> bool: ...
    def set(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the processes share besides the store."""

    news: Any
    started: Any
    """Orders begun, to stop at the number asked for."""
    picked: _Flag
    """All pickers have finished."""
    packed: _Flag
    """All packers have finished."""


def simulate(store_url: str, crew: Crew, tell: Callable[[Report], None] | None = None) -> Report:
    """Let the crew work until nothing is left to do; what it came to."""
    hire(store_url, crew)
    context = multiprocessing.get_context("spawn")
    shared = _Shared(context.Queue(), context.Value("i", 0), context.Event(), context.Event())
    began = time.monotonic()
    people = {role: _start(context, role, store_url, crew, shared) for role in ROLES}
    report = Report()
    _watch(people, shared, report, tell, began)
    report.seconds = time.monotonic() - began
    return report


def hire(store_url: str, crew: Crew) -> None:
    """Give every simulated person a badge and a station with simulated devices."""
    from data import open_store

    store = open_store(store_url)
    try:
        with store.write() as tx:
            benches = tx.site.locations("bench")
            for role in ROLES:
                department = {"pick": "picking", "pack": "packing", "ship": "shipping"}[role]
                for number in range(crew.of(role)):
                    code = name_of(role, number)
                    badge = badge_key(badge_of(role, number))
                    tx.site.put_operator(code, code, "en", department, False, badge, "")
                    bench = benches[number % len(benches)].code if benches else ""
                    devices = {
                        "scanner": "sim:",
                        "printer": crew.printer,
                        "documents": crew.documents,
                        "scale": "sim:" if role == "pack" else "",
                    }
                    tx.site.put_station(code, code, department, bench, devices, 3600)
    finally:
        store.close()


def name_of(role: str, number: int) -> str:
    """Operator and station of a simulated person."""
    return f"SIM-{role.upper()}-{number + 1:02d}"


def badge_of(role: str, number: int) -> str:
    """The badge of a simulated person."""
    return f"WHBSIM{role.upper()}{number + 1:02d}"


def _start(
    context: SpawnContext, role: str, store_url: str, crew: Crew, shared: _Shared
) -> list[Any]:
    people = []
    for number in range(crew.of(role)):
        person = context.Process(
            target=_work, args=(role, number, store_url, crew, shared), daemon=True
        )
        person.start()
        people.append(person)
    return people


def _watch(
    people: dict[str, list[Any]],
    shared: _Shared,
    report: Report,
    tell: Callable[[Report], None] | None,
    began: float,
) -> None:
    """Gather news until everybody has gone home; one department's end frees the next."""
    last = 0.0
    while True:
        alive = {role: any(p.is_alive() for p in crew) for role, crew in people.items()}
        if not alive["pick"]:
            shared.picked.set()
            if not alive["pack"]:
                shared.packed.set()
        _gather(shared.news, report, wait=0.05)
        report.seconds = time.monotonic() - began
        if tell is not None and report.seconds - last > 0.2:
            tell(report)
            last = report.seconds
        if not any(alive.values()):
            break
    _gather(shared.news, report, wait=0.2)
    for role, crew in people.items():
        for number, person in enumerate(crew):
            person.join()
            if person.exitcode:
                report.troubles.append(f"{name_of(role, number)} ended with {person.exitcode}")


def _gather(news: Any, report: Report, wait: float) -> None:
    try:
        while True:
            role, latencies, refusals, done, trouble = news.get(timeout=wait)
            report.scans += len(latencies)
            report.latencies[role] += latencies
            report.refused.update(refusals)
            report.picked += done.get("order_picked", 0)
            report.packed += done.get("order_packed", 0)
            report.handed_over += done.get("handed_over", 0)
            if trouble:
                report.troubles.append(trouble)
            wait = 0.0
    except queue.Empty:
        return


def _work(role: str, number: int, store_url: str, crew: Crew, shared: _Shared) -> None:
    """One person's day: from the badge to the last order."""
    from data import open_store
    from wms_terminal.bootstrap import Bench, open_bench
    from wms_terminal.simulated_operator import SimulatedOperator

    name = name_of(role, number)
    bench: Bench = open_bench(store_url, name)
    reader: Store = open_store(store_url)
    person = SimulatedOperator(
        random.Random(f"{crew.seed}-{name}"), crew.mistakes, _wrong_codes(reader, crew.seed)
    )
    day = _Day(role, crew, shared, bench, reader, person)
    try:
        day.run(badge_of(role, number))
    finally:
        day.report()
        reader.close()
        bench.close()


def _wrong_codes(store: Store, seed: int) -> tuple[str, ...]:
    """A handful of codes that are real, and nearly always the wrong ones."""
    chosen = random.Random(seed)
    with store.read() as tx:
        products = list(tx.site.products())
        codes = []
        for product in chosen.sample(products, min(5, len(products))):
            codes += [code for code, _ in tx.site.codes_of(Kind.PRODUCT, product.id)][:1]
        for kind in ("pick", "tote", "staging"):
            places = tx.site.locations(kind)
            codes += [place.barcode for place in chosen.sample(places, min(3, len(places)))]
    return tuple(codes) or ("LOST",)


class _Day:
    """The loop of one simulated person."""

    def __init__(
        self, role: str, crew: Crew, shared: _Shared, bench: Any, reader: Store, person: Any
    ) -> None:
        self._role = role
        self._crew = crew
        self._shared = shared
        self._bench = bench
        self._reader = reader
        self._person = person
        self._latencies: list[float] = []
        self._refused: Counter[str] = Counter()
        self._done: Counter[str] = Counter()
        self._counted: set[str] = set()

    def run(self, badge: str) -> None:
        step = self._scan(badge)
        step = self._scan({"pick": "WHCPICK", "pack": "WHCPACK", "ship": "WHCSHIP"}[self._role])
        quiet = time.monotonic()
        while True:
            if self._role == "pick" and step.state == "tote" and self._enough(step):
                self._scan(Command.MENU.value, Source.KEY)
                return
            move = None if self._must_wait(step) else self._person.move(step)
            if move is None:
                if self._finished(step):
                    return
                if time.monotonic() - quiet > WEDGED:
                    self._trouble(f"{step.station}: nothing moves at {step.flow}/{step.state}")
                    return
                time.sleep(WAIT)
                step = self._fresh(step)
                continue
            quiet = time.monotonic()
            step = self._scan(move.code, move.source)
            if self._crew.think:
                time.sleep(self._crew.think)

    def report(self) -> None:
        """Tell the others how it went so far."""
        self._shared.news.put(
            (self._role, self._latencies, dict(self._refused), dict(self._done), "")
        )
        self._latencies, self._refused, self._done = [], Counter(), Counter()

    def _trouble(self, text: str) -> None:
        self._shared.news.put((self._role, [], {}, {}, text))

    def _scan(self, code: str, source: Source = Source.SCANNER) -> Step:
        from wms_terminal.services.floor import new_gesture
        from wms_terminal.simulated_operator import refused

        gesture = new_gesture()
        began = time.perf_counter()
        step: Step = self._bench.terminal.scan(code, source, gesture)
        self._latencies.append(time.perf_counter() - began)
        self._count(step)
        step = self._bench.settle(step, gesture)
        if refusal := refused(step):
            self._refused[refusal] += 1
        if len(self._latencies) >= 50:
            self.report()
        return step

    def _count(self, step: Step) -> None:
        message = step.message
        if message is None:
            return
        if message.code == "order_picked":
            self._done["order_picked"] += 1
        elif message.code == "labelled" and step.flow == "pack" and step.state == "open":
            self._done["order_packed"] += 1
        elif message.code == "handed_over":
            count = message.text.values["count"]
            assert isinstance(count, int)
            self._done["handed_over"] += count

    def _enough(self, step: Step) -> bool:
        """Whether the number of orders asked for is begun; counts this one otherwise."""
        if not self._crew.orders:
            return False
        title = str(step.view.title)
        if title in self._counted:
            return False
        with self._shared.started.get_lock():
            if self._shared.started.value >= self._crew.orders:
                return True
            self._shared.started.value += 1
        self._counted.add(title)
        return False

    def _must_wait(self, step: Step) -> bool:
        """A courier is waited for until the packers have gone home."""
        leaving = step.flow == "ship" and step.state == "load" and not step.must_acknowledge
        return leaving and step.hint == Command.HANDOVER.value and not self._shared.packed.is_set()

    def _fresh(self, step: Step) -> Step:
        if step.flow == "ship" and step.state == "load":
            self._scan(Command.MENU.value, Source.KEY)
            step = self._scan(Command.SHIP.value, Source.KEY)
        look: Step = self._bench.terminal.look()
        return look

    def _finished(self, step: Step) -> bool:
        with self._reader.read() as tx:
            counts = tx.orders.counts()
            if self._role == "pick":
                return not counts.get("picking", 0)
            if self._role == "pack":
                return self._shared.picked.is_set() and not counts.get("picked", 0)
            waiting = tx.parcels.unlabelled(1) or tx.parcels.waiting_by_carrier()
            return self._shared.packed.is_set() and not waiting
