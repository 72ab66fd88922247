"""The worker books parcels: once, whoever dies or doubles, and the label waits for its printer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from data import doctor, open_store
from tests.cli.ledger_carrier import LedgerCarrier, lines
from tests.services.pack_helpers import OTHER, jobs, opened, parcels, reach
from tests.stores import new_store, url_of
from tests.world import BOB, LANTERN, MUG, NOON, World
from wms_terminal.bootstrap import Terminal
from wms_terminal.domain.orders import Order
from wms_terminal.ports.carrier import CarrierSettings
from wms_terminal.services.deliver import LEASE
from wms_terminal.services.step import Print
from wms_terminal.worker import Worker

ROOT = Path(__file__).parents[2]


class Site:
    """A site in a file, with a carrier whose bookings are in another one."""

    def __init__(self, folder: Path) -> None:
        self.url = url_of(folder / "wms.db")
        self.ledger = folder / "ledger.jsonl"
        self.ledger.touch()
        self.store = new_store(folder)
        self.world = World(self.store)
        self.said: list[str] = []
        self.set_up("ledger")

    def set_up(self, kind: str) -> None:
        with self.store.write() as tx:
            tx.shipments.set_up(CarrierSettings("POSTNL", kind, f"file://{self.ledger}"))

    def worker(self, **later: float) -> Worker:
        return Worker(
            self.url,
            clock=lambda: NOON + timedelta(**later),
            carriers={"ledger": LedgerCarrier},
            say=self.said.append,
            once=True,
        )

    def packed(self) -> Order:
        order = opened(self.world, (LANTERN, 1), station=OTHER)
        reach(self.world, OTHER, "label")
        return order


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with closing(site.store):
        yield site
        with site.store.read() as tx:
            assert not doctor.examine(tx)


def test_a_parcel_is_booked_and_its_label_waits_at_its_bench(site: Site) -> None:
    order = site.packed()
    site.worker().run()
    (job,) = jobs(site.world, order)
    assert job.payload == b"^XA^FD3SLEDGER000000^FS^XZ"
    with closing(open_store(site.url)) as store:
        assert Terminal(store, OTHER).look().effects == (Print(()),)
        assert Terminal(store, "PACK-01").look().effects == ()


def test_a_worker_that_is_killed_after_the_booking_books_once(site: Site) -> None:
    order = site.packed()
    command = [sys.executable, "-m", "tests.cli.ledger_carrier", site.url]
    env = os.environ | {"DIES": "1"}
    died = subprocess.run(command, cwd=ROOT, env=env, timeout=60, check=False)
    assert died.returncode == 9
    assert len(lines(site.ledger)) == 1
    assert jobs(site.world, order) == []
    # The heir waits for the lease to run out, and finds what was booked.
    site.worker(days=400).run()
    assert lines(site.ledger) == [{"book": f"parcel-{parcels(site.world, order)[0].sscc}"}]
    assert len(jobs(site.world, order)) == 1


def test_two_workers_book_each_parcel_once(site: Site) -> None:
    orders = []
    for _ in range(6):
        orders.append(site.packed())
        site.world.scan(OTHER, "WHCSKIP")
    threads = [Thread(target=site.worker().run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    site.worker(seconds=LEASE.total_seconds()).run()
    assert len(lines(site.ledger)) == 6
    assert [len(jobs(site.world, order)) for order in orders] == [1] * 6


def test_a_reopened_parcel_is_cancelled_and_booked_anew(site: Site) -> None:
    order = site.packed()
    site.worker().run()
    site.world.printed()
    site.world.scan(OTHER, "3SLEDGER000000", "WHCREOP", "3SLEDGER000000", "WHCTAKE")
    reach(site.world, OTHER, "label")
    site.worker().run()
    assert [next(iter(line)) for line in lines(site.ledger)] == ["book", "cancel", "book"]
    assert jobs(site.world, order)[-1].payload == b"^XA^FD3SLEDGER000001^FS^XZ"


def test_a_kind_that_is_not_known_is_said_and_holds_nothing_else_up(site: Site) -> None:
    site.set_up("no such kind")
    order = site.packed()
    site.worker().run()
    (said,) = site.said
    assert said.startswith("POSTNL: Expected a kind of carrier")
    assert jobs(site.world, order) == []
    site.world.scan(OTHER, "WHCOUT", BOB)
    following = opened(site.world, (MUG, 1), station=OTHER)
    assert following.number in str(site.world.floor.look(OTHER).view.title)
