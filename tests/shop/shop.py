"""A real web shop on this machine: a Vendure that runs beside the tests, and its shopkeeper.

`make shop-test` installs it in a folder of its own and names that in WMS_SHOP. It is reached by
HTTP only; the shopkeeper's requests carry a header that spares them the faults.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

Json = dict[str, Any]
USER = PASSWORD = "superadmin"

_ORDER = """
id code state payments { id amount state refunds { total state reason } }
lines { id quantity orderPlacedQuantity productVariant { sku } }
fulfillments { id state trackingCode lines { orderLineId quantity } }
"""


class Shop:
    """A shop that runs.

    Args:
        orders: How many it begins with; of every 25 one is authorised only, one cancelled and one
            shipped in part, and of every 20 one comes from somebody hostile.
    """

    def __init__(self, orders: int) -> None:
        folder = os.environ.get("WMS_SHOP", "")
        assert folder, "There is no shop; use `make shop-test`, which installs one."
        self._folder = Path(folder)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._orders = orders
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)
        self._token = ""
        self._faults: tuple[Mapping[str, Any], ...] = ()
        self._node: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._stop()

    def _start(self) -> None:
        counts = ["--orders", str(self._orders), "--products", "20"]
        with (self._folder / "stderr").open("a") as errors:
            self._node = subprocess.Popen(
                ["node", "server.mjs", "--port", str(self._port), *counts],
                cwd=self._folder,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._node.stdout is not None
        for line in self._node.stdout:
            if line.startswith('{"ready":true'):
                break
        else:
            self._stop()
            raise AssertionError((self._folder / "stderr").read_text()[-2000:])
        # What it says after that must be read as well, lest it waits for ever to say more.
        threading.Thread(target=self._node.stdout.read, daemon=True).start()

    def _stop(self) -> None:
        if self._node is not None:
            self._node.terminate()
            self._node.wait(timeout=30)
            assert self._node.stdout is not None
            self._node.stdout.close()

    # --- the test's hand in it --------------------------------------------------------------------

    def truth(self) -> Json:
        """What was ordered, as the customers have it."""
        found: Json = self._http.get("/__test/truth").json()
        return found

    def faults(self, *faults: Mapping[str, Any]) -> None:
        """What goes wrong from now on."""
        self._faults = faults
        self._http.post("/__test/faults", json=faults).raise_for_status()

    def faulted(self) -> int:
        """How many requests went wrong."""
        return int(self._http.get("/__test/hits").json()["faulted"])

    def feed(self, count: int) -> list[Json]:
        """Customers order more, and nothing goes wrong meanwhile; what they ordered."""
        faults = self._faults
        self.faults()
        command = ["node", "feed.mjs", "--base", self.url, "--count", str(count)]
        done = subprocess.run(
            command, cwd=self._folder, capture_output=True, text=True, check=True, timeout=60
        )
        self.faults(*faults)
        found: list[Json] = json.loads(done.stdout)
        return found

    def log_out(self, token: str) -> None:
        """End somebody's session, and with it every other of the same user."""
        self._token = ""
        headers = {"x-test-harness": "1", "authorization": f"Bearer {token}"}
        body = {"query": "mutation { logout { success } }"}
        answer = self._http.post("/admin-api", json=body, headers=headers).json()
        assert answer["data"]["logout"]["success"]

    # --- the shopkeeper ---------------------------------------------------------------------------

    def admin(self, text: str, **variables: Any) -> Any:
        """Ask the Admin API; what lies under the one field of the document."""
        if not self._token:
            self._token = self._login()
        headers = {"x-test-harness": "1", "authorization": f"Bearer {self._token}"}
        body = {"query": text, "variables": variables}
        answer = self._http.post("/admin-api", json=body, headers=headers).json()
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        return found

    def _login(self) -> str:
        text = (
            "mutation($u: String!, $p: String!) { login(username: $u, password: $p) {__typename}}"
        )
        body = {"query": text, "variables": {"u": USER, "p": PASSWORD}}
        answer = self._http.post("/admin-api", json=body, headers={"x-test-harness": "1"})
        return answer.headers["vendure-auth-token"]

    def orders(self) -> dict[str, Json]:
        """Every order that was placed, by its code."""
        text = f"query($o: OrderListOptions) {{ orders(options: $o) {{ items {{ {_ORDER} }} }} }}"
        options = {"filter": {"active": {"eq": False}}, "take": 1000}
        return {one["code"]: one for one in self.admin(text, o=options)["items"]}

    def stock(self) -> dict[str, Stock]:
        """What it counts, by SKU."""
        text = """query($o: ProductVariantListOptions) { productVariants(options: $o) {
            items { sku stockLevels { stockOnHand stockAllocated } } } }"""
        items = self.admin(text, o={"take": 1000})["items"]
        return {
            one["sku"]: Stock(
                one["stockLevels"][0]["stockOnHand"], one["stockLevels"][0]["stockAllocated"]
            )
            for one in items
        }

    def cancel(self, code: str) -> None:
        """A whole order."""
        text = "mutation($i: CancelOrderInput!) { cancelOrder(input: $i) { __typename } }"
        given = {"orderId": self.orders()[code]["id"], "reason": "no more", "cancelShipping": True}
        assert self.admin(text, i=given)["__typename"] == "Order"

    def settle(self, code: str) -> None:
        """The payment of an order that was authorised comes in."""
        text = "mutation($id: ID!) { settlePayment(id: $id) { __typename } }"
        payment = self.orders()[code]["payments"][0]["id"]
        assert self.admin(text, id=payment)["__typename"] == "Payment"

    def modify(self, code: str, state: str = "Modifying") -> None:
        """Begin to modify an order, or end it."""
        text = """mutation($id: ID!, $s: String!) { transitionOrderToState(id: $id, state: $s) {
            __typename } }"""
        assert self.admin(text, id=self.orders()[code]["id"], s=state)["__typename"] == "Order"


@dataclass(frozen=True, slots=True)
class Stock:
    """Units of a variant."""

    on_hand: int
    allocated: int

    @property
    def sellable(self) -> int:
        """What a customer could order."""
        return self.on_hand - self.allocated
