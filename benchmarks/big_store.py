"""A store grown old: years of shipped orders behind the day that is on the floor.

`python -m benchmarks.big_store STORE [--orders N]` adds the history to a store; one that is new or
empty gets the demo's site and its day of orders first. At full size it is 1,000,000 orders of
3,000,000 lines, 100,000 products in 200,000 rows of stock, and takes some 5 GB.

History is made by the statements that SQLite and PostgreSQL share, so many orders a transaction,
so that neither memory nor the log grows with it. The doctor finds nothing wrong with it.
"""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import click

from data import open_store
from data.connection import Connection
from data.doctor import connection_of
from wms_terminal import demo_day
from wms_terminal.ports.store import Store
from wms_terminal.simulated_crew import Crew, hire

FULL = 1_000_000
BATCH = 10_000
"""Orders of one transaction."""
LINES = 3
"""Of every order."""
AT_ONCE = 100
"""Orders that one person picks and packs in a session, and whose parcels leave together."""
OWN_PRODUCTS = 10
"""Orders for one product of the history's own; at least as many as the stock needs."""
FACES = 20_000
"""Places of the history; its products share them."""
TODAY = "2026-03-03"
"""Of the floor."""
BEGAN = date(2020, 1, 1)
"""The day of the first batch; each has its own."""
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

_SHIPPED = "WHERE id BETWEEN :first + :low AND :first + :high AND state = 'shipped'"
_PICKED = "WHERE order_id BETWEEN :first + :low AND :first + :high AND picked > 0"

_ORDERS = (
    # Every 33rd was cancelled; every other line is for a product that the floor sells today.
    f"""{_EACH}
INSERT INTO orders (id, number, channel, reference, state, payment, placed_at, promised_on,
    ship_by, latest_start, service_id, partial, language, currency, name, street, postcode, city,
    country, email, search, digest)
SELECT :first + i, 'H' || i, 'history', 'H' || i,
    CASE WHEN i % 33 = 32 THEN 'cancelled' ELSE 'shipped' END, 'paid', :at, :day, :day, :at,
    :service, 1, 'en', 'EUR', 'Customer ' || i, 'Coolsingel ' || i, '3011 AD', 'Rotterdam', 'NL',
    'customer' || i || '@example.com', 'customer ' || i || ' 3011ad', 'h'
FROM n""",
    f"""{_EACH}
INSERT INTO order_line (id, order_id, line, product_id, name, unit_price, ordered, cancelled,
    allocated, picked, packed, shipped)
SELECT :first + {LINES} * i + d, :first + i, d,
    CASE WHEN (i + d) % 2 = 0 THEN 1 + (i * 7 + d) % :sold
        ELSE :first + (i * 7 + d) % :products END,
    '', 100, 1, CASE WHEN i % 33 = 32 THEN 1 ELSE 0 END, k, k, k, k
FROM (SELECT i, CASE WHEN i % 33 = 32 THEN 0 ELSE 1 END AS k FROM n) m
CROSS JOIN (SELECT 1 AS d UNION ALL SELECT 2 UNION ALL SELECT 3) three""",
    f"""
INSERT INTO location (id, code, kind, barcode)
SELECT :parcels + id - :first, 'P-' || number, 'parcel', 'P-' || number
FROM orders {_SHIPPED}""",
    f"""
INSERT INTO pick_list (id, order_id, state, latest_start, created_at)
SELECT id, id, 'dropped', :at, :at FROM orders {_SHIPPED}""",
    f"""
INSERT INTO pick_task (list_id, line_id, product_id, location_id, quantity, picked, walk)
SELECT order_id, id, product_id, :first + product_id % :faces, 1, 1, line
FROM order_line {_PICKED}""",
    f"""{_EACH}
INSERT INTO manifest (id, code, carrier_id, day, state, opened_at, handed_at, parcels, counted)
SELECT m.id, 'H' || m.i, s.carrier_id, :day, 'handed_over', :at, :at, m.parcels, m.parcels
FROM service s CROSS JOIN (
    SELECT :first + i AS id, i, (
        SELECT COUNT(*) FROM orders o WHERE o.state = 'shipped' AND o.id >= :first + i
            AND o.id < :first + i + {AT_ONCE}) AS parcels
    FROM n WHERE i % {AT_ONCE} = 0) m
WHERE s.id = :service""",
    f"""
INSERT INTO parcel (id, order_id, number, location_id, state, package_type_id, sscc, weight_g,
    expected_g, manifest_id, opened_at, closed_at, labelled_at, loaded_at, shipped_at, carrier_id)
SELECT id, id, 1, :parcels + id - :first, 'shipped', :box, number, 400, 400,
    id - (id - :first) % {AT_ONCE}, :at, :at, :at, :at, :at, (
        SELECT s.carrier_id FROM service s WHERE s.id = service_id)
FROM orders {_SHIPPED}""",
    f"""
INSERT INTO parcel_line (parcel_id, line_id, quantity)
SELECT order_id, id, 1 FROM order_line {_PICKED}""",
    f"""{_EACH}
INSERT INTO session (id, station_id, operator_id, dialogue, opened_at, seen_at, closed_at,
    closed_why)
SELECT :first + i, :station, :operator, '{{}}', :at, :at, :at, 'signed_out'
FROM n WHERE i % {AT_ONCE} = 0""",
    # The scans that moved goods: into the tote, and into the parcel.
    f"""
INSERT INTO scan (gesture_id, at, station_id, operator_id, session_id, source, raw, kind, ref_id,
    flow, state, outcome, code, message, undo)
SELECT g.flow || id, :at, :station, :operator, order_id - (order_id - :first) % {AT_ONCE},
    'scanner', 'WHLT-0001', g.kind, product_id, g.flow, g.kind, 'good', g.code,
    '{{"template":"{{done}} of {{count}}"}}', g.flow
FROM order_line CROSS JOIN (
    SELECT 'pick' AS flow, 'tote' AS kind, 'picked' AS code
    UNION ALL SELECT 'pack', 'product', 'verified') g {_PICKED}""",
    # What came in for these orders, what was picked and packed, and how it left.
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, why)
SELECT :at, product_id, COUNT(*), 1, :first + product_id % :faces, 'receipt'
FROM order_line {_PICKED} GROUP BY product_id""",
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, line_id, why, gesture_id)
SELECT :at, product_id, 1, :first + product_id % :faces, :tote, id, 'pick', 'pick' || id
FROM order_line {_PICKED}""",
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, line_id, why, gesture_id)
SELECT :at, product_id, 1, :tote, :parcels + order_id - :first, id, 'pack', 'pack' || id
FROM order_line {_PICKED}""",
    f"""
INSERT INTO stock_move (at, product_id, quantity, from_id, to_id, line_id, why)
SELECT :at, product_id, 1, :parcels + order_id - :first, 2, id, 'ship'
FROM order_line {_PICKED}""",
    f"""
INSERT INTO print_job (at, kind, parcel_id, station_id, printer, content, state, changed_at)
SELECT :at, g.kind, id, :station, 'sim:', '{{"order":"' || number || '"}}', g.came_to, :at
FROM orders CROSS JOIN (
    SELECT 'label' AS kind, 'confirmed' AS came_to UNION ALL SELECT 'slip', 'printed') g
{_SHIPPED}""",
    f"""
INSERT INTO event (at, order_id, kind, text, operator_id, station_id)
SELECT :at, id, g.kind, '{{"template":"Done"}}', :operator, :station
FROM orders CROSS JOIN (
    SELECT 'released' AS kind UNION ALL SELECT 'picked' UNION ALL SELECT 'packed'
    UNION ALL SELECT 'labelled' UNION ALL SELECT 'shipped') g {_SHIPPED}""",
    f"""
INSERT INTO outbox (at, target, kind, key, order_id, payload, state, next_at)
SELECT :at, 'mail', 'shipped', number, id, '{{}}', 'done', :at FROM orders {_SHIPPED}""",
    # What went wrong now and then, and was put right.
    f"""
INSERT INTO notice (at, department, text, order_id, done_at, done_by)
SELECT :at, 'stock', '{{"template":"Short"}}', id, :at, :operator
FROM orders {_SHIPPED} AND id % 50 = 0""",
    f"""{_EACH}
INSERT INTO count_task (at, location_id, product_id, lot, reason, operator_id, done_at)
SELECT :at, :first + i % :faces, :first + i % :products, '', 'short', :operator, :at
FROM n WHERE i % 50 = 0""",
)


def grow(store: Store, orders: int) -> None:
    """Add that many shipped orders, their goods and everything that was written about them."""
    products = max(OWN_PRODUCTS, orders // OWN_PRODUCTS)
    faces = max(OWN_PRODUCTS, min(FACES, products))
    with store.read() as tx:
        connection = connection_of(tx)
        known: dict[str, object] = {
            "first": FIRST,
            "parcels": 2 * FIRST,
            "faces": faces,
            "products": products,
            "sold": _contiguous(connection, "product"),
            "service": connection.scalar("SELECT MIN(id) FROM service"),
            "station": connection.scalar("SELECT MIN(id) FROM station"),
            "box": connection.scalar("SELECT MIN(id) FROM package_type"),
            "operator": connection.scalar("SELECT MIN(id) FROM operator"),
            "tote": connection.scalar("SELECT MIN(id) FROM location WHERE kind = 'tote'"),
        }
    _fill(store, _PLACES, faces, known)
    _fill(store, _PRODUCTS, products, known)
    _fill(store, _ORDERS, orders, known)


def _fill(store: Store, statements: tuple[str, ...], count: int, known: dict[str, object]) -> None:
    for low in range(0, count, BATCH):
        day = (BEGAN + timedelta(days=low // BATCH)).isoformat()
        params = known | {"low": low, "high": min(low + BATCH, count) - 1}
        params |= {"day": day, "at": f"{day}T08:00:00Z"}
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


@click.command(help=__doc__)
@click.argument("store")
@click.option("--orders", default=FULL, show_default=True, type=click.IntRange(1))
def main(store: str, orders: int) -> None:
    with closing(open_store(store)) as opened, opened.read() as tx:
        is_new = not tx.site.stations()
    if is_new:
        with TemporaryDirectory() as folder, demo_day.order_book() as book:
            demo_day.prepare(Path(folder), store, book, TODAY)
        hire(store, Crew(1, 1, 1))
    began = perf_counter()
    with closing(open_store(store)) as opened:
        grow(opened, orders)
    click.echo(f"{orders:,} orders made in {perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
