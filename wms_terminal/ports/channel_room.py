"""What the store keeps about sales channels: how they are reached, and how far they were heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.ports.channel import ChannelSettings, StockLevel


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as the site has set it up, and how far it was heard."""

    settings: ChannelSettings
    poll_seconds: int
    since: str
    """The newest change of an order that was heard of; empty before the first."""
    returns_since: str
    heard_at: str
    """When it last answered; empty when it never did."""
    trouble: str
    """Why it does not answer, or not everything; empty when it does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An order of a channel, as far as it matters when its channel speaks of it again."""

    id: int
    number: str
    state: str
    hold: str
    digest: str
    """Of the record that was taken in."""
    seen: str
    """Of the newest record that the channel sent while the order was on the floor."""


class ChannelRoom(Protocol):
    """Sales channels."""

    def all(self) -> list[ChannelRow]:
        """Every channel, by code."""

    def get(self, code: str) -> ChannelRow | None:
        """One channel; None when the site has not set it up."""

    def put(self, settings: ChannelSettings, poll_seconds: int) -> bool:
        """Set a channel up, or change how it is reached; whether anything changed."""

    def heard(self, code: str, since: str, at: str) -> None:
        """Orders were heard of up to a change at `since`."""

    def heard_returns(self, code: str, since: str, at: str) -> None:
        """The same for returns."""

    def in_trouble(self, code: str, trouble: str, at: str) -> None:
        """It does not answer, or is not set up well."""

    def well(self, code: str) -> None:
        """It answers everything."""

    def tell_trouble(self, code: str, since: str) -> bool:
        """Whether a trouble is at least as old and nobody was told of it; somebody is now."""

    def left_out(self, code: str, reference: str, why: str) -> bool:
        """Something could not be taken in; whether that is news."""

    def order(self, code: str, reference: str) -> Seen | None:
        """A channel's order."""

    def saw(self, order_id: int, digest: str) -> None:
        """Keep which record of an order was seen last."""

    def untold_stock(self, code: str, limit: int) -> list[StockLevel]:
        """Products of which a channel was last told another quantity than may be sold now.

        What may be sold is what lies in pick and bulk locations, less what live orders still want.
        """

    def told_stock(self, code: str, levels: Sequence[StockLevel], at: str) -> None:
        """A channel knows these quantities now."""

    def forget_stock(self, code: str, skus: Iterable[str]) -> None:
        """What a channel counts of these products may have changed there: tell them again."""

    def lines(self, order_id: int) -> Mapping[int, str]:
        """The channel's own ids of an order's lines, by our line id."""
