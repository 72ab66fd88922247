"""A carrier in memory that books by key, and answers as badly as it is told to."""

from __future__ import annotations

import itertools
from dataclasses import replace

from wms_terminal.ports.carrier import (
    Booking,
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    Consignment,
    LabelFormat,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Told, Writeback


class FakeCarrier:
    """Books a key once, whatever happens to its answers."""

    def __init__(self) -> None:
        self.booked: dict[str, Booking] = {}
        """By key."""
        self.heard: list[Consignment] = []
        self.cancelled: list[str] = []
        self.troubles: list[Exception | None] = []
        """What happens at the next calls of `book`, instead of an answer."""
        self.format = LabelFormat.ZPL
        self.documents: tuple[bytes, ...] = ()
        self.tracking = "3STEST{:09d}"
        self.closed = False
        self._numbers = itertools.count(1)

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        return []

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        self.heard.append(consignment)
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, (CarrierAway, CarrierRefused)):
            raise trouble
        if consignment.key not in self.booked:
            number = next(self._numbers)
            tracking = self.tracking.format(number)
            self.booked[consignment.key] = Booking(
                f"remote-{number}",
                tracking,
                f"https://track.example/{tracking}",
                f"^XA^FD{tracking}^FS^XZ".encode(),
                self.format,
                self.documents,
            )
        if trouble is not None:
            raise trouble
        return self.booked[consignment.key]

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        return b""

    def cancel(self, remote_id: str) -> Told:
        self.cancelled.append(remote_id)
        return Told(Writeback.APPLIED, "", remote_id)

    def track(self, tracking: str) -> list[TrackingEvent]:
        return []

    def book_pickup(self, wish: PickupWish) -> Told:
        return Told(Writeback.UNSUPPORTED)

    def close(self) -> None:
        self.closed = True

    def unlike(self, key: str, **changes: str) -> None:
        """Let the booking of a key be another one."""
        self.booked[key] = replace(self.booked[key], **changes)  # type: ignore[arg-type]  # texts


LOST = BookingInDoubt("No answer came.")
AWAY = CarrierAway("It does not answer.")
REFUSED = CarrierRefused("The postcode does not exist.")
