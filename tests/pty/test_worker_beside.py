"""Where one computer does everything, the worker lives and dies with the terminal."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from pathlib import Path

import pytest

from data.files import csv_format
from tests.pty.terminal import DEADLINE_S
from tests.pty.test_terminal import start
from tests.pty.test_terminal import world as world  # noqa: PLC0414 - the same small warehouse
from tests.world import ANNA, MUG, World
from wms_terminal.domain.label import Address
from wms_terminal.domain.records import OrderLineRecord, OrderRecord
from wms_terminal.ports.channel import ChannelSettings

pytestmark = pytest.mark.pty

ORDER = OrderRecord(
    channel="drop",
    reference="W1",
    placed_at="2026-03-02T09:00:00Z",
    customer=Address("Carla Klant", "", "Dam 1", "", "1012 JS", "Amsterdam", "", "NL"),
    lines=(OrderLineRecord(MUG, 1, 250),),
)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=["left", "killed"])
def test_orders_come_by_themselves_and_nothing_stays_behind(
    tmp_path: Path, world: World, end: signal.Signals
) -> None:
    drop = tmp_path / "drop"
    for name in ("in", "done", "failed", "out", "book"):
        (drop / name).mkdir(parents=True)
    with world.store.write() as tx:
        tx.channels.put(ChannelSettings("drop", "file", str(drop), {"settle": "0"}), 1)
    csv_format.write("orders", [ORDER], drop / "in" / "orders.csv")
    with start(tmp_path, env={"WMS_WITH_WORKER": "1"}) as terminal:
        terminal.wait_for("SCAN YOUR BADGE")
        terminal.wait_for(lambda: any((drop / "done").iterdir()))
        terminal.send(f"{ANNA}\r")
        terminal.wait_for("F10")
        (worker,) = children(terminal.process.pid)
        ended = os.pidfd_open(worker)
        terminal.process.send_signal(end)
        terminal.wait_for_end()
        assert select.select([ended], [], [], DEADLINE_S)[0], "the worker stays"
        os.close(ended)
    with world.store.read() as tx:
        assert tx.orders.find_in_channel("drop", "W1") is not None


def children(pid: int) -> list[int]:
    """Processes that a process has begun."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            _, _, rest = (entry / "stat").read_text().rpartition(")")
            if int(rest.split()[1]) == pid:
                found.append(int(entry.name))
    return found
