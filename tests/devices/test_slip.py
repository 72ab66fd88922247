from __future__ import annotations

import inspect
import unicodedata
from dataclasses import replace

import pytest

from devices.documents import slip as slip_module
from devices.documents import slip_words
from devices.documents.slip import packing_slip
from tests.devices.documents import SLIP, SSCC, barcodes, pages, slip_of, words
from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.label import PackingSlip, SlipLine

ELEMENT_STRING = ("Code 128", "]C1", "00" + SSCC)


def with_lines(count: int) -> PackingSlip:
    lines = tuple(
        SlipLine(f"SKU-{n:04}", f"Product {n} " + "with a long name " * (n % 5), "", n, n, 0)
        for n in range(count)
    )
    return replace(SLIP, lines=lines)


def test_both_barcodes_decode() -> None:
    (page,) = pages(packing_slip(SLIP))
    assert barcodes(page) == [("Code 128", "]C0", "536847"), ELEMENT_STRING]


def test_it_says_what_is_in_the_box() -> None:
    (text,) = words(packing_slip(SLIP))
    for word in ("Pakbon", "Zoë Šimková", "71053", "WHITE METAL LANTERN", "1 van 2", "3.24 kg"):
        assert word in text
    (text,) = words(packing_slip(replace(SLIP, language="en")))
    assert "Packing slip" in text
    assert "To follow" in text


def test_another_language_comes_from_the_catalogue_that_is_handed_in() -> None:
    polish = {"Packing slip": "List przewozowy"}
    pdf = packing_slip(replace(SLIP, language="pl"), lambda text: polish.get(text, text))
    assert "List przewozowy" in words(pdf)[0]


def test_dutch_knows_every_word() -> None:
    said: set[str] = set()

    def listen(text: str) -> str:
        said.add(text)
        return text

    packing_slip(SLIP, listen)
    packing_slip(replace(SLIP, lines=()), listen)
    assert said == set(slip_words._DUTCH)


@pytest.mark.parametrize("count", [0, 1, 20, 28, 29, 30, 150])
def test_every_line_is_on_exactly_one_page(count: int) -> None:
    pdf = packing_slip(with_lines(count))
    texts = words(pdf)
    for n in range(count):
        assert sum(f"SKU-{n:04}" in text for text in texts) == 1
    for number, text in enumerate(texts, start=1):
        assert f"Pagina {number} van {len(texts)}" in text
    assert ELEMENT_STRING in barcodes(pages(pdf)[-1])


def test_the_same_slip_gives_the_same_bytes() -> None:
    assert packing_slip(with_lines(40)) == packing_slip(with_lines(40))


@pytest.mark.parametrize("text", NAUGHTY)
def test_hostile_text_is_only_text_and_the_sscc_still_decodes(text: str) -> None:
    pdf = packing_slip(slip_of(text))
    assert ELEMENT_STRING in barcodes(pages(pdf)[-1])
    for page in words(pdf):
        categories = {unicodedata.category(char) for char in page if char not in "\r\n"}
        assert not categories & {"Cc", "Cf", "Cs"}


def test_page_count_placeholders_of_the_library_are_text() -> None:
    assert "{nb}" in words(packing_slip(slip_of("{nb}")))[0]


@pytest.mark.usefixtures("no_fonts")
@pytest.mark.parametrize("text", NAUGHTY)
def test_without_fonts_it_still_comes_out(text: str) -> None:
    assert any(SSCC in page for page in words(packing_slip(slip_of(text))))


@pytest.mark.usefixtures("no_fonts")
def test_without_fonts_the_barcodes_decode() -> None:
    assert ELEMENT_STRING in barcodes(pages(packing_slip(SLIP))[0])


def test_an_order_number_too_long_for_a_barcode_is_printed_as_text() -> None:
    pdf = packing_slip(replace(SLIP, order_number="ORDER-" + "X" * 60))
    assert barcodes(pages(pdf)[0]) == [ELEMENT_STRING]


def test_a_slip_without_sscc() -> None:
    pdf = packing_slip(replace(SLIP, sscc=""))
    assert [data for _, _, data in barcodes(pages(pdf)[0])] == ["536847"]


def test_the_module_reads_no_clock() -> None:
    assert "now(" not in inspect.getsource(slip_module)
