"""Goods come back: announced, received unit by unit, and closed with all that follows.

A unit is received in the moment in which it is decided what becomes of it: the ledger moves it
from the customer to where it goes, and the order's line counts it as returned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order, OrderLine
from wms_terminal.domain.returns import (
    Advised,
    ReturnCase,
    ReturnLabel,
    ReturnLine,
    ReturnState,
)
from wms_terminal.domain.site import CUSTOMER
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.channel import Disposition
from wms_terminal.ports.store import StoreConflict, Tx
from wms_terminal.services import customs

COLUMNS: Mapping[Disposition, str] = {
    Disposition.RESTOCK: "restocked",
    Disposition.SCRAP: "scrapped",
    Disposition.HOLD: "held",
}
"""What a return's line counts under."""


@dataclass(frozen=True, slots=True)
class By:
    """Who did something, for the timeline."""

    operator_id: int | None = None
    station_id: int | None = None
    gesture_id: str | None = None


NOBODY = By()
"""A channel, or the program itself."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What is received: units of one product and lot, of a line where that is known."""

    product_id: int
    lot: str = ""
    line_id: int | None = None
    quantity: int = 1


def announce(
    tx: Tx,
    order: Order,
    lines: Sequence[Advised],
    at: str,
    *,
    rma: str = "",
    tracking: str = "",
    note: str = "",
    operator_id: int | None = None,
) -> ReturnCase:
    """A customer wants to send goods back: the return gets its number.

    Raises:
        StoreConflict: nothing, or more than the customer still has and has not announced.
    """
    _must_have(tx, order, lines)
    case = begin(tx, order, at, rma=rma, tracking=tracking, note=note, operator_id=operator_id)
    products = {line.id: line.product_id for line in tx.orders.lines(order.id)}
    for line in lines:
        tx.returns.add_line(
            case.id, line.line_id, products[line.line_id], "", line.quantity, line.reason
        )
    return case


def begin(
    tx: Tx,
    order: Order,
    at: str,
    *,
    rma: str = "",
    tracking: str = "",
    note: str = "",
    operator_id: int | None = None,
) -> ReturnCase:
    """An announced return of an order, with no lines yet."""
    case = tx.returns.add(
        new_number(tx),
        ReturnState.ANNOUNCED,
        at,
        order_id=order.id,
        channel=order.channel,
        rma=rma,
        tracking=tracking,
        note=note,
    )
    text = T("Return {number} announced", number=case.number)
    event(tx, case, "return_announced", text, at, By(operator_id))
    return case


def new_number(tx: Tx) -> str:
    """The number of the next return."""
    return f"R{tx.site.next_number('return'):06d}"


def may_come(tx: Tx, line: OrderLine) -> int:
    """Units of a line that the customer has and that no open return waits for."""
    return max(0, line.shipped - line.returned - tx.returns.still_to_come(line.id))


def _must_have(tx: Tx, order: Order, lines: Sequence[Advised]) -> None:
    wanted: Counter[int] = Counter()
    for advised in lines:
        if advised.quantity < 1:
            raise StoreConflict(
                f"Expected a quantity of at least 1 for every line, got {advised.quantity}. "
                "Leave out what does not come back."
            )
        wanted[advised.line_id] += advised.quantity
    if not wanted:
        raise StoreConflict("Expected at least one product that comes back, got none.")
    known = {line.id: line for line in tx.orders.lines(order.id)}
    for line_id, quantity in wanted.items():
        line = known.get(line_id)
        if line is None:
            raise StoreConflict(
                f"Expected a line of order {order.number}, got line {line_id} of another one."
            )
        most = may_come(tx, line)
        if quantity > most:
            raise StoreConflict(
                f"Expected at most {most} × {line.sku} to come back from order {order.number}, "
                f"got {quantity}: {line.shipped} were shipped, {line.returned} are back, and open "
                "returns wait for the rest."
            )


def unannounced(tx: Tx, order: Order, at: str, by: By) -> ReturnCase:
    """Goods of an order came without a word."""
    case = tx.returns.add(
        new_number(tx), ReturnState.ARRIVED, at, order_id=order.id, channel=order.channel
    )
    text = T("Return {number} arrived unannounced", number=case.number)
    event(tx, case, "return_arrived", text, at, by)
    return case


def orphan(tx: Tx, at: str, place_id: int, beside_id: int | None = None) -> ReturnCase:
    """Goods of which nobody knows whose they are get a number of their own."""
    return tx.returns.add(
        new_number(tx), ReturnState.ARRIVED, at, location_id=place_id, beside_id=beside_id
    )


def arrive(tx: Tx, case: ReturnCase, at: str, by: By = NOBODY) -> None:
    """The parcel of an announced return is there."""
    if case.state is ReturnState.ANNOUNCED:
        tx.returns.set_state(case.id, ReturnState.ARRIVED, at)
        text = T("Return {number} arrived", number=case.number)
        event(tx, case, "return_arrived", text, at, by)


def receive(
    tx: Tx,
    case: ReturnCase,
    unit: Unit,
    disposition: Disposition,
    place_id: int,
    at: str,
    by: By = NOBODY,
) -> int:
    """Units come from the customer to where they go; the return's line that counts them.

    Raises:
        StoreConflict: more than was shipped, or the return was closed.
    """
    if not case.is_open:
        raise StoreConflict(f"Expected an open return, got {case.number}: {case.state.value}.")
    arrive(tx, case, at, by)
    row = _row(tx, case, unit)
    _count(tx, row, disposition, unit.quantity, received=unit.quantity)
    if unit.line_id is not None:
        tx.orders.change_line(unit.line_id, returned=unit.quantity)
    tx.stock.move(
        unit.product_id,
        unit.lot,
        unit.quantity,
        CUSTOMER,
        place_id,
        why="return",
        at=at,
        gesture_id=by.gesture_id,
        line_id=unit.line_id,
    )
    if disposition is Disposition.RESTOCK:
        tx.orders.wake_waiting(unit.product_id)
    return row


def unreceive(
    tx: Tx, return_line_id: int, line_id: int | None, disposition: Disposition, quantity: int
) -> None:
    """The inverse of `receive`, but for the ledger, which reverses its moves itself."""
    _count(tx, return_line_id, disposition, -quantity, received=-quantity)
    if line_id is not None:
        tx.orders.change_line(line_id, returned=-quantity)


def from_hold(
    tx: Tx,
    line: ReturnLine,
    quantity: int,
    disposition: Disposition,
    from_id: int,
    to_id: int,
    at: str,
    by: By,
) -> None:
    """Units that were on hold go where they belong."""
    tx.returns.count(line.id, held=-quantity)
    _count(tx, line.id, disposition, quantity)
    tx.stock.move(
        line.product_id,
        line.lot,
        quantity,
        from_id,
        to_id,
        why="from_hold",
        at=at,
        gesture_id=by.gesture_id,
        line_id=line.line_id,
    )
    if disposition is Disposition.RESTOCK:
        tx.orders.wake_waiting(line.product_id)


def back_on_hold(tx: Tx, return_line_id: int, quantity: int, disposition: Disposition) -> None:
    """The inverse of `from_hold`, but for the ledger."""
    _count(tx, return_line_id, disposition, -quantity)
    tx.returns.count(return_line_id, held=quantity)


def _count(
    tx: Tx, return_line_id: int, disposition: Disposition, change: int, received: int = 0
) -> None:
    """Count units under a disposition."""
    counts = {COLUMNS[disposition]: change}
    tx.returns.count(return_line_id, received=received, **counts)


def _row(tx: Tx, case: ReturnCase, unit: Unit) -> int:
    """The return's line for a unit: that of its lot, or one more with the same reason."""
    same = [
        line
        for line in tx.returns.lines(case.id)
        if (line.line_id, line.product_id) == (unit.line_id, unit.product_id)
    ]
    for line in same:
        if line.lot == unit.lot:
            return line.id
    reason = same[0].reason if same else ""
    return tx.returns.add_line(case.id, unit.line_id, unit.product_id, unit.lot, 0, reason)


def link(tx: Tx, case: ReturnCase, order: Order, at: str, by: By = NOBODY) -> ReturnCase:
    """Somebody found out whose goods these are: they count as returned of that order.

    Raises:
        StoreConflict: they are somebody's already, or the order's customer has not got them.
    """
    places, missing = _places(tx, case, order)
    if missing is not None:
        raise StoreConflict(
            f"Expected an order whose customer still has {missing.received} × {missing.sku}, "
            f"got {order.number}."
        )
    tx.returns.set_order(case.id, order.id, order.channel)
    for row in tx.returns.lines(case.id):
        tx.returns.set_line(row.id, places[row.id])
        tx.orders.change_line(places[row.id], returned=row.received)
    linked = tx.returns.get(case.id)
    text = T("Return {number} turned out to be of this order", number=case.number)
    event(tx, linked, "return_linked", text, at, by)
    return linked


def unlinkable(tx: Tx, case: ReturnCase, order: Order) -> ReturnLine | None:
    """The first line of an unknown return that cannot be of an order; None when all can."""
    return _places(tx, case, order)[1]


def _places(tx: Tx, case: ReturnCase, order: Order) -> tuple[dict[int, int], ReturnLine | None]:
    """For each line of an unknown return, the order's line that all its units are of."""
    left = {line.id: line.shipped - line.returned for line in tx.orders.lines(order.id)}
    products = {line.id: line.product_id for line in tx.orders.lines(order.id)}
    places: dict[int, int] = {}
    for row in tx.returns.lines(case.id):
        for line_id, units in left.items():
            if products[line_id] == row.product_id and units >= row.received:
                places[row.id] = line_id
                left[line_id] -= row.received
                break
        else:
            return places, row
    return places, None


def void(tx: Tx, case: ReturnCase, at: str, by: By = NOBODY) -> None:
    """Nothing came, and nothing is waited for any more.

    Raises:
        StoreConflict: something did come, or the return has ended.
    """
    if not case.is_open or any(line.received for line in tx.returns.lines(case.id)):
        raise StoreConflict(
            f"Expected a return of which nothing came yet, got {case.number}: {case.state.value}."
        )
    tx.returns.set_state(case.id, ReturnState.VOID, at)
    text = T("Return {number} is not waited for any more", number=case.number)
    event(tx, case, "return_void", text, at, by)


def label(tx: Tx, case: ReturnCase) -> ReturnLabel:
    """What goes on the parcel in which a return comes; of an unknown one, on the goods."""
    order = tx.orders.get(case.order_id) if case.order_id is not None else None
    return ReturnLabel(
        number=case.number,
        receiver=customs.sender_of(tx),
        sender=order.address if order is not None else Address(name=""),
        order_number=order.number if order is not None else "",
        reference=order.reference if order is not None else "",
        rma=case.rma,
    )


def event(tx: Tx, case: ReturnCase, kind: str, text: Text, at: str, by: By) -> None:
    """Add a line to the timeline of a return's order, where that is known."""
    if case.order_id is not None:
        tx.orders.add_event(
            case.order_id,
            kind,
            text,
            at=at,
            operator_id=by.operator_id,
            station_id=by.station_id,
            gesture_id=by.gesture_id,
        )
