"""Printers to test: each with what came out of it, and a way to break it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from devices import urls
from devices.documents.receipt import receipt
from devices.documents.slip import packing_slip
from devices.documents.zpl import shipping_label
from devices.printers import escpos, serial_printer, usb_printer
from devices.printers.file_printer import FilePrinter
from devices.printers.line import Patience
from devices.printers.line_printer import Language, Silent
from devices.printers.lp_printer import LpPrinter
from devices.printers.simulated import SimulatedPrinter
from devices.printers.standby import Member, Standby
from devices.printers.tcp_printer import network_printer
from devices.printers.virtual_printer_server import PtyPrinterServer, TcpPrinterServer
from devices.printers.virtual_receipt_printer import VirtualReceiptPrinter
from devices.printers.virtual_zebra import VirtualZebra
from devices.printers.zebra import Zpl
from tests.devices.cups import QUEUE, Cups
from tests.devices.documents import LABEL, SLIP
from wms_terminal.ports.devices import Printer

PATIENT = Patience(turn=10, connect=0.1, answer=10, ready=10, send=10, drain=10, poll=0.005)
"""For what does come: however busy this computer is, it is waited for."""
HASTY = Patience(turn=0.1, connect=0.1, answer=0.4, ready=0.2, send=0.2, drain=0.3, poll=0.005)
"""For what never comes."""

ZPL = shipping_label(LABEL)
PDF = packing_slip(SLIP)
RECEIPT = receipt(SLIP)

DRIVERS = (
    "file",
    "sim",
    "sim-folder",
    "tcp",
    "tcp-hs",
    "tcp-none",
    "serial",
    "usb",
    "escpos-tcp",
    "escpos-usb",
    "standby",
)


@dataclass
class Rig:
    """A printer, what came out of it, and a way to break it."""

    printer: Printer
    received: Callable[[], list[bytes]]
    break_it: Callable[[], object]
    payloads: tuple[bytes, ...] = (ZPL,)


@contextmanager
def open_rig(driver: str, folder: Path) -> Iterator[Rig]:
    """A printer of one of the `DRIVERS`."""
    if driver == "file":
        yield _file(folder / "labels")
    elif driver.startswith("sim"):
        yield _simulated(folder if driver == "sim-folder" else None)
    elif driver == "standby":
        with network() as (server, first), network() as (other, second):
            yield _standby(server, first, other, second)
    elif driver.startswith("tcp"):
        speak: dict[str, Callable[[Patience], Language]] = {
            "tcp": Zpl,
            "tcp-hs": partial(Zpl, full=False),
            "tcp-none": Silent,
        }
        with network(speak[driver]) as (server, printer):
            yield Rig(printer, partial(labels, server.head), server.close)
    elif driver in ("serial", "usb"):
        with device(driver) as (terminal, printer):
            yield Rig(printer, partial(labels, terminal.head), terminal.close)
    else:
        with receipts(driver) as rig:
            yield rig


@contextmanager
def network(
    speak: Callable[[Patience], Language] = Zpl, patience: Patience = PATIENT
) -> Iterator[tuple[TcpPrinterServer[VirtualZebra], Printer]]:
    """A label printer on the network."""
    with TcpPrinterServer(VirtualZebra()) as server:
        yield server, network_printer("127.0.0.1", server.port, speak, patience)


@contextmanager
def device(
    scheme: str, patience: Patience = PATIENT
) -> Iterator[tuple[PtyPrinterServer[VirtualZebra], Printer]]:
    """A label printer on a serial port or, as Linux shows it, on USB."""
    opener = serial_printer.open_printer if scheme == "serial" else usb_printer.open_printer
    with PtyPrinterServer(VirtualZebra()) as server:
        yield server, opener(urls.parse(f"{scheme}://{server.path}"), patience)


@dataclass
class ReceiptRig(Rig):
    """The same, with the switches of a receipt printer."""

    head: VirtualReceiptPrinter = field(default_factory=VirtualReceiptPrinter)


@contextmanager
def receipts(driver: str, patience: Patience = PATIENT) -> Iterator[ReceiptRig]:
    """A receipt printer on the network or on USB."""
    head = VirtualReceiptPrinter()
    server: TcpPrinterServer[VirtualReceiptPrinter] | PtyPrinterServer[VirtualReceiptPrinter]
    if driver == "escpos-tcp":
        server = TcpPrinterServer(head)
        url = f"escpos://127.0.0.1:{server.port}"
    else:
        server = PtyPrinterServer(head)
        url = f"escpos://{server.path}"

    def received() -> list[bytes]:
        assert head.arrived.wait(5)
        return head.slips

    with server:
        printer = escpos.open_printer(urls.parse(url), patience)
        yield ReceiptRig(printer, received, server.close, (RECEIPT,), head)


def lp_rig(cups: Cups, name: str) -> Rig:
    """A queue of CUPS."""
    printer = LpPrinter(QUEUE)
    return Rig(
        printer,
        lambda: [cups.printed(name)],
        partial(cups.run, "cupsdisable", QUEUE),
        (ZPL, PDF),
    )


def labels(head: VirtualZebra) -> list[bytes]:
    """What came out of a label printer, with the line's end that all our labels have."""
    assert head.arrived.wait(5)
    return [label + b"\n" for label in head.labels]


def _file(folder: Path) -> Rig:
    def received() -> list[bytes]:
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    def break_it() -> None:
        if folder.exists():
            folder.rmdir()
        folder.write_text("a file where the folder should be")

    return Rig(FilePrinter(folder), received, break_it, (ZPL, PDF, RECEIPT))


def _simulated(folder: Path | None) -> Rig:
    printer = SimulatedPrinter(folder)
    return Rig(
        printer,
        lambda: [payload for _, payload in printer.jobs],
        lambda: setattr(printer, "fail", "paper"),
        (ZPL, PDF, RECEIPT),
    )


def _standby(
    server: TcpPrinterServer[VirtualZebra],
    first: Printer,
    other: TcpPrinterServer[VirtualZebra],
    second: Printer,
) -> Rig:
    printer = Standby([Member("tcp://a", "a", first), Member("tcp://b", "b", second)])

    def break_it() -> None:
        server.close()
        other.close()

    return Rig(printer, lambda: labels(server.head) + other.head.labels, break_it)
