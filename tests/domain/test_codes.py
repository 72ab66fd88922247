"""Check digits and keys."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.codes import (
    ALPHABET,
    gs1_check_digit,
    gtin_key,
    is_gs1_number,
    is_sscc,
    key,
    location_barcode,
    mod37_36,
    sscc,
)
from wms_terminal.domain.commands import ALIASES, RESERVED_PREFIXES, Command, command

bodies = st.text("0123456789", min_size=1, max_size=17)
names = st.text(ALPHABET, min_size=1, max_size=20)


@pytest.mark.parametrize("number", ["4006381333931", "96385074", "036000291452", "00012345600012"])
def test_known_numbers(number: str) -> None:
    assert is_gs1_number(number)
    assert gtin_key(number) == number.zfill(14)


@given(bodies, st.data())
def test_one_wrong_digit_is_always_found(body: str, data: st.DataObject) -> None:
    number = body + gs1_check_digit(body)
    assert is_gs1_number(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != number[place]]))
    assert not is_gs1_number(number[:place] + other + number[place + 1 :])


@given(names, st.data())
def test_one_wrong_character_of_a_location_is_always_found(name: str, data: st.DataObject) -> None:
    code = name + mod37_36(name)
    place = data.draw(st.integers(0, len(code) - 1))
    other = data.draw(st.sampled_from([c for c in ALPHABET if c != code[place]]))
    wrong = code[:place] + other + code[place + 1 :]
    assert mod37_36(wrong[:-1]) != wrong[-1]


def test_two_characters_of_a_location_in_wrong_order_are_nearly_always_found() -> None:
    pairs = [
        (place, one, two)
        for place in ("L", *(f"L{char}" for char in ALPHABET))
        for one, two in permutations(ALPHABET, 2)
    ]
    missed = [
        (one, two)
        for place, one, two in pairs
        if mod37_36(f"{place}{one}{two}") == mod37_36(f"{place}{two}{one}")
    ]
    assert len(missed) < len(pairs) / 500
    assert {(ALPHABET.index(one) - ALPHABET.index(two)) % 36 for one, two in missed} == {1, 35}


@given(st.text(max_size=30))
def test_a_key_is_its_own_key(text: str) -> None:
    once = key(text)
    assert key(once) == once or once != once.upper()  # a few letters have no stable capital


@given(st.text(ALPHABET + ALPHABET.lower() + "- ", max_size=20))
def test_case_and_blanks_around_do_not_matter(text: str) -> None:
    assert key(f" {text.lower()}\t") == key(text.upper().strip())


@pytest.mark.parametrize("text", ["4006381333932", "400638133393", "", "ABC", "٤", "1" * 13, "²²²"])
def test_what_is_no_gtin_is_kept_as_it_is(text: str) -> None:
    assert gtin_key(text) is None
    assert key(text) == text


@given(st.integers(0, 9), st.integers(6, 12), st.data())
def test_ssccs(extension: int, width: int, data: st.DataObject) -> None:
    prefix = data.draw(st.text("0123456789", min_size=width, max_size=width))
    serial = data.draw(st.integers(0, 10 ** (16 - width) - 1))
    assert is_sscc(sscc(extension, prefix, serial))
    with pytest.raises(ValueError, match="at most"):
        sscc(extension, prefix, 10 ** (16 - width))


@pytest.mark.parametrize("code", ["A01-02-3", "a01 02 3", "A0102.3"])
def test_a_location_s_barcode_holds_letters_and_digits_only(code: str) -> None:
    assert location_barcode(code) == "LA01023" + mod37_36("LA01023")
    assert location_barcode(code).isalnum()


def test_commands_are_codes_of_their_own() -> None:
    assert len({order.value for order in Command}) == len(Command)
    for code in [*Command, *ALIASES]:
        assert command(code) is not None
        assert code.startswith(RESERVED_PREFIXES)
        assert key(code) == code
    assert command("WHCNONE") is None
