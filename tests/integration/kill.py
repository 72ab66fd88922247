"""A station in a process of its own, to be killed at any point.

It tells its parent of every gesture twice: before it is made, and once it is answered.
"""

from __future__ import annotations

import random
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol

from wms_terminal.bootstrap import open_bench
from wms_terminal.domain.scan import Source
from wms_terminal.services.floor import new_gesture
from wms_terminal.services.step import Step
from wms_terminal.simulate import badge_of, name_of
from wms_terminal.simulated_operator import Move, SimulatedOperator

ENTRY = {"pick": "WHCPICK", "pack": "WHCPACK", "ship": "WHCSHIP"}


@dataclass(frozen=True)
class Gesture:
    """One pull of the trigger."""

    id: str
    code: str
    source: Source


class Line(Protocol):
    """Where a station tells what it does: a pipe to the parent, or the parent itself."""

    def send(self, told: tuple[str, Any], /) -> object:
        """Tell a word, and what it is about."""


def work(url: str, role: str, seed: int, unanswered: Gesture | None, most: int, line: Line) -> None:
    """Sign in, repeat the gesture whose answer was lost, and go on for at most so many scans."""
    person = SimulatedOperator(random.Random(seed), 0.02, ("LOST", "LA00000X"))
    with closing(open_bench(url, name_of(role, 0))) as bench:

        def scan(gesture: Gesture) -> Step:
            line.send(("made", gesture))
            step = bench.scan(gesture.code, gesture.source, gesture.id)
            line.send(("answered", gesture))
            return step

        bench.terminal.start()
        step = scan(Gesture(new_gesture(), badge_of(role, 0), Source.SCANNER))
        resumed = step.message is not None and step.message.code == "resumed"
        line.send(("resumed" if resumed else "began", step.flow))
        if unanswered is not None:
            step = scan(unanswered)
        for _ in range(most):
            if step.flow == "menu":
                move: Move | None = Move(ENTRY[role])
            else:
                move = person.move(step)
            if move is None:
                break
            step = scan(Gesture(new_gesture(), move.code, move.source))
        line.send(("idle", step.state))
