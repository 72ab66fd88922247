"""Orders that left, and hands at the returns desk."""

from __future__ import annotations

from typing import Any

from tests.services.pack_helpers import SHIP, hand_over, label_of, labelled, shipping
from tests.world import SARA, World
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.returns import Advised, ReturnCase, ReturnLine
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.services import returns
from wms_terminal.services.step import Step

DESK = SHIP
"""Any station will do."""
RESTOCK, SCRAP, HOLD = "WHRSTOCK", "WHRSCRAP", "WHRHOLD"


def shipped(world: World, *lines: tuple[str, int], **changes: Any) -> Order:
    """An order that its customer has."""
    order = labelled(world, *lines, **changes)
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    hand_over(world)
    return world.find(order.number)


def announced(
    world: World,
    order: Order,
    *lines: tuple[str, int],
    reason: str = "changed_mind",
    rma: str = "",
    tracking: str = "",
) -> ReturnCase:
    """A return that the customer has announced."""
    with world.store.write() as tx:
        ids = {line.sku: line.id for line in tx.orders.lines(order.id)}
        advised = [Advised(ids[sku], count, reason) for sku, count in lines]
        at = stamp(world.now)
        return returns.announce(tx, order, advised, at, rma=rma, tracking=tracking)


def case(world: World, number: str) -> ReturnCase:
    """A return as it is now."""
    with world.store.read() as tx:
        found = tx.returns.by_number(number)
    assert found is not None
    return found


def lines_of(world: World, number: str) -> list[ReturnLine]:
    """Its lines."""
    found = case(world, number)
    with world.store.read() as tx:
        return tx.returns.lines(found.id)


def at_desk(world: World, *codes: str) -> Step:
    """Sara stands at the returns desk and scans."""
    return world.scan(DESK, SARA, "WHCRETN", *codes)


def set_up_channel(world: World, code: str = "web") -> None:
    """The channel is one that can be told."""
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings(code, "file", "/tmp"), 60)
        tx.site.set_setting("mail.from", "Shop <shop@example.com>")
