"""What a step says and what a scan changed, in short."""

from __future__ import annotations

import json

from tests.world import World
from wms_terminal.domain.orders import OrderLine
from wms_terminal.domain.outcome import Message
from wms_terminal.domain.text import Text
from wms_terminal.ports.journal_room import ScanRow
from wms_terminal.services.step import Step


def state(step: Step) -> tuple[str, str]:
    """Flow and state."""
    return step.flow, step.state


def said(step: Step) -> Message:
    """The message, which has to be there."""
    assert step.message is not None
    return step.message


def code(step: Step) -> str:
    """The message's code."""
    return said(step).code


def text(step: Step) -> str:
    """The message in English."""
    return str(said(step).text)


def refusal(step: Step) -> tuple[str, str, str]:
    """Code, expected and got of a refusal that has to be acknowledged."""
    message = said(step)
    assert message.outcome.is_refusal
    assert step.must_acknowledge
    return message.code, str(message.expected), str(message.got)


def rows(world: World) -> int:
    """How many scans are written down."""
    return len(world.journal(10_000))


def last(world: World) -> ScanRow:
    """The scan that was written down last."""
    return world.journal(1)[0]


def stock(world: World) -> dict[tuple[str, str, str], tuple[int, int]]:
    """On hand and allocated by location, SKU and lot."""
    with world.store.read() as tx:
        return {
            (row.location, row.sku, row.lot): (row.quantity, row.allocated)
            for product in tx.site.products()
            for row in tx.stock.of_product(product.id)
        }


def lies(world: World, location: str, sku: str, lot: str = "") -> tuple[int, int]:
    """On hand and allocated in one place."""
    return stock(world).get((location, sku, lot), (0, 0))


def lines(world: World, number: str) -> list[OrderLine]:
    """An order's lines."""
    order_id = world_order(world, number)
    with world.store.read() as tx:
        return tx.orders.lines(order_id)


def world_order(world: World, number: str) -> int:
    """An order's id."""
    return world.find(number).id


def events(world: World, number: str) -> list[str]:
    """The kinds of what is on an order's timeline."""
    order_id = world_order(world, number)
    with world.store.read() as tx:
        return [event.kind for event in tx.orders.events(order_id)]


def notices(world: World, operator: str = "SARA") -> list[str]:
    """What somebody has to know, in English."""
    with world.store.read() as tx:
        person = next(item for item in tx.site.operators() if item.code == operator)
        return [
            str(Text.from_json(json.loads(notice.text))) for notice in tx.orders.notices(person)
        ]


def tote(world: World, code: str) -> tuple[int | None, str]:
    """Which order has a tote, and where it stands."""
    with world.store.read() as tx:
        place = tx.site.location_by_code(code)
        assert place is not None
        parent = tx.site.location(place.parent_id).code if place.parent_id is not None else ""
        return place.order_id, parent
