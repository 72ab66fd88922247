"""A printer prints one job at a time, whichever process sends it."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from devices.printers.line_printer import LinePrinter
from devices.printers.tcp_printer import network_printer
from devices.printers.turn import TurnTaken, lock_file, turn
from devices.printers.zebra import Zpl
from tests.devices.printer_rigs import HASTY, PATIENT, ZPL, network
from wms_terminal.ports.devices import DeviceState, PrintState

HOLD = """
import sys
from devices.printers.turn import turn
with turn(sys.argv[1], 0):
    print("mine", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def address() -> Iterator[str]:
    address = f"test-{uuid4()}"
    yield address
    lock_file(address).unlink(missing_ok=True)


def hold(address: str) -> subprocess.Popen[bytes]:
    """Another process that has a printer's turn until it is killed."""
    process = subprocess.Popen(
        (sys.executable, "-c", HOLD, address), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"mine\n"
    return process


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def test_a_turn_is_had_by_one(address: str) -> None:
    with turn(address, 0):
        with pytest.raises(TurnTaken), turn(address, 0):
            pass
        with turn(address + "-other", 0):
            pass
    with turn(address, 0):
        pass
    lock_file(address + "-other").unlink()


def test_a_turn_is_waited_for(address: str) -> None:
    got = threading.Event()

    def wait() -> None:
        with turn(address, 10):
            got.set()

    waiter = threading.Thread(target=wait)
    with turn(address, 0):
        waiter.start()
        assert not got.is_set()
    assert got.wait(10)
    waiter.join(10)


def test_a_process_that_is_killed_gives_its_turn_up(address: str) -> None:
    process = hold(address)
    with pytest.raises(TurnTaken), turn(address, 0):
        pass
    end(process)
    with turn(address, 10):
        pass


def test_a_printer_that_another_station_has_gets_no_job() -> None:
    with network() as (server, printer):
        where = f"127.0.0.1:{server.port}"
        hasty = network_printer("127.0.0.1", server.port, Zpl, HASTY)
        process = hold(where)
        try:
            assert hasty.status().state is DeviceState.BUSY, "it was never asked before"
            result = hasty.print(ZPL, "job")
            assert result.state is PrintState.FAULTED
            assert "busy with another station" in str(result.detail)
        finally:
            end(process)
        assert printer.print(ZPL, "job").state is PrintState.PRINTED
        assert len(server.head.labels) == 1
        lock_file(where).unlink()


def test_what_a_printer_said_last_is_shown_while_another_station_has_it() -> None:
    with network() as (server, printer):
        server.head.paper_out = True
        before = printer.status()
        with turn(f"127.0.0.1:{server.port}", 0):
            assert printer.status() == before
        assert before.state is DeviceState.ATTENTION


def test_stations_that_print_at_once_take_turns() -> None:
    count = 12
    with network() as (server, _):
        server.head.looks_per_label = 2
        printers = [network_printer("127.0.0.1", server.port, Zpl, PATIENT) for _ in range(3)]
        states: list[PrintState] = []

        def work(printer: LinePrinter) -> None:
            states.extend(printer.print(ZPL, "job").state for _ in range(count // 3))

        threads = [threading.Thread(target=work, args=(printer,)) for printer in printers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert states == [PrintState.PRINTED] * count
        assert len(server.head.labels) == count


def test_the_lock_lies_where_links_cannot_lead_it_astray(address: str) -> None:
    lock_file(address).symlink_to("/etc/passwd")
    with pytest.raises(OSError, match="symbolic links"), turn(address, 0):
        pass
