"""Many simulated operators, each a process of its own, on one store.

They go through the same services and drivers as people do. The figures are of this machine.
"""

from __future__ import annotations

import multiprocessing
import queue
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from multiprocessing.context import SpawnContext
from typing import Any, Protocol

from wms_terminal.domain.commands import Command
from wms_terminal.domain.orders import OrderState
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.scan import Source
from wms_terminal.domain.site import Kind
from wms_terminal.ports.store import Store
from wms_terminal.services.floor import new_gesture, utc_now
from wms_terminal.services.resolver import badge_key
from wms_terminal.services.step import Step
from wms_terminal.simulated_operator import SimulatedOperator, refused

ROLES = ("pick", "pack", "ship")
"""What an order needs to leave."""
ALL_ROLES = (*ROLES, "returns")
WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds until somebody without work looks again: twice as long each time."""
WEDGED = 60.0
"""Seconds in which nobody at all gets on, after which an operator gives up and says so."""

ENTRY = {
    "pick": Command.PICK,
    "pack": Command.PACK,
    "ship": Command.SHIP,
    "returns": Command.RETURNS,
}
_TITLES = {"pick": "Picker", "pack": "Packer", "ship": "Shipper", "returns": "Returns"}
_DEPARTMENTS = {"pick": "picking", "pack": "packing", "ship": "shipping", "returns": "returns"}


@dataclass(frozen=True, slots=True)
class Crew:
    """How many people do what."""

    pickers: int
    packers: int
    shippers: int
    orders: int = 0
    """How many orders to begin to pick; 0 for all there are."""
    mistakes: float = 0.02
    think: float = 0.0
    """Seconds between two scans."""
    seed: int = 1
    printer: str = "sim:"
    documents: str = "sim:"
    returners: int = 0
    """People at the returns desk."""
    truck: int = 0
    """Loaded parcels at which a courier comes; 0: when the packers have gone home."""

    def of(self, role: str) -> int:
        """People in a role."""
        return {
            "pick": self.pickers,
            "pack": self.packers,
            "ship": self.shippers,
            "returns": self.returners,
        }[role]


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


@dataclass(frozen=True, slots=True)
class _News:
    """What one person did since the last time."""

    role: str
    latencies: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    orders: set[str] = field(default_factory=set)
    """Numbers of orders picked or packed."""
    parcels: int = 0
    """Handed over."""
    returns: int = 0
    """Closed."""
    began: float = 0.0
    ended: float = 0.0
    """Of the first and the last scan, on the clock that all processes share."""
    trouble: str = ""


class _Flag(Protocol):
    def is_set(self) -> bool: ...
    def set(self) -> None: ...


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the processes share besides the store."""

    news: Any
    begun: Any
    """Marks of the orders begun, to stop at the number asked for; 0 where there is none yet."""
    moved: Any
    """When anybody last got on with the work."""
    picked: _Flag
    """All pickers have finished."""
    packed: _Flag
    """All packers have finished."""


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
    shared = _Shared(
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


def hire(store_url: str, crew: Crew) -> None:
    """Give every simulated person a badge and a station with simulated devices."""
    from data import open_store

    store = open_store(store_url)
    try:
        with store.write() as tx:
            benches = tx.site.locations("bench")
            for role in ALL_ROLES:
                department = _DEPARTMENTS[role]
                for number in range(crew.of(role)):
                    code = name_of(role, number)
                    badge = badge_key(badge_of(role, number))
                    name = f"{_TITLES[role]} {number + 1}"
                    tx.site.put_operator(code, name, "en", department, False, badge, "")
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
    context: SpawnContext,
    role: str,
    store_url: str,
    crew: Crew,
    shared: _Shared,
    people: list[Any],
) -> None:
    for number in range(crew.of(role)):
        person = context.Process(
            name=name_of(role, number),
            target=_work,
            args=(role, number, store_url, crew, shared),
            daemon=True,
        )
        person.start()
        people.append(person)


def _watch(
    people: dict[str, list[Any]],
    shared: _Shared,
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


def _add(heard: _News, report: Report, tally: _Tally) -> None:
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


def _work(role: str, number: int, store_url: str, crew: Crew, shared: _Shared) -> None:
    """One person's day: from the badge to the last order."""
    from data import open_store
    from wms_terminal.bootstrap import Bench, open_bench

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
        self._order = ""
        """The order that the last step was about."""
        self._news = _News(role)

    def run(self, badge: str) -> None:
        """Work until nothing is left to do, or nobody else is there any more."""
        employer = multiprocessing.parent_process()
        self._scan(badge)
        step = self._scan(ENTRY[self._role].value)
        wait = WAIT
        while employer is None or employer.is_alive():
            if self._role == "pick" and self._enough():
                self._scan(Command.MENU.value, Source.KEY)
                return
            move = self._move(step)
            if move is None:
                if self._finished(step):
                    return
                if time.monotonic() - self._shared.moved.value > WEDGED + 2 * self._crew.think:
                    text = f"{step.station}: nothing moves at {step.flow}/{step.state}"
                    self._shared.news.put(_News(self._role, trouble=text))
                    return
                time.sleep(wait)
                wait = min(2 * wait, LONGEST_WAIT)
                step = self._fresh(step)
                continue
            step, wait = self._scan(move.code, move.source), WAIT
            if self._crew.think:
                time.sleep(self._crew.think)
        self._shared.news.cancel_join_thread()

    def report(self) -> None:
        """Tell the others how it went so far."""
        self._shared.news.put(self._news)
        self._news = _News(self._role)

    def _scan(self, code: str, source: Source = Source.SCANNER) -> Step:
        gesture = new_gesture()
        began = time.perf_counter()
        step: Step = self._bench.terminal.scan(code, source, gesture)
        took = time.perf_counter() - began
        self._count(step, took)
        step = self._bench.settle(step, gesture)
        if refusal := refused(step):
            self._news.refused[refusal] += 1
        if len(self._news.latencies) >= 50:
            self.report()
        self._order = str(step.view.title.values.get("number", ""))
        return step

    def _count(self, step: Step, took: float) -> None:
        now = time.monotonic()
        self._shared.moved.value = now
        ended = self._news.ended or now
        began = self._news.began or now - took
        self._news = replace(self._news, began=began, ended=max(ended, now))
        self._news.latencies.append(took)
        message = step.message
        if message is None:
            return
        if self._order and message.outcome is Outcome.ORDER_DONE and step.flow in ("pick", "pack"):
            self._news.orders.add(self._order)
        elif message.code == "handed_over":
            count = message.text.values["count"]
            assert isinstance(count, int)
            self._news = replace(self._news, parcels=self._news.parcels + count)
        elif step.flow == "returns" and message.outcome is Outcome.ORDER_DONE:
            self._news = replace(self._news, returns=self._news.returns + 1)

    def _enough(self) -> bool:
        """Whether the number of orders asked for is begun; counts this one otherwise."""
        if not self._crew.orders or not self._order:
            return False
        digest = blake2b(self._order.encode(), digest_size=7).digest()
        mark = int.from_bytes(digest) or 1
        with self._shared.begun.get_lock():
            for place, known in enumerate(self._shared.begun):
                if known == mark:
                    return False
                if not known:
                    self._shared.begun[place] = mark
                    return False
        return True

    def _move(self, step: Step) -> Any:
        """The next scan; None to wait and look again."""
        leaving = step.flow == "ship" and step.state == "load" and not step.must_acknowledge
        if leaving and step.hint == Command.HANDOVER.value and not self._courier_comes(step):
            return None
        return self._person.move(step)

    def _courier_comes(self, step: Step) -> bool:
        loaded = step.view.progress[0] if step.view.progress is not None else 0
        full = self._crew.truck and loaded >= self._crew.truck
        return bool(full) or self._shared.packed.is_set()

    def _fresh(self, step: Step) -> Step:
        """The step as it is now; away from a carrier where nothing is left to load."""
        if step.flow == "ship" and step.state == "load" and self._waits_elsewhere():
            self._scan(Command.MENU.value, Source.KEY)
            return self._scan(Command.SHIP.value, Source.KEY)
        look: Step = self._bench.terminal.look()
        return look

    def _waits_elsewhere(self) -> bool:
        """Whether the ship desk has something to label or to load."""
        with self._reader.read() as tx:
            ready = any(labelled for _, _, labelled, _ in tx.parcels.waiting_by_carrier())
            return ready or bool(tx.parcels.unlabelled(1, stamp(utc_now())))

    def _finished(self, step: Step) -> bool:
        now = stamp(utc_now())
        with self._reader.read() as tx:
            counts = tx.orders.counts()
            if self._role == "pick":
                return not counts.get("picking", 0)
            if self._role == "pack":
                return self._shared.picked.is_set() and not counts.get("picked", 0)
            if self._role == "returns":
                return self._shared.packed.is_set() and step.state == "start"
            waiting = tx.parcels.unlabelled(1, now) or tx.parcels.waiting_by_carrier()
            return self._shared.packed.is_set() and not waiting
