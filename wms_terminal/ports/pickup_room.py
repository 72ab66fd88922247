"""What the store keeps about couriers' pickups: what was agreed, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from wms_terminal.domain.pickups import Agreement, Holiday, Pickup, Visit


class PickupRoom(Protocol):
    """Agreements with couriers, holidays, and every day's pickups."""

    def agreements(self) -> list[Agreement]:
        """What is agreed now, by carrier and time."""

    def set_agreements(self, carrier_id: int, agreements: Sequence[Agreement]) -> None:
        """Let exactly these hold for a carrier from now on; a window is known by begin and place.

        Ids, carriers and names in them are not looked at. Pickups that are still to come and that
        nobody booked are forgotten where their agreement changes.
        """

    def holidays(self) -> list[Holiday]:
        """All holidays, by day."""

    def set_holidays(self, holidays: Sequence[Holiday]) -> None:
        """Let exactly these be the holidays; agreed pickups that nobody booked are forgotten."""

    def closed(self, carrier_id: int) -> frozenset[date]:
        """The days on which a carrier's courier does not come, the site's own holidays included."""

    def make(self, agreement_id: int, day: str, begins_at: str, ends_at: str) -> bool:
        """Write an agreement's pickup of a day down; whether it was not there yet."""

    def get(self, pickup_id: int) -> Pickup | None:
        """One pickup."""

    def of_days(self, first: str, last: str) -> list[Pickup]:
        """The pickups of these days, both included, by time."""

    def undecided(self, until: str) -> list[Pickup]:
        """Pickups that were over by then, of which nobody knows yet what became of them."""

    def booked(self, pickup_id: int, remote_id: str) -> None:
        """The carrier says that it comes, unless it was there already."""

    def note(self, pickup_id: int, note: str) -> None:
        """Keep what a person has to know about a pickup."""

    def came(self, visit: Visit) -> None:
        """A courier took a manifest along; of several for one pickup the first says when."""

    def over(self, pickup_id: int, waited: int) -> None:
        """The window is over and nobody came: missed when parcels waited."""

    def warned(self, pickup_id: int) -> None:
        """Somebody was told that it is more than agreed."""

    def visits(self, first: str, last: str) -> list[Visit]:
        """The manifests that left on these days, both included, by time."""

    def waiting(self, carrier_id: int, by: str) -> tuple[int, int]:
        """Parcels of a carrier labelled by then that did not leave yet, and their grams."""

    def expected(self, carrier_id: int, until: str) -> tuple[int, int]:
        """Orders of a carrier that must leave by then, and the grams that are left of them."""

    def unscanned(self, carrier_id: int, before: str) -> list[str]:
        """SSCCs of labelled parcels, on no manifest, whose orders must leave before then."""

    def weight(self, manifest_id: int) -> int:
        """Grams on a manifest."""
