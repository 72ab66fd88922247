"""A whole station with simulated devices: scans go in, papers come out."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal
from typing import cast

import pytest

from devices.printers.simulated import SimulatedPrinter
from devices.scales.simulated import SimulatedScale
from tests.services.pack_helpers import PACK, SHIP, jobs, label_of, parcels, picked, states
from tests.services.saying import code, events, said, state, text
from tests.world import BOB, LANTERN, SARA, World, gtin
from wms_terminal.bootstrap import Bench, Devices, Terminal, open_bench, open_devices
from wms_terminal.domain.outcome import Outcome
from wms_terminal.domain.scan import Source
from wms_terminal.ports.devices import DeviceFault, DeviceState, Load, PrintState
from wms_terminal.ports.store import StoreError
from wms_terminal.services.step import Step

NO_LABEL = "NO LABEL: SKIP, THE SHIP DESK LABELS IT"


class Hands:
    """A bench and somebody who scans at it."""

    _gestures = itertools.count(1)

    def __init__(self, world: World, station: str) -> None:
        self.world = world

        def clock() -> datetime:
            return world.now

        terminal = Terminal(world.store, station, clock)
        self.devices = Devices(world.store, terminal.station, clock)
        self.bench = Bench(terminal, self.devices)

    @property
    def printer(self) -> SimulatedPrinter:
        return cast("SimulatedPrinter", self.devices.printer("sim:"))

    @property
    def scale(self) -> SimulatedScale:
        return cast("SimulatedScale", self.devices.scale)

    def scan(self, *codes: str, source: Source = Source.SCANNER) -> Step:
        steps = [self.bench.scan(one, source, f"bench-{next(self._gestures)}") for one in codes]
        return steps[-1]


@pytest.fixture
def hands(world: World) -> Hands:
    """Bob's bench with an order of two lanterns on it."""
    order = picked(world, (LANTERN, 2))
    hands = Hands(world, PACK)
    hands.scan(BOB, "WHCPACK", order.number)
    return hands


def test_the_last_unit_leads_to_papers_in_the_hand(world: World, hands: Hands) -> None:
    hands.scan(gtin(1), gtin(1))
    step = hands.scan("BOXL")
    assert (state(step), code(step)) == (("pack", "label"), "packed")
    assert str(step.prompt) == "PUT THE LABEL ON AND SCAN IT"
    order = world.find("1001")
    parcel = parcels(world, order)[0]
    assert (parcel.weight_g, parcel.weighed) == (1900, True)
    names = [name.split("-")[0] for name, _ in hands.printer.jobs]
    assert names == ["label", "slip"]
    assert hands.printer.jobs[0][1].startswith(b"^XA")
    assert hands.printer.jobs[1][1].startswith(b"%PDF-")
    assert hands.printer.jobs[0][1] == jobs(world, order)[0].payload
    assert [job.state for job in jobs(world, order)] == ["printed"]
    assert code(hands.scan(label_of(world, order))) == "labelled"


def test_a_whole_order_leaves(world: World, hands: Hands) -> None:
    order = world.find("1001")
    hands.scan(gtin(1), gtin(1), "WHCOK")
    hands.scan(label_of(world, order))
    desk = Hands(world, SHIP)
    desk.scan(SARA, "WHCSHIP", "CARPOSTNL", label_of(world, order), "WHCHAND")
    step = desk.scan("1", source=Source.KEYED)
    assert code(step) == "handed_over"
    assert world.find(order.number).state == "shipped"


@pytest.mark.parametrize(
    ("fail", "ending", "prompt", "told"),
    [
        (
            "off",
            PrintState.FAULTED,
            NO_LABEL,
            "The printer does not answer. Check power and network.",
        ),
        ("paper", PrintState.FAULTED, NO_LABEL, "Paper out. Load labels."),
        (
            "unknown",
            PrintState.UNKNOWN,
            "IS THE LABEL OUT? SCAN IT, ELSE REPRINT",
            "The line broke during the job. Look whether the label came out before you reprint.",
        ),
    ],
)
def test_a_printer_that_fails_holds_nobody_up(
    world: World, hands: Hands, fail: str, ending: PrintState, prompt: str, told: str
) -> None:
    hands.printer.fail = fail  # type: ignore[assignment]
    step = hands.scan(gtin(1), gtin(1), "WHCOK")
    assert str(step.prompt) == prompt
    assert told in [str(value) for _, value in step.view.facts]
    order = world.find("1001")
    assert [job.state for job in jobs(world, order)] == [ending]
    hands.printer.fail = ""
    step = hands.scan("WHCPRNT", "WHRNOOUT")
    assert str(step.prompt) == "PUT THE LABEL ON AND SCAN IT"
    assert [job.state for job in jobs(world, order)] == ["void", "printed"]
    assert code(hands.scan(label_of(world, order))) == "labelled"


def test_a_label_that_was_skipped_comes_at_the_ship_desk(world: World, hands: Hands) -> None:
    hands.printer.fail = "off"
    hands.scan(gtin(1), gtin(1), "WHCOK", "WHCSKIP")
    order = world.find("1001")
    desk = Hands(world, SHIP)
    step = desk.scan(SARA, "WHCSHIP", order.number)
    assert str(step.prompt) == "PUT THE LABEL ON AND SCAN IT"
    assert desk.printer.jobs[0][1] == jobs(world, order)[0].payload, "the same bytes"
    desk.scan(label_of(world, order))
    assert states(world, order) == ["labelled"]


@pytest.mark.parametrize(
    "fail", ["off", "unstable", "overload", "below_zero", "empty", "tared", "not_emptied"]
)
def test_a_scale_that_fails_holds_nobody_up(world: World, hands: Hands, fail: str) -> None:
    hands.scale.fail = fail  # type: ignore[assignment]
    step = hands.scan(gtin(1), gtin(1), "WHCOK")
    assert (state(step), code(step)) == (("pack", "weigh"), "scale_fault")
    assert said(step).outcome is Outcome.DEVICE
    assert text(step).startswith("No weight: The ")
    step = hands.scan("WHCWGH")
    assert code(step) == "scale_fault"
    step = hands.scan("WHCOK", "WHCOK")
    assert state(step) == ("pack", "label")
    assert "not_weighed" in events(world, "1001")
    assert len(hands.printer.jobs) == 2


def test_a_scale_that_comes_back_weighs(world: World, hands: Hands) -> None:
    hands.scale.fail = "off"
    hands.scan(gtin(1), gtin(1), "WHCOK")
    hands.scale.fail = ""
    step = hands.scan("WHCWGH")
    assert (state(step), code(step)) == (("pack", "label"), "packed")


def test_a_wrong_weight_is_refused_and_weighed_again(world: World, hands: Hands) -> None:
    hands.scale.grams = Decimal(1500)
    step = hands.scan(gtin(1), gtin(1), "WHCOK")
    assert (code(step), step.must_acknowledge) == ("wrong_weight", True)
    hands.scale.grams = Decimal("1899.6")
    hands.scan("WHCOK")
    step = hands.scan("WHCWGH")
    assert (state(step), code(step)) == (("pack", "label"), "packed")
    assert parcels(world, world.find("1001"))[0].weight_g == 1900


def test_a_killed_terminal_leaves_a_job_in_doubt_and_prints_the_rest(
    world: World, hands: Hands
) -> None:
    terminal = hands.bench.terminal
    terminal.scan(gtin(1), Source.SCANNER, "k1")
    terminal.scan(gtin(1), Source.SCANNER, "k2")
    step = terminal.scan("WHCOK", Source.SCANNER, "k3")
    assert step.state == "weigh"
    terminal.weighed(hands.devices.weigh(Load("parcel 1", 1900)), "", "k4")
    order = world.find("1001")
    with world.store.write() as tx:
        assert tx.parcels.take_job(terminal.station.id) is not None
    again = Hands(world, PACK)
    assert [job.state for job in jobs(world, order)] == ["unknown"]
    assert again.devices.print_jobs()
    assert [name.split("-")[0] for name, _ in again.printer.jobs] == ["slip"]
    again.bench.terminal.start()
    step = again.scan(BOB)
    assert step.hint == "WHCSKIP"
    again.scan("WHCPRNT", "WHRNOOUT")
    assert code(again.scan(label_of(world, order))) == "labelled"


def test_the_same_gesture_prints_nothing_twice(world: World, hands: Hands) -> None:
    hands.scan(gtin(1), gtin(1))
    hands.bench.scan("WHCOK", Source.SCANNER, "once")
    hands.bench.scan("WHCOK", Source.SCANNER, "once")
    assert len(hands.printer.jobs) == 2
    assert len(jobs(world, world.find("1001"))) == 1


def test_devices_say_how_they_are(world: World, hands: Hands) -> None:
    assert [(name, status.state) for name, status in hands.devices.printer_status()] == [
        ("printer", DeviceState.READY),
        ("slips", DeviceState.READY),
    ]
    assert hands.devices.scale_status().state is DeviceState.READY
    hands.printer.fail = "off"
    hands.scale.fail = "unstable"
    assert {status.state for _, status in hands.devices.printer_status()} == {DeviceState.LOST}
    assert hands.devices.scale_status().state is DeviceState.ATTENTION


def test_a_station_without_a_scale_says_so(world: World) -> None:
    hands = Hands(world, "PACK-02")
    with pytest.raises(DeviceFault, match="no scale"):
        hands.devices.weigh(Load("x", 100))


@pytest.mark.parametrize("opener", [open_bench, open_devices])
def test_an_unknown_station_is_named(opener: type) -> None:
    with pytest.raises(StoreError, match="got 'NOSUCH'"):
        opener("sqlite://:memory:", "NOSUCH")
