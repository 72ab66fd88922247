"""Reading codes: anything may come, and one thing has one key however it is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.naughty import NAUGHTY
from wms_terminal.domain.codes import gs1_check_digit, sscc
from wms_terminal.domain.scan import GS, LONGEST, Reading, read

GTIN = "08712345000011"

digits = st.text("0123456789", max_size=20)
junk = st.text(st.characters(exclude_categories=()), max_size=40)
identifiers = st.sampled_from(
    ["00", "01", "02", "10", "11", "15", "17", "21", "30", "3103", "37", "400", "420", "77", "8"]
)
elements = st.builds("".join, st.tuples(identifiers, digits | junk, st.sampled_from(["", GS])))
prefixes = st.sampled_from(["", "]C1", "]d2", "]Q3", "]e0", "]C0", "]", GS, " "])
symbols = st.builds(lambda first, parts: first + "".join(parts), prefixes, st.lists(elements))
addresses = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["https://", "HTTP://"]),
        st.sampled_from(["id.gs1.org", "[::1", "x"]),
        st.sampled_from(["/01/", "/00/", "/414/", "/8006/"]),
        digits | junk,
        st.sampled_from(["", "/10/", "?17="]),
        digits | junk,
    ),
)
lots = st.text("ABCDEFXYZ0123456789-/", min_size=1, max_size=20)


@given(junk | symbols | addresses)
def test_reading_never_fails(raw: str) -> None:
    reading = read(raw)
    assert reading.raw == raw
    assert reading.keys
    assert reading.count >= 1
    assert reading.lot is not None
    assert reading.sscc is not None


@pytest.mark.parametrize("raw", NAUGHTY)
def test_naughty_strings_are_read(raw: str) -> None:
    assert read(raw).keys


@given(symbols | addresses)
def test_a_code_can_be_read_again(raw: str) -> None:
    reading = read(raw)
    again = read(reading.code)
    if not reading.trouble:
        assert (again.keys, again.elements) == (reading.keys, reading.elements)
        assert again.code == reading.code


@given(st.integers(0, 10**12 - 1), lots)
def test_a_product_has_one_key_however_it_is_written(number: int, lot: str) -> None:
    body = f"{number:013d}"
    gtin = body + gs1_check_digit(body)
    written = [
        gtin,
        f"]C101{gtin}",
        f"01{gtin}",
        f"(01){gtin}",
        f"]C101{gtin}10{lot}",
        f"]C110{lot}{GS}01{gtin}",
        f"]d201{gtin}17271231",
        f"https://id.gs1.org/01/{gtin}",
    ]
    written += [gtin[-length:] for length in (8, 12, 13) if int(gtin) < 10**length]
    assert {read(raw).keys[0] for raw in written} == {gtin}
    assert read(f"]C101{gtin}10{lot}").lot == lot
    assert read(f"]C110{lot}{GS}01{gtin}").lot == lot


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f"]C101{GTIN}10L7", {"01": GTIN, "10": "L7"}),
        (f"]C110L7{GS}01{GTIN}", {"01": GTIN, "10": "L7"}),
        (f"01{GTIN}1527123121S-9", {"01": GTIN, "15": "271231", "21": "S-9"}),
        (f"]C102{GTIN}3712", {"02": GTIN, "37": "12"}),
        (f"(01){GTIN}(17)271231(10)L", {"01": GTIN, "17": "271231", "10": "L"}),
        (f"]C101{GTIN}3103001250", {"01": GTIN, "3103": "001250"}),
        (f"]C101{GTIN}77?{GS}10L", {"01": GTIN, "10": "L"}),
        ("]C1400PO-7", {"400": "PO-7"}),
        (f"https://id.gs1.org/01/{GTIN}/10/L", {"01": GTIN, "10": "L"}),
        ("https://[::1/01/1", {}),
        (f"]C0{GTIN}", {}),
        ("01234567", {}),
    ],
)
def test_elements(raw: str, expected: dict[str, str]) -> None:
    reading = read(raw)
    assert {name: reading.elements[name] for name in expected} == expected
    assert bool(reading.elements) == bool(expected)


@pytest.mark.parametrize(
    ("raw", "trouble"),
    [
        ("", "empty"),
        ("\r\n\t ", "empty"),
        ("]C1", "empty"),
        ("A\x07B", "control_characters"),
        ("A\x00", "control_characters"),
        ("\udc80", "control_characters"),
        ("A\nB", "control_characters"),
        ("X" * (LONGEST + 1), "too_long"),
        ("X" * LONGEST, ""),
        (f"A{GS}B", ""),
        ("Zażółć €", ""),
    ],
)
def test_what_cannot_be_used_says_why(raw: str, trouble: str) -> None:
    assert read(raw).trouble == trouble


def test_an_sscc_is_seen_bare_and_in_an_element() -> None:
    number = sscc(0, "8712345", 7)
    for raw in (number, f"00{number}", f"]C100{number}", f"(00){number}"):
        assert read(raw).sscc == number
    assert not read(number[:-1] + str((int(number[-1]) + 1) % 10)).sscc
    assert not read(GTIN).sscc


@pytest.mark.parametrize(
    ("count", "expected"), [("12", 12), ("0", 1), ("", 1), ("x", 1), ("00", 1), ("٣", 3)]
)
def test_a_count_is_at_least_one(count: str, expected: int) -> None:
    assert Reading("", "", elements={"37": count}).count == expected
