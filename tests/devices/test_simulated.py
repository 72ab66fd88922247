from __future__ import annotations

from decimal import Decimal

import pytest

from devices.simulated import ScaleFailure, SimulatedScale, SimulatedScanner
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceFault, DeviceState, DeviceStatus, Scale, Scanner


def test_scanner() -> None:
    simulated = SimulatedScanner()
    scanner: Scanner = simulated
    codes: list[str] = []
    statuses: list[DeviceStatus] = []
    assert not simulated.scan("too early")
    scanner.start(codes.append, statuses.append)
    assert simulated.scan("A\x1dB")
    simulated.unplug()
    assert not simulated.scan("unplugged")
    scanner.feedback(Outcome.WRONG)
    scanner.close()
    assert not simulated.scan("closed")
    assert codes == ["A\x1dB"]
    assert [status.state for status in statuses] == [DeviceState.READY, DeviceState.LOST]
    assert simulated.outcomes == [Outcome.WRONG]


def test_scale_weighs_what_is_put_on_it() -> None:
    simulated = SimulatedScale()
    scale: Scale = simulated
    with pytest.raises(DeviceFault, match="empty"):
        scale.weigh()
    simulated.put(1250)
    weight = scale.weigh()
    assert weight.grams == 1250
    assert weight.raw == "S S       1250 g"
    simulated.load = Decimal("12.5")
    assert scale.weigh().grams == Decimal("12.5")
    simulated.put(-1)
    with pytest.raises(DeviceFault, match="below zero"):
        scale.weigh()
    simulated.put(None)
    assert scale.status().state is DeviceState.READY
    scale.close()


@pytest.mark.parametrize("fail", ["off", "unstable", "overload", "below_zero"])
def test_scale_fails_on_demand(fail: ScaleFailure) -> None:
    scale = SimulatedScale(Decimal(100))
    scale.fail = fail
    assert scale.status().state in (DeviceState.LOST, DeviceState.ATTENTION)
    with pytest.raises(DeviceFault):
        scale.weigh()
    scale.fail = ""
    assert scale.weigh().grams == 100
