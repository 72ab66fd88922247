"""What the store keeps of what customers say about their orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.feedback import Facts, Opinion


@dataclass(frozen=True, slots=True)
class FeedbackSum:
    """What customers said about one product, channel or cause."""

    what: str
    """A SKU, a channel or a cause; empty for all of it, or where there is none."""
    name: str
    """The product's name, else empty."""
    count: int
    scored: int
    """Those with a score."""
    mean: float | None
    lowest: int | None
    low: int
    """How many scores of 1 or 2."""


@dataclass(frozen=True, slots=True)
class SentMail:
    """A mail of ours that somebody answered, or that came back."""

    message_id: int
    """Of the outbox."""
    order_id: int
    kind: str


class FeedbackRoom(Protocol):
    """What customers say."""

    def add(
        self,
        *,
        at: str,
        order_id: int,
        product_id: int | None,
        channel: str,
        source: str,
        key: str,
        score: int | None,
        cause: str,
        derived: bool,
        text: str,
    ) -> bool:
        """Keep it once, by its key; whether it was new."""

    def of_order(self, order_id: int) -> list[Opinion]:
        """What was said about an order, the oldest first."""

    def sums(self, by: str, since: str) -> list[FeedbackSum]:
        """What was said since then by `product`, `channel` or `cause`, or in all when empty.

        What is about a whole order counts for each of its products. The worst comes first.
        """

    def recent(self, since: str, limit: int) -> list[Opinion]:
        """What was said in words since then, the newest first."""

    def facts(self, order_id: int) -> Facts:
        """What happened to an order that may be the cause of a bad score."""

    def sent(self, message_id: str) -> SentMail | None:
        """The mail about an order that left with that Message-ID."""

    def came_back(self, message_id: int, why: str) -> bool:
        """A mail that had left is given up after all; whether that is news."""
