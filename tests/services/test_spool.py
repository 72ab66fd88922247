"""Print jobs are rows; they are drawn once and printed one at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.services.pack_helpers import (
    PACK,
    end,
    jobs,
    label_of,
    opened,
    packed,
    parcels,
    sql,
    states,
)
from tests.services.saying import code
from tests.world import LANTERN, MUG, World, gtin
from wms_terminal.bootstrap import Papers
from wms_terminal.domain.customs import CustomsPapers
from wms_terminal.domain.label import Address, PackingSlip, ShippingLabel
from wms_terminal.domain.orders import Order
from wms_terminal.domain.text import T, restored
from wms_terminal.ports.devices import DeviceState, DeviceStatus, PrintResult, PrintState
from wms_terminal.services.spool import render, run_jobs, settle


class FakePrinter:
    """Says what a test wants it to say, and keeps what it got."""

    def __init__(self, world: World, answer: PrintResult | Exception) -> None:
        self.world = world
        self.answer = answer
        self.got: list[tuple[str, bytes]] = []
        self.sending: list[int] = []
        self.while_printing: Callable[[], object] = lambda: None

    def status(self) -> DeviceStatus:
        return DeviceStatus(DeviceState.READY)

    def print(self, payload: bytes, name: str) -> PrintResult:
        self.got.append((name, payload))
        rows = sql(self.world, "SELECT id FROM print_job WHERE state = 'sending'")
        self.sending.append(len(rows))
        self.while_printing()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        pass


class FakePapers:
    """Draws quickly, and counts."""

    def __init__(self) -> None:
        self.labels: list[ShippingLabel] = []
        self.slips: list[PackingSlip] = []
        self.same_language = True

    def label(self, content: ShippingLabel) -> bytes:
        self.labels.append(content)
        return f"label {len(self.labels)}".encode()

    def slip(self, content: PackingSlip, printer: str) -> bytes:
        self.slips.append(content)
        return f"slip {len(self.slips)}".encode()

    def customs(self, content: CustomsPapers) -> bytes:
        return b"customs papers"

    def suits(self, payload: bytes, kind: str, printer: str) -> bool:
        return self.same_language


class Spool:
    """The spool of the first bench."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.printer = FakePrinter(world, PrintResult(PrintState.PRINTED, "out"))
        self.papers = FakePapers()
        self.opened: list[str] = []
        with world.store.read() as tx:
            station = tx.site.station(PACK)
        assert station is not None
        self.station = station.id

    def open(self, url: str) -> FakePrinter:
        self.opened.append(url)
        return self.printer

    def run(self) -> int:
        return run_jobs(
            self.world.store, self.station, self.open, self.papers, lambda: self.world.now
        )


@pytest.fixture
def spool(world: World) -> Spool:
    return Spool(world)


@pytest.fixture
def order(world: World) -> Order:
    """An order whose label and slip wait for the printer."""
    return packed(world, (LANTERN, 2))


def ends(world: World, order: Order) -> list[tuple[str, str]]:
    return [
        (job.state, str(restored(job.detail)))
        for job in (*jobs(world, order), *jobs(world, order, 1, "slip"))
    ]


def test_jobs_are_printed_one_at_a_time_in_order(world: World, spool: Spool, order: Order) -> None:
    assert spool.run() == 2
    label, slip = jobs(world, order)[0], jobs(world, order, kind="slip")[0]
    parcel = parcels(world, order)[0].id
    assert spool.printer.got == [
        (f"label-{parcel}-{label.id}", b"label 1"),
        (f"slip-{parcel}-{slip.id}", b"slip 1"),
    ]
    assert spool.printer.sending == [1, 1]
    assert (label.payload, slip.payload) == (b"label 1", b"slip 1")
    assert ends(world, order) == [("printed", "out"), ("printed", "out")]
    assert spool.run() == 0


def test_another_stations_jobs_are_not_touched(world: World, order: Order) -> None:
    spool = Spool(world)
    spool.station += 1
    assert spool.run() == 0
    assert [state for state, _ in ends(world, order)] == ["queued", "queued"]


def test_what_its_odometer_says_is_kept(world: World, spool: Spool, order: Order) -> None:
    spool.printer.answer = PrintResult(
        PrintState.PRINTED, T("took over"), printer="lp://b", before=41, after=42
    )
    spool.run()
    job = jobs(world, order)[0]
    assert (job.printed_on, job.before, job.after) == ("lp://b", 41, 42)


@pytest.mark.parametrize(
    "result",
    [
        PrintResult(PrintState.SENT),
        PrintResult(PrintState.DRAINED, T("The printer counted {count} of 1", count=2)),
        PrintResult(PrintState.PRINTED, "/tmp/label.zpl"),
        PrintResult(PrintState.FAULTED, "Paper out. Load labels."),
        PrintResult(PrintState.UNKNOWN, "The line broke."),
    ],
)
def test_what_the_printer_says_is_kept(
    world: World, spool: Spool, order: Order, result: PrintResult
) -> None:
    spool.printer.answer = result
    spool.run()
    assert ends(world, order) == [(result.state, str(result.detail))] * 2
    assert spool.run() == 0, "nothing is sent again by itself"


def test_a_driver_that_fails_leaves_it_open_whether_the_paper_came(
    world: World, spool: Spool, order: Order
) -> None:
    spool.printer.answer = RuntimeError("cable on fire")
    assert spool.run() == 2
    assert ends(world, order) == [("unknown", "cable on fire. Look whether the paper came out")] * 2


def test_a_printer_that_cannot_be_opened_is_a_fault(
    world: World, spool: Spool, order: Order
) -> None:
    def broken(url: str) -> FakePrinter:
        raise ValueError(f"{url}: expected a printer")

    run_jobs(world.store, spool.station, broken, spool.papers, lambda: world.now)
    assert ends(world, order) == [("faulted", "sim:: expected a printer")] * 2
    assert jobs(world, order)[0].payload == b"label 1", "drawn all the same, for a reprint"


def test_what_cannot_be_drawn_is_a_fault(world: World, spool: Spool, order: Order) -> None:
    sql(world, "UPDATE print_job SET content = '{}' WHERE kind = 'label'")
    assert spool.run() == 2
    (label, told), slip = ends(world, order)
    assert (label, slip) == ("faulted", ("printed", "out"))
    assert told.startswith("It cannot be drawn: ")


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [("printer", "label", "labels"), ("documents", "slip", "packing slips")],
)
def test_a_station_without_a_printer_says_so(
    world: World, column: str, kind: str, words: str
) -> None:
    sql(world, f"UPDATE station SET {column} = '' WHERE code = :code", code=PACK)
    world.floor._stations.clear()
    order = packed(world, (LANTERN, 1))
    spool = Spool(world)
    spool.run()
    (job,) = jobs(world, order, kind=kind)
    assert str(restored(job.detail)) == f"This station has no printer for {words}"
    assert len(spool.printer.got) == 1
    step = world.floor.look(PACK)
    assert step.hint == ("WHCSKIP" if kind == "label" else label_of(world, order))


# --- killed, and other surprises ----------------------------------------------------------------


def test_a_job_that_a_killed_terminal_left_is_in_doubt(
    world: World, spool: Spool, order: Order
) -> None:
    with world.store.write() as tx:
        taken = tx.parcels.take_job(spool.station)
    assert taken is not None
    assert settle(world.store, spool.station, lambda: world.now) == 1
    assert settle(world.store, spool.station, lambda: world.now) == 0
    (label, why), slip = ends(world, order)
    assert (label, slip) == ("unknown", ("queued", ""))
    assert why.endswith("Look whether the paper came out")
    assert spool.run() == 1, "only the slip: what is in doubt is not sent again"
    assert [name.split("-")[0] for name, _ in spool.printer.got] == ["slip"]
    assert world.floor.look(PACK).hint == "WHCSKIP"


def test_a_label_scanned_before_its_printer_answers_stays_scanned(
    world: World, spool: Spool, order: Order
) -> None:
    def scanned() -> None:
        if len(spool.printer.got) == 1:
            assert code(world.scan(PACK, label_of(world, order))) == "labelled"

    spool.printer.while_printing = scanned
    spool.printer.answer = PrintResult(PrintState.UNKNOWN, "The line broke.")
    spool.run()
    assert ends(world, order) == [("confirmed", ""), ("unknown", "The line broke.")]
    assert states(world, order) == ["labelled"]


def test_a_job_given_up_while_it_prints_stays_void(
    world: World, spool: Spool, order: Order
) -> None:
    def reprint() -> None:
        if len(spool.printer.got) == 1:
            world.scan(PACK, "WHCPRNT", "WHRNOOUT")

    spool.printer.while_printing = reprint
    spool.run()
    assert [job.state for job in jobs(world, order)] == ["void", "printed"]
    assert jobs(world, order)[1].payload == jobs(world, order)[0].payload


def test_a_result_that_comes_after_all_clears_the_doubt(
    world: World, spool: Spool, order: Order
) -> None:
    spool.printer.while_printing = lambda: settle(world.store, spool.station, lambda: world.now)
    spool.run()
    assert ends(world, order)[0] == ("printed", "out")


def test_a_reprint_sends_the_same_bytes_without_drawing(
    world: World, spool: Spool, order: Order
) -> None:
    spool.run()
    world.scan(PACK, "WHCPRNT", "WHRSPOIL")
    assert spool.run() == 2
    first, _, second, _ = spool.printer.got
    assert first[1] == second[1]
    assert first[0] != second[0]
    assert (len(spool.papers.labels), len(spool.papers.slips)) == (1, 1)


def test_a_reprint_on_a_printer_of_another_language_is_drawn_anew(
    world: World, spool: Spool, order: Order
) -> None:
    spool.run()
    spool.papers.same_language = False
    world.scan(PACK, "WHCPRNT", "WHRSPOIL")
    spool.run()
    assert [payload for _, payload in spool.printer.got[2:]] == [b"label 2", b"slip 2"]
    assert jobs(world, order)[1].payload == b"label 2"


@pytest.mark.parametrize(
    ("drawn_for", "printer", "suits"),
    [
        ("lp://office", "tcp://a", True),
        ("lp://office", "escpos://a", False),
        ("escpos://a", "escpos://b escpos://c", True),
        ("escpos://a sim:", "sim:", False),
    ],
)
def test_slips_are_drawn_in_the_language_of_the_first_printer(
    world: World, order: Order, drawn_for: str, printer: str, suits: bool
) -> None:
    papers = Papers()
    content = jobs(world, order, kind="slip")[0].content
    payload = render("slip", content, papers, drawn_for)
    assert payload.startswith(b"\x1b@" if drawn_for.startswith("escpos") else b"%PDF-")
    assert papers.suits(payload, "slip", printer) is suits
    assert papers.suits(b"^XA^XZ", "label", printer)


def test_a_wrong_address_of_a_receipt_printer_is_a_fault(world: World) -> None:
    sql(world, "UPDATE station SET documents = 'escpos://a?columns=9' WHERE code = :c", c=PACK)
    world.floor._stations.clear()
    order = packed(world, (LANTERN, 1))
    spool = Spool(world)
    run_jobs(world.store, spool.station, spool.open, Papers(), lambda: world.now)
    (job,) = jobs(world, order, kind="slip")
    assert job.state == "faulted"
    assert "columns from 24 to 64" in str(restored(job.detail))


# --- what a job keeps ---------------------------------------------------------------------------


HOSTILE = Address(
    name='^XA^FO0,0^FD"~JA {0} \\ \n' + "Ω" * 200,
    company="Łódź & <b>[b]",
    street="Straße 1",
    postcode="1011 AB",
    city="\u202eelims\U0001f600",
    country="NL",
)


def test_hostile_text_comes_back_as_it_was(world: World, spool: Spool) -> None:
    order = packed(world, (LANTERN, 1), customer=HOSTILE)
    job = jobs(world, order)[0]
    assert job.content.isascii()
    spool.run()
    assert spool.papers.labels[0].receiver == HOSTILE
    assert spool.papers.slips[0].receiver == HOSTILE
    assert spool.papers.slips[0].lines[0].sku == LANTERN


def test_the_real_writers_draw_hostile_text(world: World) -> None:
    order = packed(world, (LANTERN, 1), (MUG, 2), customer=HOSTILE)
    label, slip = jobs(world, order)[0], jobs(world, order, kind="slip")[0]
    zpl = render("label", label.content, Papers(), "sim:")
    pdf = render("slip", slip.content, Papers(), "sim:")
    assert zpl.startswith(b"^XA")
    assert zpl.rstrip().endswith(b"^XZ")
    assert zpl.count(b"^XA") == 1, "nothing of the address became a command"
    assert label_of(world, order)[2:].encode() in zpl
    assert pdf.startswith(b"%PDF-")
    assert render("label", label.content, Papers(), "sim:") == zpl
    assert render("slip", slip.content, Papers(), "sim:") == pdf


def test_jobs_of_several_parcels_wait_in_line(world: World, spool: Spool) -> None:
    order = opened(world, (LANTERN, 2))
    step = world.scan(PACK, gtin(1), "WHCBOX", "WHCOK")
    world.weigh(PACK, 880)
    assert step.flow == "pack"
    end(world, jobs(world, order)[0], PrintState.FAULTED, "off")
    world.scan(PACK, "WHCSKIP", gtin(1), "WHCOK")
    world.weigh(PACK, 880)
    assert spool.run() == 3
    assert [name.split("-")[0] for name, _ in spool.printer.got] == ["slip", "label", "slip"]
