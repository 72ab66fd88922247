"""What a Shopify shop answers to queries and mutations, by its schema's names."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.integrations.shopify_state import (
    HERE,
    Json,
    Order,
    Parcel,
    ParcelLine,
    Part,
    PartLine,
    Refund,
    connection,
    gid,
)

if TYPE_CHECKING:
    from tests.integrations.shopify_shop import ShopifyShop


class Queries:
    """What can be asked."""

    def __init__(self, shop: ShopifyShop) -> None:
        self._shop = shop

    def orders(self, _info: Any, *, first: int, query: str, sortKey: str, after: Any = None) -> Any:  # noqa: N803
        assert sortKey == "UPDATED_AT"
        found = [one for one in self._shop.orders.values() if _finds(query, one)]
        found.sort(key=lambda one: (one.changed, one.id))
        if after is not None:  # a cursor says where it was, not how many came before
            changed, number = json.loads(after)
            found = [one for one in found if (one.changed.isoformat(), one.id) > (changed, number)]
        some = found[: min(first, self._shop.page)]
        cursor = json.dumps([some[-1].changed.isoformat(), some[-1].id]) if some else None
        return {
            "nodes": [one.shown(self._shop.taxes_included) for one in some],
            "pageInfo": {"hasNextPage": len(found) > len(some), "endCursor": cursor},
        }

    def order(self, _info: Any, *, id: str) -> Any:  # noqa: A002
        found = self._shop.orders.get(id.removeprefix("gid://shopify/Order/"))
        return found.shown(self._shop.taxes_included) if found else None

    def fulfillmentOrder(self, _info: Any, *, id: str) -> Any:  # noqa: A002, N802
        parts = (part for order in self._shop.orders.values() for part in order.parts)
        return next(part.shown() for part in parts if part.id == id)

    def fulfillment(self, _info: Any, *, id: str) -> Any:  # noqa: A002
        parcels = (parcel for order in self._shop.orders.values() for parcel in order.parcels)
        return next(parcel.shown() for parcel in parcels if parcel.id == id)

    def location(self, _info: Any, *, id: str | None = None) -> Any:  # noqa: A002
        assert id is None
        return {"id": HERE}

    def inventoryItems(self, _info: Any, *, first: int, query: str, after: Any = None) -> Any:  # noqa: N802
        phrases = re.findall(r'sku:"((?:[^"\\]|\\.)*)"(?: OR |$)', query)
        rest = re.sub(r'sku:"(?:[^"\\]|\\.)*"(?: OR |$)', "", query)
        assert phrases, query
        assert not rest, query
        wanted = {re.sub(r"\\(.)", r"\1", phrase).lower() for phrase in phrases}
        nodes = [
            {
                "id": key,
                "sku": item["sku"],
                "tracked": item["tracked"],
                "inventoryLevel": lambda _info, locationId, item=item: (  # noqa: N803
                    {"quantities": [{"name": "available", "quantity": item[locationId]}]}
                    if locationId in item
                    else None
                ),
            }
            for key, item in self._shop.items.items()
            if any(one in str(item["sku"]).lower() for one in wanted)  # wider than it was asked for
        ]
        return connection(nodes, first=min(first, 2), after=after)

    def __getattr__(self, name: str) -> Any:
        if name != "return":
            raise AttributeError(name)

        def found(_info: Any, *, id: str) -> Any:  # noqa: A002
            backs = (back for order in self._shop.orders.values() for back in order.backs)
            return next(back.shown() for back in backs if back.gid == id)

        return found


class Mutations:
    """What can be told."""

    def __init__(self, shop: ShopifyShop) -> None:
        self._shop = shop

    def fulfillmentCreate(self, _info: Any, *, fulfillment: Json) -> Any:  # noqa: N802
        assert fulfillment["trackingInfo"].keys() <= {"number", "company", "url"}
        taken: list[tuple[Part, PartLine, int]] = []
        owner = None
        for entry in fulfillment["lineItemsByFulfillmentOrder"]:
            found = [
                (order, part)
                for order in self._shop.orders.values()
                for part in order.parts
                if part.id == entry["fulfillmentOrderId"]
            ]
            if not found:
                return _wrong("fulfillment", "Fulfillment order does not exist.")
            owner, part = found[0]
            if part.status not in ("OPEN", "IN_PROGRESS"):
                return _wrong("fulfillment", f"Fulfillment order has status {part.status.lower()}.")
            for given in entry["fulfillmentOrderLineItems"]:
                line = next(one for one in part.lines if one.id == given["id"])
                if not 0 < given["quantity"] <= line.remaining:
                    return _wrong("fulfillment", "Invalid quantity requested.")
                taken.append((part, line, given["quantity"]))
        if len({part.location for part, _, _ in taken}) != 1:
            return _wrong("fulfillment", "Must be at the same location.")
        assert owner is not None
        parcel = Parcel(
            gid("Fulfillment", self._shop.id()), taken[0][0].location, fulfillment["trackingInfo"]
        )
        for part, line, units in taken:
            line.remaining -= units
            rest = any(one.remaining for one in part.lines)
            part.status = "IN_PROGRESS" if rest else "CLOSED"
            parcel.lines.append(
                ParcelLine(gid("FulfillmentLineItem", self._shop.id()), line.line, units)
            )
        owner.parcels.append(parcel)
        if fulfillment["notifyCustomer"]:
            self._shop.notified.append("fulfillment")
        owner.changed = self._shop.now
        return {"fulfillment": parcel.shown(), "userErrors": []}

    def fulfillmentEventCreate(self, _info: Any, *, fulfillmentEvent: Json) -> Any:  # noqa: N802, N803
        for order in self._shop.orders.values():
            for parcel in order.parcels:
                if parcel.id == fulfillmentEvent["fulfillmentId"]:
                    parcel.events.append(fulfillmentEvent["status"])
                    order.changed = self._shop.now
                    made = {"id": gid("FulfillmentEvent", self._shop.id())}
                    return {"fulfillmentEvent": made, "userErrors": []}
        return _wrong("fulfillmentEvent", "Fulfillment does not exist.")

    def inventorySetQuantities(self, info: Any, *, input: Json) -> Any:  # noqa: A002, N802
        key, before = self._shop.once(info, input)
        if before is not None:
            return before
        assert (input["name"], input["reason"]) == ("available", "correction")
        assert 0 < len(input["quantities"]) <= 250
        wrong = []
        for number, one in enumerate(input["quantities"]):
            assert "changeFromQuantity" in one, "must be given, be it null"
            item = self._shop.items.get(one["inventoryItemId"])
            if item is None or item.get("frozen"):
                code = "NON_MUTABLE_INVENTORY_ITEM" if item else "INVALID_INVENTORY_ITEM"
            elif one["locationId"] not in item:
                code = "ITEM_NOT_STOCKED_AT_LOCATION"
            elif one["changeFromQuantity"] not in (None, item[one["locationId"]]):
                code = "CHANGE_FROM_QUANTITY_STALE"
            else:
                continue
            path = ["input", "quantities", str(number), "inventoryItemId"]
            wrong.append({"field": path, "message": code.lower(), "code": code})
        if wrong:
            return {"inventoryAdjustmentGroup": None, "userErrors": wrong}
        for one in input["quantities"]:
            self._shop.items[one["inventoryItemId"]][one["locationId"]] = one["quantity"]
        made = {"id": gid("InventoryAdjustmentGroup", self._shop.id())}
        return self._shop.keep(key, input, {"inventoryAdjustmentGroup": made, "userErrors": []})

    def metafieldsSet(self, _info: Any, *, metafields: Sequence[Json]) -> Any:  # noqa: N802
        (one,) = metafields
        assert (one["namespace"], one["key"], one["type"]) == ("wms", "taken_back", "json")
        order = self._shop.changed(one["ownerId"].rpartition("/")[2])
        if one["compareDigest"] != order.digest():
            stale = {"field": None, "message": "It is stale", "code": "STALE_OBJECT"}
            return {"metafields": None, "userErrors": [stale]}
        order.kept = json.loads(one["value"])
        return {"metafields": [{"id": gid("Metafield", self._shop.id())}], "userErrors": []}

    def returnProcess(self, _info: Any, *, input: Json) -> Any:  # noqa: A002, N802
        order, back = next(
            (order, back)
            for order in self._shop.orders.values()
            for back in order.backs
            if back.gid == input["returnId"]
        )
        for one in input["returnLineItems"]:
            parts = one["dispositions"]
            assert one["id"] == back.line_gid
            assert sum(part["quantity"] for part in parts) == one["quantity"] > 0
            assert all(part["reverseFulfillmentOrderLineItemId"] == back.rfo_gid for part in parts)
            if back.status != "OPEN" or one["quantity"] > back.left:
                invalid = {"field": ["input"], "message": "Too many", "code": "INVALID"}
                return {"return": None, "userErrors": [invalid]}
            for part in parts:
                back.came.append((part["dispositionType"], part["quantity"]))
                if part["dispositionType"] == "RESTOCKED":
                    item = self._shop.item(back.parcel_line.line.sku)
                    item[part["locationId"]] += part["quantity"]
        order.changed = self._shop.now
        return {"return": back.shown(), "userErrors": []}

    def refundCreate(self, info: Any, *, input: Json) -> Any:  # noqa: A002, N802
        key, before = self._shop.once(info, input)
        if before is not None:
            return before
        order = self._shop.changed(input["orderId"].rpartition("/")[2])
        assert input["currency"] == order.placed.currency
        amount = 0
        for one in input["transactions"]:
            assert (one["parentId"], one["kind"]) == (order.paid, "REFUND")
            assert (one["orderId"], one["gateway"]) == (order.id, "shopify_payments")
            amount += int(Decimal(one["amount"]).scaleb(2))
        if not 0 < amount <= order.total - sum(refund.amount for refund in order.refunds):
            return _wrong("refund", "Refund amount is too high.")
        lines = {line.id: line for line in order.lines}
        for one in input["refundLineItems"]:
            assert one["restockType"] == "NO_RESTOCK"
            if one["quantity"] > lines[one["lineItemId"]].quantity:
                return _wrong("refund", "Quantity cannot refund more items than were purchased")
        if input["notify"]:
            self._shop.notified.append("refund")
        number = self._shop.id()
        order.refunds.append(Refund(number, input["note"], amount))
        made = {"refund": {"id": gid("Refund", number)}, "userErrors": []}
        return self._shop.keep(key, input, made)


def _wrong(name: str, text: str) -> Json:
    return {name: None, "userErrors": [{"field": [name], "message": text}]}


def _finds(query: str, order: Order) -> bool:
    if query == "status:open":
        return order.cancelled_at is None
    found = re.fullmatch(
        r"(?:updated_at:>='([0-9T:-]{19}Z)')? ?"
        r"(\(return_status:return_requested OR return_status:in_progress\))?",
        query,
    )
    assert found, query
    since, waiting = found.groups()
    changed = order.changed.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (since is None or changed >= since) and (
        waiting is None or any(back.status in ("REQUESTED", "OPEN") for back in order.backs)
    )
