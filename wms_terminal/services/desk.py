"""What can be decided about an order from a desk: hold, payment, expedite, cancel."""

from __future__ import annotations

from wms_terminal.domain.orders import Order, OrderState
from wms_terminal.domain.text import T
from wms_terminal.ports.store import StoreConflict, StoreError, Tx
from wms_terminal.services import put_back


def find(tx: Tx, number: str) -> Order:
    """An order by its number or its channel's reference.

    Raises:
        StoreError: there is none.
    """
    order = tx.orders.find(number)
    if order is None:
        raise StoreError(
            f"Expected the number of an order, got {number!r}, which no order has. "
            "Look for a name or postcode in the terminal's Look up."
        )
    return order


def hold(tx: Tx, number: str, why: str, at: str, *, by: int | None = None) -> None:
    """Stop an order wherever it is, or let it go on when `why` is empty; `by` signs it.

    Raises:
        StoreConflict: it has left, or was cancelled.
    """
    order = find(tx, number)
    why = why.strip()
    if why:
        _must_be_live(order)
    if why == order.hold:
        return
    tx.orders.set_hold(order.id, why)
    text = T("Put on hold: {why}", why=why) if why else T("No longer on hold")
    tx.orders.add_event(order.id, "hold", text, at=at, operator_id=by)


def expedite(tx: Tx, number: str, at: str) -> None:
    """Put an order before all others; it stays visible on its timeline.

    Raises:
        StoreConflict: it has left, or was cancelled.
    """
    order = find(tx, number)
    _must_be_live(order)
    if order.expedite:
        return
    tx.orders.set_expedite(order.id, True)
    tx.orders.add_event(order.id, "expedite", T("Put before all others"), at=at)


def accept_payment(tx: Tx, number: str, at: str) -> None:
    """The payment is there: the order may be released.

    Raises:
        StoreConflict: it was cancelled, or the money went back.
    """
    order = find(tx, number)
    if order.payment == "paid":
        return
    if order.payment != "pending" or order.state is OrderState.CANCELLED:
        raise StoreConflict(
            f"Expected an order that waits for its payment, got {order.number}: {order.state}, "
            f"payment {order.payment}. Let the channel send it again."
        )
    tx.orders.set_payment(order.id, "paid")
    tx.orders.add_event(order.id, "paid", T("Payment accepted"), at=at)


def cancel(tx: Tx, number: str, at: str) -> None:
    """Cancel an order; what is in totes and parcels of it is put back at the returns desk first.

    Raises:
        StoreConflict: it has left.
    """
    order = find(tx, number)
    if order.state is not OrderState.CANCELLED:
        _must_be_live(order)
        put_back.cancel(tx, order.id, at)


def _must_be_live(order: Order) -> None:
    if order.state in (OrderState.SHIPPED, OrderState.CANCELLED):
        raise StoreConflict(
            f"Expected an order that is still here, got {order.number}: {order.state.value}. "
            "Nothing of it moves any more."
        )
