"""The spool on printers that fail: what it says of a job is true, and no label comes twice."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices import urls
from devices.printers import serial_printer
from devices.printers.standby import Member, Standby
from devices.printers.tcp_printer import network_printer
from devices.printers.virtual_printer_server import PtyPrinterServer, TcpPrinterServer
from devices.printers.virtual_zebra import VirtualZebra
from devices.printers.zebra import Zpl
from tests.devices.printer_rigs import HASTY, PATIENT, device, network
from tests.services.pack_helpers import PACK, SHIP, jobs, label_of, packed, sql, states
from tests.services.saying import code
from tests.stores import new_store, url_of
from tests.world import LANTERN, SARA, World
from wms_terminal.bootstrap import Papers
from wms_terminal.domain.orders import Order
from wms_terminal.domain.text import Text, restored
from wms_terminal.ports.devices import Printer
from wms_terminal.ports.parcels_room import PrintJob
from wms_terminal.services.spool import run_jobs, settle

PRINT = """
import sys
from data import open_store
from devices import open_printer
from wms_terminal.bootstrap import Papers
from wms_terminal.services.floor import utc_now
from wms_terminal.services.spool import run_jobs
run_jobs(open_store(sys.argv[1]), int(sys.argv[2]), open_printer, Papers(), utc_now)
"""


@dataclass
class Bench:
    """The first bench, its spool, and the printer that its labels come out of."""

    world: World
    server: TcpPrinterServer[VirtualZebra] | PtyPrinterServer[VirtualZebra]
    printers: dict[str, Printer]
    patient: bool = True

    @property
    def head(self) -> VirtualZebra:
        return self.server.head

    def open(self, url: str) -> Printer:
        return self.printers["patient" if self.patient else "hasty"]

    def run(self) -> None:
        station = station_of(self.world)
        while run_jobs(self.world.store, station, self.open, Papers(), lambda: self.world.now):
            pass

    def order(self) -> Order:
        """An order whose label waits for the printer; its slip is out of the way."""
        order = packed(self.world, (LANTERN, 1))
        sql(self.world, "UPDATE print_job SET state = 'sent' WHERE kind = 'slip'")
        return order

    def label(self, order: Order) -> PrintJob:
        """The newest job of its label."""
        return jobs(self.world, order)[-1]

    def out(self, order: Order) -> int:
        """How many of its labels came out of the printer."""
        sscc = label_of(self.world, order)[2:].encode()
        return sum(sscc in label for label in self.head.labels)


def station_of(world: World) -> int:
    with world.store.read() as tx:
        station = tx.site.station(PACK)
    assert station is not None
    return station.id


@pytest.fixture(params=["tcp", "serial"])
def bench(request: pytest.FixtureRequest, world: World) -> Iterator[Bench]:
    if request.param == "tcp":
        with network() as (server, printer):
            hasty = network_printer("127.0.0.1", server.port, Zpl, HASTY)
            yield Bench(world, server, {"patient": printer, "hasty": hasty})
    else:
        with device("serial") as (terminal, printer):
            url = urls.parse(f"serial://{terminal.path}")
            hasty = serial_printer.open_printer(url, HASTY)
            yield Bench(world, terminal, {"patient": printer, "hasty": hasty})


def ready(bench: Bench) -> None:
    """Nothing is wrong."""


def paper_out(bench: Bench) -> None:
    bench.head.paper_out = True


def paper_out_and_mute(bench: Bench) -> None:
    bench.head.paper_out = bench.head.silent_in_fault = True


def head_open(bench: Bench) -> None:
    bench.head.head_open = True


def paused(bench: Bench) -> None:
    bench.head.paused = True


def roll_ends(bench: Bench) -> None:
    bench.head.roll = 0


def slow(bench: Bench) -> None:
    bench.head.looks_per_label = 1_000_000


def hangs(bench: Bench) -> None:
    bench.server.hangs = True


def cut(bench: Bench) -> None:
    bench.server.cut_after = 100


def off(bench: Bench) -> None:
    bench.server.close()


def heal(bench: Bench) -> None:
    """Somebody sees to the printer, and it does what it still has to do."""
    bench.server.hangs = False
    bench.head.looks_per_label = 0
    bench.head.load()


@pytest.mark.parametrize(
    ("fault", "state", "words", "comes_by_itself"),
    [
        (ready, "printed", "", 1),
        (paper_out, "faulted", "Paper out. Load labels.", 0),
        (paper_out_and_mute, "faulted", "Paper out. Load labels.", 0),
        (head_open, "faulted", "Print head open. Close it.", 0),
        (paused, "faulted", "Paused. Press PAUSE on the printer.", 0),
        (roll_ends, "unknown", "Paper out. Load labels. The label may still come out.", 1),
        (slow, "unknown", "It is still printing. The label may still come out.", 1),
        (hangs, "faulted", "does not say how it is", 0),
        (cut, "unknown", "Look whether the label came out before you reprint.", 0),
        (off, "faulted", "No printer at", 0),
    ],
)
def test_every_fault_is_told_as_it_is_and_doubles_nothing(
    bench: Bench,
    fault: Callable[[Bench], None],
    state: str,
    words: str,
    comes_by_itself: int,
) -> None:
    order = bench.order()
    fault(bench)
    bench.patient = fault not in (paper_out_and_mute, slow, hangs)
    bench.run()
    job = bench.label(order)
    assert (job.state, words in str(restored(job.detail))) == (state, True)
    counts: dict[str, list[tuple[int | None, int | None]]] = {
        "printed": [(1200, 1201)],
        "faulted": [(None, None)],
        "unknown": [(1200, 1200), (1200, None)],
    }
    assert (job.before, job.after) in counts[state]
    heal(bench)
    bench.run()
    assert bench.out(order) == comes_by_itself
    assert bench.label(order).id == job.id, "nothing is sent again by itself"
    if state != "printed" and fault not in (cut, off):
        bench.patient = True
        bench.world.scan(PACK, "WHCPRNT", "WHRNOOUT")
        sql(bench.world, "UPDATE print_job SET state = 'sent' WHERE kind = 'slip'")
        bench.run()
        again = bench.label(order)
        assert (again.state, again.reprint_of, again.payload) == ("printed", job.id, job.payload)
        assert bench.out(order) == comes_by_itself + 1, "the one that somebody ordered"
    assert code(bench.world.scan(PACK, label_of(bench.world, order))) == "labelled"


def test_a_printer_without_an_odometer_is_done_all_the_same(bench: Bench) -> None:
    order = bench.order()
    bench.head.odometer = "?"
    bench.run()
    job = bench.label(order)
    assert (job.state, job.before, job.after) == ("drained", None, None)
    assert str(bench.world.floor.look(PACK).prompt) == "PUT THE LABEL ON AND SCAN IT"
    step = bench.world.scan(PACK, "WHCSKIP")
    assert code(step) == "needs_first", "it is out: it is not left to the ship desk"
    bench.world.scan(PACK, "WHCOK", label_of(bench.world, order))
    assert states(bench.world, order) == ["labelled"]


def test_the_bench_says_which_printer_took_over(world: World) -> None:
    with network() as (broken, first), network() as (server, second):
        broken.head.paper_out = True
        standby = Standby(
            [Member("tcp://left:9100", "left", first), Member("tcp://right:9100", "right", second)]
        )
        bench = Bench(world, server, {"patient": standby})
        order = bench.order()
        bench.run()
        job = bench.label(order)
        assert (job.state, job.printed_on) == ("printed", "tcp://right:9100")
        assert (job.before, job.after) == (1200, 1201)
        told = "right took over. left: Paper out. Load labels."
        facts = world.floor.look(PACK).view.facts
        assert [(str(name), str(value)) for name, value in facts] == [("Label is elsewhere", told)]
        assert isinstance(facts[0][1], Text), "for every language"
        sql(world, "UPDATE parcel SET state = 'packed'")
        desk = world.scan(SHIP, SARA, "WHCSHIP", order.number)
        assert ("Label is elsewhere", told) in [(str(n), str(v)) for n, v in desk.view.facts]
        broken.head.load()
        assert (broken.head.labels, bench.out(order)) == ([], 1)


def test_a_terminal_that_is_killed_within_a_job_leaves_it_in_doubt(tmp_path: Path) -> None:
    got = threading.Event()

    class Head(VirtualZebra):
        def feed(self, data: bytes) -> bytes:
            answer = super().feed(data)
            if b"^XZ" in data:
                got.set()
            return answer

    head = Head()
    head.looks_per_label = 1_000_000
    with closing(new_store(tmp_path)) as store, TcpPrinterServer(head) as server:
        world = World(store)
        url = f"tcp://127.0.0.1:{server.port}"
        sql(world, "UPDATE station SET printer = :url WHERE code = :code", url=url, code=PACK)
        order = packed(world, (LANTERN, 1))
        station = station_of(world)
        where = url_of(tmp_path / "wms.db")
        terminal = subprocess.Popen((sys.executable, "-c", PRINT, where, str(station)))
        try:
            assert got.wait(60)
        finally:
            terminal.kill()
            terminal.wait()
        assert jobs(world, order)[0].state == "sending"
        assert settle(store, station, lambda: world.now) == 1
        head.looks_per_label = 0
        head.load()
        printer = network_printer("127.0.0.1", server.port, Zpl, PATIENT)
        sql(world, "UPDATE print_job SET state = 'sent' WHERE kind = 'slip'")
        run_jobs(store, station, lambda url: printer, Papers(), lambda: world.now)
        job = jobs(world, order)[0]
        assert job.state == "unknown"
        assert "The terminal stopped" in str(restored(job.detail))
        assert str(world.floor.look(PACK).prompt) == "IS THE LABEL OUT? SCAN IT, ELSE REPRINT"
        assert len(head.labels) == 1
        assert code(world.scan(PACK, label_of(world, order))) == "labelled"
