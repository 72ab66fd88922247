"""The courier takes the parcels along."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.services.pack_helpers import (
    OTHER,
    PACK,
    SHIP,
    hand_over,
    hold,
    inside,
    label_of,
    labelled,
    opened,
    packed,
    parcels,
    reach,
    shipping,
    sql,
    states,
)
from tests.services.saying import code, events, lies, lines, refusal, said, state, stock, text
from tests.world import ANNA, CANDLE, LANTERN, MUG, SIGN, World, gtin
from wms_terminal.domain.orders import Order
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.records import StockRecord
from wms_terminal.ports.channel import ChannelSettings
from wms_terminal.services import take_in


def loaded(world: World, *lines: tuple[str, int], **changes: object) -> Order:
    """An order whose only parcel is on the manifest, Sara's screen shows it."""
    order = labelled(world, *lines, **changes)
    if state(world.floor.look(SHIP)) != ("ship", "load"):
        shipping(world)
    world.scan(SHIP, label_of(world, order))
    return order


@pytest.fixture(autouse=True)
def outside(world: World) -> None:
    """A channel and a mail server to tell."""
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings("web", "file", "/srv/web"), 60)
        tx.site.set_setting("mail.from", "Shop <shop@example.com>")


def outbox(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """What the outside has to learn: kind, key and payload."""
    rows = sql(world, "SELECT kind, key, payload FROM outbox WHERE kind <> 'check' ORDER BY id")
    return [(row[0], row[1], json.loads(row[2])) for row in rows]


def manifest(world: World, order: Order, number: int = 1) -> tuple[str, str, int, str]:
    """Code, state, parcels and time of a parcel's manifest."""
    manifest_id = parcels(world, order)[number - 1].manifest_id
    assert manifest_id is not None
    with world.store.read() as tx:
        found = tx.parcels.manifest(manifest_id)
    return found.code, found.state, found.parcels, found.handed_at


def test_it_is_asked_first(world: World) -> None:
    loaded(world, (LANTERN, 1))
    labelled(world, (MUG, 1))
    step = world.scan(SHIP, "WHCHAND")
    assert (state(step), code(step)) == (("ship", "handover"), "handover")
    assert said(step).outcome is Outcome.CONFIRM
    assert text(step) == "1 parcels loaded, 1 stay behind"
    assert step.hint == "CARPOSTNL"
    step = world.scan(SHIP, "WHCNO")
    assert (state(step), code(step)) == (("ship", "load"), "answered_no")


@pytest.mark.parametrize("ask", ["WHCHAND", "CARPOSTNL"])
@pytest.mark.parametrize("confirm", ["CARPOSTNL", "WHCOK"])
def test_the_carriers_code_or_ok_confirms_it(world: World, ask: str, confirm: str) -> None:
    order = loaded(world, (LANTERN, 2))
    world.wait(minutes=3)
    step = world.scan(SHIP, ask, confirm)
    assert (state(step), code(step)) == (("ship", "start"), "handed_over")
    assert said(step).outcome is Outcome.ORDER_DONE
    assert text(step) == "1 parcels handed over to PostNL"
    assert states(world, order) == ["shipped"]
    assert world.find(order.number).state == "shipped"
    assert [line.shipped for line in lines(world, order.number)] == [2]
    assert not any(place.startswith("P-") for place, _, _ in stock(world))
    assert manifest(world, order) == (
        "M-POSTNL-2026-03-03-1",
        "handed_over",
        1,
        "2026-03-03T12:03:00.000Z",
    )
    assert events(world, order.number)[-1] == "shipped"
    assert refusal(world.scan(SHIP, "WHCUNDO"))[0] == "nothing_to_undo"


def test_the_ledger_says_that_the_customer_has_it(world: World) -> None:
    loaded(world, (LANTERN, 2), (CANDLE, 1))
    hand_over(world)
    moves = sql(world, "SELECT lot, quantity, why FROM stock_move WHERE to_id = 2 ORDER BY id")
    assert moves == [("", 2, "ship"), ("LOT-A", 1, "ship")]


def test_the_outside_learns_of_it_once(world: World) -> None:
    order = loaded(world, (LANTERN, 2), (CANDLE, 1))
    hand_over(world)
    (_, key, ship), (_, mail_key, mail) = outbox(world)
    sscc = parcels(world, order)[0].sscc
    assert (key, mail_key) == (
        f"ship:web:1001:{sscc}",
        "mail:web:1001:shipped:M-POSTNL-2026-03-03-1",
    )
    assert ship == {
        "key": sscc,
        "reference": "1001",
        "lines": [
            {"line": "", "sku": LANTERN, "quantity": 2},
            {"line": "", "sku": CANDLE, "quantity": 1},
        ],
        "carrier": "POSTNL",
        "carrier_name": "PostNL",
        "tracking": sscc,
        "tracking_url": "",
        "shipped_at": "2026-03-03T12:00:00.000Z",
        "complete": True,
    }
    assert (mail["to"], mail["language"], mail["kind"]) == ("klant@example.com", "nl", "shipped")
    (parcel,) = mail["parcels"]
    assert [(line["sku"], line["quantity"]) for line in parcel["lines"]] == [
        (LANTERN, 2),
        (CANDLE, 1),
    ]


def test_a_customer_without_an_address_gets_no_mail(world: World) -> None:
    loaded(world, (LANTERN, 1), email="")
    hand_over(world)
    assert [kind for kind, _, _ in outbox(world)] == ["ship"]


def test_who_is_not_set_up_is_not_told(world: World) -> None:
    with world.store.write() as tx:
        tx.site.set_setting("mail.from", "")
    loaded(world, (LANTERN, 1), channel="by hand")
    hand_over(world)
    assert outbox(world) == []


# --- the count ----------------------------------------------------------------------------------


def test_the_couriers_own_count_confirms_it_and_is_kept(world: World) -> None:
    loaded(world, (LANTERN, 1))
    loaded(world, (MUG, 1))
    world.scan(SHIP, "WHCHAND")
    step = world.key(SHIP, "2")
    assert (code(step), text(step)) == ("handed_over", "2 parcels handed over to PostNL")
    assert sql(world, "SELECT parcels, counted FROM manifest") == [(2, 2)]


def test_a_wrong_count_is_refused(world: World) -> None:
    order = loaded(world, (LANTERN, 1))
    world.scan(SHIP, "WHCHAND")
    step = world.key(SHIP, "3")
    assert refusal(step) == ("wrong_count", "1", "3")
    assert states(world, order) == ["loaded"]
    assert state(world.scan(SHIP, "WHCOK")) == ("ship", "handover")


def test_what_was_loaded_since_it_was_asked_is_asked_again(world: World) -> None:
    order = loaded(world, (LANTERN, 1))
    other = labelled(world, (MUG, 1))
    world.scan(SHIP, "WHCHAND")
    world.scan(PACK, "WHCSHIP", "CARPOSTNL", label_of(world, other))
    step = world.scan(SHIP, "WHCOK")
    assert (state(step), code(step)) == (("ship", "handover"), "handover")
    assert text(step) == "2 parcels loaded, 0 stay behind"
    assert states(world, order) == ["loaded"]
    assert code(world.scan(SHIP, "WHCOK")) == "handed_over"
    assert (states(world, order), states(world, other)) == (["shipped"], ["shipped"])


def test_a_last_parcel_is_loaded_while_it_is_asked(world: World) -> None:
    loaded(world, (LANTERN, 1))
    other = labelled(world, (MUG, 1))
    step = world.scan(SHIP, "WHCHAND", label_of(world, other))
    assert (state(step), code(step)) == (("ship", "load"), "loaded")


@pytest.mark.parametrize("scanned", ["CARDHL", gtin(1), "NOSUCH"])
def test_nothing_else_confirms_it(world: World, scanned: str) -> None:
    order = loaded(world, (LANTERN, 1))
    step = world.scan(SHIP, "WHCHAND", scanned)
    assert refusal(step)[1] == "the carrier PostNL"
    assert states(world, order) == ["loaded"]


def test_nothing_loaded_is_not_handed_over(world: World) -> None:
    labelled(world, (LANTERN, 1))
    shipping(world)
    assert refusal(world.scan(SHIP, "WHCHAND"))[0] == "nothing_done"


# --- somebody says stop -------------------------------------------------------------------------


def test_an_order_put_on_hold_after_loading_does_not_leave(world: World) -> None:
    order, other = loaded(world, (LANTERN, 1)), loaded(world, (MUG, 1))
    hold(world, order, "Customer changed her mind")
    step = hand_over(world)
    assert refusal(step)[::2] == ("order_on_hold", "order 1001 on the manifest")
    assert (states(world, order), states(world, other)) == (["loaded"], ["loaded"])
    assert outbox(world) == []
    step = world.scan(SHIP, "WHCOK", "WHCNO", "WHCTAKE", label_of(world, order))
    assert code(step) == "unloaded"
    assert code(hand_over(world)) == "handed_over"
    assert (states(world, order), states(world, other)) == (["labelled"], ["shipped"])


# --- several shippers, several pickups ----------------------------------------------------------


def test_a_manifest_is_handed_over_once(world: World) -> None:
    order = loaded(world, (LANTERN, 1))
    world.scan(PACK, "WHCSHIP", "CARPOSTNL", "WHCHAND")
    world.scan(SHIP, "WHCHAND", "WHCOK")
    step = world.scan(PACK, "WHCOK")
    assert refusal(step)[0] == "already_done"
    assert text(step) == "Manifest M-POSTNL-2026-03-03-1 was handed over already"
    assert len(outbox(world)) == 2
    assert manifest(world, order)[2] == 1
    assert state(world.scan(PACK, "WHCOK", "WHCSHIP")) == ("ship", "start")


def test_a_second_pickup_on_the_same_day_has_a_manifest_of_its_own(world: World) -> None:
    first = loaded(world, (LANTERN, 1))
    hand_over(world)
    second = labelled(world, (MUG, 1))
    step = world.scan(SHIP, "CARPOSTNL")
    assert text(step) == "Manifest M-POSTNL-2026-03-03-2 is open"
    world.scan(SHIP, label_of(world, second))
    hand_over(world)
    assert manifest(world, first)[0] == "M-POSTNL-2026-03-03-1"
    assert manifest(world, second)[0] == "M-POSTNL-2026-03-03-2"


def two_parcels(world: World) -> Order:
    order = opened(world, (LANTERN, 2), (MUG, 1))
    step = world.scan(PACK, gtin(1), "WHCBOX")
    world.follow(PACK, step, until=("pack", "open"))
    assert states(world, order) == ["labelled", "labelled"]
    return order


def test_an_order_may_leave_on_two_manifests(world: World) -> None:
    order = two_parcels(world)
    shipping(world)
    world.scan(SHIP, label_of(world, order, 1))
    hand_over(world)
    assert states(world, order) == ["shipped", "labelled"]
    assert world.find(order.number).state == "packed"
    world.scan(SHIP, "CARPOSTNL", label_of(world, order, 2))
    hand_over(world)
    assert states(world, order) == ["shipped", "shipped"]
    assert world.find(order.number).state == "shipped"
    told = outbox(world)
    assert [kind for kind, _, _ in told] == ["ship", "partly_shipped", "ship", "shipped"]
    assert len({key for _, key, _ in told}) == 4
    assert [payload["complete"] for kind, _, payload in told if kind == "ship"] == [False, True]
    assert events(world, order.number).count("partly_shipped") == 1


def test_both_parcels_on_one_manifest_are_one_mail(world: World) -> None:
    order = two_parcels(world)
    shipping(world)
    world.scan(SHIP, label_of(world, order, 1), label_of(world, order, 2))
    hand_over(world)
    told = outbox(world)
    assert [kind for kind, _, _ in told] == ["ship", "ship", "shipped"]
    assert [payload["complete"] for kind, _, payload in told if kind == "ship"] == [False, True]
    assert len(told[2][2]["parcels"]) == 2


def test_the_first_box_may_leave_while_the_second_is_packed(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    world.scan(PACK, label_of(world, order))
    shipping(world)
    world.scan(SHIP, label_of(world, order))
    hand_over(world)
    assert states(world, order) == ["shipped", "open"]
    assert world.find(order.number).state == "packing"
    world.scan(PACK, "WHCSHRT", "WHRMISS")
    after = world.find(order.number)
    assert (after.state, states(world, order)) == ("new", ["shipped", "void"])
    world.pick_all()
    world.pack_all()
    world.scan(SHIP, "CARPOSTNL", label_of(world, order, 2))
    hand_over(world)
    assert world.find(order.number).state == "shipped"
    assert states(world, order) == ["shipped", "shipped"]


def test_what_is_missing_follows_in_a_second_shipment(world: World) -> None:
    order = loaded(world, (SIGN, 5), (LANTERN, 1))
    hand_over(world)
    after = world.find(order.number)
    assert (after.state, after.waiting) == ("new", "stock")
    assert events(world, order.number)[-1] == "partly_shipped"
    ship, mail = (payload for _, _, payload in outbox(world))
    assert ship["complete"] is False
    assert [(line["sku"], line["quantity"]) for line in mail["lines"]] == [(SIGN, 2)]
    take_in.stock(
        world.store,
        [StockRecord("A01-04-1", SIGN, 10)],
        lambda: world.now,
        lambda kind, what: None,
    )
    assert world.find(order.number).waiting == ""
    world.pick_all()
    world.pack_all()
    assert states(world, order) == ["shipped", "labelled"]
    assert inside(world, order, 2) == {SIGN: 2}
    world.scan(SHIP, "CARPOSTNL", label_of(world, order, 2))
    hand_over(world)
    assert world.find(order.number).state == "shipped"
    assert [line.shipped for line in lines(world, order.number)] == [5, 1]
    assert lies(world, "A01-04-1", SIGN) == (8, 0)


def test_a_reopened_parcel_keeps_its_order_here(world: World) -> None:
    order = two_parcels(world)
    shipping(world)
    world.scan(SHIP, label_of(world, order, 1))
    world.scan(PACK, "WHCREOP", label_of(world, order, 2))
    hand_over(world)
    assert states(world, order) == ["shipped", "open"]
    assert world.find(order.number).state == "packing"


def test_everybody_may_ship(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.printed()
    step = world.scan(OTHER, ANNA, "WHCSHIP", label_of(world, order), "CARPOSTNL")
    assert state(step) == ("ship", "load")
    world.scan(OTHER, label_of(world, order), "WHCHAND", "WHCOK")
    assert states(world, order) == ["shipped"]
