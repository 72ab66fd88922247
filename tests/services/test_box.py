"""Carton and weight, and the parcel that is closed with them."""

from __future__ import annotations

import json

import pytest

from tests.services.pack_helpers import (
    OTHER,
    PACK,
    content,
    inside,
    jobs,
    label_of,
    opened,
    parcels,
    sql,
    states,
)
from tests.services.saying import code, events, refusal, said, state, text
from tests.world import ANNA, LANTERN, MUG, SARA, World, gtin
from wms_terminal.domain.codes import is_sscc
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import Load
from wms_terminal.services.step import Print, Weigh

SMALL, LARGE = "BOXS", "BOXL"


@pytest.fixture
def mugs(world: World) -> World:
    """Two mugs are in the box: 600 g; a carton is asked for."""
    opened(world, (MUG, 2))
    world.scan(PACK, gtin(2), gtin(2))
    return world


def limit(world: World, **columns: int) -> None:
    """Change what PostNL takes."""
    for column, value in columns.items():
        sql(world, f"UPDATE service SET {column} = :v WHERE code = 'POSTNL-NL'", v=value)


# --- the carton ---------------------------------------------------------------------------------


def test_the_smallest_carton_that_takes_it_is_advised(mugs: World) -> None:
    step = mugs.floor.look(PACK)
    assert (step.view.place, step.hint) == ("BOX-S", SMALL)


@pytest.mark.parametrize("scanned", [SMALL, "WHCOK"])
def test_the_advised_carton_is_scanned_or_confirmed(mugs: World, scanned: str) -> None:
    step = mugs.scan(PACK, scanned)
    assert (state(step), code(step)) == (("pack", "weigh"), "package")
    assert text(step) == "Carton Small box"
    assert step.effects == (Weigh(Load("parcel 1", 680)),)


def test_another_carton_may_be_taken(mugs: World) -> None:
    step = mugs.scan(PACK, LARGE)
    assert step.effects == (Weigh(Load("parcel 1", 900)),)


def test_another_carton_may_be_taken_on_the_scale_still(mugs: World) -> None:
    step = mugs.scan(PACK, SMALL, LARGE)
    assert (state(step), step.effects) == (("pack", "weigh"), (Weigh(Load("parcel 1", 900)),))


def test_a_carton_scanned_first_is_not_asked_for_again(world: World) -> None:
    opened(world, (MUG, 2))
    step = world.scan(PACK, SMALL)
    assert (state(step), code(step)) == (("pack", "verify"), "package")
    assert (str(step.view.into_label), step.view.into) == ("CARTON", "Small box")
    step = world.scan(PACK, gtin(2), gtin(2))
    assert state(step) == ("pack", "weigh")


def test_a_carton_that_is_too_small_is_refused_when_another_fits(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), gtin(1))
    step = world.scan(PACK, SMALL)
    assert refusal(step) == ("wrong_package_type", "Large box", "Small box")
    assert text(step) == "The goods are too big for Small box"
    assert parcels(world, order)[0].package_type_id is None


def test_a_carton_that_the_carrier_does_not_take_is_refused(mugs: World) -> None:
    limit(mugs, max_length_mm=300)
    step = mugs.scan(PACK, LARGE)
    assert refusal(step) == ("wrong_package_type", "Small box", "Large box")
    assert text(step) == "PostNL parcel takes up to 300 mm, Large box is 600 mm long"


def test_no_carton_that_the_carrier_takes_is_said(mugs: World) -> None:
    limit(mugs, max_length_mm=10)
    assert refusal(mugs.scan(PACK, "WHCOK"))[0] == "configuration"


def test_what_is_too_heavy_for_the_carrier_becomes_two_parcels(world: World) -> None:
    order = opened(world, (LANTERN, 3))
    world.scan(PACK, LARGE, gtin(1), gtin(1), gtin(1))
    limit(world, max_weight_g=2000)
    step = world.scan(PACK, "WHCMENU", "WHCPACK")
    assert (state(step), code(step)) == (("pack", "verify"), "not_allowed_for_carrier")
    assert said(step).outcome is Outcome.CONFIRM
    assert str(step.prompt) == "SCAN THE PRODUCT YOU TAKE OUT"
    step = world.scan(PACK, gtin(1), "WHCBOX")
    assert state(step) == ("pack", "weigh")
    world.pack_all()
    assert states(world, order) == ["labelled", "labelled"]
    assert (inside(world, order, 1), inside(world, order, 2)) == ({LANTERN: 2}, {LANTERN: 1})


def test_only_a_carton_answers(mugs: World) -> None:
    assert refusal(mugs.scan(PACK, gtin(2)))[:2] == ("wrong_product", "a carton")


# --- the weight ---------------------------------------------------------------------------------


def test_a_right_weight_closes_the_parcel_and_prints(mugs: World) -> None:
    order = mugs.find("1001")
    mugs.scan(PACK, SMALL)
    step = mugs.weigh(PACK, 690)
    assert (state(step), code(step)) == (("pack", "label"), "packed")
    assert said(step).outcome is Outcome.ORDER_DONE
    parcel = parcels(mugs, order)[0]
    assert (parcel.weight_g, parcel.expected_g, parcel.weighed) == (690, 680, True)
    assert parcel.state == "packed"
    assert is_sscc(parcel.sscc)
    assert mugs.find(order.number).state == "packed"
    label, slip = jobs(mugs, order)[0], jobs(mugs, order, kind="slip")[0]
    assert step.effects == (Print((label.id, slip.id)),)
    assert (label.state, slip.state) == ("queued", "queued")
    assert content(label)["weight_g"] == 690


def test_a_bench_without_a_scale_closes_with_what_it_should_weigh(world: World) -> None:
    order = opened(world, (MUG, 2), station=OTHER)
    world.scan(OTHER, gtin(2), gtin(2), SMALL)
    parcel = parcels(world, order)[0]
    assert (parcel.state, parcel.weight_g, parcel.weighed) == ("packed", 680, False)


@pytest.mark.parametrize("grams", [0, 652, 708])
def test_a_wrong_weight_names_the_limits(mugs: World, grams: int) -> None:
    mugs.scan(PACK, SMALL)
    step = mugs.weigh(PACK, grams)
    assert refusal(step) == ("wrong_weight", "653 to 707 g", f"{grams} g")
    assert text(step) == f"The weight is not right: {grams - 680:+d} g"
    assert states(mugs, mugs.find("1001")) == ["open"]
    step = mugs.scan(PACK, "WHCOK", "WHCWGH")
    assert (code(step), step.effects) == ("weighing", (Weigh(Load("parcel 1", 680)),))
    assert state(mugs.weigh(PACK, 680)) == ("pack", "label")


@pytest.mark.parametrize("grams", [653, 707])
def test_the_limits_themselves_are_right(mugs: World, grams: int) -> None:
    mugs.scan(PACK, SMALL)
    assert state(mugs.weigh(PACK, grams)) == ("pack", "label")


def test_ok_does_not_pass_a_wrong_weight_by(mugs: World) -> None:
    mugs.scan(PACK, SMALL)
    mugs.weigh(PACK, 400)
    step = mugs.scan(PACK, "WHCOK", "WHCOK")
    assert refusal(step) == (
        "needs_supervisor",
        "the right weight, or a supervisor who accepts it",
        "400 g",
    )
    mugs.scan(PACK, "WHCOK", "WHCMENU", "WHCPACK")
    assert refusal(mugs.scan(PACK, "WHCOK"))[0] == "needs_supervisor", "nor after coming back"
    step = mugs.scan(PACK, "WHCOK")
    assert states(mugs, mugs.find("1001")) == ["open"]
    assert [str(value) for _, value in step.view.facts] == ["0.40 kg"]


def test_a_wrong_weight_is_forgotten_once_the_contents_change(mugs: World) -> None:
    mugs.scan(PACK, SMALL)
    mugs.weigh(PACK, 400)
    mugs.scan(PACK, "WHCOK", "WHCTAKE", gtin(2), gtin(2))
    assert state(mugs.floor.look(PACK)) == ("pack", "weigh")
    step = mugs.scan(PACK, "WHCTAKE", gtin(2), "WHCSHRT", "WHRMISS")
    assert step.effects == (Weigh(Load("parcel 1", 380)),)
    assert code(mugs.scan(PACK, "WHCOK")) == "not_weighed"


def test_a_scale_that_fails_holds_nobody_up(mugs: World) -> None:
    order = mugs.find("1001")
    mugs.scan(PACK, SMALL)
    step = mugs.weigh(PACK, None, "The scale does not answer.")
    assert (said(step).outcome, code(step)) == (Outcome.DEVICE, "scale_fault")
    assert "The scale does not answer." in text(step)
    assert not step.must_acknowledge
    step = mugs.scan(PACK, "WHCOK")
    assert (code(step), said(step).outcome) == ("not_weighed", Outcome.CONFIRM)
    step = mugs.scan(PACK, "WHCOK")
    assert (state(step), code(step)) == (("pack", "label"), "packed")
    assert "not_weighed" in events(mugs, order.number)
    parcel = parcels(mugs, order)[0]
    assert (parcel.weight_g, parcel.weighed) == (680, False)


def test_ok_pressed_once_too_often_does_not_close(mugs: World) -> None:
    mugs.scan(PACK, SMALL, "NOSUCH", "WHCOK", "WHCOK")
    assert states(mugs, mugs.find("1001")) == ["open"]
    step = mugs.scan(PACK, "WHCNO")
    assert (code(step), state(step)) == ("answered_no", ("pack", "weigh"))


def test_what_weighs_too_much_for_the_carrier_is_refused(mugs: World) -> None:
    mugs.scan(PACK, SMALL)
    limit(mugs, max_weight_g=690)
    step = mugs.weigh(PACK, 700)
    assert refusal(step)[::2] == ("not_allowed_for_carrier", "700 g")
    assert states(mugs, mugs.find("1001")) == ["open"]


# --- the supervisor -----------------------------------------------------------------------------


@pytest.fixture
def disputed(mugs: World) -> World:
    """The scale says 500 g, and a supervisor is called."""
    mugs.scan(PACK, SMALL)
    mugs.weigh(PACK, 500)
    step = mugs.scan(PACK, "WHCOK", "WHCOVER")
    assert (state(step), code(step)) == (("pack", "override"), "override")
    return mugs


def test_a_supervisor_accepts_a_weight_with_badge_and_pin(disputed: World) -> None:
    order = disputed.find("1001")
    step = disputed.scan(PACK, SARA)
    assert (state(step), code(step), step.secret) == (("pack", "pin"), "needs_pin", True)
    step = disputed.key(PACK, "1234")
    assert (state(step), code(step)) == (("pack", "label"), "packed")
    assert step.operator == "Bob Baker", "the packer stays signed in"
    parcel = parcels(disputed, order)[0]
    assert (parcel.weight_g, parcel.expected_g, parcel.weighed) == (500, 680, True)
    assert "weight_override" in events(disputed, order.number)
    with disputed.store.read() as tx:
        story = [str(json.loads(event.text)) for event in tx.orders.events(order.id)]
    assert any("Sara Stone" in told and "500" in told for told in story)


def test_somebody_else_may_not_accept_it(disputed: World) -> None:
    step = disputed.scan(PACK, ANNA)
    assert refusal(step) == (
        "not_a_supervisor",
        "a supervisor's badge",
        "a badge: Anna de Vries",
    )
    step = disputed.scan(PACK, "WHCOK", "WHBNOBODY01")
    assert refusal(step)[0] == "not_a_supervisor"
    assert disputed.floor.look(PACK).operator == "Bob Baker"
    assert states(disputed, disputed.find("1001")) == ["open"]


def test_a_wrong_pin_three_times_ends_it(disputed: World) -> None:
    disputed.scan(PACK, SARA)
    for _ in range(2):
        step = disputed.key(PACK, "9999")
        assert (state(step), code(step)) == (("pack", "pin"), "wrong_pin")
        assert said(step).outcome is Outcome.CONFIRM
    step = disputed.key(PACK, "9999")
    assert (state(step), code(step)) == (("pack", "weigh"), "wrong_pin")
    assert step.must_acknowledge
    assert "wrong_pin" in events(disputed, "1001")
    disputed.scan(PACK, "WHCOK", "WHCOVER", SARA)
    assert state(disputed.key(PACK, "1234")) == ("pack", "label")


@pytest.mark.parametrize("pin", ["1234", "9999", "71053", "PIN-ABC", "12345678"])
def test_a_pin_is_written_down_nowhere(disputed: World, pin: str) -> None:
    disputed.scan(PACK, SARA)
    disputed.key(PACK, pin)
    row = disputed.journal(1)[0]
    assert row.state == "pin"
    assert row.raw == "keyed in, not kept"
    assert pin not in row.message


def test_the_badge_may_be_scanned_twice(disputed: World) -> None:
    step = disputed.scan(PACK, SARA, SARA)
    assert (state(step), step.operator) == (("pack", "pin"), "Bob Baker")


@pytest.mark.parametrize("badge", [(), (SARA,)])
def test_no_goes_back_to_the_scale(disputed: World, badge: tuple[str, ...]) -> None:
    step = disputed.scan(PACK, *badge, "WHCNO")
    assert state(step) == ("pack", "weigh")


def test_a_supervisor_cannot_make_the_carrier_take_more(disputed: World) -> None:
    limit(disputed, max_weight_g=450)
    disputed.scan(PACK, SARA)
    step = disputed.key(PACK, "1234")
    assert refusal(step)[0] == "not_allowed_for_carrier"
    assert states(disputed, disputed.find("1001")) == ["open"]


def test_every_parcel_gets_a_number_of_its_own(world: World) -> None:
    found = set()
    for _ in range(3):
        order = opened(world, (MUG, 1))
        world.pack_all()
        found.add(label_of(world, order))
    assert len(found) == 3
