"""Label printers on a serial port.

Sources: pyserial API (Serial.exclusive); Zebra ZPL II Programming Guide, ^SC (host handshake).
Without a handshake the printer's buffer overflows in the middle of a long label: it has to be
the same here and in the printer, whose own default is XON/XOFF.
"""

from __future__ import annotations

import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

from devices.printers.line import PATIENCE, DeviceLine, Line, Patience, keep_trying
from devices.printers.line_printer import LinePrinter
from devices.printers.tcp_printer import zpl_language
from devices.printers.usb_printer import device_path
from devices.urls import DeviceUrl


@contextmanager
def connect(path: str, baud: int, flow: str, seconds: float) -> Iterator[Line]:
    """Open a port; while another program has it, it is tried again for so many seconds.

    Raises:
        OSError: it is not there, or taken.
    """
    import serial

    port = serial.Serial(
        baudrate=baud,
        exclusive=True,
        xonxoff=flow == "xon",
        rtscts=flow == "rts",
        dsrdtr=flow == "dsr",
    )
    port.port = path
    try:
        keep_trying(port.open, seconds)
    except termios.error as error:
        raise OSError(*error.args) from error
    try:
        yield DeviceLine(port.fileno(), empty_is_end=True)
    finally:
        with suppress(OSError):
            port.close()


def open_printer(url: DeviceUrl, patience: Patience = PATIENCE) -> LinePrinter:
    """The driver for `serial:///dev/...?baud=9600&flow=xon|rts|dsr|none&status=full|hs|none`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("baud", "flow", "status"))
    path = device_path(url, "/dev/serial/by-id/...")
    baud = url.number("baud", 9600, 50, 4_000_000)
    flow = url.choice("flow", ("xon", "rts", "dsr", "none"), "xon")
    speak = zpl_language(url)
    open_line = partial(connect, path, baud, flow)
    return LinePrinter(path, open_line, speak(patience), patience)
