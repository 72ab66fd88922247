"""What a scan can come to: one word, one glyph, one tone for each outcome."""

from __future__ import annotations

from collections.abc import Mapping
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

    def to_json(self) -> dict[str, object]:
        """All of it, so that it can be said again in any language later."""
        return {
            "outcome": self.outcome.value,
            "code": self.code,
            "text": self.text.to_json(),
            "expected": _to_json(self.expected),
            "got": _to_json(self.got),
            "advice": self.advice.to_json(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Message:
        """The inverse of `to_json`."""
        text, advice = _from_json(data["text"]), _from_json(data["advice"])
        assert isinstance(text, Text)
        assert isinstance(advice, Text)
        return cls(
            Outcome(str(data["outcome"])),
            str(data["code"]),
            text,
            _from_json(data["expected"]),
            _from_json(data["got"]),
            advice,
        )


def _to_json(text: Text | str) -> object:
    return text.to_json() if isinstance(text, Text) else text


def _from_json(data: object) -> Text | str:
    return Text.from_json(data) if isinstance(data, Mapping) else str(data)


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
