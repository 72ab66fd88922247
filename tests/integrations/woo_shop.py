"""A WooCommerce shop with state, whose every request and answer is held against its own schemas.

What the schemas do not say was seen on a WooCommerce 10.9.1: nothing is guarded, refusals of a
refund come as 500, a feature that is off is `rest_no_route`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integrations.vendor import Asked, Reply, Vendor
from tests.integrations.woo_schemas import FULFILMENT, REFUND_LINES, arguments, blank, check, schema
from wms_terminal.integrations.channels.woocommerce import WooCommerce
from wms_terminal.integrations.testing.counterpart import Placed, Shipment
from wms_terminal.ports.channel import ChannelSettings

KEY, SECRET = "ck_0123456789abcdef", "cs_fedcba9876543210"
BASE = "/wp-json/wc/v3/"
TRACKING = "_wc_shipment_tracking_items"
Json = dict[str, Any]


@dataclass(slots=True)
class Order:
    """An order and what hangs on it."""

    data: Json
    fulfilments: list[Json] = field(default_factory=list)
    notes: list[Json] = field(default_factory=list)
    refunds: list[Json] = field(default_factory=list)


class WooShop(Vendor):
    """The counterpart of the channel `woocommerce`.

    Args:
        fulfilments: Whether the feature of 10.x is switched on.
        options: Of the channel.
    """

    code = "web"
    skus: Sequence[str] = ("MUG-1", "TEA,GREEN", "POT-3")
    page = 10

    def __init__(
        self, *, fulfilments: bool = True, options: Mapping[str, str] | None = None
    ) -> None:
        super().__init__()
        self.has_fulfilments = fulfilments
        self.gateway_pays = True
        self.unwilling = ""
        """SKU of a product that no batch can change."""
        self._options = {"http": "loopback", **(options or {})}
        self._now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self._next = 100
        self.orders: dict[str, Order] = {}
        # The second one is a variation of a product.
        self.products: dict[str, Json] = {
            sku: {"id": self._id(), "sku": sku, "parent_id": 900 if number == 1 else 0,
                  "type": "variation" if number == 1 else "simple",
                  "manage_stock": number != 2, "stock_quantity": 1000 if number != 2 else None}
            for number, sku in enumerate(self.skus)
        }  # fmt: skip
        basic = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
        self.secrets: Sequence[str] = (KEY, SECRET, basic)

    # --- the customer's and the shopkeeper's end --------------------------------------------------

    def channel(self) -> WooCommerce:
        settings = ChannelSettings(self.code, "woocommerce", self.url, self._options)
        keys = {"consumer_key": KEY, "consumer_secret": SECRET}
        made = WooCommerce(settings, keys.__getitem__, sleep=lambda _: None)
        self.given.append(made)
        return made

    def tick(self) -> None:
        self._now += timedelta(seconds=1)

    def place(self, order: Placed) -> str:
        number = self._id()
        lines = [
            self._line(wanted.sku, wanted.quantity, wanted.unit_price) for wanted in order.lines
        ]
        first, _, last = order.customer.name.partition(" ")
        to = {
            "first_name": first, "last_name": last, "company": order.customer.company,
            "address_1": order.customer.street, "address_2": order.customer.extra,
            "city": order.customer.city, "state": order.customer.region,
            "postcode": order.customer.postcode, "country": order.customer.country,
        }  # fmt: skip
        total = sum(wanted.quantity * wanted.unit_price for wanted in order.lines)
        data = blank("woo-orders.schema.json") | {
            "id": number, "number": f"W-{number}", "currency": order.currency,
            "status": "processing" if order.paid else "pending",
            "date_created_gmt": self._time(), "date_modified_gmt": self._time(),
            "date_paid_gmt": self._time() if order.paid else None,
            "shipping": to, "billing": to | {"email": order.email, "phone": order.phone},
            "line_items": lines, "total": _money(total), "meta_data": [],
        }  # fmt: skip
        self.orders[str(number)] = Order(data)
        return str(number)

    def pay(self, reference: str) -> None:
        self.change(reference, status="processing", date_paid_gmt=self._time())

    def move(self, reference: str, street: str) -> None:
        self.change(
            reference, shipping=self.orders[reference].data["shipping"] | {"address_1": street}
        )

    def cancel(self, reference: str) -> None:
        self.change(reference, status="cancelled")

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        self._refunded(reference, "", 1, [{"id": int(line), "quantity": quantity}])
        return True

    def hold(self, reference: str) -> bool:
        self.change(reference, status="on-hold")
        return True

    def announce(self, *_: object) -> str:
        return ""

    def shipments(self, reference: str) -> list[Shipment]:
        order = self.orders[reference]
        found = [
            (_value(one, "_tracking_number"), _value(one, "_items")) for one in order.fulfilments
        ]
        found += [
            (one["tracking_number"], one.get("wms_items", []))
            for one in _value(order.data, TRACKING) or []
        ]
        return [
            Shipment(number, {str(item["item_id"]): item["qty"] for item in items})
            for number, items in found
        ]

    def delivered(self, _: str) -> list[str]:
        return []

    def stock(self, sku: str) -> int:
        return int(self.products[sku]["stock_quantity"])

    def taken_back(self, _: str) -> Mapping[str, int]:
        return {}

    def refunds(self, reference: str) -> list[int]:
        return [_cents(refund["amount"]) for refund in self.orders[reference].refunds]

    def expire(self) -> bool:
        return False

    def change(self, reference: str, **values: Any) -> None:
        """Change an order, as the shopkeeper or a plug-in does."""
        self.orders[reference].data.update(values, date_modified_gmt=self._time())

    # --- the REST API -----------------------------------------------------------------------------

    def refusal(self, status: int, text: str) -> Reply:
        return _error(status, "woocommerce_rest_invalid", text)

    def secrets_of(self, asked: Asked) -> list[str]:
        basic = asked.headers.get("authorization", "").removeprefix("Basic ")
        return [basic, *base64.b64decode(basic).decode().split(":")]

    def answer(self, asked: Asked) -> Reply:
        if self.secrets_of(asked) != [self.secrets[2], KEY, SECRET]:
            return _error(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        route = f"{asked.method} {asked.path.removeprefix(BASE)}"
        for pattern, do in self._routes().items():
            if found := re.fullmatch(pattern, route):
                reply = do(asked, *found.groups())
                assert isinstance(reply, Reply)
                return reply
        return _error(404, "rest_no_route", "No route was found matching the URL and method.")

    def _routes(self) -> Mapping[str, Any]:
        routes = {
            r"GET orders": self._list,
            r"GET orders/(\d+)": self._get,
            r"PUT orders/(\d+)": self._put,
            r"(GET|POST) orders/(\d+)/notes": self._notes,
            r"(GET|POST) orders/(\d+)/refunds": self._refunds,
            r"GET products": self._products,
            r"POST products/batch": self._batch,
            r"POST products/(\d+)/variations/batch": self._batch,
        }
        if self.has_fulfilments:
            routes[r"(GET|POST) orders/(\d+)/fulfillments"] = self._fulfilments
        return routes

    def _list(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in asked.query.items()}
        check(query, arguments("woo-orders.schema.json", "GET"), texts=True)
        assert query["orderby"] == "modified"
        assert (query["order"], query["dates_are_gmt"]) == ("asc", "true")
        found = [
            order.data
            for order in self.orders.values()
            if order.data["date_modified_gmt"] > query["modified_after"]  # its own second is out
        ]
        found.sort(key=lambda order: (order["date_modified_gmt"], order["id"]))
        start = int(query["offset"])
        headers = {
            "X-WP-Total": str(len(found)),
            "X-WP-TotalPages": str(-(-len(found) // self.page)),
        }
        shown = found[start : start + min(self.page, int(query["per_page"]))]
        for order in shown:
            check(order, schema("woo-orders.schema.json"))
        return Reply(200, shown, headers)

    def _get(self, _: Asked, number: str) -> Reply:
        return self._shown(number)

    def _put(self, asked: Asked, number: str) -> Reply:
        if number in self.orders:
            check(asked.body, arguments("woo-orders.schema.json", "POST"))
            data = self.orders[number].data
            for entry in asked.body.get("meta_data", []):
                _put_meta(data, entry, self._id())
            if status := asked.body.get("status"):
                data["status"] = status
            self.change(number)
        return self._shown(number)

    def _shown(self, number: str) -> Reply:
        order = self.orders.get(number)
        if order is None:
            return _error(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
        check(order.data, schema("woo-orders.schema.json"))
        return Reply(200, order.data)

    def _fulfilments(self, asked: Asked, method: str, number: str) -> Reply:
        order = self.orders[number]
        if method == "GET":
            return Reply(200, order.fulfilments)
        check(asked.body, arguments("woo-orders_1_fulfillments.schema.json", "POST"))
        made = {
            "id": self._id(), "entity_type": "WC_Order", "entity_id": number,
            "status": asked.body["status"], "is_fulfilled": asked.body.get("is_fulfilled", False),
            "date_updated": self._time(), "date_deleted": None,
            "meta_data": [entry | {"id": self._id()} for entry in asked.body["meta_data"]],
        }  # fmt: skip
        check(made, FULFILMENT)
        order.fulfilments.append(made)  # whatever it says: a shop guards nothing
        return Reply(201, made)

    def _notes(self, asked: Asked, method: str, number: str) -> Reply:
        order = self.orders[number]
        if method == "POST":
            check(asked.body, arguments("woo-orders_1_notes.schema.json", "POST"))
            order.notes.append(
                blank("woo-orders_1_notes.schema.json")
                | asked.body | {"id": self._id(), "date_created_gmt": self._time()}
            )  # fmt: skip
            check(order.notes[-1], schema("woo-orders_1_notes.schema.json"))
            return Reply(201, order.notes[-1])
        return Reply(200, order.notes)

    def _refunds(self, asked: Asked, method: str, number: str) -> Reply:
        order = self.orders[number]
        if method == "GET":
            return Reply(200, order.refunds)
        body = asked.body
        takes = arguments("woo-orders_1_refunds.schema.json", "POST")
        check(
            body,
            takes | {"properties": takes["properties"] | {"line_items": REFUND_LINES}},
        )
        left = _cents(order.data["total"]) - sum(self.refunds(number))
        if not self.gateway_pays or not 0 < _cents(body["amount"]) <= left:
            code = "woocommerce_rest_cannot_create_order_refund"
            return _error(500, code, "Invalid refund amount.")
        made = self._refunded(number, body["reason"], _cents(body["amount"]), body["line_items"])
        return Reply(201, made | {"refunded_payment": body["api_refund"]})

    def _refunded(self, number: str, reason: str, cents: int, lines: Sequence[Json]) -> Json:
        order = self.orders[number]
        made = blank("woo-orders_1_refunds.schema.json") | {
            "id": self._id(), "amount": _money(cents), "reason": reason,
            "line_items": [
                {"id": self._id(), "quantity": -line["quantity"], "meta_data": [
                    {"id": self._id(), "key": "_refunded_item_id", "value": str(line["id"])}]}
                for line in lines
            ],
        }  # fmt: skip
        check(made, schema("woo-orders_1_refunds.schema.json"))
        order.refunds.append(made)
        shown = {"id": made["id"], "reason": reason, "total": f"-{made['amount']}"}
        self.change(number, refunds=[*order.data["refunds"], shown])
        return made

    def _products(self, asked: Asked) -> Reply:
        query = {name: values[0] for name, values in asked.query.items()}
        check(query, arguments("woo-products.schema.json", "GET"), texts=True)
        wanted = {query["sku"], *query["sku"].split(",")}
        found = [self._product(sku) for sku in self.products if sku in wanted]
        return Reply(200, found[: int(query["per_page"])])

    def _product(self, sku: str) -> Json:
        made = blank("woo-products.schema.json") | self.products[sku]
        check(made | {"type": "simple"}, schema("woo-products.schema.json"))
        return made

    def _batch(self, asked: Asked, parent: str = "0") -> Reply:
        assert set(asked.body) == {"update"}
        assert len(asked.body["update"]) <= 100
        done = []
        takes = arguments("woo-products.schema.json", "POST")
        for entry in asked.body["update"]:
            number = entry.pop("id")
            check(entry, takes)
            sku = next((sku for sku, one in self.products.items() if one["id"] == number), "")
            fits = sku and self.products[sku]["parent_id"] == int(parent)
            if fits and sku != self.unwilling:
                self.products[sku].update(entry)
                done.append(self._product(sku))
            else:
                code = "woocommerce_rest_product_invalid_id"
                done.append({"id": number, "error": _error(400, code, "Invalid ID.").body})
        return Reply(200, {"update": done})

    def _line(self, sku: str, quantity: int, unit_price: int) -> Json:
        gross = quantity * unit_price
        tax = gross - round(gross / 1.21)
        return {
            "id": self._id(), "name": f"Name of {sku}", "sku": sku, "quantity": quantity,
            "product_id": 900, "variation_id": 0, "global_unique_id": "", "parent_name": None,
            "price": (gross - tax) / 100 / max(quantity, 1), "meta_data": [], "tax_class": "",
            "total": _money(gross - tax), "total_tax": _money(tax),
            "subtotal": _money(gross - tax), "subtotal_tax": _money(tax),
            "taxes": [{"id": 1, "total": _money(tax), "subtotal": _money(tax)}],
        }  # fmt: skip

    def _id(self) -> int:
        self._next += 1
        return self._next

    def _time(self) -> str:
        return self._now.strftime("%Y-%m-%dT%H:%M:%S")


def _error(status: int, code: str, text: str) -> Reply:
    return Reply(status, {"code": code, "message": text, "data": {"status": status}})


def _money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _cents(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0"))


def _value(owner: Json, key: str) -> Any:
    return next((entry["value"] for entry in owner["meta_data"] if entry["key"] == key), None)


def _put_meta(owner: Json, entry: Json, number: int) -> None:
    for kept in owner["meta_data"]:
        if kept["key"] == entry["key"]:
            kept["value"] = entry["value"]
            return
    owner["meta_data"].append(entry | {"id": number})
