from __future__ import annotations

from decimal import Decimal

import pytest

from devices.scales.simulated import ScaleFailure, SimulatedScale
from devices.scanners.simulated import SimulatedScanner
from tests.devices.ears import Ears
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceFault, DeviceState, Load, Scale, Scanner

LOAD = Load("parcel 1", 1250)


def test_scanner() -> None:
    simulated = SimulatedScanner()
    scanner: Scanner = simulated
    ears = Ears()
    assert not simulated.scan("too early")
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    assert simulated.scan("A\x1dB")
    assert ears.next() == "A\x1dB"
    simulated.cut("HALF")
    assert ears.next() is None
    assert ears.next_state() is DeviceState.LOST
    assert not simulated.scan("unplugged")
    simulated.plug()
    assert ears.next_state() is DeviceState.READY
    scanner.feedback(Outcome.WRONG)
    scanner.close()
    assert not simulated.scan("closed")
    assert ears.heard.empty()
    assert simulated.outcomes == [Outcome.WRONG]


def test_scale_weighs_what_it_is_told_the_load_ought_to_weigh() -> None:
    simulated = SimulatedScale()
    scale: Scale = simulated
    weight = scale.weigh(LOAD)
    assert weight.grams == 1250
    assert weight.raw == "S S       1250 g"
    simulated.grams = Decimal("12.5")
    assert scale.weigh(LOAD).grams == Decimal("12.5")
    assert scale.status().state is DeviceState.READY
    scale.close()


@pytest.mark.parametrize(
    "fail", ["off", "unstable", "overload", "below_zero", "empty", "tared", "not_emptied"]
)
def test_scale_fails_on_demand(fail: ScaleFailure) -> None:
    scale = SimulatedScale(Decimal(100))
    scale.fail = fail
    assert scale.status().state in (DeviceState.LOST, DeviceState.ATTENTION)
    with pytest.raises(DeviceFault):
        scale.weigh(LOAD)
    scale.fail = ""
    assert scale.weigh(LOAD).grams == 100
