"""The other side of a file drop: it puts orders in, and takes away what comes out."""

from __future__ import annotations

import csv
import dataclasses
import errno
import hashlib
import io
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.files import csv_format, read_orders
from wms_terminal.domain.money import decimal_text
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.integrations.channels import drop_tables
from wms_terminal.integrations.channels.drop_disk import Disk
from wms_terminal.integrations.channels.file_drop import FileDrop
from wms_terminal.integrations.intake import text
from wms_terminal.integrations.testing.counterpart import Call, Fault, Placed, Shipment
from wms_terminal.ports.channel import Channel


class FaultyDisk(Disk):
    """A disk that fails when it is told to."""

    def __init__(self, folder: Path, shop: FolderShop) -> None:
        super().__init__(folder)
        self._shop = shop

    def files(self, name: str) -> Any:
        self._shop.hit(Call.READ)
        return super().files(name)

    def appear(self, hidden: Path, path: Path) -> None:
        fault = self._shop.hit(Call.WRITE)
        super().appear(hidden, path)
        if fault is not None:
            raise OSError(errno.EIO, "Input/output error")


class FolderShop:
    """A shop that speaks files."""

    code = "drop"
    skus = ("71053", "=85123A", "72741")
    secrets: Sequence[str] = ()
    page = 5

    def __init__(self, json_form: bool) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.now = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
        self._json = json_form
        self._orders: dict[str, OrderRecord] = {}
        self._files = 0
        self._came: list[dict[str, Any]] = []
        self._stock: dict[str, int] = {}
        self._fault: tuple[Fault, Call, int, int] | None = None
        self._hit = 0
        self._hits = dict.fromkeys(Call, 0)

    def channel(self) -> Channel:
        return self.drop(FaultyDisk(self.folder, self))

    def drop(self, disk: Disk) -> FileDrop:
        return FileDrop(self.code, disk, read_orders, self._json, 0.0, lambda: self.now)

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def tick(self) -> None:
        self.now += timedelta(seconds=1)

    # --- what it puts in --------------------------------------------------------------------------

    def _put(self, name: str, content: str) -> None:
        """Give a whole file to the drop; some worker takes it in."""
        drop = self.drop(Disk(self.folder))
        drop.read("")
        self._files += 1
        path = self.folder / "in" / f"{name}-{self._files}.{'json' if self._json else 'csv'}"
        hidden = path.with_name(f".{path.name}")
        hidden.write_text(content, encoding="utf-8", newline="")
        hidden.rename(path)
        drop.read("")
        assert not path.exists()
        assert not list((self.folder / "failed").iterdir())

    def _put_order(self, record: OrderRecord) -> None:
        self._orders[record.reference] = record
        if not self._json:
            path = self.folder / "orders.tmp"
            csv_format.write("orders", [record], path)
            self._put("orders", path.read_text(encoding="utf-8"))
            return
        found = dataclasses.asdict(record)
        for line in found["lines"]:
            line["unit_price"] = decimal_text(line["unit_price"], record.currency)
        self._put("orders", json.dumps([found]))

    def _put_rows(self, name: str, row: Mapping[str, Any]) -> None:
        if self._json:
            self._put(name, json.dumps([row]))
            return
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, list(row), delimiter=";")
        writer.writeheader()
        writer.writerow({name: drop_tables.guard(str(value)) for name, value in row.items()})
        self._put(name, out.getvalue())

    def place(self, order: Placed) -> str:
        reference = f"F/{len(self._orders) + 1001}"
        fields = ("name", "company", "street", "extra")
        customer = dataclasses.replace(
            order.customer, **{name: text(getattr(order.customer, name)) for name in fields}
        )
        lines = tuple(
            OrderLineRecord(one.sku, one.quantity, one.unit_price, "", f"L{number}")
            for number, one in enumerate(order.lines, start=1)
        )
        payment = "paid" if order.paid else "pending"
        self._put_order(
            OrderRecord(
                self.code,
                reference,
                "2026-01-05T09:00:00Z",
                customer,
                lines,
                order.email,
                order.phone,
                currency=order.currency,
                payment=payment,
            )
        )
        return reference

    def pay(self, reference: str) -> None:
        self._put_order(dataclasses.replace(self._orders[reference], payment="paid"))

    def move(self, reference: str, street: str) -> None:
        record = self._orders[reference]
        customer = dataclasses.replace(record.customer, street=street)
        self._put_order(dataclasses.replace(record, customer=customer))

    def cancel(self, reference: str) -> None:
        self._put_rows("changes", {"reference": reference})

    def cancel_units(self, reference: str, line: str, quantity: int) -> bool:
        self._put_rows("changes", {"reference": reference, "line": line, "quantity": quantity})
        return True

    def hold(self, reference: str) -> bool:
        self._put_rows("changes", {"action": "hold", "reference": reference, "reason": "Wait"})
        return True

    def announce(self, reference: str, line: str, quantity: int, reason: str) -> str:
        record = self._orders[reference]
        sku = next(one.sku for one in record.lines if one.reference == line)
        row = {"rma": f"RMA-{reference}", "reference": reference, "line": line, "sku": sku}
        self._put_rows("returns", {**row, "quantity": quantity, "reason": reason})
        return f"RMA-{reference}"

    # --- what came out ----------------------------------------------------------------------------

    def collect(self) -> list[dict[str, Any]]:
        """Take every file in `out` away, after its receipt; all messages so far."""
        out = self.folder / "out"
        for receipt in sorted(out.glob("*.receipt.json")) if out.exists() else []:
            said = json.loads(receipt.read_bytes())
            path = out / said["file"]
            if not path.exists():
                continue
            content = path.read_bytes()
            assert (said["bytes"], said["sha256"]) == (
                len(content),
                hashlib.sha256(content).hexdigest(),
            )
            self._came.append(self._message(content, said["rows"]))
            receipt.unlink()
            path.unlink()
        return self._came

    def _message(self, content: bytes, rows: int) -> dict[str, Any]:
        if self._json:
            found: dict[str, Any] = json.loads(content)
            return found
        read = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        plain = [{name: drop_tables.unguard(cell) for name, cell in row.items()} for row in read]
        return {**plain[0], "lines": plain[:rows]}

    def _of(self, kind: str, reference: str) -> list[dict[str, Any]]:
        found = self.collect()
        return [one for one in found if (one["kind"], one.get("reference")) == (kind, reference)]

    def shipments(self, reference: str) -> list[Shipment]:
        return [
            Shipment(one["tracking"], {row["line"]: int(row["quantity"]) for row in one["lines"]})
            for one in self._of("shipment", reference)
        ]

    def delivered(self, reference: str) -> list[str]:
        return [one["key"] for one in self._of("delivery", reference)]

    def stock(self, sku: str) -> int:
        for one in self.collect():
            if one["kind"] == "stock":
                self._stock |= {row["sku"]: int(row["quantity"]) for row in one["lines"]}
        return self._stock[sku]

    def taken_back(self, reference: str) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for one in self._of("return", reference):
            for row in one["lines"]:
                found[row["line"]] = found.get(row["line"], 0) + int(row["quantity"])
        return found

    def refunds(self, reference: str) -> list[int]:
        return [round(float(one["amount"]) * 100) for one in self._of("refund", reference)]

    # --- what goes wrong --------------------------------------------------------------------------

    def expire(self) -> bool:
        return False

    def inject(self, fault: Fault, call: Call, nth: int = 0, count: int = 1) -> bool:
        self._hit = 0
        possible = {
            Call.READ: (Fault.CLOSED,),
            Call.WRITE: (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.CLOSED),
        }
        self._fault = (fault, call, nth, count) if fault in possible[call] else None
        return self._fault is not None

    def heal(self) -> int:
        self._fault = None
        return self._hit

    def hits(self, call: Call) -> int:
        return self._hits[call]

    def hit(self, call: Call) -> Fault | None:
        """One access; raises OSError, or says that it is to fail after it was done."""
        self._hits[call] += 1
        if self._fault is None or self._fault[1] is not call:
            return None
        fault, _, nth, count = self._fault
        self._fault = (fault, call, max(0, nth - 1), count - (not nth))
        if nth or not count:
            return None
        self._hit += 1
        if fault is Fault.LOST_AFTER:
            return fault
        raise OSError(errno.ESTALE, "Stale file handle")
