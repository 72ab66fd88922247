"""Parcel contents as customs want them, and what is missing of products."""

from __future__ import annotations

from data.connection import Connection, Shape
from wms_terminal.domain.customs import Goods
from wms_terminal.ports.customs_room import Incomplete

_INCOMPLETE = Shape(Incomplete, "p", product_id="p.id")

GOODS = """
SELECT p.sku, p.name, c.quantity, l.unit_price, p.weight_g, p.hs_code, p.origin
FROM (
    SELECT line_id, CAST(SUM(quantity) AS BIGINT) AS quantity
    FROM parcel_line WHERE parcel_id = :parcel GROUP BY line_id
) c JOIN order_line l ON l.id = c.line_id JOIN product p ON p.id = l.product_id
ORDER BY l.line"""
INCOMPLETE = f"""
SELECT DISTINCT {_INCOMPLETE.columns}
FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id AND l.ordered > l.cancelled
    AND (p.hs_code = '' OR p.origin = '' OR p.weight_g = 0)
ORDER BY p.sku"""
UNPRICED = """
SELECT DISTINCT p.sku FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id AND l.ordered > l.cancelled AND l.unit_price = 0 ORDER BY p.sku"""
TELL_ONCE = """
INSERT INTO customs_told (product_id, at) VALUES (:product, :at)
ON CONFLICT (product_id) DO NOTHING"""


class Customs:
    """What customs want to know."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def goods(self, parcel_id: int) -> list[Goods]:
        """What a parcel holds, a line of the order each, all its lots together."""
        return [Goods(*row) for row in self._connection.all(GOODS, parcel=parcel_id)]

    def incomplete(self, order_id: int) -> list[Incomplete]:
        """The products of an order without HS code, origin or weight, by SKU."""
        return _INCOMPLETE.each(self._connection.all(INCOMPLETE, order_id=order_id))

    def unpriced(self, order_id: int) -> list[str]:
        """The SKUs of an order's lines without a price."""
        return [row[0] for row in self._connection.all(UNPRICED, order_id=order_id)]

    def tell_once(self, product_id: int, at: str) -> bool:
        """Whether nobody was told of this product yet; from now on somebody was."""
        return self._connection.run(TELL_ONCE, product=product_id, at=at) == 1
