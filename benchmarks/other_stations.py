"""The stations beside the one that is watched: real programs on ptys of their own.

They live in a process of their own, so that reading their screens delays no measurement. Whatever
becomes of the benchmark, they end: each when its terminal goes, and the terminals go with the
process that holds them, which ends when the benchmark's end of the pipe does.
"""

from __future__ import annotations

import multiprocessing
import random
import select
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType

from benchmarks.pty_run import PtyRun
from wms_terminal.demo_site import TOTES
from wms_terminal.domain.codes import location_barcode
from wms_terminal.domain.commands import Command
from wms_terminal.services.floor import Floor
from wms_terminal.simulated_crew import badge_of, name_of

START_S = 120.0
"""How long all of them may take to come up."""


def start(url: str, number: int) -> PtyRun:
    """The real program at the station of a simulated picker."""
    command = [sys.executable, "-m", "wms_terminal", "--store", url]
    return PtyRun([*command, "--station", name_of("pick", number)])


def sign_in(run: PtyRun, number: int) -> None:
    """Scan the badge of the station's picker as soon as it is asked for."""
    run.wait_for("SCAN YOUR BADGE", START_S)
    run.settle(0.05)
    run.write(f"{badge_of('pick', number)}\r".encode())
    run.wait_for("CHOOSE YOUR WORK", START_S)


def next_code(floor: Floor, number: int, chance: random.Random) -> str:
    """What the station's screen asks for; where no order is left, something to look up."""
    step = floor.look(name_of("pick", number))
    if step.must_acknowledge:
        return Command.OK.value
    if step.flow == "menu":
        return Command.PICK.value
    if step.flow == "pick":
        return step.hint or Command.LOOK.value
    return location_barcode(f"T-{chance.randrange(1, TOTES + 1):04}")


class Others:
    """Stations that are signed in and wait, or scan."""

    def __init__(self, url: str, numbers: Sequence[int]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_live, args=(theirs, url, numbers), daemon=True)
        self._process.start()
        theirs.close()
        self.pids: list[int] = []

    def __enter__(self) -> Others:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pipe.close()
        self._process.join(10)
        self._process.kill()

    def come_up(self) -> None:
        """Wait until all of them are signed in."""
        self.pids = self._pipe.recv()

    def scan(self, every_s: float) -> None:
        """Each scans what it is asked for at such intervals, one after the other."""
        self._pipe.send(every_s)

    def rest(self) -> int:
        """They stop; how many scans they made since they began."""
        self._pipe.send(0.0)
        made: int = self._pipe.recv()
        return made


def _live(pipe: Connection, url: str, numbers: Sequence[int]) -> None:
    from data import open_store

    runs: dict[int, PtyRun] = {}
    store = open_store(url)
    try:
        for number in numbers:
            runs[number] = start(url, number)
        for number, run in runs.items():
            sign_in(run, number)
        pipe.send([run.pid for run in runs.values()])
        _serve(pipe, Floor(store), runs)
    except EOFError:
        return
    finally:
        for run in runs.values():
            run.close()
        store.close()


def _serve(pipe: Connection, floor: Floor, runs: dict[int, PtyRun]) -> None:
    """Scan while told to, and read what the screens say."""
    every, made, chance = 0.0, 0, random.Random(2)
    due: list[tuple[float, int]] = []
    while True:
        wait = max(0.0, due[0][0] - time.perf_counter()) if due else None
        for ready in select.select([pipe, *runs.values()], [], [], wait)[0]:
            if isinstance(ready, PtyRun):
                if not ready.read(0):
                    raise RuntimeError(f"A station ended: {ready.output[-400:]!r}")
                ready.forget()
                continue
            every, now = pipe.recv(), time.perf_counter()
            if every:
                made = 0
                due = [(now + every * at / len(runs), number) for at, number in enumerate(runs)]
            else:
                due = []
                pipe.send(made)
        while due and due[0][0] <= time.perf_counter():
            moment, number = due.pop(0)
            runs[number].write(f"{next_code(floor, number, chance)}\r".encode())
            made += 1
            due.append((moment + every, number))
