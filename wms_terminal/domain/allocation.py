"""From which locations an order line is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bin:
    """Stock of one product and lot in one location, as far as nobody else holds it."""

    location_id: int
    lot: str
    free: int
    expires_on: str = ""
    """ISO date, empty when it does not expire."""
    bulk: bool = False
    walk: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """So many units from one bin."""

    location_id: int
    lot: str
    quantity: int
    walk: int


def allocate(need: int, bins: Sequence[Bin]) -> list[Share]:
    """Choose bins for `need` units: first expired first out, then pick faces, then fewest stops.

    The shares sum to `need`, or to all there is when that is less.
    """
    shares: list[Share] = []
    ordered = sorted(bins, key=lambda b: (b.expires_on or "9999", b.bulk, b.walk, b.location_id))
    while need > 0 and ordered:
        front = ordered[0]
        same = [b for b in ordered if (b.expires_on, b.bulk) == (front.expires_on, front.bulk)]
        chosen = next((b for b in same if b.free >= need), front)
        ordered.remove(chosen)
        taken = min(need, chosen.free)
        if taken > 0:
            shares.append(Share(chosen.location_id, chosen.lot, taken, chosen.walk))
            need -= taken
    return shares
