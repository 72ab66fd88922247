"""What the store keeps about money that goes back."""

from __future__ import annotations

from typing import Protocol

from wms_terminal.domain.refunds import Refund, RefundState
from wms_terminal.ports.channel import ReturnedLine


class RefundRoom(Protocol):
    """Refunds, and the orders that replace others."""

    def add(
        self,
        key: str,
        order_id: int,
        amount: int,
        currency: str,
        reason: str,
        at: str,
        *,
        return_id: int | None = None,
        operator_id: int | None = None,
    ) -> None:
        """Keep a proposal; the same key again changes nothing."""

    def get(self, refund_id: int) -> Refund:
        """A refund.

        Raises:
            StoreError: there is none.
        """

    def by_key(self, key: str) -> Refund | None:
        """The refund with that key."""

    def of_order(self, order_id: int) -> list[Refund]:
        """An order's refunds, the oldest first."""

    def open(self) -> list[Refund]:
        """Refunds that somebody or something has yet to settle, the oldest first."""

    def decide(
        self, refund_id: int, state: RefundState, operator_id: int, at: str, detail: str = ""
    ) -> None:
        """Decide about a proposal; StoreConflict when somebody did."""

    def move(
        self,
        refund: Refund,
        state: RefundState,
        at: str,
        *,
        remote_id: str = "",
        detail: str = "",
    ) -> None:
        """Move a refund on; StoreConflict when it is no longer in the state that it was read in."""

    def paid(self, order_id: int) -> int:
        """What was paid for the units of an order that were shipped."""

    def rma(self, return_id: int) -> str:
        """The channel's number of a return, or empty."""

    def goods(self, return_id: int) -> list[ReturnedLine]:
        """What came back with a return and was inspected."""

    def replace(self, order_id: int, original_id: int, key: str) -> None:
        """Say that an order replaces another; the key is not given to a second one."""

    def replacement(self, key: str) -> int | None:
        """The order that was made with that key."""

    def replaces(self, order_id: int) -> int | None:
        """The order that this one replaces."""

    def replaced_by(self, order_id: int) -> list[int]:
        """The orders that replace this one, the oldest first."""

    def replaced_units(self, order_id: int) -> dict[int, int]:
        """Units of an order that others replace, by its line; cancelled ones left out."""
