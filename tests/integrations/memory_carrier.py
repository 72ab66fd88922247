"""A carrier without a network, and its remote side: the carrier kit's own proof."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.carriers.label_file import neutral
from wms_terminal.integrations.carriers.outcome import asked, booked, further, told
from wms_terminal.integrations.http import Away, Lost, Refusal
from wms_terminal.integrations.testing.carrier_counterpart import Booked
from wms_terminal.integrations.testing.counterpart import RETRY_AFTER_S, Call, Fault
from wms_terminal.ports.carrier import (
    Booking,
    Carrier,
    CarrierRefused,
    Consignment,
    LabelFormat,
    Milestone,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Told, Writeback

PASSWORD = "hunter2-correct-horse"
PAPER = b"%PDF-1.4 CN23"
T = TypeVar("T")


@dataclass
class Parcel:
    """A booking there."""

    key: str
    remote_id: str
    tracking: str
    consignment: Consignment
    cancelled: bool = False
    left: bool = False
    events: list[TrackingEvent] = field(default_factory=list)


class MemoryPost:
    """The remote side."""

    option = "home"
    abroad = "world"
    courier = "post"

    def __init__(self, make: Callable[[MemoryPost], Carrier] | None = None) -> None:
        self._make = make or MemoryCarrier
        self._now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self.parcels: list[Parcel] = []
        self.wishes: list[str] = []
        self._token = secrets.token_hex(16)
        self._plan: tuple[Fault, Call, int, int] | None = None
        self._hit = 0
        self._hits = dict.fromkeys(Call, 0)

    @property
    def secrets(self) -> Sequence[str]:
        return [PASSWORD, self._token]

    def carrier(self) -> Carrier:
        return self._make(self)

    def tick(self) -> None:
        self._now += timedelta(minutes=5)

    def bookings(self, key: str) -> list[Booked]:
        return [
            Booked(
                one.remote_id,
                one.tracking,
                dataclasses.replace(one.consignment.receiver, region=""),
                one.consignment.weight_g,
                {item.sku: item.quantity for item in one.consignment.items},
                one.cancelled,
            )
            for one in self.parcels
            if one.key == key
        ]

    def scan(self, tracking: str, milestone: Milestone, text: str) -> bool:
        (parcel,) = (one for one in self.parcels if one.tracking == tracking)
        parcel.events.append(TrackingEvent(tracking, stamp(self._now), milestone, text))
        return True

    def hand_over(self, remote_id: str) -> bool:
        self.of_id(remote_id).left = True
        return True

    def pickups(self, key: str) -> int:
        return self.wishes.count(key)

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        self._plan, self._hit = (fault, call, nth, count), 0
        return True

    def heal(self) -> int:
        self._plan = None
        return self._hit

    def hits(self, call: Call) -> int:
        return self._hits[call]

    def close(self) -> None:
        pass

    def of_id(self, remote_id: str) -> Parcel:
        for one in self.parcels:
            if one.remote_id == remote_id:
                return one
        raise Refusal(f"No booking {remote_id!r}.", 404)

    def request(self, call: Call, do: Callable[[], T]) -> T:
        """Answer a request, or let it go wrong."""
        self._hits[call] += 1
        match self._due(call):
            case None:
                return do()
            case Fault.LOST_BEFORE:
                raise Lost("no answer")
            case Fault.BUSY:
                raise Away("busy", RETRY_AFTER_S)
            case Fault.CLOSED | Fault.PAGE:
                raise Away("closed")
            case Fault.ECHO:
                raise Refusal(f"who is {self._token} with {PASSWORD}", 400)
            case _:
                do()
                raise Lost("no answer")

    def _due(self, call: Call) -> Fault | None:
        if self._plan is None or self._plan[1] is not call:
            return None
        fault, _, nth, count = self._plan
        if nth:
            self._plan = (fault, call, nth - 1, count)
            return None
        self._plan = (fault, call, 0, count - 1) if count > 1 else None
        self._hit += 1
        return fault


class MemoryCarrier:
    """A carrier that keeps every rule; what breaks one overrides one of its steps."""

    def __init__(self, post: MemoryPost) -> None:
        self.post = post

    def read(self, do: Callable[[], T]) -> T:
        try:
            return self._call(Call.READ, do)
        except Lost as error:
            raise Away(str(error)) from None

    def write(self, do: Callable[[], T]) -> T:
        return self._call(Call.WRITE, do)

    def _call(self, call: Call, do: Callable[[], T]) -> T:
        try:
            return self.post.request(call, do)
        except Refusal as error:
            raise Refusal(self.blot(str(error)), error.status) from None

    def blot(self, said: str) -> str:
        for secret in self.post.secrets:
            said = said.replace(secret, "…")
        return said

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        del consignment
        found = [ShippingOption("home", "Home", "post", 615, "EUR", 23_000)]
        return asked(lambda: self.read(lambda: found))

    def find(self, key: str) -> Parcel | None:
        there = [one for one in self.post.parcels if one.key == key]
        return there[0] if there else None

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        found = asked(lambda: self.read(lambda: self.find(consignment.key)))
        if found is None:
            self.check(consignment)
            found = booked(lambda: self.write(lambda: self.made(consignment)))
        return self.booking(found, form)

    def check(self, consignment: Consignment) -> None:
        if consignment.option not in ("home", "world"):
            raise CarrierRefused("no such service")
        if not consignment.receiver.street:
            raise CarrierRefused("no street")

    def made(self, consignment: Consignment) -> Parcel:
        number = len(self.post.parcels) + 1
        made = Parcel(consignment.key, f"B{number}", f"3S{number:05}", consignment)
        self.post.parcels.append(made)
        return made

    def booking(self, found: Parcel, form: LabelFormat) -> Booking:
        if found.cancelled:
            raise CarrierRefused("it was cancelled")
        papers = (PAPER,) if found.consignment.option == "world" else ()
        label = further(lambda: self.read(lambda: self.drawn(found, form)))
        url = f"https://post.example/{found.tracking}"
        return Booking(found.remote_id, found.tracking, url, label, form, papers)

    def drawn(self, found: Parcel, form: LabelFormat) -> bytes:
        if form is LabelFormat.PDF:
            return b"%PDF-1.4 " + found.tracking.encode()
        text = " ".join(map(self.on_label, found.consignment.receiver.lines()))
        return f"^XA^FO10,10^FD{text}^FS^FD{found.tracking}^FS^XZ".encode()

    def on_label(self, text: str) -> str:
        return neutral(text)

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        found = asked(lambda: self.read(lambda: self.post.of_id(remote_id)))
        if found.cancelled:
            raise CarrierRefused("it was cancelled")
        return self.drawn(found, form)

    def cancel(self, remote_id: str) -> Told:
        return told(lambda: self.cancel_steps(remote_id))

    def cancel_steps(self, remote_id: str) -> Told:
        found = self.read(lambda: self.post.of_id(remote_id))
        if found.left:
            raise Refusal("it left", 409)
        if not found.cancelled:

            def do() -> None:
                found.cancelled = True

            self.write(do)
        return Told(Writeback.APPLIED, "", remote_id)

    def track(self, tracking: str) -> list[TrackingEvent]:
        there = [one for one in self.post.parcels if one.tracking == tracking]
        return asked(lambda: self.read(lambda: list(there[0].events) if there else []))

    def book_pickup(self, wish: PickupWish) -> Told:
        return told(lambda: self.pickup_steps(wish))

    def pickup_steps(self, wish: PickupWish) -> Told:
        if not self.read(lambda: wish.key in self.post.wishes):
            self.write(lambda: self.post.wishes.append(wish.key))
        return Told(Writeback.APPLIED)

    def close(self) -> None:
        pass
