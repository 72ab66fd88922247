"""The thread of one scanner: opens it, reads it, and opens it again whenever it was lost."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from devices.scanners.framing import Heard, decode
from wms_terminal.domain.text import T, Text
from wms_terminal.ports.devices import DeviceState, DeviceStatus, Listener

log = logging.getLogger(__name__)

TICK_S = 0.05
"""How long a read may wait: so soon is a pause noticed, a beep sent, a scanner closed."""
_FIRST_RETRY_S, _LAST_RETRY_S = 0.2, 0.6
"""With the quiet that follows an opening, a scanner is back within a second."""
_CLOSE_S = 2.0
TAKEN = T("{device} is in use by another program. Close that program.")
"""Why a scanner is lost that somebody else has."""
_TAKEN = (errno.EAGAIN, errno.EBUSY)
_FORBIDDEN = (errno.EACCES, errno.EPERM)
_GONE = (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO, None)


class Decoder(Protocol):
    """Makes codes of bytes. Pure: time is an argument, in seconds."""

    @property
    def settled(self) -> bool:
        """Whether the next code will be read from its beginning."""

    def begin(self, at: float) -> None:
        """The line was opened."""

    def feed(self, data: bytes, at: float) -> list[Heard]:
        """Take the bytes that came at `at`."""

    def tick(self, at: float) -> list[Heard]:
        """Nothing came until `at`."""

    def lost(self) -> list[Heard]:
        """The line broke."""


class ReaderThread:
    """Runs `read` until it is closed, and tells a listener what came of it.

    A device that goes away is lost, never an error: `read` raises, and is called again.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], None],
        decoder: Decoder,
        why: Callable[[Exception], Text],
    ) -> None:
        self._name = name
        self._read = read
        self._decoder = decoder
        self._why = why
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._listener: Listener | None = None
        self._said: DeviceStatus | None = None
        self._delay = _FIRST_RETRY_S

    @property
    def running(self) -> bool:
        """Whether to go on reading."""
        return not self._stop.is_set()

    def start(self, listener: Listener) -> None:
        """Begin to read."""
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name=f"scanner {self._name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading, and wait until the device is given back."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_CLOSE_S)

    def begin(self, at: float) -> None:
        """The device was opened, or lost what it had: the middle of a code may come first."""
        self._pass_on(self._decoder.lost())
        self._decoder.begin(at)

    def hear(self, data: bytes, at: float, reply: Callable[[bytes], None] | None = None) -> None:
        """Bytes came, or none. `reply` takes back to the scanner what it waits for."""
        heard = self._decoder.feed(data, at) if data else self._decoder.tick(at)
        self._pass_on(heard, reply)
        if self._decoder.settled:
            self._say(DeviceStatus(DeviceState.READY, self._name))

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._read()
            except Exception as error:
                if not isinstance(error, (OSError, TypeError, ValueError)):
                    # Whatever it is, a scanner that is silent for good would be worse.
                    log.exception("Scanner %s failed", self._name)
                if self._stop.is_set():
                    return
                log.info("Scanner %s is lost: %s", self._name, error)
                self._pass_on(self._decoder.lost())
                self._say(DeviceStatus(DeviceState.LOST, self._why(error)))
            self._stop.wait(self._delay)
            self._delay = min(self._delay * 2, _LAST_RETRY_S)

    def _pass_on(self, heard: list[Heard], reply: Callable[[bytes], None] | None = None) -> None:
        assert self._listener is not None
        for one in heard:
            if one.kind == "code":
                self._delay = _FIRST_RETRY_S  # what delivers codes is no device that flaps
                self._call(self._listener.code, decode(one.data))
            elif one.kind == "partial":
                self._call(self._listener.partial)
            elif reply is not None:
                reply(one.data)

    def _say(self, status: DeviceStatus) -> None:
        """Report a change, once."""
        assert self._listener is not None
        if status != self._said:
            self._said = status
            self._call(self._listener.status, status)

    def _call(self, callback: Callable[..., None], *values: object) -> None:
        """Hand something over; a listener that fails does not stop the scanner."""
        try:
            callback(*values)
        except Exception:
            log.exception("A listener of scanner %s failed", self._name)


def why(name: str, error: Exception) -> Text:
    """Why a device on a cable is lost, and what to do about it."""
    if not isinstance(error, OSError):
        return T("{device}: {error}", device=name, error=str(error))
    if error.errno in _TAKEN:
        return T(TAKEN.template, device=name)
    if error.errno in _FORBIDDEN:
        return T("{device} may not be opened by this user. Ask an administrator.", device=name)
    if error.errno in _GONE:
        return T("{device} is not there. Check the plug.", device=name)
    return T("{device}: {error}", device=name, error=str(error))
