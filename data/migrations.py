"""The schema, as named steps that are never edited once released.

The statements keep to what SQLite and PostgreSQL share; `{id}` and `{strict}` are filled in by
the engine. Times are UTC text that sorts (`promise.stamp`), weights grams, lengths millimetres,
money minor units.

A query uses a partial index only when it repeats its condition word for word. In a comparison a
column that stands alone comes first, because SQLite turns it round otherwise and no longer
recognises it.
"""

from __future__ import annotations

from collections.abc import Callable

from data import migration_4, migration_5

Execute = Callable[[str], object]

SITE = """
CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) {strict};
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) {strict};
CREATE TABLE operator (
    id {id},
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    department TEXT NOT NULL,
    supervisor INTEGER NOT NULL CHECK (supervisor IN (0, 1)),
    pin_hash TEXT NOT NULL DEFAULT ''
) {strict};
CREATE TABLE department (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    responsible_id INTEGER REFERENCES operator (id)
) {strict};
CREATE TABLE location (
    id {id},
    code TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL CHECK (kind IN
        ('pick', 'bulk', 'staging', 'bench', 'dock', 'problem', 'tote', 'parcel', 'outside')),
    zone TEXT NOT NULL DEFAULT '',
    walk INTEGER NOT NULL DEFAULT 0,
    check_digits TEXT NOT NULL DEFAULT '',
    barcode TEXT NOT NULL,
    parent_id INTEGER REFERENCES location (id),
    order_id INTEGER,
    sequence INTEGER NOT NULL DEFAULT 0,
    CHECK (order_id IS NULL OR kind = 'tote'),
    CHECK (parent_id IS NULL OR parent_id <> id)
) {strict};
CREATE INDEX location_tote_order ON location (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX location_kind ON location (kind, order_id, code);
CREATE TABLE station (
    id {id},
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    bench_id INTEGER REFERENCES location (id),
    scanner TEXT NOT NULL,
    printer TEXT NOT NULL,
    documents TEXT NOT NULL,
    scale TEXT NOT NULL,
    idle_seconds INTEGER NOT NULL CHECK (idle_seconds > 0)
) {strict};
CREATE TABLE product (
    id {id},
    sku TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    weight_g INTEGER NOT NULL CHECK (weight_g >= 0),
    length_mm INTEGER NOT NULL CHECK (length_mm >= 0),
    width_mm INTEGER NOT NULL CHECK (width_mm >= 0),
    height_mm INTEGER NOT NULL CHECK (height_mm >= 0),
    lot_tracked INTEGER NOT NULL CHECK (lot_tracked IN (0, 1))
) {strict};
CREATE TABLE lot (
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL,
    expires_on TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (product_id, lot)
) {strict};
CREATE TABLE barcode (
    code TEXT NOT NULL,
    kind TEXT NOT NULL,
    ref_id INTEGER NOT NULL,
    units INTEGER NOT NULL DEFAULT 1 CHECK (units > 0),
    PRIMARY KEY (code, kind, ref_id)
) {strict};
CREATE INDEX barcode_of ON barcode (kind, ref_id);
CREATE TABLE carrier (
    id {id},
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL
) {strict};
CREATE TABLE service (
    id {id},
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    carrier_id INTEGER NOT NULL REFERENCES carrier (id),
    cutoff TEXT NOT NULL,
    pickup_days TEXT NOT NULL,
    transit_days INTEGER NOT NULL CHECK (transit_days >= 0),
    max_weight_g INTEGER NOT NULL CHECK (max_weight_g >= 0),
    max_length_mm INTEGER NOT NULL CHECK (max_length_mm >= 0),
    max_girth_mm INTEGER NOT NULL CHECK (max_girth_mm >= 0),
    countries TEXT NOT NULL,
    rank INTEGER NOT NULL
) {strict};
CREATE TABLE package_type (
    id {id},
    code TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    tare_g INTEGER NOT NULL CHECK (tare_g >= 0),
    length_mm INTEGER NOT NULL CHECK (length_mm > 0),
    width_mm INTEGER NOT NULL CHECK (width_mm > 0),
    height_mm INTEGER NOT NULL CHECK (height_mm > 0),
    max_weight_g INTEGER NOT NULL CHECK (max_weight_g >= 0)
) {strict};
"""

ORDERS = """
CREATE TABLE orders (
    id {id},
    number TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    reference TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN
        ('new', 'picking', 'picked', 'packing', 'packed', 'shipped', 'cancelled')),
    payment TEXT NOT NULL CHECK (payment IN ('pending', 'paid', 'refunded')),
    hold TEXT NOT NULL DEFAULT '',
    waiting TEXT NOT NULL DEFAULT '' CHECK (waiting IN ('', 'stock')),
    expedite INTEGER NOT NULL DEFAULT 0 CHECK (expedite IN (0, 1)),
    placed_at TEXT NOT NULL,
    promised_on TEXT NOT NULL,
    ship_by TEXT NOT NULL,
    latest_start TEXT NOT NULL,
    service_id INTEGER NOT NULL REFERENCES service (id),
    partial INTEGER NOT NULL CHECK (partial IN (0, 1)),
    language TEXT NOT NULL,
    currency TEXT NOT NULL,
    email TEXT NOT NULL DEFAULT '',
    phone TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    company TEXT NOT NULL DEFAULT '',
    street TEXT NOT NULL DEFAULT '',
    extra TEXT NOT NULL DEFAULT '',
    postcode TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    region TEXT NOT NULL DEFAULT '',
    country TEXT NOT NULL DEFAULT '',
    search TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL,
    UNIQUE (channel, reference),
    CHECK (state = 'new' OR state = 'cancelled' OR payment <> 'pending')
) {strict};
CREATE INDEX orders_to_release ON orders (expedite DESC, latest_start, id)
    WHERE state = 'new' AND payment = 'paid' AND hold = '' AND waiting = '';
CREATE INDEX orders_live ON orders (state, payment, waiting, hold)
    WHERE state <> 'shipped' AND state <> 'cancelled';
CREATE INDEX orders_to_pack ON orders (expedite DESC, latest_start, id) WHERE state = 'picked';
CREATE INDEX orders_reference ON orders (reference);
CREATE TABLE order_line (
    id {id},
    order_id INTEGER NOT NULL REFERENCES orders (id),
    line INTEGER NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product (id),
    name TEXT NOT NULL,
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    ordered INTEGER NOT NULL CHECK (ordered > 0),
    cancelled INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    allocated INTEGER NOT NULL DEFAULT 0,
    picked INTEGER NOT NULL DEFAULT 0,
    packed INTEGER NOT NULL DEFAULT 0,
    shipped INTEGER NOT NULL DEFAULT 0,
    returned INTEGER NOT NULL DEFAULT 0 CHECK (returned >= 0),
    UNIQUE (order_id, line),
    CHECK (returned <= shipped),
    CHECK (shipped <= packed),
    CHECK (packed <= picked),
    CHECK (picked <= allocated),
    CHECK (allocated + cancelled <= ordered)
) {strict};
CREATE INDEX order_line_product ON order_line (product_id) WHERE ordered > allocated + cancelled;
CREATE INDEX order_line_to_pack ON order_line (product_id, order_id) WHERE packed < picked;
CREATE TABLE event (
    id {id},
    at TEXT NOT NULL,
    order_id INTEGER REFERENCES orders (id),
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    operator_id INTEGER REFERENCES operator (id),
    station_id INTEGER REFERENCES station (id),
    gesture_id TEXT
) {strict};
CREATE INDEX event_order ON event (order_id, id);
CREATE TABLE notice (
    id {id},
    at TEXT NOT NULL,
    department TEXT NOT NULL,
    text TEXT NOT NULL,
    order_id INTEGER REFERENCES orders (id),
    done_at TEXT,
    done_by INTEGER REFERENCES operator (id)
) {strict};
CREATE INDEX notice_open ON notice (department, id) WHERE done_at IS NULL;
"""

STOCK = """
CREATE TABLE stock (
    location_id INTEGER NOT NULL REFERENCES location (id),
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity >= 0),
    allocated INTEGER NOT NULL DEFAULT 0 CHECK (allocated >= 0),
    PRIMARY KEY (location_id, product_id, lot),
    CHECK (allocated <= quantity)
) {strict};
CREATE INDEX stock_product ON stock (product_id, location_id);
CREATE TABLE stock_move (
    id {id},
    at TEXT NOT NULL,
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    from_id INTEGER NOT NULL REFERENCES location (id),
    to_id INTEGER NOT NULL REFERENCES location (id),
    line_id INTEGER REFERENCES order_line (id),
    why TEXT NOT NULL,
    gesture_id TEXT,
    reverses INTEGER UNIQUE REFERENCES stock_move (id),
    CHECK (from_id <> to_id)
) {strict};
CREATE INDEX stock_move_gesture ON stock_move (gesture_id) WHERE gesture_id IS NOT NULL;
CREATE INDEX stock_move_line ON stock_move (line_id) WHERE line_id IS NOT NULL;
CREATE TABLE count_task (
    id {id},
    at TEXT NOT NULL,
    location_id INTEGER NOT NULL REFERENCES location (id),
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL,
    reason TEXT NOT NULL,
    operator_id INTEGER REFERENCES operator (id),
    done_at TEXT
) {strict};
CREATE UNIQUE INDEX count_task_open ON count_task (product_id, location_id, lot)
    WHERE done_at IS NULL;
"""

WORK = """
CREATE TABLE pick_list (
    id {id},
    order_id INTEGER NOT NULL REFERENCES orders (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'picking', 'dropped', 'void')),
    expedite INTEGER NOT NULL DEFAULT 0,
    latest_start TEXT NOT NULL,
    created_at TEXT NOT NULL
) {strict};
CREATE UNIQUE INDEX pick_list_live ON pick_list (order_id) WHERE state IN ('open', 'picking');
CREATE INDEX pick_list_open ON pick_list (expedite DESC, latest_start, id)
    WHERE state IN ('open', 'picking');
CREATE TABLE pick_task (
    id {id},
    list_id INTEGER NOT NULL REFERENCES pick_list (id),
    line_id INTEGER NOT NULL REFERENCES order_line (id),
    product_id INTEGER NOT NULL REFERENCES product (id),
    lot TEXT NOT NULL DEFAULT '',
    location_id INTEGER NOT NULL REFERENCES location (id),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    picked INTEGER NOT NULL DEFAULT 0 CHECK (picked >= 0),
    short INTEGER NOT NULL DEFAULT 0 CHECK (short >= 0),
    in_hand INTEGER NOT NULL DEFAULT 0 CHECK (in_hand >= 0),
    postponed INTEGER NOT NULL DEFAULT 0,
    walk INTEGER NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    CHECK (picked + short + in_hand <= quantity)
) {strict};
CREATE INDEX pick_task_walk ON pick_task (list_id, postponed, walk, id)
    WHERE picked + short <> quantity;
CREATE INDEX pick_task_list ON pick_task (list_id);
CREATE INDEX pick_task_line ON pick_task (line_id);
CREATE TABLE claim (
    kind TEXT NOT NULL CHECK (kind IN ('pick', 'pack')),
    ref_id INTEGER NOT NULL,
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    station_id INTEGER NOT NULL REFERENCES station (id),
    claimed_at TEXT NOT NULL,
    until TEXT NOT NULL,
    PRIMARY KEY (kind, ref_id)
) {strict};
CREATE INDEX claim_operator ON claim (operator_id, kind);
CREATE TABLE manifest (
    id {id},
    code TEXT NOT NULL UNIQUE,
    carrier_id INTEGER NOT NULL REFERENCES carrier (id),
    day TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'handed_over')),
    opened_at TEXT NOT NULL,
    handed_at TEXT,
    operator_id INTEGER REFERENCES operator (id),
    parcels INTEGER NOT NULL DEFAULT 0,
    counted INTEGER
) {strict};
CREATE UNIQUE INDEX manifest_open ON manifest (carrier_id, day) WHERE state = 'open';
CREATE INDEX manifest_day ON manifest (carrier_id, day);
CREATE TABLE parcel (
    id {id},
    order_id INTEGER NOT NULL REFERENCES orders (id),
    number INTEGER NOT NULL,
    location_id INTEGER NOT NULL UNIQUE REFERENCES location (id),
    state TEXT NOT NULL CHECK (state IN
        ('open', 'packed', 'labelled', 'loaded', 'shipped', 'void')),
    package_type_id INTEGER REFERENCES package_type (id),
    sscc TEXT UNIQUE,
    weight_g INTEGER NOT NULL DEFAULT 0 CHECK (weight_g >= 0),
    expected_g INTEGER NOT NULL DEFAULT 0,
    weighed INTEGER NOT NULL DEFAULT 0 CHECK (weighed IN (0, 1)),
    manifest_id INTEGER REFERENCES manifest (id),
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    labelled_at TEXT,
    loaded_at TEXT,
    shipped_at TEXT,
    UNIQUE (order_id, number),
    CHECK (state IN ('open', 'void') OR (sscc IS NOT NULL AND package_type_id IS NOT NULL)),
    CHECK (state NOT IN ('loaded', 'shipped') OR manifest_id IS NOT NULL)
) {strict};
CREATE UNIQUE INDEX parcel_open ON parcel (order_id) WHERE state = 'open';
CREATE INDEX parcel_unlabelled ON parcel (closed_at) WHERE state = 'packed';
CREATE INDEX parcel_to_load ON parcel (labelled_at) WHERE state = 'labelled';
CREATE INDEX parcel_manifest ON parcel (manifest_id) WHERE manifest_id IS NOT NULL;
CREATE TABLE parcel_line (
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    line_id INTEGER NOT NULL REFERENCES order_line (id),
    lot TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (parcel_id, line_id, lot)
) {strict};
CREATE INDEX parcel_line_line ON parcel_line (line_id);
"""

JOURNAL = """
CREATE TABLE session (
    id {id},
    station_id INTEGER NOT NULL REFERENCES station (id),
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    dialogue TEXT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0 CHECK (locked IN (0, 1)),
    opened_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    closed_at TEXT,
    closed_why TEXT
) {strict};
CREATE UNIQUE INDEX session_station ON session (station_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX session_operator ON session (operator_id) WHERE closed_at IS NULL;
CREATE TABLE scan (
    id {id},
    gesture_id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    station_id INTEGER NOT NULL REFERENCES station (id),
    operator_id INTEGER REFERENCES operator (id),
    session_id INTEGER REFERENCES session (id),
    source TEXT NOT NULL,
    raw TEXT NOT NULL,
    kind TEXT NOT NULL,
    ref_id INTEGER,
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    undo TEXT NOT NULL DEFAULT '',
    before TEXT NOT NULL DEFAULT '',
    voided_by TEXT
) {strict};
CREATE INDEX scan_undoable ON scan (session_id, id) WHERE undo <> '' AND voided_by IS NULL;
CREATE TABLE print_job (
    id {id},
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('label', 'slip')),
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    station_id INTEGER NOT NULL REFERENCES station (id),
    printer TEXT NOT NULL,
    content TEXT NOT NULL,
    payload BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'printed', 'faulted',
        'unknown', 'confirmed', 'void')),
    detail TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reprint_of INTEGER REFERENCES print_job (id),
    changed_at TEXT NOT NULL
) {strict};
CREATE INDEX print_job_queue ON print_job (station_id, id) WHERE state = 'queued';
CREATE INDEX print_job_sending ON print_job (station_id) WHERE state = 'sending';
CREATE INDEX print_job_parcel ON print_job (parcel_id, kind, id);
CREATE TABLE outbox (
    id {id},
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    order_id INTEGER REFERENCES orders (id),
    payload TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'failed')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT ''
) {strict};
CREATE INDEX outbox_pending ON outbox (next_at, id) WHERE state = 'pending';
"""

OUTSIDE = """
INSERT INTO location (id, code, kind, barcode) VALUES
    (1, 'SUPPLIER', 'outside', 'SUPPLIER'),
    (2, 'CUSTOMER', 'outside', 'CUSTOMER'),
    (3, 'SCRAP', 'outside', 'SCRAP'),
    (4, 'ADJUSTMENT', 'outside', 'ADJUSTMENT')
"""


def m0001_floor(execute: Execute) -> None:
    """Site, orders, stock ledger, work, journal."""
    for part in (SITE, ORDERS, STOCK, WORK, JOURNAL, OUTSIDE):
        _run(part, execute)


PRINT_JOB_2 = """
CREATE TABLE print_job_2 (
    id {id},
    at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('label', 'slip')),
    parcel_id INTEGER NOT NULL REFERENCES parcel (id),
    station_id INTEGER NOT NULL REFERENCES station (id),
    printer TEXT NOT NULL,
    content TEXT NOT NULL,
    payload BLOB,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'drained', 'printed',
        'faulted', 'unknown', 'confirmed', 'void')),
    detail TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL DEFAULT '',
    reprint_of INTEGER REFERENCES print_job_2 (id),
    printed_on TEXT NOT NULL DEFAULT '',
    before INTEGER CHECK (before >= 0),
    after INTEGER CHECK (after >= 0),
    changed_at TEXT NOT NULL
) {strict};
INSERT INTO print_job_2 (id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, changed_at)
SELECT id, at, kind, parcel_id, station_id, printer, content, payload, state,
    detail, reason, reprint_of, changed_at FROM print_job ORDER BY id;
DROP TABLE print_job;
ALTER TABLE print_job_2 RENAME TO print_job;
CREATE INDEX print_job_queue ON print_job (station_id, id) WHERE state = 'queued';
CREATE INDEX print_job_sending ON print_job (station_id) WHERE state = 'sending';
CREATE INDEX print_job_parcel ON print_job (parcel_id, kind, id);
"""

DEVICES = """
ALTER TABLE station ADD COLUMN sound TEXT NOT NULL DEFAULT '';
ALTER TABLE scan ADD COLUMN scanner TEXT NOT NULL DEFAULT '';
"""


def m0002_devices(execute: Execute) -> None:
    """Sounds of a station, scanners by name, what a printer's odometer counted."""
    for part in (DEVICES, PRINT_JOB_2):
        _run(part, execute)


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


def m0003_outside(execute: Execute) -> None:
    """Channels, shipments and pickups, returns, refunds and feedback; an outbox with receivers."""
    for part in (OUTBOX_2, OUTSIDE_WORLD, SHIPMENTS, RETURNS):
        _run(part, execute)


def _run(statements: str, execute: Execute) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            execute(statement)


def m0004_life(execute: Execute) -> None:
    """Bookings, pickups, customs, returns and refunds, as the order's whole life needs them."""
    for part in migration_4.PARTS:
        _run(part, execute)


def m0005_channels(execute: Execute) -> None:
    """What a channel sent that could not be taken in, and since when it is silent."""
    _run(migration_5.CHANNELS_5, execute)


STEPS: tuple[Callable[[Execute], None], ...] = (
    m0001_floor,
    m0002_devices,
    m0003_outside,
    m0004_life,
    m0005_channels,
)
"""In order; their number is the schema's version."""
