"""A thousand codes, and the plug pulled out twenty times in the middle of one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

import devices
from devices.scanners.virtual_scanner import PtyCable, VirtualScanner
from tests.devices.ears import Ears
from wms_terminal.ports.devices import DeviceState, DeviceStatus

UNPLUGS = 20


@pytest.mark.slow
@pytest.mark.parametrize(("protocol", "between"), [("plain", 50), ("ssi", 10)])
def test_only_what_was_half_is_lost_and_every_loss_is_said(
    tmp_path: Path, protocol: Literal["plain", "ssi"], between: int
) -> None:
    thing = VirtualScanner(PtyCable(tmp_path / "scanner"), protocol=protocol)
    scanner = devices.open_scanner(thing.url)
    ears = Ears()
    sent: list[str] = []
    got: list[str] = []
    halves: list[list[object]] = []
    scanner.start(ears)
    try:
        for unplugged in range(UNPLUGS):
            assert ears.next_state() is DeviceState.READY
            for number in range(between):
                code = f"0112345678901231\x1d10LOT-{unplugged}-{number}"
                assert thing.scan(code, 0x1B)
                sent.append(code)
            for _ in range(between):
                came = ears.next()
                assert isinstance(came, str)
                got.append(came)
            thing.cut(f"CUT-IN-THE-MIDDLE-{unplugged}")
            said: list[object] = []
            while not said or not isinstance(said[-1], DeviceStatus):
                said.append(ears.next())
            halves.append(said)
            thing.plug()
    finally:
        scanner.close()
        thing.close()
    assert got == sent
    assert len(sent) == UNPLUGS * between
    for said in halves:
        *partials, lost = said
        assert partials in ([], [None])
        assert isinstance(lost, DeviceStatus)
        assert lost.state is DeviceState.LOST
