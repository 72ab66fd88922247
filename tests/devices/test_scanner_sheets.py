from __future__ import annotations

from devices.documents.scanner_sheets import (
    EAN_CHECK,
    GS1_CHECK,
    IDENTIFIER,
    LOWER_CHECK,
    MAKERS,
    SUFFIX,
    scanner_sheets,
)
from devices.scanners.layouts import CALIBRATION
from tests.devices.documents import barcodes, pages, words


def test_the_check_page_holds_the_codes_that_the_station_test_asks_for() -> None:
    first, *rest = pages(scanner_sheets(str), 200)
    assert [(identifier, data) for _, identifier, data in barcodes(first)] == [
        ("]C0", CALIBRATION),
        ("]C1", GS1_CHECK),
        ("]E0", EAN_CHECK),
        ("]C0", LOWER_CHECK),
    ]
    # A programming code that is not the model's own can lock a scanner.
    assert not any(barcodes(page) for page in rest)


def test_every_maker_has_a_page_with_every_setting_uncut() -> None:
    _, *rest = words(scanner_sheets(str))
    assert len(rest) == len(MAKERS)
    for page, maker in zip(rest, MAKERS, strict=True):
        text = " ".join(page.split())
        assert maker.name in text
        for setting in maker.settings:
            assert setting.name in text
            assert setting.value in text


def test_every_maker_names_identifier_and_suffix() -> None:
    for maker in MAKERS:
        needed = [setting.needed for setting in maker.settings if setting.name]
        assert IDENTIFIER in needed
        assert SUFFIX in needed


def test_the_words_are_translated_and_the_makers_names_are_not() -> None:
    _, zebra, *_ = words(scanner_sheets(lambda text: text.upper()))
    assert "SCANNER SET-UP" in zebra
    assert "USB CDC Host" in zebra


def test_the_same_sheets_are_the_same_bytes() -> None:
    assert scanner_sheets(str) == scanner_sheets(str)
