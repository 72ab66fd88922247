"""What a Vendure shop says of an order, in our words.

A shop cancels units by lowering a line's quantity, units that were shipped and came back as well:
what is wanted in all is never less than what was shipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import RemoteOrder, Standing

Json = Mapping[str, Any]

UNPAID = ("Created", "Draft", "AddingItems", "ArrangingPayment", "PaymentAuthorized")
"""States in which nothing may leave."""
PAID = ("PaymentSettled", "PartiallyShipped", "Shipped", "PartiallyDelivered", "Delivered")
ENDED = ("Cancelled", "Shipped", "Delivered")
"""States in which nothing is to be done, so that only a change of the order itself is told."""
CANCELLED = "Cancelled"
LEFT = ("Shipped", "Delivered")
"""States of a parcel that has left."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A fulfilment."""

    id: str
    state: str
    tracking: str
    units: Mapping[str, int]
    """By line."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an order, in units."""

    wanted: int
    """In all, cancelled ones left out."""
    placed: int
    """When the customer ordered; 0 for a line that was added later."""
    shipped: int

    @property
    def left(self) -> int:
        """Still to be shipped."""
        return self.wanted - self.shipped


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that came in, and what went back of it."""

    id: str
    amount: int
    refunds: tuple[Refund, ...]

    @property
    def room(self) -> int:
        """What can still go back."""
        return self.amount - sum(refund.amount for refund in self.refunds)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that went back, or is about to; one that failed is none."""

    id: str
    amount: int
    reason: str
    settled: bool


def dated(order: Json) -> tuple[str, str]:
    """Number and last change of an order; raises Unfit."""
    number = intake.code(order.get("code"))
    if not number:
        raise Unfit("Expected an order with a code.")
    return number, intake.changed(order.get("updatedAt"), "updatedAt")


def remote(order: Json, channel: str, options: Mapping[str, str]) -> RemoteOrder:
    """An order as its shop has it; one that cannot be read must wait, and stops no other."""
    number, changed = dated(order)
    try:
        return _understood(order, channel, options, number, changed)
    except Unfit as error:
        record = OrderRecord(channel, number, "", Address(""), ())
        return RemoteOrder(record, Standing.HELD, changed, f"It cannot be read. {error}")


def standing(order: Json) -> tuple[Standing, str]:
    """Where an order stands, and why it must wait."""
    state = intake.code(order.get("state"))
    found = lines(order).values()
    if state in UNPAID:
        return Standing.UNPAID, ""
    if state == CANCELLED:
        # All of it came back after it was shipped, or some of it was never to be shipped.
        came_back = any(line.shipped for line in found) and not any(
            line.placed > line.shipped for line in found
        )
        return (Standing.CLOSED, "") if came_back else (Standing.CANCELLED, state)
    if not any(line.left for line in found):
        return Standing.CLOSED, ""
    return (Standing.OPEN, "") if state in PAID else (Standing.HELD, state)


def lines(order: Json) -> dict[str, Line]:
    """Units of an order, by line."""
    shipped = summed(parcel.units for parcel in parcels(order) if parcel.state in LEFT)
    found = {}
    for entry in _objects(order, "lines"):
        name = intake.code(entry.get("id"))
        quantity = intake.whole(entry.get("quantity"), "quantity")
        placed = intake.whole(entry.get("orderPlacedQuantity"), "orderPlacedQuantity")
        gone = shipped.get(name, 0)
        found[name] = Line(max(quantity, gone), placed, gone)
    return found


def quantities(order: Json) -> dict[str, int]:
    """Units that the customer has or is to have, by line: without those that came back."""
    return {
        intake.code(entry.get("id")): intake.whole(entry.get("quantity"), "quantity")
        for entry in _objects(order, "lines")
    }


def parcels(order: Json) -> list[Parcel]:
    """Parcels of an order, also such as have not left."""
    return [
        Parcel(
            id=intake.code(entry.get("id")),
            state=intake.code(entry.get("state")),
            tracking=intake.text(entry.get("trackingCode")),
            units=summed(
                {intake.code(one.get("orderLineId")): intake.whole(one.get("quantity"), "quantity")}
                for one in _objects(entry, "lines")
            ),
        )
        for entry in _objects(order, "fulfillments")
    ]


def payments(order: Json) -> list[Payment]:
    """Payments of an order that came in."""
    return [
        Payment(
            intake.code(entry.get("id")),
            intake.whole(entry.get("amount"), "a payment"),
            tuple(
                Refund(
                    intake.code(one.get("id")),
                    intake.whole(one.get("total"), "a refund"),
                    intake.text(one.get("reason"), intake.LONGEST_NOTE),
                    one.get("state") == "Settled",
                )
                for one in _objects(entry, "refunds")
                if one.get("state") != "Failed"
            ),
        )
        for entry in _objects(order, "payments")
        if entry.get("state") == "Settled"
    ]


def summed(units: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Units by line, of several parcels together."""
    found: dict[str, int] = {}
    for one in units:
        for line, count in one.items():
            found[line] = found.get(line, 0) + count
    return found


def marked(words: str, key: str) -> str:
    """A reason as the shop keeps it; it ends with our key."""
    return f"{intake.text(words)} {_mark(key)}".strip()


def bears(reason: str, key: str) -> bool:
    """Whether a reason is one that was `marked` with the key."""
    return reason.endswith(_mark(key))


def _mark(key: str) -> str:
    return f"[wms {intake.text(key).replace(']', ')')}]"


def _understood(
    order: Json, channel: str, options: Mapping[str, str], number: str, changed: str
) -> RemoteOrder:
    where, why = standing(order)
    units = lines(order)
    customer = intake.obj(order.get("customer") or {}, "customer")
    to = intake.obj(order.get("shippingAddress") or {}, "shippingAddress")
    placed = order.get("orderPlacedAt") or order.get("createdAt")
    record = OrderRecord(
        channel=channel,
        reference=number,
        placed_at=intake.placed(placed, "orderPlacedAt"),
        customer=_address(to, customer),
        lines=tuple(
            line for entry in _objects(order, "lines") if (line := _line(entry, units)).quantity
        ),
        email=intake.text(customer.get("emailAddress")),
        phone=intake.code(to.get("phoneNumber")) or intake.code(customer.get("phoneNumber")),
        language=options.get("language", "en"),
        currency=intake.code(order.get("currencyCode")),
        payment=_payment(order, where),
        service=_service(order, options),
    )
    shipped = {name: line.shipped for name, line in units.items() if line.shipped}
    return RemoteOrder(record, where, changed, why, shipped)


def _line(entry: Json, units: Mapping[str, Line]) -> OrderLineRecord:
    name = intake.code(entry.get("id"))
    variant = intake.obj(entry.get("productVariant"), "productVariant")
    return OrderLineRecord(
        sku=intake.code(variant.get("sku")),
        quantity=units[name].wanted,
        unit_price=intake.whole(entry.get("proratedUnitPriceWithTax"), "a price"),
        name=intake.text(variant.get("name")),
        reference=name,
    )


def _address(to: Json, customer: Json) -> Address:
    names = (intake.text(customer.get("firstName")), intake.text(customer.get("lastName")))
    return Address(
        name=intake.text(to.get("fullName")) or " ".join(filter(None, names)),
        company=intake.text(to.get("company")),
        street=intake.text(to.get("streetLine1")),
        extra=intake.text(to.get("streetLine2")),
        postcode=intake.code(to.get("postalCode")),
        city=intake.text(to.get("city")),
        region=intake.text(to.get("province")),
        country=intake.code(to.get("countryCode")),
    )


def _payment(order: Json, where: Standing) -> str:
    if where is Standing.UNPAID:
        return "pending"
    came = payments(order)
    back = any(refund.amount for payment in came for refund in payment.refunds)
    return "refunded" if back and not any(payment.room > 0 for payment in came) else "paid"


def _service(order: Json, options: Mapping[str, str]) -> str:
    for entry in _objects(order, "shippingLines"):
        method = intake.obj(entry.get("shippingMethod"), "shippingMethod")
        return options.get(f"service.{intake.code(method.get('code'))}", "")
    return ""


def _objects(owner: Json, name: str) -> list[Json]:
    """What lies under a name; nothing for null."""
    return [intake.obj(one, name) for one in intake.items(owner.get(name) or [], name)]
