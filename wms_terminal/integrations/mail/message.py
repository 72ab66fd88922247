"""A mail as the bytes that travel (RFC 5322, MIME), with nothing in a header but what it is for."""

from __future__ import annotations

import re
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime

from wms_terminal.domain.mailbox import Mailbox, mailbox, one_line
from wms_terminal.ports.mail import Mail

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9.-]{1,100}@[A-Za-z0-9.-]{1,253}>")
_ADDRESSES = frozenset(("reply-to",))
LONGEST_VALUE = 500


class _Policy(EmailPolicy):
    """Subject and names arrive as they were written.

    The library's own folding loses and adds spaces where ASCII meets other letters.
    """

    def fold(self, name: str, value: str) -> str:
        if name.lower() == "subject":
            encoded = _encoded(value, name)
        elif addresses := getattr(value, "addresses", ()):
            (who,) = addresses
            plain = who.display_name.isascii()
            shown = f'"{who.display_name}"' if plain else _encoded(who.display_name, name)
            encoded = f"{shown} <{who.addr_spec}>" if who.display_name else who.addr_spec
        else:
            folded: str = super().fold(name, value)
            return folded
        return f"{name}: {encoded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii")


_POLICY = _Policy(linesep="\r\n")


def _encoded(text: str, name: str) -> str:
    """As ASCII (RFC 2047), on several lines where it is long."""
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(str(text), charset, header_name=name).encode(linesep="\r\n")


def compose(mail: Mail, now: datetime) -> EmailMessage:
    """The message; its text comes first, so that the HTML is what most readers show.

    Raises:
        ValueError: an address or a header is none.
    """
    message = EmailMessage(policy=_POLICY)
    if not _MESSAGE_ID.fullmatch(mail.message_id):
        raise ValueError(f"Expected a Message-ID, got {one_line(mail.message_id, 80)!r}.")
    message["From"] = _header(mailbox(mail.sender))
    message["To"] = _header(mailbox(mail.to))
    message["Subject"] = one_line(mail.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = mail.message_id
    for name, value in mail.headers.items():
        if not _HEADER.fullmatch(name) or name in message or not _is_value(value):
            raise ValueError(f"Expected a mail header, got {one_line(f'{name}: {value}', 80)!r}.")
        is_address = name.lower() in _ADDRESSES
        message[name] = _header(mailbox(value)) if is_address else value
    # Quoted-printable passes every server, and keeps lines short whatever is in them.
    message.set_content(mail.text, cte="quoted-printable")
    if mail.html:
        message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    # Last, since content that is set takes such headers away.
    message["Content-Language"] = one_line(mail.language, 20)
    return message


def _is_value(value: str) -> bool:
    return value.isprintable() and len(value) <= LONGEST_VALUE


def _header(who: Mailbox) -> Address:
    return Address(display_name=who.name, addr_spec=who.address)
