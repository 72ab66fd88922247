"""Money that goes back to a customer: a machine of its own, beside that of the goods."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RefundState(StrEnum):
    """How far a refund is.

    proposed → declined | approved | sent; sent → done | rejected | in_doubt | approved;
    approved → done | rejected; in_doubt → done | rejected | approved.
    """

    PROPOSED = "proposed"
    """Waits for somebody who may decide."""
    APPROVED = "approved"
    """A person pays it, because its channel does not do so when told."""
    SENT = "sent"
    """Its channel is being told."""
    DONE = "done"
    IN_DOUBT = "in_doubt"
    """Perhaps paid: nobody pays before a person has looked."""
    DECLINED = "declined"
    """Somebody decided against it."""
    REJECTED = "rejected"
    """It was not paid."""


ENDED = frozenset({RefundState.DONE, RefundState.DECLINED, RefundState.REJECTED})
"""States in which nothing is left to do."""
UNPAID = frozenset({RefundState.DECLINED, RefundState.REJECTED})
"""States in which no money has gone, and none will."""


@dataclass(frozen=True, slots=True)
class Refund:
    """An amount that goes back, once, for one order."""

    id: int
    key: str
    """Ours, made before anything else: the same at every attempt, here and at the channel."""
    order_id: int
    return_id: int | None
    """The return that it is for."""
    amount: int
    currency: str
    reason: str
    state: RefundState
    proposed_by: int | None
    """None where the program proposed it."""
    proposed_at: str
    decided_by: int | None
    decided_at: str | None
    settled_at: str | None
    remote_id: str
    """The channel's or the bank's own id of it."""
    detail: str
    """What the channel said of it, or what a person found."""
