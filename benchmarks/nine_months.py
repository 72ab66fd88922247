"""The order book's nine months through release, pick, pack and ship, without think time.

`python -m benchmarks.nine_months [BOOK] [--store ENGINE] [--keep FOLDER] [--minutes M] [--write]`
"""

from __future__ import annotations

import multiprocessing
import pickle
import platform
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks import sections
from benchmarks.book import Book, Feeder, Sent, read, set_up
from benchmarks.processes import memory
from data import open_store
from data.doctor import examine, totals
from wms_terminal.simulate import Report, simulate
from wms_terminal.simulated_crew import ROLES, Crew
from wms_terminal.simulated_operator import KEYED_FROM

BOOK = Path(__file__).parents[2] / "shared" / "datasets" / "online_retail_2010-12_2011-08.csv.gz"
SAMPLE_S = 2.0
"""Between two looks at the memory of all processes."""
NEWS_S = 15.0
TRUCK = 300
"""Parcels at which a courier leaves."""
PROGRESS = "progress.pickle"
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Progress:
    """What the stints on one engine came to so far."""

    engine: str
    sent: Sent = field(default_factory=Sent)
    minutes: list[float] = field(default_factory=list)
    """Of each stint, from the first scan to the last answer."""
    scans: int = 0
    parcels: int = 0
    latencies: dict[str, list[float]] = field(default_factory=lambda: {r: [] for r in ROLES})
    memory_mb: list[tuple[dict[str, float], dict[str, float]]] = field(default_factory=list)
    """By stint and role: of the process with the most, after a tenth of the time and at the end."""
    findings: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Of all stints."""
        return 60 * sum(self.minutes)

    @property
    def shipped(self) -> int:
        """Orders that ought to have left."""
        return len(self.sent.orders) - len(self.sent.cancelled)

    def p99_ms(self, role: str) -> float:
        """From a scan to its answer."""
        return Report(latencies=self.latencies).percentile(role, 0.99)


class Watch:
    """The memory of the simulated people's processes, looked at while they work."""

    def __init__(self) -> None:
        self.samples: list[dict[str, float]] = []
        """By role the megabytes of the process with the most."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def at(self, share: float) -> dict[str, float]:
        """By role the most of all processes around a share of the time."""
        middle = int(share * (len(self.samples) - 1))
        most: dict[str, float] = {}
        for sample in self.samples[max(0, middle - 3) : middle + 4]:
            for role, size in sample.items():
                most[role] = max(size, most.get(role, 0.0))
        return most

    def _look(self) -> None:
        while not self._over.wait(SAMPLE_S):
            sizes: dict[str, float] = {}
            for person in multiprocessing.active_children():
                role = person.name.split("-")[1].lower() if "-" in person.name else ""
                try:
                    size = memory(person.pid or 0).rss
                except (OSError, ValueError, IndexError, KeyError):
                    continue  # it has just gone home
                sizes[role] = max(size, sizes.get(role, 0.0))
            # Whoever has gone home says nothing about those who have not.
            if len(sizes) == len(ROLES):
                self.samples.append(sizes)


def work(progress: Progress, url: str, book: Book, crew: Crew, seconds: float) -> bool:
    """One stint; whether the whole book was worked through."""
    with Feeder(url, book, progress.sent, seconds) as feeder, Watch() as watch:
        report = simulate(url, crew, _news(feeder))
    with closing(open_store(url)) as store, store.read() as tx:
        progress.findings += [f"{item.check}: {item.what}" for item in examine(tx)]
        progress.troubles += report.troubles + feeder.troubles(tx, totals(tx)["shipped"])
    progress.minutes.append(report.seconds / 60)
    progress.scans += report.scans
    progress.parcels += report.handed_over
    for role, taken in report.latencies.items():
        progress.latencies.setdefault(role, []).extend(taken)
    progress.memory_mb.append((watch.at(0.1), watch.at(1.0)))
    return feeder.over


def _news(feeder: Feeder) -> Callable[[Report], None]:
    """Say how far it is, now and then."""
    last = time.monotonic()

    def tell(report: Report) -> None:
        nonlocal last
        if time.monotonic() - last >= NEWS_S:
            last = time.monotonic()
            print(
                f"{report.seconds:6.0f} s  {len(feeder.sent.orders)} orders came, "
                f"{report.picked} picked, {report.packed} packed, "
                f"{report.handed_over} parcels handed over, {report.per_second():.0f} scans/s",
                file=sys.stderr,
                flush=True,
            )

    return tell


@contextmanager
def place(engine: str, keep: Path | None) -> Iterator[tuple[str, Path]]:
    """A store on this host's disk and a folder: gone in the end, or kept for the next stint."""
    with ExitStack() as until_end:
        folder = keep / engine if keep else Path(until_end.enter_context(TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        if engine == "sqlite":
            yield f"sqlite:///{folder}/wms.db", folder
            return
        from benchmarks.real_server import KeptServer, RealServer

        (folder / "server").mkdir(exist_ok=True)
        server = KeptServer(folder / "server") if keep else RealServer()
        until_end.callback(server.close)
        known = server.admin("SELECT 1 FROM pg_database WHERE datname = 'store_1'")
        yield server.url("store_1" if known else server.new()), folder


def resume(engine: str, url: str, folder: Path, book: Book) -> Progress:
    """How far an earlier stint came; a site with enough stock for the book where there is none."""
    kept = folder / PROGRESS
    if kept.exists():
        found = pickle.loads(kept.read_bytes())
        assert isinstance(found, Progress)
        return found
    set_up(url, folder, book)
    return Progress(engine)


def section(command: str, book: Book, crew: Crew, results: list[Progress]) -> str:
    """What goes into the page of results."""
    rows = [
        ("time, from the first scan to the last answer", lambda r: f"{r.seconds / 60:.1f} min"),
        ("in so many stints", lambda r: f"{len(r.minutes)}"),
        ("orders that came", lambda r: f"{len(r.sent.orders):,}"),
        ("their lines", lambda r: f"{r.sent.lines:,}"),
        ("orders cancelled before anybody began them", lambda r: f"{len(r.sent.cancelled):,}"),
        ("orders made smaller before that", lambda r: f"{r.sent.changed:,}"),
        ("cancellations that came too late: returns", lambda r: f"{r.sent.too_late:,}"),
        ("orders shipped", lambda r: f"{r.shipped:,}"),
        ("parcels", lambda r: f"{r.parcels:,}"),
        ("orders a second", lambda r: f"{r.shipped / r.seconds:.1f}"),
        ("scans", lambda r: f"{r.scans:,}"),
        ("scans a second", lambda r: f"{r.scans / r.seconds:,.0f}"),
        (
            "p99 from scan to answer: pick / pack / ship",
            lambda r: " / ".join(f"{r.p99_ms(role):.0f}" for role in ROLES) + " ms",
        ),
        (
            "memory after a tenth of the time → at the end: pick, pack, ship",
            lambda r: "; ".join(_grown(early, end) for early, end in r.memory_mb) + " MB",
        ),
        ("doctor", lambda r: "; ".join(r.findings) or "healthy"),
        ("troubles", lambda r: "; ".join(r.troubles) or "none"),
    ]
    head = " | ".join(TITLES[result.engine] for result in results)
    table = "\n".join(
        f"| {name} | " + " | ".join(say(result) for result in results) + " |" for name, say in rows
    )
    return f"""## The order book's nine months

Made by `{command}` on {platform.system()} {platform.machine()}, Python {platform.python_version()}.

{crew.pickers} pickers, {crew.packers} packers and {crew.shippers} ship desk, each a process, work \
through the order book without think time. The book is sent while they work, in its order: an \
order is paid an hour after it was placed, a cancellation finds the customer's last order that has \
what it names ({book.unmatched:,} find none). Of {KEYED_FROM} units of one product and more, one \
is scanned and the number keyed in, at picking and at packing. Labels are drawn and printed on \
simulated printers, slips too. A courier takes {TRUCK} parcels at a time. Stock is taken in for \
all of it beforehand.

| | {head} |
|---|{"---|" * len(results)}
{table}
"""


def _grown(early: dict[str, float], end: dict[str, float]) -> str:
    return ", ".join(f"{early[role]:.0f} → {end[role]:.0f}" for role in ROLES if role in early)


@click.command()
@click.argument("book", default=BOOK, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--store",
    "engine",
    type=click.Choice(["sqlite", "postgresql", "both"]),
    default="both",
    show_default=True,
)
@click.option("--orders", default=0, help="Only so many, for a trial; 0 for all.")
@click.option(
    "--minutes",
    default=0.0,
    help="After so many nothing more comes, and what came is finished; 0 for all of it.",
)
@click.option(
    "--keep",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the stores in this folder, and go on from where the last stint there ended.",
)
@click.option("--pickers", default=3, show_default=True)
@click.option("--packers", default=3, show_default=True)
@click.option("--write", is_flag=True, help="Write the section of docs/benchmarks.md.")
def main(
    book: Path,
    engine: str,
    orders: int,
    minutes: float,
    keep: Path | None,
    pickers: int,
    packers: int,
    write: bool,
) -> None:
    """Nine months of a real shop's orders, as quickly as the floor's programs can.

    BOOK is online_retail_2010-12_2011-08.csv.gz; it is looked for beside the project. The exit
    code is 1 when somebody got stuck, the doctor finds something, or not everything has left.
    """
    # Ended from outside, it still leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    crew = Crew(pickers, packers, 1, mistakes=0.0, truck=TRUCK)
    content = read(book, orders)
    results = []
    for chosen in ("sqlite", "postgresql") if engine == "both" else (engine,):
        with place(chosen, keep) as (url, folder):
            progress = resume(chosen, url, folder, content)
            if progress.sent.events < len(content.events):
                over = work(progress, url, content, crew, 60 * minutes)
                print(f"{chosen}: {'all of it' if over else 'not all of it yet'}", file=sys.stderr)
                (folder / PROGRESS).write_bytes(pickle.dumps(progress))
            results.append(progress)
    words = [f"--store {engine}"] if engine != "both" else []
    words += [f"--orders {orders}"] if orders else []
    command = " ".join(["python -m benchmarks.nine_months", *words])
    text = section(command, content, crew, results)
    print(text)
    if write:
        sections.put("nine months", text)
    sys.exit(any(result.findings or result.troubles for result in results))


if __name__ == "__main__":
    main()
