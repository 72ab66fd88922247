"""What a Shopify shop keeps, and how it shows that to a query (see `shopify_shop`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from wms_terminal.integrations.testing.counterpart import Placed

Json = dict[str, Any]
MOST = 250
"""Nodes in a page."""


def gid(kind: str, number: int | str) -> str:
    """Shopify's id of something."""
    return f"gid://shopify/{kind}/{number}"


HERE, THERE = gid("Location", 1), gid("Location", 2)


def connection(nodes: Sequence[Any], *, first: int, after: str | None = None) -> Json:
    """A page of a list."""
    assert 0 < first <= MOST
    start = int(after) if after is not None else 0
    end = start + first
    return {
        "nodes": list(nodes[start:end]),
        "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)},
    }


def money(cents: Decimal | int, currency: str) -> Json:
    """An amount as the customer sees it."""
    amount = f"{Decimal(cents) / 100:f}"
    return {"presentmentMoney": {"amount": amount, "currencyCode": currency}}


def _pages(nodes: Callable[[], Sequence[Any]]) -> Callable[..., Json]:
    def page(_info: Any, *, first: int, after: str | None = None) -> Json:
        return connection(nodes(), first=first, after=after)

    return page


def _some(nodes: Callable[[], Sequence[Any]]) -> Callable[..., Sequence[Any]]:
    def some(_info: Any, *, first: int) -> Sequence[Any]:
        assert 0 < first <= MOST
        return nodes()[:first]

    return some


def _time(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@dataclass
class Line:
    """A line of an order."""

    id: str
    sku: str
    quantity: int
    unit_price: int

    def shown(self, currency: str, *, taxes_included: bool) -> Json:
        """As a LineItem."""
        net = round(self.unit_price / Decimal("1.21"))
        tax = (self.unit_price - net) * self.quantity
        price = money(self.unit_price if taxes_included else net, currency)
        return {
            "id": self.id,
            "sku": self.sku,
            "name": f"Name of {self.sku}",
            "quantity": self.quantity,
            "discountedUnitPriceAfterAllDiscountsSet": price,
            "taxLines": _some(lambda: [{"priceSet": money(tax, currency)}]),
        }


@dataclass
class PartLine:
    """A line of a fulfilment order."""

    id: str
    line: Line
    remaining: int
    shippable: bool = True

    def shown(self) -> Json:
        """As a FulfillmentOrderLineItem."""
        return {
            "id": self.id,
            "remainingQuantity": self.remaining,
            "requiresShipping": self.shippable,
            "lineItem": {"id": self.line.id, "sku": self.line.sku},
        }


@dataclass
class Part:
    """A fulfilment order."""

    id: str
    location: str
    lines: list[PartLine]
    status: str = "OPEN"
    request: str = "UNSUBMITTED"
    method: str = "SHIPPING"
    holds: list[Json] = field(default_factory=list)

    def shown(self) -> Json:
        """As a FulfillmentOrder."""
        return {
            "id": self.id,
            "status": self.status,
            "requestStatus": self.request,
            "fulfillAt": "2026-03-01T00:00:00Z" if self.status == "SCHEDULED" else None,
            "assignedLocation": {"location": {"id": self.location}},
            "deliveryMethod": {"methodType": self.method},
            "fulfillmentHolds": self.holds,
            "lineItems": _pages(lambda: [line.shown() for line in self.lines]),
        }


@dataclass
class ParcelLine:
    """A line of a fulfilment."""

    id: str
    line: Line
    quantity: int

    def shown(self) -> Json:
        """As a FulfillmentLineItem."""
        item = {"id": self.line.id, "sku": self.line.sku}
        return {"id": self.id, "quantity": self.quantity, "lineItem": item}


@dataclass
class Parcel:
    """A fulfilment."""

    id: str
    location: str | None
    tracking: Json
    lines: list[ParcelLine] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    status: str = "SUCCESS"

    def shown(self) -> Json:
        """As a Fulfillment. It need not say that it was delivered: another event may follow."""
        events = [{"status": event} for event in self.events]
        return {
            "id": self.id,
            "status": self.status,
            "displayStatus": "FULFILLED",
            "location": {"id": self.location} if self.location else None,
            "trackingInfo": _some(lambda: [self.tracking]),
            "fulfillmentLineItems": _pages(lambda: [line.shown() for line in self.lines]),
            "events": lambda _info, *, first, reverse: connection(events[::-1], first=first),
        }


@dataclass
class Back:
    """A return, of one line."""

    number: int
    name: str
    created: datetime
    reason: str
    line_number: int
    rfo_number: int
    parcel_line: ParcelLine
    quantity: int
    status: str = "OPEN"
    came: list[tuple[str, int]] = field(default_factory=list)

    @property
    def gid(self) -> str:
        """Its id."""
        return gid("Return", self.number)

    @property
    def line_gid(self) -> str:
        """The id of its line."""
        return gid("ReturnLineItem", self.line_number)

    @property
    def rfo_gid(self) -> str:
        """The id of the line of its reverse fulfilment order."""
        return gid("ReverseFulfillmentOrderLineItem", self.rfo_number)

    @property
    def left(self) -> int:
        """Units that are still to come."""
        return self.quantity - sum(units for _, units in self.came)

    def shown(self) -> Json:
        """As a Return; one line of it is of an item that the shop does not know."""
        lines = [
            {
                "__typename": "ReturnLineItem",
                "id": self.line_gid,
                "quantity": self.quantity,
                "processedQuantity": self.quantity - self.left,
                "unprocessedQuantity": self.left,
                "customerNote": self.reason,
                "returnReasonNote": "",
                "returnReasonDefinition": {"name": "Size was too small"},
                "fulfillmentLineItem": self.parcel_line.shown(),
            },
            {"__typename": "UnverifiedReturnLineItem", "id": gid("UnverifiedReturnLineItem", 1)},
        ]
        back = {"id": self.rfo_gid, "fulfillmentLineItem": self.parcel_line.shown()}
        part = {"lineItems": _pages(lambda: [back])}
        return {
            "id": self.gid,
            "name": self.name,
            "status": self.status,
            "createdAt": _time(self.created),
            "returnLineItems": _pages(lambda: lines),
            "reverseFulfillmentOrders": _pages(lambda: [part]),
        }


@dataclass(frozen=True)
class Refund:
    """Money that went back."""

    number: int
    note: str
    amount: int


@dataclass
class Order:
    """An order."""

    id: str
    name: str
    placed: Placed
    changed: datetime
    lines: list[Line]
    paid: str = ""
    """The id of its payment."""
    street: str = ""
    cancelled_at: datetime | None = None
    parts: list[Part] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)
    backs: list[Back] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    kept: Any = None
    """What its metafield holds."""
    financial: str | None = ""
    """Instead of what follows from its payments."""

    @property
    def total(self) -> int:
        """In cents."""
        return sum(line.quantity * line.unit_price for line in self.lines)

    def digest(self) -> str | None:
        """What the contents of its metafield are called."""
        if self.kept is None:
            return None
        return sha256(json.dumps(self.kept, sort_keys=True).encode()).hexdigest()

    def shown(self, taxes_included: bool) -> Json:
        """As an Order."""
        currency, to = self.placed.currency, self.placed.customer
        kept = {"jsonValue": self.kept, "compareDigest": self.digest()}
        financial = self.financial
        if financial == "":
            back = sum(refund.amount for refund in self.refunds)
            paid = "PARTIALLY_REFUNDED" if back else "PAID"
            financial = paid if self.paid else "PENDING"
        return {
            "id": self.id,
            "updatedAt": _time(self.changed),
            "processedAt": "2026-01-05T09:00:00Z",
            "cancelledAt": _time(self.cancelled_at),
            "cancelReason": "CUSTOMER" if self.cancelled_at else None,
            "displayFinancialStatus": financial,
            "fullyPaid": bool(self.paid),
            "taxesIncluded": taxes_included,
            "presentmentCurrencyCode": currency,
            "customerLocale": "nl-NL",
            "email": self.placed.email,
            "phone": None,
            "note": None,
            "shippingAddress": {
                "name": to.name,
                "company": to.company,
                "address1": self.street or to.street,
                "address2": to.extra,
                "zip": to.postcode,
                "city": to.city,
                "provinceCode": to.region or None,
                "countryCodeV2": to.country,
                "phone": self.placed.phone,
            },
            "shippingLine": {"code": "Standard"},
            "lineItems": _pages(
                lambda: [one.shown(currency, taxes_included=taxes_included) for one in self.lines]
            ),
            "fulfillmentOrders": _pages(lambda: [part.shown() for part in self.parts]),
            "fulfillments": _some(lambda: [parcel.shown() for parcel in self.parcels]),
            "returns": _pages(lambda: [back.shown() for back in self.backs]),
            "metafield": lambda _info, *, namespace, key: None if self.kept is None else kept,
            "refunds": _some(
                lambda: [
                    {"id": gid("Refund", one.number), "note": one.note} for one in self.refunds
                ]
            ),
            "transactions": _some(lambda: self._transactions(currency)),
        }

    def _transactions(self, currency: str) -> list[Json]:
        if not self.paid:
            return []
        sale = self._transaction(self.paid, "SALE", self.total, currency, None)
        return [sale] + [
            self._transaction(
                gid("OrderTransaction", one.number), "REFUND", one.amount, currency, self.paid
            )
            for one in self.refunds
        ]

    @staticmethod
    def _transaction(key: str, kind: str, cents: int, currency: str, parent: str | None) -> Json:
        return {
            "id": key,
            "kind": kind,
            "status": "SUCCESS",
            "gateway": "shopify_payments",
            "amountSet": money(cents, currency),
            "parentTransaction": {"id": parent} if parent else None,
        }
