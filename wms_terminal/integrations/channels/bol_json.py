"""What bol's Retailer API v10 answers, understood: pure functions of its JSON.

Source: the OpenAPI specification at https://api.bol.com/retailer/public/apispec/Retailer%20API%20v10
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.ports.channel import AdvisedLine, RemoteOrder, ShipNews, Standing

Json = Mapping[str, Any]

TRANSPORTERS = {
    "postnl": "TNT",
    "dhl": "DHLFORYOU",
    "dpd": "DPD-NL",
    "bpost": "BPOST_BE",
    "gls": "GLS",
    "ups": "UPS",
}
"""bol's code of a carrier, by ours; PostNL is still called by its old name."""
LONGEST_REFERENCE = 90

_DUTCH_POSTCODE = re.compile(r"(\d{4})\s*([A-Za-z]{2})")


def changed(order: Json) -> str:
    """When an order of the list changed last: when the last of its items did."""
    times = [
        intake.changed(item.get("latestChangedDateTime"), "latestChangedDateTime")
        for item in items(order)
        if item.get("latestChangedDateTime")
    ]
    return max(times) if times else intake.changed(order.get("orderPlacedDateTime"), "its time")


def items(order: Json) -> list[Json]:
    """Items of an order that the retailer ships; bol ships the others from its own warehouse."""
    found = (intake.obj(item, "an item") for item in intake.items(order.get("orderItems"), "items"))
    return [item for item in found if _part(item, "fulfilment").get("method") != "FBB"]


def item_id(item: Json) -> str:
    """The id of an item."""
    return intake.code(item.get("orderItemId"))


def sku(item: Json) -> str:
    """Ours of an item: the reference of the offer, or the EAN where it has none."""
    return intake.code(_part(item, "offer").get("reference")) or ean(item)


def ean(item: Json) -> str:
    """The EAN of an item."""
    return intake.code(_part(item, "product").get("ean"))


def wanted(item: Json) -> int:
    """Units that were ordered and not cancelled."""
    ordered = intake.whole(item.get("quantity"), "quantity")
    return max(ordered - intake.whole(item.get("quantityCancelled"), "quantityCancelled"), 0)


def shipped(item: Json) -> int:
    """Units that have left."""
    return intake.whole(item.get("quantityShipped"), "quantityShipped")


def order(raw: Json, code: str, options: Mapping[str, str]) -> RemoteOrder:
    """An order in full; raises Unfit."""
    to = intake.obj(raw.get("shipmentDetails"), "shipmentDetails")
    parts = items(raw)
    left = [item for item in parts if wanted(item) > shipped(item)]
    standing, why = _standing(parts, left)
    days = [day for item in left or parts if (day := _promised(item))]
    frames = {intake.code(_part(item, "fulfilment").get("timeFrameType")) for item in left or parts}
    record = OrderRecord(
        channel=code,
        reference=intake.code(raw.get("orderId")),
        placed_at=intake.placed(raw.get("orderPlacedDateTime"), "orderPlacedDateTime"),
        customer=_address(to),
        lines=tuple(
            OrderLineRecord(
                sku=sku(item),
                quantity=wanted(item),
                unit_price=intake.minor(item.get("unitPrice"), "EUR", "unitPrice"),
                name=intake.text(_part(item, "product").get("title")),
                reference=item_id(item),
            )
            for item in parts
            if wanted(item)
        ),
        email=intake.text(to.get("email")),
        phone=intake.code(to.get("deliveryPhoneNumber")),
        language=intake.code(to.get("language"))[:2] or options.get("language", "nl"),
        currency="EUR",
        service=next(
            (options[name] for frame in sorted(frames) if (name := f"service.{frame}") in options),
            "",
        ),
        promised_on=min(days, default=""),
    )
    return RemoteOrder(
        record, standing, changed(raw), why, {item_id(item): shipped(item) for item in parts}
    )


def shipment(news: ShipNews, options: Mapping[str, str]) -> Json:
    """What to post for a parcel."""
    usual = TRANSPORTERS.get(news.carrier, "OTHER")
    tracking = intake.text(news.tracking)
    return {
        "orderItems": [
            {"orderItemId": line, "quantity": units} for line, units in units(news).items()
        ],
        "shipmentReference": reference(news),
        "transport": {
            "transporterCode": options.get(f"transporter.{news.carrier}", usual),
            **({"trackAndTrace": tracking} if tracking else {}),
        },
    }


def reference(news: ShipNews) -> str:
    """Our key of a parcel, as bol keeps it."""
    return intake.text(news.key, LONGEST_REFERENCE)


def units(news: ShipNews) -> dict[str, int]:
    """Units of a parcel by item."""
    found: dict[str, int] = {}
    for line in news.lines:
        found[line.line] = found.get(line.line, 0) + line.quantity
    return found


def advised(returned: Json, bought: Json | None) -> AdvisedLine:
    """What a customer sends back; `bought` is its order, None when bol keeps it no longer.

    bol says the EAN only: the item of the order that has it tells the rest.
    """
    number = intake.code(returned.get("ean"))
    parts = items(bought) if bought else []
    item = next((item for item in parts if ean(item) == number), None)
    reason = _part(returned, "returnReason")
    said = (reason.get("mainReason"), reason.get("detailedReason"), reason.get("customerComments"))
    words = dict.fromkeys(word for word in map(intake.text, said) if word)
    return AdvisedLine(
        line=item_id(item) if item else "",
        sku=sku(item) if item else number,
        quantity=intake.whole(returned.get("expectedQuantity"), "expectedQuantity"),
        reason=intake.text(": ".join(words)),
    )


def _standing(parts: list[Json], left: list[Json]) -> tuple[Standing, str]:
    if not left:
        gone = any(shipped(item) for item in parts)
        return (Standing.CLOSED, "") if gone or not parts else (Standing.CANCELLED, "")
    if any(item.get("cancellationRequest") is True for item in left):
        return Standing.HELD, "The customer asks to cancel."
    return Standing.OPEN, ""


def _promised(item: Json) -> str:
    fulfilment = _part(item, "fulfilment")
    day = intake.code(fulfilment.get("exactDeliveryDate") or fulfilment.get("latestDeliveryDate"))
    return intake.changed(day, "a delivery date")[:10] if day else ""


def _address(to: Json) -> Address:
    """With the house number in the street again, and the space in a Dutch postcode."""
    country = intake.code(to.get("countryCode"))
    postcode = intake.code(to.get("zipCode"))
    dutch = _DUTCH_POSTCODE.fullmatch(postcode) if country == "NL" else None
    company, point = intake.text(to.get("company")), intake.text(to.get("pickupPointName"))
    return Address(
        name=_joined(to, "firstName", "surname"),
        company=" ".join(part for part in (company, point) if part),
        street=_joined(to, "streetName", "houseNumber", "houseNumberExtension"),
        extra=intake.text(to.get("extraAddressInformation")),
        postcode=f"{dutch[1]} {dutch[2].upper()}" if dutch else postcode,
        city=intake.text(to.get("city")),
        country=country,
    )


def _joined(owner: Json, *names: str) -> str:
    return " ".join(part for name in names if (part := intake.text(owner.get(name))))


def _part(owner: Json, name: str) -> Json:
    """A part that may be absent or null."""
    found = owner.get(name)
    return found if isinstance(found, dict) else {}
