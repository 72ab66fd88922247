from __future__ import annotations

import queue
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import serial
import serial.rfc2217

import devices
from devices.scanners import ssi
from devices.scanners.virtual_scanner import PtyCable, TcpCable, VirtualScanner
from tests.devices.ears import WAIT, Ears
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Scanner


@pytest.fixture
def cable(tmp_path: Path) -> Iterator[PtyCable]:
    cable = PtyCable(tmp_path / "scanner")
    yield cable
    cable.unplug()


def listening(scanner: Scanner) -> Ears:
    """Ears of a scanner that is started and ready."""
    ears = Ears()
    scanner.start(ears)
    assert ears.next_state() is DeviceState.READY
    return ears


def received(thing: VirtualScanner, count: int) -> bytes:
    """The next `count` bytes that the program sent to the scanner."""
    data = b""
    while len(data) < count:
        data += thing.received.get(timeout=WAIT)
    return data


def test_any_suffix_and_any_bytes_arrive_through_the_line(cable: PtyCable) -> None:
    scanner = devices.open_scanner(cable.url)
    ears = listening(scanner)
    try:
        cable.send(b"A-1\r\nB-2\tC-3\x03\x02D-4\n]C10112345678901231\x1d10LOT\rq\x11\x13\x7f\r")
        got = [ears.next() for _ in range(6)]
        assert got == ["A-1", "B-2", "C-3", "D-4", "]C10112345678901231\x1d10LOT", "q\x11\x13\x7f"]
        cable.send("Zoë\r".encode() + b"Zo\xeb\r")
        assert [ears.next(), ears.next()] == ["Zoë", "Zoë"]
        codes = [f"CODE-{n:04}" for n in range(200)]
        for code in codes:
            cable.send(code.encode() + b"\r")
        assert [ears.next() for _ in codes] == codes
    finally:
        scanner.close()


def test_a_code_without_its_end_is_given_up_and_its_tail_is_no_code(cable: PtyCable) -> None:
    scanner = devices.open_scanner(f"{cable.url}?idle_ms=50")
    ears = listening(scanner)
    try:
        cable.send(b"59012")
        assert ears.next() is None
        cable.send(b"34123457\rNEXT\r")
        assert [ears.next(), ears.next()] == [None, "NEXT"]
    finally:
        scanner.close()


def test_options_reach_the_framing(cable: PtyCable) -> None:
    scanner = devices.open_scanner(f"{cable.url}?prefix=stx&suffix=etx&idle_ms=100")
    ears = listening(scanner)
    try:
        cable.send(b"\x02A\tB\x03")
        assert ears.next() == "A\tB"
    finally:
        scanner.close()


def test_a_scanner_without_suffix(cable: PtyCable) -> None:
    scanner = devices.open_scanner(f"{cable.url}?end=idle&idle_ms=20")
    ears = listening(scanner)
    try:
        for code in ("ONE", "TWO"):
            cable.send(code.encode())
            assert ears.next() == code
    finally:
        scanner.close()


def test_a_second_reader_is_kept_out_and_told_so(cable: PtyCable) -> None:
    scanner, intruder = devices.open_scanner(cable.url), devices.open_scanner(cable.url)
    first, second = listening(scanner), Ears()
    intruder.start(second)
    try:
        lost = second.next()
        assert isinstance(lost, DeviceStatus)
        assert lost.state is DeviceState.LOST
        assert "in use by another program" in str(lost.detail)
        cable.send(b"MINE\r")
        assert first.next() == "MINE"
        scanner.close()
        assert second.next_state() is DeviceState.READY
    finally:
        scanner.close()
        intruder.close()


@pytest.mark.parametrize(
    ("feedback", "outcome", "expected"),
    [
        ("bel", Outcome.OK, b"\a"),
        ("bel", Outcome.ORDER_DONE, b"\a\a"),
        ("bel", Outcome.DEVICE, b"\a\a\a"),
        ("honeywell", Outcome.WRONG, b"\x1b8,\x1b8,"),
        ("datalogic", Outcome.OK, b"\x1b[3q\r"),
        ("psc", Outcome.OVER, b"F"),
        ("none&error=0102", Outcome.WRONG, b"\1\2"),
    ],
)
def test_beeps(cable: PtyCable, feedback: str, outcome: Outcome, expected: bytes) -> None:
    thing = VirtualScanner(cable)
    scanner = devices.open_scanner(f"{cable.url}?feedback={feedback}")
    listening(scanner)
    try:
        scanner.feedback(outcome)
        assert received(thing, len(expected)) == expected
    finally:
        scanner.close()
        thing.close()


def test_no_beep_unless_asked(cable: PtyCable) -> None:
    thing = VirtualScanner(cable)
    scanner = devices.open_scanner(cable.url)
    ears = listening(scanner)
    scanner.feedback(Outcome.WRONG)
    thing.scan("AFTER")
    assert ears.next() == "AFTER"
    scanner.close()
    thing.close()
    assert thing.received.empty()


def test_beeps_for_a_scanner_that_is_gone_are_forgotten(cable: PtyCable) -> None:
    thing = VirtualScanner(cable)
    scanner = devices.open_scanner(f"{cable.url}?feedback=psc")
    ears = listening(scanner)
    try:
        thing.unplug()
        assert ears.next_state() is DeviceState.LOST
        scanner.feedback(Outcome.WRONG)
        thing.plug()
        assert ears.next_state() is DeviceState.READY
        scanner.feedback(Outcome.OK)
        assert received(thing, 1) == b"B"
    finally:
        scanner.close()
        thing.close()


def test_a_line_that_takes_no_beeps_still_gives_codes(cable: PtyCable) -> None:
    scanner = devices.open_scanner(f"{cable.url}?ok={'07' * 4000}")
    ears = listening(scanner)
    try:
        for number in range(5):
            scanner.feedback(Outcome.OK)
            cable.send(f"CODE-{number}\r".encode())
            assert ears.next() == f"CODE-{number}"
    finally:
        scanner.close()


def test_ssi_delivers_once_what_is_sent_twice_and_what_was_damaged(cable: PtyCable) -> None:
    thing = VirtualScanner(cable, protocol="ssi", response_s=0.4)
    scanner = devices.open_scanner(thing.url)
    ears = listening(scanner)
    try:
        assert thing.scan("0112345678901231\x1d10LOT", 0x0F)
        assert ears.next() == "]C10112345678901231\x1d10LOT"
        thing.deaf = 1
        assert thing.scan("TWICE", 0x03)
        assert ears.next() == "]C0TWICE"
        thing.damaged = 1
        assert thing.scan("DAMAGED", 0x03)
        assert ears.next() == "]C0DAMAGED"
        assert thing.scan("x" * 600, 0x1C)
        assert ears.next() == "x" * 600
        assert ears.heard.empty()
    finally:
        scanner.close()
        thing.close()


def test_ssi_wakes_the_scanner_beeps_and_lights_its_lamp(cable: PtyCable) -> None:
    thing = VirtualScanner(cable, protocol="ssi")
    scanner = devices.open_scanner(thing.url)
    ears = listening(scanner)
    try:
        scanner.feedback(Outcome.WRONG)
        assert thing.scan("MEANWHILE", 0x1B)
        assert ears.next() == "MEANWHILE"
        commands = [thing.received.get(timeout=WAIT) for _ in range(3)]
        assert [command[1] for command in commands] == [ssi.BEEP, ssi.LED_ON, ssi.LED_OFF]
    finally:
        scanner.close()
        thing.close()


def test_a_listener_that_fails_does_not_stop_the_scanner(
    cable: PtyCable, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Ears):
        def code(self, text: str) -> None:
            super().code(text)
            raise RuntimeError("boom")

    scanner = devices.open_scanner(cable.url)
    ears = Failing()
    scanner.start(ears)
    try:
        assert ears.next_state() is DeviceState.READY
        cable.send(b"1\r2\r")
        assert [ears.next(), ears.next()] == ["1", "2"]
    finally:
        scanner.close()
    assert "boom" in caplog.text


def test_a_driver_that_fails_is_lost_with_its_words_and_goes_on(
    cable: PtyCable, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = serial.serial_for_url
    failures = [NotImplementedError("not here")]

    def opened(*args: object, **options: object) -> serial.Serial:
        if failures:
            raise failures.pop()
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(serial, "serial_for_url", opened)
    scanner = devices.open_scanner(cable.url)
    ears = Ears()
    scanner.start(ears)
    try:
        assert "not here" in str(ears.until(DeviceState.LOST).detail)
        assert ears.next_state() is DeviceState.READY
    finally:
        scanner.close()
    assert "NotImplementedError" in caplog.text


def test_baud_and_format_reach_the_port(cable: PtyCable, monkeypatch: pytest.MonkeyPatch) -> None:
    ports: queue.Queue[serial.Serial] = queue.Queue()
    real = serial.serial_for_url

    def opened(*args: object, **options: object) -> serial.Serial:
        port = real(*args, **options)  # type: ignore[arg-type]
        ports.put(port)
        return port

    monkeypatch.setattr(serial, "serial_for_url", opened)
    scanner = devices.open_scanner(f"{cable.url}?baud=19200&format=7e2")
    ears = Ears()
    scanner.start(ears)
    try:
        port = ports.get(timeout=WAIT)
        assert (port.baudrate, port.bytesize, port.parity, port.stopbits) == (19200, 7, "E", 2)
        assert port.exclusive
    finally:
        scanner.close()


def test_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    ports: queue.Queue[serial.Serial] = queue.Queue()
    real = serial.serial_for_url

    def opened(*args: object, **options: object) -> serial.Serial:
        port = real(*args, **options)  # type: ignore[arg-type]
        ports.put(port)
        return port

    monkeypatch.setattr(serial, "serial_for_url", opened)
    scanner = devices.open_scanner("loop://?prefix=aim")
    ears = listening(scanner)
    try:
        ports.get(timeout=WAIT).write(b"]E05901234123457\r")
        assert ears.next() == "]E05901234123457"
    finally:
        scanner.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # its file
def test_spy_writes_what_went_over_the_line(cable: PtyCable, tmp_path: Path) -> None:
    dump = tmp_path / "dump"
    path = cable.url.removeprefix("serial://")
    scanner = devices.open_scanner(f"spy://{path}?file={dump}&feedback=bel")
    ears = listening(scanner)
    try:
        cable.send(b"SEEN\r")
        assert ears.next() == "SEEN"
    finally:
        scanner.close()
    text = dump.read_text()
    assert "RX" in text
    assert "4E 0D" in text


def test_other_pyserial_addresses(cable: PtyCable, monkeypatch: pytest.MonkeyPatch) -> None:
    path = cable.url.removeprefix("serial://")
    monkeypatch.setattr(
        "serial.tools.list_ports.grep", lambda regexp: [(path, "Scanner", "USB 05E0:1701")]
    )
    for url in (f"alt://{path}?class=Serial", "hwgrep://05E0:1701"):
        scanner = devices.open_scanner(url)
        ears = listening(scanner)
        try:
            cable.send(b"FOUND\r")
            assert ears.next() == "FOUND"
        finally:
            scanner.close()


def test_cp2110_names_the_package_that_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hid", None)
    monkeypatch.setattr("devices.serial_port.find_spec", lambda name: None)
    with pytest.raises(ValueError, match="hidapi"):
        devices.open_scanner("cp2110://0001:004a:00")


@pytest.mark.filterwarnings("ignore:set.* is deprecated:DeprecationWarning")  # pyserial 3.5
def test_rfc2217() -> None:
    """The server is pyserial's own, the line behind it one that loops back."""
    line: Any = serial.serial_for_url("loop://", timeout=0.05)
    server = socket.create_server(("127.0.0.1", 0))
    scanner = devices.open_scanner(f"rfc2217://127.0.0.1:{server.getsockname()[1]}?feedback=bel")
    ears = Ears()
    scanner.start(ears)
    peer, _ = server.accept()
    beeps: queue.Queue[bytes] = queue.Queue()
    answers: Any = SimpleNamespace(write=peer.sendall)
    manager = serial.rfc2217.PortManager(line, answers)

    def serve() -> None:
        while data := peer.recv(1024):
            plain = b"".join(manager.filter(data))
            if plain:
                beeps.put(plain)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        assert ears.next_state() is DeviceState.READY
        peer.sendall(b"".join(manager.escape(b"OVER-THE-NET\r")))
        assert ears.next() == "OVER-THE-NET"
        scanner.feedback(Outcome.OK)
        assert beeps.get(timeout=WAIT) == b"\a"
    finally:
        scanner.close()
        thread.join(WAIT)
        peer.close()
        server.close()
        line.close()


def test_a_network_scanner_says_to_look_at_the_network_and_watches_its_peer() -> None:
    cable = TcpCable()
    scanner = devices.open_scanner(cable.url)
    thing = VirtualScanner(cable)
    ears = listening(scanner)
    try:
        thing.scan("FIRST")
        assert ears.next() == "FIRST"
        thing.unplug()
        lost = ears.next()
        assert isinstance(lost, DeviceStatus)
        assert "network" in str(lost.detail)
    finally:
        scanner.close()
        thing.close()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("serial:///dev/x?feedback=ssi", "protocol=ssi"),
        ("serial:///dev/x?protocol=ssi&prefix=aim", "expected no prefix"),
        ("serial:///dev/x?protocol=ssi&feedback=bel", "ssi, none"),
        ("serial:///dev/x?protocol=usb", "plain, ssi"),
        ("serial:///dev/x?format=9N1", "8N1"),
        ("socket://10.0.0.7:4001?end=idle", "end=suffix"),
        ("serial:///dev/rfcomm0?end=idle", "end=suffix"),
    ],
)
def test_options_that_do_not_go_together(url: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        devices.open_scanner(url)


def test_nothing_stays_open(cable: PtyCable) -> None:
    def held() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = held()
    for _ in range(3):
        scanner = devices.open_scanner(cable.url)
        listening(scanner)
        scanner.close()
    assert held() == before
