"""A store grown old: years of shipped orders behind the day that is on the floor.

`python -m benchmarks.big_store STORE [--orders N]` adds the history to a store that has a site:
at full size 1,000,000 orders of 3,000,000 lines, 100,000 products in 200,000 rows of stock.

History is made by the statements that SQLite and PostgreSQL share, so many orders a transaction,
so that neither memory nor the log grows with it. The doctor finds nothing wrong with it.
"""

from __future__ import annotations

import argparse
from contextlib import closing

from data import open_store
from data.connection import Connection
from data.doctor import connection_of
from wms_terminal.ports.store import Store

FULL = 1_000_000
BATCH = 10_000
"""Orders of one transaction."""
LINES = 3
"""Of every order."""
OWN_PRODUCTS = 10
"""Orders for one product of the history's own; at least as many as the stock needs."""
FACES = 20_000
"""Places of the history; its products share them."""
FIRST = 100_000_000
"""Ids of the history begin here, far from those of the floor, which goes on numbering its own."""

_EACH = """
WITH RECURSIVE n (i) AS (SELECT :low UNION ALL SELECT i + 1 FROM n WHERE i < :high)"""

_PLACES = (
    f"""{_EACH}
INSERT INTO location (id, code, kind, zone, walk, barcode)
SELECT :first + i, 'H' || i, CASE WHEN i % 2 = 0 THEN 'pick' ELSE 'bulk' END, 'H', 100000 + i,
    'WHLH' || i
FROM n""",
    f"""{_EACH}
INSERT INTO barcode (code, kind, ref_id) SELECT 'WHLH' || i, 'location', :first + i FROM n""",
)

_PRODUCTS = (
    f"""{_EACH}
INSERT INTO product (id, sku, name, weight_g, length_mm, width_mm, height_mm, lot_tracked)
SELECT :first + i, 'H' || i, 'HISTORIC PRODUCT ' || i, 100, 100, 80, 60, 0 FROM n""",
    f"""{_EACH}
INSERT INTO barcode (code, kind, ref_id) SELECT 'H' || i, 'product', :first + i FROM n""",
    f"""{_EACH}
INSERT INTO stock (location_id, product_id, quantity)
SELECT :first + (i + d) % :faces, :first + i, 100
FROM n CROSS JOIN (SELECT 0 AS d UNION ALL SELECT 1) two""",
    f"""{_EACH}
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, why)
SELECT '2020-01-01T06:00:00Z', :first + i, 100, 1, :first + (i + d) % :faces, 'receipt'
FROM n CROSS JOIN (SELECT 0 AS d UNION ALL SELECT 1) two""",
)

_AT = "'2020-01-01T08:00:00Z'"

_ORDERS = (
    # Every other line is for a product that the floor sells today.
    f"""{_EACH}
INSERT INTO orders (id, number, channel, reference, state, payment, placed_at, promised_on,
    ship_by, latest_start, service_id, partial, language, currency, name, city, country, search,
    digest)
SELECT :first + i, 'H' || i, 'history', 'H' || i, 'shipped', 'paid', {_AT}, '2020-01-03',
    '2020-01-02', {_AT}, :service, 1, 'en', 'EUR', 'Customer ' || i, 'Rotterdam', 'NL',
    'customer ' || i, 'h'
FROM n""",
    f"""{_EACH}
INSERT INTO order_line (id, order_id, line, product_id, name, unit_price, ordered, allocated,
    picked, packed, shipped)
SELECT :first + {LINES} * i + d, :first + i, d,
    CASE WHEN (i + d) % 2 = 0 THEN 1 + (i * 7 + d) % :sold
        ELSE :first + (i * 7 + d) % :products END,
    '', 100, 1, 1, 1, 1, 1
FROM n CROSS JOIN (SELECT 1 AS d UNION ALL SELECT 2 UNION ALL SELECT 3) three""",
    f"""{_EACH}
INSERT INTO location (id, code, kind, barcode)
SELECT :parcels + i, 'P-H' || i, 'parcel', 'P-H' || i FROM n""",
    f"""{_EACH}
INSERT INTO pick_list (id, order_id, state, latest_start, created_at)
SELECT :first + i, :first + i, 'dropped', {_AT}, {_AT} FROM n""",
    """
INSERT INTO pick_task (list_id, line_id, product_id, location_id, quantity, picked, walk)
SELECT order_id, id, product_id, :first + product_id % :faces, 1, 1, line
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high""",
    f"""
INSERT INTO manifest (id, code, carrier_id, day, state, opened_at, handed_at, parcels, counted)
SELECT :first + :low, 'H' || :low, carrier_id, '2020-01-02', 'handed_over', {_AT}, {_AT},
    :high - :low + 1, :high - :low + 1
FROM service WHERE id = :service""",
    f"""{_EACH}
INSERT INTO parcel (id, order_id, number, location_id, state, package_type_id, sscc, weight_g,
    expected_g, manifest_id, opened_at, closed_at, labelled_at, loaded_at, shipped_at)
SELECT :first + i, :first + i, 1, :parcels + i, 'shipped', :box, 'H' || i, 400, 400,
    :first + :low, {_AT}, {_AT}, {_AT}, {_AT}, {_AT}
FROM n""",
    """
INSERT INTO parcel_line (parcel_id, line_id, quantity)
SELECT order_id, id, 1
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high""",
    f"""
INSERT INTO scan (gesture_id, at, station_id, source, raw, kind, ref_id, flow, state, outcome,
    code, message, undo)
SELECT 'h' || id, {_AT}, :station, 'scanner', 'H', 'tote', 1, 'pick', 'tote', 'good', 'picked',
    '', 'pick'
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high""",
    # What came in for these orders, what was picked into their parcels, and how they left.
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, why)
SELECT {_AT}, product_id, COUNT(*), 1, :first + product_id % :faces, 'receipt'
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high
GROUP BY product_id""",
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, line_id, why, gesture_id)
SELECT {_AT}, product_id, 1, :first + product_id % :faces, :parcels + order_id - :first, id,
    'pick', 'h' || id
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high""",
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, line_id, why)
SELECT {_AT}, product_id, 1, :parcels + order_id - :first, 2, id, 'ship'
FROM order_line WHERE order_id BETWEEN :first + :low AND :first + :high""",
    f"""{_EACH}
INSERT INTO print_job (at, kind, parcel_id, station_id, printer, content, state, changed_at)
SELECT {_AT}, 'label', :first + i, :station, 'sim:', '', 'confirmed', {_AT} FROM n""",
    f"""{_EACH}
INSERT INTO event (at, order_id, kind, text)
SELECT {_AT}, :first + i, 'shipped', '{{"template":"Shipped"}}' FROM n""",
    f"""{_EACH}
INSERT INTO outbox (at, target, kind, key, order_id, payload, state, next_at)
SELECT {_AT}, 'mail', 'shipped', 'H' || i, :first + i, '', 'done', {_AT} FROM n""",
)


def grow(store: Store, orders: int) -> None:
    """Add that many shipped orders, their goods and everything that was written about them."""
    products = max(OWN_PRODUCTS, orders // OWN_PRODUCTS)
    faces = max(OWN_PRODUCTS, min(FACES, products))
    with store.read() as tx:
        connection = connection_of(tx)
        known = {
            "first": FIRST,
            "parcels": 2 * FIRST,
            "faces": faces,
            "products": products,
            "sold": _contiguous(connection, "product"),
            "service": connection.scalar("SELECT MIN(id) FROM service"),
            "station": connection.scalar("SELECT MIN(id) FROM station"),
            "box": connection.scalar("SELECT MIN(id) FROM package_type"),
        }
    _fill(store, _PLACES, faces, known)
    _fill(store, _PRODUCTS, products, known)
    _fill(store, _ORDERS, orders, known)


def _fill(store: Store, statements: tuple[str, ...], count: int, known: dict[str, int]) -> None:
    for low in range(0, count, BATCH):
        params = known | {"low": low, "high": min(low + BATCH, count) - 1}
        with store.write() as tx:
            connection = connection_of(tx)
            for sql in statements:
                names = {name: value for name, value in params.items() if f":{name}" in sql}
                connection.run(sql, **names)


def _contiguous(connection: Connection, table: str) -> int:
    """How many rows there are, numbered from 1 without a gap."""
    count, last = connection.all(f"SELECT COUNT(*), MAX(id) FROM {table}")[0]
    assert count == last, f"expected {table} to be numbered 1 to {count}, found {last}"
    return int(count)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.big_store", description=__doc__)
    parser.add_argument("store", help="URL of a store that has a site and no history yet.")
    parser.add_argument("--orders", type=int, default=FULL)
    chosen = parser.parse_args()
    with closing(open_store(chosen.store)) as store:
        grow(store, chosen.orders)


if __name__ == "__main__":
    main()
