from __future__ import annotations

import os
import queue
import socket
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

import devices
from devices.serial_scanner import SerialScanner, decode
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Scanner

WAIT = 5


class Ears:
    """Collects what a scanner says."""

    def __init__(self, scanner: Scanner) -> None:
        self.codes: queue.Queue[str] = queue.Queue()
        self.statuses: queue.Queue[DeviceStatus] = queue.Queue()
        scanner.start(self.codes.put, self.statuses.put)

    def code(self) -> str:
        return self.codes.get(timeout=WAIT)

    def until(self, state: DeviceState) -> DeviceStatus:
        while True:
            status = self.statuses.get(timeout=WAIT)
            if status.state is state:
                return status


class Cable:
    """A pty behind a symlink, so that it can be unplugged and plugged back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.master = self.slave = -1
        self.plug()

    def plug(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.path.symlink_to(os.ttyname(self.slave))

    def unplug(self) -> None:
        self.path.unlink()
        os.close(self.master)
        os.close(self.slave)
        self.master = -1

    def send(self, data: bytes) -> None:
        os.write(self.master, data)


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[Cable]:
    cable = Cable(tmp_path / "scanner")
    yield cable
    if cable.master >= 0:
        cable.unplug()


@pytest.fixture
def scanner(cable: Cable) -> Iterator[Scanner]:
    scanner = devices.open_scanner(f"serial://{cable.path}?feedback=bel")
    yield scanner
    scanner.close()


def test_codes_arrive_whole_and_in_order(cable: Cable, scanner: Scanner) -> None:
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    cable.send(b"A-1\r\nB-2\tC-3\x03\x02D-4\n]C10112345678901231\x1d10LOT\r")
    got = [ears.code() for _ in range(5)]
    assert got == ["A-1", "B-2", "C-3", "D-4", "]C10112345678901231\x1d10LOT"]
    codes = [f"CODE-{n:04}" for n in range(200)]
    for code in codes:
        cable.send(code.encode() + b"\r")
    assert [ears.code() for _ in codes] == codes


def test_utf8_then_latin1(cable: Cable, scanner: Scanner) -> None:
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    cable.send("Zoë\r".encode() + b"Zo\xeb\r")
    assert [ears.code(), ears.code()] == ["Zoë", "Zoë"]
    assert decode(b"\xff") == "ÿ"


def test_a_code_without_its_end_is_given_up_and_said(cable: Cable, scanner: Scanner) -> None:
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    cable.send(b"HALF")
    assert "Scan again" in ears.until(DeviceState.READY).detail
    cable.send(b"WHOLE\r")
    assert ears.code() == "WHOLE"
    assert ears.codes.empty()


def test_unplugging_shows_and_plugging_back_heals(cable: Cable, scanner: Scanner) -> None:
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    for round_ in range(3):
        cable.send(b"HALF")
        cable.unplug()
        lost = ears.until(DeviceState.LOST)
        assert str(cable.path) in lost.detail
        cable.plug()
        ears.until(DeviceState.READY)
        cable.send(f"AGAIN-{round_}\r".encode())
        assert ears.code() == f"AGAIN-{round_}"


def test_a_scanner_that_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "later"
    scanner = devices.open_scanner(f"serial://{path}")
    ears = Ears(scanner)
    try:
        ears.until(DeviceState.LOST)
        cable = Cable(path)
        ears.until(DeviceState.READY)
        cable.send(b"HELLO\r")
        assert ears.code() == "HELLO"
        cable.unplug()
    finally:
        scanner.close()


def test_a_second_reader_is_kept_out(cable: Cable, scanner: Scanner) -> None:
    first = Ears(scanner)
    first.until(DeviceState.READY)
    intruder = devices.open_scanner(f"serial://{cable.path}")
    second = Ears(intruder)
    try:
        assert "lock" in second.until(DeviceState.LOST).detail
        cable.send(b"MINE\r")
        assert first.code() == "MINE"
    finally:
        intruder.close()


@pytest.mark.parametrize(
    ("outcome", "beeps"),
    [(Outcome.OK, 1), (Outcome.ORDER_DONE, 1), (Outcome.WRONG, 3), (Outcome.DEVICE, 3)],
)
def test_bel(cable: Cable, scanner: Scanner, outcome: Outcome, beeps: int) -> None:
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    scanner.feedback(outcome)
    heard = b""
    while len(heard) < beeps:
        heard += os.read(cable.master, 10)
    assert heard == b"\a" * beeps


def test_no_bel_unless_asked(cable: Cable) -> None:
    scanner = devices.open_scanner(f"serial://{cable.path}")
    ears = Ears(scanner)
    ears.until(DeviceState.READY)
    scanner.feedback(Outcome.WRONG)
    cable.send(b"AFTER\r")
    assert ears.code() == "AFTER"
    scanner.close()
    os.set_blocking(cable.master, False)
    with pytest.raises(BlockingIOError):
        os.read(cable.master, 10)


def test_a_listener_that_fails_does_not_stop_the_scanner(
    cable: Cable, scanner: Scanner, caplog: pytest.LogCaptureFixture
) -> None:
    codes: queue.Queue[str] = queue.Queue()
    ready: queue.Queue[DeviceStatus] = queue.Queue()

    def listen(code: str) -> None:
        codes.put(code)
        raise RuntimeError("boom")

    scanner.start(listen, ready.put)
    ready.get(timeout=WAIT)
    cable.send(b"1\r2\r")
    assert [codes.get(timeout=WAIT), codes.get(timeout=WAIT)] == ["1", "2"]
    assert "boom" in caplog.text


def test_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: queue.Queue[serial.Serial] = queue.Queue()
    real = serial.serial_for_url

    def opened(*args: object, **options: object) -> serial.Serial:
        port = real(*args, **options)  # type: ignore[arg-type]
        ports.put(port)
        return port

    monkeypatch.setattr(serial, "serial_for_url", opened)
    scanner = devices.open_scanner("loop://?prefix=aim")
    ears = Ears(scanner)
    try:
        ears.until(DeviceState.READY)
        ports.get(timeout=WAIT).write(b"noise]E05901234123457\r")
        assert ears.code() == "]E05901234123457"
    finally:
        scanner.close()


def test_a_network_scanner_survives_its_server() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    scanner = devices.open_scanner(f"socket://127.0.0.1:{server.getsockname()[1]}")
    ears = Ears(scanner)
    try:
        for code in ("FIRST", "SECOND"):
            line, _ = server.accept()
            with line:
                ears.until(DeviceState.READY)
                line.sendall(code.encode() + b"\r")
                assert ears.code() == code
            ears.until(DeviceState.LOST)
    finally:
        scanner.close()
        server.close()


def test_the_tail_after_a_network_stall_is_no_code() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    port = server.getsockname()[1]
    scanner = SerialScanner(f"socket://127.0.0.1:{port}", idle_ms=20, may_stall=True)
    ears = Ears(scanner)
    line, _ = server.accept()
    try:
        ears.until(DeviceState.READY)
        line.sendall(b"59012")
        with pytest.raises(queue.Empty):
            ears.codes.get(timeout=0.2)
        line.sendall(b"34123457\rNEXT\r")
        assert ears.code() == "NEXT"
        assert "Scan again" in ears.until(DeviceState.READY).detail
    finally:
        scanner.close()
        line.close()
        server.close()


def test_close_is_quick_and_may_come_from_a_callback(cable: Cable) -> None:
    scanner = devices.open_scanner(f"serial://{cable.path}")
    closed: queue.Queue[str] = queue.Queue()
    ready: queue.Queue[DeviceStatus] = queue.Queue()

    def listen(code: str) -> None:
        scanner.close()
        closed.put(code)

    scanner.start(listen, ready.put)
    ready.get(timeout=WAIT)
    cable.send(b"BYE\r")
    assert closed.get(timeout=WAIT) == "BYE"
    scanner.close()
    scanner.close()


def test_bluetooth_may_stall_too() -> None:
    scanner = devices.open_scanner("serial:///dev/rfcomm0")
    assert isinstance(scanner, SerialScanner)
    assert scanner._may_stall
