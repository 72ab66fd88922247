from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

import devices
from devices.simulated import SimulatedPrinter, SimulatedScale, SimulatedScanner


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("wedge:", "WedgeScanner"),
        ("wedge:?prefix=aim&gap_ms=300", "WedgeScanner"),
        ("serial:///dev/serial/by-id/usb-x-if00?baud=115200&feedback=bel", "SerialScanner"),
        ("socket://10.0.0.7:4001", "SerialScanner"),
        ("rfc2217://host:2217?logging=debug", "SerialScanner"),
        ("loop://", "SerialScanner"),
        ("spy:///dev/ttyACM0?file=/tmp/x", "SerialScanner"),
        ("sim:", "SimulatedScanner"),
    ],
)
def test_scanner_urls(url: str, kind: str) -> None:
    assert type(devices.open_scanner(url)).__name__ == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("tcp://zebra.local:9100", "TcpPrinter"),
        ("tcp://10.0.0.9", "TcpPrinter"),
        ("tcp://[::1]:9100?status=none", "TcpPrinter"),
        ("file:///tmp/labels", "FilePrinter"),
        ("file://labels", "FilePrinter"),
        ("sim:", "SimulatedPrinter"),
        ("sim:///tmp/labels?fail=paper&every=7&png=1", "SimulatedPrinter"),
    ],
)
def test_printer_urls(url: str, kind: str) -> None:
    assert type(devices.open_printer(url)).__name__ == kind


@pytest.mark.parametrize(
    ("opener", "url", "expected"),
    [
        (devices.open_scanner, "", "scheme"),
        (devices.open_scanner, "/dev/ttyACM0", "scheme"),
        (devices.open_scanner, "bluetooth:x", "wedge:, serial:"),
        (devices.open_scanner, "wedge:?prefix=etx", "none, stx, aim"),
        (devices.open_scanner, "wedge:?gap_ms=soon", "gap_ms from 20 to 10000"),
        (devices.open_scanner, "wedge:?speed=1", "'speed'"),
        (devices.open_scanner, "serial:", "serial:///dev"),
        (devices.open_scanner, "serial:///dev/x?buad=9600", "'buad'"),
        (devices.open_scanner, "serial:///dev/x?baud=fast", "baud from 50"),
        (devices.open_scanner, "serial:///dev/x?feedback=ssi", "none, bel"),
        (devices.open_scanner, "socket://10.0.0.7", "socket://host:port"),
        (devices.open_scanner, "socket://host:port", "socket://host:port"),
        (devices.open_scanner, "sim:?x", "option=value"),
        (devices.open_printer, "serial:///dev/x", "tcp:, file:, sim:"),
        (devices.open_printer, "tcp://:9100", "tcp://host:9100"),
        (devices.open_printer, "tcp://host:99999", "tcp://host:9100"),
        (devices.open_printer, "tcp://host:9100/queue", "tcp://host:9100"),
        (devices.open_printer, "tcp://[::1:9100", "scheme://"),
        (devices.open_printer, "file:", "file:///folder"),
        (devices.open_printer, "sim:?fail=fire", "off, paper, unknown"),
        (devices.open_printer, "sim:?every=0", "every from 1"),
        (devices.open_scale, "tcp://host:4001", "sim:"),
        (devices.open_scale, "sim:?grams=heavy", "grams"),
        (devices.open_scale, "sim:?fail=stolen", "unstable"),
    ],
)
def test_bad_urls_name_what_was_expected_and_what_came(
    opener: Callable[[str], object], url: str, expected: str
) -> None:
    with pytest.raises(ValueError) as caught:
        opener(url)
    assert expected in str(caught.value)
    assert (url or "''") in str(caught.value)


def test_simulated_options() -> None:
    printer = devices.open_printer("sim:?fail=unknown&every=3")
    assert isinstance(printer, SimulatedPrinter)
    assert (printer.fail, printer.every) == ("unknown", 3)
    scale = devices.open_scale("sim:?grams=1250.5")
    assert isinstance(scale, SimulatedScale)
    assert str(scale.load) == "1250.5"
    assert isinstance(devices.open_scanner("sim:"), SimulatedScanner)


def test_wedge_options() -> None:
    assert devices.wedge_options("wedge:") == devices.WedgeOptions("none", 500)
    assert devices.wedge_options("wedge:?prefix=stx&gap_ms=80") == devices.WedgeOptions("stx", 80)
    with pytest.raises(ValueError, match="Expected wedge:"):
        devices.wedge_options("sim:")


def test_importing_the_package_loads_no_driver_library() -> None:
    heavy = ("serial", "fpdf", "PIL", "barcode", "anyascii", "biip", "textual", "sqlite3")
    code = f"import sys, devices; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
