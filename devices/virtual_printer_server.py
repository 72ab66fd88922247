"""A label printer on a TCP port, for tests and demonstrations: answers `~HS`, fails on demand.

Source: Zebra ZPL II Programming Guide, ~HS (three frames of comma-separated fields).
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType


class VirtualPrinterServer:
    """Listens on 127.0.0.1 and keeps every job that came in whole or in part.

    The fault switches may be set at any time, from any thread.
    """

    def __init__(self, port: int = 0) -> None:
        self.mute = False
        """It takes jobs and does not answer `~HS`."""
        self.paper_out = False
        self.ribbon_out = False
        self.head_open = False
        self.paused = False
        self.paper_ends_after_job = False
        """The paper runs out while the next job is being printed."""
        self.cut_after: int | None = None
        """Break the line once this many bytes of a job came in."""
        self.jobs: list[bytes] = []
        """What came in, `~HS` left out, one item per connection that sent any."""
        self.arrived = threading.Event()
        """Set each time a job is added."""
        self._listener = socket.create_server(("127.0.0.1", port))
        self._thread = threading.Thread(target=self._serve, daemon=True, name="virtual-printer")
        self._stop = threading.Event()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """Its address as `open_printer` takes it."""
        return f"tcp://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening and end the thread."""
        self._stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        if self._thread.is_alive():
            self._thread.join(5)

    def __enter__(self) -> VirtualPrinterServer:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def host_status(self) -> bytes:
        """The answer to `~HS`, as a 203 dpi printer words it."""
        first = f"030,{self.paper_out:d},{self.paused:d},1245,000,0,0,0,000,0,0,0"
        second = f"000,0,{self.head_open:d},{self.ribbon_out:d},0,2,4,0,00000000,1,000"
        return f"\x02{first}\x03\r\n\x02{second}\x03\r\n\x021234,0\x03\r\n".encode("ascii")

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, suppress(OSError):
                line.settimeout(10)
                self._job(line)

    def _job(self, line: socket.socket) -> None:
        job = b""
        pending = b""
        try:
            while received := line.recv(4096):
                pending += received
                while b"~HS\r\n" in pending:
                    data, _, pending = pending.partition(b"~HS\r\n")
                    job += data
                    if data and self.paper_ends_after_job:
                        self.paper_out = True
                    if not self.mute:
                        line.sendall(self.host_status())
                if self.cut_after is not None and len(job) + len(pending) >= self.cut_after:
                    _reset(line)
                    return
        finally:
            if job + pending:
                self.jobs.append(job + pending)
                self.arrived.set()


def _reset(line: socket.socket) -> None:
    """Close with a TCP reset, as when the power goes."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()
