"""What was agreed with couriers beside what happened, so that nobody has to argue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from wms_terminal.domain.pickups import Pickup, PickupState, Visit, minutes_off
from wms_terminal.domain.promise import moment
from wms_terminal.domain.text import restored
from wms_terminal.ports.store import Tx


class Happened(StrEnum):
    """What became of a pickup."""

    AHEAD = "agreed"
    """Nobody came yet, and it is not over."""
    BOOKED = "booked"
    """The same, and the carrier's computer said that it comes."""
    CAME = "came"
    MISSED = "missed"
    NOTHING_WAITED = "nothing waited"
    """Over, and there was nothing to take along: nobody knows whether the courier came."""
    EXTRA = "extra"
    """Nothing was agreed for that time."""


@dataclass(frozen=True, slots=True)
class Line:
    """One agreed pickup, or one outside any agreement. Times are UTC text."""

    code: str
    """The carrier's."""
    carrier: str
    day: str
    begins_at: str
    """As agreed; empty where nothing was."""
    ends_at: str
    place: str
    happened: Happened
    came_at: str
    minutes: int
    """Late, early when below 0."""
    manifests: tuple[str, ...]
    parcels: int
    weight_g: int
    counted: int | None
    """As the courier counted first; None where he counted nothing."""
    unscanned: int
    """Labelled parcels that should have gone along and were on no manifest."""
    labels: tuple[str, ...]
    """Their SSCCs, the first ones when there are many."""
    waited: int
    """Parcels that were ready when the window was over and nobody had come."""
    max_parcels: int
    max_weight_g: int
    remote_id: str
    note: str

    @property
    def difference(self) -> int:
        """What the courier counted more than left (below 0: less)."""
        return 0 if self.counted is None else self.counted - self.parcels


@dataclass(frozen=True, slots=True)
class Summary:
    """How one carrier kept to what was agreed."""

    code: str
    carrier: str
    agreed: int
    """Pickups that were agreed and are over, those for which nothing waited left out."""
    on_time: int
    early: int
    late: int
    late_by: float
    """Median of minutes, of those that were late."""
    missed: int
    """Nobody came that day, though parcels waited."""
    extra: int
    parcels: int
    differences: int
    """Pickups where the courier's first count was another than what left."""
    unscanned: int


def lines(tx: Tx, first: str, last: str, carrier: str = "") -> list[Line]:
    """The pickups of these days, both included, by time; of one carrier's code, or of all."""
    visits: dict[int | None, list[Visit]] = defaultdict(list)
    for visit in tx.pickups.visits(first, last):
        visits[visit.pickup_id].append(visit)
    found = [
        _agreed(pickup, visits.get(pickup.id, [])) for pickup in tx.pickups.of_days(first, last)
    ]
    names = {item.id: (item.code, item.name) for item in tx.site.carriers()}
    found += [_extra(*names[visit.carrier_id], visit) for visit in visits.get(None, [])]
    if carrier:
        found = [line for line in found if line.code == carrier]
    return sorted(found, key=lambda line: (line.begins_at or line.came_at, line.code))


def _agreed(pickup: Pickup, visits: list[Visit]) -> Line:
    return Line(
        code=pickup.code,
        carrier=pickup.carrier,
        day=pickup.day,
        begins_at=pickup.begins_at,
        ends_at=pickup.ends_at,
        place=pickup.place,
        happened=_happened(pickup),
        came_at=pickup.came_at,
        minutes=minutes_off(pickup, moment(pickup.came_at)) if pickup.came_at else 0,
        manifests=tuple(visit.manifest for visit in visits),
        parcels=pickup.parcels or 0,
        weight_g=sum(visit.weight_g for visit in visits),
        counted=pickup.counted,
        unscanned=pickup.unscanned or 0,
        labels=tuple(visits[-1].labels.split()) if visits else (),
        waited=pickup.waited or 0,
        max_parcels=pickup.max_parcels,
        max_weight_g=pickup.max_weight_g,
        remote_id=pickup.remote_id,
        note=str(restored(pickup.note)),
    )


def _happened(pickup: Pickup) -> Happened:
    if pickup.waited == 0 and pickup.state in (PickupState.AGREED, PickupState.BOOKED):
        return Happened.NOTHING_WAITED
    return Happened(pickup.state.value)


def _extra(code: str, carrier: str, visit: Visit) -> Line:
    return Line(
        code=code,
        carrier=carrier,
        day=visit.day,
        begins_at="",
        ends_at="",
        place="",
        happened=Happened.EXTRA,
        came_at=visit.came_at,
        minutes=0,
        manifests=(visit.manifest,),
        parcels=visit.parcels,
        weight_g=visit.weight_g,
        counted=visit.counted,
        unscanned=visit.unscanned,
        labels=tuple(visit.labels.split()),
        waited=0,
        max_parcels=0,
        max_weight_g=0,
        remote_id="",
        note="",
    )


def summaries(found: Iterable[Line]) -> list[Summary]:
    """One for each carrier, by code."""
    by_carrier: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in found:
        by_carrier[line.code, line.carrier].append(line)
    return [_summary(*names, by_carrier[names]) for names in sorted(by_carrier)]


def _summary(code: str, carrier: str, found: list[Line]) -> Summary:
    came = [line for line in found if line.happened is Happened.CAME]
    late = [line.minutes for line in came if line.minutes > 0]
    missed = sum(line.happened is Happened.MISSED for line in found)
    return Summary(
        code=code,
        carrier=carrier,
        agreed=len(came) + missed,
        on_time=sum(not line.minutes for line in came),
        early=sum(line.minutes < 0 for line in came),
        late=len(late),
        late_by=float(median(late)) if late else 0.0,
        missed=missed,
        extra=sum(line.happened is Happened.EXTRA for line in found),
        parcels=sum(line.parcels for line in found),
        differences=sum(bool(line.difference) for line in found),
        unscanned=sum(line.unscanned for line in found),
    )
