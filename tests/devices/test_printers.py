"""One contract for every printer driver."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.file_printer import FilePrinter, safe_name
from devices.simulated import SimulatedPrinter
from devices.slip import packing_slip
from devices.tcp_printer import TcpPrinter, parse_host_status
from devices.virtual_printer_server import VirtualPrinterServer
from devices.zpl import shipping_label
from tests.devices.documents import LABEL, SLIP
from wms_terminal.ports.devices import DeviceState, Printer, PrintState

DONE = {PrintState.SENT, PrintState.PRINTED}


@dataclass
class Rig:
    """A printer, what came out of it, and a way to break it."""

    printer: Printer
    received: Callable[[], list[bytes]]
    break_it: Callable[[], object]


def file_rig(folder: Path) -> Rig:
    target = folder / "labels"

    def received() -> list[bytes]:
        return [path.read_bytes() for path in sorted(target.iterdir())]

    def break_it() -> None:
        if target.exists():
            target.rmdir()
        target.write_text("a file where the folder should be")

    return Rig(FilePrinter(target), received, break_it)


def simulated_rig(folder: Path | None) -> Rig:
    printer = SimulatedPrinter(folder)
    return Rig(
        printer,
        lambda: [payload for _, payload in printer.jobs],
        lambda: setattr(printer, "fail", "paper"),
    )


def tcp_rig(server: VirtualPrinterServer) -> Rig:
    server.start()

    def received() -> list[bytes]:
        assert server.arrived.wait(5)
        return server.jobs

    return Rig(TcpPrinter("127.0.0.1", server.port, answer_s=0.2), received, server.close)


@pytest.fixture(params=["file", "sim", "sim-folder", "tcp", "tcp-mute"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    server = VirtualPrinterServer()
    server.mute = request.param == "tcp-mute"
    if request.param.startswith("tcp"):
        yield tcp_rig(server)
    elif request.param == "file":
        yield file_rig(tmp_path)
    else:
        yield simulated_rig(tmp_path if request.param == "sim-folder" else None)
    server.close()


def test_it_is_ready(rig: Rig) -> None:
    assert rig.printer.status().state is DeviceState.READY


@pytest.mark.parametrize("payload", [shipping_label(LABEL), packing_slip(SLIP)], ids=["zpl", "pdf"])
def test_a_job_comes_out_once_and_byte_for_byte(rig: Rig, payload: bytes) -> None:
    result = rig.printer.print(payload, "job-1")
    assert result.state in DONE
    assert rig.received() == [payload]


def test_a_broken_printer_answers_and_never_raises(rig: Rig) -> None:
    rig.break_it()
    status = rig.printer.status()
    assert status.state in (DeviceState.LOST, DeviceState.ATTENTION)
    assert status.detail
    result = rig.printer.print(b"^XA^XZ", "job-1")
    assert result.state is PrintState.FAULTED
    assert result.detail


def test_close_may_be_called_again(rig: Rig) -> None:
    rig.printer.close()
    rig.printer.close()


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "ending"), [(b"^XA^XZ", ".zpl"), (b"%PDF-1.3", ".pdf"), (b"\x1b@", ".bin")]
)
def test_the_file_name_follows_the_document(tmp_path: Path, payload: bytes, ending: str) -> None:
    result = FilePrinter(tmp_path).print(payload, "job-7")
    assert result.detail == str(tmp_path / f"job-7{ending}")
    assert [path.name for path in tmp_path.iterdir()] == [f"job-7{ending}"]


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..", "", "a\x00b", "é" * 300])
def test_no_job_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "labels"
    FilePrinter(folder).print(b"^XA^XZ", name)
    (path,) = folder.iterdir()
    assert path.parent == folder
    assert [p.name for p in tmp_path.iterdir()] == ["labels"]
    assert safe_name(name)


# --- simulated -----------------------------------------------------------------------------------


def test_every_so_manieth_job_fails() -> None:
    printer = SimulatedPrinter(fail="unknown", every=3)
    states = [printer.print(b"^XA^XZ", f"job-{n}").state for n in range(6)]
    assert states == [PrintState.PRINTED, PrintState.PRINTED, PrintState.UNKNOWN] * 2
    assert printer.status().state is DeviceState.READY


@pytest.mark.parametrize(
    ("fail", "state", "status"),
    [
        ("off", PrintState.FAULTED, DeviceState.LOST),
        ("paper", PrintState.FAULTED, DeviceState.ATTENTION),
        ("unknown", PrintState.UNKNOWN, DeviceState.READY),
    ],
)
def test_it_fails_on_demand(fail: str, state: PrintState, status: DeviceState) -> None:
    printer = SimulatedPrinter()
    setattr(printer, "fail", fail)  # noqa: B010 - parametrised
    assert printer.print(b"^XA^XZ", "x").state is state
    assert printer.status().state is status
    assert printer.jobs == []
    printer.fail = ""
    assert printer.print(b"^XA^XZ", "x").state is PrintState.PRINTED


def test_pictures_beside_labels(tmp_path: Path) -> None:
    printer = SimulatedPrinter(tmp_path, png=True)
    printer.print(shipping_label(LABEL), "label")
    printer.print(packing_slip(SLIP), "slip")
    printer.print(b"^XA^MCY^XZ", "foreign")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["foreign.zpl", "label.png", "label.zpl", "slip.pdf"]


# --- network -------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[VirtualPrinterServer]:
    with VirtualPrinterServer() as server:
        yield server


@pytest.fixture
def printer(server: VirtualPrinterServer) -> TcpPrinter:
    return TcpPrinter("127.0.0.1", server.port, answer_s=0.2)


def test_host_status_frames(server: VirtualPrinterServer) -> None:
    said = parse_host_status(server.host_status())
    assert said is not None
    assert not said.trouble
    assert said.is_idle
    assert parse_host_status(server.host_status()[:-10]) is None
    assert parse_host_status(b"\x02a\x03\r\n\x02b\x03\r\n\x02c\x03") is None
    busy = b"\x02030,0,0,1245,002,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,4,0,00000003,1,000\x03"
    said = parse_host_status(busy + b"\r\n\x021234,0\x03\r\n")
    assert said is not None
    assert (said.formats, said.labels_left, said.is_idle) == (2, 3, False)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("paper_out", "Paper out"),
        ("ribbon_out", "Ribbon out"),
        ("head_open", "head open"),
        ("paused", "Paused"),
    ],
)
def test_a_printer_that_says_it_cannot_gets_no_job(
    server: VirtualPrinterServer, printer: TcpPrinter, fault: str, words: str
) -> None:
    setattr(server, fault, True)
    assert printer.status().state is DeviceState.ATTENTION
    result = printer.print(b"^XA^XZ", "x")
    assert result.state is PrintState.FAULTED
    assert words in result.detail
    setattr(server, fault, False)
    assert printer.print(b"^XA^XZ", "x").state is PrintState.PRINTED
    assert server.arrived.wait(5)
    assert server.jobs == [b"^XA^XZ"]


def test_a_printer_that_does_not_say_gets_the_job(
    server: VirtualPrinterServer, printer: TcpPrinter
) -> None:
    server.mute = True
    assert printer.print(b"^XA^XZ", "x").state is PrintState.SENT


def test_paper_that_ends_during_the_job_is_no_fault_but_unknown(
    server: VirtualPrinterServer, printer: TcpPrinter
) -> None:
    server.paper_ends_after_job = True
    result = printer.print(b"^XA^XZ", "x")
    assert result.state is PrintState.UNKNOWN
    assert "Paper out" in result.detail


@pytest.mark.parametrize("mute", [True, False])
@pytest.mark.parametrize("size", [20, 4_000_000])
def test_a_line_that_breaks_during_the_job_is_unknown_and_never_resent(
    server: VirtualPrinterServer, printer: TcpPrinter, mute: bool, size: int
) -> None:
    server.mute = mute
    server.cut_after = 16
    result = printer.print(b"^XA" + b" " * size + b"^XZ", "x")
    assert result.state is PrintState.UNKNOWN
    assert "before you reprint" in result.detail
    assert server.arrived.wait(5)
    assert len(server.jobs) == 1


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    printer = TcpPrinter("127.0.0.1", port)
    assert printer.status().state is DeviceState.LOST
    result = printer.print(b"^XA^XZ", "x")
    assert result.state is PrintState.FAULTED
    assert f"127.0.0.1:{port}" in result.detail


def test_a_printer_that_would_print_the_question_is_not_asked(
    server: VirtualPrinterServer,
) -> None:
    server.paper_out = True
    printer = TcpPrinter("127.0.0.1", server.port, asks=False, answer_s=0.2)
    assert printer.status().state is DeviceState.READY
    assert printer.print(b"hello", "x").state is PrintState.SENT
