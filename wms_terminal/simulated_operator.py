"""A person on the floor, simulated: looks at a Step, scans what it asks for, errs now and then."""

from __future__ import annotations

import random
from dataclasses import dataclass

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK, SHORT_PICK
from wms_terminal.domain.scan import Source
from wms_terminal.domain.text import Text
from wms_terminal.services.step import Step

KEYED_FROM = 6
"""Of so many units of one product a person scans one, and keys the total in where that goes."""

LABELS_IN_VAIN = 40
"""After so many labels in a row that did not come out, it is the printer."""

_ELSEWHERE = {
    "pick": ("locked_by", "order_on_hold", "already_done"),
    "pack": ("locked_by", "order_on_hold"),
    "ship": ("locked_by", "order_on_hold", "already_done"),
}
"""Refusals that say that this work is somebody else's, or nobody's any more."""


@dataclass(frozen=True, slots=True)
class Move:
    """What the person does next."""

    code: str
    source: Source = Source.SCANNER


@dataclass(slots=True)
class SimulatedOperator:
    """Decides the next scan from the step alone, as a person at the screen would."""

    random: random.Random
    mistakes: float
    """Probability of doing something else than what is asked."""
    wrong_codes: tuple[str, ...]
    """Codes of other things: products, locations, totes, and one that nobody knows."""
    last: str = ""
    reprinted: Text | str = ""
    """The parcel whose label was last asked for again."""
    in_vain: int = 0
    """How often in a row no label came out at the ship desk."""
    elsewhere: bool = False
    """Somebody else has this work: look for other work."""

    def move(self, step: Step) -> Move | None:
        """The next scan; None to wait and look again."""
        code = step.message.code if step.message is not None else ""
        self.elsewhere = self.elsewhere or code in _ELSEWHERE.get(step.flow, ())
        if step.must_acknowledge:
            return Move(Command.OK.value, Source.KEY)
        if self.elsewhere:
            self.elsewhere = False
            return Move(Command.MENU.value, Source.KEY)
        if not step.hint:
            return None
        if self._errs():
            wrong = self._mistake(step)
            if wrong is not None:
                return wrong
        labels = step.flow == "ship" and step.state == "label"
        move = self._label(step) if labels else self._right(step)
        if move is None:
            return None
        self.last = move.code
        return move

    def _errs(self) -> bool:
        return self.random.random() < self.mistakes

    def _right(self, step: Step) -> Move:
        goods = step.view.goods
        if step.state in ("product", "verify") and goods is not None and not goods.lot:
            left = goods.quantity - goods.done
            if goods.done and left > 0 and goods.quantity >= KEYED_FROM:
                return Move(str(goods.quantity), Source.KEYED)
        if step.state == "reason":
            reasons = SHORT_PICK if step.flow == "pick" else SHORT_PACK
            return Move(self.random.choice(reasons).code)
        if step.state == "reprint":
            return Move(self.random.choice(REPRINT).code)
        return Move(step.hint)

    def _label(self, step: Step) -> Move | None:
        """Scan the label; where none came out, print it again, then see to another parcel.

        When none comes out ever again, there is nothing to do but wait for help.
        """
        if step.hint != Command.SKIP.value:
            self.in_vain = 0
            return Move(step.hint)
        self.in_vain += 1
        if self.in_vain > LABELS_IN_VAIN:
            return None
        again, self.reprinted = step.view.place != self.reprinted, step.view.place
        return Move(Command.PRINT.value, Source.KEY) if again else Move(step.hint)

    def _mistake(self, step: Step) -> Move | None:
        """Something that people do: a wrong code, the same scan twice, a short, an undo."""
        kind = self.random.choices(
            ("wrong", "again", "short", "skip", "undo", "unknown"), (50, 20, 5, 10, 10, 5)
        )[0]
        if kind == "wrong":
            return Move(self.random.choice(self.wrong_codes))
        if kind == "again" and self.last:
            return Move(self.last)
        if kind == "unknown":
            return Move(f"LOST{self.random.randrange(10**6)}")
        if kind == "undo" and step.flow in ("pick", "pack"):
            return Move(Command.UNDO.value, Source.KEY)
        if step.flow == "pick" and step.state in ("location", "product"):
            if kind == "skip":
                return Move(Command.SKIP.value, Source.KEY)
            if kind == "short":
                return Move(Command.SHORT.value, Source.KEY)
        if kind == "short" and step.flow == "pack" and step.state == "verify":
            return Move(Command.SHORT.value, Source.KEY)
        return None


def refused(step: Step) -> str:
    """The code of a refusal, empty when the scan was accepted."""
    message = step.message
    if message is not None and message.outcome in (
        Outcome.WRONG,
        Outcome.OVER,
        Outcome.UNKNOWN,
    ):
        return message.code
    return ""
