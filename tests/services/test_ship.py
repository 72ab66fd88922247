"""The ship desk: labels that are still missing, and parcels onto a manifest."""

from __future__ import annotations

import pytest

from tests.services.pack_helpers import (
    OTHER,
    PACK,
    SHIP,
    end,
    hand_over,
    hold,
    jobs,
    label_of,
    labelled,
    opened,
    packed,
    parcels,
    printer_off,
    reach,
    states,
)
from tests.services.saying import code, events, refusal, said, state, text, tote
from tests.world import LANTERN, MUG, SARA, World, at, gtin
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import PrintState


@pytest.fixture
def sara(world: World) -> World:
    """Sara stands at the ship desk."""
    world.scan(SHIP, SARA, "WHCSHIP")
    return world


def rows(world: World) -> list[list[str]]:
    """What waits at the ship desk."""
    table = world.floor.look(SHIP).view.table
    assert table is not None
    return [[str(cell) for cell in row] for row in table.rows]


# --- packed, not yet labelled -------------------------------------------------------------------


@pytest.mark.parametrize("scanned", ["1001", at("T-0001")])
def test_a_label_that_failed_is_printed_at_the_ship_desk(sara: World, scanned: str) -> None:
    order = packed(sara, (LANTERN, 1))
    printer_off(sara)
    sara.scan(PACK, "WHCSKIP")
    step = sara.scan(SHIP, scanned)
    assert (state(step), code(step), len(step.effects)) == (("ship", "label"), "label", 1)
    assert text(step) == "Label of order 1001, parcel 1"
    first, second = jobs(sara, order)
    assert (first.state, second.state, second.reprint_of) == ("void", "queued", first.id)
    assert events(sara, order.number)[-1] == "reprint"
    sara.printed()
    step = sara.scan(SHIP, label_of(sara, order))
    assert (state(step), code(step)) == (("ship", "start"), "labelled")
    assert states(sara, order) == ["labelled"]
    assert tote(sara, "T-0001") == (None, "")


def test_the_queue_shows_what_waits_and_hints_at_it(sara: World) -> None:
    packed(sara, (LANTERN, 1))
    printer_off(sara)
    labelled(sara, (MUG, 1))
    assert ["to label", "1001 / 1", "PostNL parcel"] in rows(sara)
    assert sara.floor.look(SHIP).hint == "1001"


def test_a_label_that_its_packer_puts_on_just_now_is_not_in_the_queue(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    assert not rows(sara)
    sara.printed()
    assert not rows(sara)
    end(sara, jobs(sara, order)[0], PrintState.FAULTED, "Paper out.")
    assert rows(sara)
    end(sara, jobs(sara, order)[0], PrintState.PRINTED)
    assert not rows(sara)
    sara.wait(minutes=31)
    sara.scan(SHIP, SARA)
    assert rows(sara), "its packer has gone"


@pytest.mark.parametrize(
    ("job_state", "prompt", "shown"),
    [
        (
            PrintState.QUEUED,
            "LABEL IS PRINTING: SCAN IT WHEN IT IS ON",
            "waits for the printer, PACK-01",
        ),
        (
            PrintState.SENDING,
            "LABEL IS PRINTING: SCAN IT WHEN IT IS ON",
            "is being printed, PACK-01",
        ),
        (PrintState.SENT, "PUT THE LABEL ON AND SCAN IT", "sent to the printer, PACK-01"),
        (PrintState.DRAINED, "PUT THE LABEL ON AND SCAN IT", "printer says it is done, PACK-01"),
        (PrintState.UNKNOWN, "IS THE LABEL OUT? SCAN IT, ELSE REPRINT", "perhaps printed, PACK-01"),
    ],
)
def test_a_label_that_may_be_out_elsewhere_is_not_printed_twice(
    sara: World, job_state: PrintState, prompt: str, shown: str
) -> None:
    order = packed(sara, (LANTERN, 1))
    end(sara, jobs(sara, order)[0], job_state)
    step = sara.scan(SHIP, order.number)
    assert (state(step), step.effects) == (("ship", "label"), ())
    assert str(step.prompt) == prompt
    if job_state in (PrintState.QUEUED, PrintState.SENDING):
        assert step.hint == "WHCPRNT", "a label that is not there cannot be scanned"
    assert str(step.view.facts[0][1]) == shown
    assert len(jobs(sara, order)) == 1
    sara.scan(SHIP, "WHCPRNT", "WHRNOOUT")
    assert [job.state for job in jobs(sara, order)] == ["void", "queued"]
    assert code(sara.scan(SHIP, label_of(sara, order))) == "labelled"


def test_a_label_scanned_at_the_desk_is_scanned_back(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    end(sara, jobs(sara, order)[0], PrintState.UNKNOWN, "Line broken.")
    step = sara.scan(SHIP, label_of(sara, order))
    assert (state(step), code(step)) == (("ship", "start"), "labelled")
    assert [job.state for job in jobs(sara, order)] == ["confirmed"]


def test_the_next_parcel_of_the_order_follows(sara: World) -> None:
    order = opened(sara, (LANTERN, 2))
    sara.scan(PACK, gtin(1), "WHCBOX")
    reach(sara, PACK, "label")
    printer_off(sara)
    sara.scan(PACK, "WHCSKIP")
    reach(sara, PACK, "label")
    printer_off(sara)
    sara.scan(PACK, "WHCSKIP")
    sara.scan(SHIP, order.number)
    step = sara.scan(SHIP, label_of(sara, order, 1))
    assert (state(step), str(step.view.place_label)) == (("ship", "label"), "PARCEL 2")
    assert len(step.effects) == 1
    assert state(sara.scan(SHIP, label_of(sara, order, 2))) == ("ship", "start")
    assert states(sara, order) == ["labelled", "labelled"]


def test_a_wrong_label_is_named(sara: World) -> None:
    other = labelled(sara, (MUG, 1))
    order = packed(sara, (LANTERN, 1))
    sara.scan(SHIP, order.number)
    step = sara.scan(SHIP, label_of(sara, other))
    assert refusal(step) == (
        "wrong_label",
        "the label of order 1002, parcel 1",
        "order 1001, parcel 1",
    )


def test_skip_leaves_it_in_the_queue(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    step = sara.scan(SHIP, order.number, "WHCSKIP")
    assert (state(step), code(step)) == (("ship", "start"), "not_labelled")
    assert states(sara, order) == ["packed"]


@pytest.mark.parametrize("slip", [PrintState.PRINTED, PrintState.FAULTED])
def test_a_label_that_was_lost_later_is_printed_again_and_scanned_again(
    sara: World, slip: PrintState
) -> None:
    order = labelled(sara, (LANTERN, 1))
    end(sara, jobs(sara, order, kind="slip")[0], slip)
    before = label_of(sara, order)
    step = sara.scan(SHIP, order.number)
    assert (state(step), code(step)) == (("ship", "reprint"), "why_reprint")
    step = sara.scan(SHIP, "WHRLOST")
    assert (state(step), code(step)) == (("ship", "label"), "reprint")
    assert states(sara, order) == ["packed"]
    assert label_of(sara, order) == before
    assert [job.state for job in jobs(sara, order)] == ["void", "queued"]
    assert len(jobs(sara, order, kind="slip")) == (2 if slip is PrintState.FAULTED else 1)
    step = sara.scan(SHIP, before)
    assert code(step) == "labelled"
    assert states(sara, order) == ["labelled"]


def test_of_several_labelled_parcels_skip_chooses(sara: World) -> None:
    order = opened(sara, (LANTERN, 2))
    step = sara.scan(PACK, gtin(1), "WHCBOX")
    sara.follow(PACK, step, until=("pack", "open"))
    assert states(sara, order) == ["labelled", "labelled"]
    step = sara.scan(SHIP, order.number, "WHCSKIP")
    assert text(step) == "order 1001, parcel 2 has its label: why again?"
    assert state(sara.scan(SHIP, "WHCSKIP")) == ("ship", "start")
    step = sara.scan(SHIP, order.number, "WHCNO")
    assert (state(step), code(step)) == (("ship", "start"), "answered_no")


@pytest.mark.parametrize(
    ("scanned", "wanted"),
    [
        ("1001", "needs_first"),
        (at("T-0005"), "wrong_tote"),
        (gtin(1), "wrong_product"),
        ("NOSUCH", "unknown_code"),
    ],
)
def test_what_has_no_label_to_print_is_refused(sara: World, scanned: str, wanted: str) -> None:
    sara.order((LANTERN, 1))
    assert refusal(sara.scan(SHIP, scanned))[0] == wanted


def test_somebody_else_may_have_labelled_it_meanwhile(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    sara.printed()
    sara.scan(SHIP, order.number)
    sara.scan(PACK, label_of(sara, order))
    step = sara.scan(SHIP, label_of(sara, order))
    assert (state(step), code(step)) == (("ship", "start"), "changed_elsewhere")


def test_an_order_on_hold_gets_no_label(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    printer_off(sara)
    sara.scan(PACK, "WHCSKIP")
    hold(sara, order)
    assert sara.floor.look(SHIP).hint == "", "it cannot be worked on"
    assert refusal(sara.scan(SHIP, order.number))[0] == "order_on_hold"
    assert len(jobs(sara, order)) == 1


# --- loading ------------------------------------------------------------------------------------


@pytest.mark.parametrize("scanned", ["CARPOSTNL", at("DOCK-1")])
def test_a_carrier_or_its_dock_opens_todays_manifest(sara: World, scanned: str) -> None:
    step = sara.scan(SHIP, scanned)
    assert (state(step), code(step)) == (("ship", "load"), "manifest")
    assert text(step) == "Manifest M-POSTNL-2026-03-03-1 is open"


def test_the_manifest_has_the_sites_date(sara: World) -> None:
    sara.wait(hours=11.5)
    sara.scan(SHIP, SARA)
    step = sara.scan(SHIP, "CARPOSTNL")
    assert text(step) == "Manifest M-POSTNL-2026-03-04-1 is open"


def test_what_was_not_handed_over_yesterday_is_found_again(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order))
    sara.wait(days=1)
    step = sara.scan(SHIP, SARA, "WHCMENU", "WHCSHIP", "CARPOSTNL")
    assert text(step) == "Manifest M-POSTNL-2026-03-03-1 is open"
    assert code(hand_over(sara)) == "handed_over"
    step = sara.scan(SHIP, "CARPOSTNL")
    assert text(step) == "Manifest M-POSTNL-2026-03-04-1 is open"


def test_a_parcel_is_loaded(sara: World) -> None:
    order, other = labelled(sara, (LANTERN, 1)), labelled(sara, (MUG, 1))
    sara.scan(SHIP, "CARPOSTNL")
    step = sara.scan(SHIP, label_of(sara, order))
    assert (state(step), code(step)) == (("ship", "load"), "loaded")
    assert said(step).outcome is Outcome.OK
    assert text(step) == "Loaded: order 1001, parcel 1; 1 still here"
    assert (step.view.place, step.view.progress) == ("1", (1, 2))
    assert states(sara, order) == ["loaded"]
    assert events(sara, order.number)[-1] == "loaded"
    step = sara.scan(SHIP, label_of(sara, other))
    assert said(step).outcome is Outcome.LINE_DONE
    assert step.hint == "WHCHAND"


def test_an_empty_manifest_hints_at_nothing(sara: World) -> None:
    assert sara.scan(SHIP, "CARPOSTNL").hint == ""


def test_another_carriers_parcel_is_refused(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1), service="DHL-EU")
    sara.scan(SHIP, "CARPOSTNL")
    step = sara.scan(SHIP, label_of(sara, order))
    assert refusal(step) == (
        "not_allowed_for_carrier",
        "a parcel for PostNL",
        "order 1001, parcel 1 for DHL",
    )
    assert states(sara, order) == ["labelled"]


def test_a_parcel_without_its_label_scanned_back_is_refused(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL")
    step = sara.scan(SHIP, label_of(sara, order))
    assert refusal(step) == (
        "needs_first",
        "a labelled parcel",
        "order 1001, parcel 1: packed, not yet labelled",
    )


def test_a_loaded_parcel_is_refused_by_its_manifest(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order))
    step = sara.scan(SHIP, label_of(sara, order))
    assert refusal(step) == (
        "already_done",
        "a parcel that is not on manifest M-POSTNL-2026-03-03-1",
        "order 1001, parcel 1",
    )
    sara.scan(SHIP, "WHCOK")
    hand_over(sara)
    step = sara.scan(SHIP, label_of(sara, order))
    assert (refusal(step)[0], text(step)) == ("already_done", "It has left already")


def test_a_held_orders_parcel_is_refused(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    hold(sara, order)
    step = sara.scan(SHIP, "CARPOSTNL")
    assert step.hint == "", "it cannot be loaded, and nothing else is there"
    assert refusal(sara.scan(SHIP, label_of(sara, order)))[0] == "order_on_hold"
    assert states(sara, order) == ["labelled"]


@pytest.mark.parametrize(
    ("scanned", "wanted"),
    [(gtin(1), "wrong_product"), ("NOSUCH", "unknown_code"), ("1001", "wrong_order")],
)
def test_only_parcels_are_loaded(sara: World, scanned: str, wanted: str) -> None:
    sara.order((LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL")
    assert refusal(sara.scan(SHIP, scanned))[:2] == (wanted, "a parcel for PostNL")


def test_a_parcel_before_its_carrier_says_what_comes_first(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    step = sara.scan(SHIP, label_of(sara, order))
    assert refusal(step) == (
        "needs_first",
        "the dock or the carrier PostNL",
        "order 1001, parcel 1: labelled",
    )


def test_another_carrier_scanned_goes_to_its_manifest(sara: World) -> None:
    sara.scan(SHIP, "CARPOSTNL")
    step = sara.scan(SHIP, "CARDHL")
    assert (state(step), text(step)) == (
        ("ship", "load"),
        "Manifest M-DHL-2026-03-03-1 is open",
    )


def test_undo_takes_the_last_parcel_off(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order))
    step = sara.scan(SHIP, "WHCUNDO")
    assert code(step) == "undone"
    assert states(sara, order) == ["labelled"]
    assert events(sara, order.number)[-1] == "unloaded"
    assert code(sara.scan(SHIP, label_of(sara, order))) == "loaded"


def test_any_parcel_is_taken_off_by_scanning_it(sara: World) -> None:
    order, other = labelled(sara, (LANTERN, 1)), labelled(sara, (MUG, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order), label_of(sara, other))
    step = sara.scan(SHIP, "WHCTAKE")
    assert str(step.prompt) == "SCAN THE PARCEL YOU TAKE OFF"
    step = sara.scan(SHIP, label_of(sara, order))
    assert (code(step), text(step)) == ("unloaded", "Taken off: order 1001, parcel 1")
    assert (states(sara, order), states(sara, other)) == (["labelled"], ["loaded"])
    assert str(step.prompt) == "SCAN EVERY PARCEL"
    step = sara.scan(SHIP, "WHCTAKE", label_of(sara, order))
    assert refusal(step)[0] == "nothing_done"


def test_two_shippers_load_one_manifest(sara: World) -> None:
    order, other = labelled(sara, (LANTERN, 1)), labelled(sara, (MUG, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order))
    step = sara.scan(PACK, "WHCSHIP", "CARPOSTNL", label_of(sara, other))
    assert step.view.place == "2"
    first, second = parcels(sara, order)[0], parcels(sara, other)[0]
    assert first.manifest_id == second.manifest_id


def test_a_killed_terminal_goes_on_loading(sara: World) -> None:
    order = labelled(sara, (LANTERN, 1))
    sara.scan(SHIP, "CARPOSTNL", label_of(sara, order))
    sara.floor.start(SHIP)
    step = sara.scan(SHIP, SARA)
    assert (state(step), step.view.place) == (("ship", "load"), "1")


def test_the_desk_of_one_station_labels_for_another(sara: World) -> None:
    order = packed(sara, (LANTERN, 1))
    printer_off(sara)
    sara.scan(OTHER, SARA, "WHCSHIP", order.number)
    first, second = jobs(sara, order)
    assert first.station_id != second.station_id
