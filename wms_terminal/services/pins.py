"""PINs for supervisor acts, kept as salted scrypt hashes (RFC 7914)."""

from __future__ import annotations

import hashlib
import hmac
import os

_COST = {"n": 2**12, "r": 8, "p": 1}


def hash_pin(pin: str) -> str:
    """What is stored for a PIN; empty for no PIN."""
    if not pin:
        return ""
    salt = os.urandom(8)
    return f"{salt.hex()}${hashlib.scrypt(pin.encode(), salt=salt, **_COST).hex()}"


def pin_matches(pin: str, stored: str) -> bool:
    """Whether a keyed PIN is the one stored; never true where none is stored."""
    salt, _, digest = stored.partition("$")
    if not digest:
        return False
    tried = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_COST).hex()
    return hmac.compare_digest(tried, digest)
