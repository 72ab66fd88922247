"""A mailbox as mail headers name it, `Lantern & Co. <orders@shop.example>`, strictly.

Only what every mail server takes is one: a dot-atom before the @ (RFC 5322, 3.2.3; no quotes, no
comments, ASCII), a host name after it (RFC 1123; others than ASCII as IDNA), no longer than
RFC 5321, 4.5.3.1 has it. So nothing in it can end a header or name a second recipient.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_NAME = 60
"""Characters of a name that a header shows."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_SPECIAL = frozenset('()<>[]:;@\\,"')
"""What has a meaning in an address header (RFC 5322, 3.2.3). The dot is left, which is quoted."""
_DROPPED = frozenset(("Cf", "Cs", "Co", "Cn", "Me"))
"""Bidirectional overrides and other invisible characters, lone surrogates, unassigned ones."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and who has it."""

    name: str
    """Harmless in a header as it is; may be empty."""
    address: str

    @property
    def domain(self) -> str:
        """What stands after the @."""
        return self.address.rpartition("@")[2]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def mailbox(text: str) -> Mailbox:
    """The mailbox that a text names: an address alone, or with a name before it.

    Raises:
        ValueError: it is none; says what was expected, and what came.
    """
    named = _NAMED.fullmatch(text.strip())
    if named and text.strip().isprintable():
        return named_mailbox(named["name"], named["address"])
    return named_mailbox("", text)


def named_mailbox(name: str, address: str) -> Mailbox:
    """The mailbox with that address, of somebody with that name.

    Raises:
        ValueError: the address is none; says what was expected, and what came.
    """
    return Mailbox(header_name(name), _address(address.strip()))


def header_name(text: str) -> str:
    """Somebody's name, with nothing in it that a mail header could take for something else."""
    spaced = "".join(" " if char in _SPECIAL else char for char in one_line(text))
    # Readers decode `=?utf-8?…?=` also where a person is called that.
    words = spaced.replace("=?", " ").replace("?=", " ").split()
    return " ".join(words)[:LONGEST_NAME].strip()


def one_line(text: str, longest: int = 300) -> str:
    """A text without line breaks, controls and what turns the direction of others."""
    text = unicodedata.normalize("NFC", text[: longest * 2])
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if category in ("Cc", "Zl", "Zp", "Zs"):
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(char)
    return " ".join("".join(kept).split())[:longest].strip()


def _address(text: str) -> str:
    local, _, domain = text.rpartition("@")
    if not domain.isascii():
        domain = _idna(domain)
    good = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)
    if not good or len(local) > 64 or len(local) + len(domain) > 253:
        got = repr(one_line(text, 80)) if text else "nothing"
        raise ValueError(f"Expected a mail address such as anna@shop.example, got {got}.")
    return f"{local}@{domain.lower()}"


def _idna(domain: str) -> str:
    """The ASCII form of a domain; empty where there is none, or only one that is another's."""
    if not all(unicodedata.category(char)[0] in "LMN" or char in "-." for char in domain):
        return ""
    try:
        found = domain.encode("idna")
        back = found.decode("idna")
    except UnicodeError:
        return ""
    return found.decode("ascii") if back == domain.lower() else ""
