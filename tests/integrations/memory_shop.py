"""A channel without a network, and its remote side: the kit's own proof."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.intake import text
from wms_terminal.integrations.testing.counterpart import (
    RETRY_AFTER_S,
    Call,
    Fault,
    Placed,
    Shipment,
)
from wms_terminal.ports.channel import (
    Ability,
    AdvisedLine,
    AnnouncedReturn,
    Channel,
    ChannelAway,
    DeliveryNews,
    RefundNews,
    RemoteOrder,
    ReturnNews,
    ShipNews,
    Standing,
    StockLevel,
    Told,
    Writeback,
)

PASSWORD = "hunter2-correct-horse"
T = TypeVar("T")


@dataclass
class Parcel:
    """A shipment there: made first, sent in a second step."""

    tracking: str
    lines: dict[str, int]
    sent: bool = False
    delivered: int = 0


@dataclass
class Order:
    """An order there."""

    reference: str
    placed: Placed
    changed: datetime
    paid: bool
    cancelled: bool = False
    held: bool = False
    gone: dict[str, int] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    refunds: list[tuple[str, int]] = field(default_factory=list)
    returns: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    back: dict[str, dict[str, int]] = field(default_factory=dict)

    def wanted(self) -> dict[str, int]:
        """Units still wanted in all, by line."""
        ids = (f"{self.reference}-{number}" for number in range(1, 99))
        lines = zip(ids, self.placed.lines, strict=False)
        return {name: line.quantity - self.gone.get(name, 0) for name, line in lines}

    def sent(self) -> dict[str, int]:
        """Units that were sent, by line."""
        found: dict[str, int] = {}
        for parcel in self.parcels:
            if parcel.sent:
                for line, quantity in parcel.lines.items():
                    found[line] = found.get(line, 0) + quantity
        return found


class MemoryShop:
    """The remote side."""

    code = "memory"
    skus = ("71053", "85123A", "72741")
    page = 4

    def __init__(self, make: Callable[[MemoryShop], Channel] | None = None) -> None:
        self._make = make or MemoryChannel
        self._now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.orders: dict[str, Order] = {}
        self.on_hand = dict.fromkeys(self.skus, 5_000)
        self._tokens: list[str] = []
        self._all_tokens: list[str] = []
        self._fault: tuple[Fault, Call, int, int] | None = None
        self._hit = 0
        self._hits = dict.fromkeys(Call, 0)

    @property
    def secrets(self) -> Sequence[str]:
        return [PASSWORD, *self._all_tokens]

    def channel(self) -> Channel:
        return self._make(self)

    def tick(self) -> None:
        self._now += timedelta(seconds=1)

    def place(self, order: Placed) -> str:
        reference = f"M{len(self.orders) + 1001}"
        self.orders[reference] = Order(reference, order, self._now, order.paid)
        return reference

    def _changed(self, reference: str) -> Order:
        order = self.orders[reference]
        order.changed = self._now
        return order

    def pay(self, reference: str) -> None:
        self._changed(reference).paid = True

    def move(self, reference: str, street: str) -> None:
        order = self._changed(reference)
        customer = dataclasses.replace(order.placed.customer, street=street)
        order.placed = dataclasses.replace(order.placed, customer=customer)

    def cancel(self, reference: str) -> None:
        self._changed(reference).cancelled = True

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        self._changed(reference).gone[line] = quantity
        return True

    def hold(self, reference: str) -> bool:
        self._changed(reference).held = True
        return True

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        rma = f"RMA-{reference}"
        self._changed(reference).returns[rma] = (line, quantity, reason)
        return rma

    def shipments(self, reference: str) -> list[Shipment]:
        parcels = self.orders[reference].parcels
        return [Shipment(one.tracking if one.sent else "", one.lines) for one in parcels]

    def delivered(self, reference: str) -> list[str]:
        parcels = self.orders[reference].parcels
        return [one.tracking for one in parcels for _ in range(one.delivered)]

    def stock(self, sku: str) -> int:
        return self.on_hand[sku] - self.allocated(sku)

    def allocated(self, sku: str) -> int:
        """Units that open orders hold."""
        held = 0
        for order in self.orders.values():
            sent = order.sent()
            for (name, wanted), line in zip(
                order.wanted().items(), order.placed.lines, strict=True
            ):
                if line.sku == sku and not order.cancelled:
                    held += wanted - sent.get(name, 0)
        return held

    def taken_back(self, reference: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for lines in self.orders[reference].back.values():
            for line, quantity in lines.items():
                found[line] = found.get(line, 0) + quantity
        return found

    def refunds(self, reference: str) -> list[int]:
        return [amount for _, amount in self.orders[reference].refunds]

    def expire(self) -> bool:
        self._tokens.clear()
        return True

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        self._fault = (fault, call, nth, count)
        self._hit = 0
        return True

    def heal(self) -> int:
        self._fault = None
        return self._hit

    def hits(self, call: Call) -> int:
        return self._hits[call]

    def close(self) -> None:
        pass

    # --- what the channel reaches ----------------------------------------------------------------

    def login(self, password: str) -> str:
        """A session."""
        assert password == PASSWORD
        token = secrets.token_hex(16)
        self._tokens.append(token)
        self._all_tokens.append(token)
        return token

    def request(self, call: Call, token: str, do: Callable[[], T]) -> T:
        """One request, which may go wrong."""
        self._hits[call] += 1
        if token not in self._tokens:
            raise Refusal("401, log in", 401)
        fault = self._next_fault(call)
        if fault is None:
            return do()
        gone = Lost if call is Call.WRITE else Away
        match fault:
            case Fault.LOST_AFTER | Fault.GARBAGE | Fault.SLOW:
                do()
                raise gone("no answer")
            case Fault.LOST_BEFORE:
                raise gone("no answer")
            case Fault.BUSY:
                raise Away("429", RETRY_AFTER_S)
            case Fault.ECHO:
                raise Refusal(f"403, not with {token} and {PASSWORD}", 403)
            case _:
                raise Away("closed")

    def _next_fault(self, call: Call) -> Fault | None:
        if self._fault is None or self._fault[1] is not call:
            return None
        fault, _, nth, count = self._fault
        if nth:
            self._fault = (fault, call, nth - 1, count)
            return None
        if not count:
            return None
        self._fault = (fault, call, 0, count - 1)
        self._hit += 1
        return fault

    def listed(self, since: str, after: tuple[datetime, str] | None) -> list[Order]:
        """A page of orders by time of change, after the last one of the page before."""
        found = [one for one in self.orders.values() if stamp(one.changed) >= since]
        found.sort(key=_place)
        later = [one for one in found if after is None or _place(one) > after]
        return [dataclasses.replace(one) for one in later[: self.page]]

    def make_parcel(self, reference: str, tracking: str, lines: Mapping[str, int]) -> None:
        """The first step."""
        order = self.orders[reference]
        left = {name: n - order.sent().get(name, 0) for name, n in order.wanted().items()}
        if order.cancelled or any(n > left.get(name, 0) for name, n in lines.items()):
            raise Refusal("409, cannot be shipped", 409)
        order.parcels.append(Parcel(tracking, dict(lines)))

    def send_parcel(self, reference: str, tracking: str) -> None:
        """The second step."""
        order = self._changed(reference)
        next(one for one in order.parcels if one.tracking == tracking).sent = True

    def pay_back(self, reference: str, key: str, amount: int) -> None:
        """Money goes back; there is no guard against twice."""
        order = self._changed(reference)
        total = sum(line.quantity * line.unit_price for line in order.placed.lines)
        if amount + sum(self.refunds(reference)) > total:
            raise Refusal("422, more than was paid", 422)
        order.refunds.append((key, amount))


def _place(order: Order) -> tuple[datetime, str]:
    return order.changed, order.reference


class MemoryChannel:
    """A good channel to it."""

    abilities = frozenset(Ability)

    def __init__(self, shop: MemoryShop) -> None:
        self.shop = shop
        self.token = ""

    def __repr__(self) -> str:
        return "MemoryChannel()"

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        after = None
        while page := self.page(since[:19], after):
            yield from map(self.order, page)
            after = _place(page[-1])

    def page(self, since: str, after: Any) -> list[Order]:
        """One answer."""
        return self.ask(lambda: self.shop.listed(since, after))

    def read(self, reference: str) -> RemoteOrder | None:
        found = self.find(reference)
        return None if found is None else self.order(found)

    def find(self, reference: str) -> Order | None:
        """An order as it is there."""
        return self.ask(lambda: self.shop.orders.get(reference))

    def order(self, order: Order) -> RemoteOrder:
        """An order in our words."""
        placed, wanted, sent = order.placed, order.wanted(), order.sent()
        lines = tuple(
            OrderLineRecord(line.sku, wanted[name], line.unit_price, "", name)
            for name, line in zip(wanted, placed.lines, strict=True)
            if wanted[name]
        )
        customer = dataclasses.replace(
            placed.customer,
            **{
                name: text(getattr(placed.customer, name))
                for name in ("name", "company", "street", "extra")
            },
        )
        record = OrderRecord(
            self.shop.code,
            order.reference,
            "2026-01-05T09:00:00Z",
            customer,
            lines,
            placed.email,
            placed.phone,
            currency=placed.currency,
            payment="paid" if order.paid else "pending",
        )
        return RemoteOrder(record, self.standing(order), stamp(order.changed), shipped=sent)

    def standing(self, order: Order) -> Standing:
        """How it stands."""
        if order.cancelled:
            return Standing.CANCELLED
        if not order.paid:
            return Standing.UNPAID
        if order.held:
            return Standing.HELD
        return Standing.CLOSED if order.sent() == order.wanted() else Standing.OPEN

    def ship(self, news: ShipNews) -> Told:
        return self.tell(lambda: self.ship_steps(news))

    def ship_steps(self, news: ShipNews) -> None:
        """Make a parcel and send it, as far as that was not done."""
        parcel = self.parcel(news)
        if parcel is None:
            lines = {line.line: line.quantity for line in news.lines}
            self.write(lambda: self.shop.make_parcel(news.reference, news.tracking, lines))
        if parcel is None or not parcel.sent:
            self.write(lambda: self.shop.send_parcel(news.reference, news.tracking))

    def parcel(self, news: ShipNews | DeliveryNews) -> Parcel | None:
        """The parcel there, if any."""
        order = self.find(news.reference)
        parcels = [] if order is None else order.parcels
        return next((one for one in parcels if one.tracking == news.key), None)

    def deliver(self, news: DeliveryNews) -> Told:
        def steps() -> None:
            parcel = self.parcel(news)
            assert parcel is not None
            if not parcel.delivered:
                self.write(lambda: setattr(parcel, "delivered", parcel.delivered + 1))

        return self.tell(steps)

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        return [self.tell(lambda level=level: self.set_level(level)) for level in levels]  # type: ignore[misc]

    def set_level(self, level: StockLevel) -> None:
        """Set what is on hand so that the rest may be sold."""
        if level.sku not in self.shop.on_hand:
            raise Refusal("no such product", 404)
        total = level.quantity + self.ask(lambda: self.shop.allocated(level.sku))
        self.write(lambda: self.shop.on_hand.update({level.sku: total}))

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        del since
        for order in self.ask(lambda: list(self.shop.orders.values())):
            for rma, (line, quantity, reason) in order.returns.items():
                sku = order.placed.lines[int(line.rpartition("-")[2]) - 1].sku
                advised = (AdvisedLine(line, sku, quantity, reason),)
                yield AnnouncedReturn(rma, order.reference, stamp(order.changed), advised)

    def take_back(self, news: ReturnNews) -> Told:
        return self.tell(lambda: self.back_steps(news))

    def back_steps(self, news: ReturnNews) -> None:
        """Say what came back; the key is the guard there."""
        lines = {line.line: line.quantity for line in news.lines}
        self.write(lambda: self.shop.orders[news.reference].back.update({news.key: lines}))

    def refund(self, news: RefundNews) -> Told:
        return self.tell(lambda: self.refund_steps(news))

    def refund_steps(self, news: RefundNews) -> None:
        """Pay back, unless it was done."""
        if not self.paid(news):
            self.write(lambda: self.shop.pay_back(news.reference, news.key, news.amount))

    def paid(self, news: RefundNews) -> bool:
        """Whether it is there."""
        order = self.find(news.reference)
        return order is not None and any(key == news.key for key, _ in order.refunds)

    def close(self) -> None:
        self.token = ""

    # --- how it asks -----------------------------------------------------------------------------

    def ask(self, do: Callable[[], T]) -> T:
        """A read."""
        try:
            return self.call(Call.READ, do)
        except Away as error:
            raise self.away(error) from None
        except Refusal as error:
            raise ChannelAway(self.blot(str(error))) from None

    def away(self, error: Away) -> ChannelAway:
        """It could not be asked."""
        return ChannelAway(str(error), error.retry_after_s)

    def write(self, do: Callable[[], T]) -> T:
        """A write, sent once."""
        return self.call(Call.WRITE, do)

    def tell(self, steps: Callable[[], None]) -> Told:
        """What became of a write."""
        try:
            steps()
        except Away as error:
            raise self.away(error) from None
        except Lost as error:
            return Told(Writeback.IN_DOUBT, str(error))
        except Refusal as error:
            return Told(Writeback.REJECTED, self.blot(str(error)))
        return Told(Writeback.APPLIED)

    def call(self, call: Call, do: Callable[[], T]) -> T:
        """A request, once more when the session had gone."""
        try:
            return self.shop.request(call, self.session(), do)
        except Refusal as error:
            if error.status != 401:
                raise
        self.token = ""
        return self.shop.request(call, self.session(), do)

    def session(self) -> str:
        """The session's token."""
        self.token = self.token or self.shop.login(PASSWORD)
        return self.token

    def blot(self, said: str) -> str:
        """Without secrets."""
        for secret in (PASSWORD, self.token):
            said = said.replace(secret, "…")
        return said
