"""Drivers for scanners, printers and scales, opened by URL.

    wedge:?prefix=aim&gap_ms=500            keyboard scanner, read by the screen
    serial:///dev/serial/by-id/...?baud=9600
    socket://host:port  rfc2217://host:port  loop://  spy:///dev/...
    tcp://host:9100                         label printer
    file:///folder                          one file per print job
    sim:                                    simulated scanner, printer or scale

A driver is one module with an `open_...(url)` function and one line in a table below. It is
imported when its scheme is first asked for, and so are the libraries it needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import cast

from devices import urls
from devices.wedge import WedgeOptions, wedge_options
from wms_terminal.ports.devices import Printer, Scale, Scanner

__all__ = ["WedgeOptions", "open_printer", "open_scale", "open_scanner", "wedge_options"]

_SCANNERS = {
    "wedge": "devices.wedge:open_scanner",
    "serial": "devices.serial_scanner:open_scanner",
    "socket": "devices.serial_scanner:open_scanner",
    "rfc2217": "devices.serial_scanner:open_scanner",
    "loop": "devices.serial_scanner:open_scanner",
    "spy": "devices.serial_scanner:open_scanner",
    "sim": "devices.simulated:open_scanner",
}
_PRINTERS = {
    "tcp": "devices.tcp_printer:open_printer",
    "file": "devices.file_printer:open_printer",
    "sim": "devices.simulated:open_printer",
}
_SCALES = {
    "sim": "devices.simulated:open_scale",
}


def open_scanner(url: str) -> Scanner:
    """The scanner that a URL names; it reads once it is started.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast(Scanner, _open(url, "scanner", _SCANNERS))


def open_printer(url: str) -> Printer:
    """The printer that a URL names.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast(Printer, _open(url, "printer", _PRINTERS))


def open_scale(url: str) -> Scale:
    """The scale that a URL names.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast(Scale, _open(url, "scale", _SCALES))


def _open(url: str, kind: str, drivers: Mapping[str, str]) -> object:
    address = urls.parse(url)
    driver = drivers.get(address.scheme)
    if driver is None:
        expected = ", ".join(f"{scheme}:" for scheme in drivers)
        raise ValueError(f"Expected a {kind} URL that starts with {expected}; got {url!r}.")
    module, _, function = driver.partition(":")
    return getattr(import_module(module), function)(address)
