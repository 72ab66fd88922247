"""What karrio is told and tells, to and from the words of `ports.carrier`.

Source: the models of the karrio SDK (karrio.core.models).
"""

from __future__ import annotations

import binascii
import contextlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from wms_terminal.domain.customs import needs_papers
from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text
from wms_terminal.integrations import intake
from wms_terminal.integrations.carriers.label_file import neutral
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import Consignment, Milestone

MILESTONES: Mapping[str, Milestone] = {
    "pending": Milestone.ANNOUNCED,
    "picked_up": Milestone.TAKEN,
    "in_transit": Milestone.ON_THE_WAY,
    "on_hold": Milestone.TROUBLE,
    "out_for_delivery": Milestone.OUT_FOR_DELIVERY,
    "ready_for_pickup": Milestone.AT_PICKUP_POINT,
    "delivered": Milestone.DELIVERED,
    "delivery_delayed": Milestone.ON_THE_WAY,
    "delivery_failed": Milestone.TROUBLE,
    "return_to_sender": Milestone.RETURNED,
}
"""By karrio's status; any other changes nothing about where a parcel is."""


def address(place: Address, email: str = "", phone: str = "") -> dict[str, str]:
    """An address, without `^` and `~`: the carrier prints it on a label."""
    found = {
        "person_name": neutral(place.name),
        "company_name": neutral(place.company),
        "address_line1": neutral(place.street),
        "address_line2": neutral(place.extra),
        "postal_code": neutral(place.postcode),
        "city": neutral(place.city),
        "state_code": neutral(place.region),
        "country_code": neutral(place.country),
        "email": neutral(email),
        "phone_number": neutral(phone),
    }
    return {name: value for name, value in found.items() if value}


def parcel(consignment: Consignment) -> dict[str, Any]:
    """What a parcel is."""
    return {
        "weight": consignment.weight_g / 1000,
        "weight_unit": "KG",
        "length": consignment.length_mm / 10,
        "width": consignment.width_mm / 10,
        "height": consignment.height_mm / 10,
        "dimension_unit": "CM",
        "reference_number": consignment.key,
    }


def shipment(consignment: Consignment, label: str) -> dict[str, Any]:
    """The body that books a consignment; `label` is karrio's name of the label's form."""
    body: dict[str, Any] = {
        "service": consignment.option,
        "shipper": address(consignment.sender),
        "recipient": address(consignment.receiver, consignment.email, consignment.phone),
        "parcels": [parcel(consignment)],
        "reference": consignment.key,
        "order_id": neutral(consignment.order_number),
        "label_type": label,
    }
    if consignment.items and needs_papers(consignment.sender, consignment.receiver):
        body["customs"] = {
            "content_type": "merchandise",
            "invoice": neutral(consignment.order_number),
            "commercial_invoice": True,
            "commodities": [
                {
                    "sku": neutral(item.sku),
                    "title": neutral(item.name),
                    "quantity": item.quantity,
                    "weight": item.weight_g / 1000,
                    "weight_unit": "KG",
                    "value_amount": float(decimal_text(item.unit_price, item.currency)),
                    "value_currency": item.currency,
                    "hs_code": item.hs_code,
                    "origin_country": item.origin,
                }
                for item in consignment.items
            ],
        }
    return body


def kept(raw: Any) -> dict[str, Any]:
    """What is kept of a booking; raises Unfit when it is none."""
    details = intake.obj(raw, "a shipment")
    papers = intake.obj(details.get("docs") or {}, "docs")
    label = papers.get("zpl_label") or papers.get("label") or papers.get("pdf_label")
    remote_id = intake.code(details.get("shipment_identifier"))
    remote_id = remote_id or intake.code(details.get("tracking_number"))
    url = intake.text(intake.obj(details.get("meta") or {}, "meta").get("carrier_tracking_link"))
    documents = [papers["invoice"]] if papers.get("invoice") else []
    found = {
        "remote_id": remote_id,
        "tracking": intake.code(details.get("tracking_number")),
        "tracking_url": url if url.startswith("https://") else "",
        "label": label,
        "documents": documents,
    }
    if not remote_id or not isinstance(label, str):
        raise Unfit("Expected a booking with an id and a label, got something else.")
    try:
        for text in (label, *documents):
            b64decode(text, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise Unfit("Expected a label in base64, got something else.") from None
    return found


def at(event: Mapping[str, Any]) -> str:
    """When an event was, as the store keeps it; empty when it does not say."""
    date, time = intake.code(event.get("date")), intake.code(event.get("time"))
    for text in (intake.code(event.get("timestamp")), f"{date}T{time or '00:00'}"):
        with contextlib.suppress(Unfit):
            return intake.changed(text, "a time")
    return ""
