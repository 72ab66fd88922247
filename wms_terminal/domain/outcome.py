"""What a scan can come to: one word, one glyph, one tone for each outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wms_terminal.domain.text import NO_TEXT, T, Text


class Outcome(StrEnum):
    """The eight outcomes that an operator hears and sees."""

    OK = "ok"
    LINE_DONE = "line_done"
    ORDER_DONE = "order_done"
    CONFIRM = "confirm"
    WRONG = "wrong"
    OVER = "over"
    UNKNOWN = "unknown"
    DEVICE = "device"

    @property
    def is_refusal(self) -> bool:
        """Whether the operator has to acknowledge it before the work goes on."""
        return self in (Outcome.WRONG, Outcome.OVER, Outcome.UNKNOWN)


WORDS: dict[Outcome, Text] = {
    Outcome.OK: T("OK"),
    Outcome.LINE_DONE: T("LINE DONE"),
    Outcome.ORDER_DONE: T("ORDER DONE"),
    Outcome.CONFIRM: T("ANSWER"),
    Outcome.WRONG: T("WRONG"),
    Outcome.OVER: T("TOO MANY"),
    Outcome.UNKNOWN: T("UNKNOWN"),
    Outcome.DEVICE: T("DEVICE"),
}

GLYPHS: dict[Outcome, str] = {
    Outcome.OK: "√",
    Outcome.LINE_DONE: "√√",
    Outcome.ORDER_DONE: "■■■",
    Outcome.CONFIRM: "?",
    Outcome.WRONG: "X",
    Outcome.OVER: "+X",
    Outcome.UNKNOWN: "?X",
    Outcome.DEVICE: "!",
}
"""Glyphs that every console font draws (code page 437)."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the last scan came to, for the outcome band."""

    outcome: Outcome
    code: str
    """Stable name for integrators, e.g. `wrong_product`."""
    text: Text
    expected: Text | str = ""
    """For a refusal: what would have been right."""
    got: Text | str = ""
    """For a refusal: what came."""
    advice: Text = NO_TEXT
    """What to do next."""


class Refused(Exception):
    """A scan that changes nothing, with the message that says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message.text))
        self.message = message


def refuse(
    code: str,
    text: Text,
    *,
    expected: Text | str = "",
    got: Text | str = "",
    advice: Text = NO_TEXT,
    outcome: Outcome = Outcome.WRONG,
) -> Refused:
    """A typed refusal, ready to raise."""
    return Refused(Message(outcome, code, text, expected, got, advice))
