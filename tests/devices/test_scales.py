"""What every scale has in common, simulated ones included, and what goes wrong on the way.

Nothing here depends on how fast the scale is asked: a test puts something on the pan and asks
until the scale has seen it. Whatever it may not weigh fails it at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import pytest

import devices
from devices.scales import rule as words
from devices.scales.polled_scale import UNPLUGGED, PolledScale
from devices.scales.simulated import SimulatedScale
from devices.scales.virtual_pan import Speech
from devices.scales.virtual_scale import VirtualScale
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import DeviceFault, DeviceState, Load, Scale, Weight

WAIT_S = 30
A, B = Load("parcel 1", 3410), Load("parcel 2", 2000)


class Rig(Protocol):
    """A scale and somebody who stands before it."""

    scale: Scale

    def put(self, grams: int) -> None:
        """Lay something on it, in place of what lies there."""

    def empty(self) -> None:
        """Take everything off, and see that the scale knows."""

    def unplug(self) -> None:
        """Pull its plug."""

    def plug(self) -> None:
        """Put it back."""


def refusal(scale: Scale, load: Load = A) -> Text | str:
    with pytest.raises(DeviceFault) as caught:
        scale.weigh(load)
    return caught.value.text


def until_refused(scale: Scale, why: Text, load: Load = A) -> None:
    """Ask until it says why not; a weight meanwhile is a wrong one."""
    deadline = time.monotonic() + WAIT_S
    while (said := refusal(scale, load)) != why:
        assert time.monotonic() < deadline, f"expected {why}, still {said}"


def until_weighed(scale: Scale, load: Load = A) -> Weight:
    deadline = time.monotonic() + WAIT_S
    while True:
        try:
            return scale.weigh(load)
        except DeviceFault:
            if time.monotonic() >= deadline:
                raise


def hurried(scale: Scale) -> PolledScale:
    """A scale that asks often and waits little, to save time."""
    assert isinstance(scale, PolledScale)
    scale._poll_s, scale._wait_s = 0.01, 0.08
    return scale


class Virtual:
    """The real driver before a virtual scale."""

    def __init__(self, virtual: VirtualScale) -> None:
        self.virtual, self.pan = virtual, virtual.pan
        self.scale: Scale = hurried(devices.open_scale(virtual.url))
        self.empty()

    def put(self, grams: int) -> None:
        self.pan.put(grams)

    def empty(self) -> None:
        self.pan.take_off()
        deadline = time.monotonic() + WAIT_S
        while _weighed_or_refused(self.scale) != words.EMPTY:
            assert time.monotonic() < deadline

    def unplug(self) -> None:
        self.virtual.unplug()

    def plug(self) -> None:
        self.virtual.plug()


class Simulated:
    """The simulated driver, told to fail as the other one would."""

    def __init__(self) -> None:
        self.scale: Scale
        self.scale = self.simulated = SimulatedScale()
        self.empty()

    def put(self, grams: int) -> None:
        self.simulated.fail = ""
        self.simulated.grams = Decimal(grams)
        if grams > 30_000:
            self.simulated.fail = "overload"
        elif grams < 0:
            self.simulated.fail = "below_zero"

    def empty(self) -> None:
        self.simulated.fail = "empty"

    def unplug(self) -> None:
        self.simulated.fail = "off"

    def plug(self) -> None:
        self.simulated.fail = ""


SPEECHES: list[Speech] = ["mtsics", "8217", "nci", "ohaus", "hid"]


@contextmanager
def virtual_rig(path: Path | None, speaks: Speech) -> Iterator[Virtual]:
    with ExitStack() as stack:
        rig = Virtual(stack.enter_context(VirtualScale(path, speaks)))
        stack.enter_context(closing(rig.scale))
        yield rig


@pytest.fixture(params=[*SPEECHES, "socket", "sim"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    if request.param == "sim":
        yield Simulated()
    elif request.param == "socket":
        with virtual_rig(None, "mtsics") as virtual:
            yield virtual
    else:
        with virtual_rig(tmp_path / "scale", request.param) as virtual:
            yield virtual


# --- every scale ----------------------------------------------------------------------------------


def test_a_load_is_weighed_exactly_and_again_without_emptying(rig: Rig) -> None:
    rig.put(3410)
    weight = until_weighed(rig.scale)
    assert weight.grams == 3410
    assert weight.raw.isprintable()
    assert until_weighed(rig.scale).grams == 3410
    assert rig.scale.status().state is DeviceState.READY


def test_the_next_load_is_weighed_after_the_scale_was_empty(rig: Rig) -> None:
    for load, grams in ((A, 3410), (B, 2000), (A, 3410)):
        rig.put(grams)
        assert until_weighed(rig.scale, load).grams == grams
        rig.empty()


def test_an_empty_scale_asks_for_the_parcel(rig: Rig) -> None:
    until_refused(rig.scale, words.EMPTY)


def test_an_overload_is_said(rig: Rig) -> None:
    rig.put(40_000)
    until_refused(rig.scale, words.OVERLOAD)
    assert rig.scale.status().state is DeviceState.ATTENTION


def test_below_zero_is_said(rig: Rig) -> None:
    rig.put(-50)
    until_refused(rig.scale, words.BELOW_ZERO)
    assert rig.scale.status().state is DeviceState.ATTENTION


def test_a_lost_scale_is_said_and_heals(rig: Rig) -> None:
    rig.put(3410)
    until_weighed(rig.scale)
    rig.unplug()
    lost = UNPLUGGED if isinstance(rig, Virtual) else words.NO_ANSWER
    while (said := _weighed_or_refused(rig.scale)) != lost:
        assert said != 2000
    assert rig.scale.status().state is DeviceState.LOST
    rig.put(2000)
    rig.plug()
    if isinstance(rig, Virtual):
        until_refused(rig.scale, words.NOT_EMPTIED)
        rig.empty()
        rig.put(2000)
    assert until_weighed(rig.scale).grams == 2000


def _weighed_or_refused(scale: Scale) -> object:
    try:
        return scale.weigh(A).grams
    except DeviceFault as fault:
        return fault.text


def test_closing_twice_is_fine(rig: Rig) -> None:
    rig.scale.close()
    rig.scale.close()


# --- real drivers ---------------------------------------------------------------------------------


@pytest.fixture(params=SPEECHES)
def virtual(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Virtual]:
    with virtual_rig(tmp_path / "scale", request.param) as rig:
        yield rig


def test_a_parcel_that_takes_the_place_of_another_is_not_weighed(virtual: Virtual) -> None:
    virtual.put(3410)
    until_weighed(virtual.scale, A)
    until_refused(virtual.scale, words.NOT_EMPTIED, B)
    virtual.put(2000)
    until_refused(virtual.scale, words.NOT_EMPTIED, B)
    virtual.empty()
    virtual.put(2000)
    assert until_weighed(virtual.scale, B).grams == 2000


TOLD = [speaks for speaks in SPEECHES if speaks != "hid"]
"""Protocols that tell of a tare."""


@pytest.mark.parametrize("virtual", TOLD, indirect=True)
def test_a_net_weight_is_no_weight(virtual: Virtual) -> None:
    virtual.put(500)
    virtual.pan.tare()
    until_refused(virtual.scale, words.TARED)
    virtual.put(3410)
    until_refused(virtual.scale, words.TARED)
    assert virtual.scale.status().detail == words.TARED
    virtual.pan.clear_tare()
    assert until_weighed(virtual.scale).grams == 3410


def test_a_weight_that_never_rests_is_no_weight(virtual: Virtual) -> None:
    virtual.pan.settles = 1_000_000
    virtual.put(3410)
    until_refused(virtual.scale, words.UNSTABLE)
    assert virtual.scale.status().state is DeviceState.READY
    virtual.pan.settles = 2
    virtual.put(3410)
    assert until_weighed(virtual.scale).grams == 3410


@pytest.mark.parametrize("virtual", ["mtsics", "ohaus", "hid"], indirect=True)
def test_a_scale_that_falls_silent_is_lost_and_heals(virtual: Virtual) -> None:
    """Not with 7E1: a pseudo-terminal, which has no parity, cannot be opened so a second time."""
    virtual.put(3410)
    until_weighed(virtual.scale)
    virtual.virtual.mute = True
    while virtual.scale.status().state is not DeviceState.LOST:
        assert _weighed_or_refused(virtual.scale) in (3410, words.NO_ANSWER, words.UNREADABLE)
    assert virtual.scale.status().detail == words.NO_ANSWER
    virtual.virtual.mute = False
    virtual.empty()
    virtual.put(2000)
    assert until_weighed(virtual.scale, B).grams == 2000


def test_the_plug_is_pulled_while_the_weight_is_awaited(virtual: Virtual) -> None:
    hurried(virtual.scale)._wait_s = WAIT_S
    virtual.pan.settles = 1_000_000
    virtual.put(3410)
    puller = threading.Timer(0.1, virtual.unplug)
    puller.start()
    assert refusal(virtual.scale) == UNPLUGGED
    puller.join()


@pytest.mark.parametrize(
    ("asked", "speaks"), [(asked, speaks) for asked in TOLD for speaks in TOLD if asked != speaks]
)
def test_the_wrong_protocol_is_never_a_weight(
    tmp_path: Path, asked: Speech, speaks: Speech
) -> None:
    with virtual_rig(tmp_path / "scale", asked) as rig:
        hurried(rig.scale)._answer_s = 0.05
        rig.virtual.speaks = speaks
        rig.put(3410)
        trouble = (words.UNREADABLE, words.NO_ANSWER)
        deadline = time.monotonic() + WAIT_S
        while refusal(rig.scale) not in trouble or rig.scale.status().detail not in trouble:
            assert time.monotonic() < deadline


@pytest.mark.parametrize("virtual", ["8217", "nci"], indirect=True)
def test_the_wrong_parity_is_never_a_weight(virtual: Virtual) -> None:
    virtual.virtual.parity = True
    virtual.put(3410)
    until_refused(virtual.scale, words.UNREADABLE)
    assert virtual.scale.status().state is DeviceState.ATTENTION


@pytest.mark.parametrize("virtual", ["mtsics", "nci"], indirect=True)
def test_a_scale_that_cannot_tell_its_tare_needs_a_word_from_the_administrator(
    virtual: Virtual,
) -> None:
    virtual.pan.knows_tare = False
    virtual.put(3410)
    until_refused(virtual.scale, words.MAYBE_TARED)
    virtual.scale.close()
    virtual.unplug()
    virtual.pan.take_off()
    virtual.plug()
    sure = hurried(devices.open_scale(virtual.virtual.url + "&tare=none"))
    with closing(sure):
        until_refused(sure, words.EMPTY)
        virtual.put(3410)
        assert until_weighed(sure).grams == 3410


def test_what_weighs_less_than_min_g_counts_as_an_empty_scale(tmp_path: Path) -> None:
    with (
        VirtualScale(tmp_path / "scale", "hid") as virtual,
        closing(hurried(devices.open_scale(virtual.url + "&min_g=50"))) as scale,
    ):
        virtual.pan.put(49)
        until_refused(scale, words.EMPTY)
        virtual.pan.put(50)
        assert until_weighed(scale).grams == 50


def test_a_scale_that_is_plugged_in_later_is_found(tmp_path: Path) -> None:
    scale = hurried(devices.open_scale(f"serial://{tmp_path / 'scale'}?protocol=nci"))
    with closing(scale):
        until_refused(scale, UNPLUGGED)
        with VirtualScale(tmp_path / "scale", "nci"):
            until_refused(scale, words.EMPTY)


def test_a_second_program_is_kept_out(tmp_path: Path) -> None:
    with virtual_rig(tmp_path / "scale", "mtsics") as rig:
        with closing(hurried(devices.open_scale(rig.virtual.url))) as intruder:
            until_refused(intruder, UNPLUGGED)
        rig.put(3410)
        assert until_weighed(rig.scale).grams == 3410


def test_what_is_not_understood_is_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with virtual_rig(tmp_path / "scale", "8217") as rig:
        rig.virtual.parity = True
        until_refused(rig.scale, words.UNREADABLE)
    assert "\\x82" in caplog.text
