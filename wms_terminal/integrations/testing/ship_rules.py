"""What a channel must hold to when parcels leave and arrive."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from wms_terminal.integrations.testing.counterpart import Call, Counterpart, Fault
from wms_terminal.integrations.testing.rule import (
    UNANSWERED,
    UNDONE,
    Rule,
    applied,
    in_doubt_then_found,
    news,
    order,
    refused,
    settled,
    shipped,
    there,
    undone_then_done,
)
from wms_terminal.ports.channel import (
    Ability,
    Channel,
    ChannelAway,
    DeliveryNews,
    ShipNews,
    Standing,
    Told,
    Writeback,
)

DELIVERED_AT = "2026-01-06T11:00:00.000Z"


def a_whole_order_ships(c: Counterpart) -> None:
    """All its lines under one tracking number; nothing is left of it."""
    reference = order(c, 2, 1)
    channel = c.channel()
    parcel = news(there(channel, reference))
    applied(c, lambda: channel.ship(parcel), "a whole order")
    shipped(c, reference, parcel)
    found = there(channel, reference)
    assert found.standing is Standing.CLOSED, f"all is shipped, it stands as {found.standing}"
    counts = [found.shipped.get(line.reference) for line in found.record.lines]
    assert counts == [2, 1], f"2 and 1 were shipped, the channel says {counts}"
    channel.close()


def an_order_ships_in_parts(c: Counterpart) -> None:
    """One of three, then the other two; each parcel is told apart."""
    reference = order(c, 3, 1)
    channel = c.channel()
    before = there(channel, reference)
    first = news(before, 1, 0, key="3SWHTE000000001", complete=False)
    if Ability.PARTIAL not in channel.abilities:
        told = channel.ship(first)
        assert told.state is Writeback.UNSUPPORTED, f"no partial shipments, yet {told}"
        shipped(c, reference)
        return
    applied(c, lambda: channel.ship(first), "the first part")
    shipped(c, reference, first)
    between = there(channel, reference)
    assert between.standing is Standing.OPEN, f"a part is shipped, it stands as {between.standing}"
    wanted = [line.quantity for line in between.record.lines]
    assert wanted == [3, 1], f"a part is shipped, still wanted in all: 3 and 1, got {wanted}"
    counts = [between.shipped.get(line.reference, 0) for line in between.record.lines]
    assert counts == [1, 0], f"1 and 0 were shipped, the channel says {counts}"
    second = news(between, key="3SWHTE000000002")
    applied(c, lambda: channel.ship(second), "the second part")
    shipped(c, reference, first, second)
    after = there(channel, reference)
    assert after.standing is Standing.CLOSED, f"all is shipped, it stands as {after.standing}"
    channel.close()


def the_same_parcel_ships_once(c: Counterpart) -> None:
    """Told again, by the same worker and another, also after the order is complete."""
    reference = order(c, 2)
    channel, other = c.channel(), c.channel()
    before = there(channel, reference)
    in_parts = Ability.PARTIAL in channel.abilities
    parcel = news(before, 1, complete=False) if in_parts else news(before)
    for teller in (channel, channel, other):
        applied(c, partial(teller.ship, parcel), "told again")
        shipped(c, reference, parcel)
    channel.close()
    other.close()


def a_lost_answer_ships_once(c: Counterpart) -> None:
    """Whichever request of it was lost: in doubt, and told again it is found or finished."""

    def prepare() -> tuple[Callable[[Channel], Told], Callable[[], None]]:
        return _one_to_ship(c)

    for fault in UNANSWERED:
        in_doubt_then_found(c, fault, prepare)


def a_busy_channel_ships_once(c: Counterpart) -> None:
    """Sent away by a read or a write: said so, and shipped once in the end."""

    def prepare() -> tuple[Callable[[Channel], Told], Callable[[], None]]:
        return _one_to_ship(c)

    for fault in UNDONE:
        for call in Call:
            undone_then_done(c, fault, call, prepare)


def a_write_is_sent_once_a_call(c: Counterpart) -> None:
    """The worker tries again, not the channel."""
    for fault in (Fault.BUSY, Fault.LOST_BEFORE):
        channel = c.channel()
        parcel = news(there(channel, order(c, 1)))
        before = c.hits(Call.WRITE)
        if not c.inject(fault, Call.WRITE, 0, 1_000):
            continue
        with suppress(ChannelAway):
            channel.ship(parcel)
        c.heal()
        sent = c.hits(Call.WRITE) - before
        assert sent == 1, f"after {fault} a write was sent {sent} times in one call"
        channel.close()


def too_many_units_are_rejected(c: Counterpart) -> None:
    """More than is left of a line; what was shipped stays as it is."""
    reference = order(c, 2, 1)
    channel = c.channel()
    remote = there(channel, reference)
    refused(c, lambda: channel.ship(news(remote, 3, 1, key="3SMUCH")), "3 of 2")
    shipped(c, reference)
    if Ability.PARTIAL in channel.abilities:
        first = news(remote, 1, 0, key="3SWHTE000000001", complete=False)
        applied(c, lambda: channel.ship(first), "1 of 2")
        refused(c, lambda: channel.ship(news(remote, 2, 1, key="3SMORE")), "2 of the 1 left")
        shipped(c, reference, first)
    channel.close()


def a_cancelled_order_does_not_ship(c: Counterpart) -> None:
    """It was cancelled under somebody's hands."""
    reference = order(c, 1)
    channel = c.channel()
    parcel = news(there(channel, reference))
    c.tick()
    c.cancel(reference)
    refused(c, lambda: channel.ship(parcel), "a cancelled order")
    shipped(c, reference)
    channel.close()


def a_delivery_is_told_once(c: Counterpart) -> None:
    """Where there is such a thing; else it is unsupported."""
    reference = order(c, 1)
    channel, other = c.channel(), c.channel()
    parcel = news(there(channel, reference))
    applied(c, lambda: channel.ship(parcel), "the parcel")
    arrival = DeliveryNews(parcel.key, reference, DELIVERED_AT)
    if Ability.DELIVERY not in channel.abilities:
        told = settled(c, lambda: channel.deliver(arrival))
        assert told.state is Writeback.UNSUPPORTED, f"no deliveries, yet {told}"
        return
    for teller in (channel, channel, other):
        applied(c, partial(teller.deliver, arrival), "a delivery")
        found = c.delivered(reference)
        assert found == [parcel.tracking], f"delivered once, recorded {found}"
    channel.close()
    other.close()


def a_lost_answer_delivers_once(c: Counterpart) -> None:
    """In doubt, and told again it is found."""
    if Ability.DELIVERY not in c.channel().abilities:
        return

    def prepare() -> tuple[Callable[[Channel], Told], Callable[[], None]]:
        channel = c.channel()
        reference = order(c, 1)
        parcel = news(there(channel, reference))
        applied(c, lambda: channel.ship(parcel), "the parcel")
        channel.close()

        def check() -> None:
            found = c.delivered(reference)
            assert found == [parcel.tracking], f"delivered once, recorded {found}"

        return lambda channel: channel.deliver(
            DeliveryNews(parcel.key, reference, DELIVERED_AT)
        ), check

    for fault in UNANSWERED:
        in_doubt_then_found(c, fault, prepare)


def _one_to_ship(c: Counterpart) -> tuple[Callable[[Channel], Told], Callable[[], None]]:
    reference = order(c, 2, 1)
    channel = c.channel()
    parcel: ShipNews = news(there(channel, reference))
    channel.close()
    return lambda channel: channel.ship(parcel), lambda: shipped(c, reference, parcel)


RULES: tuple[Rule, ...] = (
    a_whole_order_ships,
    an_order_ships_in_parts,
    the_same_parcel_ships_once,
    a_lost_answer_ships_once,
    a_busy_channel_ships_once,
    a_write_is_sent_once_a_call,
    too_many_units_are_rejected,
    a_cancelled_order_does_not_ship,
    a_delivery_is_told_once,
    a_lost_answer_delivers_once,
)
