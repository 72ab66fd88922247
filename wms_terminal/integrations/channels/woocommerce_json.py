"""What WooCommerce's REST API v3 answers, understood: pure functions of its JSON.

Sources: https://woocommerce.github.io/woocommerce-rest-api-docs and the JSON Schemas that a shop
answers to OPTIONS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text
from wms_terminal.integrations import intake
from wms_terminal.integrations.http import Lost, Refusal
from wms_terminal.ports.channel import RefundNews, ShipNews, Standing

Json = Mapping[str, Any]

TRACKING_ITEMS = "_wc_shipment_tracking_items"
"""Where the Shipment Tracking plug-in keeps its list, in an order's meta data."""
OUR_KEY = "_wms_key"
"""Our key of a fulfilment, in its meta data."""
UNPAID = ("pending", "failed", "checkout-draft", "auto-draft")
CANCELLED = ("cancelled", "trash")

_OUR_REFUND = re.compile(r"\[wms [^\]]+\]$")


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel as the shop knows it."""

    key: str
    """Ours; empty when somebody else told the shop."""
    tracking: str
    units: Mapping[str, int]
    """By line."""
    remote_id: str

    def is_that_of(self, news: ShipNews) -> bool:
        """Whether it is what `news` tells; somebody may have typed it in by its number."""
        tracking = intake.text(news.tracking)
        return self.key == intake.text(news.key) or (tracking != "" and self.tracking == tracking)


def lines(order: Json) -> dict[str, Json]:
    """An order's lines, by id."""
    found = (intake.obj(item, "a line") for item in intake.items(order.get("line_items"), "lines"))
    return {str(intake.whole(item.get("id"), "a line's id")): item for item in found}


def quantity(item: Json) -> int:
    """Units of an order's line."""
    return intake.whole(item.get("quantity"), "quantity")


def gross(item: Json, currency: str) -> int:
    """What was paid for a line, taxes included, in minor units."""
    net = intake.minor(item.get("total"), currency, "a line's total")
    return net + intake.minor(item.get("total_tax") or "0", currency, "a line's total_tax")


def unit_price(item: Json, currency: str) -> int:
    """What the customer pays for one, taxes included, in minor units."""
    units = quantity(item)
    return (gross(item, currency) * 2 + units) // (2 * units) if units else 0


def shipping(order: Json) -> Json:
    """Where an order goes: the billing address unless there is another."""
    given = intake.obj(order.get("shipping"), "shipping")
    billing = intake.obj(order.get("billing"), "billing")
    return given if given.get("address_1") or given.get("city") else billing


def address(order: Json) -> Address:
    """Who an order goes to."""
    to = shipping(order)
    names = (intake.text(to.get("first_name")), intake.text(to.get("last_name")))
    return Address(
        name=" ".join(name for name in names if name),
        company=intake.text(to.get("company")),
        street=intake.text(to.get("address_1")),
        extra=intake.text(to.get("address_2")),
        postcode=intake.code(to.get("postcode")),
        city=intake.text(to.get("city")),
        region=intake.text(to.get("state")),
        country=intake.code(to.get("country")),
    )


def standing(order: Json, *, left: bool, shipped: bool) -> tuple[Standing, str]:
    """Where an order stands, and why it must wait.

    `on-hold` is an order whose payment the shop still waits for, unless it has been paid.
    """
    status = intake.code(order.get("status"))
    if status in UNPAID or (status == "on-hold" and not order.get("date_paid_gmt")):
        return Standing.UNPAID, ""
    if status in CANCELLED:
        return Standing.CANCELLED, status
    if status == "completed":
        return Standing.CLOSED, ""
    if status == "refunded" or (status == "processing" and not left):
        return (Standing.CLOSED, "") if shipped else (Standing.CANCELLED, status)
    return (Standing.OPEN, "") if status == "processing" else (Standing.HELD, status)


def summed(units: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Units by line, of several parcels or refunds together."""
    found: dict[str, int] = {}
    for one in units:
        for line, count in one.items():
            found[line] = found.get(line, 0) + count
    return found


# --- parcels ------------------------------------------------------------------------------------


def meta(owner: Json, key: str) -> Any:
    """The value under a key of somebody's meta data; None when there is none."""
    for entry in intake.items(owner.get("meta_data"), "meta_data"):
        if intake.obj(entry, "meta data").get("key") == key:
            return entry.get("value")
    return None


def fulfilled(fulfilment: Json) -> Parcel | None:
    """A fulfilment as a parcel; None when it is a draft, or was deleted."""
    if fulfilment.get("is_fulfilled") is not True or fulfilment.get("date_deleted"):
        return None
    return Parcel(
        key=intake.text(meta(fulfilment, OUR_KEY)),
        tracking=intake.text(meta(fulfilment, "_tracking_number")),
        units=_units(meta(fulfilment, "_items")),
        remote_id=intake.code(fulfilment.get("id")),
    )


def fulfilment(news: ShipNews, *, notify: bool) -> Json:
    """What to post for a parcel."""
    values = {
        "_items": _items(news),
        "_tracking_number": news.tracking,
        "_shipment_provider": news.carrier,
        "_tracking_url": news.tracking_url,
        OUR_KEY: news.key,
    }
    return {
        "status": "fulfilled",
        "is_fulfilled": True,
        "notify_customer": notify,
        "meta_data": [{"id": 0, "key": key, "value": value} for key, value in values.items()],
    }


def tracking_items(order: Json) -> list[Any]:
    """The list of the Shipment Tracking plug-in, which others write to as well."""
    kept = meta(order, TRACKING_ITEMS)
    return kept if isinstance(kept, list) else []


def noted(order: Json) -> list[Parcel]:
    """That list as parcels; an entry of somebody else's does not say which lines it holds."""
    return [
        Parcel(
            key=intake.text(entry.get("wms_key")),
            tracking=intake.text(entry.get("tracking_number")),
            units=_units(entry.get("wms_items", [])),
            remote_id=intake.text(entry.get("tracking_id")),
        )
        for entry in tracking_items(order)
        if isinstance(entry, dict)
    ]


def tracking_item(news: ShipNews, shipped_at: int) -> Json:
    """An entry of that list; `shipped_at` in seconds since 1970."""
    return {
        "tracking_id": news.key,
        "tracking_provider": "",
        "custom_tracking_provider": news.carrier_name,
        "custom_tracking_link": news.tracking_url,
        "tracking_number": news.tracking,
        "date_shipped": str(shipped_at),
        "wms_key": news.key,
        "wms_items": _items(news),
    }


def sendable(value: Any) -> Any:
    """JSON as it was read, fit to be sent back."""
    if isinstance(value, dict):
        return {key: sendable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [sendable(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def _items(news: ShipNews) -> list[Json]:
    together = summed({line.line: line.quantity} for line in news.lines)
    return [{"item_id": int(line), "qty": units} for line, units in together.items()]


def _units(value: Any) -> dict[str, int]:
    entries = [intake.obj(entry, "an item") for entry in intake.items(value, "_items")]
    return summed(
        {intake.code(entry.get("item_id")): intake.whole(entry.get("qty"), "qty")}
        for entry in entries
    )


# --- refunds ------------------------------------------------------------------------------------


def refund_reason(news: RefundNews) -> str:
    """The reason of a refund as the shop keeps it; it ends with our key."""
    return f"{intake.text(news.reason)} {_mark(news.key)}".strip()


def is_refund_of(refund: Json, news: RefundNews) -> bool:
    """Whether a refund is the one that `news` tells."""
    return intake.note(refund.get("reason")).endswith(_mark(news.key))


def is_ours(refund: Json) -> bool:
    """Whether we told the shop of it."""
    return _OUR_REFUND.search(intake.note(refund.get("reason"))) is not None


def refunded(refund: Json) -> dict[str, int]:
    """Units of a refund, by the order's line."""
    entries = [
        intake.obj(item, "a refunded line")
        for item in intake.items(refund.get("line_items"), "a refund's lines")
    ]
    return summed(
        {intake.code(meta(item, "_refunded_item_id")): _unsigned(item.get("quantity"))}
        for item in entries
    )


def refund_lines(news: RefundNews, order: Json) -> list[Json]:
    """The lines of a refund, its amount spread over them by what was paid for each."""
    bought = lines(order)
    shares = [
        gross(bought[line.line], news.currency) * line.quantity // quantity(bought[line.line])
        for line in news.lines
    ]
    spread, whole, given = [], sum(shares), 0
    for number, (line, share) in enumerate(zip(news.lines, shares, strict=True), 1):
        last = number == len(shares)
        part = news.amount - given if last else news.amount * share // whole if whole else 0
        given += part
        spread.append(
            _refund_line(bought[line.line], line.line, line.quantity, part, news.currency)
        )
    return spread


def _refund_line(item: Json, line: str, units: int, part: int, currency: str) -> Json:
    paid = gross(item, currency)
    taxes = [
        (tax.get("id"), intake.minor(tax.get("total") or "0", currency, "a tax") * part // paid)
        for tax in _objects(item.get("taxes"))
        if paid
    ]
    return {
        "id": int(line),
        "quantity": units,
        "refund_total": float(decimal_text(part - sum(tax for _, tax in taxes), currency)),
        "refund_tax": [
            {"id": rate, "refund_total": float(decimal_text(tax, currency))} for rate, tax in taxes
        ],
    }


def _objects(value: Any) -> Sequence[Json]:
    return [intake.obj(tax, "a tax") for tax in intake.items(value or [], "taxes")]


def _mark(key: str) -> str:
    return f"[wms {intake.text(key).replace(']', ')')}]"


def _unsigned(value: Any) -> int:
    """Units of a refund, which the shop counts below nothing."""
    return intake.whole(
        -value if isinstance(value, int | Decimal) and value < 0 else value, "units"
    )


def code_of(refusal: Refusal | Lost) -> str:
    """The shop's own code of an error."""
    return intake.code(refusal.body.get("code")) if isinstance(refusal.body, dict) else ""
