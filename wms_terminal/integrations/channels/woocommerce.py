"""WooCommerce, by its REST API v3.

`url` is the shop's address. Secrets `consumer_key` and `consumer_secret` are those of
WooCommerce > Settings > Advanced > REST API, with read and write. Options:

    language          of the customers' texts; `en` when not given
    notify            `yes`: the shop mails the customer about a shipment as well
    refund            `books`: the shop only notes a refund, somebody else pays it
    service.METHOD    our service code for a shipping method such as `flat_rate` or `flat_rate:3`
    http              `loopback`: the shop is on this machine, without TLS

WooCommerce guards nothing: it takes the same parcel twice, and more units than were ordered. So
every write reads first, and what does not fit is refused here. Shipments are fulfilments where
that feature is on (10.x, off by default), else an order note and the list that the Shipment
Tracking plug-in keeps.

Sources: https://woocommerce.github.io/woocommerce-rest-api-docs and the JSON Schemas that a shop
answers to OPTIONS.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.promise import moment
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import woocommerce_json as woo
from wms_terminal.integrations.channels.outcome import asked, further, told
from wms_terminal.integrations.channels.woocommerce_stock import set_stock
from wms_terminal.integrations.http import READ_S, Http, Lost, Refusal
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

PAGE = 100
"""Orders in one answer; the shop's own limit."""
MOST_PAGES = 1000

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class WooCommerce:
    """A WooCommerce shop.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        sleep: How to wait between attempts to read.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when the settings are no good.
    """

    abilities = frozenset({Ability.PARTIAL, Ability.STOCK, Ability.REFUND})

    def __init__(
        self,
        settings: ChannelSettings,
        secret: Secret,
        *,
        sleep: Callable[[float], None] = time.sleep,
        read_s: float = READ_S,
    ) -> None:
        self._code = settings.code
        self._options = settings.options
        if settings.url.startswith("http:") and self._options.get("http") != "loopback":
            raise ValueError(
                f"Channel {settings.code}: expected an https address, since WooCommerce takes "
                f"keys over https only; got {settings.url!r}."
            )
        self._notify = self._options.get("notify") == "yes"
        self._fulfilments = True
        key, password = secret("consumer_key"), secret("consumer_secret")
        self._http = Http(
            settings.url.rstrip("/") + "/wp-json/wc/v3",
            auth=(key, password),
            hide=(key, b64encode(f"{key}:{password}".encode()).decode()),
            sleep=sleep,
            read_s=read_s,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    # --- orders in --------------------------------------------------------------------------------

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders that changed since then, oldest change first.

        Asks again from the last change on rather than page by page: an order that changes
        meanwhile moves to the end, and would pull another one out of the page that comes next.
        """
        after, offset = (moment(since) if since else _LONG_AGO).replace(microsecond=0) - _SECOND, 0
        seen: set[tuple[str, str]] = set()
        for _ in range(MOST_PAGES):
            page, total = asked(lambda: self._page(after, offset))  # noqa: B023 - called at once
            changed = ""
            for raw in page:
                number, changed = asked(lambda: _dated(raw))  # noqa: B023
                if (number, changed) not in seen:
                    seen.add((number, changed))
                    yield asked(lambda: self._order(raw))  # noqa: B023
            if offset + len(page) >= total or not changed:
                return
            last = moment(changed).replace(microsecond=0) - _SECOND
            if last > after:
                after, offset = last, 0
            else:  # more changed in one second than a page holds
                offset += max(len(page) // 2, 1)
        raise ChannelAway(f"{self._code}: orders change faster than they can be read.")

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as it stands now. Its reference is the id: plug-ins change the number."""

        def ask() -> RemoteOrder | None:
            raw = self._raw(reference)
            return None if raw is None else self._order(raw)

        return asked(ask)

    def _page(self, after: datetime, offset: int) -> tuple[list[Any], int]:
        """A page of orders that changed after a second, and how many there are in all."""
        answer = self._http.get(
            "orders",
            params={
                "status": "any",
                "orderby": "modified",
                "order": "asc",
                "modified_after": after.strftime("%Y-%m-%dT%H:%M:%S"),
                "dates_are_gmt": "true",
                "per_page": PAGE,
                "offset": offset,
            },
        )
        total = intake.whole(answer.headers.get("x-wp-total"), "X-WP-Total")
        return intake.items(answer.body, "orders"), total

    def _raw(self, reference: str) -> woo.Json | None:
        if not (reference.isascii() and reference.isdigit()):
            return None
        try:
            return intake.obj(self._http.get(f"orders/{reference}").body, "an order")
        except Refusal as refusal:
            if refusal.status == 404 and woo.code_of(refusal) != "rest_no_route":
                return None
            raise

    def _order(self, raw: woo.Json) -> RemoteOrder:
        number, changed = _dated(raw)
        try:
            return self._understood(raw, number, changed)
        except Unfit as error:  # one order that cannot be read must not stop the others
            record = OrderRecord(self._code, number, "", Address(""), ())
            return RemoteOrder(record, Standing.HELD, changed, f"It cannot be read. {error}")

    def _understood(self, raw: woo.Json, number: str, changed: str) -> RemoteOrder:
        lines = woo.lines(raw)
        ordered = {line: woo.quantity(item) for line, item in lines.items()}
        shipped, cancelled = self._moved(raw, number, ordered)
        wanted = {
            line: units - min(cancelled.get(line, 0), max(units - shipped.get(line, 0), 0))
            for line, units in ordered.items()
        }
        left = any(units > shipped.get(line, 0) for line, units in wanted.items())
        standing, why = woo.standing(raw, left=left, shipped=any(shipped.values()))
        currency = intake.code(raw.get("currency"))
        billing = intake.obj(raw.get("billing"), "billing")
        record = OrderRecord(
            channel=self._code,
            reference=number,
            placed_at=intake.placed(raw.get("date_created_gmt"), "date_created_gmt"),
            customer=woo.address(raw),
            lines=tuple(
                OrderLineRecord(
                    sku=intake.code(item.get("sku")) or intake.code(item.get("global_unique_id")),
                    quantity=wanted[line],
                    unit_price=woo.unit_price(item, currency),
                    name=intake.text(item.get("name")),
                    reference=line,
                )
                for line, item in lines.items()
                if wanted[line]
            ),
            email=intake.text(billing.get("email")),
            phone=intake.code(woo.shipping(raw).get("phone")) or intake.code(billing.get("phone")),
            language=self._options.get("language", "en"),
            currency=currency,
            payment=_payment(raw, standing),
            service=self._service(raw),
            note=intake.note(raw.get("customer_note")),
        )
        return RemoteOrder(record, standing, changed, why, shipped)

    def _moved(
        self, raw: woo.Json, number: str, ordered: Mapping[str, int]
    ) -> tuple[Mapping[str, int], Mapping[str, int]]:
        """Units that have left and units that were cancelled, by line."""
        status = raw.get("status")
        if status == "completed":
            return ordered, {}
        if status in (*woo.UNPAID, *woo.CANCELLED):
            return {}, {}
        shipped = woo.summed(parcel.units for parcel in self._parcels(raw, number))
        return shipped, self._cancelled(raw, number)

    def _cancelled(self, raw: woo.Json, number: str) -> dict[str, int]:
        """Units that the shop refunded; a refund that we told of is of goods that came back."""
        refunds = self._refunds(number) if raw.get("refunds") else []
        return woo.summed(woo.refunded(refund) for refund in refunds if not woo.is_ours(refund))

    def _service(self, raw: woo.Json) -> str:
        for entry in intake.items(raw.get("shipping_lines"), "shipping_lines"):
            line = intake.obj(entry, "a shipping line")
            method = f"service.{intake.code(line.get('method_id'))}"
            exact = f"{method}:{intake.code(line.get('instance_id'))}"
            return self._options.get(exact, self._options.get(method, ""))
        return ""

    def _refunds(self, number: str) -> list[woo.Json]:
        answer = self._http.get(f"orders/{number}/refunds", params={"per_page": PAGE})
        return [intake.obj(refund, "a refund") for refund in intake.items(answer.body, "refunds")]

    # --- parcels out ------------------------------------------------------------------------------

    def ship(self, news: ShipNews) -> Told:
        """Mark a parcel shipped, and the order completed when nothing is left of it."""
        return told(lambda: self._ship(news))

    def deliver(self, _news: DeliveryNews) -> Told:
        """A shop keeps no deliveries."""
        return Told(Writeback.UNSUPPORTED, "WooCommerce keeps no deliveries.")

    def _parcels(self, raw: woo.Json, number: str) -> list[woo.Parcel]:
        """What has left: fulfilments, and what was noted while they were switched off."""
        noted = woo.noted(raw)
        if not self._fulfilments:
            return noted
        try:
            answer = self._http.get(f"orders/{number}/fulfillments")
        except Refusal as refusal:
            if woo.code_of(refusal) != "rest_no_route":
                raise
            self._fulfilments = False
            return noted
        found = intake.items(answer.body, "fulfilments")
        parcels = (woo.fulfilled(intake.obj(entry, "a fulfilment")) for entry in found)
        return [parcel for parcel in parcels if parcel] + noted

    def _ship(self, news: ShipNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _no(f"the shop knows no order {news.reference}")
        parcels = self._parcels(raw, news.reference)
        there = next((parcel for parcel in parcels if parcel.is_that_of(news)), None)
        if there is None:
            cancelled = self._cancelled(raw, news.reference)
            if fault := _misfit(news, raw, parcels, cancelled):
                return _no(fault)
        if not self._fulfilments:
            self._note(news, raw, known=there is not None)
        elif there is None:
            self._http.write(
                "POST",
                f"orders/{news.reference}/fulfillments",
                body=woo.fulfilment(news, notify=self._notify),
            )
        if news.complete and raw.get("status") in ("processing", "on-hold"):
            path = f"orders/{news.reference}"
            further(lambda: self._http.write("PUT", path, body={"status": "completed"}))
        return Told(Writeback.APPLIED, remote_id=there.remote_id if there else news.key)

    def _note(self, news: ShipNews, raw: woo.Json, *, known: bool) -> None:
        """Keep a parcel in the list of the Shipment Tracking plug-in, and in a note."""
        path = f"orders/{news.reference}"
        if not known:
            entry = woo.tracking_item(news, int(moment(news.shipped_at).timestamp()))
            kept = woo.sendable([*woo.tracking_items(raw), entry])
            entries = [{"key": woo.TRACKING_ITEMS, "value": kept}]
            self._http.write("PUT", path, body={"meta_data": entries})
        notes = intake.items(further(lambda: self._http.get(f"{path}/notes")).body, "notes")
        number = intake.text(news.tracking or news.key)
        if any(number in intake.note(intake.obj(note, "a note").get("note")) for note in notes):
            return
        words = f"{intake.text(news.carrier_name)} {number} {intake.text(news.tracking_url)}"
        body = {"note": words.strip(), "customer_note": self._notify}
        further(lambda: self._http.write("POST", f"{path}/notes", body=body))

    # --- stock, goods and money back --------------------------------------------------------------

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Set what may be sold of products and variations, by SKU."""
        return set_stock(self._http, levels)

    def returns(self, _since: str) -> Iterator[AnnouncedReturn]:
        """None: a shop announces no returns."""
        return iter(())

    def take_back(self, _news: ReturnNews) -> Told:
        """A shop keeps no returns; it hears of the stock and of the refund."""
        return Told(Writeback.UNSUPPORTED, "WooCommerce keeps no returns.")

    def refund(self, news: RefundNews) -> Told:
        """Pay money back by the shop's payment gateway, or only note it."""
        return told(lambda: self._refund(news))

    def _refund(self, news: RefundNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _no(f"the shop knows no order {news.reference}")
        refunds = self._refunds(news.reference)
        for refund in refunds:
            if woo.is_refund_of(refund, news):
                return Told(Writeback.APPLIED, remote_id=intake.code(refund.get("id")))
        currency = intake.code(raw.get("currency"))
        left = intake.minor(raw.get("total"), currency, "total") - sum(
            intake.minor(refund.get("amount"), currency, "a refund") for refund in refunds
        )
        if currency != news.currency or not 0 < news.amount <= left:
            return _no(
                f"{decimal_text(news.amount, news.currency)} {news.currency} cannot go back of "
                f"{decimal_text(left, currency)} {currency} that is left"
            )
        if strange := {line.line for line in news.lines} - woo.lines(raw).keys():
            return _no(f"the order has no line {intake.code(min(strange))}")
        body = {
            "amount": decimal_text(news.amount, currency),
            "reason": woo.refund_reason(news),
            "line_items": woo.refund_lines(news, raw),
            "api_refund": self._options.get("refund") != "books",
            # Goods that go back on sale are counted by us, and told as stock.
            "api_restock": False,
        }
        try:
            answer = self._http.write("POST", f"orders/{news.reference}/refunds", body=body)
        except Lost as lost:
            # What the payment gateway refuses is answered with 500, and the shop's own code.
            if woo.code_of(lost) != "woocommerce_rest_cannot_create_order_refund":
                raise
            return _no(intake.text(lost.body.get("message")) or "the shop could not pay it back")
        made = intake.obj(answer.body, "a refund")
        return Told(Writeback.APPLIED, remote_id=intake.code(made.get("id")))


def open_channel(settings: ChannelSettings, secret: Secret) -> WooCommerce:
    """The channel of these settings; raises ValueError."""
    return WooCommerce(settings, secret)


def _dated(raw: Any) -> tuple[str, str]:
    """Id and last change of an order."""
    order = intake.obj(raw, "an order")
    number = str(intake.whole(order.get("id"), "an order's id"))
    return number, intake.changed(order.get("date_modified_gmt"), "date_modified_gmt")


def _payment(raw: woo.Json, standing: Standing) -> str:
    if standing is Standing.UNPAID:
        return "pending"
    return "refunded" if raw.get("status") == "refunded" else "paid"


def _misfit(
    news: ShipNews, raw: woo.Json, parcels: Sequence[woo.Parcel], cancelled: Mapping[str, int]
) -> str:
    """Why a parcel does not fit its order; the shop would take anything."""
    status = intake.code(raw.get("status"))
    if status in (*woo.UNPAID, *woo.CANCELLED, "refunded"):
        return f"the order is {status}"
    lines = woo.lines(raw)
    shipped = woo.summed(parcel.units for parcel in parcels)
    for line, units in woo.summed({one.line: one.quantity} for one in news.lines).items():
        if line not in lines:
            return f"the order has no line {line[:64]}"
        left = woo.quantity(lines[line]) - shipped.get(line, 0)
        left -= min(cancelled.get(line, 0), left)
        if units > left:
            return f"{units} of line {line} cannot leave, {left} are left"
    return ""


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
