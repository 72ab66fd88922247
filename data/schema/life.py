"""Step 4: what the order's life after the floor needs more, by subject."""

from __future__ import annotations

from functools import reduce

SHIPMENTS_4 = """
ALTER TABLE carrier ADD COLUMN kind TEXT NOT NULL DEFAULT 'own';
ALTER TABLE carrier ADD COLUMN url TEXT NOT NULL DEFAULT '';
ALTER TABLE carrier ADD COLUMN options TEXT NOT NULL DEFAULT '{}';
ALTER TABLE service ADD COLUMN option TEXT NOT NULL DEFAULT '';
ALTER TABLE shipment ADD COLUMN station_id INTEGER REFERENCES station (id);
ALTER TABLE shipment ADD COLUMN own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1));
ALTER TABLE shipment ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0 CHECK (in_doubt IN (0, 1));
"""
TRACKING_4 = """
ALTER TABLE shipment ADD COLUMN ask_at TEXT DEFAULT '';
CREATE INDEX shipment_to_ask ON shipment (carrier, ask_at, id)
    WHERE state = 'booked' AND ask_at IS NOT NULL;
DROP INDEX shipment_under_way;
ALTER TABLE orders ADD COLUMN follow_up_at TEXT;
ALTER TABLE orders ADD COLUMN told_by TEXT NOT NULL DEFAULT '';
CREATE INDEX orders_to_follow_up ON orders (follow_up_at, id) WHERE follow_up_at IS NOT NULL;
CREATE INDEX orders_late ON orders (ship_by, id) WHERE state <> 'shipped' AND state <> 'cancelled';
ALTER TABLE feedback ADD COLUMN derived INTEGER NOT NULL DEFAULT 0 CHECK (derived IN (0, 1));
CREATE INDEX feedback_at ON feedback (at, id);
CREATE INDEX outbox_remote ON outbox (remote_id) WHERE remote_id <> '';
"""
PICKUPS_4 = """
ALTER TABLE pickup_agreement ADD COLUMN active INTEGER NOT NULL DEFAULT 1
    CHECK (active IN (0, 1));
ALTER TABLE pickup ADD COLUMN waited INTEGER;
ALTER TABLE pickup ADD COLUMN warned INTEGER NOT NULL DEFAULT 0 CHECK (warned IN (0, 1));
CREATE INDEX pickup_day ON pickup (day);
CREATE INDEX pickup_open ON pickup (ends_at)
    WHERE (state = 'agreed' OR state = 'booked') AND waited IS NULL;
CREATE TABLE pickup_visit (
    manifest_id INTEGER PRIMARY KEY REFERENCES manifest (id),
    pickup_id INTEGER REFERENCES pickup (id),
    carrier_id INTEGER NOT NULL REFERENCES carrier (id),
    day TEXT NOT NULL,
    came_at TEXT NOT NULL,
    parcels INTEGER NOT NULL CHECK (parcels > 0),
    weight_g INTEGER NOT NULL CHECK (weight_g >= 0),
    counted INTEGER,
    unscanned INTEGER NOT NULL CHECK (unscanned >= 0),
    labels TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX pickup_visit_day ON pickup_visit (day);
CREATE INDEX pickup_visit_pickup ON pickup_visit (pickup_id) WHERE pickup_id IS NOT NULL;
"""
CUSTOMS_4 = """
CREATE TABLE customs_told (
    product_id INTEGER PRIMARY KEY REFERENCES product (id),
    at TEXT NOT NULL
) {strict};
CREATE TABLE print_job_4 (
    id {id},
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('label', 'slip', 'customs')),
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    station_id INTEGER NOT NULL REFERENCES station (id),
    printer TEXT NOT NULL,
    content TEXT NOT NULL,
    payload BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'drained', 'printed',
        'faulted', 'unknown', 'confirmed', 'void')),
    detail TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reprint_of INTEGER REFERENCES print_job_4 (id),
    printed_on TEXT NOT NULL DEFAULT '',
    before INTEGER CHECK (before >= 0),
    after INTEGER CHECK (after >= 0),
    changed_at TEXT NOT NULL
) {strict};
INSERT INTO print_job_4 (id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, printed_on, before, after, changed_at)
SELECT id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, printed_on, before, after, changed_at FROM print_job ORDER BY id;
DROP TABLE print_job;
ALTER TABLE print_job_4 RENAME TO print_job;
CREATE INDEX print_job_queue ON print_job (station_id, id) WHERE state = 'queued';
CREATE INDEX print_job_sending ON print_job (station_id) WHERE state = 'sending';
CREATE INDEX print_job_parcel ON print_job (parcel_id, kind, id);
"""
RETURNS_4 = """
ALTER TABLE return_case ADD COLUMN beside_id INTEGER REFERENCES return_case (id);
CREATE INDEX return_beside ON return_case (beside_id) WHERE beside_id IS NOT NULL;
CREATE INDEX return_any_rma ON return_case (rma) WHERE rma <> '';
CREATE INDEX orders_held ON orders (hold, id)
    WHERE state <> 'shipped' AND state <> 'cancelled' AND hold <> '';
"""
REFUNDS_4 = """
DROP INDEX refund_open;
CREATE INDEX refund_open ON refund (id)
    WHERE state <> 'done' AND state <> 'declined' AND state <> 'rejected';
ALTER TABLE orders ADD COLUMN replacement_key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX orders_replacement ON orders (replacement_key) WHERE replacement_key <> '';
CREATE INDEX orders_replaces ON orders (replaces_id) WHERE replaces_id IS NOT NULL;
"""
_DIGITS = reduce(lambda text, char: f"replace({text}, '{char}', '')", " -+()./", "phone")
"""A phone number without what people put between its digits."""
SERVICE_4 = f"""
ALTER TABLE orders ADD COLUMN phone_key TEXT NOT NULL DEFAULT '';
UPDATE orders SET phone_key = CASE WHEN length({_DIGITS}) > 9
    THEN substr({_DIGITS}, length({_DIGITS}) - 8) ELSE {_DIGITS} END;
CREATE INDEX orders_email ON orders (lower(email)) WHERE email <> '';
CREATE INDEX orders_phone ON orders (phone_key) WHERE phone_key <> '';
CREATE INDEX orders_postcode ON orders (replace(lower(postcode), ' ', '')) WHERE postcode <> '';
CREATE INDEX orders_placed ON orders (placed_at, id);
CREATE INDEX notice_order ON notice (order_id) WHERE order_id IS NOT NULL;
"""

PARTS = (
    SHIPMENTS_4,
    TRACKING_4,
    PICKUPS_4,
    CUSTOMS_4,
    RETURNS_4,
    REFUNDS_4,
    SERVICE_4,
)
