"""`make bench`: one station alone; print ratios, and put them into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import platform
import sys

from benchmarks import pick_commit, scan_path, sections, terminal
from benchmarks.figures import Figure, Latency


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=["pick", "terminal", "scan"], help="One of the three.")
    parser.add_argument("--rounds", type=int, default=5, help="Rounds, ours and bare in turn.")
    parser.add_argument("--write", action="store_true", help="Write docs/benchmarks.md.")
    chosen = parser.parse_args()
    if chosen.write and chosen.only:
        parser.error("--write needs all of them: leave --only out.")
    figures: list[Figure] = []
    latencies: list[Latency] = []
    if chosen.only in (None, "pick"):
        figures += pick_commit.measure(chosen.rounds)
    if chosen.only in (None, "terminal"):
        figures += terminal.measure(chosen.rounds)
    if chosen.only in (None, "scan"):
        latencies += scan_path.measure(chosen.rounds)
    print(*(figure.line() for figure in figures), sep="\n")
    print(*(latency.line() for latency in latencies), sep="\n")
    if chosen.write:
        sections.put("station", section(figures, latencies))
    return 0


def section(figures: list[Figure], latencies: list[Latency]) -> str:
    ratios = "\n".join(figure.row() for figure in figures)
    scans = "\n".join(latency.row() for latency in latencies)
    return f"""## One station

Made by `make bench ARGS=--write` on {platform.system()} {platform.machine()}, Python \
{platform.python_version()}. Several rounds, ours and the bare baseline in turn, in one run; the \
milliseconds are of one machine and mean nothing else.

### Medians

The aim is a ratio of at most 1.5.

| What | Ours | Bare | Ratio | Bare baseline |
|---|---|---|---|---|
{ratios}

### From a scanner's last byte

p50 / p95 / p99 of every scan of a walk. *Handled* is when the code waits in the program's queue \
and can no longer be lost to what comes after it; *painted* is when its outcome is on the screen. \
Bare is a Textual app that gathers keys and shows the code; the ratio is that of the p95.

| What | Ours | Bare | Ratio | Aim |
|---|---|---|---|---|
{scans}
"""


if __name__ == "__main__":
    sys.exit(main())
