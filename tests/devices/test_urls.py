from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

import devices
from devices.printers.simulated import SimulatedPrinter
from devices.scales.simulated import SimulatedScale
from devices.scanners.simulated import SimulatedScanner


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
        ("hwgrep://05E0:1701", "SerialScanner"),
        ("alt:///dev/ttyACM0?class=VTIMESerial", "SerialScanner"),
        ("serial:///dev/ttyACM0?protocol=ssi&feedback=none", "SerialScanner"),
        ("evdev:///dev/input/by-id/usb-x-event-kbd?layout=de&prefix=aim", "EvdevScanner"),
        ("sim:", "SimulatedScanner"),
    ],
)
def test_scanner_urls(url: str, kind: str) -> None:
    assert type(devices.open_scanner(url)).__name__ == kind


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("tcp://zebra.local:9100", "LinePrinter"),
        ("tcp://10.0.0.9?status=hs", "LinePrinter"),
        ("tcp://[::1]:9100?status=none", "LinePrinter"),
        ("serial:///dev/serial/by-id/zebra?baud=115200&flow=rts", "LinePrinter"),
        ("usb:///dev/usb/lp0?status=none", "LinePrinter"),
        ("lp://ZEBRA_1", "LpPrinter"),
        ("escpos://10.0.0.9?columns=48", "LinePrinter"),
        ("escpos:///dev/usb/lp1?codepage=ascii&status=none", "LinePrinter"),
        ("tcp://10.0.0.9 lp://ZEBRA_1", "Standby"),
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
        (devices.open_scanner, "wedge:?layout=xx", "us, us-intl, gb, de"),
        (devices.open_scanner, "wedge:?prefix=aim&layout=se", "prefix=stx"),
        (devices.open_scanner, "serial:", "serial:///dev"),
        (devices.open_scanner, "serial:///dev/x?buad=9600", "'buad'"),
        (devices.open_scanner, "serial:///dev/x?baud=fast", "baud from 50"),
        (devices.open_scanner, "serial:///dev/x?feedback=loud", "none, bel"),
        (devices.open_scanner, "socket://10.0.0.7", "socket://host:port"),
        (devices.open_scanner, "socket://host:port", "socket://host:port"),
        (devices.open_scanner, "sim:?x", "option=value"),
        (devices.open_printer, "evdev:/dev/x", "tcp:, serial:, usb:, lp:, escpos:, file:, sim:"),
        (devices.open_printer, "tcp://host?status=maybe", "full, hs, none"),
        (devices.open_printer, "serial:", "serial:///dev"),
        (devices.open_printer, "serial:///dev/x?flow=water", "xon, rts, dsr, none"),
        (devices.open_printer, "serial:///dev/x?baud=0", "baud from 50"),
        (devices.open_printer, "usb://lp0", "usb:///dev/usb/lp0"),
        (devices.open_printer, "lp://", "lp://queue"),
        (devices.open_printer, "lp://-d", "lp://queue"),
        (devices.open_printer, "lp://host/queue", "lp://queue"),
        (devices.open_printer, "lp://q?raw=1", "no options"),
        (devices.open_printer, "escpos://host?columns=500", "columns from 24 to 64"),
        (devices.open_printer, "escpos:", "escpos://host:9100"),
        (devices.open_printer, "tcp://:9100", "tcp://host:9100"),
        (devices.open_printer, "tcp://host:99999", "tcp://host:9100"),
        (devices.open_printer, "tcp://host:9100/queue", "tcp://host:9100"),
        (devices.open_printer, "tcp://[::1:9100", "scheme://"),
        (devices.open_printer, "file:", "file:///folder"),
        (devices.open_printer, "sim:?fail=fire", "off, paper, unknown"),
        (devices.open_printer, "sim:?every=0", "every from 1"),
        (devices.open_scale, "tcp://host:4001", "hidraw:, sim:"),
        (devices.open_scale, "serial:///dev/x", "mtsics, 8217, nci, ohaus"),
        (devices.open_scale, "serial:///dev/x?protocol=sma", "mtsics, 8217, nci, ohaus"),
        (devices.open_scale, "serial:?protocol=nci", "serial:///dev"),
        (devices.open_scale, "serial:///dev/x?protocol=8217", "unit to be kg, lb"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&unit=kg", "no unit"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&format=9X1", "8N1 or 7E1"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&baud=fast", "baud from 50"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&min_g=0", "min_g from 1"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&tare=off", "told, none"),
        (devices.open_scale, "serial:///dev/x?protocol=nci&speed=1", "'speed'"),
        (devices.open_scale, "socket://10.0.0.7?protocol=nci", "socket://host:port"),
        (devices.open_scale, "hidraw:scale", "hidraw:///dev"),
        (devices.open_scale, "hidraw:///dev/hidraw0", "tare=none"),
        (devices.open_scale, "hidraw:///dev/hidraw0?protocol=nci", "'protocol'"),
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
    assert str(scale.grams) == "1250.5"
    assert isinstance(devices.open_scanner("sim:"), SimulatedScanner)


def test_wedge_options() -> None:
    assert devices.wedge_options("wedge:") == devices.WedgeOptions("none", 50)
    assert devices.wedge_options("wedge:?prefix=aim") == devices.WedgeOptions("aim", 1000)
    assert devices.wedge_options("wedge:?prefix=stx&gap_ms=80") == devices.WedgeOptions("stx", 80)
    french = devices.WedgeOptions("aim", 1000, "fr")
    assert devices.wedge_options("wedge:?prefix=aim&layout=fr") == french
    with pytest.raises(ValueError, match="Expected wedge:"):
        devices.wedge_options("sim:")


def test_importing_the_package_loads_no_driver_library() -> None:
    heavy = ("serial", "fpdf", "PIL", "barcode", "anyascii", "biip", "textual", "sqlite3")
    code = f"import sys, devices; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
