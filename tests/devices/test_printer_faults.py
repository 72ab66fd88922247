"""What can go wrong with a label printer: the job's state is true, and no label comes out twice."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from devices import urls
from devices.printers.line_printer import Silent
from devices.printers.serial_printer import open_printer as open_serial
from devices.printers.tcp_printer import network_printer
from devices.printers.virtual_printer_server import PtyPrinterServer, TcpPrinterServer
from devices.printers.virtual_zebra import VirtualZebra
from devices.printers.zebra import Zpl
from tests.devices.printer_rigs import HASTY, PATIENT, device, network
from wms_terminal.ports.devices import DeviceState, Printer, PrintResult, PrintState

Server = TcpPrinterServer[VirtualZebra] | PtyPrinterServer[VirtualZebra]

LABEL = b"^XA^FO10,10^A0N,30,30^FDhello^FS^PQ1^XZ\n"
BATCH = LABEL.replace(b"^PQ1", b"^PQ3")
LONG = b"^XA^FD" + b"x" * 4_000_000 + b"^FS^XZ\n"


@dataclass
class Bench:
    """A printer, asked by somebody patient and by somebody hasty, and what is behind it."""

    printer: Printer
    hasty: Printer
    server: Server
    scheme: str

    @property
    def head(self) -> VirtualZebra:
        return self.server.head

    def print(self, payload: bytes = LABEL) -> PrintResult:
        return self.printer.print(payload, "job")

    def out(self) -> int:
        """How many labels came out."""
        return len(self.head.labels)


@pytest.fixture(params=["tcp", "serial"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "tcp":
        with network() as (server, printer):
            hasty = network_printer("127.0.0.1", server.port, Zpl, HASTY)
            yield Bench(printer, hasty, server, "tcp")
    else:
        with device("serial") as (terminal, printer):
            hasty = open_serial(urls.parse(f"serial://{terminal.path}"), HASTY)
            yield Bench(printer, hasty, terminal, "serial")


# --- before a byte has left ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("paper_out", "Paper out. Load labels."),
        ("ribbon_out", "Ribbon out. Load ribbon."),
        ("head_open", "Print head open. Close it."),
        ("paused", "Paused. Press PAUSE on the printer."),
    ],
)
def test_a_printer_that_says_it_cannot_gets_no_job(bench: Bench, fault: str, words: str) -> None:
    setattr(bench.head, fault, True)
    status = bench.printer.status()
    assert (status.state, str(status.detail)) == (DeviceState.ATTENTION, words)
    result = bench.print()
    assert (result.state, str(result.detail)) == (PrintState.FAULTED, words)
    bench.head.load()
    assert bench.out() == 0, "nothing was left in it that comes out now"
    assert bench.print().state is PrintState.PRINTED
    assert bench.out() == 1


def test_paper_that_is_out_is_named_by_a_printer_that_is_mute_then(bench: Bench) -> None:
    bench.head.silent_in_fault = True
    bench.head.paper_out = True
    assert str(bench.hasty.status().detail) == "Paper out. Load labels."
    result = bench.hasty.print(LABEL, "job")
    assert (result.state, str(result.detail)) == (PrintState.FAULTED, "Paper out. Load labels.")
    bench.head.load()
    assert bench.out() == 0


def test_an_error_without_a_name_is_an_error(bench: Bench) -> None:
    bench.head.error_bits = 0x400000
    assert bench.printer.status().state is DeviceState.ATTENTION
    result = bench.print()
    assert result.state is PrintState.FAULTED
    assert "00400000" in str(result.detail)
    assert bench.out() == 0


@pytest.mark.parametrize("switch", ["silent", "no_errors"])
def test_a_printer_that_does_not_say_how_it_is_gets_no_job(bench: Bench, switch: str) -> None:
    setattr(bench.head, switch, True)
    assert bench.hasty.status().state is DeviceState.LOST
    result = bench.hasty.print(LABEL, "job")
    assert result.state is PrintState.FAULTED
    assert "does not say how it is" in str(result.detail)
    setattr(bench.head, switch, False)
    assert bench.print().state is PrintState.PRINTED
    assert bench.out() == 1


def test_a_printer_that_is_off_gets_no_job(bench: Bench) -> None:
    bench.server.close()
    assert bench.printer.status().state is DeviceState.LOST
    assert bench.print().state is PrintState.FAULTED
    assert bench.out() == 0


def test_a_printer_that_hangs_gets_no_job(bench: Bench) -> None:
    bench.server.hangs = True
    assert bench.hasty.status().state is DeviceState.LOST
    assert bench.hasty.print(LABEL, "job").state is PrintState.FAULTED
    bench.server.hangs = False
    assert bench.print().state is PrintState.PRINTED
    assert bench.out() == 1


def test_half_a_label_in_it_is_not_mixed_with_the_next_one(bench: Bench) -> None:
    bench.head.feed(LABEL[:20])
    result = bench.hasty.print(LABEL, "job")
    assert result.state is PrintState.FAULTED
    assert "Half a label" in str(result.detail)
    bench.head.switch_off()
    assert bench.print().state is PrintState.PRINTED
    assert bench.head.labels == [LABEL.strip()]


def test_labels_of_others_come_out_first(bench: Bench) -> None:
    bench.head.looks_per_label = 3
    bench.head.feed(LABEL)
    result = bench.print(BATCH)
    assert (result.state, bench.out()) == (PrintState.PRINTED, 4)
    assert result.after == 1204


def test_a_printer_with_too_much_to_do_gets_no_job(bench: Bench) -> None:
    bench.head.looks_per_label = 1_000_000
    bench.head.feed(LABEL)
    assert bench.printer.status().state is DeviceState.BUSY
    result = bench.hasty.print(LABEL, "job")
    assert (result.state, str(result.detail)) == (PrintState.FAULTED, "It is still printing.")
    bench.head.looks_per_label = 0
    bench.head.load()
    assert bench.out() == 1, "the one of the others"


# --- bytes have left -----------------------------------------------------------------------------


def test_printed_is_what_the_odometer_counted(bench: Bench) -> None:
    result = bench.print(BATCH)
    assert (result.state, result.before, result.after) == (PrintState.PRINTED, 1200, 1203)
    assert bench.out() == 3


@pytest.mark.parametrize("odometer", ["?", None])
def test_without_an_odometer_an_empty_queue_is_all_one_knows(
    bench: Bench, odometer: str | None
) -> None:
    bench.head.odometer = odometer
    printer = bench.printer if odometer else bench.hasty
    result = printer.print(LABEL, "job")
    assert (result.state, result.before, result.after) == (PrintState.DRAINED, None, None)
    assert bench.out() == 1


def test_an_odometer_that_stands_still_proves_nothing(bench: Bench) -> None:
    bench.head.labels_count_as = 0
    result = bench.hasty.print(LABEL, "job")
    assert result.state is PrintState.UNKNOWN
    assert str(result.detail) == "The printer counted 0 of 1 labels."
    assert bench.out() == 1


def test_an_odometer_that_counts_what_others_print_proves_nothing(bench: Bench) -> None:
    bench.head.labels_count_as = 2
    result = bench.print()
    assert result.state is PrintState.DRAINED
    assert str(result.detail) == "The printer counted 2 of 1 labels."


def test_a_slow_printer_is_waited_for(bench: Bench) -> None:
    bench.head.looks_per_label = 5
    assert bench.print(BATCH).state is PrintState.PRINTED
    assert bench.out() == 3


def test_a_printer_that_is_too_slow_is_in_doubt(bench: Bench) -> None:
    bench.head.looks_per_label = 1_000_000
    result = bench.hasty.print(LABEL, "job")
    assert result.state is PrintState.UNKNOWN
    assert str(result.detail) == "It is still printing. The label may still come out."
    bench.head.looks_per_label = 0
    bench.head.load()
    assert bench.out() == 1, "and it does"


@pytest.mark.parametrize("mute", [False, True], ids=["answering", "mute"])
def test_a_roll_that_ends_within_a_batch_is_in_doubt(bench: Bench, mute: bool) -> None:
    bench.head.roll = 1
    bench.head.silent_in_fault = mute
    result = (bench.hasty if mute else bench.printer).print(BATCH, "job")
    assert result.state is PrintState.UNKNOWN
    assert str(result.detail) == "Paper out. Load labels. The label may still come out."
    assert bench.out() == 1
    bench.head.load()
    assert bench.out() == 3, "the printer itself goes on"


def test_the_last_label_of_a_roll_is_printed_all_the_same(bench: Bench) -> None:
    bench.head.roll = 1
    assert bench.print().state is PrintState.PRINTED
    assert bench.print().state is PrintState.UNKNOWN
    assert bench.print().state is PrintState.FAULTED
    bench.head.load()
    assert bench.out() == 2


def test_a_line_that_is_cut_is_in_doubt_and_nothing_is_sent_again(bench: Bench) -> None:
    bench.server.cut_after = 16
    result = bench.print()
    assert result.state is PrintState.UNKNOWN
    assert "Look whether the label came out" in str(result.detail)
    assert bench.server.cut.wait(5)
    assert bench.out() == 0
    if bench.scheme == "tcp":
        assert "has counted 0 labels since" in str(result.detail)
        bench.head.switch_off()
        assert bench.print().state is PrintState.PRINTED
        assert bench.out() == 1, "the one that was ordered"


def test_a_line_that_is_cut_in_a_long_label_is_in_doubt(bench: Bench) -> None:
    bench.server.cut_after = 10_000
    result = bench.print(LONG)
    assert result.state is PrintState.UNKNOWN
    assert bench.out() == 0


def test_a_printer_that_hangs_in_a_long_label_is_in_doubt(bench: Bench) -> None:
    class Hang(VirtualZebra):
        def feed(self, data: bytes) -> bytes:
            bench.server.hangs |= data.startswith(b"^XA")
            return super().feed(data)

    bench.server.head = Hang()
    result = bench.hasty.print(LONG, "job")
    assert result.state is PrintState.UNKNOWN
    assert bench.out() == 0


def test_a_label_that_came_out_before_the_line_broke_is_printed() -> None:
    with network() as (server, printer):
        server.cut_after = len(LABEL)
        result = printer.print(LABEL, "job")
        assert result.state is PrintState.PRINTED
        assert (result.before, result.after) == (1200, 1201)
        assert len(server.head.labels) == 1


# --- busy ----------------------------------------------------------------------------------------


def test_a_printer_that_serves_somebody_else_gets_no_job() -> None:
    with network() as (server, printer):
        with socket.create_connection(("127.0.0.1", server.port)) as other:
            other.sendall(LABEL[:10])
            hasty = network_printer("127.0.0.1", server.port, Zpl, HASTY)
            assert hasty.status().state is DeviceState.LOST
            assert hasty.print(LABEL, "job").state is PrintState.FAULTED
            other.sendall(LABEL[10:])
        assert server.head.arrived.wait(5)
        assert printer.print(LABEL, "job").state is PrintState.PRINTED
        assert len(server.head.labels) == 2


def test_a_printer_that_refuses_a_second_client_is_tried_again_for_a_while() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    printer = network_printer("127.0.0.1", port, Zpl, replace(PATIENT, connect=10.0))
    assert printer.status().state is DeviceState.LOST, "status asks once"
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(printer.print, LABEL, "job")
        with TcpPrinterServer(VirtualZebra(), port):
            assert result.result(10).state is PrintState.PRINTED


def test_a_port_that_another_program_has_gets_no_job() -> None:
    with device("serial") as (server, printer):
        other = os.open(server.path, os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.flock(other, fcntl.LOCK_EX)
            assert printer.status().state is DeviceState.LOST
            assert printer.print(LABEL, "job").state is PrintState.FAULTED
        finally:
            os.close(other)
        assert printer.print(LABEL, "job").state is PrintState.PRINTED
        assert len(server.head.labels) == 1


# --- printers that are asked less ----------------------------------------------------------------


def test_a_printer_that_would_print_the_question_is_not_asked() -> None:
    with network(Silent) as (server, printer):
        server.head.paper_out = True
        assert printer.status().state is DeviceState.READY
        result = printer.print(b"hello", "job")
        assert (result.state, result.detail) == (PrintState.SENT, "")


@pytest.mark.parametrize("size", [20, 4_000_000])
def test_a_line_that_breaks_is_in_doubt_also_without_questions(size: int) -> None:
    with network(Silent) as (server, printer):
        server.cut_after = 16
        result = printer.print(b"^XA" + b" " * size + b"^XZ", "job")
        assert result.state is PrintState.UNKNOWN
        assert server.cut.wait(5)
        assert len(server.head.labels) == 0


def test_a_receipt_is_no_label(bench: Bench) -> None:
    assert bench.print(b"\x1b@hello").state is PrintState.FAULTED
    assert bench.out() == 0


@pytest.mark.parametrize("flow", ["xon", "rts", "dsr", "none"])
def test_every_handshake_prints(flow: str) -> None:
    with PtyPrinterServer(VirtualZebra()) as server:
        url = urls.parse(f"serial://{server.path}?baud=115200&flow={flow}")
        printer = open_serial(url, PATIENT)
        assert printer.print(LABEL, "job").state is PrintState.PRINTED
