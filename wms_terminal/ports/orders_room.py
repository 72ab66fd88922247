"""What the store keeps about orders: their lines, timeline and notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.orders import Order, OrderHead, OrderLine, OrderState
from wms_terminal.domain.records import OrderRecord
from wms_terminal.domain.site import Operator
from wms_terminal.domain.text import Text


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of an order's timeline."""

    at: str
    kind: str
    text: str
    """JSON of a Text."""
    operator: str
    station: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What a responsible person has to know."""

    id: int
    at: str
    department: str
    text: str


class OrdersRoom(Protocol):
    """Orders, their lines, timeline and notices."""

    def put(self, record: OrderRecord, order: Mapping[str, object]) -> str:
        """Add an order or bring it up to date: added, unchanged, changed or refused.

        Refused is what differs from an order that the floor already works on; nothing is changed
        then. An order keeps the number that it got when it was added.
        """

    def get(self, order_id: int) -> Order:
        """An order's header."""

    def head(self, order_id: int) -> OrderHead:
        """What the top of a station's screen says about an order."""

    def find(self, number: str) -> Order | None:
        """The order with that number, or the only one with that reference."""

    def find_in_channel(self, channel: str, reference: str) -> int | None:
        """The id of a channel's order."""

    def search(self, words: str, limit: int) -> list[Order]:
        """Orders whose number or reference begins so, then those whose customer has it.

        For a customer, the live orders and the newest are looked through, not all there ever were.
        """

    def lines(self, order_id: int) -> list[OrderLine]:
        """An order's lines."""

    def next_to_release(self) -> tuple[int, str, bool] | None:
        """The most urgent order that may go to the floor: id, latest start, expedited."""

    def set_state(self, order_id: int, state: OrderState, *, latest_start: str = "") -> None:
        """Move an order on, and say when work on it must start now."""

    def set_waiting(self, order_id: int, waiting: str) -> None:
        """Let an order wait for `stock`, or no longer when empty."""

    def set_hold(self, order_id: int, hold: str) -> None:
        """Stop an order for a reason, or let it go on when that is empty."""

    def set_expedite(self, order_id: int, expedite: bool) -> None:
        """Put an order before all others, its pick list too, or back in its place."""

    def set_payment(self, order_id: int, payment: str) -> None:
        """Keep how its payment stands."""

    def wake_waiting(self, product_id: int) -> int:
        """Stock has come: orders that wait for this product are looked at again. How many."""

    def change_line(
        self,
        line_id: int,
        *,
        allocated: int = 0,
        picked: int = 0,
        packed: int = 0,
        shipped: int = 0,
        returned: int = 0,
        cancelled: int = 0,
    ) -> None:
        """Add to a line's quantities; StoreConflict when one would pass the one before it."""

    def counts(self) -> dict[str, int]:
        """Live orders by state, and of those how many wait for payment, for stock or on hold."""

    def ahead_of(self, order: Order) -> int:
        """How many orders go to the floor before this one."""

    def add_event(
        self,
        order_id: int | None,
        kind: str,
        text: Text,
        *,
        at: str,
        operator_id: int | None = None,
        station_id: int | None = None,
        gesture_id: str | None = None,
    ) -> None:
        """Add a line to an order's timeline."""

    def events(self, order_id: int) -> list[EventRow]:
        """An order's timeline, the oldest first."""

    def add_notice(
        self, department: str, text: Text, *, at: str, order_id: int | None = None
    ) -> None:
        """Tell whoever is responsible for a department."""

    def notices(self, operator: Operator) -> list[NoticeRow]:
        """Open notices of the departments a person answers for, the oldest first."""

    def close_notice(self, notice_id: int, operator_id: int, at: str) -> None:
        """Tick a notice off; StoreConflict when somebody else did."""
