"""What a courier sends in a file: where its parcels are, one row for each event."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from wms_terminal.domain.mailbox import one_line
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.when import read_time
from wms_terminal.ports.carrier import Milestone, TrackingEvent
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import tracking
from wms_terminal.services.journey import milestone_of

NAMES: Mapping[str, Sequence[str]] = {
    "tracking": (
        "tracking",
        "tracking_number",
        "track_and_trace",
        "barcode",
        "sscc",
        "parcel",
        "colli",
        "zending",
    ),
    "at": ("at", "time", "timestamp", "event_time", "date_time", "datetime", "date", "datum"),
    "status": ("milestone", "status", "event", "state"),
    "text": ("text", "description", "remark", "details", "omschrijving", "location"),
}
"""What a column is for, and what couriers call it."""
REQUIRED = ("tracking", "at", "status")
BATCH = 200
"""Rows of one transaction."""
AHEAD = timedelta(days=1)
"""How far clocks may be before ours; an event later than that did not happen yet."""

Skip = Callable[[int, str, str], None]
"""Hears of each row that says nothing: its line, why, and what it held."""
Rows = Iterable[tuple[int, Mapping[str, str]]]


def take_in(
    store: Store, rows: Rows, clock: Clock, skip: Skip, own: Mapping[str, Milestone]
) -> Counter[str]:
    """Take a courier's rows in; counts by what was done. The same rows again change nothing.

    A row holds values by the names of `NAMES`. `skip` hears of rows that are about no parcel of
    ours, or cannot be read; `own` are the courier's own words, beside the usual ones.
    """
    with store.read() as tx:
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    counts: Counter[str] = Counter()
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        latest = stamp(clock() + AHEAD)
        with store.write() as tx:
            for line, row in batch:
                event = _event(row, zone, own, latest)
                if isinstance(event, TrackingEvent):
                    kind = _hear(tx, event, stamp(clock()))
                else:
                    kind = event
                counts[kind] += 1
                if kind.startswith("skipped"):
                    skip(line, kind, one_line(" ".join(row.values()), 200))
    return counts


def _event(
    row: Mapping[str, str], zone: ZoneInfo, own: Mapping[str, Milestone], latest: str
) -> TrackingEvent | str:
    """What a row says, or why it says nothing."""
    milestone = milestone_of(row["status"], own)
    if milestone is None:
        return "skipped_unknown_status"
    try:
        at = stamp(read_time(row["at"], zone))
    except ValueError:
        return "skipped_no_time"
    if at > latest:
        return "skipped_time_to_come"
    text = row["text"] or (row["status"] if row["status"] != milestone.value else "")
    return TrackingEvent(row["tracking"], at, milestone, text)


def _hear(tx: Tx, event: TrackingEvent, at: str) -> str:
    found = tracking.find(tx, event.tracking, at) if event.tracking else []
    if not found:
        return "skipped_unknown_number"
    moved = [tracking.hear(tx, shipment_id, [event], at) for shipment_id in found]
    return "moved_on" if any(moved) else "known_or_late"


def chosen(words: Sequence[str]) -> Iterator[tuple[str, Milestone]]:
    """The courier's own words as the command line has them: `Afgeleverd=delivered`.

    Raises:
        ValueError: one of them names no milestone.
    """
    known = ", ".join(milestone.value for milestone in Milestone)
    for item in words:
        status, equals, name = item.rpartition("=")
        if not equals or not status.strip() or name not in list(Milestone):
            raise ValueError(f"Expected WORDS=MILESTONE with one of {known}, got {item[:60]!r}.")
        yield status, Milestone(name)
