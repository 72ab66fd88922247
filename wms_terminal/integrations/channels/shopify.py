"""Shopify, by its Admin GraphQL API.

`url` is the shop's address, such as https://our-shop.myshopify.com. The shop's own app needs read
and write of orders, of merchant-managed fulfilment orders, of returns and of inventory, read of
products and locations, and, for orders older than 60 days, read_all_orders; its secrets are
`client_id` and `client_secret`. Options:

    version           of the API; `2026-07` when not given
    location          number of the location that we are, where there are several: what leaves
                      elsewhere is none of ours, and our stock is its stock
    login             `token`: the app has a token that stays, in the secret `token`
    notify            `yes`: the shop mails the customer about shipments and refunds as well
    service.CODE      our service code for a shipping method's code, such as `Standard`

Shopify guards stock (what changed meanwhile is not overwritten) and refunds (by our key), but takes
the same parcel twice. So every write reads first.

Sources: https://shopify.dev/docs/api/admin-graphql and the schema that `tests` checks against.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from wms_terminal.domain.label import Address
from wms_terminal.domain.promise import moment
from wms_terminal.domain.records import OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import shopify_documents as documents
from wms_terminal.integrations.channels import shopify_orders as orders
from wms_terminal.integrations.channels.outcome import asked, further, told
from wms_terminal.integrations.channels.shopify_admin import MOST_PAGES, Json, ShopifyAdmin
from wms_terminal.integrations.channels.shopify_orders import ShopOrder, gid, within
from wms_terminal.integrations.channels.shopify_refund import refund
from wms_terminal.integrations.channels.shopify_returns import announced, take_back
from wms_terminal.integrations.channels.shopify_stock import set_stock
from wms_terminal.integrations.http import READ_S
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import (
    Ability,
    AnnouncedReturn,
    ChannelAway,
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

VERSION = "2026-07"
"""Of the API; Shopify brings a new one each quarter and keeps each for a year."""

_OPTIONS = ("version", "location", "login", "notify")


class Shopify:
    """A Shopify shop.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        sleep: How to wait between attempts to read, and for points to spend.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when the settings are no good.
    """

    abilities = frozenset(Ability)

    def __init__(
        self,
        settings: ChannelSettings,
        secret: Secret,
        *,
        sleep: Callable[[float], None] = time.sleep,
        read_s: float = READ_S,
    ) -> None:
        self._code = settings.code
        self._options = _checked(settings)
        self._location = self._options.get("location", "")
        self._notify = self._options.get("notify") == "yes"
        stays = self._options.get("login") == "token"
        self._admin = ShopifyAdmin(
            settings.url,
            self._options.get("version", VERSION),
            None if stays else (secret("client_id"), secret("client_secret")),
            secret("token") if stays else "",
            sleep=sleep,
            read_s=read_s,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._admin.close()

    # --- orders in --------------------------------------------------------------------------------

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders that changed since then, oldest change first.

        A page is asked for after the last change of the one before, so an order that changes
        meanwhile comes again at the end and pulls no other one out. With no `since`, orders that
        are archived or cancelled are left out.
        """
        for number in self._changed(_since(since) or "status:open"):
            order = asked(lambda: self._read(number))  # noqa: B023 - called at once
            if order is not None:
                yield order

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as it stands now. Its reference is the number in Shopify's own id."""
        return asked(lambda: self._read(reference))

    def _changed(self, query: str) -> Iterator[str]:
        """Numbers of the orders that a search finds."""
        after: str | None = None
        for _ in range(MOST_PAGES):
            found, after = asked(lambda: self._page(query, after))  # noqa: B023
            yield from found
            if after is None:
                return
        raise ChannelAway(f"{self._code}: orders change faster than they can be read.")

    def _page(self, query: str, after: str | None) -> tuple[list[str], str | None]:
        data = self._admin.ask(documents.CHANGES, query=query, after=after)
        page = within(data, "orders")
        found = [
            orders.number_of(node, "an order") for node in intake.items(page.get("nodes"), "orders")
        ]
        info = within(page, "pageInfo")
        return found, str(info.get("endCursor")) if info.get("hasNextPage") is True else None

    def _read(self, reference: str) -> RemoteOrder | None:
        order = self._fetch(reference)
        if order is None:
            return None
        changed = orders.changed_at(order.raw)
        try:
            tax: Mapping[str, tuple[int, int]] = {}
            if order.raw.get("taxesIncluded") is not True:
                currency = intake.code(order.raw.get("presentmentCurrencyCode"))
                tax = orders.taxes(self._admin, reference, currency)
            return orders.remote(order, self._code, self._options, tax)
        except Unfit as error:  # one order that cannot be read must not stop the others
            record = OrderRecord(self._code, reference, "", Address(""), ())
            return RemoteOrder(record, Standing.HELD, changed, f"It cannot be read. {error}")

    def _fetch(self, reference: str) -> ShopOrder | None:
        return orders.fetch(self._admin, reference, self._location)

    # --- parcels out ------------------------------------------------------------------------------

    def ship(self, news: ShipNews) -> Told:
        """Mark a parcel shipped: a fulfilment for each location that it takes from."""
        return told(lambda: self._ship(news))

    def _ship(self, news: ShipNews) -> Told:
        order = self._fetch(news.reference)
        if order is None:
            return _no(f"the shop knows no order {news.reference[:64]}")
        number = intake.text(news.tracking) or intake.text(news.key)
        if not number:
            return _no("the parcel has no number to find it again by")
        there = [parcel for parcel in order.parcels if number in parcel.numbers]
        known = orders.summed(parcel.units for parcel in there)
        wanted = orders.summed({line.line: line.quantity} for line in news.lines)
        left = {line: units - known.get(line, 0) for line, units in wanted.items()}
        left = {line: units for line, units in left.items() if units > 0}
        made = there[0].id if there else ""
        if left and order.raw.get("cancelledAt"):
            return _no("the order is cancelled")
        if fault := _misfit(order, left):
            return _no(fault)
        for taken in _allocated(order, left):
            sent = self._fulfilment(news, number, taken)

            def tell(sent: Json = sent) -> Json:
                return self._admin.tell(documents.SHIP, fulfillment=sent)

            done = further(tell) if made else tell()
            made = made or str(within(done, "fulfillment").get("id"))
        return Told(Writeback.APPLIED, remote_id=made)

    def _fulfilment(
        self, news: ShipNews, number: str, taken: Mapping[str, Mapping[str, int]]
    ) -> Json:
        """What to send for a parcel, of units by line by fulfilment order."""
        track = {
            "number": number,
            "company": intake.text(news.carrier_name),
            "url": _address(news.tracking_url),
        }
        return {
            "lineItemsByFulfillmentOrder": [
                {
                    "fulfillmentOrderId": part,
                    "fulfillmentOrderLineItems": [
                        {"id": line, "quantity": units} for line, units in lines.items()
                    ],
                }
                for part, lines in taken.items()
            ],
            "trackingInfo": {key: value for key, value in track.items() if value},
            "notifyCustomer": self._notify,
        }

    def deliver(self, news: DeliveryNews) -> Told:
        """Mark a parcel delivered: each of its fulfilments."""
        return told(lambda: self._deliver(news))

    def _deliver(self, news: DeliveryNews) -> Told:
        order = self._fetch(news.reference)
        number = intake.text(news.key)
        parcels = order.parcels if order and number else ()
        there = [parcel for parcel in parcels if number in parcel.numbers]
        if not there:
            return _no(f"the shop knows no parcel {number[:64]} of order {news.reference[:64]}")
        wrote = False
        for parcel in there:
            if parcel.delivered or self._was_delivered(parcel.id):
                continue
            event = {
                "fulfillmentId": parcel.id,
                "status": "DELIVERED",
                "happenedAt": moment(news.delivered_at).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }

            def tell(event: Json = event) -> Json:
                return self._admin.tell(documents.DELIVER, event=event)

            _ = further(tell) if wrote else tell()
            wrote = True
        return Told(Writeback.APPLIED, remote_id=there[0].id)

    def _was_delivered(self, parcel: str) -> bool:
        events = within(self._admin.ask(documents.EVENTS, id=parcel), "fulfillment", "events")
        return any(
            intake.obj(event, "an event").get("status") == "DELIVERED"
            for event in intake.items(events.get("nodes"), "events")
        )

    # --- stock, goods and money back --------------------------------------------------------------

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Set what may be sold at our location, by SKU."""
        if not levels:
            return []
        return set_stock(self._admin, asked(self._place), levels)

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        """Returns of orders that changed since then, and of which something is still to come."""
        waiting = "(return_status:return_requested OR return_status:in_progress)"
        for number in self._changed(f"{_since(since)} {waiting}".strip()):
            yield from asked(lambda: list(announced(self._admin, number)))  # noqa: B023

    def take_back(self, news: ReturnNews) -> Told:
        """Say what came of a return that the shop knows of; others it hears of as stock."""
        if not news.rma:
            return Told(Writeback.UNSUPPORTED, "Shopify takes back what was announced there.")
        return told(lambda: take_back(self._admin, self._place(), news))

    def refund(self, news: RefundNews) -> Told:
        """Pay money back to how the order was paid."""
        return told(lambda: refund(self._admin, self._code, news, notify=self._notify))

    def _place(self) -> str:
        """The id of our location: as the option says, or the shop's primary one."""
        if not self._location:
            found = within(self._admin.ask(documents.LOCATION), "location")
            return gid("Location", orders.number_of(found, "a location"))
        return gid("Location", self._location)


def open_channel(settings: ChannelSettings, secret: Secret) -> Shopify:
    """The channel of these settings; raises ValueError."""
    return Shopify(settings, secret)


def _checked(settings: ChannelSettings) -> Mapping[str, str]:
    forms = {
        "version": (r"20[0-9]{2}-(01|04|07|10)|unstable", "a version such as 2026-07"),
        "location": (r"[0-9]{1,19}", "the number of a location"),
        "login": (r"token", "token, or nothing"),
        "notify": (r"yes|no", "yes or no"),
    }
    for name, value in settings.options.items():
        if name not in _OPTIONS and not name.startswith("service."):
            known = ", ".join(_OPTIONS)
            raise ValueError(
                f"Channel {settings.code}: expected the options {known} and service.CODE, "
                f"got {name[:40]!r}."
            )
        form, expected = forms.get(name, (r"(?s).*", ""))
        if not re.fullmatch(form, value):
            raise ValueError(
                f"Channel {settings.code}: expected {name} to be {expected}, got {value[:40]!r}."
            )
    return settings.options


def _since(since: str) -> str:
    """The search for what changed in that second or later; empty for no time."""
    if not since:
        return ""
    at: datetime = moment(since).astimezone(UTC)
    return f"updated_at:>='{at.strftime('%Y-%m-%dT%H:%M:%SZ')}'"


def _misfit(order: ShopOrder, left: Mapping[str, int]) -> str:
    """Why units cannot leave; empty when they can."""
    lines = {orders.number_of(line, "a line") for line in order.lines}
    free = orders.summed(
        {line.line: line.remaining} for part in order.parts if not part.waits for line in part.lines
    )
    held = order.remaining()
    for line, units in left.items():
        if line not in lines:
            return f"the order has no line {line[:64]}"
        if units > held.get(line, 0):
            return f"{units} of line {line} cannot leave, {held.get(line, 0)} are left"
        if units > free.get(line, 0):
            why = "; ".join(dict.fromkeys(part.waits for part in order.parts if part.waits))
            return f"{units} of line {line} must wait: {why}"
    return ""


def _allocated(order: ShopOrder, left: Mapping[str, int]) -> list[dict[str, dict[str, int]]]:
    """Units by line of a fulfilment order by fulfilment order, for each location."""
    wanted = dict(left)
    places: dict[str, dict[str, dict[str, int]]] = {}
    for part in order.parts:
        if part.waits:
            continue
        for line in part.lines:
            units = min(wanted.get(line.line, 0), line.remaining)
            if units:
                wanted[line.line] -= units
                places.setdefault(part.location, {}).setdefault(part.id, {})[line.id] = units
    return list(places.values())


def _address(url: str) -> str:
    """A link as Shopify takes it, quoted; empty when it is none."""
    try:
        link: Any = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        return ""
    good = link.scheme in ("http", "https") and re.fullmatch(rb"[a-z0-9.-]+", link.raw_host)
    return str(link) if good else ""


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
