"""Money in minor units, and as decimal text."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG"), 0),
    **dict.fromkeys(("RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""Decimals of the currencies that do not have two (ISO 4217)."""


def exponent(currency: str) -> int:
    """How many decimals a currency has (ISO 4217)."""
    return DECIMALS.get(currency, 2)


def decimal_text(units: int, currency: str) -> str:
    """Minor units as decimal text, such as 12.95."""
    places = exponent(currency)
    return f"{Decimal(units).scaleb(-places):.{places}f}"


def minor_units(text: str, currency: str) -> int | None:
    """Minor units of a decimal text, with a point or a comma; None where it is no such amount."""
    try:
        amount = Decimal(text.strip().replace(",", ".")).scaleb(exponent(currency))
    except InvalidOperation:
        return None
    whole = amount.is_finite() and abs(amount) < 10**12 and amount == amount.to_integral_value()
    return int(amount) if whole else None
