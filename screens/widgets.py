"""The regions of a station's screen, and how the lines in them are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from rich.cells import cell_len
from rich.text import Text as Line
from textual import events
from textual.geometry import Region as Rectangle
from textual.strip import Strip
from textual.widget import Widget

from screens import palette
from screens.bigtext import HEIGHT, big
from screens.blocks import line, panel
from screens.clean import fit, wrap
from screens.speech import Say
from wms_terminal.domain.outcome import GLYPHS, WORDS, Message, Outcome
from wms_terminal.services.step import Step

Draw = Callable[[int, int], list[Line]]
"""Width and height in, lines out."""

MIN_LABEL = 8
"""Cells that the name of what is keyed in keeps, however long the text gets."""

CLASSES: dict[Outcome, str] = {
    Outcome.OK: "-ok",
    Outcome.LINE_DONE: "-ok",
    Outcome.ORDER_DONE: "-ok",
    Outcome.CONFIRM: "-question",
    Outcome.WRONG: "-refusal",
    Outcome.OVER: "-refusal",
    Outcome.UNKNOWN: "-refusal",
    Outcome.DEVICE: "-device",
}
"""The style class of each outcome."""


class Region(Widget, inherit_bindings=False):
    """A fixed rectangle that is drawn line by line and redrawn only when a line differs."""

    ALLOW_SELECT = False

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._draw: Draw = lambda width, height: []
        self._lines: list[Line] = []

    @property
    def text(self) -> str:
        """What it says now, for tests and for whoever reads screens aloud."""
        return "\n".join(part.plain.rstrip() for part in self._lines)

    def show(self, draw: Draw, look: str = "") -> None:
        """Draw something else, in the style of the class `look`."""
        self._draw = draw
        if self.classes != {look} - {""}:
            self.set_classes(look)
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        """Draw again for the new size."""
        self._update()

    def _update(self) -> None:
        width, height = self.size
        lines = self._draw(width, height)[:height] if width and height else []
        before, self._lines = self._lines, lines
        for row, (old, new) in enumerate(zip_longest(before, lines)):
            if old != new:
                self.refresh(Rectangle(0, row, width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the region, as wide as the region."""
        width, base = self.size.width, self.rich_style
        if y >= len(self._lines):
            return Strip.blank(width, base)
        strip = Strip(self._lines[y].render(self.app.console)).crop(0, width)
        return strip.apply_style(base).extend_cell_length(width, base)


def top(step: Step, say: Say) -> Draw:
    """Who and where to the left, the work at hand to the right; below it on a narrow screen."""
    dot = f" {say('·')} "
    station, operator, title = say(step.station), say(step.operator), say(step.view.title)
    who = f"{station}{dot}{operator}" if operator else station
    notices = f"{dot}! {step.notices}" if step.notices else ""
    # What comes first in a title matters most: the order's number.
    parts = title.split(dot)
    titles = [dot.join(parts[:count]) + notices for count in range(len(parts), 0, -1)]

    def draw(width: int, height: int) -> list[Line]:
        if height > 1:
            whole = next((text for text in titles if cell_len(text) < width), titles[-1])
            return [line(fit(who, width), palette.STRONG), line(fit(whole, width))]
        left, right = next(
            (
                (name, text)
                for name in (who, station)
                for text in titles
                if cell_len(name) + cell_len(text) + 2 <= width
            ),
            (fit(station, width // 2), titles[-1]),
        )
        right = fit(right, max(0, width - cell_len(left) - 2))
        air = max(0, width - cell_len(left) - cell_len(right) - 1)
        # The last column stays free where it can.
        return [line(f" {left}", palette.STRONG).append(" " * (air - (air > 1)) + right)]

    return draw


def prompt(text: str) -> Draw:
    """The one instruction, big where there is room."""

    def draw(width: int, height: int) -> list[Line]:
        if height >= HEIGHT + 2:
            letters = big(f"{text}", width - 8, height - 2, palette.INK)
            if letters is not None:
                body = [line("   ").append_text(letters[row]) for row in range(len(letters))]
                return [line(), *body]
        # On a handheld the mark before it would cost the end of it.
        mark = " > " if cell_len(text) <= (width - 4) * height else ""
        lines = [
            line((mark if row == 0 else " " * len(mark)) + part)
            for row, part in enumerate(wrap(text, width - len(mark) - 1, height))
        ]
        return [line()] * ((height - len(lines)) // 2) + lines

    return draw


def keying(label: str, typed: str) -> Draw:
    """What is being keyed in: its end is what people look at."""

    def draw(width: int, height: int) -> list[Line]:
        room = width - 4
        spare = room - cell_len(typed) - 1
        head = fit(label, max(spare - 2, MIN_LABEL)) + ": " if label else ""
        tail = f"{typed}_"
        while cell_len(head) + cell_len(tail) > room and len(tail) > 1:
            tail = tail[1:]
        return [line()] * ((height - 1) // 2) + [line(f" > {head}{tail}")]

    return draw


def band(message: Message | None, say: Say) -> Draw:
    """The last outcome: glyph, word, what happened, and what to do about it."""

    def draw(width: int, height: int) -> list[Line]:
        if message is None:
            return []
        glyph, word = say(GLYPHS[message.outcome]), say(WORDS[message.outcome])
        text, advice = say(message.text), say(message.advice)
        letters = big(word, width // 2, HEIGHT, palette.PLACE) if height > HEIGHT else None
        if letters is not None:
            letters = panel(letters)
            used = len(letters[0]) + 10
            beside = wrap(text, width - used, 3) + wrap(advice, width - used, 2)
            lines = [line()]
            for row, part in enumerate(letters):
                mark = f"  {glyph}" if row == HEIGHT // 2 else ""
                whole = line(f"{mark:<6}").append_text(part)
                lines.append(whole.append("   " + beside[row] if row < len(beside) else ""))
            return lines
        rows = max(1, height - 1) if advice else height
        lines = _beside(f" {glyph} {word} ", text, width, rows)
        if advice:
            lines += [line(" " + part) for part in wrap(advice, width - 2, height - len(lines))]
        return [line()] * ((height - len(lines)) // 2) + lines

    return draw


def _beside(word: str, text: str, width: int, rows: int) -> list[Line]:
    """The word in a box, and the text beside and below it."""
    room = width - 2
    box = fit(word, room)
    # A word as long as the box keeps its place free while the text is broken into lines.
    parts = wrap("_" * cell_len(box) + " " + text, room, rows)
    first = line(" ").append(box, palette.WORD).append(parts[0][cell_len(box) :])
    return [first, *(line(" " + part) for part in parts[1:])]


def keys(named: Sequence[tuple[str, str]]) -> Draw:
    """Function keys in cells as wide as the row allows; the numbers never go."""

    def draw(width: int, height: int) -> list[Line]:
        whole = sum(len(name) + cell_len(label) + 3 for name, label in named)
        half = -(-len(named) // 2) if height == 2 and whole > width else len(named)
        rows = [part for part in (named[:half], named[half:]) if part]
        return [line()] * ((height - len(rows)) // 2) + [_keys(part, width) for part in rows]

    return draw


def _keys(named: Sequence[tuple[str, str]], width: int) -> Line:
    names = [name for name, _ in named]
    labels = [label for _, label in named]
    spare = padding = 0
    for padding, short in ((3, False), (1, False), (0, True)):
        if short:
            names = [name.removeprefix("F") for name in names]
        spare = width - sum(len(name) + padding for name in names) - (len(named) - 1)
        if sum(map(cell_len, labels)) <= spare:
            break
    while sum(map(cell_len, labels)) > max(spare, 0) and any(labels):
        longest = max(range(len(labels)), key=lambda at: cell_len(labels[at]))
        labels[longest] = labels[longest][:-1]
    air = 1 + max(0, spare - sum(map(cell_len, labels))) // len(named)
    row = line()
    for name, label in zip(names, labels, strict=True):
        row.append(f" {name} " if padding == 3 else name, palette.KEY)
        row.append(" " * min(padding, 1) + label + " " * air)
    return row


def words(text: str) -> Draw:
    """One plain line."""
    return lambda width, height: [line(" " + fit(text, width - 2))]
