"""bol, by its Retailer API v10, with stock by offers v11.

`url` is https://api.bol.com. Secrets `client_id` and `client_secret` are those of the partner
platform > Settings > API. Options:

    login                 where tokens are given, https://login.bol.com when not given
    language              of customers whose language bol does not say; `nl` when not given
    transporter.CARRIER   bol's code of a carrier of ours, for those that are not known here
    service.FRAME         our service code for a time frame such as EVENING or SAMEDAY

bol takes a change with 202 and does it later, so what is told is in doubt until it is read there.
A shipment carries our key as its reference, a return has its RMA. bol pays refunds itself.

Source: the OpenAPI specifications at https://api.bol.com/retailer/public/apispec/
"""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.promise import moment
from wms_terminal.domain.records import OrderRecord
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import bol_json as bol
from wms_terminal.integrations.channels.bol_session import BolSession
from wms_terminal.integrations.channels.bol_stock import set_stock
from wms_terminal.integrations.channels.outcome import asked, told
from wms_terminal.integrations.http import READ_S, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import (
    Ability,
    AnnouncedReturn,
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

PAGE = 50
"""Orders, shipments, returns or processes in one answer."""
MOST_ITEMS = 100
"""Of one shipment."""
LONGEST_WINDOW = timedelta(days=90)
"""bol tells of changes of the last three months."""
MOST_PASSES = 5

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_ZONES = timedelta(hours=3)
"""How far a day of bol's may lie from one of UTC."""

_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Bol:
    """The orders, offers and returns of a retailer at bol.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        sleep: How to wait between attempts to read.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when the settings are no good.
    """

    abilities = frozenset({Ability.PARTIAL, Ability.STOCK, Ability.RETURNS})

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
        self._bol = BolSession(
            settings.url,
            self._options.get("login", "https://login.bol.com"),
            secret("client_id"),
            secret("client_secret"),
            sleep=sleep,
            read_s=read_s,
        )
        self._running: dict[str, str] = {}
        """Ids of processes that we started and that have not ended, by our key."""

    def close(self) -> None:
        """Let go of connections."""
        self._bol.close()

    # --- orders in --------------------------------------------------------------------------------

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders that changed since then, oldest change first.

        The list has no addresses, so each order is read as well.
        """
        start = moment(since).replace(microsecond=0) if since else _LONG_AGO
        for window in _windows(start, datetime.now(UTC)):
            listed: dict[str, str] = {}
            for params in window:
                listed |= asked(lambda: self._listed(params))  # noqa: B023 - called at once
            for number, changed in sorted(listed.items(), key=lambda entry: (entry[1], entry[0])):
                found = self.read(number) if moment(changed) >= start else None
                if found is not None:
                    # The list's time: a change since then must not hide the orders between.
                    yield dataclasses.replace(found, changed_at=changed)

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as it stands now."""

        def ask() -> RemoteOrder | None:
            raw = self._raw(reference)
            return None if raw is None else self._order(raw)

        return asked(ask)

    def _listed(self, params: Mapping[str, str | int]) -> dict[str, str]:
        """When orders of a list changed, by id.

        It is read again until nothing new turns up, where it has several pages:
        an order that changes meanwhile moves, and pulls another one over the edge of a page.
        """
        found: dict[str, str] = {}
        for _ in range(MOST_PASSES):
            entries = self._bol.pages(
                "retailer/orders", "orders", PAGE, {"fulfilment-method": "FBR", **params}
            )
            orders = [intake.obj(entry, "an order") for entry in entries]
            listed = {intake.code(order.get("orderId")): bol.changed(order) for order in orders}
            new = listed.keys() - found.keys()
            found = listed | found
            if not new or len(entries) < PAGE:
                break
        return found

    def _raw(self, reference: str) -> bol.Json | None:
        if not _ORDER_ID.fullmatch(reference):
            return None
        try:
            return intake.obj(self._bol.get(f"retailer/orders/{reference}"), "an order")
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise

    def _order(self, raw: bol.Json) -> RemoteOrder:
        try:
            return bol.order(raw, self._code, self._options)
        except Unfit as error:  # one order that cannot be read must not stop the others
            number, changed = intake.code(raw.get("orderId")), bol.changed(raw)
            record = OrderRecord(self._code, number, "", Address(""), ())
            return RemoteOrder(record, Standing.HELD, changed, f"It cannot be read. {error}")

    # --- parcels out ------------------------------------------------------------------------------

    def ship(self, news: ShipNews) -> Told:
        """Mark a parcel shipped; in doubt until bol has made the shipment of it."""
        return told(lambda: self._ship(news))

    def deliver(self, _news: DeliveryNews) -> Told:
        """The carrier tells bol."""
        return Told(Writeback.UNSUPPORTED, "bol hears of deliveries from the carrier.")

    def _ship(self, news: ShipNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _no(f"bol knows no order {news.reference[:64]}")
        shipments = self._shipments(news.reference)
        for shipment in shipments:
            if intake.text(shipment.get("shipmentReference")) == bol.reference(news):
                self._running.pop(news.key, None)
                return Told(Writeback.APPLIED, remote_id=intake.code(shipment.get("shipmentId")))
        if news.key in self._running:
            return self._ended(news.key)
        for line in bol.units(news):
            seen = sum(_holds(shipment, line) for shipment in shipments)
            if waiting := self._waiting("CREATE_SHIPMENT", line, seen):
                return waiting
        if fault := _misfit(news, raw):
            return _no(fault)
        body = bol.shipment(news, self._options)
        return self._begun(news.key, self._bol.write("POST", "retailer/shipments", body))

    def _shipments(self, reference: str) -> list[bol.Json]:
        entries = self._bol.pages("retailer/shipments", "shipments", PAGE, {"order-id": reference})
        return [intake.obj(entry, "a shipment") for entry in entries]

    # --- processes --------------------------------------------------------------------------------

    def _begun(self, key: str, answer: Any) -> Told:
        """A change was taken with 202: it is not done yet."""
        process = intake.code(intake.obj(answer, "a process").get("processStatusId"))
        if process:
            self._running[key] = process
        return Told(Writeback.IN_DOUBT, f"bol works on it, as process {process}.", process)

    def _ended(self, key: str) -> Told:
        """What became of a change that this channel began."""
        process = self._running[key]
        try:
            status = intake.obj(self._bol.get(f"shared/process-status/{process}"), "a process")
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            status = {"status": "TIMEOUT"}  # bol forgets what ended long ago
        state = status.get("status")
        if state == "PENDING":
            return Told(Writeback.IN_DOUBT, f"bol works on it, as process {process}.", process)
        del self._running[key]
        if state == "SUCCESS":
            return Told(Writeback.APPLIED, remote_id=process)
        if state == "FAILURE":
            return _no(intake.text(status.get("errorMessage")) or "bol did not say why")
        return Told(Writeback.IN_DOUBT, f"Process {process} did not end in time.", process)

    def _waiting(self, event: str, entity: str, seen: int) -> Told | None:
        """In doubt while a change of an entity runs, or has succeeded and is not `seen` yet.

        A process does not say whose it is, so one that failed may be tried again.
        """
        if not _ORDER_ID.fullmatch(entity):
            return None
        entries = self._bol.pages(
            "shared/process-status",
            "processStatuses",
            PAGE,
            {"entity-id": entity, "event-type": event},
        )
        states = [intake.obj(entry, "a process").get("status") for entry in entries]
        if "PENDING" in states:
            return Told(Writeback.IN_DOUBT, f"bol still works on {entity}.")
        if states.count("SUCCESS") > seen:
            return Told(Writeback.IN_DOUBT, f"bol has done something with {entity}, unseen yet.")
        return None

    # --- stock and goods back ---------------------------------------------------------------------

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Set the stock of the offers whose reference or EAN is the SKU."""
        return set_stock(self._bol, levels)

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        """Returns that were announced since then and not handled yet; one for each RMA."""
        start = moment(since).replace(microsecond=0) if since else _LONG_AGO
        orders: dict[str, bol.Json | None] = {}
        for entry in asked(lambda: self._returns("false")):
            at = asked(lambda: _registered(entry))  # noqa: B023 - called at once
            for item in asked(lambda: _unhandled(entry)) if moment(at) >= start else ():  # noqa: B023
                number = intake.code(item.get("orderId"))
                if number not in orders:
                    orders[number] = asked(lambda: self._raw(number))  # noqa: B023
                line = asked(lambda: bol.advised(item, orders[number]))  # noqa: B023
                yield AnnouncedReturn(intake.code(item.get("rmaId")), number, at, (line,))

    def take_back(self, news: ReturnNews) -> Told:
        """Say that goods came back; in doubt until bol has handled it, and it pays the customer."""
        return told(lambda: self._take_back(news))

    def refund(self, _news: RefundNews) -> Told:
        """Not ours to pay: bol does it when a return is handled."""
        return Told(Writeback.UNSUPPORTED, "bol pays refunds itself.")

    def _returns(self, handled: str) -> list[bol.Json]:
        entries = self._bol.pages(
            "retailer/returns", "returns", PAGE, {"handled": handled, "fulfilment-method": "FBR"}
        )
        return [intake.obj(entry, "a return") for entry in entries]

    def _take_back(self, news: ReturnNews) -> Told:
        if not news.rma:
            return Told(Writeback.UNSUPPORTED, "bol does not know of this return.")
        item = self._returned(news.rma)
        if item is None:
            return _no(f"bol knows no return {news.rma[:64]}")
        if item.get("handled") is True:
            self._running.pop(news.key, None)
            return Told(Writeback.APPLIED, remote_id=news.rma)
        if news.key in self._running:
            return self._ended(news.key)
        if waiting := self._waiting("HANDLE_RETURN_ITEM", news.rma, 0):
            return waiting
        units = sum(line.quantity for line in news.lines)
        if not 0 < units <= 9999:
            return _no(f"bol takes 1 to 9999 units back, not {units}")
        body = {"handlingResult": "RETURN_RECEIVED", "quantityReturned": units}
        return self._begun(news.key, self._bol.write("PUT", f"retailer/returns/{news.rma}", body))

    def _returned(self, rma: str) -> bol.Json | None:
        """What bol knows of an RMA; those that wait are asked for first."""
        if not (rma.isascii() and rma.isdigit()):
            return None
        for handled in ("false", "true"):
            for entry in self._returns(handled):
                for item in _items_of(entry):
                    if intake.code(item.get("rmaId")) == rma:
                        return item
        return None


def open_channel(settings: ChannelSettings, secret: Secret) -> Bol:
    """The channel of these settings; raises ValueError."""
    return Bol(settings, secret)


def _windows(start: datetime, now: datetime) -> Iterator[Sequence[Mapping[str, str | int]]]:
    """What to ask for, oldest first: bol lists what changed within an hour, or on a day.

    It remembers three months; before that, all that is open is asked for.
    """
    minutes = int((now - start).total_seconds() / 60) + 3  # clocks differ, seconds are cut
    if minutes <= 60:
        yield [{"status": "ALL", "change-interval-minute": max(minutes, 3)}]
    elif now - start >= LONGEST_WINDOW:
        today = {"status": "ALL", "latest-change-date": now.date().isoformat()}
        yield [{"status": "OPEN"}, today]
    else:
        day, last = (start - _ZONES).date(), (now + _ZONES).date()
        while day <= last:
            yield [{"status": "ALL", "latest-change-date": day.isoformat()}]
            day += timedelta(days=1)


def _misfit(news: ShipNews, raw: bol.Json) -> str:
    """Why a parcel does not fit its order; bol would say so too, only later."""
    items = {bol.item_id(item): item for item in bol.items(raw)}
    parts = bol.units(news)
    if not 0 < len(parts) <= MOST_ITEMS:
        return f"a shipment has 1 to {MOST_ITEMS} items, not {len(parts)}"
    for line, units in parts.items():
        if line not in items:
            return f"the order has no item {line[:64]}"
        left = bol.wanted(items[line]) - bol.shipped(items[line])
        if units > left:
            return f"{units} of item {line} cannot leave, {left} are left"
    return ""


def _holds(shipment: bol.Json, line: str) -> bool:
    return any(bol.item_id(item) == line for item in _objects(shipment.get("shipmentItems")))


def _items_of(entry: bol.Json) -> list[bol.Json]:
    return _objects(entry.get("returnItems"))


def _unhandled(entry: bol.Json) -> list[bol.Json]:
    return [item for item in _items_of(entry) if item.get("handled") is not True]


def _registered(entry: bol.Json) -> str:
    return intake.changed(entry.get("registrationDateTime"), "registrationDateTime")


def _objects(value: Any) -> list[bol.Json]:
    return [intake.obj(item, "an item") for item in intake.items(value, "items")]


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why}.")
