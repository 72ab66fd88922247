"""One simulated person's day, in a process of its own: from the badge to the last order."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.scan import Source
from wms_terminal.domain.site import Kind
from wms_terminal.ports.store import Store
from wms_terminal.services.floor import new_gesture, utc_now
from wms_terminal.services.step import Step
from wms_terminal.simulated_crew import ENTRY, Crew, badge_of, name_of
from wms_terminal.simulated_operator import SimulatedOperator, refused

WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds until somebody without work looks again: twice as long each time."""
WEDGED = 60.0
"""Seconds in which nobody at all gets on, after which an operator gives up and says so."""


@dataclass(frozen=True, slots=True)
class News:
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
class Shared:
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


def work(role: str, number: int, store_url: str, crew: Crew, shared: Shared) -> None:
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
        self, role: str, crew: Crew, shared: Shared, bench: Any, reader: Store, person: Any
    ) -> None:
        self._role = role
        self._crew = crew
        self._shared = shared
        self._bench = bench
        self._reader = reader
        self._person = person
        self._order = ""
        """The order that the last step was about."""
        self._news = News(role)

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
                    self._shared.news.put(News(self._role, trouble=text))
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
        self._news = News(self._role)

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
