"""Code numbers and their check characters.

Sources: GS1 General Specifications section 7.9 (mod 10 check digit) and 3.2 (SSCC),
ISO/IEC 7064 (MOD 37,36 hybrid system).
"""

from __future__ import annotations

import re
from functools import lru_cache

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""ISO 7064 MOD 37,36 character values, by position."""

GTIN_LENGTHS = (8, 12, 13, 14)


def gs1_check_digit(digits: str) -> str:
    """The mod 10 digit that follows `digits` (GS1 General Specifications 7.9)."""
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def is_gs1_number(text: str) -> bool:
    """Whether `text` is digits that end in their own check digit."""
    return text.isascii() and text.isdigit() and gs1_check_digit(text[:-1]) == text[-1]


def gtin_key(text: str) -> str | None:
    """GTIN-8, -12, -13 and -14 as one 14-digit key; None if `text` is no valid GTIN."""
    if len(text) in GTIN_LENGTHS and is_gs1_number(text):
        return text.zfill(14)
    return None


def sscc(extension: int, company_prefix: str, serial: int) -> str:
    """An 18-digit SSCC (GS1 General Specifications 3.2).

    Raises:
        ValueError: when the serial number no longer fits beside the company prefix.
    """
    width = 16 - len(company_prefix)
    reference = str(serial).zfill(width)
    if len(reference) > width:
        raise ValueError(
            f"Expected a serial number of at most {width} digits for company prefix "
            f"{company_prefix}, got {serial}. Ask GS1 for another prefix."
        )
    body = f"{extension}{company_prefix}{reference}"
    return body + gs1_check_digit(body)


def is_sscc(text: str) -> bool:
    """Whether `text` is 18 digits with a valid check digit."""
    return len(text) == 18 and is_gs1_number(text)


def mod37_36(text: str) -> str:
    """The ISO 7064 MOD 37,36 check character of capital letters and digits.

    It finds any one wrong character, and two in the wrong order but for a few pairs that follow
    each other in the alphabet.
    """
    value = 36
    for char in text:
        value = (value + ALPHABET.index(char)) % 36 or 36
        value = value * 2 % 37
    return ALPHABET[(37 - value) % 36]


def location_barcode(code: str) -> str:
    """What a location's label holds: `L`, the address without dashes, a check character."""
    body = "L" + re.sub(r"[^0-9A-Z]", "", code.upper())
    return body + mod37_36(body)


@lru_cache(maxsize=1024)
def key(text: str) -> str:
    """The form under which a code is stored and looked up.

    A GTIN of any length becomes its 14-digit key; anything else is stripped and upper case.
    """
    text = text.strip().upper()
    return gtin_key(text) or text
