"""Step 3: channels, shipments, returns, refunds, feedback; an outbox with receivers."""

from __future__ import annotations

OUTBOX_2 = """
CREATE TABLE outbox_2 (
    id {id},
    at TEXT NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    order_id INTEGER REFERENCES orders (id),
    payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'done', 'unsupported', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL,
    worker TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    remote_id TEXT NOT NULL DEFAULT '',
    settled_at TEXT
) {strict};
INSERT INTO outbox_2 (id, at, target, kind, key, order_id, payload, state, attempts, next_at,
    detail)
SELECT id, at, '', kind, key, order_id, payload,
    CASE state WHEN 'failed' THEN 'dead' ELSE state END, attempts, next_at, error
FROM outbox ORDER BY id;
DROP TABLE outbox;
ALTER TABLE outbox_2 RENAME TO outbox;
CREATE INDEX outbox_due ON outbox (target, next_at, id) WHERE state = 'pending';
CREATE INDEX outbox_before ON outbox (order_id, id) WHERE state = 'pending';
CREATE INDEX outbox_dead ON outbox (id) WHERE state = 'dead';
CREATE INDEX outbox_order ON outbox (order_id, id) WHERE order_id IS NOT NULL;
"""

OUTSIDE_WORLD = """
ALTER TABLE order_line ADD COLUMN reference TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN seen TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN delivered_at TEXT;
ALTER TABLE orders ADD COLUMN replaces_id INTEGER REFERENCES orders (id);
ALTER TABLE orders ADD COLUMN anonymous INTEGER NOT NULL DEFAULT 0 CHECK (anonymous IN (0, 1));
ALTER TABLE product ADD COLUMN hs_code TEXT NOT NULL DEFAULT '';
ALTER TABLE product ADD COLUMN origin TEXT NOT NULL DEFAULT '';
CREATE TABLE channel (
    code TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    options TEXT NOT NULL,
    poll_seconds INTEGER NOT NULL CHECK (poll_seconds > 0),
    since TEXT NOT NULL DEFAULT '',
    returns_since TEXT NOT NULL DEFAULT '',
    heard_at TEXT NOT NULL DEFAULT '',
    trouble TEXT NOT NULL DEFAULT ''
) {strict};
CREATE TABLE told_stock (
    channel TEXT NOT NULL REFERENCES channel (code),
    product_id INTEGER NOT NULL REFERENCES product (id),
    quantity INTEGER NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (channel, product_id)
) {strict};
"""

SHIPMENTS = """
CREATE TABLE shipment (
    id {id},
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    key TEXT NOT NULL UNIQUE,
    carrier TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('wanted', 'booked', 'refused', 'cancelled')),
    tracking TEXT NOT NULL DEFAULT '',
    tracking_url TEXT NOT NULL DEFAULT '',
    remote_id TEXT NOT NULL DEFAULT '',
    form TEXT NOT NULL DEFAULT '',
    label BLOB,
    detail TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL,
    milestone TEXT NOT NULL DEFAULT '',
    milestone_at TEXT NOT NULL DEFAULT '',
    asked_at TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX shipment_parcel ON shipment (parcel_id);
CREATE INDEX shipment_tracking ON shipment (tracking) WHERE tracking <> '';
CREATE INDEX shipment_under_way ON shipment (asked_at, id)
    WHERE state = 'booked' AND milestone <> 'delivered' AND milestone <> 'returned';
CREATE TABLE tracking_event (
    id {id},
    shipment_id INTEGER NOT NULL REFERENCES shipment (id),
    at TEXT NOT NULL,
    milestone TEXT NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    UNIQUE (shipment_id, at, milestone, text)
) {strict};
CREATE TABLE pickup_agreement (
    id {id},
    carrier_id INTEGER NOT NULL REFERENCES carrier (id),
    days TEXT NOT NULL,
    begins TEXT NOT NULL,
    ends TEXT NOT NULL,
    place TEXT NOT NULL DEFAULT '',
    max_parcels INTEGER NOT NULL DEFAULT 0 CHECK (max_parcels >= 0),
    max_weight_g INTEGER NOT NULL DEFAULT 0 CHECK (max_weight_g >= 0),
    UNIQUE (carrier_id, begins, place)
) {strict};
CREATE TABLE holiday (
    day TEXT NOT NULL,
    carrier_id INTEGER NOT NULL DEFAULT 0,
    name TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (day, carrier_id)
) {strict};
CREATE TABLE pickup (
    id {id},
    agreement_id INTEGER NOT NULL REFERENCES pickup_agreement (id),
    day TEXT NOT NULL,
    begins_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('agreed', 'booked', 'came', 'missed')),
    remote_id TEXT NOT NULL DEFAULT '',
    came_at TEXT,
    manifest_id INTEGER REFERENCES manifest (id),
    parcels INTEGER,
    counted INTEGER,
    unscanned INTEGER,
    note TEXT NOT NULL DEFAULT '',
    UNIQUE (agreement_id, day)
) {strict};
"""

RETURNS = """
CREATE TABLE return_case (
    id {id},
    number TEXT NOT NULL UNIQUE,
    order_id INTEGER REFERENCES orders (id),
    channel TEXT NOT NULL DEFAULT '',
    rma TEXT NOT NULL DEFAULT '',
    tracking TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('announced', 'arrived', 'closed', 'void')),
    announced_at TEXT,
    arrived_at TEXT,
    closed_at TEXT,
    note TEXT NOT NULL DEFAULT '',
    location_id INTEGER REFERENCES location (id)
) {strict};
CREATE UNIQUE INDEX return_rma ON return_case (channel, rma) WHERE rma <> '';
CREATE INDEX return_order ON return_case (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX return_open ON return_case (id) WHERE state = 'announced' OR state = 'arrived';
CREATE INDEX return_tracking ON return_case (tracking) WHERE tracking <> '';
CREATE TABLE return_line (
    id {id},
    return_id INTEGER NOT NULL REFERENCES return_case (id),
    line_id INTEGER REFERENCES order_line (id),
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL DEFAULT '',
    advised INTEGER NOT NULL DEFAULT 0 CHECK (advised >= 0),
    received INTEGER NOT NULL DEFAULT 0 CHECK (received >= 0),
    reason TEXT NOT NULL DEFAULT '',
    restocked INTEGER NOT NULL DEFAULT 0 CHECK (restocked >= 0),
    scrapped INTEGER NOT NULL DEFAULT 0 CHECK (scrapped >= 0),
    held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    CHECK (restocked + scrapped + held <= received)
) {strict};
CREATE INDEX return_line_case ON return_line (return_id);
CREATE INDEX return_line_line ON return_line (line_id) WHERE line_id IS NOT NULL;
CREATE TABLE refund (
    id {id},
    key TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES orders (id),
    return_id INTEGER REFERENCES return_case (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('proposed', 'approved', 'sent', 'done', 'in_doubt', 'declined', 'rejected')),
    proposed_by INTEGER REFERENCES operator (id),
    proposed_at TEXT NOT NULL,
    decided_by INTEGER REFERENCES operator (id),
    decided_at TEXT,
    settled_at TEXT,
    remote_id TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    CHECK (state IN ('proposed', 'declined') OR decided_by IS NOT NULL)
) {strict};
CREATE INDEX refund_order ON refund (order_id);
CREATE INDEX refund_open ON refund (id) WHERE state = 'proposed' OR state = 'in_doubt';
CREATE TABLE feedback (
    id {id},
    at TEXT NOT NULL,
    order_id INTEGER REFERENCES orders (id),
    product_id INTEGER REFERENCES product (id),
    channel TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('mail', 'form', 'service')),
    key TEXT NOT NULL UNIQUE,
    score INTEGER CHECK (score BETWEEN 1 AND 5),
    cause TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX feedback_order ON feedback (order_id) WHERE order_id IS NOT NULL;
"""

PARTS = (
    OUTBOX_2,
    OUTSIDE_WORLD,
    SHIPMENTS,
    RETURNS,
)
