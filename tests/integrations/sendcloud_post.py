"""Sendcloud with state, whose every request and answer is held against its specification."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from fpdf import FPDF
from openapi_core.testing import MockRequest, MockResponse

from tests.integrations.bol_specs import held
from tests.integrations.sendcloud_spec import HERE, Json, api, followed, published, unknown
from tests.integrations.vendor import Asked, Reply, Vendor
from wms_terminal.domain.label import Address
from wms_terminal.integrations.carriers.sendcloud import Sendcloud
from wms_terminal.integrations.http import Http
from wms_terminal.integrations.testing.carrier_counterpart import Booked
from wms_terminal.integrations.testing.counterpart import Call
from wms_terminal.ports.carrier import CarrierSettings, Milestone

PUBLIC, SECRET = "public-0123456789", "secret-9876543210"
PDF, ZPL = "application/pdf", "application/zpl"
STATUSES = {
    Milestone.TAKEN: "picked-up-by-driver",
    Milestone.ON_THE_WAY: "AT_SORTING_CENTRE",
    Milestone.OUT_FOR_DELIVERY: "driver-on-route",
    Milestone.TROUBLE: "delivery-failed",
    Milestone.AT_PICKUP_POINT: "awaiting-customer-pickup",
    Milestone.DELIVERED: "DELIVERED",
    Milestone.RETURNED: "returned-to-sender",
}


class SendcloudPost(Vendor):
    """The counterpart of the carrier `sendcloud`."""

    option = "postnl:standard"
    abroad = "dhl_express:worldwide/incoterm=dap"
    courier = "dhl_express"

    def __init__(self, options: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self._options = {"phone": "+31101234567", **(options or {})}
        self._now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._next = 383_707_308
        basic = base64.b64encode(f"{PUBLIC}:{SECRET}".encode()).decode()
        self.secrets = [PUBLIC, SECRET, basic]
        self.shipments: dict[str, Json] = {}
        self.bodies: list[Json] = []
        """What was asked to be booked."""
        self.includes = True
        """Whether a label comes with the booking."""
        self.native_zpl = True
        """Whether labels are ZPL where that is asked for; else PDF, whatever is asked for."""
        self.label: bytes | None = None
        """A label of the test's own."""
        self.announces = "READY_TO_SEND"
        """How a shipment stands when it was announced."""
        self.lists_late = False
        """Whether what was booked is not found by its key yet."""
        self._written: dict[int, str] = {}
        self._left: set[str] = set()
        self._events: dict[str, list[Json]] = {}
        self._pickups: list[Json] = []

    def https(self, channel: Any) -> list[Http]:
        return [channel._http]

    # --- the other end ----------------------------------------------------------------------------

    def carrier(self) -> Sendcloud:
        settings = CarrierSettings("sendcloud", "sendcloud", f"{self.url}/api/v3", self._options)
        keys = {"public_key": PUBLIC, "secret_key": SECRET}
        made = Sendcloud(settings, keys.__getitem__, sleep=lambda _: None)
        self.given.append(made)
        return made

    def tick(self) -> None:
        self._now += timedelta(minutes=10)

    def bookings(self, key: str) -> list[Booked]:
        found = []
        for shipment in self.shipments.values():
            if shipment["external_reference_id"] != key:
                continue
            to, (parcel,) = shipment["to_address"], shipment["parcels"]
            street = " ".join(filter(None, (to["address_line_1"], to.get("house_number"))))
            found.append(
                Booked(
                    shipment["id"],
                    parcel["tracking_number"],
                    Address(
                        to["name"], to.get("company_name", ""), street,
                        to.get("address_line_2", ""), to["postal_code"], to["city"], "",
                        to["country_code"],
                    ),
                    int(parcel["weight"]["value"]),
                    {item["sku"]: item["quantity"] for item in parcel.get("parcel_items", [])},
                    parcel["status"]["code"].startswith("CANCEL"),
                )
            )  # fmt: skip
        return found

    def scan(self, tracking: str, milestone: Milestone, text: str) -> bool:
        # The newest comes first, as carriers tell it.
        self._events[tracking].insert(0, self._event(STATUSES[milestone], text))
        return True

    def say(self, tracking: str, status: str) -> None:
        """An event with a status of the test's own."""
        self._events[tracking].insert(0, self._event(status, status))

    def hand_over(self, remote_id: str) -> bool:
        self._left.add(remote_id)
        return True

    def pickups(self, key: str) -> int:
        stand = [one for one in self._pickups if one["status"] in ("CREATED", "ANNOUNCING")]
        return sum(one["reference"] == key for one in stand)

    # --- the API ----------------------------------------------------------------------------------

    def call(self, asked: Asked) -> Call | None:
        return Call.READ if asked.path.endswith("/shipping-options") else super().call(asked)

    def refusal(self, status: int, text: str) -> Reply:
        return _error(status, text)

    def secrets_of(self, asked: Asked) -> list[str]:
        return self.secrets

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Basic {self.secrets[2]}":
            return _error(401, "Invalid username/password.")
        path = asked.path.removeprefix("/api/v3")
        assert path != asked.path, f"Sendcloud has no {asked.path}"
        request = MockRequest(
            HERE,
            asked.method.lower(),
            path,
            args={key: values[0] for key, values in asked.query.items()},
            headers=dict(asked.headers),
            data=asked.content or None,
            content_type=asked.headers.get("content-type", "application/json"),
        )
        held(lambda: api().validate_request(request))
        operation, reply = self._routed(asked, path)
        if asked.content:
            sent = operation["requestBody"]["content"]["application/json"]["schema"]
            assert not (odd := list(unknown(sent, asked.body))), f"unknown names: {odd}"
        content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        response = MockResponse(content, reply.status, content_type=reply.media)
        held(lambda: api().validate_response(request, response))
        if reply.media == "application/json":
            described = followed(operation["responses"][str(reply.status)])
            for told in described.get("content", {}).values():
                odd = list(unknown(told["schema"], reply.body))
                assert not odd, f"unknown names: {odd}"
        return reply

    def _routed(self, asked: Asked, path: str) -> tuple[Json, Reply]:
        routes: Mapping[str, Any] = {
            "POST /shipping-options": self._offer,
            "GET /shipments": self._list,
            "POST /shipments/announce": self._announce,
            "POST /shipments/announce-with-shipping-rules": self._announce,
            "GET /shipments/{id}": self._get,
            "POST /shipments/{id}/cancel": self._cancel,
            "GET /parcels/{id}/documents/{type}": self._document,
            "GET /parcels/tracking/{tracking_number}": self._track,
            "GET /pickups": self._list_pickups,
            "POST /pickups": self._pick,
            "GET /pickups/{id}": self._get_pickup,
        }
        for route, do in routes.items():
            pattern = re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(route))
            if found := re.fullmatch(pattern, f"{asked.method} {path}"):
                method, _, name = route.partition(" ")
                reply = do(asked, *map(unquote, found.groups()))
                assert isinstance(reply, Reply)
                return published()["paths"][name][method.lower()], reply
        raise AssertionError(f"Sendcloud has no {asked.method} {path}")

    def _offer(self, asked: Asked) -> Reply:
        codes = (self.option, self.abroad, "postnl:standard/return", "postnl:service_point")
        found = [
            _option(code) for code in codes
            if asked.body.get("carrier_code") in (None, code.partition(":")[0])
        ]  # fmt: skip
        return Reply(200, {"data": found})

    def _list(self, asked: Asked) -> Reply:
        key = asked.one("external_reference_id")
        found = [one for one in self.shipments.values() if one["external_reference_id"] == key]
        return Reply(200, {"data": [] if self.lists_late else [_listed(one) for one in found]})

    def _announce(self, asked: Asked) -> Reply:
        body = asked.body
        self.bodies.append(body)
        ship_with = body.get("ship_with") or {
            "type": "shipping_option_code",
            "properties": {"shipping_option_code": self.option},
        }
        code = ship_with["properties"]["shipping_option_code"]
        if code not in (self.option, self.abroad):
            return _error(400, "Invalid shipping option code.", "/ship_with/properties")
        key = body["external_reference_id"]
        if any(one["external_reference_id"] == key for one in self.shipments.values()):
            return _error(409, "A shipment with this external reference exists already.")
        (packed,) = body["parcels"]
        papers = ["label"]
        links = f"{self.url}/api/v3/parcels"
        if code == self.abroad:
            if "customs_information" not in body or not packed.get("parcel_items"):
                return _error(400, "Customs information is required.", "/customs_information")
            papers.append("commercial-invoice")
        self._next += 1
        number, tracking = self._next, f"3SYZXG{self._next}"
        self._written[number] = body["label_details"]["mime_type"]
        self._events[tracking] = [self._event("ready-to-send", "Ready to send")]
        stamp = self._time()
        parcel = {
            **packed, "id": number, "tracking_number": tracking,
            "tracking_url": f"https://tracking.example/forward?code={tracking}",
            "status": {"code": self.announces, "message": self.announces.capitalize()},
            "documents": [
                {"type": kind, "size": "a6", "link": f"{links}/{number}/documents/{kind}"}
                for kind in papers
            ],
            "created_at": stamp, "updated_at": stamp, "announced_at": stamp,
        }  # fmt: skip
        shipment = {
            "id": f"ship-{number}", "external_reference_id": key, "parcels": [parcel],
            "ship_with": ship_with, "errors": [],
            **{name: body[name] for name in ("order_number", "from_address", "to_address")},
        }  # fmt: skip
        if self.announces in ("ANNOUNCEMENT_FAILED", "NO_LABEL"):
            shipment["errors"] = [{"status": "400", "detail": "The postcode does not exist."}]
        self.shipments[shipment["id"]] = shipment
        told = _listed(shipment)
        if self.includes:
            label = base64.b64encode(self._label(number)[0]).decode()
            told["parcels"] = [{**told["parcels"][0], "label_file": label}]
        return Reply(201, {"data": {**told, "label_details": body["label_details"]}})

    def _get(self, _: Asked, name: str) -> Reply:
        if name not in self.shipments:
            return _error(404, "Not found")
        return Reply(200, {"data": _listed(self.shipments[name])})

    def _cancel(self, _: Asked, name: str) -> Reply:
        if name not in self.shipments:
            return _error(404, "Not found")
        (parcel,) = self.shipments[name]["parcels"]
        if parcel["status"]["code"] != "READY_TO_SEND":
            return _error(409, "This shipment is already being cancelled.")
        if name in self._left:
            return _error(409, "This shipment cannot be cancelled any more.")
        parcel["status"] = {"code": "CANCELLED", "message": "Cancelled"}
        done = {"status": "cancelled", "message": "Shipment has been cancelled"}
        return Reply(200, {"data": done})

    def _document(self, asked: Asked, number: str, kind: str) -> Reply:
        for shipment in self.shipments.values():
            (parcel,) = shipment["parcels"]
            kinds = [one["type"] for one in parcel["documents"]]
            if str(parcel["id"]) != number:
                continue
            if kind == "label":
                content, media = self._label(parcel["id"])
                return Reply(200, content, media=media)
            if kind == "customs-declaration" and "commercial-invoice" in kinds:
                assert asked.headers["accept"] == PDF, asked.headers["accept"]
                return Reply(200, _pdf("CN23"), media=PDF)
        return _error(404, "No Parcel matches the given query.")

    def _label(self, number: int) -> tuple[bytes, str]:
        """A parcel's label; one that was made as ZPL by the carrier stays ZPL."""
        zpl = self._written[number] == ZPL and self.native_zpl
        if self.label is not None:
            return self.label, ZPL if zpl else PDF
        (shipment,) = (one for one in self.shipments.values() if one["parcels"][0]["id"] == number)
        to = shipment["to_address"]
        lines = [f"{name} {value}" for name, value in to.items()]
        if not zpl:
            return _pdf(f"Label {number}"), PDF
        # As a carrier writes it that does not escape anything.
        fields = "".join(
            f"^FO20,{20 * row}^A0N,20,20^FD{line}^FS" for row, line in enumerate(lines)
        )
        return f"^XA^PW812{fields}^XZ".encode(), ZPL

    def _track(self, _: Asked, tracking: str) -> Reply:
        if tracking not in self._events:
            return Reply(404, {"detail": "Parcel does not exist"})
        place = {"country_code": "NL", "postal_code": "3011AA"}
        stamp = self._time()
        return Reply(200, {
            "announced_at": stamp, "created_at": stamp, "updated_at": stamp, "details": {},
            "events": self._events[tracking], "from_address": place, "to_address": place,
            "source_id": "1",
            "tracking_numbers": [{"carrier_code": "postnl", "tracking_number": tracking}],
        })  # fmt: skip

    def _list_pickups(self, asked: Asked) -> Reply:
        skip = int(asked.one("cursor", "0"))
        names = ("id", "carrier_code", "time_slots", "status", "created_at")
        # A page of two, so that there is a second one.
        found = [{name: one[name] for name in names} for one in self._pickups[::-1]]
        further = f"{self.url}/api/v3/pickups?cursor={skip + 2}"
        link = {"Link": f'<{further}>; rel="next"'} if len(found) > skip + 2 else {}
        return Reply(200, {"data": found[skip : skip + 2]}, link)

    def _pick(self, asked: Asked) -> Reply:
        if asked.body["carrier_code"] != self.courier:
            return _error(400, "This carrier does not support pickups.", "/carrier_code")
        self._next += 1
        made = {
            "special_instructions": "", "tracking_number": "", **asked.body, "id": self._next,
            "status": "ANNOUNCING", "created_at": self._time(), "contract_id": 10,
        }  # fmt: skip
        self._pickups.append(made)
        return Reply(201, {"data": made})

    def _get_pickup(self, _: Asked, number: str) -> Reply:
        for one in self._pickups:
            if str(one["id"]) == number:
                return Reply(200, {"data": one})
        return _error(404, "Not found")

    def _event(self, status: str, text: str) -> Json:
        return {
            "event_at": self._time(), "event_type": "carrier", "status_code": status,
            "status_description": text, "status_type": "success", "sub_status_code": "none",
        }  # fmt: skip

    def _time(self) -> str:
        return self._now.isoformat().replace("+00:00", "Z")


def _listed(shipment: Json) -> Json:
    return json.loads(json.dumps(shipment))  # type: ignore[no-any-return]


def _error(status: int, text: str, pointer: str = "") -> Reply:
    said: Json = {"status": str(status), "code": "invalid", "detail": text}
    if pointer:
        said["source"] = {"pointer": pointer}
    return Reply(status, {"errors": [said]})


def _option(code: str) -> Json:
    carrier = code.partition(":")[0]
    total = {"value": "6.15", "currency": "EUR"}
    return {
        "code": code, "name": f"Service {code}", "carrier": {"code": carrier, "name": carrier},
        "functionalities": {"returns": code.endswith("return"), "tracked": True},
        "requirements": {"is_service_point_required": code.endswith("point"), "fields": []},
        "weight": {
            "min": {"value": "0.001", "unit": "kg"}, "max": {"value": "23.001", "unit": "kg"}
        },
        "quotes": [{"price": {"breakdown": [], "total": total}, "lead_time": 24}],
    }  # fmt: skip


def _pdf(text: str) -> bytes:
    made = FPDF(unit="mm", format=(105, 148))
    made.set_creation_date(datetime(2026, 1, 5, tzinfo=UTC))
    made.add_page()
    made.set_font("Helvetica", size=20)
    made.text(10, 20, text)
    return bytes(made.output())
