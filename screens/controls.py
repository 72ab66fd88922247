"""What keys and scans do to a station's screen, and which codes come of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from screens import chooser, troubles
from screens.acts import (
    Acknowledged,
    Act,
    Begun,
    Cancelled,
    Edited,
    Incomplete,
    Keyed,
    Leaving,
    Maybe,
    Moved,
    Pressed,
    Scanned,
)
from screens.base import StationScreen
from screens.keyboard import ALONE_S, LEAVE_PRESSES, STALL_S, Keyboard, Line
from wms_terminal.domain.commands import Command, command
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.repeats import Repeat, Repeats
from wms_terminal.domain.scan import NO_READER, Reader, Source, data_of
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T
from wms_terminal.services.resolver import printable
from wms_terminal.services.step import Step

HELP, KEY_IN, HINT = 1, 2, 12
"""Function keys that are the same everywhere; a step may claim F2 for itself."""


class Desk(Protocol):
    """What the controls need of the application."""

    def submit(
        self, raw: str, source: Source, gesture: str = "", reader: Reader = NO_READER
    ) -> None:
        """Put a code into the queue; its gesture id, if it has one already."""

    def choose(self, station: str) -> None:
        """The operator has said which station this is."""

    def warn(self, message: Message) -> None:
        """Show and sound something that did not come from the kernel."""

    def leave(self) -> None:
        """Close the program."""

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call back."""


class Controls:
    """Turns acts of the keyboard into codes, and keeps the screen up with them."""

    def __init__(
        self,
        desk: Desk,
        page: StationScreen,
        keyboard: Keyboard,
        diagnose: Callable[[str], Message | None] = lambda text: None,
    ) -> None:
        self._desk = desk
        self._page = page
        self.keyboard = keyboard
        self._diagnose = diagnose
        """Whether a code is there to test the keyboard, and what it came to."""
        self._asks = False
        """A refusal is shown: a lone Enter, Space or Escape acknowledges it."""
        self._taken = False
        """A row of the list that is shown was taken."""
        self._stations: Sequence[Station] | None = None
        self._reader = NO_READER
        self._repeats = Repeats()
        self._practice = False

    # --- what the application says ----------------------------------------------------------------

    def ask_station(self, stations: Sequence[Station]) -> None:
        """Let the operator choose; what is typed now is the name of a station."""
        self._stations = stations
        self.keyboard.line = Line()
        self._page.choose(stations)
        self._show_line()

    def begin(self, keyboard: Keyboard, reader: Reader, practice: bool) -> None:
        """The station is known: its keyboard scanner, and whether F12 may scan."""
        self.keyboard, self._reader, self._practice = keyboard, reader, practice
        self._stations = None
        self._page.key_in(None)

    def show(self, step: Step) -> None:
        """A station's answer."""
        before = self._page.step
        moved = (before.flow, before.state, before.keyed) != (step.flow, step.state, step.keyed)
        if self.keyboard.line is not None and (moved or not step.keyed):
            self._close_line()
        self._asks, self._taken = step.must_acknowledge, False
        hint = T("F12 scans {code}", code=printable(step.hint))
        self._page.show(step, hint if self._practice and step.hint else "")

    def refresh(self, step: Step) -> None:
        """What others did meanwhile; what the last scan came to stays on the screen."""
        shown = self._page.step
        if step.message is None and step.flow == shown.flow:
            step = replace(step, message=shown.message)
        if step != replace(shown, effects=()):
            self.show(step)

    # --- what the operator does -------------------------------------------------------------------

    def act(self, acts: Iterable[Act]) -> None:
        """What the keyboard reported, in order."""
        for act in acts:
            self._act(act)

    def scanned(self, raw: str, gesture: str, reader: Reader) -> None:
        """A code from a scanner of its own, with the gesture id it got as it came in."""
        self._page.help(False)
        self._code(raw, Source.SCANNER, gesture, reader)

    def _act(self, act: Act) -> None:
        helping = self._page.helping
        if helping and not isinstance(act, Moved | Edited | Maybe | Begun):
            self._page.help(False)
        match act:
            case Scanned(raw, at):
                repeat = Repeat.NO if at is None else self._repeats.judge(raw, at)
                self._code(raw, Source.SCANNER, reader=replace(self._reader, repeat=repeat))
            case Keyed(text):
                self._keyed(text)
            case Pressed(number):
                self._press(number, helping)
            case Moved(rows):
                self._page.move(rows)
            case Edited():
                self._show_line()
            case Incomplete(text, unmarked):
                self._incomplete(text, unmarked)
            case Maybe(at):
                self._desk.later(ALONE_S, partial(self._settle, at))
            case Begun():
                self._desk.later(STALL_S, partial(self._stalled, act))
            case Acknowledged():
                if not helping and not self._acknowledge():
                    self._take()
            case Cancelled():
                if not helping:
                    self._cancel()
            case Leaving(presses):
                self._leaving(presses)

    def incomplete(self) -> None:
        """Part of a code came; half a code is never used."""
        self._desk.warn(troubles.incomplete())

    def _incomplete(self, text: str, unmarked: bool) -> None:
        """The same from the keyboard, which may be the reason."""
        trouble = troubles.unmarked() if unmarked else troubles.incomplete()
        self._desk.warn(self._diagnose(text) or trouble)

    def _settle(self, at: float) -> None:
        self.act(self.keyboard.settle(at))

    def _stalled(self, begun: Begun) -> None:
        self.act(self.keyboard.stalled(begun))

    def _code(
        self, raw: str, source: Source, gesture: str = "", reader: Reader = NO_READER
    ) -> None:
        verdict = self._diagnose(raw) if source is Source.SCANNER else None
        if verdict is not None:
            self._desk.warn(verdict)
            return
        if self._stations is not None:
            self._choose(raw)
            return
        if self.keyboard.line is not None and source is Source.SCANNER:
            self._close_line()
        meaning = command(data_of(raw)[1])
        if meaning is Command.HELP:
            self._page.help(True)
            return
        if meaning in (Command.OK, Command.NO):
            # The answer is on its way: a second OK would answer the next question.
            self._asks = False
        self._desk.submit(raw, source, gesture, reader)

    def _keyed(self, text: str) -> None:
        if self._stations is not None:
            if text:
                self._choose(text)
            elif self._stations:
                self._desk.choose(self._stations[self._page.chosen].code)
            return
        self._close_line()
        if text:
            self._code(text, Source.KEYED)

    def _press(self, number: int, helping: bool) -> None:
        step = self._page.step
        code = next((item.code for item in step.keys if item.number == number), None)
        if number == HELP:
            self._page.help(not helping)
        elif self._stations is not None:
            self._press_station(number, self._stations)
        elif code is not None:
            self._code(code, Source.KEY)
        elif number == KEY_IN and step.keyed:
            self.keyboard.line = Line(step.secret)
            self._show_line()
        elif number == HINT and self._practice and step.hint:
            self._code(step.hint, Source.SCANNER)

    def _press_station(self, number: int, stations: Sequence[Station]) -> None:
        place = number - chooser.FIRST_KEY
        if number == chooser.CLOSE:
            self._desk.leave()
        elif 0 <= place < len(stations) and number <= chooser.LAST_KEY:
            self._desk.choose(stations[place].code)

    def _choose(self, raw: str) -> None:
        assert self._stations is not None
        place = chooser.find(self._stations, raw)
        self._show_line()
        if place is not None:
            self._desk.choose(self._stations[place].code)
            return
        text = T("There is no station {code}", code=printable(raw))
        self._desk.warn(Message(Outcome.UNKNOWN, "unknown_station", text))

    def _acknowledge(self) -> bool:
        asked = self._asks
        if asked:
            self._code(Command.OK.value, Source.KEY)
        return asked

    def _take(self) -> None:
        """Enter takes the marked row of a list; once, until there is an answer."""
        choice = self._page.choice
        if choice and not self._taken and self._stations is None:
            self._taken = True
            self._code(choice, Source.KEYED)

    def _cancel(self) -> None:
        if self.keyboard.line is None:
            self._acknowledge()
        elif self._stations is not None:
            self.keyboard.line = Line()
            self._show_line()
        else:
            self._close_line()

    def _close_line(self) -> None:
        self.keyboard.line = None
        self._page.key_in(None)

    def _show_line(self) -> None:
        line = self.keyboard.line
        if line is None:
            return
        step = self._page.step
        label = step.prompt if self._stations is not None else step.keyed
        self._page.key_in(line.text, label, line.secret)

    def _leaving(self, presses: int) -> None:
        if presses >= LEAVE_PRESSES:
            self._desk.leave()
            return
        text = T("Ctrl+C {count} times more closes this terminal", count=LEAVE_PRESSES - presses)
        self._desk.warn(Message(Outcome.CONFIRM, "leaving", text))
