"""The label is printed, put on, and scanned there; a printer that is off holds nobody up."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    OTHER,
    PACK,
    SHIP,
    claims,
    content,
    end,
    hand_over,
    inside,
    jobs,
    label_of,
    labelled,
    opened,
    packed,
    parcels,
    picked,
    printer_off,
    reach,
    shipping,
    states,
)
from tests.services.saying import code, events, notices, refusal, said, state, text, tote
from tests.world import BOB, LANTERN, MUG, SARA, World, at, gtin
from wms_terminal.domain.codes import is_sscc, sscc
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import PrintState


def printed(world: World, *lines: tuple[str, int]) -> str:
    """A packed order whose papers came out; its label."""
    order = packed(world, *lines)
    world.printed()
    return label_of(world, order)


def test_the_label_is_scanned_back(world: World) -> None:
    label = printed(world, (LANTERN, 1))
    order = world.find("1001")
    assert claims(world) == [(order.id, "Bob Baker")]
    step = world.scan(PACK, label)
    assert (state(step), code(step)) == (("pack", "open"), "labelled")
    assert said(step).outcome is Outcome.ORDER_DONE
    assert states(world, order) == ["labelled"]
    assert [job.state for job in jobs(world, order)] == ["confirmed"]
    assert [job.state for job in jobs(world, order, kind="slip")] == ["sent"]
    assert tote(world, "T-0001") == (None, "")
    assert not claims(world)
    assert events(world, order.number)[-2:] == ["packed", "labelled"]


@pytest.mark.parametrize("form", ["00{0}", "{0}", "]C100{0}", "(00){0}"])
def test_a_label_is_read_in_any_form(world: World, form: str) -> None:
    label = printed(world, (LANTERN, 1))
    assert code(world.scan(PACK, form.format(label[2:]))) == "labelled"


def test_another_parcels_label_is_named(world: World) -> None:
    other = labelled(world, (MUG, 1))
    printed(world, (LANTERN, 1))
    step = world.scan(PACK, label_of(world, other))
    assert refusal(step) == (
        "wrong_label",
        "the label of order 1002, parcel 1",
        "order 1001, parcel 1",
    )
    assert states(world, world.find("1002")) == ["packed"]


@pytest.mark.parametrize(
    ("scanned", "wanted"),
    [(at("T-0001"), "wrong_tote"), (gtin(1), "wrong_product"), ("NOSUCH", "unknown_code")],
)
def test_nothing_else_opens_before_the_label_is_on(world: World, scanned: str, wanted: str) -> None:
    printed(world, (LANTERN, 1))
    assert refusal(world.scan(PACK, scanned))[0] == wanted


def test_skip_is_refused_while_the_label_is_there(world: World) -> None:
    printed(world, (LANTERN, 1))
    step = world.scan(PACK, "WHCSKIP")
    assert refusal(step)[0] == "needs_first"
    assert states(world, world.find("1001")) == ["packed"]


@pytest.mark.parametrize(
    ("ending", "prompt"),
    [
        (PrintState.FAULTED, "NO LABEL: SKIP, THE SHIP DESK LABELS IT"),
        (PrintState.UNKNOWN, "IS THE LABEL OUT? SCAN IT, ELSE REPRINT"),
        (None, ""),
    ],
)
def test_a_printer_that_does_not_print_holds_nobody_up(
    world: World, ending: PrintState | None, prompt: str
) -> None:
    order = packed(world, (LANTERN, 1))
    if ending is not None:
        world.printed(ending, "The printer does not answer.")
        step = world.floor.look(PACK)
        assert str(step.prompt) == prompt
        assert step.hint == "WHCSKIP"
        assert [str(value) for _, value in step.view.facts] == ["The printer does not answer."] * 2
    step = world.scan(PACK, "WHCSKIP")
    assert (state(step), code(step)) == (("pack", "open"), "not_labelled")
    assert states(world, order) == ["packed"]
    assert events(world, order.number)[-1] == "not_labelled"
    assert "order 1001, parcel 1 is packed, not yet labelled" in notices(world)[-1]
    assert not claims(world)
    assert tote(world, "T-0001")[0] == order.id, "freed when every parcel has its label"
    assert ("Packed, not yet labelled", "1") in [
        (str(label), str(value)) for label, value in world.floor.look(PACK).view.facts
    ]


@pytest.mark.parametrize("scanned", ["tote", "number", "product"])
def test_without_a_label_the_next_order_opens_at_once(world: World, scanned: str) -> None:
    order = packed(world, (LANTERN, 1))
    after = picked(world, (MUG, 1))
    end(world, jobs(world, order)[0], PrintState.FAULTED, "Paper out. Load labels.")
    codes = {"tote": at("T-0002"), "number": after.number, "product": gtin(2)}
    step = world.scan(PACK, codes[scanned])
    assert (state(step), code(step)) == (("pack", "verify"), "opened")
    assert states(world, order) == ["packed"]
    assert events(world, order.number)[-1] == "not_labelled"
    assert claims(world) == [(after.id, "Bob Baker")]


def test_skip_goes_on_with_the_rest_of_the_order(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    printer_off(world)
    step = world.scan(PACK, "WHCSKIP")
    assert (state(step), str(step.view.place_label)) == (("pack", "verify"), "PARCEL 2")
    world.pack_all()
    assert states(world, order) == ["packed", "labelled"]
    assert tote(world, "T-0001")[0] == order.id
    world.scan(SHIP, SARA, "WHCSHIP", order.number)
    world.printed()
    world.scan(SHIP, label_of(world, order))
    assert tote(world, "T-0001") == (None, "")


def test_somebody_else_may_have_labelled_it_meanwhile(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.printed()
    world.scan(SHIP, SARA, "WHCSHIP", label_of(world, order), "CARPOSTNL", label_of(world, order))
    hand_over(world)
    assert states(world, order) == ["shipped"]
    step = world.scan(PACK, label_of(world, order))
    assert (state(step), code(step)) == (("pack", "open"), "changed_elsewhere")
    assert text(step) == "order 1001, parcel 1 is shipped meanwhile"
    assert states(world, order) == ["shipped"]


def test_a_slip_that_does_not_come_is_shown_and_holds_nobody_up(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    end(world, jobs(world, order, kind="slip")[0], PrintState.FAULTED, "Paper out.")
    step = world.floor.look(PACK)
    assert [(str(label), str(value)) for label, value in step.view.facts] == [
        ("Packing slip not printed", "Paper out.")
    ]
    world.printed()
    assert code(world.scan(PACK, label_of(world, order))) == "labelled"


# --- reprint ------------------------------------------------------------------------------------


def drawn(world: World) -> None:
    """Give every job bytes, as the spool does."""
    with world.store.write() as tx:
        for order in tx.orders.search("1", 10):
            for parcel in tx.parcels.of_order(order.id):
                for kind in ("label", "slip"):
                    for job in tx.parcels.jobs_of(parcel.id, kind):
                        if job.payload is None:
                            tx.parcels.set_job_payload(job.id, f"{kind} {job.id}".encode())


def test_a_reprint_has_a_reason_and_the_same_bytes(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    drawn(world)
    world.printed()
    before = parcels(world, order)[0]
    step = world.scan(PACK, "WHCPRNT")
    assert (state(step), code(step)) == (("pack", "reprint"), "why_reprint")
    assert step.view.table is not None
    assert [row[2] for row in step.view.table.rows] == ["WHRSPOIL", "WHRNOOUT", "WHRLOST"]
    step = world.scan(PACK, "WHRSPOIL")
    assert (state(step), code(step), len(step.effects)) == (("pack", "label"), "reprint", 1)
    first, second = jobs(world, order)
    assert (first.state, second.state) == ("void", "queued")
    assert second.payload == first.payload
    assert second.content == first.content
    assert second.reprint_of == first.id
    assert parcels(world, order)[0] == before
    assert events(world, order.number)[-1] == "reprint"
    assert len(jobs(world, order, kind="slip")) == 2
    world.printed()
    assert code(world.scan(PACK, label_of(world, order))) == "labelled"


def test_only_what_failed_is_printed_again(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    end(world, jobs(world, order)[0], PrintState.FAULTED, "Paper out.")
    end(world, jobs(world, order, kind="slip")[0], PrintState.PRINTED)
    world.scan(PACK, "WHCPRNT", "WHRNOOUT")
    assert [job.state for job in jobs(world, order)] == ["void", "queued"]
    assert [job.state for job in jobs(world, order, kind="slip")] == ["printed"]


@pytest.mark.parametrize("scanned", ["WHRREACH", "NOSUCH", gtin(1)])
def test_only_a_reason_answers(world: World, scanned: str) -> None:
    printed(world, (LANTERN, 1))
    step = world.scan(PACK, "WHCPRNT", scanned)
    assert refusal(step)[1] == "a reason from the list"
    step = world.scan(PACK, "WHCOK", "WHCNO")
    assert (state(step), code(step)) == (("pack", "label"), "answered_no")
    assert len(jobs(world, world.find("1001"))) == 1


def test_a_reprint_comes_out_of_the_printer_of_this_bench(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.scan(OTHER, BOB, "WHCPRNT", "WHRNOOUT")
    first, second = jobs(world, order)
    assert first.station_id != second.station_id


# --- reopen -------------------------------------------------------------------------------------


def test_a_closed_parcel_is_opened_again(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    old = label_of(world, order)
    step = world.scan(PACK, "WHCREOP")
    assert (state(step), code(step)) == (("pack", "reopen"), "reopen")
    step = world.scan(PACK, old)
    assert (state(step), code(step)) == (("pack", "verify"), "reopened")
    assert str(step.prompt) == "SCAN THE PRODUCT YOU TAKE OUT"
    assert states(world, order) == ["open"]
    assert world.find(order.number).state == "packing"
    assert [job.state for job in jobs(world, order)] == ["void"]
    assert [job.state for job in jobs(world, order, kind="slip")] == ["void"]
    assert events(world, order.number)[-1] == "reopened"
    assert claims(world) == [(order.id, "Bob Baker")]


def test_it_closes_again_with_a_new_number(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    old = label_of(world, order)
    world.scan(PACK, "WHCREOP", old, at("T-0004"))
    step = world.scan(PACK, gtin(1))
    assert text(step) == "1 × WHITE METAL LANTERN out of parcel 1 into T-0004"
    assert tote(world, "T-0004") == (order.id, "BENCH-01")
    world.pack_all()
    assert states(world, order) == ["labelled"]
    new = label_of(world, order)
    assert new != old
    assert content(jobs(world, order)[-1])["sscc"] == new[2:]
    assert inside(world, order) == {LANTERN: 2}
    assert tote(world, "T-0004") == (None, "")


def test_the_old_label_is_void(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    old = label_of(world, order)
    world.scan(PACK, "WHCREOP", old, "WHCTAKE", "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    step = world.scan(PACK, old)
    assert refusal(step) == (
        "void_label",
        "the label of order 1001, parcel 1",
        f"…{old[-6:]}",
    )
    world.scan(PACK, "WHCOK", label_of(world, order))
    shipping(world)
    assert refusal(world.scan(SHIP, old))[0] == "void_label"
    world.scan(SHIP, "WHCOK", label_of(world, order))
    assert states(world, order) == ["loaded"]


def test_a_number_of_somebody_else_is_simply_unknown(world: World) -> None:
    printed(world, (LANTERN, 1))
    foreign = sscc(3, "4012345", 77)
    assert is_sscc(foreign)
    assert refusal(world.scan(PACK, f"00{foreign}"))[0] == "unknown_code"


def test_nothing_taken_out_closes_with_new_box(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    world.scan(PACK, "WHCREOP", label_of(world, order))
    step = world.scan(PACK, "WHCTAKE")
    assert (str(step.prompt), step.hint) == ("ALL IS IN: NEW BOX CLOSES IT", "WHCBOX")
    assert state(world.scan(PACK, "WHCBOX")) == ("pack", "weigh")


def test_without_a_tote_nothing_comes_out(world: World) -> None:
    order = labelled(world, (LANTERN, 2))
    world.scan(PACK, "WHCREOP", label_of(world, order))
    step = world.scan(PACK, gtin(1))
    assert refusal(step)[:2] == ("needs_first", "an empty tote")
    assert inside(world, order) == {LANTERN: 2}


def test_a_parcel_emptied_and_left_is_given_up(world: World) -> None:
    order = labelled(world, (LANTERN, 1))
    world.scan(PACK, "WHCREOP", label_of(world, order), at("T-0004"), gtin(1), "WHCMENU")
    assert states(world, order) == ["void"]
    assert world.find(order.number).state == "picked"
    world.pack_all()
    assert states(world, order) == ["labelled"]
    assert content(jobs(world, order)[-1])["parcel"] == 1


def test_a_loaded_or_shipped_parcel_is_not_opened(world: World) -> None:
    order = labelled(world, (LANTERN, 1))
    label = label_of(world, order)
    shipping(world)
    world.scan(SHIP, label)
    step = world.scan(PACK, "WHCREOP", label)
    assert refusal(step) == (
        "already_done",
        "a parcel that has not been loaded",
        "order 1001, parcel 1: loaded",
    )
    assert str(said(step).advice) == "Take it off the manifest at the ship desk first"
    hand_over(world)
    step = world.scan(PACK, "WHCOK", label)
    assert refusal(step)[2] == "order 1001, parcel 1: shipped"
    assert str(said(step).advice) == "What has left comes back as a return"


def test_one_parcel_of_an_order_is_open_at_a_time(world: World) -> None:
    order = opened(world, (LANTERN, 2))
    world.scan(PACK, gtin(1), "WHCBOX")
    reach(world, PACK, "label")
    world.printed()
    first = label_of(world, order)
    world.scan(PACK, first)
    world.scan(OTHER, SARA, "WHCPACK", "WHCREOP")
    assert refusal(world.scan(OTHER, first))[0] == "needs_first"


def test_another_packers_parcel_is_not_opened(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.scan(OTHER, SARA, "WHCPACK", "WHCREOP")
    assert refusal(world.scan(OTHER, label_of(world, order)))[0] == "locked_by"


def test_a_parcel_that_was_reopened_meanwhile_lets_its_packer_go(world: World) -> None:
    order = packed(world, (LANTERN, 1))
    world.printed()
    world.wait(minutes=31)
    world.scan(OTHER, SARA, "WHCPACK", "WHCREOP", label_of(world, order))
    world.scan(PACK, BOB)
    step = world.scan(PACK, label_of(world, order))
    assert (state(step), code(step)) == (("pack", "open"), "changed_elsewhere")
    assert claims(world) == [(order.id, "Sara Stone")]


@pytest.mark.parametrize("scanned", ["NOSUCH", "1001", at("T-0001")])
def test_only_a_parcels_label_opens_it(world: World, scanned: str) -> None:
    labelled(world, (LANTERN, 1))
    assert refusal(world.scan(PACK, "WHCREOP", scanned))[1] == (
        "the label of a parcel that has not been loaded"
    )
    assert state(world.scan(PACK, "WHCOK", "WHCNO")) == ("pack", "open")
