"""Goods of an order that was cancelled on the floor go back, out of its totes and parcels.

What was only held for it is free at once; what was taken goes back unit by unit. When nothing is
left the order is cancelled, or, where a part of it had left before, it ends with that part.
"""

from __future__ import annotations

from wms_terminal.domain.orders import OrderState, Parcel, ParcelState
from wms_terminal.domain.site import Location
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import Disposition
from wms_terminal.ports.stock_room import StockRow
from wms_terminal.ports.store import StoreConflict, Tx
from wms_terminal.services import booking
from wms_terminal.services.heads import CANCELLED, stop
from wms_terminal.services.returns import NOBODY, By

WHY = "put_back"
"""Why units move."""

Taken = list[tuple[int, int, str, int]]
"""Line, parcel or 0, lot, units: what a scan took out, so that it can be undone."""


def is_waiting(tx: Tx, order_id: int) -> bool:
    """Whether the goods of an order have to go back."""
    head = tx.orders.head(order_id)
    ended = head.state in (OrderState.SHIPPED, OrderState.CANCELLED)
    return head.hold == CANCELLED and not ended


def free(tx: Tx, order_id: int, at: str, by: By = NOBODY) -> bool:
    """Let go of what was held for a cancelled order and not taken; whether it ended with that."""
    work = tx.picks.list_of(order_id)
    if work is not None:
        while (stop := tx.picks.stop(work.id)) is not None:
            tx.picks.hand(stop.task_id, -stop.in_hand)
            tx.stock.reserve(stop.location_id, stop.product_id, stop.lot, -stop.remaining)
            tx.picks.short(stop.task_id, stop.remaining, "cancelled")
            tx.orders.change_line(stop.line_id, allocated=-stop.remaining)
            tx.orders.wake_waiting(stop.product_id)
        tx.picks.set_list_state(work.id, "void")
        tx.picks.release_claim("pick", work.id)
        tx.orders.set_state(order_id, OrderState.PICKED)
    return finish(tx, order_id, at, by)


def cancel(tx: Tx, order_id: int, at: str, why: str = "") -> str:
    """Cancel an order that is still here: at once where nothing of it was taken, else it stops.

    What was done, in a word: cancelled, held, or unchanged where it is stopped for that already.
    """
    head = tx.orders.head(order_id)
    untouched = not any(line.allocated for line in tx.orders.lines(order_id))
    if head.state is OrderState.NEW and untouched:
        tx.orders.set_state(order_id, OrderState.CANCELLED)
        tx.orders.add_event(order_id, "cancelled", T("Cancelled"), at=at)
        return "cancelled"
    if free_if_untouched(tx, order_id, at):
        return "cancelled"
    return stop(tx, order_id, CANCELLED, why, at)


def free_if_untouched(tx: Tx, order_id: int, at: str) -> bool:
    """The same where nothing was taken yet and nobody is at it; whether the order ended."""
    if any(line.picked > line.shipped for line in tx.orders.lines(order_id)):
        return False
    work = tx.picks.list_of(order_id)
    if work is not None and tx.picks.claim_of("pick", work.id, at) is not None:
        return False
    return free(tx, order_id, at)


def containers(tx: Tx, order_id: int) -> list[Location]:
    """Totes and parcels of an order in which something lies."""
    places = tx.site.totes_of(order_id)
    places += [tx.site.location(parcel.location_id) for parcel in parcels(tx, order_id)]
    return [place for place in places if tx.stock.on_hand(place.id)]


def parcels(tx: Tx, order_id: int) -> list[Parcel]:
    """Parcels of an order that are still in the house."""
    gone = (ParcelState.SHIPPED, ParcelState.VOID)
    return [parcel for parcel in tx.parcels.of_order(order_id) if parcel.state not in gone]


def parcel_at(tx: Tx, order_id: int, place_id: int) -> Parcel | None:
    """The parcel that a place is the inside of."""
    return next((item for item in parcels(tx, order_id) if item.location_id == place_id), None)


def unpack(tx: Tx, parcel: Parcel, at: str) -> None:
    """A parcel is opened to be emptied: it leaves its manifest, and its papers no longer hold."""
    if parcel.state is ParcelState.LOADED:
        tx.parcels.load(parcel.id, None, at)
    booking.call_off(tx, parcel.id, at)
    if parcel.state is not ParcelState.OPEN:
        tx.parcels.void_jobs(parcel.id, at)
        tx.parcels.set_state(parcel.id, ParcelState.PACKED, at)


def open_up(tx: Tx, order_id: int, place_id: int, at: str) -> None:
    """A tote or parcel is about to be emptied."""
    parcel = parcel_at(tx, order_id, place_id)
    if parcel is not None:
        unpack(tx, parcel, at)


def inside(tx: Tx, place_id: int, product_id: int) -> list[StockRow]:
    """What lies of a product in a tote or parcel, by lot."""
    return [row for row in tx.stock.at_location(place_id) if row.product_id == product_id]


def take(
    tx: Tx,
    order_id: int,
    place_id: int,
    product_id: int,
    lot: str,
    quantity: int,
    disposition: Disposition,
    to_id: int,
    at: str,
    by: By = NOBODY,
) -> Taken:
    """Units go out of a tote or parcel to where they belong; what was taken.

    Raises:
        StoreConflict: they do not lie there.
    """
    parcel = parcel_at(tx, order_id, place_id)
    taken: Taken = []
    for line_id, there in _lines(tx, order_id, parcel, product_id, lot):
        units = min(there, quantity - sum(item[3] for item in taken))
        if units < 1:
            continue
        if parcel is not None:
            tx.parcels.add_unit(parcel.id, line_id, lot, -units)
        packed = -units if parcel is not None else 0
        tx.orders.change_line(line_id, allocated=-units, picked=-units, packed=packed)
        tx.stock.move(
            product_id,
            lot,
            units,
            place_id,
            to_id,
            why=WHY,
            at=at,
            gesture_id=by.gesture_id,
            line_id=line_id,
        )
        taken.append((line_id, parcel.id if parcel is not None else 0, lot, units))
    if sum(item[3] for item in taken) != quantity:
        raise StoreConflict(f"Expected {quantity} units there, found fewer. Look at the goods.")
    if disposition is Disposition.RESTOCK:
        tx.orders.wake_waiting(product_id)
    return taken


def _lines(
    tx: Tx, order_id: int, parcel: Parcel | None, product_id: int, lot: str
) -> list[tuple[int, int]]:
    """The order's lines that units are of, with how many."""
    if parcel is not None:
        return [
            (line.id, quantity)
            for line, its_lot, quantity in tx.parcels.contents(parcel.id)
            if line.product_id == product_id and its_lot == lot
        ]
    return [
        (line.id, line.picked - line.packed)
        for line in tx.orders.lines(order_id)
        if line.product_id == product_id
    ]


def untake(tx: Tx, taken: Taken) -> None:
    """The inverse of `take`, but for the ledger, which reverses its moves itself."""
    for line_id, parcel_id, lot, units in taken:
        packed = units if parcel_id else 0
        tx.orders.change_line(line_id, allocated=units, picked=units, packed=packed)
        if parcel_id:
            tx.parcels.add_unit(parcel_id, line_id, lot, units)


def finish(tx: Tx, order_id: int, at: str, by: By = NOBODY) -> bool:
    """Empty totes are free and empty parcels void; whether nothing is left and the order ended."""
    for tote in tx.site.totes_of(order_id):
        if not tx.stock.on_hand(tote.id):
            tx.site.use_tote(tote.id, None, None)
    for parcel in parcels(tx, order_id):
        if not tx.stock.on_hand(parcel.location_id):
            unpack(tx, parcel, at)
            tx.parcels.set_state(parcel.id, ParcelState.VOID, at)
    lines = tx.orders.lines(order_id)
    if any(line.allocated > line.shipped for line in lines):
        return False
    tx.picks.release_claim("pack", order_id)
    shipped = any(line.shipped for line in lines)
    for line in lines if shipped else []:
        tx.orders.change_line(line.id, cancelled=line.ordered - line.cancelled - line.shipped)
    tx.orders.set_state(order_id, OrderState.SHIPPED if shipped else OrderState.CANCELLED)
    tx.orders.set_waiting(order_id, "")
    tx.orders.set_hold(order_id, "")
    text = T("Cancelled: nothing of it is on the floor any more")
    tx.orders.add_event(
        order_id,
        "cancelled",
        text,
        at=at,
        operator_id=by.operator_id,
        station_id=by.station_id,
        gesture_id=by.gesture_id,
    )
    return True
