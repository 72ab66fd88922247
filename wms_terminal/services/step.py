"""What a station answers to a scan: where it stands now, and what the scan came to."""

from __future__ import annotations

from dataclasses import dataclass

from wms_terminal.domain.commands import LABELS, Command
from wms_terminal.domain.outcome import Message
from wms_terminal.domain.text import NO_TEXT, Text
from wms_terminal.ports.devices import Load


@dataclass(frozen=True, slots=True)
class Key:
    """A function key and the command it stands for."""

    number: int
    """1 to 12."""
    code: str
    """The command barcode that does the same."""
    label: Text


def key(number: int, command: Command) -> Key:
    """A function key for a command, under the command's own name."""
    return Key(number, command.value, LABELS[command])


@dataclass(frozen=True, slots=True)
class Goods:
    """The product to take or to verify."""

    name: str
    sku: str
    quantity: int
    """Units that this step is about; 0 where the question is not how many."""
    done: int = 0
    """Units of those already counted."""
    detail: Text = NO_TEXT
    lot: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A list that people choose from or check."""

    columns: tuple[Text, ...]
    rows: tuple[tuple[str | Text, ...], ...]
    choices: tuple[str, ...] = ()
    """What each row stands for when it is chosen; empty where there is nothing to choose."""


@dataclass(frozen=True, slots=True)
class View:
    """What a station's screen shows between the top line and the outcome band."""

    title: Text = NO_TEXT
    """The work at hand: order, line, carrier and its time."""
    place_label: Text = NO_TEXT
    place: Text | str = ""
    """The one thing in the biggest letters: a location, a carton, a weight."""
    goods_label: Text = NO_TEXT
    goods: Goods | None = None
    into_label: Text = NO_TEXT
    into: str = ""
    facts: tuple[tuple[Text, str | Text], ...] = ()
    table: Table | None = None
    alarm: Text = NO_TEXT
    """What has gone wrong with it, in red."""
    progress: tuple[int, int] | None = None
    """Done and all, for the bar."""


@dataclass(frozen=True, slots=True)
class Print:
    """Effect: there are print jobs for this station."""

    job_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weigh:
    """Effect: the station's scale is asked for a weight."""

    load: Load


Effect = Print | Weigh


@dataclass(frozen=True, slots=True)
class Step:
    """A station's answer."""

    station: str
    operator: str
    """Name of who is signed in, or empty."""
    language: str
    flow: str
    state: str
    prompt: Text
    """The one instruction."""
    view: View
    keys: tuple[Key, ...]
    message: Message | None = None
    must_acknowledge: bool = False
    """A refusal fills the screen until OK is scanned or pressed."""
    keyed: Text = NO_TEXT
    """What F2 asks for here; empty when nothing can be keyed in."""
    secret: bool = False
    """What is keyed in must not be shown."""
    hint: str = ""
    """A code that would be right now, for practice and simulation."""
    effects: tuple[Effect, ...] = ()
    notices: int = 0
    """Open notices for the person signed in."""

    @property
    def place(self) -> tuple[str, str, Text]:
        """Where in the work the station stands, whatever the last scan came to."""
        return self.flow, self.state, self.view.title
