"""What a channel must hold to about stock, goods that come back, and money."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from wms_terminal.integrations.testing.counterpart import Call, Counterpart, Fault
from wms_terminal.integrations.testing.rule import (
    MOST_REPEATS,
    START,
    UNANSWERED,
    UNDONE,
    Rule,
    applied,
    in_doubt_then_found,
    news,
    order,
    refused,
    settled,
    there,
    undone_then_done,
)
from wms_terminal.ports.channel import (
    Ability,
    Channel,
    Disposition,
    RefundNews,
    RemoteOrder,
    ReturnedLine,
    ReturnNews,
    StockLevel,
    Told,
    Writeback,
)

Prepared = tuple[Callable[[Channel], Told], Callable[[], None]]


def stock_is_what_may_be_sold(c: Counterpart) -> None:
    """One answer for each level, in order; telling it again leaves it. Open orders hold theirs."""
    channel = c.channel()
    if not _able(channel, Ability.STOCK):
        told = channel.set_stock([StockLevel(c.skus[0], 7)])
        states = [one.state for one in told]
        assert states == [Writeback.UNSUPPORTED], f"no stock, yet {told}"
        return
    order(c, 3)
    for quantity in (7, 7, 0, 12):
        levels = [StockLevel(c.skus[0], quantity), StockLevel(c.skus[1], quantity + 1)]
        _stock_told(c, channel, levels)
        found = [c.stock(sku) for sku in c.skus[:2]]
        expected = [quantity, quantity + 1]
        assert found == expected, f"said {expected}, may be sold {found}"
    assert channel.set_stock([]) == [], "nothing to say needs no answer"
    channel.close()


def an_unknown_sku_stops_no_other(c: Counterpart) -> None:
    """It is rejected, and the levels before and after it are applied."""
    channel = c.channel()
    if not _able(channel, Ability.STOCK):
        return
    levels = [StockLevel(c.skus[0], 5), StockLevel("NO-SUCH-SKU", 1), StockLevel(c.skus[1], 6)]
    told: list[Told] = []
    for _ in range(MOST_REPEATS):
        told = channel.set_stock(levels)
        c.tick()
        if all(one.state is not Writeback.IN_DOUBT for one in told):
            break
    states = [one.state for one in told]
    if states[1] is Writeback.APPLIED:  # one without a catalogue takes what it is told
        assert c.stock("NO-SUCH-SKU") == 1, "an unknown product was applied, and is not there"
    else:
        assert states[1] is Writeback.REJECTED, f"an unknown product: expected rejected, got {told}"
        assert told[1].detail, "an unknown product is rejected without saying so"
    others = [states[0], states[2]]
    assert others == [Writeback.APPLIED] * 2, f"the others: expected applied, got {told}"
    found = [c.stock(sku) for sku in c.skus[:2]]
    assert found == [5, 6], f"said 5 and 6, may be sold {found}"
    channel.close()


def a_lost_answer_leaves_stock_right(c: Counterpart) -> None:
    """In doubt, and told again it is right."""
    if not _able(c.channel(), Ability.STOCK):
        return
    quantities = iter(range(20, 200))

    def prepare() -> Prepared:
        level = StockLevel(c.skus[0], next(quantities))

        def check() -> None:
            found = c.stock(level.sku)
            assert found == level.quantity, f"said {level.quantity}, may be sold {found}"

        return lambda channel: channel.set_stock([level])[0], check

    for fault in UNANSWERED:
        in_doubt_then_found(c, fault, prepare)
    undone_then_done(c, Fault.CLOSED, Call.WRITE, prepare)


def an_announced_return_comes_in(c: Counterpart) -> None:
    """With its number, its lines and the customer's reason."""
    channel = c.channel()
    if not _able(channel, Ability.RETURNS):
        assert list(channel.returns(START)) == [], "no returns, yet some were told"
        return
    reference, remote = _shipped_order(c, channel, 2, 1)
    line = remote.record.lines[0]
    rma = c.announce(reference, line.reference, 1, "Te klein")
    if not rma:
        assert list(channel.returns(START)) == [], "none was announced, yet some were told"
        return
    found = {one.rma: one for one in channel.returns(START)}.get(rma)
    assert found is not None, f"the return {rma} was not told"
    assert found.reference == reference, f"of {reference}, told of {found.reference}"
    advised = [(one.sku, one.quantity) for one in found.lines]
    assert advised == [(line.sku, 1)], f"expected 1 of {line.sku}, got {advised}"
    assert found.lines[0].line in ("", line.reference), "told of another line of the order"
    assert found.lines[0].reason, "the customer's reason is missing"
    channel.close()


def goods_are_taken_back_once(c: Counterpart) -> None:
    """Told again, by the same worker and another; what is asked for is all that comes back."""
    channel, other = c.channel(), c.channel()
    tell, check = _one_to_take_back(c, channel)
    if not _able(channel, Ability.RETURNS):
        told = settled(c, lambda: tell(channel))
        assert told.state is Writeback.UNSUPPORTED, f"no returns, yet {told}"
        return
    for teller in (channel, channel, other):
        applied(c, partial(tell, teller), "goods taken back")
        check()
    channel.close()
    other.close()


def a_lost_answer_takes_back_once(c: Counterpart) -> None:
    """In doubt, and told again it is found."""
    channel = c.channel()
    if not _able(channel, Ability.RETURNS):
        return
    for fault in UNANSWERED:
        in_doubt_then_found(c, fault, lambda: _one_to_take_back(c, channel))
    for fault in UNDONE:
        undone_then_done(c, fault, Call.WRITE, lambda: _one_to_take_back(c, channel))
    channel.close()


def a_refund_is_paid_once(c: Counterpart) -> None:
    """Told again, by the same worker and another; with goods or without."""
    channel, other = c.channel(), c.channel()
    reference, remote = _shipped_order(c, channel, 2, 1)
    plain = _refund(reference, 500)
    if not _able(channel, Ability.REFUND):
        told = settled(c, lambda: channel.refund(plain))
        assert told.state is Writeback.UNSUPPORTED, f"no refunds, yet {told}"
        return
    for teller in (channel, channel, other):
        applied(c, partial(teller.refund, plain), "a refund")
        paid = c.refunds(reference)
        assert paid == [500], f"500 was to be paid once, paid {paid}"
    line = remote.record.lines[0]
    back = ReturnedLine(line.reference, line.sku, 1, Disposition.HOLD)
    goods = RefundNews("R-2", reference, "", 1250, "EUR", "Broken", (back,))
    for teller in (channel, other):
        applied(c, partial(teller.refund, goods), "a refund of goods")
        paid = c.refunds(reference)
        assert paid == [500, 1250], f"500 and 1250 were to be paid, paid {paid}"
    channel.close()
    other.close()


def two_refunds_are_two(c: Counterpart) -> None:
    """Of the same amount, with keys of their own."""
    channel = c.channel()
    if not _able(channel, Ability.REFUND):
        return
    reference, _ = _shipped_order(c, channel, 2, 1)
    for key in ("R-1", "R-11", "R-1"):
        applied(c, partial(c.channel().refund, _refund(reference, 500, key)), "a refund")
    paid = c.refunds(reference)
    assert paid == [500, 500], f"two refunds of 500 were to be paid, paid {paid}"
    channel.close()


def a_lost_answer_refunds_once(c: Counterpart) -> None:
    """In doubt, and told again it is found: money goes once."""
    channel = c.channel()
    if not _able(channel, Ability.REFUND):
        return

    def prepare() -> Prepared:
        reference, _ = _shipped_order(c, channel, 2)

        def check() -> None:
            paid = c.refunds(reference)
            assert paid == [500], f"500 was to be paid once, paid {paid}"

        return lambda teller: teller.refund(_refund(reference, 500)), check

    for fault in UNANSWERED:
        in_doubt_then_found(c, fault, prepare)
    for fault in UNDONE:
        for call in Call:
            undone_then_done(c, fault, call, prepare)
    channel.close()


def too_much_money_is_rejected(c: Counterpart) -> None:
    """More than was paid, at once or together with what went back already."""
    channel = c.channel()
    if not _able(channel, Ability.REFUND):
        return
    reference, _ = _shipped_order(c, channel, 1)
    refused(c, lambda: channel.refund(_refund(reference, 999_999, "R-1")), "9,999.99 of an order")
    assert c.refunds(reference) == [], "too much was rejected, and yet paid"
    applied(c, lambda: channel.refund(_refund(reference, 1000, "R-2")), "a refund")
    refused(c, lambda: channel.refund(_refund(reference, 999_000, "R-3")), "more than is left")
    assert c.refunds(reference) == [1000], "too much was rejected, and yet paid"
    channel.close()


def _able(channel: Channel, ability: Ability) -> bool:
    return ability in channel.abilities


def _stock_told(c: Counterpart, channel: Channel, levels: list[StockLevel]) -> None:
    told: list[Told] = []
    for _ in range(MOST_REPEATS):
        told = channel.set_stock(levels)
        assert len(told) == len(levels), f"{len(levels)} levels, {len(told)} answers"
        c.tick()
        if all(one.state is Writeback.APPLIED for one in told):
            return
    raise AssertionError(f"expected applied, got {told}")


def _shipped_order(c: Counterpart, channel: Channel, *quantities: int) -> tuple[str, RemoteOrder]:
    reference = order(c, *quantities)
    remote = there(channel, reference)
    parcel = news(remote, key=f"3S{reference}")
    applied(c, lambda: channel.ship(parcel), "the parcel")
    c.tick()
    return reference, remote


def _one_to_take_back(c: Counterpart, channel: Channel) -> Prepared:
    reference, remote = _shipped_order(c, channel, 2, 1)
    line = remote.record.lines[0]
    rma = c.announce(reference, line.reference, 1, "Te klein")
    back = ReturnedLine(line.reference, line.sku, 1, Disposition.RESTOCK)
    received = ReturnNews(f"B-{reference}", rma, reference, (back,))

    def check() -> None:
        found = dict(c.taken_back(reference))
        assert found == {line.reference: 1}, f"1 came back once, recorded {found}"

    return lambda teller: teller.take_back(received), check


def _refund(reference: str, amount: int, key: str = "R-1") -> RefundNews:
    return RefundNews(f"{key}-{reference}", reference, "", amount, "EUR", "Te klein")


RULES: tuple[Rule, ...] = (
    stock_is_what_may_be_sold,
    an_unknown_sku_stops_no_other,
    a_lost_answer_leaves_stock_right,
    an_announced_return_comes_in,
    goods_are_taken_back_once,
    a_lost_answer_takes_back_once,
    a_refund_is_paid_once,
    two_refunds_are_two,
    a_lost_answer_refunds_once,
    too_much_money_is_rejected,
)
