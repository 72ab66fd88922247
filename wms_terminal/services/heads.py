"""The top line of a station's screen, the same on every station."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from wms_terminal.domain.orders import OrderHead, OrderState
from wms_terminal.domain.outcome import Refused, refuse
from wms_terminal.domain.promise import moment
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.store import Tx


def order_title(tx: Tx, head: OrderHead) -> Text:
    """Which order, and when its courier leaves."""
    zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    leaves = moment(head.ship_by).astimezone(zone)
    return T(
        "order {number} · {carrier} leaves {time}",
        number=head.number,
        carrier=head.carrier,
        time=f"{leaves:%d-%m %H:%M}",
    )


def stopped(head: OrderHead) -> Refused | None:
    """The refusal of work on an order that must not move."""
    if head.state is OrderState.CANCELLED:
        return refuse(
            "cancelled_elsewhere",
            T("Order {number} was cancelled", number=head.number),
            advice=T("Put its goods aside and tell who is responsible"),
        )
    if head.hold:
        return refuse(
            "order_on_hold",
            T("Order {number} is on hold: {why}", number=head.number, why=head.hold),
            advice=T("Leave it here and go to other work with Menu"),
        )
    return None
