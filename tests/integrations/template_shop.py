"""An Example shop that listens on this machine, for the channel that is there to be copied."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.integrations.memory_shop import MemoryShop, Order
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.channels.template import ExampleChannel
from wms_terminal.integrations.http import Http, Refusal
from wms_terminal.integrations.testing.counterpart import RETRY_AFTER_S, Call, Fault
from wms_terminal.ports.channel import Channel

TOKEN = "tok-5f0c1e-example"


class ExampleShop(MemoryShop):
    """The shop: what is kept is that of `MemoryShop`, the wire is HTTP."""

    code = "example"

    def __init__(self) -> None:
        super().__init__()
        self.turn = threading.Lock()
        self.healed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def secrets(self) -> Sequence[str]:
        return [TOKEN]

    def channel(self) -> Channel:
        url = f"http://127.0.0.1:{self._server.server_port}/api"
        headers = {"authorization": f"Bearer {TOKEN}"}
        http = Http(url, headers=headers, hide=[TOKEN], read_s=0.2, sleep=lambda _: None)
        return ExampleChannel(self.code, http)

    def expire(self) -> bool:
        return False

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        return ""

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        self.healed.clear()
        return super().inject(fault, call, nth, count)

    def heal(self) -> int:
        self.healed.set()
        return super().heal()

    def close(self) -> None:
        self.healed.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def fault(self, call: Call) -> Fault | None:
        """Count a request; how it is to go wrong."""
        self._hits[call] += 1
        return self._next_fault(call)

    def answer(self, method: str, path: str, body: Any) -> Any:
        """What the API answers; raises Refusal."""
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        match method, [unquote(part) for part in url.path.removeprefix("/api/").split("/")]:
            case "GET", ["orders"]:
                return self._list(query.get("since", ""), query.get("after", ""))
            case "GET", ["orders", reference] if reference in self.orders:
                return self._order(self.orders[reference])
            case "POST", ["orders", reference, "shipments"] if reference in self.orders:
                lines = {one["id"]: one["quantity"] for one in body["lines"]}
                self.make_parcel(reference, body["tracking"], lines)
                self.send_parcel(reference, body["tracking"])
                return {"id": f"S{len(self.orders[reference].parcels)}"}
            case "POST", ["orders", reference, "refunds"] if reference in self.orders:
                amount = int(Decimal(body["amount"]) * 100)
                self.pay_back(reference, body["reference"], amount)
                return {"id": f"R{len(self.orders[reference].refunds)}"}
            case "PUT", ["stock", sku] if sku in self.on_hand:
                self.on_hand[sku] = body["sellable"] + self.allocated(sku)
                return {"sellable": body["sellable"]}
        raise Refusal("not found", 404)

    def _list(self, since: str, after: str) -> Any:
        orders = sorted(self.orders.values(), key=place)
        found = [one for one in orders if stamp(one.changed)[:19] >= since[:19]]
        later = [one for one in found if place(one) > after]
        page = later[: self.page]
        following = place(page[-1]) if len(later) > len(page) else None
        return {"orders": [self._order(one) for one in page], "next": following}

    def _order(self, order: Order) -> Any:
        placed, wanted, sent = order.placed, order.wanted(), order.sent()
        status = "closed" if sent == wanted else "open"
        status = "held" if order.held else status if order.paid else "unpaid"
        to = placed.customer
        return {
            "id": order.reference,
            "status": "cancelled" if order.cancelled else status,
            "placed": "2026-01-05T10:00:00+01:00",
            "changed": stamp(order.changed),
            "currency": placed.currency,
            "email": placed.email,
            "phone": placed.phone,
            "address": {
                "name": to.name,
                "company": to.company,
                "street": to.street,
                "extra": to.extra,
                "postcode": to.postcode,
                "city": to.city,
                "country": to.country,
            },
            "lines": [
                {
                    "id": name,
                    "sku": line.sku,
                    "quantity": wanted[name],
                    "price": decimal_text(line.unit_price, placed.currency),
                }
                for name, line in zip(wanted, placed.lines, strict=True)
                if wanted[name]
            ],
            "shipments": [
                {
                    "id": f"S{number}",
                    "tracking": one.tracking,
                    "lines": [{"id": name, "quantity": n} for name, n in one.lines.items()],
                }
                for number, one in enumerate(order.parcels, start=1)
            ],
            "refunds": [{"reference": key, "amount": amount} for key, amount in order.refunds],
        }


def place(order: Order) -> str:
    """Where an order is in the list."""
    return f"{stamp(order.changed)} {order.reference}"


def handler(shop: ExampleShop) -> type[BaseHTTPRequestHandler]:
    """Serves the shop."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one packet for an answer, or each waits 40 ms for an acknowledgement
        disable_nagle_algorithm = True

        def log_message(self, *words: object) -> None:
            del words

        def do_GET(self) -> None:
            self.serve(Call.READ)

        def do_POST(self) -> None:
            self.serve(Call.WRITE)

        def do_PUT(self) -> None:
            self.serve(Call.WRITE)

        def serve(self, call: Call) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length) or b"null")
            with shop.turn:
                fault = shop.fault(call)
                if fault in (None, Fault.LOST_AFTER, Fault.GARBAGE, Fault.SLOW):
                    status, answer = self.act(body)
                else:
                    status, answer = 0, ""
            match fault:
                case None:
                    self.reply(status, answer)
                case Fault.LOST_AFTER | Fault.LOST_BEFORE:
                    self.close_connection = True
                case Fault.SLOW:
                    shop.healed.wait(30)
                    self.close_connection = True
                case Fault.GARBAGE:
                    self.reply(200, '{"id": ')
                case Fault.BUSY:
                    self.reply(429, "{}", retry_after=str(RETRY_AFTER_S))
                case Fault.CLOSED:
                    self.reply(503, "{}")
                case Fault.PAGE:
                    self.reply(200, "<!doctype html><h1>Back soon</h1>", "text/html")
                case Fault.ECHO:
                    self.reply(422, json.dumps({"message": str(self.headers)}))

        def act(self, body: Any) -> tuple[int, str]:
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                return 401, "{}"
            try:
                return 200, json.dumps(shop.answer(self.command, self.path, body))
            except Refusal as error:
                return error.status, json.dumps({"message": str(error)})

        def reply(
            self, status: int, words: str, kind: str = "application/json", retry_after: str = ""
        ) -> None:
            content = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if retry_after:
                self.send_header("Retry-After", retry_after)
            self.end_headers()
            self.wfile.write(content)

    return Handler
