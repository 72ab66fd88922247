"""What a sales channel can be asked and told: one small module behind this port for each.

A channel speaks in its own references: `reference` names an order, `line` one of its lines, each
as the channel does. Quantities are units, money minor units, times UTC text as the store keeps it
(`promise.stamp`).

Every write carries a key of our own that was made and kept before the first attempt. A channel
looks whether a write with that key is there already before it writes, so that telling the same
news again, after a lost answer or from a second worker, changes nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.records import OrderRecord


class Writeback(StrEnum):
    """What became of a write."""

    APPLIED = "applied"
    """It is there, now or since an earlier attempt."""
    UNSUPPORTED = "unsupported"
    """The channel has no such thing; nothing is lost."""
    REJECTED = "rejected"
    """The channel understood and said no: a person has to look."""
    IN_DOUBT = "in_doubt"
    """The answer was lost, or is not there yet: read before trying again."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one write, and why."""

    state: Writeback
    detail: str = ""
    """For whoever looks into it: what the channel said, without secrets."""
    remote_id: str = ""
    """The channel's own id of what was made."""


class ChannelAway(Exception):
    """The channel could not be asked, and nothing was changed there: try again later.

    Raised for no connection, 429, 503, a maintenance page, a session that cannot be renewed.
    """

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s
        """How long the channel asks to be left alone; 0 when it did not say."""


class Standing(StrEnum):
    """Where an order stands at its channel."""

    OPEN = "open"
    """Paid, and something of it is still to be shipped."""
    UNPAID = "unpaid"
    """Must not leave."""
    HELD = "held"
    """The channel says to wait, or the customer asked to cancel."""
    CANCELLED = "cancelled"
    CLOSED = "closed"
    """Nothing is left to ship."""


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """An order as its channel has it now."""

    record: OrderRecord
    """Its lines hold what is still wanted in all, cancelled units left out, and their ids."""
    standing: Standing
    changed_at: str
    why: str = ""
    """The channel's reason of a hold or a cancellation."""
    shipped: Mapping[str, int] = field(default_factory=dict)
    """Units that are marked shipped there, by line."""


@dataclass(frozen=True, slots=True)
class ShippedLine:
    """Units of a line that left in a parcel."""

    line: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ShipNews:
    """One parcel has left."""

    key: str
    """Ours, the same at every attempt: the tracking number, or the SSCC where there is none."""
    reference: str
    lines: tuple[ShippedLine, ...]
    carrier: str
    """Code of the carrier as the site has it."""
    carrier_name: str
    tracking: str
    tracking_url: str
    shipped_at: str
    complete: bool
    """Whether nothing of the order is left to ship."""


@dataclass(frozen=True, slots=True)
class DeliveryNews:
    """One parcel has arrived."""

    key: str
    """The key of its `ShipNews`."""
    reference: str
    delivered_at: str


@dataclass(frozen=True, slots=True)
class StockLevel:
    """Units that may still be sold."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class AdvisedLine:
    """What a customer says to send back."""

    line: str
    """The order's line, empty when the channel does not say."""
    sku: str
    quantity: int
    reason: str = ""
    """In the channel's words."""


@dataclass(frozen=True, slots=True)
class AnnouncedReturn:
    """A return that the channel knows of."""

    rma: str
    """The channel's number of it."""
    reference: str
    announced_at: str
    lines: tuple[AdvisedLine, ...]


class Disposition(StrEnum):
    """Where returned goods go."""

    RESTOCK = "restock"
    SCRAP = "scrap"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class ReturnedLine:
    """Units that came back."""

    line: str
    sku: str
    quantity: int
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class ReturnNews:
    """A return was received and inspected."""

    key: str
    rma: str
    """Empty when the channel does not know of it."""
    reference: str
    lines: tuple[ReturnedLine, ...]


@dataclass(frozen=True, slots=True)
class RefundNews:
    """Money goes back to the customer."""

    key: str
    reference: str
    rma: str
    amount: int
    currency: str
    reason: str
    lines: tuple[ReturnedLine, ...] = ()
    """What it is for; empty when it is for no goods."""


class Ability(StrEnum):
    """What not every channel can; a write outside of it is answered `unsupported`."""

    PARTIAL = "partial"
    """Can be told of a part of an order."""
    STOCK = "stock"
    DELIVERY = "delivery"
    RETURNS = "returns"
    """Announces returns, and is told of those that came."""
    REFUND = "refund"
    """Pays refunds when we say so; where it is absent the channel decides by itself."""


class Channel(Protocol):
    """One sales channel. Used by one thread at a time."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it can."""

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Orders that changed since then, oldest change first; also ones that need no work.

        The caller asks for a window that overlaps the last one, and drops what it knows. What
        cannot be read is told as held, without lines and with the reason: somebody has to look.

        Raises:
            ChannelAway: it could not be asked, perhaps in the middle.
        """

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as it stands now; None when the channel does not know it.

        Raises:
            ChannelAway: it could not be asked.
        """

    def ship(self, news: ShipNews) -> Told:
        """Mark a parcel shipped."""

    def deliver(self, news: DeliveryNews) -> Told:
        """Mark a parcel delivered."""

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Say what may still be sold; one answer for each, in order."""

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        """Returns that were announced or changed since then."""

    def take_back(self, news: ReturnNews) -> Told:
        """Say what came back, and in which state."""

    def refund(self, news: RefundNews) -> Told:
        """Pay money back, once."""

    def close(self) -> None:
        """Let go of connections."""


Secret = Callable[[str], str]
"""The secret of that name, from the environment or a file; raises ValueError, which names where it
was looked for and never holds a secret."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """How the site reaches a channel; secrets are not part of it."""

    code: str
    """As orders name it."""
    kind: str
    """Which module: file, vendure, woocommerce, bol, shopify, or one of somebody else's."""
    url: str
    """Where it is: a base URL, or a folder."""
    options: Mapping[str, str] = field(default_factory=dict)
    """What only that kind knows: a location id, a language, a shop's name."""


ChannelFactory = Callable[[ChannelSettings, Secret], Channel]
"""What the entry point group `wms_terminal.channels` holds, by kind. Raises ValueError when the
settings are not good, naming what was expected; it does not connect."""
