"""What a customer is found by, however it was written down."""

from __future__ import annotations

import re

_PHONE = re.compile(r"[\d\s()+./-]{7,}")
PHONE_DIGITS = 9
"""From the right: +31 6 12345678, 0031 612345678 and 06-12345678 are one number."""


def phone_key(phone: str) -> str:
    """The digits that one phone number has however it is written; empty where there are few."""
    digits = "".join(char for char in phone if char.isascii() and char.isdigit())
    return digits[-PHONE_DIGITS:] if len(digits) >= 7 else ""


def is_phone(words: str) -> bool:
    """Whether it may be a phone number that somebody said."""
    return _PHONE.fullmatch(words) is not None and bool(phone_key(words))


def postcode_key(postcode: str) -> str:
    """A postcode in small letters and closed up."""
    return "".join(postcode.split()).lower()
