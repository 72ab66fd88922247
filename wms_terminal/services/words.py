"""What states are called on a screen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from wms_terminal.domain.orders import OrderState, ParcelState
from wms_terminal.domain.refunds import RefundState
from wms_terminal.domain.returns import ReturnState
from wms_terminal.domain.site import LocationKind
from wms_terminal.domain.text import NO_TEXT, T, Text
from wms_terminal.ports.devices import PrintState

ORDER: dict[OrderState, Text] = {
    OrderState.NEW: T("new"),
    OrderState.PICKING: T("being picked"),
    OrderState.PICKED: T("picked"),
    OrderState.PACKING: T("being packed"),
    OrderState.PACKED: T("packed"),
    OrderState.SHIPPED: T("shipped"),
    OrderState.CANCELLED: T("cancelled"),
}

PARCEL: dict[ParcelState, Text] = {
    ParcelState.OPEN: T("being packed"),
    ParcelState.PACKED: T("packed, not yet labelled"),
    ParcelState.LABELLED: T("labelled"),
    ParcelState.LOADED: T("loaded"),
    ParcelState.SHIPPED: T("shipped"),
    ParcelState.VOID: T("given up"),
}

PAYMENT: dict[str, Text] = {
    "pending": T("not there yet"),
    "paid": T("accepted"),
    "refunded": T("given back"),
}

REFUND: dict[RefundState, Text] = {
    RefundState.PROPOSED: T("proposed"),
    RefundState.APPROVED: T("approved, to be paid by hand"),
    RefundState.SENT: T("approved, the channel is being told"),
    RefundState.DONE: T("paid"),
    RefundState.IN_DOUBT: T("in doubt"),
    RefundState.DECLINED: T("declined"),
    RefundState.REJECTED: T("not paid"),
}

RETURN: dict[ReturnState, Text] = {
    ReturnState.ANNOUNCED: T("announced"),
    ReturnState.ARRIVED: T("arrived"),
    ReturnState.CLOSED: T("closed"),
    ReturnState.VOID: T("not waited for"),
}

_NEWS: dict[str, Text] = {
    "ship": T("shipment"),
    "deliver": T("delivery"),
    "return": T("return"),
    "refund": T("refund"),
    "check": T("question whether it stands"),
    "book": T("label"),
    "cancel": T("cancelled label"),
    "pickup": T("pickup"),
    "shipped": T("shipping mail"),
    "partly_shipped": T("part shipment mail"),
    "delayed": T("delay mail"),
    "follow_up": T("follow-up mail"),
    "return_received": T("return mail"),
    "refunded": T("refund mail"),
}
"""Kinds of messages to the outside: to channels, to carriers, mails."""

PRINT: dict[PrintState, Text] = {
    PrintState.QUEUED: T("waits for the printer"),
    PrintState.SENDING: T("is being printed"),
    PrintState.SENT: T("sent to the printer"),
    PrintState.DRAINED: T("printer says it is done"),
    PrintState.PRINTED: T("printed"),
    PrintState.FAULTED: T("not printed"),
    PrintState.UNKNOWN: T("perhaps printed"),
    PrintState.CONFIRMED: T("scanned back"),
    PrintState.VOID: T("void"),
}

LOCATION: dict[LocationKind, Text] = {
    LocationKind.PICK: T("Pick location"),
    LocationKind.BULK: T("Bulk location"),
    LocationKind.STAGING: T("Staging"),
    LocationKind.BENCH: T("Bench"),
    LocationKind.DOCK: T("Dock"),
    LocationKind.PROBLEM: T("Problem location"),
    LocationKind.TOTE: T("Tote"),
    LocationKind.PARCEL: T("Parcel"),
    LocationKind.OUTSIDE: T("Outside"),
}


def news(kind: str) -> Text | str:
    """What a message to the outside is about."""
    return _NEWS.get(kind, kind)


def receiver(target: str) -> Text | str:
    """Whom a message to the outside is for."""
    what, _, code = target.partition(":")
    if what == "channel":
        return T("channel {code}", code=code)
    if what == "carrier":
        return T("carrier {code}", code=code)
    return T("customer") if what == "mail" else target


def listing(items: Sequence[Text]) -> Text:
    """Several things in one line."""
    if not items:
        return NO_TEXT
    return reduce(lambda first, then: T("{first}, {then}", first=first, then=then), items)
