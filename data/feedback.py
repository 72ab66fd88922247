"""What customers say about their orders."""

from __future__ import annotations

from data.connection import Connection, Shape
from wms_terminal.domain.feedback import Facts, Opinion
from wms_terminal.ports.feedback_room import FeedbackSum, SentMail

_OPINION = Shape(
    Opinion,
    "f",
    order_number="COALESCE(o.number, '')",
    sku="COALESCE(p.sku, '')",
)
_FROM = """
FROM feedback f LEFT JOIN orders o ON o.id = f.order_id LEFT JOIN product p ON p.id = f.product_id
"""
_SUMS = """
COUNT(*), COUNT(x.score), SUM(x.score), MIN(x.score),
    SUM(CASE WHEN x.score <= 2 THEN 1 ELSE 0 END)"""
_ABOUT = """
    SELECT f.id AS id, f.score AS score, f.product_id AS product_id
    FROM feedback f WHERE f.at >= :since AND f.product_id IS NOT NULL
    UNION
    SELECT f.id, f.score, l.product_id
    FROM feedback f JOIN order_line l ON l.order_id = f.order_id
    WHERE f.at >= :since AND f.product_id IS NULL AND l.shipped > 0"""

ADD = """
INSERT INTO feedback (at, order_id, product_id, channel, source, key, score, cause, derived, text)
VALUES (:at, :order_id, :product, :channel, :source, :key, :score, :cause, :derived, :text)
ON CONFLICT (key) DO NOTHING"""
OF_ORDER = f"SELECT {_OPINION.columns} {_FROM} WHERE f.order_id = :order_id ORDER BY f.at, f.id"
RECENT = f"""
SELECT {_OPINION.columns} {_FROM}
WHERE f.at >= :since AND f.text <> '' ORDER BY f.at DESC, f.id DESC LIMIT :limit"""
IN_ALL = f"SELECT '', '', {_SUMS} FROM feedback x WHERE x.at >= :since"
BY_PRODUCT = f"""
SELECT p.sku, p.name, {_SUMS} FROM ({_ABOUT}) x JOIN product p ON p.id = x.product_id
GROUP BY p.sku, p.name ORDER BY AVG(x.score * 1.0), p.sku"""
BY_CHANNEL = f"""
SELECT x.channel, '', {_SUMS} FROM feedback x WHERE x.at >= :since
GROUP BY x.channel ORDER BY AVG(x.score * 1.0), x.channel"""
BY_CAUSE = f"""
SELECT x.cause, '', {_SUMS} FROM feedback x WHERE x.at >= :since
GROUP BY x.cause ORDER BY AVG(x.score * 1.0), x.cause"""
REASONS = """
SELECT l.reason FROM return_case r JOIN return_line l ON l.return_id = r.id
WHERE r.order_id = :order_id AND r.order_id IS NOT NULL AND r.state <> 'void'"""
FACTS = """
SELECT
    CASE WHEN EXISTS (SELECT 1 FROM shipment s JOIN parcel p ON p.id = s.parcel_id
        WHERE p.order_id = o.id AND s.state = 'booked'
            AND s.milestone IN ('trouble', 'returned')) THEN 1 ELSE 0 END,
    CASE WHEN EXISTS (SELECT 1 FROM parcel p
            WHERE p.order_id = o.id AND p.state = 'shipped' AND p.shipped_at > o.ship_by)
        OR EXISTS (SELECT 1 FROM shipment s JOIN parcel p ON p.id = s.parcel_id
            WHERE p.order_id = o.id AND s.milestone = 'delivered'
                AND SUBSTR(s.milestone_at, 1, 10) > o.promised_on) THEN 1 ELSE 0 END
FROM orders o WHERE o.id = :order_id"""
SENT = """
SELECT o.id, o.order_id, o.kind FROM outbox o
WHERE o.remote_id = :remote AND o.remote_id <> '' AND o.target = 'mail'
    AND o.order_id IS NOT NULL"""
CAME_BACK = """
UPDATE outbox SET state = 'dead', detail = :why WHERE id = :id AND state = 'done'"""

_BY = {"": IN_ALL, "product": BY_PRODUCT, "channel": BY_CHANNEL, "cause": BY_CAUSE}


class Feedback:
    """What customers say."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self,
        *,
        at: str,
        order_id: int,
        product_id: int | None,
        channel: str,
        source: str,
        key: str,
        score: int | None,
        cause: str,
        derived: bool,
        text: str,
    ) -> bool:
        """Keep it once, by its key; whether it was new."""
        added = self._connection.run(
            ADD,
            at=at,
            order_id=order_id,
            product=product_id,
            channel=channel,
            source=source,
            key=key,
            score=score,
            cause=cause,
            derived=int(derived),
            text=text,
        )
        return bool(added)

    def of_order(self, order_id: int) -> list[Opinion]:
        """What was said about an order, the oldest first."""
        return _OPINION.each(self._connection.all(OF_ORDER, order_id=order_id))

    def sums(self, by: str, since: str) -> list[FeedbackSum]:
        """What was said since then by `product`, `channel` or `cause`, or in all when empty."""
        return [
            FeedbackSum(
                what,
                name,
                int(count),
                int(scored),
                total / scored if scored else None,
                lowest,
                int(low or 0),
            )
            for what, name, count, scored, total, lowest, low in self._connection.all(
                _BY[by], since=since
            )
        ]

    def recent(self, since: str, limit: int) -> list[Opinion]:
        """What was said in words since then, the newest first."""
        return _OPINION.each(self._connection.all(RECENT, since=since, limit=limit))

    def facts(self, order_id: int) -> Facts:
        """What happened to an order that may be the cause of a bad score."""
        reasons = tuple(row[0] for row in self._connection.all(REASONS, order_id=order_id))
        trouble, late = self._connection.one(FACTS, order_id=order_id) or (0, 0)
        return Facts(reasons, bool(trouble), bool(late))

    def sent(self, message_id: str) -> SentMail | None:
        """The mail about an order that left with that Message-ID."""
        row = self._connection.one(SENT, remote=message_id)
        return None if row is None else SentMail(*row)

    def came_back(self, message_id: int, why: str) -> bool:
        """A mail that had left is given up after all; whether that is news."""
        return bool(self._connection.run(CAME_BACK, id=message_id, why=why))
