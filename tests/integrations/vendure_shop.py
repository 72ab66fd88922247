"""A Vendure shop with state, whose every document and answer is held against its own schema.

`vendure.graphql` is what tests/shop/schema.py made of the introspection of a Vendure 3.7.3. What a
schema does not say was seen on that shop: which changes date an order, what a cancellation does to
stock, which errors have a code, how filters go together.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import graphql as gql

from tests.integrations.vendor import Asked, Reply, Vendor
from tests.integrations.vendure_graphql import Json, cut, error, fits, missing, no, parsed, schema
from wms_terminal.integrations.channels.vendure import Vendure
from wms_terminal.integrations.http import Http
from wms_terminal.integrations.testing.counterpart import Call, Placed, Shipment
from wms_terminal.ports.channel import ChannelSettings

USER, PASSWORD = "warehouse", "hunter2-correct-horse"
LEFT = ("Shipped", "Delivered")

NEXT: Mapping[str, Sequence[str]] = {
    "Pending": ("Shipped", "Delivered", "Cancelled"),
    "Shipped": ("Delivered", "Cancelled"),
    "Delivered": ("Cancelled",),
    "Cancelled": (),
}


@dataclass(slots=True)
class Stock:
    """A variant's stock at a location."""

    on_hand: int = 5000
    allocated: int = 0


@dataclass(slots=True)
class Order:
    """An order, as the schema has it, and its history."""

    data: Json
    history: list[Json] = field(default_factory=list)
    back: dict[str, int] = field(default_factory=dict)
    """Units that the channel cancelled, by line."""


class VendureShop(Vendor):
    """The counterpart of the channel `vendure`.

    Args:
        options: Of the channel.
    """

    code = "web"
    skus: Sequence[str] = ("MUG-1", "TEA,GREEN", "POT-3")
    page = 10

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.options = {"username": USER, **(options or {})}
        self.path = ""
        self.password = PASSWORD
        self.allowed = True
        self.broken = False
        self.refund_state = "Settled"
        self.twice = ""
        self.orders: dict[str, Order] = {}
        self.variants = {sku: str(number) for number, sku in enumerate(self.skus, 1)}
        self.stocks = {sku: {"1": Stock()} for sku in self.skus}
        self.headers: list[Mapping[str, str]] = []
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self._ids = count(1)
        self._tokens: set[str] = set()
        self._given: list[str] = []

    # --- the customer's and the shopkeeper's end --------------------------------------------------

    @property
    def secrets(self) -> Sequence[str]:
        return [PASSWORD, *self._given]

    def channel(self) -> Vendure:
        settings = ChannelSettings(self.code, "vendure", self.url + self.path, self.options)
        keys = {"password": self.password}
        made = Vendure(settings, keys.__getitem__, sleep=lambda _: None, page=self.page)
        self.given.append(made)
        return made

    def https(self, channel: Vendure) -> list[Http]:
        return [channel._http]

    def tick(self) -> None:
        self.now += timedelta(seconds=1)

    def place(self, order: Placed) -> str:
        code = f"V{len(self.orders) + 1:06}"
        to, total = order.customer, sum(one.quantity * one.unit_price for one in order.lines)
        data = {
            "__typename": "Order",
            "id": self._id(), "code": code, "active": False, "type": "Regular",
            "state": "PaymentSettled" if order.paid else "PaymentAuthorized",
            "createdAt": self._time(), "updatedAt": self._time(), "orderPlacedAt": self._time(),
            "currencyCode": order.currency,
            "customer": {"emailAddress": order.email, "firstName": to.name, "lastName": "",
                         "phoneNumber": order.phone},
            "shippingAddress": {
                "fullName": to.name, "company": to.company, "streetLine1": to.street,
                "streetLine2": to.extra, "city": to.city, "province": to.region,
                "postalCode": to.postcode, "countryCode": to.country, "phoneNumber": None},
            "shippingLines": [{"shippingMethod": {"code": "postnl-standard"}}],
            "payments": [{"id": self._id(), "amount": total, "refunds": [],
                          "state": "Settled" if order.paid else "Authorized"}],
            "lines": [{
                "id": self._id(), "quantity": one.quantity, "orderPlacedQuantity": one.quantity,
                "proratedUnitPriceWithTax": one.unit_price,
                "productVariant": {"sku": one.sku, "name": f"Name of {one.sku}"}}
                for one in order.lines],
            "fulfillments": [],
        }  # fmt: skip
        for one in order.lines:
            self.stocks[one.sku]["1"].allocated += one.quantity
        self.orders[code] = Order(data)
        return code

    def pay(self, reference: str) -> None:
        """Which does not date an order."""
        self.orders[reference].data["payments"][0]["state"] = "Settled"
        self.orders[reference].data["state"] = "PaymentSettled"

    def move(self, reference: str, street: str) -> None:
        """To where shipping costs something else, which dates it."""
        self._dated(reference)["shippingAddress"]["streetLine1"] = street

    def cancel(self, reference: str) -> None:
        data = self.orders[reference].data
        self._cancelled(reference, {line["id"]: line["quantity"] for line in data["lines"]}, "")

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        self._cancelled(reference, {line: quantity}, "")
        return True

    def hold(self, reference: str) -> bool:
        """Begin to modify it, which does not date it."""
        self.orders[reference].data["state"] = "Modifying"
        return True

    def announce(self, *_: object) -> str:
        return ""

    def shipments(self, reference: str) -> list[Shipment]:
        return [
            Shipment(
                parcel["trackingCode"] if parcel["state"] in LEFT else "",
                {line["orderLineId"]: line["quantity"] for line in parcel["lines"]},
            )
            for parcel in self.orders[reference].data["fulfillments"]
            if parcel["state"] != "Cancelled"
        ]

    def delivered(self, reference: str) -> list[str]:
        parcels = self.orders[reference].data["fulfillments"]
        return [one["trackingCode"] for one in parcels if one["state"] == "Delivered"]

    def stock(self, sku: str) -> int:
        return sum(one.on_hand - one.allocated for one in self.stocks[sku].values())

    def taken_back(self, reference: str) -> Mapping[str, int]:
        return self.orders[reference].back

    def refunds(self, reference: str) -> list[int]:
        payments = self.orders[reference].data["payments"]
        return [one["total"] for payment in payments for one in payment["refunds"]]

    def expire(self) -> bool:
        self._tokens.clear()
        return True

    # --- HTTP -------------------------------------------------------------------------------------

    def call(self, asked: Asked) -> Call | None:
        document = parsed(asked.body["query"])
        (operation,) = document.definitions
        assert isinstance(operation, gql.OperationDefinitionNode)
        if operation.operation is gql.OperationType.QUERY:
            return Call.READ
        (first,) = operation.selection_set.selections
        assert isinstance(first, gql.FieldNode)
        return None if first.name.value == "login" else Call.WRITE

    def refusal(self, status: int, text: str) -> Reply:
        return Reply(status, {"errors": [{"message": text}]})

    def secrets_of(self, asked: Asked) -> list[str]:
        return [asked.headers.get("authorization", "").removeprefix("Bearer ")]

    def answer(self, asked: Asked) -> Reply:
        assert asked.path == (self.path or "/admin-api")
        self.headers.append(asked.headers)
        document = parsed(asked.body["query"])
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.call(asked) is not None and not (self.allowed and token in self._tokens):
            refusal = error("You are not currently authorized to perform this action", "FORBIDDEN")
            return Reply(200, {"errors": [refusal.formatted], "data": None})
        found = gql.execute_sync(
            schema(), document, self._root(), variable_values=asked.body["variables"]
        )
        for fault in found.errors or ():
            if not isinstance(fault.original_error, gql.GraphQLError | None):
                raise fault.original_error  # of the counterpart, not of the channel
        headers = {"vendure-auth-token": self._given[-1]} if self.call(asked) is None else {}
        return Reply(200, found.formatted, headers)

    def _root(self) -> Mapping[str, Callable[..., Any]]:
        """The fields of the API; what they give is held against the schema."""

        def order(_: object, **given: Any) -> Json:
            return {"history": lambda _, options: self.history(given["id"], options)}

        return {
            "login": lambda _, username, password: self.login(username, password),
            "orders": lambda _, options: self.listed(options),
            "order": order,
            "productVariants": lambda _, options: self.found_variants(options),
            "addFulfillmentToOrder": lambda _, **given: self.fulfil(given["input"]),
            "transitionFulfillmentToState": lambda _, **given: self.move_parcel(**given),
            "cancelOrder": lambda _, **given: self.cancel_order(given["input"]),
            "refundOrder": lambda _, **given: self.refund(given["input"]),
            "updateProductVariants": lambda _, **given: self.set_stock(given["input"]),
        }

    # --- what the API does ------------------------------------------------------------------------

    def login(self, username: str, password: str) -> Json:
        """A session."""
        self._given.append(f"token-{self._id()}-{id(self):x}")
        if (username, password) != (USER, PASSWORD):
            message = "The provided credentials are invalid"
            return {"__typename": "InvalidCredentialsError", "message": message}
        self._tokens.add(self._given[-1])
        return {"__typename": "CurrentUser", "id": "1"}

    def listed(self, options: Json) -> Json:
        """Orders, as a list query gives them."""
        found = [one.data for one in self.orders.values() if fits(one.data, options["filter"])]
        for name, way in reversed(options["sort"].items()):  # in the order of the schema
            assert (name, way) == ("updatedAt", "ASC")
            found.sort(key=operator.itemgetter(name))
        return cut(found, options)

    def order_of(self, line: str) -> tuple[str, Json]:
        """The order that a line is of, and the line."""
        for code, order in self.orders.items():
            for one in order.data["lines"]:
                if one["id"] == line:
                    return code, one
        raise missing("OrderLine", line)

    def fulfil(self, given: Json) -> Json:
        """A parcel, which is made and takes its units from stock, whatever the order's state."""
        if self.broken:
            raise error("Internal server error", "INTERNAL_SERVER_ERROR")
        if not given["lines"]:
            return no("EmptyOrderLineSelectionError", "At least one OrderLine must be specified")
        arguments = {one["name"]: one["value"] for one in given["handler"]["arguments"]}
        assert given["handler"]["code"] == "manual-fulfillment"
        code = ""
        for one in given["lines"]:
            code, line = self.order_of(one["orderLineId"])
            made = self._units(code, line["id"], ("Pending", *LEFT))
            if one["quantity"] > line["quantity"] - made:
                why = "One or more OrderItems are already part of a Fulfillment"
                return no("ItemsAlreadyFulfilledError", why)
            if one["quantity"] > self.stocks[line["productVariant"]["sku"]]["1"].on_hand:
                return no("InsufficientStockOnHandError", "insufficient stockOnHand")
        for one in given["lines"]:
            self._move_stock(one["orderLineId"], -one["quantity"], -one["quantity"])
        parcel = {
            "__typename": "Fulfillment", "id": self._id(), "state": "Pending",
            "trackingCode": arguments["trackingCode"], "lines": given["lines"],
        }  # fmt: skip
        self.orders[code].data["fulfillments"].append(parcel)
        return parcel

    def move_parcel(self, id: str, state: str) -> Json:  # noqa: A002 - the schema's word
        """A parcel in another state; the order's follows, and is not dated."""
        for code, order in self.orders.items():
            for parcel in order.data["fulfillments"]:
                if parcel["id"] == id:
                    if state not in NEXT[parcel["state"]]:
                        why = f'Cannot transition Fulfillment from "{parcel["state"]}"'
                        said = no("FulfillmentStateTransitionError", "no")
                        return said | {"transitionError": why, "fromState": parcel["state"]}
                    parcel["state"] = state
                    self._follow(code)
                    return dict(parcel)
        raise missing("Fulfillment", id)

    def cancel_order(self, given: Json) -> Json:
        """Units of an order cancelled; ones that were shipped go back into stock."""
        code = self._code(given["orderId"])
        here = {line["id"]: line["quantity"] for line in self.orders[code].data["lines"]}
        units = {one["orderLineId"]: one["quantity"] for one in given["lines"]}
        if not units:
            return no("EmptyOrderLineSelectionError", "At least one OrderLine must be specified")
        if any(quantity > here.get(line, 0) for line, quantity in units.items()):
            return no("QuantityTooGreatError", "The specified quantity is greater")
        for line, quantity in units.items():
            self.orders[code].back[line] = self.orders[code].back.get(line, 0) + quantity
        self._cancelled(code, units, given["reason"])
        return self.orders[code].data

    def refund(self, given: Json) -> Json:
        """Money back of one payment."""
        payment, lines = self._payment(given["paymentId"])
        if given.get("shipping") is None or given.get("adjustment") is None:
            raise gql.GraphQLError("NOT NULL constraint failed: refund.shipping")
        if any(one["orderLineId"] not in lines for one in given["lines"]):
            raise gql.GraphQLError("FOREIGN KEY constraint failed")
        if given["amount"] <= 0:
            return no("NothingToRefundError", "Nothing to refund")
        if given["amount"] > payment["amount"] - sum(one["total"] for one in payment["refunds"]):
            return no("RefundAmountError", "The amount specified exceeds the refundable amount")
        made = {
            "__typename": "Refund", "id": self._id(), "state": self.refund_state,
            "total": given["amount"], "reason": given["reason"],
        }  # fmt: skip
        payment["refunds"].append(made)
        return made

    def found_variants(self, options: Json) -> Json:
        """Variants, as a list query gives them."""
        wanted = options["filter"]["sku"]["in"]
        skus = [*self.variants, self.twice] if self.twice else self.variants
        return cut([self._variant(sku) for sku in skus if sku in wanted], options)

    def set_stock(self, given: Sequence[Json]) -> list[Json]:
        """All of it, or nothing when there is anything wrong."""
        skus = {number: sku for sku, number in self.variants.items()}
        for one in given:
            if one["id"] not in skus:
                raise missing("ProductVariant", one["id"])
            if any(level["stockOnHand"] < 0 for level in one["stockLevels"]):
                raise error("stockOnHand cannot be a negative value", "USER_INPUT_ERROR")
        for one in given:
            for level in one["stockLevels"]:
                stocks = self.stocks[skus[one["id"]]]
                where = stocks.setdefault(level["stockLocationId"], Stock(0))
                where.on_hand = level["stockOnHand"]
        return [self._variant(skus[one["id"]]) for one in given]

    def history(self, number: str, options: Json) -> Json:
        """What was cancelled of an order."""
        assert options["filter"] == {"type": {"eq": "ORDER_CANCELLATION"}}
        return cut(self.orders[self._code(number)].history, {"skip": 0, **options})

    def _variant(self, sku: str) -> Json:
        levels = [
            {"stockLocationId": where, "stockOnHand": one.on_hand, "stockAllocated": one.allocated}
            for where, one in self.stocks[sku].items()
        ]
        return {"id": self.variants[sku], "sku": sku, "stockLevels": levels}

    def _cancelled(self, code: str, units: Mapping[str, int], reason: str) -> None:
        data = self._dated(code)
        for line in data["lines"]:
            gone = units.get(line["id"], 0)
            made = self._units(code, line["id"], ("Pending", *LEFT))
            to_come = max(line["quantity"] - made, 0)
            # A shop releases what is allocated, and counts what was shipped as well: both.
            self._move_stock(line["id"], min(gone, made), -min(gone, to_come))
            line["quantity"] -= gone
        if not any(line["quantity"] for line in data["lines"]):
            data["state"] = "Cancelled"
        lines = [{"orderLineId": int(line), "quantity": gone} for line, gone in units.items()]
        told = {"lines": lines, "reason": reason, "shippingCancelled": False}
        self.orders[code].history.append({"data": told})

    def _units(self, code: str, line: str, states: Sequence[str]) -> int:
        return sum(
            one["quantity"]
            for parcel in self.orders[code].data["fulfillments"]
            if parcel["state"] in states
            for one in parcel["lines"]
            if one["orderLineId"] == line
        )

    def _move_stock(self, line: str, on_hand: int, allocated: int) -> None:
        _, found = self.order_of(line)
        stock = self.stocks[found["productVariant"]["sku"]]["1"]
        stock.on_hand += on_hand
        stock.allocated += allocated

    def _follow(self, code: str) -> None:
        data = self.orders[code].data
        if data["state"] == "Cancelled":
            return
        for state, states in (("Delivered", ("Delivered",)), ("Shipped", LEFT)):
            gone = [self._units(code, line["id"], states) for line in data["lines"]]
            if all(map(operator.ge, gone, (line["quantity"] for line in data["lines"]))):
                data["state"] = state
                return
            if any(gone):
                data["state"] = f"Partially{state}"
                return

    def _payment(self, number: str) -> tuple[Json, set[str]]:
        for order in self.orders.values():
            for payment in order.data["payments"]:
                if payment["id"] == number:
                    return payment, {line["id"] for line in order.data["lines"]}
        raise missing("Payment", number)

    def _code(self, number: str) -> str:
        for code, order in self.orders.items():
            if order.data["id"] == number:
                return code
        raise missing("Order", number)

    def _dated(self, code: str) -> Json:
        self.orders[code].data["updatedAt"] = self._time()
        return self.orders[code].data

    def _id(self) -> str:
        return str(next(self._ids))

    def _time(self) -> str:
        return self.now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
