"""The devices that stations name, and how each is: asked side by side, briefly, and let go."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Literal, get_args
from urllib.parse import urlsplit

from devices import open_printer, open_scale, open_scanner, open_sound, urls
from devices.discovery import is_connected, is_held
from devices.scanners.reading import TAKEN
from wms_terminal.domain.site import Station
from wms_terminal.domain.text import Text
from wms_terminal.ports.devices import (
    DeviceFault,
    DeviceState,
    DeviceStatus,
    Printer,
    Sound,
)

Kind = Literal["scanner", "printer", "documents", "scale", "sound"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ANSWER_S = 5.0
"""How long devices have to say how they are, all of them together."""
_FIRST_ANSWER_S = 3.0
_PAUSE_S = 0.05
_NO_DEVICE_FILE = ("file", "sim")

_ONE_CALLER = ("socket", "rfc2217")

IN_USE = DeviceStatus(DeviceState.BUSY, "In use by a running program.")


@dataclass(frozen=True, slots=True)
class Configured:
    """One device of one station."""

    station: str
    kind: Kind
    url: str


class _FirstStatus:
    """Hears how a scanner is, and nothing of what it reads."""

    def __init__(self) -> None:
        self.said: SimpleQueue[DeviceStatus] = SimpleQueue()

    def code(self, text: str) -> None:
        """Not wanted."""

    def partial(self) -> None:
        """Not wanted."""

    def status(self, status: DeviceStatus) -> None:
        """Keep it."""
        self.said.put(status)


def devices_of(station: Station) -> list[Configured]:
    """What a station is set up with, in the order of the site file."""
    return [
        Configured(station.code, kind, url)
        for kind in KINDS
        for url in getattr(station, kind).split()
    ]


def hush() -> None:
    """What drivers log they also say, and the command line has its own words for it."""
    logging.getLogger().addHandler(logging.NullHandler())


def ask_all(devices: Iterable[Configured]) -> dict[Configured, DeviceStatus]:
    """How each device is; one that several stations name is asked once."""
    hush()
    asked = list(devices)
    said: dict[tuple[Kind, str], DeviceStatus] = {}
    threads = []
    for kind, url in dict.fromkeys((device.kind, device.url) for device in asked):

        def work(kind: Kind = kind, url: str = url) -> None:
            said[kind, url] = ask(kind, url)

        # A driver that never comes back must not keep the program from its end.
        threads.append(threading.Thread(target=work, daemon=True))
        threads[-1].start()
    deadline = time.monotonic() + ANSWER_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    silent = DeviceStatus(DeviceState.LOST, f"No answer within {ANSWER_S:.0f} seconds.")
    return {device: said.get((device.kind, device.url), silent) for device in asked}


def ask(kind: Kind, url: str) -> DeviceStatus:
    """How one device is. What a running station holds for itself is not opened."""
    try:
        if held(url):
            return IN_USE
        if kind == "scanner":
            return _ask_scanner(url)
        if kind == "sound":
            sound = open_sound(url)
            return _how(sound) if sound else DeviceStatus(DeviceState.READY, "the terminal's bell")
        return _ask_scale(url) if kind == "scale" else _how(open_printer(url))
    except (DeviceFault, ValueError, OSError) as error:
        return DeviceStatus(DeviceState.LOST, str(error))
    except Exception as error:  # noqa: BLE001 - one driver's mistake must not hide the others
        return DeviceStatus(DeviceState.LOST, f"{type(error).__name__}: {error}")


def held(url: str) -> bool:
    """Whether a running program has what a URL names: a device file, a line on the network.

    Raises:
        ValueError: it is no URL.
    """
    address = urls.parse(url)
    if address.scheme in _ONE_CALLER:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port and is_connected(parts.hostname, parts.port))
    names_file = address.where.startswith("/") and address.scheme not in _NO_DEVICE_FILE
    return names_file and is_held(address.where)


def plain(text: object) -> str:
    """What a device or a file says, without what a terminal would obey."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in str(text))


def _ask_scale(url: str) -> DeviceStatus:
    """How a scale is, once it has answered or was silent for long enough."""
    scale = open_scale(url)
    try:
        deadline = time.monotonic() + _FIRST_ANSWER_S
        while (said := scale.status()).state is DeviceState.BUSY and time.monotonic() < deadline:
            time.sleep(_PAUSE_S)
        return said
    finally:
        scale.close()


def _how(device: Printer | Sound) -> DeviceStatus:
    try:
        return device.status()
    finally:
        device.close()


def _ask_scanner(url: str) -> DeviceStatus:
    scanner, listener = open_scanner(url), _FirstStatus()
    scanner.start(listener)
    try:
        with suppress(Empty):
            said = listener.said.get(timeout=_FIRST_ANSWER_S)
            # A grabbed keyboard is in no list of locks: only the refusal tells.
            taken = isinstance(said.detail, Text) and said.detail.template == TAKEN.template
            return IN_USE if taken else said
        return DeviceStatus(DeviceState.LOST, "It does not answer.")
    finally:
        scanner.close()
