"""A Shopify shop with state, which runs every document by Shopify's own schema.

So the schema holds for what is asked, for the variables, and for every answer.
What the schema does not say is from its descriptions and https://shopify.dev: a parcel is taken
twice, stock and refunds are guarded by `@idempotent`, stock by what it is changed from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import graphql as gql

from tests.integrations.shopify_answers import Mutations, Queries
from tests.integrations.shopify_schema import cost, schema
from tests.integrations.shopify_state import (
    HERE,
    THERE,
    Back,
    Json,
    Line,
    Order,
    Part,
    PartLine,
    gid,
)
from tests.integrations.vendor import Asked, Reply, Vendor
from wms_terminal.integrations.channels.shopify import Shopify
from wms_terminal.integrations.http import Http
from wms_terminal.integrations.testing.counterpart import Call, Placed, Shipment
from wms_terminal.ports.channel import ChannelSettings

CLIENT, SECRET = "3f2a9c0e5b7d4a61", "shpss_0123456789abcdef"
MOST_POINTS = 1000


class ShopifyShop(Vendor):
    """The counterpart of the channel `shopify`.

    Args:
        options: Of the channel.
    """

    code = "shopify"
    skus: Sequence[str] = ("MUG-1", 'TEA "GREEN" OR sku:x', "POT\\3")
    page = 5

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.taxes_included = True
        self.throttled = 0
        """How many requests are told to wait."""
        self.available = 0
        """Points that are left then, of 1,000."""
        self.throttles = Call.READ
        self.notified: list[str] = []
        """Of what customers got a mail."""
        self.fails = ""
        """Code of the error that mutations give."""
        self.says = "No"
        self._options = options or {}
        self._now = datetime(2026, 1, 5, 9, tzinfo=UTC)
        self._next = 1000
        self._tokens: list[str] = []
        self._keys: dict[str, tuple[Any, Any]] = {}
        self.secrets: list[str] = [CLIENT, SECRET]
        self.orders: dict[str, Order] = {}
        self.items = {
            gid("InventoryItem", self.id()): {"sku": sku, "tracked": True, HERE: 1000}
            for sku in self.skus
        }

    # --- the customer's and the shopkeeper's end --------------------------------------------------

    def channel(self) -> Shopify:
        settings = ChannelSettings(self.code, "shopify", self.url, self._options)
        keys = {"client_id": CLIENT, "client_secret": SECRET, "token": "shpat_stays"}
        made = Shopify(settings, keys.__getitem__, sleep=lambda _: None)
        self.given.append(made)
        return made

    def tick(self) -> None:
        self._now += timedelta(seconds=1)

    def place(self, order: Placed) -> str:
        number = str(self.id())
        lines = [
            Line(gid("LineItem", self.id()), one.sku, one.quantity, one.unit_price)
            for one in order.lines
        ]
        self.orders[number] = made = Order(
            gid("Order", number), f"#{number}", order, self._now, lines
        )
        for line in lines:
            item = self.item(line.sku)
            item[HERE] = item.get(HERE, 0) - line.quantity
        made.parts.append(self.part(HERE, [(line, line.quantity) for line in lines]))
        if order.paid:
            self._pay(made)
        return number

    def pay(self, reference: str) -> None:
        self._pay(self.changed(reference))

    def move(self, reference: str, street: str) -> None:
        self.changed(reference).street = street

    def cancel(self, reference: str) -> None:
        order = self.changed(reference)
        order.cancelled_at = self._now
        for part in order.parts:
            part.status = "CLOSED"
            for line in part.lines:
                line.remaining = 0

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        for part in self.changed(reference).parts:
            for one in part.lines:
                if one.line.id == gid("LineItem", line):
                    one.remaining -= quantity
        return True

    def hold(self, reference: str, part: int = 0) -> bool:
        held = self.changed(reference).parts[part]
        held.status = "ON_HOLD"
        held.holds = [{"displayReason": "High risk of fraud", "reasonNotes": "call first"}]
        return True

    def split(self, reference: str, line: int, quantity: int) -> None:
        """Let units of a line leave from the other location."""
        order = self.changed(reference)
        mine = order.parts[0].lines[line]
        mine.remaining -= quantity
        order.parts.append(self.part(THERE, [(mine.line, quantity)]))

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        order = self.changed(reference)
        parcel_line = next(
            one
            for parcel in order.parcels
            for one in parcel.lines
            if one.line.id == gid("LineItem", line)
        )
        name = f"{order.name}-R{len(order.backs) + 1}"
        order.backs.append(
            Back(self.id(), name, self._now, reason, self.id(), self.id(), parcel_line, quantity)
        )
        return name

    def shipments(self, reference: str) -> list[Shipment]:
        return [
            Shipment(
                parcel.tracking.get("number", ""),
                {one.line.id.rpartition("/")[2]: one.quantity for one in parcel.lines},
            )
            for parcel in self.orders[reference].parcels
        ]

    def delivered(self, reference: str) -> list[str]:
        return [
            parcel.tracking["number"]
            for parcel in self.orders[reference].parcels
            for event in parcel.events
            if event == "DELIVERED"
        ]

    def stock(self, sku: str) -> int:
        return int(self.item(sku)[HERE])

    def taken_back(self, reference: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for back in self.orders[reference].backs:
            line = back.parcel_line.line.id.rpartition("/")[2]
            if came := sum(units for _, units in back.came):
                found[line] = found.get(line, 0) + came
        return found

    def refunds(self, reference: str) -> list[int]:
        return [refund.amount for refund in self.orders[reference].refunds]

    def expire(self) -> bool:
        self._tokens.clear()
        return True

    def id(self) -> int:
        """A new number."""
        self._next += 1
        return self._next

    def changed(self, reference: str) -> Order:
        """An order, which changes now."""
        self.orders[reference].changed = self._now
        return self.orders[reference]

    def item(self, sku: str) -> Json:
        """What is known of a SKU."""
        return next(item for item in self.items.values() if item["sku"] == sku)

    def part(self, location: str, lines: Sequence[tuple[Line, int]]) -> Part:
        """A new fulfilment order."""
        made = [
            PartLine(gid("FulfillmentOrderLineItem", self.id()), line, units)
            for line, units in lines
        ]
        return Part(gid("FulfillmentOrder", self.id()), location, made)

    def _pay(self, order: Order) -> None:
        order.paid = gid("OrderTransaction", self.id())

    # --- the Admin API ----------------------------------------------------------------------------

    def call(self, asked: Asked) -> Call | None:
        if not asked.path.endswith("graphql.json"):
            return None
        return Call.WRITE if "\nmutation " in "\n" + asked.body["query"] else Call.READ

    def refusal(self, status: int, text: str) -> Reply:
        return Reply(status, {"errors": text})

    def secrets_of(self, asked: Asked) -> list[str]:
        return [asked.headers.get("x-shopify-access-token", "")]

    def https(self, channel: Shopify) -> list[Http]:
        return [channel._admin._http]

    def answer(self, asked: Asked) -> Reply:
        assert asked.method == "POST"
        if asked.path == "/admin/oauth/access_token":
            return self._log_in(parse_qs(asked.content.decode(), strict_parsing=True))
        assert asked.path == "/admin/api/2026-07/graphql.json", asked.path
        assert asked.headers["content-type"] == "application/json"
        if asked.headers.get("x-shopify-access-token") not in self._tokens:
            return self.refusal(401, "[API] Invalid API key or access token")
        return self._run(asked.body)

    def _log_in(self, form: Mapping[str, list[str]]) -> Reply:
        expected = {
            "grant_type": ["client_credentials"],
            "client_id": [CLIENT],
            "client_secret": [SECRET],
        }
        if form != expected:
            return Reply(400, {"error": "application_cannot_be_found"})
        token = f"shpat_{sha256(str(self.id()).encode()).hexdigest()[:32]}"
        self._tokens.append(token)
        self.secrets.append(token)
        return Reply(200, {"access_token": token, "scope": "write_orders", "expires_in": 86399})

    def _run(self, body: Json) -> Reply:
        document, points = _valid(body["query"])
        (operation,) = (
            node for node in document.definitions if isinstance(node, gql.OperationDefinitionNode)
        )
        writes = operation.operation is gql.OperationType.MUTATION
        known = {one.variable.name.value for one in operation.variable_definitions or ()}
        assert known >= body["variables"].keys(), "a variable that the document does not know"
        throttled = self.throttled > 0 and writes is (self.throttles is Call.WRITE)
        spent = {
            "requestedQueryCost": points,
            "actualQueryCost": None if throttled else points,
            "throttleStatus": {
                "maximumAvailable": 1000.0,
                "currentlyAvailable": self.available if throttled else 900,
                "restoreRate": 50.0,
            },
        }
        if throttled:
            self.throttled -= 1
            return _failed("Throttled", "THROTTLED", {"cost": spent})
        if writes and self.fails and self.fails not in _IN_THE_END:
            return _failed(self.says, self.fails)
        root = Mutations(self) if writes else Queries(self)
        done = gql.execute_sync(_strict_schema(), document, root, variable_values=body["variables"])
        for error in done.errors or ():
            if "code" not in (error.extensions or {}):
                raise AssertionError(str(error)) from error.original_error
        if writes and self.fails:
            return _failed("It broke", self.fails)
        shown: Json = {"data": done.data, "extensions": {"cost": spent}}
        if done.errors:
            shown["errors"] = [error.formatted for error in done.errors]
        return Reply(200, shown)

    def once(self, info: gql.GraphQLResolveInfo[Any], given: Any) -> tuple[str, Any]:
        """The key of a mutation, and its result when it was done already."""
        directive = info.schema.get_directive("idempotent")
        assert directive is not None
        found = gql.get_directive_values(directive, info.field_nodes[0], info.variable_values)
        assert found, f"{info.field_name} is without @idempotent"
        key = str(found["key"])
        assert key.strip()
        before = self._keys.get(key)
        if before is None:
            return key, None
        if before[0] != json.dumps(given):
            raise gql.GraphQLError(
                "The same idempotency key cannot be used with different parameters",
                extensions={"code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"},
            )
        return key, before[1]

    def keep(self, key: str, given: Any, result: Any) -> Any:
        """Remember what a mutation gave."""
        self._keys[key] = json.dumps(given), result
        return result

    def forget_keys(self) -> None:
        """A day passes, and what `@idempotent` said is forgotten."""
        self._keys.clear()

    @property
    def now(self) -> datetime:
        """What time it is there."""
        return self._now


_IN_THE_END = ("INTERNAL_SERVER_ERROR", "TIMEOUT")
"""Errors that may come once it is done."""


def _failed(text: str, code: str, extensions: Json | None = None) -> Reply:
    error = {"message": text, "extensions": {"code": code}}
    return Reply(200, {"data": None, "errors": [error], "extensions": extensions or {}})


@cache
def _valid(query: str) -> tuple[gql.DocumentNode, int]:
    """A document that fits the schema, and its points."""
    document = gql.parse(query)
    wrong = gql.validate(_strict_schema(), document)
    assert not wrong, wrong[0].message
    points = cost(_strict_schema(), document)
    assert points <= MOST_POINTS, f"costs {points} points"
    return document, points


@cache
def _strict_schema() -> gql.GraphQLSchema:
    """With scalars that take and give only what their descriptions say."""
    of = schema()
    for name, good in {
        "DateTime": lambda text: bool(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", text)),
        "Money": lambda text: bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)),
        "Decimal": lambda text: bool(re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text)),
        "URL": lambda text: text.isascii() and " " not in text and bool(urlsplit(text).netloc),
    }.items():

        def checked(value: Any, name: str = name, good: Any = good) -> Any:
            assert isinstance(value, str), f"{name}: {value!r}"
            assert good(value), f"{name}: {value!r}"
            return value

        scalar: Any = of.type_map[name]
        scalar.serialize = scalar.parse_value = checked
    return of
