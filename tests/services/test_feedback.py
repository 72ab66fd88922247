"""What customers say reaches whoever can do something about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.services.pack_helpers import sql
from tests.services.test_tracking import M, event, heard, shipped
from tests.world import LANTERN, MUG, World
from wms_terminal.domain.feedback import Opinion
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.text import restored
from wms_terminal.ports.replies import Answer, Bounce, Letter
from wms_terminal.services import feedback, feedback_file


def give(world: World, order: Order, score: int | None, text: str = "", cause: str = "") -> bool:
    with world.store.write() as tx:
        return feedback.give(tx, order, score, text, cause, "service", "1", stamp(world.now))


def said(world: World, order: Order) -> list[Opinion]:
    with world.store.read() as tx:
        return tx.feedback.of_order(order.id)


def notices(world: World) -> int:
    return int(sql(world, "SELECT COUNT(*) FROM notice")[0][0])


@pytest.mark.parametrize(("score", "told"), [(1, 1), (2, 1), (3, 0), (5, 0), (None, 1)])
def test_a_low_score_is_shown_to_somebody(world: World, score: int | None, told: int) -> None:
    order = world.order((MUG, 1))
    assert give(world, order, score, "The box\x1b[31m was wet\n\nAnna")
    assert not give(world, order, score, "Again")
    (opinion,) = said(world, order)
    assert opinion.text == "The box [31m was wet\n\nAnna"
    assert notices(world) == told
    with world.store.read() as tx:
        assert [item.kind for item in tx.orders.events(order.id)].count("feedback") == 1


@pytest.mark.parametrize(
    ("score", "text", "cause"), [(0, "", ""), (6, "", ""), (3, "", "weather"), (None, " \n", "")]
)
def test_what_says_nothing_is_refused(
    world: World, score: int | None, text: str, cause: str
) -> None:
    order = world.order((MUG, 1))
    with pytest.raises(ValueError, match=r"Expected|valid"):
        give(world, order, score, text, cause)
    assert said(world, order) == []


def test_a_cause_follows_from_what_happened_where_nobody_named_one(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.TROUBLE, 5))
    give(world, order, 2)
    (opinion,) = said(world, order)
    assert (opinion.cause, opinion.derived) == ("courier", True)


def test_a_cause_that_was_named_stays(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.TROUBLE, 5))
    give(world, order, 2, cause="packaging")
    (opinion,) = said(world, order)
    assert (opinion.cause, opinion.derived) == ("packaging", False)


def test_a_good_score_needs_no_cause(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED, 300))
    give(world, order, 5)
    assert said(world, order)[0].cause == ""


def test_late_is_what_arrived_after_the_day_that_was_promised(world: World) -> None:
    order = shipped(world)
    heard(world, order, event(world, M.DELIVERED, 300))
    give(world, order, 3)
    assert said(world, order)[0].cause == "late"


def test_what_a_form_exports_twice_changes_nothing(world: World) -> None:
    order = world.order((MUG, 1), (LANTERN, 1))
    empty = dict.fromkeys(feedback_file.NAMES, "")
    rows = [
        (2, empty | {"order": order.number, "score": "4", "text": "Fine", "id": "r1"}),
        (3, empty | {"order": order.reference, "channel": "web", "score": "1", "product": MUG}),
        (4, empty | {"order": order.reference, "channel": "bol", "score": "1"}),
        (5, empty | {"order": "nobody's", "score": "1"}),
        (6, empty | {"order": order.number, "score": "9"}),
        (7, empty | {"order": order.number, "score": "2", "product": "NONE"}),
        (8, empty | {"order": order.number, "score": "2", "cause": "weather"}),
        (9, empty | {"order": order.number}),
        (10, empty | {"order": order.number, "score": "3", "at": "yesterday"}),
        (11, empty | {"order": "\0\ud800", "score": "3"}),
        (12, empty | {"order": order.number, "text": "No score", "cause": "Wrong item"}),
    ]
    skipped: list[str] = []

    def take_in() -> dict[str, int]:
        return feedback_file.take_in(
            world.store, rows, lambda: world.now, lambda line, kind, what: skipped.append(kind)
        )

    assert take_in()["kept"] == 3
    assert [kind.removeprefix("skipped_") for kind in skipped] == [
        "unknown_order",
        "unknown_order",
        "no_score",
        "unknown_product",
        "unknown_cause",
        "says_nothing",
        "no_time",
        "unknown_order",
    ]
    found = {(item.score, item.sku, item.cause) for item in said(world, order)}
    assert found == {(4, "", ""), (1, MUG, ""), (None, "", "wrong_item")}
    assert take_in()["known"] == 3
    assert len(said(world, order)) == 3


class Mailbox:
    """A mailbox with what a test puts in."""

    def __init__(self, *says: Answer | Bounce | None) -> None:
        self.says = says
        self.marks: list[str] = []
        self.read: list[str] = []

    def letters(self, mark: str, limit: int) -> Iterator[Letter]:
        self.marks.append(mark)
        for number, says in enumerate(self.says, 1):
            yield Letter(f"7:{number}", str(number), says)

    def done(self, letter: Letter) -> None:
        self.read.append(letter.handle)

    def close(self) -> None:
        return


def mailed(world: World, order: Order, kind: str) -> str:
    """A mail that has left; its Message-ID."""
    message_id = f"<{kind}.{order.number}@shop.example>"
    sql(
        world,
        "INSERT INTO outbox (at, target, kind, key, order_id, payload, next_at, state, remote_id)"
        " VALUES ('', 'mail', :kind, :id, :order_id, '{}', '', 'done', :id)",
        kind=kind,
        id=message_id,
        order_id=order.id,
    )
    return message_id


def collect(world: World, mailbox: Mailbox) -> dict[str, int]:
    return feedback.collect(world.store, mailbox, lambda: world.now)


def test_answers_are_kept_once_and_the_mailbox_is_read_on(world: World) -> None:
    order = world.order((MUG, 1))
    asked, told = mailed(world, order, "follow_up"), mailed(world, order, "shipped")
    mailbox = Mailbox(
        Answer("a", ("<x@y.example>", asked), 5, "5\nTop"),
        Answer("b", (asked,), None, "It is broken"),
        Answer("c", (told,), None, "Where is it?"),
        Answer("d", (told,), 2, "2"),
        Answer("e", ("<x@y.example>",), 1, "1"),
        None,
    )
    assert collect(world, mailbox) == {
        "feedback": 3,
        "without_a_score": 1,
        "not_for_us": 2,
    }
    assert mailbox.read == ["1", "2", "3", "4", "5", "6"]
    assert sorted(str(item.score) for item in said(world, order)) == ["2", "5", "None"]
    assert notices(world) == 2
    again = collect(world, mailbox)
    assert again["known"] == 3
    assert mailbox.marks == ["", "7:6"]
    assert notices(world) == 2


def test_a_mail_that_came_back_is_shown_once(world: World) -> None:
    order = world.order((MUG, 1))
    sent = mailed(world, order, "shipped")
    mailbox = Mailbox(Bounce((sent,), "550 no such \x1b[31mmailbox"), Bounce(("<a@b.c>",), "x"))
    assert collect(world, mailbox) == {"came_back": 1, "not_for_us": 1}
    assert collect(world, mailbox) == {"known": 1, "not_for_us": 1}
    assert notices(world) == 1
    with world.store.read() as tx:
        (dead,) = tx.outbox.dead(9)
    assert str(restored(dead.detail)) == "It came back: 550 no such [31mmailbox"
