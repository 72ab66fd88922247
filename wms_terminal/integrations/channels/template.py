"""A channel to copy: an imaginary shop, "Example", with a small REST API and a bearer token.

It is real: the channel kit holds it to every rule, against a shop that listens on this machine.
Copy it, put the vendor's API in, name the vendor's pages in the docstrings, and keep the shape:

-   a question goes through `asked`, which makes ChannelAway of everything that goes wrong;
-   news goes through `told`, which makes in doubt of a lost answer and rejected of a refusal;
-   each write is preceded by a read that looks for our own key;
-   what the vendor says is read with `intake`, which trusts no shape and no text;
-   what goes into an address is quoted, what goes into a body is JSON.

    GET  /orders?since=&after=     {"orders": [...], "next": "..." or null}, oldest change first
    GET  /orders/{id}
    POST /orders/{id}/shipments    {"tracking", "url", "carrier", "lines": [{"id", "quantity"}]}
    POST /orders/{id}/refunds      {"reference", "amount", "reason"}
    PUT  /stock/{sku}              {"sellable"}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations.channels.outcome import asked, told
from wms_terminal.integrations.http import Http, Refusal
from wms_terminal.integrations.intake import (
    changed,
    code,
    items,
    minor,
    obj,
    placed,
    text,
    whole,
)
from wms_terminal.ports.channel import (
    Ability,
    AnnouncedReturn,
    Channel,
    ChannelSettings,
    DeliveryNews,
    RefundNews,
    RemoteOrder,
    ReturnNews,
    Secret,
    ShipNews,
    Standing,
    StockLevel,
    Told,
    Writeback,
)

MOST_PAGES = 10_000
"""A vendor whose pages never end is not asked for ever."""
STANDINGS = {
    "unpaid": Standing.UNPAID,
    "open": Standing.OPEN,
    "held": Standing.HELD,
    "cancelled": Standing.CANCELLED,
    "closed": Standing.CLOSED,
}


def open_channel(settings: ChannelSettings, secret: Secret) -> Channel:
    """A channel to an Example shop; its token is the secret `token`."""
    token = secret("token")
    http = Http(settings.url, headers={"authorization": f"Bearer {token}"}, hide=[token])
    return ExampleChannel(settings.code, http)


class ExampleChannel:
    """An Example shop."""

    abilities = frozenset({Ability.PARTIAL, Ability.STOCK, Ability.REFUND})

    def __init__(self, channel: str, http: Http) -> None:
        self._channel = channel
        self._http = http

    def __repr__(self) -> str:
        return f"ExampleChannel({self._channel!r})"

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders by time of change, a page at a time.

        A page begins after the last order of the one before, so that an order that is changed
        meanwhile moves no other.
        """
        after = ""
        for _ in range(MOST_PAGES):
            page, after = asked(partial(self._page, since, after))
            yield from page
            if not after:
                return

    def _page(self, since: str, after: str) -> tuple[list[RemoteOrder], str]:
        body = obj(self._http.get("orders", params={"since": since, "after": after}).body, "a page")
        orders = [self._order(one) for one in items(body.get("orders"), "orders")]
        return orders, text(body.get("next"))

    def read(self, reference: str) -> RemoteOrder | None:
        """One order."""
        found = asked(partial(self._find, reference))
        return None if found is None else asked(partial(self._order, found))

    def _find(self, reference: str) -> Mapping[str, Any] | None:
        """An order as the shop has it; None when it knows none, or answers with another."""
        if not reference.strip("."):  # `.` and `..` are places in an address, quoted or not
            return None
        try:
            answer = self._http.get(f"orders/{quote(reference, safe='')}")
        except Refusal as error:
            if error.status == 404:
                return None
            raise
        found = obj(answer.body, "an order")
        return found if found.get("id") == reference else None

    def _order(self, value: Any) -> RemoteOrder:
        """An order in our words; raises Unfit."""
        found = obj(value, "an order")
        to = obj(found.get("address"), "an address")
        currency = code(found.get("currency"))
        lines = [obj(one, "a line") for one in items(found.get("lines"), "lines")]
        status = code(found.get("status"))
        record = OrderRecord(
            channel=self._channel,
            reference=code(found.get("id")),
            placed_at=placed(found.get("placed"), "the time of an order"),
            customer=Address(
                name=text(to.get("name")),
                company=text(to.get("company")),
                street=text(to.get("street")),
                extra=text(to.get("extra")),
                postcode=code(to.get("postcode")),
                city=text(to.get("city")),
                country=code(to.get("country")),
            ),
            lines=tuple(
                OrderLineRecord(
                    sku=code(line.get("sku")),
                    quantity=whole(line.get("quantity"), "a quantity"),
                    unit_price=minor(line.get("price"), currency, "a price"),
                    reference=code(line.get("id")),
                )
                for line in lines
            ),
            email=text(found.get("email")),
            phone=code(found.get("phone")),
            currency=currency,
            payment="pending" if status == "unpaid" else "paid",
        )
        shipped: dict[str, int] = {}
        for parcel in items(found.get("shipments"), "shipments"):
            for line in items(obj(parcel, "a shipment").get("lines"), "lines"):
                name = code(obj(line, "a line").get("id"))
                shipped[name] = shipped.get(name, 0) + whole(line.get("quantity"), "a quantity")
        return RemoteOrder(
            record,
            # What nobody knows must not leave.
            STANDINGS.get(status, Standing.HELD),
            changed(found.get("changed"), "the time of a change"),
            shipped=shipped,
        )

    def ship(self, news: ShipNews) -> Told:
        """Mark a parcel shipped; the tracking number is the key."""

        def tell() -> Told:
            found = self._find(news.reference)
            if found is None:
                return Told(Writeback.REJECTED, "The shop does not know this order.")
            for one in items(found.get("shipments"), "shipments"):
                if obj(one, "a shipment").get("tracking") == news.tracking:
                    return Told(Writeback.APPLIED, remote_id=code(one.get("id")))
            body = {
                "tracking": news.tracking,
                "url": news.tracking_url,
                "carrier": news.carrier_name,
                "lines": [{"id": one.line, "quantity": one.quantity} for one in news.lines],
            }
            path = f"orders/{quote(news.reference, safe='')}/shipments"
            made = obj(self._http.write("POST", path, body=body).body, "a shipment")
            return Told(Writeback.APPLIED, remote_id=code(made.get("id")))

        return told(tell)

    def deliver(self, news: DeliveryNews) -> Told:
        """The shop has no deliveries."""
        del news
        return Told(Writeback.UNSUPPORTED)

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Set each level; setting it again is harmless, so nothing is read before."""

        def tell(level: StockLevel) -> Told:
            path = f"stock/{quote(level.sku, safe='')}"
            self._http.write("PUT", path, body={"sellable": level.quantity})
            return Told(Writeback.APPLIED)

        return [told(partial(tell, level)) for level in levels]

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        """The shop announces none."""
        del since
        return iter(())

    def take_back(self, news: ReturnNews) -> Told:
        """The shop has no returns."""
        del news
        return Told(Writeback.UNSUPPORTED)

    def refund(self, news: RefundNews) -> Told:
        """Pay money back; the shop keeps our key with it."""

        def tell() -> Told:
            found = self._find(news.reference)
            if found is None:
                return Told(Writeback.REJECTED, "The shop does not know this order.")
            for one in items(found.get("refunds"), "refunds"):
                if obj(one, "a refund").get("reference") == news.key:
                    return Told(Writeback.APPLIED)
            body = {
                "reference": news.key,
                "amount": decimal_text(news.amount, news.currency),
                "reason": news.reason,
            }
            path = f"orders/{quote(news.reference, safe='')}/refunds"
            self._http.write("POST", path, body=body)
            return Told(Writeback.APPLIED)

        return told(tell)

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()
