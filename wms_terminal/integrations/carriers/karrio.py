"""Carriers that karrio knows (extra `karrio`, and the package of the carrier): DPD, GLS, DHL, UPS.

`url` is empty. Options:

    carrier        karrio's name of it, such as `dhl_parcel_de`
    book           whole path of a folder where what was booked is kept
    secrets        names of its settings that are secrets, separated by spaces; each is a secret
    set.NAME       a setting that is no secret, such as `set.account_country_code`; `true` and
                   `false` are yes and no
    label.zpl      its name of a label in ZPL; `ZPL` when not given
    label.pdf      its name of a label as PDF; `PDF` when not given
    dpi            203 (when not given), 300 or 600: that of the label printers

Karrio cannot look a booking up by a key of ours. So each is kept in `book`, which workers on
several machines must share, and one whose answer was lost stays in doubt until somebody has looked
at the carrier's: the text says where to look and what to remove. Pickups are not booked, as they
could not be looked up either. Karrio runs in a process of its own (`karrio_child`).

Source: https://www.karrio.io/docs (SDK), tried with karrio 2026.1.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
from base64 import b64decode
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from wms_terminal.integrations import intake
from wms_terminal.integrations.carriers import karrio_json as kj
from wms_terminal.integrations.carriers import label_file
from wms_terminal.integrations.carriers.karrio_book import Book
from wms_terminal.integrations.carriers.raster import RasterMissing
from wms_terminal.integrations.http import cut
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import (
    Booking,
    BookingInDoubt,
    CarrierAway,
    CarrierRefused,
    CarrierSettings,
    Consignment,
    LabelFormat,
    Milestone,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Secret, Told, Writeback

LONGEST_S = 120.0
"""For an answer; then the process is ended."""
_LOST = "SHIPPING_SDK_INTERNAL_ERROR"
_ABLE = "NON_SUPPORTED"
_CHILD = "wms_terminal.integrations.carriers.karrio_child"


class _Gone(Exception):
    """No answer came."""


class _No(Exception):
    """The carrier said no."""


class Karrio:
    """One carrier, through karrio.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        longest_s: How long an answer may take.

    Raises:
        ValueError: when the settings are no good, or karrio is not installed.
    """

    def __init__(
        self, settings: CarrierSettings, secret: Secret, *, longest_s: float = LONGEST_S
    ) -> None:
        options = settings.options
        where = f"Carrier {settings.code}: expected"
        if find_spec("karrio") is None:
            raise ValueError(
                f"{where} karrio, which is not installed. Use pip install 'wms-terminal[karrio]' "
                "and the package of the carrier, such as karrio-dpd."
            )
        folder = Path(options.get("book", ""))
        if not folder.is_absolute() or not folder.is_dir():
            raise ValueError(f"{where} the whole path of a folder as book, got {str(folder)!r}.")
        if not options.get("carrier"):
            raise ValueError(f"{where} karrio's name of a carrier as carrier, got none.")
        self._dpi = int(options.get("dpi", "203"))
        self._labels = {
            LabelFormat.ZPL: options.get("label.zpl", "ZPL"),
            LabelFormat.PDF: options.get("label.pdf", "PDF"),
        }
        self._book = Book(folder)
        private = {name: secret(name) for name in options.get("secrets", "").split()}
        self._hide = tuple(private.values())
        public = {
            name.removeprefix("set."): {"true": True, "false": False}.get(value, value)
            for name, value in options.items()
            if name.startswith("set.")
        }
        self._carrier = options["carrier"]
        self._settings = {**public, **private}
        self._longest_s = longest_s
        self._child: subprocess.Popen[str] | None = None

    def close(self) -> None:
        """End the process; twice is fine."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        """What is offered for a consignment, where the carrier can be asked."""
        payload = {
            "shipper": kj.address(consignment.sender),
            "recipient": kj.address(consignment.receiver),
            "parcels": [kj.parcel(consignment)],
            "services": [],
        }
        found = []
        for raw in self._entries("rate", payload):
            currency = intake.code(raw.get("currency"))
            total = intake.text(raw.get("total_charge"))
            price = intake.minor(total, currency, "a price") if total else None
            code = intake.code(raw.get("service"))
            found.append(ShippingOption(code, code, self._carrier, price, currency, 0))
        return found

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        """Book a parcel; a key that is in the book already is not booked again."""
        key = consignment.key
        if not self._book.begin(key):
            return self._known(key, form)
        payload = kj.shipment(consignment, self._labels[form])
        try:
            raw = self._ask("book", payload)
        except (CarrierAway, _No) as error:  # it was not started, or said no
            self._book.forget(key)
            if isinstance(error, _No):
                raise CarrierRefused(str(error)) from None
            raise
        except _Gone as error:
            raise BookingInDoubt(f"{error} {self._look(key)}") from None
        try:
            kept = kj.kept(raw)
        except Unfit as error:
            raise BookingInDoubt(f"{error} {self._look(key)}") from None
        self._book.keep(key, kept)
        return self._known(key, form)

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        """A booked parcel's label once more, out of the book."""
        kept = self._book.of_id(remote_id)
        if not kept or kept.get("cancelled"):
            raise CarrierRefused(f"There is no booking {cut(remote_id, 64)} that stands.")
        try:
            return label_file.as_wanted(b64decode(kept["label"]), form, self._dpi)
        except (RasterMissing, Unfit) as error:
            raise CarrierRefused(f"The label of booking {remote_id}: {error}") from None

    def cancel(self, remote_id: str) -> Told:
        """Cancel a booking."""
        kept = self._book.of_id(remote_id)
        if not kept:
            return Told(Writeback.REJECTED, f"There is no booking {cut(remote_id, 64)}.")
        if not kept.get("cancelled"):
            payload = {"shipment_identifier": remote_id}
            try:
                raw = self._ask("cancel", payload)
            except _Gone as error:
                return Told(Writeback.IN_DOUBT, str(error), remote_id)
            except _No as error:
                unable = _ABLE in str(error)
                state = Writeback.UNSUPPORTED if unable else Writeback.REJECTED
                return Told(state, str(error), remote_id)
            if not isinstance(raw, dict) or raw.get("success") is not True:
                return Told(Writeback.REJECTED, "The carrier did not cancel it.", remote_id)
            self._book.keep(kept["key"], {**kept, "cancelled": True})
        return Told(Writeback.APPLIED, "It is cancelled.", remote_id)

    def track(self, tracking: str) -> list[TrackingEvent]:
        """A parcel's journey so far, oldest first."""
        found = []
        for raw in self._entries("track", {"tracking_numbers": [tracking]}):
            if raw.get("tracking_number") == tracking:
                found = [one for one in raw.get("events") or [] if isinstance(one, dict)]
        told = [(at, one) for one in found if (at := kj.at(one))]
        told.sort(key=lambda entry: entry[0])
        events, milestone = [], Milestone.ANNOUNCED
        for at, one in told:
            milestone = kj.MILESTONES.get(intake.code(one.get("status")), milestone)
            events.append(
                TrackingEvent(tracking, at, milestone, intake.text(one.get("description")))
            )
        return events

    def book_pickup(self, wish: PickupWish) -> Told:
        """Not through karrio: a second request could not be told from the first."""
        del wish
        return Told(Writeback.UNSUPPORTED, "Pickups are not booked through karrio; agree on them.")

    def _known(self, key: str, form: LabelFormat) -> Booking:
        kept = self._book.read(key) or {}
        if not kept.get("remote_id"):
            raise BookingInDoubt(self._look(key))
        if kept.get("cancelled"):
            raise CarrierRefused(f"Booking {key} was cancelled. Book under another key.")
        label, written = label_file.at_best(b64decode(kept["label"]), form, self._dpi)
        papers = tuple(b64decode(paper) for paper in kept["documents"])
        return Booking(
            kept["remote_id"], kept["tracking"], kept["tracking_url"], label, written, papers
        )

    def _look(self, key: str) -> str:
        return (
            f"Look at the carrier's whether a parcel with the reference {key} is there. If it is "
            f"not, remove {self._book.path(key)} and try again; if it is, cancel it there first."
        )

    def _entries(self, do: str, payload: Any) -> list[dict[str, Any]]:
        """What a question gives."""
        try:
            found = self._ask(do, payload)
        except _No as error:
            if _ABLE in str(error):
                return []
            raise CarrierRefused(str(error)) from None
        except _Gone as error:
            raise CarrierAway(str(error)) from None
        return [one for one in found or [] if isinstance(one, dict)]

    def _ask(self, do: str, payload: Any) -> Any:
        """What karrio found.

        Raises:
            CarrierAway: nobody was asked.
            _Gone: no answer came.
            _No: the carrier said no.
        """
        child = self._child = self._child or self._start()
        told = self._exchange(child, {"do": do, "payload": payload})
        if "fault" in told:
            raise _Gone(self._blotted(f"karrio: {told['fault']}"))
        found, messages = told.get("found"), told.get("messages") or []
        if found or not messages:
            return found
        said = " ".join(
            f"{one.get('code') or ''} {one.get('message') or ''}".strip() for one in messages
        )
        raise (_Gone if _LOST in said else _No)(self._blotted(said))

    def _start(self) -> subprocess.Popen[str]:
        names = [name for name in os.environ if not name.startswith("WMS_SECRET")]
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", _CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
                env={name: os.environ[name] for name in names},
                start_new_session=True,
            )
        except OSError as error:
            raise CarrierAway(f"karrio cannot be started: {error.strerror}.") from None
        self._child = child
        try:
            told = self._exchange(child, {"carrier": self._carrier, "settings": self._settings})
        except _Gone as error:
            raise CarrierAway(str(error)) from None
        if "ready" not in told:
            self.close()
            raise CarrierAway(self._blotted(f"karrio: {told.get('fault')}"))
        return child

    def _exchange(self, child: subprocess.Popen[str], line: Any) -> dict[str, Any]:
        assert child.stdin is not None
        assert child.stdout is not None
        alarm = threading.Timer(self._longest_s, child.kill)
        alarm.start()
        answer = ""
        try:
            with contextlib.suppress(OSError, ValueError):
                child.stdin.write(json.dumps(line) + "\n")
                child.stdin.flush()
                answer = child.stdout.readline()
        finally:
            alarm.cancel()
        try:
            told = json.loads(answer, parse_float=Decimal)
        except (ValueError, ArithmeticError):
            self.close()
            raise _Gone("karrio gave no answer.") from None
        if not isinstance(told, dict):
            raise _Gone("karrio gave an answer that cannot be read.")
        return told

    def _blotted(self, text: str) -> str:
        for secret in self._hide:
            text = text.replace(secret, "…")
        return cut(text)


def open_carrier(settings: CarrierSettings, secret: Secret) -> Karrio:
    """What the kind `karrio` opens."""
    return Karrio(settings, secret)
