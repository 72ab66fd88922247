"""`make bench`: run every benchmark, print ratios, and write docs/benchmarks.md with --write."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from benchmarks import pick_commit, terminal
from benchmarks.figures import Figure

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=["pick", "terminal"], help="One of the two.")
    parser.add_argument("--rounds", type=int, default=5, help="Rounds, ours and bare in turn.")
    parser.add_argument("--write", action="store_true", help="Write docs/benchmarks.md.")
    chosen = parser.parse_args()
    figures: list[Figure] = []
    if chosen.only in (None, "pick"):
        figures += pick_commit.measure(chosen.rounds)
    if chosen.only in (None, "terminal"):
        figures += terminal.measure(chosen.rounds)
    for figure in figures:
        print(figure.line())
    if chosen.write:
        PAGE.write_text(page(figures), encoding="utf-8")
    return 0


def page(figures: list[Figure]) -> str:
    rows = "\n".join(figure.row() for figure in figures)
    return f"""# Benchmarks

Made by `make bench ARGS=--write` on {platform.system()} {platform.machine()}, Python \
{platform.python_version()}. Medians of several rounds, ours and the bare baseline in turn, in one \
run. The aim is a ratio of at most 1.5; the milliseconds are of one machine and mean nothing else.

| What | Ours | Bare | Ratio | Bare baseline |
|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    sys.exit(main())
