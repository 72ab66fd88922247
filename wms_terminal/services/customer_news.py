"""What a customer learns by mail."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace

from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.ports.channel import ChannelAway, Told, Writeback
from wms_terminal.ports.mail import (
    Mail,
    MailAway,
    MailContent,
    Mailer,
    MailKind,
    MailLine,
    MailParcel,
    MailRefused,
)
from wms_terminal.ports.outbox import Message
from wms_terminal.ports.store import Tx
from wms_terminal.services.deliver import Post

TARGET = "mail"
"""How the outbox names the mail server."""
SENDER = "mail.from"
"""The setting with the sender; where it is empty nobody gets mail from here."""

AGAIN = ":again:"
"""In the key of a mail that was sent once more, before its number."""

Render = Callable[[MailContent], Mail]


def tell(
    tx: Tx,
    order: Order,
    kind: MailKind,
    about: str,
    at: str,
    *,
    parcels: tuple[MailParcel, ...] = (),
    lines: tuple[MailLine, ...] = (),
    amount: int = 0,
    words: str = "",
) -> bool:
    """Write to an order's customer once about something; False where there is no address for it."""
    if not order.email or not tx.site.setting(SENDER):
        return False
    content = MailContent(
        key=f"mail:{order.channel}:{order.reference}:{about}",
        kind=kind,
        channel=order.channel,
        language=order.language,
        to=order.email,
        customer=order.address,
        order_number=order.number,
        reference=order.reference,
        parcels=parcels,
        lines=lines,
        promised_on=order.promised_on,
        amount=amount,
        currency=order.currency,
        words=words,
    )
    tx.outbox.add(TARGET, kind.value, content.key, order.id, json.dumps(asdict(content)), at)
    return True


def resend(tx: Tx, message: Message, at: str) -> None:
    """Write to a customer once more what was written before, as another mail.

    What was written stays as it is; its number after `:again:` tells the copies apart.
    """
    content = read(message)
    first = content.key.partition(AGAIN)[0] + AGAIN
    assert message.order_id is not None
    known = {item.key for item in tx.outbox.of_order(message.order_id)}
    number = next(n for n in range(1, len(known) + 2) if f"{first}{n}" not in known)
    key = f"{first}{number}"
    payload = json.dumps(asdict(replace(content, key=key)))
    tx.outbox.add(TARGET, message.kind, key, message.order_id, payload, at)


def post(mailer: Mailer, render: Render) -> Post:
    """How the mail server is told what the outbox has for customers.

    The Message-ID is kept, by which an answer is recognised.
    """

    def send(message: Message) -> Told:
        try:
            mail = render(read(message))
            return Told(Writeback.APPLIED, mailer.send(mail), mail.message_id)
        except MailAway as away:
            raise ChannelAway(str(away), away.retry_after_s) from away
        except MailRefused as refused:
            return Told(Writeback.REJECTED, str(refused))

    return Post(TARGET, "shipping", send)


def read(message: Message) -> MailContent:
    """The content that a message holds."""
    values = json.loads(message.payload)
    values["kind"] = MailKind(values["kind"])
    values["customer"] = Address(**values["customer"])
    values["lines"] = _lines(values["lines"])
    values["parcels"] = tuple(
        MailParcel(**parcel | {"lines": _lines(parcel["lines"])}) for parcel in values["parcels"]
    )
    return MailContent(**values)


def _lines(values: list[dict[str, object]]) -> tuple[MailLine, ...]:
    return tuple(MailLine(**line) for line in values)  # type: ignore[arg-type]  # as written above
