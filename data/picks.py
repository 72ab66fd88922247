"""Pick lists, their tasks, and claims on work."""

from __future__ import annotations

from data.connection import Connection, Shape, found
from wms_terminal.domain.orders import Claim, PickList, PickStop

_LIST = Shape(PickList, "p")
_STOP = Shape(
    PickStop,
    "t",
    task_id="t.id",
    order_id="k.order_id",
    location="l.code",
    location_barcode="l.barcode",
    check_digits="l.check_digits",
    sku="p.sku",
    name="p.name",
    weight_g="p.weight_g",
    lot_tracked="p.lot_tracked",
    stops="(SELECT COUNT(*) FROM pick_task a WHERE a.list_id = t.list_id)",
    left="""(SELECT COUNT(*) FROM pick_task d
        WHERE d.list_id = t.list_id AND d.picked + d.short <> d.quantity)""",
)
_CLAIM = Shape(Claim, "c", operator="o.name", station="s.code")

CREATE_LIST = """
INSERT INTO pick_list (order_id, state, expedite, latest_start, created_at)
SELECT id, 'open', expedite, :latest_start, :at FROM orders WHERE id = :order_id
RETURNING id"""
ADD_TASK = """
INSERT INTO pick_task (list_id, line_id, product_id, lot, location_id, quantity, walk)
VALUES (:list_id, :line, :product, :lot, :location, :quantity, :walk)"""
GET_LIST = f"SELECT {_LIST.columns} FROM pick_list p WHERE p.id = :list_id"
LIST_OF = f"""
SELECT {_LIST.columns} FROM pick_list p
WHERE p.order_id = :order_id AND p.state IN ('open', 'picking')"""
# CROSS JOIN keeps the tables in this order: SQLite would begin with all orders there ever were.
NEXT_OPEN = """
SELECT p.id, p.latest_start, p.expedite
FROM pick_list p
CROSS JOIN orders o
LEFT JOIN claim c ON c.kind = 'pick' AND c.ref_id = p.id
WHERE p.state IN ('open', 'picking') AND o.id = p.order_id
    AND (c.until IS NULL OR c.until <= :now)
    AND o.hold = '' AND o.state <> 'cancelled'
ORDER BY p.expedite DESC, p.latest_start, p.id LIMIT 1"""
SET_LIST_STATE = "UPDATE pick_list SET state = :state WHERE id = :list_id"
STOP = f"""
SELECT {_STOP.columns}
FROM pick_task t
JOIN pick_list k ON k.id = t.list_id
JOIN location l ON l.id = t.location_id
JOIN product p ON p.id = t.product_id
WHERE t.list_id = :list_id AND t.picked + t.short <> t.quantity
ORDER BY t.postponed, t.walk, t.id LIMIT 1"""
HAND = "UPDATE pick_task SET in_hand = in_hand + :change WHERE id = :task"
PUT = """
UPDATE pick_task SET picked = picked + :quantity, in_hand = in_hand - :quantity WHERE id = :task"""
SHORT = "UPDATE pick_task SET short = short + :quantity, reason = :reason WHERE id = :task"
SUBSTITUTE = """
UPDATE pick_task SET lot = :lot WHERE id = :task AND picked = 0 AND short = 0 AND in_hand = 0"""
POSTPONE = """
UPDATE pick_task SET postponed = (
    SELECT MAX(a.postponed) + 1 FROM pick_task a WHERE a.list_id = pick_task.list_id
) WHERE id = :task"""
OPEN_UNITS = """
SELECT COALESCE(SUM(quantity - picked - short), 0) FROM pick_task
WHERE list_id = :list_id AND picked + short <> quantity"""
CLAIM = """
INSERT INTO claim (kind, ref_id, operator_id, station_id, claimed_at, until)
VALUES (:kind, :ref, :operator, :station, :now, :until)
ON CONFLICT (kind, ref_id) DO UPDATE SET
    claimed_at = CASE WHEN claim.operator_id = excluded.operator_id
        THEN claim.claimed_at ELSE excluded.claimed_at END,
    operator_id = excluded.operator_id,
    station_id = excluded.station_id,
    until = excluded.until
WHERE claim.until <= excluded.claimed_at OR claim.operator_id = excluded.operator_id"""
TAKE_OVER = """
INSERT INTO claim (kind, ref_id, operator_id, station_id, claimed_at, until)
VALUES (:kind, :ref, :operator, :station, :now, :until)
ON CONFLICT (kind, ref_id) DO UPDATE SET
    claimed_at = excluded.claimed_at,
    operator_id = excluded.operator_id,
    station_id = excluded.station_id,
    until = excluded.until"""
RENEW = """
UPDATE claim SET until = :until
WHERE kind = :kind AND ref_id = :ref AND SUBSTR(until, 1, 16) <> SUBSTR(:until, 1, 16)"""
RELEASE_CLAIM = "DELETE FROM claim WHERE kind = :kind AND ref_id = :ref"
CLAIM_OF = f"""
SELECT {_CLAIM.columns}
FROM claim c JOIN operator o ON o.id = c.operator_id JOIN station s ON s.id = c.station_id
WHERE c.kind = :kind AND c.ref_id = :ref AND c.until > :now"""
CLAIMED_PICK = """
SELECT c.ref_id FROM claim c JOIN pick_list p ON p.id = c.ref_id
WHERE c.operator_id = :operator AND c.kind = 'pick' AND p.state IN ('open', 'picking')
ORDER BY c.claimed_at, c.ref_id LIMIT 1"""
CLAIMED_PACK = """
SELECT c.ref_id FROM claim c JOIN orders o ON o.id = c.ref_id
WHERE c.operator_id = :operator AND c.kind = 'pack' AND o.state IN ('packing', 'packed')
ORDER BY c.claimed_at, c.ref_id LIMIT 1"""

_NO_TASK = "The pick task is not as it was."


class Picks:
    """What there is to pick, and whose it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create_list(self, order_id: int, latest_start: str, at: str) -> int:
        """A pick list for an order, which must not have a live one."""
        row = self._connection.one(CREATE_LIST, order_id=order_id, latest_start=latest_start, at=at)
        list_id: int = found(row, "an order with id", order_id)[0]
        return list_id

    def add_task(
        self,
        list_id: int,
        line_id: int,
        product_id: int,
        lot: str,
        location_id: int,
        quantity: int,
        walk: int,
    ) -> None:
        """Add one stop to a walk."""
        self._connection.do(
            ADD_TASK,
            list_id=list_id,
            line=line_id,
            product=product_id,
            lot=lot,
            location=location_id,
            quantity=quantity,
            walk=walk,
        )

    def get_list(self, list_id: int) -> PickList:
        """A pick list."""
        row = self._connection.one(GET_LIST, list_id=list_id)
        return _LIST(found(row, "a pick list with id", list_id))

    def list_of(self, order_id: int) -> PickList | None:
        """The live pick list of an order."""
        return _LIST.maybe(self._connection.one(LIST_OF, order_id=order_id))

    def next_open(self, now: str) -> tuple[int, str, bool] | None:
        """The most urgent list that nobody works on: id, latest start, expedited."""
        row = self._connection.one(NEXT_OPEN, now=now)
        return None if row is None else (row[0], row[1], bool(row[2]))

    def set_list_state(self, list_id: int, state: str) -> None:
        """Move a list on: open, picking, dropped or void."""
        self._connection.change(
            SET_LIST_STATE, "The pick list is gone.", list_id=list_id, state=state
        )

    def stop(self, list_id: int) -> PickStop | None:
        """The next stop of a walk, skipped ones last; None when there is nothing left to take."""
        return _STOP.maybe(self._connection.one(STOP, list_id=list_id))

    def hand(self, task_id: int, change: int) -> None:
        """Take units into the hand, or put them back when `change` is negative."""
        self._connection.change(HAND, _NO_TASK, task=task_id, change=change)

    def put(self, task_id: int, quantity: int) -> None:
        """Units go from the hand into a tote."""
        self._connection.change(PUT, _NO_TASK, task=task_id, quantity=quantity)

    def unput(self, task_id: int, quantity: int) -> None:
        """The inverse of `put`."""
        self._connection.change(PUT, _NO_TASK, task=task_id, quantity=-quantity)

    def short(self, task_id: int, quantity: int, reason: str) -> None:
        """Give units of a stop up."""
        self._connection.change(SHORT, _NO_TASK, task=task_id, quantity=quantity, reason=reason)

    def substitute(self, task_id: int, lot: str) -> None:
        """Take another lot; StoreConflict once anything of the stop was taken."""
        self._connection.change(SUBSTITUTE, _NO_TASK, task=task_id, lot=lot)

    def postpone(self, task_id: int) -> None:
        """Make a stop the walk's last one."""
        self._connection.change(POSTPONE, _NO_TASK, task=task_id)

    def open_units(self, list_id: int) -> int:
        """Units of a list that are neither in a tote nor given up."""
        return int(self._connection.scalar(OPEN_UNITS, list_id=list_id))

    def claim(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> Claim | None:
        """Claim work that is free, run out or one's own; else say whose it is."""
        taken = self._connection.run(
            CLAIM,
            kind=kind,
            ref=ref_id,
            operator=operator_id,
            station=station_id,
            now=now,
            until=until,
        )
        return None if taken else self.claim_of(kind, ref_id, now)

    def renew(self, kind: str, ref_id: int, now: str, until: str) -> None:
        """Prolong a lease; written once a minute at most, because every scan asks for it."""
        self._connection.do(RENEW, kind=kind, ref=ref_id, until=until)

    def take_over(
        self, kind: str, ref_id: int, operator_id: int, station_id: int, now: str, until: str
    ) -> None:
        """Claim work, whoever has it."""
        self._connection.do(
            TAKE_OVER,
            kind=kind,
            ref=ref_id,
            operator=operator_id,
            station=station_id,
            now=now,
            until=until,
        )

    def release_claim(self, kind: str, ref_id: int) -> None:
        """Let work go."""
        self._connection.do(RELEASE_CLAIM, kind=kind, ref=ref_id)

    def claim_of(self, kind: str, ref_id: int, now: str) -> Claim | None:
        """Who works on something, unless the lease has run out."""
        return _CLAIM.maybe(self._connection.one(CLAIM_OF, kind=kind, ref=ref_id, now=now))

    def claimed_by(self, kind: str, operator_id: int) -> int | None:
        """The oldest live work that was a person's last, even when the lease has run out."""
        sql = CLAIMED_PICK if kind == "pick" else CLAIMED_PACK
        ref: int | None = self._connection.scalar(sql, operator=operator_id)
        return ref
