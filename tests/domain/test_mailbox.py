from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wms_terminal.domain.mailbox import LONGEST_NAME, Mailbox, header_name, mailbox, one_line


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("orders@shop.example", "", "orders@shop.example"),
        (" Orders+x@SHOP.example ", "", "Orders+x@shop.example"),
        ("Lantern & Co. <orders@shop.example>", "Lantern & Co.", "orders@shop.example"),
        ('"Co., Ltd." <orders@shop.example>', "Co. Ltd.", "orders@shop.example"),
        ("<orders@shop.example>", "", "orders@shop.example"),
        ("Bücher <o@bücher.example>", "Bücher", "o@xn--bcher-kva.example"),
    ],
)
def test_a_mailbox(text: str, name: str, address: str) -> None:
    found = mailbox(text)
    assert found == Mailbox(name, address)
    assert mailbox(str(found)) == found
    assert found.domain == address.partition("@")[2]


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_a_mailbox_or_none_and_a_name_is_harmless(text: str) -> None:
    name = header_name(text)
    assert len(name) <= LONGEST_NAME
    assert name == one_line(name)
    assert not set(name) & set('<>"@,;:\\()[]')
    assert "=?" not in name
    assert mailbox(str(Mailbox(name, "a@b.example"))) == Mailbox(name, "a@b.example")
    try:
        found = mailbox(text)
    except ValueError:
        return
    assert found.address.isascii()
    assert found.address.isprintable()
    assert found.address.count("@") == 1
    assert " " not in found.address
