"""The screen of every station: whoever knows one knows all.

One Textual screen serves all flows and is updated in place: switching between Textual screens
costs 95 to 125 ms, a redraw of all six regions a tenth of that. A flow's own file says which
blocks the middle is made of; the rest is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from rich.text import Text as Line
from textual.app import ComposeResult
from textual.screen import Screen

from screens import (
    chooser,
    guide,
    lookup,
    menu,
    pack,
    pick,
    refusal,
    returns,
    service,
    ship,
    sign_in,
    widgets,
)
from screens.blocks import Page, stack
from screens.charset import Charset
from screens.speech import Say, speaker
from screens.widgets import CLASSES, Draw, Region
from wms_terminal.domain.outcome import Message
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.services.step import Step, View

FLOWS: dict[str, Callable[[Step, Say, int], Page]] = {
    "sign_in": sign_in.draw,
    "menu": menu.draw,
    "pick": pick.draw,
    "pack": pack.draw,
    "ship": ship.draw,
    "lookup": lookup.draw,
    "returns": returns.draw,
    "service": service.draw,
}
"""How each flow fills the middle. A flow that is not listed is drawn like picking."""

BLANK = Step("", "", "", "start", "start", T("ONE MOMENT"), View(), ())
"""Before the first answer of the store."""

STYLES = Path(__file__).parent / "styles" / "station.tcss"

DOTS = "*"


class StationScreen(Screen[None], inherit_bindings=False):
    """Draws steps; knows nothing of where they come from."""

    HORIZONTAL_BREAKPOINTS = [(0, "-slim"), (32, "-narrow"), (64, "-middle"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [
        (0, "-flat"),
        (10, "-low"),
        (17, "-short"),
        (22, "-high"),
        (40, "-tall"),
    ]
    AUTO_FOCUS = None
    ALLOW_SELECT = False

    def __init__(self, known: Charset = Charset.UNICODE) -> None:
        super().__init__()
        self._known = known
        self.step = BLANK
        self.message: Message | None = None
        """What the band says; it stays until something else happens."""
        self.helping = False
        self._ready = False
        self._say: Say = speaker("", known)
        self._typed: str | None = None
        self._label: Text = NO_TEXT
        self._trouble: Text | str = ""
        self._hint: Text | str = ""
        self._offset = 0
        self._stations: Sequence[Station] = ()
        self.chosen = 0

    def compose(self) -> ComposeResult:
        """The six regions, from top to bottom."""
        for name in ("top", "middle", "prompt", "band", "note", "keys"):
            yield Region(name)

    def on_mount(self) -> None:
        """Show what there is to show so far."""
        self.set_class(self.app.console.color_system == "standard", "-sixteen")
        self._ready = True
        self.redraw()

    def on_unmount(self) -> None:
        """The regions are gone: there is nothing to draw on."""
        self._ready = False

    # --- what the app says ----------------------------------------------------------------------

    def show(self, step: Step, hint: Text | str = "") -> None:
        """A station's answer."""
        before, self.step = self.step, step
        if step.place != before.place:
            self._offset = 0
        self.message, self._hint = step.message, hint
        self._say = speaker(step.language, self._known)
        self.redraw()

    def choose(self, stations: Sequence[Station]) -> None:
        """Ask which station this is."""
        self._stations = stations
        self.chosen = min(self.chosen, max(0, len(stations) - 1))
        self.show(chooser.step(stations))

    def say(self, message: Message | None) -> None:
        """An outcome that did not come from the kernel: an incomplete code, a lost store."""
        self.message = message
        self.redraw()

    def note(self, trouble: Text | str) -> None:
        """What a device, or the store, suffers from; empty when all is well."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.redraw()

    def key_in(self, typed: str | None, label: Text = NO_TEXT, secret: bool = False) -> None:
        """What has been keyed in so far; None when nothing is being keyed in."""
        self._typed = DOTS * len(typed) if typed is not None and secret else typed
        self._label = label
        self.redraw()

    def help(self, helping: bool) -> None:
        """Open or close the help."""
        self.helping = helping
        self.redraw()

    def move(self, rows: int) -> None:
        """Scroll the table, or go to another station in the list."""
        if self._stations and self.step.flow == "chooser":
            self.chosen = min(max(0, self.chosen + rows), len(self._stations) - 1)
        elif self.step.view.table is not None:
            last = max(0, len(self.step.view.table.rows) - 1)
            self._offset = min(max(0, self._offset + rows), last)
        self.redraw()

    @property
    def choice(self) -> str:
        """What the marked row of a list stands for; empty where there is nothing to choose."""
        table = self.step.view.table
        if table is None or not table.choices or self.helping:
            return ""
        return table.choices[min(self._offset, len(table.choices) - 1)]

    # --- how it is drawn --------------------------------------------------------------------------

    def redraw(self) -> None:
        """All six regions, in place."""
        if not self._ready:
            return
        step, say = self.step, self._say
        refused = self._refused()
        middle = "-help" if self.helping else "-refusal" if refused else ""
        look = CLASSES[self.message.outcome] if self.message is not None else ""
        self._region("top").show(widgets.top(step, say))
        self._region("middle").show(self._middle, middle)
        self._region("prompt").show(self._prompt(), "-keying" if self._typed is not None else "")
        self._region("band").show(widgets.band(self.message, say), look)
        self._region("note").show(widgets.words(self._note()), "-trouble" if self._trouble else "")
        self._region("keys").show(widgets.keys(self._keys()))

    def _region(self, name: str) -> Region:
        return self.get_child_by_id(name, Region)

    def _refused(self) -> Message | None:
        return self.step.message if self.step.must_acknowledge else None

    def _middle(self, width: int, height: int) -> list[Line]:
        return stack(self._page(), width, height)

    def _page(self) -> Page:
        step, say = self.step, self._say
        refused = self._refused()
        if self.helping:
            return guide.draw(step, say)
        if refused is not None:
            return refusal.draw(refused, say)
        if step.flow == "chooser":
            return chooser.draw(self._stations, self.chosen, say)
        return FLOWS.get(step.flow, pick.draw)(step, say, self._offset)

    def _prompt(self) -> Draw:
        if self._typed is None:
            return widgets.prompt(self._say(self.step.prompt))
        return widgets.keying(self._say(self._label), self._say(self._typed))

    def _note(self) -> str:
        if self._trouble:
            return f"! {self._say(self._trouble)}"
        if self._typed is not None and self._label:
            return self._say(T("Enter: done   Esc: back"))
        return self._say(self._hint)

    def _keys(self) -> list[tuple[str, str]]:
        step, say = self.step, self._say
        named = [("F1", say(T("Help")))]
        if step.must_acknowledge:
            return [*named, ("Enter", say(T("OK")))]
        if step.keyed and all(item.number != 2 for item in step.keys):
            named.append(("F2", say(T("Key in"))))
        return named + [(f"F{item.number}", say(item.label)) for item in step.keys]
