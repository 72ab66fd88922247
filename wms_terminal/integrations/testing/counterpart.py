"""The remote side of a channel in a test: it takes orders, keeps what it is told, and fails.

Whoever writes a channel writes one `Counterpart` for it: a server on this machine, or something in
the process that speaks the vendor's protocol, with state. The channel kit then drives both ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.label import Address
from wms_terminal.ports.channel import Channel

RETRY_AFTER_S = 7
"""What BUSY asks for in its Retry-After header."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line of an order to place."""

    sku: str
    quantity: int
    unit_price: int = 1250
    """Minor units, what the customer pays for one, taxes included."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An order to place."""

    lines: tuple[Wanted, ...]
    customer: Address
    email: str = "anna@example.com"
    phone: str = "+31612345678"
    currency: str = "EUR"
    paid: bool = True


@dataclass(frozen=True, slots=True)
class Shipment:
    """A shipment as the remote side has recorded it."""

    tracking: str
    lines: Mapping[str, int]
    """Units, by the channel's own id of the line."""


class Call(StrEnum):
    """Which requests a fault hits. Logging in is neither."""

    READ = "read"
    """Changes nothing, whatever its method; a GraphQL query is one."""
    WRITE = "write"


class Fault(StrEnum):
    """How a request can go wrong."""

    LOST_AFTER = "lost_after"
    """Does it, and closes the connection without an answer."""
    LOST_BEFORE = "lost_before"
    """Takes the request, and closes the connection without having done it."""
    GARBAGE = "garbage"
    """Does it, and answers 200 with the right content type and text that is no JSON."""
    SLOW = "slow"
    """Does it, and answers later than the channel waits; make the channel with a short time-out."""
    BUSY = "busy"
    """Does not do it: 429 with `Retry-After: 7`."""
    CLOSED = "closed"
    """Does not do it: 503."""
    PAGE = "page"
    """Does not do it: 200 with an HTML page, as a maintenance plug-in or a proxy gives."""
    ECHO = "echo"
    """Does not do it: a 4xx as the vendor gives, whose text repeats every secret of the request."""


class Counterpart(Protocol):
    """A remote side whose both ends a test holds.

    Its clock has whole seconds if the vendor's change times have them, and stands still but for
    `tick`. Each rule of the kit gets a fresh one, without orders.
    """

    @property
    def code(self) -> str:
        """The channel's code: what `OrderRecord.channel` must say."""

    @property
    def skus(self) -> Sequence[str]:
        """At least three that it sells, each with at least 1,000 units."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be seen in a text: passwords, keys, tokens, also of sessions."""

    @property
    def page(self) -> int:
        """How many orders come in one answer at most."""

    def channel(self) -> Channel:
        """A new channel to it, as a restarted or a second worker has; it does not really sleep."""

    def tick(self) -> None:
        """A second passes; what is done later, such as a process that was accepted, is done."""

    def place(self, order: Placed) -> str:
        """A customer orders; the channel's reference. Empty: it has no orders that are unpaid."""

    def pay(self, reference: str) -> None:
        """The payment of an unpaid order comes in."""

    def move(self, reference: str, street: str) -> None:
        """The street of an order is changed."""

    def cancel(self, reference: str) -> None:
        """A whole order is cancelled."""

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        """Units of a line are cancelled; False where that cannot be."""

    def hold(self, reference: str) -> bool:
        """An order must wait, or its customer asks to cancel; False where that cannot be."""

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        """A customer wants to send units back; the RMA. Empty: it announces no returns."""

    def shipments(self, reference: str) -> list[Shipment]:
        """What is recorded as shipped, also half-way, oldest first."""

    def delivered(self, reference: str) -> list[str]:
        """Tracking numbers that are recorded as delivered, each as often as it is."""

    def stock(self, sku: str) -> int:
        """Units that a customer could order now."""

    def taken_back(self, reference: str) -> Mapping[str, int]:
        """Units that are recorded as come back, by line; lines without any left out."""

    def refunds(self, reference: str) -> list[int]:
        """Amounts that were paid back, oldest first."""

    def expire(self) -> bool:
        """Forget every session; False where there are none."""

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        """Let `count` such calls fail, after `nth` good ones; False where it cannot be."""

    def heal(self) -> int:
        """Take the injected fault away; how many requests it hit."""

    def hits(self, call: Call) -> int:
        """How many such requests came, in all."""

    def close(self) -> None:
        """Stop."""
