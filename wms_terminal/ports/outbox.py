"""The outbox: what the outside must learn, kept in the same commit as what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class OutboxState(StrEnum):
    """How far a message is."""

    PENDING = "pending"
    """Waits for its time, or somebody is just telling it."""
    DONE = "done"
    UNSUPPORTED = "unsupported"
    """The receiver has no such thing; nothing is left to do."""
    DEAD = "dead"
    """Given up: a person has to look."""


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell one receiver, once."""

    id: int
    at: str
    target: str
    """Who: `channel:CODE`, `mail`, `carrier:CODE`."""
    kind: str
    """What: ship, deliver, return, refund or check; the kind of a mail; book, cancel or pickup."""
    key: str
    """Ours, and the receiver's idempotency key: made before the first attempt."""
    order_id: int | None
    payload: str
    """JSON, by kind."""
    state: OutboxState
    attempts: int
    next_at: str
    worker: str
    detail: str
    remote_id: str
    settled_at: str | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one receiver has not been told yet."""

    target: str
    pending: int
    dead: int
    oldest: str
    """Since when the oldest pending one waits; empty when none does."""


class OutboxRoom(Protocol):
    """Messages to the outside, each delivered at least once and recognised the second time."""

    def add(
        self, target: str, kind: str, key: str, order_id: int | None, payload: str, at: str
    ) -> None:
        """Tell a receiver something once; the same key again changes nothing."""

    def claim(self, target: str, worker: str, now: str, until: str) -> Message | None:
        """Take the message that has waited longest; nobody else gets it until then.

        Of one order's messages to a receiver the earlier comes first; only a refund, which may
        be in doubt for days, holds up nothing.
        """

    def settle(
        self, message: Message, state: OutboxState, detail: str, remote: str, at: str
    ) -> None:
        """Keep how it went; StoreConflict when the claim has gone to somebody else."""

    def put_off(self, message: Message, detail: str, next_at: str) -> None:
        """Try again later; StoreConflict when the claim has gone to somebody else."""

    def next_at(self, target: str) -> str | None:
        """When the next message to a receiver is due."""

    def backlog(self) -> list[Backlog]:
        """What waits, by receiver."""

    def dead(self, limit: int) -> list[Message]:
        """Messages that were given up, oldest first."""

    def of_order(self, order_id: int) -> list[Message]:
        """All messages about an order, oldest first."""

    def get(self, message_id: int) -> Message | None:
        """One message."""

    def revive(self, message_id: int, at: str) -> None:
        """Try a message again that was given up; StoreConflict when it was not."""

    def close(self, message_id: int, detail: str, at: str) -> None:
        """Never tell a message: StoreConflict when it was told, or is being told just now."""
