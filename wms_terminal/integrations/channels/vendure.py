"""Vendure, by its Admin API.

`url` is the address of the Admin API; without a path it is `/admin-api` there. The secret
`password` is that of an administrator of our own, who may read orders and products and change
both. Options:

    username         of that administrator
    channel          token of one of the shop's sales channels, where it has several
    location         id of our stock location, where the shop has several
    language         of the customers' texts; `en` when not given
    service.METHOD   our service code for a shipping method such as `postnl-standard`

A parcel is made in one call and marked shipped in a second; its tracking code is our key, as a
mark at the end of the reason is that of a refund or of goods that came back. A shop guards units
and money, but not twice the same.

A shop's `updatedAt` does not change with an order's state: neither a payment that comes in late
nor an order that is being modified dates it. So orders that are alive are told at every pull; one
that somebody ships in the shop itself is heard of when it is read.

Source: https://docs.vendure.io/reference/graphql-api/admin/, and a Vendure 3.7 as it behaves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.integrations import intake
from wms_terminal.integrations.channels import vendure_documents as documents
from wms_terminal.integrations.channels import vendure_orders as orders
from wms_terminal.integrations.channels.outcome import asked, further, told
from wms_terminal.integrations.channels.vendure_api import Api, Json, refused
from wms_terminal.integrations.channels.vendure_stock import set_stock
from wms_terminal.integrations.http import Http
from wms_terminal.ports.channel import (
    Ability,
    AnnouncedReturn,
    ChannelAway,
    ChannelSettings,
    DeliveryNews,
    Disposition,
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
"""Orders in one answer."""
MOST_PAGES = 1000
ALIVE = timedelta(days=90)
"""For how long after it was placed an order is told at every pull, whatever its date."""

_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class Vendure:
    """A Vendure shop.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        sleep: How to wait between attempts to read.
        page: Orders in one answer.

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
        page: int = PAGE,
    ) -> None:
        self._code = settings.code
        self._options = settings.options
        self._page_size = page
        password = secret("password")
        user = self._options.get("username", "")
        if not user:
            raise ValueError(f"Channel {settings.code}: expected the option username.")
        address = urlsplit(settings.url.strip())
        path = address.path.strip("/") or "admin-api"
        self._http = Http(address._replace(path="").geturl(), hide=(password,), sleep=sleep)
        self._api = Api(self._http, path, user, password, self._options.get("channel", ""))

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    # --- orders in --------------------------------------------------------------------------------

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders that changed since then or are alive, oldest change first.

        Asks again from the last change on rather than page by page: an order that changes
        meanwhile moves to the end, and would pull another one out of the page that comes next.
        """
        start = _second(since) if since else _LONG_AGO
        after, offset = _LONG_AGO, 0
        seen: set[tuple[str, str]] = set()
        for _ in range(MOST_PAGES):
            page, total = asked(lambda: self._page(start, after, offset))  # noqa: B023 - at once
            changed = ""
            for raw in page:
                number, changed = asked(lambda: orders.dated(raw))  # noqa: B023
                if (number, changed) not in seen:
                    seen.add((number, changed))
                    yield asked(lambda: orders.remote(raw, self._code, self._options))  # noqa: B023
            if offset + len(page) >= total or not changed:
                return
            last = _second(changed)
            if last > after:
                after, offset = last, 0
            else:  # more changed in one second than a page holds
                offset += max(len(page) // 2, 1)
        raise ChannelAway(f"{self._code}: orders change faster than they can be read.")

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as it stands now. Its reference is the code that the customer knows too."""

        def ask() -> RemoteOrder | None:
            raw = self._raw(reference)
            return None if raw is None else orders.remote(raw, self._code, self._options)

        return asked(ask)

    def _page(self, start: datetime, after: datetime, offset: int) -> tuple[list[Json], int]:
        """Some orders that changed after a second, and how many there are in all."""
        alive = [  # said as a list, since fields of one object below `_or` are alternatives too
            {"state": {"notIn": [*orders.UNPAID, *orders.ENDED]}},
            {"orderPlacedAt": {"after": stamp(start - ALIVE)}},
        ]
        due = [{"updatedAt": {"after": stamp(start)}}, {"_and": alive}]
        return self._orders(
            {"updatedAt": {"after": stamp(after)}, "active": {"eq": False}, "_or": due},
            self._page_size,
            offset,
        )

    def _raw(self, reference: str) -> Json | None:
        if not reference:
            return None
        found, _ = self._orders({"code": {"eq": reference}}, 1, 0)
        # Some databases compare without regard to case and accents.
        return next((raw for raw in found if raw.get("code") == reference), None)

    def _orders(self, which: Mapping[str, Any], most: int, skip: int) -> tuple[list[Json], int]:
        # An aggregate is the customer's order at several sellers, each of which has its own.
        options = {
            "filter": {**which, "type": {"notEq": "Aggregate"}},
            # By one field only: GraphQL puts several into the order of the schema, id first.
            "sort": {"updatedAt": "ASC"},
            "take": most,
            "skip": skip,
        }
        answer = intake.obj(self._api.ask(documents.ORDERS, {"options": options}), "orders")
        found = [intake.obj(raw, "an order") for raw in intake.items(answer.get("items"), "orders")]
        return found, intake.whole(answer.get("totalItems"), "totalItems")

    # --- parcels out ------------------------------------------------------------------------------

    def ship(self, news: ShipNews) -> Told:
        """Make a parcel and mark it shipped; a parcel that was only made is marked."""
        return told(lambda: self._ship(news))

    def deliver(self, news: DeliveryNews) -> Told:
        """Mark a parcel delivered."""
        return told(lambda: self._deliver(news))

    def _ship(self, news: ShipNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _unknown(news.reference)
        if parcel := _parcel(raw, news.tracking, news.key):
            return self._moved(parcel, "Shipped")
        where, _ = orders.standing(raw)
        if where in (Standing.UNPAID, Standing.CANCELLED):  # a shop would let an unpaid one leave
            return _no(f"the order is {intake.code(raw.get('state'))}")
        units = orders.summed({line.line: line.quantity} for line in news.lines)
        given = {
            "method": intake.text(news.carrier_name) or intake.text(news.carrier),
            "trackingCode": intake.text(news.tracking) or intake.text(news.key),
        }
        made = self._api.tell(
            documents.FULFIL,
            {
                "input": {
                    "lines": _lines(units),
                    "handler": {
                        "code": "manual-fulfillment",
                        "arguments": [
                            {"name": name, "value": value} for name, value in given.items()
                        ],
                    },
                }
            },
        )
        if made.get("__typename") != "Fulfillment":
            return _no(refused(made))
        parcel = orders.Parcel(intake.code(made.get("id")), intake.code(made.get("state")), "", {})
        return further(lambda: self._moved(parcel, "Shipped"))

    def _deliver(self, news: DeliveryNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _unknown(news.reference)
        parcel = _parcel(raw, news.key)
        if parcel is None:
            return _no(f"the order has no parcel {intake.code(news.key)}")
        return self._moved(parcel, "Delivered")

    def _moved(self, parcel: orders.Parcel, state: str) -> Told:
        """Bring a parcel into a state, unless it is in it or further."""
        done = Told(Writeback.APPLIED, remote_id=parcel.id)
        reached = orders.LEFT[orders.LEFT.index(state) :]
        if parcel.state in reached:
            return done
        if parcel.state == orders.CANCELLED:
            return _no("the parcel was cancelled in the shop")
        answer = self._api.tell(documents.MOVE_PARCEL, {"id": parcel.id, "state": state})
        if answer.get("__typename") == "Fulfillment" or answer.get("fromState") in reached:
            return done
        return _no(refused(answer))

    # --- stock, goods and money back --------------------------------------------------------------

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Set what may be sold of variants, by SKU."""
        return set_stock(self._api, self._options.get("location", ""), levels)

    def returns(self, _since: str) -> Iterator[AnnouncedReturn]:
        """None: a shop announces no returns."""
        return iter(())

    def take_back(self, news: ReturnNews) -> Told:
        """Put goods back on sale: the shop cancels units that were shipped, and counts them."""
        return told(lambda: self._take_back(news))

    def refund(self, news: RefundNews) -> Told:
        """Pay money back, of as many payments as it takes."""
        return told(lambda: self._refund(news))

    def _take_back(self, news: ReturnNews) -> Told:
        units = orders.summed(
            {line.line: line.quantity}
            for line in news.lines
            if line.disposition is Disposition.RESTOCK
        )
        if not units:
            return Told(Writeback.UNSUPPORTED, "A shop hears of goods that go back on sale only.")
        raw = self._raw(news.reference)
        if raw is None:
            return _unknown(news.reference)
        if self._took_back(raw, news.key):
            return Told(Writeback.APPLIED)
        lines, here = orders.lines(raw), orders.quantities(raw)
        for name, count in units.items():
            if name not in lines:
                return _no(f"the order has no line {intake.code(name)}")
            if lines[name].left:
                return _no(f"{lines[name].left} of line {name} are to be shipped yet")
            if count > here[name]:
                return _no(f"{count} of line {name} cannot come back, {here[name]} are out")
        answer = self._api.tell(
            documents.CANCEL,
            {
                "input": {
                    "orderId": raw.get("id"),
                    "lines": _lines(units),
                    "reason": orders.marked(f"Returned {news.rma}", news.key),
                    "cancelShipping": False,
                }
            },
        )
        if answer.get("__typename") == "Order":
            return Told(Writeback.APPLIED)
        return _no(refused(answer))

    def _took_back(self, raw: Json, key: str) -> bool:
        """Whether the shop has cancelled units for our key."""
        variables = {
            "id": raw.get("id"),
            "options": {"filter": {"type": {"eq": "ORDER_CANCELLATION"}}, "take": PAGE},
        }
        answer = intake.obj(self._api.ask(documents.CANCELLATIONS, variables), "an order")
        history = intake.obj(answer.get("history"), "history")
        for entry in intake.items(history.get("items"), "history"):
            data = intake.obj(intake.obj(entry, "an event").get("data"), "data")
            if orders.bears(intake.text(data.get("reason"), intake.LONGEST_NOTE), key):
                return True
        return False

    def _refund(self, news: RefundNews) -> Told:
        raw = self._raw(news.reference)
        if raw is None:
            return _unknown(news.reference)
        payments = orders.payments(raw)
        ours = [
            refund
            for payment in payments
            for refund in payment.refunds
            if orders.bears(refund.reason, news.key)
        ]
        due = news.amount - sum(refund.amount for refund in ours)
        if ours and due <= 0:
            return _paid(ours[0].id, settled=all(refund.settled for refund in ours))
        currency = intake.code(raw.get("currencyCode"))
        room = sum(payment.room for payment in payments)
        if currency != news.currency or not 0 < due <= room:
            return _no(
                f"{decimal_text(due, news.currency)} {news.currency} cannot go back of "
                f"{decimal_text(room, currency)} {currency} that is left"
            )
        known = [] if ours else orders.lines(raw)  # the first one says what it is for
        units = orders.summed(
            {line.line: line.quantity} for line in news.lines if line.line in known
        )
        return self._pay_back(payments, due, orders.marked(news.reason, news.key), units)

    def _pay_back(
        self, payments: Sequence[orders.Payment], due: int, reason: str, units: Mapping[str, int]
    ) -> Told:
        """Pay back of one payment, or of several where none has room for all of it."""
        made: list[Json] = []
        for payment in sorted(payments, key=lambda payment: -payment.room):
            part = min(due, payment.room)
            if part <= 0:
                break
            given = {
                "paymentId": payment.id,
                "amount": part,
                "reason": reason,
                "lines": [] if made else _lines(units),
                # Deprecated, and yet a shop fails without them.
                "shipping": 0,
                "adjustment": 0,
            }
            ask = partial(self._api.tell, documents.REFUND, {"input": given})
            answer = further(ask) if made else ask()
            if answer.get("__typename") != "Refund" or answer.get("state") == "Failed":
                why = refused(answer)
                return _no(f"only a part was paid back, {why}" if made else why)
            made.append(answer)
            due -= part
        settled = all(answer.get("state") == "Settled" for answer in made)
        return _paid(intake.code(made[0].get("id")), settled=settled)


def open_channel(settings: ChannelSettings, secret: Secret) -> Vendure:
    """A Vendure shop, as the entry point has it; raises ValueError."""
    return Vendure(settings, secret)


def _second(text: str) -> datetime:
    """The last second before a time: a shop keeps whole ones, and tells what is after."""
    return moment(text).replace(microsecond=0) - _SECOND


def _parcel(raw: Json, *keys: str) -> orders.Parcel | None:
    """The parcel of an order that bears one of the tracking codes."""
    known = {intake.text(key) for key in keys} - {""}
    return next((one for one in orders.parcels(raw) if one.tracking in known), None)


def _lines(units: Mapping[str, int]) -> list[Json]:
    return [{"orderLineId": line, "quantity": count} for line, count in units.items()]


def _paid(number: str, *, settled: bool) -> Told:
    waits = "" if settled else "The shop has it as pending: somebody must pay and settle it there."
    return Told(Writeback.APPLIED, waits, number)


def _unknown(reference: str) -> Told:
    return _no(f"the shop knows no order {intake.code(reference)}")


def _no(why: str) -> Told:
    return Told(Writeback.REJECTED, f"Not done: {why.removesuffix('.')}.")
