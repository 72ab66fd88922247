"""Couriers' pickups: what was agreed, holidays, and what happened on each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from data.connection import Connection, Shape
from wms_terminal.domain.pickups import Agreement, Holiday, Pickup, Visit

_AGREEMENT = Shape(Agreement, "a", code="c.code", carrier="c.name")
_HOLIDAY = Shape(Holiday, "h")
_PICKUP = Shape(
    Pickup,
    "p",
    carrier_id="a.carrier_id",
    code="c.code",
    carrier="c.name",
    place="a.place",
    max_parcels="a.max_parcels",
    max_weight_g="a.max_weight_g",
    came_at="COALESCE(p.came_at, '')",
)
_VISIT = Shape(Visit, "v", manifest="m.code")
_FROM = """
FROM pickup p JOIN pickup_agreement a ON a.id = p.agreement_id
JOIN carrier c ON c.id = a.carrier_id"""

AGREEMENTS = f"""
SELECT {_AGREEMENT.columns} FROM pickup_agreement a JOIN carrier c ON c.id = a.carrier_id
WHERE a.active = 1 ORDER BY c.code, a.begins, a.place"""
PUT_AGREEMENT = """
INSERT INTO pickup_agreement (carrier_id, days, begins, ends, place, max_parcels, max_weight_g)
VALUES (:carrier, :days, :begins, :ends, :place, :max_parcels, :max_weight_g)
ON CONFLICT (carrier_id, begins, place) DO UPDATE SET days = excluded.days,
    ends = excluded.ends, max_parcels = excluded.max_parcels,
    max_weight_g = excluded.max_weight_g, active = 1"""
FORGET = """
DELETE FROM pickup WHERE agreement_id = :agreement AND state = 'agreed' AND waited IS NULL"""
FORGET_HOLIDAYS = """
DELETE FROM pickup
WHERE (state = 'agreed' OR state = 'booked') AND waited IS NULL AND state = 'agreed' AND EXISTS (
    SELECT 1 FROM pickup_agreement a JOIN holiday h ON h.carrier_id IN (0, a.carrier_id)
    WHERE a.id = pickup.agreement_id AND h.day = pickup.day)"""
END_AGREEMENT = "UPDATE pickup_agreement SET active = 0 WHERE id = :agreement"
HOLIDAYS = f"SELECT {_HOLIDAY.columns} FROM holiday h ORDER BY h.day, h.carrier_id"
PUT_HOLIDAY = """
INSERT INTO holiday (day, carrier_id, name) VALUES (:day, :carrier, :name)
ON CONFLICT (day, carrier_id) DO UPDATE SET name = excluded.name"""
DROP_HOLIDAY = "DELETE FROM holiday WHERE day = :day AND carrier_id = :carrier"
CLOSED = "SELECT h.day FROM holiday h WHERE h.carrier_id IN (0, :carrier)"
MAKE = """
INSERT INTO pickup (agreement_id, day, begins_at, ends_at, state)
VALUES (:agreement, :day, :begins_at, :ends_at, 'agreed')
ON CONFLICT (agreement_id, day) DO NOTHING"""
GET = f"SELECT {_PICKUP.columns} {_FROM} WHERE p.id = :pickup"
OF_DAYS = f"""
SELECT {_PICKUP.columns} {_FROM} WHERE p.day BETWEEN :first AND :last
ORDER BY p.begins_at, c.code, p.id"""
UNDECIDED = f"""
SELECT {_PICKUP.columns} {_FROM}
WHERE (p.state = 'agreed' OR p.state = 'booked') AND p.waited IS NULL AND p.ends_at <= :until
ORDER BY p.ends_at, p.id"""
BOOKED = """
UPDATE pickup SET state = 'booked', remote_id = :remote
WHERE id = :pickup AND state = 'agreed'"""
NOTE = "UPDATE pickup SET note = :note WHERE id = :pickup"
ADD_VISIT = """
INSERT INTO pickup_visit (manifest_id, pickup_id, carrier_id, day, came_at, parcels, weight_g,
    counted, unscanned, labels)
VALUES (:manifest, :pickup, :carrier, :day, :came_at, :parcels, :weight_g, :counted, :unscanned,
    :labels)"""
# What the courier counted is known for the whole pickup only when he counted every manifest.
CAME = """
UPDATE pickup SET state = 'came', came_at = COALESCE(came_at, :came_at),
    manifest_id = COALESCE(manifest_id, :manifest),
    counted = CASE WHEN parcels IS NULL THEN :counted ELSE counted + :counted END,
    parcels = COALESCE(parcels, 0) + :parcels, unscanned = :unscanned
WHERE id = :pickup"""
MISSED = """
UPDATE pickup SET waited = :waited, state = 'missed'
WHERE id = :pickup AND state IN ('agreed', 'booked')"""
NOTHING_WAITED = """
UPDATE pickup SET waited = 0 WHERE id = :pickup AND state IN ('agreed', 'booked')"""
WARNED = "UPDATE pickup SET warned = 1 WHERE id = :pickup"
VISITS = f"""
SELECT {_VISIT.columns} FROM pickup_visit v JOIN manifest m ON m.id = v.manifest_id
WHERE v.day BETWEEN :first AND :last
ORDER BY v.came_at, v.manifest_id"""
WAITING = """
SELECT COUNT(*), COALESCE(SUM(w.weight_g), 0) FROM (
    SELECT p.weight_g AS weight_g FROM parcel p
    WHERE p.state = 'labelled' AND p.carrier_id = :carrier AND p.labelled_at <= :by
    UNION ALL
    SELECT p.weight_g
    FROM manifest m JOIN parcel p ON p.manifest_id = m.id
    WHERE m.state = 'open' AND m.carrier_id = :carrier AND p.labelled_at <= :by
) w"""
EXPECTED = """
SELECT COUNT(DISTINCT o.id), COALESCE(SUM(p.weight_g * (l.ordered - l.cancelled - l.shipped)), 0)
FROM orders o JOIN service s ON s.id = o.service_id
JOIN order_line l ON l.order_id = o.id JOIN product p ON p.id = l.product_id
WHERE o.state <> 'shipped' AND o.state <> 'cancelled' AND o.ship_by <= :until
    AND s.carrier_id = :carrier"""
UNSCANNED = """
SELECT p.sscc
FROM parcel p JOIN orders o ON o.id = p.order_id
WHERE p.state = 'labelled' AND p.carrier_id = :carrier AND o.ship_by < :before AND o.hold = ''
    AND o.state <> 'cancelled'
ORDER BY p.labelled_at, p.id"""
WEIGHT = "SELECT COALESCE(SUM(p.weight_g), 0) FROM parcel p WHERE p.manifest_id = :manifest"


class Pickups:
    """Agreements with couriers, holidays, and every day's pickups."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def agreements(self) -> list[Agreement]:
        """What is agreed now, by carrier and time."""
        return _AGREEMENT.each(self._connection.all(AGREEMENTS))

    def set_agreements(self, carrier_id: int, agreements: Sequence[Agreement]) -> None:
        """Let exactly these hold for a carrier from now on; a window is known by begin and place.

        Ids, carriers and names in them are not looked at. Pickups that are still to come and that
        nobody booked are forgotten where their agreement changes.
        """
        known = {
            (item.begins, item.place): item
            for item in self.agreements()
            if item.carrier_id == carrier_id
        }
        changed: list[Agreement] = []
        for item in agreements:
            before = known.pop((item.begins, item.place), None)
            if before is None or _terms(before) != _terms(item):
                self._connection.do(
                    PUT_AGREEMENT,
                    carrier=carrier_id,
                    begins=item.begins,
                    place=item.place,
                    days=item.days,
                    ends=item.ends,
                    max_parcels=item.max_parcels,
                    max_weight_g=item.max_weight_g,
                )
                changed += [before] if before else []
        for item in known.values():
            self._connection.do(END_AGREEMENT, agreement=item.id)
        for item in (*changed, *known.values()):
            self._connection.do(FORGET, agreement=item.id)

    def holidays(self) -> list[Holiday]:
        """All holidays, by day."""
        return _HOLIDAY.each(self._connection.all(HOLIDAYS))

    def set_holidays(self, holidays: Sequence[Holiday]) -> None:
        """Let exactly these be the holidays; agreed pickups that nobody booked are forgotten."""
        known = {(item.day, item.carrier_id): item for item in self.holidays()}
        for item in holidays:
            if known.pop((item.day, item.carrier_id), None) != item:
                self._connection.do(
                    PUT_HOLIDAY, day=item.day, carrier=item.carrier_id, name=item.name
                )
        for day, carrier in known:
            self._connection.do(DROP_HOLIDAY, day=day, carrier=carrier)
        self._connection.do(FORGET_HOLIDAYS)

    def closed(self, carrier_id: int) -> frozenset[date]:
        """The days on which a carrier's courier does not come, the site's own holidays included."""
        rows = self._connection.all(CLOSED, carrier=carrier_id)
        return frozenset(date.fromisoformat(row[0]) for row in rows)

    def make(self, agreement_id: int, day: str, begins_at: str, ends_at: str) -> bool:
        """Write an agreement's pickup of a day down; whether it was not there yet."""
        made = self._connection.run(
            MAKE, agreement=agreement_id, day=day, begins_at=begins_at, ends_at=ends_at
        )
        return bool(made)

    def get(self, pickup_id: int) -> Pickup | None:
        """One pickup."""
        return _PICKUP.maybe(self._connection.one(GET, pickup=pickup_id))

    def of_days(self, first: str, last: str) -> list[Pickup]:
        """The pickups of these days, both included, by time."""
        return _PICKUP.each(self._connection.all(OF_DAYS, first=first, last=last))

    def undecided(self, until: str) -> list[Pickup]:
        """Pickups that were over by then, of which nobody knows yet what became of them."""
        return _PICKUP.each(self._connection.all(UNDECIDED, until=until))

    def booked(self, pickup_id: int, remote_id: str) -> None:
        """The carrier says that it comes, unless it was there already."""
        self._connection.do(BOOKED, pickup=pickup_id, remote=remote_id)

    def note(self, pickup_id: int, note: str) -> None:
        """Keep what a person has to know about a pickup."""
        self._connection.do(NOTE, pickup=pickup_id, note=note)

    def came(self, visit: Visit) -> None:
        """A courier took a manifest along; of several for one pickup the first says when."""
        self._connection.do(
            ADD_VISIT,
            manifest=visit.manifest_id,
            pickup=visit.pickup_id,
            carrier=visit.carrier_id,
            day=visit.day,
            came_at=visit.came_at,
            parcels=visit.parcels,
            weight_g=visit.weight_g,
            counted=visit.counted,
            unscanned=visit.unscanned,
            labels=visit.labels,
        )
        if visit.pickup_id is not None:
            self._connection.do(
                CAME,
                pickup=visit.pickup_id,
                manifest=visit.manifest_id,
                came_at=visit.came_at,
                parcels=visit.parcels,
                counted=visit.counted,
                unscanned=visit.unscanned,
            )

    def over(self, pickup_id: int, waited: int) -> None:
        """The window is over and nobody came: missed when parcels waited."""
        if waited > 0:
            self._connection.do(MISSED, pickup=pickup_id, waited=waited)
        else:
            self._connection.do(NOTHING_WAITED, pickup=pickup_id)

    def warned(self, pickup_id: int) -> None:
        """Somebody was told that it is more than agreed."""
        self._connection.do(WARNED, pickup=pickup_id)

    def visits(self, first: str, last: str) -> list[Visit]:
        """The manifests that left on these days, both included, by time."""
        return _VISIT.each(self._connection.all(VISITS, first=first, last=last))

    def waiting(self, carrier_id: int, by: str) -> tuple[int, int]:
        """Parcels of a carrier labelled by then that did not leave yet, and their grams."""
        return self._pair(WAITING, carrier=carrier_id, by=by)

    def expected(self, carrier_id: int, until: str) -> tuple[int, int]:
        """Orders of a carrier that must leave by then, and the grams that are left of them."""
        return self._pair(EXPECTED, carrier=carrier_id, until=until)

    def unscanned(self, carrier_id: int, before: str) -> list[str]:
        """SSCCs of labelled parcels, on no manifest, whose orders must leave before then."""
        rows = self._connection.all(UNSCANNED, carrier=carrier_id, before=before)
        return [row[0] for row in rows]

    def weight(self, manifest_id: int) -> int:
        """Grams on a manifest."""
        return int(self._connection.scalar(WEIGHT, manifest=manifest_id))

    def _pair(self, sql: str, /, **params: object) -> tuple[int, int]:
        first, second = self._connection.all(sql, **params)[0]
        return int(first), int(second)


def _terms(item: Agreement) -> tuple[object, ...]:
    return item.days, item.ends, item.max_parcels, item.max_weight_g
