"""A customer who was forgotten is nowhere in the store any more; bookkeeping still is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data import doctor, open_store
from data.doctor import connection_of
from data.migrate_store import _tables
from data.store import SqlStore
from tests.services.pack_helpers import jobs, sql
from tests.services.return_helpers import announced, shipped
from tests.world import ANNA, LANTERN, MUG, SARA, World
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import Text
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.outbox import OutboxState
from wms_terminal.ports.store import Store, StoreConflict, StoreError
from wms_terminal.services import anonymise, desk, feedback, refunds

ZOE = Address(
    name="Zoë Quackenbush",
    company="Wunderlich & Zoon",
    street="Kerkhofpad 77",
    extra="Achterhuis",
    postcode="2611 QZ",
    city="Zoetermeer",
    region="Utopia",
    country="NL",
)
SECRETS = (
    *("quackenbush", "wunderlich", "kerkhofpad", "achterhuis", "2611 qz", "2611qz", "zoetermeer"),
    *("utopia", "zq@posteo.example", "61234567", "after the dog", "smells of cheese", "neighbour"),
    *("cried on the phone", "zoë", "zoe "),
)


@pytest.fixture
def world(store: SqlStore) -> World:
    """The small warehouse, on each engine."""
    return warehouse(store)


def warehouse(store: SqlStore) -> World:
    """The small warehouse, whose customers get mail."""
    made = World(store)
    with store.write() as tx:
        tx.site.set_setting("mail.from", "shop@example.org")
    return made


def everywhere(world: World) -> Order:
    """An order that has left and come back, whose customer is written all over the store."""
    at = stamp(world.now)
    order = shipped(
        world,
        (LANTERN, 2),
        (MUG, 1),
        customer=ZOE,
        email="ZQ@posteo.example",
        phone="+31 6 1234567",
        note="Ring twice, after the dog barks",
    )
    for kind in ("label", "slip"):
        job = jobs(world, order, kind=kind)[0]
        with world.store.write() as tx:
            tx.parcels.set_job_payload(job.id, b"^FDZo Quackenbush^FS")
    world.scan("SHIP-01", SARA, "WHCSERV", order.number, "WHCNOTE")
    world.key("SHIP-01", "Mrs Quackenbush cried on the phone")
    world.key("SHIP-01", "quackenbush")
    case = announced(world, order, (LANTERN, 1), reason="It smells of cheese")
    assert case.number
    with world.store.write() as tx:
        message = tx.outbox.claim("mail", "w", at, at)
        assert message is not None
        tx.outbox.settle(message, OutboxState.DEAD, "550 zq@posteo.example", "", at)
        text = Text("Not told: {why}", {"why": "550 zq@posteo.example"})
        tx.orders.add_notice("shipping", text, order_id=order.id, at=at)
        feedback.give(tx, order, source="form", key="ZQ@posteo.example", score=4, cause="",
                      text="It smells of cheese", at=at)  # fmt: skip
    return order


def closed(world: World) -> Order:
    """The same, with nothing open."""
    order = everywhere(world)
    with world.store.read() as tx:
        (case,) = tx.returns.of_order(order.id)
    sql(world, "UPDATE return_case SET state = 'void', note = 'Zoë Quackenbush called' "
               "WHERE id = :id RETURNING id", id=case.id)  # fmt: skip
    _past(world, order)
    return order


def _past(world: World, order: Order) -> None:
    """What earlier versions and carriers have left behind."""
    (parcel,) = sql(world, "SELECT id FROM parcel WHERE order_id = :id", id=order.id)
    sql(world, "DELETE FROM shipment WHERE parcel_id = :id RETURNING id", id=parcel[0])
    (shipment,) = sql(
        world,
        "INSERT INTO shipment (parcel_id, key, carrier, state, tracking, tracking_url, label, "
        "detail, at) VALUES (:id, 'k', 'POSTNL', 'booked', '3S1', "
        "'https://x.example/?P=2611QZ', :label, 'to Kerkhofpad 77', '2026') RETURNING id",
        id=parcel[0],
        label=b"^FDQuackenbush^FS",
    )
    for text in ("at the neighbour's, Zoë away", "at the neighbour's"):
        sql(
            world,
            "INSERT INTO tracking_event (shipment_id, at, milestone, text) "
            "VALUES (:id, '2026', 'delivered', :text) RETURNING id",
            id=shipment[0],
            text=text,
        )
    sql(world, "UPDATE scan SET raw = 'quackenbush', message = :message "
               "WHERE raw = 'keyed in, not kept' AND kind = 'unknown' RETURNING id",
        message='{"got": "quackenbush"}')  # fmt: skip
    sql(world, "UPDATE session SET dialogue = '{\"text\": \"search:quackenbush\"}' "
               "WHERE closed_at IS NOT NULL RETURNING id")  # fmt: skip


def now_of(world: World) -> Clock:
    """The clock of the small warehouse."""
    return lambda: world.now


def dump(store: Store) -> str:
    """Every value of every table, in small letters; nothing that is only in free space."""
    with store.read() as tx:
        connection = connection_of(tx)
        found = [connection.all(f"SELECT * FROM {table}") for table in _names()]
    return str([[_plain(row) for row in rows] for rows in found]).lower()


def _names() -> list[str]:
    fresh = open_store("sqlite://:memory:")
    try:
        with fresh.read() as tx:
            return [table.name for table in _tables(connection_of(tx))]
    finally:
        fresh.close()


def _plain(row: tuple[Any, ...]) -> list[object]:
    return [bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else v for v in row]


def test_a_customer_is_gone_from_every_table_and_bookkeeping_is_not(world: World) -> None:
    order = closed(world)
    other = world.order((MUG, 1), email="stays@example.com")
    before = dump(world.store)
    assert [secret for secret in SECRETS if secret not in before] == []
    assert anonymise.one(world.store, order.number, now_of(world), really=True)
    world.store.rewrite()
    after = dump(world.store)
    assert [secret for secret in SECRETS if secret in after] == []
    assert "stays@example.com" in after
    with world.store.read() as tx:
        assert doctor.examine(tx) == []
        assert tx.customers.is_anonymous(order.id)
        kept = tx.orders.get(order.id)
        assert (kept.address.country, kept.reference) == ("NL", order.reference)
        assert [(line.sku, line.shipped) for line in tx.orders.lines(order.id)] == [
            (LANTERN, 2),
            (MUG, 1),
        ]
        assert [item.state for item in tx.outbox.of_order(order.id)] == [OutboxState.UNSUPPORTED]
        assert tx.orders.get(other.id).email == "stays@example.com"
        kinds = [event.kind for event in tx.orders.events(order.id)]
    assert {"note", "loaded", "anonymous"} <= set(kinds)
    assert not anonymise.one(world.store, order.number, now_of(world), really=True), (
        "once is enough"
    )


def test_nothing_is_left_in_the_free_space_of_a_file(tmp_path: Path, url: str) -> None:
    if not url.startswith("sqlite"):
        return
    store = open_store(url)
    try:
        world = warehouse(store)
        order = closed(world)
        raw = _bytes(tmp_path)
        assert b"quackenbush" in raw
        anonymise.one(store, order.number, now_of(world), really=True)
        store.rewrite()
        raw = _bytes(tmp_path)
        assert [secret for secret in SECRETS if secret.encode() in raw] == []
    finally:
        store.close()


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes().lower() for path in sorted(folder.glob("wms.db*")))


def test_what_is_open_stays(world: World) -> None:
    order = everywhere(world)
    live = world.order((MUG, 1))
    with pytest.raises(StoreConflict, match="it is new"):
        anonymise.one(world.store, live.number, now_of(world), really=True)
    with pytest.raises(StoreConflict, match="1 return not settled"):
        anonymise.one(world.store, order.number, now_of(world), really=True)
    sql(world, "UPDATE return_case SET state = 'void' RETURNING id")
    with world.store.write() as tx:
        refunds.propose(tx, order.id, 100, "x", stamp(world.now), key="k")
    with pytest.raises(StoreConflict, match="1 refund not settled"):
        anonymise.one(world.store, order.number, now_of(world), really=True)
    with pytest.raises(StoreError, match="which no order has"):
        anonymise.one(world.store, "nobody", now_of(world), really=True)
    assert "quackenbush" in dump(world.store)


def test_closed_orders_grow_old_and_are_forgotten_in_batches(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anonymise, "BATCH", 2)
    monkeypatch.setattr(anonymise, "SCANS", 7)
    old = closed(world)
    for number in range(5):
        world.order((MUG, 1), reference=f"C{number}", email=f"c{number}@example.com")
    with world.store.write() as tx:
        for number in range(4):
            order = tx.orders.find(f"C{number}")
            assert order is not None
            desk.cancel(tx, order.number, stamp(world.now))
    world.wait(days=30)
    with world.store.write() as tx:
        talked = tx.orders.find("C0")
        assert talked is not None
        tx.orders.add_event(talked.id, "note", Text("x"), at=stamp(world.now))
    told: list[str] = []

    def tell(order: Order, why: str) -> None:
        told.append(why)

    before = dump(world.store)
    counts = anonymise.older(world.store, 20, now_of(world), tell, really=False)
    assert dump(world.store) == before, "a dry run changes nothing"
    assert counts == {"forgotten": 4}
    assert anonymise.older(world.store, 20, now_of(world), tell, really=True) == counts
    assert anonymise.older(world.store, 20, now_of(world), tell, really=True) == {}
    after = dump(world.store)
    assert [secret for secret in SECRETS if secret in after] == []
    for number, stays in enumerate((True, False, False, False, True)):
        assert (f"c{number}@example.com" in after) == stays
    with world.store.read() as tx:
        assert doctor.examine(tx) == []
        assert tx.customers.is_anonymous(old.id)


def test_a_forgotten_order_comes_not_back_with_the_next_import(world: World) -> None:
    order = closed(world)
    anonymise.one(world.store, order.number, now_of(world), really=True)
    world.order((LANTERN, 2), (MUG, 1), reference=order.reference, customer=ZOE)
    assert "quackenbush" not in dump(world.store)


def test_nothing_can_be_done_for_somebody_forgotten(world: World) -> None:
    order = closed(world)
    anonymise.one(world.store, order.number, now_of(world), really=True)
    step = world.scan("SHIP-01", SARA, "WHCSERV", order.number)
    facts = {str(label): str(value) for label, value in step.view.facts}
    assert facts["Customer"] == "erased, as the law asks"
    for command in ("WHCANNO", "WHCRFND", "WHCREPL", "WHCNOTE"):
        step = world.scan("SHIP-01", command)
        assert step.message is not None
        assert step.message.code == "anonymous"
        world.scan("SHIP-01", "WHCOK")
    world.scan("SHIP-01", "WHCMSGS")
    world.key("SHIP-01", "1")
    assert world.scan("PICK-01", ANNA).operator
