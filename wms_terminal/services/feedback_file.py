"""What customers filled in on a web form, from the file that the form exports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from zoneinfo import ZoneInfo

from wms_terminal.domain.feedback import Cause, Source
from wms_terminal.domain.mailbox import one_line
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.when import read_time
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import feedback

NAMES: Mapping[str, Sequence[str]] = {
    "order": ("order", "order_number", "number", "reference", "bestelling", "bestelnummer"),
    "channel": ("channel", "shop", "kanaal"),
    "score": ("score", "rating", "stars", "cijfer"),
    "text": ("text", "comment", "comments", "feedback", "message", "opmerking", "toelichting"),
    "cause": ("cause", "reason", "oorzaak"),
    "product": ("product", "sku", "artikel"),
    "at": ("at", "time", "timestamp", "submitted_at", "date", "datum"),
    "id": ("id", "response_id", "submission_id", "key"),
}
"""What a column is for, and what forms call it."""
REQUIRED = ("order",)
BATCH = 200
"""Rows of one transaction."""

Skip = Callable[[int, str, str], None]
Rows = Iterable[tuple[int, Mapping[str, str]]]


def take_in(store: Store, rows: Rows, clock: Clock, skip: Skip) -> Counter[str]:
    """Take a form's rows in; counts by what was done. The same rows again change nothing.

    A row with an id is known by that, one without by all that it says.
    """
    with store.read() as tx:
        zone = ZoneInfo(tx.site.setting("timezone", "UTC"))
    counts: Counter[str] = Counter()
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        with store.write() as tx:
            for line, row in batch:
                kind = _give(tx, row, zone, stamp(clock()))
                counts[kind] += 1
                if kind.startswith("skipped"):
                    skip(line, kind, one_line(" ".join(row.values()), 200))
    return counts


def _give(tx: Tx, row: Mapping[str, str], zone: ZoneInfo, now: str) -> str:
    order = _order(tx, row)
    if order is None:
        return "skipped_unknown_order"
    sku = one_line(row["product"], 100)
    product = tx.site.product_by_sku(sku) if sku else None
    if sku and product is None:
        return "skipped_unknown_product"
    cause = row["cause"].strip().lower().replace(" ", "_")
    if cause and cause not in list(Cause):
        return "skipped_unknown_cause"
    try:
        at = min(stamp(read_time(row["at"], zone)), now) if row["at"] else now
    except ValueError:
        return "skipped_no_time"
    if row["score"] and row["score"] not in ("1", "2", "3", "4", "5"):
        return "skipped_no_score"
    if not row["score"] and not row["text"]:
        return "skipped_says_nothing"
    said = "\0".join((row["id"], *(() if row["id"] else row.values())))
    key = sha256(said.encode("utf-8", "replace")).hexdigest()[:32]
    kept = feedback.give(
        tx,
        order,
        int(row["score"]) if row["score"] else None,
        row["text"],
        cause,
        Source.FORM,
        key,
        at,
        product.id if product is not None else None,
    )
    return "kept" if kept else "known"


def _order(tx: Tx, row: Mapping[str, str]) -> Order | None:
    """By the channel's own number where the channel is named, else by ours or the only such one."""
    channel, number = one_line(row["channel"], 100), one_line(row["order"], 100)
    if channel:
        order_id = tx.orders.find_in_channel(channel, number)
        if order_id is not None:
            return tx.orders.get(order_id)
    found = tx.orders.find(number) if number else None
    return found if found is not None and channel in ("", found.channel) else None
