"""Sendcloud: PostNL, DHL, DPD and others behind one API (v3).

`url` is empty but for tests. Secrets `public_key` and `secret_key` are those of Sendcloud >
Settings > Integrations > Sendcloud API. Options:

    dpi               203 (when not given), 300 or 600: that of the label printers
    contract          the id of the contract to ship with; Sendcloud's default when not given
    carrier           only this carrier's services, such as `dpd`; and whose courier is asked
    phone, email      of the site, for carriers that want them; some pickups need the phone
    export            `commercial_b2c` (when not given), `commercial_b2b` or `private`
    tax.NAME          our number for customs, such as `tax.EORI` or `tax.IOSS`
    milestone.STATUS  what a tracking status means, where it is not known here

A booking's key is the shipment's `external_reference_id`, which Sendcloud keeps unique: it is
looked up before anything is booked, and a second shipment with it is refused there. A shipment
holds one parcel, and its id is the booking's. A consignment without an option is announced by the
shipping rules and defaults of the account.

Source: Sendcloud Public REST API v3, https://sendcloud.dev/api/v3.
"""

from __future__ import annotations

import binascii
import re
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from wms_terminal.integrations import intake
from wms_terminal.integrations.carriers import label_file
from wms_terminal.integrations.carriers import sendcloud_json as sc
from wms_terminal.integrations.carriers.outcome import asked, booked, further, told
from wms_terminal.integrations.carriers.raster import RasterMissing
from wms_terminal.integrations.carriers.sendcloud_settings import read_settings
from wms_terminal.integrations.http import READ_S, Away, Http, Lost, Refusal
from wms_terminal.integrations.intake import Unfit
from wms_terminal.ports.carrier import (
    Booking,
    CarrierRefused,
    CarrierSettings,
    Consignment,
    LabelFormat,
    PickupWish,
    ShippingOption,
    TrackingEvent,
)
from wms_terminal.ports.channel import Secret, Told, Writeback

Found = TypeVar("Found")
URL = "https://panel.sendcloud.sc/api/v3"
MOST_PAGES = 10
"""Of pickups, newest first."""
MOST_NAMES = 9
"""Shipments that could not be announced, of one key."""
LONGEST_URL = 1000

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LABELS = ", ".join(LabelFormat)
_DOCUMENTS = {
    "air-waybill": "air-waybill",
    "commercial-invoice": "customs-declaration",
    "customs-declaration": "customs-declaration",
}
"""Papers that go with a parcel, by what a shipment calls them, and what they are asked for as."""


class Sendcloud:
    """A Sendcloud account.

    Args:
        settings: How it is reached; see the module.
        secret: Where its secrets are.
        sleep: How to wait between attempts to read.
        read_s: How long to wait for the next piece of an answer.

    Raises:
        ValueError: when the settings are no good.
    """

    def __init__(
        self,
        settings: CarrierSettings,
        secret: Secret,
        *,
        sleep: Callable[[float], None] = time.sleep,
        read_s: float = READ_S,
    ) -> None:
        self._set = read_settings(settings)
        self._http = Http(
            settings.url or URL,
            auth=(secret("public_key"), secret("secret_key")),
            hide=(secret("public_key"),),
            sleep=sleep,
            read_s=read_s,
        )

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()

    # --- booking ----------------------------------------------------------------------------------

    def options(self, consignment: Consignment) -> list[ShippingOption]:
        """What is offered for a consignment, with prices where Sendcloud knows them."""
        body: dict[str, Any] = {
            "from_country_code": consignment.sender.country,
            "from_postal_code": consignment.sender.postcode[:12],
            "to_country_code": consignment.receiver.country,
            "to_postal_code": consignment.receiver.postcode[:12],
            "parcels": [sc.parcel(consignment)],
            "calculate_quotes": True,
        }
        if self._set.carrier:
            body["carrier_code"] = self._set.carrier
        if self._set.contract:
            body["contract_id"] = self._set.contract

        def ask() -> list[ShippingOption]:
            answer = intake.obj(self._http.read("POST", "shipping-options", body=body).body, "it")
            entries = intake.items(answer.get("data") or [], "shipping options")
            return [found for found in map(sc.option, entries) if found is not None]

        return asked(ask)

    def book(self, consignment: Consignment, form: LabelFormat) -> Booking:
        """Book a parcel and get its label; a key that is there already is not booked again."""
        name, raw = asked(lambda: self._named(consignment.key))
        if raw is None:
            body = sc.shipment(consignment, name, form, self._set)
            raw = booked(lambda: self._announce(name, body))
        return further(lambda: self._booking(raw, consignment.key, form))

    def label(self, remote_id: str, form: LabelFormat) -> bytes:
        """A booked parcel's label once more."""

        def ask() -> bytes:
            raw = self._shipment(remote_id)
            if raw is None:
                raise CarrierRefused(f"Sendcloud has no shipment {remote_id[:64]}.")
            parcel = _parcel(raw)
            if _status(parcel) in sc.CANCELLED:
                raise CarrierRefused(f"Shipment {remote_id} is cancelled; its label is no good.")
            return self._document(parcel, "label", form)

        content = asked(ask)
        try:
            return label_file.as_wanted(content, form, self._set.dpi)
        except (RasterMissing, Unfit) as error:
            raise CarrierRefused(f"The label of shipment {remote_id}: {error}") from None

    def cancel(self, remote_id: str) -> Told:
        """Cancel a booking. One that Sendcloud has queued for cancelling counts as cancelled."""

        def tell() -> Told:
            if (gone := self._gone(remote_id)) is not None:
                return gone
            try:
                answer = self._http.write("POST", f"shipments/{remote_id}/cancel")
            except Refusal as refusal:
                if refusal.status != 409:
                    raise
                gone = _looked(lambda: self._gone(remote_id))
                return gone or Told(Writeback.REJECTED, str(refusal), remote_id)
            data = intake.obj(intake.obj(answer.body, "an answer").get("data"), "data")
            return Told(Writeback.APPLIED, intake.text(data.get("message")), remote_id)

        return told(tell)

    def _named(self, key: str) -> tuple[str, sc.Json | None]:
        """The shipment of a key, and what it is called; None when it is to be booked.

        One that could not be announced keeps its name for ever, so what is booked after the
        address was put right is called `KEY/2`, and so on.
        """
        why = ""
        for attempt in range(1, MOST_NAMES + 1):
            name = key if attempt == 1 else f"{key}/{attempt}"
            found = self._find(name)
            if found is None or _status(_parcel(found)) not in sc.FAILED:
                return name, found
            why = sc.errors(found)
        raise CarrierRefused(f"Sendcloud could not announce {key} in {MOST_NAMES} attempts. {why}")

    def _find(self, key: str) -> sc.Json | None:
        """The shipment with this name."""
        try:
            answer = self._http.get("shipments", params={"external_reference_id": key})
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        for entry in intake.items(intake.obj(answer.body, "shipments").get("data"), "data"):
            found = intake.obj(entry, "a shipment")
            if found.get("external_reference_id") == key:
                return found
        return None

    def _announce(self, key: str, body: sc.Json) -> sc.Json:
        by_rules = "ship_with" not in body
        path = "shipments/announce-with-shipping-rules" if by_rules else "shipments/announce"
        try:
            answer = self._http.write("POST", path, body=body)
        except Refusal as refusal:
            if refusal.status != 409:
                raise
            there = _looked(lambda: self._find(key))
            if there is None:
                raise Lost(f"{refusal} It is not listed yet.") from None
            return there
        return intake.obj(intake.obj(answer.body, "an answer").get("data"), "a shipment")

    def _booking(self, raw: sc.Json, key: str, form: LabelFormat) -> Booking:
        parcel = _parcel(raw)
        remote_id, status = intake.code(raw.get("id")), _status(parcel)
        if not _ID.fullmatch(remote_id):
            raise Unfit("Expected a shipment with an id, got one without.")
        if status in sc.CANCELLED:
            raise CarrierRefused(
                f"Booking {key} was cancelled at Sendcloud (shipment {remote_id}). "
                "Book the parcel under another key."
            )
        if status in sc.FAILED:
            why = sc.errors(raw) or "It does not say why."
            raise CarrierRefused(f"Sendcloud could not announce shipment {remote_id}. {why}")
        if status in sc.PENDING:
            raise Unfit(f"Shipment {remote_id} is still being announced.")
        content = _included(parcel)
        if content is None:
            content = self._document(parcel, "label", form)
        label, written = label_file.at_best(content, form, self._set.dpi)
        return Booking(
            remote_id=remote_id,
            tracking=intake.code(parcel.get("tracking_number")),
            tracking_url=_link(parcel.get("tracking_url")),
            label=label,
            format=written,
            documents=tuple(self._papers(parcel)),
        )

    def _papers(self, parcel: sc.Json) -> list[bytes]:
        kinds = []
        for entry in intake.items(parcel.get("documents") or [], "documents"):
            kind = _DOCUMENTS.get(intake.code(intake.obj(entry, "a document").get("type")))
            if kind is not None and kind not in kinds:
                kinds.append(kind)
        papers = [self._document(parcel, kind, LabelFormat.PDF) for kind in kinds]
        for paper in papers:
            if not paper.startswith(b"%PDF-") or len(paper) > label_file.LARGEST:
                raise Unfit("Expected customs papers as PDF, got something else.")
        return papers

    def _document(self, parcel: sc.Json, kind: str, form: LabelFormat) -> bytes:
        """A parcel's document; a label may come in another form than was asked for."""
        number = intake.whole(parcel.get("id"), "a parcel's id")
        path = f"parcels/{number}/documents/{kind}"
        params = {"dpi": self._set.dpi} if kind == "label" else None
        accept = _LABELS if kind == "label" else form
        headers = {"accept": str(form)}
        return self._http.get(path, params=params, headers=headers, accept=accept).content

    def _shipment(self, remote_id: str) -> sc.Json | None:
        if not _ID.fullmatch(remote_id):
            return None
        try:
            body = self._http.get(f"shipments/{remote_id}").body
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        return intake.obj(intake.obj(body, "an answer").get("data"), "a shipment")

    def _gone(self, remote_id: str) -> Told | None:
        """That there is nothing to cancel, and why; None when there is."""
        raw = self._shipment(remote_id)
        if raw is None:
            return Told(Writeback.REJECTED, f"Sendcloud has no shipment {remote_id[:64]}.")
        if _status(_parcel(raw)) in sc.CANCELLED:
            return Told(Writeback.APPLIED, "It is cancelled.", remote_id)
        return None

    # --- afterwards -------------------------------------------------------------------------------

    def track(self, tracking: str) -> list[TrackingEvent]:
        """A parcel's journey so far, oldest first; empty when Sendcloud does not know it."""
        if not 0 < len(tracking) <= 255 or tracking in (".", ".."):
            return []

        def ask() -> list[TrackingEvent]:
            try:
                body = self._http.get(f"parcels/tracking/{quote(tracking, safe='')}").body
            except Refusal as refusal:
                if refusal.status in (404, 422):
                    return []
                raise
            return sc.events(body, tracking, self._set)

        return asked(ask)

    def book_pickup(self, wish: PickupWish) -> Told:
        """Ask a courier to come, once; not every carrier behind Sendcloud can be asked."""
        carrier = wish.carrier or self._set.carrier
        if not carrier:
            return Told(
                Writeback.REJECTED,
                "Sendcloud must know whose courier is asked. Name it in the carrier's options.",
            )
        if carrier not in sc.PICKUPS:
            return Told(
                Writeback.UNSUPPORTED,
                f"The courier of {carrier} cannot be asked through Sendcloud; agree on it.",
            )
        try:
            body = sc.pickup(wish, carrier, self._set)
        except CarrierRefused as error:
            return Told(Writeback.REJECTED, str(error))

        def tell() -> Told:
            if (there := self._pickup(wish, carrier)) is not None:
                return there
            answer = self._http.write("POST", "pickups", body=body)
            return _picked(intake.obj(intake.obj(answer.body, "an answer").get("data"), "a pickup"))

        return told(tell)

    def _pickup(self, wish: PickupWish, carrier: str) -> Told | None:
        """The pickup with this key; the list does not tell keys, so those alike are opened."""
        path, params = "pickups", {"page_size": 100}
        begins = intake.moment(wish.begins_at, "the pickup's begin")
        for _ in range(MOST_PAGES):
            answer = self._http.get(path, params=params)
            for entry in intake.items(intake.obj(answer.body, "pickups").get("data"), "data"):
                listed = intake.obj(entry, "a pickup")
                if listed.get("carrier_code") != carrier or not _stands(listed):
                    continue
                slots = intake.items(listed.get("time_slots") or [], "time slots")
                starts = [intake.obj(slot, "a time slot").get("start_at") for slot in slots]
                if begins not in [intake.moment(start, "start_at") for start in starts]:
                    continue
                number = intake.whole(listed.get("id"), "a pickup's id")
                body = intake.obj(self._http.get(f"pickups/{number}").body, "an answer")
                found = intake.obj(body.get("data"), "a pickup")
                if found.get("reference") == wish.key and _stands(found):
                    return _picked(found)
            path, params = _next(answer.headers.get("link", "")), {}
            if not path:
                return None
        return None


def open_carrier(settings: CarrierSettings, secret: Secret) -> Sendcloud:
    """What the kind `sendcloud` opens."""
    return Sendcloud(settings, secret)


def _looked(look: Callable[[], Found]) -> Found:
    """A look after a write was refused as a second one; raises Lost when it cannot be had."""
    try:
        return look()
    except (Away, Unfit) as error:
        raise Lost(str(error)) from None


def _parcel(raw: sc.Json) -> sc.Json:
    parcels = intake.items(raw.get("parcels"), "parcels")
    if len(parcels) != 1:
        raise Unfit(f"Expected a shipment of one parcel, got {len(parcels)}.")
    return intake.obj(parcels[0], "a parcel")


def _status(parcel: sc.Json) -> str:
    return sc.status(intake.obj(parcel.get("status") or {}, "a status").get("code"))


def _included(parcel: sc.Json) -> bytes | None:
    """The label that came with the booking."""
    text = parcel.get("label_file")
    if not isinstance(text, str) or not text:
        return None
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Unfit("Expected a label in base64, got something else.") from None


def _link(value: Any) -> str:
    found = intake.text(value, LONGEST_URL)
    return found if found.startswith(("https://", "http://")) else ""


def _stands(pickup: sc.Json) -> bool:
    return pickup.get("status") not in ("CANCELLED", "FAILED")


def _picked(pickup: sc.Json) -> Told:
    number = str(intake.whole(pickup.get("id"), "a pickup's id"))
    if not _stands(pickup):
        return Told(Writeback.REJECTED, f"Sendcloud could not book pickup {number}.", number)
    return Told(Writeback.APPLIED, intake.code(pickup.get("tracking_number")), number)


def _next(link: str) -> str:
    """Where the next page is (RFC 8288); empty when this was the last."""
    found = re.search(r'<([^>]{1,2000})>\s*;[^,]*\brel="?next"?', link)
    return found[1] if found else ""
