"""The terminal driver, made to survive what scanners, networks and hang-ups do to it.

Textual's own one dies of a byte that is no UTF-8 (textual#6456: a Latin-1 scanner or a noisy line
is enough), spins when the terminal has gone without a signal, and stops the whole program while
the terminal takes no output.
"""

from __future__ import annotations

import os
import select
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from screens.parser import KeyParser

STDOUT = 1
POLL_S = 0.1
CHUNK, MOST = 4096, 65536
CLOSE_S = 1.0
"""How long a terminal that takes no output may hold up the end."""


class LineCut(Message):
    """The terminal has gone."""


class FloorDriver(LinuxDriver):
    """Reads on after any byte, says when the line is cut, and never waits for the screen."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._batch: list[Message] = []
        self._stopped, self._stop = os.pipe()
        # Not the error output, which a service sends to the journal. What is written to a line
        # that was cut goes nowhere, instead of ending the writer.
        self._file = Output(STDOUT)  # type: ignore[assignment]  # all that is asked of it

    def start_application_mode(self) -> None:
        """Take the terminal over."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._writer_thread is not None:
            # Its thirty places are soon full when a handheld is out of reach, and putting one
            # more would then stop all else.
            self._writer_thread._queue.maxsize = 0

    def run_input_thread(self) -> None:
        """Read keys until the program or the terminal is gone."""
        parser = KeyParser()
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        while True:
            # Ten looks a second at a line on which nothing comes were half of what an idle
            # terminal cost. Only the rest of a sequence is waited for with an eye on the clock.
            patience = POLL_S if parser.is_waiting else None
            ready = select.select([self.fileno, self._stopped], [], [], patience)[0]
            if self._stopped in ready:
                os.read(self._stopped, 1)
                return
            if ready:
                data = read(self.fileno)
                if not data:
                    self._deliver([LineCut()])
                    return
                self._deliver(parser.feed(decode(data)))
            self._deliver(parser.tick())

    def disable_input(self) -> None:
        """Read no more keys."""
        if self._key_thread is not None and self._key_thread.is_alive():
            os.write(self._stop, b"\0")
        super().disable_input()

    def _deliver(self, messages: Iterable[Message]) -> None:
        """Hand messages over at once.

        One by one, thousands of characters keep this thread from reading on for so long that the
        rest of a code looks like another one.
        """
        for message in messages:
            self.process_message(message)
        if self._batch:
            batch, self._batch = self._batch, []
            self._loop.call_soon_threadsafe(self._post, batch)

    def send_message(self, message: Message) -> None:
        """Keep a message for the application until all that came with it is known."""
        self._batch.append(message)

    def _post(self, batch: list[Message]) -> None:
        for message in batch:
            self._app.post_message(message)

    def close(self) -> None:
        """Let the last frame out, if the terminal takes it."""
        if self._writer_thread is not None:
            self._writer_thread._queue.put(None)
            self._writer_thread.join(CLOSE_S)
        for descriptor in (self._stopped, self._stop):
            os.close(descriptor)


def floor_driver(found: type[Driver]) -> type[Driver]:
    """The driver for scanners, in place of the one that Textual chose for the terminal."""
    if issubclass(FloorDriver, found):
        return FloorDriver
    if found.__name__ == "WebDriver":
        # A browser's keys come through textual-serve. It makes its own parser and decoder.
        theirs = vars(sys.modules[found.__module__])
        theirs["XTermParser"] = lambda debug: KeyParser()
        theirs["getincrementaldecoder"] = _replacing
    return found


def _replacing(encoding: str) -> partial[IncrementalDecoder]:
    return partial(getincrementaldecoder(encoding), errors="replace")


class Output:
    """The terminal as a file that never fails and keeps nothing back for the end of Python."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def write(self, text: str) -> None:
        """Write all of it; nothing once the line is cut."""
        left = text.encode("utf-8", "replace")
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            return

    def flush(self) -> None:
        """Nothing is kept back."""

    def fileno(self) -> int:
        """The terminal's descriptor."""
        return self._descriptor


def read(descriptor: int) -> bytes:
    """All that came; nothing when the line is cut, whichever way the system puts that."""
    data = b""
    with suppress(OSError):
        while part := os.read(descriptor, CHUNK):
            data += part
            if len(data) >= MOST or not select.select([descriptor], [], [], 0)[0]:
                break
    return data
