"""Parcels, manifests and print jobs."""

from __future__ import annotations

from data.connection import Connection, Shape, found
from data.orders import HEAD, LINE
from wms_terminal.domain.orders import (
    Manifest,
    OrderHead,
    OrderLine,
    PackLine,
    PackProgress,
    Parcel,
    ParcelState,
)
from wms_terminal.domain.packing import Contents
from wms_terminal.ports.parcels_room import ParcelHead, PrintJob
from wms_terminal.ports.store import StoreConflict

_PARCEL = Shape(Parcel, "p", sscc="COALESCE(p.sscc, '')")
_HEAD = Shape(
    ParcelHead,
    "p",
    order_number="o.number",
    sscc="COALESCE(p.sscc, '')",
    service="s.name",
)
_PACK = Shape(
    PackLine,
    "l",
    line_id="l.id",
    sku="p.sku",
    name="p.name",
    weight_g="p.weight_g",
    lot_tracked="p.lot_tracked",
)
_MANIFEST = Shape(
    Manifest,
    "m",
    carrier="c.name",
    parcels="""CASE WHEN m.state = 'open'
        THEN (SELECT COUNT(*) FROM parcel p WHERE p.manifest_id = m.id) ELSE m.parcels END""",
    handed_at="COALESCE(m.handed_at, '')",
)
_JOB = Shape(PrintJob, "j")
_HEAD_FROM = """
FROM parcel p JOIN orders o ON o.id = p.order_id JOIN service s ON s.id = o.service_id"""

OPEN = """
INSERT INTO parcel (order_id, number, location_id, state, opened_at, carrier_id)
SELECT :order_id, COALESCE(MAX(number), 0) + 1, :location, 'open', :at, (
    SELECT s.carrier_id FROM orders o JOIN service s ON s.id = o.service_id
    WHERE o.id = :order_id)
FROM parcel WHERE order_id = :order_id
RETURNING id"""
GET = f"SELECT {_PARCEL.columns} FROM parcel p WHERE p.id = :parcel"
OF_ORDER = f"""
SELECT {_PARCEL.columns} FROM parcel p WHERE p.order_id = :order_id ORDER BY p.number"""
OPEN_OF = f"""
SELECT {_PARCEL.columns} FROM parcel p WHERE p.order_id = :order_id AND p.state = 'open'"""
BY_SSCC = f"SELECT {_PARCEL.columns} FROM parcel p WHERE p.sscc = :sscc"
ADD_UNIT = """
INSERT INTO parcel_line (parcel_id, line_id, lot, quantity)
VALUES (:parcel, :line, :lot, :quantity)
ON CONFLICT (parcel_id, line_id, lot) DO UPDATE SET
    quantity = parcel_line.quantity + excluded.quantity"""
TAKE_LAST_UNIT = """
DELETE FROM parcel_line
WHERE parcel_id = :parcel AND line_id = :line AND lot = :lot AND quantity = :quantity"""
TAKE_UNIT = """
UPDATE parcel_line SET quantity = quantity - :quantity
WHERE parcel_id = :parcel AND line_id = :line AND lot = :lot AND quantity > :quantity"""
CONTENTS = f"""
SELECT c.lot, c.quantity, {LINE.columns}
FROM parcel_line c
JOIN order_line l ON l.id = c.line_id
JOIN product p ON p.id = l.product_id
WHERE c.parcel_id = :parcel ORDER BY l.line, c.lot"""
UNITS_IN = """
SELECT COALESCE(SUM(c.quantity), 0)
FROM parcel_line c JOIN order_line l ON l.id = c.line_id
WHERE c.parcel_id = :parcel AND l.product_id = :product"""
_HELD = """
    SELECT l.product_id, c.quantity
    FROM parcel_line c JOIN order_line l ON l.id = c.line_id
    WHERE c.parcel_id = :parcel"""
_REST = """
    SELECT l.product_id, l.picked - l.packed
    FROM order_line l JOIN parcel b ON b.order_id = l.order_id
    WHERE b.id = :parcel AND l.packed < l.picked"""
_LONGEST = """CASE WHEN p.length_mm >= p.width_mm AND p.length_mm >= p.height_mm THEN p.length_mm
        WHEN p.width_mm >= p.height_mm THEN p.width_mm ELSE p.height_mm END"""
_SHORTEST = """CASE WHEN p.length_mm <= p.width_mm AND p.length_mm <= p.height_mm THEN p.length_mm
        WHEN p.width_mm <= p.height_mm THEN p.width_mm ELSE p.height_mm END"""
_SIZE = """
SELECT COALESCE(SUM(p.weight_g * c.quantity), 0),
    COALESCE(SUM(CAST(p.length_mm AS BIGINT) * p.width_mm * p.height_mm * c.quantity), 0),
    COALESCE(MAX({longest}), 0),
    COALESCE(MAX(p.length_mm + p.width_mm + p.height_mm - {longest} - {shortest}), 0),
    COALESCE(MAX({shortest}), 0),
    COALESCE(SUM(c.quantity), 0)
FROM ({items}) c JOIN product p ON p.id = c.product_id"""
_SIDES = {"longest": _LONGEST, "shortest": _SHORTEST}
SIZE = _SIZE.format(items=_HELD, **_SIDES)
SIZE_WITH_REST = _SIZE.format(items=f"{_HELD} UNION ALL {_REST}", **_SIDES)
PACK_LINES = f"""
SELECT {_PACK.columns} FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id AND l.picked > 0 ORDER BY l.line"""
PACK_LINES_OF = f"""
SELECT {_PACK.columns} FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id AND l.product_id = :product AND l.picked > 0 ORDER BY l.line"""
NEXT_PACK_LINE = f"""
SELECT {_PACK.columns} FROM order_line l JOIN product p ON p.id = l.product_id
WHERE l.order_id = :order_id AND l.packed < l.picked ORDER BY l.line LIMIT 1"""
PACK_PROGRESS = """
SELECT COALESCE(SUM(l.picked), 0), COALESCE(SUM(l.packed), 0),
    COALESCE(SUM(CASE WHEN l.packed < l.picked THEN 1 ELSE 0 END), 0)
FROM order_line l WHERE l.order_id = :order_id"""
NEXT_TO_PACK = """
SELECT o.id FROM order_line l JOIN orders o ON o.id = l.order_id
LEFT JOIN claim c ON c.kind = 'pack' AND c.ref_id = o.id
WHERE l.product_id = :product AND l.packed < l.picked AND o.hold = '' AND (o.state = 'picked'
    OR (o.state = 'packing' AND (c.until IS NULL OR c.until <= :now)))
ORDER BY o.state, o.expedite DESC, o.latest_start, o.id LIMIT 1"""
INTERRUPTED = f"""
SELECT {HEAD.columns}
FROM orders o JOIN service s ON s.id = o.service_id JOIN carrier c ON c.id = s.carrier_id
LEFT JOIN claim m ON m.kind = 'pack' AND m.ref_id = o.id
WHERE o.state <> 'shipped' AND o.state <> 'cancelled'
    AND o.state = 'packing' AND o.hold = '' AND (m.until IS NULL OR m.until <= :now)
ORDER BY o.expedite DESC, o.latest_start, o.id LIMIT :limit"""
PACK_QUEUE = f"""
SELECT {HEAD.columns}
FROM orders o JOIN service s ON s.id = o.service_id JOIN carrier c ON c.id = s.carrier_id
WHERE o.state = 'picked' AND o.hold = ''
ORDER BY o.expedite DESC, o.latest_start, o.id LIMIT :limit"""
ORDERS_AT = """
SELECT DISTINCT t.order_id FROM location t JOIN orders o ON o.id = t.order_id
WHERE t.order_id IS NOT NULL AND t.parent_id = :location
    AND o.state IN ('picked', 'packing', 'packed')
ORDER BY t.order_id"""
SET_TYPE = "UPDATE parcel SET package_type_id = :package_type WHERE id = :parcel"
SET_WEIGHT = """
UPDATE parcel SET weight_g = :weight, expected_g = :expected, weighed = :weighed
WHERE id = :parcel"""
_SET_STATE = """
UPDATE parcel SET state = :state, sscc = COALESCE(NULLIF(:sscc, ''), sscc)"""
SET_OPEN = f"{_SET_STATE}, closed_at = NULL, labelled_at = NULL WHERE id = :parcel"
SET_PACKED = f"{_SET_STATE}, closed_at = :at, labelled_at = NULL WHERE id = :parcel"
SET_LABELLED = f"{_SET_STATE}, labelled_at = :at WHERE id = :parcel"
SET_LOADED = f"{_SET_STATE}, loaded_at = :at WHERE id = :parcel"
SET_SHIPPED = f"{_SET_STATE}, shipped_at = :at WHERE id = :parcel"
SET_VOID = f"{_SET_STATE} WHERE id = :parcel"
_SET: dict[ParcelState, str] = {
    ParcelState.OPEN: SET_OPEN,
    ParcelState.PACKED: SET_PACKED,
    ParcelState.LABELLED: SET_LABELLED,
    ParcelState.LOADED: SET_LOADED,
    ParcelState.SHIPPED: SET_SHIPPED,
    ParcelState.VOID: SET_VOID,
}
UNLABELLED = f"""
SELECT {_HEAD.columns} {_HEAD_FROM}
LEFT JOIN claim m ON m.kind = 'pack' AND m.ref_id = p.order_id AND m.until > :now
WHERE p.state = 'packed' AND (m.ref_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM print_job j WHERE j.parcel_id = p.id AND j.kind = 'label'
        AND j.state IN ('queued', 'sending', 'sent', 'drained', 'printed')))
ORDER BY p.closed_at LIMIT :limit"""
TO_LOAD = f"""
SELECT {_HEAD.columns} {_HEAD_FROM}
WHERE p.state = 'labelled' AND p.carrier_id = :carrier ORDER BY p.labelled_at LIMIT :limit"""
LOADED = f"""
SELECT {_HEAD.columns} {_HEAD_FROM}
WHERE p.manifest_id = :manifest ORDER BY p.loaded_at, p.id"""
LOAD = """
UPDATE parcel SET state = 'loaded', manifest_id = :manifest, loaded_at = :at
WHERE id = :parcel AND state = 'labelled'
    AND EXISTS (SELECT 1 FROM manifest m WHERE m.id = :manifest AND m.state = 'open')"""
UNLOAD = """
UPDATE parcel SET state = 'labelled', manifest_id = NULL, loaded_at = NULL
WHERE id = :parcel AND state = 'loaded'"""
COUNT_TO_LOAD = """
SELECT COUNT(*) FROM parcel p WHERE p.state = 'labelled' AND p.carrier_id = :carrier"""
OPEN_MANIFEST = f"""
SELECT {_MANIFEST.columns} FROM manifest m JOIN carrier c ON c.id = m.carrier_id
WHERE m.state = 'open' AND m.carrier_id = :carrier AND (m.day = :day OR EXISTS (
    SELECT 1 FROM parcel p WHERE p.manifest_id = m.id))
ORDER BY m.day LIMIT 1"""
# Opened and never used; whoever comes to the dock looks through all that are open.
CLOSE_EMPTY = """
UPDATE manifest SET state = 'handed_over', handed_at = :at, parcels = 0, counted = 0
WHERE state = 'open' AND carrier_id = :carrier AND day < :day AND NOT EXISTS (
    SELECT 1 FROM parcel p WHERE p.manifest_id = manifest.id)"""
ADD_MANIFEST = """
INSERT INTO manifest (code, carrier_id, day, state, opened_at)
SELECT 'M-' || UPPER(c.code) || '-' || :day || '-' || (
    SELECT COUNT(*) + 1 FROM manifest m WHERE m.carrier_id = c.id AND m.day = :day
), c.id, :day, 'open', :at
FROM carrier c WHERE c.id = :carrier
RETURNING id"""
MANIFEST = f"""
SELECT {_MANIFEST.columns} FROM manifest m JOIN carrier c ON c.id = m.carrier_id
WHERE m.id = :manifest"""
WAITING_BY_CARRIER = """
SELECT c.code, c.name, SUM(w.labelled), SUM(w.loaded)
FROM (
    SELECT p.carrier_id AS carrier_id, 1 AS labelled, 0 AS loaded
    FROM parcel p WHERE p.state = 'labelled'
    UNION ALL
    SELECT m.carrier_id, 0, 1
    FROM manifest m JOIN parcel p ON p.manifest_id = m.id
    WHERE m.state = 'open'
) w JOIN carrier c ON c.id = w.carrier_id
GROUP BY c.code, c.name ORDER BY c.code"""
HAND_OVER = """
UPDATE manifest SET state = 'handed_over', handed_at = :at, operator_id = :operator,
    counted = :counted, parcels = :parcels
WHERE id = :manifest AND state = 'open'"""
SHIP_LOADED = """
UPDATE parcel SET state = 'shipped', shipped_at = :at
WHERE manifest_id = :manifest AND state = 'loaded'"""
ADD_JOB = """
INSERT INTO print_job (at, kind, parcel_id, station_id, printer, content, payload, state, reason,
    reprint_of, changed_at)
VALUES (:at, :kind, :parcel, :station, :printer, :content, :payload, 'queued', :reason,
    :reprint_of, :at)
RETURNING id"""
JOB = f"SELECT {_JOB.columns} FROM print_job j WHERE j.id = :job"
JOBS_OF = f"""
SELECT {_JOB.columns} FROM print_job j
WHERE j.parcel_id = :parcel AND j.kind = :kind ORDER BY j.id"""
JOBS_WAIT = "SELECT id FROM print_job WHERE station_id = :station AND state = 'queued' LIMIT 1"
TAKE_JOB = """
UPDATE print_job SET state = 'sending' WHERE id = (
    SELECT q.id FROM print_job q WHERE q.station_id = :station AND q.state = 'queued'
    ORDER BY q.id LIMIT 1)
RETURNING id"""
SETTLE_JOBS = """
UPDATE print_job SET state = :state, detail = :detail, changed_at = :at
WHERE station_id = :station AND state = 'sending'"""
SET_JOB_PAYLOAD = "UPDATE print_job SET payload = :payload WHERE id = :job"
SET_JOB_STATE = """
UPDATE print_job SET state = :state, detail = :detail, changed_at = :at WHERE id = :job"""
SET_JOB_PRINTER = """
UPDATE print_job SET printed_on = :printed_on, before = :before, after = :after WHERE id = :job"""
VOID_JOBS = """
UPDATE print_job SET state = 'void', changed_at = :at
WHERE parcel_id = :parcel AND state <> 'void'"""
_NO_PARCEL = "The parcel is gone."
_NO_JOB = "The print job is gone."


class Parcels:
    """Boxes, their papers, and the lorries they leave on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, order_id: int, location_id: int, at: str) -> int:
        """Begin an order's next parcel; StoreConflict when one is open."""
        parcel: int = self._connection.scalar(OPEN, order_id=order_id, location=location_id, at=at)
        return parcel

    def get(self, parcel_id: int) -> Parcel:
        """A parcel."""
        row = self._connection.one(GET, parcel=parcel_id)
        return _PARCEL(found(row, "a parcel with id", parcel_id))

    def of_order(self, order_id: int) -> list[Parcel]:
        """An order's parcels, void ones included."""
        return _PARCEL.each(self._connection.all(OF_ORDER, order_id=order_id))

    def open_of(self, order_id: int) -> Parcel | None:
        """The parcel that is being packed."""
        return _PARCEL.maybe(self._connection.one(OPEN_OF, order_id=order_id))

    def by_sscc(self, sscc: str) -> Parcel | None:
        """The parcel that a label belongs to."""
        return _PARCEL.maybe(self._connection.one(BY_SSCC, sscc=sscc))

    def add_unit(self, parcel_id: int, line_id: int, lot: str, change: int) -> None:
        """Put units of a line into a parcel, or take them out when `change` is negative."""
        key = {"parcel": parcel_id, "line": line_id, "lot": lot}
        if change > 0:
            self._connection.do(ADD_UNIT, quantity=change, **key)
        elif not self._connection.run(TAKE_LAST_UNIT, quantity=-change, **key):
            self._connection.change(
                TAKE_UNIT, "The parcel does not hold that.", quantity=-change, **key
            )

    def contents(self, parcel_id: int) -> list[tuple[OrderLine, str, int]]:
        """What a parcel holds: line, lot, quantity."""
        rows = self._connection.all(CONTENTS, parcel=parcel_id)
        return [(LINE(row[2:]), row[0], row[1]) for row in rows]

    def units_in(self, parcel_id: int, product_id: int) -> int:
        """Units of a product in a parcel."""
        row = self._connection.one(UNITS_IN, parcel=parcel_id, product=product_id)
        return int(row[0]) if row else 0

    def pack_lines(self, order_id: int) -> list[PackLine]:
        """The picked lines of an order, as the packer sees them."""
        return _PACK.each(self._connection.all(PACK_LINES, order_id=order_id))

    def pack_lines_of(self, order_id: int, product_id: int) -> list[PackLine]:
        """The picked lines of an order for one product."""
        rows = self._connection.all(PACK_LINES_OF, order_id=order_id, product=product_id)
        return _PACK.each(rows)

    def next_pack_line(self, order_id: int) -> PackLine | None:
        """The first line of which something is still to be packed."""
        return _PACK.maybe(self._connection.one(NEXT_PACK_LINE, order_id=order_id))

    def pack_progress(self, order_id: int) -> PackProgress:
        """How far the packer of an order is."""
        row = self._connection.one(PACK_PROGRESS, order_id=order_id)
        return PackProgress(*map(int, row or (0, 0, 0)))

    def size(self, parcel_id: int, *, with_rest: bool = False) -> Contents:
        """Weight and size of what a parcel holds, and of what its order still has to pack."""
        row = self._connection.one(SIZE_WITH_REST if with_rest else SIZE, parcel=parcel_id)
        weight, volume, *sides, units = map(int, row or (0,) * 6)
        longest, middle, shortest = sides
        return Contents(weight, volume, (longest, middle, shortest), units)

    def next_to_pack(self, product_id: int, now: str) -> int | None:
        """The most urgent order that needs a unit of this product packed and nobody packs."""
        order_id: int | None = self._connection.scalar(NEXT_TO_PACK, product=product_id, now=now)
        return order_id

    def pack_queue(self, limit: int, now: str) -> list[OrderHead]:
        """What there is to pack: begun orders that nobody packs, then the most urgent picked."""
        rows = self._connection.all(INTERRUPTED, now=now, limit=limit)
        if len(rows) < limit:
            rows = rows + self._connection.all(PACK_QUEUE, limit=limit - len(rows))
        return HEAD.each(rows)

    def orders_at(self, location_id: int) -> list[int]:
        """Orders whose totes stand at a location, picked and not yet shipped."""
        return [row[0] for row in self._connection.all(ORDERS_AT, location=location_id)]

    def set_type(self, parcel_id: int, package_type_id: int | None) -> None:
        """Say which carton it is, or that none was chosen."""
        self._connection.change(
            SET_TYPE, _NO_PARCEL, parcel=parcel_id, package_type=package_type_id
        )

    def set_weight(self, parcel_id: int, weight_g: int, expected_g: int, weighed: bool) -> None:
        """Keep what it weighs, what it should weigh, and whether a scale said so."""
        self._connection.change(
            SET_WEIGHT,
            _NO_PARCEL,
            parcel=parcel_id,
            weight=weight_g,
            expected=expected_g,
            weighed=int(weighed),
        )

    def set_state(self, parcel_id: int, state: ParcelState, at: str, sscc: str = "") -> None:
        """Move a parcel on, or open it again; an SSCC once given stays unless a new one comes."""
        self._connection.change(
            _SET[state], _NO_PARCEL, parcel=parcel_id, state=state.value, at=at, sscc=sscc
        )

    def unlabelled(self, limit: int, now: str) -> list[ParcelHead]:
        """Closed parcels without a confirmed label, the oldest first.

        One whose packer stands beside the printer, which says nothing bad, is left out.
        """
        return _HEAD.each(self._connection.all(UNLABELLED, limit=limit, now=now))

    def to_load(self, carrier_id: int, limit: int) -> list[ParcelHead]:
        """Labelled parcels of a carrier, the oldest first."""
        return _HEAD.each(self._connection.all(TO_LOAD, carrier=carrier_id, limit=limit))

    def count_to_load(self, carrier_id: int) -> int:
        """How many labelled parcels of a carrier wait."""
        return int(self._connection.scalar(COUNT_TO_LOAD, carrier=carrier_id))

    def loaded(self, manifest_id: int) -> list[ParcelHead]:
        """The parcels on a manifest, handed over or not."""
        return _HEAD.each(self._connection.all(LOADED, manifest=manifest_id))

    def load(self, parcel_id: int, manifest_id: int | None, at: str) -> None:
        """Load a labelled parcel onto an open manifest, or take it off when that is None."""
        if manifest_id is None:
            self._connection.change(UNLOAD, "The parcel is not loaded.", parcel=parcel_id)
        else:
            self._connection.change(
                LOAD,
                "The parcel is not labelled, or the manifest was handed over.",
                parcel=parcel_id,
                manifest=manifest_id,
                at=at,
            )

    def open_manifest(self, carrier_id: int, day: str, at: str) -> Manifest:
        """The open manifest of a carrier and day, begun when there is none.

        An earlier day's comes first as long as parcels are on it, and is closed when none are.
        """
        row = self._connection.one(OPEN_MANIFEST, carrier=carrier_id, day=day)
        if row is not None:
            return _MANIFEST(row)
        self._connection.do(CLOSE_EMPTY, carrier=carrier_id, day=day, at=at)
        added = self._connection.one(ADD_MANIFEST, carrier=carrier_id, day=day, at=at)
        return self.manifest(found(added, "a carrier with id", carrier_id)[0])

    def manifest(self, manifest_id: int) -> Manifest:
        """A manifest."""
        row = self._connection.one(MANIFEST, manifest=manifest_id)
        return _MANIFEST(found(row, "a manifest with id", manifest_id))

    def waiting_by_carrier(self) -> list[tuple[str, str, int, int]]:
        """Carriers with parcels on the dock: code, name, labelled, loaded."""
        rows = self._connection.all(WAITING_BY_CARRIER)
        return [(row[0], row[1], int(row[2]), int(row[3])) for row in rows]

    def hand_over(
        self, manifest_id: int, operator_id: int, counted: int | None, parcels: int, at: str
    ) -> None:
        """Close a manifest: its parcels are shipped.

        StoreConflict when it was handed over, or when other than `parcels` are loaded on it.
        """
        self._connection.change(
            HAND_OVER,
            "The manifest was handed over meanwhile.",
            manifest=manifest_id,
            operator=operator_id,
            counted=counted,
            parcels=parcels,
            at=at,
        )
        shipped = self._connection.run(SHIP_LOADED, manifest=manifest_id, at=at)
        if shipped != parcels:
            raise StoreConflict(f"Expected {parcels} loaded parcels, got {shipped}.")

    def add_job(
        self,
        kind: str,
        parcel_id: int,
        station_id: int,
        printer: str,
        content: str,
        at: str,
        *,
        reason: str = "",
        reprint_of: int | None = None,
        payload: bytes | None = None,
    ) -> int:
        """Queue a document for a station's printer."""
        job: int = self._connection.scalar(
            ADD_JOB,
            kind=kind,
            parcel=parcel_id,
            station=station_id,
            printer=printer,
            content=content,
            at=at,
            reason=reason,
            reprint_of=reprint_of,
            payload=payload,
        )
        return job

    def job(self, job_id: int) -> PrintJob:
        """A print job."""
        return _JOB(found(self._connection.one(JOB, job=job_id), "a print job with id", job_id))

    def jobs_of(self, parcel_id: int, kind: str) -> list[PrintJob]:
        """A parcel's documents of one kind, the newest last."""
        return _JOB.each(self._connection.all(JOBS_OF, parcel=parcel_id, kind=kind))

    def jobs_wait(self, station_id: int) -> bool:
        """Whether a document is queued for a station."""
        return self._connection.scalar(JOBS_WAIT, station=station_id) is not None

    def take_job(self, station_id: int) -> PrintJob | None:
        """The oldest queued document of a station, which is being sent from now on."""
        job_id = self._connection.scalar(TAKE_JOB, station=station_id)
        return None if job_id is None else self.job(job_id)

    def settle_jobs(self, station_id: int, state: str, detail: str, at: str) -> int:
        """Give every job that was being sent at a station another state; how many there were."""
        return self._connection.run(
            SETTLE_JOBS, station=station_id, state=state, detail=detail, at=at
        )

    def set_job_payload(self, job_id: int, payload: bytes) -> None:
        """Keep the bytes, so that a reprint sends the same ones."""
        self._connection.change(SET_JOB_PAYLOAD, _NO_JOB, job=job_id, payload=payload)

    def set_job_state(self, job_id: int, state: str, detail: str, at: str) -> None:
        """Keep what the printer said."""
        self._connection.change(
            SET_JOB_STATE, _NO_JOB, job=job_id, state=state, detail=detail, at=at
        )

    def set_job_printer(
        self, job_id: int, printed_on: str, before: int | None, after: int | None
    ) -> None:
        """Keep which printer took the job over, and the odometer of the one that has it."""
        self._connection.change(
            SET_JOB_PRINTER, _NO_JOB, job=job_id, printed_on=printed_on, before=before, after=after
        )

    def void_jobs(self, parcel_id: int, at: str) -> None:
        """A parcel's papers no longer hold."""
        self._connection.do(VOID_JOBS, parcel=parcel_id, at=at)
