"""A bench with a real scale driver: from the pan to the journal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from devices.scales.polled_scale import PolledScale
from devices.scales.virtual_scale import VirtualScale
from tests.services.pack_helpers import PACK, parcels, picked
from tests.services.saying import code, state, text
from tests.world import BOB, LANTERN, World, gtin
from wms_terminal.bootstrap import Bench, Devices, Terminal
from wms_terminal.domain.scan import Source
from wms_terminal.services.step import Weigh


@pytest.fixture
def virtual(tmp_path: Path) -> Iterator[VirtualScale]:
    with VirtualScale(tmp_path / "scale") as virtual:
        yield virtual


@pytest.fixture
def bench(world: World, virtual: VirtualScale) -> Iterator[Bench]:
    order = picked(world, (LANTERN, 2))
    terminal = Terminal(world.store, PACK, lambda: world.now)
    station = replace(terminal.station, scale=virtual.url)
    devices = Devices(world.store, station, lambda: world.now)
    scale = devices.scale
    assert isinstance(scale, PolledScale)
    bench = Bench(terminal, devices)
    for number, raw in enumerate((BOB, "WHCPACK", order.number, gtin(1), gtin(1))):
        bench.scan(raw, Source.SCANNER, f"begin-{number}")
    with closing(scale):
        yield bench


def test_the_frame_of_the_scale_is_in_the_journal(
    world: World, bench: Bench, virtual: VirtualScale
) -> None:
    step = bench.scan("WHCOK", Source.KEY, "close")
    assert (state(step), code(step)) == (("pack", "weigh"), "scale_fault")
    assert text(step) == "No weight: The scale is empty. Put the parcel on it."
    virtual.pan.put(1904)
    for attempt in range(20):
        step = bench.scan("WHCWGH", Source.KEY, f"weigh-{attempt}")
        if step.state == "label":
            break
    parcel = parcels(world, world.find("1001"))[0]
    assert (parcel.weight_g, parcel.weighed) == (1904, True)
    with world.store.read() as tx:
        row = tx.journal.seen(f"weigh-{attempt}-weight1")
    assert row is not None
    assert row.source == "scale"
    assert row.raw == r"TA A      0.000 kg\r\nS S      1.904 kg\r\n"


def test_somebody_who_comes_back_need_not_press_weigh(world: World, bench: Bench) -> None:
    bench.scan("WHCOK", Source.KEY, "close")
    world.wait(hours=1)
    assert bench.terminal.look().flow == "sign_in"
    step = bench.terminal.scan(BOB, Source.SCANNER, "back")
    assert (state(step), [type(effect) for effect in step.effects]) == (("pack", "weigh"), [Weigh])
