"""Goods once more, or others instead, for nothing: a new order linked to the one it replaces."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from wms_terminal.domain.orders import Order
from wms_terminal.domain.outcome import refuse
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.store import Tx
from wms_terminal.services.take_in import plan

MARK = "R"
"""Before the number of a replacement: 1001-R1 for us, 1001/R1 where its channel's number goes."""
LONGEST = 200
"""Characters of a reason."""


def replace_goods(
    tx: Tx,
    order: Order,
    lines: Sequence[tuple[int, int]],
    at: str,
    *,
    key: str,
    why: Text | str,
    instead: Mapping[int, int] = {},
    operator_id: int | None = None,
) -> str:
    """Send units of an order's lines (line id, quantity) once more; the new order's number.

    Of a line that `instead` names, another product goes (its id), as many units of it. The new
    order goes through the floor as any other, paid and at a price of nothing. Its channel is not
    told of it, its customer is. The same key again is the same order.

    Raises:
        Refused: nothing is to be replaced, or more than was shipped and not replaced yet, or the
            order's customer was forgotten.
    """
    made = tx.refunds.replacement(key)
    if made is not None and tx.refunds.replaces(made) == order.id:
        return tx.orders.head(made).number
    if made is not None:
        raise refuse(
            "already_done",
            T("Another order was replaced with this key"),
            expected=T("a key of its own for order {number}", number=order.number),
            got=tx.orders.head(made).number,
        )
    if tx.customers.is_anonymous(order.id):
        raise refuse(
            "forgotten",
            T("The customer's data of order {number} was erased", number=order.number),
            expected=T("an order with an address"),
            got=order.number,
        )
    units = Counter[int]()
    for line_id, quantity in lines:
        units[line_id] += quantity
    known = {line.id: line for line in tx.orders.lines(order.id)}
    replaced = tx.refunds.replaced_units(order.id)
    for line_id, quantity in units.items():
        if line_id not in known or quantity <= 0:
            raise refuse(
                "wrong_line",
                T("That is no line of order {number}", number=order.number),
                expected=T("units of its own lines, at least 1 of each"),
                got=str(quantity),
            )
        line = known[line_id]
        left = line.shipped - replaced.get(line_id, 0)
        if quantity > left:
            raise refuse(
                "too_many",
                T("More than was shipped of {name}", name=line.name),
                expected=T("at most {count} that left and were not replaced", count=left),
                got=str(quantity),
            )
    if not units:
        raise refuse(
            "nothing_done",
            T("Nothing is to be replaced"),
            expected=T("units of order {number}", number=order.number),
            got=T("nothing"),
        )
    goods = {
        line_id: tx.site.product(instead.get(line_id, known[line_id].product_id))
        for line_id in units
    }
    record = OrderRecord(
        channel=order.channel,
        reference=_reference(tx, order),
        placed_at=at,
        customer=order.address,
        lines=tuple(
            # By its own id, so that what was replaced of a line is known whatever went instead.
            OrderLineRecord(goods[line_id].sku, quantity, 0, goods[line_id].name, str(line_id))
            for line_id, quantity in units.items()
        ),
        email=order.email,
        phone=order.phone,
        language=order.language,
        currency=order.currency,
        partial=order.partial,
    )
    products = {product.sku: product.id for product in goods.values()}
    zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    planned = plan(tx, record, tx.site.service(order.service_id), zone, products)
    number = _number(tx, order)
    tx.orders.put(record, planned | {"number": number})
    new_id = tx.orders.find_in_channel(record.channel, record.reference)
    assert new_id is not None
    tx.refunds.replace(new_id, order.id, key)
    if isinstance(why, str):
        why = "".join(char if char.isprintable() else " " for char in why).strip()[:LONGEST] or "-"
    for story, text in (
        (order.id, T("Replaced by order {number}: {why}", number=number, why=why)),
        (new_id, T("Replaces order {number}: {why}", number=order.number, why=why)),
    ):
        tx.orders.add_event(story, "replacement", text, at=at, operator_id=operator_id)
    return number


def _number(tx: Tx, order: Order) -> str:
    count = len(tx.refunds.replaced_by(order.id)) + 1
    while tx.orders.find(f"{order.number}-{MARK}{count}") is not None:
        count += 1
    return f"{order.number}-{MARK}{count}"


def _reference(tx: Tx, order: Order) -> str:
    count = len(tx.refunds.replaced_by(order.id)) + 1
    while tx.orders.find_in_channel(order.channel, f"{order.reference}/{MARK}{count}") is not None:
        count += 1
    return f"{order.reference}/{MARK}{count}"
