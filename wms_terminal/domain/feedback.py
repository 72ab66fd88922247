"""What customers say about an order: a score of 1 (bad) to 5 (good), words, and a cause."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LOWEST, HIGHEST = 1, 5
LOW = 2
"""Up to this score somebody has to look."""
LONGEST = 2000
"""Characters of a customer's words that are kept."""


class Cause(StrEnum):
    """What it was about, as the customer or customer service says."""

    LATE = "late"
    WRONG_ITEM = "wrong_item"
    DAMAGED = "damaged"
    PACKAGING = "packaging"
    COURIER = "courier"
    PRODUCT = "product"
    SERVICE = "service"
    OTHER = "other"


class Source(StrEnum):
    """How it reached us."""

    MAIL = "mail"
    FORM = "form"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One customer's word about one order."""

    id: int
    at: str
    order_id: int | None
    order_number: str
    """Empty where the order is not known any more."""
    sku: str
    """Empty when it is about the order as a whole."""
    channel: str
    source: Source
    score: int | None
    cause: str
    derived: bool
    """Whether nobody named the cause, and it follows from what happened to the order."""
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to an order, as far as it may be the cause of a bad score."""

    reasons: tuple[str, ...]
    """Of its returns: codes of ours, or words of the channel."""
    trouble: bool
    """Its carrier had trouble with a parcel, or brings it back."""
    late: bool
    """It left, or arrived, later than promised."""


_REASONS = (
    (Cause.WRONG_ITEM, ("wrong", "verkeerd")),
    (Cause.DAMAGED, ("damage", "broken", "beschadigd", "kapot")),
)


def derived_cause(facts: Facts) -> str:
    """The cause that follows from what happened; empty when none does."""
    said = " ".join(facts.reasons).lower()
    for cause, words in _REASONS:
        if any(word in said for word in words):
            return cause.value
    if facts.trouble:
        return Cause.COURIER.value
    return Cause.LATE.value if facts.late else ""
