"""One resolver for every code: what it is, among the kinds that the state allows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from wms_terminal.domain.codes import key
from wms_terminal.domain.commands import LABELS, command
from wms_terminal.domain.outcome import Outcome, Refused, refuse
from wms_terminal.domain.scan import Reading, Source
from wms_terminal.domain.shipments import SHORTEST_RUN
from wms_terminal.domain.site import Kind
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.site_room import BarcodeHit
from wms_terminal.ports.store import Tx
from wms_terminal.services.dialogue import Found

BADGE_PREFIX = "WHB"
REASON_PREFIX = "WHR"

KIND_NAMES: dict[Kind, Text] = {
    Kind.COMMAND: T("a command"),
    Kind.REASON: T("a reason"),
    Kind.BADGE: T("a badge"),
    Kind.STATION: T("a station"),
    Kind.LOCATION: T("a location"),
    Kind.TOTE: T("a tote"),
    Kind.PARCEL: T("a parcel"),
    Kind.ORDER: T("an order"),
    Kind.PRODUCT: T("a product"),
    Kind.PACKAGE_TYPE: T("a carton"),
    Kind.CARRIER: T("a carrier"),
    Kind.LOT: T("a lot"),
    Kind.NUMBER: T("a number"),
    Kind.WEIGHT: T("a weight"),
    Kind.UNKNOWN: T("an unknown code"),
}

_TROUBLE = {
    "too_long": T("The code is longer than any barcode"),
    "control_characters": T("The code holds control characters"),
    "empty": T("The code is empty"),
}


def badge_key(badge: str) -> str:
    """The form in which a badge is stored: a photograph of the store opens no door."""
    return hashlib.sha256(key(badge).encode(errors="backslashreplace")).hexdigest()


def printable(raw: str, longest: int = 60) -> str:
    """A code for human eyes: control characters visible, cut to a readable length."""
    shown = "".join(
        char if char.isprintable() else f"<{ord(char):02X}>" for char in raw[: longest + 1]
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def resolve(tx: Tx, reading: Reading, source: Source, accepted: tuple[Kind, ...]) -> Found:
    """What the code is. A kind that the state does not allow is still named.

    Raises:
        Refused: the code is unusable, or means several things of one allowed kind.
    """
    if reading.trouble:
        raise refuse(
            "unusable_code",
            _TROUBLE[reading.trouble],
            got=printable(reading.raw),
            advice=T("Scan again; if it stays, tell who set the scanner up"),
            outcome=Outcome.UNKNOWN,
        )
    text = key(reading.text)
    if (known := command(text)) is not None:
        return Found(Kind.COMMAND, known.value, reading, source, command=known)
    if text.startswith(REASON_PREFIX):
        return Found(Kind.REASON, text, reading, source)
    hits = tx.site.barcodes(looked_up(reading))
    if source is Source.KEYED and Kind.NUMBER in accepted and _is_short_number(reading.text):
        product = next((hit.ref_id for hit in hits if hit.kind is Kind.PRODUCT), 0)
        return Found(Kind.NUMBER, reading.text, reading, source, product, int(reading.text))
    for kind in accepted:
        if kind is Kind.PARCEL:
            if (parcel_id := _labelled_with(tx, reading)) is not None:
                return _parcel(parcel_id, reading, source)
        elif kind is Kind.ORDER:
            order = tx.orders.find(_order_number(reading))
            if order is not None:
                return Found(kind, order.number, reading, source, order.id)
        elif kind is Kind.LOT and not hits and _may_be_lot(reading):
            return Found(kind, reading.lot or reading.text, reading, source)
        else:
            meanings = [hit for hit in hits if hit.kind is kind]
            if len(meanings) > 1:
                raise _ambiguous(reading, meanings)
            if meanings:
                return _found(meanings[0], reading, source)
    if hits:
        return _found(hits[0], reading, source)
    if Kind.PARCEL not in accepted and (parcel_id := _labelled_with(tx, reading)) is not None:
        return _parcel(parcel_id, reading, source)
    if (order := tx.orders.find(_order_number(reading))) is not None:
        return Found(Kind.ORDER, order.number, reading, source, order.id)
    if (parcel_id := _held_by(tx, reading)) is not None:
        return _parcel(parcel_id, reading, source)
    return Found(Kind.UNKNOWN, reading.text, reading, source)


def _parcel(parcel_id: int, reading: Reading, source: Source) -> Found:
    return Found(Kind.PARCEL, reading.sscc or reading.text, reading, source, parcel_id)


def _labelled_with(tx: Tx, reading: Reading) -> int | None:
    """Whose label was read: by its SSCC, or by its carrier's number."""
    if reading.sscc and (parcel := tx.parcels.by_sscc(reading.sscc)) is not None:
        return parcel.id
    shipment = tx.shipments.by_tracking(tracking_forms(reading))
    return shipment.parcel_id if shipment is not None and shipment.is_booked else None


def _held_by(tx: Tx, reading: Reading) -> int | None:
    """The only parcel in the house whose carrier's number a code holds, among routing data."""
    if len(reading.text) <= SHORTEST_RUN:
        return None
    inside = tx.shipments.inside(reading.text.strip().upper(), 2)
    return inside[0].parcel_id if len(inside) == 1 else None


def tracking_forms(reading: Reading) -> tuple[str, ...]:
    """How a tracking number may be stored that a label holds as this code."""
    return tuple(dict.fromkeys((reading.text, reading.text.strip().upper(), *reading.keys)))


def _is_short_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6


def _order_number(reading: Reading) -> str:
    """AI 400 is the customer's order number."""
    return reading.elements.get("400", reading.text)


def _may_be_lot(reading: Reading) -> bool:
    """Plain text, or a GS1 label with a lot that names no product or box beside it."""
    if not reading.elements:
        return True
    return bool(reading.lot) and not {"00", "01", "02"} & reading.elements.keys()


def _found(hit: BarcodeHit, reading: Reading, source: Source) -> Found:
    units = hit.units * reading.count if hit.kind is Kind.PRODUCT else 1
    return Found(hit.kind, reading.keys[0], reading, source, hit.ref_id, units)


def _ambiguous(reading: Reading, hits: list[BarcodeHit]) -> Refused:
    return refuse(
        "ambiguous",
        T("This code stands for {count} things", count=len(hits)),
        got=printable(reading.text),
        advice=T("Scan a narrower code: the product's own barcode, or its lot"),
    )


def name(tx: Tx, found: Found) -> Text:
    """What was scanned, in words: its kind and its name."""
    what: str | Text
    if found.kind is Kind.PRODUCT:
        product = tx.site.product(found.ref)
        what = f"{product.name} ({product.sku})"
    elif found.kind in (Kind.LOCATION, Kind.TOTE):
        what = tx.site.location(found.ref).code
    elif found.kind is Kind.BADGE:
        what = tx.site.operator(found.ref).name
    elif found.kind is Kind.STATION:
        what = tx.site.station_by_id(found.ref).code
    elif found.kind is Kind.CARRIER:
        what = tx.site.carrier(found.ref).name
    elif found.kind is Kind.PACKAGE_TYPE:
        what = tx.site.package_type(found.ref).name
    elif found.kind is Kind.PARCEL:
        parcel = tx.parcels.get(found.ref)
        what = f"{tx.orders.head(parcel.order_id).number} / {parcel.number}"
    elif found.command is not None:
        what = LABELS[found.command]
    else:
        what = shown(found.reading)
    return T("{kind}: {name}", kind=KIND_NAMES[found.kind], name=what)


def looked_up(reading: Reading) -> Sequence[str]:
    """Under which barcodes a code is looked for; a badge is known by its hash only."""
    return (badge_key(key(reading.text)),) if is_badge(reading) else reading.keys


def is_badge(reading: Reading) -> bool:
    """Whether a code has the form of a badge, be it anybody's or not."""
    return key(reading.text).startswith(BADGE_PREFIX)


def shown(reading: Reading) -> str:
    """What was read, as far as everybody may read it: a badge opens the store."""
    return f"{BADGE_PREFIX}…" if is_badge(reading) else printable(reading.text)


def unexpected(tx: Tx, found: Found, expected: Text | str, code: str = "") -> Refused:
    """The refusal of a code that is no answer to the present question."""
    if found.kind is Kind.UNKNOWN:
        return refuse(
            code or "unknown_code",
            T("Nobody knows this code"),
            expected=expected,
            got=shown(found.reading),
            advice=T("Scan again, or another code on the same thing"),
            outcome=Outcome.UNKNOWN,
        )
    return refuse(
        code or f"wrong_{found.kind.value}",
        T("That is not what is needed now"),
        expected=expected,
        got=name(tx, found),
    )
