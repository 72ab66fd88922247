"""What a channel must hold to about text that nobody wrote in good faith, and about secrets."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Callable, Iterator
from functools import partial

from wms_terminal.domain.label import Address
from wms_terminal.integrations.testing.counterpart import Call, Counterpart, Fault
from wms_terminal.integrations.testing.rule import (
    ANNA,
    START,
    Rule,
    applied,
    news,
    order,
    plain,
    pulled,
    settled,
    shipped,
    there,
    units,
)
from wms_terminal.ports.channel import (
    Ability,
    ChannelAway,
    RefundNews,
    StockLevel,
    Writeback,
)

HOSTILE = (
    "^XZ^XA^FO0,0^FDPWNED^FS~JA ^FS",
    "[bold red]Boss[/] [@click=app.quit]x[/]",
    "\x1b[2J\x1b]0;gone\x07 Escape",
    "Jan\r\nBcc: evil@example.com",
    "=cmd|'/c calc'!A1",
    "Robert'); DROP TABLE orders;--",
    '<script>alert(1)</script> & "q" \\u0000 {{7*7}} ${x} %s {0}',
    "W" * 200,
    "\u202egnp.exe\u202c \u2066x\u2069",
    "Łukasz Ünal 山田 محمد 👩\u200d👩\u200d👧 é",
)
"""What customers are called: printer commands, markup, terminal escapes, headers, formulas, SQL,
HTML and templates, length, direction overrides, emoji."""


def hostile_text_comes_in_unharmed(c: Counterpart) -> None:
    """Nothing is lost of it but control characters, which no store keeps."""
    addresses = [
        Address(f"Q {text}", text, text, text, "1012 AB", "Amsterdam", country="NL")
        for text in HOSTILE
    ]
    references = [order(c, 1, customer=address) for address in addresses]
    channel = c.channel()
    found = pulled(channel)
    for reference, address in zip(references, addresses, strict=True):
        got = found[reference].record.customer
        for field in ("name", "company", "street", "extra"):
            sent, came = getattr(address, field), getattr(got, field)
            assert plain(came) == plain(sent), f"{field}: sent {sent!r}, got {came!r}"
            bad = [char for char in came if ord(char) < 32 or 127 <= ord(char) < 160]
            assert not bad, f"{field}: control characters came in: {came!r}"
    channel.close()


def hostile_text_goes_out_as_data(c: Counterpart) -> None:
    """A tracking number is recorded as it is, or rejected; nothing else happens there."""
    witness = order(c, 2)
    channel = c.channel()
    before = there(channel, witness)
    for text in HOSTILE:
        reference = order(c, 1)
        parcel = dataclasses.replace(
            news(there(channel, reference), key=text[:60]),
            carrier_name=text,
            tracking_url=f"https://track.example/?q={text}",
        )
        told = settled(c, partial(channel.ship, parcel))
        found = c.shipments(reference)
        if told.state is Writeback.REJECTED:
            assert found == [], f"{text!r} was rejected, and yet shipped"
            continue
        assert told.state is Writeback.APPLIED, f"{text!r}: {told}"
        (one,) = found
        assert plain(one.tracking) == plain(text[:60]), f"{text!r} became {one.tracking!r}"
        assert dict(one.lines) == units(parcel), f"{text!r} changed what was shipped"
        applied(c, partial(c.channel().ship, parcel), "told again")
        assert len(c.shipments(reference)) == 1, f"{text!r} is not found again"
    assert there(channel, witness) == before, "another order was changed"
    shipped(c, witness)
    channel.close()


def a_hostile_refund_is_one_refund(c: Counterpart) -> None:
    """Whatever its reason says."""
    channel = c.channel()
    if Ability.REFUND not in channel.abilities:
        return
    for text in HOSTILE:
        reference = order(c, 1)
        parcel = news(there(channel, reference), key=f"3S{reference}")
        applied(c, partial(channel.ship, parcel), "the parcel")
        money = RefundNews(f"R-{reference}", reference, "", 100, "EUR", text)
        for teller in (channel, c.channel()):
            applied(c, partial(teller.refund, money), repr(text))
        assert c.refunds(reference) == [100], f"{text!r}: paid {c.refunds(reference)}"
    channel.close()


def no_secret_is_told(c: Counterpart) -> None:
    """Not by a repr, an error, what caused it, or an answer; also when the vendor repeats it."""
    reference = order(c, 1)
    channel = c.channel()
    remote = there(channel, reference)
    _no_secret(c, [repr(channel), str(channel)], "the channel's repr")
    for fault in Fault:
        for call in Call:
            if fault is Fault.SLOW or not c.inject(fault, call, 0, 1_000):
                continue
            texts: list[str] = []
            asks: tuple[Callable[[], object], ...] = (
                lambda: list(channel.pull(START)),
                partial(channel.read, reference),
                partial(channel.ship, news(remote)),
                lambda: channel.set_stock([StockLevel(c.skus[0], 3)]),
            )
            for ask in asks:
                texts += _said(ask)
            c.heal()
            _no_secret(c, texts, f"{fault} of a {call}")
            reference = order(c, 1)
            remote = there(channel, reference)
    channel.close()


def what_it_can_is_fixed(c: Counterpart) -> None:
    """And said without asking anybody."""
    channel = c.channel()
    before = c.hits(Call.READ), c.hits(Call.WRITE)
    can = channel.abilities
    assert isinstance(can, frozenset), f"expected a frozenset, got {type(can).__name__}"
    assert all(isinstance(one, Ability) for one in can), f"expected Abilities, got {can}"
    assert (c.hits(Call.READ), c.hits(Call.WRITE)) == before, "somebody was asked"
    assert c.channel().abilities == can, "another worker's channel can something else"
    channel.close()


def closing_twice_is_fine(c: Counterpart) -> None:
    """Also in the middle of a pull, and before anything was asked."""
    for _ in range(c.page + 1):
        order(c, 1)
    c.channel().close()
    channel = c.channel()
    pull = iter(channel.pull(START))
    next(pull)
    channel.close()
    channel.close()
    close = getattr(pull, "close", None)
    if close is not None:
        close()


def what_was_tidy_stays_tidy(c: Counterpart) -> None:
    """A pull and a read change nothing there."""
    reference = order(c, 1)
    channel = c.channel()
    before = c.hits(Call.WRITE)
    first = pulled(channel)[reference]
    there(channel, reference)
    list(channel.returns(START))
    assert c.hits(Call.WRITE) == before, "reading wrote something"
    assert c.shipments(reference) == [], "reading shipped something"
    assert first.record.customer == ANNA
    channel.close()


def _said(ask: Callable[[], object]) -> Iterator[str]:
    try:
        yield repr(ask())
    except ChannelAway as error:
        yield repr(error)
        yield "".join(traceback.format_exception(error))


def _no_secret(c: Counterpart, texts: list[str], what: str) -> None:
    for secret in c.secrets:
        told = [text for text in texts if secret in text]
        assert not told, f"{what}: a secret was told, in a text of {len(told[0])} characters"


RULES: tuple[Rule, ...] = (
    hostile_text_comes_in_unharmed,
    hostile_text_goes_out_as_data,
    a_hostile_refund_is_one_refund,
    no_secret_is_told,
    what_it_can_is_fixed,
    closing_twice_is_fine,
    what_was_tidy_stays_tidy,
)
