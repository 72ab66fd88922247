"""Mails to test with, good and hostile."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from wms_terminal.domain.label import Address
from wms_terminal.ports.mail import MailContent, MailKind, MailLine, MailParcel

SENDER = "Lantern & Co. <orders@shop.example>"

CONTENT = MailContent(
    key="mail:web:W-1001:shipped",
    kind=MailKind.SHIPPED,
    channel="web",
    language="en",
    to="anna@customer.example",
    customer=Address("Anna de Vries", street="Dam 1", city="Amsterdam", country="NL"),
    order_number="1001",
    reference="W-1001",
    parcels=(
        MailParcel(
            "PostNL",
            "3STEST01",
            "https://track.example/?code=3STEST01&land=NL",
            (MailLine("71053", "White metal lantern", 2),),
        ),
    ),
    lines=(MailLine("22423", "Red retrospot mug", 6),),
    promised_on="2026-03-03",
    amount=123_450,
    words="We added a card.\nSee you soon!",
)

NASTY = (
    "Anna\r\nBcc: evil@evil.example\r\n\r\nspam",
    "=?utf-8?q?Anna=0D=0ABcc:_evil@evil.example?=",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% include '/etc/passwd' %}",
    "\u202egnp.exe\u202c \u2066x\u2069\u200b",
    'a"b\\c, d <evil@evil.example>; (e): f',
    "x" * 300,
    "Ünïcødé 日本語 🎁" * 20,
    "\x00\x1b[31m\x7f\x85\u2028.\r\n.\r\nQUIT",
    "\ud800 lone",
    "javascript:alert(1)",
    "http://evil.example/",
    "",
)

hostile = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=()), max_size=400)

hostile_lines = st.lists(
    st.builds(MailLine, sku=hostile, name=hostile, quantity=st.integers(0, 10**6)), max_size=3
).map(tuple)

hostile_contents = st.builds(
    MailContent,
    key=hostile,
    kind=st.sampled_from(MailKind),
    channel=hostile,
    language=st.sampled_from(("nl", "en", "de", "")) | hostile,
    to=st.just("anna@customer.example"),
    customer=st.builds(Address, name=hostile, company=hostile, street=hostile, city=hostile),
    order_number=hostile,
    reference=hostile,
    parcels=st.lists(
        st.builds(
            MailParcel, carrier=hostile, tracking=hostile, tracking_url=hostile, lines=hostile_lines
        ),
        max_size=2,
    ).map(tuple),
    lines=hostile_lines,
    promised_on=st.just("2026-03-03") | hostile,
    amount=st.integers(-(10**9), 10**9),
    currency=st.sampled_from(("EUR", "JPY")) | hostile,
    words=hostile,
)


def content(**changes: object) -> MailContent:
    """The good mail, with changes."""
    return replace(CONTENT, **changes)  # type: ignore[arg-type]
