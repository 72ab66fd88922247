"""The order book's nine months through release, pick, pack and ship, without think time.

`python -m benchmarks.nine_months [BOOK] [--store ENGINE] [--orders N] [--write]`
"""

from __future__ import annotations

import multiprocessing
import platform
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from benchmarks import sections
from benchmarks.book import Book, Feeder, read, set_up
from benchmarks.processes import memory
from data import open_store
from data.doctor import examine, totals
from wms_terminal.simulate import ROLES, Crew, Report, simulate

BOOK = Path(__file__).parents[2] / "shared" / "datasets" / "online_retail_2010-12_2011-08.csv.gz"
SAMPLE_S = 2.0
"""Between two looks at the memory of all processes."""
NEWS_S = 15.0
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Result:
    """What nine months came to on one engine."""

    engine: str
    seconds: float
    orders: int
    lines: int
    shipped: int
    cancelled: int
    changed: int
    """Orders that a cancellation made smaller."""
    too_late: int
    parcels: int
    scans: int
    p99_ms: tuple[float, ...]
    """By role."""
    memory_mb: tuple[float, float]
    """Of the process with the most, after a tenth of the time and at the end."""
    findings: list[str]
    troubles: list[str]


class Watch:
    """The memory of the simulated people's processes, looked at while they work."""

    def __init__(self) -> None:
        self.samples: list[tuple[float, float]] = []
        """When, and megabytes of the process with the most."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()

    def at(self, share: float) -> float:
        """The most of all processes around a share of the time."""
        if not self.samples:
            return 0.0
        middle = int(share * (len(self.samples) - 1))
        return max(size for _, size in self.samples[max(0, middle - 3) : middle + 4])

    def _look(self) -> None:
        while not self._over.wait(SAMPLE_S):
            sizes = []
            for person in multiprocessing.active_children():
                try:
                    sizes.append(memory(person.pid or 0).rss)
                except (OSError, ValueError, IndexError, KeyError):
                    continue  # it has just gone home
            if sizes:
                self.samples.append((time.monotonic(), max(sizes)))


def measure(engine: str, url: str, folder: Path, book: Book, crew: Crew, seconds: float) -> Result:
    """Set a site up with enough stock, then work through the book."""
    set_up(url, folder, book)
    with Feeder(url, book, seconds) as feeder, Watch() as watch:
        report = simulate(url, crew, _news(feeder))
    with closing(open_store(url)) as store, store.read() as tx:
        findings = [f"{item.check}: {item.what}" for item in examine(tx)]
        troubles = report.troubles + feeder.troubles(tx, totals(tx)["shipped"])
    return Result(
        engine=engine,
        seconds=report.seconds,
        orders=len(feeder.sent),
        lines=feeder.lines,
        shipped=feeder.shipped,
        cancelled=len(feeder.cancelled),
        changed=feeder.changed,
        too_late=feeder.too_late,
        parcels=report.handed_over,
        scans=report.scans,
        p99_ms=tuple(report.percentile(role, 0.99) for role in ROLES),
        memory_mb=(watch.at(0.1), watch.at(1.0)),
        findings=findings,
        troubles=troubles,
    )


def _news(feeder: Feeder) -> Callable[[Report], None]:
    """Say how far it is, now and then."""
    last = time.monotonic()

    def tell(report: Report) -> None:
        nonlocal last
        if time.monotonic() - last >= NEWS_S:
            last = time.monotonic()
            print(
                f"{report.seconds:6.0f} s  {len(feeder.sent)} orders came, {report.picked} picked, "
                f"{report.packed} packed, {report.handed_over} parcels handed over, "
                f"{report.per_second():.0f} scans/s",
                file=sys.stderr,
                flush=True,
            )

    return tell


@contextmanager
def fresh(engine: str) -> Iterator[tuple[str, Path]]:
    """An empty store on this host's disk and a folder, gone in the end whatever happens."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as until_end:
        if engine == "sqlite":
            yield f"sqlite:///{name}/wms.db", Path(name)
            return
        from benchmarks.real_server import RealServer

        server = until_end.enter_context(closing(RealServer()))
        yield server.url(server.new()), Path(name)


def section(command: str, book: Book, crew: Crew, results: list[Result]) -> str:
    """What goes into the page of results."""
    rows = [
        ("time, from the first scan to the last answer", lambda r: f"{r.seconds / 60:.1f} min"),
        ("orders that came", lambda r: f"{r.orders:,}"),
        ("their lines", lambda r: f"{r.lines:,}"),
        ("orders cancelled before anybody began them", lambda r: f"{r.cancelled:,}"),
        ("orders made smaller before that", lambda r: f"{r.changed:,}"),
        ("cancellations that came too late: returns", lambda r: f"{r.too_late:,}"),
        ("orders shipped", lambda r: f"{r.shipped:,}"),
        ("parcels", lambda r: f"{r.parcels:,}"),
        ("orders a second", lambda r: f"{r.shipped / r.seconds:.1f}"),
        ("scans", lambda r: f"{r.scans:,}"),
        ("scans a second", lambda r: f"{r.scans / r.seconds:,.0f}"),
        (
            "p99 from scan to answer: pick / pack / ship",
            lambda r: " / ".join(f"{ms:.0f}" for ms in r.p99_ms) + " ms",
        ),
        (
            "memory of the process with the most: early / at the end",
            lambda r: " / ".join(f"{mb:.0f}" for mb in r.memory_mb) + " MB",
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
what it names ({book.unmatched:,} find none). Labels are drawn and printed on simulated printers, \
slips too. Stock is taken in for all of it beforehand.

| | {head} |
|---|{"---|" * len(results)}
{table}
"""


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
    help="After so many no more orders come, and those that came are finished; 0 for all of them.",
)
@click.option("--pickers", default=3, show_default=True)
@click.option("--packers", default=3, show_default=True)
@click.option("--write", is_flag=True, help="Write the section of docs/benchmarks.md.")
def main(
    book: Path, engine: str, orders: int, minutes: float, pickers: int, packers: int, write: bool
) -> None:
    """Nine months of a real shop's orders, as quickly as the floor's programs can.

    BOOK is online_retail_2010-12_2011-08.csv.gz; it is looked for beside the project. The exit
    code is 1 when somebody got stuck, the doctor finds something, or not everything has left.
    """
    # Ended from outside, it still leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    crew = Crew(pickers, packers, 1, mistakes=0.0)
    content = read(book, orders)
    results = []
    for chosen in ("sqlite", "postgresql") if engine == "both" else (engine,):
        with fresh(chosen) as (url, folder):
            results.append(measure(chosen, url, folder, content, crew, 60 * minutes))
    words = [f"--store {engine}"] if engine != "both" else []
    words += [f"--orders {orders}"] if orders else []
    words += [f"--minutes {minutes:g}"] if minutes else []
    command = " ".join(["python -m benchmarks.nine_months", *words])
    text = section(command, content, crew, results)
    print(text)
    if write:
        sections.put("nine months", text)
    sys.exit(any(result.findings or result.troubles for result in results))


if __name__ == "__main__":
    main()
