"""What packing slips say, in the customer's language."""

from __future__ import annotations

from collections.abc import Callable

from devices.documents.text import clean
from wms_terminal.domain.label import PackingSlip

_DUTCH = {
    "Packing slip": "Pakbon",
    "Deliver to": "Afleveradres",
    "Order": "Bestelling",
    "Your reference": "Uw referentie",
    "Ordered on": "Besteld op",
    "Ordered at": "Besteld via",
    "Carrier": "Vervoerder",
    "Parcel": "Pakket",
    "{number} of {count}": "{number} van {count}",
    "Packaging": "Verpakking",
    "Weight": "Gewicht",
    "Item": "Artikel",
    "Description": "Omschrijving",
    "Lot": "Batch",
    "Ordered": "Besteld",
    "In this box": "In deze doos",
    "To follow": "Volgt nog",
    "Units in this box": "Stuks in deze doos",
    "This box is empty.": "Deze doos is leeg.",
    "What is still to follow comes in another parcel.": "Wat nog volgt, komt in een ander pakket.",
    "Page {number} of {count}": "Pagina {number} van {count}",
}
_LANGUAGES = {"nl": _DUTCH}


def speaker(language: str) -> Callable[[str], str]:
    """English in, the language out; English where there is no list of words for it."""
    words = _LANGUAGES.get(language.lower()[:2], {})
    return lambda text: words.get(text, text)


def facts_of(slip: PackingSlip, say: Callable[[str], str]) -> list[tuple[str, str]]:
    """The head of a slip, as pairs of a title, still in English, and its value."""
    facts = (
        ("Order", slip.order_number),
        ("Your reference", slip.reference),
        ("Ordered on", slip.placed_on),
        ("Ordered at", slip.channel),
        ("Carrier", _carrier_of(slip)),
        ("Parcel", parcel_of(slip, say)),
        ("Packaging", slip.package),
        ("Weight", f"{slip.weight_g / 1000:.2f} kg" if slip.weight_g else ""),
    )
    return [(title, value) for title, value in facts if clean(value)]


def parcel_of(slip: PackingSlip, say: Callable[[str], str]) -> str:
    """Which parcel of how many, as far as that is known."""
    if not slip.parcels:
        return str(slip.parcel)
    return say("{number} of {count}").format(number=slip.parcel, count=slip.parcels)


def _carrier_of(slip: PackingSlip) -> str:
    """Carrier and service, the carrier once."""
    if slip.service.startswith(slip.carrier):
        return slip.service
    return f"{slip.carrier} {slip.service}".strip()
