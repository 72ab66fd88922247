"""The double-entry stock ledger, and what follows from it."""

from __future__ import annotations

from data.connection import Connection, Shape, found
from wms_terminal.domain.allocation import Bin
from wms_terminal.domain.records import StockRecord
from wms_terminal.domain.site import ADJUSTMENT, OUTSIDE, SUPPLIER
from wms_terminal.ports.stock_room import StockRow
from wms_terminal.ports.store import StoreConflict, StoreError

PICK = "pick"
"""Why units move that an allocation held: only these give the allocation back when reversed."""

_BIN = Shape(
    Bin,
    "s",
    free="s.quantity - s.allocated",
    expires_on="COALESCE(t.expires_on, '')",
    bulk="CASE WHEN l.kind = 'bulk' THEN 1 ELSE 0 END",
    walk="l.walk",
)
_STOCK = Shape(StockRow, "s", location="l.code", location_kind="l.kind", sku="p.sku", name="p.name")

AVAILABLE = f"""
SELECT {_BIN.columns}
FROM stock s
JOIN location l ON l.id = s.location_id
LEFT JOIN lot t ON t.product_id = s.product_id AND t.lot = s.lot
WHERE s.product_id = :product AND s.allocated < s.quantity AND l.kind IN ('pick', 'bulk')
    AND NOT EXISTS (
        SELECT 1 FROM count_task c
        WHERE c.product_id = s.product_id AND c.location_id = s.location_id AND c.lot = s.lot
            AND c.done_at IS NULL)
ORDER BY l.walk, l.code, s.lot"""
RESERVE = """
UPDATE stock SET allocated = allocated + :quantity
WHERE location_id = :location AND product_id = :product AND lot = :lot
    AND allocated + :quantity BETWEEN 0 AND quantity"""
TAKE = """
UPDATE stock SET quantity = quantity - :quantity
WHERE location_id = :location AND product_id = :product AND lot = :lot
    AND quantity - allocated >= :quantity
RETURNING quantity"""
TAKE_ALLOCATED = """
UPDATE stock SET quantity = quantity - :quantity, allocated = allocated - :quantity
WHERE location_id = :location AND product_id = :product AND lot = :lot
    AND allocated >= :quantity
RETURNING quantity"""
CLEAR = """
DELETE FROM stock
WHERE location_id = :location AND product_id = :product AND lot = :lot AND quantity = 0"""
GIVE = """
INSERT INTO stock (location_id, product_id, lot, quantity, allocated)
VALUES (:location, :product, :lot, :quantity, :allocated)
ON CONFLICT (location_id, product_id, lot) DO UPDATE SET
    quantity = stock.quantity + excluded.quantity,
    allocated = stock.allocated + excluded.allocated"""
RECORD = """
INSERT INTO stock_move (at, product_id, lot, quantity, from_id, to_id, line_id, why, gesture_id,
    reverses)
VALUES (:at, :product, :lot, :quantity, :from_id, :to_id, :line, :why, :gesture, :reverses)"""
TO_REVERSE = """
SELECT m.id, m.product_id, m.lot, m.quantity, m.from_id, m.to_id, m.line_id, m.why
FROM stock_move m
WHERE m.gesture_id = :gesture
    AND NOT EXISTS (SELECT 1 FROM stock_move r WHERE r.reverses = m.id)
ORDER BY m.id DESC"""
LIES = """
SELECT l.code, p.sku, s.quantity, s.allocated
FROM location l
JOIN product p ON p.id = :product
LEFT JOIN stock s ON s.location_id = l.id AND s.product_id = p.id AND s.lot = :lot
WHERE l.id = :location"""
AT_LOCATION = f"""
SELECT {_STOCK.columns}
FROM stock s JOIN location l ON l.id = s.location_id JOIN product p ON p.id = s.product_id
WHERE s.location_id = :location ORDER BY p.sku, s.lot"""
OF_PRODUCT = f"""
SELECT {_STOCK.columns}
FROM stock s JOIN location l ON l.id = s.location_id JOIN product p ON p.id = s.product_id
WHERE s.product_id = :product ORDER BY l.walk, l.code, s.lot"""
ON_HAND = "SELECT COALESCE(SUM(quantity), 0) FROM stock WHERE location_id = :location"
# CROSS JOIN keeps the tables in this order: an order has few totes, a product many places.
IN_TOTES = f"""
SELECT {_STOCK.columns}
FROM location l
CROSS JOIN stock s
JOIN product p ON p.id = s.product_id
WHERE l.order_id = :order_id AND s.location_id = l.id AND s.product_id = :product
ORDER BY l.sequence, l.id, s.lot"""
LOTS_AT = """
SELECT s.lot, s.quantity - s.allocated FROM stock s
WHERE s.location_id = :location AND s.product_id = :product AND s.allocated < s.quantity
ORDER BY s.lot"""
PUT_LOT = """
INSERT INTO lot (product_id, lot, expires_on) VALUES (:product, :lot, :expires_on)
ON CONFLICT (product_id, lot) DO UPDATE SET expires_on = excluded.expires_on
WHERE excluded.expires_on NOT IN ('', lot.expires_on)"""
PLACE = "SELECT id, kind FROM location WHERE code = :code"
PRODUCT = "SELECT id FROM product WHERE sku = :sku"
HELD = """
SELECT quantity, allocated FROM stock
WHERE location_id = :location AND product_id = :product AND lot = :lot"""
WAS_THERE = """
SELECT EXISTS (SELECT 1 FROM stock WHERE location_id = :location AND product_id = :product)
    OR EXISTS (SELECT 1 FROM count_task
        WHERE product_id = :product AND location_id = :location AND done_at IS NULL)"""
ADD_COUNT = """
INSERT INTO count_task (at, location_id, product_id, lot, reason, operator_id)
VALUES (:at, :location, :product, :lot, :reason, :operator)
ON CONFLICT (product_id, location_id, lot) WHERE done_at IS NULL DO NOTHING"""
CLOSE_COUNTS = """
UPDATE count_task SET done_at = :at
WHERE product_id = :product AND location_id = :location AND done_at IS NULL"""

_BY_SCAN = ("tote", "parcel", "outside")


class Stock:
    """What lies where, and every move that brought it there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def available(self, product_id: int) -> list[Bin]:
        """Pick and bulk locations with free stock of a product, those to be counted left out."""
        return _BIN.each(self._connection.all(AVAILABLE, product=product_id))

    def reserve(self, location_id: int, product_id: int, lot: str, quantity: int) -> None:
        """Hold stock for a pick task, or let go of it when `quantity` is negative."""
        changed = self._connection.run(
            RESERVE, location=location_id, product=product_id, lot=lot, quantity=quantity
        )
        if changed != 1:
            raise self._too_few(location_id, product_id, lot, f"to reserve {quantity}")

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
        assert allocated == (why == PICK), f"{why!r} moves must be {allocated=}"
        self._take(product_id, lot, quantity, from_id, allocated=allocated)
        self._give(product_id, lot, quantity, to_id, allocated=False)
        self._record(at, product_id, lot, quantity, from_id, to_id, line_id, why, gesture_id, None)

    def reverse(self, gesture_id: str, by_gesture: str, at: str) -> None:
        """Move everything back that a gesture moved, unless that was done before."""
        for move_id, product, lot, quantity, from_id, to_id, line_id, why in self._connection.all(
            TO_REVERSE, gesture=gesture_id
        ):
            self._take(product, lot, quantity, to_id, allocated=False)
            self._give(product, lot, quantity, from_id, allocated=why == PICK)
            self._record(
                at, product, lot, quantity, to_id, from_id, line_id, "undo", by_gesture, move_id
            )

    def at_location(self, location_id: int) -> list[StockRow]:
        """What lies in a location."""
        return _STOCK.each(self._connection.all(AT_LOCATION, location=location_id))

    def of_product(self, product_id: int) -> list[StockRow]:
        """Where a product lies, totes and parcels included."""
        return _STOCK.each(self._connection.all(OF_PRODUCT, product=product_id))

    def on_hand(self, location_id: int) -> int:
        """Units of anything in a location."""
        return int(self._connection.scalar(ON_HAND, location=location_id))

    def in_totes(self, order_id: int, product_id: int) -> list[StockRow]:
        """What lies of a product in an order's totes, the first tote first."""
        rows = self._connection.all(IN_TOTES, order_id=order_id, product=product_id)
        return _STOCK.each(rows)

    def lots_at(self, location_id: int, product_id: int) -> list[tuple[str, int]]:
        """Lots of a product in a location with their free units."""
        rows = self._connection.all(LOTS_AT, location=location_id, product=product_id)
        return [(row[0], row[1]) for row in rows]

    def put_lot(self, product_id: int, lot: str, expires_on: str) -> None:
        """Make a lot known. An expiry date that is known already is not lost to an empty one."""
        self._connection.do(PUT_LOT, product=product_id, lot=lot, expires_on=expires_on)

    def set_quantity(self, record: StockRecord, at: str) -> int:
        """Make the quantity in a location so, close its counts, and tell by how much it changed.

        Raises:
            StoreConflict: pick tasks hold more than that.
            StoreError: no such location or product, or a tote or parcel, which only scans fill.
        """
        place, kind = found(
            self._connection.one(PLACE, code=record.location), "a location", record.location
        )
        if kind in _BY_SCAN:
            raise StoreError(
                f"Expected a location that can be counted, got {record.location}, a {kind} "
                "location: only scans change what lies there."
            )
        product = found(self._connection.one(PRODUCT, sku=record.sku), "a product", record.sku)[0]
        key = {"location": place, "product": product}
        quantity, allocated = self._connection.one(HELD, lot=record.lot, **key) or (0, 0)
        if record.quantity < allocated:
            raise StoreConflict(
                f"Expected at least {allocated} of {record.sku} at {record.location}, which pick "
                f"tasks hold, got {record.quantity}. Report those tasks short first."
            )
        if record.lot:
            self.put_lot(product, record.lot, record.expires_on)
        change: int = record.quantity - quantity
        if change > 0:
            known = self._connection.scalar(WAS_THERE, **key)
            source, why = (ADJUSTMENT, "adjustment") if known else (SUPPLIER, "receipt")
            self.move(product, record.lot, change, source, place, why=why, at=at)
        elif change < 0:
            self.move(product, record.lot, -change, place, ADJUSTMENT, why="adjustment", at=at)
        self.close_counts(place, product, at)
        return change

    def add_count(
        self, location_id: int, product_id: int, lot: str, reason: str, at: str, operator_id: int
    ) -> None:
        """Ask for a count. Until it is closed, nothing there is allocated to new work."""
        self._connection.do(
            ADD_COUNT,
            location=location_id,
            product=product_id,
            lot=lot,
            reason=reason,
            at=at,
            operator=operator_id,
        )

    def close_counts(self, location_id: int, product_id: int, at: str) -> None:
        """A product was counted in a location."""
        self._connection.do(CLOSE_COUNTS, location=location_id, product=product_id, at=at)

    def _take(
        self, product_id: int, lot: str, quantity: int, location_id: int, *, allocated: bool
    ) -> None:
        if location_id in OUTSIDE:
            return
        left = self._connection.scalar(
            TAKE_ALLOCATED if allocated else TAKE,
            location=location_id,
            product=product_id,
            lot=lot,
            quantity=quantity,
        )
        if left is None:
            raise self._too_few(location_id, product_id, lot, f"to take {quantity}")
        if left == 0:
            self._connection.do(CLEAR, location=location_id, product=product_id, lot=lot)

    def _give(
        self, product_id: int, lot: str, quantity: int, location_id: int, *, allocated: bool
    ) -> None:
        if location_id not in OUTSIDE:
            self._connection.do(
                GIVE,
                location=location_id,
                product=product_id,
                lot=lot,
                quantity=quantity,
                allocated=quantity if allocated else 0,
            )

    def _record(
        self,
        at: str,
        product_id: int,
        lot: str,
        quantity: int,
        from_id: int,
        to_id: int,
        line_id: int | None,
        why: str,
        gesture_id: str | None,
        reverses: int | None,
    ) -> None:
        self._connection.do(
            RECORD,
            at=at,
            product=product_id,
            lot=lot,
            quantity=quantity,
            from_id=from_id,
            to_id=to_id,
            line=line_id,
            why=why,
            gesture=gesture_id,
            reverses=reverses,
        )

    def _too_few(self, location_id: int, product_id: int, lot: str, wish: str) -> StoreConflict:
        row = self._connection.one(LIES, location=location_id, product=product_id, lot=lot)
        if row is None:
            return StoreConflict(f"No location {location_id} or no product {product_id}.")
        location, sku, quantity, allocated = row
        return StoreConflict(
            f"At {location} lie {quantity or 0} of {sku} {lot or 'without lot'}, "
            f"{allocated or 0} of them allocated: not enough {wish}."
        )
