"""Customs: which parcels cross a border that asks for papers, and what those papers say.

A parcel needs papers when it leaves the area in which the sender's goods move freely, and that is
where customs *and* value added tax law are one: goods for the Canary Islands stay in the customs
territory of the Union and need a declaration all the same.

Sources: Union Customs Code, Regulation (EU) 952/2013, article 4 (customs territory); Directive
2006/112/EC, articles 6 and 7 (places outside the area of value added tax); European Commission,
"Territorial status of EU countries and certain territories"; Windsor Framework (goods in Northern
Ireland); customs treaty of Switzerland and Liechtenstein of 1923; Universal Postal Union,
Convention Manual, form CN 23 and its notes 1 to 15.

Not covered: the north of Cyprus and the British bases there, military post, Gibraltar's treaty
with the Union, the territories of the United States, preferential origin (EUR.1, REX, A.TR), the
export declaration that a consignment of more than 1000 EUR needs. A sender in one of the
territories below gets papers for every other address. Where it is not sure, papers are printed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from wms_terminal.domain.label import Address

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"
"""The Member States, and Monaco, which counts as France."""
_SAME: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(_UNION.split(), frozenset({"EU"})),
    "GB": frozenset({"GB"}),
    "IM": frozenset({"GB"}),
    "XI": frozenset({"EU", "GB"}),
    "LI": frozenset({"CH"}),
}
"""The areas of a country that is not one of its own."""
_OTHER_NAMES = {"EL": "GR", "UK": "GB"}
_NORTHERN_IRELAND = re.compile(r"BT\d")
_APART: Mapping[str, tuple[re.Pattern[str], frozenset[str]]] = {
    country: (re.compile(postcodes), frozenset(names))
    for country, postcodes, names in (
        # Büsingen, Heligoland.
        ("DE", "78266|27498", ("busingen", "busingen am hochrhein", "helgoland", "heligoland")),
        # Greenland.
        ("DK", r"39\d\d", ()),
        # Canary Islands, Ceuta, Melilla.
        (
            "ES",
            r"(?:35|38|51|52)\d{3}",
            ("ceuta", "melilla", "las palmas", "santa cruz de tenerife", "canarias"),
        ),
        # Åland.
        ("FI", r"22\d{3}", ("aland", "ahvenanmaa", "mariehamn")),
        # Overseas departments and territories.
        ("FR", r"97\d{3}|98[1-9]\d\d", ("guadeloupe", "martinique", "la reunion", "mayotte")),
        # Mount Athos.
        ("GR", "6308[67]", ("karyes", "agio oros", "mount athos")),
        # Livigno, Campione, the Vatican, San Marino.
        ("IT", r"23041|22061|00120|4789\d", ("livigno", "campione d'italia", "san marino")),
        # Jersey and Guernsey, written as British addresses.
        ("GB", r"(?:JE|GY)\d.*", ("jersey", "guernsey")),
    )
}
"""Postcodes and towns of a country that customs or tax law leave out of it."""


def needs_papers(sender: Address, receiver: Address) -> bool:
    """Whether a parcel between the two needs a customs declaration and an invoice.

    Without a country on either side nothing can be said, and nothing is asked for.
    """
    if not sender.country or not receiver.country:
        return False
    return areas(sender).isdisjoint(areas(receiver))


def areas(address: Address) -> frozenset[str]:
    """The areas of free movement that an address is in; one in most cases, made-up names."""
    country = address.country.upper()
    country = _OTHER_NAMES.get(country, country)
    postcode = re.sub(r"[^0-9A-Z]", "", address.postcode.upper())
    if country != "GB":
        postcode = postcode.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    elif _NORTHERN_IRELAND.match(postcode):
        country = "XI"
    if country in _APART:
        postcodes, names = _APART[country]
        if postcodes.fullmatch(postcode) or {_plain(address.city), _plain(address.region)} & names:
            return frozenset({f"{country}-{postcode[:2]}"})
    return _SAME.get(country, frozenset({country}))


def _plain(name: str) -> str:
    """A name of a place without accents, in small letters."""
    letters = unicodedata.normalize("NFD", name.strip().lower()[:64])
    return "".join(char for char in letters if not unicodedata.combining(char))


class Gap(StrEnum):
    """What customs want to know of goods, and nobody has told."""

    HS_CODE = "hs_code"
    ORIGIN = "origin"
    WEIGHT = "weight"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one order line in one parcel, as customs want to know them."""

    sku: str
    name: str
    quantity: int
    unit_price: int
    """Minor units of the order's currency."""
    weight_g: int
    """Of one unit; 0 when it is not known."""
    hs_code: str
    """6, 8 or 10 digits of the Harmonised System, or empty."""
    origin: str
    """ISO 3166-1 alpha-2 of the country where it was made, or empty."""

    @property
    def value(self) -> int:
        """Of all units."""
        return self.quantity * self.unit_price

    @property
    def net_g(self) -> int:
        """Weight of all units."""
        return self.quantity * self.weight_g

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is missing of it."""
        known = (
            (Gap.HS_CODE, self.hs_code),
            (Gap.ORIGIN, self.origin),
            (Gap.WEIGHT, self.weight_g),
            (Gap.VALUE, self.unit_price),
        )
        return tuple(gap for gap, value in known if not value)


@dataclass(frozen=True, slots=True)
class Exporter:
    """What customs want to know of the sender beside the address."""

    eori: str = ""
    """Economic Operators Registration and Identification number."""
    vat: str = ""
    phone: str = ""
    signed_by: str = ""
    """Whose name stands under the declarations."""
    terms: str = "DAP"
    """Incoterms 2020: who pays duties. DAP: the receiver does."""


@dataclass(frozen=True, slots=True)
class CustomsPapers:
    """One parcel's customs declaration CN 23 and commercial invoice."""

    order_number: str
    reference: str
    placed_on: str
    """ISO date."""
    issued_on: str
    """ISO date."""
    sender: Address
    exporter: Exporter
    receiver: Address
    email: str
    phone: str
    carrier: str
    service: str
    sscc: str
    parcel: int
    weight_g: int
    """Gross."""
    currency: str
    goods: tuple[Goods, ...]

    @property
    def number(self) -> str:
        """The invoice's own number: every parcel has one invoice."""
        return f"{self.order_number}-{self.parcel}"

    @property
    def units(self) -> int:
        """Of everything."""
        return sum(item.quantity for item in self.goods)

    @property
    def value(self) -> int:
        """Of everything, in minor units."""
        return sum(item.value for item in self.goods)

    @property
    def net_g(self) -> int:
        """Weight of the goods without packaging, as far as it is known."""
        return sum(item.net_g for item in self.goods)
