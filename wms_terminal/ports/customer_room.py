"""Customers: how their orders are found, and how they are forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.orders import Order


@dataclass(frozen=True, slots=True)
class Personal:
    """A row with words in it that may be about a customer."""

    table: str
    column: str
    id: int
    words: str


class CustomerRoom(Protocol):
    """What customers say of themselves. Nothing here looks at all orders there ever were."""

    def numbered(self, number: str, limit: int) -> list[Order]:
        """Orders with exactly this number or reference, whatever channel it is from."""

    def by_email(self, email: str, limit: int) -> list[Order]:
        """Orders of a mailbox, in small or capital letters; the newest first, as below."""

    def by_phone(self, phone_key: str, limit: int) -> list[Order]:
        """Orders of a phone, by `phone_key`."""

    def by_postcode(self, postcode_key: str, limit: int) -> list[Order]:
        """Orders to a postcode, by `postcode_key`."""

    def by_tracking(self, tracking: str) -> list[Order]:
        """Orders with a parcel, or a return, under way with this tracking number."""

    def by_return(self, number: str) -> list[Order]:
        """The orders of the return with this number, ours or the channel's."""

    def sold(self, words: str, low: str, high: str, limit: int) -> list[Order]:
        """Orders of these days with a product whose SKU it is or whose name has the words."""

    def these(self, order_ids: Sequence[int]) -> list[Order]:
        """These orders, the newest first; those that are not there are left out."""

    def is_anonymous(self, order_id: int) -> bool:
        """Whether its customer was forgotten."""

    def to_forget(
        self, before: str, after: tuple[str, int], limit: int
    ) -> tuple[tuple[str, int], list[Order]]:
        """Closed orders with which nothing has happened since, in the order they were placed.

        Looks at `limit` orders placed before then and after `after`, which is when and which the
        last one was; answers the same of the last one it looked at, or `after` at the end.
        """

    def unsettled(self, order_id: int) -> tuple[int, int, int]:
        """How many returns, refunds and messages of an order are not settled yet."""

    def words_of(self, order_id: int) -> list[Personal]:
        """What somebody wrote about an order, wherever that is kept."""

    def rewrite(self, personal: Personal, words: str) -> None:
        """Keep other words there."""

    def forget(self, order_id: int) -> None:
        """Empty what only is about the customer: header, papers, labels, settled messages."""

    def forget_searches(self, before: str, after_id: int, limit: int) -> int | None:
        """Empty what was keyed in and was nobody's code, in so many scans after that one.

        The last scan it looked at, or None at the end.
        """

    def forget_loose(self, before: str) -> None:
        """Empty what customers wrote that belongs to no order."""
