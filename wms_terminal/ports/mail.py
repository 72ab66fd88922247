"""Mails to customers: what they are about, and what can happen on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from wms_terminal.domain.label import Address


class MailKind(StrEnum):
    """What a mail is about; each has a template."""

    SHIPPED = "shipped"
    PARTLY_SHIPPED = "partly_shipped"
    DELAYED = "delayed"
    FOLLOW_UP = "follow_up"
    RETURN_RECEIVED = "return_received"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class MailLine:
    """A product in a mail."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, slots=True)
class MailParcel:
    """A parcel in a mail."""

    carrier: str
    tracking: str
    tracking_url: str
    """Empty where there is none; only https links become links."""
    lines: tuple[MailLine, ...] = ()


@dataclass(frozen=True, slots=True)
class MailContent:
    """All that a template may say. Everything in it is somebody else's text, and escaped."""

    key: str
    """Our own id of this mail: the same at every attempt, so that the Message-ID is as well."""
    kind: MailKind
    channel: str
    language: str
    """Two letters; an unknown one is answered in English."""
    to: str
    customer: Address
    order_number: str
    reference: str
    """The channel's number, which is the one that the customer knows."""
    parcels: tuple[MailParcel, ...] = ()
    lines: tuple[MailLine, ...] = ()
    """To follow, delayed, returned: by kind."""
    promised_on: str = ""
    amount: int = 0
    currency: str = "EUR"
    words: str = ""
    """What somebody adds by hand."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is sent."""

    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    headers: dict[str, str] = field(default_factory=dict)


class MailAway(Exception):
    """It was not taken, and may be tried again: no connection, greylisting, a full disk there."""

    def __init__(self, text: str, retry_after_s: float = 0.0) -> None:
        super().__init__(text)
        self.retry_after_s = retry_after_s


class MailRefused(Exception):
    """It will never be taken: no such mailbox, or an address that is none."""


class Mailer(Protocol):
    """Somebody who takes mails along."""

    def send(self, mail: Mail) -> str:
        """Hand a mail over; what the server answered.

        Sending the same mail again is allowed: its Message-ID is the same, so that a second copy
        after a lost answer is recognised as one.

        Raises:
            MailAway: try again later.
            MailRefused: never again.
        """
