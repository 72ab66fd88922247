"""What customers get without asking: a question after delivery, word of a delay."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.services.pack_helpers import labelled, picked, sql
from tests.services.test_tracking import M, event, heard, shipped
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.records import StockRecord
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.services import after_ship, desk, feedback, take_in


@pytest.fixture(autouse=True)
def mail(world: World) -> None:
    """A site whose customers get mail, and are asked three days after delivery."""
    with world.store.write() as tx:
        tx.site.set_setting("mail.from", "Shop <orders@shop.example>")
        tx.site.set_setting("mail.follow_up_days", "3")


def run(world: World) -> int:
    return after_ship.run(world.store, lambda: world.now)


def mails(world: World, kind: str) -> list[dict[str, Any]]:
    rows = sql(
        world, "SELECT payload FROM outbox WHERE target = 'mail' AND kind = :k ORDER BY id", k=kind
    )
    return [json.loads(row[0]) for row in rows]


def notices(world: World) -> list[str]:
    return [row[0] for row in sql(world, "SELECT department FROM notice ORDER BY id")]


def arrived(world: World) -> Order:
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED))
    return order


def test_a_customer_is_asked_once_some_days_after_delivery(world: World) -> None:
    order = arrived(world)
    world.wait(days=2)
    assert run(world) == 0
    world.wait(days=1)
    assert run(world) == 1
    (sent,) = mails(world, "follow_up")
    assert sent["reference"] == order.reference
    assert run(world) == 0
    heard(world, order, event(world, M.DELIVERED, -80))
    assert run(world) == 0
    assert len(mails(world, "follow_up")) == 1


def test_nobody_is_asked_where_the_site_does_not_want_it(world: World) -> None:
    arrived(world)
    with world.store.write() as tx:
        tx.site.set_setting("mail.follow_up_days", "0")
    world.wait(days=9)
    run(world)
    assert mails(world, "follow_up") == []
    order = arrived(world)
    assert sql(world, "SELECT follow_up_at FROM orders WHERE id = :id", id=order.id) == [(None,)]


@pytest.mark.parametrize(("days", "asked"), [("0", 0), ("7", 0), ("1", 1), ("nonsense", 0)])
def test_a_channel_may_have_its_own_time(world: World, days: str, asked: int) -> None:
    with world.store.write() as tx:
        settings = ChannelSettings("web", "file", "/srv/web", {"follow_up_days": days})
        tx.channels.put(settings, 60)
    arrived(world)
    world.wait(days=4)
    run(world)
    assert len(mails(world, "follow_up")) == asked


def test_a_question_waits_while_something_is_open(world: World) -> None:
    order = arrived(world)
    sql(
        world,
        "INSERT INTO refund (key, order_id, amount, currency, reason, state, proposed_at)"
        " VALUES ('k', :id, 100, 'EUR', 'late', 'proposed', :at)",
        id=order.id,
        at=stamp(world.now),
    )
    world.wait(days=3)
    assert run(world) == 1
    assert mails(world, "follow_up") == []
    assert run(world) == 0
    sql(world, "UPDATE refund SET state = 'declined'")
    world.wait(days=1)
    assert run(world) == 1
    assert len(mails(world, "follow_up")) == 1


def test_a_question_that_is_much_too_late_is_not_asked(world: World) -> None:
    arrived(world)
    world.wait(days=40)
    assert run(world) == 1
    assert mails(world, "follow_up") == []
    assert run(world) == 0


def test_who_has_said_how_it_was_is_not_asked(world: World) -> None:
    order = arrived(world)
    with world.store.write() as tx:
        feedback.give(tx, order, 5, "", "", "service", "1", stamp(world.now))
    world.wait(days=4)
    run(world)
    assert mails(world, "follow_up") == []


def test_a_customer_learns_of_a_delay_once_for_each_new_date(world: World) -> None:
    order = world.order((MUG, 2))
    world.now = _after(order, 1)
    assert run(world) == 0
    world.now = _after(order, 3)
    assert run(world) == 1
    (first,) = mails(world, "delayed")
    assert first["promised_on"] > order.promised_on
    assert [line["quantity"] for line in first["lines"]] == [2]
    assert notices(world) == ["picking"]
    assert run(world) == 0
    world.wait(days=2)
    assert run(world) == 1
    second = mails(world, "delayed")[1]
    assert second["promised_on"] > first["promised_on"]


def _after(order: Order, hours: int) -> datetime:
    return moment(order.ship_by) + timedelta(hours=hours)


@pytest.mark.parametrize(("how", "where"), [("picked", "packing"), ("packed", "shipping")])
def test_the_department_where_it_stands_learns_of_it(world: World, how: str, where: str) -> None:
    order = picked(world, (MUG, 1)) if how == "picked" else labelled(world, (MUG, 1))
    world.now = _after(order, 3)
    assert run(world) == 1
    assert notices(world)[-1] == where


def test_what_waits_for_stock_gets_a_date_when_that_has_come(world: World) -> None:
    order = world.order((MUG, 1))
    with world.store.write() as tx:
        tx.orders.set_waiting(order.id, "stock")
    world.now = _after(order, 3)
    assert run(world) == 1
    assert mails(world, "delayed")[0]["promised_on"] == ""
    assert notices(world) == ["stock"]
    world.wait(days=5)
    assert run(world) == 0
    take_in.stock(
        world.store, [StockRecord("A01-02-1", MUG, 9)], lambda: world.now, lambda kind, what: None
    )
    assert run(world) == 1
    assert mails(world, "delayed")[1]["promised_on"]


def test_what_is_not_all_there_gets_no_date(world: World) -> None:
    order = world.order((MUG, 1), (LANTERN, 5000))
    world.now = _after(order, 3)
    assert run(world) == 1
    assert mails(world, "delayed")[0]["promised_on"] == ""
    assert notices(world) == ["stock"]
    assert run(world) == 0
    world.wait(days=2)
    assert run(world) == 1
    assert len(mails(world, "delayed")) == 1
    assert notices(world) == ["stock", "stock"]


@pytest.mark.parametrize("why", ["hold", "unpaid", "cancelled", "shipped", "no mail"])
def test_who_is_not_told_of_a_delay(world: World, why: str) -> None:
    order = shipped(world) if why == "shipped" else world.order((MUG, 1))
    statement = {
        "hold": "UPDATE orders SET hold = 'Customer called'",
        "unpaid": "UPDATE orders SET payment = 'pending'",
        "no mail": "UPDATE orders SET email = ''",
    }.get(why)
    if statement:
        sql(world, statement)
    if why == "cancelled":
        with world.store.write() as tx:
            desk.cancel(tx, order.number, stamp(world.now))
    world.now = _after(order, 30)
    run(world)
    assert mails(world, "delayed") == []
    assert len(notices(world)) == (why == "no mail")
