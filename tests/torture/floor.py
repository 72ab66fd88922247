"""A floor of station processes that is hurt while it works, and what must hold afterwards.

Everything random comes from one seed. What the faults are is in the modules beside this one.
"""

from __future__ import annotations

import heapq
import itertools
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from data import open_store
from data.doctor import examine, totals
from devices.printers.virtual_zebra import VirtualZebra
from tests.torture import station
from tests.torture.hardware import LabelPrinter, numbers
from tests.torture.station import Gesture, Trials
from tests.world import CANDLE, LANTERN, World
from wms_terminal.domain.records import LocationRecord, StockRecord
from wms_terminal.ports.store import Store
from wms_terminal.services import take_in
from wms_terminal.simulated_crew import Crew, hire, name_of

PLENTY = 20
"""Orders that wait to be picked or packed, so that nobody is without work."""
LOOK_S = 1.0
"""Between two looks at what waits."""
LEAVE_S = 60.0
"""Within which a station that is told to stop has stopped."""
CREW = Crew(3, 4, 1)

# One process that has imported everything, from which stations come in milliseconds.
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        "tests.torture.floor",
        "data.sqlite",
        "data.postgres",
        "devices.documents.slip",
        "devices.documents.zpl",
        "devices.scales.polled_scale",
        "devices.scanners.serial_scanner",
    ]
)

Fault = Callable[["Floor"], bool]
"""Does its harm and sees to it that it ends; False where it found nothing to harm."""


def prepare(url: str) -> None:
    """A small warehouse with more in it than anybody can pick."""
    with closing(open_store(url)) as store:
        world = World(store)
        take_in.locations(store, [LocationRecord(f"T-{n:04d}", "tote") for n in range(9, 400)])
        plenty = [
            StockRecord("A01-01-1", LANTERN, 10**6),
            StockRecord("A01-03-1", CANDLE, 10**6, "LOT-A", "2027-01-01"),
        ]
        take_in.stock(store, plenty, lambda: world.now, lambda kind, what: None)


def run_station(
    url: str, role: str, number: int, seed: int, pending: Gesture | None, trials: Trials, line: Any
) -> None:
    """The main program of a station's process, told by its parent when to go home."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave = False

    def stop() -> bool:
        nonlocal leave
        while line.poll():
            leave = line.recv() == "leave" or leave
        return leave

    def is_out(label: str) -> bool:
        nonlocal leave
        line.send(("out?", label))
        while isinstance(answer := line.recv(), str):
            leave = True
        return bool(answer)

    station.work(
        url,
        role,
        seed,
        pending,
        10**9,
        line,
        number=number,
        trials=trials,
        stop=stop,
        is_out=is_out,
    )


@dataclass
class Post:
    """What the parent knows of one station."""

    role: str
    number: int
    process: Any = None
    line: Connection | None = None
    pending: Gesture | None = None
    """Made, and not answered."""
    killed: bool = False
    frozen: bool = False

    @property
    def name(self) -> str:
        """Its code."""
        return name_of(self.role, self.number)

    @property
    def pid(self) -> int:
        """Its process."""
        return int(self.process.pid)


@dataclass
class Floor:
    """Stations at work, watched."""

    url: str
    folder: Path
    chance: random.Random
    crew: Crew = CREW
    trials: Trials = station.NO_TRIALS
    answered: set[str] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)
    """What stations said when the store did not do as it was asked."""
    broken: list[str] = field(default_factory=list)
    """What must not be, as it was found."""
    heads: dict[str, VirtualZebra] = field(default_factory=dict)
    """By station: what its label printer has printed, and how it is."""
    servers: dict[str, LabelPrinter] = field(default_factory=dict)
    listeners: list[Callable[[Post, Gesture], None]] = field(default_factory=list)
    """Hear of every gesture before it is made."""
    posts: list[Post] = field(default_factory=list)
    _due: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _order: itertools.count[int] = field(default_factory=itertools.count)
    _references: itertools.count[int] = field(default_factory=lambda: itertools.count(1001))
    _closing: bool = False

    def open(self) -> None:
        """Set the floor up: everybody begins to work."""
        hire(self.url, self.crew)
        for role in ("pick", "pack", "ship"):
            for number in range(self.crew.of(role)):
                self.posts.append(Post(role, number))
        with closing(open_store(self.url)) as store, store.write() as tx:
            for post in self.posts:
                found = tx.site.station(post.name)
                assert found is not None
                if post.role == "pick":
                    continue
                self.heads[post.name] = VirtualZebra()
                self.switch_on(post.name)
                scale = f"serial://{self.folder / post.name}-scale?protocol=mtsics"
                urls = {
                    "scanner": "sim:",
                    "printer": f"tcp://127.0.0.1:{self.servers[post.name].port}",
                    "documents": "sim:",
                    "scale": scale if post.role == "pack" else "",
                }
                bench = "BENCH-01" if post.role == "pack" else ""
                tx.site.put_station(post.name, post.name, found.department, bench, urls, 3600)
        self._refill()
        for post in self.posts:
            self._begin(post)

    def work(self, seconds: float, faults: Mapping[str, Fault], every: float = 0.4) -> None:
        """Let them work for so long, with a fault by chance about as often as said."""
        end = time.monotonic() + seconds
        self.later(LOOK_S, self._look)
        next_fault = time.monotonic() + every
        while (now := time.monotonic()) < end:
            self.pump(min(next_fault, end) - now)
            if time.monotonic() >= next_fault and faults:
                name = self.chance.choice(sorted(faults))
                if faults[name](self):
                    self.faults[name] += 1
                next_fault = time.monotonic() + self.chance.uniform(0, 2 * every)

    def pump(self, seconds: float) -> None:
        """Hear what is said and do what is due, for so long."""
        end = time.monotonic() + seconds
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
            due = self._due[0][0] if self._due else end
            lines = {post.line: post for post in self.posts if post.line is not None}
            for line in wait(list(lines), max(0.0, min(due, end) - time.monotonic())):
                self._hear(lines[line])  # type: ignore[index]
            if time.monotonic() >= end:
                return

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        """Do something after a while."""
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), action))

    def anybody(self) -> Post | None:
        """A station that is there and not frozen."""
        there = [post for post in self.posts if post.line is not None and not post.frozen]
        return self.chance.choice(there) if there else None

    @property
    def is_frozen(self) -> bool:
        """Whether somebody may hold the store and not move."""
        return any(post.frozen for post in self.posts)

    def thaw(self) -> None:
        """Let whoever is frozen go on."""
        for post in self.posts:
            if post.frozen:
                post.frozen = False
                with suppress(ProcessLookupError):
                    os.kill(post.pid, signal.SIGCONT)

    def switch_on(self, name: str) -> None:
        """Switch a station's label printer on, at the port it had."""
        if name in self.servers and not self.servers[name].gone:
            return
        port = self.servers[name].port if name in self.servers else 0
        self.servers[name] = LabelPrinter(self.heads[name], port)
        self.servers[name].start()

    def journal(self) -> Counter[str]:
        """How often each gesture is in the journal."""
        with closing(open_store(self.url)) as store:
            return gestures(store)

    def close(self) -> None:
        """End all faults, let everybody finish what they do, and send them home."""
        self._closing = True
        while self._due:
            heapq.heappop(self._due)[2]()
        self.thaw()
        for post in self.posts:
            if post.line is not None:
                with suppress(OSError):
                    post.line.send("leave")
        end = time.monotonic() + LEAVE_S
        while any(post.line is not None for post in self.posts) and time.monotonic() < end:
            self.pump(0.05)
        for post in self.posts:
            if post.line is not None:
                self.broken.append(f"{post.name} hangs")
                post.process.kill()
                post.process.join()
        for server in self.servers.values():
            server.close()

    def examine(self) -> None:
        """Find what must not be, once everybody has gone."""
        from wms_terminal.bootstrap import open_devices

        for name in self.heads:
            open_devices(self.url, name).close()
        with closing(open_store(self.url)) as store:
            journal = gestures(store)
            with store.read() as tx:
                self.broken += [str(finding) for finding in examine(tx)]
                sums = totals(tx)
                jobs: list[tuple[str, str]] = tx.connection.all(
                    "SELECT p.sscc, j.state FROM print_job j JOIN parcel p ON p.id = j.parcel_id "
                    "WHERE j.kind = 'label' AND p.sscc IS NOT NULL"
                )
                unsettled: list[tuple[str, int]] = tx.connection.all(
                    "SELECT kind, id FROM print_job WHERE state = 'sending' AND kind <> 'label'"
                )
        self.lost = sorted(self.answered - set(journal))
        self.doubled = sorted(gesture for gesture, count in journal.items() if count > 1)
        self.scans = len(journal)
        self.sums = sums
        self.broken += [f"{gesture} was answered and is lost" for gesture in self.lost]
        self.broken += [f"{gesture} counts twice" for gesture in self.doubled]
        if sums["shipped"] != sums["moved_to_customer"]:
            self.broken.append(f"Shipped and moved differ: {sums}")
        self.broken += untrue(jobs, self._labels())
        self.broken += [f"Job {job}, a {kind}: nobody sends it" for kind, job in unsettled]

    def _labels(self) -> Counter[str]:
        """How many labels of each parcel came out, of all printers."""
        out: Counter[str] = Counter()
        for head in self.heads.values():
            for label in head.labels:
                out.update(numbers(label))
        return out

    def _begin(self, post: Post) -> None:
        ours, theirs = CONTEXT.Pipe()
        seed = self.chance.randrange(10**9)
        words = (self.url, post.role, post.number, seed, post.pending, self.trials, theirs)
        post.process = CONTEXT.Process(target=run_station, args=words, daemon=True)
        post.process.start()
        theirs.close()
        post.line, post.killed, post.frozen = ours, False, False

    def _hear(self, post: Post) -> None:
        assert post.line is not None
        try:
            word, what = post.line.recv()
        except (EOFError, ConnectionResetError):
            self._gone(post)
            return
        if word == "made":
            post.pending = what
            for listener in self.listeners:
                listener(post, what)
        elif word == "answered":
            self.answered.add(what.id)
            post.pending = None
        elif word == "fault":
            self.faults[what] += 1
        elif word == "away":
            self.away[what] += 1
        elif word == "out?":
            wanted = what[-18:]
            is_out = any(
                wanted in numbers(label) for head in self.heads.values() for label in head.labels
            )
            with suppress(OSError):
                post.line.send(is_out)

    def _gone(self, post: Post) -> None:
        """A station is gone; if it was killed, another begins in its place."""
        assert post.line is not None
        post.line.close()
        post.line = None
        post.process.join()
        if not post.killed and post.process.exitcode:
            self.broken.append(f"{post.name} ended with {post.process.exitcode}")
        if post.pending is not None and post.pending.code.startswith("WHB"):
            post.pending = None
        if not self._closing:
            self._begin(post)

    def _look(self) -> None:
        if not self.is_frozen:
            self._refill()
        if not self._closing:
            self.later(LOOK_S, self._look)

    def _refill(self) -> None:
        """See to it that there is work."""
        with closing(open_store(self.url)) as store:
            with store.read() as tx:
                counts = tx.orders.counts()
            world = World(store, ready=True)
            world._references = self._references
            for _ in range(PLENTY - counts.get("new", 0) - counts.get("picked", 0)):
                world.order((self.chance.choice((LANTERN, CANDLE)), 1), (LANTERN, 1))


def gestures(store: Store) -> Counter[str]:
    """How often each gesture is in a store's journal."""
    with store.read() as tx:
        rows = tx.connection.all("SELECT gesture_id FROM scan")  # type: ignore[attr-defined]
    return Counter(str(row[0]) for row in rows)


def untrue(jobs: list[tuple[str, str]], out: Mapping[str, int]) -> list[str]:
    """What jobs say of a parcel's labels, where it is not what came out."""
    states: dict[str, Counter[str]] = {}
    for sscc, state in jobs:
        states.setdefault(sscc, Counter())[state] += 1
    found = []
    for sscc, count in states.items():
        least = max(count["printed"], min(1, count["confirmed"]))
        most = count.total() - count["faulted"] - count["queued"]
        if not least <= out.get(sscc, 0) <= most:
            said = ", ".join(f"{number} {state}" for state, number in sorted(count.items()))
            found.append(f"Label {sscc}: {out.get(sscc, 0)} came out, its jobs are {said}")
        if count["sending"]:
            found.append(f"Label {sscc}: still being sent, and nobody sends it")
    return found
