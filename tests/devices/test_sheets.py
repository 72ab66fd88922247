from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from devices.documents.pdf import FINEST_MM, code128
from devices.documents.sheets import CARDS, LOCATIONS, Arrow, Grid, SheetEntry, sheet
from tests.devices.documents import barcodes, pages, words
from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.codes import location_barcode


def decoded(pdf: bytes) -> list[str]:
    return [data for page in pages(pdf, 300) for _, _, data in barcodes(page)]


@pytest.mark.parametrize("grid", [CARDS, LOCATIONS, Grid(3, 9)])
def test_every_code_decodes_to_its_text(grid: Grid) -> None:
    codes = ["WHCOK", "WHB7F3K2M9QX1", "T-0142", "12345678", "lower case", "%$/+-. *"]
    codes += [f"536{n:03}" for n in range(20)]
    pdf = sheet("Codes", [SheetEntry(code, code) for code in codes], grid)
    assert sorted(decoded(pdf)) == sorted(codes)


def test_ean_13() -> None:
    pdf = sheet("Products", [SheetEntry("5901234123457", "Lantern", symbology="ean13")])
    assert [code[0] for code in barcodes(pages(pdf)[0])] == ["EAN-13"]
    assert decoded(pdf) == ["5901234123457"]


def test_location_labels_show_address_arrow_and_check_digits() -> None:
    codes = [f"A07-12-{n}" for n in range(7)]
    arrows: tuple[Arrow, ...] = ("up", "down", "left", "right", "", "up", "down")
    pdf = sheet(
        "Locations",
        [
            SheetEntry(
                location_barcode(code), code, "Zone A", arrow=arrow, check_digits=str(41 + n)
            )
            for n, (code, arrow) in enumerate(zip(codes, arrows, strict=True))
        ],
        LOCATIONS,
    )
    assert decoded(pdf) == [location_barcode(code) for code in codes]
    text = "\n".join(words(pdf))
    assert all(code in text for code in codes)
    assert "47" in text


def test_a_long_code_takes_a_row_of_its_own() -> None:
    entries = [SheetEntry("A1", "a"), SheetEntry("X" * 36, "b"), SheetEntry("B2", "c")]
    assert sorted(decoded(sheet("Mixed", entries))) == sorted(entry.code for entry in entries)


def test_pages_are_filled_in_order() -> None:
    entries = [SheetEntry(f"C{n:03}", str(n)) for n in range(30)]
    pdf = sheet("Many", entries)
    assert len(pages(pdf)) == 3
    assert "3 / 3" in words(pdf)[2]


def test_no_entries_make_one_empty_page() -> None:
    assert "Nothing" in words(sheet("Nothing", []))[0]


@pytest.mark.parametrize("code", ["", "é", "a\x1db", "\ud800", "X" * 100])
def test_a_code_that_cannot_be_a_barcode_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="Expected"):
        sheet("Bad", [SheetEntry(code, "bad")])


@pytest.mark.parametrize("code", ["5901234123450", "123", "ABC"])
def test_a_wrong_ean_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="Expected 13 digits"):
        sheet("Bad", [SheetEntry(code, "bad", symbology="ean13")])


@pytest.mark.parametrize("text", NAUGHTY)
def test_hostile_titles_are_only_text(text: str) -> None:
    codes = ["T-0142", "T-0143"]
    entries = [SheetEntry(code, text, text, arrow="up", check_digits=text) for code in codes]
    assert decoded(sheet(text, entries, LOCATIONS)) == codes
    assert decoded(sheet(text, entries, CARDS)) == codes


def test_the_same_sheet_gives_the_same_bytes() -> None:
    entries = [SheetEntry(f"C{n:03}", str(n)) for n in range(30)]
    assert sheet("Many", entries) == sheet("Many", entries)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=14))
@settings(deadline=None)
def test_code_128_holds_any_printable_ascii(code: str) -> None:
    modules = code128(code)
    assert modules is not None
    assert len(modules) * FINEST_MM < 190
    image = Image.new("L", (len(modules) + 40, 1), 255)
    for position, module in enumerate(modules):
        image.putpixel((position + 20, 0), 0 if module == "1" else 255)
    assert [data for _, _, data in barcodes(image.resize((image.width * 3, 60)))] == [code]
