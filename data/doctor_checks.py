"""What must never be true of a store: one query for each invariant, and words for what it finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A query for what is wrong, and how to say it: `{0}`, `{1}`, … are its columns."""

    name: str
    sql: str
    what: str


_RECOUNT = "Count the location and enter what lies there."
_LOOK = "Put the order on hold, look at its goods, and tell who maintains the program."
_TELL = "Keep a copy of the store and tell who maintains the program."

_REFUND_KEY = "'refund:' || o.channel || ':' || o.reference || ':' || r.key"
"""How the outbox names a refund."""

_LIVE_TASK = """
    SELECT t.line_id, t.location_id, t.product_id, t.lot, t.quantity - t.picked - t.short AS open
    FROM pick_task t JOIN pick_list k ON k.id = t.list_id
    WHERE k.state IN ('open', 'picking')"""

CHECKS: tuple[Check, ...] = (
    Check(
        "stock_is_the_sum_of_its_moves",
        """
        SELECT l.code, p.sku, x.lot, SUM(x.moved), SUM(x.kept)
        FROM (
            SELECT to_id AS location_id, product_id, lot, quantity AS moved, 0 AS kept
            FROM stock_move
            UNION ALL SELECT from_id, product_id, lot, -quantity, 0 FROM stock_move
            UNION ALL SELECT location_id, product_id, lot, 0, quantity FROM stock
        ) x
        LEFT JOIN location l ON l.id = x.location_id
        LEFT JOIN product p ON p.id = x.product_id
        WHERE l.kind IS NULL OR l.kind <> 'outside'
        GROUP BY x.location_id, x.product_id, x.lot, l.code, p.sku
        HAVING SUM(x.moved) <> SUM(x.kept)
        ORDER BY l.code, p.sku, x.lot""",
        "{0}: expected {3} of {1} {2!r}, which is the sum of all moves, the stock says {4}. "
        + _RECOUNT,
    ),
    Check(
        "nothing_is_stocked_outside",
        """
        SELECT l.code, p.sku, s.quantity
        FROM stock s JOIN location l ON l.id = s.location_id JOIN product p ON p.id = s.product_id
        WHERE l.kind = 'outside'""",
        "{0}: expected a ledger account without stock, found {2} of {1}. " + _TELL,
    ),
    Check(
        "stock_is_not_negative",
        """
        SELECT l.code, p.sku, s.lot, s.quantity, s.allocated
        FROM stock s JOIN location l ON l.id = s.location_id JOIN product p ON p.id = s.product_id
        WHERE s.quantity <= 0 OR s.allocated < 0 OR s.allocated > s.quantity""",
        "{0}: expected a quantity above 0 of {1} {2!r} and no more than that allocated, "
        "found {3} with {4} allocated. " + _RECOUNT,
    ),
    Check(
        "moves_are_positive",
        """
        SELECT id, quantity, from_id, to_id FROM stock_move
        WHERE quantity <= 0 OR from_id = to_id""",
        "Stock move {0}: expected a quantity above 0 between two places, "
        "found {1} from {2} to {3}. " + _TELL,
    ),
    Check(
        "allocated_is_what_tasks_hold",
        f"""
        SELECT l.code, p.sku, x.lot, SUM(x.open), SUM(x.allocated)
        FROM (
            SELECT location_id, product_id, lot, open, 0 AS allocated FROM ({_LIVE_TASK}) task
            UNION ALL SELECT location_id, product_id, lot, 0, allocated FROM stock
        ) x
        JOIN location l ON l.id = x.location_id JOIN product p ON p.id = x.product_id
        GROUP BY x.location_id, x.product_id, x.lot, l.code, p.sku
        HAVING SUM(x.open) <> SUM(x.allocated)
        ORDER BY l.code, p.sku, x.lot""",
        "{0}: expected {3} of {1} {2!r} allocated, as open pick tasks want, found {4}. " + _TELL,
    ),
    Check(
        "tasks_add_up",
        """
        SELECT t.id, o.number, t.quantity, t.picked, t.short, t.in_hand
        FROM pick_task t JOIN pick_list k ON k.id = t.list_id JOIN orders o ON o.id = k.order_id
        WHERE t.quantity <= 0 OR t.picked < 0 OR t.short < 0 OR t.in_hand < 0
            OR t.picked + t.short + t.in_hand > t.quantity""",
        "Pick task {0} of order {1}: expected at most {2} units, "
        "found {3} picked, {4} short and {5} in hand. " + _LOOK,
    ),
    Check(
        "ended_walks_have_nothing_open",
        """
        SELECT k.id, o.number, k.state, SUM(t.quantity - t.picked - t.short)
        FROM pick_task t JOIN pick_list k ON k.id = t.list_id JOIN orders o ON o.id = k.order_id
        WHERE k.state IN ('dropped', 'void') AND t.picked + t.short < t.quantity
        GROUP BY k.id, o.number, k.state""",
        "Pick list {0} of order {1}: expected nothing left to pick on a list that is {2}, "
        "found {3} units. " + _LOOK,
    ),
    Check(
        "line_quantities_follow_each_other",
        """
        SELECT o.number, l.line, l.ordered, l.cancelled, l.allocated, l.picked, l.packed,
            l.shipped, l.returned
        FROM order_line l JOIN orders o ON o.id = l.order_id
        WHERE NOT (0 <= l.returned AND l.returned <= l.shipped AND l.shipped <= l.packed
            AND l.packed <= l.picked AND l.picked <= l.allocated AND l.cancelled >= 0
            AND l.allocated + l.cancelled <= l.ordered)""",
        "Order {0} line {1}: expected returned ≤ shipped ≤ packed ≤ picked ≤ allocated ≤ ordered, "
        "found {8} ≤ {7} ≤ {6} ≤ {5} ≤ {4} ≤ {2} with {3} cancelled. " + _LOOK,
    ),
    Check(
        "allocated_is_picked_or_to_be_picked",
        f"""
        SELECT o.number, l.line, l.allocated, l.picked, COALESCE(SUM(t.open), 0)
        FROM order_line l JOIN orders o ON o.id = l.order_id
        LEFT JOIN ({_LIVE_TASK}) t ON t.line_id = l.id
        GROUP BY l.id, o.number, l.line, l.allocated, l.picked
        HAVING l.allocated <> l.picked + COALESCE(SUM(t.open), 0)""",
        "Order {0} line {1}: expected as many allocated as are picked ({3}) and to be picked "
        "({4}), found {2}. " + _LOOK,
    ),
    Check(
        "picked_goods_are_in_the_totes",
        """
        SELECT o.number, p.sku, SUM(x.wanted), SUM(x.lies)
        FROM (
            SELECT order_id, product_id, picked - packed AS wanted, 0 AS lies FROM order_line
            UNION ALL
            SELECT l.order_id, s.product_id, 0, s.quantity
            FROM location l JOIN stock s ON s.location_id = l.id WHERE l.order_id IS NOT NULL
        ) x
        JOIN orders o ON o.id = x.order_id JOIN product p ON p.id = x.product_id
        GROUP BY x.order_id, x.product_id, o.number, p.sku
        HAVING SUM(x.wanted) <> SUM(x.lies)""",
        "Order {0}: expected {2} of {1} in its totes, picked and not packed, found {3}. " + _LOOK,
    ),
    Check(
        "parcels_wait_for_their_carrier",
        """
        SELECT o.number, p.number, c.code, s.carrier_id, p.carrier_id
        FROM parcel p JOIN orders o ON o.id = p.order_id
        JOIN service s ON s.id = o.service_id JOIN carrier c ON c.id = s.carrier_id
        WHERE p.state IN ('open', 'packed', 'labelled')
            AND COALESCE(p.carrier_id, 0) <> s.carrier_id""",
        "Order {0} parcel {1}: expected it to wait for carrier {2}, as its service has it, "
        "found carrier id {4}. " + _TELL,
    ),
    Check(
        "packed_is_what_parcels_hold",
        """
        SELECT o.number, l.line, l.packed, COALESCE(SUM(c.quantity), 0)
        FROM order_line l JOIN orders o ON o.id = l.order_id
        LEFT JOIN (
            SELECT c.line_id, c.quantity FROM parcel_line c JOIN parcel p ON p.id = c.parcel_id
            WHERE p.state <> 'void'
        ) c ON c.line_id = l.id
        GROUP BY l.id, o.number, l.line, l.packed
        HAVING l.packed <> COALESCE(SUM(c.quantity), 0)""",
        "Order {0} line {1}: expected {2} packed units in parcels, found {3}. " + _LOOK,
    ),
    Check(
        "shipped_is_what_shipped_parcels_hold",
        """
        SELECT o.number, l.line, l.shipped, COALESCE(SUM(c.quantity), 0)
        FROM order_line l JOIN orders o ON o.id = l.order_id
        LEFT JOIN (
            SELECT c.line_id, c.quantity FROM parcel_line c JOIN parcel p ON p.id = c.parcel_id
            WHERE p.state = 'shipped'
        ) c ON c.line_id = l.id
        GROUP BY l.id, o.number, l.line, l.shipped
        HAVING l.shipped <> COALESCE(SUM(c.quantity), 0)""",
        "Order {0} line {1}: expected {2} shipped units in shipped parcels, found {3}. " + _TELL,
    ),
    Check(
        "parcels_hold_what_they_list",
        """
        SELECT o.number, b.number, p.sku, x.lot, SUM(x.listed), SUM(x.lies)
        FROM (
            SELECT c.parcel_id, l.product_id, c.lot, c.quantity AS listed, 0 AS lies
            FROM parcel_line c JOIN order_line l ON l.id = c.line_id
            JOIN parcel b ON b.id = c.parcel_id
            WHERE b.state NOT IN ('shipped', 'void')
            UNION ALL
            SELECT b.id, s.product_id, s.lot, 0, s.quantity
            FROM parcel b JOIN stock s ON s.location_id = b.location_id
        ) x
        JOIN parcel b ON b.id = x.parcel_id
        JOIN orders o ON o.id = b.order_id
        JOIN product p ON p.id = x.product_id
        GROUP BY x.parcel_id, x.product_id, x.lot, o.number, b.number, p.sku
        HAVING SUM(x.listed) <> SUM(x.lies)""",
        "Order {0} parcel {1}: expected {4} of {2} {3!r}, as its contents say, the stock says {5}. "
        "Reopen the parcel and count it.",
    ),
    Check(
        "parcels_hold_their_own_order",
        """
        SELECT o.number, b.number, other.number
        FROM parcel_line c
        JOIN parcel b ON b.id = c.parcel_id JOIN orders o ON o.id = b.order_id
        JOIN order_line l ON l.id = c.line_id JOIN orders other ON other.id = l.order_id
        WHERE l.order_id <> b.order_id""",
        "Order {0} parcel {1}: expected goods of its own order, found goods of order {2}. "
        "Reopen the parcel and count it.",
    ),
    Check(
        "customers_have_what_was_shipped",
        """
        SELECT p.sku, SUM(x.shipped), SUM(x.moved)
        FROM (
            SELECT product_id, shipped - returned AS shipped, 0 AS moved FROM order_line
            UNION ALL SELECT product_id, -received, 0 FROM return_line WHERE line_id IS NULL
            UNION ALL SELECT product_id, 0, quantity FROM stock_move WHERE to_id = 2
            UNION ALL SELECT product_id, 0, -quantity FROM stock_move WHERE from_id = 2
        ) x JOIN product p ON p.id = x.product_id
        GROUP BY x.product_id, p.sku
        HAVING SUM(x.shipped) <> SUM(x.moved)""",
        "{0}: expected {1} units moved to customers, as order lines say, the ledger says {2}. "
        + _TELL,
    ),
    Check(
        "shipped_parcels_left_with_what_they_list",
        """
        SELECT o.number, b.number, p.sku, x.lot, SUM(x.listed), SUM(x.moved)
        FROM (
            SELECT c.parcel_id, l.product_id, c.lot, c.quantity AS listed, 0 AS moved
            FROM parcel_line c JOIN order_line l ON l.id = c.line_id
            JOIN parcel b ON b.id = c.parcel_id
            WHERE b.state = 'shipped'
            UNION ALL
            SELECT b.id, m.product_id, m.lot, 0, m.quantity
            FROM stock_move m JOIN parcel b ON b.location_id = m.from_id
            WHERE m.to_id = 2
        ) x
        JOIN parcel b ON b.id = x.parcel_id
        JOIN orders o ON o.id = b.order_id
        JOIN product p ON p.id = x.product_id
        GROUP BY x.parcel_id, x.product_id, x.lot, o.number, b.number, p.sku
        HAVING SUM(x.listed) <> SUM(x.moved)""",
        "Order {0} parcel {1}: expected {4} of {2} {3!r} moved to the customer, as its contents "
        "say, the ledger says {5}. " + _TELL,
    ),
    Check(
        "customs_codes_have_their_length",
        """
        SELECT sku, hs_code, origin FROM product
        WHERE LENGTH(hs_code) NOT IN (0, 6, 8, 10) OR LENGTH(origin) NOT IN (0, 2)""",
        "Product {0}: expected an HS code of 6, 8 or 10 digits and an origin of two letters, "
        "found {1!r} and {2!r}. Import it complete.",
    ),
    Check(
        "one_open_session_each",
        """
        SELECT 'station ' || t.code, COUNT(*)
        FROM session s JOIN station t ON t.id = s.station_id
        WHERE s.closed_at IS NULL GROUP BY s.station_id, t.code HAVING COUNT(*) > 1
        UNION ALL
        SELECT 'operator ' || o.code, COUNT(*)
        FROM session s JOIN operator o ON o.id = s.operator_id
        WHERE s.closed_at IS NULL GROUP BY s.operator_id, o.code HAVING COUNT(*) > 1""",
        "{0}: expected one open session at most, found {1}. Sign out and in again there.",
    ),
    Check(
        "claims_are_on_live_work",
        """
        SELECT p.name, c.kind, c.ref_id, COALESCE(k.state, o.state, 'missing')
        FROM claim c JOIN operator p ON p.id = c.operator_id
        LEFT JOIN pick_list k ON c.kind = 'pick' AND k.id = c.ref_id
        LEFT JOIN orders o ON c.kind = 'pack' AND o.id = c.ref_id
        WHERE (c.kind = 'pick' AND (k.state IS NULL OR k.state NOT IN ('open', 'picking')))
            OR (c.kind = 'pack' AND (o.state IS NULL
                OR o.state NOT IN ('picked', 'packing', 'packed')))""",
        "{0}: expected a claim on live work, found one on {1} {2}, which is {3}. "
        "It holds nobody up. " + _TELL,
    ),
    Check(
        "order_states_fit_the_work",
        """
        SELECT o.number, o.state, x.wanted, x.there
        FROM orders o
        JOIN (
            SELECT order_id, 'nothing on the floor' AS wanted,
                CAST(SUM(allocated - shipped) AS TEXT) || ' units on the floor' AS there,
                ' new cancelled ' AS states
            FROM order_line WHERE allocated <> shipped GROUP BY order_id
            UNION ALL
            SELECT order_id, 'no walk that is going on', 'pick list ' || CAST(id AS TEXT),
                ' new picked packing packed shipped cancelled '
            FROM pick_list WHERE state IN ('open', 'picking')
            UNION ALL
            SELECT id, 'a walk that is going on', 'none', ' picking ' FROM orders
            WHERE state = 'picking' AND NOT EXISTS (
                SELECT 1 FROM pick_list k
                WHERE k.order_id = orders.id AND k.state IN ('open', 'picking'))
            UNION ALL
            SELECT order_id, 'no parcel that is being packed', 'parcel ' || CAST(number AS TEXT),
                ' new picking picked packed shipped cancelled '
            FROM parcel WHERE state = 'open'
            UNION ALL
            SELECT order_id, 'no parcel in the house',
                'parcel ' || CAST(number AS TEXT) || ', ' || state, ' new shipped cancelled '
            FROM parcel WHERE state IN ('packed', 'labelled', 'loaded')
            UNION ALL
            SELECT order_id, 'everything packed',
                CAST(SUM(picked - packed) AS TEXT) || ' units in totes', ' packed shipped '
            FROM order_line WHERE picked <> packed GROUP BY order_id
            UNION ALL
            SELECT id, 'a parcel in the house', 'none', ' packed ' FROM orders
            WHERE state = 'packed' AND NOT EXISTS (
                SELECT 1 FROM parcel b
                WHERE b.order_id = orders.id AND b.state IN ('packed', 'labelled', 'loaded'))
            UNION ALL
            SELECT order_id, 'everything shipped',
                CAST(SUM(ordered - cancelled - shipped) AS TEXT) || ' units to follow', ' shipped '
            FROM order_line WHERE ordered - cancelled <> shipped GROUP BY order_id
        ) x ON x.order_id = o.id AND x.states LIKE '% ' || o.state || ' %'
        ORDER BY o.id""",
        "Order {0} is {1}: expected {2}, found {3}. " + _LOOK,
    ),
    Check(
        "moves_come_from_scans",
        """
        SELECT m.id, m.gesture_id FROM stock_move m
        WHERE m.gesture_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM scan s WHERE s.gesture_id = m.gesture_id)""",
        "Stock move {0}: expected a scan for its gesture {1}, found none in the journal. " + _TELL,
    ),
    Check(
        "taken_back_means_moved_back",
        """
        SELECT m.id, m.gesture_id FROM stock_move m JOIN scan s ON s.gesture_id = m.gesture_id
        WHERE s.voided_by IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM stock_move r WHERE r.reverses = m.id)""",
        "Stock move {0}: expected it to be moved back, because its scan {1} was taken back, "
        "found no such move. " + _TELL,
    ),
    Check(
        "moved_back_means_taken_back",
        """
        SELECT r.id, m.id, m.gesture_id
        FROM stock_move r JOIN stock_move m ON m.id = r.reverses
        LEFT JOIN scan s ON s.gesture_id = m.gesture_id
        WHERE s.voided_by IS NULL OR r.gesture_id IS NULL OR s.voided_by <> r.gesture_id
            OR r.product_id <> m.product_id OR r.lot <> m.lot OR r.quantity <> m.quantity
            OR r.from_id <> m.to_id OR r.to_id <> m.from_id""",
        "Stock move {0}: expected the exact opposite of move {1} whose scan {2} was taken back, "
        "found another. " + _TELL,
    ),
    Check(
        "labelled_means_scanned_back",
        """
        SELECT o.number, b.number, b.state FROM parcel b JOIN orders o ON o.id = b.order_id
        WHERE b.state IN ('labelled', 'loaded', 'shipped') AND NOT EXISTS (
            SELECT 1 FROM print_job j
            WHERE j.parcel_id = b.id AND j.kind = 'label' AND j.state = 'confirmed')""",
        "Order {0} parcel {1} is {2}: expected a label that was scanned back, found none. "
        "Look at the parcel; if its label is wrong, reopen it and print again.",
    ),
    Check(
        "scanned_back_means_labelled",
        """
        SELECT o.number, b.number, b.state
        FROM print_job j JOIN parcel b ON b.id = j.parcel_id JOIN orders o ON o.id = b.order_id
        WHERE j.kind = 'label' AND j.state = 'confirmed'
            AND b.state NOT IN ('labelled', 'loaded', 'shipped')""",
        "Order {0} parcel {1}: expected it to be labelled, because its label was scanned back, "
        "found it {2}. Scan the label at the ship desk again.",
    ),
    Check(
        "manifests_fit_their_parcels",
        """
        SELECT m.code, m.state, o.number, b.number, b.state
        FROM parcel b JOIN manifest m ON m.id = b.manifest_id JOIN orders o ON o.id = b.order_id
        WHERE (m.state = 'open' AND b.state <> 'loaded')
            OR (m.state = 'handed_over' AND b.state <> 'shipped')""",
        "Manifest {0} is {1}: expected its parcels to be as far, found parcel {3} of order {2} "
        "{4}. Look whether the parcel is still here.",
    ),
    Check(
        "manifests_count_their_parcels",
        """
        SELECT m.code, m.parcels, COUNT(b.id)
        FROM manifest m LEFT JOIN parcel b ON b.manifest_id = m.id
        WHERE m.state = 'handed_over' GROUP BY m.id, m.code, m.parcels
        HAVING m.parcels <> COUNT(b.id)""",
        "Manifest {0}: expected {1} parcels, as were handed over, found {2}. " + _TELL,
    ),
    Check(
        "the_outside_learns_of_shipments",
        """
        SELECT DISTINCT o.number FROM parcel b JOIN orders o ON o.id = b.order_id
        JOIN channel c ON c.code = o.channel
        WHERE b.state = 'shipped' AND o.replaces_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM outbox x WHERE x.order_id = o.id AND x.kind = 'ship')""",
        "Order {0}: expected a message to its channel in the outbox, found none. "
        "Tell the channel by hand.",
    ),
    Check(
        "delivered_means_every_parcel_arrived",
        """
        SELECT o.number, COUNT(p.id)
        FROM orders o LEFT JOIN parcel p ON p.order_id = o.id AND p.state <> 'void'
            AND NOT EXISTS (
                SELECT 1 FROM shipment s
                WHERE s.parcel_id = p.id AND s.state = 'booked' AND s.milestone = 'delivered')
        WHERE o.delivered_at IS NOT NULL
        GROUP BY o.id, o.number, o.state HAVING COUNT(p.id) > 0 OR o.state <> 'shipped'""",
        "Order {0} is delivered: expected all of it shipped and every parcel delivered, found "
        "{1} parcels of which no carrier says so. " + _TELL,
    ),
    Check(
        "milestones_were_heard",
        """
        SELECT o.number, p.number, s.milestone
        FROM shipment s JOIN parcel p ON p.id = s.parcel_id JOIN orders o ON o.id = p.order_id
        WHERE s.milestone <> '' AND NOT EXISTS (
            SELECT 1 FROM tracking_event e
            WHERE e.shipment_id = s.id AND e.milestone = s.milestone AND e.at = s.milestone_at)""",
        "Order {0} parcel {1}: expected an event of its carrier that says {2}, found none. "
        + _TELL,
    ),
    Check(
        "follow_ups_are_about_what_arrived",
        """
        SELECT o.number FROM orders o
        WHERE o.follow_up_at IS NOT NULL AND o.delivered_at IS NULL""",
        "Order {0}: expected its customer to be asked after delivery only, found it not "
        "delivered. " + _TELL,
    ),
    Check(
        "totes_belong_to_live_orders",
        """
        SELECT l.code, COALESCE(o.number, 'that is missing'), COALESCE(o.state, 'unknown')
        FROM location l LEFT JOIN orders o ON o.id = l.order_id
        WHERE l.order_id IS NOT NULL
            AND (o.state IS NULL OR o.state NOT IN ('picking', 'picked', 'packing', 'packed'))""",
        "Tote {0}: expected an order that is being worked on, found order {1}, which is {2}. "
        "Look into the tote; put what is in it away.",
    ),
    Check(
        "free_totes_are_empty",
        """
        SELECT l.code, SUM(s.quantity) FROM location l JOIN stock s ON s.location_id = l.id
        WHERE l.kind = 'tote' AND l.order_id IS NULL GROUP BY l.code""",
        "Tote {0} is free: expected nothing in it, found {1} units. "
        "Look into the tote; put what is in it away.",
    ),
    Check(
        "no_more_goes_back_than_was_paid",
        """
        SELECT o.number, SUM(x.paid), SUM(x.back)
        FROM (
            SELECT r.order_id, 0 AS paid, r.amount AS back FROM refund r
            WHERE r.state <> 'declined' AND r.state <> 'rejected'
            UNION ALL
            SELECT l.order_id, l.unit_price * l.shipped, 0 FROM order_line l
            WHERE l.order_id IN (SELECT order_id FROM refund)
        ) x JOIN orders o ON o.id = x.order_id
        GROUP BY x.order_id, o.number HAVING SUM(x.back) > SUM(x.paid)""",
        "Order {0}: expected refunds of at most {1}, which was paid for what was shipped, found "
        "{2}. Look at the shop what went back.",
    ),
    Check(
        "a_refund_that_is_sent_waits_in_the_outbox",
        f"""
        SELECT o.number, r.id FROM refund r JOIN orders o ON o.id = r.order_id
        WHERE r.state = 'sent' AND NOT EXISTS (
            SELECT 1 FROM outbox x WHERE x.key = {_REFUND_KEY} AND x.state = 'pending')""",
        "Order {0} refund {1}: expected a message that waits for its channel, found none. Look at "
        "the shop whether it was paid, and say so: wms-terminal refund.",
    ),
    Check(
        "a_refund_that_is_settled_is_not_told_again",
        f"""
        SELECT o.number, r.id, r.state, x.state FROM refund r JOIN orders o ON o.id = r.order_id
        JOIN outbox x ON x.key = {_REFUND_KEY}
        WHERE r.state <> 'sent' AND r.state <> 'in_doubt'
            AND (x.state = 'pending' OR x.state = 'dead')""",
        "Order {0} refund {1} is {2}: expected no message that may still be told, found one that "
        "is {3}. " + _TELL,
    ),
    Check(
        "pickups_are_what_their_manifests_are",
        """
        SELECT c.code, p.day, p.state, COALESCE(p.parcels, 0), COALESCE(SUM(v.parcels), 0)
        FROM pickup p
        JOIN pickup_agreement a ON a.id = p.agreement_id JOIN carrier c ON c.id = a.carrier_id
        LEFT JOIN pickup_visit v ON v.pickup_id = p.id
        GROUP BY p.id, c.code, p.day, p.state, p.parcels, p.came_at
        HAVING COALESCE(p.parcels, 0) <> COALESCE(SUM(v.parcels), 0)
            OR (p.state = 'came' AND p.came_at IS NULL)
            OR (p.state <> 'came' AND COUNT(v.manifest_id) > 0)""",
        "Pickup of {0} on {1} is {2}: expected its {3} parcels to be those of its manifests, "
        "which are {4}. " + _TELL,
    ),
    Check(
        "couriers_took_what_was_handed_over",
        """
        SELECT m.code, m.state, m.parcels, v.parcels
        FROM pickup_visit v JOIN manifest m ON m.id = v.manifest_id
        WHERE m.state <> 'handed_over' OR m.parcels <> v.parcels""",
        "Manifest {0} is {1}: expected its {2} parcels to be taken along, found {3}. " + _TELL,
    ),
    Check(
        "booked_parcels_leave_with_their_label",
        """
        SELECT DISTINCT o.number, b.number FROM shipment s
        JOIN parcel b ON b.id = s.parcel_id JOIN orders o ON o.id = b.order_id
        WHERE b.state IN ('labelled', 'loaded', 'shipped') AND NOT EXISTS (
            SELECT 1 FROM shipment x
            WHERE x.parcel_id = b.id AND (x.state = 'booked' OR x.own = 1))""",
        "Order {0} parcel {1}: expected its carrier's label, or our own by decision, found "
        "neither. Ask the carrier whether it has the parcel.",
    ),
    Check(
        "a_parcel_is_booked_once",
        """
        SELECT o.number, b.number, COUNT(*) FROM shipment s
        JOIN parcel b ON b.id = s.parcel_id JOIN orders o ON o.id = b.order_id
        WHERE s.state <> 'cancelled' GROUP BY b.id, o.number, b.number HAVING COUNT(*) > 1""",
        "Order {0} parcel {1}: expected one booking at most, found {2}. Cancel the others at the "
        "carrier.",
    ),
    Check(
        "wanted_labels_are_asked_for",
        """
        SELECT o.number, b.number, s.carrier FROM shipment s
        JOIN parcel b ON b.id = s.parcel_id JOIN orders o ON o.id = b.order_id
        WHERE s.state = 'wanted' AND NOT EXISTS (
            SELECT 1 FROM outbox x WHERE x.key = 'book:' || s.key AND x.state = 'pending')""",
        "Order {0} parcel {1}: expected a message to {2} that waits to be told, found none. "
        "Reopen the parcel and close it again.",
    ),
    Check(
        "returned_is_what_returns_received",
        """
        SELECT o.number, l.line, l.returned, COALESCE(SUM(r.received), 0)
        FROM order_line l JOIN orders o ON o.id = l.order_id
        LEFT JOIN return_line r ON r.line_id = l.id
        GROUP BY l.id, o.number, l.line, l.returned
        HAVING l.returned <> COALESCE(SUM(r.received), 0)""",
        "Order {0} line {1}: expected {2} units in its returns, found {3}. " + _TELL,
    ),
    Check(
        "received_is_put_somewhere",
        """
        SELECT c.number, p.sku, l.received, l.restocked + l.scrapped + l.held
        FROM return_line l JOIN return_case c ON c.id = l.return_id
        JOIN product p ON p.id = l.product_id
        WHERE l.received <> l.restocked + l.scrapped + l.held OR (l.received > 0
            AND c.state IN ('announced', 'void'))""",
        "Return {0}: expected all {2} × {1} that came to be restocked, scrapped or on hold, and "
        "the return to have arrived, found {3}. Look into the return.",
    ),
    Check(
        "goods_on_hold_are_there",
        """
        SELECT h.code, p.sku, h.held, COALESCE(s.there, 0)
        FROM (
            SELECT c.location_id AS location_id, k.code AS code, l.product_id AS product_id,
                SUM(l.held) AS held
            FROM return_line l JOIN return_case c ON c.id = l.return_id
            JOIN location k ON k.id = c.location_id
            WHERE l.held > 0 GROUP BY c.location_id, k.code, l.product_id
        ) h JOIN product p ON p.id = h.product_id
        LEFT JOIN (
            SELECT location_id, product_id, SUM(quantity) AS there FROM stock
            GROUP BY location_id, product_id
        ) s ON s.location_id = h.location_id AND s.product_id = h.product_id
        WHERE h.held > COALESCE(s.there, 0)""",
        "{0}: expected at least {2} × {1}, which returns have on hold there, found {3}. "
        + _RECOUNT,
    ),
    Check(
        "codes_stand_for_one_thing",
        """
        SELECT kind, code, COUNT(*) FROM barcode GROUP BY kind, code HAVING COUNT(*) > 1""",
        "Code {1}: expected one {0} that it stands for, found {2}. Give one of them another code.",
    ),
    Check(
        "forgotten_customers_are_gone",
        """
        SELECT o.number FROM orders o
        WHERE o.anonymous = 1 AND (o.name <> '' OR o.company <> '' OR o.street <> ''
            OR o.extra <> '' OR o.postcode <> '' OR o.city <> '' OR o.email <> ''
            OR o.phone <> '' OR o.phone_key <> '' OR o.note <> '' OR o.search <> ''
            OR EXISTS (
                SELECT 1 FROM print_job j JOIN parcel p ON p.id = j.parcel_id
                WHERE p.order_id = o.id AND (j.content <> '{}' OR j.payload IS NOT NULL))
            OR EXISTS (
                SELECT 1 FROM outbox x
                WHERE x.order_id = o.id AND x.target = 'mail' AND x.payload <> '{}'))""",
        "Order {0}: expected nothing of a customer who was forgotten, found something. "
        "Forget the customer again, and tell who maintains the program.",
    ),
    Check(
        "forgotten_orders_are_closed",
        """
        SELECT o.number, o.state FROM orders o
        WHERE o.anonymous = 1 AND o.state NOT IN ('shipped', 'cancelled')""",
        "Order {0}: expected an order without its customer to be closed, found it {1}. " + _TELL,
    ),
    Check(
        "stock_that_is_there_is_not_waited_for",
        """
        SELECT o.number FROM orders o
        WHERE o.waiting = 'stock' AND o.state = 'new' AND o.payment = 'paid' AND o.hold = ''
            AND EXISTS (
                SELECT 1 FROM order_line l
                WHERE l.order_id = o.id AND l.ordered > l.allocated + l.cancelled)
            AND NOT EXISTS (
                SELECT 1 FROM order_line l
                WHERE l.order_id = o.id AND l.ordered - l.allocated - l.cancelled > (
                    SELECT COALESCE(SUM(s.quantity - s.allocated), 0)
                    FROM stock s JOIN location k ON k.id = s.location_id
                    WHERE s.product_id = l.product_id AND k.kind IN ('pick', 'bulk')
                        AND NOT EXISTS (
                            SELECT 1 FROM count_task c
                            WHERE c.product_id = s.product_id AND c.location_id = s.location_id
                                AND c.lot = s.lot AND c.done_at IS NULL)))
        ORDER BY o.number""",
        "Order {0}: expected it to wait for stock, found that all of it is there. "
        "Count one of its products and enter what lies there.",
    ),
)
