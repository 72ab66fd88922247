"""Messages to the outside world, in the same database as what they are about."""

from __future__ import annotations

from data.connection import Connection, Shape
from wms_terminal.ports.outbox import Backlog, Message, OutboxState

_MESSAGE = Shape(Message, "o")

ADD = """
INSERT INTO outbox (at, target, kind, key, order_id, payload, next_at)
VALUES (:at, :target, :kind, :key, :order_id, :payload, :at)
ON CONFLICT (key) DO NOTHING"""
DUE = f"""
SELECT {_MESSAGE.columns} FROM outbox o
WHERE o.state = 'pending' AND o.target = :target AND o.next_at <= :now
    AND NOT EXISTS (
        SELECT 1 FROM outbox e
        WHERE e.state = 'pending' AND e.order_id = o.order_id AND e.id < o.id
            AND e.target = o.target AND e.kind <> 'refund')
ORDER BY o.next_at, o.id LIMIT 1"""
CLAIM = """
UPDATE outbox SET worker = :worker, attempts = attempts + 1, next_at = :until
WHERE id = :id AND state = 'pending'"""
SETTLE = """
UPDATE outbox SET state = :state, detail = :detail, remote_id = :remote, settled_at = :at,
    worker = ''
WHERE id = :id AND state = 'pending' AND worker = :worker AND attempts = :attempts"""
PUT_OFF = """
UPDATE outbox SET detail = :detail, next_at = :next_at, worker = ''
WHERE id = :id AND state = 'pending' AND worker = :worker AND attempts = :attempts"""
NEXT_AT = "SELECT MIN(next_at) FROM outbox WHERE state = 'pending' AND target = :target"
BACKLOG = """
SELECT b.target, SUM(b.pending), SUM(b.dead), MIN(b.oldest) FROM (
    SELECT target, COUNT(*) AS pending, 0 AS dead, MIN(at) AS oldest
    FROM outbox WHERE state = 'pending' GROUP BY target
    UNION ALL
    SELECT target, 0, COUNT(*), NULL FROM outbox WHERE state = 'dead' GROUP BY target
) b GROUP BY b.target ORDER BY b.target"""
DEAD = f"""
SELECT {_MESSAGE.columns} FROM outbox o WHERE o.state = 'dead' ORDER BY o.id LIMIT :limit"""
OF_ORDER = f"SELECT {_MESSAGE.columns} FROM outbox o WHERE o.order_id = :order_id ORDER BY o.id"
GET = f"SELECT {_MESSAGE.columns} FROM outbox o WHERE o.id = :id"
REVIVE = """
UPDATE outbox SET state = 'pending', next_at = :at, settled_at = NULL
WHERE id = :id AND state = 'dead'"""
CLOSE = """
UPDATE outbox SET state = 'done', detail = :detail, settled_at = :at
WHERE id = :id AND worker = '' AND (state = 'pending' OR state = 'dead')"""

_CLAIMED = "Somebody else has this message now."


class Outbox:
    """Messages to the outside, each delivered at least once and recognised the second time."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, target: str, kind: str, key: str, order_id: int | None, payload: str, at: str
    ) -> None:
        """Tell a receiver something once; the same key again changes nothing."""
        self._connection.do(
            ADD, target=target, kind=kind, key=key, order_id=order_id, payload=payload, at=at
        )

    def claim(self, target: str, worker: str, now: str, until: str) -> Message | None:
        """Take the message that has waited longest; nobody else gets it until then."""
        message = _MESSAGE.maybe(self._connection.one(DUE, target=target, now=now))
        if message is None:
            return None
        self._connection.change(CLAIM, _CLAIMED, id=message.id, worker=worker, until=until)
        return self.get(message.id)

    def settle(
        self, message: Message, state: OutboxState, detail: str, remote: str, at: str
    ) -> None:
        """Keep how it went; StoreConflict when the claim has gone to somebody else."""
        self._connection.change(
            SETTLE,
            _CLAIMED,
            id=message.id,
            worker=message.worker,
            attempts=message.attempts,
            state=state.value,
            detail=detail,
            remote=remote,
            at=at,
        )

    def put_off(self, message: Message, detail: str, next_at: str) -> None:
        """Try again later; StoreConflict when the claim has gone to somebody else."""
        self._connection.change(
            PUT_OFF,
            _CLAIMED,
            id=message.id,
            worker=message.worker,
            attempts=message.attempts,
            detail=detail,
            next_at=next_at,
        )

    def next_at(self, target: str) -> str | None:
        """When the next message to a receiver is due."""
        due: str | None = self._connection.scalar(NEXT_AT, target=target)
        return due

    def backlog(self) -> list[Backlog]:
        """What waits, by receiver."""
        return [
            Backlog(target, int(pending), int(dead), oldest or "")
            for target, pending, dead, oldest in self._connection.all(BACKLOG)
        ]

    def dead(self, limit: int) -> list[Message]:
        """Messages that were given up, oldest first."""
        return _MESSAGE.each(self._connection.all(DEAD, limit=limit))

    def of_order(self, order_id: int) -> list[Message]:
        """All messages about an order, oldest first."""
        return _MESSAGE.each(self._connection.all(OF_ORDER, order_id=order_id))

    def get(self, message_id: int) -> Message | None:
        """One message."""
        return _MESSAGE.maybe(self._connection.one(GET, id=message_id))

    def revive(self, message_id: int, at: str) -> None:
        """Try a message again that was given up; StoreConflict when it was not."""
        self._connection.change(REVIVE, "This message was not given up.", id=message_id, at=at)

    def close(self, message_id: int, detail: str, at: str) -> None:
        """Never tell a message: StoreConflict when it was told, or is being told just now."""
        self._connection.change(
            CLOSE, "This message is being told now.", id=message_id, detail=detail, at=at
        )
