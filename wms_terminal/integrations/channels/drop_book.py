"""What a file drop knows of its orders: one JSON file for each, in the folder `book`.

Files of the other side come and go; the book stays, so that an order is told again when it is asked
for, and nothing is written out twice.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.promise import moment
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations.channels.drop_disk import Disk
from wms_terminal.ports.channel import (
    AdvisedLine,
    AnnouncedReturn,
    RemoteOrder,
    Standing,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """An order, and everything that was said about it."""

    record: OrderRecord
    changed_at: str
    cancelled: bool = False
    held: bool = False
    why: str = ""
    gone: Mapping[str, int] = field(default_factory=dict)
    """Units that were cancelled, by line."""
    parcels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """By key, units by line."""
    refunds: Mapping[str, int] = field(default_factory=dict)
    """By key."""
    returns: Mapping[str, Any] = field(default_factory=dict)
    """By RMA: when it was announced, and its lines."""
    out: Mapping[str, str] = field(default_factory=dict)
    """Messages that were written out, by kind and key: the name of the file."""

    def wanted(self) -> dict[str, int]:
        """Units still wanted in all, by line."""
        lines = {line.reference: line.quantity for line in self.record.lines}
        return {name: max(0, n - self.gone.get(name, 0)) for name, n in lines.items()}

    def shipped(self) -> dict[str, int]:
        """Units that left, by line."""
        found: dict[str, int] = {}
        for parcel in self.parcels.values():
            for line, quantity in parcel.items():
                found[line] = found.get(line, 0) + quantity
        return found

    def standing(self) -> Standing:
        """How it stands."""
        wanted, shipped = self.wanted(), self.shipped()
        if self.cancelled or not any(wanted.values()):
            return Standing.CANCELLED
        if all(shipped.get(line, 0) >= quantity for line, quantity in wanted.items()):
            return Standing.CLOSED
        if self.record.payment == "refunded":
            return Standing.CANCELLED
        if self.record.payment != "paid":
            return Standing.UNPAID
        return Standing.HELD if self.held else Standing.OPEN

    def remote(self) -> RemoteOrder:
        """The order as a channel tells it."""
        wanted = self.wanted()
        lines = tuple(
            dataclasses.replace(line, quantity=wanted[line.reference])
            for line in self.record.lines
            if wanted[line.reference]
        )
        return RemoteOrder(
            dataclasses.replace(self.record, lines=lines or self.record.lines),
            self.standing(),
            self.changed_at,
            self.why,
            self.shipped(),
        )

    def announced(self) -> list[AnnouncedReturn]:
        """Its returns."""
        reference = self.record.reference
        return [
            AnnouncedReturn(
                rma, reference, one["at"], tuple(AdvisedLine(**line) for line in one["lines"])
            )
            for rma, one in self.returns.items()
        ]

    def worth(self) -> int:
        """What its goods cost, in minor units; 0 when the prices are not known."""
        return sum(line.quantity * line.unit_price for line in self.record.lines)


def taken_in(record: OrderRecord, code: str) -> OrderRecord:
    """An order of a file with an id for each line; raises ValueError when it cannot be ours."""
    if record.channel != code:
        raise ValueError(f"expected the channel {code}, got {record.channel}")
    lines = tuple(
        line if line.reference else dataclasses.replace(line, reference=str(number))
        for number, line in enumerate(record.lines, start=1)
    )
    if len({line.reference for line in lines}) < len(lines):
        raise ValueError("expected each line_reference once in the order")
    return dataclasses.replace(record, lines=lines)


class Book:
    """The orders of a file drop. Raises OSError."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self._pending: dict[Path, bytes] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all that is kept meanwhile in one go at the end; nothing of it when that fails."""
        self._pending = {}
        try:
            yield
            self._disk.put_all(self._pending)
        finally:
            self._pending = None

    def find(self, reference: str) -> Kept | None:
        """One order."""
        kept = self.load(self._path(reference))
        return kept if kept is not None and kept.record.reference == reference else None

    def known(self, reference: str) -> Kept:
        """One order; raises ValueError when there is none."""
        kept = self.find(reference)
        if kept is None:
            raise ValueError("there is no such order")
        return kept

    def load(self, path: Path) -> Kept | None:
        """The order in a file of the book."""
        content = (self._pending or {}).get(path) or self._disk.read(path)
        if content is None:
            return None
        try:
            return load(content)
        except ValueError as error:
            raise OSError(f"{path.name} in the book: {error}") from error

    def keep(self, kept: Kept, at: str) -> bool:
        """Keep an order that changed at a time; True, for it did."""
        kept = dataclasses.replace(kept, changed_at=at)
        path = self._path(kept.record.reference)
        if self._pending is None:
            self._disk.put(path, dump(kept))
        else:
            self._pending[path] = dump(kept)
        return True

    def changed(self, since: str) -> list[tuple[str, Path]]:
        """What changed in that second or later: when, and its file; the oldest first."""
        found = []
        # A file is as new as its order; a day is left for clocks that differ.
        oldest = moment(since).timestamp() - 86_400 if since else 0
        for path, facts in self._disk.files("book"):
            if path.suffix == ".json" and facts.st_mtime >= oldest:
                kept = self.load(path)
                if kept is not None and kept.changed_at[:19] >= since[:19]:
                    found.append((kept.changed_at, path))
        return sorted(found)

    def _path(self, reference: str) -> Path:
        return self._disk.folder / "book" / file_name(reference)


def file_name(reference: str) -> str:
    """The file of an order in the book; a reference may be no file name."""
    return hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()[:32] + ".json"


def dump(kept: Kept) -> bytes:
    """As it is in the book."""
    return json.dumps(dataclasses.asdict(kept), ensure_ascii=False, indent=1).encode() + b"\n"


def load(content: bytes) -> Kept:
    """The inverse of `dump`; raises ValueError when somebody else wrote it."""
    try:
        found = json.loads(content)
        record = found.pop("record")
        customer = Address(**record.pop("customer"))
        lines = tuple(OrderLineRecord(**line) for line in record.pop("lines"))
        return Kept(OrderRecord(customer=customer, lines=lines, **record), **found)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not written by this program: {error}") from error
