"""A label that was booked while its packer does other things, in a real terminal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.ledger_carrier import LedgerCarrier
from tests.pty.test_terminal import _Now, start
from tests.services.pack_helpers import OTHER, jobs, opened, reach
from tests.stores import url_of
from tests.world import BOB, LANTERN
from wms_terminal.ports.carrier import CarrierSettings
from wms_terminal.worker import Worker

pytestmark = pytest.mark.pty


def test_it_comes_out_by_itself_and_is_scanned_on_its_parcel(tmp_path: Path) -> None:
    world, ledger = _Now(tmp_path), tmp_path / "ledger.jsonl"
    ledger.touch()
    with closing(world.store):
        with world.store.write() as tx:
            tx.shipments.set_up(CarrierSettings("POSTNL", "ledger", f"file://{ledger}"))
        order = opened(world, (LANTERN, 1), station=OTHER)
        reach(world, OTHER, "label")
        world.printed()  # the packing slip
        with start(tmp_path, OTHER, (100, 30)) as terminal:
            terminal.wait_for("SCAN YOUR BADGE")
            terminal.send(f"{BOB}\r")
            terminal.wait_for("PUT IT ASIDE AND GO ON")
            Worker(url_of(world.path), carriers={"ledger": LedgerCarrier}, once=True).run()
            terminal.wait_for("PUT THE LABEL ON AND SCAN IT")
            (job,) = jobs(world, order)
            assert (job.state, job.payload) == ("printed", b"^XA^FD3SLEDGER000000^FS^XZ")
            terminal.press("3SLEDGER000000\r")
            terminal.wait_for("is labelled: 3SLEDGER000000")
