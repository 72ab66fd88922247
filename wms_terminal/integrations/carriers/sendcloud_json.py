"""What Sendcloud's v3 API is told and tells, to and from the words of `ports.carrier`.

Source: Sendcloud Public REST API v3 (shipments, shipping options, pickups, parcel tracking).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from wms_terminal.domain.customs import needs_papers
from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text
from wms_terminal.integrations import intake
from wms_terminal.integrations.carriers.label_file import neutral
from wms_terminal.integrations.carriers.sendcloud_settings import Settings
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import (
    CarrierRefused,
    Consignment,
    Item,
    Milestone,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)

Json = Mapping[str, Any]

CANCELLED = ("cancelled", "cancelling", "cancelled-upstream", "cancelling-upstream")
FAILED = ("announcement-failed", "no-label")
PENDING = ("announcing",)
MILESTONES: dict[str, Milestone] = {
    **dict.fromkeys(
        ("announced", "announced-uncollected", "announcing", "no-label", "ready-to-send"),
        Milestone.ANNOUNCED,
    ),
    **dict.fromkeys(("accepted", "collected", "picked-up-by-driver"), Milestone.TAKEN),
    **dict.fromkeys(
        (
            *("at-customs", "at-sorting-centre", "delayed", "delivery-address-changed"),
            *("delivery-date-changed", "delivery-method-changed", "in-transit"),
            *("shipment-on-route", "sorted", "sorting", "to-sorting", "unsorted", "unsorted2"),
        ),
        Milestone.ON_THE_WAY,
    ),
    **dict.fromkeys(("driver-on-route", "out-for-delivery"), Milestone.OUT_FOR_DELIVERY),
    **dict.fromkeys(("awaiting-customer-pickup", "ready-for-pickup"), Milestone.AT_PICKUP_POINT),
    **dict.fromkeys(("collected-by-customer", "delivered", "delivery-forced"), Milestone.DELIVERED),
    **dict.fromkeys(
        (
            *("address-invalid", "announcement-failed", "collect-error", "delivery-failed"),
            *("exception", "refused-by-recipient", "undeliverable"),
        ),
        Milestone.TROUBLE,
    ),
    **dict.fromkeys(("returned", "returned-to-sender"), Milestone.RETURNED),
}
"""By status; a status that is not among them changes nothing about where a parcel is."""

PICKUPS = (
    *("brt", "dhl", "dhl_de", "dhl_express", "dhl_parcel_iberia", "dpd", "dpd_at"),
    *("gls_it", "hermes_de", "poste_it_delivery", "correos_express"),
)
"""Carriers whose courier can be asked with what we know; the others want to know more."""

_GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lbs": Decimal("453.59237"),
}
_HOUSE = re.compile(r"(?P<street>.*\D) (?P<number>\d{1,5}[ -]?[0-9A-Za-z/-]{0,6})", re.DOTALL)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?_`{|}-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_PHONE = re.compile(r"\+?[0-9 ()./-]{5,20}")
_SUBDIVISION = re.compile(r"(?:[A-Z]{2}-)?([A-Z0-9]{1,3})")


def status(value: Any) -> str:
    """A status code as this module spells them: READY_TO_SEND is `ready-to-send`."""
    return intake.code(value).lower().replace("_", "-").replace(" ", "-")


# --- to Sendcloud ---------------------------------------------------------------------------------


def address(place: Address, whose: str, email: str = "", phone: str = "") -> dict[str, str]:
    """An address; raises CarrierRefused when something is missing that Sendcloud needs.

    `^` and `~` are left out: the carrier prints the text on a label, and there they are commands.
    """
    street, number = neutral(place.street), ""
    if house := _HOUSE.fullmatch(street):
        street, number = house["street"], house["number"]
    needed = {
        "name": neutral(place.name) or neutral(place.company),
        "address_line_1": street,
        "postal_code": neutral(place.postcode),
        "city": neutral(place.city),
        "country_code": neutral(place.country).upper(),
    }
    if missing := [name.replace("_", " ") for name, value in needed.items() if not value]:
        raise CarrierRefused(
            f"Expected {whose} with name, street, postcode, city and country for Sendcloud; "
            f"missing: {', '.join(missing)}. Correct the address."
        )
    subdivision = _SUBDIVISION.fullmatch(neutral(place.region).upper())
    region = f"{needed['country_code']}-{subdivision[1]}" if subdivision else ""
    more = {
        "house_number": number,
        "company_name": neutral(place.company),
        "address_line_2": neutral(place.extra),
        "state_province_code": region,
        "email": email if _EMAIL.fullmatch(email) else "",
        "phone_number": phone if _PHONE.fullmatch(phone) else "",
    }
    return needed | {name: value for name, value in more.items() if value}


def parcel(consignment: Consignment) -> dict[str, Any]:
    """What a parcel is; raises CarrierRefused when it was not weighed."""
    if consignment.weight_g <= 0:
        raise CarrierRefused(f"Parcel {consignment.key} has no weight. Weigh it first.")
    found: dict[str, Any] = {"weight": _grams(consignment.weight_g)}
    lengths = (consignment.length_mm, consignment.width_mm, consignment.height_mm)
    if min(lengths) > 0:
        names = ("length", "width", "height")
        found["dimensions"] = dict(zip(names, map(str, lengths), strict=True)) | {"unit": "mm"}
    return found


def for_customs(consignment: Consignment) -> bool:
    """Whether everything is known of what is in a parcel that customs want to know."""
    return bool(consignment.items) and all(
        item.hs_code and item.origin and item.weight_g > 0 and len(item.currency) == 3
        for item in consignment.items
    )


def shipment(consignment: Consignment, name: str, mime: str, known: Settings) -> dict[str, Any]:
    """The body that books a consignment under a name.

    What is in the parcel is told when everything is known of it; Sendcloud takes no less, and does
    without where there are no customs.

    Raises:
        CarrierRefused: the consignment lacks something.
    """
    packed = parcel(consignment)
    whole = for_customs(consignment)
    if whole:
        packed["parcel_items"] = [_item(item) for item in consignment.items]
    body: dict[str, Any] = {
        "external_reference_id": name,
        "order_number": neutral(consignment.order_number),
        "from_address": address(consignment.sender, "the site's address", known.email, known.phone),
        "to_address": address(
            consignment.receiver, "the customer's address", consignment.email, consignment.phone
        ),
        "parcels": [packed],
        "label_details": {"mime_type": mime, "dpi": known.dpi},
    }
    currencies = {item.currency for item in consignment.items}
    if len(currencies) == 1 and len(currency := currencies.pop()) == 3:
        total = sum(item.quantity * item.unit_price for item in consignment.items)
        body["total_order_price"] = _price(total, currency)
    if whole and needs_papers(consignment.sender, consignment.receiver):
        body["customs_information"] = _customs(consignment, known)
    if consignment.option:
        properties: dict[str, Any] = {"shipping_option_code": consignment.option}
        if known.contract:
            properties["contract_id"] = known.contract
        body["ship_with"] = {"type": "shipping_option_code", "properties": properties}
    else:
        body |= {"apply_shipping_defaults": True, "apply_shipping_rules": True}
    return body


def pickup(wish: PickupWish, carrier: str, known: Settings) -> dict[str, Any]:
    """The body that asks for a pickup; raises CarrierRefused when the address lacks something."""
    body: dict[str, Any] = {
        "reference": wish.key,
        "carrier_code": carrier,
        "address": address(wish.place, "the pickup's address", known.email, known.phone),
        "time_slots": [{"start_at": wish.begins_at, "end_at": wish.ends_at}],
        "items": [
            {
                "quantity": max(wish.parcels, 1),
                "container_type": "parcel",
                "total_weight": _grams(max(wish.weight_g, 1)),
            }
        ],
    }
    return body | ({"contract_id": known.contract} if known.contract else {})


def _customs(consignment: Consignment, known: Settings) -> dict[str, Any]:
    found: dict[str, Any] = {
        "invoice_number": neutral(consignment.order_number)[:40] or consignment.key[:40],
        "export_reason": "commercial_goods",
        "export_type": known.export,
    }
    if known.taxes:
        ours = [
            {"name": name, "country_code": consignment.sender.country, "value": value}
            for name, value in known.taxes.items()
        ]
        found["tax_numbers"] = {"sender": ours, "receiver": [], "importer_of_record": []}
    return found


def _item(item: Item) -> dict[str, Any]:
    return {
        "sku": neutral(item.sku),
        "description": (neutral(item.name) or neutral(item.sku) or "Goods")[:255],
        "quantity": item.quantity,
        "weight": {"value": item.weight_g, "unit": "g"},
        "price": _price(item.unit_price, item.currency),
        "hs_code": re.sub(r"\D", "", item.hs_code)[:12],
        "origin_country": item.origin,
    }


def _grams(weight: int) -> dict[str, str]:
    return {"value": str(weight), "unit": "g"}


def _price(units: int, currency: str) -> dict[str, str]:
    return {"value": decimal_text(units, currency), "currency": currency}


# --- from Sendcloud -------------------------------------------------------------------------------


def option(raw: Any) -> ShippingOption | None:
    """A shipping option; None for one that is no use here: a return, or to a service point."""
    entry = intake.obj(raw, "a shipping option")
    functions = intake.obj(entry.get("functionalities") or {}, "functionalities")
    needs = intake.obj(entry.get("requirements") or {}, "requirements")
    if functions.get("returns") is True or needs.get("is_service_point_required") is True:
        return None
    code = intake.text(entry.get("code"))
    if not code:
        raise Unfit("Expected a shipping option with a code, got one without.")
    price, currency = _quoted(entry.get("quotes") or [])
    heaviest = intake.obj(entry.get("weight") or {}, "weight").get("max")
    carrier = intake.obj(entry.get("carrier") or {}, "carrier")
    return ShippingOption(
        code=code,
        name=intake.text(entry.get("name")),
        carrier=intake.code(carrier.get("code")),
        price=price,
        currency=currency,
        max_weight_g=0 if heaviest is None else _weighed(heaviest),
    )


def events(body: Any, tracking: str, known: Settings) -> list[TrackingEvent]:
    """A parcel's journey, oldest first; raises Unfit.

    An event of a kind that is not known stands where the one before it stood.
    """
    entries = intake.items(intake.obj(body, "tracking").get("events"), "events")
    told = []
    for raw in entries:
        event = intake.obj(raw, "an event")
        told.append((intake.changed(event.get("event_at"), "event_at"), event))
    told.sort(key=lambda entry: entry[0])
    meanings = MILESTONES | {status(name): one for name, one in known.milestones.items()}
    found, milestone = [], Milestone.ANNOUNCED
    for at, event in told:
        milestone = meanings.get(status(event.get("status_code")), milestone)
        text = intake.text(event.get("status_description"))
        found.append(TrackingEvent(tracking, at, milestone, text))
    return found


def errors(raw: Json) -> str:
    """What Sendcloud says is wrong with a shipment; empty when nothing is."""
    found = raw.get("errors")
    entries = found if isinstance(found, list) else []
    said = (intake.text(one.get("detail")) for one in entries if isinstance(one, dict))
    return " ".join(text for text in said if text)[:300]


def _quoted(quotes: Any) -> tuple[int | None, str]:
    for raw in intake.items(quotes, "quotes"):
        total = intake.obj(intake.obj(raw, "a quote").get("price") or {}, "price").get("total")
        if isinstance(total, dict):
            currency = intake.code(total.get("currency"))
            return intake.minor(total.get("value"), currency, "a price"), currency
    return None, ""


def _weighed(raw: Any) -> int:
    weight = intake.obj(raw, "a weight")
    try:
        grams = Decimal(intake.code(weight.get("value"))) * _GRAMS[intake.code(weight.get("unit"))]
        return int(grams) if 0 <= grams <= 10**9 else 0
    except (InvalidOperation, KeyError, OverflowError, ValueError):
        raise Unfit(f"Expected a weight, got {intake.text(raw)[:40]!r}.") from None
