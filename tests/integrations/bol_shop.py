"""bol with state, whose every request and answer is held against bol's OpenAPI specifications.

It takes changes with 202 and does them when its clock ticks, as bol does them later.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from openapi_core.testing import MockRequest, MockResponse

from tests.integrations.bol_specs import HERE, V10, V11, api, held
from tests.integrations.vendor import Asked, Reply, Vendor
from wms_terminal.integrations.channels.bol import Bol
from wms_terminal.integrations.http import Http
from wms_terminal.integrations.testing.counterpart import Call, Placed, Shipment
from wms_terminal.ports.channel import ChannelSettings

CLIENT, SECRET = "client-0123456789", "secret-9876543210"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
Json = dict[str, Any]


class BolShop(Vendor):
    """The counterpart of the channel `bol`."""

    code = "bol"
    skus: Sequence[str] = ("MUG-1", "TEA,GREEN", "8712345000018")
    page = 50

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._options = {"login": self.url, **(options or {})}
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._next = 1000
        self.tokens: set[str] = set()
        self.lasts = 299
        """Seconds that a token lasts."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        self.secrets: list[str] = [CLIENT, SECRET, basic]
        self.orders: dict[str, Json] = {}
        self.fails_with = ""
        """Why every process fails; empty when they do not."""
        self.lists_late = False
        """Whether shipments are made but not listed yet."""
        self._processes: list[Json] = []
        self._work: dict[str, tuple[str, Json]] = {}
        self._shipments: list[Json] = []
        self._returns: list[Json] = []
        self._back: dict[str, int] = {}
        # The last offer has no reference: its SKU is its EAN.
        self.offers = [
            _offer(number, sku, "" if sku.isdigit() else sku)
            for number, sku in enumerate(self.skus)
        ]

    def https(self, channel: Any) -> list[Http]:
        return [channel._bol._api, channel._bol._login]

    # --- the customer's end -----------------------------------------------------------------------

    def channel(self) -> Bol:
        settings = ChannelSettings(self.code, "bol", self.url, self._options)
        keys = {"client_id": CLIENT, "client_secret": SECRET}
        made = Bol(settings, keys.__getitem__, sleep=lambda _: None)
        self.given.append(made)
        return made

    def tick(self) -> None:
        with self._lock:
            self._now += timedelta(seconds=1)
            for process in self._processes:
                if process["status"] == "PENDING":
                    fault = self.fails_with or self._done(process)
                    process["status"] = "FAILURE" if fault else "SUCCESS"
                    process["errorMessage"] = fault or None

    def place(self, order: Placed) -> str:
        if not order.paid:
            return ""
        number = f"A{self._id()}"
        to = order.customer
        house = re.fullmatch(r"(.+) (\d{1,4})", to.street, re.DOTALL)
        first, _, last = to.name.partition(" ")
        self.orders[number] = {
            "orderId": number, "pickupPoint": False, "orderPlacedDateTime": self._time(),
            "shipmentDetails": {
                "salutation": "UNKNOWN", "firstName": first, "surname": last,
                "streetName": house[1] if house else to.street,
                "houseNumber": house[2] if house else "", "houseNumberExtension": None,
                "extraAddressInformation": to.extra or None,
                "zipCode": to.postcode.replace(" ", ""), "city": to.city,
                "countryCode": to.country, "email": order.email,
                "company": to.company or None, "language": "nl",
            },
            "orderItems": [
                self._item(wanted.sku, wanted.quantity, wanted.unit_price) for wanted in order.lines
            ],
        }  # fmt: skip
        return number

    def pay(self, reference: str) -> None:
        raise AssertionError(f"{reference} is paid: bol has no other orders")

    def move(self, reference: str, street: str) -> None:
        name, _, number = street.rpartition(" ")
        to = self.orders[reference]["shipmentDetails"]
        to.update(streetName=name, houseNumber=number)
        self._touch(*self.orders[reference]["orderItems"])

    def cancel(self, reference: str) -> None:
        for item in self.orders[reference]["orderItems"]:
            self.cancel_units(reference, item["orderItemId"], item["quantity"])

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        item = self._find(line)
        assert item in self.orders[reference]["orderItems"]
        item["quantityCancelled"] += min(quantity, item["quantity"] - item["quantityShipped"])
        self._touch(item)
        return True

    def hold(self, reference: str) -> bool:
        for item in self.orders[reference]["orderItems"]:
            item["cancellationRequest"] = True
            self._touch(item)
        return True

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        rma = str(self._id())
        item = {
            "rmaId": rma, "orderId": reference, "ean": self._find(line)["product"]["ean"],
            "expectedQuantity": quantity, "handled": False, "processingResults": [],
            "returnReason": {"mainReason": reason, "detailedReason": None, "customerComments": ""},
        }  # fmt: skip
        self._returns.append({
            "returnId": str(self._id()), "registrationDateTime": self._time(),
            "fulfilmentMethod": "FBR", "returnItems": [item],
        })  # fmt: skip
        return rma

    def shipments(self, reference: str) -> list[Shipment]:
        return [
            Shipment(shipment["transport"].get("trackAndTrace", ""), shipment["units"])
            for shipment in self._shipments
            if shipment["order"]["orderId"] == reference
        ]

    @property
    def transports(self) -> list[Json]:
        """How each shipment goes."""
        return [
            {key: value for key, value in one["transport"].items() if key != "transportId"}
            for one in self._shipments
        ]

    def delivered(self, _: str) -> list[str]:
        return []

    def stock(self, sku: str) -> int:
        return int(self.offers[self.skus.index(sku)]["stock"]["amount"])

    def taken_back(self, reference: str) -> Mapping[str, int]:
        lines = {
            item["product"]["ean"]: item["orderItemId"]
            for item in self.orders[reference]["orderItems"]
        }
        return {
            lines[item["ean"]]: self._back[item["rmaId"]]
            for item in self._return_items()
            if item["orderId"] == reference and item["rmaId"] in self._back
        }

    def refunds(self, _: str) -> list[int]:
        return []

    def expire(self) -> bool:
        self.tokens.clear()
        return True

    # --- the API ----------------------------------------------------------------------------------

    def call(self, asked: Asked) -> Call | None:
        return None if asked.path == "/token" else super().call(asked)

    def refusal(self, status: int, text: str) -> Reply:
        return _problem(status, text)

    def secrets_of(self, asked: Asked) -> list[str]:
        return [asked.headers.get("authorization", "").split(" ")[-1]]

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self._token(asked)
        if self.secrets_of(asked)[0] not in self.tokens:
            return _problem(401, "The JWT has expired.")
        version = "v11" if asked.path.startswith("/retailer/offers") else "v10"
        media = f"application/vnd.retailer.{version}+json"
        if asked.headers["accept"] != media:
            return _problem(406, "Not acceptable.")
        if asked.content:
            assert asked.headers["content-type"] == media, asked.headers["content-type"]
        name = {"v11": "bol-offers-v11.json"}.get(version, "bol-retailer-v10.json")
        vendor = api("bol-shared-v10.json" if asked.path.startswith("/shared") else name)
        request = MockRequest(
            HERE,
            asked.method.lower(),
            asked.path,
            args={key: values[0] for key, values in asked.query.items()},
            headers=dict(asked.headers),
            data=asked.content or None,
            content_type=media,
        )
        held(lambda: vendor.validate_request(request))
        reply = self._routed(asked)
        response = MockResponse(
            json.dumps(reply.body).encode() if reply.body is not None else b"",
            reply.status,
            content_type=reply.media,
        )
        held(lambda: vendor.validate_response(request, response))
        return reply

    def _routed(self, asked: Asked) -> Reply:
        routes: Mapping[str, Any] = {
            r"GET /retailer/orders": self._list,
            r"GET /retailer/orders/([^/]+)": self._get,
            r"(GET|POST) /retailer/shipments": self._ship,
            r"GET /retailer/returns": self._list_returns,
            r"PUT /retailer/returns/(\d+)": self._handle,
            r"GET /shared/process-status": self._list_processes,
            r"GET /shared/process-status/([^/]+)": self._process,
            r"GET /retailer/offers": self._list_offers,
            r"PATCH /retailer/offers/([^/]+)": self._patch_offer,
        }
        for pattern, do in routes.items():
            if found := re.fullmatch(pattern, f"{asked.method} {asked.path}"):
                reply = do(asked, *found.groups())
                assert isinstance(reply, Reply)
                return reply
        raise AssertionError(f"bol has no {asked.method} {asked.path}")

    def _token(self, asked: Asked) -> Reply:
        assert (asked.method, asked.one("grant_type")) == ("POST", "client_credentials")
        if self.secrets_of(asked) != [self.secrets[2]]:
            return Reply(401, {"error": "invalid_client"})
        token = f"eyJ0b2tlbg.{self._id()}.c2lnbmF0dXJl"
        self.tokens.add(token)
        self.secrets.append(token)
        return Reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lasts})

    def _list(self, asked: Asked) -> Reply:
        found = []
        for order in self.orders.values():
            items = [item for item in order["orderItems"] if self._listed(item, asked)]
            if items:
                found.append((max(item["latestChangedDateTime"] for item in items), order, items))
        found.sort(key=lambda entry: (entry[0], entry[1]["orderId"]), reverse=True)
        reduced = [
            {"orderId": order["orderId"], "orderPlacedDateTime": order["orderPlacedDateTime"],
             "orderItems": [_reduced(item) for item in items]}
            for _, order, items in found
        ]  # fmt: skip
        return self._page("orders", reduced, asked)

    def _listed(self, item: Json, asked: Asked) -> bool:
        status = asked.one("status", "OPEN")
        changed = datetime.fromisoformat(item["latestChangedDateTime"])
        minutes, day = asked.one("change-interval-minute"), asked.one("latest-change-date")
        return (
            (status == "ALL" or (status == "OPEN") is (_left(item) > 0))
            and (not minutes or changed >= self._now - timedelta(minutes=int(minutes)))
            and (not day or changed.date().isoformat() == day)
        )

    def _get(self, _: Asked, number: str) -> Reply:
        if number not in self.orders:
            return _problem(404, "Order not found.")
        return Reply(200, self.orders[number], media=V10)

    def _ship(self, asked: Asked, method: str) -> Reply:
        if method == "POST":
            first = asked.body["orderItems"][0]["orderItemId"]
            return self._begin("CREATE_SHIPMENT", first, asked.body)
        listed = [
            {key: value for key, value in shipment.items() if key != "units"}
            | {"transport": {"transportId": shipment["transport"]["transportId"]}}
            for shipment in reversed(self._shipments)
            if shipment["order"]["orderId"] == asked.one("order-id") and not self.lists_late
        ]
        return self._page("shipments", listed, asked)

    def _list_returns(self, asked: Asked) -> Reply:
        handled = asked.one("handled") == "true"
        found = [
            one for one in self._returns if all(i["handled"] is handled for i in one["returnItems"])
        ]
        return self._page("returns", found, asked)

    def _handle(self, asked: Asked, rma: str) -> Reply:
        return self._begin("HANDLE_RETURN_ITEM", rma, asked.body)

    def _begin(self, event: str, entity: str, body: Json) -> Reply:
        number = str(self._id())
        process: Json = {
            "processStatusId": number, "entityId": entity, "eventType": event,
            "description": f"{event} of {entity}.", "status": "PENDING", "errorMessage": None,
            "createTimestamp": self._time(), "links": [],
        }  # fmt: skip
        self._processes.insert(0, process)
        self._work[number] = (entity, body)
        return Reply(202, process, media=V10)

    def _done(self, process: Json) -> str:
        """Do what was taken with 202; why not, or empty."""
        entity, body = self._work[process["processStatusId"]]
        if process["eventType"] == "HANDLE_RETURN_ITEM":
            item = next(item for item in self._return_items() if item["rmaId"] == entity)
            item["handled"] = True
            self._back[entity] = self._back.get(entity, 0) + body["quantityReturned"]
            return ""
        units = {one["orderItemId"]: one["quantity"] for one in body["orderItems"]}
        if any(count > _left(self._find(line)) for line, count in units.items()):
            return "The quantity is more than what is open."
        for line, count in units.items():
            self._find(line)["quantityShipped"] += count
            self._touch(self._find(line))
        order = next(
            order
            for order in self.orders.values()
            if self._find(next(iter(units))) in order["orderItems"]
        )
        self._shipments.append({
            "shipmentId": str(self._id()), "shipmentDateTime": self._time(), "units": units,
            "shipmentReference": body["shipmentReference"],
            "order": {"orderId": order["orderId"]},
            "shipmentItems": [
                {"orderItemId": line, "ean": self._find(line)["product"]["ean"]} for line in units
            ],
            "transport": {"transportId": str(self._id()), **body["transport"]},
        })  # fmt: skip
        return ""

    def _list_processes(self, asked: Asked) -> Reply:
        found = [
            process
            for process in self._processes
            if process["entityId"] == asked.one("entity-id")
            and process["eventType"] == asked.one("event-type")
        ]
        return self._page("processStatuses", found, asked)

    def _process(self, _: Asked, number: str) -> Reply:
        found = [one for one in self._processes if one["processStatusId"] == number]
        return Reply(200, found[0], media=V10) if found else _problem(404, "Unknown process.")

    def _list_offers(self, asked: Asked) -> Reply:
        found = [
            offer
            for offer in self.offers
            if asked.one("reference") in ("", offer.get("reference"))
            and asked.one("eans") in ("", offer["ean"])
        ]
        return Reply(200, {"offers": found, "page": {"nextCursor": None}}, media=V11)

    def _patch_offer(self, asked: Asked, number: str) -> Reply:
        offer = next(offer for offer in self.offers if offer["offerId"] == number)
        offer["stock"] = asked.body["stock"]
        return Reply(204, media=V11)

    def _page(self, name: str, entries: Sequence[Json], asked: Asked) -> Reply:
        start = (int(asked.one("page", "1")) - 1) * self.page
        return Reply(200, {name: entries[start : start + self.page]}, media=V10)

    # --- what it keeps ----------------------------------------------------------------------------

    def _item(self, sku: str, quantity: int, unit_price: int) -> Json:
        offer = self.offers[self.skus.index(sku)]
        day = (self._now + timedelta(days=2)).date().isoformat()
        return {
            "orderItemId": str(self._id()), "cancellationRequest": False,
            "fulfilment": {
                "method": "FBR", "distributionParty": "RETAILER", "latestDeliveryDate": day,
                "expiryDate": day, "timeFrameType": "REGULAR",
            },
            "offer": {"offerId": offer["offerId"], "reference": offer.get("reference")},
            "product": {"ean": offer["ean"], "title": f"Name of {sku}"},
            "quantity": quantity, "quantityShipped": 0, "quantityCancelled": 0,
            "unitPrice": unit_price / 100, "totalPrice": unit_price * quantity / 100,
            "discounts": [], "commission": 1.5, "latestChangedDateTime": self._time(),
        }  # fmt: skip

    def _find(self, line: str) -> Json:
        return next(
            item
            for order in self.orders.values()
            for item in order["orderItems"]
            if item["orderItemId"] == line
        )

    def _return_items(self) -> list[Json]:
        return [item for one in self._returns for item in one["returnItems"]]

    def _touch(self, *items: Json) -> None:
        for item in items:
            item["latestChangedDateTime"] = self._time()

    def _time(self) -> str:
        return self._now.astimezone(AMSTERDAM).isoformat()

    def _id(self) -> int:
        self._next += 1
        return self._next


def _left(item: Json) -> int:
    return int(item["quantity"] - item["quantityCancelled"] - item["quantityShipped"])


def _reduced(item: Json) -> Json:
    kept = ("orderItemId", "quantity", "quantityShipped", "quantityCancelled")
    return {key: item[key] for key in (*kept, "cancellationRequest", "latestChangedDateTime")} | {
        "ean": item["product"]["ean"],
        "fulfilmentMethod": "FBR",
        "fulfilmentStatus": "OPEN" if _left(item) else "HANDLED",
    }


def _offer(number: int, sku: str, reference: str) -> Json:
    return {
        "offerId": str(UUID(int=number + 1)),
        "ean": sku if sku.isdigit() else f"871234500{number:04d}",
        "lastModifiedDateTime": "2026-01-05T09:00:00Z",
        "onHoldByRetailer": False,
        "stock": {"amount": 999, "correctedStock": 999, "managedByRetailer": False},
        "condition": {"category": "NEW"},
        "pricing": {"bundlePrices": [{"quantity": 1, "unitPrice": 12.5}]},
        "fulfilment": {"method": "FBR"},
        **({"reference": reference} if reference else {}),
    }


def _problem(status: int, text: str) -> Reply:
    body = {
        "type": "https://api.bol.com/problems",
        "title": "Error",
        "status": status,
        "detail": text,
        "violations": [],
    }
    return Reply(status, body, media=V10)
