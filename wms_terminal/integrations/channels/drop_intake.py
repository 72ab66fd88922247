"""Files that come into a file drop: whole ones are taken in, and put away with a receipt."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from wms_terminal.domain.label import Address
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.records import OrderRecord
from wms_terminal.integrations.channels import drop_tables
from wms_terminal.integrations.channels.drop_book import Book, Kept, taken_in
from wms_terminal.integrations.channels.drop_disk import LARGEST, Disk
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.channel import RemoteOrder, Standing

ReadOrders = Callable[[Path, bool], Iterable[OrderRecord]]
"""The orders of a file in the project's own JSON (else CSV); ValueError when it is not right."""

_RECEIPT = ".receipt.json"
_WHEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9_]{8}")
"""When a file was put away, in its name."""
_SHOWN = 3
"""Rows of a file that are named where not all of it was taken in."""
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".swp", "~")


class Intake:
    """The folder `in` of a file drop, and what becomes of its files."""

    def __init__(
        self,
        code: str,
        disk: Disk,
        book: Book,
        read: ReadOrders,
        settle_s: float,
        now: Callable[[], datetime],
    ) -> None:
        self._code = code
        self._disk = disk
        self._book = book
        self._read = read
        self._settle_s = settle_s
        self._now = now
        self._looks: dict[str, tuple[int, int, float]] = {}

    def take_in(self) -> None:
        """Take every whole file in; whoever calls keeps other workers out. Raises OSError."""
        for path, found in self._disk.files("in"):
            if self._is_whole(path, found):
                self._take(path, found)

    def refused(self, since: str) -> list[RemoteOrder]:
        """Files since that second of which not all was taken in, as orders that cannot be read."""
        found = []
        for folder in ("failed", "done"):
            for path, _ in self._disk.files(folder):
                when = _WHEN.search(path.name)
                if when is None or not path.name.endswith(_RECEIPT):
                    continue
                at = when[0].replace("_", ":")
                if at >= since[:19] and (why := _why(self._disk.read(path) or b"")):
                    name = path.name.removesuffix(_RECEIPT)
                    record = OrderRecord(self._code, name, "", Address(""), ())
                    found.append(RemoteOrder(record, Standing.HELD, f"{at}.000Z", why))
        return found

    def _is_whole(self, path: Path, found: os.stat_result) -> bool:
        """Whether nobody writes to a file any more, as far as can be seen."""
        if path.name.lower().endswith(_UNFINISHED):
            return False
        here = time.monotonic()
        size, changed, first = self._looks.get(path.name, (-1, -1, here))
        if (size, changed) != (found.st_size, found.st_mtime_ns):
            first = here
        self._looks[path.name] = (found.st_size, found.st_mtime_ns, first)
        stood = max(here - first, self._now().timestamp() - found.st_mtime)
        return stood >= self._settle_s

    def _take(self, path: Path, found: os.stat_result) -> None:
        """Take one file in, all of it or nothing, and put it away with its receipt."""
        at = stamp(self._now())
        receipt: dict[str, Any] = {"file": path.name, "taken_at": at, "bytes": found.st_size}
        folder = "done"
        try:
            if found.st_size > LARGEST:
                raise ValueError(f"expected at most {LARGEST >> 20} MB, got {found.st_size} bytes")
            content = self._disk.read(path)
            if content is None:
                return
            receipt["sha256"] = hashlib.sha256(content).hexdigest()
            with self._book.together():
                receipt |= self._taken(path, content, at)
        except (ValueError, Unfit) as error:
            folder = "failed"
            receipt["why"] = str(error)
        name = self._free_name(folder, f"{at}-{path.name}")
        words = json.dumps(receipt, indent=1).encode() + b"\n"
        self._disk.put(self._disk.folder / folder / (name + _RECEIPT), words)
        self._disk.move(path, folder, name)
        self._looks.pop(path.name, None)

    def _free_name(self, folder: str, wished: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9._-]", "_", wished)[:120]
        taken = {path.name for path, _ in self._disk.files(folder)}
        names = (plain, *(f"{number}-{plain}" for number in range(2, len(taken) + 3)))
        return next(name for name in names if name not in taken)

    def _taken(self, path: Path, content: bytes, at: str) -> dict[str, Any]:
        """Take the content of a file in; what became of each order. ValueError when it is bad."""
        name = path.name.lower()
        json_form = name.endswith(".json")
        if not json_form and not name.endswith(".csv"):
            raise ValueError("expected a name that ends in .csv or .json")
        if name.startswith("orders"):
            orders = list(self._read(path, json_form))
            return self._each([(one.reference, partial(self._order, one, at)) for one in orders])
        if name.startswith("changes"):
            rows = drop_tables.read(content, json_form, drop_tables.CHANGES)
            return self._each([(one["reference"], partial(self._change, one, at)) for one in rows])
        if name.startswith("returns"):
            rows = drop_tables.read(content, json_form, drop_tables.RETURNS)
            return self._each([(one["reference"], partial(self._return, one, at)) for one in rows])
        raise ValueError("expected a name that begins with orders, changes or returns")

    def _each(self, steps: Sequence[tuple[str, Callable[[], bool]]]) -> dict[str, Any]:
        taken: list[str] = []
        same: list[str] = []
        left_out = []
        for reference, step in steps:
            try:
                (taken if step() else same).append(reference)
            except (ValueError, Unfit) as error:
                left_out.append({"reference": reference, "why": str(error)})
        return {"taken_in": taken, "unchanged": same, "left_out": left_out}

    def _order(self, record: OrderRecord, at: str) -> bool:
        record = taken_in(record, self._code)
        kept = self._book.find(record.reference)
        if kept is not None and kept.record == record:
            return False
        fresh = Kept(record, at) if kept is None else dataclasses.replace(kept, record=record)
        return self._book.keep(fresh, at)

    def _change(self, row: Mapping[str, str], at: str) -> bool:
        kept = self._book.known(row["reference"])
        action = row["action"] or "cancel"
        if action in ("hold", "release"):
            fresh = dataclasses.replace(kept, held=action == "hold", why=row["reason"])
        elif action != "cancel":
            raise ValueError(f"expected the action cancel, hold or release, got {action[:40]!r}")
        elif not row["line"]:
            fresh = dataclasses.replace(kept, cancelled=True, why=row["reason"])
        elif row["line"] not in kept.wanted():
            raise ValueError(f"expected a line of the order, got {row['line'][:40]!r}")
        else:
            # In all, not on top: the same file again cancels nothing more.
            gone = {**kept.gone, row["line"]: drop_tables.count(row)}
            fresh = dataclasses.replace(kept, gone=gone, why=row["reason"])
        return fresh != kept and self._book.keep(fresh, at)

    def _return(self, row: Mapping[str, str], at: str) -> bool:
        kept = self._book.known(row["reference"])
        line = {name: row[name] for name in ("line", "sku", "reason")}
        advised = {**line, "quantity": drop_tables.count(row)}
        known = kept.returns.get(row["rma"], {"at": at, "lines": []})
        if advised in known["lines"]:
            return False
        lines = [
            one for one in known["lines"] if (one["line"], one["sku"]) != (row["line"], row["sku"])
        ]
        returns = {**kept.returns, row["rma"]: {"at": at, "lines": [*lines, advised]}}
        return self._book.keep(dataclasses.replace(kept, returns=returns), at)


def _why(content: bytes) -> str:
    """What was not taken in of a file, as its receipt says; empty when all of it was."""
    try:
        receipt = json.loads(content)
        rows = [f"{row['reference']}: {row['why']}" for row in receipt.get("left_out", ())]
        more = [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
        return str(receipt.get("why", "")) or "; ".join(rows[:_SHOWN] + more)
    except (ValueError, TypeError, KeyError, AttributeError):
        return "Its receipt cannot be read."
