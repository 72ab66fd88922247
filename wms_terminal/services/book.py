"""The worker's side of bookings: a carrier is asked for a label, and told what nobody needs.

What is booked is read from the store when it is told, so that an address that was put right counts.
A carrier recognises a key that it has heard before: whatever happens between its answer and our
commit, the parcel is booked once.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.shipments import Shipment, ShipmentState
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import T, stored
from wms_terminal.ports.carrier import (
    Booking,
    BookingInDoubt,
    Carrier,
    CarrierAway,
    CarrierRefused,
    Consignment,
    LabelFormat,
)
from wms_terminal.ports.channel import ChannelAway, Told, Writeback
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import booking, customs
from wms_terminal.services.channel_news import CHECK
from wms_terminal.services.deliver import Post
from wms_terminal.services.heads import held_because, local_day

log = logging.getLogger(__name__)

CHECK_S = 3.0
"""How long a label waits for what the sales channel says about its order: a channel that is away
keeps no parcel here."""

Draw = Callable[[bytes], bytes]
"""Makes ZPL of a label that came as PDF; raises ValueError when it cannot."""


@dataclass(frozen=True, slots=True)
class _Got:
    """What a carrier answered."""

    booking: Booking
    zpl: bytes
    trouble: str
    """Why its label is of no use, or empty."""


def post(
    code: str,
    carrier: Carrier,
    form: LabelFormat,
    draw: Draw,
    store: Store,
    clock: Clock,
    others: Mapping[str, Post] | None = None,
) -> Post:
    """How a carrier is told what the outbox has for it; `others` tell kinds of their own."""
    answers: dict[int, _Got] = {}
    posts = others or {}

    def tell(message: Message) -> Told:
        try:
            if message.kind in posts:
                return posts[message.kind].tell(message)
            if message.kind == booking.CANCEL:
                return _cancel(store, carrier, form, message)
            told, got = _book(store, carrier, form, draw, message)
        except CarrierAway as away:
            raise ChannelAway(str(away), away.retry_after_s) from away
        except CarrierRefused as refused:
            return Told(Writeback.REJECTED, str(refused))
        except BookingInDoubt as doubt:
            return Told(Writeback.IN_DOUBT, str(doubt))
        except Exception as error:  # whatever it was, it may have been booked
            log.exception("Carrier %s fails", code)
            why = T("The adapter fails: {error}", error=type(error).__name__)
            return Told(Writeback.IN_DOUBT, stored(why))
        if got is not None:
            answers[message.id] = got
        return told

    def settled(tx: Tx, message: Message, told: Told) -> None:
        if message.kind in posts:
            posts[message.kind].settled(tx, message, told)
            return
        shipment, at = _shipment(tx, message), stamp(clock())
        if message.kind == booking.CANCEL:
            if told.state is Writeback.APPLIED:
                text = T("{carrier} has cancelled its booking", carrier=shipment.carrier)
                tx.orders.add_event(shipment.order_id, "booking", text, at=at)
            return
        _settle(tx, shipment, answers.pop(message.id, None), told, at)

    return Post(booking.target(code), "shipping", tell, settled)


def _shipment(tx: Tx, message: Message) -> Shipment:
    return tx.shipments.get(json.loads(message.payload)["shipment"])


def _book(
    store: Store, carrier: Carrier, form: LabelFormat, draw: Draw, message: Message
) -> tuple[Told, _Got | None]:
    _let_channel_answer(store, message)
    with store.read() as tx:
        shipment = _shipment(tx, message)
        wanted = consignment(tx, shipment)
        head = tx.orders.head(shipment.order_id)
    if shipment.is_open and head.hold:
        why = T("Order {number} is on hold: {why}", number=head.number, why=held_because(head.hold))
        raise ChannelAway(stored(why))
    if shipment.is_booked:
        return Told(Writeback.APPLIED, stored(T("It is booked already")), shipment.remote_id), None
    # After the first attempt it may be booked without our knowing: only the carrier can tell.
    if shipment.state is ShipmentState.CANCELLED and message.attempts < 2:
        return Told(Writeback.APPLIED, stored(T("It is not wanted any more"))), None
    try:
        got = _drawn(carrier.book(wanted, form), draw)
    except CarrierRefused as refused:
        if shipment.state is ShipmentState.CANCELLED:
            return _never_booked(refused), None
        raise
    if got.trouble:
        return Told(Writeback.REJECTED, got.trouble, got.booking.remote_id), got
    return Told(Writeback.APPLIED, got.booking.tracking, got.booking.remote_id), got


def _let_channel_answer(store: Store, message: Message) -> None:
    """Wait a moment for what the order's sales channel is asked before its label is bought."""
    end = time.monotonic() + CHECK_S
    while message.attempts < 2 and time.monotonic() < end:
        with store.read() as tx:
            asked = [item for item in _about(tx, message) if item.kind == CHECK]
        if not any(item.state is OutboxState.PENDING and not item.detail for item in asked):
            return
        time.sleep(0.05)


def _about(tx: Tx, message: Message) -> list[Message]:
    return tx.outbox.of_order(message.order_id) if message.order_id is not None else []


def _cancel(store: Store, carrier: Carrier, form: LabelFormat, message: Message) -> Told:
    with store.read() as tx:
        shipment = _shipment(tx, message)
        wanted = consignment(tx, shipment)
    remote_id = shipment.remote_id
    if not remote_id:
        # Nobody knows whether it was booked; booking it again finds out, and can be cancelled.
        try:
            remote_id = carrier.book(wanted, form).remote_id
        except CarrierRefused as refused:
            return _never_booked(refused)
    return carrier.cancel(remote_id)


def _never_booked(refused: CarrierRefused) -> Told:
    return Told(Writeback.APPLIED, stored(T("It was never booked: {why}", why=str(refused))))


def consignment(tx: Tx, shipment: Shipment) -> Consignment:
    """What a carrier has to know of a parcel."""
    parcel = tx.parcels.get(shipment.parcel_id)
    package = tx.site.package_type(parcel.package_type_id) if parcel.package_type_id else None
    return replace(
        inquiry(tx, tx.orders.get(shipment.order_id)),
        key=shipment.key,
        weight_g=parcel.weight_g,
        length_mm=package.length_mm if package else 0,
        width_mm=package.width_mm if package else 0,
        height_mm=package.height_mm if package else 0,
        items=tuple(tx.shipments.items(parcel.id)),
    )


def inquiry(tx: Tx, order: Order) -> Consignment:
    """What a carrier has to know of a whole order to say what it offers; nothing is packed yet."""
    sender = tx.site.setting("sender")
    return Consignment(
        key="",
        order_number=order.number,
        option=tx.site.service(order.service_id).option,
        sender=Address(**json.loads(sender)) if sender else Address(name=""),
        receiver=order.address,
        email=order.email,
        phone=order.phone,
        weight_g=sum(
            (line.ordered - line.cancelled) * tx.site.product(line.product_id).weight_g
            for line in tx.orders.lines(order.id)
        ),
        length_mm=0,
        width_mm=0,
        height_mm=0,
        items=(),
    )


def _drawn(got: Booking, draw: Draw) -> _Got:
    """The label as a label printer takes it."""
    got = replace(got, tracking="".join(got.tracking.split()))
    if not got.tracking:
        why = T("It gave no tracking number, so its label cannot be scanned back")
        return _Got(got, b"", stored(why))
    if got.format is LabelFormat.ZPL:
        return _Got(got, got.label, "" if got.label else stored(T("It gave an empty label")))
    try:
        return _Got(got, draw(got.label), "")
    except ValueError as error:
        why = T("Its label cannot be printed: {why}", why=str(error))
        return _Got(got, b"", stored(why))


def _settle(tx: Tx, shipment: Shipment, got: _Got | None, told: Told, at: str) -> None:
    """Keep what a carrier said to a booking, in the transaction that settles the message."""
    if got is not None and shipment.state is ShipmentState.CANCELLED:
        tx.shipments.came_late(shipment.id, got.booking)
        booking.cancel(tx, shipment, at)
    elif shipment.state is ShipmentState.CANCELLED and told.state is Writeback.IN_DOUBT:
        booking.cancel(tx, shipment, at)
    elif not shipment.is_open:
        return
    elif got is None or got.trouble:
        if told.state in (Writeback.REJECTED, Writeback.IN_DOUBT):
            in_doubt = got is not None or told.state is Writeback.IN_DOUBT
            tx.shipments.refuse(shipment.id, told.detail, at, in_doubt=in_doubt)
            _say(tx, shipment, "refused", at)
    else:
        tx.shipments.book(shipment.id, got.booking, at)
        _say(tx, shipment, "booked", at)
        _print(tx, shipment, got, at)


def _say(tx: Tx, shipment: Shipment, kind: str, at: str) -> None:
    number = tx.parcels.get(shipment.parcel_id).number
    how = booking.story(tx.shipments.get(shipment.id))
    text = T("Label of parcel {number}: {how}", number=number, how=how)
    tx.orders.add_event(shipment.order_id, kind, text, at=at)


def _print(tx: Tx, shipment: Shipment, got: _Got, at: str) -> None:
    """Papers come out where the parcel was closed, or at a ship desk that can print them.

    Where the carrier has none for customs, ours go along.
    """
    parcel_id = shipment.parcel_id
    station = _station(tx, shipment, lambda one: one.printer)
    said = json.dumps({"carrier": shipment.carrier, "tracking": got.booking.tracking})
    tx.parcels.add_job("label", parcel_id, station.id, station.printer, said, at, payload=got.zpl)
    desk = _station(tx, shipment, lambda one: one.documents)
    for paper in got.booking.documents:
        tx.parcels.add_job("customs", parcel_id, desk.id, desk.documents, said, at, payload=paper)
    if got.booking.documents:
        return
    order, day = tx.orders.get(shipment.order_id), local_day(tx, moment(at))
    papers = customs.papers_of(tx, order, tx.parcels.get(parcel_id), day)
    if papers is not None:
        content = json.dumps(asdict(papers), ensure_ascii=True)
        tx.parcels.add_job("customs", parcel_id, desk.id, desk.documents, content, at)


def _station(tx: Tx, shipment: Shipment, printer: Callable[[Station], str]) -> Station:
    assert shipment.station_id is not None
    own = tx.site.station_by_id(shipment.station_id)
    desks = (item for item in tx.site.stations() if item.department == "shipping")
    return own if printer(own) else next((item for item in desks if printer(item)), own)
