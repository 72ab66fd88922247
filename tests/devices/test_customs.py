"""CN 23 and commercial invoice, drawn and read back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.documents.customs import customs_papers
from devices.documents.frame import tariff
from tests.devices.documents import (
    RECEIVER,
    SENDER,
    SSCC,
    address_of,
    barcodes,
    pages,
    words,
)
from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.customs import CustomsPapers, Exporter, Goods
from wms_terminal.domain.label import Address

LANTERN = Goods("71053", "WHITE METAL LANTERN", 2, 1295, 540, "94055000", "CN")
HOOK = Goods("84406B", "COAT HOOK", 6, 275, 260, "830242", "IN")
PAPERS = CustomsPapers(
    order_number="536847",
    reference="PO-118",
    placed_on="2026-03-16",
    issued_on="2026-03-17",
    sender=SENDER,
    exporter=Exporter("NL123456789", "NL123456789B01", "+31 10 1234567", "A. de Vries", "DAP"),
    receiver=replace(RECEIVER, country="CH"),
    email="zoe@customer.example",
    phone="+41 44 123",
    carrier="DHL",
    service="DHL Europe",
    sscc=SSCC,
    parcel=1,
    weight_g=3240,
    currency="EUR",
    goods=(LANTERN, HOOK),
)


def test_the_declaration_comes_twice_on_a_sheet_and_the_invoice_three_times() -> None:
    declaration, *invoices = words(customs_papers(PAPERS))
    assert declaration.count("CUSTOMS DECLARATION") == 2
    assert [f"Copy {copy} of 2" in declaration for copy in (1, 2)] == [True, True]
    assert [f"Copy {copy} of 3" in text for copy, text in enumerate(invoices, 1)] == [True] * 3
    assert len(invoices) == 3


def test_both_say_all_that_customs_ask() -> None:
    declaration, invoice, *_ = words(customs_papers(PAPERS))
    both = ("Lantern & Co.", "Zoë Šimková", "+31 10 1234567", "zoe@customer.example")
    goods = ("WHITE METAL LANTERN", "9405.50.00", "8302.42", "CN", "IN", "25.90", "16.50", "1.080")
    sums = ("42.40 EUR", "3.240 kg", "NL123456789", "A. de Vries", "2026-03-17", "536847-1")
    for text in (declaration, invoice):
        for word in (*both, *goods, *sums):
            assert word in text
    for word in ("71053", "12.95", "2.640 kg", "DAP CH", "NL123456789B01", "DHL Europe, parcel 1"):
        assert word in invoice


def test_barcodes_of_parcel_and_invoice_decode() -> None:
    declaration, invoice, *_ = pages(customs_papers(PAPERS))
    assert barcodes(declaration) == [("Code 128", "]C1", "00" + SSCC)] * 2
    assert barcodes(invoice) == [("Code 128", "]C0", "536847-1")]


def test_the_same_papers_are_always_the_same_bytes() -> None:
    assert customs_papers(PAPERS) == customs_papers(replace(PAPERS))


def grey(papers: CustomsPapers) -> list[int]:
    """Dots in the grey of a gap, by page."""
    return [page.convert("L").histogram()[222] for page in pages(customs_papers(papers), 60)]


def test_what_is_missing_is_a_grey_field_and_said() -> None:
    gaps = replace(LANTERN, hs_code="", origin="", weight_g=0, unit_price=0)
    holes = replace(PAPERS, goods=(gaps,))
    assert all(more > 8 * less for more, less in zip(grey(holes), grey(PAPERS), strict=True))
    _, invoice, *_ = words(customs_papers(holes))
    assert "Fields in grey are missing" in invoice
    assert "0.00" not in invoice
    assert "Fields in grey" not in words(customs_papers(PAPERS))[1]


def test_a_sum_of_something_unknown_is_not_given() -> None:
    goods = (LANTERN, replace(HOOK, unit_price=0, weight_g=0))
    declaration, invoice, *_ = words(customs_papers(replace(PAPERS, goods=goods)))
    assert "25.90 EUR" not in declaration + invoice
    assert "1.080 kg" not in invoice


@pytest.mark.parametrize("count", [0, 1, 6, 7, 24, 25, 26, 60])
def test_every_item_is_on_each_copy_once(count: int) -> None:
    goods = tuple(
        replace(LANTERN, sku=f"SKU-{n:03}", name=f"Thing {n:03}" + " of a long name" * (n % 4))
        for n in range(count)
    )
    texts = words(customs_papers(replace(PAPERS, goods=goods)))
    sheets = "".join(text for text in texts if "CN 23" in text)
    invoices = "".join(text for text in texts if "CN 23" not in text)
    for n in range(count):
        assert sheets.count(f"Thing {n:03}") == 2
        assert invoices.count(f"SKU-{n:03}") == 3
    total = f"{count * 2590 // 100}.{count * 2590 % 100:02} EUR"
    assert (total in sheets) is (count > 0)
    assert invoices.count("I declare that") == 3


def test_currencies_have_their_own_decimals() -> None:
    yen = words(customs_papers(replace(PAPERS, currency="JPY")))[1]
    assert "4240 JPY" in yen
    assert "4.240 KWD" in words(customs_papers(replace(PAPERS, currency="KWD")))[1]


def test_papers_of_several_parcels_follow_each_other() -> None:
    texts = words(customs_papers(PAPERS, replace(PAPERS, parcel=2)))
    assert [("536847-2" in text) for text in texts] == [False] * 4 + [True] * 4


@pytest.mark.parametrize("text", NAUGHTY, ids=[f"naughty{n}" for n in range(len(NAUGHTY))])
def test_hostile_text_is_drawn_as_text(text: str) -> None:
    papers = replace(
        PAPERS,
        order_number=text,
        reference=text,
        sender=address_of(text),
        exporter=Exporter(text, text, text, text, text),
        receiver=address_of(text),
        email=text,
        phone=text,
        carrier=text,
        service=text,
        sscc=text,
        currency=text,
        goods=(Goods(text, text, 10**9, 10**9, 10**9, text, text), LANTERN),
    )
    texts = words(customs_papers(papers))
    assert len(texts) == 4
    assert texts[0].count("CUSTOMS DECLARATION") == 2
    assert all("WHITE METAL LANTERN" in one for one in texts)
    assert not {"\x1b", "\x00", "\u202e", "\u200b"} & set("".join(texts))


def test_an_address_that_is_empty_is_a_gap() -> None:
    nobody = replace(PAPERS, sender=Address(""), receiver=Address(""), goods=())
    assert all(more > 8 * less for more, less in zip(grey(nobody), grey(PAPERS), strict=True))


@pytest.mark.parametrize(
    ("code", "shown"),
    [("940550", "9405.50"), ("94055000", "9405.50.00"), ("9405500010", "9405.50.00.10"), ("", "")],
)
def test_a_tariff_number_is_read_in_its_parts(code: str, shown: str) -> None:
    assert tariff(code) == shown
