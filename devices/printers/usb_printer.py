"""Printers on USB as Linux shows them, `/dev/usb/lp0` (module usblp).

One program at a time has such a device. The USB backend of CUPS takes it away from usblp: a
printer belongs to one or the other. A model that cannot answer needs `?status=none`.

Source: Linux kernel, drivers/usb/class/usblp.c (O_NONBLOCK, EBUSY, poll).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from devices.printers.line import PATIENCE, DeviceLine, Line, Patience, keep_trying
from devices.printers.line_printer import LinePrinter
from devices.printers.tcp_printer import zpl_language
from devices.urls import DeviceUrl

_FLAGS = os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@contextmanager
def connect(path: str, seconds: float) -> Iterator[Line]:
    """Open a device file; while another program has it, it is tried again for so many seconds.

    Raises:
        OSError: it is not there, or taken.
    """
    file = keep_trying(partial(os.open, path, _FLAGS), seconds)
    try:
        yield DeviceLine(file, empty_is_end=False)
    finally:
        os.close(file)


def open_printer(url: DeviceUrl, patience: Patience = PATIENCE) -> LinePrinter:
    """The driver for `usb:///dev/usb/lp0`, with `?status=full|hs|none`.

    Raises:
        ValueError: naming what was expected and what came.
    """
    url.check_options(("status",))
    path = device_path(url, "/dev/usb/lp0")
    speak = zpl_language(url)
    return LinePrinter(path, partial(connect, path), speak(patience), patience)


def device_path(url: DeviceUrl, example: str) -> str:
    """The device file that a URL names.

    Raises:
        ValueError: naming what was expected and what came.
    """
    if not url.where.startswith("/"):
        raise ValueError(f"Expected {url.scheme}://{example}, got {url.text!r}.")
    return os.path.normpath(url.where)
