"""Customer service: an order is found by anything, its story is whole, and words are not kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.pack_helpers import SHIP, hand_over, label_of, labelled, shipping
from tests.services.saying import code, events, last, refusal, state, text
from tests.services.test_lookup import facts, table
from tests.world import ANNA, CANDLE, LANTERN, MUG, SARA, World, gtin
from wms_terminal.domain.label import Address
from wms_terminal.domain.orders import Order
from wms_terminal.domain.promise import stamp
from wms_terminal.domain.refunds import Refund, RefundState
from wms_terminal.domain.text import T, restored
from wms_terminal.ports.outbox import Message, OutboxState
from wms_terminal.services import customer_news, refunds
from wms_terminal.services.resolver import badge_key
from wms_terminal.services.service_find import MANY

DESK = "PICK-02"
EVA = "WHBEVA000005"
"""Customer service."""

ZOE = Address(name="Zoë O'Brien", street="Kade 12", postcode="2611 AB", city="Delft", country="NL")
WOOL = Address(name="100% Wool", company="Łódź BV", postcode="90-001", city="Łódź", country="PL")


@pytest.fixture
def eva(world: World) -> World:
    """Eva of customer service at a station; customers get mail."""
    with world.store.write() as tx:
        tx.site.put_operator("EVA", "Eva Els", "en", "service", False, badge_key(EVA), "")
        tx.site.set_setting(customer_news.SENDER, "shop@example.org")
    world.scan(DESK, EVA, "WHCSERV")
    return world


@pytest.fixture
def customers(eva: World) -> World:
    """Orders of three people, 1001 to 1004."""
    eva.order(
        (LANTERN, 1), customer=ZOE, email="Zoe@Example.org", phone="+31 6 1234-5678",
        reference="#W-77",
    )  # fmt: skip
    eva.order((MUG, 1), customer=WOOL, email="wool@example.org", reference="88")
    eva.order((CANDLE, 2), reference="88", channel="bol", placed_at="2026-02-11T09:00:00Z")
    eva.order((LANTERN, 2), reference="99")
    return eva


def shipped(world: World, *lines: tuple[str, int], **changes: Any) -> Order:
    """An order that has left, and Eva looks at it."""
    order = labelled(world, *lines, **changes)
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    hand_over(world)
    world.scan(DESK, EVA, "WHCSERV", order.number)
    return world.find(order.number)


def messages(world: World, order: Order) -> list[Message]:
    """What is told about an order."""
    with world.store.read() as tx:
        return tx.outbox.of_order(order.id)


def settle(world: World, state_: OutboxState, detail: str = "") -> None:
    """The mail server answers."""
    with world.store.write() as tx:
        at = stamp(world.now)
        message = tx.outbox.claim("mail", "w", at, at)
        assert message is not None
        tx.outbox.settle(message, state_, detail, "", at)


def refund(world: World, order: Order) -> Refund:
    """An order's only refund."""
    with world.store.read() as tx:
        (found,) = tx.refunds.of_order(order.id)
    return found


# --- who ----------------------------------------------------------------------------------------


def test_the_menu_offers_it_to_those_who_may_only(eva: World) -> None:
    assert "WHCSERV" in [key.code for key in eva.scan(DESK, "WHCMENU").keys]
    assert "WHCSERV" not in [key.code for key in eva.scan("PICK-01", ANNA).keys]


def test_the_floor_is_refused(eva: World) -> None:
    step = eva.scan("PICK-01", ANNA, "WHCSERV")
    assert refusal(step)[:2] == ("not_allowed", "customer service, or a supervisor")
    assert code(eva.scan("PICK-01", "WHCOK")) == "acknowledged"
    assert state(eva.floor.look("PICK-01")) == ("menu", "start")


def test_who_leaves_the_department_sees_nothing_from_then_on(customers: World) -> None:
    assert "Zoë" in str(customers.key(DESK, "zoe@example.org"))
    with customers.store.write() as tx:
        tx.site.put_operator("EVA", "Eva Els", "en", "picking", False, badge_key(EVA), "")
    step = customers.floor.look(DESK)
    assert "Zoë" not in str(step)
    assert refusal(customers.key(DESK, "zoe"))[0] == "not_allowed"


# --- search -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("W-77", "#W-77"),
        ("#W-77", "#W-77"),
        ("zoe@example.ORG", "#W-77"),
        ("06 12345678", "#W-77"),
        ("0031612345678", "#W-77"),
        ("+31 (0)6-12345678", "#W-77"),
        ("2611ab", "#W-77"),
        ("2611 AB 12", "#W-77"),
        ("2611AB 12", "#W-77"),
        ("o'brien", "#W-77"),
        ("lodz", "88"),
        ("90-001", "88"),
        ("#99", "99"),
        ("lantern 3-3", None),
        ("22423 2026-03-03", "88"),
        ("retrospot 3/3/26", "88"),
        ("candle 11.2.2026", "bol/88"),
        ("11-2 scented", "bol/88"),
        ("scented 12-2", "bol/88"),
    ],
)
def test_an_order_is_found_by_anything(customers: World, said: str, number: str | None) -> None:
    step = customers.key(DESK, said)
    if number is None:
        assert [row[1] for row in table(step)] == ["99", "#W-77"]
    else:
        title = str(step.view.title)
        assert code(step) == "found"
        assert title.startswith("Order ")
        bought = facts(step)["Bought"]
        channel, _, reference = number.rpartition("/")
        assert bought.startswith(f"{channel or 'web'} {reference},")
    assert last(customers).kind == "order" or last(customers).raw == "keyed in, not kept"
    assert said not in str(step.message)


def test_a_house_number_is_a_whole_one(customers: World) -> None:
    assert refusal(customers.key(DESK, "2611AB 1"))[0] == "nothing_found"


def test_numbers_of_returns_and_tracking_numbers_are_found(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    step = eva.scan(DESK, "WHCSERV", label_of(eva, order))
    assert str(step.view.title) == "Order 1001: shipped"
    eva.scan(DESK, "WHCANNO")
    eva.key(DESK, "1")
    eva.key(DESK, "1")
    number = text(eva.scan(DESK, "WHRBACKA", "WHCOK")).split()[1]
    step = eva.key(DESK, number.lower())
    assert str(step.view.title) == "Order 1001: shipped"
    eva.scan(DESK, "WHCSERV")
    assert str(eva.key(DESK, label_of(eva, order)[2:]).view.title) == "Order 1001: shipped"


def test_several_are_a_list_to_choose_from(customers: World) -> None:
    step = customers.key(DESK, "88")
    assert text(step) == "2 orders"
    assert [row[0] for row in table(step)] == ["1", "2"]
    assert step.view.table is not None
    assert step.view.table.choices == ("1", "2")
    step = customers.key(DESK, "2")
    assert facts(step)["Bought"].startswith("web 88")


def test_a_scanned_product_asks_for_the_day(customers: World) -> None:
    step = customers.scan(DESK, gtin(3))
    assert state(step) == ("service", "day")
    assert refusal(customers.key(DESK, "yesterday"))[0] == "unknown_code"
    customers.scan(DESK, "WHCOK")
    step = customers.key(DESK, "11-2")
    assert facts(step)["Bought"].startswith("bol 88")


@pytest.mark.parametrize("said", ["nobody", "_", "'; DROP TABLE orders; --", "{0}", "#", "1-1"])
def test_nothing_found_is_said_without_saying_it_again(customers: World, said: str) -> None:
    step = customers.key(DESK, said)
    assert refusal(step)[2] == "what was keyed in"
    assert last(customers).raw == "keyed in, not kept"


def test_a_postcode_of_many_shows_so_many(eva: World) -> None:
    for _ in range(MANY + 2):
        eva.order((LANTERN, 1))
    assert len(table(eva.key(DESK, "1011AB"))) == MANY


# --- the order ----------------------------------------------------------------------------------


def test_an_order_is_said_in_plain_words(customers: World) -> None:
    step = customers.key(DESK, "99")
    assert facts(step)["Now"].startswith("Waits for a picker: ")
    assert facts(step)["Leaves"] == "PostNL parcel, 03-03 17:00"
    assert facts(step)["Customer"] == "C. Klant, Straat 1, 1011AB Amsterdam, NL"
    assert facts(step)["E-mail"] == "klant@example.com"


def test_its_pages_are_story_lines_parcels_and_what_came_after(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2), (MUG, 1))
    step = eva.floor.look(DESK)
    assert table(step)[-1][1] == "Received from web", "the newest on top"
    step = eva.scan(DESK, "WHCSKIP")
    assert table(step) == [
        [LANTERN, "WHITE METAL LANTERN", "2", "2", "2", "0"],
        [MUG, "RED RETROSPOT MUG", "1", "1", "1", "0"],
    ]
    step = eva.scan(DESK, "WHCSKIP")
    assert table(step)[0][:3] == ["1", "shipped", label_of(eva, order)[2:]]
    step = eva.scan(DESK, "WHCSKIP")
    assert table(step)[-1][1] == "Received from web", "and again from the start"


def test_a_note_is_signed_and_in_no_journal(customers: World) -> None:
    customers.key(DESK, "99")
    customers.scan(DESK, "WHCNOTE")
    step = customers.key(DESK, "Mr Klant wants it before Friday {x} [b]")
    assert (code(step), state(step)) == ("noted", ("service", "order"))
    assert table(step)[0][1:3] == ["Note: Mr Klant wants it before Friday {x} [b]", "Eva Els"]
    assert all("Friday" not in str(row) for row in customers.journal(100))
    assert code(customers.scan(DESK, "WHCUNDO")) == "nothing_to_undo"


def test_a_note_that_is_a_code_is_a_note(customers: World) -> None:
    customers.key(DESK, "99")
    customers.scan(DESK, "WHCNOTE")
    assert table(customers.key(DESK, "1001"))[0][1] == "Note: 1001"


def test_an_order_is_put_on_hold_and_let_go(customers: World) -> None:
    customers.key(DESK, "99")
    customers.scan(DESK, "WHCHOLD")
    step = customers.key(DESK, "Address is wrong")
    assert facts(step)["Now"] == "On hold: Address is wrong"
    step = customers.scan(DESK, "WHCHOLD")
    assert text(step) == "On hold: Address is wrong. Let it go?"
    assert code(customers.scan(DESK, "WHCNO")) == "answered_no"
    step = customers.scan(DESK, "WHCHOLD", "WHCOK")
    assert code(step) == "let_go"
    assert customers.find("99").hold == ""
    assert table(step)[0][1:3] == ["No longer on hold", "Eva Els"]


def test_what_has_left_cannot_be_held(eva: World) -> None:
    order = shipped(eva, (LANTERN, 1))
    step = eva.scan(DESK, "WHCHOLD")
    assert (refusal(step)[0], text(step)) == ("already_done", "It was shipped")
    assert eva.find(order.number).hold == ""


# --- messages -----------------------------------------------------------------------------------


def test_a_mail_leaves_once_more_under_another_key(eva: World) -> None:
    order = shipped(eva, (LANTERN, 1))
    (first,) = messages(eva, order)
    settle(eva, OutboxState.DONE)
    step = eva.scan(DESK, "WHCMSGS")
    assert [row[2:5] for row in table(step)] == [["customer", "shipping mail", "told"]]
    step = eva.key(DESK, "1")
    assert code(step) == "send_again"
    assert len(messages(eva, order)) == 1
    assert code(eva.scan(DESK, "WHCOK")) == "resent"
    eva.scan(DESK, "WHCMSGS")
    eva.key(DESK, "1")
    eva.scan(DESK, "WHCMSGS")
    sent = messages(eva, order)
    assert [item.key for item in sent] == [
        first.key, f"{first.key}:again:1", f"{first.key}:again:2",
    ]  # fmt: skip
    contents = [json.loads(item.payload) for item in sent]
    assert contents[1] == contents[0] | {"key": sent[1].key}
    assert events(eva, order.number)[-1] == "mail"


def test_what_waits_is_not_told_twice(eva: World) -> None:
    shipped(eva, (LANTERN, 1))
    eva.scan(DESK, "WHCMSGS")
    assert refusal(eva.key(DESK, "1"))[0] == "not_again"


def test_what_was_given_up_is_in_red_and_tried_again(eva: World) -> None:
    order = shipped(eva, (LANTERN, 1))
    settle(eva, OutboxState.DEAD, "550 no such mailbox")
    step = eva.floor.look(DESK)
    assert str(step.view.alarm) == (
        "NOT TOLD: shipping mail to customer: 550 no such mailbox. F4 tries again"
    )
    eva.scan(DESK, "WHCMSGS")
    assert code(eva.key(DESK, "1")) == "tried_again"
    assert messages(eva, order)[0].state is OutboxState.PENDING
    assert not eva.floor.look(DESK).view.alarm


# --- goods and money ----------------------------------------------------------------------------


def test_a_return_is_announced_line_by_line(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2), (MUG, 1))
    step = eva.scan(DESK, "WHCANNO")
    assert [row[:4] for row in table(step)] == [
        ["1", LANTERN, "WHITE METAL LANTERN", "2"], ["2", MUG, "RED RETROSPOT MUG", "1"],
    ]  # fmt: skip
    assert refusal(eva.scan(DESK, "WHCOK"))[0] == "nothing_chosen"
    eva.scan(DESK, "WHCOK")
    eva.key(DESK, "1")
    assert refusal(eva.key(DESK, "3"))[:2] == ("wrong_number", "1 to 2, or OK for all")
    eva.scan(DESK, "WHCOK", "WHCOK")
    step = eva.scan(DESK, "WHRBACKB")
    assert table(step)[0][4:] == ["2", "Arrived damaged"]
    eva.scan(DESK, gtin(2))
    eva.scan(DESK, "WHRBACKA")
    step = eva.scan(DESK, "WHCOK")
    assert state(step) == ("service", "order")
    with eva.store.read() as tx:
        (case,) = tx.returns.of_order(order.id)
        lines = [(item.sku, item.advised, item.reason) for item in tx.returns.lines(case.id)]
    assert lines == [(LANTERN, 2, "damaged"), (MUG, 1, "wrong_item")]
    assert text(step) == f"Return {case.number} is announced"


def test_no_leaves_a_choice(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCANNO", "WHCNO")
    assert state(eva.floor.look(DESK)) == ("service", "order")
    with eva.store.read() as tx:
        assert tx.returns.of_order(order.id) == []


def test_what_is_still_here_cannot_come_back(customers: World) -> None:
    customers.key(DESK, "99")
    assert refusal(customers.scan(DESK, "WHCANNO"))[0] == "nothing_to_choose"


def test_goods_are_sent_once_more(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCREPL")
    eva.key(DESK, "1")
    eva.key(DESK, "1")
    step = eva.scan(DESK, "WHCOK")
    assert state(step) == ("service", "replace_why")
    step = eva.scan(DESK, "WHRBACKB")
    number = text(step).split()[-1]
    new = eva.find(number)
    with eva.store.read() as tx:
        assert [(line.sku, line.ordered) for line in tx.orders.lines(new.id)] == [(LANTERN, 1)]
        assert tx.refunds.replaced_by(order.id) == [new.id]


def test_another_product_goes_instead_by_scan_or_by_its_number(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCREPL")
    eva.key(DESK, "1")
    eva.key(DESK, "1")
    assert code(eva.key(DESK, MUG)) == "exchanged"
    eva.scan(DESK, "WHCOK", "WHRBACKD")
    with eva.store.read() as tx:
        (new,) = tx.refunds.replaced_by(order.id)
        assert [(line.sku, line.ordered) for line in tx.orders.lines(new)] == [(MUG, 1)]


@pytest.mark.parametrize("typed", ["0", "-1", "9999", "1,234", "abc", "1e99", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(eva: World, typed: str) -> None:
    shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCRFND")
    assert refusal(eva.key(DESK, typed))[0] == "wrong_amount"


def test_a_refund_is_proposed_by_service_and_decided_by_a_supervisor(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCRFND")
    assert facts(eva.floor.look(DESK))["At most"] == "5.00 EUR"
    eva.key(DESK, "2,50")
    step = eva.scan(DESK, "WHRBACKB")
    assert text(step) == "Refund of 2.50 EUR is proposed"
    assert (refund(eva, order).amount, refund(eva, order).state) == (250, RefundState.PROPOSED)
    assert state(eva.scan(DESK, "WHCRFND")) == ("service", "refund"), "she does not decide"
    eva.scan(SHIP, SARA, "WHCSERV", order.number)
    step = eva.scan(SHIP, "WHCRFND")
    assert (state(step), str(step.view.place)) == (("service", "decide"), "2.50 EUR")
    assert facts(step)["Proposed by"] == "Eva Els"
    assert code(eva.scan(SHIP, "WHCOK")) == "approved"
    assert refund(eva, order).state is RefundState.APPROVED


def test_a_refund_is_declined(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    with eva.store.write() as tx:
        refunds.propose(tx, order.id, 100, "x", stamp(eva.now), key="k")
    eva.scan(SHIP, SARA, "WHCSERV", order.number)
    assert code(eva.scan(SHIP, "WHCRFND", "WHCRFND")) == "declined"
    assert refund(eva, order).state is RefundState.DECLINED


def test_a_gesture_that_comes_twice_proposes_once(eva: World) -> None:
    order = shipped(eva, (LANTERN, 2))
    eva.scan(DESK, "WHCRFND")
    eva.key(DESK, "1")
    for _ in range(2):
        eva.floor.scan(DESK, "WHRBACKB", gesture="same")
    assert refund(eva, order).key == "service:same"


def test_every_place_of_it_can_be_left(eva: World) -> None:
    shipped(eva, (LANTERN, 2))
    for command in ("WHCNOTE", "WHCMSGS", "WHCANNO", "WHCRFND", "WHCREPL"):
        step = eva.scan(DESK, command)
        assert any(key.code == "WHCNO" for key in step.keys), command
        assert state(eva.scan(DESK, "WHCNO")) == ("service", "order")


def test_what_was_looked_for_is_written_down_nowhere(customers: World) -> None:
    customers.key(DESK, "o'brien")
    customers.key(DESK, "example.org")
    with customers.store.read() as tx:
        place = tx.site.station(DESK)
        assert place is not None
        session = tx.journal.session_at(place.id)
    assert session is not None
    assert "example" not in session.dialogue
    assert "example" not in str(customers.journal(100))


def test_another_station_goes_on_with_it(customers: World) -> None:
    customers.key(DESK, "example.com")
    before = table(customers.floor.look(DESK))
    assert table(customers.scan("PICK-01", EVA)) == before


def test_a_reason_is_kept_so_that_every_language_can_say_it(eva: World) -> None:
    order = shipped(eva, (LANTERN, 1))
    with eva.store.write() as tx:
        why = T("Wrong item")
        made = refunds.propose(tx, order.id, 100, why, "2026-03-02T10:00:00Z", key="kept")
        assert restored(made.reason) == why
