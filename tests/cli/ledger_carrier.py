"""A carrier whose bookings are in a file, so that programs that die and their heirs share it."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from pathlib import Path

from tests.services.fake_carrier import FakeCarrier
from wms_terminal.ports.carrier import Booking, CarrierSettings, Consignment, LabelFormat
from wms_terminal.ports.channel import Secret, Told, Writeback
from wms_terminal.worker import Worker


class LedgerCarrier(FakeCarrier):
    """Every call is a line of the file; a key that is in it already is booked."""

    def __init__(self, settings: CarrierSettings, secret: Secret) -> None:
        super().__init__()
        self._path = Path(settings.url.removeprefix("file://"))
        self._dies = "DIES" in os.environ

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        with self._path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            keys = [line["book"] for line in map(json.loads, file) if "book" in line]
            number = keys.index(consignment.key) if consignment.key in keys else len(keys)
            if number == len(keys):
                file.write(json.dumps({"book": consignment.key}) + "\n")
        if self._dies:
            os._exit(9)
        tracking = f"3SLEDGER{number:06d}"
        label = f"^XA^FD{tracking}^FS^XZ".encode()
        return Booking(str(number), tracking, "https://t.example/", label, LabelFormat.ZPL)

    def cancel(self, remote_id: str) -> Told:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"cancel": remote_id}) + "\n")
        return Told(Writeback.APPLIED, "", remote_id)


def lines(path: Path) -> list[dict[str, str]]:
    """Everything that was booked and cancelled."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    Worker(sys.argv[1], carriers={"ledger": LedgerCarrier}, once=True).run()
