"""What a channel must hold to when orders come in."""

from __future__ import annotations

import dataclasses
from functools import partial

from wms_terminal.integrations.testing.counterpart import (
    RETRY_AFTER_S,
    Call,
    Counterpart,
    Fault,
)
from wms_terminal.integrations.testing.rule import (
    ANNA,
    START,
    Rule,
    applied,
    news,
    order,
    plain,
    pulled,
    there,
)
from wms_terminal.ports.channel import ChannelAway, Standing


def a_paid_order_comes_in_whole(c: Counterpart) -> None:
    """Lines with ids and prices, the address, currency, mail address and phone."""
    reference = order(c, 2, 3)
    channel = c.channel()
    found = pulled(channel, "").get(reference)
    assert found is not None, "a paid order was not told"
    record = found.record
    assert found.standing is Standing.OPEN, f"a paid order is {found.standing}"
    assert record.channel == c.code, f"expected channel {c.code}, got {record.channel}"
    lines = [(line.sku, line.quantity, line.unit_price) for line in record.lines]
    expected = [(c.skus[0], 2, 1250), (c.skus[1], 3, 1250)]
    assert lines == expected, f"expected the lines {expected}, got {lines}"
    ids = {line.reference for line in record.lines}
    assert len(ids - {""}) == 2, f"each line needs the channel's own id, got {ids}"
    assert record.customer == ANNA, f"expected {ANNA}, got {record.customer}"
    assert record.email == "anna@example.com", f"got the mail address {record.email!r}"
    assert record.currency == "EUR", f"got the currency {record.currency!r}"
    assert record.payment == "paid", f"got the payment {record.payment!r}"
    assert found.shipped == {} or not any(found.shipped.values()), "nothing was shipped yet"
    channel.close()


def an_unpaid_order_is_never_open(c: Counterpart) -> None:
    """It may be told as unpaid, or not at all; once paid it is told."""
    reference = order(c, 1, paid=False)
    if not reference:
        return
    channel = c.channel()
    told = [pulled(channel).get(reference), channel.read(reference)]
    for found in told:
        assert found is None or found.standing is Standing.UNPAID, f"unpaid, told as {found}"
    c.tick()
    c.pay(reference)
    found = pulled(channel).get(reference)
    assert found is not None, "an order that was paid later was not told"
    assert found.standing is Standing.OPEN, f"paid later, told as {found.standing}"
    channel.close()


def a_cancelled_order_is_told(c: Counterpart) -> None:
    """By the next pull, and when it is read."""
    reference = order(c, 1)
    channel = c.channel()
    since = pulled(channel)[reference].changed_at
    c.tick()
    c.cancel(reference)
    found = pulled(channel, since).get(reference)
    assert found is not None, "a cancellation was not told"
    assert found.standing is Standing.CANCELLED, f"cancelled, pulled as {found.standing}"
    read = there(channel, reference)
    assert read.standing is Standing.CANCELLED, f"cancelled, read as {read.standing}"
    channel.close()


def a_held_order_is_told(c: Counterpart) -> None:
    """By the next pull, and when it is read."""
    reference = order(c, 1)
    channel = c.channel()
    since = pulled(channel)[reference].changed_at
    c.tick()
    if not c.hold(reference):
        return
    found = pulled(channel, since).get(reference)
    assert found is not None, "a hold was not told"
    assert found.standing is Standing.HELD, f"held, pulled as {found.standing}"
    read = there(channel, reference)
    assert read.standing is Standing.HELD, f"held, read as {read.standing}"
    channel.close()


def cancelled_units_are_left_out(c: Counterpart) -> None:
    """Of a line that is cancelled in part the rest is still wanted."""
    reference = order(c, 3, 1)
    channel = c.channel()
    line = there(channel, reference).record.lines[0].reference
    c.tick()
    if not c.cancel_units(reference, line, 1):
        return
    for found in (pulled(channel)[reference], there(channel, reference)):
        wanted = {one.reference: one.quantity for one in found.record.lines}
        assert wanted.get(line) == 2, f"one of 3 was cancelled, still wanted: {wanted}"
        assert found.standing is Standing.OPEN, f"still 2 to ship, told as {found.standing}"
    channel.close()


def the_same_order_is_told_the_same(c: Counterpart) -> None:
    """In an overlapping window, from another worker and when it is read: an equal record."""
    reference = order(c, 2, 1)
    one, other = c.channel(), c.channel()
    first = pulled(one)[reference]
    c.tick()
    again = (
        pulled(one)[reference],
        pulled(other)[reference],
        there(one, reference),
    )
    for found in again:
        assert found == first, f"nothing changed, but {found} is not {first}"
    c.tick()
    c.move(reference, "Dorpsstraat 9")
    moved = pulled(one, first.changed_at)[reference].record
    expected = dataclasses.replace(ANNA, street="Dorpsstraat 9")
    assert moved.customer == expected, f"the street was changed, got {moved.customer}"
    one.close()
    other.close()


def changes_of_the_same_second_are_told(c: Counterpart) -> None:
    """A window begins with the second that the last one ended in."""
    first = order(c, 1)
    channel = c.channel()
    since = pulled(channel)[first].changed_at
    second = order(c, 1)
    found = pulled(channel, since)
    assert second in found, "an order of the same second as the last one heard of was lost"
    channel.close()


def the_oldest_change_is_told_first(c: Counterpart) -> None:
    """So that a pull that breaks off has told what lies before its last order."""
    placed = []
    for _ in range(3):
        placed.append(order(c, 1))
        c.tick()
    c.move(placed[0], "Dorpsstraat 9")
    channel = c.channel()
    found = list(channel.pull(START))
    times = [one.changed_at for one in found]
    assert times == sorted(times), f"expected the oldest change first, got {times}"
    last = found[-1].record.reference
    assert last == placed[0], f"{placed[0]} was changed last, {last} was told last"
    channel.close()


def more_than_a_page_comes_in(c: Counterpart) -> None:
    """All of it, whatever an answer holds."""
    placed = {order(c, 1) for _ in range(3 * c.page + 1)}
    channel = c.channel()
    missing = placed - pulled(channel).keys()
    assert not missing, f"{len(missing)} of {len(placed)} orders were not told"
    channel.close()


def changes_while_paging_lose_nothing(c: Counterpart) -> None:
    """An order that is changed meanwhile moves to the last page, and the others move up."""
    placed = []
    for _ in range(2 * c.page + 1):
        placed.append(order(c, 1))
        c.tick()
    channel = c.channel()
    found = set()
    for count, one in enumerate(channel.pull(START)):
        if count in (0, c.page):
            c.move(placed[count // c.page], "Dorpsstraat 9")
            c.tick()
        found.add(one.record.reference)
    missing = set(placed) - found
    assert not missing, f"{len(missing)} of {len(placed)} orders were lost between two pages"
    channel.close()


def a_broken_pull_is_away_and_loses_nothing(c: Counterpart) -> None:
    """Whatever breaks it, and in whichever request; the next pull tells all of it."""
    placed = {order(c, 1) for _ in range(c.page + 1)}
    for fault in (*_READ_FAULTS, Fault.SLOW):
        for nth in range(1 if fault is Fault.SLOW else 2):
            channel = c.channel()
            if not c.inject(fault, Call.READ, nth, 1_000):
                continue
            try:
                list(channel.pull(START))
            except ChannelAway:
                assert c.heal(), f"{fault} of read {nth + 1}: away although nothing failed"
            else:
                assert not c.heal(), f"{fault} of read {nth + 1}: the pull went on"
            missing = placed - pulled(channel).keys()
            assert not missing, f"{fault} of read {nth + 1}: {len(missing)} orders were lost"
            channel.close()


def how_long_to_wait_is_passed_on(c: Counterpart) -> None:
    """The vendor's Retry-After, so that nobody hammers on a closed door."""
    reference = order(c, 1)
    channel = c.channel()
    if not c.inject(Fault.BUSY, Call.READ, 0, 1_000):
        return
    for ask in (lambda: list(channel.pull(START)), lambda: channel.read(reference)):
        try:
            ask()
        except ChannelAway as error:
            wait = error.retry_after_s
            assert wait == RETRY_AFTER_S, f"Retry-After said {RETRY_AFTER_S}, got {wait}"
        else:
            raise AssertionError("429, and the channel was not away")
    c.heal()
    channel.close()


def an_expired_session_is_renewed(c: Counterpart) -> None:
    """Within the call, for reads and writes."""
    reference = order(c, 1)
    channel = c.channel()
    found = pulled(channel)[reference]
    if not c.expire():
        return
    assert reference in pulled(channel), "after the session expired an order was not told"
    assert c.expire()
    there(channel, reference)
    assert c.expire()
    parcel = news(found)
    applied(c, partial(channel.ship, parcel), "the session expired while shipping")
    count = len(c.shipments(reference))
    assert count == 1, f"the session expired while shipping: {count} shipments"
    channel.close()


def an_unknown_order_is_none(c: Counterpart) -> None:
    """Also when its reference is a path, a query or nothing."""
    order(c, 1)
    channel = c.channel()
    for reference in ("999999999", "no-such", "../orders", "a/b?c=d#e", "%2e%2e", "'\"{}\n", ""):
        found = channel.read(reference)
        assert found is None, f"read({reference!r}) gave {plain(repr(found))[:200]}"
    channel.close()


_READ_FAULTS = (Fault.BUSY, Fault.CLOSED, Fault.PAGE, Fault.GARBAGE, Fault.LOST_BEFORE)

RULES: tuple[Rule, ...] = (
    a_paid_order_comes_in_whole,
    an_unpaid_order_is_never_open,
    a_cancelled_order_is_told,
    a_held_order_is_told,
    cancelled_units_are_left_out,
    the_same_order_is_told_the_same,
    changes_of_the_same_second_are_told,
    the_oldest_change_is_told_first,
    more_than_a_page_comes_in,
    changes_while_paging_lose_nothing,
    a_broken_pull_is_away_and_loses_nothing,
    how_long_to_wait_is_passed_on,
    an_expired_session_is_renewed,
    an_unknown_order_is_none,
)
