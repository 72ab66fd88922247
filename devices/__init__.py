"""Drivers for scanners, printers, scales and sounds, opened by URL.

    wedge:?prefix=aim&layout=de             keyboard scanner, read by the screen
    evdev:///dev/input/by-id/...-event-kbd?layout=us
    serial:///dev/serial/by-id/...?baud=9600&protocol=ssi
    socket://host:port  rfc2217://host:port  loop://  spy:///dev/...  alt:  hwgrep:  cp2110:
    hidraw:///dev/warehouse/scale?tare=none USB scale
    tcp://host:9100                         label printer; also serial:///dev/... and
                                            usb:///dev/usb/lp0
    lp://queue                              any printer that CUPS has
    escpos://host:9100  escpos:///dev/usb/lp1   receipt printer, for packing slips
    file:///folder                          one file per print job
    alsa:?device=hw:1,0&voice=1  pulse:  pipewire:  bell:
    sim:                                    simulated scanner, printer, scale or sound

A driver is one module with an `open_...(url)` function and one line in a table below. It is
imported when its scheme is first asked for, and so are the libraries it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import cast

from devices import urls
from devices.scanners.wedge import WedgeOptions, wedge_options
from wms_terminal.domain.scan import Reader, Role
from wms_terminal.ports.devices import Printer, Scale, Scanner, Sound

__all__ = [
    "WedgeOptions",
    "open_printer",
    "open_scale",
    "open_scanner",
    "open_sound",
    "reader",
    "wedge_options",
]

_SCANNERS = {
    "wedge": "devices.scanners.wedge:open_scanner",
    "serial": "devices.scanners.serial_scanner:open_scanner",
    "socket": "devices.scanners.serial_scanner:open_scanner",
    "rfc2217": "devices.scanners.serial_scanner:open_scanner",
    "loop": "devices.scanners.serial_scanner:open_scanner",
    "spy": "devices.scanners.serial_scanner:open_scanner",
    "alt": "devices.scanners.serial_scanner:open_scanner",
    "hwgrep": "devices.scanners.serial_scanner:open_scanner",
    "cp2110": "devices.scanners.serial_scanner:open_scanner",
    "evdev": "devices.scanners.evdev_scanner:open_scanner",
    "sim": "devices.scanners.simulated:open_scanner",
}
_PRINTERS = {
    "tcp": "devices.printers.tcp_printer:open_printer",
    "serial": "devices.printers.serial_printer:open_printer",
    "usb": "devices.printers.usb_printer:open_printer",
    "lp": "devices.printers.lp_printer:open_printer",
    "escpos": "devices.printers.escpos:open_printer",
    "file": "devices.printers.file_printer:open_printer",
    "sim": "devices.printers.simulated:open_printer",
}
_SCALES = {
    "serial": "devices.scales.polled_scale:open_scale",
    "socket": "devices.scales.polled_scale:open_scale",
    "rfc2217": "devices.scales.polled_scale:open_scale",
    "loop": "devices.scales.polled_scale:open_scale",
    "spy": "devices.scales.polled_scale:open_scale",
    "hidraw": "devices.scales.polled_scale:open_scale",
    "sim": "devices.scales.simulated:open_scale",
}
_SOUNDS = {
    "alsa": "devices.sounds.player:open_sound",
    "pulse": "devices.sounds.player:open_sound",
    "pipewire": "devices.sounds.player:open_sound",
    "bell": "devices.sounds.player:open_bell",
    "sim": "devices.sounds.virtual_sound:open_sound",
}


def open_scanner(url: str) -> Scanner:
    """The scanner that a URL names; it reads once it is started.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast(Scanner, _open(url, "scanner", _SCANNERS, urls.READER))


def reader(url: str) -> Reader:
    """What the scanner that a URL names is called, and what it is for.

    Raises:
        ValueError: naming what was expected and what came.
    """
    address = urls.parse(url)
    name = address.options.get("name") or PurePath(address.where).name or address.scheme
    return Reader(name, Role(address.choice("role", [role.value for role in Role], Role.ANY)))


def open_printer(url: str) -> Printer:
    """The printer that a URL names; of several, the first one, for which the next ones stand in.

    Raises:
        ValueError: naming what was expected and what came.
    """
    printers = [(one, cast(Printer, _open(one, "printer", _PRINTERS))) for one in url.split()]
    if not printers:
        raise ValueError(f"Expected a printer's URL, got {url!r}.")
    if len(printers) == 1:
        return printers[0][1]
    from devices.printers.standby import Member, Standby

    return Standby([Member(one, urls.parse(one).where or one, it) for one, it in printers])


def open_scale(url: str) -> Scale:
    """The scale that a URL names.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast(Scale, _open(url, "scale", _SCALES))


def open_sound(url: str) -> Sound | None:
    """The sound that a URL names; None where it is the terminal's bell that sounds.

    Raises:
        ValueError: naming what was expected and what came.
    """
    return cast("Sound | None", _open(url, "sound", _SOUNDS)) if url else None


def _open(
    url: str, kind: str, drivers: Mapping[str, str], not_theirs: Iterable[str] = ()
) -> object:
    address = urls.parse(url).without(not_theirs)
    driver = drivers.get(address.scheme)
    if driver is None:
        expected = ", ".join(f"{scheme}:" for scheme in drivers)
        raise ValueError(f"Expected a {kind} URL that starts with {expected}; got {url!r}.")
    module, _, function = driver.partition(":")
    return getattr(import_module(module), function)(address)
