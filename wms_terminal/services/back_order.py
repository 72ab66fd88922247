"""What is missing of an order is picked when there is stock of it."""

from __future__ import annotations

from wms_terminal.domain.orders import OrderState
from wms_terminal.services.dialogue import Context
from wms_terminal.services.release import reschedule


def pick_the_rest_later(ctx: Context, order_id: int) -> None:
    """Nothing of an order is on the floor any more: it waits for stock, or for a picker."""
    lacking = [line for line in ctx.tx.orders.lines(order_id) if line.to_allocate]
    free = any(ctx.tx.stock.available(line.product_id) for line in lacking)
    reschedule(ctx.tx, order_id, OrderState.NEW, steps=3)
    ctx.tx.orders.set_waiting(order_id, "" if free else "stock")
