"""What each of many processes does, all of them beginning at the same moment."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

from data import migrations, open_store
from data.migrations import Execute
from tests.torture.floor import CONTEXT
from tests.world import ANNA, at, gtin
from wms_terminal.bootstrap import open_terminal
from wms_terminal.domain.scan import Source

WITHIN_S = 60.0
"""How long one of them may take."""
WALK = (
    ANNA,
    "WHCPICK",
    at("T-0001"),
    at("A01-01-1"),
    gtin(1),
    gtin(1),
    at("T-0001"),
    at("STAGE-01"),
)
"""Scans that pick an order for two lanterns."""


def at_once(work: Callable[[str, int, Any], object], url: str, count: int) -> list[Any]:
    """What so many processes answer to `work(url, number, together)`.

    `together.wait()` returns to all of them at the same moment.
    """
    together = CONTEXT.Barrier(count)
    processes, lines = [], []
    try:
        for number in range(count):
            ours, theirs = CONTEXT.Pipe()
            words = (work, url, number, together, theirs)
            processes.append(CONTEXT.Process(target=_work, args=words, daemon=True))
            processes[-1].start()
            theirs.close()
            lines.append(ours)
        return [line.recv() if line.poll(WITHIN_S) else "hangs" for line in lines]
    finally:
        for process in processes:
            process.kill()
            process.join()


def _work(
    work: Callable[[str, int, Any], object], url: str, number: int, together: Any, line: Any
) -> None:
    try:
        line.send(work(url, number, together))
    except Exception as error:  # noqa: BLE001 - told by the test
        line.send(repr(error))


def boot(url: str, number: int, together: Any) -> int:
    """Boot on a store that nobody has made yet; the number of this boot."""
    del number
    together.wait(WITHIN_S)
    with closing(open_store(url)) as store, store.write() as tx:
        return tx.site.next_number("boot")


def boot_newer(url: str, number: int, together: Any) -> str:
    """Boot with a version whose schema has one step more; where the station stands."""

    def m9999_newer(execute: Execute) -> None:
        execute("CREATE TABLE newer (id {id}, boots INTEGER NOT NULL) {strict}")
        execute("INSERT INTO newer (id, boots) VALUES (1, 0)")

    steps = (*migrations.STEPS, m9999_newer)
    for name in ("data.sqlite", "data.postgres_schema"):
        vars(sys.modules[name])["STEPS"] = steps
    together.wait(WITHIN_S)
    with closing(open_terminal(url, f"PICK-0{number % 2 + 1}")) as terminal:
        state = terminal.start().state
    with closing(open_store(url)) as store, store.write() as tx:
        tx.connection.change("UPDATE newer SET boots = boots + 1", "It was not migrated once.")
    return state


def walk(url: str, number: int, together: Any) -> list[tuple[str, str, str]]:
    """Make every gesture of a walk, each at the same moment as all others; what was answered."""
    del number
    answers = []
    with closing(open_terminal(url, "PICK-01")) as terminal:
        for place, code in enumerate(WALK):
            together.wait(WITHIN_S)
            step = terminal.scan(code, Source.SCANNER, f"g{place}")
            answers.append((step.flow, step.state, step.message.code if step.message else ""))
            # Nobody goes on before all have been answered: later gestures are another matter.
            together.wait(WITHIN_S)
    return answers
