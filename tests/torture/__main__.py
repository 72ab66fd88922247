"""`python -m tests.torture`: a floor at work, every fault by chance, and what was lost: nothing.

`--seconds 600 --seed 7 --store sqlite`; without a seed it takes one and says which.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.torture import mixed


def main() -> int:
    """Run, print the table, and answer 1 if anything was lost, doubled or untrue."""
    parser = argparse.ArgumentParser(prog="make torture", description="Hurt a floor at work.")
    parser.add_argument("--seconds", type=float, default=60, help="for how long (60)")
    parser.add_argument("--seed", type=int, default=None, help="the same faults once more")
    parser.add_argument(
        "--store", choices=("sqlite", "postgresql", "both"), default="both", help="(both)"
    )
    parser.add_argument("--only", default="", help="a part of a fault's name, e.g. power")
    words = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if words.seed is None else words.seed
    engines = ("sqlite", "postgresql") if words.store == "both" else (words.store,)
    seconds = words.seconds / len(engines)
    worst = 0
    for engine in engines:
        print(f"{engine}, {seconds:g} s, --seed {seed}", flush=True)
        began = time.monotonic()
        with TemporaryDirectory(prefix="wms-torture-") as folder:
            floor = mixed.run(engine, Path(folder), seconds, seed, words.only)
        print(mixed.table(floor, time.monotonic() - began), flush=True)
        worst |= bool(floor.broken)
    return worst


if __name__ == "__main__":
    sys.exit(main())
