"""What the store keeps about goods that come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.returns import (
    ReturnCase,
    ReturnLine,
    ReturnState,
    ScanBehind,
    Shipped,
)


@dataclass(frozen=True, slots=True)
class ToPutBack:
    """An order that was cancelled while it was on the floor."""

    order_id: int
    number: str
    state: str


class ReturnRoom(Protocol):
    """Returns, their lines, and orders whose goods go back."""

    def add(
        self,
        number: str,
        state: ReturnState,
        at: str,
        *,
        order_id: int | None = None,
        channel: str = "",
        rma: str = "",
        tracking: str = "",
        note: str = "",
        location_id: int | None = None,
        beside_id: int | None = None,
    ) -> ReturnCase:
        """Begin a return: announced, or arrived at that time.

        `beside_id` is the return in whose parcel it lay. StoreConflict when the channel's number
        is there already.
        """

    def get(self, return_id: int) -> ReturnCase:
        """A return.

        Raises:
            StoreError: there is none.
        """

    def by_number(self, number: str) -> ReturnCase | None:
        """The return with that number of ours."""

    def by_rma(self, channel: str, rma: str) -> ReturnCase | None:
        """A channel's return."""

    def by_code(self, code: str) -> list[ReturnCase]:
        """Returns that go by a channel's number or by a tracking number, the open ones first."""

    def order_by_tracking(self, tracking: str) -> int | None:
        """The order that a parcel with this tracking number went out with."""

    def of_order(self, order_id: int) -> list[ReturnCase]:
        """An order's returns, the oldest first."""

    def beside(self, return_id: int) -> ReturnCase | None:
        """The open return of what lay in the same parcel and belongs to no known order."""

    def open(self, limit: int) -> list[ReturnCase]:
        """Returns of which more may come, those that arrived first."""

    def newest(self, limit: int) -> list[ReturnCase]:
        """Returns, the newest first."""

    def lines(self, return_id: int) -> list[ReturnLine]:
        """A return's lines."""

    def add_line(
        self,
        return_id: int,
        line_id: int | None,
        product_id: int,
        lot: str = "",
        advised: int = 0,
        reason: str = "",
    ) -> int:
        """Add a line."""

    def drop_lines(self, return_id: int) -> None:
        """Forget what was advised of a return of which nothing was received."""

    def set_state(self, return_id: int, state: ReturnState, at: str) -> None:
        """Move a return on; an earlier arrival stays."""

    def hold_at(self, return_id: int, location_id: int) -> None:
        """Say where what is on hold lies; where it does already, it stays."""

    def set_order(self, return_id: int, order_id: int, channel: str) -> None:
        """Say whose a return is; StoreConflict when that is known already."""

    def set_line(self, return_line_id: int, line_id: int) -> None:
        """Say which line of an order units are of."""

    def count(
        self,
        return_line_id: int,
        *,
        received: int = 0,
        restocked: int = 0,
        scrapped: int = 0,
        held: int = 0,
    ) -> None:
        """Add to a line's quantities; what was not advised is forgotten when nothing is left.

        StoreConflict when more would be put somewhere than came.
        """

    def still_to_come(self, line_id: int) -> int:
        """Units of an order's line that open returns have advised and not received."""

    def with_customer(self, order_id: int, product_id: int) -> list[Shipped]:
        """Units of a product that an order's customer still has, by line and lot."""

    def scans_behind(self, line_id: int) -> list[ScanBehind]:
        """The pick and pack scans of an order's line, oldest first, those taken back left out."""

    def to_put_back(self, hold: str, limit: int) -> list[ToPutBack]:
        """Orders that stand still for a reason, those with something on the floor."""
