"""Sales channels: how they are reached, how far they were heard, what they were told of stock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from data.connection import Connection, Row, Shape
from wms_terminal.ports.channel import ChannelSettings, StockLevel
from wms_terminal.ports.channel_room import ChannelRow, Seen

_SEEN = Shape(Seen, "o")
_COLUMNS = "code, kind, url, options, poll_seconds, since, returns_since, heard_at, trouble"

ALL = f"SELECT {_COLUMNS} FROM channel ORDER BY code"
GET = f"SELECT {_COLUMNS} FROM channel WHERE code = :code"
PUT = """
INSERT INTO channel (code, kind, url, options, poll_seconds)
VALUES (:code, :kind, :url, :options, :poll_seconds)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, url = excluded.url,
    options = excluded.options, poll_seconds = excluded.poll_seconds
WHERE channel.kind <> excluded.kind OR channel.url <> excluded.url
    OR channel.options <> excluded.options OR channel.poll_seconds <> excluded.poll_seconds"""
HEARD = """
UPDATE channel SET since = :since, heard_at = :at WHERE code = :code"""
HEARD_RETURNS = "UPDATE channel SET returns_since = :since, heard_at = :at WHERE code = :code"
IN_TROUBLE = """
UPDATE channel SET trouble = :trouble,
    trouble_at = CASE WHEN trouble = '' THEN :at ELSE trouble_at END
WHERE code = :code AND trouble <> :trouble"""
WELL = """
UPDATE channel SET trouble = '', trouble_at = '', trouble_told = 0
WHERE code = :code AND trouble <> ''"""
TELL_TROUBLE = """
UPDATE channel SET trouble_told = 1
WHERE code = :code AND trouble <> '' AND trouble_told = 0 AND trouble_at <= :since"""
LEFT_OUT = """
INSERT INTO left_out (channel, reference, why) VALUES (:code, :reference, :why)
ON CONFLICT (channel, reference) DO UPDATE SET why = excluded.why
WHERE left_out.why <> excluded.why"""
ORDER = f"""
SELECT {_SEEN.columns} FROM orders o WHERE o.channel = :code AND o.reference = :reference"""
SAW = "UPDATE orders SET seen = :digest WHERE id = :order_id"
UNTOLD_STOCK = """
SELECT u.sku, u.sellable FROM (
    SELECT p.id AS product_id, p.sku AS sku,
        CASE WHEN COALESCE(h.quantity, 0) > COALESCE(w.quantity, 0)
            THEN COALESCE(h.quantity, 0) - COALESCE(w.quantity, 0) ELSE 0 END AS sellable
    FROM product p
    LEFT JOIN (
        SELECT s.product_id AS product_id, SUM(s.quantity) AS quantity
        FROM stock s JOIN location l ON l.id = s.location_id
        WHERE l.kind IN ('pick', 'bulk') GROUP BY s.product_id
    ) h ON h.product_id = p.id
    LEFT JOIN (
        SELECT i.product_id AS product_id, SUM(i.ordered - i.cancelled - i.picked) AS quantity
        FROM orders o JOIN order_line i ON i.order_id = o.id
        WHERE o.state <> 'shipped' AND o.state <> 'cancelled' GROUP BY i.product_id
    ) w ON w.product_id = p.id
) u
LEFT JOIN told_stock t ON t.channel = :code AND t.product_id = u.product_id
WHERE t.quantity IS NULL OR t.quantity <> u.sellable
ORDER BY u.sku LIMIT :limit"""
TOLD_STOCK = """
INSERT INTO told_stock (channel, product_id, quantity, at)
SELECT :code, p.id, :quantity, :at FROM product p WHERE p.sku = :sku
ON CONFLICT (channel, product_id) DO UPDATE SET quantity = excluded.quantity, at = excluded.at"""
FORGET_STOCK = """
DELETE FROM told_stock
WHERE channel = :code AND product_id IN (SELECT id FROM product WHERE sku = :sku)"""
LINES = "SELECT id, reference FROM order_line WHERE order_id = :order_id ORDER BY id"


class Channels:
    """Sales channels."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[ChannelRow]:
        """Every channel, by code."""
        return [_channel(row) for row in self._connection.all(ALL)]

    def get(self, code: str) -> ChannelRow | None:
        """One channel; None when the site has not set it up."""
        row = self._connection.one(GET, code=code)
        return None if row is None else _channel(row)

    def put(self, settings: ChannelSettings, poll_seconds: int) -> bool:
        """Set a channel up, or change how it is reached; whether anything changed."""
        options = json.dumps(dict(settings.options), sort_keys=True)
        changed = self._connection.run(
            PUT,
            code=settings.code,
            kind=settings.kind,
            url=settings.url,
            options=options,
            poll_seconds=poll_seconds,
        )
        return bool(changed)

    def heard(self, code: str, since: str, at: str) -> None:
        """Orders were heard of up to a change at `since`."""
        self._connection.do(HEARD, code=code, since=since, at=at)

    def heard_returns(self, code: str, since: str, at: str) -> None:
        """The same for returns."""
        self._connection.do(HEARD_RETURNS, code=code, since=since, at=at)

    def in_trouble(self, code: str, trouble: str, at: str) -> None:
        """It does not answer, or is not set up well."""
        self._connection.do(IN_TROUBLE, code=code, trouble=trouble, at=at)

    def well(self, code: str) -> None:
        """It answers everything."""
        self._connection.do(WELL, code=code)

    def tell_trouble(self, code: str, since: str) -> bool:
        """Whether a trouble is at least as old and nobody was told of it; somebody is now."""
        return bool(self._connection.run(TELL_TROUBLE, code=code, since=since))

    def left_out(self, code: str, reference: str, why: str) -> bool:
        """Something could not be taken in; whether that is news."""
        return bool(self._connection.run(LEFT_OUT, code=code, reference=reference, why=why))

    def order(self, code: str, reference: str) -> Seen | None:
        """A channel's order."""
        return _SEEN.maybe(self._connection.one(ORDER, code=code, reference=reference))

    def saw(self, order_id: int, digest: str) -> None:
        """Keep which record of an order was seen last."""
        self._connection.do(SAW, order_id=order_id, digest=digest)

    def untold_stock(self, code: str, limit: int) -> list[StockLevel]:
        """Products of which a channel was last told another quantity than may be sold now."""
        rows = self._connection.all(UNTOLD_STOCK, code=code, limit=limit)
        return [StockLevel(sku, int(quantity)) for sku, quantity in rows]

    def told_stock(self, code: str, levels: Sequence[StockLevel], at: str) -> None:
        """A channel knows these quantities now."""
        for level in levels:
            self._connection.do(
                TOLD_STOCK, code=code, sku=level.sku, quantity=level.quantity, at=at
            )

    def forget_stock(self, code: str, skus: Iterable[str]) -> None:
        """What a channel counts of these products may have changed there: tell them again."""
        for sku in skus:
            self._connection.do(FORGET_STOCK, code=code, sku=sku)

    def lines(self, order_id: int) -> Mapping[int, str]:
        """The channel's own ids of an order's lines, by our line id."""
        return dict(self._connection.all(LINES, order_id=order_id))


def _channel(row: Row) -> ChannelRow:
    code, kind, url, options, *rest = row
    return ChannelRow(ChannelSettings(code, kind, url, json.loads(options)), *rest)
