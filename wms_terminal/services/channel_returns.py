"""What a sales channel says about returns that its customers announce."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import islice

from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import moment, stamp
from wms_terminal.domain.returns import LONGEST, ReturnCase, ReturnState
from wms_terminal.domain.text import T
from wms_terminal.ports.channel import Ability, AdvisedLine, AnnouncedReturn, Channel
from wms_terminal.ports.channel_room import ChannelRow
from wms_terminal.ports.clock import Clock
from wms_terminal.ports.store import Store, Tx
from wms_terminal.services import returns
from wms_terminal.services.notices import service_desk

OVERLAP = timedelta(minutes=10)
"""How far the next window goes back behind the last."""
FIRST = timedelta(days=60)
"""How far back a channel is asked that was never heard."""
BATCH = 50
"""Returns of one transaction."""

_Lines = list[tuple[int | None, int, int, str]]
"""The order's line where it is known, product, quantity, reason."""


def hear(store: Store, row: ChannelRow, channel: Channel, clock: Clock) -> Counter[str]:
    """Take in returns announced since the channel was last heard; counts by what was done.

    Raises:
        ChannelAway: it does not answer; what it said before that is kept.
    """
    counts: Counter[str] = Counter()
    if Ability.RETURNS not in channel.abilities:
        return counts
    code, now = row.settings.code, clock()
    since = moment(row.returns_since) - OVERLAP if row.returns_since else now - FIRST
    newest = row.returns_since
    announced = iter(channel.returns(stamp(since)))
    while batch := list(islice(announced, BATCH)):
        newest = max(newest, *(item.announced_at for item in batch))
        with store.write() as tx:
            counts.update([apply(tx, code, item, stamp(clock())) for item in batch])
    # Only now: where a channel broke off in the middle, all of it is asked for again.
    with store.write() as tx:
        tx.channels.heard_returns(code, newest, stamp(clock()))
    return counts


def apply(tx: Tx, code: str, announced: AnnouncedReturn, at: str) -> str:
    """Let one return be as its channel has it; in a word, what was done."""
    if not announced.rma:
        return "left out"
    known = tx.returns.by_rma(code, announced.rma)
    if known is not None and known.state is not ReturnState.ANNOUNCED:
        return "too late"
    seen = tx.channels.order(code, announced.reference)
    order = tx.orders.get(seen.id) if seen is not None else None
    if known is None:
        case = _begin(tx, code, announced, order, at)
        _put_lines(tx, case, _lines(tx, announced, order, at))
        return "announced"
    lines = _lines(tx, announced, order, at, known)
    before = [
        (line.line_id, line.product_id, line.advised, line.reason)
        for line in tx.returns.lines(known.id)
    ]
    if lines == before:
        return "unchanged"
    tx.returns.drop_lines(known.id)
    _put_lines(tx, known, lines)
    if known.order_id is not None:
        text = T("Return {number} was changed by the channel", number=known.number)
        tx.orders.add_event(known.order_id, "return_changed", text, at=at)
    return "changed"


def _begin(
    tx: Tx, code: str, announced: AnnouncedReturn, order: Order | None, at: str
) -> ReturnCase:
    """A return of an order, or of one that was never here."""
    if order is not None:
        return returns.begin(tx, order, at, rma=announced.rma)
    return tx.returns.add(
        returns.new_number(tx),
        ReturnState.ANNOUNCED,
        at,
        channel=code,
        rma=announced.rma,
        note=announced.reference[:LONGEST],
    )


def _put_lines(tx: Tx, case: ReturnCase, lines: _Lines) -> None:
    for line_id, product_id, quantity, reason in lines:
        tx.returns.add_line(case.id, line_id, product_id, "", quantity, reason)


def _lines(
    tx: Tx,
    announced: AnnouncedReturn,
    order: Order | None,
    at: str,
    known: ReturnCase | None = None,
) -> _Lines:
    """What is advised, at most what the customer has; what cannot be is told to a person."""
    lines: _Lines = []
    room = _room(tx, order, known)
    for advised in announced.lines:
        line_id, product_id = _find(tx, order, advised)
        most = advised.quantity if order is None else room.get(line_id or 0, 0)
        quantity = min(advised.quantity, most)
        if quantity < advised.quantity and known is None:
            text = T(
                "Return {rma} of {channel}: {quantity} × {sku} advised, {most} can come back",
                rma=announced.rma,
                channel=order.channel if order is not None else "?",
                quantity=advised.quantity,
                sku=advised.sku,
                most=most,
            )
            department = service_desk(tx)
            tx.orders.add_notice(department, text, at=at, order_id=order.id if order else None)
        if quantity > 0 and product_id is not None:
            if line_id is not None:
                room[line_id] -= quantity
            lines.append((line_id, product_id, quantity, advised.reason[:LONGEST]))
    return lines


def _room(tx: Tx, order: Order | None, known: ReturnCase | None) -> dict[int, int]:
    """By line, what may come back: what this return has advised before counts as free."""
    if order is None:
        return {}
    room = {line.id: returns.may_come(tx, line) for line in tx.orders.lines(order.id)}
    for line in tx.returns.lines(known.id) if known is not None else []:
        if line.line_id is not None:
            room[line.line_id] = room.get(line.line_id, 0) + line.advised
    return room


def _find(tx: Tx, order: Order | None, advised: AdvisedLine) -> tuple[int | None, int | None]:
    """The order's line, and the product."""
    if order is None:
        product = tx.site.product_by_sku(advised.sku)
        return None, product.id if product is not None else None
    references = tx.channels.lines(order.id)
    lines = tx.orders.lines(order.id)
    for line in lines:
        if advised.line and references.get(line.id) == advised.line:
            return line.id, line.product_id
    for line in lines:
        if line.sku == advised.sku:
            return line.id, line.product_id
    return None, None
