"""A person on the floor, simulated: looks at a Step, scans what it asks for, errs now and then."""

from __future__ import annotations

import random
from dataclasses import dataclass

from wms_terminal.domain.commands import Command
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.reasons import REPRINT, SHORT_PACK, SHORT_PICK
from wms_terminal.domain.scan import Source
from wms_terminal.services.step import Step

KEYED_FROM = 11
"""Above this many units of one product a picker scans one and keys the total in."""


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
    elsewhere: bool = False
    """Somebody else has this work: look for other work."""

    def move(self, step: Step) -> Move | None:
        """The next scan; None to wait and look again."""
        code = step.message.code if step.message is not None else ""
        self.elsewhere = self.elsewhere or code in ("locked_by", "order_on_hold")
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
        move = self._right(step)
        self.last = move.code
        return move

    def _errs(self) -> bool:
        return self.random.random() < self.mistakes

    def _right(self, step: Step) -> Move:
        goods = step.view.goods
        if step.flow == "pick" and step.state == "product" and goods is not None:
            left = goods.quantity - goods.done
            if goods.done and left > 0 and goods.quantity >= KEYED_FROM and not goods.lot:
                return Move(str(goods.quantity), Source.KEYED)
        if step.state == "reason":
            reasons = SHORT_PICK if step.flow == "pick" else SHORT_PACK
            return Move(self.random.choice(reasons).code)
        if step.state == "reprint":
            return Move(self.random.choice(REPRINT).code)
        return Move(step.hint)

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
