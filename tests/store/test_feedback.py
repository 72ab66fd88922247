"""What the store keeps of what customers say."""

from __future__ import annotations

import pytest

from data.store import Transaction
from tests.store.hands import AT, LATER, MUCH_LATER, Hands
from tests.store.test_tracking import shipped
from wms_terminal.ports.outbox import OutboxState
from wms_terminal.ports.store import Tx


def say(
    tx: Tx,
    order_id: int,
    score: int | None,
    *,
    key: str = "k",
    at: str = AT,
    product: int | None = None,
    channel: str = "web",
    cause: str = "",
    text: str = "",
) -> bool:
    return tx.feedback.add(
        at=at,
        order_id=order_id,
        product_id=product,
        channel=channel,
        source="form",
        key=key,
        score=score,
        cause=cause,
        derived=False,
        text=text,
    )


def test_it_is_kept_once_and_found_by_its_order(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    with hands.store.write() as tx:
        assert say(tx, order.id, 4, text="Good [bold]^XZ")
        assert not say(tx, order.id, 1)
        (kept,) = tx.feedback.of_order(order.id)
    assert (kept.order_number, kept.score, kept.text) == (order.number, 4, "Good [bold]^XZ")
    assert (kept.sku, kept.derived) == ("", False)


def test_sums_by_product_channel_and_cause(hands: Hands) -> None:
    order, _, _ = shipped(hands, ("MUG", 1), ("LAMP", 1))
    mug = hands.product("MUG")
    with hands.store.write() as tx:
        say(tx, order.id, 5, key="a")
        say(tx, order.id, 2, key="b", product=mug, cause="damaged")
        say(tx, order.id, None, key="c", channel="bol", at=MUCH_LATER, text="Hm")
        (all_of_it,) = tx.feedback.sums("", "")
        assert (all_of_it.count, all_of_it.scored, all_of_it.mean) == (3, 2, 3.5)
        assert (all_of_it.lowest, all_of_it.low) == (2, 1)
        products = {item.what: item for item in tx.feedback.sums("product", "")}
        assert (products["MUG"].count, products["MUG"].mean) == (3, 3.5)
        assert (products["LAMP"].count, products["LAMP"].mean, products["LAMP"].name) == (
            2,
            5.0,
            "Lamp",
        )
        channels = {item.what: item.count for item in tx.feedback.sums("channel", "")}
        assert channels == {"web": 2, "bol": 1}
        causes = {item.what: item.lowest for item in tx.feedback.sums("cause", "")}
        assert causes == {"damaged": 2, "": 5}
        (late,) = tx.feedback.sums("", LATER)
        assert (late.count, late.scored, late.mean, late.lowest) == (1, 0, None, None)
        assert [item.text for item in tx.feedback.recent("", 9)] == ["Hm"]
        assert tx.feedback.recent("2027", 9) == []


def test_an_empty_store_has_nothing_to_say(hands: Hands) -> None:
    with hands.store.read() as tx:
        assert tx.feedback.sums("", "")[0].count == 0
        assert tx.feedback.sums("product", "") == []


@pytest.mark.parametrize(
    ("moved", "late"), [("2026-03-04T16:00:00.000Z", False), ("2026-03-06T08:00:00.000Z", True)]
)
def test_what_happened_to_an_order(hands: Hands, moved: str, late: bool) -> None:
    order, parcel_id, sscc = shipped(hands)
    with hands.store.write() as tx:
        assert tx.feedback.facts(order.id).reasons == ()
        shipment = tx.tracking.begin(parcel_id, sscc, AT)
        assert isinstance(tx, Transaction)
        tx.connection.run(
            "UPDATE shipment SET milestone = 'delivered', milestone_at = :at WHERE id = :id",
            at=moved,
            id=shipment,
        )
        facts = tx.feedback.facts(order.id)
        assert (facts.late, facts.trouble) == (late, False)


def test_a_mail_that_came_back_is_given_up_once(hands: Hands) -> None:
    order = hands.order(("MUG", 1))
    with hands.store.write() as tx:
        tx.outbox.add("mail", "shipped", "m", order.id, "{}", AT)
        message = tx.outbox.claim("mail", "one", LATER, MUCH_LATER)
        assert message is not None
        assert tx.feedback.sent("<a@b.example>") is None
        tx.outbox.settle(message, OutboxState.DONE, "250", "<a@b.example>", LATER)
        sent = tx.feedback.sent("<a@b.example>")
        assert sent is not None
        assert (sent.message_id, sent.order_id, sent.kind) == (message.id, order.id, "shipped")
        assert tx.feedback.sent("") is None
        assert tx.feedback.came_back(sent.message_id, "no such mailbox")
        assert not tx.feedback.came_back(sent.message_id, "no such mailbox")
        assert [item.detail for item in tx.outbox.dead(9)] == ["no such mailbox"]
