"""Money as people write it, and in minor units."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.money import decimal_text, minor_units


@given(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "KWD", "???"]))
def test_what_is_written_is_read_back(units: int, currency: str) -> None:
    text = decimal_text(units, currency)
    assert minor_units(text, currency) == units
    assert minor_units(f" {text.replace('.', ',')} ", currency) == units


@pytest.mark.parametrize(
    "text", ["", "x", "1.005", "1,2,3", "1e99", "NaN", "Infinity", "12.95 EUR", "1.0.0", "9" * 400]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert minor_units(text, "EUR") is None


@given(st.text())
def test_anything_may_be_keyed_in(text: str) -> None:
    units = minor_units(text, "EUR")
    assert units is None or abs(units) < 10**12
