"""An order of a Shopify shop: its lines, its fulfilment orders, and the parcels that left.

Work is on fulfilment orders, which Shopify makes of an order: one for each place and way of
delivery. What is still wanted of a line is what has left and what remains in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import shopify_documents as documents
from wms_terminal.integrations.channels.shopify_admin import Json, ShopifyAdmin
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import RemoteOrder, Standing

_ENDED = ("CLOSED", "CANCELLED")
"""Fulfilment orders of which nothing will leave any more."""
_COLLECTED = ("NONE", "PICK_UP", "RETAIL")
"""Ways of delivery without a parcel."""
_FAILED = ("CANCELLED", "ERROR", "FAILURE")
"""Parcels that did not leave."""
_PAID = ("PAID", "PARTIALLY_REFUNDED")
_ASKED_TO_CANCEL = ("CANCELLATION_REQUESTED", "CANCELLATION_ACCEPTED")


@dataclass(frozen=True, slots=True)
class PartLine:
    """What remains of a line in a fulfilment order."""

    id: str
    line: str
    remaining: int


@dataclass(frozen=True, slots=True)
class Part:
    """A fulfilment order of ours of which something may still leave."""

    id: str
    location: str
    waits: str
    """Why nothing of it may leave now; empty when it may."""
    lines: tuple[PartLine, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A fulfilment."""

    id: str
    numbers: tuple[str, ...]
    """Its tracking numbers."""
    delivered: bool
    units: Mapping[str, int]
    """By line."""


@dataclass(frozen=True, slots=True)
class ShopOrder:
    """An order as the shop has it now."""

    raw: Json
    lines: tuple[Json, ...]
    parts: tuple[Part, ...]
    parcels: tuple[Parcel, ...]

    def shipped(self) -> dict[str, int]:
        """Units that left, by line."""
        return summed(parcel.units for parcel in self.parcels)

    def remaining(self) -> dict[str, int]:
        """Units that are still to leave, by line, held ones as well."""
        return summed({line.line: line.remaining} for part in self.parts for line in part.lines)


def summed(units: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Units by line, of several parcels together."""
    found: dict[str, int] = {}
    for one in units:
        for line, count in one.items():
            found[line] = found.get(line, 0) + count
    return found


def gid(kind: str, number: str) -> str:
    """Shopify's id of something, of its number."""
    return f"gid://shopify/{kind}/{number}"


def number_of(node: Any, what: str) -> str:
    """The number in Shopify's id of something; raises Unfit."""
    found = intake.obj(node, what).get("id")
    number = found.rpartition("/")[2].partition("?")[0] if isinstance(found, str) else ""
    if not (number.isascii() and number.isdigit()):
        raise Unfit(f"Expected the id of {what}, got {intake.code(found)!r}.")
    return number


def is_number(reference: str) -> bool:
    """Whether it can be one of an order; others are not asked for."""
    return reference.isascii() and reference.isdigit() and len(reference) < 20


# --- from the shop --------------------------------------------------------------------------------


def fetch(admin: ShopifyAdmin, reference: str, location: str) -> ShopOrder | None:
    """An order and all that hangs on it; None when the shop does not know it.

    Args:
        admin: The shop.
        reference: The order's number in Shopify's id.
        location: Where we are: what leaves elsewhere is left out. Empty: everywhere.

    Raises:
        Away: it could not be asked.
        Unfit: it cannot be read.
    """
    if not is_number(reference):
        return None
    key = gid("Order", reference)
    raw = admin.ask(documents.ORDER, id=key).get("order")
    if raw is None:
        return None
    raw = intake.obj(raw, "an order")
    if number_of(raw, "an order") != reference:
        raise Unfit("Expected the order that was asked for, got another one.")

    def more(document: str, field: str, after: str) -> Json:
        return within(admin.ask(document, id=key, after=after), "order", field)

    lines = admin.nodes(
        intake.obj(raw.get("lineItems"), "lineItems"),
        lambda after: more(documents.MORE_LINES, "lineItems", after),
    )
    parts = admin.nodes(
        intake.obj(raw.get("fulfillmentOrders"), "fulfillmentOrders"),
        lambda after: more(documents.MORE_PARTS, "fulfillmentOrders", after),
    )
    return ShopOrder(
        raw,
        tuple(lines),
        tuple(part for node in parts if (part := _part(admin, node, location))),
        tuple(_parcels(admin, raw, key, location)),
    )


def within(data: Json, *path: str) -> Json:
    """The object at the end of a path; raises Unfit."""
    found = data
    for name in path:
        found = intake.obj(found.get(name), name)
    return found


def _place(node: Any) -> str:
    """The number of a location; empty when it is gone."""
    return "" if node is None else number_of(node, "a location")


def _part(admin: ShopifyAdmin, node: Json, location: str) -> Part | None:
    """A fulfilment order; None when nothing leaves of it, or not by us."""
    place = _place(intake.obj(node.get("assignedLocation"), "assignedLocation").get("location"))
    method = node.get("deliveryMethod")
    way = intake.code(intake.obj(method, "deliveryMethod").get("methodType")) if method else ""
    if node.get("status") in _ENDED or way in _COLLECTED or location not in ("", place):
        return None
    key = str(node.get("id"))
    lines = admin.nodes(
        intake.obj(node.get("lineItems"), "lineItems"),
        lambda after: within(
            admin.ask(documents.MORE_PART_LINES, id=key, after=after),
            "fulfillmentOrder",
            "lineItems",
        ),
    )
    return Part(
        key,
        place,
        _waits(node),
        tuple(
            PartLine(
                str(line.get("id")),
                number_of(line.get("lineItem"), "a line"),
                intake.whole(line.get("remainingQuantity"), "remainingQuantity"),
            )
            for line in lines
            if line.get("requiresShipping") is True
        ),
    )


def _waits(node: Json) -> str:
    """Why nothing of a fulfilment order may leave now; empty when it may."""
    status = intake.code(node.get("status"))
    holds = [
        intake.obj(hold, "a hold") for hold in intake.items(node.get("fulfillmentHolds"), "holds")
    ]
    if holds:
        return "; ".join(
            " ".join(
                words
                for words in (
                    intake.text(hold.get("displayReason")),
                    intake.text(hold.get("reasonNotes")),
                )
                if words
            )
            for hold in holds
        )
    if node.get("requestStatus") in _ASKED_TO_CANCEL:
        return "the shop asks not to ship it"
    if status == "SCHEDULED":
        return f"scheduled for {intake.text(node.get('fulfillAt'))[:10] or 'later'}"
    return "" if status in ("OPEN", "IN_PROGRESS") else status.lower().replace("_", " ")


def _parcels(admin: ShopifyAdmin, raw: Json, order: str, location: str) -> Iterable[Parcel]:
    nodes = intake.items(raw.get("fulfillments"), "fulfillments")
    if len(nodes) >= documents.PARCELS:  # there may be more, and that list has no pages
        known = {str(intake.obj(node, "a fulfilment").get("id")) for node in nodes}
        listed = within(admin.ask(documents.PARCEL_IDS, id=order), "order").get("fulfillments")
        for one in intake.items(listed, "fulfillments"):
            key = str(intake.obj(one, "a fulfilment").get("id"))
            if key not in known:
                nodes = [*nodes, within(_parcel_page(admin, key, None), "fulfillment")]
    for entry in nodes:
        node = intake.obj(entry, "a fulfilment")
        place = _place(node.get("location"))
        if node.get("status") in _FAILED or (place and location not in ("", place)):
            continue
        yield _parcel(admin, node)


def _parcel_page(admin: ShopifyAdmin, key: str, after: str | None) -> Json:
    return admin.ask(documents.PARCEL, id=key, after=after)


def _parcel(admin: ShopifyAdmin, node: Json) -> Parcel:
    key = str(node.get("id"))
    lines = admin.nodes(
        intake.obj(node.get("fulfillmentLineItems"), "fulfillmentLineItems"),
        lambda after: within(
            _parcel_page(admin, key, after), "fulfillment", "fulfillmentLineItems"
        ),
    )
    tracks = [
        intake.obj(track, "trackingInfo")
        for track in intake.items(node.get("trackingInfo"), "trackingInfo")
    ]
    return Parcel(
        key,
        tuple(intake.text(track.get("number")) for track in tracks),
        node.get("displayStatus") == "DELIVERED",
        summed(
            {number_of(line.get("lineItem"), "a line"): intake.whole(line.get("quantity"), "units")}
            for line in lines
        ),
    )


def taxes(admin: ShopifyAdmin, reference: str, currency: str) -> dict[str, tuple[int, int]]:
    """Taxes of a line in minor units, and of how many units, by line."""

    def page(after: str | None) -> Json:
        data = admin.ask(documents.TAXES, id=gid("Order", reference), after=after)
        return within(data, "order", "lineItems")

    return {
        number_of(line, "a line"): (
            sum(
                money(intake.obj(tax, "a tax").get("priceSet"), currency)
                for tax in intake.items(line.get("taxLines"), "taxLines")
            ),
            intake.whole(line.get("quantity"), "quantity"),
        )
        for line in admin.nodes(page(None), page)
    }


# --- in our words ---------------------------------------------------------------------------------


def money(bag: Any, currency: str) -> int:
    """What the customer sees of an amount, in minor units of that currency."""
    seen = within({"money": bag}, "money", "presentmentMoney")
    return intake.minor(seen.get("amount"), currency, "an amount")


def standing(order: ShopOrder) -> tuple[Standing, str]:
    """Where an order stands, and why it must wait.

    One of which a part must wait waits as a whole.
    """
    raw, remaining = order.raw, sum(order.remaining().values())
    if raw.get("cancelledAt"):
        return Standing.CANCELLED, intake.code(raw.get("cancelReason")).lower()
    financial = intake.code(raw.get("displayFinancialStatus"))
    if not remaining:
        gone = financial in ("REFUNDED", "VOIDED") and not order.parcels
        return (Standing.CANCELLED, financial.lower()) if gone else (Standing.CLOSED, "")
    if financial == "REFUNDED":
        return Standing.HELD, "refunded"
    if financial not in _PAID and (financial or raw.get("fullyPaid") is not True):
        return Standing.UNPAID, ""
    waits = [
        part.waits
        for part in order.parts
        if part.waits and any(line.remaining for line in part.lines)
    ]
    if not waits and not raw.get("shippingAddress"):
        waits = ["no shipping address"]
    return (Standing.HELD, "; ".join(dict.fromkeys(waits))) if waits else (Standing.OPEN, "")


def remote(
    order: ShopOrder,
    channel: str,
    services: Mapping[str, str],
    tax: Mapping[str, tuple[int, int]],
) -> RemoteOrder:
    """An order in our words; raises Unfit.

    Args:
        order: As the shop has it.
        channel: Our code of the channel.
        services: Our service codes, as options `service.CODE`.
        tax: What comes on top of the prices, by line.
    """
    raw, shipped, remaining = order.raw, order.shipped(), order.remaining()
    where, why = standing(order)
    currency = intake.code(raw.get("presentmentCurrencyCode"))
    to = intake.obj(raw.get("shippingAddress") or {}, "shippingAddress")
    way = intake.obj(raw.get("shippingLine") or {}, "shippingLine")
    lines = []
    for item in order.lines:
        line = number_of(item, "a line")
        wanted = shipped.get(line, 0) + remaining.get(line, 0)
        if wanted:
            price = money(item.get("discountedUnitPriceAfterAllDiscountsSet"), currency)
            amount, units = tax.get(line, (0, 0))
            lines.append(
                OrderLineRecord(
                    sku=intake.code(item.get("sku")),
                    quantity=wanted,
                    unit_price=price + ((amount * 2 + units) // (2 * units) if units else 0),
                    name=intake.text(item.get("name")),
                    reference=line,
                )
            )
    record = OrderRecord(
        channel=channel,
        reference=number_of(raw, "an order"),
        placed_at=intake.placed(raw.get("processedAt"), "processedAt"),
        customer=_address(to),
        lines=tuple(lines),
        email=intake.text(raw.get("email")),
        phone=intake.code(to.get("phone")) or intake.code(raw.get("phone")),
        language=intake.code(raw.get("customerLocale"))[:2].lower() or "en",
        currency=currency,
        payment=_payment(raw, where),
        service=services.get(f"service.{intake.code(way.get('code'))}", ""),
        note=intake.note(raw.get("note")),
    )
    return RemoteOrder(record, where, changed_at(raw), why, shipped)


def changed_at(raw: Json) -> str:
    """When an order was changed last; raises Unfit."""
    return intake.changed(raw.get("updatedAt"), "updatedAt")


def _address(to: Json) -> Address:
    return Address(
        name=intake.text(to.get("name")),
        company=intake.text(to.get("company")),
        street=intake.text(to.get("address1")),
        extra=intake.text(to.get("address2")),
        postcode=intake.code(to.get("zip")),
        city=intake.text(to.get("city")),
        region=intake.code(to.get("provinceCode")),
        country=intake.code(to.get("countryCodeV2")),
    )


def _payment(raw: Json, where: Standing) -> str:
    if where is Standing.UNPAID:
        return "pending"
    return "refunded" if raw.get("displayFinancialStatus") == "REFUNDED" else "paid"
