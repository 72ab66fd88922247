"""Which parcels need customs papers, and what the papers add up to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.customs import Gap, Goods, areas, needs_papers
from wms_terminal.domain.label import Address


def address(country: str, postcode: str = "", city: str = "", region: str = "") -> Address:
    return Address("X", postcode=postcode, city=city, region=region, country=country)


ROTTERDAM = address("NL", "3087 BM", "Rotterdam")

INSIDE = [
    ("DE", "10115", "Berlin"),
    ("FR", "75001", "Paris"),
    ("MC", "98000", "Monaco"),
    ("FR", "98000", "Monaco"),
    ("ES", "28001", "Madrid"),
    ("ES", "07001", "Palma"),
    ("PT", "9000-001", "Funchal"),
    ("FI", "00100", "Helsinki"),
    ("IT", "23032", "Bormio"),
    ("GR", "10431", "Athens"),
    ("EL", "10431", "Athens"),
    ("IE", "D02 X285", "Dublin"),
    ("GB", "BT1 5GS", "Belfast"),
    ("XI", "BT1 5GS", "Belfast"),
    ("nl", "1012JS", "Amsterdam"),
]
OUTSIDE = [
    ("GB", "M1 1AE", "Manchester"),
    ("UK", "B1 1AA", "Birmingham"),
    ("GB", "JE2 3AB", "St Helier"),
    ("IM", "IM1 1AA", "Douglas"),
    ("CH", "8001", "Zürich"),
    ("LI", "9490", "Vaduz"),
    ("NO", "0150", "Oslo"),
    ("US", "10001", "New York"),
    ("TR", "34000", "Istanbul"),
    ("AD", "AD500", "Andorra la Vella"),
    ("SM", "47890", "San Marino"),
    ("ES", "35001", "Las Palmas"),
    ("ES", "ES-38001", "Santa Cruz"),
    ("ES", "51001", "Ceuta"),
    ("ES", "52001", "Melilla"),
    ("ES", "", "MELILLA"),
    ("IC", "35001", "Las Palmas"),
    ("FI", "22100", "Mariehamn"),
    ("FI", "AX-22100", "Mariehamn"),
    ("AX", "22100", "Mariehamn"),
    ("DE", "78266", "Büsingen"),
    ("DE", "", "Büsingen am Hochrhein"),
    ("DE", "D-27498", "Helgoland"),
    ("IT", "23041", "Livigno"),
    ("IT", "23030", "Livigno"),
    ("IT", "22061", "Campione d'Italia"),
    ("FR", "97400", "Saint-Denis"),
    ("RE", "97400", "Saint-Denis"),
    ("GP", "97100", "Basse-Terre"),
    ("FR", "98800", "Nouméa"),
    ("GR", "63086", "Karyes"),
    ("DK", "3900", "Nuuk"),
    ("GL", "3900", "Nuuk"),
    ("FO", "100", "Tórshavn"),
    ("CW", "", "Willemstad"),
]


@pytest.mark.parametrize(("country", "postcode", "city"), INSIDE)
def test_a_parcel_that_stays_in_the_union_needs_no_papers(
    country: str, postcode: str, city: str
) -> None:
    assert not needs_papers(ROTTERDAM, address(country, postcode, city))


@pytest.mark.parametrize(("country", "postcode", "city"), OUTSIDE)
def test_a_parcel_that_leaves_the_customs_or_tax_area_needs_papers(
    country: str, postcode: str, city: str
) -> None:
    receiver = address(country, postcode, city)
    assert needs_papers(ROTTERDAM, receiver)
    assert needs_papers(receiver, ROTTERDAM)


def test_a_sender_elsewhere_needs_papers_for_the_union_and_none_at_home() -> None:
    london, zurich = address("GB", "N1 9GU"), address("CH", "8001")
    assert needs_papers(london, address("IE", "D02"))
    assert not needs_papers(london, address("GB", "M1 1AE"))
    assert not needs_papers(london, address("IM", "IM1 1AA"))
    assert not needs_papers(london, address("GB", "BT1 5GS"))
    assert needs_papers(london, address("GB", "GY1 1AA"))
    assert not needs_papers(zurich, address("LI", "9490"))


def test_without_a_country_nothing_is_asked_for() -> None:
    assert not needs_papers(address(""), address("GB"))
    assert not needs_papers(ROTTERDAM, address(""))


@given(st.builds(Address, *[st.text(max_size=20)] * 8))
def test_whatever_an_address_says_it_is_somewhere(anything: Address) -> None:
    assert areas(anything)
    assert not needs_papers(anything, anything)


def test_goods_add_up_and_say_what_is_missing() -> None:
    goods = Goods("A", "Lantern", 3, 1295, 540, "940550", "CN")
    assert (goods.value, goods.net_g, goods.gaps) == (3885, 1620, ())
    assert Goods("A", "Lantern", 3, 0, 0, "", "").gaps == tuple(Gap)
