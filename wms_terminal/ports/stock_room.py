"""What the store keeps about stock: the double-entry ledger and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.allocation import Bin
from wms_terminal.domain.records import StockRecord


@dataclass(frozen=True, slots=True)
class StockRow:
    """What lies somewhere."""

    location_id: int
    location: str
    location_kind: str
    product_id: int
    sku: str
    name: str
    lot: str
    quantity: int
    allocated: int


class StockRoom(Protocol):
    """The double-entry ledger and what follows from it."""

    def available(self, product_id: int) -> list[Bin]:
        """Pick and bulk locations with free stock of a product, those to be counted left out."""

    def reserve(self, location_id: int, product_id: int, lot: str, quantity: int) -> None:
        """Hold stock for a pick task, or let go of it when `quantity` is negative."""

    def move(
        self,
        product_id: int,
        lot: str,
        quantity: int,
        from_id: int,
        to_id: int,
        *,
        why: str,
        at: str,
        gesture_id: str | None = None,
        line_id: int | None = None,
        allocated: bool = False,
    ) -> None:
        """Move units, `allocated` ones or free ones; StoreConflict when they are not there.

        Units that an allocation held move for the reason `pick`, and only those do: a reversal
        tells by the reason whether the allocation comes back.
        """

    def reverse(self, gesture_id: str, by_gesture: str, at: str) -> None:
        """Move everything back that a gesture moved, unless that was done before."""

    def at_location(self, location_id: int) -> list[StockRow]:
        """What lies in a location."""

    def of_product(self, product_id: int) -> list[StockRow]:
        """Where a product lies, totes and parcels included."""

    def on_hand(self, location_id: int) -> int:
        """Units of anything in a location."""

    def in_totes(self, order_id: int, product_id: int) -> list[StockRow]:
        """What lies of a product in an order's totes, the first tote first."""

    def lots_at(self, location_id: int, product_id: int) -> list[tuple[str, int]]:
        """Lots of a product in a location with their free units."""

    def put_lot(self, product_id: int, lot: str, expires_on: str) -> None:
        """Make a lot known. An expiry date that is known already is not lost to an empty one."""

    def set_quantity(self, record: StockRecord, at: str) -> int:
        """Make the quantity in a location so, close its counts, and tell by how much it changed.

        Raises:
            StoreConflict: pick tasks hold more than that.
            StoreError: no such location or product, or a tote or parcel, which only scans fill.
        """

    def add_count(
        self, location_id: int, product_id: int, lot: str, reason: str, at: str, operator_id: int
    ) -> None:
        """Ask for a count. Until it is closed, nothing there is allocated to new work."""

    def close_counts(self, location_id: int, product_id: int, at: str) -> None:
        """A product was counted in a location."""
