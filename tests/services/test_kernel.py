"""The scan kernel: whatever comes in is answered, written down, and changes nothing twice."""

from __future__ import annotations

import json

import pytest

from tests.devices.naughty import NAUGHTY
from tests.services.saying import code, last, rows, said, state, stock
from tests.world import ANNA, BOB, LANTERN, MUG, SARA, World, at, gtin
from wms_terminal.domain.commands import ALIASES, Command
from wms_terminal.domain.outcome import Message, Outcome
from wms_terminal.domain.scan import GS, Source
from wms_terminal.domain.text import Text
from wms_terminal.ports.store import StoreConflict
from wms_terminal.services import pick_goods

HERE, ELSEWHERE = "PICK-01", "PICK-02"


@pytest.fixture
def walking(world: World) -> World:
    """Anna stands before the first location, her tote is T-0001."""
    world.order((LANTERN, 3), (MUG, 2))
    world.scan(HERE, ANNA, "WHCPICK", at("T-0001"))
    return world


# --- the journal -------------------------------------------------------------------------------


def test_an_accepted_scan_is_written_down(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"))
    row = last(walking)
    assert (row.raw, row.kind, row.flow, row.state) == (
        at("A01-01-1"),
        "location",
        "pick",
        "location",
    )
    assert (row.outcome, row.code, row.source) == ("ok", "location", "scanner")
    assert row.operator_id
    assert row.session_id
    assert row.ref_id
    assert Message.from_json(json.loads(row.message)).code == "location"


def test_a_refused_scan_is_written_down_with_what_it_was(walking: World) -> None:
    walking.scan(HERE, at("A01-02-1"))
    row = last(walking)
    assert (row.outcome, row.code, row.kind) == ("wrong", "wrong_location", "location")
    assert row.ref_id
    assert not row.undo


def test_what_was_read_is_kept_as_it_came(walking: World) -> None:
    raw = f"]C10108712345000011{GS}10LOT 7{GS}99x"
    walking.scan(HERE, raw)
    assert last(walking).raw == raw


def test_a_scan_before_anybody_signs_in_is_written_down_for_nobody(world: World) -> None:
    step = world.scan(HERE, "1234567")
    assert (state(step), code(step)) == (("sign_in", "free"), "unknown_code")
    row = last(world)
    assert (row.operator_id, row.session_id, row.flow, row.raw) == (
        None,
        None,
        "sign_in",
        "1234567",
    )


@pytest.mark.parametrize("badge", [ANNA, f"]C0{ANNA}", ANNA.lower(), "WHBXYZZY", "]C0whbxyzzy "])
def test_no_badge_is_ever_kept(world: World, badge: str) -> None:
    world.scan(HERE, badge)
    row = last(world)
    assert row.raw.startswith("badge ")
    kept = f"{row.raw} {row.message} {row.before} {row.undo}".upper()
    assert "WHBANNA" not in kept
    assert "XYZZY" not in kept


def test_a_badge_that_is_refused_does_not_show_on_the_screen(walking: World) -> None:
    step = walking.scan(HERE, "WHBXYZZY")
    assert str(said(step).got) == "WHB…"
    assert "XYZZY" not in last(walking).message


def test_what_is_keyed_in_secretly_is_not_kept(world: World) -> None:
    world.key(HERE, "ANNA00001")
    assert last(world).raw == "keyed in, not kept"
    assert "ANNA00001" not in last(world).message


# --- the same gesture twice ----------------------------------------------------------------------


def test_a_gesture_that_comes_twice_counts_once(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"))
    first = walking.floor.scan(HERE, gtin(1), Source.SCANNER, "same")
    before = rows(walking)
    again = walking.floor.scan(HERE, gtin(1), Source.SCANNER, "same")
    assert again.message == first.message
    assert again.view.goods == first.view.goods
    assert again.view.goods is not None
    assert again.view.goods.done == 1
    assert rows(walking) == before


def test_a_refused_gesture_that_comes_twice_answers_the_same(walking: World) -> None:
    first = walking.floor.scan(HERE, at("A01-02-1"), Source.SCANNER, "same")
    again = walking.floor.scan(HERE, at("A01-02-1"), Source.SCANNER, "same")
    assert again.message == first.message
    assert said(again).expected == "A01-01-1"
    assert again.must_acknowledge
    walking.scan(HERE, "WHCOK")
    assert not walking.floor.scan(HERE, at("A01-02-1"), Source.SCANNER, "same").must_acknowledge


@pytest.mark.parametrize("codes", [[ANNA], [ANNA, "WHCOUT"]])
def test_signing_in_and_out_twice_with_the_same_gesture(world: World, codes: list[str]) -> None:
    *before, final = codes
    for scanned in before:
        world.scan(HERE, scanned)
    first = world.floor.scan(HERE, final, Source.SCANNER, "same")
    again = world.floor.scan(HERE, final, Source.SCANNER, "same")
    assert (state(again), again.message) == (state(first), first.message)


# --- refusals ------------------------------------------------------------------------------------


def test_a_refusal_is_to_be_acknowledged_before_anything_else(walking: World) -> None:
    step = walking.scan(HERE, at("A01-02-1"))
    assert step.must_acknowledge
    assert (said(step).expected, said(step).got) == ("A01-01-1", "A01-02-1")
    ignored = walking.scan(HERE, at("A01-01-1"))
    assert code(ignored) == "acknowledge_first"
    assert (said(ignored).expected, said(ignored).got) == ("A01-01-1", "A01-02-1")
    assert ignored.must_acknowledge
    assert last(walking).code == "acknowledge_first"
    assert state(ignored) == ("pick", "location")


@pytest.mark.parametrize("order", ["WHCOK", "WHCNO", "OBTVALI", "]C0WHCOK", "whcok"])
def test_ok_and_no_acknowledge(walking: World, order: str) -> None:
    walking.scan(HERE, "NOBODYKNOWS")
    step = walking.scan(HERE, order)
    assert (code(step), step.must_acknowledge) == ("acknowledged", False)
    assert code(walking.scan(HERE, at("A01-01-1"))) == "location"


@pytest.mark.parametrize(
    "scanned", ["WHCMENU", "WHCUNDO", "WHCOUT", "WHCHELP", "WHCSKIP", "\x07", ANNA, "X" * 10_000]
)
def test_nothing_gets_past_an_alert(walking: World, scanned: str) -> None:
    walking.scan(HERE, "NOBODYKNOWS")
    step = walking.scan(HERE, scanned)
    assert (code(step), step.must_acknowledge) == ("acknowledge_first", True)
    assert state(step) == ("pick", "location")


def test_somebody_else_may_take_the_terminal_over_an_alert(walking: World) -> None:
    walking.scan(HERE, "NOBODYKNOWS")
    step = walking.scan(HERE, BOB)
    assert (step.operator, step.must_acknowledge) == ("Bob Baker", False)


def test_a_refusal_undoes_all_that_the_scan_had_begun(
    walking: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1))
    before = stock(walking)

    def late(*args: object) -> None:
        raise StoreConflict("somebody was quicker")

    monkeypatch.setattr(pick_goods, "next_stop", late)
    step = walking.scan(HERE, at("T-0001"))
    monkeypatch.undo()
    assert (code(step), said(step).outcome) == ("changed_elsewhere", Outcome.WRONG)
    assert last(walking).code == "changed_elsewhere"
    assert stock(walking) == before
    assert code(walking.scan(HERE, "WHCOK", at("T-0001"))) == "picked"


@pytest.mark.parametrize(
    "naughty", [*NAUGHTY, "\udc80\udcff", "WHB\udc80", f"]C110{GS}", GS, "]C1"]
)
@pytest.mark.parametrize("source", [Source.SCANNER, Source.KEYED])
def test_whatever_is_scanned_is_answered_and_written_down(
    walking: World, naughty: str, source: Source
) -> None:
    for station in (HERE, ELSEWHERE):
        before = rows(walking)
        step = walking.floor.scan(station, naughty, source)
        assert said(step).outcome.is_refusal
        assert rows(walking) == before + 1
    assert walking.scan(HERE, "WHCOK").state == "location"
    walking.scan(HERE, at("A01-01-1"), gtin(1))
    step = walking.floor.scan(HERE, naughty, source)
    assert said(step).outcome.is_refusal
    assert state(walking.floor.look(HERE)) == ("pick", "product")


def test_a_code_of_ten_thousand_characters_is_kept_as_far_as_it_makes_sense(world: World) -> None:
    step = world.scan(HERE, ANNA, "7" * 10_000)
    assert code(step) == "unusable_code"
    assert 4000 < len(last(world).raw) <= 4096
    assert len(str(said(step).got)) <= 60


# --- questions -----------------------------------------------------------------------------------


@pytest.fixture
def asked(walking: World) -> World:
    """Anna is asked whether T-0002 is to be another tote of the order."""
    step = walking.scan(HERE, at("A01-01-1"), gtin(1), at("T-0002"))
    assert said(step).outcome is Outcome.CONFIRM
    assert step.hint == at("T-0002")
    assert [(key.number, key.code) for key in step.keys if key.number in (3, 4)] == [
        (3, "WHCOK"),
        (4, "WHCNO"),
    ]
    return walking


@pytest.mark.parametrize("yes", [at("T-0002"), "WHCOK", "O-BTN.VALIDATE", f"]C0{at('T-0002')}"])
def test_yes_is_the_same_code_again_or_ok(asked: World, yes: str) -> None:
    step = asked.scan(HERE, yes)
    assert (code(step), str(said(step).text)) == ("picked", "1 × WHITE METAL LANTERN into T-0002")
    assert last(asked).raw == yes


def test_no_declines(asked: World) -> None:
    step = asked.scan(HERE, "WHCNO")
    assert (code(step), state(step)) == ("answered_no", ("pick", "product"))
    assert code(asked.scan(HERE, "WHCOK")) == "nothing_asked"
    assert code(asked.scan(HERE, at("T-0002"))) == "another_tote"


def test_any_other_scan_is_a_fresh_attempt(asked: World) -> None:
    assert code(asked.scan(HERE, at("T-0003"))) == "another_tote"
    assert code(asked.scan(HERE, at("T-0002"))) == "another_tote"
    assert code(asked.scan(HERE, at("T-0001"))) == "picked"


def test_help_leaves_the_question_open(asked: World) -> None:
    assert code(asked.scan(HERE, "WHCHELP")) == "help"
    assert code(asked.scan(HERE, "WHCOK")) == "picked"


def test_a_question_survives_the_end_of_the_terminal(asked: World) -> None:
    asked.floor.start(HERE)
    asked.scan(HERE, ANNA)
    assert code(asked.scan(HERE, "WHCOK")) == "picked"


# --- undo ----------------------------------------------------------------------------------------


def test_undo_takes_scans_back_one_after_the_other(walking: World) -> None:
    before = stock(walking)
    walking.scan(HERE, at("A01-01-1"), gtin(1), gtin(1), at("T-0001"))
    assert stock(walking) != before
    step = walking.scan(HERE, "WHCUNDO")
    assert (code(step), str(said(step).text)) == (
        "undone",
        "Taken back: 2 × WHITE METAL LANTERN into T-0001",
    )
    assert stock(walking) == before
    assert step.view.goods is not None
    assert (step.state, step.view.goods.done, step.view.goods.quantity) == ("product", 2, 3)
    step = walking.scan(HERE, "WHCUNDO")
    assert step.view.goods is not None
    assert step.view.goods.done == 1
    walking.scan(HERE, "WHCUNDO")
    assert walking.scan(HERE, "WHCUNDO").state == "location"
    assert walking.scan(HERE, "WHCUNDO").state == "tote"
    step = walking.scan(HERE, "WHCUNDO")
    assert (code(step), step.must_acknowledge) == ("nothing_to_undo", True)
    with walking.store.read() as tx:
        free = tx.site.free_tote()
    assert free is not None
    assert free.code == "T-0001"
    assert all(row.code for row in walking.journal(100))


def test_what_was_taken_back_can_be_done_again(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1), at("T-0001"), "WHCUNDO", at("T-0001"))
    with walking.store.read() as tx:
        tote = tx.site.location_by_code("T-0001")
        assert tote is not None
        assert tx.stock.on_hand(tote.id) == 1


def test_undo_does_not_reach_into_another_flow(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1), "WHCMENU")
    assert code(walking.scan(HERE, "WHCUNDO")) == "nothing_to_undo"
    walking.scan(HERE, "WHCOK", "WHCPICK")
    step = walking.scan(HERE, "WHCUNDO")
    assert (code(step), state(step)) == ("undone", ("pick", "product"))


def test_undo_does_not_reach_behind_a_barrier(walking: World) -> None:
    step = walking.follow(HERE, walking.floor.look(HERE), ("pick", "idle"))
    assert code(step) == "order_picked"
    assert code(walking.scan(HERE, "WHCUNDO")) == "nothing_to_undo"


def test_undo_does_not_touch_what_somebody_else_has_taken_over(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1), at("T-0001"))
    walking.scan(ELSEWHERE, BOB, "WHCPICK", at("T-0001"), at("T-0001"))
    before = stock(walking)
    step = walking.scan(HERE, "WHCUNDO")
    assert code(step) == "locked_by"
    assert "Bob Baker" in str(said(step).text)
    assert stock(walking) == before


def test_undo_in_a_walk_that_is_over_is_refused(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1), at("T-0001"))
    walking.wait(hours=1)
    step = walking.scan(ELSEWHERE, BOB, "WHCPICK")
    walking.follow(ELSEWHERE, step, ("pick", "idle"))
    walking.scan(HERE, ANNA, "WHCMENU")
    step = walking.scan(HERE, "WHCPICK")
    assert state(step) == ("pick", "idle")
    assert code(walking.scan(HERE, "WHCUNDO")) == "nothing_to_undo"


def test_undo_of_a_second_tote_frees_it(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"), gtin(1), at("T-0002"), "WHCOK", "WHCUNDO")
    with walking.store.read() as tx:
        tote = tx.site.location_by_code("T-0002")
    assert tote is not None
    assert tote.order_id is None


def test_a_tote_with_something_in_it_is_not_taken_back(walking: World) -> None:
    walking.wait(hours=1)
    step = walking.scan(ELSEWHERE, BOB, "WHCPICK")
    assert code(step) == "work"
    walking.scan(ELSEWHERE, at("A01-01-1"), gtin(1), at("T-0001"))
    walking.wait(hours=1)
    step = walking.scan(HERE, ANNA, "WHCUNDO")
    assert code(step) == "tote_not_empty"


# --- commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scanned", "flow"),
    [
        ("WHCPICK", "pick"),
        ("]C0WHCPICK", "pick"),
        ("whcpick", "pick"),
        ("WHCSHIP", "ship"),
        ("WHCLOOK", "lookup"),
        ("OCDMENU", "menu"),
        ("O-CMD.MAIN-MENU", "menu"),
    ],
)
def test_commands_open_flows(world: World, scanned: str, flow: str) -> None:
    assert world.scan(HERE, ANNA, scanned).flow == flow


@pytest.mark.parametrize("alias", sorted(ALIASES))
def test_odoo_s_commands_mean_the_same_as_ours(world: World, alias: str) -> None:
    ours = world.scan(HERE, ANNA, ALIASES[alias].value)
    theirs = world.scan(ELSEWHERE, BOB, alias)
    assert (code(theirs), theirs.flow) == (code(ours), ours.flow)


@pytest.mark.parametrize("order", list(Command))
def test_every_command_is_answered_in_every_state_of_a_walk(world: World, order: Command) -> None:
    world.order((MUG, 5))
    walk = [at("T-0001"), at("A01-02-1"), gtin(2), *[gtin(2)] * 4, at("T-0001"), at("A01-02-1")]
    for codes in [[], walk[:1], walk[:2], walk[:3], [*walk[:2], "WHCSHRT"], walk[:8], walk]:
        world.scan(HERE, ANNA)
        world.scan(HERE, "WHCOK", "WHCMENU", "WHCPICK")
        for scanned in codes:
            world.scan(HERE, scanned, "WHCOK") if scanned == "WHCSHRT" else world.scan(
                HERE, scanned
            )
        assert said(world.scan(HERE, order.value)).text


# --- two terminals -------------------------------------------------------------------------------


def test_two_pickers_take_turns(world: World) -> None:
    first, second = world.order((LANTERN, 4)), world.order((LANTERN, 5))
    world.scan(HERE, ANNA, "WHCPICK")
    world.scan(ELSEWHERE, BOB, "WHCPICK")
    working = [HERE, ELSEWHERE]
    while working:
        station = working.pop(0)
        step = world.scan(station, world.floor.look(station).hint)
        assert not step.must_acknowledge
        if step.state != "idle":
            working.append(station)
    for order in (first, second):
        assert world.find(order.number).state == "picked"


def test_a_scale_that_says_nothing_is_a_device_fault(walking: World) -> None:
    step = walking.weigh(HERE, None, "unplugged")
    assert (said(step).outcome, code(step), state(step)) == (
        Outcome.DEVICE,
        "scale_fault",
        ("pick", "location"),
    )


def test_a_weight_where_none_is_wanted_is_refused_and_written_down(walking: World) -> None:
    step = walking.weigh(HERE, 1200)
    assert code(step) == "wrong_weight"
    assert (last(walking).source, last(walking).kind) == ("scale", "weight")


def test_the_texts_of_the_journal_can_be_said_in_any_language(walking: World) -> None:
    walking.scan(HERE, at("A01-01-1"))
    message = Message.from_json(json.loads(last(walking).message))
    assert isinstance(message.text, Text)
    assert message.text.render({"At {location}": "Bij {location}"}.__getitem__) == "Bij A01-01-1"


def test_supervisors_see_notices_and_tick_them_off(walking: World) -> None:
    walking.scan(HERE, "WHCSHRT", "WHREMPTY")
    step = walking.scan(ELSEWHERE, SARA)
    assert step.notices == 1
    step = walking.scan(ELSEWHERE, "WHCOK")
    assert (code(step), step.notices) == ("notice_seen", 0)
    assert code(walking.scan(ELSEWHERE, "WHCOK")) == "nothing_asked"
