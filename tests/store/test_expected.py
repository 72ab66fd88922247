"""Reads that are said beforehand are the same reads, whatever an engine makes of it."""

from __future__ import annotations

import pytest

from tests.store.hands import Hands
from wms_terminal.ports.store import StoreError


def test_what_was_expected_is_read_as_ever(hands: Hands) -> None:
    order = hands.order(("MUG", 2))
    with hands.store.read() as tx:
        plain = (tx.orders.get(order.id), tx.orders.lines(order.id), tx.site.barcodes(["MUG6"]))
    with hands.store.read() as tx:
        tx.expect(
            lambda: tx.orders.get(order.id),
            lambda: tx.orders.lines(order.id),
            lambda: tx.site.barcodes(["MUG6"]),
            lambda: tx.orders.get(999),  # nobody reads this: nobody hears that it is not there
        )
        assert (
            tx.orders.get(order.id),
            tx.orders.lines(order.id),
            tx.site.barcodes(["MUG6"]),
        ) == plain
        with pytest.raises(StoreError, match="999"):
            tx.orders.get(999)


def test_what_is_written_after_it_was_expected_is_seen(hands: Hands) -> None:
    order = hands.order(("MUG", 2))
    with hands.store.write() as tx:
        tx.orders.set_hold(order.id, "first")
        tx.expect(lambda: tx.orders.get(order.id), lambda: tx.orders.head(order.id))
        assert tx.orders.get(order.id).hold == "first"
        tx.orders.set_hold(order.id, "second")
        assert tx.orders.get(order.id).hold == tx.orders.head(order.id).hold == "second"
