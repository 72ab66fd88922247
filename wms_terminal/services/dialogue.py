"""What the kernel remembers between two scans, and what a flow is made of."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.scan import Reading, Source
from wms_terminal.domain.site import Kind, Operator, Station
from wms_terminal.domain.text import NO_TEXT, Text
from wms_terminal.ports.store import Tx
from wms_terminal.services.step import Effect, Key, View

LEASE = timedelta(minutes=30)
"""How long claimed work stays somebody's after the last scan."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Where a person is in the conversation; all else is read from the store."""

    flow: str = "menu"
    state: str = "start"
    order_id: int | None = None
    list_id: int | None = None
    task_id: int | None = None
    """The pick task whose location was confirmed."""
    parcel_id: int | None = None
    manifest_id: int | None = None
    product_id: int | None = None
    line_id: int | None = None
    """The order line that units are chosen of."""
    located: bool = False
    taking: bool = False
    """Pack: the next product scan takes a unit out of the box."""
    counting_id: int | None = None
    """Pack: the product scanned last, of which a number keyed in says how many are in the box."""
    confirm: str = ""
    """The code that means yes when it comes again; OK means yes too."""
    asked: str = ""
    """What the yes is for."""
    units: int = 0
    text: str = ""
    return_id: int | None = None
    place_id: int | None = None
    """Returns: the tote or parcel that goods are put back from."""
    pile: str = ""
    """Returns: the reason code that says what becomes of every unit from now on."""
    pile_id: int | None = None
    """Returns: where every unit goes that is restocked."""
    alert: Mapping[str, object] | None = None
    """The refusal that waits for its acknowledgement."""

    def to_json(self) -> str:
        """Only what differs from a fresh dialogue."""
        data = {name: value for name, value in _items(self) if value != getattr(_FRESH, name)}
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Dialogue:
        """The inverse of `to_json`."""
        return cls(**json.loads(text))

    def to(self, state: str, **changes: object) -> Dialogue:
        """The same dialogue in another state, with no question open."""
        changes = {"confirm": "", "asked": "", **changes}
        return replace(self, state=state, **changes)  # type: ignore[arg-type]  # checked by tests

    def ask(self, code: str, asked: str) -> Dialogue:
        """The same dialogue with a question that the same code answers."""
        return replace(self, confirm=code, asked=asked)


_FRESH = Dialogue()
_NAMES = tuple(item.name for item in fields(Dialogue))


def _items(dialogue: Dialogue) -> list[tuple[str, object]]:
    return [(name, getattr(dialogue, name)) for name in _NAMES]


@dataclass(frozen=True, slots=True)
class Found:
    """What a code turned out to be."""

    kind: Kind
    code: str
    """The code as looked up."""
    reading: Reading
    source: Source
    ref: int = 0
    """What it stands for; of a number that was keyed in, the product that goes by it."""
    units: int = 1
    command: Command | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """One scan's surroundings."""

    tx: Tx
    now: datetime
    gesture: str
    station: Station
    operator: Operator
    session_id: int
    dialogue: Dialogue

    @property
    def at(self) -> str:
        """Now, as the store keeps it."""
        return stamp(self.now)

    @property
    def until(self) -> str:
        """When a claim made now runs out."""
        return stamp(self.now + LEASE)

    def event(self, order_id: int | None, kind: str, text: Text) -> None:
        """Add a line to the order's timeline, signed by who did it where."""
        self.tx.orders.add_event(
            order_id,
            kind,
            text,
            at=self.at,
            operator_id=self.operator.id,
            station_id=self.station.id,
            gesture_id=self.gesture,
        )

    def at_dialogue(self, dialogue: Dialogue) -> Context:
        """The same surroundings, later in the conversation."""
        return replace(self, dialogue=dialogue)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a flow makes of a scan."""

    dialogue: Dialogue
    message: Message
    undo: Mapping[str, object] | None = None
    """What would take it back; `BARRIER` when nothing before it can be taken back either."""
    effects: tuple[Effect, ...] = ()


BARRIER: Mapping[str, object] = {"op": "barrier"}


@dataclass(frozen=True, slots=True)
class Face:
    """What a flow shows in its present state."""

    prompt: Text
    view: View = field(default_factory=View)
    keys: tuple[Key, ...] = ()
    keyed: Text = NO_TEXT
    secret: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A station's state machine: plain functions over the context."""

    name: str
    accepts: Callable[[Dialogue], tuple[Kind, ...]]
    """Which kinds of code the present state allows, first hit wins."""
    show: Callable[[Context], Face]
    """Reads only."""
    scan: Callable[[Context, Found], Answer]
    enter: Callable[[Context], Answer]
    leave: Callable[[Context], None] = lambda ctx: None
    undo: Callable[[Context, Mapping[str, object]], None] = lambda ctx, what: None
    wake: Callable[[Context], tuple[Effect, ...]] = lambda ctx: ()
    """What devices are asked when somebody comes back to a locked station."""
    private: Callable[[Dialogue, Found], bool] = lambda dialogue, found: False
    """Whether what was read may be about a customer, and is kept in no journal."""


def ok(code: str, text: Text, outcome: Outcome = Outcome.OK) -> Message:
    """A message for a scan that was accepted."""
    return Message(outcome, code, text)


def question(code: str, text: Text, advice: Text = NO_TEXT) -> Message:
    """A message that asks for a yes."""
    return Message(Outcome.CONFIRM, code, text, advice=advice)
