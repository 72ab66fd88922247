"""A return is closed: what its channel, its customer and customer service learn of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from wms_terminal.domain.orders import Order
from wms_terminal.domain.returns import Came, ReturnCase, ReturnLine, ReturnState, by_line
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.channel import Disposition, ReturnedLine, ReturnNews
from wms_terminal.ports.mail import MailKind, MailLine
from wms_terminal.ports.store import StoreConflict, Tx
from wms_terminal.services import channel_news, customer_news, refunds
from wms_terminal.services.notices import service_desk
from wms_terminal.services.returns import NOBODY, By, event


def differences(tx: Tx, case: ReturnCase) -> list[Came]:
    """Lines of which another number came than was advised; none where nothing was."""
    came = by_line(tx.returns.lines(case.id))
    if not case.announced_at:
        return []
    return [line for line in came if line.advised != line.received]


def close(tx: Tx, case: ReturnCase, at: str, by: By = NOBODY) -> None:
    """Nothing more is waited for: channel and customer learn of it, and money is proposed.

    Raises:
        StoreConflict: it was closed already.
    """
    if not case.is_open:
        raise StoreConflict(f"Expected an open return, got {case.number}: {case.state.value}.")
    tx.returns.set_state(case.id, ReturnState.CLOSED, at)
    lines = [line for line in tx.returns.lines(case.id) if line.received]
    text = T(
        "Return {number} closed: {restocked} restocked, {scrapped} scrapped, {held} on hold",
        number=case.number,
        restocked=sum(line.restocked for line in lines),
        scrapped=sum(line.scrapped for line in lines),
        held=sum(line.held for line in lines),
    )
    event(tx, case, "return_closed", text, at, by)
    _tell_differences(tx, case, at)
    if case.order_id is None or not lines:
        return
    order = tx.orders.get(case.order_id)
    _tell_channel(tx, case, order, lines, at)
    came = tuple(
        MailLine(line.line.sku, line.line.name, line.received)
        for line in by_line(lines)
        if line.received
    )
    about = f"{MailKind.RETURN_RECEIVED.value}:{case.number}"
    customer_news.tell(tx, order, MailKind.RETURN_RECEIVED, about, at, lines=came)
    _propose(tx, case, order, lines, at, by)


def _tell_differences(tx: Tx, case: ReturnCase, at: str) -> None:
    for line in differences(tx, case):
        text = T(
            "Return {number}: {received} × {name} came, {advised} advised",
            number=case.number,
            received=line.received,
            name=line.line.name,
            advised=line.advised,
        )
        tell_service(tx, case, text, at)


def tell_service(tx: Tx, case: ReturnCase, text: Text, at: str) -> None:
    """Let customer service know something about a return."""
    tx.orders.add_notice(service_desk(tx), text, at=at, order_id=case.order_id)


def _tell_channel(
    tx: Tx, case: ReturnCase, order: Order, lines: Sequence[ReturnLine], at: str
) -> None:
    back: Counter[tuple[str, str, Disposition]] = Counter()
    for line in lines:
        back[line.reference, line.sku, Disposition.RESTOCK] += line.restocked
        back[line.reference, line.sku, Disposition.SCRAP] += line.scrapped
        back[line.reference, line.sku, Disposition.HOLD] += line.held
    news = ReturnNews(
        key=case.number,
        rma=case.rma,
        reference=order.reference,
        lines=tuple(
            ReturnedLine(line, sku, count, disposition)
            for (line, sku, disposition), count in back.items()
            if count
        ),
    )
    channel_news.tell(tx, order.channel, order.id, news, at)


def _propose(
    tx: Tx, case: ReturnCase, order: Order, lines: Sequence[ReturnLine], at: str, by: By
) -> None:
    """What was paid for the goods that came, as far as it has not gone back already."""
    worth = sum(line.received * line.unit_price for line in lines)
    amount = min(worth, refunds.most(tx, order.id))
    if amount < 1:
        return
    refunds.propose(
        tx,
        order.id,
        amount,
        T("Return {number}", number=case.number),
        at,
        key=f"return:{case.number}",
        return_id=case.id,
        operator_id=by.operator_id,
    )
