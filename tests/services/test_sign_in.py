"""Signing in: who works here, and that no work is lost whatever happens to a terminal."""

from __future__ import annotations

import pytest

from tests.services.saying import code, events, last, refusal, said, state, text, tote
from tests.world import ANNA, BOB, LANTERN, MUG, SARA, World, at, gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.store import StoreError
from wms_terminal.services.floor import Floor
from wms_terminal.services.step import Step

HERE, ELSEWHERE = "PICK-01", "PICK-02"


@pytest.fixture
def walking(world: World) -> World:
    """Anna has one of three lanterns in the hand; her tote is T-0001."""
    world.order((LANTERN, 3), (MUG, 2))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"), at("A01-01-1"), gtin(1))
    return world


def face(step: Step) -> tuple[object, ...]:
    """What a person sees of the work."""
    return state(step), step.operator, step.prompt, step.view, step.must_acknowledge


def test_a_free_station_asks_for_a_badge(world: World) -> None:
    step = world.floor.start(HERE)
    assert state(step) == ("sign_in", "free")
    assert str(step.prompt) == "SCAN YOUR BADGE"
    assert step.secret


@pytest.mark.parametrize("badge", [ANNA, ANNA.lower(), f"]C0{ANNA}\r\n"])
def test_a_badge_signs_in(world: World, badge: str) -> None:
    step = world.scan(HERE, badge)
    assert (state(step), code(step)) == (("menu", "start"), "signed_in")
    assert (step.operator, step.language) == ("Anna de Vries", "nl")
    row = last(world)
    assert (row.kind, row.code) == ("badge", "signed_in")
    assert row.operator_id


@pytest.mark.parametrize(
    ("scanned", "refused", "got"),
    [
        (gtin(1), "wrong_product", "a product: WHITE METAL LANTERN (71053)"),
        (at("A01-01-1"), "wrong_location", "a location: A01-01-1"),
        (at("T-0001"), "wrong_tote", "a tote: T-0001"),
        ("WHCPICK", "wrong_command", "a command: Pick"),
        ("WHSPICK02", "wrong_station", "a station: PICK-02"),
        ("WHBSTRANGER", "unknown_code", "WHB…"),
        ("0000", "unknown_code", "0000"),
    ],
)
def test_nothing_else_does_and_it_is_named(
    world: World, scanned: str, refused: str, got: str
) -> None:
    step = world.scan(HERE, scanned)
    assert state(step) == ("sign_in", "free")
    assert (code(step), str(said(step).expected), str(said(step).got)) == (refused, "a badge", got)
    assert not step.must_acknowledge
    assert last(world).code == refused
    assert code(world.scan(HERE, ANNA)) == "signed_in"


def test_another_badge_switches_and_the_first_scan_is_theirs(walking: World) -> None:
    step = walking.scan(HERE, BOB)
    assert (step.operator, state(step)) == ("Bob Baker", ("menu", "start"))
    row = last(walking)
    with walking.store.read() as tx:
        assert tx.site.operator(row.operator_id or 0).code == "BOB"
    step = walking.scan(HERE, ANNA)
    assert (code(step), state(step)) == ("resumed", ("pick", "product"))
    assert step.view.goods is not None
    assert step.view.goods.done == 1


def test_one_s_own_badge_changes_nothing(walking: World) -> None:
    before = face(walking.floor.look(HERE))
    step = walking.scan(HERE, ANNA)
    assert code(step) == "already_signed_in"
    assert face(step) == before


def test_an_idle_station_locks_and_keeps_the_work(walking: World) -> None:
    before = face(walking.floor.look(HERE))
    walking.wait(seconds=300)
    assert face(walking.floor.look(HERE)) == before
    walking.wait(seconds=1)
    locked = walking.floor.look(HERE)
    assert state(locked) == ("sign_in", "locked")
    assert str(locked.view.title) == "Locked: the work of Anna de Vries is kept"
    assert (locked.operator, locked.language) == ("", "nl")
    step = walking.scan(HERE, gtin(1))
    assert code(step) == "wrong_product"
    assert last(walking).operator_id is None
    step = walking.scan(HERE, ANNA)
    assert code(step) == "resumed"
    assert face(step) == before
    assert code(walking.scan(HERE, gtin(1))) == "counted"


def test_every_scan_keeps_a_station_awake(walking: World) -> None:
    for _ in range(4):
        walking.wait(seconds=200)
        assert code(walking.scan(HERE, at("A01-01-1"))) == "already_here"


def test_somebody_else_at_a_locked_station_gets_their_own_work(walking: World) -> None:
    walking.wait(minutes=6)
    step = walking.scan(HERE, BOB)
    assert (step.operator, state(step)) == ("Bob Baker", ("menu", "start"))
    step = walking.scan(ELSEWHERE, ANNA)
    assert (code(step), state(step)) == ("resumed", ("pick", "product"))


def test_a_terminal_that_comes_up_again_asks_who_is_there(walking: World) -> None:
    before = face(walking.floor.look(HERE))
    walking.floor = Floor(walking.store, lambda: walking.now)
    step = walking.floor.start(HERE)
    assert state(step) == ("sign_in", "locked")
    step = walking.scan(HERE, ANNA)
    assert (code(step), text(step)) == ("resumed", "Welcome back, Anna de Vries: your work goes on")
    assert face(step) == before


def test_work_goes_on_at_another_station(walking: World) -> None:
    before = face(walking.floor.look(HERE))
    walking.floor.start(HERE)
    step = walking.scan(ELSEWHERE, ANNA)
    assert code(step) == "resumed"
    assert text(step) == "Welcome back, Anna de Vries: resumed from PICK-01"
    assert face(step) == before
    assert state(walking.floor.look(HERE)) == ("sign_in", "free")
    assert code(walking.scan(ELSEWHERE, gtin(1))) == "counted"
    with walking.store.read() as tx:
        order = tx.orders.find("1001")
        assert order is not None
        running = tx.picks.list_of(order.id)
        assert running is not None
        claim = tx.picks.claim_of("pick", running.id, "2026-03-03T12:00:00.000Z")
    assert claim is not None
    assert claim.station == ELSEWHERE


def test_an_alert_goes_along_to_another_station(walking: World) -> None:
    walking.scan(HERE, gtin(2))
    walking.floor.start(HERE)
    step = walking.scan(ELSEWHERE, ANNA)
    assert refusal(step) == (
        "wrong_product",
        "WHITE METAL LANTERN (71053)",
        "RED RETROSPOT MUG (22423)",
    )
    assert text(step) == "Welcome back, Anna de Vries: resumed from PICK-01 · Wrong product"
    assert last(walking).code == "resumed"
    assert refusal(walking.floor.look(ELSEWHERE))[0] == "wrong_product"
    assert state(walking.scan(ELSEWHERE, "WHCOK")) == ("pick", "product")


def test_a_terminal_may_end_after_any_scan(world: World) -> None:
    """The same order twice: once in one go, once with a new terminal after every scan."""
    world.order((LANTERN, 2), (MUG, 1))
    faces = []
    step = world.scan(HERE, ANNA, "WHCPICK")
    while step.state != "idle":
        faces.append((state(step), step.prompt.template, step.view.goods))
        step = world.scan(HERE, step.hint)
    world.scan(HERE, "WHCOUT")
    world.order((LANTERN, 2), (MUG, 1))
    stations = [HERE, ELSEWHERE]
    step = world.scan(HERE, ANNA, "WHCPICK")
    for number, expected in enumerate(faces):
        station = stations[number % 2]
        world.floor = Floor(world.store, lambda: world.now)
        for other in stations:
            world.floor.start(other)
        step = world.scan(station, ANNA)
        assert code(step) == "resumed"
        assert (state(step), step.prompt.template, step.view.goods) == expected
        step = world.scan(station, step.hint)
    assert step.state == "idle"


def test_signing_out_keeps_the_walk(walking: World) -> None:
    step = walking.scan(HERE, "WHCOUT")
    assert (code(step), state(step)) == ("signed_out", ("sign_in", "free"))
    assert last(walking).code == "signed_out"
    assert state(walking.scan(ELSEWHERE, BOB, "WHCPICK")) == ("pick", "idle")
    step = walking.scan(HERE, ANNA)
    assert (code(step), state(step)) == ("resumed", ("pick", "product"))


def test_signing_out_before_the_first_tote_gives_the_walk_back(world: World) -> None:
    world.order((LANTERN, 3))
    assert world.scan(HERE, ANNA, "WHCPICK").state == "tote"
    world.scan(HERE, "WHCOUT")
    step = world.scan(ELSEWHERE, BOB, "WHCPICK")
    assert (code(step), step.state) == ("work", "tote")
    assert state(world.scan(HERE, ANNA)) == ("menu", "start")


def test_giving_back_does_not_take_the_walk_from_somebody_else(world: World) -> None:
    world.order((LANTERN, 3))
    world.scan(HERE, ANNA, "WHCPICK")
    world.wait(hours=1)
    world.scan(ELSEWHERE, BOB, "WHCPICK")
    world.scan(HERE, ANNA, "WHCMENU")
    world.order((MUG, 1))
    assert "1002" in str(world.scan(HERE, "WHCPICK").view.title)
    assert code(world.scan(ELSEWHERE, at("T-0005"))) == "tote"


@pytest.mark.parametrize("hold", [True, False])
def test_work_that_was_stopped_meanwhile_does_not_keep_anybody_out(
    walking: World, hold: bool
) -> None:
    walking.scan(HERE, "WHCOUT")
    order = walking.find("1001")
    with walking.store.write() as tx:
        tx.orders.set_hold(order.id, "fraud" if hold else "")
    step = walking.scan(HERE, ANNA)
    assert step.operator == "Anna de Vries"
    assert step.flow == "pick"
    assert step.state == ("idle" if hold else "product")


def test_a_packer_whose_order_was_stopped_is_told_and_signed_in(world: World) -> None:
    order = world.order((MUG, 1))
    world.pick_all()
    world.scan("PACK-01", BOB, "WHCPACK", at("T-0001"), gtin(2), "WHCOUT")
    with world.store.write() as tx:
        tx.orders.set_hold(order.id, "address check")
    step = world.scan("PACK-01", BOB)
    assert (step.operator, state(step), code(step)) == (
        "Bob Baker",
        ("pack", "open"),
        "order_on_hold",
    )


def test_nobody_is_at_two_stations(walking: World) -> None:
    walking.scan(ELSEWHERE, ANNA)
    assert state(walking.scan(HERE, gtin(1))) == ("sign_in", "free")
    assert last(walking).operator_id is None
    assert tote(walking, "T-0001")[0] is not None
    assert "pick_started" in events(walking, "1001")


def test_an_unknown_station_is_named(world: World) -> None:
    with pytest.raises(StoreError, match="PICK-01"):
        world.floor.look("PICK-99")


def test_a_supervisor_needs_no_pin_to_sign_in(world: World) -> None:
    step = world.scan(HERE, SARA)
    assert (code(step), said(step).outcome) == ("signed_in", Outcome.OK)
