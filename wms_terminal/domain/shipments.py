"""A parcel's booking with a carrier: how far it is, and what its label is known by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

OWN = "own"
"""The kind of carrier for which the floor prints its own labels; all others are booked."""

SHORTEST_RUN = 8
"""Characters; a shorter tracking number is not looked for inside another code."""


class ShipmentState(StrEnum):
    """How far a booking is."""

    WANTED = "wanted"
    """The carrier is being asked."""
    BOOKED = "booked"
    REFUSED = "refused"
    """The carrier said no, or nobody knows what it said: a person decides."""
    CANCELLED = "cancelled"
    """No longer wanted: reopened, or our own label went on instead."""


@dataclass(frozen=True, slots=True)
class Shipment:
    """One parcel's booking."""

    id: int
    parcel_id: int
    order_id: int
    key: str
    """Ours, the same at every attempt."""
    carrier: str
    """The carrier's code on this site."""
    state: ShipmentState
    tracking: str
    tracking_url: str
    """An https address, or empty."""
    remote_id: str
    form: str
    """In what the carrier wrote the label: `application/zpl` or `application/pdf`."""
    detail: str
    """Why it was refused."""
    at: str
    """Since when it is in this state."""
    milestone: str
    milestone_at: str
    station_id: int | None
    """Where the parcel was closed, and its label is wanted."""
    own: bool
    """Our own label was chosen instead."""
    in_doubt: bool
    """Perhaps booked: the answer was lost, and so was the patience."""

    @property
    def is_booked(self) -> bool:
        """Whether the parcel goes by this booking's label."""
        return self.state is ShipmentState.BOOKED

    @property
    def is_open(self) -> bool:
        """Whether there is no label yet."""
        return self.state in (ShipmentState.WANTED, ShipmentState.REFUSED)


def bears(code: str, tracking: str) -> bool:
    """Whether a code from a label is a tracking number, or holds it between routing data."""
    wanted, got = tracking.upper(), code.strip().upper()
    return bool(wanted) and (got == wanted or (len(wanted) >= SHORTEST_RUN and wanted in got))


def safe_link(url: str) -> str:
    """A tracking page that may be shown to a customer; empty when it is no plain https address."""
    if len(url) > 1000 or not url.isprintable() or any(char in url for char in ' <>"\\'):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme == "https" and parts.hostname and "@" not in parts.netloc else ""
