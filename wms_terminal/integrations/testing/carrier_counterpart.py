"""The remote side of a carrier in a test: it books, keeps what it is told, and fails.

Whoever writes a carrier writes one `CarrierCounterpart` for it, as one writes a `Counterpart` for a
channel; `Call`, `Fault` and what they mean are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wms_terminal.domain.label import Address
from wms_terminal.integrations.testing.counterpart import Call, Fault
from wms_terminal.ports.carrier import Carrier, Milestone


@dataclass(frozen=True, slots=True)
class Booked:
    """A booking as the remote side has recorded it."""

    remote_id: str
    tracking: str
    receiver: Address
    """Street with house number, and without region."""
    weight_g: int
    items: Mapping[str, int]
    """Units by SKU; empty where a carrier wants to know it only for customs."""
    cancelled: bool = False


class CarrierCounterpart(Protocol):
    """A carrier whose both ends a test holds. Each rule of the kit gets a fresh one."""

    @property
    def option(self) -> str:
        """The code of a service within one country that it offers."""

    @property
    def abroad(self) -> str:
        """The code of a service with customs papers; empty where there is none."""

    @property
    def courier(self) -> str:
        """Whose courier can be asked to come, as `PickupWish.carrier`."""

    @property
    def secrets(self) -> Sequence[str]:
        """What must never be seen in a text: passwords, keys, tokens, also of sessions."""

    def carrier(self) -> Carrier:
        """A new adapter to it, as a restarted or a second worker has; it does not really sleep."""

    def tick(self) -> None:
        """A while passes; what is done later is done."""

    def bookings(self, key: str) -> list[Booked]:
        """What was booked under a key, also when it was cancelled, oldest first."""

    def scan(self, tracking: str, milestone: Milestone, text: str) -> bool:
        """The carrier has scanned a parcel; False where it has no such event."""

    def hand_over(self, remote_id: str) -> bool:
        """A parcel left, and can no longer be cancelled; False where it always can."""

    def pickups(self, key: str) -> int:
        """How often a courier will come for a key."""

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        """Let `count` such calls fail, after `nth` good ones; False where it cannot be."""

    def heal(self) -> int:
        """Take the injected fault away; how many requests it hit."""

    def hits(self, call: Call) -> int:
        """How many such requests came, in all."""

    def close(self) -> None:
        """Stop, and close every adapter that was given."""
