"""A station in a process of its own, to be hurt at any point.

It tells its parent of every gesture twice: before it is made, and once it is answered. When the
store is away it says so and makes the same gesture again, as a station on the floor does.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from data import open_store
from tests.torture.hardware import Codes, Pans, impatient_printers
from wms_terminal.bootstrap import Bench, Devices, Terminal
from wms_terminal.domain.commands import Command
from wms_terminal.domain.scan import Source
from wms_terminal.ports.store import StoreError
from wms_terminal.services.floor import new_gesture, utc_now
from wms_terminal.simulated_crew import ENTRY, badge_of, name_of
from wms_terminal.simulated_operator import Move, SimulatedOperator

AWAY_S = 0.05
"""Until a station asks a store again that was away."""
IDLE_S = 0.05
"""Until somebody without work looks again."""
PATIENCE_S = 60.0
"""A store that stays away for longer will not come back."""
REMEMBERED = 50
"""Gestures of which one may come again, late."""


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


@dataclass(frozen=True)
class Trials:
    """What goes wrong at the station itself: how likely it is at each gesture."""

    unplugged: float = 0.0
    """Its scanner, in the middle of a code."""
    unstable: float = 0.0
    """Its scale, at a weighing."""
    clock: float = 0.0
    """Its clock jumps back by up to two hours, or forward to where it was."""
    late: float = 0.0
    """An old gesture comes once more."""
    folder: str = ""
    """Where its scanner and scale are plugged in; without it, it has simulated ones."""


NO_TRIALS = Trials()


class Clock:
    """A wall clock that somebody sets."""

    def __init__(self) -> None:
        self.behind = timedelta()

    def __call__(self) -> datetime:
        """What it shows."""
        return utc_now() - self.behind


def never() -> bool:
    """Whether to stop: no."""
    return False


def always_out(label: str) -> bool:
    """Whether a label lies there: a simulated printer's always does."""
    return bool(label)


def work(
    url: str,
    role: str,
    seed: int,
    unanswered: Gesture | None,
    most: int,
    line: Line,
    *,
    number: int = 0,
    trials: Trials = NO_TRIALS,
    stop: Callable[[], bool] = never,
    is_out: Callable[[str], bool] = always_out,
) -> None:
    """Sign in, repeat the gesture whose answer was lost, and go on for at most so many scans.

    Without trials it ends where there is nothing to do, and a store that is away is its end.
    """
    with ExitStack() as stack:
        shift = Shift(url, role, number, random.Random(seed), line, trials, stack, is_out)
        shift.begin(unanswered)
        for _ in range(most):
            if stop() or not shift.turn():
                break
        line.send(("idle", shift.step.state))


class Shift:
    """One person's time at one station."""

    def __init__(
        self,
        url: str,
        role: str,
        number: int,
        chance: random.Random,
        line: Line,
        trials: Trials,
        stack: ExitStack,
        is_out: Callable[[str], bool],
    ) -> None:
        self._role, self._number, self._line, self._trials = role, number, line, trials
        self._chance, self._is_out = chance, is_out
        self._clock = Clock()
        self._person = SimulatedOperator(chance, 0.02, ("LOST", "LA00000X"))
        self._past: list[Gesture] = []
        self._idle = 0
        self._codes: Codes | None = None
        name = name_of(role, number)
        if trials.folder:
            impatient_printers()
            self._codes = stack.enter_context(Codes(Path(trials.folder) / f"{name}-scanner"))
        pans: Pans | None = None
        if trials.folder and role == "pack":
            pans = stack.enter_context(Pans(Path(trials.folder) / f"{name}-scale"))
        self._bench: Bench = self._at_last(lambda: _bench(url, name, self._clock))
        stack.callback(self._bench.close)
        if pans is not None and self._bench.devices.scale is not None:
            self._bench.devices.scale = pans.under(self._bench.devices.scale, self._unstable)
        self.step = self._at_last(self._bench.terminal.start)

    def begin(self, unanswered: Gesture | None) -> None:
        """Show the badge, and make the gesture again that was not answered."""
        self._scan(badge_of(self._role, self._number))
        resumed = self.step.message is not None and self.step.message.code == "resumed"
        self._line.send(("resumed" if resumed else "began", self.step.flow))
        if unanswered is not None:
            self._make(unanswered)

    def turn(self) -> bool:
        """One gesture, or a look; whether there was anything to do."""
        if self._happens(self._trials.clock, "clock set back or forth"):
            minutes = self._chance.choice((0, self._chance.randrange(120)))
            self._clock.behind = timedelta(minutes=minutes)
        if self._past and self._happens(self._trials.late, "gesture sent again, late"):
            self._again(self._chance.choice(self._past))
        if self.step.flow == "menu":
            move: Move | None = Move(ENTRY[self._role].value)
        elif self.step.flow == "sign_in" and not self.step.must_acknowledge:
            move = Move(badge_of(self._role, self._number))
        else:
            move = self._honest(self._person.move(self.step))
        if move is not None:
            self._idle = 0
            self._scan(move.code, move.source)
            return True
        return bool(self._trials.folder) and self._look_again()

    def _look_again(self) -> bool:
        """Wait for work: what another process was asked to print is printed here as well."""
        time.sleep(IDLE_S)
        self._idle += 1
        self._at_last(self._bench.devices.print_jobs)
        self.step = self._at_last(self._bench.terminal.look)
        if self._idle % 10 == 0:
            self._scan(Command.MENU.value, Source.KEY)
        return True

    def _honest(self, move: Move | None) -> Move | None:
        """Nobody can scan a label that is not out; at the ship desk it is tried again."""
        if self.step.message is not None and self.step.flow == "pick":
            self._person.elsewhere |= self.step.message.code == "already_done"
        at_desk = (self.step.flow, self.step.state) == ("ship", "label")
        if at_desk and move == Move(Command.SKIP.value) and self._chance.random() < 0.5:
            return Move(Command.PRINT.value, Source.KEY)
        label = move is not None and move.code == self.step.hint and _is_label(move.code)
        if move is None or not label or self._is_out(move.code):
            return move
        again = Command.PRINT if self.step.state == "label" else Command.MENU
        return Move(again.value, Source.KEY)

    def _scan(self, code: str, source: Source = Source.SCANNER) -> None:
        if self._codes is not None and source is Source.SCANNER:
            unplug = self._happens(self._trials.unplugged, "scanner unplugged in mid-code")
            code = self._codes.read(code, unplug=unplug)
        self._make(Gesture(new_gesture(), code, source))

    def _make(self, gesture: Gesture) -> None:
        self._line.send(("made", gesture))
        self.step = self._at_last(
            lambda: self._bench.scan(gesture.code, gesture.source, gesture.id)
        )
        self._line.send(("answered", gesture))
        if not gesture.code.startswith("WHB"):
            self._past = [*self._past[-REMEMBERED:], gesture]

    def _again(self, gesture: Gesture) -> None:
        """What was answered long ago is answered again, and nothing else happens."""
        before = self._at_last(self._bench.terminal.look)
        self._at_last(lambda: self._bench.scan(gesture.code, gesture.source, gesture.id))
        after = self._at_last(self._bench.terminal.look)
        assert (before.flow, before.state) == (after.flow, after.state), (gesture, before, after)

    def _unstable(self) -> bool:
        return self._happens(self._trials.unstable, "scale unstable")

    def _happens(self, likely: float, fault: str) -> bool:
        happens = self._chance.random() < likely
        if happens:
            self._line.send(("fault", fault))
        return happens

    def _at_last(self, ask: Callable[[], Any]) -> Any:
        """The store's answer, however often it has to be asked."""
        deadline = time.monotonic() + (PATIENCE_S if self._trials.folder else 0)
        while True:
            try:
                return ask()
            except StoreError as error:
                if time.monotonic() > deadline:
                    raise
                self._line.send(("away", str(error)))
                time.sleep(AWAY_S)


def _bench(url: str, name: str, clock: Clock) -> Bench:
    """`bootstrap.open_bench`, with a clock."""
    with ExitStack() as unless_open:
        store = open_store(url)
        unless_open.callback(store.close)
        terminal = Terminal(store, name, clock)
        other = open_store(url)
        unless_open.callback(other.close)
        bench = Bench(terminal, Devices(other, terminal.station, clock))
        unless_open.pop_all()
    return bench


def _is_label(code: str) -> bool:
    return len(code) >= 18 and code[-18:].isdigit()
