"""What the rules of the channel kit have in common."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from wms_terminal.domain.label import Address
from wms_terminal.integrations.testing.counterpart import (
    Call,
    Counterpart,
    Fault,
    Placed,
    Shipment,
    Wanted,
)
from wms_terminal.ports.channel import (
    Channel,
    ChannelAway,
    RemoteOrder,
    ShipNews,
    ShippedLine,
    Told,
    Writeback,
)

Rule = Callable[[Counterpart], None]
"""Raises AssertionError when the channel breaks it."""

START = "2020-01-01T00:00:00.000Z"
"""Before everything."""
ANNA = Address(
    name="Anna de Vries",
    company="Bloemen BV",
    street="Kerkstraat 1",
    extra="2e verdieping",
    postcode="1012 AB",
    city="Amsterdam",
    country="NL",
)
UNANSWERED = (Fault.LOST_AFTER, Fault.LOST_BEFORE, Fault.GARBAGE, Fault.SLOW)
"""After these nobody knows what became of a write."""
UNDONE = (Fault.BUSY, Fault.CLOSED, Fault.PAGE)
"""After these nothing was done."""
MOST_STEPS = 10
"""Requests of one write, at most."""
MOST_REPEATS = 6


def order(
    c: Counterpart, *quantities: int, customer: Address = ANNA, paid: bool = True, unit: int = 1250
) -> str:
    """Place an order with a line of each quantity; its reference."""
    lines = tuple(
        Wanted(sku, quantity, unit) for sku, quantity in zip(c.skus, quantities, strict=False)
    )
    return c.place(Placed(lines, customer, paid=paid))


def pulled(channel: Channel, since: str = START) -> dict[str, RemoteOrder]:
    """What a pull tells, the last of each order."""
    return {one.record.reference: one for one in channel.pull(since)}


def there(channel: Channel, reference: str) -> RemoteOrder:
    """The order, which the channel must know."""
    found = channel.read(reference)
    assert found is not None, f"read({reference!r}) does not know an order that is there"
    assert found.record.reference == reference, "read gives another order than it was asked for"
    return found


def news(
    remote: RemoteOrder, *quantities: int, key: str = "3SWHTE000000042", complete: bool = True
) -> ShipNews:
    """A parcel with so many units of each line; of all of them when none is given."""
    left = [
        (line, line.quantity - remote.shipped.get(line.reference, 0))
        for line in remote.record.lines
    ]
    amounts = quantities or tuple(quantity for _, quantity in left)
    return ShipNews(
        key=key,
        reference=remote.record.reference,
        lines=tuple(
            ShippedLine(line.reference, line.sku, quantity)
            for (line, _), quantity in zip(left, amounts, strict=False)
            if quantity
        ),
        carrier="postnl",
        carrier_name="PostNL",
        tracking=key,
        tracking_url=f"https://track.example/{key}",
        shipped_at="2026-01-05T15:30:00.000Z",
        complete=complete,
    )


def units(parcel: ShipNews) -> Mapping[str, int]:
    """What a parcel holds, by line."""
    return {line.line: line.quantity for line in parcel.lines}


def settled(c: Counterpart, call: Callable[[], Told]) -> Told:
    """Tell something until it is no longer in doubt and the channel is not away."""
    told = None
    for _ in range(MOST_REPEATS):
        try:
            told = call()
        except ChannelAway:
            told = None
        if told is not None and told.state is not Writeback.IN_DOUBT:
            return told
        c.tick()
    raise AssertionError(f"still {told or 'away'} after {MOST_REPEATS} attempts")


def applied(c: Counterpart, call: Callable[[], Told], what: str) -> Told:
    """Tell something; it must be applied in the end."""
    told = settled(c, call)
    assert told.state is Writeback.APPLIED, f"{what}: expected applied, got {told}"
    return told


def refused(c: Counterpart, call: Callable[[], Told], what: str) -> None:
    """Tell something; it must be rejected in the end."""
    told = settled(c, call)
    assert told.state is Writeback.REJECTED, f"{what}: expected rejected, got {told}"
    assert told.detail, f"{what}: rejected without saying why"


def shipped(c: Counterpart, reference: str, *parcels: ShipNews) -> None:
    """Exactly these parcels are recorded."""
    expected = [Shipment(parcel.tracking, dict(units(parcel))) for parcel in parcels]
    found = [Shipment(one.tracking, dict(one.lines)) for one in c.shipments(reference)]
    assert found == expected, f"expected the shipments {expected}, found {found}"


def in_doubt_then_found(
    c: Counterpart,
    fault: Fault,
    prepare: Callable[[], tuple[Callable[[Channel], Told], Callable[[], None]]],
) -> None:
    """Lose the answer of each request of a write in turn, and repeat it.

    `prepare` makes something new to tell, and how to check that it was done exactly once.
    """
    for nth in range(MOST_STEPS):
        tell, check = prepare()
        channel = c.channel()
        if not c.inject(fault, Call.WRITE, nth):
            return
        try:
            told = tell(channel)
        except ChannelAway as error:
            raise AssertionError(f"{fault} of write {nth + 1}: raised {error!r}") from error
        if not c.heal():
            assert nth, "it was told without any write"
            channel.close()
            return
        state = told.state
        where = f"{fault} of write {nth + 1}"
        assert state is Writeback.IN_DOUBT, f"{where}: expected in doubt, got {told}"
        channel.close()
        again = c.channel()
        applied(c, partial(tell, again), f"{where}, told again")
        check()
        again.close()
    raise AssertionError(f"more than {MOST_STEPS} writes for one thing")


def undone_then_done(
    c: Counterpart,
    fault: Fault,
    call: Call,
    prepare: Callable[[], tuple[Callable[[Channel], Told], Callable[[], None]]],
) -> None:
    """Let each request of a write be sent away in turn, and repeat it.

    It must be said as away or in doubt, and be done once in the end.
    """
    for nth in range(MOST_STEPS):
        tell, check = prepare()
        channel = c.channel()
        count = 1 if call is Call.WRITE else 1_000
        if not c.inject(fault, call, nth, count):
            return
        where = f"{fault} of {call} {nth + 1}"
        state = None
        with suppress(ChannelAway):
            state = tell(channel).state
        hit = c.heal()
        assert hit or state is not None, f"{where}: away although nothing failed"
        if hit:
            # A write that worked without its read did not look for our key.
            said = (None, Writeback.IN_DOUBT, *((Writeback.APPLIED,) if call is Call.WRITE else ()))
            assert state in said, f"{where}: expected ChannelAway or in doubt, got {state}"
        if hit or state is Writeback.IN_DOUBT:
            applied(c, partial(tell, channel), f"{where}, told again")
        check()
        channel.close()
        if not hit:
            return
    raise AssertionError(f"more than {MOST_STEPS} requests for one thing")


def plain(text: str) -> str:
    """Text as it is compared: without control characters and without spaces."""
    return "".join(
        char for char in text if unicodedata.category(char) != "Cc" and not char.isspace()
    )
