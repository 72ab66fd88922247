"""A channel that is a folder: orders come in as files, what happened to them goes out as files.

    in/       orders…, changes… and returns…, each .csv or .json; put them there under another
              name first (.part at the end, or a dot before it), and rename them when they are whole
    done/     files that were taken in, each with a receipt: what was taken in, what left out, why
    failed/   files that cannot be read, with a receipt that says why; nothing of them was taken in
    out/      one file for each parcel, delivery, return and refund, and for stock that changed
    book/     what the program knows of each order; hands off

Options: `out` is json (the default) or csv; `settle` is for how many seconds a file in `in` must
have stood still (10), 0 where every file is renamed when it is whole.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.promise import stamp
from wms_terminal.integrations.channels import drop_tables
from wms_terminal.integrations.channels.drop_book import Book, Kept
from wms_terminal.integrations.channels.drop_disk import Disk
from wms_terminal.integrations.channels.drop_intake import Intake, ReadOrders
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import (
    Ability,
    AnnouncedReturn,
    Channel,
    ChannelAway,
    ChannelSettings,
    DeliveryNews,
    RefundNews,
    RemoteOrder,
    ReturnNews,
    Secret,
    ShipNews,
    Standing,
    StockLevel,
    Told,
    Writeback,
)

T = TypeVar("T")

SETTLE_S = 10.0
_STOCK = "stock.levels"
_AT = itemgetter(0)


def open_channel(settings: ChannelSettings, secret: Secret, read: ReadOrders) -> Channel:
    """A file drop; its folder must be there when it is first used."""
    del secret  # it has none
    folder = Path(settings.url.removeprefix("file://"))
    if not folder.is_absolute():
        raise ValueError(f"Expected the whole path of a folder, got {settings.url[:80]!r}.")
    for name in settings.options.keys() - {"out", "settle"}:
        raise ValueError(f"Expected the options out and settle, got {name[:40]!r}.")
    form = settings.options.get("out", "json")
    if form not in ("json", "csv"):
        raise ValueError(f"Expected out to be json or csv, got {form[:40]!r}.")
    settle = settings.options.get("settle", str(SETTLE_S))
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]+)?", settle):
        raise ValueError(f"Expected settle as a number of seconds, got {settle[:40]!r}.")
    return FileDrop(settings.code, Disk(folder), read, form == "json", float(settle))


class FileDrop:
    """A folder that is a channel."""

    abilities = frozenset(Ability)

    def __init__(
        self,
        code: str,
        disk: Disk,
        read: ReadOrders,
        json_form: bool = True,
        settle_s: float = 0.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._code = code
        self._disk = disk
        self._json = json_form
        self._now = now
        self._book = Book(disk)
        self._writing = False
        self._intake = Intake(code, disk, self._book, read, settle_s, now)

    def __repr__(self) -> str:
        return f"FileDrop({self._code!r}, {str(self._disk.folder)!r})"

    # --- orders come in ---------------------------------------------------------------------------

    def pull(self, since: str) -> Iterator[RemoteOrder]:
        """Take new files in, then tell what changed since then, and what could not be read."""
        changed = self._asked(partial(self._changed, since))
        refused = self._asked(partial(self._intake.refused, since))
        news: list[tuple[str, Path | RemoteOrder]] = [*changed]
        news += [(one.changed_at, one) for one in refused]
        for at, found in sorted(news, key=_AT):
            if isinstance(found, RemoteOrder):
                yield found
                continue
            kept = self._asked(partial(self._book.load, found))
            if kept is not None:
                # As it was listed, so that no later change is passed over when this breaks off.
                yield dataclasses.replace(kept.remote(), changed_at=at)

    def read(self, reference: str) -> RemoteOrder | None:
        """One order as the book has it, after new files were taken in."""

        def look() -> Kept | None:
            with self._disk.alone():
                self._intake.take_in()
                return self._book.find(reference)

        kept = self._asked(look)
        return None if kept is None else kept.remote()

    def returns(self, since: str) -> Iterator[AnnouncedReturn]:
        """Returns that came in with files."""
        for _, path in self._asked(partial(self._changed, since)):
            kept = self._asked(partial(self._book.load, path))
            for one in [] if kept is None else kept.announced():
                if one.announced_at[:19] >= since[:19]:
                    yield one

    def _changed(self, since: str) -> list[tuple[str, Path]]:
        with self._disk.alone():
            self._intake.take_in()
            return self._book.changed(since)

    # --- what happened goes out -------------------------------------------------------------------

    def ship(self, news: ShipNews) -> Told:
        """Write a file for a parcel."""

        def step(kept: Kept) -> Kept:
            if kept.standing() not in (Standing.OPEN, Standing.HELD):
                raise Unfit(f"The order is {kept.standing()}; nothing of it may leave.")
            parcel = {line.line: line.quantity for line in news.lines}
            wanted, shipped = kept.wanted(), kept.shipped()
            for line, quantity in parcel.items():
                left = wanted.get(line, 0) - shipped.get(line, 0)
                if not 0 < quantity <= left:
                    raise Unfit(f"Line {line}: expected at most {left} units, got {quantity}.")
            return dataclasses.replace(kept, parcels={**kept.parcels, news.key: parcel})

        return self._tell("shipment", news, step)

    def deliver(self, news: DeliveryNews) -> Told:
        """Write a file for an arrival."""
        return self._tell("delivery", news, lambda kept: kept)

    def take_back(self, news: ReturnNews) -> Told:
        """Write a file for goods that came back."""
        return self._tell("return", news, lambda kept: kept)

    def refund(self, news: RefundNews) -> Told:
        """Write a file for money that goes back; not for more than the goods cost, if known."""

        def step(kept: Kept) -> Kept:
            refunds = {**kept.refunds, news.key: news.amount}
            worth, currency = kept.worth(), kept.record.currency
            if news.currency != currency:
                raise Unfit(f"Expected an amount in {currency}, got {news.currency}.")
            if news.amount <= 0 or (worth and sum(refunds.values()) > worth):
                most = decimal_text(worth - sum(kept.refunds.values()), currency)
                raise Unfit(f"Expected at most {most} {currency}; pay the rest by hand.")
            return dataclasses.replace(kept, refunds=refunds)

        return self._tell("refund", news, step)

    def set_stock(self, levels: Sequence[StockLevel]) -> list[Told]:
        """Write a file with the levels that were not told before."""
        if not levels:
            return []
        told = self._told(lambda: self._write_stock(levels))
        return [told] * len(levels)

    def close(self) -> None:
        """Nothing is kept open."""

    def _tell(self, kind: str, news: Any, step: Callable[[Kept], Kept]) -> Told:
        """Write a message about an order out, once for each key."""

        def write() -> Told:
            with self._disk.alone():
                self._intake.take_in()
                kept = self._book.find(news.reference)
                if kept is None:
                    return Told(Writeback.REJECTED, "The file drop does not know this order.")
                entry = f"{kind} {news.key}"
                name = kept.out.get(entry)
                if name is None:
                    try:
                        fresh = step(kept)
                    except Unfit as error:
                        return Told(Writeback.REJECTED, str(error))
                    at = stamp(self._now())
                    name = self._stage(kind, _mark(entry), at, *_message(kind, self._code, news))
                    self._writing = True  # from here on it is as good as told
                    self._book.keep(dataclasses.replace(fresh, out={**kept.out, entry: name}), at)
                self._writing = True
                self._appear(name)
                return Told(Writeback.APPLIED, remote_id=name)

        return self._told(write)

    def _write_stock(self, levels: Sequence[StockLevel]) -> Told:
        with self._disk.alone():
            path = self._disk.folder / "book" / _STOCK
            book = _stock_book(self._disk.read(path))
            if book["file"]:
                self._appear(book["file"])
            fresh = {level.sku: level.quantity for level in levels}
            rows = [
                {"sku": sku, "quantity": quantity}
                for sku, quantity in fresh.items()
                if book["told"].get(sku) != quantity
            ]
            if rows:
                at = stamp(self._now())
                head = {"kind": "stock", "channel": self._code, "at": at}
                number = book["number"] + 1
                name = self._stage("stock", f"{number:08}", at, head, rows)
                book = {"told": {**book["told"], **fresh}, "file": name, "number": number}
                self._writing = True
                self._disk.put(path, json.dumps(book, indent=1).encode())
                self._appear(name)
            return Told(Writeback.APPLIED, remote_id=book["file"])

    def _stage(
        self,
        kind: str,
        mark: str,
        at: str,
        head: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]],
    ) -> str:
        """Prepare a message and its receipt under hidden names; the name it will have."""
        content = drop_tables.write(rows, self._json, head)
        name = f"{kind}-{re.sub(r'[^0-9TZ]', '', at)}-{mark}.{'json' if self._json else 'csv'}"
        digest = hashlib.sha256(content).hexdigest()
        receipt = {
            "file": name,
            "at": at,
            "bytes": len(content),
            "sha256": digest,
            "rows": len(rows),
        }
        out = self._disk.folder / "out"
        self._disk.stage(out / f"{name}.receipt.json", json.dumps(receipt, indent=1).encode())
        self._disk.stage(out / name, content)
        return name

    def _appear(self, name: str) -> None:
        """Let a message appear that was prepared; nothing when it has: it may be gone again."""
        for one in (f"{name}.receipt.json", name):
            path = self._disk.folder / "out" / one
            hidden = path.with_name(f".{one}.part")
            if hidden.exists():
                self._disk.appear(hidden, path)

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except OSError as error:
            raise ChannelAway(_words(self._disk.folder, error)) from None

    def _told(self, tell: Callable[[], Told]) -> Told:
        self._writing = False
        try:
            return tell()
        except OSError as error:
            words = _words(self._disk.folder, error)
            if self._writing:
                return Told(Writeback.IN_DOUBT, words)
            raise ChannelAway(words) from None


def _message(kind: str, code: str, news: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = dataclasses.asdict(news)
    rows = [dict(row) for row in found.pop("lines", ())]
    if "amount" in found:
        found["amount"] = decimal_text(news.amount, news.currency)
    return {"kind": kind, "channel": code, **found}, rows


def _mark(entry: str) -> str:
    """What tells messages of the same moment apart in their names."""
    return hashlib.sha256(entry.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _stock_book(content: bytes | None) -> dict[str, Any]:
    """Which levels were told, and in which file the last ones."""
    if content is None:
        return {"told": {}, "file": "", "number": 0}
    try:
        book: dict[str, Any] = json.loads(content)
    except ValueError as error:
        raise OSError(f"{_STOCK} in the book: {error}") from error
    return book


def _words(folder: Path, error: OSError) -> str:
    return f"The folder {folder} cannot be used: {error.strerror or error}."
