"""Scanners on a serial line: USB-CDC, RS-232, and any other pyserial address.

Sources: pyserial API (Serial.exclusive, URL handlers); Zebra scanner guides ("Beep on <BEL>").

One thread per scanner reads, reconnects and beeps. A device that goes away is lost, never an
error: it is opened again, ever more patiently, until it is back or the scanner is closed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import serial

from devices.urls import DeviceUrl
from devices.wedge import Frame, Prefix, WedgeAssembler, WedgeOptions, prefix_of
from wms_terminal.domain.outcome import Outcome
from wms_terminal.ports.devices import DeviceState, DeviceStatus

log = logging.getLogger(__name__)

T = TypeVar("T")

_OURS = ("baud", "feedback", "idle_ms", "prefix")
_NETWORK = ("socket", "rfc2217")
_BLUETOOTH = "rfcomm"
_TROUBLE = (serial.SerialException, OSError, TypeError, ValueError)
"""What pyserial raises when a device is not there, goes away, or is closed under a read."""
_TICK_S = 0.05
_FIRST_RETRY_S, _LAST_RETRY_S = 0.2, 3.0
_STEADY_S = 1.0
_BEL = b"\a"
_BEEP_GAP_S = 0.15
_INCOMPLETE = "Incomplete code. Scan again."


class SerialScanner:
    """Reads one serial port in its own thread."""

    def __init__(
        self,
        port: str,
        *,
        baud: int = 9600,
        prefix: Prefix = "none",
        idle_ms: int = 250,
        may_stall: bool = False,
        beeps: bool = False,
    ) -> None:
        self._name = port
        self._baud = baud
        self._options = WedgeOptions(prefix, idle_ms)
        self._idle = idle_ms / 1000
        # A network or a radio may stall in the middle of a code, and what comes after the stall
        # is then the tail of that code. A cable does not stall: there it is the next code.
        self._may_stall = may_stall
        self._beeps = beeps
        self._due: deque[float] = deque()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._on_code: Callable[[str], None] = _nobody
        self._on_status: Callable[[DeviceStatus], None] = _nobody
        self._said: DeviceStatus | None = None

    def start(
        self, on_code: Callable[[str], None], on_status: Callable[[DeviceStatus], None]
    ) -> None:
        """Begin to read. Callbacks come from the reader's thread and must return at once.

        An incomplete code is no code: it comes as a READY status whose detail says so.
        """
        self._on_code, self._on_status = on_code, on_status
        self._thread = threading.Thread(target=self._run, name=f"scanner {self._name}", daemon=True)
        self._thread.start()

    def feedback(self, outcome: Outcome) -> None:
        """One BEL for what went well, three for a refusal or a fault, where it is switched on."""
        if self._beeps:
            count = 3 if outcome.is_refusal or outcome is Outcome.DEVICE else 1
            now = time.monotonic()
            self._due.extend(now + i * _BEEP_GAP_S for i in range(count))

    def close(self) -> None:
        """Stop reading and release the port."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(2)

    def _run(self) -> None:
        delay = _FIRST_RETRY_S
        while not self._stop.is_set():
            opened = time.monotonic()
            try:
                self._read_until_lost()
            except _TROUBLE as error:
                if self._stop.is_set():
                    return
                self._say(DeviceStatus(DeviceState.LOST, f"{self._name}: {error}"))
            if time.monotonic() - opened > _STEADY_S:
                delay = _FIRST_RETRY_S
            self._stop.wait(delay)
            delay = min(delay * 2, _LAST_RETRY_S)

    def _read_until_lost(self) -> None:
        """Open the port and read it.

        Raises:
            SerialException, OSError, TypeError, ValueError: when the device is lost.
        """
        port = serial.serial_for_url(
            self._name, baudrate=self._baud, timeout=_TICK_S, write_timeout=1, exclusive=True
        )
        try:
            if not self._may_stall:
                port.reset_input_buffer()
            self._say(DeviceStatus(DeviceState.READY, self._name))
            self._read(port)
        finally:
            with suppress(*_TROUBLE):
                port.close()

    def _read(self, port: serial.Serial) -> None:
        assembler = WedgeAssembler(self._options)
        last = time.monotonic()
        while not self._stop.is_set():
            data = port.read(max(1, port.in_waiting))
            now = time.monotonic()
            if data:
                last = now
                for char in data.decode("latin-1"):
                    self._deliver(assembler.feed(char, now))
            elif not self._may_stall and now - last > self._idle:
                self._deliver(assembler.flush())
                last = now
            self._beep(port, now)

    def _deliver(self, frames: list[Frame]) -> None:
        for frame in frames:
            if frame.kind == "code":
                self._call(self._on_code, decode(frame.text.encode("latin-1")))
            elif frame.kind == "partial":
                self._call(self._on_status, DeviceStatus(DeviceState.READY, _INCOMPLETE))

    def _beep(self, port: serial.Serial, now: float) -> None:
        while self._due and self._due[0] <= now:
            self._due.popleft()
            port.write(_BEL)

    def _say(self, status: DeviceStatus) -> None:
        """Report a change; a device that stays lost says so once."""
        if self._said is None or status.state != self._said.state:
            self._said = status
            self._call(self._on_status, status)

    def _call(self, callback: Callable[[T], None], value: T) -> None:
        """Hand something over; a listener that fails does not stop the scanner."""
        try:
            callback(value)
        except Exception:
            log.exception("A listener of scanner %s failed", self._name)


def decode(data: bytes) -> str:
    """What a scanner sent, as text: UTF-8 where it is that, else Latin-1."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def open_scanner(url: DeviceUrl) -> SerialScanner:
    """The driver for `serial:` and pyserial's own schemes; other options are pyserial's.

    Raises:
        ValueError: naming what was expected and what came.
    """
    if url.scheme == "serial":
        url.check_options(_OURS)
        if not url.where:
            raise ValueError(f"Expected serial:///dev/serial/by-id/..., got {url.text!r}.")
        port = url.where
    else:
        port = _pyserial_url(url)
    return SerialScanner(
        port,
        baud=url.number("baud", 9600, 50, 4_000_000),
        prefix=prefix_of(url),
        idle_ms=url.number("idle_ms", 250, 20, 10_000),
        may_stall=url.scheme in _NETWORK or _BLUETOOTH in port,
        beeps=url.choice("feedback", ("none", "bel"), "none") == "bel",
    )


def _pyserial_url(url: DeviceUrl) -> str:
    if url.scheme in _NETWORK:
        try:
            host, number = urlsplit(url.text).hostname, urlsplit(url.text).port
        except ValueError:
            host, number = None, None
        if not host or not number:
            raise ValueError(f"Expected {url.scheme}://host:port, got {url.text!r}.")
    theirs = {name: value for name, value in url.options.items() if name not in _OURS}
    return f"{url.scheme}://{url.where}" + (f"?{urlencode(theirs)}" if theirs else "")


def _nobody(value: object) -> None:
    """Listen to nothing."""
