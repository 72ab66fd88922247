"""What the shop must hold in the end, whoever drove the channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.shop.shop import Shop

Units = dict[str, int]
"""By SKU."""


@dataclass(slots=True)
class Expected:
    """What was done with the orders, by their codes."""

    parcels: dict[str, dict[str, Units]] = field(default_factory=dict)
    """By tracking number; also those that had left before."""
    delivered: set[str] = field(default_factory=set)
    """Tracking numbers."""
    cancelled: set[str] = field(default_factory=set)
    unpaid: set[str] = field(default_factory=set)
    returned: dict[str, Units] = field(default_factory=dict)
    refunds: dict[str, list[int]] = field(default_factory=dict)


def differences(shop: Shop, expected: Expected) -> list[str]:
    """Everything in which the shop is not as it must be."""
    orders = shop.orders()
    found = [f"{code}: the shop has no such order" for code in expected.parcels.keys() - orders]
    for code, order in orders.items():
        found += (f"{code}: {what}" for what in _of_order(code, order, expected))
    return found + list(_of_stock(shop, orders.values(), expected))


def _of_order(code: str, order: Mapping[str, Any], expected: Expected) -> Iterator[str]:
    skus = {line["id"]: line["productVariant"]["sku"] for line in order["lines"]}
    wanted, seen = expected.parcels.get(code, {}), set()
    for parcel in order["fulfillments"]:
        tracking = parcel["trackingCode"]
        if tracking in seen:
            yield f"parcel {tracking} is there twice"
        seen.add(tracking)
        units = Counter[str]()
        for line in parcel["lines"]:
            units[skus[line["orderLineId"]]] += line["quantity"]
        if units != wanted.get(tracking):
            yield f"parcel {tracking} holds {dict(units)}, not {wanted.get(tracking)}"
        state = "Delivered" if tracking in expected.delivered else "Shipped"
        if parcel["state"] != state:
            yield f"parcel {tracking} is {parcel['state']}, not {state}"
    if missing := wanted.keys() - seen:
        yield f"parcels {missing} are not there"
    if (code in expected.cancelled) != (order["state"] == "Cancelled"):
        yield f"it is {order['state']}"
    if (code in expected.unpaid) != (order["state"] == "PaymentAuthorized"):
        yield f"it is {order['state']}"
    back = expected.returned.get(code, {})
    if not expected.cancelled & {code}:
        for line in order["lines"]:
            gone = line["orderPlacedQuantity"] - line["quantity"]
            if gone != back.get(skus[line["id"]], 0):
                yield f"{gone} of {skus[line['id']]} came back, not {back}"
    refunds = [one["total"] for payment in order["payments"] for one in payment["refunds"]]
    if refunds != expected.refunds.get(code, []):
        yield f"refunds are {refunds}, not {expected.refunds.get(code, [])}"


def _of_stock(shop: Shop, orders: Any, expected: Expected) -> Iterator[str]:
    """What is on hand is what there was, less what left, and what came back; the rest is held."""
    begun = shop.truth()["stock"]
    on_hand, allocated = Counter[str](), Counter[str]()
    for order in orders:
        for line in order["lines"]:
            allocated[line["productVariant"]["sku"]] += line["quantity"]
    for parcels in expected.parcels.values():
        for units in parcels.values():
            on_hand.subtract(units)
            allocated.subtract(units)
    for units in expected.returned.values():
        on_hand.update(units)
        allocated.update(units)
    for sku, stock in shop.stock().items():
        if (stock.on_hand, stock.allocated) != (begun + on_hand[sku], allocated[sku]):
            yield f"stock of {sku} is {stock}, not {begun + on_hand[sku]} and {allocated[sku]}"


def together(lines: Sequence[Mapping[str, Any]]) -> Units:
    """Units by SKU of lines of the truth."""
    found = Counter[str]()
    for line in lines:
        found[line["sku"]] += line["quantity"]
    return dict(found)
