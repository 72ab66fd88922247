"""Step 1: site, orders, stock ledger, work, journal."""

from __future__ import annotations

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

PARTS = (
    SITE,
    ORDERS,
    STOCK,
    WORK,
    JOURNAL,
    OUTSIDE,
)
